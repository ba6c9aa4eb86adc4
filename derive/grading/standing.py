"""What each step of a student is worth: valid, valid from an earlier error, wrong, or for a person to look at.

The checker's verdict comes first. A refuted line may still be what the question itself sets (an equation of the key
that the student did not derive anew), a hypothesis that the student names, or right from the student's own earlier
error; a conditional one is wrong where its condition is nobody's. An error costs once: what follows from it is valid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from derive.checking.verdict import Conditional, Proved, Refuted, Stated, StepResult
from derive.grading.answer import Asked, expanded, fit, is_equivalent, operates
from derive.grading.assumptions import Assumptions
from derive.grading.chains import from_start
from derive.grading.follow_through import Error, altered, error_of, from_own_line, says_nothing
from derive.grading.judge import Judge
from derive.grading.model import Model
from derive.grading.symbols import plain_of
from derive.language.context import Context
from derive.language.edits import flat
from derive.language.heads import RELATIONS
from derive.language.printing import plain
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, free_names, is_num, make

Standing = Literal["valid", "follows", "wrong", "unknown", "nothing"]
"""`follows`: valid from the student's own earlier error. `nothing`: a definition or the like, which earns nothing."""


_SET = "the question sets it"


@dataclass(frozen=True, slots=True)
class Stood:
    """A step with what it is worth and why; `error` is what it gets wrong, where later lines may be read by it."""

    result: StepResult
    standing: Standing
    reason: str = ""
    error: Error | None = None

    @property
    def said(self) -> Term | None:
        """What the step says: its statement, or an arrow's conclusion."""
        statement = self.result.statement
        return statement.right if statement is not None and statement.head in ("implies", "iff") else statement


class Standings:
    """The steps of a student's answer to one question, judged in order."""

    def __init__(self, model: Model, question: Context, assumptions: Assumptions, judge: Judge) -> None:
        self.model = model
        self.question = question
        self.assumptions = assumptions
        self.judge = judge
        self.errors: list[Error] = []
        self.found: list[Stood] = []

    def all(self, results: tuple[StepResult, ...]) -> tuple[Stood, ...]:
        """What every step is worth."""
        wholes = from_start([(r.step, r.statement) for r in results])
        for position, result in enumerate(results):
            stood = self.one(result)
            if stood.standing in ("wrong", "unknown"):
                error = stood.error or error_of(position, result, wholes[position])
                if error is not None and stood.standing == "wrong":
                    self.errors.append(error)
                    stood = replace(stood, error=error)
            self.found.append(stood)
        return tuple(self.found)

    def one(self, result: StepResult) -> Stood:
        """What a step is worth."""
        verdict = result.verdict
        false = self.false_link(result)
        if false is not None:
            told = f"it starts from {plain(false)}, which is false"
            return Stood(result, "wrong", told, Error(len(self.found), false.left, false.right, false))
        match verdict:
            case Stated():
                return self.stated(result)
            case Proved():
                if self.is_trivial(result):
                    return Stood(result, "nothing", "it says that something is itself")
                if not result.carried:
                    return Stood(result, "valid")
                return self.carried(result)
            case Conditional():
                return self.conditional(result, verdict)
            case Refuted():
                return self.refuted(result)
            case _ if result.statement is None:
                return Stood(result, "unknown", "it cannot be read")
            case _:
                return self.undecided(result, result.statement)

    def false_link(self, result: StepResult) -> Term | None:
        """A false claim in the chain that an arrow starts from, which is no step of its own."""
        statement, context = result.statement, result.step.context
        if statement is None or statement.head not in ("implies", "iff"):
            return None
        links = conjuncts(statement.left)
        if len(links) < 2 or any(s.result.statement == statement.left for s in self.found):
            return None
        for link in links:
            if link.head != "eq" or is_num(link.right) or link.right.head == "zeros":
                continue
            told = any(conjuncts(s.said) == (link,) for s in self.found if s.said is not None)
            if not told and self.judge.holds(link, context) == "no" and not self.is_set(link, context):
                return link
        return None

    def is_trivial(self, result: StepResult) -> bool:
        """Whether a step says that something is itself, or compares two numbers."""
        statement = result.statement
        if statement is None or statement.head not in RELATIONS:
            return False
        return flat(statement.left) == flat(statement.right) or all(is_num(side) for side in statement.args)

    def carried(self, result: StepResult) -> Stood:
        statement = result.statement
        assert statement is not None
        if says_nothing(statement, result.step.context, self.judge):
            return Stood(result, "wrong", "after the earlier mistake it says only that 0 is 0")
        return Stood(result, "follows", "it is right from the mistake before it")

    def undecided(self, result: StepResult, statement: Term) -> Stood:
        """A step that is neither proved nor refuted: the key may have proved what it says."""
        conclusion = statement.right if statement.head in ("implies", "iff") else statement
        context = result.step.context
        if any(fit(a, conclusion, context, self.question, self.judge) == "answers" for a in self.model.statements):
            return Stood(result, "valid", "the key shows it")
        return Stood(result, "unknown", "it could not be decided")

    # what was stated

    def stated(self, result: StepResult) -> Stood:
        verdict, statement = result.verdict, result.statement
        assert isinstance(verdict, Stated)
        if statement is None or verdict.what == "definition" or result.step.kind == "condition":
            return Stood(result, "nothing")
        if verdict.what == "update":
            return self.update(result, statement)
        if sets_to_zero(result.step, statement) or self.is_set(statement, result.step.context):
            return Stood(result, "nothing")
        return self.assumed(result, statement)

    def update(self, result: StepResult, statement: Term) -> Stood:
        """A first update rule: the key's for the same quantity says what it must be."""
        rules = [u for u in self.model.updates if flat(u.left) == flat(statement.left)]
        if not rules:
            return Stood(result, "nothing")
        answers = {self.judge.same(u.right, statement.right, result.step.context) for u in rules}
        if "yes" in answers:
            return Stood(result, "nothing")
        if answers != {"no"}:
            return Stood(result, "unknown", "whether it is the key's update was not decided")
        if self.errors:
            world = altered(result.step.context, self.errors, self.judge)
            mine = world.read(statement.right)
            if any(self.judge.same(world.read(u.right), mine, world.context) == "yes" for u in rules):
                return Stood(result, "follows", "it is right from the mistake before it")
        return Stood(result, "wrong", "it is another update than the one that is asked for")

    def is_set(self, statement: Term, context: Context) -> bool:
        """Whether the question itself sets an equation: it is one of the key's, or as good as one."""
        conclusion = statement.right if statement.head in ("implies", "iff") else statement
        if not self.model.imposed:
            return False
        return any(self.is_one(a, conclusion, context) for a in self.model.statements if a.form != "value")

    def is_one(self, equation: Asked, statement: Term, context: Context) -> bool:
        if operates(expanded(statement, context, frozenset(self.question.symbols))) or operates(equation.statement):
            if statement.head != "eq" or equation.form != "equation":
                return False
            return is_equivalent(equation, statement, context, self.question, self.judge)
        return fit(equation, statement, context, self.question, self.judge) == "answers"

    def assumed(self, result: StepResult, statement: Term) -> Stood:
        """An equation that the student sets and the key does not."""
        context = result.step.context
        if self.has_unknown(statement, context):
            return Stood(result, "unknown", "it sets a quantity of the student's own")
        answer = self.judge.holds(statement, context, self.model.imposed)
        if answer == "yes":
            return Stood(result, "valid")
        if self.errors:
            world = altered(context, self.errors, self.judge)
            imposed = [world.read(f) for f in self.model.imposed]
            there = world.read(statement)
            if self.judge.holds(there, world.context, imposed) == "yes":
                if says_nothing(there, world.context, self.judge):
                    return Stood(result, "wrong", "after the earlier mistake it says only that 0 is 0")
                return Stood(result, "follows", "it is right from the mistake before it")
        if answer == "no":
            return Stood(result, "wrong", "it does not follow from what the question sets")
        return Stood(result, "unknown", "it is assumed, and whether it follows was not decided")

    def has_unknown(self, statement: Term, context: Context) -> bool:
        """Whether a statement speaks of a quantity that is the student's own and that nothing defines."""
        return bool(unknown_names(statement, context, self.question))

    # what holds only sometimes, or not

    def conditional(self, result: StepResult, verdict: Conditional) -> Stood:
        """A step that holds under a condition: whose is it?"""
        context = result.step.context
        if verdict.needed is None:
            return Stood(result, "valid")
        conditions = verdict.proof.conditions
        if all(self.judge.entails(self.model.conditions, c, context) for c in conditions):
            return Stood(result, "valid")
        told = " and ".join(plain(c) for c in conditions)
        named = (*self.model.conditions, *self.assumptions.named)
        if self.assumptions.named and all(self.judge.entails(named, c, context) for c in conditions):
            return Stood(result, "unknown", f"it holds if {told}, which the student assumes and the key does not")
        return Stood(result, "wrong", f"it holds only if {told}, which nothing says")

    def refuted(self, result: StepResult) -> Stood:
        statement, context = result.statement, result.step.context
        if statement is None:
            return Stood(result, "wrong", "the shapes do not conform")
        if not claims_value(result.step, statement) and self.is_set(statement, context):
            return Stood(replace(result, verdict=Stated("condition", _SET)), "valid", _SET)
        origin = result.step.origin
        if statement.head == "eq" and origin is not None and origin != statement.left:
            whole = make("eq", origin, statement.right)
            found = self.judge.verdict(whole, (result.judged or result.step).context)
            if isinstance(found, Proved):
                note = "it is true from the start of the chain, past the wrong line before it"
                return Stood(replace(result, verdict=found, note=note), "valid", note)
        if self.has_unknown(statement, context):
            return Stood(result, "unknown", "it speaks of a quantity that neither the key nor the student defines")
        if self.names_hypothesis(statement, context):
            self.assumptions.named.append(statement)
            named = "it names a hypothesis"
            return Stood(replace(result, verdict=Stated("condition", named)), "nothing", named)
        there = (result.judged or result.step).context
        under = self.judge.verdict(statement, there, self.model.conditions) if self.model.conditions else None
        if isinstance(under, Proved):
            told = " and ".join(plain(c) for c in self.model.conditions)
            proof = replace(under.proof, conditions=self.model.conditions)
            shown = replace(result, verdict=Conditional(proof, None, under.spot_checks))
            return Stood(shown, "valid", f"it holds if {told}, as in the key")
        answer, verdict = from_own_line(result, self.errors, self.before(), context, self.judge)
        if answer == "yes":
            assert verdict is not None
            note = "valid from the wrong line before it; from the start it is false"
            carried = replace(result, verdict=verdict, carried=True, note=note)
            return Stood(carried, "follows", "it is right from the mistake before it")
        if answer == "unknown":
            return Stood(result, "unknown", "it is false; whether it follows from the mistake before it is undecided")
        if self.assumptions.named and self.judge.holds(statement, context, self.assumptions.named) == "yes":
            return Stood(result, "unknown", "it holds under what the student assumes and the key does not")
        return Stood(result, "wrong", "it is false")

    def before(self) -> Term | None:
        """What the line before says, where it is wrong or follows from a wrong one."""
        for stood in reversed(self.found):
            if stood.standing == "nothing":
                continue
            return stood.said if stood.standing in ("wrong", "follows", "unknown") else None
        return None

    def names_hypothesis(self, statement: Term, context: Context) -> bool:
        """Whether a statement is a hypothesis that the key's derivation needs, or says as much."""
        if statement.head == "eq" or not self.model.conditions:
            return False
        return any(self.judge.entails([statement], c, context) for c in self.model.conditions)


def claims_value(step: Step, statement: Term) -> bool:
    """Whether a statement says what a derivative or the like is: no condition, though `∇L = 2 ∇L` holds where
    `∇L = 0` does."""
    if statement.head != "eq" or any(is_num(side, 0) or side.head == "zeros" for side in statement.args):
        return False
    return any(operates(side) for side in (statement, step.origin) if side is not None)


def unknown_names(statement: Term, context: Context, question: Context) -> list[str]:
    """The names in a statement that stand for quantities which neither the question has nor the student defines."""
    found = []
    for name in sorted(free_names(statement) - set(question.symbols) - set(context.definitions)):
        symbol = context.symbols.get(name)
        if symbol is not None and symbol.role == "variable" and plain_of(name, symbol, question) is None:
            found.append(name)
    return found


def sets_to_zero(step: Step, statement: Term) -> bool:
    """Whether a derivative, or a chain that begins with one, is set to zero."""
    zero = any(is_num(side, 0) or side.head == "zeros" for side in statement.args)
    return zero and any(operates(t) for t in (statement, step.origin) if t is not None)
