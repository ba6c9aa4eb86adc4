"""Thresholds of events at values that are attained.

Bounds such as P(U ≥ c) ≤ E[U]/c are tight where c is a value that U has with positive probability, and a wrong factor
in them shows only near there. A free scalar c that a statement compares with a random value is moved to one of these
values; whether the point still satisfies everything in force is asked afterwards, as of every point.
"""

from __future__ import annotations

from flint import fmpq

from derive.language.heads import ORDER_RELATIONS
from derive.language.term import Term, walk
from derive.numeric.draw import Draw
from derive.numeric.frame import Frame
from derive.numeric.model import Model
from derive.numeric.moment import cases
from derive.numeric.number import NoValue
from derive.numeric.point import Point

Threshold = tuple[str, Term]


def thresholds(statement: Term, model: Model) -> tuple[Threshold, ...]:
    """The free scalars that a statement compares with random values, and these values."""
    found: dict[Threshold, None] = {}
    for node in walk(statement):
        if node.head not in ORDER_RELATIONS:
            continue
        for side, other in (node.args, node.args[::-1]):
            symbol = model.context.symbols.get(side.name) if side.head == "sym" else None
            if symbol is None or symbol.role != "variable" or symbol.random or symbol.family or symbol.shape.axes:
                continue
            names = model.names_of(other)
            random = any(n in model.context.symbols and model.context.symbols[n].random for n in names)
            if random and not model.is_computed(symbol.name) and symbol.name not in names:
                found[(symbol.name, other)] = None
    return tuple(found)


def place_thresholds(wanted: tuple[Threshold, ...], model: Model, point: Point, frame: Frame, draw: Draw) -> None:
    """Move the thresholds of a point to values that are attained."""
    moved: set[str] = set()
    for name, value in wanted:
        if name in moved or name not in point.values:
            continue
        try:
            attained = [v for v, _ in cases(lambda inner, value=value: inner.value(value, {}), frame)]  # type: ignore[misc]
        except NoValue:
            continue
        numbers = [v for v in attained if type(v) is fmpq]
        if numbers:
            point.values[name] = draw.rng.choice(numbers)
            moved.add(name)
