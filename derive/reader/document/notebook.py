"""Notebooks: their Markdown cells as one text. Places are places in that text, which knows where each cell begins."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass

from derive.language.statement import Problem


@dataclass(frozen=True, slots=True)
class NotebookText:
    """The Markdown cells of a notebook as one text.

    `cells` holds the number of each (cells of every kind count) and the line of the text that it begins on.
    """

    text: str
    cells: tuple[tuple[int, int], ...]


def notebook_text(text: str) -> NotebookText | Problem:
    """The Markdown cells of a notebook as one text."""
    try:
        import nbformat

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong with a notebook's form is not what is read here
            book = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = [(n, str(c.source)) for n, c in enumerate(book.cells, 1) if c.cell_type == "markdown"]
    except Exception:  # a notebook that nbformat refuses may still hold cells
        try:
            cells = []
            for number, cell in enumerate(json.loads(text)["cells"], 1):
                if cell.get("cell_type") == "markdown":
                    source = cell.get("source", "")
                    cells.append((number, "".join(source) if isinstance(source, list) else str(source)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Problem("notebook-unreadable")
    starts, line = [], 1
    for number, source in cells:
        starts.append((number, line))
        line += source.count("\n") + 2
    return NotebookText("\n\n".join(source for _, source in cells) + "\n", tuple(starts))
