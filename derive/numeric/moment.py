"""Expectations, variances, covariances and probabilities: exact sums over the point's finite joint distribution.

Every outcome of the random symbols that a formula depends on gets a frame of its own. A condition is a statement, or a
random value that must equal its value in the outcome at hand. Random symbols whose distribution has no exact finite form
make a moment unsupported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.language.term import Term
from derive.numeric import tensor as tensors
from derive.numeric.frame import Frame, Row, Scope
from derive.numeric.number import ZERO, Scalar, reciprocal, undefined
from derive.numeric.point import Family
from derive.numeric.tensor import Tensor, Value
from derive.numeric.truth import equal


def _outcomes(
    terms: tuple[Term, ...], conditions: tuple[Term, ...], scope: Scope, frame: Frame
) -> Iterator[tuple[Scalar, Frame]]:
    """The outcomes that meet the conditions, with their conditional probabilities."""
    names: frozenset[str] = frozenset()
    for t in (*terms, *conditions):
        names |= frame.model.names_of(t)
    table = frame.point.joint(names)
    if not conditions:
        for probability, values in table:
            yield probability, frame.with_values(values) if values else frame
        return
    kept: list[tuple[Scalar, Frame]] = []
    total: Scalar = ZERO
    for probability, values in table:
        inner = frame.with_values(values) if values else frame
        if all(_meets(c, scope, inner, frame) for c in conditions):
            kept.append((probability, inner))
            total = total + probability
    if total == 0:
        raise undefined("a condition of probability 0")
    factor = reciprocal(total)
    for probability, inner in kept:
        yield probability * factor, inner


def _meets(condition: Term, scope: Scope, inner: Frame, outer: Frame) -> bool:
    here = inner.rows[condition.head](condition, scope, inner)
    if here is True or here is False:
        symbol = outer.model.context.symbols.get(condition.name) if condition.head == "sym" else None
        if symbol is not None and symbol.role != "event" and not symbol.shape.statement:
            return bool(here)
        return here
    return equal(here, outer.value(condition, scope))


def _mean(weighted: list[tuple[Scalar, Value]]) -> Value:
    total: Value = ZERO
    for probability, value in weighted:
        total = tensors.add(total, tensors.scale(probability, value))
    return total


def _expect(term: Term, scope: Scope, frame: Frame) -> Value:
    body, conditions = term.args[0], term.args[1:]
    outcomes = _outcomes((body,), conditions, scope, frame)
    return _mean([(p, _plain(inner.value(body, scope))) for p, inner in outcomes])


def _plain(value: Value) -> Value:
    if isinstance(value, (Family, bool)):
        raise undefined("the expectation of what is no number")
    return value


def _spread(a: Term, b: Term, conditions: tuple[Term, ...], scope: Scope, frame: Frame) -> Value:
    """E[(a − E a)(b − E b)ᵀ]."""
    table = [
        (p, _plain(inner.value(a, scope)), _plain(inner.value(b, scope)))
        for p, inner in _outcomes((a, b), conditions, scope, frame)
    ]
    mean_a = _mean([(p, x) for p, x, _ in table])
    mean_b = _mean([(p, y) for p, _, y in table])
    total: Value = ZERO
    for p, x, y in table:
        dx, dy = tensors.add(x, tensors.negate(mean_a)), tensors.add(y, tensors.negate(mean_b))
        total = tensors.add(total, tensors.scale(p, _outer(dx, dy)))
    return total


def _outer(x: Value, y: Value) -> Value:
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        return Tensor([[a * b for b in y.data] for a in x.data], (x.units[0], y.units[0]))
    return tensors.multiply(x, y)


def _variance(term: Term, scope: Scope, frame: Frame) -> Value:
    return _spread(term.args[0], term.args[0], term.args[1:], scope, frame)


def _covariance(term: Term, scope: Scope, frame: Frame) -> Value:
    return _spread(term.args[0], term.args[1], term.args[2:], scope, frame)


def _prob(term: Term, scope: Scope, frame: Frame) -> Value:
    body, conditions = term.args[0], term.args[1:]
    total: Scalar = ZERO
    for probability, inner in _outcomes((body,), conditions, scope, frame):
        if inner.truth(body, scope):
            total = total + probability
    return total


ROWS: Mapping[str, Row] = {
    "expect": _expect,
    "variance": _variance,
    "covariance": _covariance,
    "prob": _prob,
}
