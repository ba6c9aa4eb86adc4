"""Lower bounds by tangents under sums, integrals and expectations: Gibbs's and Jensen's inequalities.

log u ≥ 1 − 1/u for u > 0, so Σ m log u ≥ Σ m − Σ m/u for weights m ≥ 0: with m = p and u = p/q this is Gibbs's
inequality, with u = p n the bound of an entropy, with u = q P/p the evidence bound. Logarithms that stand outside join
the sum where the weights add up to a number. A convex f lies above its tangents, so Σ m f(z) ≥ M f(Z) where M = Σ m and
M Z = Σ m z (Jensen); of a concave f the negative is convex. Source: Cover and Thomas, "Elements of Information Theory",
chapter 2. What is left of the normal form after such a bound is for the caller to judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from flint import fmpq

from derive.language.affine import variable
from derive.normal_form.atom import ONE, Atom, Exponent, Monomial, Poly
from derive.normal_form.expectation import expectation
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Ring
from derive.normal_form.sign import is_nonnegative
from derive.normal_form.summation import open_block, sum_over
from derive.normal_form.zero import vanishes

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Average:
    """A term `c · outside · L(weight · special)` for L the sum over `names`, or the expectation (None)."""

    mono: Monomial
    c: fmpq
    outside: Monomial
    names: tuple[str, ...] | None
    weight: Monomial
    special: Atom


def lower_bounds(ring: Ring, residual: Poly) -> Iterator[Poly]:
    """Normal forms that are not greater than the residual for any values."""
    for found in (_without_logarithms(ring, residual, True), _without_logarithms(ring, residual, False)):
        if found is not None:
            yield found
    convex = _without_convex(ring, residual)
    if convex is not None:
        yield convex


def _averages(ring: Ring, poly: Poly, kind: str) -> Iterator[Average]:
    """The terms whose sum or expectation holds one atom of a kind, to the first power."""
    for mono, c in poly.sorted_terms():
        operators = [(a, e) for a, e in mono if a.kind in ("sum", "moment")]
        if len(operators) != 1 or operators[0][1] != 1:
            continue
        atom = operators[0][0]
        outside = tuple(f for f in mono if f[0] is not atom)
        names: tuple[str, ...] | None = None
        body: Monomial = atom.data[0]
        if atom.kind == "sum":
            opened, inner = open_block(ring, atom)
            single = inner.single()
            if single is None or len(opened) > _MOST_NAMES:
                continue
            names, body, c = tuple(opened), single[0], c * single[1]
        special = [a for a, e in body if a.kind == kind and e == 1]
        if len(special) == 1:
            weight = tuple(f for f in body if f[0] is not special[0])
            yield Average(mono, c, outside, names, weight, special[0])


def _over(ring: Ring, names: tuple[str, ...] | None, body: Poly) -> Poly:
    return expectation(ring, body) if names is None else sum_over(ring, body, names)


# --- logarithms -------------------------------------------------------------------------------------------------------


def _without_logarithms(ring: Ring, residual: Poly, join: bool) -> Poly | None:
    """The residual with every average of logarithms replaced by the tangent's; `join`: logarithms outside too."""
    rest, bound = residual, Poly({})
    changed = False
    while True:
        first = next(iter(_averages(ring, rest, "log")), None)
        if first is None:
            break
        step = _one_group(ring, rest, first, join)
        if step is None:
            return None
        rest, below = step
        bound = bound + below
        changed = True
    return bound + rest if changed else None


def _one_group(ring: Ring, rest: Poly, first: Average, join: bool) -> tuple[Poly, Poly] | None:
    """What is left without the terms that share the weights of the first, and the bound of those."""
    weight, outside = monomial_poly(ring, first.weight), monomial_poly(ring, first.outside)
    if not is_nonnegative(ring, weight) or not is_nonnegative(ring, outside):
        return None
    scale = abs(first.c)
    ratio = ONE
    for term in _averages(ring, rest, "log"):
        inside = term.special.data[0] if term is first else _aligned(ring, first, term)
        if inside is None:
            continue
        ratio = multiply(ring, ratio, power(ring, inside, _exponent(term.c / scale)))
        rest = rest - Poly({term.mono: rest.terms[term.mono]})
    total = _over(ring, first.names, weight).constant if join else None
    if total is not None and total > 0:
        for mono, c in rest.sorted_terms():
            logs = [a for a, e in mono if a.kind == "log" and e == 1]
            if len(logs) == 1 and tuple(f for f in mono if f[0] is not logs[0]) == first.outside:
                ratio = multiply(ring, ratio, power(ring, logs[0].data[0], _exponent(c / scale / total)))
                rest = rest - Poly({mono: c})
    below = weight - multiply(ring, weight, power(ring, ratio, -1))
    return rest, multiply(ring, outside, _over(ring, first.names, below)).scale(scale)


def _exponent(value: fmpq) -> Exponent:
    fraction = Fraction(int(value.p), int(value.q))
    return fraction.numerator if fraction.denominator == 1 else fraction


def _aligned(ring: Ring, first: Average, term: Average) -> Poly | None:
    """The argument of a term's logarithm in the first's indices, where outside, ranges and weights are the same."""
    if term.outside != first.outside or (term.names is None) != (first.names is None):
        return None
    argument: Poly = term.special.data[0]
    weight, wanted = monomial_poly(ring, term.weight), monomial_poly(ring, first.weight)
    if term.names is None or first.names is None:
        return argument if weight == wanted else None
    if len(term.names) != len(first.names):
        return None
    for order in permutations(first.names):
        if any(ring.ranges.ends[a] != ring.ranges.ends[b] for a, b in zip(term.names, order, strict=True)):
            continue
        mapping = {a: variable(b) for a, b in zip(term.names, order, strict=True)}
        if rename(ring, weight, mapping) == wanted:
            return rename(ring, argument, mapping)
    return None


# --- convex functions -------------------------------------------------------------------------------------------------


def _without_convex(ring: Ring, residual: Poly) -> Poly | None:
    """The residual without Σ m f(z) − M f(Z), which is not negative for a convex f."""
    for term in _averages(ring, residual, "call"):
        curved = _curvature(ring, term.special)
        if not curved or term.c * curved < 0:
            continue
        weight, outside = monomial_poly(ring, term.weight), monomial_poly(ring, term.outside)
        if not is_nonnegative(ring, weight) or not is_nonnegative(ring, outside):
            continue
        place = _argument(term.special)
        mass = multiply(ring, outside, _over(ring, term.names, weight)).scale(term.c)
        mean = multiply(ring, outside, _over(ring, term.names, multiply(ring, weight, place))).scale(term.c)
        for mono, c in residual.sorted_terms():
            calls = [a for a, e in mono if a.kind == "call" and e == 1 and a.data[0] == term.special.data[0]]
            if len(calls) != 1 or calls[0].data[1]:
                continue
            left = Poly({tuple(f for f in mono if f[0] is not calls[0]): c})
            centre = multiply(ring, mass, _argument(calls[0]))
            if _is_zero(ring, mass + left) and _is_zero(ring, mean - centre):
                return residual - Poly({term.mono: residual.terms[term.mono]}) - Poly({mono: c})
    return None


def _curvature(ring: Ring, atom: Atom) -> int:
    """1 for a convex function of one number, −1 for a concave one, else 0."""
    name, slots, arguments = atom.data
    symbol = ring.context.symbols.get(name)
    if symbol is None or slots or len(arguments) != 1 or arguments[0][2]:
        return 0
    if symbol.properties & {"convex", "strictly convex"}:
        return 1
    return -1 if symbol.properties & {"concave", "strictly concave"} else 0


def _argument(atom: Atom) -> Poly:
    argument: Poly = atom.data[2][0][3]
    return argument


def _is_zero(ring: Ring, poly: Poly) -> bool:
    noted = len(ring.assumed), len(ring.generic)
    return vanishes(ring, poly) and (len(ring.assumed), len(ring.generic)) == noted


