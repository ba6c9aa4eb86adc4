"""Domains while they are declared: half-lines, the part that two share, and the words for a declared kind."""

from __future__ import annotations

from derive.language.context import Domain, Symbol
from derive.language.term import Term, num, walk


def is_constant(term: Term) -> bool:
    """Whether a term is a number written with digits."""
    return all(node.head in ("num", "neg", "div", "add", "mul", "sqrt", "pow") for node in walk(term))


def half_line(head: str, bound: Term) -> Domain:
    """The numbers on one side of a bound."""
    if head in ("gt", "ge"):
        return Domain("interval", low=bound, low_open=head == "gt")
    return Domain("interval", high=bound, high_open=head == "lt")


def _value(term: Term | None) -> float | None:
    """A rough value of a constant, for comparing the ends of domains."""
    if term is None:
        return None
    if term.head == "num":
        return float(term.value)
    values = [_value(a) for a in term.args]
    known = [v for v in values if v is not None]
    if len(known) != len(values):
        return None
    if term.head == "neg":
        return -known[0]
    if term.head == "div" and known[1]:
        return known[0] / known[1]
    return None


def meet(one: Domain, other: Domain) -> Domain | None:
    """The part that two domains share; None where it is plainly empty."""
    if one == other or other.kind == "real":
        return one
    if one.kind == "real":
        return other
    if one.kind == "finite" or other.kind == "finite":
        return one if one.kind == "finite" else other
    whole = one if one.kind in ("natural", "integer") else other
    low, low_open = _tighter(one.low, one.low_open, other.low, other.low_open, 1)
    high, high_open = _tighter(one.high, one.high_open, other.high, other.high_open, -1)
    a, b = _value(low), _value(high)
    if a is not None and b is not None and (a > b or (a == b and (low_open or high_open))):
        return None
    if whole.kind in ("natural", "integer") and low_open and low is not None and low.head == "num":
        low, low_open = num(int(low.value) + 1), False
    return Domain(whole.kind, low, high, low_open, high_open)


def _tighter(
    one: Term | None, one_open: bool, other: Term | None, other_open: bool, way: int
) -> tuple[Term | None, bool]:
    if one is None:
        return other, other_open
    if other is None:
        return one, one_open
    a, b = _value(one), _value(other)
    if a is None or b is None or (a - b) * way > 0:
        return one, one_open
    if a == b:
        return one, one_open or other_open
    return other, other_open


def kind_of(symbol: Symbol) -> str:
    """What a symbol was declared as, in words."""
    if symbol.role not in ("variable",):
        return symbol.role
    if symbol.family:
        spans = ", ".join(f"{r.low}…{r.high}" for r in symbol.family)
        return f"family[{spans}] of {symbol.shape}"
    return str(symbol.shape)
