"""The library's thirteen results check, and realistic wrong versions of them do not.

Every step of a script must be proved (or stated, where it defines or imposes something). The false variants are data,
`variants.toml`: a change of the text, the number of the step that it makes false, and the verdict it must have.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import pytest

from derive.checking.derivation import check_derivation
from derive.checking.verdict import Conditional, Proved, Refuted, StepResult
from derive.language.printing import plain
from derive.language.statement import Derivation, Document
from derive.reader.script import load_script

LIBRARY = Path(__file__).parent.parent.parent / "derivations"
SCRIPTS = sorted(LIBRARY.glob("*.py"))
RESULTS = {
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


@dataclass(frozen=True, slots=True)
class Variant:
    """One mistake: in `script` the text `was` becomes `now`, and the step then has `verdict` (`open`: any)."""

    script: str
    kind: str
    step: int
    was: str
    now: str
    verdict: str
    condition: str = ""
    homework: str = ""
    also: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.script}-{self.step}-{self.kind}"


def rows() -> list[Variant]:
    """The variants, as they stand in the data."""
    found = tomllib.loads((Path(__file__).parent / "variants.toml").read_text("utf8"))["variant"]
    return [Variant(**{**row, "also": tuple((was, now) for was, now in row.get("also", ()))}) for row in found]


VARIANTS = rows()


@lru_cache
def text_of(script: str) -> str:
    return (LIBRARY / f"{script}.py").read_text("utf8")


def load(script: str, *changes: tuple[str, str]) -> Document:
    """A script of the library with texts changed, each of which stands in it exactly once."""
    text = text_of(script)
    for was, now in changes:
        assert text.count(was) == 1, f"{was!r} stands {text.count(was)} times in {script}"
        text = text.replace(was, now)
    document = load_script(f"{script}.py", text)
    assert document.problem is None
    return document


def only(derivation: Derivation, step: int) -> Derivation:
    """The derivation up to a step, without the claims before it."""
    before = (s for s in derivation.steps[: step - 1] if s.kind != "claim")
    return replace(derivation, steps=(*before, derivation.steps[step - 1]))


@cache
def result_of(variant: Variant) -> StepResult:
    document = load(variant.script, (variant.was, variant.now), *variant.also)
    return check_derivation(only(document.derivations[0], variant.step)).steps[-1]


def test_the_thirteen_results_are_there() -> None:
    assert {p.stem for p in SCRIPTS} >= RESULTS


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_every_step_is_proved(path: Path) -> None:
    document = load_script(path)
    assert document.problem is None
    for derivation in document.derivations:
        for result in check_derivation(derivation).steps:
            expected = "proved" if result.step.kind == "claim" else "stated"
            text = plain(result.statement) if result.statement else str(result.step.problem)
            assert result.verdict.name == expected, f"{result.step.id}: {text}\n{result.verdict}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_a_script_is_short_and_gives_reasons(path: Path) -> None:
    assert len(path.read_text("utf8").splitlines()) < 60
    for derivation in load_script(path).derivations:
        assert derivation.reference
        assert all(step.because for step in derivation.steps)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_false_variant_is_not_proved(variant: Variant) -> None:
    result = result_of(variant)
    assert not isinstance(result.verdict, Proved)
    if variant.verdict == "conditional":
        assert isinstance(result.verdict, Conditional)
        named = "; ".join(plain(c) for c in result.verdict.proof.conditions)
        assert variant.condition in named
    elif variant.verdict == "refuted":
        assert isinstance(result.verdict, Refuted), result.verdict


@pytest.mark.parametrize("script", sorted(RESULTS))
def test_there_are_at_least_four_variants_of_each(script: str) -> None:
    assert sum(v.script == script for v in VARIANTS) >= 4


def test_nine_in_ten_are_refuted_with_a_certificate() -> None:
    false = [result_of(v) for v in VARIANTS if v.verdict != "conditional"]
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
    results = check_derivation(document.derivations[0]).steps
    assert isinstance(results[3].verdict, Refuted) and not results[3].carried
    assert isinstance(results[4].verdict, Proved) and results[4].carried
    assert isinstance(results[11].verdict, Proved) and results[11].carried


def test_a_bound_that_is_not_tight_is_proved_and_the_tight_one_named() -> None:
    """Question 2.1: σ(1 − σ) ≤ 1 is true; the supremum is 1/4."""
    derivation = load("sigmoid_derivative").derivations[0]
    verdict = check_derivation(only(derivation, 10)).steps[-1].verdict
    assert isinstance(verdict, Proved) and ("1/4" in verdict.proof.note or "0.25" in verdict.proof.note)
