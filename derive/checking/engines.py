"""What checking decides with: the ordered procedures and the numeric route, gathered in one value.

`default_engines` loads the real ones on first use (flint is loaded then, SymPy is not). Tests put others in their
place. This module decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from derive.language.budget import Budget
from derive.language.decision import Refutation
from derive.language.statement import Step
from derive.procedures.procedure import Procedure


class Agreement(Protocol):
    """How many points agreed; `against` is a certified point that does not; `lacking` one at which the left side alone
    has a value; `reason` says why there were none, `valueless` why the left side had no value at any point."""

    @property
    def count(self) -> int:
        """Points at which the two sides agreed."""

    @property
    def against(self) -> Refutation | None:
        """A certified counterexample that turned up instead."""

    @property
    def lacking(self) -> str:
        """Where the left side has a value and the right side none, and why."""

    @property
    def reason(self) -> str:
        """Why there was no point, where there was none."""

    @property
    def valueless(self) -> str:
        """Why the left side had no value at any of several points, where it had none."""


@dataclass(frozen=True, slots=True)
class Engines:
    """`refute` and `agree` are the numeric route; `spot` checks the author's own SymPy expressions of a script's step.

    `spot` returns the number of points at which they agreed, or None where they do not.
    """

    procedures: tuple[Procedure, ...]
    refute: Callable[[Step, int, Budget], Refutation | None]
    agree: Callable[[Step, int, Budget, int], Agreement]
    spot: Callable[[Step, int], int | None] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`budget`: seconds for one step; `points`: spot checks wanted; `search`: look for missing hypotheses."""

    seed: int = 0
    budget: float = 5.0
    points: int = 8
    search: bool = True


@lru_cache(maxsize=1)
def default_engines() -> Engines:
    """The procedures and the numeric route of this package."""
    from derive.checking.totals import with_totals
    from derive.numeric.certify import agree, refute
    from derive.procedures import PROCEDURES

    return with_totals(Engines(PROCEDURES, refute, agree, _author_spot))


def _author_spot(step: Step, seed: int) -> int | None:
    """Spot-check the author's own SymPy objects, where the step carries them; 0 where it does not."""
    if step.spot is None:
        return 0
    from derive.numeric.spot_check import spot_check_step

    return spot_check_step(step, seed)
