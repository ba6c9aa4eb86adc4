"""Reading in tests: givens and a formula in, the fully bracketed reading or the problem's code out."""

from __future__ import annotations

from collections.abc import Iterable

from derive.language.context import Context
from derive.language.printing import latex
from derive.language.statement import Problem
from derive.language.term import Term
from derive.reader.formula import Reading, conform, read_formula
from derive.reader.givens import read_givens, statements_of


def context_of(givens: Iterable[str]) -> Context:
    """The context of given lines, none of which may be a problem."""
    found = read_givens([(line, 0) for line in givens])
    assert not found.problems, found.problems
    return found.context


def statement(text: str, givens: Iterable[str] = (), context: Context | None = None, define: bool = True) -> Term:
    """The first statement (or expression) that a formula says, elaborated."""
    base = context if context is not None else context_of(givens)
    reading = read_formula(text, base, define=define)
    assert isinstance(reading, Reading), (text, reading)
    where = reading.context
    if reading.definition is not None:
        where = where.declare(reading.definition[0]).define(reading.definition[1])
    checked = conform(statements_of(reading)[0], where)
    assert not isinstance(checked, Problem), (text, checked)
    return checked.term


def reads(text: str, givens: Iterable[str] = ()) -> str:
    """The fully bracketed LaTeX of a formula."""
    return latex(statement(text, givens))


def refused(text: str, givens: Iterable[str] = ()) -> tuple[str, str]:
    """The code of the problem of a formula that must not read, and the text at its place."""
    base = context_of(givens)
    reading = read_formula(text, base)
    if isinstance(reading, Problem):
        problem = reading
    else:
        checked = conform(statements_of(reading)[0], reading.context)
        assert isinstance(checked, Problem), (text, latex(checked.term))
        problem = checked
    span = problem.span
    return problem.code, text[span.start : span.end] if span is not None else ""
