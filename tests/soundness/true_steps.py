"""Every step that is held to be true somewhere in the project: the library, the tables of the tests, the examples.

`true_steps` gives them by the name of their source, as steps with what their document or table declares.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from derive.language.statement import Step
from derive.loading import load
from derive.procedures import PROCEDURES
from derive.reader.document import read_document
from derive.targets import Target, documents_in
from tests.identities.table import cases
from tests.identities.table import step as step_of_case

ROOT = Path(__file__).parents[2]
CLAIMS = ("claim", "open")


def _claims(name: str, path_or_text: Path | str) -> Iterator[Step]:
    """The claims of a file or a Markdown text."""
    if isinstance(path_or_text, Path):
        document = load(Target(str(path_or_text)))
    else:
        document = read_document("x.md", path_or_text)
    steps = [step for derivation in document.derivations for step in derivation.steps]
    for number, step in enumerate(steps, 1):
        if step.kind in CLAIMS and step.statement is not None:
            yield replace(step, id=f"{name}/{number}", kind="claim")


def _text(given: Iterable[str], lines: Iterable[str]) -> str:
    blocks = (part for line in lines for part in ("$$", line, "$$", ""))
    return "\n".join(["# x", "", "```given", *given, "```", "", *blocks])


def library() -> Iterator[Step]:
    """The derivations of the library."""
    for path in documents_in(ROOT / "derivations"):
        yield from _claims(path.stem, path)


def homework() -> Iterator[Step]:
    """The corrected homework."""
    for path in sorted((ROOT / "examples" / "homework" / "corrected").glob("*.md")):
        yield from _claims(path.stem, path)


def fifteen() -> Iterator[Step]:
    """The fifteen derivations of other lectures."""
    table = tomllib.loads((ROOT / "tests" / "examples" / "fifteen.toml").read_text("utf8"))
    for row in table["derivation"]:
        yield from _claims(row["name"], _text(row["given"], (line["formula"] for line in row["lines"])))


def identities() -> Iterator[Step]:
    """The true statements of the table of identities."""
    for case in cases("true"):
        yield step_of_case(case)


def mended() -> Iterator[Step]:
    """The mended statements of the table of mistakes, where they can stand alone."""
    table = tomllib.loads((ROOT / "tests" / "mistakes" / "statements.toml").read_text("utf8"))
    for number, case in enumerate(table["case"], 1):
        if len(case["steps"]) == 1:
            yield from _claims(f"mended {number}", _text(case["given"], [case["mended"]]))


def examples() -> Iterator[Step]:
    """What the procedures say that they prove."""
    for procedure in PROCEDURES:
        for number, example in enumerate(procedure.proves, 1):
            yield from _claims(f"{procedure.name} {number}", _text(example.given, [example.step]))


SOURCES: dict[str, Callable[[], Iterator[Step]]] = {
    "library": library,
    "homework": homework,
    "fifteen": fifteen,
    "identities": identities,
    "mended": mended,
    "examples": examples,
}


@cache
def true_steps(source: str) -> tuple[Step, ...]:
    """The true steps of a source."""
    return tuple(SOURCES[source]())
