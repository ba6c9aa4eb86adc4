"""Approximations in a named limit, with the order of the error."""

from __future__ import annotations

import pytest
from analysis_spelling import (
    Case,
    a,
    approx,
    beta,
    cos,
    exp,
    given,
    infinity,
    log,
    n,
    sigma,
    sin,
    sqrt,
    tanh,
    tends,
    x,
    z,
)

from derive.language.decision import Declined, Proof
from derive.procedures.approximation import PROCEDURE

small = given(tends(z, 0))
large = given(tends(x, infinity))

TRUE = [
    (Case("tanh", approx(tanh(z), z), small), "error of order z³"),
    (Case("tanh to third order", approx(tanh(z), z - z**3 / 3), small), "error of order z⁵"),
    (Case("sigmoid", approx(sigma(z), 0.5 + z / 4), small), "error of order z³"),
    (Case("log", approx(log(1 + z), z), small), "error of order z²"),
    (Case("exp", approx(exp(z), 1 + z), small), "error of order z²"),
    (Case("exp to second order", approx(exp(z), 1 + z + z**2 / 2), small), "error of order z³"),
    (Case("cosine", approx(cos(z), 1 - z**2 / 2), small), "error of order z⁴"),
    (Case("sine", approx(sin(z), z), small), "error of order z³"),
    (Case("geometric", approx(1 / (1 - z), 1 + z), small), "error of order z²"),
    (Case("softplus at 0", approx(log(1 + exp(z)), log(2) + z / 2), small), "error of order z²"),
    (Case("square root", approx(sqrt(1 + z), 1 + z / 2), small), "error of order z²"),
    (Case("softplus far out", approx(log(1 + exp(x)), x), large), "error of order e^(−x)"),
    (Case("log near 1", approx(log(beta), beta - 1), given(tends(beta, 1), beta=(0, 1))), None),
    (Case("with a parameter", approx(exp(a * z), 1 + a * z), small), None),
    (Case("binomial", approx((1 + z) ** n, 1 + n * z), given(tends(z, 0), n="natural")), None),
    (Case("identical", approx(z + 1, 1 + z), small), "no error"),
    (Case("rational", approx((x + 1) / (x**2 + 1), 1 / x), large), "error of order x^(−2)"),
]

FALSE = [
    Case("exp with a wrong square", approx(exp(z), 1 + z + z**2), small),
    Case("exp with a wrong slope", approx(exp(z), 1 + 2 * z), small),
    Case("sigmoid", approx(sigma(z), 0.5 + z / 2), small),
    Case("tanh", approx(tanh(z), 2 * z), small),
    Case("tanh to third order", approx(tanh(z), z + z**3 / 3), small),
    Case("log", approx(log(1 + z), 1 + z), small),
    Case("cosine", approx(cos(z), 1 - z**2), small),
    Case("sine", approx(sin(z), z + z**3), small),
    Case("geometric", approx(1 / (1 - z), 1 - z), small),
    Case("softplus", approx(log(1 + exp(z)), log(2) + z), small),
    Case("softplus far out", approx(log(1 + exp(x)), x + 1), large),
    Case("square root", approx(sqrt(1 + z), 1 + z), small),
    Case("a kink", approx(sqrt(z**2), z), small),
    Case("no limit named", approx(exp(z), 1 + z)),
    Case("another variable's limit", approx(exp(z), 1 + z), given(tends(x, 0))),
    Case("the wrong limit", approx(tanh(z), z), given(tends(z, infinity))),
    Case("a parameter's square", approx(exp(a * z), 1 + a**2 * z), given(tends(z, 0), a=(2, 3))),
]


@pytest.mark.parametrize(("case", "note"), TRUE, ids=lambda value: getattr(value, "name", ""))
def test_true_approximations_are_proved(case: Case, note: str | None) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ()
    assert note is None or outcome.note == note


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_false_approximations_are_not_proved(case: Case) -> None:
    assert isinstance(case.decide(PROCEDURE), Declined)


def test_without_a_limit_the_reason_says_so() -> None:
    outcome = Case("", approx(exp(z), 1 + z)).decide(PROCEDURE)
    assert outcome == Declined("no limit is named to judge ≈ in")
