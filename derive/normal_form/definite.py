"""Whether a matrix is shown to be invertible or positive definite.

The quadratic form vᵀMv of an opaque v is a sum of closed sums; one is nonnegative where, with some indices held
fixed, every factor is an even power or nonnegative, or where it is a quadratic form of a matrix declared
semidefinite. M is positive definite where all parts are nonnegative and one is positive for v ≠ 0: Σ vᵢ² times
something positive, ‖Xv‖² with X of full column rank, or a form of a definite matrix. Invertibility also comes from
declared properties, from what is known to be invertible, and by Schur complements: det(P + L A⁻¹ R) det A = det P
det(A + R P⁻¹ L).
"""

from __future__ import annotations

from itertools import combinations

from derive.language.affine import Affine, variable
from derive.normal_form.atom import ONE, Atom, Exponent, Monomial, Poly
from derive.normal_form.matrix import (
    Matrix,
    determinant,
    diagonal_of,
    entry_of,
    inverse_entry,
    inverse_indices,
    make_matrix,
    open_matrix,
    scalar_part,
    transposed,
)
from derive.normal_form.polynomial import merge, monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive
from derive.normal_form.summation import open_block, sum_over

Factors = list[tuple[Atom, Exponent]]

INVERTIBLE = frozenset(["invertible", "orthogonal", "positive definite", "nonsingular"])


def is_invertible(ring: Ring, matrix: Matrix) -> bool:
    """Whether the inverse is shown to exist."""
    if _directly_invertible(ring, matrix) or _known_determinant(ring, matrix):
        return True
    scalar, inner = scalar_part(ring, matrix)
    if scalar != ONE and is_nonzero(ring, scalar) and inner[3] != matrix[3]:
        return is_invertible(ring, inner)
    return any(_schur(ring, matrix, atom) for atom in _inverse_atoms(matrix[3]))


def know_invertible(ring: Ring, matrix: Matrix) -> None:
    """Take a matrix to be invertible: so is what is left of it without its scalar factors, and they are not 0."""
    scalar, inner = scalar_part(ring, matrix)
    ring.invertible.append(inner)
    if scalar.constant is None:
        single = scalar.single()
        for atom, _ in single[0] if single is not None else ():
            ring.know("nonzero", ring.value(atom))


def _is_invertible_entry(ring: Ring, matrix: Matrix) -> bool:
    """Whether the matrix is, entry by entry and whole, a symbol declared invertible or an inverse, or its transpose."""
    single = matrix[3].single()
    if single is None or len(single[0]) != 1 or single[0][0][1] != 1:
        return False
    atom = single[0][0][0]
    marks = [tuple(map(variable, matrix[0])), tuple(map(variable, matrix[1]))]
    if atom.kind == "inv":
        inner, i, j, _ = inverse_indices(atom)
        return inner[2] == matrix[2] and [i, j] in (marks, marks[::-1])
    if atom.kind != "entry" or len(matrix[2]) != 1:
        return False
    symbol = ring.context.symbols.get(str(atom.data[0]).split("′")[0])
    if symbol is None or not symbol.properties & INVERTIBLE or symbol.shape.axes != (matrix[2], matrix[2]):
        return False
    member, ends = atom.data[1][:-2], [tuple(atom.data[1][-2:-1]), tuple(atom.data[1][-1:])]
    return ends in (marks, marks[::-1]) and not any(i.names & {*matrix[0], *matrix[1]} for i in member)


def _known_determinant(ring: Ring, matrix: Matrix) -> bool:
    single = determinant(ring, matrix).single()
    if single is None:
        return False
    known = [p for kind, p in ring.known if kind in ("nonzero", "positive")]
    determinants = [ring.value(a) in known for a, _ in single[0] if a.kind == "det"]
    rest = monomial_poly(ring, [f for f in single[0] if f[0].kind != "det"])
    return bool(determinants) and all(determinants) and (rest == ONE or is_nonzero(ring, rest))


def _same_as_any(ring: Ring, matrix: Matrix, known: list[Matrix], positive: bool = False) -> bool:
    """Whether the matrix or its transpose is a nonzero (or positive) multiple of one of those known."""
    for other in known:
        if other[2] != matrix[2]:
            continue
        for candidate in (other, transposed(ring, other)):
            if _proportional(candidate[3], matrix[3], positive):
                return True
    return False


def _proportional(a: Poly, b: Poly, positive: bool) -> bool:
    """Whether b is a nonzero (or positive) number times a."""
    if a.terms.keys() != b.terms.keys() or not a.terms:
        return False
    first = next(iter(a.terms))
    ratio = b.terms[first] / a.terms[first]
    return (ratio > 0 or not positive) and all(b.terms[m] == c * ratio for m, c in a.terms.items())


# --- quadratic forms --------------------------------------------------------------------------------------------------


def is_positive_definite(ring: Ring, matrix: Matrix) -> bool:
    """Whether vᵀMv > 0 is shown for every v ≠ 0."""
    if _same_as_any(ring, matrix, ring.definite, positive=True):
        return True
    if len(matrix[2]) != 1:
        return False
    form, v = quadratic_form(ring, matrix)
    strict = False
    try:
        for mono, c in form.terms.items():
            if c <= 0:
                return False
            kind = form_sign(ring, mono, v, matrix[2][0])
            if kind is None:
                return False
            strict = strict or kind
    except OutOfReach:
        return False
    return strict


def quadratic_form(ring: Ring, matrix: Matrix) -> tuple[Poly, str]:
    """vᵀMv for an opaque vector, and its name."""
    rows, columns, body = open_matrix(ring, matrix)
    ring.count += 1
    v = f"v′{ring.count}"
    left = ring.value(ring.entry(v, (variable(rows[0]),)))
    right = ring.value(ring.entry(v, (variable(columns[0]),)))
    return sum_over(ring, multiply(ring, multiply(ring, left, body), right), [*rows, *columns]), v


def form_sign(ring: Ring, mono: Monomial, v: str, length: Affine | None = None) -> bool | None:
    """None: not shown to be nonnegative; True: positive wherever the vector named v, of this length, is not zero."""
    strict = False
    for atom, e in mono:
        value = ring.value(atom)
        if isinstance(e, int) and e % 2 == 0:
            continue
        if f"[{v}]" not in atom.free:
            if not is_nonnegative(ring, value):
                return None
            continue
        if atom.kind != "sum" or e != 1:
            return None
        kind = _block_sign(ring, atom, v, length)
        if kind is None:
            return None
        strict = strict or kind
    outside = [(a, e) for a, e in mono if f"[{v}]" not in a.free]
    return strict and is_positive(ring, monomial_poly(ring, outside))


def _block_sign(ring: Ring, atom: Atom, v: str, length: Affine | None) -> bool | None:
    names, body = open_block(ring, atom)
    single = body.single()
    if single is None or single[1] <= 0:
        return None
    mono = single[0]
    best: bool | None = None
    for count in range(min(3, len(names)) + 1):
        for held in combinations(names, count):
            rest = [n for n in names if n not in held]
            inner = sum_over(ring, Poly({mono: single[1]}), rest)
            kind = _held_sign(ring, inner, list(held), v, length)
            if kind:
                return True
            if kind is False:
                best = False
    return best


def _held_sign(ring: Ring, inner: Poly, held: list[str], v: str, length: Affine | None) -> bool | None:
    one = inner.single()
    if one is None or one[1] <= 0:
        return None
    odd: Factors = [(a, e) for a, e in one[0] if not (isinstance(e, int) and e % 2 == 0)]
    squares: Factors = [(a, e) for a, e in one[0] if isinstance(e, int) and e % 2 == 0]
    signed = [(a, e) for a, e in odd if not is_nonnegative(ring, ring.value(a))]
    if not signed:
        return _strict_squares(ring, squares, odd, held, v, length)
    return _definite_between(ring, signed, [f for f in odd if f not in signed], held, v, length)


def _strict_squares(ring: Ring, squares: Factors, odd: Factors, held: list[str], v: str, length: Affine | None) -> bool:
    """Σ_i (positive)·v_i², or Σ_i (positive)·(Σ_j X_ij v_j)² with X of full column rank, over all of i and j."""
    with_v = [a for a, _ in squares if f"[{v}]" in a.free]
    if len(with_v) != 1 or len(held) != 1:
        return False
    others = [(a, e) for a, e in squares if a is not with_v[0]] + odd
    if not all(is_positive(ring, monomial_poly(ring, [(a, e)])) for a, e in others):
        return False
    return _shows_all(ring, with_v[0], held[0], v, length)


def _shows_all(ring: Ring, atom: Atom, row: str, v: str, length: Affine | None) -> bool:
    """Whether v is 0 where this is 0 for every value of the index `row`: it is v_row, or Σ_j X_row,j v_j with X of full
    column rank."""
    if length is None:
        return False
    if atom.kind == "entry":
        return atom.data == (v, (variable(row),)) and _runs_over(ring, row, length)
    if atom.kind != "sum" or len(atom.data[0]) != 1:
        return False
    ((name, low, high),) = atom.data[0]
    body: Monomial = atom.data[1]
    if (low, high) != (Affine(1), length) or len(body) != 2 or any(e != 1 for _, e in body):
        return False
    if not any(a.kind == "entry" and a.data == (v, (variable(name),)) for a, _ in body):
        return False
    at = (variable(row), variable(name))
    return any(
        (rows, columns) == (ring.ranges.ends[row][1], length)
        and ring.ranges.ends[row][0] == Affine(1)
        and any(ring.value(a) == tall(*at) for a, _ in body)
        for rows, columns, tall in ring.full_rank
    )


def _runs_over(ring: Ring, index: str, size: Affine) -> bool:
    """Whether an index takes every value from 1 to a size."""
    return ring.ranges.ends.get(index) == (Affine(1), size)


def _definite_between(
    ring: Ring, signed: Factors, rest: Factors, held: list[str], v: str, length: Affine | None
) -> bool | None:
    """Σ_ik g(i) A_ik g(k) with A semidefinite, i and k over the same range."""
    forms = [a for a, e in signed if e == 1 and _definiteness(ring, a) is not None]
    if len(forms) != 1 or len(held) != 2 or len(signed) != 3:
        return None
    form = forms[0]
    i, k = held
    ends = _form_ends(form)
    if ends is None or set(ends) != {i, k} or ring.ranges.ends[i] != ring.ranges.ends[k]:
        return None
    g, h = [a for a, _ in signed if a is not form]
    if i not in g.free:
        g, h = h, g
    if k in g.free or i in h.free or rename(ring, ring.value(g), {i: variable(k)}) != ring.value(h):
        return None
    if any(a.free & {i, k} for a, _ in rest):
        return None
    if _definiteness(ring, form) is not True:
        return False
    return _shows_all(ring, g, i, v, length)


def _definiteness(ring: Ring, atom: Atom) -> bool | None:
    """True: entry of a positive definite matrix; False: semidefinite; None: neither is known."""
    if atom.kind == "entry":
        symbol = ring.context.symbols.get(str(atom.data[0]).split("′")[0])
        if symbol is None or len(atom.data[1]) != 2:
            return None
        if "positive definite" in symbol.properties:
            return True
        return False if "positive semidefinite" in symbol.properties else None
    if atom.kind == "inv":
        matrix = inverse_indices(atom)[0]
        return True if is_positive_definite(ring, matrix) else None
    return None


def _form_ends(atom: Atom) -> tuple[str, str] | None:
    if atom.kind == "entry":
        i, j = atom.data[1]
        return str(i), str(j)
    _, i, j, _ = inverse_indices(atom)
    return (str(i[0]), str(j[0])) if len(i) == 1 else None


# --- Schur complements ------------------------------------------------------------------------------------------------


def _inverse_atoms(body: Poly) -> list[Atom]:
    found: dict[Atom, None] = {}

    def visit(data: object) -> None:
        if isinstance(data, Atom):
            if data.kind == "inv":
                found[data] = None
            elif data.kind == "sum":
                visit(data.data[1])
        elif isinstance(data, Poly):
            for m in data.terms:
                visit(m)
        elif isinstance(data, tuple):
            for d in data:
                visit(d)

    visit(body)
    return list(found)


def _complement(
    ring: Ring, terms: Poly, row: tuple[Affine, ...], column: tuple[Affine, ...], inner: Matrix
) -> tuple[Poly, list[tuple[Poly, Poly, list[str], list[str]]]] | None:
    """Split terms into P (without inv{A}) and L A⁻¹ R parts, each opened as L[.., a] and R[b, ..]."""
    rest = Poly({})
    parts: list[tuple[Poly, Poly, list[str], list[str]]] = []
    for mono, c in terms.terms.items():
        names: list[str] = []
        factors: Monomial = ()
        for a, e in mono:
            if a.kind == "sum" and e == 1:
                fresh, body = open_block(ring, a)
                single = body.single()
                if single is None:
                    return None
                names += fresh
                factors, _ = merge(factors, single[0])
                c = c * single[1]
            else:
                factors, _ = merge(factors, ((a, e),))
        match = [a for a, e in factors if a.kind == "inv" and e == 1 and inverse_indices(a)[0][3].key == inner[3].key]
        if not match:
            rest = rest + Poly({mono: c if not names else terms.terms[mono]})
            continue
        _, i, j, symmetric = inverse_indices(match[0])
        if len(i) != 1:
            return None
        a_name, b_name = str(i[0]), str(j[0])
        left: Monomial = ()
        right: Monomial = ()
        reach = _reach([f for f in factors if f[0] is not match[0]], a_name, names, b_name)
        row_names = {n for x in row for n in x.names}
        if symmetric and row_names and not any(f[0].free & row_names for f in factors if f[0].free & reach):
            a_name, b_name = b_name, a_name
            reach = _reach([f for f in factors if f[0] is not match[0]], a_name, names, b_name)
        for f in factors:
            if f[0] is match[0]:
                continue
            if f[0].free & reach:
                left, _ = merge(left, (f,))
            else:
                right, _ = merge(right, (f,))
        if not (_runs_over(ring, a_name, inner[2][0]) and _runs_over(ring, b_name, inner[2][0])):
            return None
        left_names = [n for n in names if n in reach and n != a_name]
        right_names = [n for n in names if n not in reach and n != b_name]
        parts.append(
            (
                sum_over(ring, Poly({left: c}), left_names),
                sum_over(ring, monomial_poly(ring, right), right_names),
                [a_name],
                [b_name],
            )
        )
    return rest, parts


def _reach(factors: Factors, start: str, names: list[str], stop: str) -> set[str]:
    seen = {start}
    changed = True
    while changed:
        changed = False
        for a, _ in factors:
            touched = {n for n in names if n in a.free}
            if touched & seen and not touched <= seen and stop not in touched:
                seen |= touched
                changed = True
    return seen


def _schur(ring: Ring, matrix: Matrix, atom: Atom) -> bool:
    """Whether M = P + L A⁻¹ R with P and A + R P⁻¹ L known to be invertible."""
    inner = inverse_indices(atom)[0]
    rows, columns, body = open_matrix(ring, matrix)
    row, column = tuple(map(variable, rows)), tuple(map(variable, columns))
    split = _complement(ring, body, row, column, inner)
    if split is None or len(split[1]) != 1:
        return False
    rest, [(left, right, [a], [b])] = split
    if not rest:
        return False
    p_matrix = make_matrix(
        ring, matrix[2], lambda i, j: rename(ring, rest, dict(zip([*rows, *columns], [*i, *j], strict=True)))
    )
    if not _directly_invertible(ring, p_matrix):
        return False

    def corner(i: tuple[Affine, ...], j: tuple[Affine, ...]) -> Poly:
        middle = inverse_entry(ring, p_matrix, column, row)
        r = rename(ring, right, {b: i[0]})
        lft = rename(ring, left, {a: j[0]})
        return entry_of(ring, inner, i, j) + sum_over(
            ring, multiply(ring, multiply(ring, r, middle), lft), [*columns, *rows]
        )

    return _directly_invertible(ring, make_matrix(ring, inner[2], corner))


def _directly_invertible(ring: Ring, matrix: Matrix) -> bool:
    if _same_as_any(ring, matrix, ring.invertible) or _is_invertible_entry(ring, matrix):
        return True
    diagonal = diagonal_of(ring, matrix)
    if diagonal is not None:
        fresh = {mark: variable(ring.fresh(Affine(1), size)) for mark, size in zip(matrix[0], matrix[2], strict=True)}
        if is_nonzero(ring, rename(ring, diagonal, fresh)):
            return True
    return is_positive_definite(ring, matrix)


def scalar_schur(ring: Ring, poly: Poly) -> bool:
    """Whether P + l A⁻¹ r ≠ 0 because A + r P⁻¹ l is known to be invertible (a 1×1 complement)."""
    return any(_scalar_complement(ring, poly, atom) for atom in _inverse_atoms(poly))


def _scalar_complement(ring: Ring, poly: Poly, atom: Atom) -> bool:
    inner = inverse_indices(atom)[0]
    split = _complement(ring, poly, (), (), inner)
    if split is None or len(split[1]) != 1 or not is_nonzero(ring, split[0]):
        return False
    rest, [(left, right, [a], [b])] = split

    def corner(i: tuple[Affine, ...], j: tuple[Affine, ...]) -> Poly:
        r, lft = rename(ring, right, {b: i[0]}), rename(ring, left, {a: j[0]})
        return entry_of(ring, inner, i, j) + multiply(ring, multiply(ring, r, power(ring, rest, -1)), lft)

    return _same_as_any(ring, make_matrix(ring, inner[2], corner), ring.invertible)
