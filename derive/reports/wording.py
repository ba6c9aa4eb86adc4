"""Problems in words, with their place: `line 3, column 7: …`.

The words are the reader's, but for problems with files, which are met before anything is read; this adds where, in the
file's own lines and columns.
"""

from __future__ import annotations

from derive.language.source import Source
from derive.language.statement import Problem
from derive.reader.wording import wording

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
    return f"line {line}, column {column}: {text}"
