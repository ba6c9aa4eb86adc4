"""Is a false matrix equation one slip away from a true one?

A transpose or inverse too many or too few, two factors the wrong way round, or the rows of one matrix taken for its
columns throughout a side, is a mistake and not a missing hypothesis: symmetric or commuting matrices would hide it.
Every such single edit is tried; one that is proved without further conditions counts. Other mistakes are not looked
for here.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.checking.engines import Engines
from derive.checking.mend import confirm, conforming
from derive.language.budget import Budget
from derive.language.context import Context, Found
from derive.language.edits import Spot, flat, spots
from derive.language.statement import Step
from derive.language.term import Term, make, walk

_MOST = 40


def one_slip_away(step: Step, engines: Engines, seed: int, budget: Budget) -> bool:
    """Whether a single transpose, inverse, swap of factors or of rows and columns makes the step true."""
    assert step.statement is not None
    seen: set[Term] = {step.statement}
    for statement in _edited(step.statement, step.context):
        there = conforming(step, statement)
        if there is None or there.statement is None or there.statement in seen:
            continue
        seen.add(there.statement)
        if len(seen) > _MOST:
            return False
        if confirm(there, engines, seed, budget) is not None:
            return True
    return False


def _edited(statement: Term, context: Context) -> Iterator[Term]:
    yield from _turned_throughout(statement, context)
    for spot in spots(flat(statement)):
        for edited in matrix_slips(spot, context):
            yield spot.put(edited)


def _turned_throughout(statement: Term, context: Context) -> Iterator[Term]:
    """Each matrix whose entries are written with rows and columns exchanged everywhere on one side of an equation."""
    if statement.head != "eq":
        return
    for position, side in enumerate(statement.args):
        written = [n.args[0] for n in walk(side) if n.head == "entry" and len(n.args) == 3]
        for matrix in dict.fromkeys(written):
            if matrix.head == "sym" and _is_square(matrix, context):
                sides = list(statement.args)
                sides[position] = _turned(side, matrix)
                yield statement.with_args(tuple(sides))


def _turned(term: Term, matrix: Term) -> Term:
    if term == matrix:
        return make("transpose", matrix, span=term.span)
    if term.head == "entry" and term.args[0] == matrix:
        return term.with_args((matrix, *(_turned(i, matrix) for i in reversed(term.args[1:]))))
    return term.with_args(tuple(_turned(a, matrix) for a in term.args))


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
    axes = found.symbol.shape.axes if isinstance(found, Found) else ()
    return len(axes) == 2 and axes[0] == axes[1]
