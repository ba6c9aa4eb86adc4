"""Looking for a violated inequality where random points satisfy it.

From a sampled point, one entry at a time is moved as long as that brings the two sides closer, with ever smaller
steps; the first place at which the inequality provably fails, and everything in force still holds, is the
counterexample. The search is guided by interval midpoints and proves nothing itself.
"""

from __future__ import annotations

from dataclasses import replace

from flint import fmpq

from derive.language.budget import Budget
from derive.language.term import Term
from derive.numeric.contest import Differs, contest
from derive.numeric.evaluate import root_frame
from derive.numeric.number import NoValue, Scalar
from derive.numeric.point import Point
from derive.numeric.sample import Sampler
from derive.numeric.solve import coordinates

_STEPS = tuple(fmpq(p, q) for p, q in ((8, 1), (2, 1), (1, 2), (1, 8), (1, 32), (1, 128)))
_MOST_PLACES = 6
_MOST_EVALUATIONS = 160


def hunt(statement: Term, sampler: Sampler, start: Point, budget: Budget) -> tuple[Point, Differs] | None:
    """A point near `start` at which an inequality provably fails and the givens hold, if one was found."""
    context = sampler.context
    moves = [
        (name, move)
        for name in sorted(start.values)
        if name in context.symbols
        and name not in start.random_names
        and context.symbols[name].domain.kind in ("real", "interval")
        and not sampler.model.is_computed(name)
        for move in coordinates(context.symbols[name], start.values[name])
    ]
    if not moves or len(moves) > _MOST_PLACES:
        return None
    point, best = start, _gap(statement, sampler, start)
    left = _MOST_EVALUATIONS
    for step in _STEPS:
        improved = True
        while improved and left > 0 and best is not None:
            budget.spend()
            improved = False
            for name, move in moves:
                for way in (step, -step):
                    left -= 1
                    moved = replace(point, values={**point.values, name: move(point.values[name], way)})
                    gap = _gap(statement, sampler, moved)
                    if gap is None or not gap < best:
                        continue
                    point, best, improved = moved, gap, True
                    found = contest(statement, context, point)
                    if isinstance(found, Differs) and sampler.admits(point):
                        return point, found
    return None


def _gap(statement: Term, sampler: Sampler, point: Point) -> float | None:
    """How far an inequality is from failing; None outside the domains of the symbols."""
    frame = root_frame(sampler.context, point)
    try:
        if not all(
            sampler.fits(sampler.context.symbols[n], frame) for n in point.values if n in sampler.context.symbols
        ):
            return None
        left: Scalar = frame.value(statement.left, {})
        right: Scalar = frame.value(statement.right, {})
        gap = left - right if statement.head in ("ge", "gt") else right - left
        return float(gap) if type(gap) is not fmpq else int(gap.p) / int(gap.q)
    except (NoValue, ValueError, OverflowError, TypeError):
        return None
