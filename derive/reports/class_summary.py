"""The class at a glance: how the points are spread, what each item of the rubric brought, and which mistakes were made.

Mistakes are grouped by question, by the item of the rubric that they cost points in, and by what was wrong; the groups
that most students share come first, so that a lecturer sees what to teach again. Only what counts is counted: totals
that a person still has to settle are shown apart, and no average is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.grading.marks import ItemMarks, rounded
from derive.grading.paper import Answer, Paper
from derive.reports.cells import span
from derive.reports.feedback import page
from derive.reports.report import StepReport

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """A range of percentages, from `low` to `high`: students whose total lies there, and those who may yet change."""

    low: int
    high: int
    settled: int
    open: int


@dataclass(frozen=True, slots=True)
class ItemSuccess:
    """What an item brought to the class: how many earned all, part or nothing of it; `share` in percent, rounded."""

    question: str
    item: str
    points: str
    all: int
    part: int
    nothing: int
    for_person: int
    share: int


@dataclass(frozen=True, slots=True)
class Maker:
    """A student who made a mistake: where, and the line as it was written."""

    student: str
    folder: str
    place: str
    source: str


@dataclass(frozen=True, slots=True)
class MistakeGroup:
    """The same mistake in the same place, with those who made it."""

    question: str
    item: str
    kind: str
    message: str
    makers: tuple[Maker, ...]

    @property
    def students(self) -> int:
        """How many students made it."""
        return len({m.student for m in self.makers})


@dataclass(frozen=True, slots=True)
class Row:
    """A student's total, and what a person has to look at."""

    student: str
    folder: str
    earned: str
    points: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """Everything that the summary of a class shows; the average and the median are of settled totals, or empty."""

    title: str
    students: int
    settled: int
    points: str
    average: str
    median: str
    bins: tuple[Bin, ...]
    items: tuple[ItemSuccess, ...]
    mistakes: tuple[MistakeGroup, ...]
    for_person: tuple[Row, ...]
    rows: tuple[Row, ...]


def summarise(papers: Sequence[Paper], title: str = "") -> ClassSummary:
    """The summary of a class, its papers in the order they are to be shown in."""
    settled = sorted(p.low for p in papers if not p.for_person)
    rows = tuple(Row(p.student, p.folder, span(p.low, p.high), rounded(p.points), p.reasons) for p in papers)
    return ClassSummary(
        title,
        len(papers),
        len(settled),
        rounded(papers[0].points) if papers else "0",
        rounded(sum(settled, Fraction(0)) / len(settled)) if settled else "",
        rounded((settled[(len(settled) - 1) // 2] + settled[len(settled) // 2]) / 2) if settled else "",
        _bins(papers),
        tuple(_items(papers)),
        tuple(_mistakes(papers)),
        tuple(row for row, paper in zip(rows, papers, strict=True) if paper.for_person),
        rows,
    )


def html(papers: Sequence[Paper], title: str = "") -> str:
    """The summary as a page; it leads to the feedback of every student."""
    return page("summary.html").render(told=summarise(papers, title))


def fragment(papers: Sequence[Paper], title: str = "") -> str:
    """The summary without the page around it, for notebooks."""
    return page("summary_fragment.html").render(told=summarise(papers, title))


def _bins(papers: Sequence[Paper]) -> tuple[Bin, ...]:
    settled, unsettled = [0] * _BINS, [0] * _BINS
    for paper in papers:
        share = paper.low / paper.points if paper.points else Fraction(0)
        place = min(_BINS - 1, int(share * _BINS))
        (unsettled if paper.for_person else settled)[place] += 1
    width = 100 // _BINS
    return tuple(Bin(n * width, (n + 1) * width, settled[n], unsettled[n]) for n in range(_BINS))


def _items(papers: Sequence[Paper]) -> list[ItemSuccess]:
    found = []
    for position, answer in enumerate(papers[0].answers if papers else ()):
        for number, item in enumerate(answer.question.items):
            earned = [p.answers[position].question.items[number] for p in papers]
            final = [i for i in earned if i.low == i.high]
            got = sum((i.low for i in final), Fraction(0))
            possible = item.points * len(final)
            found.append(
                ItemSuccess(
                    answer.question.id,
                    item.id,
                    rounded(item.points),
                    sum(i.low == i.points for i in final),
                    sum(0 < i.low < i.points for i in final),
                    sum(i.low == 0 and i.points > 0 for i in final),
                    sum(i.for_person for i in earned),
                    round(100 * got / possible) if possible else 0,
                )
            )
    return found


def _mistakes(papers: Sequence[Paper]) -> list[MistakeGroup]:
    """Lines that are wrong in themselves; a line that is right from a wrong one is not counted again."""
    groups: dict[tuple[str, str, str, str], list[Maker]] = {}
    for paper in papers:
        for answer in paper.answers:
            for step in answer.question.steps:
                if step.verdict != "refuted" or step.carried:
                    continue
                kind, message = _what(step)
                place = (answer.question.id, _item_at(answer, step), kind, message)
                groups.setdefault(place, []).append(
                    Maker(paper.student, paper.folder, answer.line(step.line), step.source)
                )
    found = [MistakeGroup(*place, tuple(makers)) for place, makers in groups.items()]
    return sorted(found, key=lambda g: (-g.students, g.question, g.item, g.kind, g.message))


def _what(step: StepReport) -> tuple[str, str]:
    if step.diagnosis is not None:
        return step.diagnosis.kind, step.diagnosis.message
    if step.method == "shapes":
        return "shapes", "the shapes do not fit"
    return "other", "no single change was found that would mend it"


def _item_at(answer: Answer, step: StepReport) -> str:
    """The item of the rubric that lost points at a line."""
    for item in answer.question.items:
        if item.low < item.points and step.line in _lines(item):
            return item.id
    return ""


def _lines(item: ItemMarks) -> set[int]:
    places = [item.place, *(r.place for r in item.remarks)]
    return {place.line for place in places if place is not None}
