"""Proof scripts: Python files whose functions, marked `@derivation`, write a derivation down step by step.

A script declares symbols on its `Script` (`d.vector("w", p)`), states what is given, and records claims between SymPy
expressions (`d.equal(a, b, because=…)`); each is translated, elaborated and kept as a `Step` with the place of its
call. `load_script` runs a file and returns its `Document`; whatever goes wrong in it (a syntax error, an exception, an
object that cannot be said) becomes a `Problem` with its place. A script is a program that its user wrote and runs: it
is not confined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sympy import Symbol

from derive.language.source import Source
from derive.language.term import make
from derive.reader.script.declarations import Declarations
from derive.reader.script.sympy_heads import Claim, Expression
from derive.reader.script.sympy_terms import Untranslatable, translate

Author = TypeVar("Author", bound=Callable[["Script"], None])
MARK = "derivation_title"


def derivation(title: str, source: str = "") -> Callable[[Author], Author]:
    """Mark a function `f(d: Script) -> None` as a derivation, with its title and where the result comes from."""

    def mark(author: Author) -> Author:
        setattr(author, MARK, (title, source))
        return author

    return mark


class Script(Declarations):
    """One derivation being written: declarations first, then its steps.

    Names are as they shall be printed; Greek words become letters (`sigma` is σ). Vectors are columns, indices count
    from 1.
    """

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(name, source)
        self._updated: dict[Expression, Expression] = {}

    def equal(self, first: Expression, *others: Expression, because: str = "") -> Expression:
        """first = second (= third …). Returns the last side, to go on from."""
        return self._relate("eq", first, others, because)

    def at_most(self, first: Expression, *others: Expression, because: str = "") -> Expression:
        """first ≤ second (≤ third …)."""
        return self._relate("le", first, others, because)

    def less(self, first: Expression, *others: Expression, because: str = "") -> Expression:
        """first < second (< third …)."""
        return self._relate("lt", first, others, because)

    def chain(self, first: Expression, *others: tuple[Expression, str]) -> Expression:
        """first = second = third …, each with its own reason: `d.chain(a, (b, "why"), (c, "why"))`."""
        pairs = [pair if isinstance(pair, tuple) else (pair, "") for pair in others]
        return self._relate("eq", first, [value for value, _ in pairs], *(reason for _, reason in pairs))

    def approximate(
        self, left: Expression, right: Expression, variable: Symbol, point: Expression, because: str = ""
    ) -> None:
        """left ≈ right to leading order as the variable tends to the point."""
        self._assume(make("tends", translate(variable), translate(point), value=""))
        self._relate("approx", left, [right], because)

    def follows(self, statement: Expression, because: str = "") -> None:
        """A statement that follows from the givens and everything before it."""
        self._claim(lambda: self._statement(statement), because)

    def implies(self, premise: Expression, conclusion: Expression, because: str = "") -> None:
        """Every solution of the premise satisfies the conclusion."""
        self._claim(lambda: self._statement(Claim("implies", premise, conclusion)), because)

    def iff(self, left: Expression, right: Expression, because: str = "") -> None:
        """The two statements have the same solutions."""
        self._claim(lambda: self._statement(Claim("iff", left, right)), because)

    def state(self, condition: Expression, because: str = "") -> None:
        """Impose a condition, as a gradient set to zero: not claimed, but in force from here on."""
        try:
            statement = self._closed(self._statement(condition))
        except Untranslatable as wrong:
            self._fail(wrong, because)
            return
        self._keep(statement, "condition", because)
        self._assume(statement)

    def update(self, target: Expression, value: Expression, because: str = "") -> None:
        """The rule target := value. A second rule for the same target claims to be the same rule."""
        if target in self._updated:
            self._relate("eq", self._updated[target], [value], because)
            return
        self._updated[target] = value
        self._claim(lambda: self._statement(Claim("eq", target, value)), because, "update")
