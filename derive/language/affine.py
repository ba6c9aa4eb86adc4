"""Affine integer terms: sizes, index expressions and the ends of ranges.

An `Affine` is a constant plus integer multiples of named sizes and index variables: `n`, `i + 1`, `n + 1 - i`. Shapes,
the index normal form and the numeric route all speak of sizes and indices in these terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from derive.language.term import Term, make, num, sym


@dataclass(frozen=True, slots=True)
class Affine:
    """`constant + Σ coefficient·name`; `parts` is sorted by name and holds no zero coefficient."""

    constant: int = 0
    parts: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: Affine | int) -> Affine:
        if isinstance(other, int):
            return Affine(self.constant + other, self.parts)
        if not other.parts:
            return Affine(self.constant + other.constant, self.parts)
        table = dict(self.parts)
        for name, coefficient in other.parts:
            table[name] = table.get(name, 0) + coefficient
        return Affine(self.constant + other.constant, _sorted(table))

    def __sub__(self, other: Affine | int) -> Affine:
        return self + (-other if isinstance(other, int) else other.scale(-1))

    def __neg__(self) -> Affine:
        return self.scale(-1)

    def scale(self, factor: int) -> Affine:
        """`factor` times this."""
        if factor == 0:
            return Affine()
        return Affine(self.constant * factor, tuple((name, c * factor) for name, c in self.parts))

    def coefficient(self, name: str) -> int:
        """The coefficient of a name, 0 where it does not occur."""
        return next((c for n, c in self.parts if n == name), 0)

    def without(self, name: str) -> Affine:
        """This minus the part of one name."""
        return Affine(self.constant, tuple(p for p in self.parts if p[0] != name))

    def substitute(self, values: Mapping[str, Affine]) -> Affine:
        """Replace names by affine terms."""
        if len(self.parts) == 1:  # by far the most frequent case
            name, coefficient = self.parts[0]
            value = values.get(name)
            if value is None:
                return self
            if coefficient == 1:
                return value + self.constant if self.constant else value
        elif not any(name in values for name, _ in self.parts):
            return self
        result = Affine(self.constant)
        for name, coefficient in self.parts:
            result = result + (values[name] if name in values else variable(name)).scale(coefficient)
        return result

    def value(self, values: Mapping[str, int]) -> int:
        """The number that this is where every name has a value; KeyError names one that has none."""
        return self.constant + sum(c * values[name] for name, c in self.parts)

    @property
    def names(self) -> frozenset[str]:
        """The names that occur."""
        return frozenset(name for name, _ in self.parts)

    @property
    def is_constant(self) -> bool:
        """Whether no name occurs."""
        return not self.parts

    def __str__(self) -> str:
        if not self.constant and len(self.parts) == 1 and self.parts[0][1] == 1:
            return self.parts[0][0]
        text = ""
        for name, c in self.parts:
            sign = "-" if c < 0 else "+" if text else ""
            text += f"{sign}{'' if abs(c) == 1 else abs(c)}{name}"
        if self.constant or not text:
            text += f"{'+' if self.constant >= 0 and text else ''}{self.constant}"
        return text


def _sorted(table: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((name, c) for name, c in table.items() if c))


@lru_cache(maxsize=4096)
def variable(name: str) -> Affine:
    """The affine term that is one name."""
    return Affine(0, ((name, 1),))


def constant(value: int) -> Affine:
    """An affine term without names."""
    return Affine(value)


def affine_of(term: Term) -> Affine | None:
    """The affine term that a formula spells, or None where it is not affine with integer coefficients."""
    if term.head == "num":
        return Affine(int(term.value)) if term.value.denominator == 1 else None
    if term.head == "sym":
        return variable(term.name)
    if term.head == "neg":
        inner = affine_of(term.args[0])
        return None if inner is None else -inner
    if term.head == "add":
        total = Affine()
        for arg in term.args:
            part = affine_of(arg)
            if part is None:
                return None
            total = total + part
        return total
    if term.head == "mul":
        product: Affine = Affine(1)
        for arg in term.args:
            part = affine_of(arg)
            if part is None or (part.parts and product.parts):
                return None
            product = product.scale(part.constant) if part.is_constant else part.scale(product.constant)
        return product
    return None


def term_of(affine: Affine) -> Term:
    """The formula that spells an affine term."""
    parts: list[Term] = []
    for name, c in sorted(affine.parts, key=lambda p: p[1] < 0):
        one = sym(name) if abs(c) == 1 else make("mul", num(abs(c)), sym(name))
        parts.append(make("neg", one) if c < 0 else one)
    if affine.constant or not parts:
        parts.append(num(affine.constant) if affine.constant >= 0 else make("neg", num(-affine.constant)))
    return parts[0] if len(parts) == 1 else make("add", *parts)


def as_integer(value: Fraction) -> int | None:
    """The integer that a fraction is, or None."""
    return value.numerator if value.denominator == 1 else None
