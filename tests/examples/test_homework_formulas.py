"""The 99 formulas of a real, damaged homework: 93 can be read (92 are), 6 are refused at the damage."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derive.language.printing import latex
from derive.language.statement import Problem
from derive.reader.document import formula_lines
from derive.reader.formula import conform, read_formula
from derive.reader.givens import statements_of
from derive.reader.wording import wording
from tests.reader.reading import context_of

GROUPS = tomllib.loads((Path(__file__).parent / "homework_formulas.toml").read_text(encoding="utf8"))["group"]
ROWS = [{**row, "given": tuple(group["given"])} for group in GROUPS for row in group["formulas"]]

given = cache(context_of)


def readings(row):
    """The readings of a formula's statements, or its problem."""
    context = replace(given(row["given"]), layout=row.get("layout", "numerator"))
    found = []
    for text, offset in formula_lines(row["text"], 0):
        reading = read_formula(text, context, offset)
        if isinstance(reading, Problem):
            return reading
        where = reading.context
        if reading.definition is not None:
            where = where.declare(reading.definition[0]).define(reading.definition[1])
        for statement in statements_of(reading):
            checked = conform(statement, where)
            found.append(f"shapes: {wording(checked)}" if isinstance(checked, Problem) else latex(checked.term))
    return found


def cases(key):
    for row in ROWS:
        if key in row:
            marks = [pytest.mark.xfail(strict=True, reason=row["today"])] if "today" in row else []
            yield pytest.param(row, id=str(row["id"]), marks=marks)


@pytest.mark.parametrize("row", [*cases("reads")])
def test_reading(row):
    assert readings(row) == row["reads"]


@pytest.mark.parametrize("row", [*cases("place")])
def test_refused_at_the_damage(row):
    problem = readings(row)
    assert isinstance(problem, Problem)
    assert row["text"][problem.span.start : problem.span.end] == row["place"]
    assert wording(problem) == row["says"]


def test_all_are_here():
    assert [row["id"] for row in ROWS] == list(range(1, 100))
    assert sum("reads" in row for row in ROWS) == 93
