"""Sixty formulas of other lecture notes: each is read as its author meant it, or refused at the right place."""

import tomllib
from pathlib import Path

import pytest

from derive.language.printing import latex
from derive.reader.document import read_document
from derive.reader.wording import wording

ROWS = tomllib.loads((Path(__file__).parent / "further.toml").read_text(encoding="utf8"))["formula"]


def steps_of(row):
    lines = ["```given", *row["given"], "```", "", f"$${row['text']}$$", ""]
    text = "\n".join(lines)
    return text, [step for derivation in read_document("x.md", text).derivations for step in derivation.steps]


def case(row):
    marks = [pytest.mark.xfail(strict=True, reason=row["today"])] if "today" in row else []
    return pytest.param(row, id=row["text"][:40], marks=marks)


@pytest.mark.parametrize("row", [case(row) for row in ROWS])
def test_formula(row):
    text, steps = steps_of(row)
    problems = [step.problem for step in steps if step.problem is not None]
    if "reads" in row:
        assert not problems, [wording(p) for p in problems]
        assert [latex(step.statement) for step in steps] == row["reads"]
    else:
        assert len(steps) == len(problems) == 1, [latex(step.statement) for step in steps if step.statement]
        span = problems[0].span
        assert text[span.start : span.end] == row["place"]
        assert row["says"] in wording(problems[0])


def test_there_are_sixty():
    assert len({row["text"] for row in ROWS}) == 60
    assert all(("reads" in row) != ("place" in row) for row in ROWS)
