"""Linear algebra by entries: transposes, inverses, traces, determinants, Kronecker and Hadamard products, norms."""

from __future__ import annotations

from fractions import Fraction

from derive.language.affine import Affine, variable
from derive.language.term import Term, make
from derive.normal_form.atom import ONE, ZERO, Poly
from derive.normal_form.functions import (
    absolute,
    exponential,
    extreme,
)
from derive.normal_form.lowering.core import UNIT, Env, Index, Lowering, reciprocal
from derive.normal_form.matrix import determinant, identity_entry, inverse_entry, make_matrix
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.ring import OutOfReach
from derive.normal_form.summation import sum_over


def transpose(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if not shape.axes:
        return low.lower(term.args[0], (), env)
    if shape.rank == 1:
        return low.lower(term.args[0], indices[1:], env)
    if shape.axes[0] == UNIT:
        return low.lower(term.args[0], UNIT + indices, env)
    columns = len(shape.axes[1])
    return low.lower(term.args[0], indices[columns:] + indices[:columns], env)


def square_factors(low: Lowering, term: Term, env: Env) -> tuple[Term, Term] | None:
    """The factors of a product of two square matrices of one size."""
    if term.head != "mul" or len(term.args) != 2:
        return None
    left, right = term.args
    a, b = low.shape(left, env), low.shape(right, env)
    if a.rank == 2 and b.rank == 2 and a.axes[0] == a.axes[1] == b.axes[0] == b.axes[1]:
        return left, right
    return None


def inverse(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    arg = term.args[0]
    shape = low.shape(arg, env)
    if not shape.axes:
        return reciprocal(low, low.lower(arg, (), env), arg, env)
    half = len(shape.axes[0])
    if arg.head == "transpose":
        return low.lower(make("inverse", arg.args[0]), indices[half:] + indices[:half], env)
    factors = square_factors(low, arg, env)
    if factors is not None:
        left, right = factors
        return low.lower(make("mul", make("inverse", right), make("inverse", left)), indices, env)
    matrix = make_matrix(low.ring, shape.axes[0], lambda i, j: low.lower(arg, i + j, env))
    said = low.spelled(arg, env)
    if said is None:
        raise OutOfReach("the inverse of a matrix that cannot be named")
    statement = make("has", said, value="invertible")
    low.need("invertible", None, statement, matrix)
    return inverse_entry(low.ring, matrix, indices[:half], indices[half:])


def trace(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if not shape.axes:
        return low.lower(term.args[0], (), env)
    names = [low.ring.fresh(Affine(1), size) for size in shape.axes[0]]
    at = tuple(map(variable, names))
    return sum_over(low.ring, low.lower(term.args[0], at + at, env), names)


def determinant_of(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    arg = term.args[0]
    shape = low.shape(arg, env)
    if not shape.axes:
        return low.lower(arg, (), env)
    if arg.head == "transpose":
        return low.lower(make("det", arg.args[0]), (), env)
    factors = square_factors(low, arg, env)
    if factors is not None:
        first, second = (low.lower(make("det", f), (), env) for f in factors)
        return multiply(low.ring, first, second)
    matrix = make_matrix(low.ring, shape.axes[0], lambda i, j: low.lower(arg, i + j, env))
    value = determinant(low.ring, matrix)
    note_definite(low, value, matrix)
    return value


def note_definite(low: Lowering, value: Poly, matrix: tuple[object, ...]) -> None:
    from derive.normal_form.definite import is_invertible, is_positive_definite

    single = value.single()
    if single is None or len(single[0]) != 1 or single[0][0][0].kind != "det":
        return
    atom = low.ring.value(single[0][0][0])
    if any(known == atom for _, known in low.ring.known):
        return
    inner = single[0][0][0].data[0]
    if is_positive_definite(low.ring, inner):
        low.ring.know("positive", atom)
    elif is_invertible(low.ring, inner):
        low.ring.know("nonzero", atom)


def diag(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if shape.rank == 1:
        half = len(shape.axes[0])
        share = identity_entry(low.ring, indices[:half], indices[half:])
        return multiply(low.ring, share, low.lower(term.args[0], indices[:half], env)) if share else ZERO
    return low.lower(term.args[0], indices + indices, env)


def vec(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if shape.rank == 1:
        return low.lower(term.args[0], indices, env)
    columns = len(shape.axes[1])
    return low.lower(term.args[0], indices[columns:] + indices[:columns], env)


def hadamard(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    result = ONE
    for arg in term.args:
        result = multiply(low.ring, result, low.lower(arg, indices, env))
    return result


def entry_quotient(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    bottom = low.lower(term.args[1], indices, env)
    return multiply(low.ring, low.lower(term.args[0], indices, env), reciprocal(low, bottom, term.args[1], env))


def kronecker(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shapes = [low.shape(a, env) for a in term.args]
    rows = [len(s.axes[0]) for s in shapes]
    flat = all(s.rank == 1 for s in shapes)
    split = sum(rows)
    row_indices, column_indices = indices[:split], indices[split:]
    result = ONE
    r = c = 0
    for arg, shape in zip(term.args, shapes, strict=True):
        at = row_indices[r : r + len(shape.axes[0])]
        r += len(shape.axes[0])
        if not flat:
            width = len(shape.axes[1]) if shape.rank == 2 else 1
            if shape.rank == 2:
                at = at + column_indices[c : c + width]
            c += width
        result = multiply(low.ring, result, low.lower(arg, at, env))
    return result


def inner_product(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    left, right = term.args
    shape = low.shape(left, env)
    names = [low.ring.fresh(Affine(1), size) for axis in shape.axes for size in axis]
    at = tuple(map(variable, names))
    return sum_over(low.ring, multiply(low.ring, low.lower(left, at, env), low.lower(right, at, env)), names)


def norm(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    arg = term.args[0]
    shape = low.shape(arg, env)
    if not shape.axes:
        return absolute(ring, low.lower(arg, (), env))
    names = [ring.fresh(Affine(1), size) for axis in shape.axes for size in axis]
    at = tuple(map(variable, names))
    value = low.lower(arg, at, env)
    if term.value == "1":
        return sum_over(ring, absolute(ring, value), names)
    if term.value == "inf":
        return extreme(ring, "max", absolute(ring, value), names[0])
    return power(ring, sum_over(ring, power(ring, value, 2), names), Fraction(1, 2))


def softmax(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    shape = low.shape(term.args[0], env)
    names = [ring.fresh(Affine(1), size) for size in shape.axes[0]]
    total = sum_over(ring, exponential(ring, low.lower(term.args[0], tuple(map(variable, names)), env)), names)
    return multiply(ring, exponential(ring, low.lower(term.args[0], indices, env)), power(ring, total, -1))
