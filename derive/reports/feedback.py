"""Feedback to one student: what was earned and why, beside their own lines as they wrote them.

A paper becomes plain data (`Feedback`), which the page in `templates/feedback.html` and `feedback_markdown.py` only lay
out. How much it tells of the first mistake of each question is the lecturer's choice: `none` gives verdicts and
counterexamples, `place` also the part of the line that is wrong, `kind` also what kind of mistake it likely is and
under which condition a line is right, and `full` also the mended line. It holds nothing of anybody else, and nothing of
the key but what the reasons of the marks say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from jinja2 import Template
from markupsafe import Markup

from derive.checking.verdict import VerdictName
from derive.grading.marks import FoundHeading, ItemMarks, Place, rounded
from derive.grading.paper import Answer, Paper
from derive.reports.cells import span
from derive.reports.formula import mathml
from derive.reports.page import MARKS, environment
from derive.reports.report import StepReport
from derive.reports.spelling import assignment

Hints = Literal["none", "place", "kind", "full"]

_LEVELS: tuple[Hints, ...] = ("none", "place", "kind", "full")
_WORDS: dict[VerdictName, str] = {
    "proved": "right",
    "conditional": "right",
    "tested": "not proved; it held wherever it was tried",
    "refuted": "wrong",
    "undecided": "could not be decided; a person will look at it",
    "unreadable": "could not be read; a person will look at it",
    "stated": "taken as stated",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the student's, as it was written, with its verdict; `drawn` is its formula where that can be drawn."""

    place: str
    source: str
    verdict: VerdictName
    mark: str
    words: str
    drawn: Markup | None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """The first line of a question that is wrong, and as much about it as the lecturer allows; empty is not told."""

    place: str
    source: str
    reason: str
    at: str
    left: str
    right: str
    part: str
    kind: str
    mended: str
    mended_spoken: str


@dataclass(frozen=True, slots=True)
class Item:
    """What an item of the rubric earned, why, and the lines that it lost points at."""

    name: str
    earned: str
    points: str
    full: bool
    for_person: bool
    reason: str
    place: str
    follow_through: bool
    remarks: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question: what it earned, where it was found, the student's lines, and the first mistake in them."""

    name: str
    earned: str
    points: str
    found: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    mistake: Mistake | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """Everything that one student is told."""

    student: str
    earned: str
    points: str
    for_person: bool
    notes: tuple[str, ...]
    questions: tuple[Question, ...]


def feedback(paper: Paper, hints: Hints) -> Feedback:
    """What a student is told about a paper."""
    several = len(paper.parts) > 1
    notes = list(paper.problems)
    notes += [f"{where} was matched to no question" for where in paper.unmatched]
    return Feedback(
        paper.student,
        span(paper.low, paper.high),
        rounded(paper.points),
        paper.for_person,
        tuple(notes),
        tuple(_question(a, hints, several) for a in paper.answers),
    )


def _question(answer: Answer, hints: Hints, several: bool) -> Question:
    question = answer.question
    notes = [f"{other} answers this question too; {answer.path} is the one that counts" for other in answer.also]
    if not answer.answered:
        notes.append("nothing was found for this question")
    return Question(
        _name(question.id, question.title),
        span(question.low, question.high),
        rounded(question.points),
        tuple(_heading(answer, several, h) for h in question.found),
        tuple((r.submission, r.key) for r in question.renamed),
        tuple(_item(i, answer) for i in question.items),
        tuple(_line(s, hints, answer) for s in question.steps),
        next((_mistake(s, hints, answer) for s in question.steps if s.verdict == "refuted"), None),
        tuple(notes),
    )


def _name(id: str, title: str) -> str:
    return title if title.startswith(id) else f"{id} {title}".strip()


def _heading(answer: Answer, several: bool, heading: FoundHeading) -> str:
    where = answer.line(heading.line)
    if several:
        where += f" of {answer.path}"
    return f"{where} ({heading.title or 'before the first heading'})"


def _item(item: ItemMarks, answer: Answer) -> Item:
    remarks = [r for r in item.remarks if r.lost or r.reason != item.reason]
    return Item(
        item.id,
        span(item.low, item.high),
        rounded(item.points),
        item.low == item.points,
        item.for_person,
        item.reason,
        _place(item.place, answer),
        item.follow_through,
        tuple((_place(r.place, answer), r.reason, rounded(r.lost)) for r in remarks),
    )


def _place(place: Place | None, answer: Answer) -> str:
    return answer.line(place.line) if place is not None else ""


def _line(step: StepReport, hints: Hints, answer: Answer) -> Line:
    words = _WORDS[step.verdict]
    if step.carried:
        words = "the line before it is wrong; from there it is right"
    told = step.verdict == "conditional" and _LEVELS.index(hints) >= _LEVELS.index("kind")
    conditions = (step.spoken_conditions or step.conditions) if told else ()
    if step.verdict == "conditional" and not told:
        words += " under a condition"
    return Line(
        answer.line(step.line), step.source, step.verdict, MARKS[step.verdict], words, mathml(step.source), conditions
    )


def _mistake(step: StepReport, hints: Hints, answer: Answer) -> Mistake:
    level = _LEVELS.index(hints)
    counterexample, diagnosis = step.counterexample, step.diagnosis
    at = left = right = ""
    if counterexample is not None:
        at = ", ".join(assignment(*pair) for pair in counterexample.values)
        left, right = counterexample.left, counterexample.right
    part = _part(step) if level >= 1 else ""
    kind = diagnosis.message if diagnosis is not None and level >= 2 else ""
    mended = diagnosis.suggestion if diagnosis is not None and level >= 3 else ""
    spoken = diagnosis.spoken if diagnosis is not None and level >= 3 else ""
    return Mistake(answer.line(step.line), step.source, step.reason, at, left, right, part, kind, mended, spoken)


def _part(step: StepReport) -> str:
    """The part of a line that has to change, as it was written; empty where that is unsure or is the whole line."""
    if step.diagnosis is None or len(step.diagnosis.replacements) != 1:
        return ""
    (change,) = step.diagnosis.replacements
    if change.line != change.end_line or change.line < step.line:
        return ""
    lines = step.source.split("\n")
    number = change.line - step.line
    if number >= len(lines):
        return ""
    shift = step.column - 1 if number == 0 else 0
    return lines[number][change.column - 1 - shift : change.end_column - 1 - shift].strip()


def html(paper: Paper, hints: Hints) -> str:
    """The feedback as one page that opens anywhere."""
    return page("feedback.html").render(told=feedback(paper, hints))


@lru_cache(maxsize=4)
def page(name: str) -> Template:
    """A template of grading, read once."""
    return environment().get_template(name)
