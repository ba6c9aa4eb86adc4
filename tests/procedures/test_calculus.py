"""Definite integrals: proper, improper, Gaussian, with parameters and moving ends."""

from __future__ import annotations

import pytest
from analysis_spelling import (
    Case,
    a,
    absolute,
    b,
    cos,
    derivative,
    eq,
    exp,
    given,
    infinity,
    integral,
    lam,
    largest,
    log,
    mu,
    ne,
    pi,
    s,
    sigma,
    sin,
    sqrt,
    u,
    w,
    x,
    z,
)

from derive.language.decision import Declined, Proof
from derive.procedures.calculus import PROCEDURE

positive = given(a="positive", lam="positive", s="positive")
normal = exp(-((z - mu) ** 2) / (2 * s**2)) / sqrt(2 * pi * s**2)
laplace = exp(-absolute(z) / s) / (2 * s)

TRUE = [
    Case("uniform, mean", eq(integral(w, -a, a, w / (2 * a)), 0), positive),
    Case("uniform, second moment", eq(integral(w, -a, a, w**2 / (2 * a)), a**2 / 3), positive),
    Case("exponential, mass", eq(integral(z, 0, infinity, lam * exp(-lam * z)), 1), positive),
    Case("exponential, mean", eq(integral(z, 0, infinity, z * lam * exp(-lam * z)), 1 / lam), positive),
    Case("exponential, square", eq(integral(z, 0, infinity, z**2 * lam * exp(-lam * z)), 2 / lam**2), positive),
    Case("normal, mass", eq(integral(z, -infinity, infinity, normal), 1), positive),
    Case("normal, mean", eq(integral(z, -infinity, infinity, z * normal), mu), positive),
    Case("normal, variance", eq(integral(z, -infinity, infinity, (z - mu) ** 2 * normal), s**2), positive),
    Case("Gaussian", eq(integral(z, -infinity, infinity, exp(-(z**2))), sqrt(pi))),
    Case("Laplace, mass", eq(integral(z, -infinity, infinity, laplace), 1), positive),
    Case("log", eq(integral(z, 0, 1, log(z)), -1)),
    Case("entropy term", eq(integral(z, 0, 1, z * log(z)), -0.25)),
    Case("a tail", eq(integral(z, 1, infinity, 1 / z**2), 1)),
    Case("arctan", eq(integral(z, 0, 1, 1 / (1 + z**2)), pi / 4)),
    Case("Cauchy, mass", eq(integral(z, -infinity, infinity, 1 / (pi * (1 + z**2))), 1)),
    Case("|z|", eq(integral(z, -1, 2, absolute(z)), 2.5)),
    Case("relu", eq(integral(z, -1, 2, largest(0, z)), 2)),
    Case("by parts", eq(integral(z, 0, 1, z * exp(z)), 1)),
    Case("softplus", eq(integral(u, 0, x, sigma(u)), log(1 + exp(x)) - log(2))),
    Case("fundamental theorem", eq(derivative(integral(u, 0, x, exp(-(u**2))), x), exp(-(x**2)))),
    Case("sine", eq(integral(z, 0, pi, sin(z)), 2)),
    Case("parts with a parameter", eq(integral(z, 0, a, z * cos(z)), a * sin(a) + cos(a) - 1)),
    Case("a power with a parameter", eq(integral(z, 0, 1, z ** (a - 1)), 1 / a), positive),
    Case("a root at the end", eq(integral(z, 0, 1, 1 / sqrt(z)), 2)),
]

FALSE = [
    Case("uniform, second moment", eq(integral(w, -a, a, w**2 / a), a**2 / 3), positive),
    Case("uniform, from 0", eq(integral(w, 0, a, w / (2 * a)), 0), positive),
    Case("exponential, mass", eq(integral(z, 0, infinity, exp(-lam * z)), 1), positive),
    Case("exponential, mean", eq(integral(z, 0, infinity, z * lam * exp(-lam * z)), lam), positive),
    Case("exponential, square", eq(integral(z, 0, infinity, z**2 * lam * exp(-lam * z)), 1 / lam**2), positive),
    Case("normal, mean", eq(integral(z, -infinity, infinity, z * normal), 0), positive),
    Case("normal, variance", eq(integral(z, -infinity, infinity, (z - mu) ** 2 * normal), s), positive),
    Case("normal, raw square", eq(integral(z, -infinity, infinity, z**2 * normal), s**2), positive),
    Case("Gaussian", eq(integral(z, -infinity, infinity, exp(-(z**2))), pi)),
    Case("divergent Gaussian", eq(integral(z, -infinity, infinity, exp(z**2)), sqrt(pi))),
    Case("Laplace, mass", eq(integral(z, -infinity, infinity, 2 * laplace), 1), positive),
    Case("1/z", eq(integral(z, 0, 1, 1 / z), 1)),
    Case("through a pole", eq(integral(z, -1, 1, 1 / z**2), -2)),
    Case("through an odd pole", eq(integral(z, -1, 1, 1 / z), 0)),
    Case("a divergent tail", eq(integral(z, 1, infinity, 1 / z), 1)),
    Case("log", eq(integral(z, 0, 1, log(z)), 1)),
    Case("|z|", eq(integral(z, -1, 2, absolute(z)), 1.5)),
    Case("relu", eq(integral(z, -1, 2, largest(0, z)), 1.5)),
    Case("by parts", eq(integral(z, 0, 1, z * exp(z)), exp(1))),
    Case("softplus", eq(integral(u, 0, x, sigma(u)), log(1 + exp(x)))),
    Case("fundamental theorem, lower end", eq(derivative(integral(u, x, 0, exp(-(u**2))), x), exp(-(x**2)))),
    Case("fundamental theorem, inner end", eq(derivative(integral(u, 0, x**2, exp(-u)), x), exp(-(x**2)))),
    Case("an oscillation", eq(integral(z, 0, infinity, sin(z)), 1)),
    Case("orientation", eq(integral(z, 1, 0, z), 0.5)),
]


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_true_integrals_are_proved(case: Case) -> None:
    outcome = case.decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ()
    assert outcome.trusts == ()


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_false_integrals_are_not_proved(case: Case) -> None:
    assert isinstance(case.decide(PROCEDURE), Declined)


def test_convergence_is_a_condition_on_the_rate() -> None:
    claim = eq(integral(z, 0, infinity, z * b * exp(-b * z)), 1 / b)
    outcome = Case("", claim, given(ne(b, 0))).decide(PROCEDURE)
    assert isinstance(outcome, Proof), outcome
    assert outcome.conditions == ((b > 0).term,)
