"""Statements at a point: certainly true, certainly false, or `NoValue`.

Equality and order are decided exactly on rationals and by disjoint intervals; intervals that overlap decide nothing,
so an equation between irrational numbers is never certainly true. Statements about limits, distributions,
independence and proportionality have no value at a point.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq

from derive.language.term import Term
from derive.numeric import properties
from derive.numeric import tensor as tensors
from derive.numeric.frame import Frame, Row, Scope, scalar
from derive.numeric.number import NoValue, order, same, unsupported
from derive.numeric.point import Family
from derive.numeric.tensor import Tensor, Value


def equal(a: Value, b: Value) -> bool:
    """Whether two values are certainly equal or certainly different."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Family) or isinstance(b, Family):
        raise unsupported("families are compared member by member")
    if not isinstance(a, Tensor) and not isinstance(b, Tensor):
        return same(a, b)
    difference = tensors.zip_map(lambda x, y: x - y, a, b)
    doubt: NoValue | None = None
    for x in difference.entries():
        try:
            if order(x, fmpq(0)) != 0:
                return False
        except NoValue as reason:
            doubt = reason
    if doubt is not None:
        raise doubt
    return True


def _sides(term: Term, scope: Scope, frame: Frame) -> tuple[Value, Value]:
    return frame.value(term.args[0], scope), frame.value(term.args[1], scope)


def _eq(term: Term, scope: Scope, frame: Frame) -> Value:
    return equal(*_sides(term, scope, frame))


def _ne(term: Term, scope: Scope, frame: Frame) -> Value:
    return not equal(*_sides(term, scope, frame))


def _order(term: Term, scope: Scope, frame: Frame) -> int:
    if term.args[1].head == "infinity":
        scalar(frame.value(term.args[0], scope))
        return -1
    a, b = _sides(term, scope, frame)
    return order(scalar(a), scalar(b))


def _and(term: Term, scope: Scope, frame: Frame) -> Value:
    return all(frame.truth(a, scope) for a in term.args)


def _or(term: Term, scope: Scope, frame: Frame) -> Value:
    return any(frame.truth(a, scope) for a in term.args)


def _not(term: Term, scope: Scope, frame: Frame) -> Value:
    return not frame.truth(term.args[0], scope)


def _implies(term: Term, scope: Scope, frame: Frame) -> Value:
    return not frame.truth(term.args[0], scope) or frame.truth(term.args[1], scope)


def _iff(term: Term, scope: Scope, frame: Frame) -> Value:
    return frame.truth(term.args[0], scope) is frame.truth(term.args[1], scope)


def _forall(term: Term, scope: Scope, frame: Frame) -> Value:
    variable, low, high, body = term.args
    if "infinity" in (low.head, high.head):
        raise unsupported("an infinite range")
    first, last = frame.integer(low, scope), frame.integer(high, scope)
    return all(frame.truth(body, {**scope, variable.value: fmpq(i)}) for i in range(first, last + 1))


def _has(term: Term, scope: Scope, frame: Frame) -> Value:
    arg = term.args[0]
    symbol = frame.model.context.symbols.get(arg.value) if arg.head == "sym" and arg.value not in scope else None
    if symbol is not None and symbol.family:
        name = symbol.name
        whole = frame.name(name)
        if not isinstance(whole, Family):
            return properties.holds(term.value, whole)
        return all(properties.holds(term.value, whole.values[i]) for i in sorted(whole.values))
    return properties.holds(term.value, frame.value(arg, scope))


def _true(term: Term, scope: Scope, frame: Frame) -> Value:
    return True


def _no_form(term: Term, scope: Scope, frame: Frame) -> Value:
    raise unsupported(f"{term.head} has no value at a point")


ROWS: Mapping[str, Row] = {
    "true": _true,
    "interchange": _true,  # the integrals that have a numeric form here are of smooth functions
    "eq": _eq,
    "ne": _ne,
    "lt": lambda term, scope, frame: _order(term, scope, frame) < 0,
    "le": lambda term, scope, frame: _order(term, scope, frame) <= 0,
    "gt": lambda term, scope, frame: _order(term, scope, frame) > 0,
    "ge": lambda term, scope, frame: _order(term, scope, frame) >= 0,
    "and": _and,
    "or": _or,
    "not": _not,
    "implies": _implies,
    "iff": _iff,
    "forall": _forall,
    "has": _has,
    "approx": _no_form,
    "propto": _no_form,
    "tends": _no_form,
    "distributed": _no_form,
    "independent": _no_form,
}
