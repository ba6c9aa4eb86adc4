"""Events, conditioning and random sums: what holds is proved, what does not is refuted (table `events.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import cast

import pytest

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved, Refuted, StepResult
from derive.language.budget import Budget
from derive.numeric.certify import agree, refute
from tests.identities.table import Case, Truth, step

WORLDS = tomllib.loads(Path(__file__).with_name("events.toml").read_text(encoding="utf-8"))["world"]
CASES = [
    Case(f"{world['title']}-{truth}-{number}", tuple(world["given"]), text, cast(Truth, truth))
    for world in WORLDS
    for truth in ("true", "false", "conditional")
    for number, text in enumerate(world.get(truth, ()))
]


def _cases(*truths: str) -> list[Case]:
    return [c for c in CASES if c.truth in truths]


@pytest.fixture(scope="module")
def results() -> dict[str, StepResult]:
    """The verdicts; missing hypotheses are looked for where one would help, every third false statement is tried."""
    tried = [*_cases("true", "conditional"), *_cases("false")[::3]]
    return {
        case.id: check_step(step(case), Settings(budget=20, search=case.truth == "conditional", points=2))
        for case in tried
    }


def test_the_table_is_large_enough() -> None:
    assert len(_cases("true")) >= 80
    assert len(_cases("false")) >= 65


def test_what_holds_is_proved(results: dict[str, StepResult]) -> None:
    assert [c.id for c in _cases("true") if not isinstance(results[c.id].verdict, Proved)] == []


def test_what_does_not_hold_is_refuted(results: dict[str, StepResult]) -> None:
    assert [c.id for c in _cases("false")[::3] if not isinstance(results[c.id].verdict, Refuted)] == []


def test_what_does_not_hold_has_a_counterexample() -> None:
    """The rest of the false statements meet the numeric route alone, which would stop a proof of theirs."""
    assert [c.id for c in _cases("false") if refute(step(c), 3, Budget(10)) is None] == []


def test_what_needs_a_hypothesis_is_conditional_on_one(results: dict[str, StepResult]) -> None:
    for case in _cases("conditional"):
        verdict = results[case.id].verdict
        assert isinstance(verdict, Conditional), case.text
        assert verdict.proof.conditions, case.text


@pytest.mark.parametrize("case", _cases("true")[::2], ids=lambda case: case.id)
def test_exact_evaluation_agrees(case: Case) -> None:
    """The independent route finds no counterexample at another seed, and agrees at points of several sizes."""
    agreement = agree(step(case), 13, Budget(10), 3)
    assert agreement.against is None
    assert agreement.count >= 2 or "poisson" in case.id, agreement.reason
