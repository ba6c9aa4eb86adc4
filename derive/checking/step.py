"""One step, one verdict.

Ask the procedures in their order; a proof needs the numeric route to agree at points of its own. Without one, refute,
and weigh the counterexample against a proof under hypotheses that a textbook would state. Whatever the two routes
disagree on is undecided. Nothing here proves or refutes: that is done by the procedures and by `numeric/certify.py`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from derive.checking.alarm import alarm
from derive.checking.engines import Engines, Settings, default_engines
from derive.checking.hypotheses import can_hold, coincidental, excluded, is_indirect, search
from derive.checking.needs import assume
from derive.checking.proportion import as_claims, at_the_variable, is_first_line
from derive.checking.prove import contrary, prove
from derive.checking.verdict import (
    Conditional,
    Proved,
    Refuted,
    Stated,
    StepResult,
    Tested,
    Undecided,
    Unreadable,
    Verdict,
)
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context, Shape, Symbol
from derive.language.decision import Declined, Proof, Refutation
from derive.language.printing import plain
from derive.language.shape import Checked, elaborate, shape_of
from derive.language.statement import Problem, Step
from derive.language.term import Term, free_names, rewrite

_log = logging.getLogger(__name__)

DISAGREE = "the symbolic and the numeric route disagree: please report this step"
VALUELESS = "the left side has no value at any point that was tried"
EMPTY = "it was proved only under a condition that no point was found to meet"
SPENT = "the time for this step is over"
UNREAD = "false as far as it was read, but a given line could not be read"

DEFAULT = Settings()

_SHAPE_CODES = frozenset(["product-does-not-conform", "shapes-differ"])

Result = TypeVar("Result")


def check_step(
    step: Step,
    settings: Settings = DEFAULT,
    engines: Engines | None = None,
    lemmas: tuple[Term, ...] = (),
) -> StepResult:
    """Judge one step. `lemmas` are statements proved earlier: procedures may use them, counterexamples ignore them."""
    engines = engines or default_engines()
    start = time.perf_counter()
    case = Case(step, settings, engines, Budget(settings.budget), lemmas)
    try:
        verdict = judge(case)
    except BudgetSpent:
        verdict = Undecided(SPENT)
    except Exception as error:
        # a fault in one engine must not take the other steps with it
        _log.warning("the checker failed on step %s", step.id, exc_info=True)
        verdict = Undecided(f"the checker failed here ({type(error).__name__}: {error}); please report this step")
    return StepResult(step, verdict, step.statement, seconds=time.perf_counter() - start)


@dataclass(frozen=True, slots=True)
class Case:
    """A step with everything that judging it needs."""

    step: Step
    settings: Settings
    engines: Engines
    budget: Budget
    lemmas: tuple[Term, ...] = ()


def judge(case: Case) -> Verdict:
    """The verdict of a step."""
    step = case.step
    if step.problem is not None:
        return _verdict_of_problem(step, step.problem)
    if step.statement is None:
        return Unreadable(Problem("nothing-to-read", step.span))
    if step.kind in ("definition", "update", "condition"):
        return _stated(step)
    return _judge_proportion(case) if step.statement.head == "propto" else _judge_claim(case)


def _stated(step: Step) -> Stated:
    if step.kind == "definition":
        return Stated("definition")
    if step.kind == "update":
        return Stated("update")
    return Stated("condition", "imposed by the author")


def _verdict_of_problem(step: Step, problem: Problem) -> Verdict:
    """Two tensors that do not conform are a wrong claim; anything else that stops the reader is unreadable."""
    left, right = problem.detail("left"), problem.detail("right")
    tensors = all(side.startswith(("vector", "matrix")) for side in (left, right))
    guessed = [s for s in step.context.symbols.values() if s.inferred and not _real_scalar(s)]
    unsure = bool(guessed) or "?" in left + right or step.context.incomplete
    if problem.code in _SHAPE_CODES and not unsure and (tensors or _contracted(problem.about, step.context)):
        return Refuted(problem=problem, reason=f"the shapes do not conform: {left} and {right}")
    return Unreadable(problem)


def _contracted(statement: Term | None, context: Context) -> bool:
    """Whether an equation of declared quantities sets a tensor equal to a scalar made of tensors, as xᵀx = x xᵀ does.

    A scalar that no tensor is part of may be meant for every entry.
    """
    if statement is None or statement.head != "eq":
        return False
    shapes = [shape_of(side, context) for side in statement.args]
    ranks = [s.rank for s in shapes if isinstance(s, Shape) and not s.statement]
    symbols = [context.symbols.get(n) for n in free_names(statement)]
    if len(ranks) != 2 or 0 not in ranks or not any(ranks) or any(s is None or s.inferred for s in symbols):
        return False
    scalar = statement.args[ranks.index(0)]
    return any(s.shape.axes for n in free_names(scalar) if (s := context.symbols.get(n)) is not None)


def _judge_claim(case: Case) -> Verdict:
    """Prove, and let the points oppose; where there is no proof without conditions, refute and weigh."""
    outcome = within(case, 0.6, lambda b: prove(case.step, case.engines, b, case.lemmas)) or Declined(SPENT)
    if isinstance(outcome, Proof) and not outcome.conditions:
        return _proved(case, outcome)
    refutation = _refute(case, case.step)
    if refutation is not None:
        turned = other_layout(case.step)
        if turned is not None and _refute(case, turned) is None:
            # false in one layout of ∂vector/∂vector only: the author uses the other one
            case, refutation = replace(case, step=turned), None
    if isinstance(outcome, Proof):
        if not coincidental(outcome, case.step):
            return _conditional(case, outcome, refutation)
        outcome = Declined("it would hold by coincidence only")
    untold: Verdict | None = None
    if refutation is None:
        untold = _untold(case, outcome.reason)
        if not isinstance(untold, Undecided):
            return untold
    found = _missing(case, refutation)
    if found is not None:
        return _conditional(case, found, refutation)
    if refutation is not None:
        return refuted(case.step, refutation)
    against = within(case, 0.8, lambda b: contrary(case.step, case.engines, b))
    return _false_everywhere(case, against) if against is not None else untold or Undecided(outcome.reason)


def _judge_proportion(case: Case) -> Verdict:
    """`A ∝ B`: the ratio does not depend on the variable, and is positive."""
    if is_first_line(case.step, case.lemmas):
        return Stated("definition", "it says what the function is, up to a factor")
    claims = as_claims(case.step, case.lemmas)
    if isinstance(claims, str):
        return Undecided(claims)
    verdict = _judge_claim(replace(case, step=claims.constant, settings=replace(case.settings, search=False)))
    if not isinstance(verdict, Proved | Conditional):
        return verdict
    under = replace(claims.positive, context=assume(claims.positive.context, verdict.proof.conditions))
    outcome = within(case, 0.6, lambda b: prove(under, case.engines, b, case.lemmas))
    needed = None
    if not isinstance(outcome, Proof):
        needed = _refute(case, under)
        outcome = _missing(replace(case, step=under), needed)
        if outcome is None:
            return Undecided("whether the ratio is positive is open") if needed is None else refuted(under, needed)
    conditions = at_the_variable((*verdict.proof.conditions, *outcome.conditions), claims)
    if conditions is None:
        return Undecided("it is proved for some pairs of values only")
    trusts = tuple(dict.fromkeys((*verdict.proof.trusts, *outcome.trusts)))
    proof = replace(verdict.proof, conditions=conditions, trusts=trusts)
    if conditions:
        return Conditional(proof, needed, verdict.spot_checks)
    return Proved(proof, verdict.spot_checks)


def _false_everywhere(case: Case, against: Proof) -> Verdict:
    """Refuted by a proof of the contrary, where what is in force can be met at all."""
    step, statement = case.step, case.step.statement
    assert statement is not None
    if step.context.facts and not within(case, 0.5, lambda b: can_hold(step, (), case.engines, case.settings.seed, b)):
        return Undecided("the contrary was proved, but no point was found that satisfies what is in force")
    reason = f"the contrary holds for all values ({against.method})"
    if against.trusts:
        reason += f", trusting {', '.join(against.trusts)}"
    return refuted(step, Refutation((), plain(statement.left), plain(statement.right), note=reason))


def _refute(case: Case, step: Step) -> Refutation | None:
    return within(case, 0.25, lambda b: case.engines.refute(step, case.settings.seed, b))


def other_layout(step: Step) -> Step | None:
    """The step with every derivative of a vector by a vector laid out the other way, where that conforms."""
    statement = step.statement
    assert statement is not None
    other = {"numerator": "denominator", "denominator": "numerator"}

    def turn(node: Term) -> Term | None:
        return replace(node, value=other[node.value]) if node.head == "deriv" and node.value in other else None

    turned = rewrite(statement, turn)
    if turned == statement or not isinstance(elaborate(turned, step.context), Checked):
        return None
    return replace(step, statement=turned)


def _missing(case: Case, refutation: Refutation | None) -> Proof | None:
    """A proof under a hypothesis that the givens lack."""
    if not case.settings.search:
        return None

    def look(budget: Budget) -> Proof | None:
        return search(case.step, refutation, case.engines, case.settings.seed, budget)

    return within(case, 0.3, look)


def _proved(case: Case, proof: Proof) -> Verdict:
    """A proof without conditions, which every point must agree with."""
    count = _spot_checks(case, case.step)
    if count is None:
        turned = other_layout(case.step)
        count = _spot_checks(replace(case, step=turned), turned) if turned is not None else None
    if count is None:
        return Undecided(DISAGREE)
    return (None if count else _without_value(case, case.step)) or Proved(proof, count)


def _conditional(case: Case, proof: Proof, refutation: Refutation | None) -> Verdict:
    """A proof under conditions, weighed against the numeric route."""
    step = case.step
    under = replace(step, context=assume(step.context, proof.conditions))
    count = _spot_checks(case, under)
    if count is None:
        return Undecided(DISAGREE)
    if refutation is not None and _refute(case, under) is not None:
        return Undecided(DISAGREE)
    nothing = None if count else _without_value(case, under)
    if nothing is not None:
        return nothing
    if not count and not _can_be_met(case, proof, refutation):
        return refuted(step, refutation) if refutation is not None else Undecided(EMPTY)
    return Conditional(proof, refutation, count)


def _can_be_met(case: Case, proof: Proof, refutation: Refutation | None) -> bool:
    """Whether a proof's conditions leave anything to speak of, where no point under them was found."""
    step, engines = case.step, case.engines
    if refutation is not None and not is_indirect(step.statement):
        return False  # nothing shows that they can be met, and the counterexample stands
    if within(case, 0.5, lambda b: excluded(step, proof.conditions, engines, b)):
        return False
    if within(case, 0.5, lambda b: can_hold(step, proof.conditions, engines, case.settings.seed, b)):
        return True
    return not any(c.head == "eq" for c in proof.conditions)  # an equation is met by chance only, if at all


def _spot_checks(case: Case, step: Step) -> int | None:
    """Points at which the numeric route agrees with a proof; None where it does not."""
    agreement = within(case, 0.5, lambda b: case.engines.agree(step, case.settings.seed, b, case.settings.points))
    count = 0
    if agreement is not None:
        if agreement.against is not None or agreement.lacking:
            return None
        count = agreement.count
    spot = case.engines.spot
    if spot is not None and step.spot is not None and step.context is case.step.context:
        own = within(case, 0.5, lambda b: (spot(step, case.settings.seed),))
        if own is not None:
            if own[0] is None:
                return None
            count += own[0]
    return count


def _without_value(case: Case, step: Step) -> Undecided | None:
    """What is to be said of a proof that speaks of nothing: an index out of its range, a division by 0 everywhere."""
    agreement = within(case, 0.5, lambda b: case.engines.agree(step, case.settings.seed, b, 3))
    return Undecided(f"{VALUELESS}: {agreement.valueless}") if agreement is not None and agreement.valueless else None


def refuted(step: Step, refutation: Refutation) -> Verdict:
    """Refuted, unless the counterexample rests on a role that was guessed, or a given could not be read."""
    if step.context.incomplete:
        return Undecided(UNREAD)
    guessed = guessed_roles(step.statement, step.context)
    if guessed:
        names = ", ".join(guessed)
        return Undecided(f"false as read, but the reading rests on roles that were inferred, not declared: {names}")
    return Refuted(refutation)


def _untold(case: Case, reason: str) -> Verdict:
    """Neither proved nor refuted: tested where every point agrees, else undecided."""
    step, settings = case.step, case.settings
    agreement = within(case, 0.9, lambda b: case.engines.agree(step, settings.seed, b, settings.points))
    if agreement is not None:
        if agreement.against is not None:
            return refuted(step, agreement.against)
        if agreement.lacking:
            return Undecided(f"{reason or 'not proved'}; the right side has no value everywhere: {agreement.lacking}")
        if agreement.count >= settings.points:
            return Tested(reason, agreement.count)
    return Undecided(reason or "out of reach")


def guessed_roles(statement: Term | None, context: Context) -> list[str]:
    """Names in a statement, or in the definitions it uses, whose inferred role is other than a real scalar.

    A letter that stands as an index of something declared is no guess: it runs over the declared range.
    """
    if statement is None:
        return []
    symbols = (context.symbols.get(name) for name in sorted(context.spoken_of(free_names(statement))))
    return [s.name for s in symbols if s is not None and s.inferred and not _real_scalar(s)]


def _real_scalar(symbol: Symbol) -> bool:
    if symbol.role == "index" and symbol.domain.low is not None and symbol.domain.high is not None:
        return True
    return symbol.role == "variable" and symbol.shape == SCALAR and not symbol.family and not symbol.random


def within(case: Case, share: float, work: Callable[[Budget], Result]) -> Result | None:
    """Do something in a share of the time that is left; None where that time was not enough."""
    case.budget.spend()
    part = case.budget.part(share)
    try:
        with alarm(part.seconds + 0.05):
            return work(part)
    except BudgetSpent:
        return None
