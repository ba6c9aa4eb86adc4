"""Inverses and determinants as atoms over a matrix whose entries are a normal form.

A `Matrix` is its entry as a polynomial in canonical row and column marks. inv{M}[i, j] pulls scalars out of M,
inverts diagonal matrices and inverses on the spot, shares one key between M and its transpose, and has unordered
indices where M is symmetric.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.language.affine import Affine, variable
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Poly, height_of, pair
from derive.normal_form.polynomial import _NEVER_DIVIDE, monomial_poly, multiply, power
from derive.normal_form.renaming import Substitution, rename, substitute
from derive.normal_form.ring import Ring

Index = tuple[Affine, ...]
Matrix = tuple[tuple[str, ...], tuple[str, ...], tuple[Affine, ...], Poly]
"""Row marks, column marks, the sizes of the (composite) axis, and the entry."""


def make_matrix(ring: Ring, sizes: tuple[Affine, ...], entry: Callable[[Index, Index], Poly]) -> Matrix:
    """The matrix with these entries over a square (composite) axis."""
    rows = [ring.fresh(Affine(1), s) for s in sizes]
    columns = [ring.fresh(Affine(1), s) for s in sizes]
    body = entry(tuple(map(variable, rows)), tuple(map(variable, columns)))
    return _mark(ring, sizes, rows, columns, body)


def _mark(ring: Ring, sizes: tuple[Affine, ...], rows: list[str], columns: list[str], body: Poly) -> Matrix:
    height = height_of(body) + 1
    r = tuple(f"@{height}r{k}" for k in range(len(sizes)))
    c = tuple(f"@{height}c{k}" for k in range(len(sizes)))
    mapping = {old: variable(new) for old, new in zip([*rows, *columns], [*r, *c], strict=True)}
    return (r, c, sizes, rename(ring, body, mapping))


def entry_of(ring: Ring, matrix: Matrix, i: Index, j: Index) -> Poly:
    """An entry of the matrix."""
    r, c, _, body = matrix
    return rename(ring, body, dict(zip([*r, *c], [*i, *j], strict=True)))


def open_matrix(ring: Ring, matrix: Matrix) -> tuple[list[str], list[str], Poly]:
    """The matrix with fresh row and column indices."""
    sizes = matrix[2]
    rows = [ring.fresh(Affine(1), s) for s in sizes]
    columns = [ring.fresh(Affine(1), s) for s in sizes]
    return rows, columns, entry_of(ring, matrix, tuple(map(variable, rows)), tuple(map(variable, columns)))


def transposed(ring: Ring, matrix: Matrix) -> Matrix:
    """The transpose."""
    rows, columns, body = open_matrix(ring, matrix)
    return _mark(ring, matrix[2], columns, rows, body)


def substitute_matrix(ring: Ring, matrix: Matrix, values: Substitution) -> Matrix:
    """A substitution in the entries (and sizes)."""
    rows, columns, body = open_matrix(ring, matrix)
    sizes = tuple(s.substitute(values.indices) for s in matrix[2])
    return _mark(ring, sizes, rows, columns, substitute(ring, body, values))


def identity_entry(ring: Ring, i: Index, j: Index) -> Poly:
    """δ_ij over a composite axis."""
    from derive.normal_form.functions import delta

    result = ONE
    for a, b in zip(i, j, strict=True):
        result = multiply(ring, result, delta(ring, a - b))
    return result


def diagonal_of(ring: Ring, matrix: Matrix) -> Poly | None:
    """The diagonal entry (at the row marks) where every term holds δ(row, column) for each axis part."""
    r, c, _, body = matrix
    wanted = []
    for a, b in zip(r, c, strict=True):
        term = variable(a) - variable(b)
        wanted.append(ring.atom("delta", -term if term.parts[0][1] < 0 else term))
    if not body.terms or not all(all((w, 1) in mono for w in wanted) for mono in body.terms):
        return None
    stripped = Poly({tuple(f for f in mono if f[0] not in wanted): k for mono, k in body.terms.items()})
    return rename(ring, stripped, {b: variable(a) for a, b in zip(r, c, strict=True)})


def scalar_part(ring: Ring, matrix: Matrix) -> tuple[Poly, Matrix]:
    """M = s · M′ with every scalar common to all terms, and the rational content, in s."""
    from derive.normal_form.polynomial import content, leading

    r, c, sizes, body = matrix
    marks = frozenset(r) | frozenset(c)
    lowest: dict[Atom, Exponent] = {}
    counts: dict[Atom, int] = {}
    for mono in body.terms:
        for a, e in mono:
            if a.free.isdisjoint(marks) and a.kind not in _NEVER_DIVIDE:
                counts[a] = counts.get(a, 0) + 1
                lowest[a] = min(lowest.get(a, e), e)
    common = [(a, e if counts[a] == len(body.terms) else min(e, 0)) for a, e in lowest.items()]
    common = [(a, e) for a, e in common if e]
    scale = content(body)
    if leading(body)[1] < 0:
        scale = -scale
    if not common and scale == 1:
        return ONE, matrix
    inverse = monomial_poly(ring, [(a, -e) for a, e in common], 1 / scale)
    return monomial_poly(ring, common, scale), (r, c, sizes, multiply(ring, body, inverse))


def _canonical(ring: Ring, matrix: Matrix) -> tuple[Matrix, bool, bool]:
    """M or its transpose, whichever has the smaller key; whether it was transposed; whether it is symmetric."""
    other = transposed(ring, matrix)
    if other[3] == matrix[3]:
        return matrix, False, True
    if other[3].key < matrix[3].key:
        return other, True, False
    return matrix, False, False


def inverse_entry(ring: Ring, matrix: Matrix, i: Index, j: Index) -> Poly:
    """An entry of the inverse."""
    from derive.normal_form.low_rank import low_rank_inverse

    body = matrix[3]
    if not body:
        from derive.normal_form.ring import OutOfReach

        raise OutOfReach("the inverse of a zero matrix")
    diagonal = diagonal_of(ring, matrix)
    if diagonal is not None:
        value = rename(ring, diagonal, dict(zip(matrix[0], i, strict=True)))
        return multiply(ring, identity_entry(ring, i, j), power(ring, value, -1))
    scalar, inner = scalar_part(ring, matrix)
    nested = _inverted(inner)
    if nested is not None:
        found = entry_of(ring, nested[0], j, i) if nested[1] else entry_of(ring, nested[0], i, j)
        return multiply(ring, power(ring, scalar, -1), found)
    written_out = low_rank_inverse(ring, inner, i, j)
    if written_out is not None:
        return multiply(ring, power(ring, scalar, -1), written_out)
    chosen, flipped, symmetric = _canonical(ring, inner)
    if flipped:
        i, j = j, i
    marks = [*chosen[0], *chosen[1]]
    if symmetric and len(i) == 1:
        atom = ring.atom("inv", chosen, pair(i[0], j[0]), "symmetric", bound=marks)
    else:
        atom = ring.atom("inv", chosen, i, j, bound=marks)
    return multiply(ring, power(ring, scalar, -1), ring.value(atom))


def inverse_indices(atom: Atom) -> tuple[Matrix, Index, Index, bool]:
    """The matrix, row and column of an `inv` atom, and whether it is symmetric."""
    matrix, i, j = atom.data
    if j == "symmetric":
        return matrix, (i[0],), (i[1],), True
    return matrix, i, j, False


def _inverted(matrix: Matrix) -> tuple[Matrix, bool] | None:
    """The matrix that this one is the inverse of, entry by entry and whole; whether it is to be transposed."""
    single = matrix[3].single()
    if single is None or single[1] != 1 or len(single[0]) != 1 or single[0][0][0].kind != "inv" or single[0][0][1] != 1:
        return None
    nested, i, j, symmetric = inverse_indices(single[0][0][0])
    rows, columns = tuple(map(variable, matrix[0])), tuple(map(variable, matrix[1]))
    if nested[2] != matrix[2]:  # a part of an inverse is no inverse of a part
        return None
    if (i, j) == (rows, columns) or (symmetric and (j, i) == (rows, columns)):
        return nested, False
    return (nested, True) if (j, i) == (rows, columns) else None


def determinant(ring: Ring, matrix: Matrix) -> Poly:
    """The determinant."""
    from derive.normal_form.functions import symbolic_power
    from derive.normal_form.low_rank import low_rank_determinant
    from derive.normal_form.summation import indexed_product

    sizes = matrix[2]
    if not matrix[3]:
        return ZERO
    diagonal = diagonal_of(ring, matrix)
    if diagonal is not None and len(sizes) == 1:
        index = ring.fresh(Affine(1), sizes[0])
        return indexed_product(ring, rename(ring, diagonal, {matrix[0][0]: variable(index)}), index)
    scalar, inner = scalar_part(ring, matrix)
    count = ONE
    for s in sizes:
        count = multiply(ring, count, ring.affine(s))
    outside = symbolic_power(ring, scalar, count)
    nested = _inverted(inner)
    if nested is not None:
        return multiply(ring, outside, power(ring, determinant(ring, nested[0]), -1))
    found = low_rank_determinant(ring, inner)
    if found is not None:
        return multiply(ring, outside, found)
    chosen, _, _ = _canonical(ring, inner)
    atom = ring.atom("det", chosen, bound=[*chosen[0], *chosen[1]])
    return multiply(ring, outside, ring.value(atom))


__all__ = ["Matrix", "determinant", "entry_of", "inverse_entry", "make_matrix"]
