"""A paper: what one student handed in, marked, whatever number of documents it is.

Each document is marked on its own; a question counts where it is answered, in the first document in the order of their
names. A second answer to the same question, a file that could not be read and a heading that belongs to no question are
for a person to look at. Nothing here decides about mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derive.grading.marks import FoundHeading, ItemMarks, Marks, QuestionMarks
from derive.reports.report import DerivationReport, StepReport
from derive.reports.wording import Cells, line_in_words


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with the document that it was answered in, and the names of others that answer it too.

    `cells` say where the cells of that document begin, where it is a notebook.
    """

    question: QuestionMarks
    path: str
    also: tuple[str, ...] = ()
    cells: Cells = ()

    def line(self, number: int) -> str:
        """A line of the document, in words."""
        return line_in_words(self.cells, number)

    @property
    def answered(self) -> bool:
        """Whether there is anything of the student's for this question."""
        return bool(self.question.steps or self.question.found)

    @property
    def for_person(self) -> bool:
        """Whether a person has to look at this question."""
        return self.question.for_person or bool(self.also)


@dataclass(frozen=True, slots=True)
class Paper:
    """The marks of one student: `parts` are those of the documents, in the order of their names, at least one.

    `folder` and `ids` are the submission's; `notes` say what was not read. `fingerprint` is the hash of everything that
    the marks depend on.
    """

    student: str
    folder: str
    parts: tuple[Marks, ...]
    ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The questions of the key, in its order, each from the document that counts."""
        return tuple(_answer([(p, p.questions[n]) for p in self.parts]) for n in range(self._questions))

    @property
    def _questions(self) -> int:
        return len(self.parts[0].questions)

    @property
    def points(self) -> Fraction:
        """Points that can be had."""
        return self.parts[0].points

    @property
    def low(self) -> Fraction:
        """Points earned at least."""
        return sum((a.question.low for a in self.answers), Fraction(0))

    @property
    def high(self) -> Fraction:
        """Points earned at most, whatever a person may find."""
        return sum((a.question.high for a in self.answers), Fraction(0))

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Where headings with formulas stand that belong to no question, in words."""
        return tuple(_where(part, heading) for part in self.parts for heading in part.unmatched)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be marked or read at all, in sentences."""
        told = [f"{part.path}: {part.problem}" if part.path else part.problem for part in self.parts if part.problem]
        return (*told, *self.notes)

    @property
    def for_person(self) -> bool:
        """Whether a person has to look at something."""
        return bool(self.problems or self.unmatched) or any(a.for_person for a in self.answers)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What a person has to look at, in sentences."""
        told = list(self.problems)
        told += [f"{where} belongs to no question" for where in self.unmatched]
        for answer in self.answers:
            name = f"question {answer.question.id}"
            if answer.also:
                told.append(f"{name} is answered in {answer.path} and in {', '.join(answer.also)}; the first counts")
            if not self.parts[0].problem:
                told += [
                    f"{name}, {doubt}" for i in answer.question.items if i.for_person for doubt in _doubts(answer, i)
                ]
        return tuple(dict.fromkeys(told))


def timeless(marks: Marks) -> Marks:
    """The marks without the seconds that steps took, so that the same submission gives the same files."""
    document = marks.document
    return replace(
        marks,
        questions=tuple(replace(q, steps=tuple(_timeless(q.steps))) for q in marks.questions),
        document=replace(document, derivations=tuple(_timeless_derivation(d) for d in document.derivations)),
    )


def _timeless(steps: tuple[StepReport, ...]) -> Iterator[StepReport]:
    return (replace(s, seconds=0.0) for s in steps)


def _timeless_derivation(derivation: DerivationReport) -> DerivationReport:
    return replace(derivation, steps=tuple(_timeless(derivation.steps)))


def _answer(candidates: list[tuple[Marks, QuestionMarks]]) -> Answer:
    with_steps = [(part, q) for part, q in candidates if q.steps]
    with_heading = [(part, q) for part, q in candidates if q.found]
    part, question = (with_steps or with_heading or candidates)[0]
    return Answer(question, part.path, tuple(other.path for other, _ in with_steps[1:]), part.document.cells)


def _doubts(answer: Answer, item: ItemMarks) -> Iterator[str]:
    """What a person has to look at in an item, with the lines."""
    remarks = [(r.place, r.reason) for r in item.remarks if r.for_person] or [(item.place, item.reason)]
    for place, reason in remarks:
        yield f"{item.id}, {answer.line(place.line)}: {reason}" if place is not None else f"{item.id}: {reason}"


def _where(part: Marks, heading: FoundHeading) -> str:
    place = line_in_words(part.document.cells, heading.line)
    return f"{place} of {part.path} ({heading.title or 'before the first heading'})"
