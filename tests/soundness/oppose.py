"""What the normal form says of a statement, and what exact evaluation says of it at sizes that are large enough."""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context
from derive.language.shape import Checked, elaborate, shape_of
from derive.language.statement import Problem
from derive.language.term import Term, make
from derive.normal_form.zero import Equal, decide
from derive.numeric.contest import Agrees, Differs, Finding, Lacking, Silent, contest
from derive.numeric.sample import Sampler

from .worlds import World

LARGE = ((3, 4), (4, 3), (2, 5), (4, 4), (1, 2), (2, 1), (1, 1), (5, 2))
"""Sizes n and m at which a proved statement is opposed."""


@dataclass(frozen=True)
class Outcome:
    """`verdict`: `equal`, `conditional`, `open`, `spent`; `conditions` where there are some."""

    verdict: str
    conditions: tuple[Term, ...] = ()
    reason: str = ""


def statement(left: Term, right: Term, context: Context) -> Term | None:
    """The equation of two terms, elaborated; None where they do not conform."""
    checked = elaborate(make("eq", left, right), context)
    return checked.term if isinstance(checked, Checked) else None


def ask(claim: Term, context: Context, seconds: float = 2.0) -> Outcome:
    """What the normal form says of an equation."""
    shape = shape_of(claim.left, context)
    if isinstance(shape, Problem) or any("?" in str(s) for a in shape.axes for s in a):
        shape = shape_of(claim.right, context)
    assert not isinstance(shape, Problem), shape
    try:
        found = decide(claim.left, claim.right, shape, context, Budget(seconds))
    except BudgetSpent:
        return Outcome("spent")
    if not isinstance(found, Equal):
        return Outcome("open", reason=found.reason)
    return Outcome("conditional" if found.conditions else "equal", found.conditions)


def evaluate(
    claim: Term,
    world: World,
    sizes: tuple[tuple[int, int], ...] = LARGE,
    seed: int = 0,
    tries: int = 3,
    context: Context | None = None,
    seconds: float = 4.0,
) -> tuple[int, Differs | None, str]:
    """Points at which a claim agrees, a point at which it provably differs, and the last reason for silence."""
    context = context or world.context
    sampler = Sampler(context, claim, seed)
    count, reason = 0, ""
    budget = Budget(seconds)
    try:
        for number, (n, m) in enumerate(sizes):
            values = {"n": max(n, world.least), "m": max(m, world.least)}
            sampler.sizes = ({name: values[name] for name in sampler.size_names},)
            for attempt in range(tries):
                budget.spend()
                found = sampler.point(number * tries + attempt, budget)
                if found is None:
                    reason = sampler.reason
                    continue
                finding: Finding = contest(claim, context, *found)
                if isinstance(finding, Differs):
                    return count, finding, f"n = {n}, m = {m}"
                if isinstance(finding, Agrees):
                    count += 1
                    break
                assert isinstance(finding, Silent | Lacking)
                reason = finding.reason
    except BudgetSpent:
        reason = "the time is over"
    return count, None, reason
