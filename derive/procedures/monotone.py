"""Objectives through an increasing or decreasing function: argmax σ(f(θ)) is argmax f(θ).

An objective F = φ(u), where the variable occurs in u only, has the maximisers of u where φ is strictly increasing on a
half-line or line that holds every value of u, and its minimisers where φ is decreasing. That φ has a value there, and
the sign of its derivative inside, are shown as statements about one more real number. Functions with kinks are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, bound_scope, free_names, fresh_name, make, num, sym, walk
from derive.procedures.expand import OutOfReach, differentiate, expand
from derive.procedures.real import Shown, prove
from derive.procedures.region import PIECEWISE, hypotheses, needs

_MOST = 6
_NOT_NEGATIVE = frozenset(["norm", "abs", "sqrt"])


@dataclass(frozen=True, slots=True)
class Reduced:
    """An inner objective, whether the outer function is increasing (1) or decreasing (−1), and how that was shown."""

    inner: Term
    direction: int
    shown: Shown


def reductions(objective: Term, name: str, context: Context, budget: Budget) -> Iterator[Reduced]:
    """Inner objectives with the same optimisers, the innermost first."""
    try:
        opened = expand(objective, context)
    except OutOfReach:
        return
    inside = [n for n in dict.fromkeys(walk(opened)) if n != opened and name in free_names(n) and n.head != "sym"]
    t = sym(fresh_name("t", set(context.symbols) | free_names(opened)))
    tried = 0
    for inner in sorted(inside, key=lambda n: sum(1 for _ in walk(n))):
        outer = _put(opened, inner, t)
        if name in free_names(outer) or not _is_scalar(inner, name, context) or tried >= _MOST:
            continue
        tried += 1
        shown = _direction(outer, t, inner, context, budget.part(0.3))
        if shown is not None:
            yield Reduced(inner, *shown)


def _put(term: Term, node: Term, value: Term) -> Term:
    """A part replaced wherever it stands and means the same: not under an index that it mentions."""
    if term == node:
        return value
    binder = bound_scope(term)
    captured = binder[1] if binder and binder[0] in free_names(node) else frozenset()
    args = tuple(a if k in captured else _put(a, node, value) for k, a in enumerate(term.args))
    return term.with_args(args) if args else term


def _is_scalar(term: Term, name: str, context: Context) -> bool:
    scope = {} if name in context.symbols else {name: Symbol(name)}
    checked = elaborate(term, context, scope)
    return isinstance(checked, Checked) and checked.shape == SCALAR


def _direction(outer: Term, t: Term, inner: Term, context: Context, budget: Budget) -> tuple[int, Shown] | None:
    """Whether φ(t) is strictly monotone on the values that the inner objective may have."""
    if any(n.head in PIECEWISE for n in walk(outer)):
        return None
    inside = context.declare(Symbol(t.name))
    closed, open_ = _range(inner, t)
    try:
        missing: list[Term] = []
        slope = differentiate(outer, t, missing)
        known = hypotheses([outer, slope], inside)
        for need in needs(outer, inside):
            if prove(need, [*known, *closed], inside, budget) is None:
                return None
        premises = [*known, *open_]
        if any(prove(m, premises, inside, budget) is None for m in missing):
            return None
        for direction, relation in ((1, "gt"), (-1, "lt")):
            shown = prove(make(relation, slope, num(0)), premises, inside, budget)
            if shown is not None:
                return direction, shown
    except OutOfReach:
        return None
    return None


def _range(inner: Term, t: Term) -> tuple[list[Term], list[Term]]:
    """What is known of the values of the inner objective, and of their interior."""
    even = inner.head == "pow" and inner.args[1].head == "num" and inner.args[1].value in (2, 4, 6)
    if inner.head == "exp":
        return [make("gt", t, num(0))], [make("gt", t, num(0))]
    if even or inner.head in _NOT_NEGATIVE:
        return [make("ge", t, num(0))], [make("gt", t, num(0))]
    return [], []
