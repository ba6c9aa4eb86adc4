"""What platforms import: it has their form, an open total is never a grade, no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from derive.grading.paper import Paper
from derive.grading.record import read_record, write_record
from derive.reports import github_classroom, gradebook, gradescope
from derive.reports.roster import Roster, read_roster
from tests.grading import platforms
from tests.grading.papers import CLASS, EVIL, OPEN, PERFECT, SETTLED, item, paper, question

SCHEMAS = Path(__file__).parent / "schemas"
NAMES = pytest.mark.parametrize("one", CLASS, ids=["settled", "open", "evil", "perfect"])


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


@NAMES
def test_gradescope_takes_the_result(one: Paper) -> None:
    result = gradescope.results(one, "told")
    jsonschema.validate(result, schema("gradescope.json"))
    assert result["score"] == pytest.approx(float(one.low), abs=0.005)
    assert sum(t["max_score"] for t in result["tests"]) == one.points
    for test, marks in zip(result["tests"], one.answers[0].question.items, strict=True):
        assert test.get("status") == (None if marks.for_person else "passed" if marks.low == marks.points else "failed")
    # whoever waits for a person sees no final mark before it is published
    assert result["visibility"] == ("after_published" if one.for_person else "visible")


@NAMES
def test_github_classroom_takes_the_result(one: Paper) -> None:
    result = github_classroom.result(one)
    jsonschema.validate(result, schema("github_classroom.json"))
    assert result["status"] == {"ann": "fail", "zoë": "pass", "بهار": "error"}.get(one.student, "fail")


def test_the_schemas_refuse_what_is_wrong() -> None:
    result = gradescope.results(SETTLED, "told")
    for change in ({"visibility": "maybe"}, {"score": "3"}, {"output_format": "latex"}, {"tests": [{"number": 1}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**result, **change}, schema("gradescope.json"))


def test_canvas_takes_settled_totals_only() -> None:
    grades, points = platforms.canvas(gradebook.canvas(CLASS, "Homework 1 (4711)").text, "Homework 1 (4711)")
    assert points == "7"
    assert grades["ann"] == "2.67"
    assert grades["zoë"] == "7"
    assert grades["بهار"] == ""


def test_a_student_called_points_possible_sets_none() -> None:
    sly = paper("Points Possible", question(item("gradient", F(3), F(1)), item("answer", F(4), F(4))))
    grades, points = platforms.canvas(gradebook.canvas([PERFECT, sly], "HW").text, "HW")
    assert points == "7"
    assert grades == {"zoë": "7", "points_possible": "5"}


def test_moodle_takes_the_file_and_gives_open_totals_no_grade() -> None:
    text = gradebook.moodle(CLASS, "Homework 1").text
    grades = platforms.moodle(text, "ID number", "Assignment: Homework 1 (Real)")
    assert grades["ann"] == "2.67"
    assert grades["بهار"] is None
    assert "-" in [row[4] for row in platforms.rows_of(text)]


CANVAS_EXPORT = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz (12),Homework 1 (4711),Final Score\r\n"
    "    Points Possible,,,,,5,7,(read only)\r\n"
    '"Lee, Ann",101,s101,ann,A,4,,80\r\n'
    '"Bahari, بهار",102,s102,بهار,A,,2,\r\n'
    '"Weg, Tim",103,s103,tim,B,,,\r\n'
)


def test_a_canvas_roster_is_filled_in_and_nothing_else_changes() -> None:
    roster = read_roster(CANVAS_EXPORT)
    assert isinstance(roster, Roster)
    table = gradebook.canvas([SETTLED, OPEN, PERFECT], "Homework 1", roster)
    assert table.unknown == ("zoë",)
    before, after = platforms.rows_of(CANVAS_EXPORT), platforms.rows_of(table.text)
    # an open total leaves what a person has entered
    assert [row[6] for row in after] == ["Homework 1 (4711)", "7", "2.67", "2", ""]
    assert [row[:6] + row[7:] for row in before] == [row[:6] + row[7:] for row in after]
    assert platforms.canvas(table.text, "Homework 1 (4711)")[1] == "7"


def test_a_moodle_roster_is_filled_in_with_dashes_for_no_grade() -> None:
    export = (
        "First name;Last name;ID number;Email address;Assignment: Homework 1 (Real)\n"
        "Ann;Lee;7;ann@example.org;-\nTim;Weg;8;tim@example.org;\nبهار;Bahari;9;بهار@example.org;\n"
    )
    roster = read_roster(export)
    assert isinstance(roster, Roster)
    table = gradebook.moodle([SETTLED, OPEN], "Homework 1", roster)
    assert table.unknown == ()
    grades = platforms.moodle(table.text, "ID number", "Assignment: Homework 1 (Real)")
    assert grades == {"7": "2.67", "8": None, "9": None}


def test_two_students_of_one_name_are_not_confused() -> None:
    export = "Student,ID,SIS User ID,SIS Login ID,Section,HW (1)\nann,1,,x,,\nann,2,,y,,\n"
    roster = read_roster(export)
    assert isinstance(roster, Roster)
    one, other = (
        Paper(f"ann ({n})", f"ann-{n}", SETTLED.parts, ids=(n,))
        if n == "1"
        else Paper("ann (2)", "b", PERFECT.parts, ("2",))
        for n in "12"
    )
    grades = [row[5] for row in platforms.rows_of(gradebook.canvas([one, other], "HW", roster).text)]
    assert grades == ["HW (1)", "2.67", "7"]


@pytest.mark.parametrize("text", ["", "one line", "a\nb\n", 'Student,ID\n"unclosed'])
def test_what_is_no_roster_is_told(text: str) -> None:
    found = read_roster(text)
    assert isinstance(found, str) or found.rows == (("unclosed", ""),)


@pytest.mark.parametrize("table", ["plain", "canvas", "moodle"])
@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1+2", "@SUM(A1)", "=cmd|'/C calc'!A0", "\t=1+1", "\r\n=1", " =1+1", "|x", "%x", 'a\nb,"c']
)
def test_no_cell_is_a_formula(table: str, name: str) -> None:
    made = [paper(name, question(item("gradient", F(3), F(1)), item("answer", F(4), F(4))), folder="x")]
    text = (gradebook.plain(made) if table == "plain" else getattr(gradebook, table)(made, name)).text
    for row in platforms.rows_of(text):
        for cell in row:
            harmless = cell == "-" or re.fullmatch(r"\d+(\.\d+)?", cell)
            assert harmless or not cell.lstrip().startswith(("=", "+", "-", "@", "|", "%")), cell


def test_the_plain_book_shows_ranges_and_reasons() -> None:
    rows = list(csv.DictReader(io.StringIO(gradebook.plain(CLASS).text.removeprefix("\ufeff"))))
    by_name = {row["student"]: row for row in rows}
    assert by_name["ann"]["total"] == "2.67"
    assert by_name["بهار"]["total"] == ""
    assert (by_name["بهار"]["low"], by_name["بهار"]["high"]) == ("4", "7")
    assert by_name["بهار"]["1.2 answer (of 4)"] == "1 to 4"
    assert "answer" in by_name["بهار"]["for a person to look at"]


@NAMES
def test_a_record_reads_back_exactly(one: Paper) -> None:
    text = write_record(one)
    again = read_record(text, one.fingerprint)
    assert again is not None
    assert (again.low, again.high, again.points, again.reasons) == (one.low, one.high, one.points, one.reasons)
    assert write_record(again) == text
    assert gradebook.plain([again]) == gradebook.plain([one])


def test_what_is_no_record_is_none() -> None:
    text = write_record(EVIL)
    assert read_record(text, "1" * 64) is None
    for broken in ("", "null", "[]", "{}", text[: len(text) // 2], text.replace('"exact"', '"else"')):
        assert read_record(broken, EVIL.fingerprint) is None
