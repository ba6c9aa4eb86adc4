"""Is a false matrix equation one slip away from a true one?

A transpose or inverse too many or too few, or two factors the wrong way round, is a mistake and not a missing
hypothesis: symmetric or commuting matrices would hide it. Every such single edit is tried; one that is proved without
further conditions counts. Other mistakes are not looked for here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.checking.engines import Engines
from derive.checking.prove import prove
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context, Found
from derive.language.decision import Proof
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, make

_MOST = 40


def one_slip_away(step: Step, engines: Engines, seed: int, budget: Budget) -> bool:
    """Whether a single transpose, inverse or swap of factors makes the step true."""
    assert step.statement is not None
    seen: set[Term] = {step.statement}
    for edited in _edits(step.statement, step.context):
        checked = elaborate(edited, step.context)
        if not isinstance(checked, Checked) or checked.term in seen:
            continue
        seen.add(checked.term)
        if len(seen) > _MOST:
            return False
        there = replace(step, statement=checked.term, origin=None)
        try:
            if engines.refute(there, seed, budget.part(0.2)) is not None:
                continue
            outcome = prove(there, engines, budget.part(0.4))
        except BudgetSpent:
            continue
        if isinstance(outcome, Proof) and not outcome.conditions:
            return True
    return False


def _edits(term: Term, context: Context) -> Iterator[Term]:
    if _is_matrix(term, context):
        yield make("transpose", term, span=term.span)
        if term.head == "sym" and _is_square(term, context):
            yield make("inverse", term, span=term.span)
        if term.head == "sym":
            return
    if term.head in ("transpose", "inverse"):
        yield term.args[0]
    if term.head in ("mul", "add", "neg"):
        yield make("transpose", term, span=term.span)
    if term.head == "mul":
        factors = _factors(term)
        for k in range(len(factors) - 1):
            swapped = [*factors[:k], factors[k + 1], factors[k], *factors[k + 2 :]]
            yield make("mul", *swapped, span=term.span)
    if term.head == "kron":
        yield make("kron", *reversed(term.args), span=term.span)
    for position, arg in enumerate(term.args):
        for edited in _edits(arg, context):
            yield term.with_args((*term.args[:position], edited, *term.args[position + 1 :]))


def _is_matrix(term: Term, context: Context) -> bool:
    if term.head == "inverse":
        return True
    if term.head != "sym":
        return False
    found = context.lookup(term.name)
    return isinstance(found, Found) and found.symbol.shape.rank == 2


def _is_square(term: Term, context: Context) -> bool:
    found = context.lookup(term.name)
    return isinstance(found, Found) and found.symbol.shape.axes[0] == found.symbol.shape.axes[1]


def _factors(term: Term) -> list[Term]:
    return [f for a in term.args for f in _factors(a)] if term.head == "mul" else [term]
