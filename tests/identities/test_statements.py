"""True statements are proved, false ones never: each of those is refuted by a certified counterexample."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved, Refuted, StepResult
from derive.language.budget import Budget
from derive.numeric.certify import agree, refute

from .table import Case, cases, step

# the hard time limit may ring inside a destructor; Python reports that, and the limit rings again
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def results() -> dict[str, StepResult]:
    """The verdict of every statement; missing hypotheses are looked for where some would help."""
    return {case.id: check_step(step(case), Settings(search=case.truth == "conditional")) for case in cases()}


def _list(found: Iterable[tuple[Case, StepResult]]) -> str:
    return "\n".join(f"{case.id}: {result.verdict.name}: {case.text}" for case, result in found)


def test_the_table_is_large_enough() -> None:
    assert len(cases("true")) >= 110
    assert len(cases("false")) >= 70


def test_true_statements_are_proved(results: dict[str, StepResult]) -> None:
    found = [(case, results[case.id]) for case in cases("true")]
    left = [(case, r) for case, r in found if not isinstance(r.verdict, Proved)]
    assert len(left) <= len(found) // 10, _list(left)


def test_true_statements_are_never_refuted(results: dict[str, StepResult]) -> None:
    found = [(case, results[case.id]) for case in cases("true")]
    wrong = [(case, r) for case, r in found if r.verdict.name not in ("proved", "conditional", "tested")]
    assert not wrong, _list(wrong)


def test_false_statements_are_never_proved(results: dict[str, StepResult]) -> None:
    found = [(case, results[case.id]) for case in cases("false", "conditional")]
    wrong = [(case, r) for case, r in found if isinstance(r.verdict, Proved)]
    assert not wrong, _list(wrong)


def test_false_statements_are_refuted_with_a_certificate(results: dict[str, StepResult]) -> None:
    found = [(case, results[case.id]) for case in cases("false")]
    left = [(case, r) for case, r in found if not isinstance(r.verdict, Refuted) or r.verdict.counterexample is None]
    assert len(left) <= len(found) // 10, _list(left)


def test_what_needs_a_hypothesis_is_shown_to_need_it(results: dict[str, StepResult]) -> None:
    """Conditional on a named hypothesis, or refuted as a slip: a counterexample stands with either."""
    found = [(case, results[case.id]) for case in cases("conditional")]
    left = [
        (case, r)
        for case, r in found
        if not (isinstance(r.verdict, Conditional) and r.verdict.needed is not None and r.verdict.proof.conditions)
        and not (isinstance(r.verdict, Refuted) and r.verdict.counterexample is not None)
    ]
    assert len(left) <= len(found) // 10, _list(left)


@pytest.mark.parametrize("case", cases("true"), ids=lambda case: case.id)
def test_exact_evaluation_agrees(case: Case) -> None:
    """The independent route finds no counterexample at other seeds, and agrees at points of several sizes."""
    found = step(case)
    for seed in (11, 12):
        assert refute(found, seed, Budget(5)) is None
    agreement = agree(found, 13, Budget(5), 6)
    assert agreement.against is None
    assert agreement.count >= 4, agreement.reason
