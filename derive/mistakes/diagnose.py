"""From a refuted step to its likely mistake.

Every kind of mistake proposes mended statements, the likeliest first. What a few points contradict is dropped at once;
what they do not is given to the procedures, and the first statement that is proved without conditions is offered. A
mending may lean on what the student's own line needs (a divisor that is not 0), and then says so. Nothing is offered
for a step that is not refuted, and nothing here changes a verdict.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from derive.checking.alarm import alarm
from derive.checking.engines import Engines, Settings, default_engines
from derive.checking.mend import confirm, conforming
from derive.checking.needs import assume, in_force, needs
from derive.checking.verdict import Refuted, StepResult
from derive.language.budget import Budget, BudgetSpent
from derive.language.edits import flat
from derive.language.printing import plain
from derive.language.statement import Step
from derive.language.term import Term
from derive.mistakes import MISTAKES
from derive.mistakes.evidence import Evidence, goals
from derive.mistakes.mistake import Diagnosis, Mistake

_log = logging.getLogger(__name__)

SECONDS = 1.0
"""Processor time for one refuted step."""

_PROOF_SECONDS = 0.3
_MOST_PROOFS = 14
_MOST_BLIND = 24
"""Proofs tried of statements for which no point could be had."""


def diagnose(
    result: StepResult,
    settings: Settings | None = None,
    engines: Engines | None = None,
    seconds: float = SECONDS,
    mistakes: tuple[Mistake, ...] = MISTAKES,
) -> Diagnosis | None:
    """The likely mistake of a refuted step, or None."""
    verdict = result.verdict
    if not isinstance(verdict, Refuted):
        return None
    step = result.judged or result.step
    raw = verdict.problem.about if verdict.problem is not None else None
    if raw is not None and step.statement is None:
        step = replace(step, statement=raw)
    if step.statement is None:
        return None
    settings, engines = settings or Settings(), engines or default_engines()
    budget = Budget(seconds)
    try:
        with alarm(budget.seconds + 0.05):
            return _search(step, result.lemmas, settings.seed, engines, budget, mistakes, raw is not None)
    except BudgetSpent:
        return None
    except Exception:
        # an explanation that fails must not take the verdict with it
        _log.warning("no diagnosis of step %s", step.id, exc_info=True)
        return None


def _search(
    step: Step,
    lemmas: tuple[Term, ...],
    seed: int,
    engines: Engines,
    budget: Budget,
    mistakes: tuple[Mistake, ...],
    raw: bool,
) -> Diagnosis | None:
    assert step.statement is not None
    seen = {flat(step.statement)}
    proofs = blind = 0
    evidences = [Evidence(step, goal, seed, budget, raw) for goal in goals(step.statement)]
    evidences = [e for e in evidences if len(evidences) == 1 or e.screen.contradicts(e.relation)]
    for mistake in mistakes:
        for evidence in evidences:
            for mended in mistake.propose(evidence):
                budget.spend()
                if flat(mended.statement) in seen:
                    continue
                seen.add(flat(mended.statement))
                there = conforming(step, mended.statement)
                if there is None or there.statement is None or _empty(there.statement):
                    continue
                if _contradicted(there.statement, evidence):
                    continue
                if evidence.screen.points:
                    proofs += 1
                else:
                    blind += 1
                if proofs > _MOST_PROOFS or blind > _MOST_BLIND:
                    return None
                found = _proved(there, evidence, engines, seed, budget, lemmas)
                if found is not None:
                    return Diagnosis(mistake.name, mended.message + found, flat(there.statement))
    return None


def _contradicted(statement: Term, evidence: Evidence) -> bool:
    """Whether some point shows an edited statement to be false."""
    own = [g for g in goals(statement) if g.premises == evidence.goal.premises]
    return any(evidence.screen.contradicts(g.relation) for g in own)


def _empty(statement: Term) -> bool:
    """Whether a statement says that something is itself."""
    return any(len(g.relation.args) == 2 and flat(g.relation.args[0]) == flat(g.relation.args[1]) for g in goals(statement))


def _proved(
    there: Step, evidence: Evidence, engines: Engines, seed: int, budget: Budget, lemmas: tuple[Term, ...]
) -> str | None:
    """What to add to the message where the mended step is proved, None where it is not."""
    part = Budget(min(_PROOF_SECONDS, budget.left))
    if confirm(there, engines, seed, part, lemmas) is not None:
        return ""
    needed = [n for n in needs(evidence.relation.args[-1], evidence.context) if not in_force(n, evidence.context)]
    if not needed:
        return None
    under = replace(there, context=assume(there.context, needed))
    if confirm(under, engines, seed, Budget(min(_PROOF_SECONDS, budget.left)), lemmas) is None:
        return None
    return f" (where {' and '.join(plain(n) for n in needed)}, as before)"
