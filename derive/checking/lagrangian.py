"""What belongs to a Lagrangian: its constraints, complementary slackness and the sign of a multiplier.

Beside the stationarity of `L = f + λ g`, the lines `g ≤ 0` (or `= 0`), `λ g = 0` and `λ ≥ 0` are the other
Karush–Kuhn–Tucker conditions: they are imposed, as the stationarity is. The multipliers of `L` are the scalars in which
its definition is affine, and `g` is the factor of one.
"""

from __future__ import annotations

from dataclasses import replace

from derive.checking.engines import Engines
from derive.checking.prove import prove
from derive.language.budget import Budget
from derive.language.context import SCALAR, Definition
from derive.language.decision import Proof
from derive.language.heads import ORDER_RELATIONS
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, free_names, is_num, make, num, substitute, sym

_SIDES = frozenset(["eq", *ORDER_RELATIONS])


def belongs_to_a_lagrangian(step: Step, engines: Engines, budget: Budget) -> bool:
    """Whether a line is a constraint of a Lagrangian that was defined, its complementary slackness, or `λ ≥ 0`."""
    statement = step.statement
    if statement is None or statement.head not in _SIDES:
        return False
    for definition in step.context.definitions.values():
        for multiplier in sorted(free_names(definition.body)):
            factor = _factor(definition, multiplier, step, engines, budget)
            if factor is not None and _is_condition(statement, multiplier, factor, step, engines, budget):
                return True
    return False


def _factor(definition: Definition, name: str, step: Step, engines: Engines, budget: Budget) -> Term | None:
    """The factor of a scalar in which the definition is affine, where it is one and speaks of something else."""
    symbol = step.context.symbols.get(name)
    if symbol is None or symbol.shape != SCALAR or symbol.role != "variable" or symbol.family or symbol.random:
        return None
    without, once = (substitute(definition.body, {name: num(value)}) for value in (0, 1))
    factor = make("add", once, make("neg", without))
    affine = make("add", without, make("mul", sym(name), factor))
    if free_names(factor) <= {name} or not _holds(make("eq", definition.body, affine), step, engines, budget):
        return None
    return factor


def _is_condition(statement: Term, multiplier: str, factor: Term, step: Step, engines: Engines, budget: Budget) -> bool:
    if statement.head in ORDER_RELATIONS and sym(multiplier) in statement.args:
        return any(is_num(side, 0) for side in statement.args)
    found = make("add", statement.left, make("neg", statement.right))
    slack = (factor, make("mul", sym(multiplier), factor)) if statement.head == "eq" else (factor,)
    return any(
        _holds(make("eq", found, meant), step, engines, budget) for one in slack for meant in (one, make("neg", one))
    )


def _holds(statement: Term, step: Step, engines: Engines, budget: Budget) -> bool:
    checked = elaborate(statement, step.context)
    if not isinstance(checked, Checked):
        return False
    alone = replace(step, statement=checked.term, context=replace(step.context, facts=()), kind="claim", origin=None)
    return isinstance(prove(alone, engines, budget), Proof)
