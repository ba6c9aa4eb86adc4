"""Opposing equalities of optimisers: `argmax f = argmax g`, `argmin F = value`."""

from __future__ import annotations

from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.decision import Refutation
from derive.language.term import Term, walk


def is_argument(statement: Term) -> bool:
    """Whether a statement speaks of the set of optimisers."""
    return any(node.head in ("argmax", "argmin") for node in walk(statement))


def oppose(statement: Term, context: Context, seed: int, budget: Budget) -> Refutation | None:
    """A counterexample to an equality of optimisers."""
    return None
