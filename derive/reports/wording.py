"""Problems in words, with their place: `line 3, column 7: …`.

The words themselves are the reader's (`reader/wording.py`); this adds where, in the file's own lines and columns.
"""

from __future__ import annotations

from derive.language.source import Source
from derive.language.statement import Problem


def words(problem: Problem, source: Source) -> str:
    """One sentence: where, what was read, what is wrong."""
    from derive.reader.wording import wording

    text = wording(problem, source)
    if problem.span is None:
        return text
    line, column = source.place(problem.span.start)
    return f"line {line}, column {column}: {text}"
