"""The statements of `statements.toml`, read as a document would read them.

`worlds` gives the table, `steps` one step for every statement with what is true of it. A statement that cannot be read
is an error here: every one of them is meant to be in reach of the reader.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from derive.language.context import Context
from derive.language.shape import Checked, elaborate
from derive.language.statement import Problem, Step
from derive.reader.formula import read_formula
from derive.reader.givens import read_givens, statements_of

Truth = Literal["true", "false", "conditional"]


class NotRead(Exception):
    """A line of the table that the reader does not read."""


@dataclass(frozen=True)
class World:
    """Givens, and what holds, does not hold, or holds under one more hypothesis only."""

    title: str
    given: tuple[str, ...]
    true: tuple[str, ...]
    false: tuple[str, ...]
    conditional: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One statement of a world."""

    id: str
    given: tuple[str, ...]
    text: str
    truth: Truth


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("statements.toml").read_text(encoding="utf-8"))


def today() -> dict[str, str]:
    """The verdicts of the statements that do not get the verdict they should, by the statement's id."""
    return dict(_table()["today"])


@cache
def worlds() -> tuple[World, ...]:
    """The table."""
    found = _table()["world"]
    lists = ("given", "true", "false", "conditional")
    return tuple(World(w["title"], *(tuple(w.get(name, ())) for name in lists)) for w in found)


def cases(*truths: Truth) -> list[Case]:
    """The statements of some kinds, all where none is named."""
    found = []
    for world in worlds():
        for truth in truths or ("true", "false", "conditional"):
            texts = getattr(world, truth)
            found += [Case(f"{world.title}-{truth}-{k}", world.given, t, truth) for k, t in enumerate(texts, 1)]
    return found


def context_of(given: Iterable[str]) -> Context:
    """What given lines say."""
    found = read_givens([(line, 0) for line in given])
    if found.problems:
        raise NotRead(f"{tuple(given)}: {found.problems}")
    return found.context


def step_of(given: Iterable[str], text: str, name: str = "1") -> Step:
    """A step that claims one formula under given lines."""
    context = context_of(given)
    reading = read_formula(text, context, define=False)
    if isinstance(reading, Problem):
        raise NotRead(f"{text}: {reading}")
    statements = statements_of(reading)
    if len(statements) != 1:
        raise NotRead(f"{text}: {len(statements)} statements")
    checked = elaborate(statements[0], reading.context)
    if not isinstance(checked, Checked):
        raise NotRead(f"{text}: {checked}")
    return Step(name, checked.term, reading.context, source=text)


def step(case: Case) -> Step:
    """The step of a case."""
    return step_of(case.given, case.text, case.id)
