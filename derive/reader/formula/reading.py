"""What a formula says: chains of relations and statements, inferred roles, the name it defines."""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.context import Context, Definition, Range, Symbol
from derive.language.source import Span
from derive.language.term import Term, make

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Segment:
    """A chain `terms[0] heads[0] terms[1] …`, or a statement that is no chain (`heads` empty).

    `connective` joins it to the segment before (`implies`, `iff`, or nothing); `lead` is the relation it begins with,
    whose left side stands on an earlier line.
    """

    terms: tuple[Term, ...]
    heads: tuple[str, ...]
    connective: str = ""
    lead: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: its segments, the roles inferred for undeclared names, the name it defines.

    `context` is the given context with inferred symbols and ranges; the definition is not in it.
    """

    segments: tuple[Segment, ...]
    context: Context
    inferred: tuple[Symbol, ...] = ()
    definition: tuple[Symbol, Definition] | None = None
    ranges: tuple[tuple[str, Range], ...] = ()


def statements_of(reading: Reading) -> list[Term]:
    """The statements that a formula's segments make."""
    result: list[Term] = []
    for segment in reading.segments:
        if segment.heads:
            parts = chain_statements(segment.terms, segment.heads)
            statement = parts[0] if len(parts) == 1 else make("and", *parts, span=segment.span)
        else:
            statement = segment.terms[0]
        if segment.connective and result:
            result[-1] = make(segment.connective, result[-1], statement, span=segment.span)
        elif segment.heads and not segment.connective:
            result += chain_statements(segment.terms, segment.heads)
        else:
            result.append(statement)
    return result


EVENT_HEADS = frozenset(["and", "or", "not", "forall", "true"])
"""Heads of events that are made of others."""


def chain_statements(terms: tuple[Term, ...], heads: tuple[str, ...]) -> list[Term]:
    """A statement for each link of a chain."""
    return [
        make(_link(h, a, b), a, b, span=a.span.join(b.span) if a.span else b.span)
        for a, h, b in zip(terms, heads, terms[1:], strict=False)
    ]


def _link(head: str, left: Term, right: Term) -> str:
    """The head of a link; `=` between events says that they happen together."""
    if head not in ("eq", "define"):
        return head
    return "iff" if {left.head, right.head} & EVENT_HEADS else "eq"
