"""Functions: named ones, extremes, defined and opaque functions applied, entry-wise where a scalar one meets a
tensor.
"""

from __future__ import annotations

from fractions import Fraction

from derive.language.affine import Affine, variable
from derive.language.context import SCALAR, Definition
from derive.language.term import Term, free_names, make, sym
from derive.normal_form.atom import Poly
from derive.normal_form.distributions import takes_moments
from derive.normal_form.functions import (
    Argument,
    apply,
    call,
    exponential,
    hyperbolic,
    logarithm,
    maximum,
)
from derive.normal_form.lowering.core import Binding, Env, Index, Lowering, bind_value, is_integer
from derive.normal_form.polynomial import power
from derive.normal_form.ring import OutOfReach
from derive.normal_form.sign import is_nonnegative, is_positive


def function(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    value = low.lower(term.args[0], indices, env)
    head = term.head
    if head == "exp":
        return exponential(ring, value)
    if head == "log":
        if not indices:
            low.sign_needed("positive", value, term.args[0], env)
        elif not is_positive(ring, value):
            low.need("positive", value, low.sign_of("positive", value, term.args[0], env))
        return logarithm(ring, value)
    if head == "sqrt":
        if not indices:
            low.sign_needed("nonnegative", value, term.args[0], env)
        elif not is_nonnegative(ring, value):
            low.need("nonnegative", value, low.sign_of("nonnegative", value, term.args[0], env))
        return power(ring, value, Fraction(1, 2))
    if head in ("sinh", "cosh", "tanh"):
        return hyperbolic(ring, head, value)
    if head == "factorial" and not (is_integer(low, value) and is_nonnegative(ring, value)):
        raise OutOfReach("a factorial of what may be no natural number")
    return apply(ring, head, value)


def extremes(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return maximum(low.ring, [low.lower(a, (), env) for a in term.args], least=term.head == "min")


def application(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    ring = low.ring
    name = term.name
    definition = low.context.definitions.get(name)
    symbol = low.context.symbols[name]
    wanted = symbol.arguments or (SCALAR,) * len(term.args)
    shapes = [low.shape(a, env) for a in term.args]
    mapped = len(wanted) == 1 and not wanted[0].axes and bool(shapes[0].axes)
    orders: tuple[int, ...] = term.value[1] if term.head == "dcall" else (0,) * len(term.args)
    if definition is not None and definition.params and not definition.ranges:
        return apply_definition(low, definition, term, indices, env, mapped, orders)
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


def apply_definition(
    low: Lowering, definition: Definition, term: Term, indices: Index, env: Env, mapped: bool, orders: tuple[int, ...]
) -> Poly:
    inner: dict[str, Binding] = {}
    symbol = low.context.symbols[definition.name]
    wanted = symbol.arguments or (SCALAR,) * len(term.args)
    body = definition.body
    tied = [p for p in definition.params if p in low.ring.moment_ties]
    tied = tied if tied and takes_moments(low.context, body) else []
    for param, arg, want in zip(definition.params, term.args, wanted, strict=True):
        if param not in tied:
            inner[param] = bind_value(low, param, want, arg, indices if mapped else None, env)
        elif arg != sym(param) or param in env:
            # the distribution is another one where its parameter has another value
            if mapped or any(orders) or free_names(arg) & (set(env) | set(definition.params)):
                raise OutOfReach("a function of the parameter of a distribution")
            body = make("at", sym(param), arg, body)
    at = () if mapped else indices
    if not any(orders):
        return low.lower(body, at, inner)
    if sum(1 for o in orders if o) != 1:
        raise OutOfReach("a mixed derivative of a defined function")
    position = next(i for i, o in enumerate(orders) if o)
    for _ in range(orders[position]):
        body = make("deriv", body, sym(definition.params[position]), value=low.context.layout)
    return low.lower(body, at, inner)
