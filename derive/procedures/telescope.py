"""Telescoping sums: Σ_{t=a}^{b} (g(t) − g(t−1)) = g(b) − g(a−1).

The difference of the sides is brought to index normal form, where the sum stands as one sum for each term of its
summand. Two sums over one range whose summands are each other's shift by one, with opposite coefficients, are replaced
by the two ends that are left, which cancel where the range is empty; the rest must vanish.
"""

from __future__ import annotations

from derive.language.affine import variable
from derive.language.budget import Budget
from derive.language.context import SCALAR
from derive.language.decision import Declined, Outcome, Proof
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import Atom, Monomial, Poly
from derive.normal_form.lowering import Lowering
from derive.normal_form.polynomial import monomial_poly, multiply
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.summation import open_block
from derive.normal_form.zero import side_conditions, vanishes
from derive.procedures.procedure import Example, Procedure

_MOST = 12


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    left, right = step.statement.args
    checked = elaborate(left, step.context)
    if not isinstance(checked, Checked) or checked.shape != SCALAR:
        return Declined("no equation between scalars")
    if not any(n.head == "sum" for n in walk(step.statement)) and not step.context.definitions:
        return Declined("no sum is taken")
    ring = assemble(step.context, budget)
    lowering = Lowering(ring)
    try:
        first = lowering.lower(left)
        needs_left = list(ring.needs)
        ring.needs.clear()
        second = lowering.lower(right)
        needs_right = list(ring.needs)
        ring.needs.clear()
        residual = first - second
        for _ in range(_MOST):
            budget.spend()
            shorter = _without_a_pair(ring, residual)
            if shorter is None:
                break
            residual = shorter
        else:
            return Declined("too many sums to telescope")
        if not vanishes(ring, residual):
            return Declined("the sums do not telescope to the other side")
        conditions = side_conditions(ring, needs_left, [*needs_right, *ring.needs], (left, right))
    except OutOfReach as out:
        return Declined(f"{out.reason} is out of reach")
    return Proof("telescope", conditions, evidence=("neighbouring terms of the sum cancel",))


def _without_a_pair(ring: Ring, residual: Poly) -> Poly | None:
    """The polynomial with one pair of sums replaced by what is left of it; None where there is none."""
    sums: list[tuple[Monomial, Atom, Monomial]] = []
    for mono, _ in residual.sorted_terms():
        found = [a for a, e in mono if a.kind == "sum" and e == 1 and len(a.data[0]) == 1]
        if len(found) == 1:
            sums.append((mono, found[0], tuple(f for f in mono if f[0] is not found[0])))
    for mono, upper, outside in sums:
        for other, lower, beside in sums:
            if mono == other or outside != beside or residual.terms[mono] != -residual.terms[other]:
                continue
            ends = _ends(ring, upper, lower)
            if ends is None:
                continue
            rest = Poly({m: c for m, c in residual.terms.items() if m not in (mono, other)})
            return rest + multiply(ring, monomial_poly(ring, outside, residual.terms[mono]), ends)
    return None


def _ends(ring: Ring, upper: Atom, lower: Atom) -> Poly | None:
    """Σ u − Σ v as u at the last index − v at the first, where v is u one index before."""
    low, high = upper.data[0][0][1:]
    if lower.data[0][0][1:] != (low, high) or high is None or not ring.ranges.at_least_zero(high - low + 1):
        return None
    (index,), u = open_block(ring, upper)
    (other,), v = open_block(ring, lower)
    before = rename(ring, u, {index: variable(index) - 1})
    if not vanishes(ring, before - rename(ring, v, {other: variable(index)})):
        return None
    return rename(ring, u, {index: high}) - rename(ring, v, {other: low})


PROCEDURE = Procedure(
    "telescope",
    frozenset(["eq"]),
    _decide,
    "telescoping sums of what the normal form does not sum: roots, logarithms, members of sequences",
    proves=(
        Example((r"n \in \mathbb{N}, n \ge 1",), r"\sum_{k=1}^{n} (\sqrt{k} - \sqrt{k - 1}) = \sqrt{n}"),
        Example((r"n \in \mathbb{N}, n \ge 1",), r"\sum_{k=1}^{n} (\log(k + 1) - \log k) = \log(n + 1)"),
    ),
    declines=(
        Example((r"n \in \mathbb{N}, n \ge 1",), r"\sum_{k=1}^{n} (\sqrt{k} - \sqrt{k - 1}) = \sqrt{n} - 1"),
        Example((r"n \in \mathbb{N}, n \ge 2",), r"\sum_{k=1}^{n} (\sqrt{k + 1} - \sqrt{k - 1}) = \sqrt{n + 1}"),
    ),
)
