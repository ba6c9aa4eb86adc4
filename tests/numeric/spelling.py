"""Short ways to write terms and contexts in the tests of the numeric route."""

from __future__ import annotations

from fractions import Fraction

from derive.language.affine import Affine, affine_of, variable
from derive.language.context import (
    REAL,
    SCALAR,
    STATEMENT,
    Context,
    Definition,
    Domain,
    Range,
    Shape,
    Symbol,
    matrix_shape,
    vector_shape,
)
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, make, num, sym


class T:
    """A term with operators; `~` is the transpose, `@` the product."""

    def __init__(self, term: Term) -> None:
        self.t = term

    def __add__(self, o):
        return T(make("add", self.t, of(o)))

    def __radd__(self, o):
        return T(make("add", of(o), self.t))

    def __sub__(self, o):
        return T(make("add", self.t, make("neg", of(o))))

    def __rsub__(self, o):
        return T(make("add", of(o), make("neg", self.t)))

    def __mul__(self, o):
        return T(make("mul", self.t, of(o)))

    def __rmul__(self, o):
        return T(make("mul", of(o), self.t))

    __matmul__ = __mul__

    def __truediv__(self, o):
        return T(make("div", self.t, of(o)))

    def __rtruediv__(self, o):
        return T(make("div", of(o), self.t))

    def __pow__(self, o):
        return T(make("pow", self.t, of(o)))

    def __neg__(self):
        return T(make("neg", self.t))

    def __invert__(self):
        return T(make("transpose", self.t))

    def __getitem__(self, i):
        i = i if isinstance(i, tuple) else (i,)
        return T(make("entry", self.t, *map(of, i)))

    def eq(self, o):
        return T(make("eq", self.t, of(o)))

    def ne(self, o):
        return T(make("ne", self.t, of(o)))

    def le(self, o):
        return T(make("le", self.t, of(o)))

    def lt(self, o):
        return T(make("lt", self.t, of(o)))

    def ge(self, o):
        return T(make("ge", self.t, of(o)))

    def gt(self, o):
        return T(make("gt", self.t, of(o)))

    def implies(self, o):
        return T(make("implies", self.t, of(o)))

    def iff(self, o):
        return T(make("iff", self.t, of(o)))


def of(x) -> Term:
    if isinstance(x, T):
        return x.t
    if isinstance(x, Term):
        return x
    if isinstance(x, str):
        return sym(x)
    x = Fraction(x)
    return num(x) if x >= 0 else make("neg", num(-x))


def s(names: str):
    found = [T(sym(n)) for n in names.split()]
    return found[0] if len(found) == 1 else found


def h(head: str, *args, value=None) -> T:
    return T(make(head, *map(of, args), value=value))


def total(i, low, high, body, *condition) -> T:
    return h("sum", i, low, high, body, *condition)


def call(name: str, *args) -> T:
    return h("call", *args, value=name)


def every(i, low, high, body) -> T:
    return h("forall", i, low, high, body)


IDENTITY = T(make("identity"))
ONES = T(make("ones"))
PI = T(make("pi"))


def scalars(names: str, domain: Domain = REAL, **more) -> list[Symbol]:
    return [Symbol(n, domain=domain, **more) for n in names.split()]


def sizes(names: str, minimum: int = 1) -> list[Symbol]:
    return [Symbol(n, role="size", minimum=minimum) for n in names.split()]


def vectors(names: str, n, **more) -> list[Symbol]:
    return [Symbol(x, vector_shape(n), **more) for x in names.split()]


def matrices(names: str, n, d, **more) -> list[Symbol]:
    return [Symbol(x, matrix_shape(n, d), **more) for x in names.split()]


def family(names: str, *highs, low: int = 1, shape: Shape = SCALAR, **more) -> list[Symbol]:
    ranges = tuple(Range(Affine(low), variable(x) if isinstance(x, str) else Affine(x)) for x in highs)
    return [Symbol(x, shape, family=ranges, **more) for x in names.split()]


def functions(names: str, *arguments: Shape, shape: Shape = SCALAR, **more) -> list[Symbol]:
    return [Symbol(x, shape, "function", arguments=arguments or (SCALAR,), **more) for x in names.split()]


def index(name: str, low, high) -> Symbol:
    return Symbol(name, role="index", domain=Domain("integer", of(low), of(high)))


POSITIVE = Domain("interval", num(0), None, True, True)
NONNEGATIVE = Domain("interval", num(0), None, False, True)
UNIT = Domain("interval", num(0), num(1), True, True)


def world(*groups, facts=(), defines=()) -> Context:
    """A context; `defines` are (name, params, body) or (name, params, body, ranges)."""
    context = Context().declare(*(x for g in groups for x in (g if isinstance(g, list) else [g])))
    for name, params, body, *ranges in defines:
        scope = {p: Symbol(p) for p in params}
        if ranges:
            scope = {p: Symbol(p, role="index") for p in params}
        elif name in context.symbols and context.symbols[name].arguments:
            scope = {p: Symbol(p, a) for p, a in zip(params, context.symbols[name].arguments, strict=True)}
        checked = elaborate(of(body), context, scope)
        assert isinstance(checked, Checked), checked
        if name not in context.symbols:
            if ranges:
                symbol = Symbol(name, checked.shape, family=tuple(ranges[0]))
            elif params:
                symbol = Symbol(name, checked.shape, "function", arguments=(SCALAR,) * len(params))
            else:
                symbol = Symbol(name, checked.shape)
            context = context.declare(symbol)
        context = context.define(Definition(name, checked.term, tuple(params), tuple(ranges[0]) if ranges else ()))
    return context.assume(*(fact(f, context) for f in facts))


def fact(f, context: Context) -> Term:
    checked = elaborate(of(f), context)
    assert isinstance(checked, Checked), checked
    assert checked.shape == STATEMENT, checked
    return checked.term


def step(statement, context: Context) -> Step:
    return Step("1", fact(statement, context), context)


def up_to(high, low: int = 1) -> Range:
    found = affine_of(of(high))
    assert found is not None
    return Range(Affine(low), found)
