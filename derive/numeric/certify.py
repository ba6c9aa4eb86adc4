"""Counterexamples with a certificate, and points at which a step agrees.

`refute` draws points that satisfy everything in force, smallest sizes first, and looks for one at which the two sides
have values that provably differ; a step between statements is opposed by points that satisfy the premise and fail the
conclusion. `agree` counts points at which a step holds, for spot checks. Nothing here proves a step, and statements
about limits, proportion or approximation are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.decision import Direction, Refutation
from derive.language.heads import ORDER_RELATIONS
from derive.language.optimum import open_sets
from derive.language.statement import Step
from derive.language.term import Term, conjuncts
from derive.numeric.argument import is_argument, oppose
from derive.numeric.contest import Agrees, Differs, Finding, Lacking, Silent, contest
from derive.numeric.describe import describe
from derive.numeric.hunt import hunt
from derive.numeric.point import Point
from derive.numeric.sample import Sampler

_ATTEMPTS = 14
_MORE_ATTEMPTS = 28
_SHRINKING = 8
_SILENT_AT_MOST = 6
_HUNTS = 3
_MISSED_AT_MOST = 10
_VALUELESS_FROM = 4  # points without a value after which a statement is taken to have none
_UNSPOKEN = frozenset(["approx", "propto", "tends", "distributed", "independent", "has"])


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many points agreed, `exact` of them without intervals; `against` is a counterexample that turned up instead.

    `lacking` is a point at which the left side has a value and the right side none, with the reason. `reason` says why
    no point agreed, where none did; `valueless` is that reason where the left side had no value at several points, all
    that were found.
    """

    count: int
    against: Refutation | None = None
    reason: str = ""
    exact: int = 0
    lacking: str = ""
    valueless: str = ""


def refute(step: Step, seed: int = 0, budget: Budget | None = None) -> Refutation | None:
    """A certified counterexample of a step, None where none was found."""
    statement = step.statement
    if statement is None or statement.head in _UNSPOKEN:
        return None
    statement = open_sets(statement, step.context)
    budget = budget or Budget()
    if statement.head in ("implies", "iff"):
        return _refute_between(statement, step.context, seed, budget)
    if is_argument(statement):
        return oppose(statement, step.context, seed, budget)[1]
    return _refute_plain(statement, step.context, seed, budget)


def agree(step: Step, seed: int = 0, budget: Budget | None = None, wanted: int = 8) -> Agreement:
    """The number of points, up to `wanted`, at which a step agrees; stops at a counterexample."""
    statement = step.statement
    if statement is None or statement.head in _UNSPOKEN:
        return Agreement(0, reason="the statement has no numeric form")
    statement = open_sets(statement, step.context)
    budget = budget or Budget()
    if is_argument(statement):
        count, against = oppose(statement, step.context, seed, budget, wanted)
        return Agreement(count, against, "" if count or against else "the optimisers are not known exactly")
    if statement.head == "implies":
        return _agree_under(statement.left, statement.right, step.context, seed, budget, wanted)
    if statement.head == "iff":
        there = _agree_under(statement.left, statement.right, step.context, seed, budget, wanted, strict=True)
        if there.against is not None:
            return there
        back = _agree_under(statement.right, statement.left, step.context, seed, budget, wanted, strict=True)
        reason, lacking = there.reason or back.reason, there.lacking or back.lacking
        valueless = there.valueless or back.valueless
        return Agreement(min(there.count, back.count), back.against, reason, there.exact, lacking, valueless)
    return _agree_plain(statement, step.context, seed + 1, budget, wanted)


# statements about values


def _refute_plain(
    statement: Term, context: Context, seed: int, budget: Budget, premises: tuple[Term, ...] = ()
) -> Refutation | None:
    sampler = Sampler(context, statement, seed, premises)
    silent = 0
    attempts = _ATTEMPTS
    starts: list[Point] = []
    missed = 0
    attempt = 0
    while attempt < attempts and sampler.sizes:
        budget.spend()
        found = sampler.point(attempt, budget)
        attempt += 1
        if found is None:
            missed += 1
            if missed >= _MISSED_AT_MOST and missed == attempt:
                return None
            attempts = min(attempts + 1, _MORE_ATTEMPTS)
            continue
        point, frame = found
        finding = contest(statement, context, point, frame)
        if isinstance(finding, Differs):
            return _smallest(statement, context, sampler, attempt - 1, finding, budget)
        if isinstance(finding, Silent | Lacking):
            silent += 1
            attempts = min(attempts + 1, _MORE_ATTEMPTS)
            if isinstance(finding, Silent) and finding.kind == "unsupported" and silent >= _SILENT_AT_MOST:
                return None
        elif statement.head in ORDER_RELATIONS and len(starts) < _HUNTS:
            starts.append(point)
    for start in starts:
        prey = hunt(statement, sampler, start, budget)
        if prey is not None:
            point, finding = prey
            return Refutation(describe(point, sampler, statement), finding.left, finding.right, finding.exact)
    return None


def _smallest(
    statement: Term, context: Context, sampler: Sampler, attempt: int, finding: Differs, budget: Budget
) -> Refutation:
    """The simplest of the counterexample found and of a few more at smaller sizes."""
    best: tuple[tuple[bool, int, int], int, Differs] | None = None
    for other in [attempt, *_simpler(sampler, attempt)]:
        if budget.left < budget.seconds * 0.2 and best is not None:
            break
        found = sampler.point(other)
        if found is None:
            continue
        point, frame = found
        here: Finding = finding if other == attempt else contest(statement, context, point, frame)
        if not isinstance(here, Differs):
            continue
        values = describe(point, sampler, statement)
        touching = statement.head in ORDER_RELATIONS and here.left == here.right
        weight = (touching, sum(point.sizes.values()), sum(len(str(v)) for _, v in values))
        if best is None or weight < best[0]:
            best = (weight, other, here)
    assert best is not None
    chosen = sampler.point(best[1])
    assert chosen is not None
    values = describe(chosen[0], sampler, statement)
    return Refutation(values, best[2].left, best[2].right, best[2].exact)


def _simpler(sampler: Sampler, attempt: int) -> list[int]:
    """Attempts with small integers at sizes no larger than an attempt's."""
    count = len(sampler.sizes)
    total = sum(sampler.sizes[attempt % count].values())
    order = sorted(range(count), key=lambda k: (sum(sampler.sizes[k].values()), k))
    kept = [k for k in order if sum(sampler.sizes[k].values()) <= total][:_SHRINKING]
    later: list[int] = []
    for k in kept:
        # the next attempts at these sizes that draw small integers
        later.extend(n for n in range(k, 12 * count, count) if n % 4 == 0 and n > attempt)
    return sorted(later, key=lambda n: sum(sampler.sizes[n % count].values()))[:_SHRINKING]


def _agree_plain(
    statement: Term,
    context: Context,
    seed: int,
    budget: Budget,
    wanted: int,
    premises: tuple[Term, ...] = (),
    strict: bool = False,
) -> Agreement:
    sampler = Sampler(context, statement, seed, premises)
    count = exact = silent = undefined = missed = 0
    reason = lacking = ""
    for attempt in range(wanted * 3):
        if count >= wanted or not sampler.sizes:
            break
        budget.spend()
        found = sampler.point(attempt, budget)
        if found is None:
            missed += 1
            if missed >= _MISSED_AT_MOST and not count:
                break
            continue
        point, frame = found
        finding = contest(statement, context, point, frame)
        if isinstance(finding, Differs):
            values = describe(point, sampler, statement)
            return Agreement(count, Refutation(values, finding.left, finding.right, finding.exact), "", exact)
        if isinstance(finding, Agrees):
            count += 1
            exact += finding.exact
        elif isinstance(finding, Lacking) or (strict and finding.kind == "undefined"):
            at = ", ".join(f"{name} = {value}" for name, value in describe(point, sampler, statement))
            lacking = lacking or f"{finding.reason} at {at}"
        else:
            silent += 1
            undefined += finding.kind == "undefined"
            reason = finding.reason
            if finding.kind == "unsupported" and silent >= _SILENT_AT_MOST:
                break
    valueless = reason if undefined == silent >= _VALUELESS_FROM and not count and not lacking else ""
    reason = "" if count else reason or lacking or sampler.reason or "no point was found"
    return Agreement(count, None, reason, exact, lacking, valueless)


# statements from statements


def _assume(context: Context, premise: Term) -> Context:
    return context.assume(*conjuncts(premise))


def _refute_between(statement: Term, context: Context, seed: int, budget: Budget) -> Refutation | None:
    left, right = statement.args
    forward = _refute_under(left, right, context, seed, budget)
    if forward is not None:
        back = _refute_under(right, left, context, seed, budget)
        return _directed(
            forward, "implied-by" if back is None else "neither", "satisfies the first statement, not the second"
        )
    if statement.head == "iff":
        back = _refute_under(right, left, context, seed, budget)
        if back is not None:
            return _directed(back, "implies", "satisfies the second statement, not the first")
    return None


def _directed(found: Refutation, direction: Direction, note: str) -> Refutation:
    return Refutation(found.values, found.left, found.right, found.exact, direction, note)


def _refute_under(premise: Term, conclusion: Term, context: Context, seed: int, budget: Budget) -> Refutation | None:
    """A point that satisfies a premise and fails a conclusion."""
    if conclusion.head in _UNSPOKEN or premise.head in _UNSPOKEN:
        return None
    if conclusion.head in ("implies", "iff"):
        return _refute_between(conclusion, _assume(context, premise), seed, budget)
    if is_argument(conclusion) or is_argument(premise):
        return None
    return _refute_plain(conclusion, _assume(context, premise), seed, budget, (premise,))


def _agree_under(
    premise: Term, conclusion: Term, context: Context, seed: int, budget: Budget, wanted: int, strict: bool = False
) -> Agreement:
    """Points under a premise at which a conclusion holds; in an equivalence (`strict`) it must have a value there."""
    if conclusion.head in _UNSPOKEN or premise.head in _UNSPOKEN or is_argument(conclusion) or is_argument(premise):
        return Agreement(0, reason="the statement has no numeric form")
    return _agree_plain(conclusion, _assume(context, premise), seed + 1, budget, wanted, (premise,), strict)
