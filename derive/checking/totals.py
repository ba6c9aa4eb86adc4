"""That a defined density or mass function sums to 1, proved before the numeric route uses it.

A given `X has density p` is met by a counterexample only where p is one, and an interval around 1 does not show that.
So the procedures are asked for ∫ p = 1 or Σ p = 1, and a proof without conditions is noted at X. Functions that nothing
defines need no proof: the numeric route chooses true densities for them.
"""

from __future__ import annotations

from dataclasses import replace

from derive.checking.engines import Agreement, Engines
from derive.checking.prove import discharge
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context
from derive.language.decision import Proof, Refutation
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, free_names, make, num, walk
from derive.normal_form.density import Density, read_densities, total_term
from derive.numeric.special import PROVED

_KNOWN: dict[object, bool] = {}
_REMEMBERED = 200


def with_totals(engines: Engines) -> Engines:
    """Engines whose numeric route knows which defined densities and mass functions sum to 1."""

    def refute(step: Step, seed: int, budget: Budget) -> Refutation | None:
        return engines.refute(_noted(step, engines, budget), seed, budget)

    def agree(step: Step, seed: int, budget: Budget, wanted: int) -> Agreement:
        return engines.agree(_noted(step, engines, budget), seed, budget, wanted)

    return replace(engines, refute=refute, agree=agree)


def _noted(step: Step, engines: Engines, budget: Budget) -> Step:
    context = step.context
    for name, density in read_densities(context).items():
        if not density.function and _sums_to_one(context, name, density, step, engines, budget):
            context = context.with_properties(name, [PROVED])
    return step if context is step.context else replace(step, context=context)


def _sums_to_one(
    context: Context, name: str, density: Density, step: Step, engines: Engines, budget: Budget
) -> bool:
    statement = _total(context, name, density)
    if statement is None:
        return False
    # what is given of the laws must not prove that they are laws
    facts = tuple(f for f in context.facts if not any(n.head == "distributed" for n in walk(f)))
    alone = replace(step, statement=statement, context=replace(context, facts=facts), origin=None)
    key = (statement, facts, tuple(sorted(_definitions(context, statement).items())))
    if key not in _KNOWN:
        if len(_KNOWN) >= _REMEMBERED:
            _KNOWN.clear()
        claim = Proof("", (statement,))
        try:
            left = discharge(claim, alone, engines, budget.part(0.4))
        except BudgetSpent:
            return False
        _KNOWN[key] = not left.conditions
    return _KNOWN[key]


def _definitions(context: Context, statement: Term) -> dict[str, Term]:
    """The bodies of all definitions that a statement uses."""
    found: dict[str, Term] = {}
    waiting = [statement]
    while waiting:
        for name in free_names(waiting.pop()):
            definition = context.definitions.get(name)
            if definition is not None and name not in found:
                found[name] = definition.body
                waiting.append(definition.body)
    return found


def _total(context: Context, name: str, density: Density) -> Term | None:
    """Σ p = 1 over the values of a variable, or ∫ p = 1 over its domain."""
    total = total_term(context, name, density)
    checked = None if total is None else elaborate(make("eq", total, num(1)), context)
    return checked.term if isinstance(checked, Checked) else None
