"""Conditional expectations: given scalar random variables, and given events in whose presence others are independent.

What depends on the conditioning variables alone comes out, what is independent of them is averaged while they are held
fixed, and anything else stays a conditional moment, of which an expectation takes the outer one only (the tower rule).
A sum of N terms, N random, is averaged given N first. A product over what is independent given H is, on H, the product
of the conditional expectations times P(H).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flint import fmpq

from derive.language.affine import variable
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly
from derive.normal_form.events import event, event_name
from derive.normal_form.expectation import (
    Conditional,
    Instance,
    connected,
    expectation,
    instances,
    is_random,
    mutual,
    owner,
    random_ends,
    split,
)
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.summation import indexed_product, open_all, sum_over

Factors = list[tuple[Atom, Exponent]]


# --- given random variables -------------------------------------------------------------------------------------------


def conditional_expectation(ring: Ring, poly: Poly, given: tuple[str, ...]) -> Poly:
    """E[poly | the random variables named in `given`]."""
    total = ZERO
    for mono, c in poly.terms.items():
        fixed = [(a, e) for a, e in mono if not is_random(ring, a)]
        moving = tuple((a, e) for a, e in mono if is_random(ring, a))
        if any(random_ends(ring, a) - set(given) for a, _ in moving):
            names: list[str] = []
            body = Poly({moving: fmpq(1)})
        else:
            names, body = open_all(ring, moving)
        inner = ZERO
        for m, k in body.terms.items():
            inner = inner + _given(ring, m, given).scale(k)
        with _held(ring, given):
            inside = sum_over(ring, inner, names)
        total = total + multiply(ring, monomial_poly(ring, fixed, c), inside)
    return total


def _given(ring: Ring, mono: Monomial, given: tuple[str, ...]) -> Poly:
    inner = _inner(ring, mono)
    if inner is not None and set(given) <= set(inner[1]):
        return conditional_expectation(ring, inner[0], given)
    known = [(a, e) for a, e in mono if _names(ring, [(a, e)]) <= set(given)]
    rest = [(a, e) for a, e in mono if (a, e) not in known]
    outside = monomial_poly(ring, known)
    if not rest:
        return outside
    return multiply(ring, outside, _averaged(ring, rest, given))


def _averaged(ring: Ring, rest: Factors, given: tuple[str, ...]) -> Poly:
    """The conditional expectation of factors none of which is known."""
    others = _names(ring, rest) - set(given)
    if mutual(others | set(given), ring.randomness.independent):
        with _held(ring, given):
            free = split(ring, tuple(rest))
        if not in_moments(free, frozenset(given)):
            return free
    if len(given) == 1:
        for fact in ring.randomness.conditional:
            if fact.given == given[0] and others <= fact.names:
                parts = _apart(ring, rest, fact)
                if len(parts) > 1:
                    result = ONE
                    for part in parts:
                        result = multiply(ring, result, _averaged(ring, part, given))
                    return result
    ordered: Monomial = tuple(sorted(rest, key=lambda f: f[0].key))
    return ring.value(ring.atom("cmoment", ordered, given))


@contextmanager
def _held(ring: Ring, given: tuple[str, ...]) -> Iterator[None]:
    """While random variables are held fixed."""
    before = ring.random_marks
    ring.random_marks = {name: mark for name, mark in before.items() if name not in given}
    try:
        yield
    finally:
        ring.random_marks = before


def in_moments(data: object, names: frozenset[str]) -> bool:
    """Whether names occur inside expectations: these would be taken over them as well."""
    if isinstance(data, Poly):
        return any(in_moments(mono, names) for mono in data.terms)
    if isinstance(data, Atom):
        return bool(data.free & names) and (data.kind in ("moment", "cmoment") or in_moments(data.data, names))
    return isinstance(data, tuple) and any(in_moments(d, names) for d in data)


def _names(ring: Ring, factors: Factors) -> frozenset[str]:
    return frozenset(name for a, _ in factors for name, _ in instances(ring, a))


def tower(ring: Ring, mono: Monomial) -> Poly | None:
    """E[h(X) E[Y | X]] = E[h(X) Y], and E[E[Y | X] Z] = E[E[Y | X] E[Z | X]], as what to take the expectation of."""
    found = _inner(ring, mono)
    if found is not None:
        return found[0]
    given = {a.data[1] for a, _ in mono if a.kind == "cmoment"}
    if len(given) != 1:
        return None
    (names,) = given
    moving = tuple(f for f in mono if is_random(ring, f[0]))
    if _names(ring, list(moving)) <= set(names):
        return None
    return conditional_expectation(ring, Poly({mono: fmpq(1)}), names)


def _inner(ring: Ring, mono: Monomial) -> tuple[Poly, tuple[str, ...]] | None:
    """h(X) E[Y | X] without its expectation, and the names in X."""
    inner = [(a, e) for a, e in mono if a.kind == "cmoment"]
    if len(inner) != 1 or inner[0][1] != 1:
        return None
    atom = inner[0][0]
    others = [(a, e) for a, e in mono if a is not atom]
    if _names(ring, [(a, e) for a, e in others if is_random(ring, a)]) - set(atom.data[1]):
        return None
    return multiply(ring, monomial_poly(ring, others), Poly({atom.data[0]: fmpq(1)})), atom.data[1]


def by_number_of_terms(ring: Ring, moving: Monomial, stops: tuple[str, ...]) -> Poly:
    """E of what holds sums with a random number of terms: first given that number, then over it."""
    if _names(ring, list(moving)) <= set(stops):
        return split(ring, moving)
    inner = conditional_expectation(ring, Poly({moving: fmpq(1)}), stops)
    total = ZERO
    for mono, c in inner.terms.items():
        if any(a.kind == "cmoment" for a, _ in mono):
            raise OutOfReach("a sum whose number of terms may depend on the terms")
        fixed = [(a, e) for a, e in mono if not is_random(ring, a)]
        rest = tuple((a, e) for a, e in mono if is_random(ring, a))
        total = total + multiply(ring, monomial_poly(ring, fixed, c), split(ring, rest))
    return total


# --- given events -----------------------------------------------------------------------------------------------------


def given_event(ring: Ring, group: Factors) -> Poly | None:
    """E[1_H g₁ ⋯ g_k] for g's that are independent given H, and E[g₁ ⋯ g_k] for such given Hᶜ."""
    for fact in ring.randomness.conditional:
        if ring.randomness.symbols[fact.given].role != "event":
            continue
        inside = [f for f in group if f[0].kind == "event" and event_name(f[0]) == fact.given]
        rest = [f for f in group if f not in inside]
        if bool(inside) != fact.happens or not rest or not _names(ring, rest) <= fact.names:
            continue
        parts = _apart(ring, rest, fact)
        if len(parts) < 2 and not any(a.kind == "prod" for a, _ in rest):
            continue
        shares = [_share(ring, part, fact) for part in parts]
        if None in shares:
            continue
        result = _chance(ring, fact)
        for share in shares:
            assert share is not None
            result = multiply(ring, result, share)
        if not fact.happens:
            bit = event(ring, fact.given)
            result = result + expectation(ring, multiply(ring, bit, monomial_poly(ring, rest)))
        return result
    return None


def given_variable(ring: Ring, group: Factors) -> Poly | None:
    """E[h(Z) g₁ ⋯ g_k] as E[h(Z) E[g₁ | Z] ⋯ E[g_k | Z]] for g's that are independent given Z."""
    for fact in ring.randomness.conditional:
        if ring.randomness.symbols[fact.given].role == "event" or not fact.happens:
            continue
        known = [f for f in group if _names(ring, [f]) <= {fact.given}]
        rest = [f for f in group if f not in known]
        if not rest or not _names(ring, rest) <= fact.names:
            continue
        parts = _apart(ring, rest, fact)
        if len(parts) > 1:
            result = monomial_poly(ring, known)
            for part in parts:
                result = multiply(ring, result, _averaged(ring, part, (fact.given,)))
            return expectation(ring, result)
    return None


def by_partition(ring: Ring, group: Factors) -> Poly | None:
    """E[g] = Σ_i E[g 1_{B_i}] over a partition, where g holds no B_i and may depend on them."""
    names = _names(ring, group)
    for name, symbol in ring.randomness.symbols.items():
        if symbol.role != "event" or len(symbol.family) != 1 or "exhaustive" not in symbol.properties:
            continue
        if name in names or mutual(names | {name}, ring.randomness.independent):
            continue
        index = ring.fresh(symbol.family[0].low, symbol.family[0].high)
        part = multiply(ring, monomial_poly(ring, group), event(ring, name, (variable(index),)))
        return sum_over(ring, expectation(ring, part), [index])
    return None


def _apart(ring: Ring, rest: Factors, fact: Conditional) -> list[Factors]:
    """Factors in groups that are independent of one another by a fact."""

    def tied(p: Instance, q: Instance) -> bool:
        return p[0] == q[0] and (len(fact.names) > 1 or owner(ring, p) == owner(ring, q) or None in (p[1], q[1]))

    return connected(ring, rest, tied)


def _chance(ring: Ring, fact: Conditional) -> Poly:
    chance = expectation(ring, event(ring, fact.given))
    return chance if fact.happens else ONE - chance


def _share(ring: Ring, part: Factors, fact: Conditional) -> Poly | None:
    """E[g | H], or E[g | Hᶜ]; a product over the members of a family is taken member by member."""
    products = [f for f in part if f[0].kind == "prod"]
    bit = event(ring, fact.given)
    inside = bit if fact.happens else ONE - bit
    scale = power(ring, _chance(ring, fact), -1)
    if not products:
        return multiply(ring, expectation(ring, multiply(ring, inside, monomial_poly(ring, part))), scale)
    if len(part) != 1 or part[0][1] != 1 or len(fact.names) > 1:
        return None
    mark, low, high, body = part[0][0].data
    index = ring.fresh(low, high)
    member = rename(ring, body, {mark: variable(index)})
    found = {i for mono in member.terms for a, _ in mono if is_random(ring, a) for i in instances(ring, a)}
    if any(at != (variable(index),) for _, at in found):
        return None
    return indexed_product(ring, multiply(ring, expectation(ring, multiply(ring, inside, member)), scale), index)


__all__ = [
    "by_number_of_terms",
    "by_partition",
    "conditional_expectation",
    "given_event",
    "given_variable",
    "in_moments",
    "tower",
]
