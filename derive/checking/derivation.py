"""A derivation, step by step.

Threads what is in force through the steps: conditions that were imposed or named hold from there on, proved statements
serve as lemmas. Decides whether a new equation is a claim or an imposed condition (`x² − 5x + 6 = 0` with its solution
below it), and says of a step that follows a wrong line whether it is valid from that line only. Verdicts of single
steps are `step.py`'s.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace

from derive.checking.alarm import alarm
from derive.checking.engines import Engines, Settings, default_engines
from derive.checking.lagrangian import belongs_to_a_lagrangian
from derive.checking.needs import assume, closed, definition_needs, in_force, needs
from derive.checking.prove import OUT_OF_TIME, impossible
from derive.checking.step import DEFAULT, SPENT, check_step
from derive.checking.verdict import (
    Conditional,
    Proved,
    Refuted,
    Stated,
    StepResult,
    Tested,
    Undecided,
    Verdict,
    VerdictName,
    worst,
)
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context, Definition
from derive.language.heads import ORDER_RELATIONS, RELATIONS
from derive.language.shape import Checked, elaborate
from derive.language.statement import Derivation, Document, Step
from derive.language.term import Term, conjuncts, free_names, is_num, make, rewrite, walk

_log = logging.getLogger(__name__)

_AHEAD = 6  # how many later lines are asked whether they build on an equation
_DERIVATIVES = frozenset(["deriv", "hessian", "dcall"])
_CONDITIONS = frozenset(["eq", *ORDER_RELATIONS])  # what may be imposed by writing it down


@dataclass(frozen=True, slots=True)
class DerivationResult:
    """A derivation and the results of its steps, in order."""

    derivation: Derivation
    steps: tuple[StepResult, ...]

    @property
    def verdict(self) -> VerdictName:
        """The worst verdict of the steps."""
        return worst(r.verdict.name for r in self.steps)


def check_document(
    document: Document, settings: Settings = DEFAULT, engines: Engines | None = None
) -> tuple[DerivationResult, ...]:
    """Check every derivation of a document."""
    return tuple(check_derivation(d, settings, engines) for d in document.derivations)


def check_derivation(
    derivation: Derivation, settings: Settings = DEFAULT, engines: Engines | None = None
) -> DerivationResult:
    """Check the steps of a derivation in order."""
    imposed = {s.statement for s in derivation.steps if s.kind == "condition"}
    given = derivation.steps[0].context.facts if derivation.steps else ()
    thread = _Thread(settings, engines or default_engines(), given=frozenset(f for f in given if f not in imposed))
    results = tuple(thread.check(derivation.steps, i) for i in range(len(derivation.steps)))
    return DerivationResult(derivation, results)


@dataclass(slots=True)
class _Thread:
    """What the lines so far have brought into force."""

    settings: Settings
    engines: Engines
    facts: list[Term] = field(default_factory=list)
    lemmas: list[Term] = field(default_factory=list)
    wrong: list[tuple[Term, Term]] = field(default_factory=list)
    wrong_statements: list[Term] = field(default_factory=list)
    arrows: list[Term] = field(default_factory=list)
    given: frozenset[Term] = frozenset()
    needed: dict[tuple[Definition, int], tuple[Term, ...]] = field(default_factory=dict)

    def check(self, steps: tuple[Step, ...], position: int) -> StepResult:
        start = time.perf_counter()
        step = self.placed(steps[position])
        result = self.judged(step, steps, position)
        if isinstance(result.verdict, Refuted):
            result = replace(result, judged=result.step, lemmas=tuple(self.lemmas))
        self.learn(result)
        return replace(result, step=steps[position], seconds=time.perf_counter() - start)

    def placed(self, step: Step, also: tuple[Term, ...] = ()) -> Step:
        """A step with everything in force where it stands."""
        context = assume(step.context, self.of_definitions(step.context))
        return replace(step, context=assume(context, [*self.facts, *also]))

    def of_definitions(self, context: Context) -> list[Term]:
        """What the values need that are defined by name or for every index of a family."""
        found: list[Term] = []
        for definition in context.definitions.values():
            key = (definition, id(context.symbols.get(definition.name)))
            if key not in self.needed:
                self.needed[key] = definition_needs(definition, context)
            found += self.needed[key]
        return found

    def run(self, step: Step, settings: Settings | None = None) -> StepResult:
        return check_step(step, settings or self.settings, self.engines, tuple(self.lemmas))

    def judged(self, step: Step, steps: tuple[Step, ...], position: int) -> StepResult:
        released = self.released(step)
        if released is not None:
            return self.from_wrong_line(released, check_step(released, self.settings, self.engines))
        # a condition of an optimum is nearly always imposed: a hypothesis is looked for only where it is not
        optimum = self.of_an_optimum(step) if step.kind == "open" else ""
        result = self.run(step, replace(self.settings, search=False) if optimum else None)
        if step.statement is None or step.problem is not None:
            return result
        if step.kind == "open" and step.statement.head in _CONDITIONS and not isinstance(result.verdict, Proved):
            imposed = self.imposed(step, result.verdict, optimum, steps, position)
            if imposed is not None:
                return replace(result, verdict=imposed)
            if optimum:
                result = self.run(step)
        return self.from_wrong_line(step, result)

    def released(self, step: Step) -> Step | None:
        """A step `P ⇔ Q` without the imposed conditions that it is about, which would make it trivial."""
        statement = step.statement
        if statement is None or statement.head != "iff":
            return None
        about = {closed(part, step.context) for side in statement.args for part in conjuncts(side)}
        about |= {part for side in statement.args for part in conjuncts(side)}
        while True:
            before = [
                s for s in self.arrows if about & {s.right, closed(s.right, step.context)} and s.left not in about
            ]
            if not before:
                break
            about |= {part for s in before for part in (s.left, *conjuncts(s.left))}
        kept = tuple(f for f in step.context.facts if f not in about or f in self.given)
        return replace(step, context=replace(step.context, facts=kept)) if kept != step.context.facts else None

    # claim or condition

    def imposed(
        self, step: Step, verdict: Verdict, optimum: str, steps: tuple[Step, ...], position: int
    ) -> Stated | None:
        """The step as an imposed condition, where it can be met and is one of an optimum or is built on later."""
        statement = step.statement
        assert statement is not None
        if isinstance(verdict, Conditional) and verdict.needed is None and not _is_stationary(step):
            return None  # true wherever it has a meaning
        if optimum:
            reason = optimum
        elif self.is_assumption(step, verdict) and self.built_on(statement, steps, position):
            reason = "imposed: later lines build on it; declare it in the givens to say so"
        else:
            return None
        met = replace(step, context=assume(step.context, [statement]), kind="claim")
        if self.can_be_met(met):
            return Stated("condition", reason)
        if self.cannot_be_met(step) or self.has_no_value(step):
            return None
        return Stated("condition", f"{reason}; no point that meets it was found, so whether it can be met is not shown")

    @staticmethod
    def is_assumption(step: Step, verdict: Verdict) -> bool:
        """Whether an equation may be meant as one: no claim about what is settled, nor one that lacks a hypothesis."""
        statement = step.statement
        assert statement is not None
        if statement.head != "eq" or isinstance(verdict, Conditional):
            return False
        return not _speaks_of_definition(statement, step.context)

    def of_an_optimum(self, step: Step) -> str:
        """Why a line is a condition of an optimum, or nothing: stationarity, and beside it what a Lagrangian asks."""
        if _is_stationary(step):
            return "imposed: it sets a derivative to zero"
        if not any(f.head == "eq" and _sets_to_zero(f) and any(map(_is_derivative, walk(f))) for f in self.facts):
            return ""
        budget = Budget(self.settings.budget * 0.2)
        try:
            with alarm(budget.seconds + 0.05):
                belongs = belongs_to_a_lagrangian(step, self.engines, budget)
        except BudgetSpent:
            return ""
        return "imposed: a condition that belongs to the Lagrangian" if belongs else ""

    def cannot_be_met(self, step: Step) -> bool:
        """Whether the contrary of an equation is proved."""
        assert step.statement is not None
        budget = Budget(self.settings.budget * 0.2)
        try:
            with alarm(budget.seconds + 0.05):
                return impossible(step.statement, step, self.engines, budget)
        except BudgetSpent:
            return False

    def has_no_value(self, step: Step) -> bool:
        """Whether the left side of an equation had no value at any point: everything would follow from it."""
        budget = Budget(self.settings.budget * 0.1)
        try:
            with alarm(budget.seconds + 0.05):
                return bool(self.engines.agree(step, self.settings.seed, budget, 3).valueless)
        except BudgetSpent:
            return False

    def can_be_met(self, step: Step) -> bool:
        """Whether a point was found at which the step, now a fact, holds with everything else in force."""
        budget = Budget(self.settings.budget * 0.3)
        try:
            with alarm(budget.seconds + 0.05):
                return self.engines.agree(step, self.settings.seed, budget, 1).count > 0
        except BudgetSpent:
            return False
        except Exception:
            _log.warning("no witness for step %s", step.id, exc_info=True)
            return False

    def built_on(self, statement: Term, steps: tuple[Step, ...], position: int) -> bool:
        """Whether some later line holds with the statement in force and not without it."""
        quick = replace(self.settings, budget=min(1.0, self.settings.budget), search=False)
        between: list[Term] = []
        for later in steps[position + 1 : position + 1 + _AHEAD]:
            claim = later.statement
            if claim is None or later.kind in ("definition", "update"):
                continue
            if later.kind == "open" and claim.head == "eq":
                between.append(claim)
            others = tuple(b for b in between if b is not claim)
            alone = replace(later, statement=_conclusion(claim), kind="claim", origin=None)
            if not _unsettled(self.quickly(alone, others, quick)):
                continue
            if claim.head in ("implies", "iff") and (claim.left == statement or statement in conjuncts(claim.left)):
                if not isinstance(self.quickly(later, others, quick), Refuted):
                    return True
            elif isinstance(self.quickly(alone, (statement, *others), quick), Proved | Conditional) or (
                claim.head == "implies" and self.completes(statement, later, others, quick)
            ):
                return True
        return False

    def completes(self, statement: Term, later: Step, others: tuple[Term, ...], quick: Settings) -> bool:
        """Whether a conclusion is false from its own premise alone, and not where the statement is in force too."""
        if not isinstance(self.quickly(later, others, quick), Refuted):
            return False
        return isinstance(self.quickly(later, (statement, *others), quick), Proved | Conditional | Tested)

    def quickly(self, step: Step, also: tuple[Term, ...], settings: Settings) -> Verdict:
        """The verdict of a later line with some equations in force."""
        return check_step(self.placed(step, also), settings, self.engines, tuple(self.lemmas)).verdict

    # wrong lines

    def from_wrong_line(self, step: Step, result: StepResult) -> StepResult:
        """Whether a step is valid from a wrong line and wrong in itself."""
        statement, verdict = step.statement, result.verdict
        assert statement is not None
        holds = isinstance(verdict, Proved | Conditional | Tested)
        chained = statement.head == "eq" and any(statement.left == right for _, right in self.wrong)
        if holds and chained and step.origin is not None:
            return self.mark_carried(step, result, make("eq", step.origin, statement.right, span=statement.span))
        if (
            holds
            and statement.head in ("implies", "iff")
            and ({statement.left, *conjuncts(statement.left)} & set(self.wrong_statements))
        ):
            return self.mark_carried(step, result, statement.right)
        if isinstance(verdict, Refuted) and chained and step.origin is not None:
            return self.mark_undoing(step, result, make("eq", step.origin, statement.right, span=statement.span))
        if isinstance(verdict, Refuted) and self.wrong:
            mended = rewrite(statement, self.replace_wrong)
            if mended != statement:
                again = self.run(replace(step, statement=mended, origin=None))
                if isinstance(again.verdict, Proved):
                    note = "valid from the wrong line before it; from the start it is false"
                    return replace(result, verdict=again.verdict, carried=True, note=note)
        return result

    def replace_wrong(self, node: Term) -> Term | None:
        return next((right for left, right in self.wrong if left == node), None)

    def mark_carried(self, step: Step, result: StepResult, from_start: Term) -> StepResult:
        checked = elaborate(from_start, step.context)
        if not isinstance(checked, Checked):
            return result
        alone = self.run(replace(step, statement=checked.term, kind="claim"))
        if isinstance(alone.verdict, Refuted):
            return replace(result, carried=True, note="valid from the wrong line before it; from the start it is false")
        if isinstance(alone.verdict, Proved | Conditional):
            return replace(result, note="also true from the start, past the wrong line before it")
        return replace(result, note="a line before it is wrong; whether this one is true from the start is undecided")

    def mark_undoing(self, step: Step, result: StepResult, from_start: Term) -> StepResult:
        """A step that does not follow from the wrong line before it may be true from the start: the error is undone."""
        checked = elaborate(from_start, step.context)
        if not isinstance(checked, Checked):
            return result
        alone = self.run(replace(step, statement=checked.term, kind="claim"))
        if not isinstance(alone.verdict, Proved | Conditional):
            return result
        note = "as a step it is false; true from the start, it undoes the wrong line before it"
        return replace(result, undoes=True, note=note)

    # what a step brings into force

    def learn(self, result: StepResult) -> None:
        statement, verdict, step = result.statement, result.verdict, result.step
        if statement is None:
            return
        if statement.head in ("implies", "iff"):
            self.arrows.append(statement)
        if isinstance(verdict, Stated):
            if verdict.what == "condition":
                self.hold(statement, step.context)
            if statement.head == "propto":
                self.lemmas.append(statement)
            self.hold_needs(statement, step.context)
            return
        if isinstance(verdict, Refuted) or result.carried:
            self.learn_wrong(statement, step)
            return
        if isinstance(verdict, Conditional):
            for condition in verdict.proof.conditions:
                self.hold(condition, step.context)
        if isinstance(verdict, Proved | Conditional):
            self.lemmas.extend(closed(c, step.context) for c in self.consequences(statement, step.context))
            self.hold_needs(statement, step.context)

    def hold(self, statement: Term, context: Context) -> None:
        """From here on this is in force."""
        whole = closed(statement, context)
        if whole not in self.facts and not in_force(whole, context):
            self.facts.append(whole)

    def hold_needs(self, statement: Term, context: Context) -> None:
        """What was written has a value: definitions and conditions say so, of claims it was shown or named."""
        if statement.head not in RELATIONS:
            return  # inside a premise or a quantifier nothing is claimed to exist
        if statement.left.head == "call" and statement.left.name in context.definitions:
            return  # a function's arguments are its own: its needs arise where it is applied
        for need in needs(statement, context):
            if free_names(need) <= set(context.symbols):
                self.hold(need, context)

    def learn_wrong(self, statement: Term, step: Step) -> None:
        conclusion = _conclusion(statement)
        self.wrong_statements.append(conclusion)
        if conclusion.head != "eq":
            return
        left = step.origin if step.origin is not None and statement.head == "eq" else conclusion.left
        if left.head not in ("num", "zeros"):
            self.wrong.append((left, conclusion.right))

    def consequences(self, statement: Term, context: Context) -> list[Term]:
        """What a proved step lets later ones use: an implication's conclusion where its premise is in force."""
        if statement.head in ("implies", "iff"):
            premises = {*context.facts, *self.lemmas}
            if all(p in premises or closed(p, context) in premises for p in conjuncts(statement.left)):
                return [statement.right]
            return []
        return [statement]


def _unsettled(verdict: Verdict) -> bool:
    """Whether a line was seen not to follow: one that only the time was too short for may follow all the same."""
    if isinstance(verdict, Undecided):
        return not any(words in verdict.reason for words in (SPENT, OUT_OF_TIME))
    return isinstance(verdict, Refuted)


def _conclusion(statement: Term) -> Term:
    return statement.right if statement.head in ("implies", "iff") else statement


def _is_stationary(step: Step) -> bool:
    """Whether a step sets a derivative, or a chain that begins with one, to zero."""
    statement = step.statement
    if statement is None or statement.head != "eq" or not _sets_to_zero(statement):
        return False
    sides = (*statement.args, step.origin) if step.origin is not None else statement.args
    return any(_is_derivative(side) for side in sides)


def _sets_to_zero(statement: Term) -> bool:
    return any(is_num(side, 0) or side.head == "zeros" for side in statement.args)


def _speaks_of_definition(statement: Term, context: Context) -> bool:
    """Whether an equation says what something is that is settled already: a defined name, or the derivative of what is
    known. That is a claim about it, and no condition."""
    for one, other in ((statement.left, statement.right), (statement.right, statement.left)):
        if not free_names(other):
            continue
        if one.head in ("sym", "call") and one.name in context.definitions:
            return True
        if _is_derivative(one) and not any(_is_unknown_function(node, context) for node in walk(one)):
            return True
    return False


def _is_unknown_function(term: Term, context: Context) -> bool:
    return term.head in ("call", "dcall") and term.name not in context.definitions


def _is_derivative(term: Term) -> bool:
    if term.head in _DERIVATIVES:
        return True
    if term.head in ("neg", "transpose", "entry"):
        return _is_derivative(term.args[0])
    if term.head == "at":
        return _is_derivative(term.args[2])
    if term.head in ("mul", "div"):
        return any(_is_derivative(a) for a in term.args) and all(
            _is_derivative(a) or not any(n.head in _DERIVATIVES for n in walk(a)) for a in term.args
        )
    return False
