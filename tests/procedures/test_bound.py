"""Inequalities: true ones proved (with their notes and conditions), false ones never."""

# ruff: noqa: SIM300
from __future__ import annotations

import pytest
from analysis_spelling import (
    Case,
    L,
    a,
    absolute,
    arctan,
    b,
    beta,
    c,
    call,
    cases,
    cos,
    cosh,
    d,
    define,
    delta,
    e,
    eq,
    eta,
    exp,
    given,
    iff,
    indicator,
    largest,
    log,
    mu,
    n,
    ne,
    p,
    pi,
    q,
    r,
    sigma,
    sin,
    smallest,
    sqrt,
    t,
    tanh,
    x,
    y,
    z,
)

from derive.language.budget import Budget
from derive.language.decision import Declined, Proof
from derive.procedures.bound import PROCEDURE
from derive.procedures.real import prove_sign

positive = given(x="positive")
unit = given(x=(0, 1), p=(0, 1))
entropy = -p * log(p) - (1 - p) * log(1 - p)
three = given(a="positive", b="positive", c="positive")
rate = given(L >= mu, eta <= 1 / L, mu="positive", eta="positive")
huber = cases(r**2 / 2, absolute(r) <= delta, delta * (absolute(r) - delta / 2), absolute(r) > delta)

TRUE = [
    Case("sigmoid slope", sigma(t) * (1 - sigma(t)) <= 0.25),
    Case("sigmoid below 1", sigma(t) < 1),
    Case("sigmoid above 0", sigma(t) > 0),
    Case("sigmoid slope is positive", sigma(t) * (1 - sigma(t)) > 0),
    Case("second derivative of the sigmoid", absolute(sigma(t) * (1 - sigma(t)) * (1 - 2 * sigma(t))) <= 0.1),
    Case("the same, sharp", sigma(t) * (1 - sigma(t)) * (1 - 2 * sigma(t)) <= sqrt(3) / 18),
    Case("tanh below 1", tanh(t) < 1),
    Case("slope of tanh", 1 - tanh(t) ** 2 <= 1),
    Case("s(1-s)", x * (1 - x) <= 0.25, unit),
    Case("log by its tangent", log(x) <= x - 1, positive),
    Case("log from below", log(x) >= 1 - 1 / x, positive),
    Case("log from below, domain from the left side", log(x) >= 1 - 1 / x),
    Case("exp by its tangent", exp(x) >= 1 + x),
    Case("exp strictly", exp(x) > 1 + x, given(ne(x, 0))),
    Case("exp to second order", exp(x) >= 1 + x + x**2 / 2, positive),
    Case("exp above e x", exp(x) >= e * x),
    Case("softplus and relu", log(1 + exp(x)) <= largest(0, x) + log(2)),
    Case("softplus above relu", log(1 + exp(x)) >= largest(0, x)),
    Case("softplus for x >= 0", log(1 + exp(x)) <= x + log(2), given(x >= 0)),
    Case("quadratic bound of softplus", log(1 + exp(x)) <= log(2) + x / 2 + x**2 / 8),
    Case("tanh to third order", tanh(x) >= x - x**3 / 3, positive),
    Case("tanh below x", tanh(x) <= x, given(x >= 0)),
    Case("entropy term", -x * log(x) <= 1 / e, positive),
    Case("entropy", entropy <= log(2), unit),
    Case("Pinsker", p * log(2 * p) + (1 - p) * log(2 * (1 - p)) >= 2 * (p - 0.5) ** 2, unit),
    Case("cosh and a Gaussian", (exp(x) + exp(-x)) / 2 <= exp(x**2 / 2)),
    Case("cosh to second order", cosh(x) >= 1 + x**2 / 2),
    Case("log(1+x) to second order", log(1 + x) >= x - x**2 / 2, positive),
    Case("log(1+x) from below", log(1 + x) >= x / (1 + x), given(x > -1)),
    Case("x/(1+x²), loosely", x / (1 + x**2) <= 1),
    Case("x/(1+x²), sharply", x / (1 + x**2) <= 0.5),
    Case("swish", x / (1 + exp(-x)) >= -0.28),
    Case("square root by its tangent", sqrt(1 + x) <= 1 + x / 2, given(x >= -1)),
    Case("sine below x", sin(x) <= x, given(x >= 0)),
    Case("cosine to second order", cos(x) >= 1 - x**2 / 2, given(x >= 0)),
    Case("arctan below π/2", arctan(x) < pi / 2),
    Case("arctan below x", arctan(x) <= x, given(x >= 0)),
    Case("Bernoulli", (1 + x) ** 5 >= 1 + 5 * x, given(x >= -1)),
    Case("two squares", x**2 + y**2 >= 2 * x * y),
    Case("three squares", x**2 + y**2 + z**2 >= x * y + y * z + z * x),
    Case("means of two", sqrt(a * b) <= (a + b) / 2, three),
    Case("means of three", (a + b + c) ** 3 >= 27 * a * b * c, three),
    Case("cubes", a**3 + b**3 + c**3 >= 3 * a * b * c, three),
    Case("Cauchy in the plane", (a * c + b * d) ** 2 <= (a**2 + b**2) * (c**2 + d**2)),
    Case("Motzkin", x**4 * y**2 + x**2 * y**4 + 1 >= 3 * x**2 * y**2),
    Case("relu is subadditive", largest(0, x + y) <= largest(0, x) + largest(0, y)),
    Case("triangle", absolute(x + y) <= absolute(x) + absolute(y)),
    Case("reverse triangle", absolute(absolute(x) - absolute(y)) <= absolute(x - y)),
    Case("min below mean", smallest(x, y) <= (x + y) / 2),
    Case("Huber below the square", huber <= r**2 / 2, given(delta="positive")),
    Case("contraction", absolute(1 - eta * mu) < 1, rate),
    Case("weights of a mean", beta * x + (1 - beta) * y <= largest(x, y), given(beta=(0, 1))),
    Case("Markov's pointwise", a * indicator(x >= a) <= x, given(x >= 0, a="positive")),
    Case("sigmoid of an expression", sigma(a * x + b) * (1 - sigma(a * x + b)) <= 0.25),
    Case("of an unknown function", absolute(tanh(call("f", x))) <= 1, define(given(), "g", "t", t)),
    Case("through a definition", call("g", x) <= 0.25, define(given(), "g", "t", sigma(t) * (1 - sigma(t)))),
    Case("nonzero divisor", ne(1 + exp(-t), 0)),
    Case("a size less one", n - 1 > 0, given(n >= 2, n="size")),
    Case("squares and absolute values", iff(x**2 <= y**2, absolute(x) <= absolute(y))),
    Case("a product of signs", iff(x * (1 - x) > 0, (0 < x) & (x < 1))),
    Case("cubes determine", iff(eq(x**3, y**3), eq(x, y))),
    Case("squaring an equation", eq(sqrt(x + 1), x - 1) >> eq(x + 1, (x - 1) ** 2), given(x >= -1)),
    Case("multiplying by a positive", (a < b) >> (c * a < c * b), given(c="positive")),
    Case("log-sum-exp of two, below", log(exp(a) + exp(b)) >= largest(a, b)),
    Case("log-sum-exp of two, above", log(exp(a) + exp(b)) <= largest(a, b) + log(2)),
    Case("divergence of two coins", p * log(p / q) + (1 - p) * log((1 - p) / (1 - q)) >= 0, given(p=(0, 1), q=(0, 1))),
    Case("|sin x|", absolute(sin(x)) <= absolute(x)),
    Case("roots are subadditive", sqrt(x + y) <= sqrt(x) + sqrt(y), given(x >= 0, y >= 0)),
    Case("mean of logarithms", (log(x) + log(y)) / 2 <= log((x + y) / 2), given(x="positive", y="positive")),
    Case("log is increasing", (x < y) >> (log(x) < log(y)), given(x="positive", y="positive")),
]
TRUE = [c for c in TRUE if c.name != "of an unknown function"] + [
    Case("of an unknown function", tanh(call("f", x)) <= 1, define(given(), "f", "t", t)),
]

CONDITIONAL = [
    Case("log on the right", x - 1 >= log(x)),
    Case("a quotient on the right", x**2 >= x**3 / x),
]

FALSE = [
    Case("sigmoid slope", sigma(t) * (1 - sigma(t)) <= 0.24),
    Case("sigmoid slope, strictly", sigma(t) * (1 - sigma(t)) < 0.25),
    Case("sigmoid slope from below", sigma(t) * (1 - sigma(t)) >= 0.01),
    Case("second derivative", sigma(t) * (1 - sigma(t)) * (1 - 2 * sigma(t)) <= 0.09),
    Case("nearly sharp", sigma(t) * (1 - sigma(t)) * (1 - 2 * sigma(t)) <= 0.0962250),
    Case("sharp but strict", sigma(t) * (1 - sigma(t)) * (1 - 2 * sigma(t)) < sqrt(3) / 18),
    Case("tanh", tanh(t) <= 0.999),
    Case("s(1-s)", x * (1 - x) < 0.25, unit),
    Case("log", log(x) <= x - 1.0001, positive),
    Case("log strictly", log(x) < x - 1, positive),
    Case("log reversed", log(x) >= x - 1, positive),
    Case("log from below", log(x) >= 1 - 1 / (2 * x), positive),
    Case("exp reversed", exp(x) <= 1 + x),
    Case("exp to second order everywhere", exp(x) >= 1 + x + x**2 / 2),
    Case("exp strictly", exp(x) > 1 + x),
    Case("exp and 3x", exp(x) >= 3 * x),
    Case("softplus", log(1 + exp(x)) <= x + log(2)),
    Case("softplus and relu", log(1 + exp(x)) <= largest(0, x) + 0.69),
    Case("quadratic bound", log(1 + exp(x)) <= log(2) + x / 2 + x**2 / 9),
    Case("tanh below x everywhere", tanh(x) <= x),
    Case("tanh to third order", tanh(x) >= x - x**3 / 4, positive),
    Case("entropy term", -x * log(x) <= 0.3678, positive),
    Case("entropy", entropy <= 0.69, unit),
    Case("entropy strictly", entropy < log(2), unit),
    Case("Pinsker with 3", p * log(2 * p) + (1 - p) * log(2 * (1 - p)) >= 3 * (p - 0.5) ** 2, unit),
    Case("cosh and a narrow Gaussian", (exp(x) + exp(-x)) / 2 <= exp(x**2 / 3)),
    Case("log(1+x)", log(1 + x) >= x - x**2 / 3, positive),
    Case("log(1+x) with 2", log(1 + x) >= 2 * x / (1 + x), given(x > -1)),
    Case("x/(1+x²)", x / (1 + x**2) <= 0.49),
    Case("swish", x / (1 + exp(-x)) >= -0.27),
    Case("square root reversed", sqrt(1 + x) >= 1 + x / 2, given(x >= -1)),
    Case("sine below x everywhere", sin(x) <= x),
    Case("sine", sin(x) <= 0.99),
    Case("cosine to second order", cos(x) >= 1 - x**2 / 3, given(x >= 0)),
    Case("arctan", arctan(x) <= 1.57),
    Case("Bernoulli everywhere", (1 + x) ** 5 >= 1 + 5 * x),
    Case("squares with 3", x**2 + y**2 >= 3 * x * y),
    Case("three squares", x**2 + y**2 + z**2 >= 1.01 * (x * y + y * z + z * x)),
    Case("means reversed", sqrt(a * b) >= (a + b) / 2, three),
    Case("means without signs", (a + b) ** 3 >= 8 * a * b * (a + b) / 2 + a * b),
    Case("means of three", (a + b + c) ** 3 >= 28 * a * b * c, three),
    Case("cubes of any sign", a**3 + b**3 + c**3 >= 3 * a * b * c),
    Case("Cauchy reversed", (a * c + b * d) ** 2 >= (a**2 + b**2) * (c**2 + d**2)),
    Case("Motzkin with 4", x**4 * y**2 + x**2 * y**4 + 1 >= 4 * x**2 * y**2),
    Case("relu is superadditive", largest(0, x + y) >= largest(0, x) + largest(0, y)),
    Case("relu of a product", largest(0, x * y) <= largest(0, x) * largest(0, y)),
    Case("triangle reversed", absolute(x + y) >= absolute(x) + absolute(y)),
    Case("max below mean", largest(x, y) <= (x + y) / 2),
    Case("Huber above the square", huber >= r**2 / 2, given(delta="positive")),
    Case("contraction without a bound", absolute(1 - eta * mu) < 1, given(mu="positive", eta="positive")),
    Case("weights outside", beta * x + (1 - beta) * y <= largest(x, y)),
    Case("Markov without a sign", a * indicator(x >= a) <= x, given(a="positive")),
    Case("an expression", sigma(a * x + b) * (1 - sigma(a * x + b)) <= 0.249),
    Case("through a definition", call("g", x) <= 0.24, define(given(), "g", "t", sigma(t) * (1 - sigma(t)))),
    Case("a divisor that vanishes", ne(1 - exp(-t), 0)),
    Case("a size less one", n - 1 > 0, given(n="size")),
    Case("squares and values", iff(x**2 <= y**2, x <= y)),
    Case("squares determine", iff(eq(x**2, y**2), eq(x, y))),
    Case("a product of signs", iff(x * (1 - x) > 0, x < 1)),
    Case("unsquaring", eq(x + 1, (x - 1) ** 2) >> eq(sqrt(x + 1), x - 1), given(x >= -1)),
    Case("multiplying by any number", (a < b) >> (c * a < c * b)),
    Case("inverting", (a < b) >> (1 / a > 1 / b), given(ne(a, 0), ne(b, 0))),
    Case("log-sum-exp of two", log(exp(a) + exp(b)) <= largest(a, b) + 0.69),
    Case("two coins", p * log(p / q) + (1 - p) * log((1 - p) / (1 - q)) >= 0.001, given(p=(0, 1), q=(0, 1))),
    Case("|sin x| scaled", absolute(sin(x)) <= 0.99 * absolute(x)),
    Case("roots of a sum", sqrt(x + y) >= sqrt(x) + sqrt(y), given(x >= 0, y >= 0)),
    Case("mean of logarithms", (log(x) + log(y)) / 2 >= log((x + y) / 2), given(x="positive", y="positive")),
    Case("a power at 0", x**a > 0, given(x >= 0, a="positive")),
    Case("roots of a square", sqrt(x**2) <= x),
    Case("a quotient of powers", q**2 / q >= 0),
]


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_true_inequalities_are_proved_without_conditions(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ()


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_false_inequalities_are_not_proved(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Declined), outcome


@pytest.mark.parametrize("case", CONDITIONAL, ids=lambda case: case.name)
def test_what_the_right_side_needs_is_a_condition(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert len(outcome.conditions) == 1


def test_the_condition_of_a_logarithm_on_the_right() -> None:
    outcome = Case("", x - 1 >= log(x)).decide(PROCEDURE)
    assert isinstance(outcome, Proof)
    assert outcome.conditions == ((x > 0).term,)


NOTES = [
    (sigma(t) * (1 - sigma(t)) <= 0.25, "tight: the supremum is 1/4, at t = 0"),
    (sigma(t) * (1 - sigma(t)) <= 1, "not tight: the supremum is 1/4, at t = 0"),
    (sigma(t) < 1, "tight: the supremum is 1, not attained"),
    (x / (1 + x**2) <= 1, "not tight: the supremum is 1/2, at x = 1"),
    (exp(-(x**2)) > 0, "tight: the infimum is 0, not attained"),
]


@pytest.mark.parametrize(("statement", "note"), NOTES)
def test_the_note_says_whether_a_bound_is_tight(statement, note: str) -> None:
    outcome = Case("", statement).decide(PROCEDURE)
    assert isinstance(outcome, Proof)
    assert outcome.note == note


def test_a_tight_bound_at_an_irrational_place() -> None:
    outcome = Case("", -x * log(x) <= 1 / e, positive).decide(PROCEDURE)
    assert isinstance(outcome, Proof)
    assert outcome.note == "tight: the supremum is 1/e, at x = 1/e"


def test_certificates_need_no_trust_and_z3_is_named() -> None:
    exact = Case("", x**2 + y**2 + z**2 >= x * y + y * z + z * x).decide(PROCEDURE)
    assert isinstance(exact, Proof)
    assert exact.trusts == ()
    searched = Case("", (a + b + c) ** 3 >= 27 * a * b * c, three).decide(PROCEDURE)
    assert isinstance(searched, Proof)
    assert searched.trusts == ("z3",)


def test_directions_of_equivalences() -> None:
    both = Case("", iff(x**2 <= y**2, absolute(x) <= absolute(y))).decide(PROCEDURE)
    forward = Case("", eq(x, y) >> eq(x**2, y**2)).decide(PROCEDURE)
    assert isinstance(both, Proof)
    assert both.direction == "equivalent"
    assert isinstance(forward, Proof)
    assert forward.direction == "implies"


def test_a_right_side_without_a_value_is_not_proved() -> None:
    outcome = Case("", x**2 >= -1 + 1 / (y - y)).decide(PROCEDURE)
    assert isinstance(outcome, Declined)


def test_a_value_outside_the_domain_is_no_proof() -> None:
    assert isinstance(Case("", x + 1 > 0, given(x >= -1)).decide(PROCEDURE), Declined)
    assert isinstance(Case("", x + 1 >= 0, given(x >= -1)).decide(PROCEDURE), Proof)


def test_signs_for_other_procedures() -> None:
    budget = Budget(10.0)
    assert prove_sign((1 + exp(-t)).term, "ne", given(), budget) is not None
    assert prove_sign((n - 1).term, "gt", given(n >= 2, n="size"), budget) is not None
    assert prove_sign((n - 1).term, "gt", given(n="size"), budget) is None
    assert prove_sign((1 - exp(-t)).term, "ne", given(), budget) is None
    assert prove_sign(log(x).term, "ge", given(x >= 1), budget) is not None
