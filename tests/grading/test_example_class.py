"""The example class gets the marks that a fair lecturer gives; each deduction points to the line that deserves it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from derive.grading.check_key import check_key
from derive.grading.key import Key, read_key
from derive.grading.mark import mark
from derive.grading.marks import Marks, rounded
from derive.targets import Target
from tests.grading.marking import QUICK

CLASS = Path(__file__).parent.parent.parent / "examples" / "grading"
MARKS = tomllib.loads((CLASS / "marks.toml").read_text(encoding="utf8"))


@lru_cache
def marks_of(student: str) -> Marks:
    key = read_key(CLASS / "key.md")
    assert isinstance(key, Key)
    return mark(key, Target(str(CLASS / "submissions" / f"{student}.md")), QUICK)


def test_every_submission_has_its_marks() -> None:
    assert {p.stem for p in (CLASS / "submissions").iterdir()} == set(MARKS)


def test_the_key_can_grade() -> None:
    assert check_key(CLASS / "key.md", QUICK) == ()


@pytest.mark.parametrize("student", sorted(MARKS))
def test_marks_are_a_fair_lecturers(student: str) -> None:
    marks = marks_of(student)
    fair = MARKS[student]
    lost = {row["item"]: row for row in fair.get("lost", ())}
    for question in marks.questions:
        for item in question.items:
            row = lost.pop(f"{question.id} {item.id}", None)
            if row is None:
                assert item.low == item.high == item.points, (question.id, item)
                continue
            line = item.place.line if item.place is not None else 0
            assert (rounded(item.low), rounded(item.high), line) == (row["low"], row["high"], row["line"]), item
            assert item.for_person == (item.low != item.high)
    assert not lost, "every row of the table is an item"
    assert (rounded(marks.low), rounded(marks.high)) == (fair["low"], fair["high"])
    assert not marks.unmatched
    assert not marks.problem


def test_what_an_error_costs_is_said_where_it_is_made() -> None:
    marks = marks_of("student-2")
    first, second = marks.questions[0], marks.questions[1]
    assert [i.id for i in first.items if i.follow_through] == ["gradient", "reasoning", "step"]
    assert [i.id for i in second.items if i.follow_through] == ["reasoning", "answer"]
    verdicts = [(s.line, s.verdict, s.carried) for s in second.steps]
    assert verdicts == [
        (18, "refuted", False),
        (20, "stated", False),
        (22, "proved", True),
        (24, "conditional", True),
    ]
    assert second.steps[0].diagnosis is not None
    assert second.steps[0].diagnosis.kind == "sign"


def test_names_of_the_student_are_shown() -> None:
    marks = marks_of("student-6")
    pairs = {(r.key, r.submission) for q in marks.questions for r in q.renamed}
    assert ("w", r"\theta") in pairs
