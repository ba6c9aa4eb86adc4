"""Problems in words, with their place: `line 3, column 7: …`.

The words are the reader's, but for problems with files, which are met before anything is read; this adds where, in the
file's own lines and columns.
"""

from __future__ import annotations

from derive.language.source import Source
from derive.language.statement import Problem
from derive.reader.wording import wording

Cells = tuple[tuple[int, int], ...]
"""The number of each Markdown cell of a notebook and the line that it begins on, in order."""

_FILES = {
    "file-unreadable": "the file cannot be opened: {detail}",
    "file-not-utf8": "the file is no UTF-8 text: {detail}",
    "nothing-to-read": "there is no formula here",
}


def words(problem: Problem, source: Source) -> str:
    """One sentence: where, what was read, what is wrong."""
    row = _FILES.get(problem.code)
    text = row.format(detail=problem.detail("detail")) if row else wording(problem)
    if problem.span is None:
        return text
    line, column = source.place(problem.span.start)
    return f"{line_in_words(source.cells, line)}, column {column}: {text}"


def line_in_words(cells: Cells, line: int) -> str:
    """`line 7`, or in a notebook, where `cells` say on which line each cell begins, `cell 3, line 2`."""
    cell, inside = cell_and_line(cells, line)
    return f"cell {cell}, line {inside}" if cell else f"line {line}"


def cell_and_line(cells: Cells, line: int) -> tuple[int, int]:
    """The number of the cell that a line of a notebook's text is in (0: there are no cells), and the line in it."""
    number, first = next(((n, start) for n, start in reversed(cells) if start <= line), (0, 1))
    return number, line - first + 1
