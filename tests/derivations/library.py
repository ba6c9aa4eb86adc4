"""The library's derivations as documents, and their false variants as data.

`paths` gives the files, `load` one of them with its text changed, `steps` its steps in order, and `alone` one step with
what is in force there. `variants` are the tables in `variants/`, one for each folder of the library.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from derive.language.statement import Derivation, Document
from derive.loading import load as load_target
from derive.reader.script import load_script
from derive.targets import Target, documents_in

LIBRARY = Path(__file__).parents[2] / "derivations"
TABLES = Path(__file__).parent / "variants"
CLAIMS = ("claim", "open")


@dataclass(frozen=True, slots=True)
class Variant:
    """One mistake: the text `was` becomes `now`, and the step of that number then has `verdict` (`open`: unproved)."""

    derivation: str
    kind: str
    step: int
    was: str
    now: str
    verdict: str = "refuted"
    condition: str = ""
    homework: str = ""
    also: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.derivation}-{self.step}-{self.kind}"


@cache
def paths() -> dict[str, Path]:
    """Every file of the library, by the name under which it can be checked."""
    found = list(documents_in(LIBRARY))
    assert len({p.stem for p in found}) == len(found), "two derivations have the same name"
    return {p.stem: p for p in found}


@cache
def variants() -> tuple[Variant, ...]:
    """The rows of all tables."""
    rows = [row for table in sorted(TABLES.glob("*.toml")) for row in tomllib.loads(table.read_text("utf8"))["variant"]]
    return tuple(Variant(**{**row, "also": tuple((w, n) for w, n in row.get("also", ()))}) for row in rows)


@cache
def text_of(name: str) -> str:
    """What stands in a file."""
    return paths()[name].read_text("utf8")


def load(name: str, *changes: tuple[str, str]) -> Document:
    """A file of the library with texts changed, each of which stands in it exactly once."""
    text = text_of(name)
    for was, now in changes:
        assert text.count(was) == 1, f"{was!r} stands {text.count(was)} times in {name}"
        text = text.replace(was, now)
    path = paths()[name]
    document = load_script(path.name, text) if path.suffix == ".py" else load_target(Target(path.name, text=text))
    assert document.problem is None
    return document


def steps(document: Document) -> Iterator[tuple[Derivation, int]]:
    """Every step of a document, as its derivation and its position there."""
    return ((derivation, k) for derivation in document.derivations for k in range(len(derivation.steps)))


def alone(derivation: Derivation, position: int) -> Derivation:
    """A derivation up to a step, without the claims before it."""
    before = (s for s in derivation.steps[:position] if s.kind not in CLAIMS)
    return replace(derivation, steps=(*before, derivation.steps[position]))
