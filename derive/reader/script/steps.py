"""How a step of a script is kept: its statement, its place in the file, its two sides for the spot check.

A statement that cannot be said becomes a step with its problem, and the derivation goes on.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from sympy import MatrixExpr

from derive.language.source import Source, Span
from derive.language.statement import Problem, Step, StepKind
from derive.language.term import Term, free_names
from derive.reader.script.places import author_frame, call_span, node_span
from derive.reader.script.plain_form import Functions, NoPlainForm, plain_form
from derive.reader.script.statements import Statements, script_error
from derive.reader.script.sympy_heads import Claim, Expression
from derive.reader.script.sympy_terms import Untranslatable


class Steps(Statements):
    """The steps of a derivation, each with the place of the call that states it."""

    def __init__(self, name: str, source: Source) -> None:
        super().__init__()
        self.name = name
        self.source = source
        self.steps: list[Step] = []
        self._functions: Functions = {}
        self._tree: ast.Module | None = None

    def _relate(self, head: str, first: Expression, others: Sequence[Expression], *reasons: str) -> Expression:
        if not others:
            raise script_error("script-one-side")
        places = self._places(len(others) + 1)
        left, origin = first, None
        for k, right in enumerate(others):
            because = reasons[k] if k < len(reasons) else reasons[0] if reasons else ""
            span = places[k + 1]
            try:
                statement = self._statement(Claim(head, left, right))
                origin = origin or statement.left
                self._keep(statement, "claim", because, span, origin, self._spot(head, left, right))
            except Untranslatable as wrong:
                self._fail(wrong, because, span)
            left = right
        return left

    def _claim(self, build: Callable[[], Term], because: str, kind: StepKind = "claim") -> None:
        try:
            self._keep(build(), kind, because)
        except Untranslatable as wrong:
            self._fail(wrong, because)

    def _keep(
        self,
        statement: Term,
        kind: StepKind,
        because: str,
        span: Span | None = None,
        origin: Term | None = None,
        spot: tuple[Any, Any] | None = None,
    ) -> None:
        span = span or self._span()
        number = f"{self.name}/{len(self.steps) + 1}"
        text = self.source.slice(span)
        self.steps.append(Step(number, statement, self.context, kind, span, origin, because, text, spot=spot))

    def _spot(self, head: str, left: Expression, right: Expression) -> tuple[Any, Any] | None:
        """The two sides as plain SymPy, where both can be computed from free data."""
        if head != "eq":
            return None
        try:
            sides = (plain_form(left, self._functions), plain_form(right, self._functions))
            left, right = (s[0, 0] if isinstance(s, MatrixExpr) and s.shape == (1, 1) else s for s in sides)
        except NoPlainForm:
            return None  # the numeric route evaluates the term all the same
        except Exception:  # SymPy raises many kinds; a missing spot check must not cost the step
            return None
        bound_by_facts = frozenset[str]().union(*map(free_names, self.context.facts))
        names = {str(s) for side in (left, right) for s in side.free_symbols}
        return None if names & bound_by_facts else (left, right)

    def _fail(self, wrong: Untranslatable, because: str, span: Span | None = None) -> None:
        span = span or self._span()
        number = f"{self.name}/{len(self.steps) + 1}"
        problem = Problem(wrong.code, span, wrong.details)
        text = self.source.slice(span)
        self.steps.append(Step(number, None, self.context, "claim", span, None, because, text, problem))

    def _span(self) -> Span:
        frame = author_frame(self.source.path)
        return call_span(self.source, frame) if frame is not None else Span(0, 0)

    def _places(self, count: int) -> list[Span]:
        """The span of the running call for every side; in a call over several lines, the span of the side itself."""
        whole = self._span()
        if self._tree is None:
            self._tree = ast.parse(self.source.text)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and node_span(self.source, node) == whole:
                starred = any(isinstance(a, ast.Starred) for a in node.args)
                if node.lineno != node.end_lineno and len(node.args) == count > 2 and not starred:
                    sides = [a.elts[0] if isinstance(a, ast.Tuple) else a for a in node.args]
                    return [node_span(self.source, a) for a in sides]
                break
        return [whole] * count
