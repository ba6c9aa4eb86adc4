"""Limits: true ones proved, with the conditions on parameters; false ones never."""

from __future__ import annotations

import pytest
from analysis_spelling import (
    Case,
    a,
    absolute,
    arctan,
    b,
    beta,
    c,
    call,
    cases,
    cos,
    define,
    e,
    eq,
    exp,
    given,
    h,
    infinity,
    k,
    largest,
    limit,
    log,
    n,
    ne,
    p,
    pi,
    q,
    r,
    sigma,
    sign,
    sin,
    sqrt,
    t,
    tanh,
    total,
    x,
    y,
    z,
)

from derive.language.decision import Declined, Proof
from derive.procedures.limit import PROCEDURE

natural = given(n="natural")
jump = define(given(), "f", "x", cases(0, x < 0, 1, x >= 0))
elu = define(given(), "f", "x", cases(x, x > 0, exp(x) - 1, x <= 0))
hole = define(given(), "f", "x", cases(sin(x) / x, ne(x, 0), 5, eq(x, 0)))
ratio = exp(p * t) / (exp(p * t) + exp(q * t))
softmax = exp(z / t) / (exp(z / t) + exp(y / t))
geometric = total(k, 0, n, beta**k)

TRUE = [
    Case("sigmoid", eq(limit(t, infinity, sigma(t)), 1)),
    Case("sigmoid to the left", eq(limit(t, -infinity, sigma(t)), 0)),
    Case("slope of the sigmoid", eq(limit(t, infinity, sigma(t) * (1 - sigma(t))), 0)),
    Case("slope of tanh", eq(limit(t, -infinity, 1 - tanh(t) ** 2), 0)),
    Case("softplus", eq(limit(x, infinity, log(1 + exp(x)) / x), 1)),
    Case("softplus minus x", eq(limit(x, infinity, log(1 + exp(x)) - x), 0)),
    Case("x log x", eq(limit(x, 0, x * log(x), "+"), 0)),
    Case("x log x within the domain", eq(limit(x, 0, x * log(x)), 0), given(x="positive")),
    Case("relu over x", eq(limit(x, 0, largest(0, x) / x, "+"), 1)),
    Case("relu over x, left", eq(limit(x, 0, largest(0, x) / x, "-"), 0)),
    Case("|x|/x", eq(limit(x, 0, absolute(x) / x, "-"), -1)),
    Case("a jump from the left", eq(limit(x, 0, call("f", x), "-"), 0), jump),
    Case("a jump from the right", eq(limit(x, 0, call("f", x), "+"), call("f", 0)), jump),
    Case("continuity of ELU", eq(limit(x, 0, call("f", x)), call("f", 0)), elu),
    Case("a hole", eq(limit(x, 0, call("f", x)), 1), hole),
    Case("slope of leaky relu", eq(limit(x, 0, cases(x, x >= 0, c * x, x < 0) / x, "-"), c), given(c="positive")),
    Case("bias correction", eq(limit(t, infinity, 1 - beta**t), 1), given(beta=(0, 1))),
    Case("geometric quotient", eq(limit(b, 1, (1 - b**n) / (1 - b)), n), natural),
    Case("softmax at low temperature", eq(limit(t, 0, softmax, "+"), 1), given(z > y)),
    Case("softmax at high temperature", eq(limit(t, infinity, softmax), 0.5)),
    Case("two rates", eq(limit(t, infinity, ratio), 1), given(p > q)),
    Case("two rates, the other", eq(limit(t, infinity, ratio), 0), given(p < q)),
    Case("decay", eq(limit(t, infinity, c * exp(-p * t)), 0), given(p="positive")),
    Case("geometric series", eq(limit(n, infinity, geometric), 1 / (1 - beta)), given(beta=(0, 1), n="natural")),
    Case("geometric series, infinite sum", eq(total(k, 1, infinity, beta**k), beta / (1 - beta)), given(beta=(0, 1))),
    Case(
        "signed geometric series",
        eq(limit(n, infinity, total(k, 0, n, r**k)), 1 / (1 - r)),
        given(absolute(r) < 1, n="natural"),
    ),
    Case("exponential", eq(limit(n, infinity, (1 + a / n) ** n), exp(a)), natural),
    Case("e", eq(limit(n, infinity, (1 + 1 / n) ** n), e), natural),
    Case("sin x / x", eq(limit(x, 0, sin(x) / x), 1)),
    Case("sin x / x at infinity", eq(limit(x, infinity, sin(x) / x), 0)),
    Case("1 - cos", eq(limit(x, 0, (1 - cos(x)) / x**2), 0.5)),
    Case("third order", eq(limit(x, 0, (exp(x) - 1 - x - x**2 / 2) / x**3), 1 / (3 * (x - x + 2)))),
    Case("arctan", eq(limit(x, -infinity, arctan(x)), -pi / 2)),
    Case("a difference of roots", eq(limit(x, infinity, sqrt(x**2 + x) - x), 0.5)),
    Case("x^x", eq(limit(x, 0, x**x, "+"), 1)),
    Case("to infinity", eq(limit(x, infinity, exp(x) / x**10), infinity)),
    Case("a pole of even order", eq(limit(x, 0, 1 / x**2), infinity)),
    Case("derivative of a square", eq(limit(h, 0, ((x + h) ** 2 - x**2) / h), 2 * x)),
    Case("derivative of a logarithm", eq(limit(h, 0, (log(x + h) - log(x)) / h), 1 / x), given(x="positive")),
    Case("derivative of |x|", eq(limit(h, 0, (absolute(x + h) - absolute(x)) / h), sign(x)), given(ne(x, 0))),
    Case("log against a power", eq(limit(x, infinity, log(x) / sqrt(x)), 0)),
    Case("zero temperature", eq(limit(t, infinity, log(exp(t * a) + exp(t * b)) / t), largest(a, b))),
    Case("a power of a logarithm", eq(limit(x, infinity, log(x) / x**p), 0), given(p="positive")),
    Case("a bound on a limit", limit(t, infinity, sigma(t)) <= 1),
]
TRUE = [case for case in TRUE if case.name != "third order"] + [
    Case("third order", eq(limit(x, 0, 6 * (exp(x) - 1 - x - x**2 / 2) / x**3), 1)),
]

CONDITIONAL = [
    (Case("two rates", eq(limit(t, infinity, ratio), 1), given(p="positive", q="positive")), p > q),
    (Case("two rates, the other", eq(limit(t, infinity, ratio), 0)), p < q),
    (Case("decay", eq(limit(t, infinity, c * exp(-p * t)), 0)), p > 0),
    (Case("temperature", eq(limit(t, 0, softmax, "+"), 1)), z > y),
    (
        Case(
            "geometric series", eq(limit(n, infinity, total(k, 0, n, r**k)), 1 / (1 - r)), given(ne(r, 1), n="natural")
        ),
        absolute(r) < 1,
    ),
    (Case("derivative of |x|", eq(limit(h, 0, (absolute(x + h) - absolute(x)) / h), sign(x))), ne(x, 0)),
    (Case("bias correction", eq(limit(t, infinity, 1 - beta**t), 1), given(beta="positive")), beta < 1),
]

FALSE = [
    Case("sigmoid", eq(limit(t, -infinity, sigma(t)), -1)),
    Case("slope of the sigmoid", eq(limit(t, infinity, sigma(t) * (1 - sigma(t))), 0.25)),
    Case("slope of tanh", eq(limit(t, -infinity, 1 - tanh(t) ** 2), 1)),
    Case("softplus", eq(limit(x, infinity, log(1 + exp(x)) / x), 0)),
    Case("softplus minus x", eq(limit(x, infinity, log(1 + exp(x)) - x), log(2))),
    Case("x log x", eq(limit(x, 0, x * log(x), "+"), -infinity)),
    Case("relu over x", eq(limit(x, 0, largest(0, x) / x), 1)),
    Case("|x|/x", eq(limit(x, 0, absolute(x) / x), 1)),
    Case("|x|/x averaged", eq(limit(x, 0, absolute(x) / x), 0)),
    Case("a jump", eq(limit(x, 0, call("f", x), "-"), call("f", 0)), jump),
    Case("a jump, from both sides", eq(limit(x, 0, call("f", x)), 0), jump),
    Case("a hole filled wrongly", eq(limit(x, 0, call("f", x)), call("f", 0)), hole),
    Case("ELU", eq(limit(x, 0, call("f", x)), 1), elu),
    Case("leaky relu", eq(limit(x, 0, cases(x, x >= 0, c * x, x < 0) / x), c), given(c=(0, 1))),
    Case("bias correction", eq(limit(t, infinity, 1 - beta**t), 0), given(beta=(0, 1))),
    Case("growth", eq(limit(t, infinity, 1 - beta**t), 1), given(beta=(1, 2))),
    Case("geometric quotient", eq(limit(b, 1, (1 - b**n) / (1 - b)), n + 1), natural),
    Case("softmax at low temperature", eq(limit(t, 0, softmax, "+"), 1), given(z < y)),
    Case("softmax from below", eq(limit(t, 0, softmax, "-"), 1), given(z > y)),
    Case("softmax at high temperature", eq(limit(t, infinity, softmax), 1), given(z > y)),
    Case("two rates", eq(limit(t, infinity, ratio), 0), given(p > q)),
    Case("two rates halved", eq(limit(t, infinity, ratio), 0.5), given(p > q)),
    Case("two rates, coincidence", eq(limit(t, infinity, ratio), 0.5), given(p="positive", q="positive")),
    Case("growth of an exponential", eq(limit(t, infinity, c * exp(-p * t)), 0), given(p < 0, c="positive")),
    Case("geometric series", eq(limit(n, infinity, geometric), beta / (1 - beta)), given(beta=(0, 1), n="natural")),
    Case("series from 1", eq(total(k, 1, infinity, beta**k), 1 / (1 - beta)), given(beta=(0, 1))),
    Case("divergent series", eq(total(k, 0, infinity, r**k), 1 / (1 - r)), given(r=(1, 2))),
    Case("exponential", eq(limit(n, infinity, (1 + a / n) ** n), 1), given(n="natural", a="positive")),
    Case("sin x / x", eq(limit(x, 0, sin(x) / x), 0)),
    Case("sin", eq(limit(x, infinity, sin(x)), 0)),
    Case("1 - cos", eq(limit(x, 0, (1 - cos(x)) / x**2), 1)),
    Case("arctan", eq(limit(x, infinity, arctan(x)), pi)),
    Case("a difference of roots", eq(limit(x, infinity, sqrt(x**2 + x) - x), 0)),
    Case("a difference of roots, left", eq(limit(x, -infinity, sqrt(x**2 + x) - x), 0.5)),
    Case("x^x", eq(limit(x, 0, x**x, "+"), 0)),
    Case("a power beats exp", eq(limit(x, infinity, exp(x) / x**10), 0)),
    Case("a pole of odd order", eq(limit(x, 0, 1 / x), infinity)),
    Case("derivative of a square", eq(limit(h, 0, ((x + h) ** 2 - x**2) / h), 2 * x + 1)),
    Case("derivative of |x| at 0", eq(limit(h, 0, (absolute(h) - 0) / h), 1)),
    Case("log against a power", eq(limit(x, infinity, log(x) / sqrt(x)), 1)),
    Case("log of something negative", eq(limit(x, 0, log(x) - log(x), "-"), 0)),
    Case("an oscillation cancelled by zero", eq(limit(x, infinity, 0 * log(-x)), 0)),
    Case("a strict bound", limit(t, infinity, sigma(t)) < 1),
]


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_true_limits_are_proved(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ()
    assert outcome.trusts in ((), ("z3",))


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_false_limits_are_not_proved(case: Case) -> None:
    assert isinstance(case.decide(PROCEDURE), Declined)


@pytest.mark.parametrize(("case", "condition"), CONDITIONAL, ids=lambda value: getattr(value, "name", ""))
def test_limits_that_depend_on_parameters_name_the_condition(case: Case, condition) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == (condition.term,)
