"""Small changes of the library's steps are never proved where a counterexample is known.

Each claim of each script is changed in one place at a time (a sign, a factor, a transpose, an index, a name, an end of
a range, a direction). What a procedure then proves without conditions must not be refuted by the numeric route.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from derive.language.budget import Budget, BudgetSpent
from derive.language.decision import Proof
from derive.language.printing import plain
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, make, num, sym
from derive.numeric.certify import refute
from derive.procedures import PROCEDURES
from derive.reader.script import load_script

SCRIPTS = sorted((Path(__file__).parent.parent.parent / "derivations").glob("*.py"))
EACH = 4
ONE_ARGUMENT = ("neg", "transpose", "exp", "log", "abs", "sign", "inverse", "expect", "variance")


def changed(term: Term, names: list[str]) -> Iterator[Term]:
    """The term with one change at its root or deeper."""
    args = term.args
    if term.head in ("add", "mul") and len(args) > 1:
        for k in range(len(args)):
            rest = args[:k] + args[k + 1 :]
            yield rest[0] if len(rest) == 1 else term.with_args(rest)
    if term.head == "mul" and len(args) == 2:
        yield term.with_args(args[::-1])
    if term.head in ONE_ARGUMENT or term.head in ("pow", "div"):
        yield args[0]
    if term.head == "num":
        yield num(term.value + 1)
    if term.head == "sym":
        yield from (sym(name) for name in names if name != term.name)
    if term.head == "sum":
        yield term.with_args((args[0], make("add", args[1], num(1)), *args[2:]))
        yield term.with_args((*args[:2], make("add", args[2], make("neg", num(1))), *args[3:]))
    if term.head in ("argmax", "argmin"):
        yield replace(term, head="argmin" if term.head == "argmax" else "argmax")
    for k, arg in enumerate(args):
        for new in changed(arg, names):
            yield term.with_args((*args[:k], new, *args[k + 1 :]))


def mutants(step: Step) -> Iterator[Step]:
    """Some changed versions of a step that conform."""
    assert step.statement is not None
    symbols = step.context.symbols.values()
    names = sorted(s.name for s in symbols if s.role in ("variable", "index", "size"))
    pool = list(changed(step.statement, names))
    random.Random(step.id).shuffle(pool)
    found = 0
    for statement in pool:
        checked = elaborate(statement, step.context)
        if isinstance(checked, Checked) and checked.term != step.statement:
            yield replace(step, statement=checked.term, origin=None, spot=None)
            found += 1
        if found == EACH:
            return


def proved(step: Step) -> bool:
    """Whether a procedure proves the step without conditions."""
    assert step.statement is not None
    for procedure in PROCEDURES:
        if step.statement.head in procedure.heads:
            try:
                outcome = procedure.decide(step, Budget(2))
            except BudgetSpent:
                continue
            if isinstance(outcome, Proof):
                return not outcome.conditions
    return False


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_no_changed_step_is_both_proved_and_refuted(path: Path) -> None:
    for derivation in load_script(path).derivations:
        for step in derivation.steps:
            for mutant in mutants(step) if step.kind == "claim" else ():
                if proved(mutant):
                    assert mutant.statement is not None
                    try:
                        against = refute(mutant, 1, Budget(1))
                    except BudgetSpent:
                        continue
                    assert against is None, f"{step.id}: {plain(mutant.statement)} is false at {against.values}"
