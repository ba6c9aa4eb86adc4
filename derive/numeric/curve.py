"""Both sides of a scalar step along one variable, for a picture of where they part.

The counterexample is the middle: one real variable moves, everything else stays, and only points that satisfy all that
is in force count. The values are floats rounded from exact ones, fit for drawing and for nothing else. Steps between
statements, tensors, functions and random variables have no picture here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import arb, fmpq

from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context, Symbol
from derive.language.heads import ORDER_RELATIONS
from derive.language.term import Term
from derive.numeric.evaluate import evaluate
from derive.numeric.point import Point
from derive.numeric.sample import Sampler

_WINDOWS = (fmpq(3), fmpq(1, 2), fmpq(1, 20))
"""Half the widths tried: a variable with a small domain needs a small window."""
_EACH_SIDE = 40
_FEWEST = 20
_SECONDS = 0.5


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
    middle = _point(context, values)
    if middle is None:
        return None
    budget = Budget(_SECONDS)
    sampler = Sampler(context, statement, 0)
    try:
        for name in middle.values:
            if not _moves(context.symbols[name]):
                continue
            for window in _WINDOWS:
                found = _along(name, window, statement, context, sampler, middle, budget)
                if found is not None:
                    return found
    except BudgetSpent:
        pass
    return None


def _point(context: Context, values: tuple[tuple[str, object], ...]) -> Point | None:
    """The counterexample as a point; None where it has anything but plain numbers."""
    point = Point()
    for name, text in values:
        symbol = context.symbols.get(name)
        number = _rational(text)
        if symbol is None or number is None or symbol.family or symbol.random or symbol.shape != SCALAR:
            return None
        if symbol.role == "size":
            point.sizes[name] = int(number.p)
        elif symbol.role in ("variable", "index"):
            point.values[name] = number
        else:
            return None
    return point


def _rational(text: object) -> fmpq | None:
    if not isinstance(text, str):
        return None
    top, _, bottom = text.partition("/")
    try:
        return fmpq(int(top), int(bottom or "1"))
    except (ValueError, ZeroDivisionError):
        return None


def _moves(symbol: Symbol) -> bool:
    return symbol.role == "variable" and symbol.domain.kind in ("real", "interval")


def _along(
    name: str, window: fmpq, statement: Term, context: Context, sampler: Sampler, middle: Point, budget: Budget
) -> Curves | None:
    xs, left, right = [], [], []
    for x in _places(middle.values[name], window):
        budget.spend()
        point = Point(sizes=dict(middle.sizes), values={**middle.values, name: x})
        if not sampler.admits(point):
            continue
        xs.append(_float(x))
        left.append(_number(evaluate(statement.left, context, point)))
        right.append(_number(evaluate(statement.right, context, point)))
    known = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
    if len(known) < _FEWEST or (len({a for a, _ in known}) == 1 and len({b for _, b in known}) == 1):
        return None
    others = tuple((n, str(v)) for n, v in [*middle.sizes.items(), *middle.values.items()] if n != name)
    return Curves(name, tuple(xs), tuple(left), tuple(right), _float(middle.values[name]), others)


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
