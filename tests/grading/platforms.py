"""What the importers of Canvas and Moodle do with a file, as far as it decides whether they take it.

Canvas: `GradebookImporter` (instructure/canvas-lms, lib/gradebook_importer.rb). Moodle: the grade book's import, which
takes a number, `-` or nothing for a grade and stops at any other cell.
"""

from __future__ import annotations

import csv
import io
import re


class Refused(Exception):
    """The importer would not take the file."""


def rows_of(text: str) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if len({len(row) for row in rows}) != 1:
        raise Refused("rows of different lengths")
    if any("\n" in cell or "\r" in cell for row in rows for cell in row):
        raise Refused("a cell with a line end")
    return rows


def canvas(text: str, assignment: str) -> tuple[dict[str, str], str]:
    """The grades by student, and the points possible, that Canvas would import."""
    header, *rows = rows_of(text)
    if len(header) <= 3 or "Student" not in header[0] or "ID" not in header[1]:
        raise Refused("invalid header row")
    if not (re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3])):
        raise Refused("the columns of a student")
    if "Section" not in header[4]:
        raise Refused("no section")
    column = header.index(assignment)
    grades: dict[str, str] = {}
    points = ""
    for row in rows:
        if "Points Possible" in row[0]:
            points = row[column]
            continue
        grade = row[column].strip()
        if grade and not re.fullmatch(r"\d+(?:\.\d+)?", grade):
            raise Refused(f"no grade: {grade}")
        grades[row[0]] = grade
    return grades, points


def moodle(text: str, key: str, column: str) -> dict[str, str | None]:
    """The grades by the value of a column of the student's, None for no grade, that Moodle would import."""
    header, *rows = rows_of(text)
    who, grade = header.index(key), header.index(column)
    grades: dict[str, str | None] = {}
    for row in rows:
        value = row[grade].strip()
        if value in ("", "-"):
            grades[row[who]] = None
        elif re.fullmatch(r"\d+(?:\.\d+)?", value):
            grades[row[who]] = value
        else:
            raise Refused(f"a bad grade aborts the import: {value}")
    return grades
