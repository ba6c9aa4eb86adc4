"""Random inequalities through every procedure: what is proved is opposed at points that the checker did not look at."""

from __future__ import annotations

import random

from derive.checking.engines import Settings
from derive.checking.needs import assume
from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved
from derive.language.budget import Budget
from derive.language.printing import plain
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, make, num
from derive.numeric.certify import refute

from .partial import Wild
from .worlds import PARTIAL

SEEDS = range(20, 26)


def make_order(rng: random.Random) -> Term | None:
    """`a < b` or another order of two random terms, the second a simple one; None where they do not conform."""
    wild = Wild(rng)
    left = wild.scalar(rng.choice((1, 2, 2, 3)))
    right = rng.choice((num(0), num(0), num(1), make("neg", num(1)), wild.leaf(), wild.scalar(1)))
    checked = elaborate(make(rng.choice(("ge", "gt", "le", "lt", "ne")), left, right), PARTIAL.context)
    return checked.term if isinstance(checked, Checked) else None


def inspect_order(claim: Term) -> tuple[str, str]:
    """The verdict on a claim, and what is wrong with it."""
    verdict = check_step(Step("1", claim, PARTIAL.context), Settings(budget=1.5, search=False)).verdict
    reason = getattr(verdict, "reason", "")
    if "disagree" in reason or "failed here" in reason:
        return verdict.name, f"{plain(claim)}: {reason}"
    if isinstance(verdict, Proved | Conditional):
        context = assume(PARTIAL.context, verdict.proof.conditions)
        for seed in SEEDS:
            against = refute(Step("1", claim, context), seed, Budget(2))
            if against is not None:
                return verdict.name, f"{plain(claim)}: {verdict.proof.method} against {against.values}"
    return verdict.name, ""
