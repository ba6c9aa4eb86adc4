"""One statement at one point: do its two sides agree, provably differ, or is there nothing to say?

Equations differ where some entry differs exactly or by disjoint intervals; they agree where all entries are equal, or
intervals overlap that are far narrower than the values. A side without a value says nothing (what is missing is a
condition, not a counterexample). Intervals that do not settle the matter are computed once more with more bits.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, ctx, fmpq

from derive.language.context import Context
from derive.language.heads import ORDER_RELATIONS
from derive.language.term import Term
from derive.numeric import tensor as tensors
from derive.numeric.evaluate import HIGH_PRECISION, PRECISION, root_frame
from derive.numeric.frame import Frame, Scope, scalar
from derive.numeric.number import NoValue, Scalar, interval, undecidable, unsupported
from derive.numeric.point import Family, Point, spell_text
from derive.numeric.tensor import Tensor, Value

_NARROW = 60


@dataclass(frozen=True, slots=True)
class Agrees:
    """The statement holds here; `exact` where no interval was needed."""

    exact: bool = True


@dataclass(frozen=True, slots=True)
class Differs:
    """The statement provably fails here, with the two sides as printed."""

    left: str
    right: str
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing can be said here, and why."""

    reason: str
    kind: str = "unsupported"


@dataclass(frozen=True, slots=True)
class Lacking:
    """The left side has a value here and the right side, for certain, has none: it needs more than the left one."""

    reason: str


Finding = Agrees | Differs | Silent | Lacking


def contest(statement: Term, context: Context, point: Point, frame: Frame | None = None) -> Finding:
    """What a point says of a statement; `frame` may be one over the point that was used at the usual precision."""
    found = _at_precision(statement, frame or root_frame(context, point), PRECISION)
    if isinstance(found, Silent) and found.kind == "undecidable":
        return _at_precision(statement, root_frame(context, point), HIGH_PRECISION)
    return found


def _at_precision(statement: Term, frame: Frame, bits: int) -> Finding:
    before = ctx.prec
    ctx.prec = bits
    try:
        return _judge(statement, {}, frame)
    except NoValue as reason:
        return Silent(reason.reason, reason.kind)
    finally:
        ctx.prec = before


def _judge(statement: Term, scope: Scope, frame: Frame) -> Finding:
    head = statement.head
    if head == "eq":
        return _equation(statement, scope, frame)
    if head in ORDER_RELATIONS:
        return _inequality(statement, scope, frame)
    if head == "and":
        return _all([(part, scope) for part in statement.args], frame)
    if head == "forall":
        variable, low, high, body = statement.args
        if "infinity" in (low.head, high.head):
            raise unsupported("an infinite range")
        first, last = frame.integer(low, scope), frame.integer(high, scope)
        return _all([(body, {**scope, variable.value: fmpq(i)}) for i in range(first, last + 1)], frame)
    if frame.truth(statement, scope):
        return Agrees()
    return Differs(*_sides(statement, scope, frame)) if head == "ne" else Differs("false", "true")


def _all(parts: list[tuple[Term, Scope]], frame: Frame) -> Finding:
    """The first part that fails where every part has a value."""
    result: Finding = Agrees()
    for part, scope in parts:
        found = _judge(part, scope, frame)
        if not isinstance(found, Agrees):
            return found
        result = Agrees(result.exact and found.exact) if isinstance(result, Agrees) else result
    return result


def _sides(statement: Term, scope: Scope, frame: Frame) -> tuple[str, str]:
    left, right = (frame.value(a, scope) for a in statement.args)
    return spell_text(left), spell_text(right)


def _equation(statement: Term, scope: Scope, frame: Frame) -> Finding:
    if any(a.head in ("argmax", "argmin") for a in statement.args):
        raise unsupported("an optimiser has no value here")
    a = frame.rows[statement.left.head](statement.left, scope, frame)  # an event counts as a truth value
    try:
        b = frame.rows[statement.right.head](statement.right, scope, frame)
    except NoValue as reason:
        return _lacking(reason)
    return compare(a, b)


def _lacking(reason: NoValue) -> Lacking:
    """What is to be said where a left side has a value and its right side gives this reason for none."""
    if reason.kind != "undefined":
        raise reason
    return Lacking(reason.reason)


def compare(a: Value, b: Value) -> Finding:
    """Are two values the same? `NoValue` where their intervals are too wide to tell."""
    if isinstance(a, bool) or isinstance(b, bool):
        return Agrees() if a is b else Differs(spell_text(a), spell_text(b))
    if isinstance(a, Family) or isinstance(b, Family):
        raise unsupported("families are compared member by member")
    difference = tensors.zip_map(lambda x, y: x - y, a, b)
    entries = difference.entries() if isinstance(difference, Tensor) else [difference]
    exact = True
    doubt = False
    scale = None
    for x in entries:
        if type(x) is fmpq:
            if x != 0:
                return Differs(*_spelled(a, b))
            continue
        if x > 0 or x < 0:
            return Differs(*_spelled(a, b), exact=False)
        exact = False
        if scale is None:
            scale = _size(a) + _size(b)
        doubt = doubt or not _narrow(x, scale)
    if doubt:
        raise undecidable("the sides overlap")
    return Agrees(exact)


def _spelled(a: Value, b: Value) -> tuple[str, str]:
    left, right = spell_text(a), spell_text(b)
    if left == right:
        return spell_text(a, 40), spell_text(b, 40)
    return left, right


def _size(value: Value) -> Scalar:
    total = arb(1)
    for x in value.entries() if isinstance(value, Tensor) else [value]:
        total = total + abs(interval(x))
    return total


def _narrow(x: Scalar, scale: Scalar) -> bool:
    """Whether an interval around 0 is negligible against the size of the values."""
    return bool(x.is_finite() and abs(x) < scale * arb(2) ** (-_NARROW))


def _inequality(statement: Term, scope: Scope, frame: Frame) -> Finding:
    a = scalar(frame.value(statement.left, scope))
    try:
        b = scalar(frame.value(statement.right, scope))
    except NoValue as reason:
        return _lacking(reason)
    difference = a - b
    exact = type(difference) is fmpq
    head = statement.head
    wanted = {"lt": difference < 0, "le": difference <= 0, "gt": difference > 0, "ge": difference >= 0}[head]
    if wanted:
        return Agrees(exact)
    opposite = {"lt": difference >= 0, "le": difference > 0, "gt": difference <= 0, "ge": difference < 0}[head]
    if opposite:
        return Differs(*_spelled(a, b), exact=exact)
    if head in ("le", "ge") and _narrow(difference, _size(a) + _size(b)):
        return Agrees(False)
    raise undecidable("the sides overlap")
