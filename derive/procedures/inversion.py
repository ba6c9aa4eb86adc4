"""Equations solved for what stands in an exponential or in logarithms.

u = v says the same as eᵘ = eᵛ, so logarithms with number coefficients are gathered on one side and taken away; and
a e^m + b = 0 with a ≠ 0 says that m is the logarithm of −b/a, which is positive at every solution. Both ways keep all
solutions and add none. Equations with several exponentials are left.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from derive.normal_form.atom import ZERO, Monomial, Poly
from derive.normal_form.functions import exponential, logarithm
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.quotient import numerator
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import is_nonzero


def solved_forms(ring: Ring, difference: Poly) -> Iterator[Poly]:
    """Numerators of the differences of equations that have the solutions of `difference = 0`."""
    for form in (_without_logarithms, _without_exponential):
        try:
            found = form(ring, difference)
            if found is not None:
                yield numerator(ring, found)
        except OutOfReach:
            continue


def _without_logarithms(ring: Ring, difference: Poly) -> Poly | None:
    logs: dict[Monomial, fmpq] = {
        m: c for m, c in difference.terms.items() if len(m) == 1 and m[0][0].kind == "log" and m[0][1] == 1
    }
    if not logs:
        return None
    rest = Poly({m: -c for m, c in difference.terms.items() if m not in logs})
    return exponential(ring, Poly(logs)) - exponential(ring, rest)


def _without_exponential(ring: Ring, difference: Poly) -> Poly | None:
    poly = numerator(ring, difference)
    exponentials = {(a, e) for m in poly.terms for a, e in m if a.kind == "exp"}
    if len(exponentials) != 1:
        return None
    ((atom, exponent),) = exponentials
    factor, rest = ZERO, ZERO
    for mono, c in poly.terms.items():
        if (atom, exponent) in mono:
            factor = factor + Poly({tuple(f for f in mono if f != (atom, exponent)): c})
        else:
            rest = rest + Poly({mono: c})
    if not rest or not is_nonzero(ring, factor):
        return None
    value = multiply(ring, -rest, power(ring, factor, -1))
    ring.know("positive", value)  # it is a power of e wherever the equation holds
    return logarithm(ring, Poly({((atom, exponent),): fmpq(1)})) - logarithm(ring, value)
