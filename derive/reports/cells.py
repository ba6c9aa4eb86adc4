"""Cells of tables for spreadsheets and platforms: points, grades, text that is no formula.

A total that a person still has to settle is never written as a grade, and no cell begins like a formula of a
spreadsheet or holds a line end.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.grading.marks import rounded
from derive.grading.paper import Paper

MOODLE_NO_GRADE = "-"
POINTS = "    Points Possible"  # as Canvas writes it
_FORMULA = ("=", "+", "-", "@", "|", "%")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Table:
    """A grade book as text, and the students that the roster does not know."""

    text: str
    unknown: tuple[str, ...] = ()


def span(low: Fraction, high: Fraction) -> str:
    """A number of points, or a range of them."""
    return rounded(low) if low == high else f"{rounded(low)} to {rounded(high)}"


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    if cell is POINTS:
        return cell
    line = " ".join(cell.split())
    harmless = not line or line == MOODLE_NO_GRADE or _NUMBER.fullmatch(line)
    return "'" + line if not harmless and line.startswith(_FORMULA) else line


def grade(paper: Paper, none: str) -> str:
    """The total of a paper, `none` where a person still has to settle it."""
    return none if paper.for_person else rounded(paper.low)


def written(rows: Sequence[Sequence[str]]) -> str:
    """Rows as comma-separated values."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return stream.getvalue()
