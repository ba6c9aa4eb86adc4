"""Definite integrals: exact for polynomials, else enclosed rigorously.

A polynomial integrand is recognised by evaluating it at a formal variable. Any other is evaluated on complex balls by
Arb's quadrature (Petras's algorithm; Johansson, "Numerical integration in arbitrary-precision ball arithmetic",
2018), which needs it analytic near the interval. Over a line or half-line, polynomials times normal or exponential
densities have closed forms. Absolute values, cases, and parameters under differentiation beside those densities are
out of its reach.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb, fmpq

from derive.numeric import formal
from derive.numeric.number import (
    ZERO,
    ComplexBall,
    Dual,
    NoValue,
    Scalar,
    certain_sign,
    exp,
    fresh_tag,
    integer_power,
    interval,
    reciprocal,
    sqrt,
    unsupported,
)

_MOST_EVALUATIONS = 1500


def integrate(integrand: Callable[[Scalar], Scalar], low: Scalar, high: Scalar) -> Scalar:
    """∫ integrand from low to high; where an end carries derivatives, they follow from the integrand there."""
    tag = max((e.tag for e in (low, high) if type(e) is Dual), default=None)
    if tag is not None:
        total = integrate(integrand, _without(low, tag), _without(high, tag))
        for end, sign in ((high, 1), (low, -1)):
            if type(end) is Dual and end.tag == tag:
                here = _without(integrand(end), tag)  # a kink or a jump at the end has no value
                total = total + Dual(tag, ZERO, tuple(sign * here * e for e in end.eps))
        return total
    if type(low) is fmpq and type(high) is fmpq and low == high:
        return ZERO
    try:
        number = fresh_tag()
        return _polynomial(formal.as_formal(integrand(formal.variable(number))), number, low, high)
    except NoValue as reason:
        if reason.kind != "unsupported":
            raise
    return _enclosed(integrand, low, high)


def _without(value: Scalar, tag: int) -> Scalar:
    return value.re if type(value) is Dual and value.tag == tag else value


def over_line(value: Scalar, number: int, low: Scalar | None, high: Scalar | None) -> Scalar:
    """∫ over a formal variable, from −∞ (None) or a number to ∞, of polynomials times e^quadratic, or e^linear.

    Other formal variables may stand in the factor, and in the exponent beside it. The parameters that a value carries
    derivatives by stand in smooth integrands that are dominated, so that the derivative goes under the integral.
    """
    if type(value) is Dual:
        inner = tuple(over_line(e, number, low, high) for e in value.eps)
        return Dual(value.tag, over_line(value.re, number, low, high), inner)
    given = formal.as_formal(value)
    if not given.factor:
        return ZERO
    rest: formal.Polynomial = {}
    quadratic: dict[int, Scalar] = {}
    for monomial, coefficient in given.exponent.items():
        degree = dict(monomial).get(number, 0)
        if degree == 0:
            rest = formal.add_polynomials(rest, {monomial: coefficient})
        elif monomial == ((number, degree),) and degree <= 2:
            quadratic[degree] = coefficient
        else:
            raise unsupported("the integral of this exponential")
    moments = _moments_under(quadratic, low, high)
    total: formal.Polynomial = {}
    for monomial, coefficient in given.factor.items():
        degree = dict(monomial).get(number, 0)
        if degree < 0:
            raise unsupported("a formal variable in a denominator")
        left = tuple((v, k) for v, k in monomial if v != number)
        total = formal.add_polynomials(total, {left: coefficient * moments(degree)})
    result = formal.Formal(total, rest)
    plain = all(m == () for part in (result.factor, result.exponent) for m in part)
    return formal.plain(result) if plain else result


def _moments_under(
    exponent: dict[int, Scalar], low: Scalar | None, high: Scalar | None
) -> Callable[[int], Scalar]:
    """∫ x^k e^{a x² + b x} dx for k = 0, 1, …: the normal integral, or the exponential one on a half-line."""
    slope = exponent.get(1, ZERO)
    if 2 in exponent:
        if low is not None or high is not None or certain_sign(exponent[2]) >= 0:
            raise unsupported("an integral that is not known in closed form")
        sharp = -exponent[2]
        variance = reciprocal(2 * sharp)
        mean = slope * variance
        mass = sqrt(arb.pi() * reciprocal(sharp)) * exp(mean * slope * fmpq(1, 2))
        moments, _ = formal.moments_of("normal", (mean, variance))
        return lambda k: mass * moments(k)
    if low is None or high is not None or certain_sign(slope) >= 0:
        raise unsupported("an integral that does not converge, or is not known in closed form")
    start, rate = low, -slope
    factor = exp(slope * start)

    def moment(k: int) -> Scalar:
        # by parts: I_k = (start^k e^{−rate·start} + k I_{k−1}) / rate
        value: Scalar = factor * reciprocal(rate)
        for j in range(1, k + 1):
            value = (integer_power(start, j) * factor + value * j) * reciprocal(rate)
        return value

    return moment


def _polynomial(value: formal.Formal, number: int, low: Scalar, high: Scalar) -> Scalar:
    if value.exponent:
        raise unsupported("no polynomial")
    total: Scalar = ZERO
    for monomial, coefficient in value.factor.items():
        if any(v != number for v, _ in monomial):
            raise unsupported("another formal variable under an integral")
        k = sum(p for _, p in monomial) + 1
        total = total + coefficient * fmpq(1, k) * (integer_power(high, k) - integer_power(low, k))
    return total


def _enclosed(integrand: Callable[[Scalar], Scalar], low: Scalar, high: Scalar) -> Scalar:
    failure: list[NoValue] = []

    def on_ball(z: acb, analytic: bool) -> acb:
        if any(f.kind == "unsupported" for f in failure):
            return acb("nan")
        try:
            value = integrand(ComplexBall(z, bool(analytic)))
        except NoValue as reason:
            failure.append(reason)
            return acb("nan")
        if isinstance(value, ComplexBall):
            return value.ball
        return acb(interval(value)) if type(value) is fmpq or hasattr(value, "mid") else acb("nan")

    middle = (interval(low) + interval(high)) / 2
    on_ball(acb(middle), False)
    if failure:
        raise failure[0]
    result = acb.integral(on_ball, acb(interval(low)), acb(interval(high)), eval_limit=_MOST_EVALUATIONS)
    unable = next((f for f in failure if f.kind == "unsupported"), None)
    if unable is not None:
        raise unable
    if not result.is_finite():
        raise unsupported("an integral that was not enclosed")
    return result.real
