"""Moments of named distributions at concrete parameters, opposed by sums and integrals done here in exact arithmetic.

Each case computes E[g(X)] from the mass function or density itself: finite sums for binomial and Bernoulli variables,
polynomials integrated term by term for uniform and beta ones, ∫ x^m e^{−rx} dx = m!/r^{m+1} for gamma, exponential and
Laplace ones, the even moments (k − 1)!! for normal ones, and for Poisson ones the series with a bound of its rest. The
value must be proved, and a value beside it must not.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial

import pytest
from flint import arb, fmpq

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Proved, Refuted
from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.term import Term, make, num, sym
from derive.normal_form.assembly import assemble
from derive.normal_form.lowering import Lowering
from derive.reader.givens import read_givens
from tests.identities.table import step_of

SETTINGS = Settings(points=2, search=False)


def bernoulli(p: Fraction) -> Callable[[int], Fraction]:
    return binomial(1, p)


def binomial(n: int, p: Fraction) -> Callable[[int], Fraction]:
    return lambda k: sum((comb(n, x) * p**x * (1 - p) ** (n - x) * Fraction(x) ** k for x in range(n + 1)), Fraction(0))


def uniform(a: Fraction, b: Fraction) -> Callable[[int], Fraction]:
    return lambda k: (b ** (k + 1) - a ** (k + 1)) / (k + 1) / (b - a)


def beta(a: int, b: int) -> Callable[[int], Fraction]:
    def integral(power: int) -> Fraction:
        """∫ x^power (1 − x)^(b − 1) over the unit interval."""
        return sum((Fraction(comb(b - 1, j) * (-1) ** j, power + j + 1) for j in range(b)), Fraction(0))

    return lambda k: integral(a - 1 + k) / integral(a - 1)


def gamma(shape: int, rate: Fraction) -> Callable[[int], Fraction]:
    def integral(power: int) -> Fraction:
        return Fraction(factorial(power)) / rate ** (power + 1)

    return lambda k: integral(shape - 1 + k) / integral(shape - 1)


def laplace(place: Fraction, scale: Fraction) -> Callable[[int], Fraction]:
    def centred(k: int) -> Fraction:
        half = Fraction(factorial(k)) * scale ** (k + 1) / (2 * scale)
        return half * (1 + (-1) ** k)

    return lambda k: sum((comb(k, i) * place ** (k - i) * centred(i) for i in range(k + 1)), Fraction(0))


def normal(mean: Fraction, variance: Fraction) -> Callable[[int], Fraction]:
    def centred(k: int) -> Fraction:
        odd = 1
        for j in range(1, k, 2):
            odd *= j
        return variance ** (k // 2) * odd if k % 2 == 0 else Fraction(0)

    return lambda k: sum((comb(k, i) * mean ** (k - i) * centred(i) for i in range(k + 1)), Fraction(0))


F = Fraction
LAWS = [
    (r"\operatorname{Bernoulli}(\frac{2}{7})", bernoulli(F(2, 7))),
    (r"\operatorname{Binomial}(5, \frac{1}{3})", binomial(5, F(1, 3))),
    (r"\mathcal{U}(-1, \frac{5}{2})", uniform(F(-1), F(5, 2))),
    (r"\operatorname{Beta}(3, 2)", beta(3, 2)),
    (r"\mathcal{N}(\frac{1}{2}, 3)", normal(F(1, 2), F(3))),
    (r"\operatorname{Laplace}(-2, \frac{1}{2})", laplace(F(-2), F(1, 2))),
]


@pytest.mark.parametrize("law, moment", LAWS, ids=[law for law, _ in LAWS])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_moments(law: str, moment: Callable[[int], Fraction], k: int) -> None:
    exact = moment(k)
    given = (rf"X \sim {law}",)
    right = check_step(
        step_of(given, rf"\mathbb{{E}}[X^{k}] = \frac{{{exact.numerator}}}{{{exact.denominator}}}"), SETTINGS
    )
    assert isinstance(right.verdict, Proved), right.verdict
    beside = exact + F(1, 7)
    wrong = check_step(
        step_of(given, rf"\mathbb{{E}}[X^{k}] = \frac{{{beside.numerator}}}{{{beside.denominator}}}"), SETTINGS
    )
    assert isinstance(wrong.verdict, Refuted), wrong.verdict


def value(context: Context, term: Term) -> fmpq | None:
    """The number that a formula lowers to."""
    return Lowering(assemble(context, Budget(5))).lower(term).constant


@pytest.mark.parametrize("shape", [1, 2, 4])
@pytest.mark.parametrize("k", [1, 2, 4])
def test_gamma_moments(shape: int, k: int) -> None:
    context = read_givens([("a, r > 0", 0)]).context
    context = context.declare(
        *(s for s in read_givens([("X is a positive random variable", 0)]).context.symbols.values())
    )
    rate = F(3, 2)
    context = context.assume(make("distributed", sym("X"), num(shape), num(rate), value="gamma"))
    found = value(context, make("expect", make("pow", sym("X"), num(k))))
    exact = gamma(shape, rate)(k)
    assert found == fmpq(exact.numerator, exact.denominator)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_poisson_moments_lie_between_partial_sums(k: int) -> None:
    mean = F(3, 2)
    context = read_givens([(r"X \sim \operatorname{Poisson}(\frac{3}{2})", 0)]).context
    found = value(context, make("expect", make("pow", sym("X"), num(k))))
    assert found is not None
    last = 60
    partial = sum((F(x) ** k * mean**x / factorial(x) for x in range(last)), F(0))
    # from there on, a term is less than half of the one before
    rest = 2 * F(last) ** k * mean**last / factorial(last)
    scaled = arb(found) * arb(fmpq(3, 2)).exp()
    assert scaled > arb(fmpq(partial.numerator, partial.denominator)) - arb("1e-12")
    assert scaled < arb(fmpq((partial + rest).numerator, (partial + rest).denominator)) + arb("1e-12")


@pytest.mark.parametrize(
    "given, statement",
    [
        ((r"X \sim \operatorname{Binomial}(3, \frac{1}{4})",), r"\mathbb{E}[2^X] = \left(\frac{5}{4}\right)^3"),
        (
            (r"X \sim \operatorname{Binomial}(2, \frac{1}{3})", r"t \in \mathbb{R}"),
            r"\mathbb{E}[X e^{tX}] = \frac{4}{9} e^t + \frac{2}{9} e^{2t}",
        ),
        ((r"X \sim \mathcal{U}(0, 2)",), r"\mathbb{E}[e^{3X}] = \frac{e^6 - 1}{6}"),
        ((r"X \sim \operatorname{Laplace}(0, \frac{1}{2})",), r"\mathbb{E}[e^{X}] = \frac{4}{3}"),
        ((r"X \sim \mathcal{N}(0, 1)",), r"\mathbb{E}[e^{-\frac{3}{2} X^2}] = \frac{1}{2}"),
    ],
)
def test_exponential_moments(given: tuple[str, ...], statement: str) -> None:
    assert isinstance(check_step(step_of(given, statement), SETTINGS).verdict, Proved)


@pytest.mark.parametrize(
    "given, statement",
    [
        ((r"X \sim \operatorname{Laplace}(0, 2)",), r"\mathbb{E}[e^{X}] = -\frac{1}{3}"),
        ((r"X \sim \mathcal{N}(0, 1)",), r"\mathbb{E}[e^{X^2}] = \frac{1}{\sqrt{-1}}"),
        ((r"X \sim \mathcal{N}(0, 1)",), r"\mathbb{E}[e^{\frac{1}{2} X^2}] = 1"),
    ],
)
def test_moments_that_do_not_exist_are_never_proved(given: tuple[str, ...], statement: str) -> None:
    assert not isinstance(check_step(step_of(given, statement), SETTINGS).verdict, Proved)
