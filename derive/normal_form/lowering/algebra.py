"""Leaves, sums, products, quotients and powers of scalars and matrices."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.language.affine import Affine, variable
from derive.language.term import Term, make
from derive.normal_form.atom import ONE, ZERO, Poly, constant_poly
from derive.normal_form.functions import (
    symbolic_power,
)
from derive.normal_form.lowering.core import Env, Index, Lowering, is_integer, member, named_value, reciprocal
from derive.normal_form.matrix import identity_entry
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.ring import OutOfReach
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive
from derive.normal_form.summation import sum_over


def number(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return constant_poly(term.value)


def symbol(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    name = term.name
    binding = env.get(name)
    if binding is not None:
        if binding.index is not None:
            return low.ring.affine(binding.index)
        assert binding.entry is not None
        return binding.entry(indices)
    return named_value(low, name, member(low, name, indices, env))


def circle_constant(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return low.ring.value(low.ring.atom("constant", "pi"))


def refuse(reason: str) -> Callable[[Lowering, Term, Index, Env], Poly]:
    def rule(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
        raise OutOfReach(reason)

    return rule


def identity(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return identity_entry(low.ring, indices[:1], indices[1:])


def ones(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return ONE


def zeros(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return ZERO


def addition(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    total = ZERO
    for arg in term.args:
        total = total + low.lower(arg, indices, env)
    return total


def negation(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return -low.lower(term.args[0], indices, env)


def product(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    if len(term.args) != 2 or not indices:
        shapes = [low.shape(a, env) for a in term.args]
        if all(not s.axes for s in shapes):
            result = ONE
            for arg in term.args:
                result = multiply(ring, result, low.lower(arg, (), env))
            return result
    left, right = term.args
    a, b = low.shape(left, env), low.shape(right, env)
    if not a.axes:
        return multiply(ring, low.lower(left, (), env), low.lower(right, indices, env))
    if not b.axes:
        return multiply(ring, low.lower(left, indices, env), low.lower(right, (), env))
    rows = a.axes[0]
    inner = a.axes[1] if a.rank == 2 else (Affine(1),)
    columns = b.axes[1] if b.rank == 2 else (Affine(1),)
    unit: Index = (Affine(1),)
    has_columns = columns != unit
    row: Index
    if rows == unit and not has_columns:
        row, column = unit, unit
    elif not has_columns:
        row, column = indices, unit
    else:
        row, column = indices[: len(rows)], indices[len(rows) :]
    if inner == unit:
        middle: Index = unit
        names: list[str] = []
    else:
        names = [ring.fresh(Affine(1), size) for size in inner]
        middle = tuple(map(variable, names))
    first = low.lower(left, row + middle if a.rank == 2 else row, env)
    second = low.lower(right, middle + column if b.rank == 2 else middle, env)
    return sum_over(ring, multiply(ring, first, second), names)


def quotient(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    bottom = low.lower(term.args[1], (), env)
    top = low.lower(term.args[0], indices, env)
    return multiply(low.ring, top, reciprocal(low, bottom, term.args[1], env))


def power_of(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    base_term, exponent_term = term.args
    if indices:
        return matrix_power(low, base_term, int(exponent_term.value), indices, env)
    base = low.lower(base_term, (), env)
    exponent = low.lower(exponent_term, (), env)
    number = exponent.constant
    if number is not None:
        e = Fraction(int(number.p), int(number.q))
        if e.denominator == 1:
            if e < 0:
                if not base:
                    raise OutOfReach("a division by zero")
                low.sign_needed("nonzero", base, base_term, env)
        else:
            low.sign_needed("positive" if e < 0 else "nonnegative", base, base_term, env)
        return power(ring, base, e.numerator if e.denominator == 1 else e)
    if not is_positive(ring, base):
        # b^x has a value for some x at b ≤ 0 too, but the rules of powers hold only where b > 0 (b ≠ 0 for integers x)
        if not is_integer(low, exponent):
            low.assume("positive", base, base_term, env)
        elif not is_nonnegative(ring, exponent):
            low.assume("nonzero", base, base_term, env)
        elif any(c < 0 for c in exponent.terms.values()) and not is_nonzero(ring, base):
            # b^(n−i) is split into b^n (b^i)^−1: valid off b = 0, and both sides are continuous there
            ring.generic.append(base)
    return symbolic_power(ring, base, exponent)


def matrix_power(low: Lowering, base: Term, exponent: int, indices: Index, env: Env) -> Poly:
    shape = low.shape(base, env)
    half = len(shape.axes[0])
    if exponent == 0:
        return identity_entry(low.ring, indices[:half], indices[half:])
    if exponent < 0:
        inverse = make("inverse", base)
        return matrix_power(low, inverse, -exponent, indices, env)
    if exponent == 1:
        return low.lower(base, indices, env)
    if exponent > 12:
        raise OutOfReach("a high matrix power")
    result = base
    for _ in range(exponent - 1):
        result = make("mul", result, base)
    return low.lower(result, indices, env)
