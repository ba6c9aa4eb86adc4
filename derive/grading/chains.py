"""What the steps of a derivation say, chains included: after `A = B ≤ C` also A ≤ C.

A step knows the first expression of its chain; which relation leads from there to its right side follows from the links
before it. Where links point both ways, nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from derive.language.heads import RELATIONS
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, make

_TOGETHER = {
    frozenset(["eq"]): "eq",
    frozenset(["le"]): "le",
    frozenset(["lt"]): "lt",
    frozenset(["ge"]): "ge",
    frozenset(["gt"]): "gt",
    frozenset(["eq", "le"]): "le",
    frozenset(["eq", "lt"]): "lt",
    frozenset(["eq", "ge"]): "ge",
    frozenset(["eq", "gt"]): "gt",
    frozenset(["le", "lt"]): "lt",
    frozenset(["ge", "gt"]): "gt",
}
"""The relation that two relations make, one after the other."""


def from_start(steps: Sequence[tuple[Step, Term | None]]) -> list[Term | None]:
    """For each step and its statement, what its chain says of its first expression; None for the first link."""
    found: list[Term | None] = []
    chain: tuple[Term, str | None, Term] | None = None  # first expression, relation so far, last expression
    for step, statement in steps:
        told: Term | None = None
        if statement is None or statement.head not in RELATIONS:
            chain = None
        elif chain is not None and step.origin == chain[0] and statement.left == chain[2] and step.origin is not None:
            relation = _TOGETHER.get(frozenset([chain[1], statement.head])) if chain[1] is not None else None
            chain = (chain[0], relation, statement.right)
            told = make(relation, chain[0], statement.right, span=statement.span) if relation is not None else None
        else:
            whole = step.origin is None or step.origin == statement.left
            chain = (statement.left if step.origin is None else step.origin, None, statement.right)
            chain = (chain[0], statement.head, chain[2]) if whole else chain
        found.append(told)
    return found


def sayings(steps: Sequence[tuple[Step, Term | None]]) -> Iterator[tuple[int, Term]]:
    """What every step says, with its position: parts, both sides of arrows, chains from their start.

    A rule of update written again is read as the claim that both are the same update.
    """
    updates: list[Term] = []
    for position, ((step, statement), whole) in enumerate(zip(steps, from_start(steps), strict=True)):
        if statement is None:
            continue
        if step.kind == "update":
            updates.append(statement)
        for said in _said(step, statement, updates):
            yield position, said
        if whole is not None:
            yield position, whole


def _said(step: Step, statement: Term, updates: Iterable[Term]) -> Iterator[Term]:
    if ":=" in step.source and step.kind == "claim" and statement.head == "eq":
        yield from (make("eq", u.left, statement.right) for u in updates if u.right == statement.left)
        return
    if statement.head in ("implies", "iff"):
        links = conjuncts(statement.left)
        yield from links
        if len(links) > 1 and all(link.head == "eq" for link in links):
            yield make("eq", links[0].left, links[-1].right)
        statement = statement.right
    yield from conjuncts(statement)
