"""Inequalities between scalars, and equivalences of relations.

In one variable the line is cut into cells by sign tables of both sides' difference and of every hypothesis (exact; in
one exponential by roots of polynomials, else by derivatives and limits); in several variables by coefficient signs,
sums of squares, and Z3 on the negation. A proved bound by a constant says whether it is tight. Sums of symbolic
length are atoms here, unless every term has one sign or the pattern is Cauchy's; moments and matrices are for other
procedures.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.decision import Declined, Direction, Outcome, Proof
from derive.language.heads import ORDER_RELATIONS
from derive.language.statement import Step
from derive.language.term import Term, make, sym, walk
from derive.procedures.estimate import Estimate, by_signs, estimate
from derive.procedures.expand import OutOfReach
from derive.procedures.line import Line, describe, find_extreme
from derive.procedures.outcomes import by_outcomes
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import NOTHING, Posed, Shown, discharge, pose, prove, variables

Way = Callable[[Term, Context, Budget], Estimate | None]


def decide(step: Step, budget: Budget) -> Outcome:
    """Prove an inequality or an equivalence of relations, or decline."""
    statement = step.statement
    if statement is None:
        return Declined("nothing is claimed")
    try:
        posed = pose(statement, step.context)
        done = discharge(posed, step.context, budget.part(0.5))
        if done.impossible:
            return Declined("the right side has no value")
        premises = (*posed.premises, *done.open)
        direction: Direction | None = None
        if posed.claim.head == "iff":
            left, right = posed.claim.args
            one = prove(right, (*premises, left), step.context, budget.part(0.5))
            other = prove(left, (*premises, right), step.context, budget) if one else None
            shown = one.join(other) if one and other else None
            direction = "equivalent"
        else:
            shown = prove(posed.claim, premises, step.context, budget)
            if shown is not None and posed.claim.head == "implies":
                left, right = posed.claim.args
                back = prove(left, (*premises, right), step.context, budget.part(0.5))
                direction = "implies" if back is None else "equivalent"
        if shown is None:
            return _estimated(statement, step, budget)
        note = ""
        if posed.claim.head in ORDER_RELATIONS:
            note = tightness(posed, premises, step, budget.part(0.5))
    except OutOfReach as out:
        found = _estimated(statement, step, budget)
        return found if isinstance(found, Proof) else Declined(out.reason)
    shown = done.shown.join(shown)
    return Proof(
        "bound", conditions=done.open, trusts=shown.trusts, evidence=shown.methods, direction=direction, note=note
    )


def _estimated(statement: Term, step: Step, budget: Budget) -> Outcome:
    """An inequality of sums, norms, quadratic forms or expectations; two scalars differ where one is larger."""
    if statement.head == "ne":
        apart = (_estimated(make(head, *statement.args), step, budget.part(0.5)) for head in ("gt", "lt"))
        return next((o for o in apart if isinstance(o, Proof)), Declined("the statement was not decided"))
    if statement.head not in ORDER_RELATIONS:
        return Declined("the statement was not decided")
    ways: tuple[Way, ...] = (estimate, by_outcomes)
    if any(node.head == "prob" for node in walk(statement)):
        ways = (by_signs, by_outcomes, estimate)
    found = next((e for way in ways if (e := way(statement, step.context, budget.part(0.6))) is not None), None)
    if found is None:
        return Declined("the inequality was not decided")
    return Proof("bound", conditions=found.conditions, trusts=found.shown.trusts, evidence=found.shown.methods)


def tightness(posed: Posed, premises: tuple[Term, ...], step: Step, budget: Budget) -> str:
    """Whether a bound by a constant is the best one, in words; nothing where that is not found."""
    left, right = posed.claim.args
    constant, other, upper = (right, left, posed.claim.head in ("lt", "le"))
    if any(True for _ in variables(left)) == any(True for _ in variables(right)):
        return ""
    if not any(True for _ in variables(left)):
        constant, other, upper = left, right, posed.claim.head in ("gt", "ge")
    free = set(variables(other))
    if len(free) != 1:
        return ""
    node = next(iter(free))
    from derive.procedures.region import PIECEWISE

    mine = [p for p in premises if set(variables(p)) <= free]
    if node.head != "sym" or any(n.head in PIECEWISE for t in (other, *mine) for n in walk(t)):
        return ""
    if any(p.head in ("forall",) for p in mine) or any(node in set(variables(p)) and p not in mine for p in premises):
        return ""
    if step.context.symbols.get(node.name) is not None and step.context.symbols[node.name].domain.kind in (
        "natural",
        "integer",
    ):
        return ""
    try:
        probe = make("ge", other, other)
        line = Line(node, mine, (make("le", other, constant), probe), step.context, budget)
        f, value = line.field.more(other), line.field.more(constant)
        extreme = find_extreme(line, f, upper)
        if extreme is None or extreme.value is None:
            return ""
        tight = extreme.value.same(value)
        words = describe(line, extreme, sym(node.name), upper)
        return f"tight: {words}" if tight else f"not tight: {words}"
    except OutOfReach:
        return ""


PROCEDURE = Procedure(
    name="bound",
    heads=frozenset(["lt", "le", "gt", "ge", "ne", "iff", "implies", "and", "or"]),
    decide=decide,
    summary="inequalities between scalars: sign tables in one variable, certificates or Z3 in several",
    proves=(
        Example((r"\sigma(t) = \frac{1}{1 + e^{-t}}",), r"\sigma(t)(1 - \sigma(t)) \le \frac{1}{4}"),
        Example(("x > 0",), r"\log x \le x - 1"),
        Example((r"x, y \in \mathbb{R}",), r"2xy \le x^2 + y^2"),
    ),
    declines=(
        Example((r"x \in \mathbb{R}",), r"e^x \le 1 + x"),
        Example((r"x, y \in \mathbb{R}",), r"x^2 + y^2 \ge 3xy"),
    ),
)

__all__ = ["NOTHING", "PROCEDURE", "Shown", "decide", "tightness"]
