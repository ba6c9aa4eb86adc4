"""Definite integrals over bounded intervals, enclosed rigorously.

Arb's complex quadrature (Petras's algorithm as in Johansson, "Numerical integration in arbitrary-precision ball
arithmetic", 2018) evaluates the integrand on complex balls; the integrand must be analytic near the interval. Absolute
values, cases, parameters under differentiation and infinite ranges are out of its reach.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.numeric.number import NoValue, Scalar, unsupported


def integrate(integrand: Callable[[Scalar], Scalar], low: Scalar, high: Scalar) -> Scalar | None:
    """An interval that contains ∫ integrand from low to high."""
    raise unsupported("integrals")


__all__ = ["NoValue", "integrate"]
