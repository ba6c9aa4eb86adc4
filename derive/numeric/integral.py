"""Definite integrals over bounded intervals: exact for polynomials, else enclosed rigorously.

A polynomial integrand is recognised by evaluating it at a formal variable. Any other is evaluated on complex balls by
Arb's quadrature (Petras's algorithm; Johansson, "Numerical integration in arbitrary-precision ball arithmetic",
2018), which needs it analytic near the interval. Absolute values, cases, parameters under differentiation and
infinite ranges are out of its reach.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, fmpq

from derive.numeric import formal
from derive.numeric.number import (
    ZERO,
    ComplexBall,
    NoValue,
    Scalar,
    fresh_tag,
    integer_power,
    interval,
    unsupported,
)

_MOST_EVALUATIONS = 1500


def integrate(integrand: Callable[[Scalar], Scalar], low: Scalar, high: Scalar) -> Scalar:
    """∫ integrand from low to high."""
    if type(low) is fmpq and type(high) is fmpq and low == high:
        return ZERO
    try:
        number = fresh_tag()
        return _polynomial(formal.as_formal(integrand(formal.variable(number))), number, low, high)
    except NoValue as reason:
        if reason.kind != "unsupported":
            raise
    return _enclosed(integrand, low, high)


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
