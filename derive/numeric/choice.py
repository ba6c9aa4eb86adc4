"""Choices for unknown functions that givens make special: densities on a line, and functions on finite sets.

An unknown density becomes a normal density whose mean and variance are polynomials of its parameters (on a half-line:
an exponential one), so that integrals against it are exact up to intervals. A function of an element of a finite set
becomes a table; one that sums to 1 is a table of positive weights, divided by their sum, and rational in its
parameters. They satisfy by construction what made them special, for all values of their parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from flint import arb, fmpq

from derive.numeric.number import ZERO, Scalar, exp, reciprocal, sqrt, unsupported
from derive.numeric.tensor import Tensor, Value

Index = tuple[int, ...]


def _flat(args: Sequence[Value]) -> list[Scalar]:
    flat: list[Scalar] = []
    for a in args:
        flat.extend(a.entries() if isinstance(a, Tensor) else [a])
    return flat


def _affine(constant: fmpq, slopes: tuple[fmpq, ...], at: Sequence[Scalar]) -> Scalar:
    total: Scalar = constant
    for slope, x in zip(slopes, at, strict=True):
        total = total + x * slope
    return total


def _spelled(constant: fmpq, slopes: tuple[fmpq, ...], first: int) -> str:
    text = str(constant) if constant != 0 or not any(slopes) else ""
    for k, slope in enumerate(slopes):
        size = abs(slope)
        factor = f"t_{k + first}" if size == 1 else f"{size} t_{k + first}"
        sign = ("-" if slope < 0 else "") if not text else (" - " if slope < 0 else " + ")
        text += sign + factor
    return text


@dataclass(frozen=True, slots=True)
class NormalDensity:
    """The density of N(m, c + s²) at the first argument; m and s are affine in the others."""

    name: str
    mean: tuple[fmpq, tuple[fmpq, ...]]
    least: fmpq
    spread: tuple[fmpq, tuple[fmpq, ...]]

    def apply(self, args: list[Value]) -> Value:
        """The density at some arguments."""
        x, *at = _flat(args)
        width = _affine(*self.spread, at)
        variance = width * width + self.least
        away = x - _affine(*self.mean, at)
        scale = reciprocal(sqrt(variance * (2 * arb.pi())))
        return exp(-(away * away) * reciprocal(variance * 2)) * scale

    def formula(self) -> str:
        """The choice in words."""
        mean, spread = _spelled(*self.mean, 2), _spelled(*self.spread, 2)
        return f"the density of N({mean}, {self.least} + ({spread})^2) at t_1"


@dataclass(frozen=True, slots=True)
class ExponentialDensity:
    """r e^{−r (t − start)} at the first argument, for the rate r = c + s² with s affine in the others."""

    name: str
    start: fmpq
    least: fmpq
    rate: tuple[fmpq, tuple[fmpq, ...]]

    def apply(self, args: list[Value]) -> Value:
        """The density at some arguments, from the start on."""
        x, *at = _flat(args)
        root = _affine(*self.rate, at)
        rate = root * root + self.least
        return rate * exp(-(rate * (x - self.start)))

    def formula(self) -> str:
        """The choice in words."""
        return f"r e^(-r (t_1 - {self.start})) with r = {self.least} + ({_spelled(*self.rate, 2)})^2"


@dataclass(frozen=True, slots=True)
class Table:
    """A function of elements of finite sets, and of further numbers θ: the weights c + (s(θ))², or c alone.

    `axes` are the places over which the weights are divided by their sum (none: they are not).
    """

    name: str
    sizes: tuple[int, ...]
    weights: dict[Index, tuple[fmpq, tuple[fmpq, tuple[fmpq, ...]]]]
    axes: tuple[int, ...] = ()

    def apply(self, args: list[Value]) -> Value:
        """The value at elements, given by their numbers."""
        count = len(self.sizes)
        place = tuple(self._element(a, n) for a, n in zip(args[:count], self.sizes, strict=True))
        at = _flat(args[count:])
        value = self._weight(place, at)
        if not self.axes:
            return value
        spans = [range(1, n + 1) if k in self.axes else (place[k],) for k, n in enumerate(self.sizes)]
        total: Scalar = ZERO
        for other in product(*spans):
            total = total + self._weight(other, at)
        return value * reciprocal(total)

    def _element(self, value: Value, size: int) -> int:
        if type(value) is not fmpq or value.q != 1 or not 1 <= value <= size:
            raise unsupported(f"{self.name} at what is no element")
        return int(value.p)

    def _weight(self, place: Index, at: Sequence[Scalar]) -> Scalar:
        constant, (root, slopes) = self.weights[place]
        if not at:
            return constant
        inner = _affine(root, slopes, at)
        return inner * inner + constant

    def formula(self) -> str:
        """The choice in words."""
        values = []
        for place in sorted(self.weights):
            constant, (root, slopes) = self.weights[place]
            text = f"{constant} + ({_spelled(root, slopes, len(self.sizes) + 1)})^2" if slopes else str(constant)
            values.append(text)
        listed = "(" + ", ".join(values) + ")"
        return f"the values {listed}" + (", divided by their sum" if self.axes else "")


# --- drawing ----------------------------------------------------------------------------------------------------------


def normal_density(name: str, count: int, rng: Random) -> NormalDensity:
    """A random normal density with `count` parameters."""
    return NormalDensity(
        name,
        (fmpq(rng.randint(-1, 1)), _slopes(count, rng)),
        fmpq(rng.choice((1, 1, 2)), rng.choice((1, 2))),
        (fmpq(rng.choice((1, 2, -1))), _slopes(count, rng)),
    )


def exponential_density(name: str, start: fmpq, count: int, rng: Random) -> ExponentialDensity:
    """A random exponential density on the numbers from `start` on."""
    return ExponentialDensity(
        name, start, fmpq(rng.choice((1, 1, 2)), rng.choice((1, 2))), (fmpq(rng.choice((0, 1))), _slopes(count, rng))
    )


def table(
    name: str, sizes: tuple[int, ...], count: int, positive: bool, axes: tuple[int, ...], rng: Random
) -> Table:
    """A random function on finite sets, with `count` further arguments."""
    weights: dict[Index, tuple[fmpq, tuple[fmpq, tuple[fmpq, ...]]]] = {}
    for place in product(*(range(1, n + 1) for n in sizes)):
        size = fmpq(rng.randint(1, 4), rng.choice((1, 1, 2)))
        sign = 1 if positive or axes else rng.choice((1, 1, -1))
        weights[place] = (size * sign, (fmpq(rng.choice((0, 1, -1))), _slopes(count, rng)))
    if axes and not positive and not count and len(sizes) == len(axes) and len(weights) > 1 and rng.random() < 0.5:
        # one negative weight, smaller than the others together
        place = rng.choice(sorted(weights))
        others = sum((w for p, (w, _) in weights.items() if p != place), ZERO)
        weights[place] = (-others / 2, weights[place][1])
    return Table(name, sizes, weights, axes)


def _slopes(count: int, rng: Random) -> tuple[fmpq, ...]:
    return tuple(fmpq(rng.choice((1, -1, 2)), rng.choice((1, 2))) for _ in range(count))
