"""Rosters: the table of students that a platform exported, filled in with grades.

Its rows and columns are kept as they are. A row is matched with the only paper that goes by one of its names, numbers
or addresses; a row that none or several fit keeps what it has, and papers that fit no row are named.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from derive.grading.paper import Paper
from derive.reports.cells import POINTS, Table, grade, written


@dataclass(frozen=True, slots=True)
class Roster:
    """A table that a platform exported."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_roster(text: str) -> Roster | str:
    """A table that a platform exported; or, in words, why the text is none."""
    lines = text.lstrip("\ufeff")
    first = lines.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(lines), delimiter=separator) if any(row)]
    except csv.Error as error:
        return f"is no table of separated values ({error})"
    if len(rows) < 2 or len(rows[0]) < 2:
        return "holds no table with a header and rows"
    width = len(rows[0])
    return Roster(rows[0], tuple((*row, *[""] * (width - len(row)))[:width] for row in rows[1:]))


def fill(roster: Roster, papers: Sequence[Paper], assignment: str, none: str) -> Table:
    """The roster with the grades in the assignment's column, which is added where it is not there."""
    header = list(roster.header)
    column = _column(header, assignment)
    if column is None:
        column = len(header)
        header.append(assignment)
    by_name: dict[str, list[Paper]] = {}
    for paper in papers:
        for name in dict.fromkeys([_folded(paper.student), *(_folded(i) for i in paper.ids)]):
            by_name.setdefault(name, []).append(paper)
    known: set[str] = set()
    rows = [header]
    for row in roster.rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        if "points possible" in _folded(cells[0]):
            cells[0] = POINTS
        elif (mine := _paper_of(roster.header, row, by_name)) is not None:
            cells[column] = grade(mine, cells[column] or none)
            known.add(mine.student)
        else:
            cells[column] = cells[column] or none
        rows.append(cells)
    return Table(written(rows), tuple(p.student for p in papers if p.student not in known))


def _column(header: list[str], assignment: str) -> int | None:
    """The column of an assignment: by its whole name, else the only one that begins with it."""
    names = [_folded(h) for h in header]
    wanted = _folded(assignment)
    if wanted in names:
        return names.index(wanted)
    begins = [n for n, name in enumerate(names) if name.removeprefix("assignment: ").startswith(f"{wanted} (")]
    begins = [n for n in begins if not names[n].endswith("(feedback)")]
    return begins[0] if len(begins) == 1 else None


def _paper_of(header: tuple[str, ...], row: tuple[str, ...], by_name: dict[str, list[Paper]]) -> Paper | None:
    """The paper of a row: the only one that goes by a name or number of the row."""
    found: dict[str, Paper] = {}
    for name in _names(header, row):
        for paper in by_name.get(name, ()):
            found[paper.student] = paper
    return next(iter(found.values())) if len(found) == 1 else None


def _names(header: tuple[str, ...], row: tuple[str, ...]) -> set[str]:
    """What the student of a row may be called: names, numbers, logins, addresses and their first parts."""
    cells = dict(zip((_folded(h) for h in header), row, strict=True))
    names = set()
    for column in ("student", "full name", "id", "id number", "sis user id", "sis login id", "username", "identifier"):
        if cells.get(column):
            names.add(_folded(cells[column]))
    for column in ("email address", "email"):
        if cells.get(column):
            names |= {_folded(cells[column]), _folded(cells[column].partition("@")[0])}
    if "identifier" in cells:
        names.add(_folded(cells["identifier"]).removeprefix("participant "))
    first = cells.get("first name", "")
    last = cells.get("last name", "") or cells.get("surname", "")
    if first and last:
        names |= {_folded(f"{first} {last}"), _folded(f"{last}{first}"), _folded(f"{last} {first}")}
    student = cells.get("student", "")
    if "," in student:  # Canvas: "Last, First", and in the names of downloaded files "lastfirst"
        last, _, first = student.partition(",")
        names |= {_folded(f"{first} {last}"), _folded(f"{last}{first}".replace(" ", ""))}
    return names - {""}


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
