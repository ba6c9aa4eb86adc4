"""The value of a formula as it was written, at a point: one row per head.

Rows evaluate arguments and combine them exactly (see `number.py` and `tensor.py`); derivatives, moments and
statements have their rows in `calculus.py`, `moment.py` and `truth.py`. `evaluate` turns a missing value into a value
that says why: undefined, undecidable at this precision, or without a numeric form. Optimisers and limits have none
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb, ctx, fmpq

from derive.language.affine import Affine, affine_of
from derive.language.context import Context, Shape
from derive.language.heads import ELEMENTWISE
from derive.language.term import Term
from derive.numeric import calculus, moment, truth
from derive.numeric import tensor as tensors
from derive.numeric.frame import Frame, Row, Scope, bare, pick, scalar
from derive.numeric.model import model_of
from derive.numeric.number import (
    ELEMENTARY,
    ONE,
    ZERO,
    NoValue,
    Scalar,
    binomial,
    divide,
    exp,
    integer_of,
    largest,
    power,
    same,
    smallest,
    sqrt,
    undefined,
    unsupported,
)
from derive.numeric.point import Family, Point
from derive.numeric.series import infinite_sum
from derive.numeric.tensor import Tensor, Value

_MOST_TERMS = 20_000
PRECISION = 128
HIGH_PRECISION = 512


@dataclass(frozen=True, slots=True)
class Undefined:
    """The term has no value at the point."""

    reason: str


@dataclass(frozen=True, slots=True)
class Undecidable:
    """Intervals at this precision do not settle a question that the value depends on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The term has no numeric form here."""

    reason: str


Result = Value | Undefined | Undecidable | Unsupported


def evaluate(term: Term, context: Context, point: Point, precision: int = PRECISION) -> Result:
    """The value of an elaborated term or statement at a point; bits of `precision` matter to intervals only."""
    try:
        return value_at(term, context, point, precision)
    except NoValue as reason:
        return {"undefined": Undefined, "undecidable": Undecidable, "unsupported": Unsupported}[reason.kind](
            reason.reason
        )


def value_at(term: Term, context: Context, point: Point, precision: int = PRECISION) -> Value:
    """Like `evaluate`, but `NoValue` is raised."""
    return with_precision(precision, root_frame(context, point), term)


def with_precision(precision: int, frame: Frame, term: Term) -> Value:
    """Evaluate in a frame with intervals of some bits. A frame must be used with one precision only."""
    before = ctx.prec
    ctx.prec = precision
    try:
        return frame.value(term, {})
    finally:
        ctx.prec = before


def root_frame(context: Context, point: Point) -> Frame:
    """The frame in which names have the values of the point."""
    return Frame(model_of(context), point, ROWS)


# leaves


def _num(term: Term, scope: Scope, frame: Frame) -> Value:
    return fmpq(term.value.numerator, term.value.denominator)


def _sym(term: Term, scope: Scope, frame: Frame) -> Value:
    name = term.value
    if name in scope:
        return scope[name]
    value = frame.name(name)
    return bare(value, frame.model.context.symbols.get(name)) if isinstance(value, Family) else value


def _pi(term: Term, scope: Scope, frame: Frame) -> Value:
    return arb.pi()


def _infinity(term: Term, scope: Scope, frame: Frame) -> Value:
    raise unsupported("infinity is no number")


def _undefined(term: Term, scope: Scope, frame: Frame) -> Value:
    raise undefined("a branch without a value")


def _size(size: object, scope: Scope, frame: Frame) -> int:
    if not isinstance(size, Affine):
        raise unsupported("a size that is not known")
    if any(name in scope for name in size.names):
        return size.constant + sum(c * integer_of(scope[n] if n in scope else frame.name(n)) for n, c in size.parts)
    return frame.affine(size)


def _identity(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.identity(_size(term.value, scope, frame), frame.unit(term.value))


def _ones(term: Term, scope: Scope, frame: Frame) -> Value:
    return Tensor([ONE] * _size(term.value, scope, frame), (frame.unit(term.value),))


def _zeros(term: Term, scope: Scope, frame: Frame) -> Value:
    shape = term.value
    if not isinstance(shape, Shape) or not shape.axes:
        return ZERO
    return tensors.zeros(*axes_of(shape, scope, frame))


def axes_of(shape: Shape, scope: Scope, frame: Frame) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """Concrete sizes of the axes of a shape, and which are 1 by declaration."""
    sizes = []
    for axis in shape.axes:
        size = 1
        for part in axis:
            size *= _size(part, scope, frame)
        sizes.append(size)
    return tuple(sizes), tuple(axis == (Affine(1),) for axis in shape.axes)


# algebra


def _add(term: Term, scope: Scope, frame: Frame) -> Value:
    total = frame.value(term.args[0], scope)
    for arg in term.args[1:]:
        total = tensors.add(total, frame.value(arg, scope))
    return total


def _neg(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.negate(frame.value(term.args[0], scope))


def _mul(term: Term, scope: Scope, frame: Frame) -> Value:
    product = frame.value(term.args[0], scope)
    for arg in term.args[1:]:
        product = tensors.multiply(product, frame.value(arg, scope))
    return product


def _div(term: Term, scope: Scope, frame: Frame) -> Value:
    top = frame.value(term.args[0], scope)
    bottom = scalar(frame.value(term.args[1], scope))
    return top.map(lambda x: divide(x, bottom)) if isinstance(top, Tensor) else divide(top, bottom)


def _pow(term: Term, scope: Scope, frame: Frame) -> Value:
    base, exponent = term.args
    if exponent.head == "num" and exponent.value == 2:
        # kept exact: the square of a root or a norm is rational, and smooth where the norm is not
        if base.head == "norm" and base.value in ("2", "F"):
            return _square_sum(frame.value(base.args[0], scope))
        if base.head == "sqrt":
            inside = scalar(frame.value(base.args[0], scope))
            sqrt(inside)
            return inside
    value = frame.value(base, scope)
    if not isinstance(value, Tensor):
        return power(scalar(value), scalar(frame.value(exponent, scope)))
    k = frame.integer(exponent, scope)
    if k < 0:
        value, k = tensors.inverse(value), -k
    if k > 64:
        raise unsupported("a matrix power too large")
    result: Value = tensors.identity(len(value.data), value.units[0])
    for _ in range(k):
        result = tensors.multiply(result, value)
    return result


def _elementwise(term: Term, scope: Scope, frame: Frame) -> Value:
    function = ELEMENTARY[term.head]
    value = frame.value(term.args[0], scope)
    return value.map(function) if isinstance(value, Tensor) else function(scalar(value))


def _binomial(term: Term, scope: Scope, frame: Frame) -> Value:
    return binomial(*(scalar(frame.value(a, scope)) for a in term.args))


def _max(term: Term, scope: Scope, frame: Frame) -> Value:
    return largest([scalar(frame.value(a, scope)) for a in term.args])


def _min(term: Term, scope: Scope, frame: Frame) -> Value:
    return smallest([scalar(frame.value(a, scope)) for a in term.args])


def _cases(term: Term, scope: Scope, frame: Frame) -> Value:
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        if frame.truth(condition, scope):
            return frame.value(value, scope)
    raise undefined("no case applies")


def _indicator(term: Term, scope: Scope, frame: Frame) -> Value:
    return ONE if frame.truth(term.args[0], scope) else ZERO


def _delta(term: Term, scope: Scope, frame: Frame) -> Value:
    a, b = (scalar(frame.value(t, scope)) for t in term.args)
    return ONE if same(a, b) else ZERO


# linear algebra


def _entry(term: Term, scope: Scope, frame: Frame) -> Value:
    base, *indices = term.args
    index = tuple(frame.integer(i, scope) for i in indices)
    if base.head != "sym" or base.value in scope:
        return pick(frame.value(base, scope), index)
    symbol = frame.model.context.symbols.get(base.value)
    family = len(symbol.family) if symbol is not None else 0
    if not family:
        return pick(frame.name(base.value), index)
    member = frame.member(base.value, index[:family])
    return pick(member, index[family:]) if len(index) > family else member


def _vector(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.vector([scalar(frame.value(a, scope)) for a in term.args], len(term.args) == 1)


def _matrix(term: Term, scope: Scope, frame: Frame) -> Value:
    rows, columns = term.value
    values = [scalar(frame.value(a, scope)) for a in term.args]
    return Tensor([values[i * columns : (i + 1) * columns] for i in range(rows)], (rows == 1, columns == 1))


def _blocks(term: Term, scope: Scope, frame: Frame) -> Value:
    columns = term.value[1]
    blocks = [frame.value(a, scope) for a in term.args]
    return tensors.assembled([blocks[k : k + columns] for k in range(0, len(blocks), columns)])


def _transpose(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.transpose(frame.value(term.args[0], scope))


def _inverse(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.inverse(frame.value(term.args[0], scope))


def _trace(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.trace(frame.value(term.args[0], scope))


def _det(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.determinant(frame.value(term.args[0], scope))


def _diag(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.diagonal(_tensor(frame.value(term.args[0], scope)))


def _vec(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.stack(_tensor(frame.value(term.args[0], scope)))


def _tensor(value: Value) -> Tensor:
    if not isinstance(value, Tensor):
        raise unsupported("a vector or matrix is needed")
    return value


def _hadamard(term: Term, scope: Scope, frame: Frame) -> Value:
    product = frame.value(term.args[0], scope)
    for arg in term.args[1:]:
        product = tensors.zip_map(lambda x, y: x * y, product, frame.value(arg, scope))
    return product


def _entrydiv(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.zip_map(divide, *(frame.value(a, scope) for a in term.args))


def _kron(term: Term, scope: Scope, frame: Frame) -> Value:
    return tensors.kronecker([_tensor(frame.value(a, scope)) for a in term.args])


def _inner(term: Term, scope: Scope, frame: Frame) -> Value:
    a, b = (frame.value(t, scope) for t in term.args)
    products = tensors.zip_map(lambda x, y: x * y, a, b)
    return _total(products.entries()) if isinstance(products, Tensor) else products


def _total(values: list[Scalar]) -> Scalar:
    total: Scalar = ZERO
    for x in values:
        total = total + x
    return total


def _square_sum(value: Value) -> Scalar:
    return _total([x * x for x in (value.entries() if isinstance(value, Tensor) else [value])])


def _norm(term: Term, scope: Scope, frame: Frame) -> Value:
    value = frame.value(term.args[0], scope)
    entries = value.entries() if isinstance(value, Tensor) else [scalar(value)]
    if not isinstance(value, Tensor):
        return ELEMENTARY["abs"](entries[0])
    if term.value in ("2", "F"):
        return sqrt(_square_sum(value))
    sizes = [ELEMENTARY["abs"](x) for x in entries]
    if term.value == "1":
        return _total(sizes)
    if term.value == "inf":
        return largest(sizes)
    raise unsupported("this norm")


def _softmax(term: Term, scope: Scope, frame: Frame) -> Value:
    value = _tensor(frame.value(term.args[0], scope))
    powers = value.map(exp)
    total = _total(powers.entries())
    return powers.map(lambda x: divide(x, total))


# binders


def _turns(term: Term, scope: Scope, frame: Frame) -> list[dict[str, Value]]:
    """The scopes in which the body of an indexed binder is to be evaluated."""
    variable, low, high, body, *condition = term.args
    if low.head == "infinity" or high.head == "infinity" or (low.head == "neg" and low.args[0].head == "infinity"):
        raise unsupported("an infinite range")
    name = variable.value
    captured = frame.model.captured
    if name in captured and name in frame.model.hidden_names(body):
        raise unsupported(f"a definition mentions {name}, which is bound here")
    first, last = frame.integer(low, scope), frame.integer(high, scope)
    if last - first > _MOST_TERMS:
        raise unsupported("a range too large")
    scopes: list[dict[str, Value]] = []
    for i in range(first, last + 1):
        inner = {**scope, name: fmpq(i)}
        if not condition or frame.truth(condition[0], inner):
            scopes.append(inner)
    return scopes


def _sum(term: Term, scope: Scope, frame: Frame) -> Value:
    if term.args[2].head == "infinity":
        return infinite_sum(term, scope, frame)
    total: Value = ZERO
    body = term.args[3]
    for inner in _turns(term, scope, frame):
        total = tensors.add(total, frame.value(body, inner))
    return total


def _prod(term: Term, scope: Scope, frame: Frame) -> Value:
    product: Value = ONE
    body = term.args[3]
    for inner in _turns(term, scope, frame):
        product = product * scalar(frame.value(body, inner))
    return product


def _over(term: Term, scope: Scope, frame: Frame) -> Value:
    values = [scalar(frame.value(term.args[3], inner)) for inner in _turns(term, scope, frame)]
    if not values:
        raise undefined("the largest of nothing")
    return largest(values) if term.head == "maxover" else smallest(values)


def _tabulate(term: Term, scope: Scope, frame: Frame) -> Value:
    low, high = affine_of(term.args[1]), affine_of(term.args[2])
    unit = low is not None and high is not None and high - low == Affine(0)
    values = [scalar(frame.value(term.args[3], inner)) for inner in _turns(term, scope, frame)]
    return tensors.vector(values, unit)


def _no_form(term: Term, scope: Scope, frame: Frame) -> Value:
    raise unsupported(f"{term.head} has no numeric form")


_OWN: Mapping[str, Row] = {
    "num": _num,
    "sym": _sym,
    "pi": _pi,
    "infinity": _infinity,
    "undefined": _undefined,
    "identity": _identity,
    "ones": _ones,
    "zeros": _zeros,
    "add": _add,
    "neg": _neg,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    "binomial": _binomial,
    "max": _max,
    "min": _min,
    "cases": _cases,
    "indicator": _indicator,
    "delta": _delta,
    "entry": _entry,
    "vector": _vector,
    "matrix": _matrix,
    "blocks": _blocks,
    "transpose": _transpose,
    "inverse": _inverse,
    "trace": _trace,
    "det": _det,
    "diag": _diag,
    "vec": _vec,
    "hadamard": _hadamard,
    "entrydiv": _entrydiv,
    "kron": _kron,
    "inner": _inner,
    "norm": _norm,
    "softmax": _softmax,
    "sum": _sum,
    "prod": _prod,
    "maxover": _over,
    "minover": _over,
    "tabulate": _tabulate,
    "limit": _no_form,
    "order": _no_form,
    "argmax": _no_form,
    "argmin": _no_form,
    "maxvalue": _no_form,
    "minvalue": _no_form,
}

ROWS: dict[str, Row] = {**_OWN, **calculus.ROWS, **moment.ROWS, **truth.ROWS}
"""Every head of the language and how it is evaluated."""
