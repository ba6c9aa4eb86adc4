"""Inequalities of sums of symbolic length, norms, quadratic forms and expectations."""

# ruff: noqa: SIM300
from __future__ import annotations

import pytest
from analysis_spelling import (
    POSITIVE,
    Case,
    F,
    X,
    Y,
    a,
    absolute,
    eq,
    exp,
    expect,
    families,
    given,
    indicator,
    inner,
    lam,
    log,
    n,
    norm,
    p,
    q,
    sigma,
    total,
    u,
    v,
    variance,
    vectors,
    w,
    x,
    y,
)

from derive.language.context import Context, Domain, Symbol, matrix_shape, vector_shape
from derive.language.decision import Declined, Proof
from derive.language.term import make, num, sym
from derive.procedures.bound import PROCEDURE

i = F(sym("i"))
A = F(sym("A"))


def prob(statement):
    return F(make("prob", statement.term))


def covariance(left, right):
    return F(make("covariance", left.term, right.term))


def transpose(value):
    return F(make("transpose", value.term))


def largest_over(body):
    return F(make("maxover", i.term, num(1), n.term, body.term))


def whole(body):
    return total(i, 1, n, body)


space = vectors(given(lam="positive"), "u", "v", "w")
numbers = families(given(), "x", "y")
weights = families(numbers, "p", domain=Domain("interval", num(0), None)).assume(eq(whole(p[i]), 1).term)
pair = weights.declare(Symbol("n", role="size", minimum=2))
laws = families(given(), "p", "q", domain=POSITIVE).assume(eq(whole(p[i]), 1).term, eq(whole(q[i]), 1).term)
chance = given(a="positive").declare(Symbol("X", random=True), Symbol("Y", random=True))
nonnegative = chance.assume((X >= 0).term)
positive = chance.declare(Symbol("X", random=True, domain=POSITIVE))
matrix = Context().declare(
    Symbol("n", role="size"),
    Symbol("d", role="size"),
    Symbol("A", matrix_shape("n", "d")),
    Symbol("v", vector_shape("d")),
    Symbol("λ", domain=POSITIVE),
)
hessian = transpose(A) * A / n + lam * F(make("identity"))
slope = sigma(x[i]) * (1 - sigma(x[i]))

TRUE = [
    Case("triangle inequality", norm(u + v) <= norm(u) + norm(v), space),
    Case("triangle through a point", norm(u - w) <= norm(u - v) + norm(v - w), space),
    Case("Cauchy and Schwarz", absolute(inner(u, v)) <= norm(u) * norm(v), space),
    Case("a norm", norm(u) >= 0, space),
    Case("two norms", norm(u + v) ** 2 <= 2 * norm(u) ** 2 + 2 * norm(v) ** 2, space),
    Case("Cauchy's sums", whole(x[i] * y[i]) ** 2 <= whole(x[i] ** 2) * whole(y[i] ** 2), numbers),
    Case("mean and mean square", whole(x[i]) ** 2 <= n * whole(x[i] ** 2), numbers),
    Case("weighted squares", whole(p[i] * x[i] ** 2) >= whole(p[i] * x[i]) ** 2, weights),
    Case("purity from below", whole(p[i] ** 2) >= 1 / n, weights),
    Case("purity from above", whole(p[i] ** 2) <= 1, weights),
    Case("two weights", p[1] * p[2] <= 1, pair),
    Case("two weights, sharply", p[1] * p[2] <= 0.25, pair),
    Case("logistic curvature", whole(slope * y[i] ** 2) <= whole(y[i] ** 2) / 4, numbers),
    Case("Gibbs", whole(p[i] * log(p[i] / q[i])) >= 0, laws),
    Case("cross-entropy", -whole(p[i] * log(q[i])) >= -whole(p[i] * log(p[i])), laws),
    Case("absolute values", absolute(whole(x[i])) <= whole(absolute(x[i])), numbers),
    Case("a softmax", exp(x[1]) / whole(exp(x[i])) <= 1, numbers),
    Case("log-sum-exp", log(whole(exp(x[i]))) <= largest_over(x[i]) + log(n), numbers),
    Case("second moment", expect(X**2) >= expect(X) ** 2, chance),
    Case("covariance", covariance(X, Y) ** 2 <= variance(X) * variance(Y), chance),
    Case("variance of a sum", variance(X + Y) <= 2 * variance(X) + 2 * variance(Y), chance),
    Case("third moment", expect(X**4) * expect(X**2) >= expect(X**3) ** 2, chance),
    Case("fourth moment", expect(X**4) >= expect(X**2) ** 2, chance),
    Case("Markov", prob(X >= a) <= expect(X) / a, nonnegative),
    Case("Chebyshev", prob(absolute(X - expect(X)) >= a) <= variance(X) / a**2, chance),
    Case("Jensen for log", expect(log(X)) <= log(expect(X)), positive),
    Case("Jensen for 1/x", expect(1 / X) >= 1 / expect(X), positive),
    Case("Jensen for exp", expect(exp(X)) >= exp(expect(X)), chance),
    Case("Jensen for |x|", expect(absolute(X)) >= absolute(expect(X)), chance),
    Case("cutting off", expect(X) >= expect(X * indicator(X >= a)), nonnegative),
    Case("on the event", expect(X * indicator(X >= a)) >= a * expect(indicator(X >= a)), nonnegative),
    Case("ridge Hessian", transpose(v) * hessian * v >= lam * norm(v) ** 2, matrix),
    Case("ridge Hessian is semidefinite", transpose(v) * hessian * v >= 0, matrix),
]

FALSE = [
    Case("triangle inequality reversed", norm(u + v) >= norm(u) + norm(v), space),
    Case("triangle through nothing", norm(u + w) <= norm(u - v) + norm(v - w), space),
    Case("one norm", norm(u + v) <= norm(u), space),
    Case("Cauchy reversed", inner(u, v) >= norm(u) * norm(v), space),
    Case("a norm, strictly", norm(u) > 0, space),
    Case("two norms without factors", norm(u + v) ** 2 <= norm(u) ** 2 + 2 * norm(v) ** 2, space),
    Case("Cauchy's sums reversed", whole(x[i] * y[i]) ** 2 >= whole(x[i] ** 2) * whole(y[i] ** 2), numbers),
    Case("square of a sum", whole(x[i]) ** 2 <= whole(x[i] ** 2), numbers),
    Case("weighted squares reversed", whole(p[i] * x[i] ** 2) <= whole(p[i] * x[i]) ** 2, weights),
    Case("weights of any sum", whole(x[i] * y[i] ** 2) >= whole(x[i] * y[i]) ** 2, numbers),
    Case("purity reversed", whole(p[i] ** 2) <= 1 / n, weights),
    Case("purity strictly", whole(p[i] ** 2) < 1, weights),
    Case("two weights, too sharply", p[1] * p[2] <= 0.24, pair),
    Case("logistic curvature", whole(slope * y[i] ** 2) <= whole(y[i] ** 2) / 5, numbers),
    Case("logistic curvature reversed", whole(slope * y[i] ** 2) >= whole(y[i] ** 2) / 4, numbers),
    Case("Gibbs reversed", whole(p[i] * log(p[i] / q[i])) <= 0, laws),
    Case("Gibbs, strictly", whole(p[i] * log(p[i] / q[i])) > 0, laws),
    Case("cross-entropy reversed", -whole(p[i] * log(q[i])) <= -whole(p[i] * log(p[i])), laws),
    Case("absolute values reversed", absolute(whole(x[i])) >= whole(absolute(x[i])), numbers),
    Case("a softmax, halved", exp(x[1]) / whole(exp(x[i])) <= 0.5, numbers),
    Case("log-sum-exp without log n", log(whole(exp(x[i]))) <= largest_over(x[i]), numbers),
    Case("second moment reversed", expect(X**2) <= expect(X) ** 2, chance),
    Case("second moment, strictly", expect(X**2) > expect(X) ** 2, chance),
    Case("covariance reversed", covariance(X, Y) ** 2 >= variance(X) * variance(Y), chance),
    Case("variance of a sum", variance(X + Y) <= variance(X) + variance(Y), chance),
    Case(
        "third moment",
        expect(X**4) * expect(X**2) >= expect(X**3) ** 2 + 2 * expect(X**2) ** 3,
        chance.assume(eq(expect(X), 0).term),
    ),
    Case("Markov without a sign", prob(X >= a) <= expect(X) / a, chance),
    Case("Markov halved", prob(X >= a) <= expect(X) / (2 * a), nonnegative),
    Case("Markov reversed", prob(X >= a) >= expect(X) / a, nonnegative),
    Case("Chebyshev halved", prob(absolute(X - expect(X)) >= a) <= variance(X) / (2 * a**2), chance),
    Case("Jensen for log reversed", expect(log(X)) >= log(expect(X)), positive),
    Case("Jensen for 1/x reversed", expect(1 / X) <= 1 / expect(X), positive),
    Case("Jensen for 1/x without a sign", expect(1 / X) >= 1 / expect(X), chance),
    Case("Jensen for a cube", expect(X**3) >= expect(X) ** 3, chance),
    Case("Jensen for |x| reversed", expect(absolute(X)) <= absolute(expect(X)), chance),
    Case("on the event", expect(X * indicator(X >= a)) <= a * expect(indicator(X >= a)), nonnegative),
    Case("ridge Hessian from above", transpose(v) * hessian * v <= lam * norm(v) ** 2, matrix),
    Case("ridge Hessian, strictly, at 0 too", transpose(v) * hessian * v > 0, matrix),
    Case("ridge Hessian, doubled", transpose(v) * hessian * v >= 2 * lam * norm(v) ** 2, matrix),
]


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_true_estimates_are_proved(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ()


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_false_estimates_are_not_proved(case: Case) -> None:
    assert isinstance(case.decide(PROCEDURE), Declined)
