"""Many formulas at the same few points: which of a hundred edits of a false step could be true?

`Screen` draws a handful of points that satisfy everything in force, keeps the value of the left side at each, and asks
of any other statement whether some point contradicts it. Columns are the values of one formula at all points; their
quotients and differences tell a constant factor or a missing multiple of a term at once. What passes a screen is a
guess to be proved, nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, ctx, fmpq

from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context
from derive.language.term import Term
from derive.numeric.contest import Agrees, Differs, Finding, Silent, compare, contest
from derive.numeric.evaluate import PRECISION
from derive.numeric.frame import Frame
from derive.numeric.number import NoValue, Scalar
from derive.numeric.point import Family, Point
from derive.numeric.sample import Sampler
from derive.numeric.tensor import Tensor, Value

Column = Sequence[Sequence[Scalar]]
"""For every point, the entries of a value."""

_ATTEMPTS = 14
_ATTEMPTS_IN_VAIN = 6
_ALIKE_AT_MOST = 2  # points of one size
_LARGE_WANTED = 3  # points whose sizes are all above 1
_SIMPLEST = 64
_LARGEST = 10_000
_NARROW = arb(2) ** -40


class Screen:
    """A few points at which the statement of a step, its premises and its facts have values."""

    def __init__(
        self,
        goal: Term,
        context: Context,
        seed: int,
        budget: Budget,
        premises: tuple[Term, ...] = (),
        also: tuple[Term, ...] = (),
        wanted: int = 5,
    ) -> None:
        """`goal`: the relation to mend. `also`: formulas whose names must have values too, where that can be had."""
        self.goal = goal
        self.context = context
        self.points: list[tuple[Point, Frame]] = []
        self._left: list[Value | None] = []
        self._columns: dict[Term, Column | None] = {}
        self._said: dict[int, bool] = {}
        for more in (also, ()) if also else ((),):
            self._draw(Sampler(context, goal, seed, premises + more), budget, wanted)
            if len(self.points) >= 2:
                break

    def _draw(self, sampler: Sampler, budget: Budget, wanted: int) -> None:
        equation = self.goal.head == "eq"
        self.points, self._left = [], []
        telling: list[tuple[tuple[bool, bool], Point, Frame, Value | None]] = []
        drawn: dict[tuple[int, ...], int] = {}
        large = against = 0
        for attempt in range(_ATTEMPTS if sampler.sizes else 0):
            if not budget.left or (attempt >= _ATTEMPTS_IN_VAIN and not telling):
                break
            if len(telling) >= wanted and large >= _LARGE_WANTED and against:
                break
            try:
                found = sampler.point(attempt, budget)
            except BudgetSpent:
                break
            if found is None:
                continue
            sizes = tuple(found[0].sizes.values())
            if sizes and drawn.get(sizes, 0) >= _ALIKE_AT_MOST:
                continue
            left = _value(self.goal.args[0], found[1]) if equation else None
            if equation and left is None:
                continue
            drawn[sizes] = drawn.get(sizes, 0) + 1
            small = bool(sizes) and min(sizes) == 1
            large += not small
            against += isinstance(contest(self.goal, self.context, *found), Differs)
            telling.append(((small, attempt % 4 != 1), *found, left))
        telling.sort(key=lambda row: row[0])  # sizes above 1 first: they tell most, and most edits fail at the first
        for _, point, frame, left in telling:
            self.points.append((point, frame))
            self._left.append(left)

    def contradicts(self, goal: Term) -> bool:
        """Whether some point shows that another goal is false, or gives it no value where the first one had one."""
        quick = goal.head == "eq" and self.goal.head == "eq" and goal.args[0] == self.goal.args[0]
        for k, (point, frame) in enumerate(self.points):
            finding = self._compared(goal, k) if quick else contest(goal, self.context, point, frame)
            if isinstance(finding, Differs):
                return True
            if isinstance(finding, Silent) and self._spoken(k):
                return True
        return False

    def _compared(self, goal: Term, k: int) -> Finding:
        """What point k says of a goal whose left side is known there."""
        right = _value(goal.args[1], self.points[k][1])
        if right is None:
            return Silent("no value")
        try:
            return compare(self._left[k], right)
        except NoValue as reason:
            return Agrees(False) if reason.kind == "undecidable" else Silent(reason.reason)

    def _spoken(self, k: int) -> bool:
        """Whether the first goal had a value at point k."""
        if k not in self._said:
            point, frame = self.points[k]
            self._said[k] = not isinstance(contest(self.goal, self.context, point, frame), Silent)
        return self._said[k]

    def column(self, term: Term) -> Column | None:
        """The values of a formula at every point; None where it has none somewhere."""
        if term not in self._columns:
            self._columns[term] = self._evaluated(term)
        return self._columns[term]

    def _evaluated(self, term: Term) -> Column | None:
        rows: list[Sequence[Scalar]] = []
        for _, frame in self.points:
            value = _value(term, frame)
            if value is None or isinstance(value, bool | Family):
                return None
            entries = value.entries() if isinstance(value, Tensor) else [value]
            if not all(isinstance(x, fmpq | arb) for x in entries):
                return None
            rows.append(entries)
        return rows or None


def _value(term: Term, frame: Frame) -> Value | None:
    before = ctx.prec
    ctx.prec = PRECISION
    try:
        return frame.value(term, {})
    except (NoValue, ZeroDivisionError, OverflowError, ValueError, TypeError):
        return None
    finally:
        ctx.prec = before


def difference(a: Column, b: Column) -> Column | None:
    """Entry by entry a − b; None where the shapes differ."""
    if any(len(x) != len(y) for x, y in zip(a, b, strict=True)):
        return None
    return [[x - y for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]


def multiple(a: Column, b: Column, by: Column | None = None, over: Column | None = None) -> Fraction | None:
    """The one rational c with a = c·b (times the scalar `by`, over the scalar `over`) at every point, not 0 or 1."""
    found: Fraction | None = None
    told = False
    for k, (p, q) in enumerate(zip(a, b, strict=True)):
        if len(p) != len(q):
            return None
        factor: Scalar = fmpq(1)
        if by is not None:
            if len(by[k]) != 1:
                return None
            factor = factor * by[k][0]
        if over is not None:
            if len(over[k]) != 1 or _may_vanish(over[k][0]):
                return None
            factor = factor / over[k][0]
        for x, y in zip(p, q, strict=True):
            z = y * factor
            if type(x) is fmpq and type(z) is fmpq and x == 0 and z == 0:
                continue
            if _may_vanish(z):
                return None
            here = _simple(x / z)
            if not here or (found is not None and here != found):
                return None
            told = told or found is not None
            found = here
    return found if told else None


def _may_vanish(x: Scalar) -> bool:
    return bool(x == 0) if type(x) is fmpq else bool(x.contains(0))


def _simple(x: Scalar) -> Fraction | None:
    """The rational that a number is, or is by all appearance."""
    if type(x) is fmpq:
        value = Fraction(int(x.p), int(x.q))
        return value if value.denominator <= _LARGEST and abs(value.numerator) <= _LARGEST else None
    if not x.is_finite() or x.rad() > _NARROW * (1 + abs(x)):
        return None
    guess = Fraction(float(x)).limit_denominator(_SIMPLEST)
    return guess if x.contains(arb(fmpq(guess.numerator, guess.denominator))) else None
