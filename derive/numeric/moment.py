"""Expectations, variances, covariances and probabilities: exact sums over the point's finite joint distribution.

A formula is evaluated in a frame that knows no outcome yet; where it asks for a random member whose group has none,
the evaluation branches over the outcomes of that group, so that only the groups that matter are summed over. A
condition is a statement, or a random value that must equal its value in the outcome at hand. Random symbols whose
distribution has no exact finite form make a moment unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from derive.language.term import Term
from derive.numeric import density, formal
from derive.numeric import tensor as tensors
from derive.numeric.frame import Frame, Row, Scope, pick
from derive.numeric.number import ONE, ZERO, Dual, Scalar, fresh_tag, reciprocal, undefined, unsupported
from derive.numeric.point import Family, Group, Index, Law, Member, with_members
from derive.numeric.tensor import Tensor, Value
from derive.numeric.truth import equal

_MOST_OUTCOMES = 6_000


class _Branch(Exception):
    """An evaluation needs an outcome of a group that its frame has not chosen yet."""

    def __init__(self, frame: _Chance, group: Group) -> None:
        super().__init__()
        self.frame = frame
        self.group = group


class _Chance(Frame):
    """A frame in which random members have the values of the outcomes chosen so far."""

    __slots__ = ("chosen", "infinite")

    def __init__(self, parent: Frame, chosen: Mapping[Member, Value], infinite: _Infinite) -> None:
        super().__init__(parent.model, parent.point, parent.rows, parent)
        self.chosen = chosen
        self.infinite = infinite
        self.touched = parent.point.random_names

    def name(self, name: str) -> Value:
        """The whole of a random symbol needs all of its members."""
        if name not in self.point.random_names:
            return super().name(name)
        if name in self.point.obscure:
            raise unsupported(f"the distribution of {name}")
        if (name, None) in self.point.group_of:
            return self._value((name, None))
        members = {index: self._value((name, index)) for index in self.point.members_of(name)}
        return with_members(self.point.values[name], members)

    def member(self, name: str, index: Index) -> Value:
        """One member of a random family needs its own group only."""
        if name not in self.point.random_names or (name, index) not in self.point.group_of:
            return super().member(name, index) if name not in self.point.random_names else pick(self.name(name), index)
        if name in self.point.obscure:
            raise unsupported(f"the distribution of {name}")
        return self._value((name, index))

    def _value(self, member: Member) -> Value:
        if member in self.chosen:
            return self.chosen[member]
        if member in self.point.laws:
            law = self.point.laws[member]
            if law.name == "mass":
                raise _Branch(self, density.outcomes(self.infinite.frame, member, law))
            return self.infinite.value(member)
        raise _Branch(self, self.point.group_of[member])


def _outcomes(
    work: Callable[[Frame], Value], frame: Frame, infinite: _Infinite, known: Mapping[Member, Value]
) -> Iterator[tuple[Scalar, Value, Mapping[Member, Value]]]:
    """What `work` gives in every outcome, with the outcome's probability and the members that it asked for."""
    stack: list[tuple[Scalar, dict[Member, Value]]] = [(ONE, dict(known))]
    done = 0
    while stack:
        probability, chosen = stack.pop()
        inner = _Chance(frame, chosen, infinite)
        try:
            yield probability, work(inner), chosen
        except _Branch as branch:
            if branch.frame is not inner:
                raise
            for p, values in reversed(branch.group.outcomes):
                stack.append((probability * p, {**chosen, **dict(zip(branch.group.members, values, strict=True))}))
        done += 1
        if done > _MOST_OUTCOMES:
            raise unsupported("too many outcomes")


def cases(
    work: Callable[[Frame], Value], frame: Frame, known: Mapping[Member, Value] | None = None
) -> Iterator[tuple[Value, Mapping[Member, Value]]]:
    """What `work` gives in every outcome of the random members that it asks for outside moments, and those members."""
    for _, value, chosen in _outcomes(work, frame, _Infinite(frame), known or {}):
        yield value, chosen


def _weighted(
    work: Callable[[Frame], Value], conditions: tuple[Term, ...], scope: Scope, frame: Frame
) -> tuple[list[tuple[Scalar, Value]], _Infinite]:
    """The values in the outcomes that meet the conditions, with conditional probabilities."""
    infinite = _Infinite(frame)
    known: dict[Member, Value] = {}
    finite = tuple(c for c in conditions if not _fixes(c, scope, frame, known))
    if not finite:
        return [(p, value) for p, value, _ in _outcomes(work, frame, infinite, known)], infinite
    kept: list[tuple[Scalar, Value]] = []
    total: Scalar = ZERO

    def conditioned(inner: Frame) -> Value:
        if all(_meets(c, scope, inner, frame) for c in finite):
            return (work(inner),)
        return None

    for probability, value, _ in _outcomes(conditioned, frame, infinite, known):
        if value is not None:
            kept.append((probability, value[0]))
            total = total + probability
    if total == 0:
        raise undefined("a condition of probability 0")
    factor = reciprocal(total)
    return [(p * factor, value) for p, value in kept], infinite


def _fixes(condition: Term, scope: Scope, frame: Frame, known: dict[Member, Value]) -> bool:
    """Whether a condition gives an independent variable with a law its value, which is then put into `known`."""
    value = condition
    if condition.head == "eq":
        condition, value = condition.args
    if condition.head == "entry" and condition.args[0].head == "sym":
        member: Member = (condition.args[0].value, tuple(frame.integer(i, scope) for i in condition.args[1:]))
    elif condition.head == "sym":
        member = (condition.value, None)
    else:
        return False
    if member[0] in scope or member not in frame.point.laws:
        return False
    known[member] = frame.value(value, scope)
    return True


def _meets(condition: Term, scope: Scope, inner: Frame, outer: Frame) -> bool:
    here = inner.rows[condition.head](condition, scope, inner)
    if here is True or here is False:
        return bool(here)
    return equal(here, outer.value(condition, scope))


class _Infinite:
    """Formal variables for the members with laws that one moment asks for, and the sums over them."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.laws = frame.point.laws
        self.values: dict[Member, Value] = {}
        self.variables: list[tuple[int, str, tuple[Scalar, ...]]] = []
        self.densities: list[tuple[int, Scalar, Law]] = []

    def value(self, member: Member) -> Value:
        """A formal value of a member: normal vectors are made of independent standard ones."""
        if member not in self.values:
            law = self.laws[member]
            if law.name == "density":
                number, self.values[member], there = density.weight(self.frame, member, law)
                self.densities.append((number, there, law))
                return self.values[member]
            params = tuple(self.frame.value(p, law.scope) for p in law.params)
            if any(isinstance(p, Tensor) for p in params):
                self.values[member] = self._vector(*params)
            else:
                self.values[member] = self._fresh(law.name, params)
        return self.values[member]

    def _fresh(self, name: str, params: tuple[Scalar, ...]) -> formal.Formal:
        number = fresh_tag()
        self.variables.append((number, name, params))
        return formal.variable(number)

    def _vector(self, mean: Value, covariance: Value) -> Value:
        if not isinstance(mean, Tensor) or not isinstance(covariance, Tensor):
            raise unsupported("a vector with a scalar mean or variance")
        root = tensors.cholesky(covariance)
        standard = mean.map(lambda _: self._fresh("normal", (ZERO, ONE)))
        return tensors.add(mean, tensors.multiply(root, standard))

    def mean(self, weighted: list[tuple[Scalar, Value]]) -> Value:
        """The expectation: the weighted sum, with the formal variables summed over."""
        total: Value = ZERO
        for probability, value in weighted:
            total = tensors.add(total, tensors.scale(probability, value))
        if not self.variables and not self.densities:
            return total
        return total.map(self._sum_over) if isinstance(total, Tensor) else self._sum_over(total)

    def _sum_over(self, value: Scalar) -> Scalar:
        if type(value) is Dual and not any(type(p) is Dual for _, _, params in self.variables for p in params):
            # polynomials times exponentials: the derivative goes under the expectation
            return Dual(value.tag, self._sum_over(value.re), tuple(self._sum_over(e) for e in value.eps))
        for number, name, params in self.variables:
            moments, tilt = formal.moments_of(name, params)
            value = formal.expectation(value, number, moments, tilt)
        for number, there, law in self.densities:
            value = density.average(value, number, there, law, self.frame)
        return formal.plain(value) if not self._others(value) else value

    def _others(self, value: Scalar) -> bool:
        """Whether variables of a moment further out are left."""
        if not isinstance(value, formal.Formal):
            return False
        return any(m != () for part in (value.factor, value.exponent) for m in part)


def _plain(value: Value) -> Value:
    if isinstance(value, (Family, bool)):
        raise unsupported("the expectation of what is no number")
    return value


def _expect(term: Term, scope: Scope, frame: Frame) -> Value:
    body = term.args[0]
    table, infinite = _weighted(lambda inner: _plain(inner.value(body, scope)), term.args[1:], scope, frame)
    return infinite.mean(table)


def _spread(a: Term, b: Term, conditions: tuple[Term, ...], scope: Scope, frame: Frame) -> Value:
    """E[(a − E a)(b − E b)ᵀ]."""

    def both(inner: Frame) -> Value:
        x = _plain(inner.value(a, scope))
        return (x, x if b is a else _plain(inner.value(b, scope)))

    table, infinite = _weighted(both, conditions, scope, frame)
    mean_a = tensors.negate(infinite.mean([(p, x) for p, (x, _) in table]))
    mean_b = tensors.negate(infinite.mean([(p, y) for p, (_, y) in table]))
    return infinite.mean([(p, _outer(tensors.add(x, mean_a), tensors.add(y, mean_b))) for p, (x, y) in table])


def _outer(x: Value, y: Value) -> Value:
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        if x.rank != 1 or y.rank != 1:
            raise unsupported("the covariance of matrices")
        return Tensor([[a * b for b in y.data] for a in x.data], (x.units[0], y.units[0]))
    return tensors.multiply(x, y)


def _variance(term: Term, scope: Scope, frame: Frame) -> Value:
    return _spread(term.args[0], term.args[0], term.args[1:], scope, frame)


def _covariance(term: Term, scope: Scope, frame: Frame) -> Value:
    return _spread(term.args[0], term.args[1], term.args[2:], scope, frame)


def _prob(term: Term, scope: Scope, frame: Frame) -> Value:
    body = term.args[0]
    total: Scalar = ZERO
    table, _ = _weighted(lambda inner: inner.truth(body, scope), term.args[1:], scope, frame)
    for probability, holds in table:
        if holds:
            total = total + probability
    return total


ROWS: Mapping[str, Row] = {
    "expect": _expect,
    "variance": _variance,
    "covariance": _covariance,
    "prob": _prob,
}
