"""Infinite sums as intervals: a partial sum, and a bound on what is left out.

The summand must be a polynomial in the index times a power rᵏ (and over a factorial, or not), read off the term as it
was written. From N on, the absolute values then fall at least as fast as a geometric series with the ratio
((N + 1)/N)ᵈ |r| (over N + 1 + s), which bounds the tail. Where the ratio is not below 1 there is no value.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, fmpq

from derive.language.term import Term, free_names
from derive.numeric.frame import Frame, Scope, scalar
from derive.numeric.number import (
    ONE,
    ZERO,
    Scalar,
    exp,
    integer_of,
    integer_power,
    interval,
    reciprocal,
    undecidable,
    undefined,
    unsupported,
)

_MOST = 3000
_LONGEST = 3
_DEGREE = 12
_SMALL = arb(2) ** -100

Coefficients = list[Scalar]
"""A polynomial in the index, constant term first."""


@dataclass(frozen=True, slots=True)
class _Summand:
    """polynomial(k) · ratioᵏ / ∏ (k + s)!."""

    polynomial: Coefficients
    ratio: Scalar = ONE
    below: tuple[int, ...] = ()


def infinite_sum(term: Term, scope: Scope, frame: Frame) -> Scalar:
    """The value of Σ from an integer to infinity, as an interval."""
    variable, low, _, body = term.args[:4]
    if len(term.args) > 4:
        raise unsupported("an infinite sum with a condition")
    name = variable.name
    if name in frame.model.captured and name in frame.model.hidden_names(body):
        raise unsupported(f"a definition mentions {name}, which is bound here")
    first = frame.integer(low, scope)
    total: Scalar = ZERO
    for part in body.args if body.head == "add" else (body,):
        total = total + _value(_Reader(name, scope, frame).summand(part), first)
    return total


class _Reader:
    """Takes a summand apart at one point."""

    def __init__(self, name: str, scope: Scope, frame: Frame) -> None:
        self.name = name
        self.scope = scope
        self.frame = frame

    def summand(self, term: Term) -> _Summand:
        head, args = term.head, term.args
        if self.name not in free_names(term):
            return _Summand([self.number(term)])
        if head == "neg":
            return self.times(_Summand([-ONE]), self.summand(args[0]))
        if head == "mul":
            product = _Summand([ONE])
            for arg in args:
                product = self.times(product, self.summand(arg))
            return product
        if head == "div":
            return self.times(self.summand(args[0]), self.inverse(args[1]))
        if head == "exp":
            slope, start = self.affine(args[0])
            return _Summand([exp(start)], exp(slope))
        if head == "pow" and self.name in free_names(args[1]):
            if self.name in free_names(args[0]):
                raise unsupported("this infinite sum")
            slope, start = self.affine(args[1])
            base = self.number(args[0])
            power = integer_power(base, integer_of(slope))
            return _Summand([integer_power(base, integer_of(start))], power)
        return _Summand(self.polynomial(term))

    def inverse(self, term: Term) -> _Summand:
        """1/term, for powers and factorials."""
        if term.head == "factorial":
            slope, start = self.affine(term.args[0])
            if slope != 1:
                raise unsupported("this infinite sum")
            return _Summand([ONE], below=(integer_of(start),))
        if term.head == "mul":
            product = _Summand([ONE])
            for arg in term.args:
                product = self.times(product, self.inverse(arg))
            return product
        inner = self.summand(term)
        if len(inner.polynomial) > 1 or inner.below:
            raise unsupported("this infinite sum")
        return _Summand([reciprocal(inner.polynomial[0])], reciprocal(inner.ratio))

    def times(self, a: _Summand, b: _Summand) -> _Summand:
        return _Summand(_product(a.polynomial, b.polynomial), a.ratio * b.ratio, a.below + b.below)

    def polynomial(self, term: Term) -> Coefficients:
        head, args = term.head, term.args
        if self.name not in free_names(term):
            return [self.number(term)]
        if head == "sym":
            return [ZERO, ONE]
        if head == "neg":
            return [-c for c in self.polynomial(args[0])]
        if head == "add":
            total: Coefficients = [ZERO]
            for arg in args:
                more = self.polynomial(arg)
                size = max(len(total), len(more))
                padded = [p + [ZERO] * (size - len(p)) for p in (total, more)]
                total = [x + y for x, y in zip(*padded, strict=True)]
            return total
        if head in ("mul", "pow"):
            factors = args if head == "mul" else (args[0],) * self.exponent(args[1])
            product: Coefficients = [ONE]
            for arg in factors:
                product = _product(product, self.polynomial(arg))
            return product
        if head == "div" and self.name not in free_names(args[1]):
            divisor = reciprocal(self.number(args[1]))
            return [c * divisor for c in self.polynomial(args[0])]
        raise unsupported("this infinite sum")

    def exponent(self, term: Term) -> int:
        value = integer_of(self.number(term))
        if not 0 <= value <= _DEGREE:
            raise unsupported("this infinite sum")
        return value

    def affine(self, term: Term) -> tuple[Scalar, Scalar]:
        """Slope and start of a polynomial of degree 1."""
        found = self.polynomial(term)
        if len(found) != 2:
            raise unsupported("this infinite sum")
        return found[1], found[0]

    def number(self, term: Term) -> Scalar:
        value = scalar(self.frame.value(term, self.scope))
        if not isinstance(value, fmpq | arb):
            raise unsupported("an infinite sum of this kind of number")
        return value


def _product(a: Coefficients, b: Coefficients) -> Coefficients:
    result: Coefficients = [ZERO] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] = result[i + j] + x * y
    return result


def _value(summand: _Summand, first: int) -> Scalar:
    """The interval of the sum from `first` on."""
    coefficients, ratio = [interval(c) for c in summand.polynomial], interval(summand.ratio)
    if len(summand.below) > _LONGEST or any(first + s < 0 for s in summand.below):
        raise unsupported("this infinite sum")
    if not summand.below and not abs(ratio) < 1:
        raise (
            undefined("the series does not converge") if abs(ratio) >= 1 else undecidable("whether a series converges")
        )
    total, factor = arb(0), ratio**first
    for s in summand.below:
        factor = factor / arb(first + s).fac()
    for k in range(first, first + _MOST):
        total = total + _horner(coefficients, k) * factor
        factor = factor * ratio
        for s in summand.below:
            factor = factor / (k + 1 + s)
        if k > 8 and k % 8 == 0:
            tail = _tail(coefficients, ratio, summand.below, k + 1, factor)
            if tail is not None and tail < _SMALL * (1 + abs(total)):
                return total + arb(0, tail.upper())
    raise undecidable("a series that converges slowly")


def _tail(coefficients: list[Scalar], ratio: Scalar, below: tuple[int, ...], start: int, factor: Scalar) -> Scalar:
    """A bound on the sum of the absolute values from `start` on; None where the terms do not fall yet."""
    fall = abs(ratio) * (arb(start + 1) / start) ** (len(coefficients) - 1)
    for s in below:
        fall = fall / (start + 1 + s)
    if not fall < 1:
        return None
    return _horner([abs(c) for c in coefficients], start) * abs(factor) / (1 - fall)


def _horner(coefficients: list[Scalar], at: int) -> Scalar:
    value: Scalar = arb(0)
    for c in reversed(coefficients):
        value = value * at + c
    return value


__all__ = ["infinite_sum"]
