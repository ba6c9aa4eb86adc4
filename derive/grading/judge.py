"""The prover as marking asks it: does this hold here, are these two the same?

Every question is one step for `checking.step`, so an answer is a verdict with all that a verdict promises; `unknown` is
what is neither proved nor refuted. Answers are kept, because one line is compared with many. No hypothesis is searched
for: two expressions that agree only under one that nobody stated are not the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from derive.checking.alarm import alarm
from derive.checking.engines import Engines, Settings
from derive.checking.hypotheses import can_hold
from derive.checking.needs import assume, in_force
from derive.checking.prove import prove
from derive.checking.step import check_step, refuted
from derive.checking.verdict import Conditional, Proved, Refuted, Undecided, Verdict
from derive.grading.memory import remembering_engines
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context
from derive.language.decision import Proof
from derive.language.edits import flat
from derive.language.shape import Checked, elaborate
from derive.language.statement import Problem, Step
from derive.language.term import Term, make, walk

Answer = Literal["yes", "no", "unknown"]

_SHAPES = frozenset(["shapes-differ", "product-does-not-conform", "scalar-expected", "statement-expected"])
_WITNESS_SECONDS = 0.3
_GLANCE_SECONDS = 0.3


@dataclass(slots=True)
class Judge:
    """Asks the prover, and remembers its answers."""

    settings: Settings
    engines: Engines = field(default_factory=remembering_engines)
    known: dict[tuple[Term, int], tuple[Context, Verdict]] = field(default_factory=dict)

    def verdict(self, statement: Term, context: Context, facts: Iterable[Term] = ()) -> Verdict | Problem:
        """The verdict of a claim where a context and some more facts are in force; a problem where it has no shape."""
        extra = tuple(facts)
        if extra:
            return self._verdict(statement, assume(context, extra))
        key = (statement, id(context))
        if key not in self.known:
            found = self._verdict(statement, context)
            if isinstance(found, Problem):
                return found
            self.known[key] = (context, found)
        return self.known[key][1]

    def _verdict(self, statement: Term, context: Context) -> Verdict | Problem:
        checked = elaborate(statement, context)
        if isinstance(checked, Problem):
            return checked
        if not checked.shape.statement:
            return Undecided("this is no statement")
        step = Step("marking", checked.term, context)
        return self._refuted(step) or check_step(step, replace(self.settings, search=False), self.engines).verdict

    def _refuted(self, step: Step) -> Verdict | None:
        """A refutation of an equation by one of the first points: most pairs that are compared differ there."""
        statement = step.statement
        assert statement is not None
        if statement.head != "eq" or any(n.head == "deriv" and n.value is not None for n in walk(statement)):
            return None
        try:
            with alarm(_GLANCE_SECONDS + 0.05):
                found = self.engines.refute(step, self.settings.seed, Budget(_GLANCE_SECONDS))
        except BudgetSpent:
            return None
        verdict = refuted(step, found) if found is not None else None
        return verdict if isinstance(verdict, Refuted) else None

    def proves(self, statement: Term, context: Context) -> bool:
        """Whether a claim is proved, where nothing needs to be known of one that is not."""
        checked = elaborate(statement, context)
        if not isinstance(checked, Checked) or not checked.shape.statement:
            return False
        step = Step("marking", checked.term, context)
        budget = Budget(self.settings.budget * 0.6)
        try:
            with alarm(budget.seconds + 0.05):
                outcome = prove(step, self.engines, budget)
        except BudgetSpent:
            return False
        return isinstance(outcome, Proof) and not outcome.conditions and self.holds(statement, context) == "yes"

    def holds(self, statement: Term, context: Context, facts: Iterable[Term] = ()) -> Answer:
        """Whether a claim holds without any condition."""
        found = self.verdict(statement, context, facts)
        if isinstance(found, Proved):
            return "yes"
        if isinstance(found, Problem):
            return "no" if found.code in _SHAPES else "unknown"
        refuted = isinstance(found, Refuted) or (isinstance(found, Conditional) and found.needed is not None)
        return "no" if refuted else "unknown"

    def entails(self, facts: Iterable[Term], statement: Term, context: Context) -> bool:
        """Whether a statement is one of some facts, or follows from them and what is in force."""
        extra = tuple(facts)
        if in_force(statement, assume(context, extra)):
            return True
        return self.holds(statement, context, extra) == "yes"

    def same(self, left: Term, right: Term, context: Context) -> Answer:
        """Whether two expressions have the same value, and a value at the same places."""
        if flat(left) == flat(right):
            return "yes"
        forth = self.holds(make("eq", left, right), context)
        if forth != "unknown":
            return forth
        # `1 = x/x` needs a condition that `x/x = 1` does not
        return "unknown" if self.holds(make("eq", right, left), context) != "no" else "no"

    def can_hold(self, statement: Term, context: Context) -> bool:
        """Whether a point was found at which a statement holds with what is in force."""
        checked = elaborate(statement, context)
        if not isinstance(checked, Checked):
            return False
        step = Step("marking", checked.term, context)
        try:
            return can_hold(step, (checked.term,), self.engines, self.settings.seed, Budget(_WITNESS_SECONDS))
        except BudgetSpent:
            return False
