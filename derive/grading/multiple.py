"""Is an expression a positive constant multiple of another? Are two equations multiples of one another?

A constant is built from numbers, sizes and scalars that are declared positive. Values at a few points propose the
factor, as a likely mistake is proposed; only the prover's word that the one side is the factor times the other counts.
Where no such factor fits, the ratio is looked at: if it varies within a point or is negative, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.grading.judge import Answer, Judge
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context, Symbol
from derive.language.shape import Checked, elaborate, shape_of
from derive.language.term import Term, free_names, make, num, sym

if TYPE_CHECKING:
    from derive.numeric.number import Scalar
    from derive.numeric.screen import Screen

_SECONDS = 0.5
_MOST_UNITS = 6


def positive_multiple(wanted: Term, value: Term, context: Context, judge: Judge) -> Answer:
    """Whether `value` is a positive constant times `wanted`."""
    columns = _Columns.of(value, wanted, context, judge)
    if columns is None:
        return "unknown"
    if any(c > 0 and judge.same(factor, value, context) == "yes" for c, factor in columns.multiples()):
        return "yes"
    return "unknown" if columns.one_sign else "no"


def are_multiples(one: Term, other: Term, context: Context, judge: Judge) -> Answer:
    """Whether the difference of the sides of an equation is a constant, not 0, times that of another.

    Then they hold at the same points; where they are no multiples, they may all the same.
    """
    first, second = (make("add", e.left, make("neg", e.right)) for e in (one, other))
    if shape_of(first, context) != shape_of(second, context):
        return "no"
    columns = _Columns.of(second, first, context, judge)
    if columns is None:
        return "unknown"
    found = any(judge.same(factor, second, context) == "yes" for _, factor in columns.multiples())
    return "yes" if found else "no"


@dataclass(frozen=True, slots=True)
class _Columns:
    """The values of two expressions at the same points."""

    value: Term
    base: Term
    context: Context
    screen: Screen

    @classmethod
    def of(cls, value: Term, base: Term, context: Context, judge: Judge) -> _Columns | None:
        """None where there is no point, or no value there."""
        from derive.numeric.screen import Screen

        checked = [elaborate(side, context) for side in (value, base)]
        if not all(isinstance(c, Checked) for c in checked):
            return None
        value, base = (c.term for c in checked if isinstance(c, Checked))
        try:
            screen = Screen(make("eq", value, base), context, judge.settings.seed + 17, Budget(_SECONDS))
        except BudgetSpent:
            return None
        columns = cls(value, base, context, screen)
        return columns if screen.column(value) is not None and screen.column(base) is not None else None

    def multiples(self) -> Iterator[tuple[Fraction, Term]]:
        """Factors that fit at every point, with the rational in them, as what they make of the base."""
        from derive.numeric.screen import multiple

        screen, value, base = self.screen, self.screen.column(self.value), self.screen.column(self.base)
        assert value is not None
        assert base is not None
        for by, over in _factors(self.base, self.value, self.context):
            columns = [screen.column(u) if u is not None else None for u in (by, over)]
            c = multiple(value, base, *columns)
            if c is not None:
                factor = make("mul", num(c), by) if by is not None else num(c)
                factor = make("div", factor, over) if over is not None else factor
                yield c, make("mul", factor, self.base)

    @property
    def one_sign(self) -> bool:
        """Whether nothing at these points shows that no positive factor fits."""
        value, base = self.screen.column(self.value), self.screen.column(self.base)
        assert value is not None
        assert base is not None
        return all(_one_sign(p, q) for p, q in zip(value, base, strict=True))


def _factors(wanted: Term, value: Term, context: Context) -> Iterator[tuple[Term | None, Term | None]]:
    """Pairs of what may stand above and below in the factor."""
    names = sorted(n for n in context.symbols if _is_positive_constant(context.symbols[n], context))
    near = free_names(wanted) | free_names(value)
    names.sort(key=lambda n: n not in near)
    units: list[Term] = [u for n in names[:_MOST_UNITS] for u in (sym(n), make("pow", sym(n), num(2)))]
    yield None, None
    for unit in units:
        yield unit, None
        yield None, unit
    for by in units:
        for over in units:
            if by != over:
                yield by, over


def _is_positive_constant(symbol: Symbol, context: Context) -> bool:
    if symbol.name in context.definitions or symbol.family or symbol.random or symbol.shape != SCALAR:
        return False
    if symbol.role == "size":
        return True
    low = symbol.domain.low
    return symbol.role == "variable" and low is not None and low == num(0) and symbol.domain.low_open


def _one_sign(values: Sequence[Scalar], base: Sequence[Scalar]) -> bool:
    """Whether, entry by entry, one number is a positive multiple of the other, by one factor for all entries."""
    from flint import fmpq

    ratios = []
    for x, y in zip(values, base, strict=False):
        if type(x) is not fmpq or type(y) is not fmpq:
            return True  # told by intervals only: not looked into
        if y == 0:
            if x != 0:
                return False
            continue
        ratios.append(x / y)
    return all(r == ratios[0] and r > 0 for r in ratios)
