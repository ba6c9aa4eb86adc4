"""Moments of the entries of normal random vectors, x ~ N(m, C), also of the members of a family of such vectors.

For a polynomial P in the entries, E[x_i P] = m_i E[P] + Σ_j C_ij E[∂P/∂x_j] (Stein's identity), which takes a moment
down to those of lower order and ends in Isserlis' formula; it holds for singular C as well. Mean and covariance are
lowered where a moment is asked for, so that they follow a derivative. Functions of a vector other than polynomials have
no closed form here. Sources: Stein, "Estimation of the Mean of a Multivariate Normal Distribution" (1981); Isserlis
(1918).
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.affine import Affine
from derive.language.context import Context, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, conjuncts, make
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Poly
from derive.normal_form.density import covers
from derive.normal_form.polynomial import multiply
from derive.normal_form.ring import Ring

MOST_ORDER = 6

Place = tuple[Affine, ...]


@dataclass(frozen=True, slots=True)
class VectorLaw:
    """The mean (a vector) and covariance (a matrix) of a random vector; `indices` are a family's letters."""

    mean: Term
    covariance: Term
    indices: tuple[str, ...] = ()


def read_vector_laws(context: Context) -> dict[str, VectorLaw]:
    """The normal distributions that the facts of a context give to random vectors."""
    found: dict[str, VectorLaw] = {}
    for fact in context.facts:
        for whole in conjuncts(fact):
            part = whole
            while part.head == "forall":
                part = part.args[3]
            if part.head != "distributed" or part.value != "normal":
                continue
            subject, *parameters = part.args
            parts = subject.args if subject.head == "entry" else (subject,)
            if len(parameters) != 2 or any(a.head != "sym" for a in parts):
                continue
            name, indices = parts[0].name, tuple(a.name for a in parts[1:])
            symbol = context.symbols.get(name)
            if symbol is None or symbol.shape.rank != 1 or len(indices) != len(symbol.family):
                continue
            law = _fitting(context, subject, parameters, indices)
            if law is not None and covers(whole, indices, symbol):
                found[name] = law
    return found


def _fitting(context: Context, vector: Term, parameters: list[Term], indices: tuple[str, ...]) -> VectorLaw | None:
    """The law whose parameters have the shapes of the vector and of its outer product with itself."""
    scope = {i: Symbol(i, role="index") for i in indices}
    fitted = []
    for whole, part in zip((vector, make("mul", vector, make("transpose", vector))), parameters, strict=True):
        checked = elaborate(make("eq", whole, part), context, scope)
        if not isinstance(checked, Checked):
            return None
        fitted.append(checked.term.args[1])
    return VectorLaw(fitted[0], fitted[1], indices)


def vector_moment(ring: Ring, factors: list[tuple[Atom, Exponent]]) -> Poly | None:
    """E of a product of entries of one normal random vector; None for anything else."""
    places: list[Place] = []
    names = set()
    for atom, e in factors:
        if atom.kind != "entry" or not isinstance(e, int) or e < 0:
            return None
        names.add(atom.data[0])
        places += [atom.data[1]] * e
    law = ring.vector_laws.get(next(iter(names))) if len(names) == 1 else None
    if law is None or not 0 < len(places) <= MOST_ORDER:
        return None
    count = len(law.indices)
    if any(len(p) != count + 1 for p in places) or len({p[:count] for p in places}) > 1:
        return None
    at = dict(zip(law.indices, places[0], strict=False))
    return _moment(ring, law, at, [p[count] for p in places])


def _moment(ring: Ring, law: VectorLaw, at: dict[str, Affine], entries: list[Affine]) -> Poly:
    if not entries:
        return ONE
    first, *rest = entries
    total = multiply(ring, ring.density_value(law.mean, {}, at, (first,)), _moment(ring, law, at, rest))
    for k, other in enumerate(rest):
        spread = ring.density_value(law.covariance, {}, at, (first, other))
        if spread != ZERO:
            total = total + multiply(ring, spread, _moment(ring, law, at, rest[:k] + rest[k + 1 :]))
    return total


__all__ = ["VectorLaw", "read_vector_laws", "vector_moment"]
