"""Closed forms and bounds of sequences given by a recurrence, by induction.

The claim is solved for the sequence's member, m_t = C(t). The base case is checked first (at the start of the
sequence, or one step later), then that C satisfies the recurrence: F(C(t − 1), t) = C(t) as a normal form, for every
t in range. It declines recurrences of higher order and claims that are not linear in the member.
"""

from __future__ import annotations

from dataclasses import replace

from flint import fmpq

from derive.language.affine import Affine, affine_of, variable
from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.decision import Declined, Outcome, Proof
from derive.language.sequence import Recurrence, recurrences
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, free_names, sym, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import ZERO, Atom, Poly, tensor_mark
from derive.normal_form.lowering import Lowering, named_value
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.renaming import Substitution, rename, substitute
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import Interval, is_nonnegative, is_nonzero, is_positive
from derive.normal_form.zero import side_conditions, vanishes
from derive.procedures.procedure import Example, Procedure


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    names = free_names(step.statement)
    reason = "no recurrence is in force for what the statement is about"
    for recurrence in recurrences(step.context):
        if recurrence.name not in names:
            continue
        for index in _indices(step.statement, recurrence.name):
            for base in (0, 1):
                induct = _induct if step.statement.head == "eq" else _induct_order
                try:
                    outcome = induct(step, recurrence, index, base, budget)
                except OutOfReach as out:
                    outcome = Declined(f"{out.reason} is out of the induction's reach")
                if isinstance(outcome, Proof):
                    return outcome
                reason = outcome.reason
    return Declined(reason)


def _indices(statement: Term, name: str) -> list[str]:
    """Symbols that stand as the whole index of the sequence."""
    found: dict[str, None] = {}
    for node in walk(statement):
        if node.head == "entry" and node.args[0] == sym(name) and node.args[1].head == "sym":
            found[node.args[1].name] = None
    return list(found)


def _induct(step: Step, recurrence: Recurrence, index: str, base: int, budget: Budget) -> Outcome:
    assert step.statement is not None
    left, right = step.statement.args
    checked = elaborate(left, step.context)
    if not isinstance(checked, Checked):
        return Declined("the shapes do not conform")
    first = affine_of(recurrence.first)
    if first is None:
        return Declined("a recurrence whose start is not a number")
    start = first + (base - 1)  # the first index at which the closed form is claimed
    ring = assemble(_without_closed_forms(step.context, recurrence), budget)
    lowering = Lowering(ring)
    last = lowering.affine(recurrence.last, {})
    if not _within(ring, recurrence, index, last):
        return Declined("the recurrence is not known to go as far as the statement")
    u = ring.fresh(start, last)
    axes = [ring.fresh(Affine(1), size) for axis in checked.shape.axes for size in axis]
    at = tuple(map(variable, axes))
    env = {index: lowering.index_binding(index, variable(u))}
    a = lowering.lower(left, at, env)
    needs_left = list(ring.needs)
    ring.needs.clear()
    b = lowering.lower(right, at, env)
    needs_right = list(ring.needs)
    ring.needs.clear()
    closed = _solve(ring, a - b, recurrence.name, (variable(u), *at))
    if closed is None:
        return Declined("the claim is not linear in the member of the sequence")

    def member(where: tuple[Affine, ...]) -> Poly:
        return rename(ring, closed, dict(zip([u, *axes], where, strict=True)))

    # the base case
    shape = ring.context.symbols[recurrence.name].shape
    if len(axes) != shape.rank:
        return Declined("the claim is about part of the sequence")
    begin = named_value(lowering, recurrence.name, (start, *at))
    if not vanishes(ring, begin - member((start, *at))):
        return Declined("the base case of the induction does not hold")
    # the step
    v = ring.fresh(start + 1, last)
    body = lowering.lower(
        recurrence.body, at, {recurrence.index: lowering.index_binding(recurrence.index, variable(v))}
    )
    ring.needs.clear()
    for place in _places(body, recurrence.name):
        if place[0] != variable(v) + (-1) and place[0] != start:
            return Declined("a recurrence of higher order")

    def before(where: tuple[Affine, ...]) -> Poly:
        return ring.value(ring.entry(recurrence.name, where)) if where[0].is_constant else member(where)

    follow = substitute(ring, body, Substitution(tensors={recurrence.name: before}))
    if not vanishes(ring, follow - member((variable(v), *at))):
        return Declined("the closed form does not satisfy the recurrence")
    conditions = side_conditions(ring, needs_left, needs_right, (left, right))
    evidence = (
        f"base case at index {start}",
        "the closed form satisfies the recurrence at every later index",
    )
    return Proof("induction", conditions, evidence=evidence)


def _within(ring: Ring, recurrence: Recurrence, index: str, last: Affine) -> bool:
    """Whether the index of a statement stays in a recurrence's range; a member beyond it is free, or has no value."""
    family = ring.context.symbols[recurrence.name].family
    return bool(family and family[0].high == last) or ring.ranges.at_least_zero(last - variable(index))


def _induct_order(step: Step, recurrence: Recurrence, index: str, base: int, budget: Budget) -> Outcome:
    """A bound D(m_t, t) ≥ 0 that passes from each member to the next: m_{t−1} is put in as its own bound leaves it."""
    assert step.statement is not None
    left, right = step.statement.args if step.statement.head in ("ge", "gt") else step.statement.args[::-1]
    strict = step.statement.head in ("gt", "lt")
    first = affine_of(recurrence.first)
    if first is None or step.context.symbols[recurrence.name].shape.axes:
        return Declined("a recurrence of vectors, or whose start is not a number")
    start = first + (base - 1)
    ring = assemble(_without_closed_forms(step.context, recurrence), budget)
    lowering = Lowering(ring)
    last = lowering.affine(recurrence.last, {})
    if not _within(ring, recurrence, index, last):
        return Declined("the recurrence is not known to go as far as the statement")
    u, v = ring.fresh(start, last), ring.fresh(start + 1, last)

    def gap(at: Affine) -> Poly:
        env = {index: lowering.index_binding(index, at)}
        return lowering.lower(left, (), env) - lowering.lower(right, (), env)

    holds = is_positive if strict else is_nonnegative
    if not holds(ring, gap(start)):
        return Declined("the base case of the induction does not hold")
    general = gap(variable(u))
    member = ring.entry(recurrence.name, (variable(u),))
    slope = Poly({tuple(f for f in m if f[0] is not member): c for m, c in general.terms.items() if (member, 1) in m})
    rest = Poly({m: c for m, c in general.terms.items() if not any(a is member for a, _ in m)})
    mark = tensor_mark(recurrence.name)
    if mark in slope.free or mark in rest.free or not is_nonzero(ring, slope):
        return Declined("the claim is not linear in the member of the sequence")
    if len(slope.terms) + len(rest.terms) != len(general.terms):
        return Declined("the claim is not linear in the member of the sequence")
    if ring.needs or ring.assumed or ring.generic:
        return Declined("the claim needs something to have a value")
    ring.count += 1
    spare = f"gap′{ring.count}"
    ring.domains[spare] = Interval(fmpq(0), None, strict, True)
    before = multiply(ring, ring.value(ring.symbol(spare)) - rest, power(ring, slope, -1))
    body = lowering.lower(
        recurrence.body, (), {recurrence.index: lowering.index_binding(recurrence.index, variable(v))}
    )
    if any(place[0] != variable(v) + (-1) for place in _places(body, recurrence.name)):
        return Declined("a recurrence of higher order")

    def previous(where: tuple[Affine, ...]) -> Poly:
        return rename(ring, before, {u: where[0]})

    following = substitute(ring, body, Substitution(tensors={recurrence.name: previous}))
    at = {u: variable(v)}
    after = multiply(ring, rename(ring, slope, at), following) + rename(ring, rest, at)
    if ring.needs or ring.assumed or ring.generic or not holds(ring, after):
        return Declined("the bound is not shown to pass from one member to the next")
    return Proof("induction", evidence=(f"base case at index {start}", "the bound passes from each member to the next"))


def _without_closed_forms(context: Context, recurrence: Recurrence) -> Context:
    """Without facts that would rewrite the member itself (an earlier closed form)."""
    member = sym(recurrence.name)
    kept = []
    for fact in context.facts:
        inner = fact
        while inner.head == "forall":
            inner = inner.args[3]
        target = inner.args[0] if inner.head == "eq" else None
        closed = (
            target is not None
            and target.head == "entry"
            and target.args[0] == member
            and affine_of(target.args[1]) is not None
            and not affine_of(target.args[1]).is_constant  # type: ignore[union-attr]
            and not any(n.head == "entry" and n.args[0] == member for n in walk(inner.args[1]))
        )
        if not closed:
            kept.append(fact)
    return replace(context, facts=tuple(kept))


def _solve(ring: Ring, residual: Poly, name: str, where: tuple[Affine, ...]) -> Poly | None:
    """C where `residual = 0` says m[where] = C."""
    atom = ring.entry(name, where)
    mark = tensor_mark(name)
    slope, rest = ZERO, ZERO
    for mono, c in residual.terms.items():
        table = dict(mono)
        others = tuple(f for f in mono if f[0] is not atom)
        if any(mark in a.free and not _fixed_member(a, name) for a, _ in others):
            return None
        if atom in table:
            if table[atom] != 1:
                return None
            slope = slope + Poly({others: c})
        else:
            rest = rest + Poly({mono: c})
    if not slope or not is_nonzero(ring, slope):
        return None
    return -multiply(ring, rest, power(ring, slope, -1))


def _fixed_member(atom: Atom, name: str) -> bool:
    """A member at a fixed index, such as m_0 in a closed form for m_t."""
    return bool(atom.kind == "entry" and atom.data[0] == name and atom.data[1][0].is_constant)


def _places(poly: Poly, name: str) -> list[tuple[Affine, ...]]:
    """The indices at which a sequence occurs, also inside other atoms."""
    found: list[tuple[Affine, ...]] = []

    def visit(data: object) -> None:
        if isinstance(data, Atom):
            if data.kind == "entry" and data.data[0] == name:
                found.append(data.data[1])
            else:
                visit(data.data)
        elif isinstance(data, Poly):
            for m in data.terms:
                visit(m)
        elif isinstance(data, tuple):
            for d in data:
                visit(d)

    visit(poly)
    return found


PROCEDURE = Procedure(
    "recurrence",
    frozenset(["eq", "ge", "gt", "le", "lt"]),
    _decide,
    "closed forms and bounds of sequences given by a first-order recurrence, by induction",
    proves=(
        Example(
            (
                r"\beta \in (0, 1)",
                r"g_t \in \mathbb{R}, t = 1, \dots, T",
                "m_0 = 0",
                r"m_t = \beta m_{t-1} + (1 - \beta) g_t, t = 1, \dots, T",
            ),
            r"m_t = (1 - \beta) \sum_{i=1}^{t} \beta^{t-i} g_i",
        ),
    ),
    declines=(
        Example(
            (
                r"\beta \in (0, 1)",
                r"g_t \in \mathbb{R}, t = 1, \dots, T",
                "m_0 = 0",
                r"m_t = \beta m_{t-1} + (1 - \beta) g_t, t = 1, \dots, T",
            ),
            r"m_t = \sum_{i=1}^{t} \beta^{t-i} g_i",
        ),
    ),
)
