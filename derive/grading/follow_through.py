"""Is a line right from the student's own earlier error?

An earlier wrong line `Q = R` is taken at its word: where Q is a defined name it is defined as R, else Q stands for R in
this line and in what is in force. The line is then judged anew, in this altered world; or, where the wrong line is an
equation to be met, as its consequence. A premise that no point meets proves nothing, and a line that says only 0 = 0
there is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved, Refuted, StepResult, Verdict
from derive.grading.answer import operates
from derive.grading.judge import Answer, Judge
from derive.language.context import Context, Definition
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, free_names, is_num, make, num, rewrite, substitute, sym


@dataclass(frozen=True, slots=True)
class Error:
    """A wrong line: the position of its step, what it says of what (`quantity` is `value`), and what it claims."""

    position: int
    quantity: Term
    value: Term
    statement: Term


def error_of(position: int, result: StepResult, whole: Term | None) -> Error | None:
    """The error that a wrong step makes, where it is an equation that later lines can be read by.

    `whole` is what its chain says from the start.
    """
    statement = result.statement
    if statement is None:
        return None
    said = statement.right if statement.head in ("implies", "iff") else whole if whole is not None else statement
    return Error(position, said.left, said.right, said) if said.head == "eq" else None


def altered(context: Context, errors: list[Error], judge: Judge) -> World:
    """The world in which the wrong lines are right."""
    quantities: list[tuple[Term, Term]] = []
    for error in errors:
        definition = _redefinition(error, context)
        if definition is not None:
            context = context.define(definition)
        elif operates(error.quantity) or error.quantity.head in ("call", "entry"):
            quantities.append((error.quantity, error.value))
    world = World(context, tuple(quantities))
    return replace(world, context=replace(context, facts=tuple(world.read(f) for f in context.facts)))


@dataclass(frozen=True, slots=True)
class World:
    """What is in force once wrong lines are taken at their word."""

    context: Context
    quantities: tuple[tuple[Term, Term], ...]

    def read(self, term: Term) -> Term:
        """A formula as it is to be read there."""
        if not self.quantities:
            return term
        table = dict(self.quantities)
        return rewrite(term, table.get)

    def reads(self, statement: Term) -> Term | None:
        """A statement as it is to be read there, its shapes checked."""
        checked = elaborate(self.read(statement), self.context)
        return checked.term if isinstance(checked, Checked) else None


def _redefinition(error: Error, context: Context) -> Definition | None:
    """A defined name defined anew, by a wrong line about it."""
    quantity = error.quantity
    if quantity.head not in ("sym", "call") or quantity.name not in context.definitions:
        return None
    old = context.definitions[quantity.name]
    if old.ranges or len(old.params) != len(quantity.args) or any(a.head != "sym" for a in quantity.args):
        return None
    if quantity.name in free_names(error.value):
        return None
    body = substitute(error.value, {a.name: sym(p) for a, p in zip(quantity.args, old.params, strict=True)})
    return replace(old, body=body)


def from_own_line(
    result: StepResult, errors: list[Error], before: Term | None, base: Context, judge: Judge
) -> tuple[Answer, Verdict | None]:
    """Whether a wrong step is right from the wrong lines before it, and its verdict there.

    `before` is what the student's previous line says, where that is wrong or follows from a wrong one; `base` is what
    the question has in force.
    """
    statement = result.statement
    if statement is None or not errors:
        return "no", None
    unknown = False
    here = (result.judged or result.step).context
    world = altered(here, errors, judge)
    there = world.reads(statement)
    changed = there != statement or world.context.facts != here.facts or world.context.definitions != here.definitions
    if there is not None and changed:
        verdict = _judged(result.step, there, world.context, judge)
        if isinstance(verdict, Proved | Conditional):
            plain = altered(base, errors, judge)
            return ("no", None) if says_nothing(there, plain.context, judge) else ("yes", verdict)
        unknown = not isinstance(verdict, Proved | Conditional | Refuted)
    said = statement.right if statement.head in ("implies", "iff") else statement
    if before is not None and before != said and not operates(before):
        verdict = _judged(result.step, make("implies", before, said), base, judge)
        if isinstance(verdict, Proved | Conditional):
            if judge.can_hold(before, base) and not says_nothing(said, base, judge):
                return "yes", verdict
            return "no", None
        unknown = unknown or not isinstance(verdict, Refuted)
    return ("unknown" if unknown else "no"), None


def _judged(step: Step, statement: Term, context: Context, judge: Judge) -> Verdict | None:
    checked = elaborate(statement, context)
    if not isinstance(checked, Checked) or not checked.shape.statement:
        return None
    again = replace(step, statement=checked.term, context=context, kind="claim", origin=None, spot=None)
    return check_step(again, replace(judge.settings, search=False), judge.engines).verdict


def says_nothing(statement: Term, context: Context, judge: Judge) -> bool:
    """Whether an equation says only that 0 is 0."""
    said = statement.right if statement.head in ("implies", "iff") else statement
    if said.head != "eq":
        return False
    return all(_is_zero(side, context, judge) for side in said.args)


def _is_zero(term: Term, context: Context, judge: Judge) -> bool:
    if is_num(term, 0) or term.head == "zeros":
        return True
    return judge.holds(make("eq", term, num(0)), context) == "yes"
