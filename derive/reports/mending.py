"""Where in a file a mended formula goes: the sides of the step that change, and the LaTeX that stands there then.

A diagnosis offers a whole statement; what an editor needs is the smallest text to replace. Each side that differs is
replaced at its own place, so alignment marks, tags and the rest of a chain stay as they are. A side that stands outside
the step (the line before, which a chain goes on from), or that has no place, cannot be mended here: nothing is offered.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.heads import ORDER_RELATIONS
from derive.language.printing import latex
from derive.language.source import Source, Span
from derive.language.term import Term


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text for a place in a file; lines and columns are 1-based, the end is excluded."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


def replacements(
    statement: Term | None, suggestion: Term, span: Span | None, source: Source
) -> tuple[Replacement, ...]:
    """The texts that turn the statement at `span` into the suggested one; none where that is unsure."""
    if statement is None or span is None or source.path.endswith((".py", ".ipynb")):
        return ()
    if statement.head != suggestion.head or statement.head not in {"eq", *ORDER_RELATIONS}:
        return ()
    found = []
    for old, new in zip(statement.args, suggestion.args, strict=True):
        if old == new:
            continue
        place = old.span
        if place is None or not span.start <= place.start < place.end <= span.end:
            return ()
        found.append(Replacement(*source.place(place.start), *source.place(place.end), latex(new)))
    return tuple(found)
