"""What every procedure looks like: a name, the statements it answers for, and one function that decides or declines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.language.budget import Budget
from derive.language.decision import Outcome
from derive.language.statement import Step


@dataclass(frozen=True, slots=True)
class Example:
    """A step in the notation of documents: givens, and one formula."""

    given: tuple[str, ...]
    step: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """`heads` are the heads of the statements it may decide; `decide` gets a step whose statement is elaborated.

    `proves` and `declines` are example steps; they are the procedure's tests and its page in the documentation.
    """

    name: str
    heads: frozenset[str]
    decide: Callable[[Step, Budget], Outcome]
    summary: str
    proves: tuple[Example, ...] = ()
    declines: tuple[Example, ...] = ()
