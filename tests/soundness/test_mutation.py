"""A seeded sample of mutants of the project's true steps: what a point opposes is not proved.

`python -m tests.soundness --mutate all` tries all of them.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from derive.language.printing import plain

from .mutate import Tried, attempt
from .mutations import CHANGES, mutants
from .true_steps import SOURCES, true_steps

SAMPLE = {"library": 24, "homework": 8, "fifteen": 8, "identities": 14, "mended": 10, "examples": 6}


def tried(source: str) -> list[Tried]:
    """Two mutants of each of some steps of a source."""
    steps = random.Random(2).sample(true_steps(source), SAMPLE[source])
    return [attempt(mutant, 1.0) for step in steps for mutant in mutants(step, 7, 2)]


@pytest.mark.parametrize("source", SOURCES)
def test_no_mutant_is_proved_though_false(source: str) -> None:
    found = tried(source)
    assert not [str(t) for t in found if t.wrong]
    outcomes = Counter(t.outcome for t in found)
    assert outcomes["false"] > len(found) // 3, outcomes


def test_there_are_at_least_twenty_mutants_of_almost_every_step() -> None:
    steps = random.Random(0).sample(true_steps("library"), 40)
    assert sum(len(list(mutants(step, 0, 20))) == 20 for step in steps) >= 38


def test_every_kind_of_change_occurs() -> None:
    kinds = {m.kind for source in SOURCES for step in true_steps(source)[::8] for m in mutants(step, 0, 20)}
    assert kinds >= CHANGES.keys()


def test_mutants_differ_from_their_step_and_from_one_another() -> None:
    for step in true_steps("homework")[:10]:
        found = [m.step.statement for m in mutants(step, 3, 30)]
        assert len(set(found)) == len(found)
        assert step.statement not in found, plain(step.statement) if step.statement else ""
