"""The library's derivations check, and realistic wrong versions of them do not.

Every step must be proved (or stated, where it defines or imposes something). The false variants are data, in
`variants/`: a change of the text, the number of the step that it makes false, and the verdict it must have.
"""

from __future__ import annotations

from functools import cache

import pytest

from derive.checking.derivation import DerivationResult, check_derivation
from derive.checking.engines import Settings
from derive.checking.verdict import Conditional, Proved, Refuted, StepResult
from derive.language.printing import plain
from tests.derivations.library import LIBRARY, Variant, alone, load, paths, steps, text_of, variants

HOMEWORK = {
    "adam_expectation",
    "backpropagated_zero",
    "cost_of_closed_form",
    "cross_entropy_gradient",
    "l1_step",
    "map_to_l2",
    "mse_gradient",
    "normal_equation",
    "relu",
    "sigmoid_derivative",
    "sigmoid_saturation",
    "softmax_jacobian",
    "xavier_variance",
}
NAMES = sorted(paths())
PROOF_SCRIPTS = [name for name in NAMES if paths()[name].suffix == ".py"]


@cache
def result_of(variant: Variant) -> StepResult:
    """The verdict on the step that a variant makes false; hypotheses are looked for where some would help."""
    document = load(variant.derivation, (variant.was, variant.now), *variant.also)
    derivation, position = list(steps(document))[variant.step - 1]
    settings = Settings(search=variant.verdict == "conditional")
    return check_derivation(alone(derivation, position), settings).steps[-1]


@cache
def results_of(name: str) -> tuple[DerivationResult, ...]:
    """The verdicts on everything that a file holds."""
    return tuple(check_derivation(derivation) for derivation in load(name).derivations)


def test_the_library_holds_at_least_forty_results_and_those_of_the_homework() -> None:
    assert len(NAMES) >= 40
    assert {p.stem for p in (LIBRARY / "homework").iterdir()} >= HOMEWORK


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_proved(name: str) -> None:
    proved = 0
    for result in (r for derivation in results_of(name) for r in derivation.steps):
        text = plain(result.statement) if result.statement else str(result.step.problem)
        expected = ("proved",) if result.step.kind == "claim" else ("proved", "stated")
        assert result.verdict.name in expected, f"{result.step.id}: {text}\n{result.verdict}"
        proved += result.verdict.name == "proved"
    assert proved >= 4 or name in HOMEWORK


@pytest.mark.parametrize("name", PROOF_SCRIPTS)
def test_a_script_is_short_and_gives_reasons(name: str) -> None:
    assert len(text_of(name).splitlines()) < 60
    for derivation in load(name).derivations:
        assert derivation.reference
        assert all(step.because for step in derivation.steps)


@pytest.mark.parametrize("variant", variants(), ids=str)
def test_a_false_variant_is_not_proved(variant: Variant) -> None:
    result = result_of(variant)
    assert not isinstance(result.verdict, Proved)
    if variant.verdict == "conditional":
        assert isinstance(result.verdict, Conditional)
        named = "; ".join(plain(c) for c in result.verdict.proof.conditions)
        assert variant.condition in named
    elif variant.verdict == "refuted":
        assert isinstance(result.verdict, Refuted), result.verdict


@pytest.mark.parametrize("name", NAMES)
def test_every_derivation_has_false_variants(name: str) -> None:
    assert sum(v.derivation == name for v in variants()) >= (4 if name in HOMEWORK else 2)


def test_nine_in_ten_are_refuted_with_a_certificate() -> None:
    false = [result_of(v) for v in variants() if v.verdict != "conditional"]
    certified = [r for r in false if isinstance(r.verdict, Refuted) and (r.verdict.counterexample or r.verdict.problem)]
    assert len(certified) >= 0.9 * len(false)


def test_the_homeworks_gradient_is_carried_from_its_first_mistake() -> None:
    """Question 1.1: the factor −1 is lost at line 13; lines 14 and 20 follow from it and are wrong from the start."""
    document = load(
        "mse_gradient",
        ("D(-y_hat[i], w[k])", "D(y_hat[i], w[k])"),
        ("(-Sum((y[i] - y_hat[i]) * X[i, k]", "(Sum((y[i] - y_hat[i]) * X[i, k]"),
        ("w[k] + alpha / n", "w[k] - alpha / n"),
    )
    found = check_derivation(document.derivations[0]).steps
    assert isinstance(found[3].verdict, Refuted) and not found[3].carried
    assert isinstance(found[4].verdict, Proved) and found[4].carried
    assert isinstance(found[11].verdict, Proved) and found[11].carried


def test_a_bound_that_is_not_tight_is_proved_and_the_tight_one_named() -> None:
    """Question 2.1: σ(1 − σ) ≤ 1 is true; the supremum is 1/4."""
    verdict = check_derivation(alone(load("sigmoid_derivative").derivations[0], 9)).steps[-1].verdict
    assert isinstance(verdict, Proved) and ("1/4" in verdict.proof.note or "0.25" in verdict.proof.note)
