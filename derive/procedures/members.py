"""Bounds by one member: a sum is at least each of its terms, a maximum is one of its members.

A sum of what is not negative is replaced by the term at a place that the inequality mentions, inside a logarithm too;
log Σ aᵢ by the mean of the log aᵢ plus log n (Jensen). A claim about maxᵢ xᵢ is a claim about x_k for a member k
that is largest. Only sums over one index with nonnegative outer factors are replaced.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from derive.language.affine import Affine
from derive.language.context import Context, Domain, Symbol
from derive.language.term import Term, bound_scope, free_names, fresh_name, replace_node, substitute, sym, walk
from derive.normal_form.atom import ZERO, Atom, Monomial, Poly
from derive.normal_form.functions import logarithm
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Ring
from derive.normal_form.sign import is_nonnegative, is_positive
from derive.normal_form.summation import length, open_block, sum_over
from derive.procedures.expand import expand

_MOST_PLACES = 4


def member_bounds(ring: Ring, residual: Poly) -> Iterator[Poly]:
    """Normal forms that are not greater than the residual for any values."""
    for place in _places(residual):
        noted = len(ring.needs), len(ring.assumed), len(ring.generic)
        bound = _with_one_term(ring, residual, place)
        if bound is not None and (len(ring.needs), len(ring.assumed), len(ring.generic)) == noted:
            yield bound
    noted = len(ring.needs), len(ring.assumed), len(ring.generic)
    bound = _with_mean_logarithms(ring, residual)
    if bound is not None and (len(ring.needs), len(ring.assumed), len(ring.generic)) == noted:
        yield bound


def with_members(statement: Term, context: Context) -> tuple[Term, Context] | None:
    """The statement with a maximum or minimum over an index as the value at one member, and that member declared.

    What holds for every member holds for the one where the extreme is attained. Raises `expand.OutOfReach`.
    """
    opened = expand(statement, context)
    bound = {scope[0] for node in walk(opened) if (scope := bound_scope(node)) is not None}
    for node in walk(opened):
        if node.head not in ("maxover", "minover") or len(node.args) != 4 or free_names(node) & bound:
            continue
        var, low, high, body = node.args
        if high.head == "infinity":
            continue
        name = fresh_name("k", set(context.symbols) | free_names(opened) | bound)
        member = substitute(body, {var.name: sym(name)})
        inner = context.declare(Symbol(name, role="index", domain=Domain("integer", low, high)))
        return replace_node(opened, node, member), inner
    return None


def _places(poly: Poly) -> list[Affine]:
    """Indices of the entries outside closed sums."""
    found: dict[Affine, None] = {}
    waiting: list[Monomial] = [mono for mono, _ in poly.sorted_terms()]
    while waiting:
        for atom, _ in waiting.pop():
            if atom.kind == "entry" and len(atom.data[1]) == 1:
                found[atom.data[1][0]] = None
            elif atom.kind == "exp":
                waiting.append(atom.data[0])
            elif atom.kind in ("log", "abs", "kernel"):
                waiting += [mono for mono, _ in atom.data[0].sorted_terms()]
    return sorted(found, key=str)[:_MOST_PLACES]


def _with_one_term(ring: Ring, poly: Poly, place: Affine) -> Poly | None:
    """The polynomial with every sum of nonnegative terms, under a nonnegative factor, as its term at a place."""
    total, changed = ZERO, False
    for mono, c in poly.sorted_terms():
        below = _term_below(ring, mono, c, place)
        changed = changed or below is not None
        total = total + (Poly({mono: c}) if below is None else below)
    return total if changed else None


def _term_below(ring: Ring, mono: Monomial, c: fmpq, place: Affine) -> Poly | None:
    for atom, e in mono:
        if e != 1 or atom.kind not in ("sum", "log"):
            continue
        outside = monomial_poly(ring, [f for f in mono if f[0] is not atom], c)
        if not is_nonnegative(ring, outside):
            continue
        if atom.kind == "log":
            inner = _with_one_term(ring, atom.data[0], place)
            if inner is not None and is_positive(ring, inner):
                return multiply(ring, outside, logarithm(ring, inner))
            continue
        one = _single_sum(ring, atom)
        if one is None:
            continue
        index, low, high, body = one
        if ring.ranges.in_range(place, low, high) and is_nonnegative(ring, body):
            return multiply(ring, outside, rename(ring, body, {index: place}))
    return None


def _single_sum(ring: Ring, atom: Atom) -> tuple[str, Affine, Affine, Poly] | None:
    """Index, range and summand of a closed sum over one index."""
    if len(atom.data[0]) != 1:
        return None
    low, high = atom.data[0][0][1:]
    if high is None:
        return None
    (index,), body = open_block(ring, atom)
    return index, low, high, body


def _with_mean_logarithms(ring: Ring, poly: Poly) -> Poly | None:
    """log Σ aᵢ ≥ (1/n) Σ log aᵢ + log n for positive aᵢ, under nonnegative factors."""
    total, changed = ZERO, False
    for mono, c in poly.sorted_terms():
        below = None
        for atom, e in mono:
            if atom.kind == "log" and e == 1:
                outside = monomial_poly(ring, [f for f in mono if f[0] is not atom], c)
                mean = _mean_logarithm(ring, atom.data[0]) if is_nonnegative(ring, outside) else None
                below = None if mean is None else multiply(ring, outside, mean)
        changed = changed or below is not None
        total = total + (Poly({mono: c}) if below is None else below)
    return total if changed else None


def _mean_logarithm(ring: Ring, inner: Poly) -> Poly | None:
    single = inner.single()
    if single is None:
        return None
    sums = [a for a, e in single[0] if a.kind == "sum" and e == 1]
    one = _single_sum(ring, sums[0]) if len(sums) == 1 else None
    if one is None:
        return None
    index, low, high, body = one
    outside = monomial_poly(ring, [f for f in single[0] if f[0] is not sums[0]], single[1])
    term = multiply(ring, outside, body)
    if not ring.ranges.at_least_zero(high - low) or not is_positive(ring, term):
        return None
    count = length(ring, low, high)
    mean = multiply(ring, sum_over(ring, logarithm(ring, term), [index]), power(ring, count, -1))
    return mean + logarithm(ring, count)
