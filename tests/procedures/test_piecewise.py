"""Equalities by branches, and derivatives at kinks."""

from __future__ import annotations

import pytest
from analysis_spelling import (
    Case,
    a,
    absolute,
    b,
    cases,
    cos,
    derivative,
    eq,
    exp,
    given,
    indicator,
    lam,
    largest,
    log,
    ne,
    otherwise,
    sigma,
    sign,
    sin,
    smallest,
    sqrt,
    t,
    tanh,
    undefined,
    w,
    x,
    y,
)

from derive.language.decision import Declined, Proof
from derive.procedures.piecewise import PROCEDURE

shrink = cases(a - lam, a > lam, 0, absolute(a) <= lam, a + lam, a < -lam)
threshold = given(lam="positive")

TRUE = [
    Case("root of a square", eq(sqrt(x**2), absolute(x))),
    Case("root of a written out square", eq(sqrt(x**2 - 2 * x * y + y**2), absolute(x - y))),
    Case("relu as cases", eq(largest(0, x), cases(x, x > 0, 0, otherwise))),
    Case("positive and negative part", eq(largest(0, x) - largest(0, -x), x)),
    Case("their sum", eq(largest(0, x) + largest(0, -x), absolute(x))),
    Case("maximum by |x-y|", eq(largest(x, y), (x + y + absolute(x - y)) / 2)),
    Case("minimum by maximum", eq(smallest(x, y), x + y - largest(x, y))),
    Case("|xy|", eq(absolute(x * y), absolute(x) * absolute(y))),
    Case("sign times value", eq(sign(x) * x, absolute(x))),
    Case("sign of a product", eq(sign(x * y), sign(x) * sign(y))),
    Case("relu of a product, one positive", eq(largest(0, x * y), largest(0, x) * largest(0, y)), given(x >= 0)),
    Case("soft threshold", eq(shrink, sign(a) * largest(absolute(a) - lam, 0)), threshold),
    Case("soft threshold by relus", eq(shrink, largest(a - lam, 0) - largest(-a - lam, 0)), threshold),
    Case("indicator by sign", eq(indicator(x > 0), (1 + sign(x)) / 2), given(ne(x, 0))),
    Case("relu by indicator", eq(largest(0, x), x * indicator(x > 0))),
    Case("log of a square", eq(log(x**2), 2 * log(absolute(x)))),
    Case("root of a product", eq(sqrt(a * b), sqrt(a) * sqrt(b)), given(a="positive", b="positive")),
    Case("a square of a root", eq(sqrt(x) * sqrt(x), x)),
    Case("tanh by sigmoid", eq(tanh(t), 2 * sigma(2 * t) - 1)),
    Case("Pythagoras", eq(sin(x) ** 2 + cos(x) ** 2, 1)),
    Case("stable softplus", eq(log(1 + exp(x)), largest(0, x) + log(1 + exp(-absolute(x))))),
    Case("derivative of log|w|", eq(derivative(log(absolute(w)), w), 1 / w)),
    Case("relu′ with its hole", eq(derivative(largest(0, x), x), cases(1, x > 0, 0, x < 0, undefined, eq(x, 0)))),
    Case(
        "relu′ with its hole, otherwise",
        eq(derivative(largest(0, x), x), cases(1, x > 0, 0, x < 0, undefined, otherwise)),
    ),
    Case("|x|′ with its hole", eq(derivative(absolute(x), x), cases(1, x > 0, -1, x < 0, undefined, eq(x, 0)))),
    Case("a square has no kink", eq(derivative(largest(0, x) ** 2, x), 2 * largest(0, x))),
    Case("x/x", eq(x / x, 1)),
]

CONDITIONAL = [
    (Case("derivative of |w|", eq(derivative(absolute(w), w), sign(w))), ne(w, 0)),
    (Case("relu′ everywhere", eq(derivative(largest(0, x), x), cases(1, x > 0, 0, otherwise))), ne(x, 0)),
    (Case("1 = x/x", eq(1, x / x)), ne(x, 0)),
    (Case("x = √x √x", eq(x, sqrt(x) * sqrt(x))), x >= 0),
    (Case("log of a square", eq(log(x**2), 2 * log(x))), x > 0),
]

FALSE = [
    Case("root of a square", eq(sqrt(x**2), x)),
    Case("root of a written out square", eq(sqrt(x**2 - 2 * x * y + y**2), x - y)),
    Case("relu as cases", eq(largest(0, x), cases(x, x > 1, 0, otherwise))),
    Case("positive and negative part", eq(largest(0, x) - largest(0, -x), absolute(x))),
    Case("maximum", eq(largest(x, y), (x + y + (x - y)) / 2)),
    Case("maximum with a minus", eq(largest(x, y), (x + y - absolute(x - y)) / 2)),
    Case("minimum", eq(smallest(x, y), x + y + largest(x, y))),
    Case("|x+y|", eq(absolute(x + y), absolute(x) + absolute(y))),
    Case("sign squared", eq(sign(x) ** 2, 1)),
    Case("sign of a sum", eq(sign(x + y), sign(x) + sign(y))),
    Case("relu of a product", eq(largest(0, x * y), largest(0, x) * largest(0, y))),
    Case("soft threshold without the sign", eq(shrink, largest(absolute(a) - lam, 0)), threshold),
    Case("soft threshold, plus", eq(shrink, sign(a) * largest(absolute(a) + lam, 0)), threshold),
    Case("indicator by sign, at 0", eq(indicator(x > 0), (1 + sign(x)) / 2)),
    Case("relu by another indicator", eq(largest(0, x), x * indicator(x > 1))),
    Case("log of a square", eq(log(x**2), log(absolute(x)))),
    Case("root of a sum", eq(sqrt(a + b), sqrt(a) + sqrt(b)), given(a="positive", b="positive")),
    Case("tanh by sigmoid", eq(tanh(t), 2 * sigma(t) - 1)),
    Case("Pythagoras", eq(sin(x) ** 2 - cos(x) ** 2, 1)),
    Case("stable softplus", eq(log(1 + exp(x)), largest(0, x) + log(1 + exp(absolute(x))))),
    Case("derivative of |w|", eq(derivative(absolute(w), w), absolute(w))),
    Case("relu′ turned round", eq(derivative(largest(0, x), x), cases(0, x > 0, 1, x < 0, undefined, eq(x, 0)))),
    Case(
        "a slope that exists is no hole",
        eq(derivative(x**2, x), cases(2 * x, x > 0, 2 * x + 1, x < 0, undefined, eq(x, 0))),
    ),
    Case("a kink remains", eq(derivative(largest(0, x) ** 2, x), 2 * absolute(x))),
    Case("nearly equal", eq(absolute(x), sqrt(x**2 + 0.000001))),
    Case("a constant that is off", eq(largest(0, x), largest(0, x) + 0.0000000001)),
]


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_true_equalities_are_proved(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ()


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_false_equalities_are_not_proved(case: Case) -> None:
    assert isinstance(case.decide(PROCEDURE), Declined)


@pytest.mark.parametrize(("case", "condition"), CONDITIONAL, ids=lambda value: getattr(value, "name", ""))
def test_the_condition_is_named(case: Case, condition) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == (condition.term,)


def test_a_derivative_that_exists_is_not_called_undefined() -> None:
    claim = eq(derivative(largest(0, x) ** 2, x), cases(2 * x, x > 0, 0, x < 0, undefined, eq(x, 0)))
    outcome = Case("", claim).decide(PROCEDURE)
    assert not isinstance(outcome, Proof) or outcome.conditions
