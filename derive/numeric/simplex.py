"""A random point of a polytope {x ≥ 0, A x = b} in exact arithmetic.

Vertices are found by the simplex method with Bland's rule, which always ends, for objectives drawn at random; their
weighted mean lies inside the face that they span. Meant for the few dozen cells of a small joint distribution.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from flint import fmpq

from derive.numeric.number import ZERO

Row = list[fmpq]
VERTICES = 3


def feasible(rows: Sequence[Sequence[fmpq]], values: Sequence[fmpq], rng: random.Random) -> list[fmpq] | None:
    """A random x ≥ 0 with `rows · x = values`, or None where there is none."""
    count = len(rows[0])
    start = _first_vertex(rows, values)
    if start is None:
        return None
    tableau, basis = start
    total = [ZERO] * count
    weights = [fmpq(rng.randint(1, 4)) for _ in range(VERTICES)]
    for weight in weights:
        objective = [fmpq(rng.randint(-4, 4)) for _ in range(count)]
        _improve(tableau, basis, objective, count)
        for place, variable in enumerate(basis):
            if variable < count:
                total[variable] += weight * tableau[place][-1]
    whole = sum(weights, ZERO)
    return [x / whole for x in total]


def _first_vertex(rows: Sequence[Sequence[fmpq]], values: Sequence[fmpq]) -> tuple[list[Row], list[int]] | None:
    """The tableau and basis of some vertex, by driving one artificial variable for each row to 0."""
    count, height = len(rows[0]), len(rows)
    tableau: list[Row] = []
    for k, (row, value) in enumerate(zip(rows, values, strict=True)):
        sign = -1 if value < 0 else 1
        artificial = [fmpq(int(k == j)) for j in range(height)]
        tableau.append([*(sign * x for x in row), *artificial, sign * value])
    basis = [count + k for k in range(height)]
    _improve(tableau, basis, [ZERO] * count + [fmpq(1)] * height, count + height)
    if any(variable >= count and tableau[place][-1] != 0 for place, variable in enumerate(basis)):
        return None
    kept: list[int] = []
    for place in range(height):
        if basis[place] >= count:
            entering = next((j for j in range(count) if tableau[place][j] != 0), None)
            if entering is None:
                continue  # the row says nothing new
            _pivot(tableau, basis, place, entering)
        kept.append(place)
    return [[*tableau[p][:count], tableau[p][-1]] for p in kept], [basis[p] for p in kept]


def _improve(tableau: list[Row], basis: list[int], objective: Sequence[fmpq], columns: int) -> None:
    """Walk to a vertex where the objective is least (the polytopes here are bounded)."""
    while True:
        entering = None
        for j in range(columns):
            if j in basis:
                continue
            reduced = objective[j] - sum(
                (objective[variable] * tableau[place][j] for place, variable in enumerate(basis)), ZERO
            )
            if reduced < 0:
                entering = j
                break
        if entering is None:
            return
        leaving = None
        best: tuple[fmpq, int] | None = None
        for place, variable in enumerate(basis):
            if tableau[place][entering] > 0:
                ratio = tableau[place][-1] / tableau[place][entering], variable
                if best is None or ratio < best:
                    best, leaving = ratio, place
        if leaving is None:
            return
        _pivot(tableau, basis, leaving, entering)


def _pivot(tableau: list[Row], basis: list[int], place: int, entering: int) -> None:
    scale = tableau[place][entering]
    tableau[place] = [x / scale for x in tableau[place]]
    for other, row in enumerate(tableau):
        if other != place and row[entering] != 0:
            factor = row[entering]
            tableau[other] = [x - factor * y for x, y in zip(row, tableau[place], strict=True)]
    basis[place] = entering


__all__ = ["feasible"]
