"""Leibniz's rule: derivatives of formulas that hold integrals with moving ends.

Each integral J(t) in a formula stands as an unknown function while the formula is differentiated by t, and J′ is what
the rule says: the integrand at the upper end times that end's slope, less the same at the lower end, and the integral
of the integrand's derivative. Integrands are continuous everywhere (formulas that are smooth on the line, functions
that are declared differentiable); an infinite end is allowed where the integrand does not hold t, because an integral
that converges from one place converges from every other (Rudin, Principles of Mathematical Analysis, theorem 6.20).
"""

from __future__ import annotations

from derive.language.budget import Budget
from derive.language.context import Context, Symbol
from derive.language.term import Term, free_names, fresh_name, make, num, replace_node, rewrite, substitute, walk
from derive.procedures.expand import OutOfReach, differentiate
from derive.procedures.real import prove
from derive.procedures.region import PIECEWISE, hypotheses, needs

_SMOOTH = frozenset(["differentiable", "twice differentiable", "continuous"])


def carry_out(term: Term, context: Context, budget: Budget) -> Term:
    """The statement with every derivative of a formula that holds moving integrals carried out, innermost first."""
    if not term.args:
        return term
    term = term.with_args(tuple(carry_out(a, context, budget) for a in term.args))
    if term.head != "deriv" or term.args[1].head != "sym":
        return term
    try:
        found = _slope(term.args[0], term.args[1], context, budget)
    except OutOfReach:
        return term
    return term if found is None else found


def _slope(body: Term, by: Term, context: Context, budget: Budget) -> Term | None:
    """The derivative of a formula with integrals that move; None where it has none, or the rule does not apply."""
    moving = [n for n in dict.fromkeys(walk(body)) if n.head == "integral" and by.name in free_names(n)]
    if not moving or any(n != m and n in walk(m) for n in moving for m in moving):
        return None
    taken = set(context.symbols) | {n.name for n in walk(body) if n.head in ("sym", "call")}
    names: dict[str, tuple[Term, Term]] = {}
    standing = body
    for integral in moving:
        slope = _of_integral(integral, by, context, budget)
        if slope is None:
            return None
        name = fresh_name("J", taken)
        taken.add(name)
        names[name] = integral, slope
        standing = replace_node(standing, integral, make("call", by, value=name))
    conditions: list[Term] = []
    derivative = differentiate(standing, by, conditions)
    if conditions:
        return None

    def back(node: Term) -> Term | None:
        if node.head == "call" and node.name in names:
            return names[node.name][0]
        if node.head == "dcall" and node.value[0] in names:
            return names[node.value[0]][1]
        return None

    return rewrite(derivative, back)


def _of_integral(integral: Term, by: Term, context: Context, budget: Budget) -> Term | None:
    """d/dt of an integral from a(t) to b(t) of f(x, t) dx."""
    x, low, high, body = integral.args
    under = by.name in free_names(body)
    infinite = any(n.head == "infinity" for end in (low, high) for n in walk(end))
    if by == x or (under and infinite) or not _is_continuous(x, body, under, context, budget):
        return None
    parts: list[Term] = []
    conditions: list[Term] = []
    for end, sign in ((high, 1), (low, -1)):
        if by.name in free_names(end):
            value = make("mul", substitute(body, {x.name: end}), differentiate(end, by, conditions))
            parts.append(value if sign > 0 else make("neg", value))
    if under:
        parts.append(make("integral", x, low, high, differentiate(body, by, conditions)))
    if conditions:
        return None
    return make("add", *parts) if len(parts) > 1 else parts[0] if parts else num(0)


def _is_continuous(x: Term, body: Term, smooth: bool, context: Context, budget: Budget) -> bool:
    """Whether an integrand is continuous on the line; `smooth`: whether it must be a formula without kinks in all."""
    for node in walk(body):
        if node.head in PIECEWISE or node.head in ("dcall", "sum", "integral", "limit"):
            return False
        if node.head == "call":
            symbol = context.symbols.get(node.name)
            if smooth or symbol is None or not symbol.properties & _SMOOTH:
                return False
    inside = context.declare(Symbol(x.name))
    known = hypotheses([body], inside)
    return all(prove(need, known, inside, budget) is not None for need in needs(body, inside))
