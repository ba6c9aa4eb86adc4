"""Statements about one real variable, decided by cutting the line into cells.

Every relation of the hypotheses and of the claim is a sign of a function; their sign tables, laid over one another,
cut the line into points and open intervals on which each relation is constantly true or false, so that any Boolean
combination can be read off. Functions whose logarithms and roots have values only on part of the line are tabled only
on cells where these have been shown to have values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.printing import plain
from derive.language.term import Term, make, num, walk
from derive.procedures.asymptotic import Limit
from derive.procedures.elementary import Elem, Field
from derive.procedures.expand import OutOfReach
from derive.procedures.variation import Analyst, End, Point, Table

_RELATIONS = frozenset(["eq", "ne", "lt", "le", "gt", "ge"])
_HOLDS = {
    "eq": lambda s: s == 0,
    "ne": lambda s: s != 0,
    "lt": lambda s: s < 0,
    "le": lambda s: s <= 0,
    "gt": lambda s: s > 0,
    "ge": lambda s: s >= 0,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """An open interval (`point` None) or a point of the line, and the signs of functions on it (None: no value)."""

    low: End
    high: End
    point: Point | None
    signs: Mapping[Term, int | None]


class Line:
    """The line of one variable, cut by the hypotheses."""

    def __init__(
        self, variable: Term, premises: Sequence[Term], claims: Sequence[Term], context: Context, budget: Budget
    ):
        self.premises = tuple(premises)
        self.claims = tuple(claims)
        self.relations = tuple(dict.fromkeys(n for s in (*premises, *claims) for n in walk(s) if n.head in _RELATIONS))
        self.claimed = frozenset(n for s in claims for n in walk(s) if n.head in _RELATIONS)
        self.field = Field(context, [p for p in premises if p.head in _RELATIONS])
        sides = [side for r in self.relations for side in r.args]
        x, *lowered = self.field.lower(variable, *sides)
        self.functions = {r: lowered[2 * i] - lowered[2 * i + 1] for i, r in enumerate(self.relations)}
        self.variable = self.field.direct(x.num)[0]
        for f in self.functions.values():
            for slot in f.used():
                if self.field.kernels[slot].kind == "atom" and slot != self.variable:
                    raise OutOfReach("several variables")
        self.analyst = Analyst(self.field, self.variable, budget)
        self.budget = budget

    def cells(self) -> Iterator[Cell]:
        """Cells on which all premises hold, with the signs of all functions."""
        yield from self._cut(None, None, {}, list(self.relations))

    def _cut(self, low: End, high: End, known: dict[Term, int | None], pending: list[Term]) -> Iterator[Cell]:
        self.budget.spend()
        if not pending:
            yield Cell(low, high, None, known)
            return
        ready = [r for r in pending if self._defined(self.functions[r], low, high)]
        if not ready:
            if any(r in self.claimed for r in pending):
                raise OutOfReach("a function without values on part of the line")
            known, pending = {**known, **dict.fromkeys(pending)}, []
            yield Cell(low, high, None, known)
            return
        rest = [r for r in pending if r not in ready]
        tables: list[Table] = []
        for r in list(ready):
            try:
                tables.append(self.analyst.table(self.functions[r], low, high))
            except OutOfReach:
                if r in self.claimed:
                    raise
                ready.remove(r)  # a premise that is not used
                known = {**known, r: None}
        merged = self.analyst.merge(tables)
        ends: list[End] = [low, *merged.points, high]
        for i, row in enumerate(merged.signs):
            if i > 0:
                point = merged.points[i - 1]
                signs = dict(known)
                for j, r in enumerate(ready):
                    pole, zero = merged.poles[i - 1][j], merged.zeros[i - 1][j]
                    signs[r] = None if pole else 0 if zero else row[j]
                if self._premises(signs) is not False:
                    yield from self._at(point, signs, rest)
            signs = {**known, **dict(zip(ready, row, strict=True))}
            if self._premises(signs) is not False:
                yield from self._cut(ends[i], ends[i + 1], signs, rest)

    def _at(self, point: Point, known: dict[Term, int | None], rest: list[Term]) -> Iterator[Cell]:
        signs = dict(known)
        for r in rest:
            try:
                signs[r] = self.analyst.sign_at(self.functions[r], point) if self._defined_at(r, point) else None
            except OutOfReach:
                if r in self.claimed:
                    raise
                signs[r] = None
        if self._premises(signs) is not False:
            yield Cell(point, point, point, signs)

    def _defined_at(self, relation: Term, point: Point) -> bool:
        """Whether every logarithm and root of a function has a value at a point."""
        f = self.functions[relation]
        for slot in sorted(f.used()):
            kernel = self.field.kernels[slot]
            if self.variable in self.field.within[slot] and kernel.kind in ("log", "root"):
                assert kernel.argument is not None
                sign = self.analyst.sign_at(kernel.argument, point)
                if sign is None or sign < 0 or (sign == 0 and kernel.kind == "log"):
                    return False
        return True

    def _defined(self, f: Elem, low: End, high: End) -> bool:
        """Whether every logarithm and root of a function is shown to have a value on an open interval."""
        for slot in sorted(f.used()):
            kernel = self.field.kernels[slot]
            if self.variable not in self.field.within[slot] or kernel.kind not in ("log", "root"):
                continue
            assert kernel.argument is not None
            try:
                table = self.analyst.table(kernel.argument, low, high)
            except OutOfReach:
                return False
            if table.poles or any(s != 1 for s in table.signs) or (kernel.kind == "log" and table.points):
                return False
        return True

    def _premises(self, signs: Mapping[Term, int | None]) -> bool | None:
        truths = [truth(p, signs) for p in self.premises]
        if any(t is False for t in truths):
            return False
        return None if any(t is None for t in truths) else True

    def holds(self) -> bool | None:
        """Whether all claims hold wherever the premises do; None where a cell does not tell."""
        result: bool | None = True
        for cell in self.cells():
            truths = [truth(c, cell.signs) for c in self.claims]
            if all(t is True for t in truths):
                continue
            result = None
            if False in truths and all(truth(p, cell.signs) is True for p in self.premises):
                return False
        return result


def truth(statement: Term, signs: Mapping[Term, int | None]) -> bool | None:
    """The truth of a combination of relations from the signs of their differences; None where a sign is not known."""
    head, args = statement.head, statement.args
    if head == "true":
        return True
    if head in _RELATIONS:
        if statement not in signs:
            return None
        sign = signs[statement]
        return None if sign is None else bool(_HOLDS[head](sign))
    values = [truth(a, signs) for a in args]
    if head == "not":
        return None if values[0] is None else not values[0]
    if head in ("and", "or"):
        decisive = head == "or"
        if decisive in values:
            return decisive
        return None if None in values else not decisive
    if head == "implies":
        if values[0] is False or values[1] is True:
            return True
        return None if None in values else False
    if head == "iff":
        return None if None in values else values[0] == values[1]
    return None


# extreme values


@dataclass(frozen=True, slots=True)
class Extreme:
    """The supremum (or infimum) of a function on the line: its value, and where it is attained (None: nowhere)."""

    value: Elem | None  # None: infinite
    place: Elem | None
    attained: bool


def find_extreme(line: Line, f: Elem, upper: bool) -> Extreme | None:
    """The supremum (`upper`) or infimum of f over the cells of a line, where it is found exactly."""
    analyst, fld = line.analyst, line.field
    slope = fld.derivative(f, line.variable)
    best: Extreme | None = None
    candidates: list[Extreme] = []
    for cell in line.cells():
        if any(truth(p, cell.signs) is not True for p in line.premises):
            return None  # a cell that may lie outside the domain
        if cell.point is not None:
            if cell.point.value is None:
                return None
            candidates.append(_at_place(fld, f, line.variable, cell.point.value))
            continue
        table = analyst.table(slope, cell.low, cell.high) if not slope.is_zero else Table((), (0,))
        if table.poles:
            return None
        for point, before, after in zip(table.points, table.signs, table.signs[1:], strict=False):
            if (before > 0 > after) if upper else (before < 0 < after):
                if point.value is None:
                    return None
                candidates.append(_at_place(fld, f, line.variable, point.value))
        for end, is_upper in ((cell.low, False), (cell.high, True)):
            if end is not None and end.value is None:
                return None
            limit: Limit = analyst.limit(f, end, is_upper)
            if limit.value is None:
                if (limit.infinite > 0) == upper:
                    return Extreme(None, None, False)
                continue
            candidates.append(Extreme(limit.value, None, False))
    for candidate in candidates:
        if best is None:
            best = candidate
            continue
        assert best.value is not None and candidate.value is not None
        sign = fld.constant_sign(candidate.value - best.value)
        if sign is None:
            return None
        if sign == 0:
            best = best if best.attained else candidate
        elif (sign > 0) == upper:
            best = candidate
    return best


def _at_place(fld: Field, f: Elem, variable: int, place: Elem) -> Extreme:
    return Extreme(fld.put(f, variable, place), place, True)


def describe(line: Line, extreme: Extreme, variable: Term, upper: bool) -> str:
    """A supremum or infimum in words."""
    if extreme.value is None:
        return ""
    word = "supremum" if upper else "infimum"
    value = plain(_readable(line.field.term(extreme.value)))
    if extreme.attained and extreme.place is not None:
        return f"the {word} is {value}, at {plain(variable)} = {plain(_readable(line.field.term(extreme.place)))}"
    return f"the {word} is {value}, attained at an end" if extreme.attained else f"the {word} is {value}, not attained"


def _readable(term: Term) -> Term:
    """Fractions as quotients, so that 1/4 is not printed as 0.25."""
    if term.head == "num" and term.value.denominator != 1:
        return make("div", num(term.value.numerator), num(term.value.denominator))
    if not term.args:
        return term
    return term.with_args(tuple(_readable(a) for a in term.args))
