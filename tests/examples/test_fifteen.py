"""Fifteen derivations of other lectures: no true line is called false, no false variant is proved.

`fifteen.toml` holds the truth of every line. What the checker does not reach yet is marked there with its verdict and
is a strict expected failure here.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derive.checking.derivation import check_derivation
from derive.checking.engines import Settings
from derive.checking.verdict import StepResult, worst
from derive.language.budget import Budget
from derive.language.statement import Derivation
from derive.numeric.certify import refute
from derive.reader.document import read_document

ROWS = tomllib.loads((Path(__file__).parent / "fifteen.toml").read_text(encoding="utf8"))["derivation"]
LINES = [(row, number, line) for row in ROWS for number, line in enumerate(row["lines"], 1)]
FALSE = [(row, variant) for row in ROWS for variant in row["false"]]
QUICK = Settings(budget=0.6, search=False)
"""For lines that are known to stay open, and for false ones, where no hypothesis is to be looked for."""


def read(row: dict, formulas: list[str]) -> tuple[Derivation, list[int]]:
    """A document of some lines, and the number of the line to which each of its steps belongs."""
    text = ["# x", "", "```given", *row["given"], "```", ""]
    places = {}
    for number, formula in enumerate(formulas, 1):
        places[len(text) + 2] = number
        text += ["$$", formula, "$$", ""]
    document = read_document("x.md", "\n".join(text))
    derivation = document.derivations[-1]
    return derivation, [places[document.source.place(step.span.start)[0]] for step in derivation.steps]


@cache
def verdicts(name: str) -> dict[int, str]:
    """The worst verdict of the steps on each line; lines that stay open are tried quickly, and by themselves."""
    row = next(r for r in ROWS if r["name"] == name)
    derivation, lines = read(row, [line["formula"] for line in row["lines"]])
    late = {number for number, line in enumerate(row["lines"], 1) if "today" in line}
    kept = [k for k, number in enumerate(lines) if number not in late]
    found: dict[int, list[str]] = {number: [] for number in lines}
    whole = replace(derivation, steps=tuple(derivation.steps[k] for k in kept))
    for k, result in zip(kept, check_derivation(whole).steps, strict=True):
        found[lines[k]].append(result.verdict.name)
    for number in late:
        for k in (k for k, line in enumerate(lines) if line == number):
            before = [p for p in range(k) if is_stated(row, lines[p])]
            found[number].append(check_derivation(part(derivation, [*before, k]), QUICK).steps[-1].verdict.name)
    return {number: worst(names) for number, names in found.items()}


def part(derivation: Derivation, positions: list[int]) -> Derivation:
    """A derivation with some of its steps only; what is kept of the equations before the last one is imposed."""
    *before, last = (derivation.steps[k] for k in positions)
    imposed = (replace(step, kind="condition") if step.kind == "open" else step for step in before)
    return replace(derivation, steps=(*imposed, last))


def of_false(row: dict, variant: dict) -> list[StepResult]:
    """The results of the steps of a false variant, without the claims before it."""
    before = [line["formula"] for line in row["lines"][: variant["line"] - 1]]
    derivation, lines = read(row, [*before, variant["formula"]])
    stated = [k for k, number in enumerate(lines) if number < variant["line"] and is_stated(row, number)]
    changed = [k for k, number in enumerate(lines) if number == variant["line"]]
    return [check_derivation(part(derivation, [*stated, k]), QUICK).steps[-1] for k in changed]


def is_stated(row: dict, number: int) -> bool:
    """Whether a line defines or imposes something."""
    return row["lines"][number - 1]["kind"] == "stated"


def case(row: dict, number: int, line: dict):
    marks = [pytest.mark.xfail(strict=True, reason=f"today {line['today']}")] if "today" in line else []
    return pytest.param(row["name"], number, line, id=f"{row['name']}-{number}", marks=marks)


@pytest.mark.parametrize(("name", "number", "line"), [case(*entry) for entry in LINES])
def test_a_line_has_its_verdict(name: str, number: int, line: dict) -> None:
    assert verdicts(name)[number] == {"stated": "stated", "step": "proved"}[line["kind"]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_no_true_line_is_called_false(row: dict) -> None:
    assert "refuted" not in verdicts(row["name"]).values()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_no_point_opposes_a_true_line(row: dict) -> None:
    derivation, _ = read(row, [line["formula"] for line in row["lines"]])
    for step in derivation.steps:
        if step.kind == "open" and step.statement is not None and step.statement.head != "eq":
            assert refute(step, 21, Budget(2)) is None, step.source


@pytest.mark.parametrize(("row", "variant"), FALSE, ids=lambda v: v.get("name") or f"{v['line']}-{v['kind']}")
def test_a_false_variant_is_not_proved(row: dict, variant: dict) -> None:
    names = [result.verdict.name for result in of_false(row, variant)]
    assert names
    assert ("refuted" in names) == ("today" not in variant), names
    assert "proved" not in names or len(names) > 1


def test_the_table_is_whole() -> None:
    assert len({row["name"] for row in ROWS}) == 15
    assert len(FALSE) == 30
