"""Expressions of a script as elaborated terms, in the context of what the script has declared.

SymPy objects that the script uses without declaring them are declared by SymPy's own assumptions. What cannot be said
raises `Untranslatable`; a declaration that makes no sense raises `ScriptError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import sympy
from sympy import MatrixSymbol, Symbol

from derive.language.affine import Affine, affine_of
from derive.language.context import SCALAR, Context, Domain, Range, Shape
from derive.language.context import Symbol as Declared
from derive.language.shape import elaborate
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make, num, sym
from derive.reader.script.sympy_heads import Expression
from derive.reader.script.sympy_terms import Untranslatable, affine, translate

Object = TypeVar("Object")


class ScriptError(Exception):
    """A declaration or statement of a script that makes no sense; it ends the derivation with its `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def script_error(code: str, **details: object) -> ScriptError:
    """A declaration or statement that makes no sense."""
    return ScriptError(Problem(code, None, tuple((k, str(v)) for k, v in details.items())))


class Statements:
    """What a script has declared and stated as given, and its expressions as elaborated terms."""

    def __init__(self) -> None:
        self.context = Context()
        self._objects: dict[str, Any] = {}
        self._running: set[str] = set()

    def _statement(self, statement: Expression) -> Term:
        if isinstance(statement, bool | sympy.logic.boolalg.BooleanAtom):
            raise Untranslatable("script-bool", text=str(statement))
        term = self._elaborated(statement)
        if not term[1].statement:
            raise Untranslatable("script-no-statement", text=str(statement))
        return term[0]

    def _value(self, value: Expression, scope: dict[str, Declared] | None = None) -> tuple[Term, Shape]:
        term, shape = self._elaborated(value, scope)
        if shape.statement:
            raise Untranslatable("script-no-value", text=str(value))
        return term, shape

    def _elaborated(self, expression: Expression, scope: dict[str, Declared] | None = None) -> tuple[Term, Shape]:
        used: dict[str, Any] = {}
        term = translate(expression, used)
        for name, node in used.items():
            if name not in self.context.symbols and name not in (scope or {}):
                self._admit(name, node)
            elif isinstance(node, Symbol | MatrixSymbol) and self._objects.setdefault(name, node) != node:
                raise Untranslatable("script-other-symbol", name=name)
        checked = elaborate(term, self.context, scope)
        if isinstance(checked, Problem):
            raise Untranslatable(checked.code, **dict(checked.details))
        return checked.term, checked.shape

    def _closed(self, fact: Term) -> Term:
        """The fact for every value of the indices that it leaves free."""
        for name in sorted(free_names(fact), reverse=True):
            symbol = self.context.symbols.get(name)
            if symbol is not None and symbol.role == "index":
                low, high = symbol.domain.low, symbol.domain.high
                assert low is not None and high is not None
                fact = make("forall", sym(name), low, high, fact)
        return fact

    def _admit(self, name: str, node: Any) -> None:
        """Declare a SymPy object that the script uses without declaring it, by SymPy's own assumptions."""
        if name in self._running:
            raise Untranslatable("script-index-outside", name=name)
        if isinstance(node, Symbol):
            if node.is_real is False:
                raise Untranslatable("script-complex", text=name)
            if node.is_integer:
                if node.is_positive:
                    self.context = self.context.declare(Declared(name, role="size", domain=Domain("natural", num(1))))
                else:
                    kind = Domain("natural", num(0)) if node.is_nonnegative else Domain("integer")
                    self.context = self.context.declare(Declared(name, domain=kind))
            else:
                domain = self._domain(bool(node.is_positive), bool(node.is_nonnegative), None)
                self.context = self.context.declare(Declared(name, domain=domain))
                if node.is_nonzero and not node.is_positive:
                    self._assume(make("ne", sym(name), num(0)))
        elif isinstance(node, MatrixSymbol):
            shape = self._shape(node.shape)  # declares its sizes
            self.context = self.context.declare(Declared(name, shape))
        elif isinstance(node, sympy.IndexedBase) and node.shape:
            ranges = tuple(Range(Affine(1), self._affine(high)) for high in node.shape)
            self.context = self.context.declare(Declared(name, family=ranges))
        elif isinstance(node, sympy.core.function.UndefinedFunction):
            shapes = (SCALAR,) * (next(iter(node.nargs)) if node.nargs not in (None, sympy.S.Naturals0) else 1)
            self.context = self.context.declare(Declared(name, role="function", arguments=shapes))
        else:
            raise Untranslatable("script-undeclared", name=name, what=type(node).__name__)

    def _affine(self, size: Expression) -> Affine:
        used: dict[str, Any] = {}
        term = translate(size, used)
        for name, node in used.items():
            if name not in self.context.symbols:
                self._admit(name, node)
            if self.context.symbols[name].role not in ("size", "index"):
                raise Untranslatable("script-size", text=name)
        if affine_of(term) is None:
            raise Untranslatable("script-size", text=str(size))
        return affine(term)

    def _shape(self, shape: Sequence[Expression]) -> Shape:
        axes = tuple((self._affine(s),) for s in shape)
        if not axes or all(a == (Affine(1),) for a in axes):
            return SCALAR
        return Shape(axes[:1] if axes[1] == (Affine(1),) else axes)

    def _range(self, index: str) -> Range:
        symbol = self.context.symbols.get(index)
        if symbol is None or symbol.role != "index" or symbol.domain.low is None or symbol.domain.high is None:
            raise script_error("script-no-range", text=index)
        return Range(affine(symbol.domain.low), affine(symbol.domain.high))

    def _domain(self, positive: bool, nonnegative: bool, between: tuple[Expression, Expression] | None) -> Domain:
        if between is not None:
            low, high = (self._value(end)[0] for end in between)
            return Domain("interval", low, high, True, True)
        if positive or nonnegative:
            return Domain("interval", num(0), low_open=positive)
        return Domain()

    def _object(self, symbol: Object) -> Object:
        """The SymPy object of a declared name; no other of the same name may stand in its place."""
        self._objects[str(symbol)] = symbol
        return symbol

    def _declare(self, symbol: Declared) -> None:
        if symbol.name in self.context.symbols:
            raise script_error("script-declared-twice", name=symbol.name)
        self._declare_again(symbol)

    def _declare_again(self, symbol: Declared) -> None:
        self.context = self.context.declare_only(symbol)

    def _assume(self, fact: Term) -> None:
        checked = elaborate(fact, self.context)
        if isinstance(checked, Problem):
            raise ScriptError(checked)
        self.context = self.context.assume(checked.term)
