"""Determinants and inverses of a matrix plus a product: det(c I_n + L R) = c^(n−m) det(c I_m + R L), and rank one.

Sylvester's identity changes between the two sizes; of the two determinants the one with the smaller key is kept, so
that both forms meet. A + u vᵀ with an invertible A has the determinant det A (1 + vᵀ A⁻¹ u) (the matrix determinant
lemma; Harville, Matrix Algebra From a Statistician's Perspective, section 18.1); with a diagonal A its inverse is
written out (Sherman and Morrison). det(I + A⁻¹ B) det A = det(A + B) takes inverses out of a determinant. Other sums
are left as they are.
"""

from __future__ import annotations

from derive.language.affine import Affine, variable
from derive.normal_form.atom import ONE, Poly
from derive.normal_form.clearing import products
from derive.normal_form.matrix import (
    Index,
    Matrix,
    determinant,
    diagonal_of,
    identity_entry,
    inverse_entry,
    make_matrix,
    open_matrix,
)
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Ring
from derive.normal_form.sign import is_nonzero
from derive.normal_form.summation import open_block, sum_over


def low_rank_determinant(ring: Ring, matrix: Matrix) -> Poly | None:
    """The determinant in a simpler or the canonical form, None where the matrix is not of these kinds."""
    from derive.normal_form.definite import is_invertible
    from derive.normal_form.functions import symbolic_power

    if len(matrix[2]) != 1 or len(matrix[3].terms) < 2:
        return None
    (row,), (column,), body = open_matrix(ring, matrix)
    size = matrix[2][0]
    cleared = _without_inverses(ring, matrix, body, row, column)
    if cleared is not None:
        return cleared
    outer = _outer_product(ring, body, row, column)
    if outer is not None:
        rest, left, right = outer
        base = _as_matrix(ring, size, rest, row, column)
        if is_invertible(ring, base):
            i, j = ring.fresh(Affine(1), size), ring.fresh(Affine(1), size)
            between = inverse_entry(ring, base, (variable(i),), (variable(j),))
            u, v = rename(ring, left, {row: variable(j)}), rename(ring, right, {column: variable(i)})
            inner = sum_over(ring, multiply(ring, multiply(ring, v, between), u), [i, j])
            return multiply(ring, determinant(ring, base), ONE + inner)
    product = _product(ring, body, row, column)
    if product is None:
        return None
    scalar, left, right, index, other_size = product
    i, j = ring.fresh(Affine(1), other_size), ring.fresh(Affine(1), other_size)
    turned = sum_over(
        ring,
        multiply(
            ring,
            rename(ring, right, {index: variable(i), column: variable(row)}),
            rename(ring, left, {index: variable(j)}),
        ),
        [row],
    )
    turned = turned + multiply(ring, scalar, identity_entry(ring, (variable(i),), (variable(j),)))
    swapped = _as_matrix(ring, other_size, turned, i, j)
    if (str(size), matrix[3].key) <= (str(other_size), swapped[3].key):
        return None
    outside = symbolic_power(ring, scalar, ring.affine(size - other_size))
    return multiply(ring, outside, determinant(ring, swapped))


def low_rank_inverse(ring: Ring, matrix: Matrix, i: Index, j: Index) -> Poly | None:
    """An entry of (D + u vᵀ)⁻¹ = D⁻¹ − D⁻¹ u vᵀ D⁻¹ / (1 + vᵀ D⁻¹ u) where D is diagonal and no divisor can be 0."""
    if len(matrix[2]) != 1 or len(matrix[3].terms) < 2:
        return None
    (row,), (column,), body = open_matrix(ring, matrix)
    size = matrix[2][0]
    outer = _outer_product(ring, body, row, column)
    if outer is None:
        return None
    base = _as_matrix(ring, size, outer[0], row, column)
    diagonal = diagonal_of(ring, base)
    k, m = ring.fresh(Affine(1), size), ring.fresh(Affine(1), size)
    if diagonal is None or not is_nonzero(ring, rename(ring, diagonal, {base[0][0]: variable(k)})):
        return None
    u, v = rename(ring, outer[1], {row: variable(k)}), rename(ring, outer[2], {column: variable(m)})

    def inverse(a: Affine, b: Affine) -> Poly:
        return inverse_entry(ring, base, (a,), (b,))

    between = multiply(ring, multiply(ring, v, inverse(variable(m), variable(k))), u)
    divisor = ONE + sum_over(ring, between, [k, m])
    if not is_nonzero(ring, divisor):
        return None
    left = sum_over(ring, multiply(ring, inverse(i[0], variable(k)), u), [k])
    right = sum_over(ring, multiply(ring, v, inverse(variable(m), j[0])), [m])
    return inverse(i[0], j[0]) - multiply(ring, multiply(ring, left, right), power(ring, divisor, -1))


def _without_inverses(ring: Ring, matrix: Matrix, body: Poly, row: str, column: str) -> Poly | None:
    """det M = det(A M) / det A, or det(M A) / det A, where A⁻¹ stands at an end of M and the product lacks it."""
    for inverted, product in products(ring, body, (row, column)):
        if inverted[2] == matrix[2]:
            above = determinant(ring, _as_matrix(ring, matrix[2][0], product, row, column))
            return multiply(ring, above, power(ring, determinant(ring, inverted), -1))
    return None


def _as_matrix(ring: Ring, size: Affine, body: Poly, row: str, column: str) -> Matrix:
    return make_matrix(ring, (size,), lambda i, j: rename(ring, body, {row: i[0], column: j[0]}))


def _outer_product(ring: Ring, body: Poly, row: str, column: str) -> tuple[Poly, Poly, Poly] | None:
    """The one term u_i v_j of a matrix: the others, u and v."""
    found: list[tuple[Poly, Poly, Poly]] = []
    for mono, c in body.terms.items():
        if any({row, column} <= a.free for a, _ in mono):
            continue
        left = monomial_poly(ring, [f for f in mono if column not in f[0].free], c)
        right = monomial_poly(ring, [f for f in mono if column in f[0].free])
        if row in left.free and column in right.free:
            found.append((body - Poly({mono: c}), left, right))
    return found[0] if len(found) == 1 else None


def _product(ring: Ring, body: Poly, row: str, column: str) -> tuple[Poly, Poly, Poly, str, Affine] | None:
    """c δ_ij + Σ_a L_ia R_aj: the scalar c, L, R, the index a and its range's size."""
    delta = identity_entry(ring, (variable(row),), (variable(column),)).single()
    assert delta is not None
    (mark, _), scalar, products = delta[0][0], Poly({}), []
    for mono, c in body.terms.items():
        if (mark, 1) in mono:
            scalar = scalar + Poly({tuple(f for f in mono if f[0] is not mark): c})
        else:
            products.append((mono, c))
    if len(products) != 1 or scalar.free & {row, column} or not is_nonzero(ring, scalar):
        return None
    mono, c = products[0]
    sums = [a for a, e in mono if a.kind == "sum" and e == 1 and a.free & {row, column}]
    outside = [f for f in mono if f[0] not in sums]
    if len(sums) != 1 or len(sums[0].data[0]) != 1 or any(a.free & {row, column} for a, _ in outside):
        return None
    (index,), inner = open_block(ring, sums[0])
    low, high = ring.ranges.ends[index]
    single = inner.single()
    if low != Affine(1) or high is None or single is None:
        return None
    factors = single[0]
    if any({row, column} <= a.free for a, _ in factors):
        return None
    right = [f for f in factors if column in f[0].free]
    left = [f for f in factors if f not in right]
    return (
        scalar,
        multiply(ring, monomial_poly(ring, outside, c * single[1]), monomial_poly(ring, left)),
        monomial_poly(ring, right),
        index,
        high,
    )


__all__ = ["low_rank_determinant", "low_rank_inverse"]
