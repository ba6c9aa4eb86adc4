"""Sums, products and extremes over an index; vectors given by their entries."""

from __future__ import annotations

from derive.language.affine import Affine, variable
from derive.language.term import Term
from derive.normal_form.atom import ZERO, Poly
from derive.normal_form.functions import (
    extreme,
)
from derive.normal_form.lowering.core import Env, Index, Lowering
from derive.normal_form.lowering.indices import condition_value
from derive.normal_form.polynomial import multiply
from derive.normal_form.ring import OutOfReach
from derive.normal_form.series import infinite_sum
from derive.normal_form.summation import indexed_product, sum_over

FEW = 12  # sums and products over at most so many explicit values are written out


def ends_of(low: Lowering, term: Term, env: Env) -> tuple[Affine, Affine]:
    if any(t.head in ("infinity",) or (t.head == "neg" and t.args[0].head == "infinity") for t in term.args[1:3]):
        raise OutOfReach("an infinite range")
    return low.affine(term.args[1], env), low.affine(term.args[2], env)


def indexed_sum(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    name = term.args[0].name
    endless = term.args[2].head == "infinity"
    first, last = (low.affine(term.args[1], env),) * 2 if endless else ends_of(low, term, env)

    def summand(at: Affine) -> Poly:
        inner = {**env, name: low.index_binding(name, at)}
        value = low.lower(term.args[3], indices, inner)
        if len(term.args) > 4:
            value = multiply(ring, value, condition_value(low, term.args[4], inner))
        return value

    if endless:
        index = ring.fresh(first, None)
        noted = len(ring.needs) + len(ring.assumed)
        value = summand(variable(index))
        if len(ring.needs) + len(ring.assumed) > noted:
            raise OutOfReach("a condition on every term of an infinite sum")
        return infinite_sum(ring, value, index, first)
    if first.is_constant and last.is_constant and last.constant - first.constant < FEW:
        total = ZERO
        for k in range(first.constant, last.constant + 1):
            total = total + summand(Affine(k))
        return total
    index = ring.fresh(first, last)
    with low.bound(index):
        value = summand(variable(index))
    return sum_over(ring, value, [index])


def product_over(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    if len(term.args) > 4:
        raise OutOfReach("a product with a condition on its index")
    name = term.args[0].name
    first, last = ends_of(low, term, env)
    index = low.ring.fresh(first, last)
    with low.bound(index):
        body = low.lower(term.args[3], (), {**env, name: low.index_binding(name, variable(index))})
    return indexed_product(low.ring, body, index)


def extreme_over(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    name = term.args[0].name
    first, last = ends_of(low, term, env)
    index = low.ring.fresh(first, last)
    with low.bound(index):
        body = low.lower(term.args[3], (), {**env, name: low.index_binding(name, variable(index))})
    return extreme(low.ring, "max" if term.head == "maxover" else "min", body, index)


def tabulate(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    name = term.args[0].name
    first, _ = ends_of(low, term, env)
    at = indices[0] + first + (-1)
    return low.lower(term.args[3], (), {**env, name: low.index_binding(name, at)})
