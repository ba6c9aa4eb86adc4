"""True statements are proved, false ones never: each of those is refuted by a certified counterexample."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Refuted, StepResult
from derive.language.budget import Budget
from derive.numeric.certify import agree, refute

from .table import Case, cases, step, today

VERDICT = {"true": "proved", "false": "refuted", "conditional": "conditional"}
TOLERABLE = {"true": ("conditional", "tested"), "false": ("tested",), "conditional": ("refuted",)}


@pytest.fixture(scope="module")
def results(patient: None) -> dict[str, StepResult]:
    """The verdict of every statement; missing hypotheses are looked for where some would help."""
    return {case.id: check_step(step(case), Settings(search=case.truth == "conditional")) for case in cases()}


def _list(found: Iterable[tuple[Case, StepResult]]) -> str:
    return "\n".join(f"{case.id}: {result.verdict.name}: {case.text}" for case, result in found)


def test_the_table_is_large_enough() -> None:
    assert len(cases("true")) >= 110
    assert len(cases("false")) >= 70


def test_every_statement_has_its_verdict(results: dict[str, StepResult]) -> None:
    """What is true is proved, what is false refuted, the rest conditional; the table names every exception."""
    known = today()
    assert known.keys() <= results.keys()
    wrong = [(c, r) for c in cases() if (r := results[c.id]).verdict.name != known.get(c.id, VERDICT[c.truth])]
    assert not wrong, _list(wrong)


def test_exceptions_are_no_wrong_verdicts() -> None:
    """What holds is never called false, and what does not is never proved."""
    truth = {case.id: case.truth for case in cases()}
    for name, verdict in today().items():
        assert verdict != VERDICT[truth[name]], f"{name} is no exception any more"
        assert verdict in TOLERABLE[truth[name]], name


def test_what_does_not_hold_is_opposed_by_a_counterexample(results: dict[str, StepResult]) -> None:
    for case in cases("false", "conditional"):
        verdict = results[case.id].verdict
        if isinstance(verdict, Refuted):
            assert verdict.counterexample is not None, case.text
        if isinstance(verdict, Conditional):
            assert verdict.proof.conditions, case.text
            assert verdict.needed is not None or agree(step(case), 0, Budget(5), 30).lacking, case.text


@pytest.mark.parametrize("case", cases("true"), ids=lambda case: case.id)
def test_exact_evaluation_agrees(case: Case) -> None:
    """The independent route finds no counterexample at other seeds, and agrees at points of several sizes."""
    found = step(case)
    for seed in (11, 12):
        assert refute(found, seed, Budget(5)) is None
    agreement = agree(found, 13, Budget(5), 6)
    assert agreement.against is None
    assert agreement.count >= 4, agreement.reason
