"""Both sides of a scalar step along one variable, for a picture of where they part.

The counterexample is the middle: one real number of it moves (a letter, else an entry of a vector, matrix or family),
everything else stays, and only points that satisfy all that is in force count. The values are floats rounded from exact
ones, fit for drawing and for nothing else. Steps between statements, sides that are tensors, functions and random
variables have no picture here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from flint import arb, fmpq

from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context, Symbol
from derive.language.heads import ORDER_RELATIONS
from derive.language.term import Term
from derive.numeric.evaluate import evaluate
from derive.numeric.frame import family_value, ranges_of
from derive.numeric.number import NoValue, integer_of
from derive.numeric.point import Index, Point, range_of
from derive.numeric.sample import Sampler

_WINDOWS = (fmpq(3), fmpq(1, 2), fmpq(1, 20))
"""Half the widths tried: a variable with a small domain needs a small window."""
_EACH_SIDE = 40
_FEWEST = 20
_MOST_ENTRIES = 40
_SECONDS = 0.5

Numbers = Mapping[str, Mapping[Index, fmpq]]
"""The numbers that a name stands for, by their indices; a scalar's has the index ()."""


@dataclass(frozen=True, slots=True)
class Curves:
    """The two sides over one variable: `left[k]` and `right[k]` at `xs[k]`, None where a side has no value.

    `at` is the counterexample's value of the variable, `others` the values that stay fixed, as printed.
    """

    variable: str
    xs: tuple[float, ...]
    left: tuple[float | None, ...]
    right: tuple[float | None, ...]
    at: float
    others: tuple[tuple[str, str], ...] = ()


def curves(statement: Term, context: Context, values: tuple[tuple[str, object], ...]) -> Curves | None:
    """The sides of an equation or inequality around a counterexample's values, None where there is no such picture."""
    if statement.head not in {"eq", *ORDER_RELATIONS}:
        return None
    numbers = _numbers(context, values)
    if numbers is None:
        return None
    road = _Road(statement, context, numbers, Budget(_SECONDS))
    moving = [(n, i) for n, entries in numbers.items() if _moves(context.symbols[n]) for i in entries]
    moving.sort(key=lambda seat: len(seat[1]))  # letters before entries
    try:
        for name, index in moving:
            for window in _WINDOWS:
                found = road.along(name, index, window)
                if found is not None:
                    return found
    except BudgetSpent:
        pass
    return None


def _numbers(context: Context, values: tuple[tuple[str, object], ...]) -> Numbers | None:
    """The counterexample's numbers; None where it has anything else, or so many that a picture says little."""
    found: dict[str, dict[Index, fmpq]] = {}
    sizes: dict[str, int] = {}
    for name, value in values:
        symbol = context.symbols.get(name)
        flat = _flat(value)
        if symbol is None or symbol.random or symbol.role not in ("size", "index", "variable") or flat is None:
            return None
        if symbol.family and symbol.shape != SCALAR:
            return None
        try:
            spans = [range_of(r, sizes) for r in ranges_of(symbol)]
        except (KeyError, NoValue):
            return None
        indices = list(product(*spans))
        if len(indices) != len(flat) or len(flat) > _MOST_ENTRIES:
            return None
        found[name] = dict(zip(indices, flat, strict=True))
        if symbol.role == "size":
            sizes[name] = integer_of(flat[0])
    return found


def _flat(value: object) -> list[fmpq] | None:
    """The rationals in a printed value, in order."""
    if isinstance(value, tuple):
        parts = [_flat(v) for v in value]
        return None if None in parts else [x for part in parts if part is not None for x in part]
    if not isinstance(value, str):
        return None
    top, _, bottom = value.partition("/")
    try:
        return [fmpq(int(top), int(bottom or "1"))]
    except (ValueError, ZeroDivisionError):
        return None


def _moves(symbol: Symbol) -> bool:
    return symbol.role == "variable" and symbol.domain.kind in ("real", "interval")


class _Road:
    """The way through a counterexample along one number."""

    def __init__(self, statement: Term, context: Context, numbers: Numbers, budget: Budget) -> None:
        self.statement = statement
        self.context = context
        self.numbers = numbers
        self.budget = budget
        self.sampler = Sampler(context, statement, 0)

    def along(self, name: str, index: Index, window: fmpq) -> Curves | None:
        """The curves over one number; None where there is too little to see."""
        middle = self.numbers[name][index]
        xs, left, right = [], [], []
        for x in _places(middle, window):
            self.budget.spend()
            point = self._point(name, index, x)
            if not self.sampler.admits(point):
                continue
            xs.append(_float(x))
            left.append(_number(evaluate(self.statement.left, self.context, point)))
            right.append(_number(evaluate(self.statement.right, self.context, point)))
        known = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
        if len(known) < _FEWEST or len(set(known)) == 1:
            return None
        variable = name if not index else f"{name}_{','.join(map(str, index))}"
        return Curves(variable, tuple(xs), tuple(left), tuple(right), _float(middle), self._others(name, index))

    def _point(self, moving: str, index: Index, x: fmpq) -> Point:
        point = Point()
        for name, entries in self.numbers.items():
            symbol = self.context.symbols[name]
            values = {**entries, index: x} if name == moving else entries
            if symbol.role == "size":
                point.sizes[name] = integer_of(values[()])
            elif () in values:
                point.values[name] = values[()]
            else:
                ranges = ranges_of(symbol)
                point.values[name] = family_value(values, [range_of(r, point.sizes) for r in ranges], ranges, SCALAR)
        return point

    def _others(self, moving: str, index: Index) -> tuple[tuple[str, str], ...]:
        found = []
        for name, entries in self.numbers.items():
            for place, value in entries.items():
                if (name, place) != (moving, index):
                    found.append((name if not place else f"{name}_{','.join(map(str, place))}", str(value)))
        return tuple(found)


def _places(middle: fmpq, window: fmpq) -> Iterator[fmpq]:
    for k in range(-_EACH_SIDE, _EACH_SIDE + 1):
        yield middle + window * fmpq(k, _EACH_SIDE)


def _number(value: object) -> float | None:
    if type(value) is fmpq:
        return _float(value)
    if isinstance(value, arb) and value.is_finite():
        return float(value.mid())
    return None


def _float(value: fmpq) -> float:
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return float("inf")
