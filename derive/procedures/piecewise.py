"""Equalities of scalars with branches: cases, |·|, max, min, sign, indicators, and derivatives at kinks.

Both sides are taken apart into branches without piecewise parts; under the guards of each, the difference must lower
to 0, vanish on the cells of the line, or have no solution for Z3. A derivative exists off the edges of its branches:
off them is a condition, unless the right side says `undefined` there and the one-sided derivatives are shown to
differ.
"""

from __future__ import annotations

from derive.language.budget import Budget
from derive.language.context import Context, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.statement import Step
from derive.language.term import Term, free_names, fresh_name, make, substitute, sym, walk
from derive.procedures.expand import OutOfReach, differentiate, expand, open_derivatives
from derive.procedures.limit import Path, Walk
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import Posed, Shown, discharge, pose, prove
from derive.procedures.region import ZERO, both, hypotheses, needs, negate, plain_roots


def decide(step: Step, budget: Budget) -> Outcome:
    """Prove an equality of scalars by branches, or decline."""
    statement = step.statement
    if statement is None or statement.head != "eq":
        return Declined("no equality is claimed")
    if any(n.head in ("limit", "integral") for n in walk(statement)):
        return Declined("limits and integrals are for other procedures")
    try:
        kinked = _undefined_derivative(statement, step.context, budget)
        if kinked is not None:
            return kinked
        posed = pose(statement, step.context)
        done = discharge(posed, step.context, budget.part(0.5))
        if done.impossible:
            return Declined("the right side has no value")
        shown = prove(posed.claim, (*posed.premises, *done.open), step.context, budget)
    except OutOfReach as out:
        return Declined(out.reason)
    if shown is None:
        return Declined("the two sides are not shown to agree on every branch")
    shown = done.shown.join(shown)
    conditions = done.open
    at_kink = _at_kink(statement, conditions, posed.premises, step.context, budget)
    if at_kink is not None:
        shown, conditions = shown.join(at_kink), ()
    return Proof("piecewise", conditions=conditions, trusts=shown.trusts, evidence=shown.methods)


def _at_kink(
    statement: Term, conditions: tuple[Term, ...], premises: tuple[Term, ...], context: Context, budget: Budget
) -> Shown | None:
    """Where a derivative is claimed off x = a, whether both one-sided derivatives at a are the right side there."""
    left, right = (expand(side, context) for side in statement.args)
    if len(conditions) != 1 or conditions[0].head != "ne" or left.head != "deriv" or left.args[1].head != "sym":
        return None
    variable, point = left.args[1], conditions[0].args[1]
    if conditions[0].args[0] != variable or variable.name in free_names(point):
        return None
    try:
        body, inner = open_derivatives(left.args[0], context)
        value, more = open_derivatives(substitute(right, {variable.name: point}), context)
        if inner or more or needs(value, context):
            return None
        slopes = _one_sided(body, variable, point, premises, context, budget)
        total = Shown(("one-sided derivatives",))
        for slope in slopes:
            fixed = [p for p in premises if variable.name not in free_names(p)]
            shown = prove(make("eq", slope, value), fixed, context, budget)
            if shown is None:
                return None
            total = total.join(shown)
    except OutOfReach:
        return None
    return total


def _one_sided(
    body: Term, variable: Term, point: Term, premises: tuple[Term, ...], context: Context, budget: Budget
) -> list[Term]:
    """The right and the left derivative at a point, as limits of difference quotients."""
    name = fresh_name("h", set(context.symbols) | free_names(body))
    moved = substitute(body, {variable.name: make("add", point, sym(name))})
    here = substitute(body, {variable.name: point})
    quotient = make("div", make("add", moved, make("neg", here)), sym(name))
    inner = context.declare(Symbol(name))
    plus = Walk(Path(name, ZERO, "+"), premises, inner, budget).limit(quotient)
    return [plus, Walk(Path(name, ZERO, "-"), premises, inner, budget).limit(quotient)]


def _undefined_derivative(statement: Term, context: Context, budget: Budget) -> Proof | None:
    """f′(x) = cases … with `undefined` branches: equal where defined, and no derivative exists where it says so."""
    left, right = (expand(side, context) for side in statement.args)
    if left.head != "deriv" or right.head != "cases" or left.args[1].head != "sym":
        return None
    undefined: list[Term] = []
    earlier: list[Term] = []
    for value, condition in zip(right.args[::2], right.args[1::2], strict=True):
        if value.head == "undefined":
            undefined.append(both(*earlier, condition))
        earlier.append(negate(condition))
    if not undefined:
        return None
    variable = left.args[1]
    body, inner = open_derivatives(left.args[0], context)
    if inner:
        return None
    smooth: list[Term] = []
    slope = differentiate(body, variable, smooth)
    claim = plain_roots(make("eq", slope, right))
    defined = tuple(negate(u) for u in undefined)
    premises = (*hypotheses([claim], context), *needs(slope, context, True), *defined)
    posed = Posed(
        claim, premises, tuple(o for o in dict.fromkeys((*smooth, *needs(right, context))) if o not in premises)
    )
    done = discharge(posed, context, budget.part(0.4))
    if done.open:
        return None
    shown = prove(claim, premises, context, budget.part(0.5))
    if shown is None:
        return None
    total = done.shown.join(shown)
    for guard in undefined:
        apart = _no_derivative(body, variable, guard, premises[: len(premises) - len(defined)], context, budget)
        if apart is None:
            return None
        total = total.join(apart)
    note = "where the right side is undefined, the one-sided derivatives differ"
    return Proof("piecewise", trusts=total.trusts, evidence=total.methods, note=note)


def _no_derivative(
    body: Term, variable: Term, guard: Term, premises: tuple[Term, ...], context: Context, budget: Budget
) -> Shown | None:
    """The one-sided derivatives at the point that a guard `x = a` names, shown to differ."""
    if guard.head == "and" or guard.head != "eq":
        guard = _as_point(guard, variable, premises, context, budget) or guard
    if guard.head != "eq" or variable not in guard.args:
        return None
    point = guard.args[1] if guard.args[0] == variable else guard.args[0]
    if variable.name in free_names(point):
        return None
    slopes = _one_sided(body, variable, point, premises, context, budget)
    if any(n.head == "infinity" for s in slopes for n in walk(s)):
        return Shown(("one-sided derivatives",))
    shown = prove(make("ne", *slopes), [p for p in premises if variable.name not in free_names(p)], context, budget)
    return None if shown is None else Shown(("one-sided derivatives",)).join(shown)


def _as_point(guard: Term, variable: Term, premises: tuple[Term, ...], context: Context, budget: Budget) -> Term | None:
    """The equation among the edges of a guard's parts that the guard amounts to (`otherwise` after < and >)."""
    for part in walk(guard):
        if part.head in ("le", "ge", "lt", "gt", "eq") and variable in part.args:
            point = part.args[1] if part.args[0] == variable else part.args[0]
            equation = make("eq", variable, point)
            if (
                variable.name not in free_names(point)
                and prove(equation, (*premises, guard), context, budget) is not None
            ):
                return equation
    return None


PROCEDURE = Procedure(
    name="piecewise",
    heads=frozenset(["eq"]),
    decide=decide,
    summary="equalities with cases, absolute values, maxima and signs, branch by branch; derivatives at kinks",
    proves=(
        Example((r"x \in \mathbb{R}",), r"\sqrt{x^2} = |x|"),
        Example((r"x, y \in \mathbb{R}",), r"\max(x, y) = \frac{x + y + |x - y|}{2}"),
    ),
    declines=(
        Example((r"x \in \mathbb{R}",), r"\sqrt{x^2} = x"),
        Example((r"x, y \in \mathbb{R}",), r"\max(0, xy) = \max(0, x) \max(0, y)"),
    ),
)
