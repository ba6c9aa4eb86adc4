"""Writes `procedures.md` and `script-reference.md`: what is decided, and what a proof script can say, from the code.

`python docs/write_reference.py` writes the pages; `tests/docs` says when they have drifted. The examples on the first
are the tests of the procedures, the sentences on the second the docstrings of `derive.script`.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import derive.script
from derive.procedures import PROCEDURES
from derive.procedures.procedure import Example, Procedure
from derive.script import Script

HERE = Path(__file__).parent

PROCEDURES_HEAD = """# What is decided

A step is shown to these procedures in turn, and the first that proves it, without hypotheses where that can be done,
gives its method; all of them decline what is not their business. Each example is a test: what is *proved* must be
proved, and what is *not* must be declined. Refutations are another matter: a counterexample may be found for any step
that has a numeric form.

This page is written by `docs/write_reference.py`; do not edit it."""

SCRIPT_HEAD = """# What a proof script can say

[Proof scripts](scripts.md) shows how these go together. Everything here but the methods of `d` is imported from
`derive.script`. `otherwise` is the last condition of `cases`, and `undefined` what a branch without a value has.

This page is written by `docs/write_reference.py`; do not edit it."""


def pages() -> dict[str, str]:
    """The name and text of every page."""
    return {"procedures.md": _procedures(), "script-reference.md": _script()}


def _procedures() -> str:
    parts = [PROCEDURES_HEAD]
    for procedure in PROCEDURES:
        parts += [f"## {_capital(procedure.name)}", f"{_capital(procedure.summary).rstrip('.')}.", _about(procedure)]
        for title, examples in (("Proved", procedure.proves), ("Not", procedure.declines)):
            if examples:
                parts += [f"*{title}*", *(_example(e) for e in examples)]
    return "\n\n".join(parts).replace("\n\n\n", "\n\n") + "\n"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _about(procedure: Procedure) -> str:
    text = inspect.getdoc(sys.modules[procedure.decide.__module__]) or ""
    return text.partition("\n\n")[2]


def _example(example: Example) -> str:
    given = ["```given", *example.given, "```", ""] if example.given else []
    return "\n".join([*given, "```math", example.step, "```"])


def _script() -> str:
    parts = [SCRIPT_HEAD]
    seen: set[str] = set()
    for owner in reversed(Script.__mro__[:-1]):
        names = [n for n, f in vars(owner).items() if not n.startswith("_") and callable(f) and n not in seen]
        seen |= set(names)
        if names:
            rows = [(f"d.{n}{_signature(getattr(owner, n))}", _first(getattr(owner, n))) for n in names]
            parts += [f"## {_first(owner).rstrip('.')}", _table(rows)]
    names = [n for n in derive.script.__all__ if getattr(derive.script, n) is not Any]
    own = [n for n in names if _is_own(n) and callable(getattr(derive.script, n))]
    other = [n for n in names if not _is_own(n)]
    parts += ["## Heads and statements", _table([(n, _first(getattr(derive.script, n))) for n in own])]
    parts += ["## From SymPy", "Passed on as they are: " + ", ".join(f"`{n}`" for n in other) + "."]
    return "\n\n".join(parts) + "\n"


def _is_own(name: str) -> bool:
    return str(getattr(getattr(derive.script, name), "__module__", "")).startswith("derive.")


def _table(rows: list[tuple[str, str]]) -> str:
    cells = [f"| `{name.replace('|', chr(92) + '|')}` | {says.replace('|', chr(92) + '|')} |" for name, says in rows]
    return "\n".join(["| written | says |", "|---|---|", *cells])


def _signature(method: object) -> str:
    """The names that a method takes, without their types."""
    parameters = list(inspect.signature(method).parameters.values())[1:]  # type: ignore[arg-type]
    shown, named_only = [], False
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            shown.append(f"*{p.name}")
            named_only = True
            continue
        if p.kind is p.KEYWORD_ONLY and not named_only:
            shown.append("*")
            named_only = True
        stars = "**" if p.kind is p.VAR_KEYWORD else ""
        default = "" if p.default is p.empty else f"={p.default!r}"
        shown.append(f"{stars}{p.name}{default}")
    return f"({', '.join(shown)})"


def _first(thing: object) -> str:
    """The first paragraph of a docstring, on one line."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.partition("\n\n")[0].split())


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf8")
