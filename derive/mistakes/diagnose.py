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
from derive.language.term import Term, walk
from derive.mistakes import MISTAKES
from derive.mistakes.evidence import Evidence, Goal, goals
from derive.mistakes.mistake import Diagnosis, Mistake

_log = logging.getLogger(__name__)

SECONDS = 1.0
"""Processor time for one refuted step."""

_PROOF_SECONDS = 0.5
_FIRST_SECONDS = 2.0
"""The first proof tried may have all the time there is: procedures take their shares of this."""

_SCREEN_SECONDS = 0.1
_MOST_PROOFS = 24
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
    last: Diagnosis | None = None
    evidences = [Evidence(step, goal, seed, budget, raw) for goal in goals(step.statement)]
    if len(evidences) > 1:
        evidences = [e for e in evidences if e.screen.contradicts(e.relation)]
    if not evidences:
        evidences = [Evidence(step, Goal(step.statement, (), lambda new: new), seed, budget, raw)]
        mistakes = tuple(m for m in mistakes if m.statements)
    guessing = sorted(mistakes, key=lambda m: m.late)
    asked = [(m, m.propose) for m in mistakes] + [(m, m.guess) for m in guessing if m.guess is not None]
    for mistake, propose in asked:
        for evidence in evidences:
            for mended in propose(evidence):
                if not budget.left:
                    return last
                if flat(mended.statement) in seen:
                    continue
                seen.add(flat(mended.statement))
                there = conforming(step, mended.statement)
                if there is None or there.statement is None:
                    continue
                if _empty(there.statement):
                    # says little, but tells what went wrong: kept for want of a better one
                    if last is None and propose is mistake.propose:
                        found = _proved(there, evidence, engines, seed, min(_PROOF_SECONDS, budget.left), lemmas)
                        if found is not None:
                            last = Diagnosis(mistake.name, mended.message + found, flat(there.statement))
                    continue
                if _contradicted(there, evidence, engines, seed, budget):
                    continue
                if mended.witnessed and not _witnessed(there, engines, seed, budget):
                    continue
                if evidence.screen.points:
                    proofs += 1
                else:
                    blind += 1
                if proofs > _MOST_PROOFS or blind > _MOST_BLIND:
                    return last
                seconds = _FIRST_SECONDS if proofs + blind == 1 else min(_PROOF_SECONDS, budget.left)
                found = _proved(there, evidence, engines, seed, seconds, lemmas)
                if found is not None:
                    return Diagnosis(mistake.name, mended.message + found, flat(there.statement))
    return last


def _contradicted(there: Step, evidence: Evidence, engines: Engines, seed: int, budget: Budget) -> bool:
    """Whether some point shows an edited statement to be false."""
    assert there.statement is not None
    own = [g for g in goals(there.statement) if g.premises == evidence.goal.premises]
    if evidence.raw:
        return False
    if own and not any(is_argument(g.relation) for g in own):
        return any(evidence.screen.contradicts(g.relation) for g in own)
    try:
        return engines.refute(there, seed, Budget(min(_SCREEN_SECONDS, budget.left))) is not None
    except BudgetSpent:
        return False


def is_argument(statement: Term) -> bool:
    """Whether a statement speaks of a set of optimisers, which has no value at a point."""
    return any(node.head in ("argmax", "argmin") for node in walk(statement))


def _witnessed(there: Step, engines: Engines, seed: int, budget: Budget) -> bool:
    """Whether some point satisfies the premises and the statement."""
    try:
        return engines.agree(there, seed, Budget(min(_SCREEN_SECONDS, budget.left)), 2).count > 0
    except BudgetSpent:
        return False


def _empty(statement: Term) -> bool:
    """Whether a statement says that something is itself."""
    return any(flat(g.relation.args[0]) == flat(g.relation.args[1]) for g in goals(statement))


def _proved(
    there: Step, evidence: Evidence, engines: Engines, seed: int, seconds: float, lemmas: tuple[Term, ...]
) -> str | None:
    """What to add to the message where the mended step is proved, None where it is not."""
    if confirm(there, engines, seed, Budget(seconds), lemmas) is not None:
        return ""
    before, own = _needs(there, evidence)
    if not before and not own:
        return None
    under = replace(there, context=assume(there.context, [*before, *own]))
    if confirm(under, engines, seed, Budget(seconds), lemmas) is None:
        return None
    return f" (where {' and '.join(plain(n) for n in own)}, as before)" if own else ""


def _needs(there: Step, evidence: Evidence) -> tuple[list[Term], list[Term]]:
    """What the left side needs to have a value, and what the mended right side needs of the same kinds as the
    student's."""
    context = evidence.context
    left, right = ([n for n in needs(s, context) if not in_force(n, context)] for s in evidence.relation.args[:2])
    assert there.statement is not None
    new = [n for g in goals(there.statement) for n in needs(g.relation.args[-1], context)]
    new = [n for n in new if not in_force(n, context)]
    alike = sorted((n.head, str(n.value)) for n in new) == sorted((n.head, str(n.value)) for n in right)
    return left, new if alike else right
