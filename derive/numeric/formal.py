"""Formal numbers: Q·e^P with polynomials Q and P in some variables, so that a formula is known for all their values.

A variable under an optimiser, or a random variable with a continuous distribution, is given a `Formal` value;
arithmetic that stays within the form is exact, anything else has no value. From the result one reads a maximiser
(log-concave quadratics) or an expectation (polynomial moments). Coefficients are rationals or intervals.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq

from derive.numeric.number import (
    ONE,
    ZERO,
    Dual,
    FormalNumber,
    Scalar,
    certain_sign,
    exp,
    integer_power,
    log,
    power,
    reciprocal,
    undefined,
    unsupported,
)
from derive.numeric.tensor import Tensor, positive_definite

Monomial = tuple[tuple[int, int], ...]
"""Variables with powers, sorted by variable; negative numbers are positive variables, whose powers may be negative."""
Polynomial = dict[Monomial, Scalar]

_MOST_TERMS = 400


def _plain_polynomial(value: Scalar) -> Polynomial:
    return {} if type(value) is fmpq and value == 0 else {(): value}


def add_polynomials(a: Polynomial, b: Polynomial) -> Polynomial:
    """a + b; coefficients that are exactly 0 are dropped."""
    result = dict(a)
    for monomial, coefficient in b.items():
        total = result[monomial] + coefficient if monomial in result else coefficient
        if type(total) is fmpq and total == 0:
            result.pop(monomial, None)
        else:
            result[monomial] = total
    return result


def multiply_polynomials(a: Polynomial, b: Polynomial) -> Polynomial:
    """a · b."""
    result: Polynomial = {}
    for m, x in a.items():
        for n, y in b.items():
            powers = dict(m)
            for variable, k in n:
                powers[variable] = powers.get(variable, 0) + k
            key = tuple(sorted((v, k) for v, k in powers.items() if k))
            result = add_polynomials(result, {key: x * y})
    if len(result) > _MOST_TERMS:
        raise unsupported("a polynomial too large")
    return result


def scale_polynomial(factor: Scalar, a: Polynomial) -> Polynomial:
    """A scalar times a polynomial."""
    return multiply_polynomials(_plain_polynomial(factor), a)


class Formal(FormalNumber):
    """`factor · e^exponent`; immutable."""

    __slots__ = ("exponent", "factor")

    def __init__(self, factor: Polynomial, exponent: Polynomial | None = None) -> None:
        self.factor = factor
        self.exponent = exponent or {}

    def _other(self, value: Scalar) -> Formal | None:
        if isinstance(value, Formal):
            return value
        if type(value) in (fmpq, arb, int):
            return Formal(_plain_polynomial(fmpq(value) if type(value) is int else value))
        return None

    def __add__(self, value: Scalar) -> Scalar:
        other = self._other(value)
        if other is None:
            return NotImplemented
        if not self.factor:
            return other
        if not other.factor:
            return self
        if add_polynomials(self.exponent, scale_polynomial(fmpq(-1), other.exponent)):
            raise unsupported("a sum of exponentials of a formal variable")
        return Formal(add_polynomials(self.factor, other.factor), self.exponent)

    __radd__ = __add__

    def __neg__(self) -> Formal:
        return Formal(scale_polynomial(fmpq(-1), self.factor), self.exponent)

    def __sub__(self, value: Scalar) -> Scalar:
        return NotImplemented if self._other(value) is None else self + (-value)

    def __rsub__(self, value: Scalar) -> Scalar:
        return NotImplemented if self._other(value) is None else (-self) + value

    def __mul__(self, value: Scalar) -> Scalar:
        other = self._other(value)
        if other is None:
            return NotImplemented
        factor = multiply_polynomials(self.factor, other.factor)
        return Formal(factor, add_polynomials(self.exponent, other.exponent) if factor else {})

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"Formal({self.factor}, {self.exponent})"

    def constant(self) -> Scalar | None:
        """The factor where it is a number, None where it mentions a variable."""
        if not self.factor:
            return ZERO
        return self.factor[()] if set(self.factor) == {()} else None

    # what `number.py` asks of a formal number

    def sign(self) -> int:
        """The sign for all values of the variables."""
        if len(self.factor) == 1:
            ((monomial, coefficient),) = self.factor.items()
            if all(v < 0 for v, _ in monomial):
                return certain_sign(coefficient)
        constant = self.constant()
        if constant is None:
            raise unsupported("the sign of a formal variable")
        return certain_sign(constant)

    def exp(self) -> Scalar:
        """e to this, where this is a polynomial."""
        if self.exponent:
            raise unsupported("an exponential of an exponential")
        return Formal({(): ONE}, self.factor)

    def log(self) -> Scalar:
        """The logarithm, where this is positive for all values."""
        constant = self.constant()
        if constant is None:
            raise unsupported("the logarithm of a formal variable")
        return Formal(_plain_polynomial(log(constant))) + Formal(self.exponent)

    def reciprocal(self) -> Scalar:
        """One over this, where its factor is a number."""
        constant = self.constant()
        if constant is None and len(self.factor) == 1:
            ((monomial, coefficient),) = self.factor.items()
            if all(v < 0 for v, _ in monomial):
                inverse = {tuple((v, -k) for v, k in monomial): reciprocal(coefficient)}
                return Formal(inverse, scale_polynomial(fmpq(-1), self.exponent))
        if constant is None:
            raise unsupported("a formal variable in a denominator")
        return Formal(_plain_polynomial(reciprocal(constant)), scale_polynomial(fmpq(-1), self.exponent))

    def power(self, k: fmpq) -> Scalar:
        """This to a rational power that is no integer."""
        constant = self.constant()
        if constant is None:
            raise unsupported("a root of a formal variable")
        return Formal(_plain_polynomial(power(constant, k)), scale_polynomial(k, self.exponent))


def variable(number: int) -> Formal:
    """A formal variable."""
    return Formal({((number, 1),): ONE})


def positive_variable(number: int) -> Formal:
    """A formal variable that is known to be positive, and may stand in denominators."""
    return variable(-number)


def as_formal(value: Scalar) -> Formal:
    """A number as a formal number."""
    if isinstance(value, Formal):
        return value
    if type(value) is Dual:
        raise unsupported("the derivative of a formal variable")
    return Formal(_plain_polynomial(value))


def quadratic(p: Polynomial, variables: list[int]) -> tuple[list[list[Scalar]], list[Scalar]] | None:
    """Hessian and gradient at 0 of a polynomial of degree at most two in the variables; None for other polynomials."""
    place = {v: i for i, v in enumerate(variables)}
    n = len(variables)
    hessian: list[list[Scalar]] = [[ZERO] * n for _ in range(n)]
    gradient: list[Scalar] = [ZERO] * n
    for monomial, coefficient in p.items():
        if any(v not in place for v, _ in monomial):
            return None
        degree = sum(k for _, k in monomial)
        if degree > 2:
            return None
        if degree == 1:
            gradient[place[monomial[0][0]]] = coefficient
        elif degree == 2 and len(monomial) == 1:
            hessian[place[monomial[0][0]]][place[monomial[0][0]]] = 2 * coefficient
        elif degree == 2:
            i, j = place[monomial[0][0]], place[monomial[1][0]]
            hessian[i][j] = hessian[j][i] = coefficient
    return hessian, gradient


Moments = Callable[[int], Scalar]
"""E[X^k] for k = 0, 1, 2, …"""


def expectation(
    value: Scalar, number: int, moments: Moments, tilt: Callable[[Scalar], tuple[Scalar, Moments]] | None
) -> Formal:
    """The expectation over one variable with some moments.

    `tilt(a)` gives E[e^{aX}] and the moments of the distribution tilted by e^{aX}; None where these are not known.
    """
    formal = as_formal(value)
    rest: Polynomial = {}
    slope: Scalar = ZERO
    for monomial, coefficient in formal.exponent.items():
        degree = dict(monomial).get(number, 0)
        if degree == 0:
            rest = add_polynomials(rest, {monomial: coefficient})
        elif monomial == ((number, 1),):
            slope = coefficient
        else:
            raise unsupported("the expectation of this exponential")
    mass: Scalar = ONE
    if not (type(slope) is fmpq and slope == 0):
        if tilt is None:
            raise unsupported("the expectation of this exponential")
        mass, moments = tilt(slope)
    total: Polynomial = {}
    for monomial, coefficient in formal.factor.items():
        degree = dict(monomial).get(number, 0)
        left = tuple((v, k) for v, k in monomial if v != number)
        total = add_polynomials(total, {left: coefficient * moments(degree) * mass})
    return Formal(total, rest)


def plain(value: Scalar) -> Scalar:
    """A formal number without variables as a number."""
    if not isinstance(value, Formal):
        return value
    constant = value.constant()
    if constant is None or any(m != () for m in value.exponent):
        raise unsupported("a formal variable is left")
    return constant * exp(value.exponent[()]) if value.exponent else constant


def moments_of(
    law: str, params: tuple[Scalar, ...]
) -> tuple[Moments, Callable[[Scalar], tuple[Scalar, Moments]] | None]:
    """Moments of a continuous or infinite distribution, and its exponential tilting where it is known.

    Parameters: normal (mean, variance), exponential (rate), uniform (from, to), laplace (place, scale),
    gamma (shape, rate), beta (two shapes), poisson (mean).
    """
    if law == "normal":
        return _normal(*params)
    if law == "exponential":
        return _gamma(ONE, params[0])
    if law == "uniform":
        return (lambda k: _uniform(params[0], params[1], k)), None
    if law == "laplace":
        return (lambda k: _laplace(params[0], params[1], k)), None
    if law == "gamma":
        return _gamma(*params)
    if law == "beta":
        a, b = params
        return (lambda k: _rising(a, k) * reciprocal(_rising(a + b, k))), None
    if law == "poisson":
        return _poisson(params[0])
    raise unsupported(f"the distribution {law}")


def in_support(law: str, params: list[Scalar], value: Scalar) -> bool:
    """Whether the parameters of a distribution are admissible, and a value possible."""
    if any(isinstance(p, Tensor) for p in params):
        return law == "normal" and len(params) == 2 and isinstance(params[1], Tensor) and positive_definite(params[1])
    signs = [certain_sign(p) for p in params]
    if law in ("normal", "laplace"):
        return signs[1] > 0
    if law == "uniform":
        return certain_sign(params[1] - params[0]) > 0 and all(
            certain_sign(s * (value - p)) >= 0 for s, p in zip((1, -1), params, strict=True)
        )
    if any(s <= 0 for s in signs):
        return False
    if law == "poisson":
        return type(value) is fmpq and value.q == 1 and bool(value >= 0)
    if law == "beta" and certain_sign(1 - value) <= 0:
        return False
    return certain_sign(value) > 0


def _rising(a: Scalar, k: int) -> Scalar:
    result: Scalar = ONE
    for i in range(k):
        result = result * (a + i)
    return result


def _normal(mean: Scalar, variance: Scalar) -> tuple[Moments, Callable[[Scalar], tuple[Scalar, Moments]]]:
    def moments(k: int) -> Scalar:
        before, here = ZERO, ONE
        for i in range(k):
            before, here = here, mean * here + i * variance * before
        return here

    def tilt(a: Scalar) -> tuple[Scalar, Moments]:
        mass = exp(a * mean + a * a * variance * fmpq(1, 2))
        return mass, _normal(mean + a * variance, variance)[0]

    return moments, tilt


def _gamma(form: Scalar, rate: Scalar) -> tuple[Moments, Callable[[Scalar], tuple[Scalar, Moments]]]:
    def tilt(a: Scalar) -> tuple[Scalar, Moments]:
        left = rate - a
        if certain_sign(left) <= 0:
            raise undefined("a moment that does not exist")
        return power(rate * reciprocal(left), form), _gamma(form, left)[0]

    return (lambda k: integer_power(reciprocal(rate), k) * _rising(form, k)), tilt


def _poisson(mean: Scalar) -> tuple[Moments, Callable[[Scalar], tuple[Scalar, Moments]]]:
    def tilt(a: Scalar) -> tuple[Scalar, Moments]:
        tilted = mean * exp(a)
        return exp(tilted - mean), _poisson(tilted)[0]

    return (lambda k: _touchard(mean, k)), tilt


def _uniform(low: Scalar, high: Scalar, k: int) -> Scalar:
    total: Scalar = ZERO
    for i in range(k + 1):
        total = total + integer_power(low, i) * integer_power(high, k - i)
    return total * fmpq(1, k + 1)


def _laplace(place: Scalar, scale: Scalar, k: int) -> Scalar:
    total: Scalar = ZERO
    chosen = 1
    for i in range(k + 1):
        if i % 2 == 0:
            total = total + chosen * integer_power(place, k - i) * integer_power(scale, i) * _rising(ONE, i)
        chosen = chosen * (k - i) // (i + 1)
    return total


def _touchard(mean: Scalar, k: int) -> Scalar:
    row: list[Scalar] = [ONE]
    for _ in range(k):
        row = [(row[j] * j if j < len(row) else ZERO) + (row[j - 1] if j > 0 else ZERO) for j in range(len(row) + 1)]
    total: Scalar = ZERO
    for j, stirling in enumerate(row):
        total = total + stirling * integer_power(mean, j)
    return total
