"""Taking inverses out of a polynomial with open indices: at an index where A⁻¹ stands, it is multiplied by A.

If the entries r_i.. of a vector or matrix vanish, so do those of A r and r A. A product is kept where it has fewer
inverses than there were; inverses that stand between other factors stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.language.affine import Affine, variable
from derive.normal_form.atom import Atom, Monomial, Poly
from derive.normal_form.matrix import Matrix, entry_of, inverse_indices
from derive.normal_form.polynomial import multiply
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Ring
from derive.normal_form.summation import sum_over


def inverses_in(mono: Monomial) -> list[Atom]:
    """The entries of inverses among the factors, looking into one sum."""
    found = []
    for a, _ in mono:
        if a.kind == "inv":
            found.append(a)
        elif a.kind == "sum":
            found += [b for b, _ in a.data[1] if b.kind == "inv"]
    return found


def cleared(ring: Ring, residual: Poly, indices: Iterable[str]) -> Poly | None:
    """The residual multiplied by every matrix whose inverse stands at one of the open indices; None if none does."""
    names, found = tuple(indices), None
    while (step := next(products(ring, residual if found is None else found, names), None)) is not None:
        found = step[1]
    return found


def products(ring: Ring, residual: Poly, indices: Iterable[str]) -> Iterator[tuple[Matrix, Poly]]:
    """Each matrix whose inverse stands at an open index, and the product with it where inverses became fewer."""
    candidates: dict[tuple[str, str, bool], Matrix] = {}
    for mono in residual.terms:
        for atom in inverses_in(mono):
            matrix, i, j, symmetric = inverse_indices(atom)
            for end, left in ((i, True), (j, False)):
                if len(end) == 1 and str(end[0]) in indices:
                    candidates.setdefault((matrix[3].key, str(end[0]), left), matrix)
                    if symmetric:
                        break
    before = _count(residual)
    for (_, name, left), matrix in sorted(candidates.items(), key=lambda c: c[0]):
        inner = ring.fresh(Affine(1), matrix[2][0])
        ends = (variable(name),), (variable(inner),)
        factor = entry_of(ring, matrix, *(ends if left else reversed(ends)))
        product = sum_over(ring, multiply(ring, factor, rename(ring, residual, {name: variable(inner)})), [inner])
        if _count(product) < before:
            yield matrix, product


def _count(residual: Poly) -> int:
    return sum(len(inverses_in(mono)) for mono in residual.terms)
