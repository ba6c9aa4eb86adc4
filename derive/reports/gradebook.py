"""Grade books: a plain table, and the tables that Canvas and Moodle import.

A total that a person still has to settle is never written as a grade: the plain table gives its range, Canvas gets an
empty cell and Moodle a `-`, which both mean "no grade". A platform imports by its own names for students; where the
file that it exported is given as a roster, its rows and columns are kept and the grades are filled in. No cell begins
like a formula of a spreadsheet, and no cell holds a line end.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.grading.marks import rounded
from derive.grading.paper import Paper

_CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE_COLUMNS = ("First name", "Last name", "ID number", "Email address")
_MOODLE_NO_GRADE = "-"
_POINTS = "    Points Possible"  # as Canvas writes it
_FORMULA = ("=", "+", "-", "@", "|", "%")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Roster:
    """A table that a platform exported: its header, its rows, and how its cells are kept apart."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A grade book as text, and the students that the roster does not know."""

    text: str
    unknown: tuple[str, ...] = ()


def plain(papers: Sequence[Paper]) -> Table:
    """The grade book for people: total, range, every question and item, and what a person has to look at."""
    questions = papers[0].answers if papers else ()
    header = ["student", "folder", "status", "total", "low", "high", "points"]
    for answer in questions:
        question = answer.question
        header.append(f"{question.id} (of {rounded(question.points)})")
        header += [f"{question.id} {item.id} (of {rounded(item.points)})" for item in question.items]
    header.append("for a person to look at")
    rows = [header]
    for paper in papers:
        row = [
            paper.student,
            paper.folder,
            "for a person" if paper.for_person else "marked",
            "" if paper.for_person else rounded(paper.low),
            rounded(paper.low),
            rounded(paper.high),
            rounded(paper.points),
        ]
        for answer in paper.answers:
            row.append(span(answer.question.low, answer.question.high))
            row += [span(item.low, item.high) for item in answer.question.items]
        row.append("; ".join(paper.reasons))
        rows.append(row)
    text = _written(rows)
    # spreadsheets take a file without a byte order mark for one in the encoding of their country
    return Table(text if text.isascii() else "\ufeff" + text)


def canvas(papers: Sequence[Paper], assignment: str, roster: Roster | None = None) -> Table:
    """The file that Canvas imports; `assignment` is its column there, `Title (number)`."""
    if roster is not None:
        return _filled(roster, papers, assignment, "")
    points = rounded(papers[0].points) if papers else ""
    rows = [[*_CANVAS_COLUMNS, assignment], [_POINTS, "", "", "", "", points]]
    for paper in papers:
        number = paper.ids[0] if paper.ids else ""
        login = "" if paper.ids else paper.student
        # a row whose name speaks of points possible would set them
        name = re.sub(r"(?i)points\s+possible", "points_possible", paper.student)
        rows.append([name, number, "", login, "", _grade(paper, "")])
    return Table(_written(rows))


def moodle(papers: Sequence[Paper], assignment: str, roster: Roster | None = None) -> Table:
    """The file that Moodle's grade book imports (Grades, Import, CSV file)."""
    if roster is not None:
        return _filled(roster, papers, assignment, _MOODLE_NO_GRADE)
    rows = [[*_MOODLE_COLUMNS, f"Assignment: {assignment} (Real)", f"Assignment: {assignment} (Feedback)"]]
    for paper in papers:
        first, _, last = paper.student.partition(" ")
        number = paper.ids[0] if paper.ids else paper.student
        email = paper.student if "@" in paper.student else ""
        rows.append([first, last, number, email, _grade(paper, _MOODLE_NO_GRADE), _comment(paper)])
    return Table(_written(rows))


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


def span(low: Fraction, high: Fraction) -> str:
    """A number of points, or a range of them."""
    return rounded(low) if low == high else f"{rounded(low)} to {rounded(high)}"


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    if cell is _POINTS:
        return cell
    line = " ".join(cell.split())
    harmless = not line or line == _MOODLE_NO_GRADE or _NUMBER.fullmatch(line)
    return "'" + line if not harmless and line.startswith(_FORMULA) else line


def _grade(paper: Paper, none: str) -> str:
    return none if paper.for_person else rounded(paper.low)


def _comment(paper: Paper) -> str:
    if paper.for_person:
        return "a person still has to look at this"
    return "; ".join(
        f"question {a.question.id}: {rounded(a.question.low)} of {rounded(a.question.points)}" for a in paper.answers
    )


def _written(rows: Sequence[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return stream.getvalue()


# a platform's own table, filled in


def _filled(roster: Roster, papers: Sequence[Paper], assignment: str, none: str) -> Table:
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
            cells[0] = _POINTS
        elif (mine := _paper_of(roster.header, row, by_name)) is not None:
            cells[column] = _grade(mine, cells[column] or none)
            known.add(mine.student)
        else:
            cells[column] = cells[column] or none
        rows.append(cells)
    return Table(_written(rows), tuple(p.student for p in papers if p.student not in known))


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
