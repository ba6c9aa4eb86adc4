"""The seven verdicts of a step, as a closed union of plain values.

Each verdict holds exactly what a report may say about it: a proof its method and what it trusts, a refutation its
counterexample, and so on. `judge` functions elsewhere make them; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from derive.language.decision import Direction, Proof, Refutation
from derive.language.statement import Problem, Step
from derive.language.term import Term

VerdictName = Literal["proved", "conditional", "tested", "refuted", "undecided", "unreadable", "stated"]

WORST_FIRST: tuple[VerdictName, ...] = (
    "refuted",
    "unreadable",
    "undecided",
    "tested",
    "conditional",
    "proved",
    "stated",
)
"""A derivation's verdict is the first of these that one of its steps has."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Shown for all values and sizes; `spot_checks` counts the points at which the numeric route agreed."""

    name: ClassVar[VerdictName] = "proved"
    proof: Proof
    spot_checks: int = 0


@dataclass(frozen=True, slots=True)
class Conditional:
    """Proved under `proof.conditions`; `needed` shows, where there is one, a point that fails without them."""

    name: ClassVar[VerdictName] = "conditional"
    proof: Proof
    needed: Refutation | None = None
    spot_checks: int = 0


@dataclass(frozen=True, slots=True)
class Tested:
    """Not proved; the sides agreed at every one of `spot_checks` points."""

    name: ClassVar[VerdictName] = "tested"
    reason: str
    spot_checks: int


@dataclass(frozen=True, slots=True)
class Refuted:
    """A certified counterexample, or two shapes that cannot agree (`problem`)."""

    name: ClassVar[VerdictName] = "refuted"
    counterexample: Refutation | None = None
    problem: Problem | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither proved nor refuted, with the reason."""

    name: ClassVar[VerdictName] = "undecided"
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Not understood, with the place and what was expected there."""

    name: ClassVar[VerdictName] = "unreadable"
    problem: Problem


@dataclass(frozen=True, slots=True)
class Stated:
    """A definition, update rule or imposed condition: nothing to verify."""

    name: ClassVar[VerdictName] = "stated"
    what: Literal["definition", "condition", "update"]
    reason: str = ""


Verdict: TypeAlias = Proved | Conditional | Tested | Refuted | Undecided | Unreadable | Stated


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step, the statement as it was judged, and its verdict.

    `carried`: valid from the line before, which is wrong, and wrong in itself; `undoes`: false after the line before,
    which is wrong, and right in itself. Of a refuted step, `judged` is the step with everything in force and `lemmas`
    what was proved before it.
    """

    step: Step
    verdict: Verdict
    statement: Term | None = None
    carried: bool = False
    undoes: bool = False
    note: str = ""
    seconds: float = 0.0
    judged: Step | None = None
    lemmas: tuple[Term, ...] = ()

    @property
    def direction(self) -> Direction | None:
        """For a statement-to-statement step: which way it holds."""
        verdict = self.verdict
        if isinstance(verdict, Proved | Conditional):
            return verdict.proof.direction
        if isinstance(verdict, Refuted) and verdict.counterexample is not None:
            return verdict.counterexample.direction
        return None


def worst(names: Iterable[VerdictName]) -> VerdictName:
    """The worst of some verdicts; `stated` where there is none."""
    present = set(names)
    return next((name for name in WORST_FIRST if name in present), "stated")
