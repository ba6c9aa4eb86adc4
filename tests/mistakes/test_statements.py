"""A table of false statements: which mistake is named, and whether the mended statement is the right one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from derive.checking.engines import default_engines
from derive.checking.prove import prove
from derive.checking.verdict import Refuted, StepResult
from derive.language.budget import Budget
from derive.language.decision import Proof
from derive.language.printing import plain
from derive.language.shape import Checked, elaborate
from derive.language.term import make
from derive.mistakes.mistake import Diagnosis

from .telling import judged, told

WANTED = 0.7  # of the refuted statements, the share whose kind is named and whose mending is the right one


@dataclass(frozen=True)
class Case:
    kind: str
    given: tuple[str, ...]
    steps: tuple[str, ...]
    mended: str


TABLE = tomllib.loads((Path(__file__).parent / "statements.toml").read_text(encoding="utf8"))["case"]
CASES = [Case(c["kind"], tuple(c["given"]), tuple(c["steps"]), c["mended"]) for c in TABLE]


@cache
def found(case: Case) -> tuple[StepResult, Diagnosis | None]:
    return told(case.given, *case.steps)


def is_right(case: Case) -> bool:
    """Whether the offered statement says what the table says."""
    result, diagnosis = found(case)
    assert diagnosis is not None
    wanted = judged(case.given, *case.steps[:-1], case.mended).statement
    offered, step = diagnosis.suggestion, result.judged or result.step
    assert wanted is not None
    if plain(wanted) == plain(offered):
        return True
    if wanted.head != offered.head or wanted.head not in ("eq", "iff"):
        return False
    checked = elaborate(make(wanted.head, wanted.right, offered.right), step.context)
    if not isinstance(checked, Checked):
        return False
    there = replace(step, statement=checked.term, problem=None, origin=None)
    return isinstance(prove(there, default_engines(), Budget(3.0)), Proof)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.steps[-1][:50])
def test_what_is_offered_is_proved(case: Case) -> None:
    result, diagnosis = found(case)
    assert isinstance(result.verdict, Refuted)
    if diagnosis is None:
        return
    step = result.judged or result.step
    checked = elaborate(diagnosis.suggestion, step.context)
    assert isinstance(checked, Checked)
    outcome = prove(replace(step, statement=checked.term, problem=None, origin=None), default_engines(), Budget(3.0))
    assert isinstance(outcome, Proof)
    assert not outcome.conditions or "as before" in diagnosis.message


def test_most_mistakes_are_named_and_mended() -> None:
    right = [c for c in CASES if (d := found(c)[1]) is not None and d.kind == c.kind and is_right(c)]
    assert len(CASES) >= 60
    assert len(right) / len(CASES) >= WANTED


def test_hardly_any_mending_is_another_than_meant() -> None:
    named = [c for c in CASES if found(c)[1] is not None]
    assert sum(1 for c in named if is_right(c)) / len(named) >= 0.9


@pytest.mark.parametrize("case", CASES[::3], ids=lambda c: c.steps[-1][:50])
def test_a_true_step_has_no_diagnosis(case: Case) -> None:
    result, diagnosis = told(case.given, *case.steps[:-1], case.mended)
    assert not isinstance(result.verdict, Refuted)
    assert diagnosis is None
