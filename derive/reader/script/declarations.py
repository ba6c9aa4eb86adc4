"""What a script declares, defines and takes as given: sizes, vectors, families, random variables, functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Symbol

from derive.language.affine import Affine, term_of
from derive.language.context import SCALAR, Context, Definition, Domain, Range, Shape
from derive.language.context import Symbol as Declared
from derive.language.term import conjuncts, make, num, sym
from derive.reader.script.statements import script_error
from derive.reader.script.steps import Steps
from derive.reader.script.sympy_heads import (
    Claim,
    Expression,
    Family,
    MatrixHead,
    ScalarHead,
    TensorSymbol,
    is_tensor,
    scalar,
    spelled,
)
from derive.reader.script.sympy_terms import translate


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


class Declarations(Steps):
    """What a script declares and defines, and what is given."""

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
                raise script_error("script-parameter", name=argument.name)
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
            raise script_error("script-recurrence", text=str(equation))
        family, index = left.args[0].name, left.args[1].name
        first = self.context.symbols[family].family[0]
        self._assume(make("forall", sym(index), term_of(first.low + 1), term_of(first.high), statement))
        if start is not None:
            value, _ = self._value(start)
            self._assume(make("eq", make("entry", sym(family), term_of(first.low)), value))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def _running_names(count: int, context: Context) -> list[str]:
    return [
        name for name in ("i", "j", "k", "l") if name not in context.symbols or context.symbols[name].role == "index"
    ][:count]
