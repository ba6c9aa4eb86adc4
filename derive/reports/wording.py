"""Problems in words, with their place: `line 3, column 7: …`.

The words themselves are the reader's; this adds where, in the file's own lines and columns.
"""

from __future__ import annotations

from derive.language.source import Source
from derive.language.statement import Problem
from derive.reader.script_wording import script_wording


def words(problem: Problem, source: Source) -> str:
    """One sentence: where, what was read, what is wrong."""
    text = script_wording(problem) or _coded(problem)
    if problem.span is None:
        return text
    line, column = source.place(problem.span.start)
    return f"line {line}, column {column}: {text}"


def _coded(problem: Problem) -> str:
    details = ", ".join(f"{key}: {value}" for key, value in problem.details)
    return problem.code.replace("-", " ") + (f" ({details})" if details else "")
