"""Notebooks: their Markdown cells as one text. Places are places in that text."""

from __future__ import annotations

import json

from derive.language.statement import Problem


def notebook_text(text: str) -> str | Problem:
    """The Markdown cells of a notebook as one text."""
    try:
        import nbformat

        book = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = [str(c.source) for c in book.cells if c.cell_type == "markdown"]
    except Exception:  # a notebook that nbformat refuses may still hold cells
        try:
            cells = []
            for cell in json.loads(text)["cells"]:
                if cell.get("cell_type") == "markdown":
                    source = cell.get("source", "")
                    cells.append("".join(source) if isinstance(source, list) else str(source))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Problem("notebook-unreadable")
    return "\n\n".join(cells) + "\n"
