"""The examples that every procedure carries, read from their notation: proved or declined as they say."""

from __future__ import annotations

import pytest

from derive.language.budget import Budget
from derive.language.decision import Declined, Outcome, Proof
from derive.procedures import PROCEDURES
from derive.procedures.procedure import Example, Procedure
from derive.reader.document import read_document


def decide(procedure: Procedure, example: Example) -> Outcome:
    text = "\n".join(["# x", "", "```given", *example.given, "```", "", "$$", example.step, "$$", ""])
    step = read_document("x.md", text).derivations[-1].steps[-1]
    assert step.statement is not None, step.problem
    assert step.statement.head in procedure.heads
    return procedure.decide(step, Budget(10.0))


def test_every_procedure_has_examples() -> None:
    assert all(p.proves and p.declines for p in PROCEDURES)
    assert len({p.name for p in PROCEDURES}) == len(PROCEDURES)


@pytest.mark.parametrize(("procedure", "example"), [(p, e) for p in PROCEDURES for e in p.proves])
def test_proves(procedure: Procedure, example: Example) -> None:
    assert isinstance(decide(procedure, example), Proof)


@pytest.mark.parametrize(("procedure", "example"), [(p, e) for p in PROCEDURES for e in p.declines])
def test_declines(procedure: Procedure, example: Example) -> None:
    assert isinstance(decide(procedure, example), Declined)
