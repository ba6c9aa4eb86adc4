"""A point: concrete sizes and exact values of every symbol, function and random variable that a formula needs.

Random variables are finite: the joint distribution is a product of groups, each a table of outcomes with rational
probabilities, so that independence is structure and expectations are finite sums. Unknown functions are random
polynomials, or positive or bounded functions made of one. Points hold no facts; `sample.py` makes them and checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from flint import arb, fmpq

from derive.language.context import Range
from derive.language.term import Term
from derive.numeric.number import ONE, ZERO, Scalar, exp, integer_power, reciprocal, unsupported
from derive.numeric.tensor import Tensor, Value

Index = tuple[int, ...]
Member = tuple[str, Index | None]
"""A whole symbol, or one member of a family."""


ENDLESS = "∞"
"""The name that stands for the end of a family without an end."""


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution by name, with its parameters as formulas, and the values of index variables in them.

    Parameters are evaluated where a moment is taken, so that they follow every change of what they mention."""

    name: str
    params: tuple[Term, ...]
    scope: Mapping[str, Value]


class Family:
    """The members of an indexed family by their indices; never changed once made."""

    __slots__ = ("values",)

    def __init__(self, values: dict[Index, Value]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"Family({self.values})"

    def _no_number(self, *others: object) -> Value:
        raise unsupported("a family used as a number")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _no_number


class Chosen(Protocol):
    """A known choice for an unknown function."""

    def apply(self, args: list[Value]) -> Value:
        """The value at some arguments."""

    def formula(self) -> str:
        """The choice in words, with arguments `t`, or `t_1`, `t_2`, …"""


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A known choice for an unknown function of scalars (tensor arguments are flattened).

    `outputs` holds one polynomial for each entry of the result: a map from exponents to coefficients. `kind` says what
    is made of each: the polynomial p itself, 1 + p² (`positive`), low + (high − low)/(2 + p²) (`between`), or, for a
    concave quadratic p, e^p (`bump`).
    """

    name: str
    outputs: tuple[tuple[tuple[Index, fmpq], ...], ...]
    kind: Literal["plain", "positive", "between", "bump"] = "plain"
    low: fmpq = ZERO
    high: fmpq = ONE
    shape: Callable[[list[Scalar]], Value] | None = None

    def apply(self, args: list[Value]) -> Value:
        """The value at some arguments."""
        flat: list[Scalar] = []
        for a in args:
            flat.extend(a.entries() if isinstance(a, Tensor) else [a])
        results = [self._one(terms, flat) for terms in self.outputs]
        return results[0] if self.shape is None else self.shape(results)

    def _one(self, terms: tuple[tuple[Index, fmpq], ...], flat: list[Scalar]) -> Scalar:
        total: Scalar = ZERO
        for exponents, coefficient in terms:
            part: Scalar = coefficient
            for x, k in zip(flat, exponents, strict=True):
                if k:
                    part = part * integer_power(x, k)
            total = total + part
        if self.kind == "plain":
            return total
        if self.kind == "bump":
            return exp(total)
        if self.kind == "positive":
            return 1 + total * total
        return self.low + (self.high - self.low) * reciprocal(2 + total * total)

    def formula(self) -> str:
        """The choice as an equation, `f(t) = 1 + 2 t^2`."""
        count = len(self.outputs[0][0][0]) if self.outputs and self.outputs[0] else 1
        arguments = "t" if count == 1 else ", ".join(f"t_{i + 1}" for i in range(count))
        return f"{self.name}({arguments}) = {self.spell()}"

    def spell(self) -> str:
        """The choice in words, `1 + 2 t^2`."""
        texts = [self._spell_one(terms) for terms in self.outputs]
        return texts[0] if self.shape is None else "(" + ", ".join(texts) + ")"

    def _spell_one(self, terms: tuple[tuple[Index, fmpq], ...]) -> str:
        count = len(terms[0][0]) if terms else 0
        names = ["t"] if count == 1 else [f"t_{i + 1}" for i in range(count)]
        text = ""
        for exponents, coefficient in terms:
            powers = [n if k == 1 else f"{n}^{k}" for n, k in zip(names, exponents, strict=True) if k]
            size = abs(coefficient)
            factors = ([str(size)] if size != 1 or not powers else []) + powers
            sign = "-" if coefficient < 0 else "+" if text else ""
            text += f" {sign} " if text else sign
            text += " ".join(factors)
        text = text or "0"
        if self.kind == "bump":
            return f"exp({text})"
        if self.kind == "positive":
            return f"1 + ({text})^2"
        if self.kind == "between":
            return f"{self.low} + ({self.high - self.low})/(2 + ({text})^2)"
        return text


@dataclass(frozen=True, slots=True)
class Group:
    """Random members that may depend on one another, and their joint outcomes with probabilities."""

    members: tuple[Member, ...]
    outcomes: tuple[tuple[fmpq, tuple[Value, ...]], ...]


@dataclass(slots=True)
class Point:
    """Values by name. Random names have in `values` one outcome of positive probability."""

    sizes: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, Chosen] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    obscure: frozenset[str] = frozenset()
    """Random names whose distribution has no exact form here."""
    laws: dict[Member, Law] = field(default_factory=dict)
    """Members, independent of all others, whose moments are known although they have infinitely many outcomes."""
    tabled: dict[Member, tuple[str, tuple[Value, ...]]] = field(default_factory=dict)
    """Named finite distributions whose outcomes stand in the groups, with the parameters that these were made for."""
    random_names: frozenset[str] = frozenset()
    group_of: dict[Member, Group] = field(default_factory=dict)

    def arrange(self, groups: tuple[Group, ...], obscure: frozenset[str], laws: dict[Member, Law]) -> None:
        """Set the joint distribution."""
        self.groups = groups
        self.obscure = obscure
        self.laws = laws
        self.group_of = {m: g for g in groups for m in g.members}
        self.random_names = frozenset(m[0] for m in self.group_of) | obscure

    def members_of(self, name: str) -> list[Index]:
        """The indices of a random symbol's members."""
        return sorted(index for n, index in self.group_of if n == name and index is not None)


def with_members(whole: Value, members: Mapping[Index, Value]) -> Value:
    """A family or tensor in which some members or entries are replaced (indices count from 1 in tensors)."""
    if isinstance(whole, Family):
        return Family({**whole.values, **members})
    if len(whole.units) == 1:
        data = list(whole.data)
        for (i,), value in members.items():
            data[i - 1] = value
        return Tensor(data, whole.units)
    rows = [list(row) for row in whole.data]
    for (i, j), value in members.items():
        rows[i - 1][j - 1] = value
    return Tensor(rows, whole.units)


def range_of(r: Range, sizes: Mapping[str, int]) -> range:
    """The integers of a range at concrete sizes."""
    return range(r.low.value(sizes), r.high.value(sizes) + 1)


def spell(value: Value, digits: int = 12) -> object:
    """A printable value: `"1/2"`, nested tuples for tensors, decimals for intervals."""
    if isinstance(value, Tensor):
        if value.rank == 1:
            return tuple(spell(x, digits) for x in value.data)
        return tuple(tuple(spell(x, digits) for x in row) for row in value.data)
    if isinstance(value, Family):
        return tuple(spell(value.values[i], digits) for i in sorted(value.values))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, arb):
        return str(value.str(digits, radius=False))
    return str(value)


def spell_text(value: Value, digits: int = 12) -> str:
    """The same on one line."""
    return _flat(spell(value, digits))


def _flat(part: object) -> str:
    if isinstance(part, tuple):
        return "(" + ", ".join(_flat(p) for p in part) + ")"
    return str(part)
