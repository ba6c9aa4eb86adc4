"""Is an edited step true? The one test that every proposed mending must pass.

An edited statement must conform, no counterexample may turn up, and the procedures must prove it without conditions.
Whoever proposes edits (the search for missing hypotheses, the likely mistakes) asks here; nothing here proposes any.
"""

from __future__ import annotations

from dataclasses import replace

from derive.checking.engines import Engines
from derive.checking.prove import prove
from derive.language.budget import Budget, BudgetSpent
from derive.language.decision import Proof
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term


def conforming(step: Step, statement: Term) -> Step | None:
    """The step with another statement, where its shapes fit."""
    checked = elaborate(statement, step.context)
    if not isinstance(checked, Checked) or not checked.shape.statement:
        return None
    return replace(step, statement=checked.term, kind="claim", origin=None, problem=None, spot=None)


def confirm(step: Step, engines: Engines, seed: int, budget: Budget, lemmas: tuple[Term, ...] = ()) -> Proof | None:
    """A proof without conditions of an edited step that no point contradicts, in the time given."""
    try:
        if engines.refute(step, seed, budget.part(0.2)) is not None:
            return None
    except BudgetSpent:
        pass  # none was found in the time for it
    try:
        outcome = prove(step, engines, budget.part(0.7), lemmas)
    except BudgetSpent:
        return None
    return outcome if isinstance(outcome, Proof) and not outcome.conditions else None
