"""Marks as plain data: what a submission earned, where, and why.

`mark` fills these frozen dataclasses of strings and exact fractions; feedback, grade books and class summaries read
them, and they go between processes. Points are exact: nothing is rounded before it is written, and then by `rounded`
only, to two decimals with halves up. Nothing here decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from derive.reports.report import DocumentReport, StepReport

SCHEMA = "derive-marks/1"

ItemKind = Literal["reach", "final", "steps"]
"""A statement that must appear; the statement that the answer must end with; the share of steps that are valid."""


def rounded(points: Fraction) -> str:
    """Points as they are written: two decimals at most, halves up, `3`, `2.5`, `0.67`."""
    hundredths = (points * 100 + Fraction(1, 2)).__floor__()
    whole, rest = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Place:
    """A 1-based line and column of the submission, with the id of the step there where there is one."""

    line: int
    column: int = 1
    step: str = ""

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"line": self.line, "column": self.column, "step": self.step}


@dataclass(frozen=True, slots=True)
class Remark:
    """Why an item lost points (`lost`, 0 where it may yet lose some) at one line, in one sentence."""

    place: Place | None
    reason: str
    lost: Fraction = Fraction(0)
    for_person: bool = False

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "place": self.place.to_json() if self.place else None,
            "reason": self.reason,
            "lost": rounded(self.lost),
            "for_person": self.for_person,
        }


@dataclass(frozen=True, slots=True)
class ItemMarks:
    """One item of a rubric: what it earned, at least (`low`) and at most (`high`), and the line that decided.

    `low` and `high` differ only where a person has to look (`for_person`). `reason` is one sentence. `remarks` say line
    by line where points were lost. `follow_through`: points were kept for what is right from an earlier error.
    """

    id: str
    kind: ItemKind
    points: Fraction
    low: Fraction
    high: Fraction
    reason: str
    place: Place | None = None
    for_person: bool = False
    follow_through: bool = False
    remarks: tuple[Remark, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.id,
            "kind": self.kind,
            "points": rounded(self.points),
            "low": rounded(self.low),
            "high": rounded(self.high),
            "reason": self.reason,
            "place": self.place.to_json() if self.place else None,
            "for_person": self.for_person,
            "follow_through": self.follow_through,
            "remarks": [r.to_json() for r in self.remarks],
        }


@dataclass(frozen=True, slots=True)
class Renamed:
    """A symbol of the key (`key`) that the submission writes as `submission`; both as LaTeX names."""

    key: str
    submission: str

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"key": self.key, "submission": self.submission}


@dataclass(frozen=True, slots=True)
class FoundHeading:
    """A heading of the submission as it is written (empty: the text before the first heading)."""

    title: str
    line: int
    column: int = 1

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"title": self.title, "line": self.line, "column": self.column}


@dataclass(frozen=True, slots=True)
class QuestionMarks:
    """One question: its items, the headings it was found under, and the student's steps there with their verdicts.

    `steps` are marked under the givens of the key; where they are empty nothing was handed in for this question.
    """

    id: str
    title: str
    items: tuple[ItemMarks, ...]
    found: tuple[FoundHeading, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    steps: tuple[StepReport, ...] = ()

    @property
    def points(self) -> Fraction:
        """Points that can be had."""
        return sum((i.points for i in self.items), Fraction(0))

    @property
    def low(self) -> Fraction:
        """Points earned at least."""
        return sum((i.low for i in self.items), Fraction(0))

    @property
    def high(self) -> Fraction:
        """Points earned at most, whatever a person may find."""
        return sum((i.high for i in self.items), Fraction(0))

    @property
    def for_person(self) -> bool:
        """Whether a person has to look at some item."""
        return any(i.for_person for i in self.items)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.id,
            "title": self.title,
            "points": rounded(self.points),
            "low": rounded(self.low),
            "high": rounded(self.high),
            "for_person": self.for_person,
            "found": [h.to_json() for h in self.found],
            "renamed": [r.to_json() for r in self.renamed],
            "items": [i.to_json() for i in self.items],
            "steps": [s.to_json() for s in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Marks:
    """What one submission earned.

    `unmatched` are headings with formulas under them that belong to no question: they are for a person to look at.
    `problem` says, in words, why the whole submission could not be marked; its questions are then ranges from nothing
    to everything. `document` is the submission as it was checked under its own givens.
    """

    student: str
    path: str
    questions: tuple[QuestionMarks, ...]
    document: DocumentReport
    unmatched: tuple[FoundHeading, ...] = ()
    problem: str = ""

    @property
    def points(self) -> Fraction:
        """Points that can be had."""
        return sum((q.points for q in self.questions), Fraction(0))

    @property
    def low(self) -> Fraction:
        """Points earned at least."""
        return sum((q.low for q in self.questions), Fraction(0))

    @property
    def high(self) -> Fraction:
        """Points earned at most, whatever a person may find."""
        return sum((q.high for q in self.questions), Fraction(0))

    @property
    def for_person(self) -> bool:
        """Whether a person has to look at something."""
        return bool(self.problem or self.unmatched) or any(q.for_person for q in self.questions)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "schema": SCHEMA,
            "student": self.student,
            "path": self.path,
            "points": rounded(self.points),
            "low": rounded(self.low),
            "high": rounded(self.high),
            "for_person": self.for_person,
            "problem": self.problem,
            "unmatched": [h.to_json() for h in self.unmatched],
            "questions": [q.to_json() for q in self.questions],
            "document": self.document.to_json(),
        }
