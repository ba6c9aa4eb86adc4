"""Statements of lecture notes about optimisers, equations, matrices, series and bounds: each with its verdict.

What holds is proved (and opposed by exact evaluation on the way to its verdict), what does not is refuted, and what
holds under a hypothesis names it. Hypotheses are looked for where one is expected, and where one would be wrong.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from identities.table import step_of

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved, Refuted
from derive.language.printing import plain

TABLES = ("optimisers_and_matrices.toml", "inequalities.toml")
WORLDS = [w for t in TABLES for w in tomllib.loads(Path(__file__).with_name(t).read_text(encoding="utf-8"))["world"]]
TRUE = [(w["given"], text) for w in WORLDS for text in w.get("true", ())]
FALSE = [(w["given"], text, w.get("search", False)) for w in WORLDS for text in w.get("false", ())]
CONDITIONAL = [(w["given"], *row) for w in WORLDS for row in w.get("conditional", ())]
OPEN = [(w["given"], text) for w in WORLDS for text in w.get("open", ())]
PATIENT = 20.0


def test_the_table_is_large_enough() -> None:
    assert len(TRUE) >= 75
    assert len(FALSE) >= 60
    assert len(CONDITIONAL) >= 10


@pytest.mark.parametrize(("given", "text"), TRUE, ids=[text for _, text in TRUE])
def test_true_statements_are_proved(given: list[str], text: str) -> None:
    verdict = check_step(step_of(given, text), Settings(seed=11, budget=PATIENT)).verdict
    assert isinstance(verdict, Proved), verdict


@pytest.mark.parametrize(("given", "text", "search"), FALSE, ids=[text for _, text, _ in FALSE])
def test_false_statements_are_refuted(given: list[str], text: str, search: bool) -> None:
    verdict = check_step(step_of(given, text), Settings(budget=3.0 if search else PATIENT, search=search)).verdict
    assert isinstance(verdict, Refuted), verdict
    assert verdict.counterexample is not None


@pytest.mark.parametrize(("given", "text"), OPEN, ids=[text for _, text in OPEN])
def test_false_statements_that_are_left_open_are_not_proved(given: list[str], text: str) -> None:
    verdict = check_step(step_of(given, text), Settings(search=False)).verdict
    assert not isinstance(verdict, Proved | Conditional), verdict


@pytest.mark.parametrize(("given", "text", "condition"), CONDITIONAL, ids=[text for _, text, _ in CONDITIONAL])
def test_the_missing_hypothesis_is_named(given: list[str], text: str, condition: str) -> None:
    verdict = check_step(step_of(given, text), Settings(budget=PATIENT)).verdict
    assert isinstance(verdict, Conditional), verdict
    assert condition in ", ".join(plain(c) for c in verdict.proof.conditions)


def test_a_hypothesis_that_contradicts_the_givens_is_not_offered() -> None:
    givens = ("X and Y are random variables", r"\operatorname{Cov}(X, Y) = 1")
    claim = r"\operatorname{Var}(X + Y) = \operatorname{Var}(X) + \operatorname{Var}(Y)"
    assert not isinstance(check_step(step_of(givens, claim), Settings(budget=3.0)).verdict, Proved | Conditional)
    assert isinstance(check_step(step_of(givens[:1], claim)).verdict, Conditional)


def test_an_optimiser_of_several_is_no_closed_form() -> None:
    for text in (
        r"\arg\min_{w} (w^2 - 1)^2 = 1",
        r"\arg\min_{w} \left( w^2 - \log |w| \right) = \frac{1}{\sqrt{2}}",
        r"\arg\min_{w} \left( w + \frac{1}{w} \right) = 1",
    ):
        verdict = check_step(step_of((r"w \in \mathbb{R}",), text)).verdict
        assert not isinstance(verdict, Proved | Conditional), text


def test_a_value_that_is_not_admitted_is_no_optimum() -> None:
    givens = (r"x, w \in \mathbb{R}^d", r"\mathbf{1}^T w = 1")
    assert not isinstance(check_step(step_of(givens, r"\arg\min_{w} \|w - x\|^2 = x")).verdict, Proved)
    givens = (r"c \in \mathbb{R}", r"w \ge 0")
    verdict = check_step(step_of(givens, r"\arg\min_{w} (w - c)^2 = c")).verdict
    assert isinstance(verdict, Conditional)
    assert [plain(c) for c in verdict.proof.conditions] == ["c ≥ 0"]
