"""Grade books: a plain table, and the tables that Canvas and Moodle import.

A total that a person still has to settle is never written as a grade: the plain table gives its range, Canvas gets an
empty cell and Moodle a `-`, which both mean "no grade". A platform imports by its own names for students; where the
file that it exported is given as a roster, its rows and columns are kept and the grades are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.grading.marks import rounded
from derive.grading.paper import Paper
from derive.reports.cells import MOODLE_NO_GRADE, POINTS, Table, grade, span, written
from derive.reports.roster import Roster, fill

_CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE_COLUMNS = ("First name", "Last name", "ID number", "Email address")


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
    text = written(rows)
    # spreadsheets take a file without a byte order mark for one in the encoding of their country
    return Table(text if text.isascii() else "\ufeff" + text)


def canvas(papers: Sequence[Paper], assignment: str, roster: Roster | None = None) -> Table:
    """The file that Canvas imports; `assignment` is its column there, `Title (number)`."""
    if roster is not None:
        return fill(roster, papers, assignment, "")
    points = rounded(papers[0].points) if papers else ""
    rows = [[*_CANVAS_COLUMNS, assignment], [POINTS, "", "", "", "", points]]
    for paper in papers:
        number = paper.ids[0] if paper.ids else ""
        login = "" if paper.ids else paper.student
        # a row whose name speaks of points possible would set them
        name = re.sub(r"(?i)points\s+possible", "points_possible", paper.student)
        rows.append([name, number, "", login, "", grade(paper, "")])
    return Table(written(rows))


def moodle(papers: Sequence[Paper], assignment: str, roster: Roster | None = None) -> Table:
    """The file that Moodle's grade book imports (Grades, Import, CSV file)."""
    if roster is not None:
        return fill(roster, papers, assignment, MOODLE_NO_GRADE)
    rows = [[*_MOODLE_COLUMNS, f"Assignment: {assignment} (Real)", f"Assignment: {assignment} (Feedback)"]]
    for paper in papers:
        first, _, last = paper.student.partition(" ")
        number = paper.ids[0] if paper.ids else paper.student
        email = paper.student if "@" in paper.student else ""
        rows.append([first, last, number, email, grade(paper, MOODLE_NO_GRADE), _comment(paper)])
    return Table(written(rows))


def _comment(paper: Paper) -> str:
    if paper.for_person:
        return "a person still has to look at this"
    return "; ".join(
        f"question {a.question.id}: {rounded(a.question.low)} of {rounded(a.question.points)}" for a in paper.answers
    )
