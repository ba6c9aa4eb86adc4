"""Division and factors of normal forms as polynomials over their atoms (python-flint's multivariate polynomials)."""

from __future__ import annotations

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from derive.normal_form.atom import Atom, Monomial, Poly
from derive.normal_form.polynomial import clear_kernels, monomial_poly, multiply
from derive.normal_form.ring import OutOfReach, Ring

LARGEST = 4_000


def numerator(ring: Ring, poly: Poly) -> Poly:
    """The polynomial times powers of its atoms and kernels, so that no exponent is negative (or fractional)."""
    poly, _ = clear_kernels(ring, poly)
    lowest: dict[Atom, object] = {}
    for mono in poly.terms:
        for a, e in mono:
            if not isinstance(e, int):
                raise OutOfReach("a root in an equation")
            if e < 0:
                lowest[a] = min(lowest.get(a, 0), e)  # type: ignore[call-overload]
    if not lowest:
        return poly
    up = monomial_poly(ring, [(a, -e) for a, e in sorted(lowest.items(), key=lambda p: p[0].key)])  # type: ignore[operator]
    return numerator(ring, multiply(ring, poly, up))


def divide_exactly(poly: Poly, by: Poly) -> Poly | None:
    """`poly / by` where it is a polynomial; both have nonnegative integer exponents."""
    if len(poly.terms) > LARGEST or not by.terms or not (_plain(poly) and _plain(by)):
        return None
    atoms = _atoms(poly, by)
    context = fmpq_mpoly_ctx.get([f"x{k}" for k in range(max(1, len(atoms)))], Ordering.lex)
    quotient, rest = divmod(context.from_dict(_table(poly, atoms)), context.from_dict(_table(by, atoms)))
    if rest.to_dict():
        return None
    return _back(quotient.to_dict(), atoms)


def factors(poly: Poly) -> list[tuple[Poly, int]]:
    """The irreducible factors with multiplicities, without the constant."""
    if len(poly.terms) > LARGEST or not poly.terms or not _plain(poly):
        return []
    atoms = _atoms(poly)
    if not atoms:
        return []
    context = fmpq_mpoly_ctx.get([f"x{k}" for k in range(len(atoms))], Ordering.lex)
    _, found = context.from_dict(_table(poly, atoms)).factor()
    return [(_back(f.to_dict(), atoms), int(k)) for f, k in found]


def _plain(poly: Poly) -> bool:
    """Whether every exponent is a natural number, as flint's polynomials need."""
    return all(isinstance(e, int) and e >= 0 for mono in poly.terms for _, e in mono)


def _atoms(*polys: Poly) -> list[Atom]:
    found: dict[Atom, None] = {}
    for p in polys:
        for mono in p.terms:
            for a, _ in mono:
                found[a] = None
    return sorted(found, key=lambda a: a.key)


def _table(poly: Poly, atoms: list[Atom]) -> dict[tuple[int, ...], fmpq]:
    place = {a: k for k, a in enumerate(atoms)}
    table: dict[tuple[int, ...], fmpq] = {}
    for mono, c in poly.terms.items():
        exponents = [0] * max(1, len(atoms))
        for a, e in mono:
            exponents[place[a]] = int(e)
        table[tuple(exponents)] = c
    return table


def _back(table: dict[tuple[int, ...], fmpq], atoms: list[Atom]) -> Poly:
    terms: dict[Monomial, fmpq] = {}
    for exponents, c in table.items():
        terms[tuple((a, int(e)) for a, e in zip(atoms, exponents, strict=False) if e)] = c
    return Poly(terms)
