"""Lipschitz bounds by the mean value theorem: |g(a) − g(b)| ≤ C |a − b| where |g′| ≤ C on the line.

The function is what the two terms of the difference have in common, the constant what stands beside |a − b|. That g
has a value and a derivative everywhere, and that the derivative stays within ±C, are shown as statements about one
more real number in the domain that both points share. Functions with kinks are left (Rudin, Principles of Mathematical
Analysis, theorem 5.10).
"""

from __future__ import annotations

from derive.language.budget import Budget
from derive.language.context import Context, Domain, Symbol
from derive.language.term import Term, bound_scope, factors, free_names, fresh_name, make, num, replace_node, sym, walk
from derive.procedures.expand import OutOfReach, differentiate, expand
from derive.procedures.real import NOTHING, Shown, prove
from derive.procedures.region import PIECEWISE, hypotheses, needs


def by_slope(small: Term, large: Term, context: Context, budget: Budget) -> Shown | None:
    """Show `small ≤ large` for small = |g(a) − g(b)| and large = C |a − b|."""
    try:
        small, large = expand(small, context), expand(large, context)
    except OutOfReach:
        return None
    if small.head != "abs" or any(bound_scope(n) is not None for n in walk(small)):
        return None
    values = _difference(small.args[0])
    if values is None:
        return None
    for constant, (a, b) in _scaled_distances(large):
        if a.head not in ("sym", "entry") or replace_node(values[0], a, b) != values[1]:
            continue
        shown = _bounded(values[0], a, b, constant, context, budget.part(0.5))
        if shown is not None:
            return Shown(("the mean value theorem",)).join(shown)
    return None


def _bounded(value: Term, a: Term, b: Term, constant: Term, context: Context, budget: Budget) -> Shown | None:
    """Whether −C ≤ g′ ≤ C wherever both points may be."""
    t = sym(fresh_name("t", set(context.symbols) | free_names(value) | free_names(constant)))
    function = replace_node(value, a, t)
    if a in walk(constant) or b in walk(function) or any(n.head in PIECEWISE for n in walk(function)):
        return None
    inside = context.declare(Symbol(t.name, domain=_shared_domain(a, b, context)))
    try:
        missing: list[Term] = []
        slope = differentiate(function, t, missing)
        known = hypotheses([function, slope, constant], inside)
        if any(prove(need, known, inside, budget) is None for need in (*needs(function, inside), *missing)):
            return None
        total = NOTHING
        for claim in (make("le", slope, constant), make("ge", slope, make("neg", constant))):
            shown = prove(claim, known, inside, budget)
            if shown is None:
                return None
            total = total.join(shown)
    except OutOfReach:
        return None
    return total


def _shared_domain(a: Term, b: Term, context: Context) -> Domain:
    """The interval that both points are declared in; the whole line where they are not."""
    one, other = (context.symbols.get(p.name) if p.head == "sym" else None for p in (a, b))
    if one is not None and other is not None and one.domain == other.domain and one.domain.kind == "interval":
        return one.domain
    return Domain()


def _difference(term: Term) -> tuple[Term, Term] | None:
    """x − y as its two terms."""
    if term.head != "add" or len(term.args) != 2:
        return None
    first, second = term.args
    if second.head == "neg":
        return first, second.args[0]
    return (second, first.args[0]) if first.head == "neg" else None


def _scaled_distances(large: Term) -> list[tuple[Term, tuple[Term, Term]]]:
    """C and (a, b), both ways round, for every factor |a − b| of a product or quotient."""
    top, bottom = (large.args[0], large.args[1]) if large.head == "div" else (large, None)
    parts = factors(top)
    found = []
    for k, factor in enumerate(parts):
        points = _difference(factor.args[0]) if factor.head == "abs" else None
        if points is None:
            continue
        rest = [*parts[:k], *parts[k + 1 :]]
        constant = num(1) if not rest else rest[0] if len(rest) == 1 else make("mul", *rest)
        if bottom is not None:
            constant = make("div", constant, bottom)
        found += [(constant, points), (constant, points[::-1])]
    return found
