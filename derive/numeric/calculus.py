"""Function calls, derivatives and evaluations at a value.

A derivative is taken by seeding its variable with dual numbers and evaluating the body again; definitions that depend
on the variable are followed, and a variable that is itself defined is held independent of its definition. Derivatives
of derivatives nest. A derivative that depends on what is held fixed (an equation among the givens ties the variables)
has no numeric form, nor has one by an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.language.context import SCALAR
from derive.language.letters import is_labelled_by
from derive.language.term import Term
from derive.numeric import formal, integral
from derive.numeric.frame import Frame, Row, Scope, scalar
from derive.numeric.number import ONE, ZERO, Dual, Scalar, fresh_tag, integer_of, unsupported
from derive.numeric.point import Family, with_members
from derive.numeric.tensor import Tensor, Value


def seed(value: Value, tag: int) -> tuple[Value, int]:
    """A value whose entries carry the unit directions of a tag, and their number."""
    if not isinstance(value, Tensor):
        return Dual(tag, scalar(value), (ONE,)), 1
    entries = value.entries()
    k = len(entries)
    units = [tuple(ONE if i == j else ZERO for j in range(k)) for i in range(k)]
    return value.refill(Dual(tag, x, e) for x, e in zip(entries, units, strict=True)), k


def slopes(x: Scalar, tag: int, count: int) -> tuple[Scalar, ...]:
    """The derivatives that a scalar carries along a tag's directions."""
    if isinstance(x, (Family, bool)):
        raise unsupported("the derivative of a family")
    return x.eps if type(x) is Dual and x.tag == tag else (ZERO,) * count


# calls


def apply(name: str, args: list[Value], frame: Frame) -> Value:
    """The value of a function, defined or sampled, at arguments of the shapes it takes."""
    definition = frame.model.context.definitions.get(name)
    if definition is not None:
        if len(definition.params) != len(args) or definition.ranges:
            raise unsupported(f"{name} is no function of {len(args)} arguments")
        scope = dict(zip(definition.params, args, strict=True))
        if frame.model.takes_moments(definition.body):
            frame = _with_parameters(definition.body, scope, frame)
        return frame.value(definition.body, scope)
    if name in frame.point.functions:
        return frame.point.functions[name].apply(args)
    raise unsupported(f"{name} has no value")


def _with_parameters(body: Term, scope: Mapping[str, Value], frame: Frame) -> Frame:
    """A frame in which the parameters of distributions have the values that a function's arguments give them."""
    symbols = frame.model.context.symbols
    moved = {n: v for n, v in scope.items() if n in symbols and symbols[n].role == "variable" and not symbols[n].family}
    for name in moved:
        refuse_tabled(body, name, frame)
    return frame.with_values(moved) if moved else frame


def refuse_tabled(body: Term, name: str, frame: Frame) -> None:
    """Refuse where a finite table of outcomes was made for the value that a name has at the point."""
    model, point = frame.model, frame.point
    names = model.names_of(body)
    tabled = {m[0] for m in point.group_of if m not in point.laws} & names
    if name in tabled or not tabled or not model.takes_moments(body):
        return
    for fact in model.constraints:
        own = model.names_of(fact)
        if name in own and own & tabled:
            raise unsupported(f"a distribution depends on {name}")


def _mapped(name: str, args: list[Value], frame: Frame, function: Callable[[list[Value]], Value]) -> Value:
    """Apply entry by entry where a function of one scalar meets a tensor."""
    symbol = frame.model.context.symbols.get(name)
    entrywise = len(args) == 1 and (symbol is None or not symbol.arguments or symbol.arguments[0] == SCALAR)
    if entrywise and isinstance(args[0], Tensor):
        return args[0].map(lambda x: function([x]))
    return function(args)


def _call(term: Term, scope: Scope, frame: Frame) -> Value:
    args = [frame.value(a, scope) for a in term.args]
    return _mapped(term.name, args, frame, lambda a: apply(term.name, a, frame))


def _dcall(term: Term, scope: Scope, frame: Frame) -> Value:
    name, orders = term.value
    args = [frame.value(a, scope) for a in term.args]
    positions = [i for i, k in enumerate(orders) for _ in range(k)]
    return _mapped(name, args, frame, lambda a: _derived(name, a, positions, frame))


def _derived(name: str, args: list[Value], positions: list[int], frame: Frame) -> Value:
    if not positions:
        return apply(name, args, frame)
    first, rest = positions[0], positions[1:]
    tag = fresh_tag()
    seeded, count = seed(args[first], tag)
    if count > 1 and rest:
        raise unsupported("a higher derivative by a vector")
    value = _derived(name, [*args[:first], seeded, *args[first + 1 :]], rest, frame)
    return _gathered(value, args[first], tag, count, "numerator")


def _gathered(value: Value, by: Value, tag: int, count: int, layout: str) -> Value:
    """The derivative of a value by a variable, in the shape that the language gives it."""
    if not isinstance(by, Tensor):
        if isinstance(value, Tensor):
            return value.map(lambda x: slopes(x, tag, 1)[0])
        return slopes(value, tag, 1)[0]
    if not isinstance(value, Tensor):
        return by.refill(slopes(value, tag, count))
    if value.rank != 1 or by.rank != 1:
        raise unsupported("a derivative of a matrix by a vector")
    rows = [list(slopes(x, tag, count)) for x in value.data]
    if layout == "denominator":
        return Tensor([list(c) for c in zip(*rows, strict=True)], (by.units[0], value.units[0]))
    return Tensor(rows, (value.units[0], by.units[0]))


# derivatives by a variable of the formula


class _Variable:
    """What is differentiated by: its value, and where a seeded value is to be put."""

    def __init__(self, term: Term, body: Term, scope: Scope, frame: Frame) -> None:
        self.scope = scope
        self.frame = frame
        base = term
        self.index: tuple[int, ...] = ()
        if term.head == "entry":
            base = term.args[0]
            self.index = tuple(frame.integer(i, scope) for i in term.args[1:])
        if base.head != "sym":
            raise unsupported("a derivative by an expression")
        self.name: str = base.value
        self.bound = self.name in scope
        self.family = 0
        if not self.bound:
            self._check(body)
            symbol = frame.model.context.symbols.get(self.name)
            self.family = len(symbol.family) if symbol is not None else 0
        self.value = frame.value(term, scope)

    def _check(self, body: Term) -> None:
        """Refuse where the derivative depends on what is held fixed."""
        model = self.frame.model
        symbol = model.context.symbols.get(self.name)
        if symbol is not None and symbol.role in ("size", "index"):
            raise unsupported("a derivative by an integer")
        names = model.names_of(body)
        if model.is_computed(self.name) and self.name not in names:
            raise unsupported(f"{self.name} does not occur in what is differentiated")
        refuse_tabled(body, self.name, self.frame)
        if any(is_labelled_by(name, self.name) and not model.is_computed(name) for name in names):
            raise unsupported("a derivative by the label of a name")
        for name in sorted(names - {self.name}):
            rules = model.rules.get(name)
            if rules and not rules[0].indices and self.name in model.closure(name):
                raise unsupported(f"an equation ties {name} to {self.name}")

    def put(self, value: Value) -> tuple[Scope, Frame]:
        """The scope and frame in which the variable has another value."""
        if self.bound:
            whole = self.scope[self.name]
            return {**self.scope, self.name: self._replace(whole, self.index, value)}, self.frame
        if not self.index:
            whole = self.frame.name(self.name)
            if isinstance(whole, Family) and isinstance(value, Tensor):
                value = Family(dict(zip(sorted(whole.values), value.entries(), strict=True)))
            return self.scope, self.frame.with_values({self.name: value})
        if not self.family:
            whole = self._replace(self.frame.name(self.name), self.index, value)
            return self.scope, self.frame.with_values({self.name: whole})
        member, inside = self.index[: self.family], self.index[self.family :]
        whole = self._replace(self.frame.member(self.name, member), inside, value)
        return self.scope, self.frame.with_member(self.name, member, whole)

    @staticmethod
    def _replace(whole: Value, index: tuple[int, ...], value: Value) -> Value:
        return with_members(whole, {index: value}) if index else value


def _deriv(term: Term, scope: Scope, frame: Frame) -> Value:
    body, var = term.args
    variable = _Variable(var, body, scope, frame)
    tag = fresh_tag()
    seeded, count = seed(variable.value, tag)
    inner_scope, inner_frame = variable.put(seeded)
    value = inner_frame.value(body, inner_scope)
    return _gathered(value, variable.value, tag, count, term.value or frame.model.context.layout)


def _hessian(term: Term, scope: Scope, frame: Frame) -> Value:
    body, var = term.args
    variable = _Variable(var, body, scope, frame)
    outer, inner = fresh_tag(), fresh_tag()
    once, count = seed(variable.value, outer)
    twice, _ = seed(once, inner)
    inner_scope, inner_frame = variable.put(twice)
    value = scalar(inner_frame.value(body, inner_scope))
    rows = [list(slopes(first, outer, count)) for first in slopes(value, inner, count)]
    by = variable.value
    return Tensor(rows, (by.units[0], by.units[0])) if isinstance(by, Tensor) else rows[0][0]


def _at(term: Term, scope: Scope, frame: Frame) -> Value:
    var, value, body = term.args
    point = frame.value(value, scope)
    name = var.value
    symbol = frame.model.context.symbols.get(name)
    if name in scope or symbol is None:
        return frame.value(body, {**scope, name: point})
    if symbol.role in ("size", "index"):
        point = integer_of(point)
        if name in frame.point.sizes and frame.point.sizes[name] == point:
            return frame.value(body, scope)
        raise unsupported("a size with another value")
    refuse_tabled(body, name, frame)
    return frame.with_values({name: point}).value(body, scope)


def _integral(term: Term, scope: Scope, frame: Frame) -> Value:
    var, low, high, body = term.args

    def integrand(x: Scalar) -> Scalar:
        if var.value in scope or var.value not in frame.model.context.symbols:
            return scalar(frame.value(body, {**scope, var.value: x}))
        return scalar(frame.with_values({var.value: x}).value(body, scope))

    start = None if low.head == "neg" and low.args[0].head == "infinity" else scalar(frame.value(low, scope))
    if high.head == "infinity":
        if type(start) is Dual:
            raise unsupported("the derivative of an integral")
        number = fresh_tag()
        return integral.over_line(integrand(formal.variable(number)), number, start, None)
    if start is None:
        raise unsupported("an integral from minus infinity to a number")
    return integral.integrate(integrand, start, scalar(frame.value(high, scope)))


ROWS: Mapping[str, Row] = {
    "call": _call,
    "dcall": _dcall,
    "deriv": _deriv,
    "hessian": _hessian,
    "at": _at,
    "integral": _integral,
}
