"""Infinite sums in closed form: Σ vᵏ rᵛ where |r| < 1, and Σ vᵏ xᵛ / (v + s)!.

A power of the index times a geometric term follows from the telescoped recurrence in k, whose upper end vanishes; with
a factorial below it is eˣ times a Touchard polynomial, less the first terms (Graham, Knuth & Patashnik, Concrete
Mathematics, 2nd ed., sections 2.6 and 7.4). That a geometric series converges is recorded as a need. Other series, and
such as converge only as a whole, are out of reach.
"""

from __future__ import annotations

from math import comb

from flint import fmpq

from derive.language.affine import Affine
from derive.language.term import make, num
from derive.normal_form.atom import ONE, ZERO, Atom, Poly
from derive.normal_form.functions import exponential, symbolic_power
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.spelling import spell_poly
from derive.normal_form.summation import Factors, geometric

_MOST = 8
_FIRST_TERMS = 12


def infinite_sum(ring: Ring, body: Poly, name: str, low: Affine) -> Poly:
    """Σ of a polynomial over all values of an index from `low` on."""
    total = ZERO
    for mono, c in body.terms.items():
        touching: Factors = [f for f in mono if name in f[0].free]
        outside = monomial_poly(ring, [f for f in mono if name not in f[0].free], c)
        total = total + multiply(ring, outside, _series(ring, touching, name, low))
    return total


def _series(ring: Ring, touching: Factors, name: str, low: Affine) -> Poly:
    below = [a for a, e in touching if a.kind == "factorial" and e == -1]
    split = geometric(ring, [f for f in touching if f[0] not in below], name)
    if split is None or len(below) > 1 or split[0] > _MOST:
        raise OutOfReach("this infinite sum")
    degree, ratio = split
    if any(n in ring.random_marks or n.startswith(("%", "@")) for n in ratio.free):
        raise OutOfReach("an infinite sum whose ratio is no plain quantity")
    if below:
        return _exponential_series(ring, degree, ratio, _shift(ring, below[0], name), low)
    return _geometric_series(ring, degree, ratio, low)


def _shift(ring: Ring, atom: Atom, name: str) -> int:
    """s of the factorial (v + s)!."""
    rest = (atom.data[0] - ring.value(ring.symbol(name))).constant
    if rest is None or rest.q != 1:
        raise OutOfReach("this infinite sum")
    return int(rest.p)


def _geometric_series(ring: Ring, degree: int, ratio: Poly, low: Affine) -> Poly:
    """Σ_{v ≥ low} v^k r^v by recurrence in k."""
    number = ratio.constant
    if number is not None and abs(number) >= 1:
        raise OutOfReach("a series that does not converge")
    if number is None:
        within = make("lt", make("abs", spell_poly(ring, ratio)), num(1))
        ring.needs.append(Need("converges", within, ONE - multiply(ring, ratio, ratio)))
    first = symbolic_power(ring, ratio, ring.affine(low))
    inverse = power(ring, ONE - ratio, -1)
    start = ring.affine(low)
    sums: list[Poly] = []
    for k in range(degree + 1):
        value = multiply(ring, power(ring, start, k), first)
        for i in range(k):
            c = -comb(k, i) * (-1) ** (k - i)
            value = value + (sums[i] - multiply(ring, power(ring, start, i), first)).scale(fmpq(c))
        sums.append(multiply(ring, value, inverse))
    return sums[degree]


def _exponential_series(ring: Ring, degree: int, base: Poly, shift: int, low: Affine) -> Poly:
    """Σ_{v ≥ low} v^k x^v / (v + s)!, as a sum over u = v + s."""
    first = low + shift
    if not first.is_constant or not 0 <= first.constant <= _FIRST_TERMS:
        raise OutOfReach("this infinite sum")
    total = ZERO
    for i in range(degree + 1):
        # (u − s)^k = Σ C(k, i) u^i (−s)^(k − i)
        part = multiply(ring, exponential(ring, base), _touchard(ring, i, base))
        for u in range(first.constant):
            part = part - _term(ring, i, base, u)
        total = total + part.scale(fmpq(comb(degree, i) * (-shift) ** (degree - i)))
    return multiply(ring, total, power(ring, base, -shift)) if shift else total


def _term(ring: Ring, degree: int, base: Poly, u: int) -> Poly:
    """u^k x^u / u!."""
    factorial = fmpq(1)
    for k in range(2, u + 1):
        factorial = factorial * k
    return power(ring, base, u).scale(fmpq(u**degree) / factorial)


def _touchard(ring: Ring, degree: int, base: Poly) -> Poly:
    """Σ_j S(k, j) x^j with Stirling's numbers of the second kind."""
    row = [1]
    for k in range(1, degree + 1):
        row = [0] + [(j * row[j] if j < k else 0) + row[j - 1] for j in range(1, k + 1)]
    total = ZERO
    for j, c in enumerate(row):
        if c:
            total = total + power(ring, base, j).scale(fmpq(c))
    return total


__all__ = ["infinite_sum"]
