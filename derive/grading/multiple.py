"""Is an expression a positive constant multiple of another?

A constant is built from numbers, sizes and scalars that are declared positive. Values at a few points propose the
factor, as a likely mistake is proposed; only the prover's word that the one side is the factor times the other counts.
Where no such factor fits, the ratio is looked at: if it varies within a point or is negative, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.grading.judge import Answer, Judge
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context, Symbol
from derive.language.term import Term, free_names, make, num, sym

_SECONDS = 0.5
_MOST_UNITS = 6


def positive_multiple(wanted: Term, value: Term, context: Context, judge: Judge) -> Answer:
    """Whether `value` is a positive constant times `wanted`."""
    from derive.numeric.screen import Screen, multiple

    try:
        screen = Screen(make("eq", value, wanted), context, judge.settings.seed + 17, Budget(_SECONDS))
    except BudgetSpent:
        return "unknown"
    of, base = screen.column(value), screen.column(wanted)
    if of is None or base is None:
        return "unknown"
    for by, over in _factors(wanted, value, context):
        columns = [screen.column(u) if u is not None else None for u in (by, over)]
        c = multiple(of, base, *columns)
        if c is None or c <= 0:
            continue
        factor = make("mul", num(c), by) if by is not None else num(c)
        factor = make("div", factor, over) if over is not None else factor
        if judge.same(make("mul", factor, wanted), value, context) == "yes":
            return "yes"
    return "unknown" if all(_one_sign(p, q) for p, q in zip(of, base, strict=True)) else "no"


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


def _one_sign(values: object, base: object) -> bool:
    """Whether, entry by entry, one number is a positive multiple of the other, by one factor for all entries."""
    from flint import fmpq

    ratios = []
    for x, y in zip(values, base, strict=False):  # type: ignore[call-overload]
        if type(x) is not fmpq or type(y) is not fmpq:
            return True  # told by intervals only: not looked into
        if y == 0:
            if x != 0:
                return False
            continue
        ratios.append(x / y)
    return all(r == ratios[0] and r > 0 for r in ratios)
