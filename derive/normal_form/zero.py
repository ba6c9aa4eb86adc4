"""The zero test: are two terms equal for all values and all sizes, and under which conditions?

Both sides are lowered at fresh indices and subtracted. The residual is zero where it is empty, or becomes empty when
kernels are cleared, hypotheses rewrite it, ranges that differ by constants are brought together, sums over one index
are merged, or it is multiplied by a matrix whose inverse occurs in it. Conditions are sorted: what the left side and
the context entail is in force, what only the right side needs is a condition of the step.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.language.budget import Budget
from derive.language.context import Context, Shape
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import ZERO, Atom, Poly, height_of, tensor_mark
from derive.normal_form.clearing import inverses_in
from derive.normal_form.definite import is_invertible, know_invertible, scalar_schur
from derive.normal_form.derivative import Target, differentiate
from derive.normal_form.lowering import Lowering
from derive.normal_form.matrix import Matrix, entry_of, inverse_indices
from derive.normal_form.polynomial import clear_kernels, monomial_poly, multiply, power
from derive.normal_form.quotient import factors, numerator
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive
from derive.normal_form.spelling import spell, tidy_indices
from derive.normal_form.summation import FEW, group_sums, need_range, sum_over
from derive.normal_form.words import rewrite_monomials


@dataclass(frozen=True, slots=True)
class Equal:
    """The sides are equal under `conditions`; `used` names the hypotheses that served."""

    conditions: tuple[Term, ...]
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotShown:
    """Equality was not shown (which does not mean that it is false)."""

    reason: str


def decide(
    left: Term,
    right: Term,
    shape: Shape,
    context: Context,
    budget: Budget,
    assuming: bool = False,
    premises: tuple[Term, ...] | None = None,
) -> Equal | NotShown:
    """Whether `left = right` for elaborated terms of one shape.

    With `assuming`, splits of logarithms, roots and absolute values that need a sign are made and become conditions.
    `premises` (facts of the context by now) are given where the equation is claimed to follow from them: then both of
    its sides must have a value, not the right one alone, and the premises' own needs are met.
    """
    try:
        ring = assemble(context, budget)
        # beside events, |X| is 2 X 1[X > 0] − X
        heads = {n.head for side in (left, right) for n in walk(side)}
        ring.moduli_as_bits = bool(heads & {"prob", "indicator"}) and bool(heads & {"abs", "max", "min"})
        lowering = Lowering(ring)
        indices = tuple(variable(ring.fresh(Affine(1), size)) for axis in shape.axes for size in axis)
        a = lowering.lower(left, indices)
        needs_left = list(ring.needs)
        ring.needs.clear()
        b = lowering.lower(right, indices)
        needs_right = list(ring.needs)
        ring.needs.clear()
        if assuming:
            # the needs are those of the terms without assumptions: under |x| = x, log |x| would need x > 0 itself
            ring.assuming = True
            lowering.memo.clear()
            a, b = lowering.lower(left, indices), lowering.lower(right, indices)
            ring.needs.clear()
        residual = a - b
        if not vanishes(ring, residual):
            return NotShown("the normal forms of the two sides differ")
        if premises is not None:
            needs_left, needs_right = _needs_of(lowering, premises), needs_left + needs_right
        conditions = side_conditions(ring, needs_left, needs_right, (left, right))
        return Equal(conditions, tuple(sorted(ring.used_rules)))
    except OutOfReach as out:
        return NotShown(f"{out.reason} is out of the normal form's reach")
    except RecursionError:
        return NotShown("the formula is nested too deeply for the normal form")


def _needs_of(lowering: Lowering, premises: tuple[Term, ...]) -> list[Need]:
    """What the sides of equations need to have a value."""
    ring = lowering.ring
    for premise in premises:
        checked = elaborate(premise.args[0], ring.context) if premise.head == "eq" else None
        if not isinstance(checked, Checked):
            continue
        indices = tuple(variable(ring.fresh(Affine(1), size)) for axis in checked.shape.axes for size in axis)
        for side in premise.args:
            try:
                lowering.lower(side, indices)
            except OutOfReach:
                continue
    found = list(ring.needs)
    ring.needs.clear()
    return found


# --- is it zero -------------------------------------------------------------------------------------------------------


def vanishes(ring: Ring, residual: Poly, depth: int = 0) -> bool:
    """Whether a normal form is zero for all values and sizes (conditions used are noted in the ring)."""
    if not residual:
        return True
    residual, _ = clear_kernels(ring, residual)
    if not residual:
        return True
    for attempt in (rewrite_monomials, _rewrite_cleared, _telescope, _merge):
        noted = len(ring.assumed)
        changed = attempt(ring, residual)
        if changed != residual:
            changed, _ = clear_kernels(ring, changed)
            if not changed:
                return True
            if attempt is _telescope:
                if not rewrite_monomials(ring, changed):
                    return True
                del ring.assumed[noted:]
            else:
                residual = changed
    return depth < 2 and (_multiply_by_inverted(ring, residual, depth) or _for_any_vector(ring, residual, depth))


def _for_any_vector(ring: Ring, residual: Poly, depth: int) -> bool:
    """A scalar with inverses between vectors, as yᵀ M y: it vanishes for every y where it does at 0 and its gradient,
    which has an open index for an inverse to be cancelled at, vanishes for every y (which no equation confines)."""
    if any(n.startswith("%") for n in residual.free) or not any(inverses_in(mono) for mono in residual.terms):
        return False
    for name in sorted(n[1:-1] for n in residual.free if n.startswith("[")):
        symbol = ring.context.symbols.get(name)
        if symbol is None or symbol.family or symbol.random or len(symbol.shape.axes) != 1 or ring.in_equation(name):
            continue
        mark = tensor_mark(name)
        still = Poly({m: c for m, c in residual.terms.items() if all(mark not in a.free for a, _ in m)})
        moving = [f for m in residual.terms for f in m if mark in f[0].free]
        if not all(_is_form(a, mark) and isinstance(e, int) and e > 0 for a, e in moving):
            continue
        index = ring.fresh(Affine(1), symbol.shape.axes[0][0])
        gradient = differentiate(ring, residual, Target(name, (variable(index),)))
        return vanishes(ring, still, depth) and vanishes(ring, gradient, depth)
    return False


def _is_form(atom: Atom, mark: str) -> bool:
    """Whether an atom is a product or sum of products of entries of a tensor, and so 0 where the tensor is."""
    if atom.kind != "sum":
        return atom.kind == "entry"
    moving = [(a, e) for a, e in atom.data[1] if mark in a.free]
    return bool(moving) and all(_is_form(a, mark) and isinstance(e, int) and e > 0 for a, e in moving)


def _rewrite_cleared(ring: Ring, residual: Poly) -> Poly:
    """The rewriting of the residual times its divisors, which are not 0 where it has a value."""
    if not ring.rules:
        return residual
    try:
        return rewrite_monomials(ring, numerator(ring, residual))
    except OutOfReach:
        return residual


def _telescope(ring: Ring, residual: Poly) -> Poly:
    """Sums over one index as differences of formal prefix sums: Σ_{low}^{high} f = F(high) − F(low − 1).

    So ranges that are cut in two, or that differ by a few terms, meet. It holds where no range is shorter than empty.
    """
    groups: dict[str, list[Atom]] = {}
    for mono in residual.terms:
        for a, e in mono:
            if a.kind == "sum" and len(a.data[0]) == 1 and isinstance(e, int) and e > 0:
                members = groups.setdefault(_summand(ring, a, variable("@")).key, [])
                if a not in members:
                    members.append(a)
    replacement: dict[Atom, Poly] = {}
    for key, atoms in groups.items():
        if len(atoms) > 1 and all(_not_short(ring, a) for a in atoms):
            replacement.update(_prefixes(ring, key, atoms))
    if not replacement:
        return residual
    total = ZERO
    for mono, c in residual.terms.items():
        part = Poly({tuple(f for f in mono if f[0] not in replacement): c})
        for a, e in mono:
            if a in replacement:
                part = multiply(ring, part, power(ring, replacement[a], e))
        total = total + part
    return total


def _summand(ring: Ring, atom: Atom, at: Affine) -> Poly:
    return rename(ring, Poly({atom.data[1]: fmpq(1)}), {atom.data[0][0][0]: at})


def _not_short(ring: Ring, atom: Atom) -> bool:
    """Whether the range is at least empty; noted as a need where that is not shown but can be said."""
    _, low, high = atom.data[0][0]
    try:
        need_range(ring, high - low + 1)
    except OutOfReach:
        return False
    return True


def _prefixes(ring: Ring, key: str, atoms: list[Atom]) -> dict[Atom, Poly]:
    ends = [(a, a.data[0][0][1] + (-1), a.data[0][0][2]) for a in atoms]
    base: dict[tuple[tuple[str, int], ...], int] = {}
    for _, before, last in ends:
        for x in (before, last):
            base[x.parts] = min(base.get(x.parts, x.constant), x.constant)
    if any(x.constant - base[x.parts] > FEW for _, before, last in ends for x in (before, last)):
        return {}

    def prefix(atom: Atom, x: Affine) -> Poly:
        start = Affine(base[x.parts], x.parts)
        value = ring.value(ring.atom("prefix", key, start))
        for k in range(1, x.constant - start.constant + 1):
            value = value + _summand(ring, atom, start + k)
        return value

    return {a: prefix(a, last) - prefix(a, before) for a, before, last in ends}


def _merge(ring: Ring, residual: Poly) -> Poly:
    """Sums over one index with one range under one outside factor: add the summands and clear their kernels."""
    groups, rest = group_sums(residual)
    for (outside, low, high), members in groups.items():
        index = ring.fresh(low, high)
        body = ZERO
        for atom, c in members:
            name = atom.data[0][0][0]
            body = body + rename(ring, Poly({atom.data[1]: c}), {name: variable(index)})
        if len(members) > 1:
            cleared, _ = clear_kernels(ring, body)
            if not cleared or (not _merge_inner(ring, cleared)):
                continue
        for atom, c in members:
            rest = rest + monomial_poly(ring, [*outside, (atom, 1)], c)
    return rest


def _merge_inner(ring: Ring, body: Poly) -> Poly:
    """The summand after rewriting; a nonzero result says nothing."""
    return rewrite_monomials(ring, body)


def _multiply_by_inverted(ring: Ring, residual: Poly, depth: int) -> bool:
    """Multiply by a matrix whose inverse stands at a free index of the residual (an equivalence), and test again."""
    candidates: dict[tuple[str, str, bool], tuple[Matrix, list[str], bool]] = {}
    for mono in residual.terms:
        for inverse in inverses_in(mono):
            matrix, i, j, symmetric = inverse_indices(inverse)
            for end, left in ((i, True), (j, False)):
                names = [str(x) for x in end]
                if all(n.startswith("%") for n in names):
                    candidates.setdefault((matrix[3].key, names[0], left), (matrix, names, left))
                    if symmetric:
                        break
    free = sorted(n for n in residual.free if n.startswith("%"))
    for matrix in ring.invertible:
        for n in free:
            if len(matrix[2]) == 1 and ring.ranges.ends[n] == (Affine(1), matrix[2][0]):
                for left in (True, False):
                    candidates.setdefault((matrix[3].key, n, left), (matrix, [n], left))
    ranked = sorted(candidates.items(), key=lambda c: (-height_of(c[1][0][3]), -len(c[1][0][3].terms), c[0]))
    for _, (matrix, names, left) in ranked[:6]:
        size = matrix[2]
        fresh = tuple(variable(ring.fresh(Affine(1), s)) for s in size)
        inner = [ring.fresh(Affine(1), s) for s in size]
        at = tuple(map(variable, inner))
        # a row index of the inverse is met by Σ_i M[·, i], a column index by Σ_j [j] M[j, ·]
        factor = entry_of(ring, matrix, fresh, at) if left else entry_of(ring, matrix, at, fresh)
        moved = rename(ring, residual, dict(zip(names, at, strict=True)))
        if vanishes(ring, sum_over(ring, multiply(ring, factor, moved), inner), depth + 1):
            return True
    return False


# --- conditions -------------------------------------------------------------------------------------------------------


def side_conditions(ring: Ring, left: list[Need], right: list[Need], sides: tuple[Term, Term]) -> tuple[Term, ...]:
    """What an equality of two lowered sides is conditional on: needs of the right side that nothing in force
    entails.
    """
    existence = [n for n in left if n.kind in _EXISTENCE]
    for need in left:
        if need.kind not in _EXISTENCE and need.certain:
            learn(ring, need)
    # a derivative or a series is claimed to exist wherever what it is taken of has a value …
    open_needs = [need for need in existence if not entailed(ring, need)]
    # … and where it does, what the right side needs for its value often follows
    given, inverses = list(ring.known), list(ring.invertible)
    for need in existence:
        if need.certain:
            learn(ring, need)
    open_needs += [need for need in right if not entailed(ring, need)]
    _forget(ring, given, inverses)
    open_needs += [need for need in ring.assumed if not entailed(ring, need)]
    found = [need.statement for need in _weakest(ring, open_needs)]
    for poly in ring.generic:
        if not is_nonzero(ring, poly) and not _removable(ring, poly, sides):
            found.append(spell(ring, poly, "nonzero"))
    return tuple(dict.fromkeys(tidy_indices(s) for s in found))


def _forget(ring: Ring, known: list[tuple[str, Poly]], invertible: list[Matrix]) -> None:
    """Take back what was learnt since."""
    ring.known[:], ring.invertible[:] = known, invertible
    ring.intervals.clear()


def _weakest(ring: Ring, needs: list[Need]) -> list[Need]:
    """The needs without those that follow from the others."""
    kept: list[Need] = []
    for need in sorted(needs, key=lambda n: _STRENGTH.get(n.kind, 3)):
        if not entailed(ring, need):
            kept.append(need)
            learn(ring, need)
    return [need for need in needs if need in kept]


_STRENGTH = {"converges": 0, "positive": 0, "nonnegative": 1, "nonzero": 2}
_EXISTENCE = frozenset(["exists", "converges"])


def learn(ring: Ring, need: Need) -> None:
    """Take a need to be met from here on."""
    if need.matrix is not None:
        know_invertible(ring, need.matrix)
    elif need.poly is not None:
        kind = {"exists": "nonzero", "range": "nonnegative", "converges": "positive"}.get(need.kind, need.kind)
        ring.know(kind, need.poly)
        if need.kind == "converges":  # 1 − r² > 0: neither 1 − r nor 1 + r is 0
            for factor, _ in factors(numerator(ring, need.poly)):
                ring.know("nonzero", factor)
        single = need.poly.single()
        if kind == "nonzero" and single is not None:
            for atom, _ in single[0]:
                ring.know("nonzero", ring.value(atom))


def entailed(ring: Ring, need: Need) -> bool:
    """Whether a need is shown to be met."""
    if need.matrix is not None:
        return is_invertible(ring, need.matrix)
    if need.poly is None:
        return need.statement in ring.context.facts
    if need.kind in ("nonzero", "exists"):
        return is_nonzero(ring, need.poly) or scalar_schur(ring, need.poly)
    if need.kind in ("positive", "converges"):
        return is_positive(ring, need.poly)
    return is_nonnegative(ring, need.poly)


_CONTINUOUS = frozenset(
    [
        "num", "sym", "pi", "add", "neg", "mul", "div", "pow", "exp", "log", "sqrt", "sin", "cos", "tan",
        "arctan", "sinh", "cosh", "tanh", "sum", "prod", "entry", "inner", "transpose", "identity", "ones",
        "zeros", "trace", "diag", "hadamard", "vector", "matrix", "kron", "vec", "norm", "abs", "max", "min",
        "delta", "deriv", "at", "call", "expect", "variance", "covariance", "inverse", "det", "infinity",
        "factorial", "binomial",
    ]
)  # fmt: skip


def _removable(ring: Ring, poly: Poly, sides: tuple[Term, Term]) -> bool:
    """Whether the zeros of `poly` do not matter: both sides are continuous there, and the zeros are nowhere dense.

    That is so where every head in the sides is continuous where it is defined, and `poly` is a nonconstant analytic
    function of real scalars that no hypothesis ties down.
    """
    heads = {node.head for side in sides for node in walk(side)}
    if heads - _CONTINUOUS or (heads & {"deriv", "hessian"} and heads & {"abs", "max", "min", "norm", "sqrt"}):
        return False
    names = {n for n in poly.free if not n.startswith("[")}
    tensors = {n for n in poly.free if n.startswith("[")}
    if tensors or not names:
        return False
    free = [n for n in names if not ring.is_integer(n) and n in ring.context.symbols]
    if not free or any(_tied(ring, n) for n in free):
        return False
    return all(a.kind in ("sym", "exp", "pow") for mono in poly.terms for a, _ in mono)


def _tied(ring: Ring, name: str) -> bool:
    """Whether a hypothesis may confine a scalar to a thin set."""
    if ring.in_equation(name):
        return True
    symbol = ring.context.symbols.get(name)
    return symbol is None or symbol.domain.kind not in ("real", "interval")


__all__ = ["Equal", "NotShown", "decide", "entailed", "vanishes"]
