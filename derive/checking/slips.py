"""Is a false matrix equation one slip away from a true one?

A transpose or inverse too many or too few, or two factors the wrong way round, is a mistake and not a missing
hypothesis: symmetric or commuting matrices would hide it. Every such single edit is tried; one that is proved without
further conditions counts. Other mistakes are not looked for here.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.checking.engines import Engines
from derive.checking.mend import confirm, conforming
from derive.language.budget import Budget
from derive.language.context import Context, Found
from derive.language.edits import Spot, flat, spots
from derive.language.statement import Step
from derive.language.term import Term, make

_MOST = 40


def one_slip_away(step: Step, engines: Engines, seed: int, budget: Budget) -> bool:
    """Whether a single transpose, inverse or swap of factors makes the step true."""
    assert step.statement is not None
    seen: set[Term] = {step.statement}
    for spot in spots(flat(step.statement)):
        for edited in matrix_slips(spot, step.context):
            there = conforming(step, spot.put(edited))
            if there is None or there.statement is None or there.statement in seen:
                continue
            seen.add(there.statement)
            if len(seen) > _MOST:
                return False
            if confirm(there, engines, seed, budget) is not None:
                return True
    return False


def matrix_slips(spot: Spot, context: Context) -> Iterator[Term]:
    """What may have been meant in a place: its transpose or inverse, or its factors in another order."""
    term = spot.node
    if spot.parent is not None and spot.parent.head in ("entry", "call", "has", "delta"):
        return
    inside = spot.parent is not None and spot.parent.head in ("transpose", "inverse")
    if _is_matrix(term, context) and not inside:
        yield make("transpose", term, span=term.span)
        if term.head == "sym" and _is_square(term, context):
            yield make("inverse", term, span=term.span)
    if term.head in ("transpose", "inverse"):
        yield term.args[0]
    if term.head in ("mul", "add", "neg"):
        yield make("transpose", term, span=term.span)
    if term.head == "mul":
        for k in range(len(term.args) - 1):
            swapped = [*term.args[:k], term.args[k + 1], term.args[k], *term.args[k + 2 :]]
            yield make("mul", *swapped, span=term.span)
        if len(term.args) > 2:
            yield make("mul", *reversed(term.args), span=term.span)
    if term.head == "kron":
        yield make("kron", *reversed(term.args), span=term.span)


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
