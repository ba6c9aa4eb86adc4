"""Densities, mass functions, named distributions and information: what holds is proved, what does not is refuted.

The table `densities.toml` holds the statements; every false one is opposed by a counterexample that satisfies its
givens, and none may be proved. What the moments of the table of distributions say is opposed by integration and
summation in `test_distributions.py`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from derive.checking.derivation import check_document
from derive.checking.engines import Settings
from derive.checking.verdict import Refuted, StepResult
from derive.reader.document import read_document

VERDICT = {"true": "proved", "conditional": "conditional", "false": "refuted"}
SETTINGS = Settings(points=2, search=False)


@dataclass(frozen=True)
class Case:
    """A statement with the lines before it."""

    id: str
    given: tuple[str, ...]
    before: tuple[str, ...]
    text: str
    truth: str


@cache
def cases() -> tuple[Case, ...]:
    """The statements of the table."""
    table = tomllib.loads(Path(__file__).with_name("densities.toml").read_text(encoding="utf-8"))
    found = []
    for world in table["world"]:
        for truth in VERDICT:
            for number, text in enumerate(world.get(truth, ()), 1):
                name = f"{world['title']}-{truth}-{number}"
                found.append(Case(name, tuple(world["given"]), tuple(world.get("before", ())), text, truth))
    return tuple(found)


def result_of(case: Case) -> StepResult:
    """The verdict of a statement, read as a document."""
    lines = ["# A derivation", "", "```given", *case.given, "```", ""]
    for formula in (*case.before, case.text):
        lines += ["$$", formula, "$$", ""]
    document = read_document("table.md", "\n".join(lines))
    (derivation,) = check_document(document, SETTINGS)
    return derivation.steps[-1]


def test_the_table_is_large_enough() -> None:
    truths = [case.truth for case in cases()]
    assert truths.count("true") >= 55
    assert truths.count("false") >= 50


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_every_statement_has_its_verdict(case: Case) -> None:
    result = result_of(case)
    assert result.verdict.name == VERDICT[case.truth], result.verdict
    if isinstance(result.verdict, Refuted):
        assert result.verdict.counterexample is not None


@pytest.mark.parametrize(
    "given, text",
    [
        ((r"t \in \mathbb{R}", r"x_t \in \mathbb{R}"), r"\frac{d}{dt} x_t + 1 = 1"),
        ((r"w \in \mathbb{R}", r"k_w : \mathbb{R} \to \mathbb{R}"), r"\frac{\partial}{\partial w} k_w(2) + 1 = 1"),
        ((r"X is a random variable", r"\mathbb{E}[X] = m"), r"\frac{d}{dm} \mathbb{E}[X^2] + 1 = 1"),
        ((r"\mathcal{X} is a finite set",), r"\sum_{x \in \mathcal{X}} x \ge 1"),
        ((r"p : \mathbb{R} \to \mathbb{R}", r"X \sim p", r"Y \sim p"), r"\mathbb{E}[X Y] = \mathbb{E}[X]^2"),
        ((r"X is a random variable with density p(x)", "X > 0"), r"\int_0^\infty p(x) \, dx = 2"),
    ],
)
def test_what_is_not_known_is_never_proved(given: tuple[str, ...], text: str) -> None:
    """A label, a given about a moment, the elements of a set: none of them says what these would need."""
    assert result_of(Case("", given, (), text, "false")).verdict.name not in ("proved", "conditional")
