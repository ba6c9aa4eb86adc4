"""A cooperative time limit for one step: long loops call `spend`, which raises `BudgetSpent` when the time is over.

Time is the processor time of this process, not the wall's: what a step may spend, and so its verdict, does not depend
on what else the machine is doing. A processor that is slow, or shared, is told by `set_pace`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

_EVERY = 8  # asking for the processor time takes a microsecond: `spend` asks on every eighth call


_pace = 1.0


def set_pace(pace: float) -> None:
    """Let a second of every budget in this process take `pace` seconds of processor time."""
    global _pace
    _pace = pace


def processor_seconds(seconds: float) -> float:
    """What `seconds` of a budget are in seconds of processor time."""
    return seconds * _pace


class BudgetSpent(Exception):
    """The time of a step is over; the step is then undecided, whatever was under way."""


@dataclass(slots=True)
class Budget:
    """`seconds` of processor time from creation; `part` makes a smaller one that ends no later than this."""

    seconds: float = 5.0
    deadline: float = field(init=False)
    calls: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.deadline = time.process_time() + processor_seconds(self.seconds)

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.deadline - time.process_time()) / _pace

    def spend(self) -> None:
        """Raise `BudgetSpent` where no time is left. Cheap enough for inner loops."""
        self.calls += 1
        if self.calls % _EVERY == 1 and time.process_time() > self.deadline:
            raise BudgetSpent

    def part(self, share: float) -> Budget:
        """A budget of a share of the time that is left."""
        return Budget(self.left * share)
