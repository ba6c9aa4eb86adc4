"""Terms to normal forms: one rule per head.

A tensor term is lowered at given indices to the scalar that stands there, so matrices, sums and derivatives all
become the same thing. Definitions are expanded as they are met; a symbol that something is differentiated by is held
opaque meanwhile and its definition put back afterwards. What a written term needs to have a value (divisors,
arguments of log, inverses, index ranges, derivatives at kinks) is collected in `ring.needs`; needs of a value's own
definition are in force already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import fmpq

from derive.language.affine import Affine, affine_of, term_of, variable
from derive.language.context import SCALAR, Definition, Shape, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, make, num, sym
from derive.normal_form.atom import ONE, ZERO, Poly, constant_poly, tensor_mark
from derive.normal_form.derivative import Target, differentiate
from derive.normal_form.functions import (
    Argument,
    absolute,
    apply,
    call,
    delta,
    exponential,
    extreme,
    hyperbolic,
    logarithm,
    maximum,
    step,
    symbolic_power,
)
from derive.normal_form.matrix import determinant, identity_entry, inverse_entry, make_matrix, substitute_matrix
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.renaming import Substitution, substitute
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive
from derive.normal_form.spelling import spell
from derive.normal_form.summation import indexed_product, sum_over
from derive.normal_form.written import written_sign

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOLDS = {"nonzero": is_nonzero, "positive": is_positive, "nonnegative": is_nonnegative}
_SIGNS = {"nonzero": ("+", "-"), "positive": ("+",), "nonnegative": ("+", "0+", "0")}
_RELATIONS = {"nonzero": "ne", "positive": "gt", "nonnegative": "ge"}

Index = tuple[Affine, ...]
UNIT: Index = (Affine(1),)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name bound in the term stands for: an index term, or the entries of a value."""

    symbol: Symbol
    index: Affine | None = None
    entry: Callable[[Index], Poly] | None = None


Env = Mapping[str, Binding]


class Lowering:
    """Lowers terms in one ring."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.context = ring.context
        self.frozen: dict[str, str] = {}
        self.quiet = 0
        self.depth = 0
        self.memo: dict[tuple[str, Index], Poly] = {}
        self.binders: list[tuple[str, Affine, Affine]] = []
        self.random_scope = 0

    # entry points

    def lower(self, term: Term, indices: Index = (), env: Env | None = None) -> Poly:
        """The scalar that stands at `indices` of the term (no indices: the term is a scalar)."""
        self.depth += 1
        if self.depth > 300:
            raise OutOfReach("a formula nested too deeply")
        self.ring.budget.spend()
        try:
            return _RULES[term.head](self, term, indices, env or {})
        finally:
            self.depth -= 1

    def shape(self, term: Term, env: Env) -> Shape:
        """The shape of a (sub)term."""
        checked = elaborate(term, self.context, {name: b.symbol for name, b in env.items()})
        if not isinstance(checked, Checked):
            raise OutOfReach(f"a part whose shape does not fit ({checked.code})")
        return checked.shape

    def affine(self, term: Term, env: Env) -> Affine:
        """An index term."""
        found = affine_of(term)
        if found is None:
            raise OutOfReach("an index that is not an integer combination")
        values: dict[str, Affine] = {}
        for name in found.names:
            binding = env.get(name)
            if binding is not None:
                if binding.index is None:
                    raise OutOfReach("an index that is a value")
                values[name] = binding.index
        return found.substitute(values)

    def sign_needed(self, kind: str, poly: Poly, written: Term, env: Env) -> None:
        """Record that a written scalar must be nonzero, positive or nonnegative, unless that is shown."""
        if self.quiet or _HOLDS[kind](self.ring, poly) or written_sign(self, written, env) in _SIGNS[kind]:
            return
        self.need(kind, poly, make(_RELATIONS[kind], self.spelled(written, env), num(0)))

    def need(self, kind: str, poly: Poly | None, statement: Term, matrix: object = None) -> None:
        """Record what the term needs to have a value, unless its definition brought it into force."""
        if self.quiet:
            return
        for name, low, high in reversed(self.binders):
            if poly is None or name in poly.free:
                statement = make("forall", sym(name), term_of(low), term_of(high), statement)
        certain = all(self.ring.ranges.at_least_zero(high - low) for _, low, high in self.binders)
        self.ring.needs.append(Need(kind, statement, poly, matrix, certain))

    def assume(self, kind: str, poly: Poly, written: Term, env: Env) -> None:
        """Record that a rule was used that holds only where a scalar has a sign (the term may have a value beyond)."""
        statement = make(_RELATIONS[kind], self.spelled(written, env), num(0))
        for name, low, high in reversed(self.binders):
            if name in poly.free:
                statement = make("forall", sym(name), term_of(low), term_of(high), statement)
        self.ring.assumed.append(Need(kind, statement, poly))

    @contextmanager
    def bound(self, name: str) -> Iterator[None]:
        """While a body under a bound index is lowered (its needs hold for every value)."""
        low, high = self.ring.ranges.ends[name]
        assert high is not None
        self.binders.append((name, low, high))
        try:
            yield
        finally:
            self.binders.pop()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """While the body of a value's definition is lowered."""
        self.quiet += 1
        try:
            yield
        finally:
            self.quiet -= 1

    def index_binding(self, name: str, value: Affine) -> Binding:
        """A bound index."""
        return Binding(Symbol(name, role="index"), index=value)

    def spelled(self, term: Term, env: Env) -> Term:
        """The term with bound names replaced by what they stand for, as far as that can be written."""
        from derive.language.term import substitute as replace_names

        values: dict[str, Term] = {}
        for name, b in env.items():
            if b.index is not None:
                values[name] = term_of(b.index)
        return replace_names(term, values) if values else term


def _number(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return constant_poly(term.value)


def _symbol(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    name = term.name
    binding = env.get(name)
    if binding is not None:
        if binding.index is not None:
            return low.ring.affine(binding.index)
        assert binding.entry is not None
        return binding.entry(indices)
    return named_value(low, name, indices)


def named_value(low: Lowering, name: str, indices: Index) -> Poly:
    """The value of a name of the context at (family and tensor) indices."""
    ring = low.ring
    if name in low.frozen:
        raw = low.frozen[name]
        return ring.value(ring.entry(raw, indices) if indices else ring.symbol(raw))
    definition = low.context.definitions.get(name)
    if definition is not None and (definition.ranges or not definition.params):
        return _defined(low, definition, indices)
    symbol = low.context.symbols.get(name)
    if symbol is None:
        raise OutOfReach(f"a name without a declaration ({name})")
    if symbol.role == "event":
        raise OutOfReach("an event as a number")
    if symbol.role in ("index", "size") and not symbol.family:
        return ring.affine(variable(name))
    if not indices:
        return ring.symbol_rules.get(name) or ring.value(ring.symbol(name))
    if "diagonal" in symbol.properties and len(indices) == 2:
        return multiply(ring, delta(ring, indices[0] - indices[1]), ring.value(ring.entry(name, indices)))
    for rule in ring.entry_rules.get(name, ()):
        value = rule(indices)
        if value is not None:
            return value
    return ring.value(ring.entry(name, indices))


def _defined(low: Lowering, definition: Definition, indices: Index) -> Poly:
    key = (definition.name, indices)
    if not low.frozen and key in low.memo:
        return low.memo[key]
    count = len(definition.ranges)
    env = {p: low.index_binding(p, i) for p, i in zip(definition.params, indices[:count], strict=True)}
    with low.silent():
        value = low.lower(definition.body, indices[count:], env)
    if not low.frozen:
        low.memo[key] = value
    return value


def _pi(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return low.ring.value(low.ring.atom("constant", "pi"))


def _refuse(reason: str) -> Callable[[Lowering, Term, Index, Env], Poly]:
    def rule(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
        raise OutOfReach(reason)

    return rule


def _identity(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return identity_entry(low.ring, indices[:1], indices[1:])


def _ones(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return ONE


def _zeros(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return ZERO


# --- algebra ----------------------------------------------------------------------------------------------------------


def _add(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    total = ZERO
    for arg in term.args:
        total = total + low.lower(arg, indices, env)
    return total


def _negation(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return -low.lower(term.args[0], indices, env)


def _product(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    if len(term.args) != 2 or not indices:
        shapes = [low.shape(a, env) for a in term.args]
        if all(not s.axes for s in shapes):
            result = ONE
            for arg in term.args:
                result = multiply(ring, result, low.lower(arg, (), env))
            return result
    left, right = term.args
    a, b = low.shape(left, env), low.shape(right, env)
    if not a.axes:
        return multiply(ring, low.lower(left, (), env), low.lower(right, indices, env))
    if not b.axes:
        return multiply(ring, low.lower(left, indices, env), low.lower(right, (), env))
    rows = a.axes[0]
    inner = a.axes[1] if a.rank == 2 else (Affine(1),)
    columns = b.axes[1] if b.rank == 2 else (Affine(1),)
    unit: Index = (Affine(1),)
    has_columns = columns != unit
    row: Index
    if rows == unit and not has_columns:
        row, column = unit, unit
    elif not has_columns:
        row, column = indices, unit
    else:
        row, column = indices[: len(rows)], indices[len(rows) :]
    if inner == unit:
        middle: Index = unit
        names: list[str] = []
    else:
        names = [ring.fresh(Affine(1), size) for size in inner]
        middle = tuple(map(variable, names))
    first = low.lower(left, row + middle if a.rank == 2 else row, env)
    second = low.lower(right, middle + column if b.rank == 2 else middle, env)
    return sum_over(ring, multiply(ring, first, second), names)


def _quotient(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    bottom = low.lower(term.args[1], (), env)
    top = low.lower(term.args[0], indices, env)
    return multiply(low.ring, top, _reciprocal(low, bottom, term.args[1], env))


def _reciprocal(low: Lowering, value: Poly, written: Term, env: Env) -> Poly:
    if not value:
        raise OutOfReach("a division by zero")
    low.sign_needed("nonzero", value, written, env)
    return power(low.ring, value, -1)


def _is_integer(low: Lowering, poly: Poly) -> bool:
    """Whether a normal form takes integer values only: integer combinations of products of integer symbols."""
    for mono, c in poly.terms.items():
        if c.q != 1:
            return False
        for a, e in mono:
            if a.kind != "sym" or not isinstance(e, int) or e < 0 or not low.ring.is_integer(a.data[0].text):
                return False
    return True


def _power(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    base_term, exponent_term = term.args
    if indices:
        return _matrix_power(low, base_term, int(exponent_term.value), indices, env)
    base = low.lower(base_term, (), env)
    exponent = low.lower(exponent_term, (), env)
    number = exponent.constant
    if number is not None:
        e = Fraction(int(number.p), int(number.q))
        if e.denominator == 1:
            if e < 0:
                if not base:
                    raise OutOfReach("a division by zero")
                low.sign_needed("nonzero", base, base_term, env)
        else:
            low.sign_needed("positive" if e < 0 else "nonnegative", base, base_term, env)
        return power(ring, base, e.numerator if e.denominator == 1 else e)
    if not is_positive(ring, base):
        # b^x has a value for some x at b ≤ 0 too, but the rules of powers hold only where b > 0 (b ≠ 0 for integers x)
        if not _is_integer(low, exponent):
            low.assume("positive", base, base_term, env)
        elif not is_nonnegative(ring, exponent):
            low.assume("nonzero", base, base_term, env)
        elif not is_nonzero(ring, base):
            # b^(n−i) is split into b^n (b^i)^−1: valid off b = 0, and both sides are continuous there
            ring.generic.append(base)
    return symbolic_power(ring, base, exponent)


def _matrix_power(low: Lowering, base: Term, exponent: int, indices: Index, env: Env) -> Poly:
    shape = low.shape(base, env)
    half = len(shape.axes[0])
    if exponent == 0:
        return identity_entry(low.ring, indices[:half], indices[half:])
    if exponent < 0:
        inverse = make("inverse", base)
        return _matrix_power(low, inverse, -exponent, indices, env)
    if exponent == 1:
        return low.lower(base, indices, env)
    if exponent > 12:
        raise OutOfReach("a high matrix power")
    result = base
    for _ in range(exponent - 1):
        result = make("mul", result, base)
    return low.lower(result, indices, env)


# --- functions --------------------------------------------------------------------------------------------------------


def _function(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    value = low.lower(term.args[0], indices, env)
    head = term.head
    if head == "exp":
        return exponential(ring, value)
    if head == "log":
        if not indices:
            low.sign_needed("positive", value, term.args[0], env)
        elif not is_positive(ring, value):
            low.need("positive", value, make("gt", low.spelled(term.args[0], env), num(0)))
        return logarithm(ring, value)
    if head == "sqrt":
        if not indices:
            low.sign_needed("nonnegative", value, term.args[0], env)
        elif not is_nonnegative(ring, value):
            low.need("nonnegative", value, make("ge", low.spelled(term.args[0], env), num(0)))
        return power(ring, value, Fraction(1, 2))
    if head in ("sinh", "cosh", "tanh"):
        return hyperbolic(ring, head, value)
    if head == "factorial" and not (_is_integer(low, value) and is_nonnegative(ring, value)):
        raise OutOfReach("a factorial of what may be no natural number")
    return apply(ring, head, value)


def _extremes(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return maximum(low.ring, [low.lower(a, (), env) for a in term.args], least=term.head == "min")


def _call(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    name = term.name
    definition = low.context.definitions.get(name)
    symbol = low.context.symbols[name]
    wanted = symbol.arguments or (SCALAR,) * len(term.args)
    shapes = [low.shape(a, env) for a in term.args]
    mapped = len(wanted) == 1 and not wanted[0].axes and bool(shapes[0].axes)
    orders: tuple[int, ...] = term.value[1] if term.head == "dcall" else (0,) * len(term.args)
    if definition is not None and definition.params and not definition.ranges:
        return _apply_definition(low, definition, term, indices, env, mapped, orders)
    arguments: list[Argument] = []
    slots: list[tuple[int, Index]] = []
    rest = indices
    for position, (arg, shape) in enumerate(zip(term.args, shapes, strict=True)):
        if mapped or not shape.axes:
            arguments.append(Argument(None, None, None, low.lower(arg, indices if mapped else (), env)))
            slots += [(position, ())] * orders[position]
            continue
        if shape.rank != 1 or len(shape.axes[0]) != 1:
            raise OutOfReach("a function of a matrix")
        index = ring.fresh(Affine(1), shape.axes[0][0])
        with low.bound(index):
            body = low.lower(arg, (variable(index),), env)
        arguments.append(Argument(Affine(1), shape.axes[0][0], index, body))
        if orders[position]:
            if orders[position] > 1 or len(rest) != 1:
                raise OutOfReach("a higher derivative of a function of a vector")
            slots.append((position, rest))
            rest = ()
    if rest and not mapped:
        raise OutOfReach("a function with vector values")
    return call(ring, name, slots, arguments)


def _apply_definition(
    low: Lowering, definition: Definition, term: Term, indices: Index, env: Env, mapped: bool, orders: tuple[int, ...]
) -> Poly:
    inner: dict[str, Binding] = {}
    symbol = low.context.symbols[definition.name]
    wanted = symbol.arguments or (SCALAR,) * len(term.args)
    for param, arg, want in zip(definition.params, term.args, wanted, strict=True):
        inner[param] = _bind_value(low, param, want, arg, indices if mapped else None, env)
    at = () if mapped else indices
    if not any(orders):
        return low.lower(definition.body, at, inner)
    if sum(1 for o in orders if o) != 1:
        raise OutOfReach("a mixed derivative of a defined function")
    position = next(i for i, o in enumerate(orders) if o)
    body = definition.body
    for _ in range(orders[position]):
        body = make("deriv", body, sym(definition.params[position]), value=low.context.layout)
    return low.lower(body, at, inner)


def _bind_value(low: Lowering, name: str, want: Shape, arg: Term, at: Index | None, env: Env) -> Binding:
    """A function's parameter bound to an argument (entry-wise at fixed indices where `at` is given)."""
    if arg.head == "sym" and arg.name in env and at is None:
        return replace(env[arg.name], symbol=replace(env[arg.name].symbol, name=name))
    cache: dict[Index, Poly] = {}

    def entry(indices: Index) -> Poly:
        where = at if at is not None else indices
        if where not in cache:
            cache[where] = low.lower(arg, where, env)
        return cache[where]

    return Binding(Symbol(name, want), entry=entry)


# --- indices and conditions -------------------------------------------------------------------------------------------


def _delta(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return delta(low.ring, low.affine(term.args[0], env) - low.affine(term.args[1], env))


def condition_value(low: Lowering, statement: Term, env: Env) -> Poly:
    """1 where a statement about indices holds, else 0."""
    ring = low.ring
    if statement.head == "true":
        return ONE
    if statement.head == "and":
        result = ONE
        for part in statement.args:
            result = multiply(ring, result, condition_value(low, part, env))
        return result
    if statement.head in ("eq", "ne", "lt", "le", "gt", "ge"):
        left, right = (low.affine(a, env) for a in statement.args)
        if not all(ring.is_index_like(n) for n in (left - right).names):
            raise OutOfReach("a case distinction")
        difference = left - right
        if statement.head == "eq":
            return delta(ring, difference)
        if statement.head == "ne":
            return ONE - delta(ring, difference)
        if statement.head in ("lt", "le"):
            difference = -difference
        return step(ring, difference if statement.head in ("lt", "gt") else difference + 1)
    raise OutOfReach("a case distinction")


def _indicator(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return condition_value(low, term.args[0], env)


def _cases(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    total, open_share = ZERO, ONE
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        if value.head == "undefined":
            raise OutOfReach("a case distinction")
        holds = condition_value(low, condition, env)
        share = multiply(ring, open_share, holds)
        total = total + multiply(ring, share, low.lower(value, indices, env))
        open_share = open_share - share
    if open_share:
        raise OutOfReach("cases that may leave a gap")
    return total


def _entry(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    base, *written = term.args
    at = tuple(low.affine(i, env) for i in written)
    if base.head == "sym" and base.name not in env:
        symbol = low.context.symbols.get(base.name)
        if symbol is None:
            raise OutOfReach(f"a name without a declaration ({base.name})")
        ends = [(r.low, r.high) for r in symbol.family]
        if len(at) > len(ends):
            ends += [(Affine(1), axis[0]) for axis in symbol.shape.axes]
        for where, (first, last) in zip(at, ends, strict=False):
            _check_range(low, where, first, last)
        return named_value(low, base.name, at + indices)
    shape = low.shape(base, env)
    for where, axis in zip(at, shape.axes, strict=True):
        if len(axis) != 1:
            raise OutOfReach("a single index into a composite axis")
        _check_range(low, where, Affine(1), axis[0])
    return low.lower(base, at + indices, env)


def _check_range(low: Lowering, where: Affine, first: Affine, last: Affine) -> None:
    for at_least in (where - first, last - where):
        if low.ring.ranges.at_least_zero(at_least):
            continue
        if low.ring.ranges.positive(-at_least):
            raise OutOfReach("an index out of its range")
        low.need("range", low.ring.affine(at_least), make("ge", term_of(at_least), num(0)))


def _written_vector(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    columns = term.value[1] if term.head == "matrix" else 1
    total = ZERO
    for position, arg in enumerate(term.args):
        row, column = divmod(position, columns)
        share = delta(low.ring, indices[0] - (row + 1))
        if term.head == "matrix":
            share = multiply(low.ring, share, delta(low.ring, indices[1] - (column + 1)))
        if share:
            total = total + multiply(low.ring, share, low.lower(arg, (), env))
    return total


# --- linear algebra ---------------------------------------------------------------------------------------------------


def _transpose(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if not shape.axes:
        return low.lower(term.args[0], (), env)
    if shape.rank == 1:
        return low.lower(term.args[0], indices[1:], env)
    if shape.axes[0] == UNIT:
        return low.lower(term.args[0], UNIT + indices, env)
    columns = len(shape.axes[1])
    return low.lower(term.args[0], indices[columns:] + indices[:columns], env)


def _square_factors(low: Lowering, term: Term, env: Env) -> tuple[Term, Term] | None:
    """The factors of a product of two square matrices of one size."""
    if term.head != "mul" or len(term.args) != 2:
        return None
    left, right = term.args
    a, b = low.shape(left, env), low.shape(right, env)
    if a.rank == 2 and b.rank == 2 and a.axes[0] == a.axes[1] == b.axes[0] == b.axes[1]:
        return left, right
    return None


def _inverse(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    arg = term.args[0]
    shape = low.shape(arg, env)
    if not shape.axes:
        return _reciprocal(low, low.lower(arg, (), env), arg, env)
    half = len(shape.axes[0])
    if arg.head == "transpose":
        return low.lower(make("inverse", arg.args[0]), indices[half:] + indices[:half], env)
    factors = _square_factors(low, arg, env)
    if factors is not None:
        left, right = factors
        return low.lower(make("mul", make("inverse", right), make("inverse", left)), indices, env)
    matrix = make_matrix(low.ring, shape.axes[0], lambda i, j: low.lower(arg, i + j, env))
    statement = make("has", low.spelled(arg, env), value="invertible")
    low.need("invertible", None, statement, matrix)
    return inverse_entry(low.ring, matrix, indices[:half], indices[half:])


def _trace(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if not shape.axes:
        return low.lower(term.args[0], (), env)
    names = [low.ring.fresh(Affine(1), size) for size in shape.axes[0]]
    at = tuple(map(variable, names))
    return sum_over(low.ring, low.lower(term.args[0], at + at, env), names)


def _determinant(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    arg = term.args[0]
    shape = low.shape(arg, env)
    if not shape.axes:
        return low.lower(arg, (), env)
    if arg.head == "transpose":
        return low.lower(make("det", arg.args[0]), (), env)
    factors = _square_factors(low, arg, env)
    if factors is not None:
        first, second = (low.lower(make("det", f), (), env) for f in factors)
        return multiply(low.ring, first, second)
    matrix = make_matrix(low.ring, shape.axes[0], lambda i, j: low.lower(arg, i + j, env))
    value = determinant(low.ring, matrix)
    _note_definite(low, value, matrix)
    return value


def _note_definite(low: Lowering, value: Poly, matrix: tuple[object, ...]) -> None:
    from derive.normal_form.definite import is_invertible, is_positive_definite

    single = value.single()
    if single is None or len(single[0]) != 1 or single[0][0][0].kind != "det":
        return
    atom = low.ring.value(single[0][0][0])
    if any(known == atom for _, known in low.ring.known):
        return
    inner = single[0][0][0].data[0]
    if is_positive_definite(low.ring, inner):
        low.ring.know("positive", atom)
    elif is_invertible(low.ring, inner):
        low.ring.know("nonzero", atom)


def _diag(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if shape.rank == 1:
        half = len(shape.axes[0])
        share = identity_entry(low.ring, indices[:half], indices[half:])
        return multiply(low.ring, share, low.lower(term.args[0], indices[:half], env)) if share else ZERO
    return low.lower(term.args[0], indices + indices, env)


def _vec(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shape = low.shape(term.args[0], env)
    if shape.rank == 1:
        return low.lower(term.args[0], indices, env)
    columns = len(shape.axes[1])
    return low.lower(term.args[0], indices[columns:] + indices[:columns], env)


def _hadamard(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    result = ONE
    for arg in term.args:
        result = multiply(low.ring, result, low.lower(arg, indices, env))
    return result


def _entry_quotient(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    bottom = low.lower(term.args[1], indices, env)
    return multiply(low.ring, low.lower(term.args[0], indices, env), _reciprocal(low, bottom, term.args[1], env))


def _kronecker(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    shapes = [low.shape(a, env) for a in term.args]
    rows = [len(s.axes[0]) for s in shapes]
    flat = all(s.rank == 1 for s in shapes)
    split = sum(rows)
    row_indices, column_indices = indices[:split], indices[split:]
    result = ONE
    r = c = 0
    for arg, shape in zip(term.args, shapes, strict=True):
        at = row_indices[r : r + len(shape.axes[0])]
        r += len(shape.axes[0])
        if not flat:
            width = len(shape.axes[1]) if shape.rank == 2 else 1
            if shape.rank == 2:
                at = at + column_indices[c : c + width]
            c += width
        result = multiply(low.ring, result, low.lower(arg, at, env))
    return result


def _inner(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    left, right = term.args
    shape = low.shape(left, env)
    names = [low.ring.fresh(Affine(1), size) for axis in shape.axes for size in axis]
    at = tuple(map(variable, names))
    return sum_over(low.ring, multiply(low.ring, low.lower(left, at, env), low.lower(right, at, env)), names)


def _norm(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    arg = term.args[0]
    shape = low.shape(arg, env)
    if not shape.axes:
        return absolute(ring, low.lower(arg, (), env))
    names = [ring.fresh(Affine(1), size) for axis in shape.axes for size in axis]
    at = tuple(map(variable, names))
    value = low.lower(arg, at, env)
    if term.value == "1":
        return sum_over(ring, absolute(ring, value), names)
    if term.value == "inf":
        return extreme(ring, "max", absolute(ring, value), names[0])
    return power(ring, sum_over(ring, power(ring, value, 2), names), Fraction(1, 2))


def _softmax(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    shape = low.shape(term.args[0], env)
    names = [ring.fresh(Affine(1), size) for size in shape.axes[0]]
    total = sum_over(ring, exponential(ring, low.lower(term.args[0], tuple(map(variable, names)), env)), names)
    return multiply(ring, exponential(ring, low.lower(term.args[0], indices, env)), power(ring, total, -1))


# --- binders ----------------------------------------------------------------------------------------------------------

FEW = 12  # sums and products over at most so many explicit values are written out


def _range(low: Lowering, term: Term, env: Env) -> tuple[Affine, Affine]:
    if any(t.head in ("infinity",) or (t.head == "neg" and t.args[0].head == "infinity") for t in term.args[1:3]):
        raise OutOfReach("an infinite range")
    return low.affine(term.args[1], env), low.affine(term.args[2], env)


def _sum(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    name = term.args[0].name
    first, last = _range(low, term, env)

    def summand(at: Affine) -> Poly:
        inner = {**env, name: low.index_binding(name, at)}
        value = low.lower(term.args[3], indices, inner)
        if len(term.args) > 4:
            value = multiply(ring, value, condition_value(low, term.args[4], inner))
        return value

    if first.is_constant and last.is_constant and last.constant - first.constant < FEW:
        total = ZERO
        for k in range(first.constant, last.constant + 1):
            total = total + summand(Affine(k))
        return total
    index = ring.fresh(first, last)
    with low.bound(index):
        value = summand(variable(index))
    return sum_over(ring, value, [index])


def _indexed_product(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    if len(term.args) > 4:
        raise OutOfReach("a product with a condition on its index")
    name = term.args[0].name
    first, last = _range(low, term, env)
    index = low.ring.fresh(first, last)
    with low.bound(index):
        body = low.lower(term.args[3], (), {**env, name: low.index_binding(name, variable(index))})
    return indexed_product(low.ring, body, index)


def _extreme_over(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    name = term.args[0].name
    first, last = _range(low, term, env)
    index = low.ring.fresh(first, last)
    with low.bound(index):
        body = low.lower(term.args[3], (), {**env, name: low.index_binding(name, variable(index))})
    return extreme(low.ring, "max" if term.head == "maxover" else "min", body, index)


def _tabulate(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    name = term.args[0].name
    first, _ = _range(low, term, env)
    at = indices[0] + first + (-1)
    return low.lower(term.args[3], (), {**env, name: low.index_binding(name, at)})


# --- calculus ---------------------------------------------------------------------------------------------------------


@contextmanager
def _held(low: Lowering, name: str, env: Env) -> Iterator[tuple[str, dict[str, Binding]]]:
    """A name held opaque: the raw name that stands for it meanwhile, and the environment to use."""
    low.ring.count += 1
    raw = f"{name}′{low.ring.count}"
    if name in env:
        symbol = env[name].symbol

        def entry(indices: Index) -> Poly:
            return low.ring.value(low.ring.entry(raw, indices) if indices else low.ring.symbol(raw))

        low.ring.inherit(raw, name)
        yield raw, {**env, name: Binding(symbol, entry=entry)}
        return
    saved = dict(low.frozen)
    low.frozen[name] = raw
    low.ring.inherit(raw, name)
    try:
        yield raw, dict(env)
    finally:
        low.frozen = saved


def _target(low: Lowering, var: Term, env: Env) -> tuple[str, Index | None, Shape]:
    """The name that is differentiated by, its written indices (None: as a whole), and the shape of what is left."""
    if var.head == "sym":
        return var.name, None, low.shape(var, env)
    if var.head == "entry" and var.args[0].head == "sym":
        return var.args[0].name, tuple(low.affine(i, env) for i in var.args[1:]), low.shape(var, env)
    raise OutOfReach("a derivative with respect to an expression")


def _put_back(low: Lowering, poly: Poly, raw: str, name: str, env: Env) -> Poly:
    """Replace the held name by its value."""
    values = _value_of(low, raw, name, env)
    if raw in poly.free:
        values = replace(values, scalars={raw: values.tensors[raw](())})
    return substitute(low.ring, poly, values)


def _value_of(low: Lowering, raw: str, name: str, env: Env) -> Substitution:
    """The substitution of the held name (as a tensor) by its value."""

    def value(indices: Index) -> Poly:
        binding = env.get(name)
        if binding is not None:
            assert binding.entry is not None
            return binding.entry(indices)
        return named_value(low, name, indices)

    return Substitution(tensors={raw: value})


def _derivative(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    body, var = term.args
    if var.head == "pow" and var.args[0].head == "sym" and var.args[1].head == "num":
        return _by_power(low, body, var, indices, env)
    shape = low.shape(body, env)
    name, written, by = _target(low, var, env)
    if not by.axes:
        at, target = indices, written
    elif not shape.axes:
        at, target = (), (written or ()) + indices
    else:
        rows = len(shape.axes[0])
        if (term.value or low.context.layout) == "numerator":
            at, target = indices[:rows], (written or ()) + indices[rows:]
        else:
            columns = len(by.axes[0])
            at, target = indices[columns:], (written or ()) + indices[:columns]
    return _differentiate(low, body, at, name, [target], env)


def _differentiate(low: Lowering, body: Term, at: Index, name: str, targets: list[Index | None], env: Env) -> Poly:
    before = len(low.ring.needs)
    with _held(low, name, env) as (raw, inner):
        value = low.lower(body, at, inner)
        _refuse_ties(low, value, name, env)
        for target in targets:
            value = differentiate(low.ring, value, Target(raw, target or None))
    for position in range(before, len(low.ring.needs)):
        need = low.ring.needs[position]
        if need.matrix is not None and tensor_mark(raw) in need.matrix[3].free:
            matrix = substitute_matrix(low.ring, need.matrix, _value_of(low, raw, name, env))
            low.ring.needs[position] = replace(need, matrix=matrix)
        elif need.poly is not None and need.poly.free & {raw, tensor_mark(raw)}:
            poly = _put_back(low, need.poly, raw, name, env)
            statement = spell(low.ring, poly, "nonzero") if need.kind == "exists" else need.statement
            low.ring.needs[position] = replace(need, poly=poly, statement=statement)
    return _put_back(low, value, raw, name, env)


def _refuse_ties(low: Lowering, value: Poly, name: str, env: Env) -> None:
    """A recurrence between the variable and something else in the body defines the one by the other."""
    if name in env:
        return
    tied = low.ring.ties.get(name, frozenset())
    if any(n.strip("[]") in tied for n in value.free):
        raise OutOfReach("a derivative through a recurrence")


def _by_power(low: Lowering, body: Term, var: Term, indices: Index, env: Env) -> Poly:
    """∂/∂(s^k) = ∂/∂s divided by k s^(k−1), for s > 0."""
    base, exponent = var.args
    ring = low.ring
    s = low.lower(base, (), env)
    if not is_positive(ring, s):
        raise OutOfReach("a derivative with respect to a power of what may be no positive number")
    inner = _differentiate(low, body, indices, base.name, [None], env)
    k = Fraction(exponent.value)
    slope = power(ring, s, k - 1).scale(fmpq(k.numerator, k.denominator))
    return multiply(ring, inner, power(ring, slope, -1))


def _hessian(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    body, var = term.args
    name, written, by = _target(low, var, env)
    if not by.axes:
        return _differentiate(low, body, (), name, [written, written], env)
    half = len(by.axes[0])
    first, second = (written or ()) + indices[:half], (written or ()) + indices[half:]
    return _differentiate(low, body, (), name, [first, second], env)


def _at(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    var, value, body = term.args
    name = var.name
    binding = _bind_value(low, name, low.shape(value, env), value, None, env)
    if name in env or name not in low.context.symbols:
        return low.lower(body, indices, {**env, name: binding})
    # definitions in the body may depend on the variable: hold it, and put the value in for it at the end
    with _held(low, name, env) as (raw, inner):
        result = low.lower(body, indices, inner)
    return _put_back(low, result, raw, name, {**env, name: binding})


# --- probability ------------------------------------------------------------------------------------------------------


def _expectation(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    from derive.normal_form.expectation import expectation

    if len(term.args) > 1:
        raise OutOfReach("a conditional expectation")
    return expectation(low.ring, low.lower(term.args[0], indices, env))


def _variance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    if len(term.args) > 1:
        raise OutOfReach("a conditional variance")
    half = len(indices) // 2
    return _cov(low, term.args[0], term.args[0], indices[:half], indices[half:], env)


def _covariance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    if len(term.args) > 2:
        raise OutOfReach("a conditional covariance")
    left = low.shape(term.args[0], env)
    rows = len(left.axes[0]) if left.axes else 0
    return _cov(low, term.args[0], term.args[1], indices[:rows], indices[rows:], env)


def _cov(low: Lowering, left: Term, right: Term, i: Index, j: Index, env: Env) -> Poly:
    from derive.normal_form.expectation import expectation

    ring = low.ring
    a, b = low.lower(left, i, env), low.lower(right, j, env)
    mean = multiply(ring, expectation(ring, a), expectation(ring, b))
    return expectation(ring, multiply(ring, a, b)) - mean


_ELEMENTWISE = ("exp", "log", "sqrt", "abs", "sign", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "factorial")
_STATEMENTS = (
    "true", "eq", "ne", "lt", "le", "gt", "ge", "approx", "propto", "and", "or", "not", "implies", "iff", "forall",
    "has", "tends", "distributed", "independent",
)  # fmt: skip

Rule = Callable[[Lowering, Term, Index, Env], Poly]

_RULES: dict[str, Rule] = {
    "num": _number,
    "sym": _symbol,
    "pi": _pi,
    "infinity": _refuse("infinity as a number"),
    "undefined": _refuse("an undefined value"),
    "identity": _identity,
    "ones": _ones,
    "zeros": _zeros,
    "add": _add,
    "neg": _negation,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    **dict.fromkeys(_ELEMENTWISE, _function),
    "binomial": _refuse("a binomial coefficient"),
    "max": _extremes,
    "min": _extremes,
    "call": _call,
    "dcall": _call,
    "cases": _cases,
    "indicator": _indicator,
    "delta": _delta,
    "entry": _entry,
    "vector": _written_vector,
    "matrix": _written_vector,
    "transpose": _transpose,
    "inverse": _inverse,
    "trace": _trace,
    "det": _determinant,
    "diag": _diag,
    "vec": _vec,
    "hadamard": _hadamard,
    "entrydiv": _entry_quotient,
    "kron": _kronecker,
    "inner": _inner,
    "norm": _norm,
    "softmax": _softmax,
    "sum": _sum,
    "prod": _indexed_product,
    "maxover": _extreme_over,
    "minover": _extreme_over,
    "tabulate": _tabulate,
    "deriv": _derivative,
    "hessian": _hessian,
    "at": _at,
    "integral": _refuse("an integral"),
    "limit": _refuse("a limit"),
    "expect": _expectation,
    "variance": _variance,
    "covariance": _covariance,
    "prob": _refuse("a probability"),
    "argmax": _refuse("a set of maximisers"),
    "argmin": _refuse("a set of minimisers"),
    **dict.fromkeys(_STATEMENTS, _refuse("a statement as a number")),
}

__all__ = ["Binding", "Lowering", "condition_value", "named_value"]
