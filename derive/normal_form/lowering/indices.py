"""Indices: entries, deltas, and case distinctions that are about indices only."""

from __future__ import annotations

from derive.language.affine import Affine, term_of
from derive.language.term import Term, make, num
from derive.normal_form.atom import ONE, ZERO, Poly
from derive.normal_form.functions import (
    delta,
    step,
)
from derive.normal_form.lowering.core import Env, Index, Lowering, named_value
from derive.normal_form.polynomial import multiply
from derive.normal_form.ring import OutOfReach


def kronecker_delta(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    difference = low.affine(term.args[0], env) - low.affine(term.args[1], env)
    if any(n in low.ring.random_marks for n in difference.names):
        raise OutOfReach("a Kronecker delta of random indices")
    return delta(low.ring, difference)


def condition_value(low: Lowering, statement: Term, env: Env) -> Poly:
    """1 where a statement about indices holds, else 0."""
    ring = low.ring
    if statement.head == "true":
        return ONE
    if statement.head == "and":
        result = ONE
        for part in statement.args:
            result = multiply(ring, result, condition_value(low, part, env))
        return result
    if statement.head in ("eq", "ne", "lt", "le", "gt", "ge"):
        left, right = (low.affine(a, env) for a in statement.args)
        if not all(ring.is_index_like(n) and n not in ring.random_marks for n in (left - right).names):
            raise OutOfReach("a case distinction")
        difference = left - right
        if statement.head == "eq":
            return delta(ring, difference)
        if statement.head == "ne":
            return ONE - delta(ring, difference)
        if statement.head in ("lt", "le"):
            difference = -difference
        return step(ring, difference if statement.head in ("lt", "gt") else difference + 1)
    raise OutOfReach("a case distinction")


def cases(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    total, open_share = ZERO, ONE
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        if value.head == "undefined":
            raise OutOfReach("a case distinction")
        holds = condition_value(low, condition, env)
        share = multiply(ring, open_share, holds)
        total = total + multiply(ring, share, low.lower(value, indices, env))
        open_share = open_share - share
    if open_share:
        raise OutOfReach("cases that may leave a gap")
    return total


def entry(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    base, *written = term.args
    at = tuple(low.affine(i, env) for i in written)
    if base.head == "sym" and base.name not in env:
        symbol = low.context.symbols.get(base.name)
        if symbol is None:
            raise OutOfReach(f"a name without a declaration ({base.name})")
        ends = [(r.low, r.high) for r in symbol.family]
        if len(at) > len(ends):
            ends += [(Affine(1), axis[0]) for axis in symbol.shape.axes]
        for where, (first, last) in zip(at, ends, strict=False):
            check_range(low, where, first, last)
        return named_value(low, base.name, at + indices)
    shape = low.shape(base, env)
    for where, axis in zip(at, shape.axes, strict=True):
        if len(axis) != 1:
            raise OutOfReach("a single index into a composite axis")
        check_range(low, where, Affine(1), axis[0])
    return low.lower(base, at + indices, env)


def check_range(low: Lowering, where: Affine, first: Affine, last: Affine) -> None:
    for at_least in (where - first, last - where):
        if low.ring.ranges.at_least_zero(at_least):
            continue
        if low.ring.ranges.positive(-at_least):
            raise OutOfReach("an index out of its range")
        low.need("range", low.ring.affine(at_least), make("ge", term_of(at_least), num(0)))


def written_vector(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    columns = term.value[1] if term.head == "matrix" else 1
    total = ZERO
    for position, arg in enumerate(term.args):
        row, column = divmod(position, columns)
        share = delta(low.ring, indices[0] - (row + 1))
        if term.head == "matrix":
            share = multiply(low.ring, share, delta(low.ring, indices[1] - (column + 1)))
        if share:
            total = total + multiply(low.ring, share, low.lower(arg, (), env))
    return total
