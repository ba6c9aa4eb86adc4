"""Proof scripts: Python files whose functions, marked `@derivation`, write a derivation down step by step.

A script declares symbols on its `Script` (`d.vector("w", p)`), states what is given, and records claims between SymPy
expressions (`d.equal(a, b, because=…)`); each is translated, elaborated and kept as a `Step` with the place of its
call. `load_script` runs a file and returns its `Document`; whatever goes wrong in it (a syntax error, an exception, an
object that cannot be said) becomes a `Problem` with its place. A script is a program that its user wrote and runs: it
is not confined.
"""

from __future__ import annotations

import ast
import contextlib
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import sympy
from sympy import MatrixExpr, MatrixSymbol, Symbol

from derive.language.affine import Affine, affine_of, term_of
from derive.language.context import SCALAR, Context, Definition, Domain, Range, Shape
from derive.language.context import Symbol as Declared
from derive.language.shape import elaborate
from derive.language.source import Source, Span
from derive.language.statement import Derivation, Document, Problem, Step, StepKind
from derive.language.term import Term, conjuncts, free_names, make, num, sym
from derive.reader.sympy_heads import (
    Claim,
    Expression,
    Family,
    Functions,
    MatrixHead,
    NoPlainForm,
    ScalarHead,
    TensorSymbol,
    is_tensor,
    plain_form,
    scalar,
    spelled,
)
from derive.reader.sympy_terms import Untranslatable, affine, translate

Author = TypeVar("Author", bound=Callable[["Script"], None])
Object = TypeVar("Object")
_MARK = "derivation_title"


def derivation(title: str, source: str = "") -> Callable[[Author], Author]:
    """Mark a function `f(d: Script) -> None` as a derivation, with its title and where the result comes from."""

    def mark(author: Author) -> Author:
        setattr(author, _MARK, (title, source))
        return author

    return mark


class ScriptError(Exception):
    """A declaration or statement of a script that makes no sense; it ends the derivation with its `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _error(code: str, **details: object) -> ScriptError:
    return ScriptError(Problem(code, None, tuple((k, str(v)) for k, v in details.items())))


class FunctionSymbol:
    """A function of the script: `f(x)`, entry by entry on a vector where f takes numbers; `f.prime(x)` is f′(x)."""

    def __init__(self, name: str, arguments: tuple[Shape, ...]) -> None:
        self.name = name
        self.arguments = arguments

    def __call__(self, *values: Expression) -> Expression:
        """The function's value."""
        return self._apply("call", values)

    def prime(self, *values: Expression) -> Expression:
        """The derivative by the first argument, at these values: f′(x), or the gradient for a function of a vector."""
        return self._apply("dcall", values)

    def _apply(self, head: str, values: tuple[Expression, ...]) -> Expression:
        tensors = [v for v in values if is_tensor(v)]
        if tensors and (self.arguments == (SCALAR,) or head == "dcall"):
            return MatrixHead(head, tensors[0].shape, *values, value=self.name)
        return ScalarHead(head, *values, value=self.name)


class Script:
    """One derivation being written: declarations first, then its steps.

    Names are as they shall be printed; Greek words become letters (`sigma` is σ). Vectors are columns, indices count
    from 1.
    """

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self.source = source
        self.context = Context()
        self.steps: list[Step] = []
        self._objects: dict[str, Any] = {}
        self._running: set[str] = set()
        self._updated: dict[Expression, Expression] = {}
        self._functions: Functions = {}
        self._tree: ast.Module | None = None

    # declarations

    def size(self, name: str, minimum: int = 1) -> Symbol:
        """A number of entries, terms or data: a positive integer, at least `minimum`."""
        self._declare(Declared(spelled(name), role="size", minimum=minimum, domain=Domain("natural", num(minimum))))
        return self._object(Symbol(spelled(name), integer=True, positive=True))

    def sizes(self, names: str, minimum: int = 1) -> tuple[Symbol, ...]:
        """Several sizes, their names separated by blanks."""
        return tuple(self.size(name, minimum) for name in names.split())

    def index(self, name: str, high: Expression, low: Expression = 1) -> Symbol:
        """An integer from `low` to `high`: a statement about it holds for every one of them."""
        domain = Domain("integer", term_of(self._affine(low)), term_of(self._affine(high)))
        self._declare(Declared(spelled(name), role="index", domain=domain))
        return self._object(Symbol(spelled(name), integer=True))

    def indices(self, names: str, high: Expression = None, low: Expression = 1) -> tuple[Symbol, ...]:
        """Several indices; without `high` they can only run in a `Sum` or `Product`, which gives their range."""
        if high is not None:
            return tuple(self.index(name, high, low) for name in names.split())
        self._running.update(spelled(name) for name in names.split())
        return tuple(Symbol(spelled(name), integer=True) for name in names.split())

    def scalar(
        self,
        name: str,
        *,
        positive: bool = False,
        nonnegative: bool = False,
        nonzero: bool = False,
        between: tuple[Expression, Expression] | None = None,
        random: bool = False,
    ) -> Symbol:
        """A real number; `between` gives the ends of an open interval."""
        domain = self._domain(positive, nonnegative, between)
        self._declare(Declared(spelled(name), domain=domain, random=random))
        if nonzero:
            self._assume(make("ne", sym(spelled(name)), num(0)))
        return self._object(Symbol(spelled(name), real=True, positive=positive or None))

    def scalars(self, names: str, **kind: Any) -> tuple[Symbol, ...]:
        """Several real numbers of one kind (see `scalar`)."""
        return tuple(self.scalar(name, **kind) for name in names.split())

    def vector(self, name: str, size: Expression, *, random: bool = False, properties: str = "") -> TensorSymbol:
        """A column vector of `size` real entries; `w[i]` is an entry."""
        shape = self._shape((size, 1))
        self._declare(Declared(spelled(name), shape, properties=_words(properties), random=random))
        return self._object(TensorSymbol(spelled(name), size, 1))

    def vectors(self, names: str, size: Expression, **kind: Any) -> tuple[TensorSymbol, ...]:
        """Several vectors of one size."""
        return tuple(self.vector(name, size, **kind) for name in names.split())

    def matrix(
        self,
        name: str,
        rows: Expression,
        columns: Expression,
        *,
        rank: str = "",
        properties: str = "",
        random: bool = False,
    ) -> TensorSymbol:
        """A matrix; `rank` is `full column` or `full row`, `properties` are words (`symmetric, invertible`)."""
        words = _words(properties) | ({f"{rank} rank"} if rank else frozenset())
        self._declare(Declared(spelled(name), self._shape((rows, columns)), properties=words, random=random))
        return self._object(TensorSymbol(spelled(name), rows, columns))

    def family(
        self,
        name: str,
        *highs: Expression,
        low: int = 1,
        member: tuple[Expression, ...] = (),
        positive: bool = False,
        nonnegative: bool = False,
        between: tuple[Expression, Expression] | None = None,
        random: bool = False,
        properties: str = "",
    ) -> Family:
        """Numbers x[i], i from `low` to a given end (one end per index); `member=(p,)`: vectors, two: matrices."""
        ranges = tuple(Range(Affine(low), self._affine(high)) for high in highs)
        shape = (*member, 1)[:2] if member else ()
        self._declare(
            Declared(
                spelled(name),
                self._shape(shape),
                family=ranges,
                domain=self._domain(positive, nonnegative, between),
                properties=_words(properties),
                random=random,
            )
        )
        return Family(spelled(name), shape)

    def random(
        self,
        name: str,
        *highs: Expression,
        mean: Expression = None,
        variance: Expression = None,
        properties: str = "",
        **kind: Any,
    ) -> Any:
        """A random number, or with ends a family; `properties`: `iid`, `independent`, `identically distributed`."""
        if not highs:
            result: Any = self.scalar(name, random=True, **kind)
            member: Any = result
        else:
            result = self.family(name, *highs, random=True, properties=properties, **kind)
            running = [Symbol(f"{index}", integer=True) for index in _running_names(len(highs), self.context)]
            member = result[tuple(running)]
        symbol = self.context.symbols[spelled(name)]
        for head, value in (("expect", mean), ("variance", variance)):
            if value is not None:
                fact = translate(Claim("eq", ScalarHead(head, member), value))
                for r, index in zip(symbol.family, _running_names(len(highs), self.context), strict=True):
                    fact = make("forall", sym(index), term_of(r.low), term_of(r.high), fact)
                self._assume(fact)
        return result

    def independent(self, *variables: Expression) -> None:
        """These random variables (families as wholes) are mutually independent."""
        self._assume(make("independent", *(translate(v) for v in variables), value="independent"))

    def uncorrelated(self, *variables: Expression) -> None:
        """These random variables are uncorrelated."""
        self._assume(make("independent", *(translate(v) for v in variables), value="uncorrelated"))

    def distributed(self, variable: Expression, distribution: str, *parameters: Expression) -> None:
        """A declared random variable, or every member of a family, has a distribution: `"normal", mean, variance`."""
        self._assume(make("distributed", translate(variable), *map(translate, parameters), value=distribution))

    def function(
        self, name: str, *arguments: Expression, value: Expression = None, properties: str = "", because: str = ""
    ) -> FunctionSymbol:
        """A function. With `value` it is defined: `d.function("sigma", t, value=1/(1 + exp(-t)))`. Without, it is any
        function of arguments of these kinds (one number if none is given), as smooth as `properties` say."""
        for argument in arguments:
            if isinstance(argument, Symbol) and (
                argument.is_integer or argument.is_nonnegative or argument.is_nonpositive
            ):
                # SymPy would simplify the body for such values only, and the function take any
                raise _error("script-parameter", name=argument.name)
        shapes = tuple(self._shape(a.shape) if is_tensor(a) else SCALAR for a in arguments) or (SCALAR,)
        name = spelled(name)
        result = FunctionSymbol(name, shapes)
        self._declare(Declared(name, role="function", arguments=shapes, properties=_words(properties)))
        if value is None:
            return result
        parameters = tuple(spelled(a.name) for a in arguments)
        scope = {p: Declared(p, shape) for p, shape in zip(parameters, shapes, strict=True)}
        body, shape = self._value(value, scope)
        self._declare_again(Declared(name, shape, "function", arguments=shapes, properties=_words(properties)))
        self.context = self.context.define(Definition(name, body, parameters))
        self._functions[name] = (arguments, value)
        head = make("call", *(sym(p) for p in parameters), value=name)
        self._keep(make("eq", head, body), "definition", because)
        return result

    def define(self, name: str, value: Expression, *, over: Symbol | Sequence[Symbol] = (), because: str = "") -> Any:
        """name = value. With `over=k`, an index with a range, a family: name[k] = value for every k."""
        name = spelled(name)
        if not over:
            body, shape = self._value(value)
            self._declare(Declared(name, shape))
            self.context = self.context.define(Definition(name, body))
            self._keep(make("eq", sym(name), body), "definition", because)
            if is_tensor(value):
                return MatrixHead("sym", value.shape, value, value=name)
            return ScalarHead("sym", scalar(value), value=name)
        indices = [over] if isinstance(over, Symbol) else list(over)
        names = tuple(spelled(i.name) for i in indices)
        ranges = tuple(self._range(i) for i in names)
        body, shape = self._value(value)
        self._declare(Declared(name, shape, family=ranges))
        self.context = self.context.define(Definition(name, body, names, ranges))
        self._keep(make("eq", make("entry", sym(name), *map(sym, names)), body), "definition", because)
        return Family(name, value.shape if is_tensor(value) else (), sympy.Tuple(*indices), sympy.sympify(value))

    def given(self, *facts: Expression) -> None:
        """Facts to be taken as true. One about a declared index holds for every value of it."""
        for fact in facts:
            for part in conjuncts(self._statement(fact)):
                self._assume(self._closed(part))

    def recurrence(self, equation: Claim, start: Expression = None) -> None:
        """`Eq(m[t], F(m[t-1]))` for every t after the first, and the first member of m is `start`."""
        statement = self._statement(equation)
        left = statement.left
        if left.head != "entry" or len(left.args) != 2 or left.args[1].head != "sym":
            raise _error("script-recurrence", text=str(equation))
        family, index = left.args[0].name, left.args[1].name
        first = self.context.symbols[family].family[0]
        self._assume(make("forall", sym(index), term_of(first.low + 1), term_of(first.high), statement))
        if start is not None:
            value, _ = self._value(start)
            self._assume(make("eq", make("entry", sym(family), term_of(first.low)), value))

    # steps

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

    # how a step is kept

    def _relate(self, head: str, first: Expression, others: Sequence[Expression], *reasons: str) -> Expression:
        if not others:
            raise _error("script-one-side")
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

    # from expressions to elaborated terms

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
            raise _error("script-no-range", text=index)
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
            raise _error("script-declared-twice", name=symbol.name)
        self._declare_again(symbol)

    def _declare_again(self, symbol: Declared) -> None:
        self.context = self.context.declare_only(symbol)

    def _assume(self, fact: Term) -> None:
        checked = elaborate(fact, self.context)
        if isinstance(checked, Problem):
            raise ScriptError(checked)
        self.context = self.context.assume(checked.term)

    # places in the file

    def _span(self) -> Span:
        frame = _author_frame(self.source.path)
        return _call_span(self.source, frame) if frame is not None else Span(0, 0)

    def _places(self, count: int) -> list[Span]:
        """The span of the running call for every side; in a call over several lines, the span of the side itself."""
        whole = self._span()
        if self._tree is None:
            self._tree = ast.parse(self.source.text)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _node_span(self.source, node) == whole:
                starred = any(isinstance(a, ast.Starred) for a in node.args)
                if node.lineno != node.end_lineno and len(node.args) == count > 2 and not starred:
                    sides = [a.elts[0] if isinstance(a, ast.Tuple) else a for a in node.args]
                    return [_node_span(self.source, a) for a in sides]
                break
        return [whole] * count


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def _running_names(count: int, context: Context) -> list[str]:
    return [
        name for name in ("i", "j", "k", "l") if name not in context.symbols or context.symbols[name].role == "index"
    ][:count]


def _author_frame(path: str) -> types.FrameType | None:
    """The innermost running frame of the script."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back
    return frame


def _offset(source: Source, line: int, column: int) -> int:
    """The offset of a 1-based line and a column in UTF-8 bytes, as Python counts them."""
    span = source.line_span(line)
    text = source.slice(span)
    return span.start + len(text.encode()[:column].decode(errors="ignore"))


def _node_span(source: Source, node: ast.expr) -> Span:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Span(_offset(source, node.lineno, node.col_offset), _offset(source, end_line, end_column))


def _call_span(source: Source, frame: types.FrameType) -> Span:
    return _code_span(source, frame.f_code, frame.f_lasti, frame.f_lineno)


def _code_span(source: Source, code: types.CodeType, instruction: int, line: int | None) -> Span:
    positions = list(code.co_positions())[instruction // 2] if instruction >= 0 else (None,) * 4
    start, end, left, right = positions
    if start is None or end is None or left is None or right is None:
        return source.line_span(line or 1)
    return Span(_offset(source, start, left), _offset(source, end, right))


# loading


def load_script(path: str | Path, text: str | None = None) -> Document:
    """Run a proof script and return its derivations; `text` stands for the file's content where it is given."""
    name = str(path)
    if text is None:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            return Document(
                Source(name, ""), name, (), Problem("script-unreadable-file", None, (("message", str(error)),))
            )
    source = Source(name, text)
    module = types.ModuleType(f"proof_script_{Path(name).stem}")
    module.__file__ = name
    try:
        code = compile(text, name, "exec")
    except (SyntaxError, ValueError) as error:
        line = min(getattr(error, "lineno", None) or 1, text.count("\n") + 1)
        span = source.line_span(line)
        span = Span(min(span.start + max(0, (getattr(error, "offset", None) or 1) - 1), span.end), span.end)
        message = getattr(error, "msg", None) or str(error)
        return Document(source, _title(module, name), (), Problem("script-syntax", span, (("message", message),)))
    with _registered(module), contextlib.redirect_stdout(sys.stderr):
        try:
            exec(code, module.__dict__)  # the user's own program, as importing it would run it
        except (Exception, SystemExit) as error:
            return Document(source, _title(module, name), (), _problem(error, source))
        authors = [f for f in vars(module).values() if callable(f) and hasattr(f, _MARK)]
        derivations = tuple(_run(author, source) for author in dict.fromkeys(authors))
    if not derivations:
        return Document(source, _title(module, name), (), Problem("script-without-derivation", source.line_span(1)))
    return Document(source, _title(module, name), derivations)


def _run(author: Callable[[Script], None], source: Source) -> Derivation:
    title, reference = getattr(author, _MARK)
    script = Script(author.__name__, source)
    try:
        author(script)
        problem = None if script.steps else Problem("script-without-step", _definition_span(author, source))
    except (Exception, SystemExit) as error:
        problem = _problem(error, source)
    steps = tuple(script.steps)
    if problem is not None:
        text = source.slice(problem.span) if problem.span else ""
        last = Step(
            f"{script.name}/{len(steps) + 1}", None, script.context, span=problem.span, source=text, problem=problem
        )
        steps = (*steps, last)
    return Derivation(script.name, title, steps, reference)


def _definition_span(author: Callable[[Script], None], source: Source) -> Span | None:
    code = getattr(author, "__code__", None)
    return source.line_span(code.co_firstlineno) if code is not None and code.co_filename == source.path else None


def _problem(error: BaseException, source: Source) -> Problem:
    """The problem that an exception is, placed at the script's innermost line."""
    span = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == source.path:
            span = _code_span(source, trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    if isinstance(error, ScriptError):
        return Problem(error.problem.code, span, error.problem.details)
    if isinstance(error, Untranslatable):
        return Problem(error.code, span, error.details)
    return Problem("script-raised", span, (("error", type(error).__name__), ("message", str(error))))


def _title(module: types.ModuleType, path: str) -> str:
    """The first line of the script's docstring, or the file's name."""
    return (module.__doc__ or "").strip().partition("\n")[0].rstrip(".") or Path(path).stem


@contextlib.contextmanager
def _registered(module: types.ModuleType) -> Iterator[None]:
    """The module under its name, and its folder's other modules within reach, while it runs."""
    sys.modules[module.__name__] = module
    folder = str(Path(module.__file__ or "").resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.modules.pop(module.__name__, None)
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)
