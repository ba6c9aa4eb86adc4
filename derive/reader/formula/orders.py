"""Orders of magnitude in a formula: `e^x = 1 + x + O(x^2)` claims the order of an error, and no equality.

An order is a term of the sum on the right of `=` or `≈`, or of the sum that a chain goes on from. Anywhere else it is a
problem, and so it is in a definition.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.statement import Problem
from derive.language.term import Term, walk
from derive.reader.formula.reading import Segment
from derive.reader.latex.cursor import Unreadable


def has_order(terms: tuple[Term, ...]) -> bool:
    """Whether an order of magnitude occurs in terms."""
    return any(node.head == "order" for term in terms for node in walk(term))


def claim_orders(segment: Segment) -> Segment:
    """The segment with `≈` where the right side ends in an order of magnitude."""
    if not has_order(segment.terms) or not (segment.heads or segment.lead):
        return segment
    heads = list(segment.heads)
    lead = segment.lead
    for position, term in enumerate(segment.terms):
        orders = [node for node in walk(term) if node.head == "order"]
        if not orders:
            continue
        before = position - 1
        head = heads[before] if before >= 0 else lead
        goes_on = position < len(heads) and not has_order((segment.terms[position + 1],))
        if len(orders) > 1 or orders[0] not in _summands(term) or head not in ("eq", "approx") or goes_on:
            raise Unreadable(Problem("order-of-magnitude", orders[0].span))
        if before >= 0:
            heads[before] = "approx"
        else:
            lead = "approx"
    return replace(segment, heads=tuple(heads), lead=lead)


def _summands(term: Term) -> list[Term]:
    if term.head in ("add", "neg"):
        return [t for a in term.args for t in _summands(a)]
    return [term]
