"""Writes `notation.md`: the notation that is read and what is refused, from the notation tables and the tests' data.

`python docs/write_notation.py` writes the page; `tests/docs` says when it has drifted. Every reading and every message
on it is what the reader says now. It knows only notation that has an example.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

from derive.language.context import Context
from derive.language.printing import plain
from derive.language.statement import Problem
from derive.reader import notation
from derive.reader.document import read_document
from derive.reader.formula import conform, read_formula
from derive.reader.givens import read_givens, statements_of
from derive.reader.notation import ROWS
from derive.reader.wording import wording

HERE = Path(__file__).parent
PAGE = HERE / "notation.md"
EXAMPLES = HERE.parent / "tests" / "examples"

HEAD = """# Notation

What is read in a formula, with an example and its plain reading, and what is not read, with the message. This page is
written by `docs/write_notation.py`; do not edit it.

The meaning of a letter comes from the givens: `x_i` is an entry, a member of a family or a name, `A^T` a transpose or
a power, `f(x + 1)` a call or a product, as the letters were declared. What is not declared and fits in one way only is
inferred, and the report lists it. What fits in two ways is refused."""

REFUSALS = """## What is not read

A formula that is not understood whole is *unreadable*; nothing in it is skipped or guessed. The message says what is
wrong, and the report where."""

GIVENS = (
    (r"X \in \mathbb{R}^{n \times d}, full column rank", "a matrix, with a property; n and d are sizes"),
    (r"w, v \in \mathbb{R}^d", "two vectors"),
    (r"\lambda > 0", "a positive number"),
    (r"\beta \in (0, 1)", "a number in an interval"),
    (r"y \in \{-1, 1\}", "one of the values"),
    (r"n \in \mathbb{N}", "a natural number"),
    (r"x_i \in \mathbb{R}, i = 1, \dots, n", "a family of numbers"),
    (r"x^{(i)} \in \mathbb{R}^d, i = 1, \dots, n", "a family of vectors"),
    (r"f : \mathbb{R} \to \mathbb{R}", "a function"),
    (r"\sigma(t) = \frac{1}{1 + e^{-t}}", "a definition"),
    (r"z \to 0", "the limit in which ≈ is judged"),
    (r"X, Y are random variables", "random variables"),
    (r"w_j, j = 1, \dots, n, are i.i.d. random variables", "a random family"),
    (r"\epsilon_i \sim \mathcal{N}(0, \sigma^2), i = 1, \dots, n", "a distribution"),
    (r"A, B are events", "events"),
)

# shown with its own messages; `tests/docs` holds that each is refused
REFUSED = (
    (r"x + * y", ()),
    (r"(a + b", ()),
    (r"a + b)", ()),
    (r"\left( a + b", ()),
    (r"\frac{a}{b", ()),
    (r"x^2^3", ()),
    (r"x^23", ()),
    (r"\foo x", ()),
    (r"a \pm b", ()),
    (r"\log ab", ()),
    (r"\sum_k b_k c", ()),
    (r"\int x^2", ()),
    (r"\int x^2 dx = \frac{x^3}{3}", ()),
    (r"\arg\max f(x)", ()),
    (r"\nabla f = 0", (r"f : \mathbb{R}^d \to \mathbb{R}",)),
    (r"A B = B A", (r"A \in \mathbb{R}^{n \times d}", r"B \in \mathbb{R}^{n \times d}")),
    (r"u + A = 0", (r"A \in \mathbb{R}^{n \times d}", r"u \in \mathbb{R}^n")),
    (r"\frac{a}{u}", (r"u \in \mathbb{R}^n", r"a \in \mathbb{R}")),
    (r"u < v", (r"u, v \in \mathbb{R}^n",)),
    (r"x = 1 \text{ obviously}", ()),
    (r"z \in \mathbb{C}", ()),
)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, title in _tables():
        rows = getattr(importlib.import_module(f"derive.reader.notation.{name}"), "ROWS", ())
        lines = [_row(row) for row in rows if row.example]
        if lines:
            parts += [
                "",
                f"## {title}",
                "",
                "| written | for example | given | is read as |",
                "|---|---|---|---|",
                *lines,
            ]
    parts += ["", "## Givens", "", "| line | says |", "|---|---|"]
    parts += [f"| {_code(line)} | {says} |" for line, says in GIVENS]
    parts += ["", "## Whole formulas", "", "| formula | is read as |", "|---|---|"]
    further = tomllib.loads((EXAMPLES / "further.toml").read_text(encoding="utf8"))["formula"]
    parts += [line for row in further if "reads" in row and "today" not in row for line in _further(row)]
    parts += ["", REFUSALS, "", "| formula | message | at |", "|---|---|---|"]
    parts += [_refused(text, given) for text, given in REFUSED]
    parts += [_refused(row["text"], tuple(row["given"])) for row in further if "place" in row and "today" not in row]
    return "\n".join(parts) + "\n"


def _tables() -> list[tuple[str, str]]:
    """The modules of notation, in the order of their rows, with the first words of their docstrings."""
    found: list[tuple[int, str, str]] = []
    for module in pkgutil.iter_modules(notation.__path__):
        loaded = importlib.import_module(f"derive.reader.notation.{module.name}")
        rows = getattr(loaded, "ROWS", None)
        if rows:
            title = re.split("[.:;]", (loaded.__doc__ or module.name).splitlines()[0])[0]
            found.append((ROWS.index(rows[0]), module.name, title))
    return [(name, title) for _, name, title in sorted(found)]


def _row(row: Any) -> str:
    context = _context(row.givens)
    given = "; ".join(_code(line) for line in row.givens)
    signs = " ".join(_code(sign) for sign in dict.fromkeys(row.signs))
    return f"| {signs} | {_code(row.example)} | {given} | {_cell('; '.join(_readings(row.example, context)))} |"


def _readings(text: str, context: Context) -> list[str]:
    reading = read_formula(text, context)
    if isinstance(reading, Problem):
        raise ValueError(f"an example that is not read: {text}: {wording(reading)}")
    where = reading.context
    if reading.definition is not None:
        where = where.declare(reading.definition[0]).define(reading.definition[1])
    checked = [conform(statement, where) for statement in statements_of(reading)]
    return [wording(c) if isinstance(c, Problem) else plain(c.term) for c in checked]


def _further(row: dict[str, Any]) -> list[str]:
    _, steps = _steps(row["text"], tuple(row["given"]))
    return [f"| {_code(row['text'])} | {_cell('; '.join(plain(s.statement) for s in steps if s.statement))} |"]


def _refused(text: str, given: tuple[str, ...]) -> str:
    document, steps = _steps(text, given)
    problem = next((s.problem for s in steps if s.problem is not None), None)
    if problem is None or problem.span is None:
        raise ValueError(f"an example that should be refused is read: {text}")
    place = document[problem.span.start : problem.span.end]
    return f"| {_code(text)} | {_cell(wording(problem))} | {_code(place) if place.strip() else 'the end'} |"


def _steps(text: str, given: tuple[str, ...]) -> tuple[str, list[Any]]:
    lines = ["```given", *given, "```", ""] if given else []
    document = "\n".join([*lines, f"$${text}$$", ""])
    return document, [s for d in read_document("x.md", document).derivations for s in d.steps]


def _context(givens: tuple[str, ...]) -> Context:
    return read_givens([(line, 0) for line in givens]).context


def _code(text: str) -> str:
    """Text as code in a cell of a table."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{' '.join(text.split())}{fence}".replace("|", "\\|")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf8")
