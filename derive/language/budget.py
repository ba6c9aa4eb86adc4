"""A cooperative time limit for one step: long loops call `spend`, which raises `BudgetSpent` when the time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


class BudgetSpent(Exception):
    """The time of a step is over; the step is then undecided, whatever was under way."""


@dataclass(slots=True)
class Budget:
    """`seconds` of wall time from creation; `part` makes a smaller one that ends no later than this."""

    seconds: float = 5.0
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = time.perf_counter() + self.seconds

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.deadline - time.perf_counter())

    def spend(self) -> None:
        """Raise `BudgetSpent` where no time is left. Cheap enough for inner loops."""
        if time.perf_counter() > self.deadline:
            raise BudgetSpent

    def part(self, share: float) -> Budget:
        """A budget of a share of the time that is left."""
        return Budget(self.left * share)
