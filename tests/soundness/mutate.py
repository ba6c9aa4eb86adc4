"""What the checker says of a mutant, and what exact evaluation says of it.

A mutant is false where a point opposes it; then no procedure may prove it, and none may prove it under conditions that
such a point meets. A mutant that is proved is opposed once more, at other points. Steps about limits, proportion or
approximation have no points, and are only counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from derive.checking.alarm import alarm
from derive.checking.engines import default_engines
from derive.checking.needs import assume
from derive.checking.prove import prove
from derive.checking.step import other_layout
from derive.language.budget import Budget, BudgetSpent
from derive.language.decision import Proof, Refutation
from derive.language.printing import plain
from derive.language.statement import Step
from derive.numeric.certify import refute

from .mutations import Mutant

SEEDS = (31, 32)
MORE_SEEDS = (33, 34, 35)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Tried:
    """What became of a mutant: `false`, `proved`, `conditional`, `open`; `wrong` where the promise is broken."""

    mutant: Mutant
    outcome: str
    wrong: str = ""

    def __str__(self) -> str:
        statement = self.mutant.step.statement
        assert statement is not None
        return f"{self.mutant.step.id} ({self.mutant.kind}): {plain(statement)}\n    {self.wrong}"


def within(seconds: float, work: Callable[[Budget], Result]) -> Result | None:
    """Do something in some seconds; None where they were not enough."""
    try:
        with alarm(seconds + 0.05):
            return work(Budget(seconds))
    except BudgetSpent:
        return None


def opposed(step: Step, seeds: tuple[int, ...], seconds: float = 1.0) -> Refutation | None:
    """A point at which a step fails, and fails in the other layout of ∂vector/∂vector, too, where it has one."""
    against = _opposed(step, seeds, seconds)
    turned = other_layout(step) if against is not None else None
    return against if turned is None or _opposed(turned, seeds, seconds) is not None else None


def _opposed(step: Step, seeds: tuple[int, ...], seconds: float) -> Refutation | None:
    found = (within(seconds, lambda b, s=seed: refute(step, s, b)) for seed in seeds)
    return next((against for against in found if against is not None), None)


def attempt(mutant: Mutant, seconds: float = 1.5) -> Tried:
    """Judge a mutant by both routes."""
    against = opposed(mutant.step, SEEDS)
    proof = within(seconds, lambda b: prove(mutant.step, default_engines(), b))
    if not isinstance(proof, Proof):
        return Tried(mutant, "false" if against is not None else "open")
    under = replace(mutant.step, context=assume(mutant.step.context, proof.conditions))
    if against is None or proof.conditions:
        against = opposed(under, SEEDS if proof.conditions else MORE_SEEDS)
    if against is not None:
        conditions = "; ".join(plain(c) for c in proof.conditions) or "no conditions"
        values = ", ".join(f"{name} = {value}" for name, value in against.values)
        wrong = f"proved ({proof.method}, {conditions}), false at {values}: {against.left} against {against.right}"
        return Tried(mutant, "false", wrong)
    return Tried(mutant, "conditional" if proof.conditions else "proved")
