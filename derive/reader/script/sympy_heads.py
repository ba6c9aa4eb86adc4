"""The heads that proof scripts need beside SymPy's: moments, optimisers, gradients, entries, statements.

SymPy lacks some of them (`argmin`, a recurrence), gets some wrong (derivatives of sums, variances) and decides others
while building them (`Eq`). Here each is an inert object: `ScalarHead` and `MatrixHead` carry the name of a head of the
language and its operands, mix with SymPy's own expressions, and are never evaluated by SymPy. Indices of vectors,
matrices and families count from 1. This file knows nothing of contexts, and checks no shapes beyond what SymPy needs.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Basic, Expr, MatrixExpr, MatrixSymbol, Symbol, Tuple, sympify
from sympy.core.symbol import Str

from derive.language.letters import LETTERS

Expression = Any
"""A SymPy expression, one of this file's, or a Python integer."""


def spelled(name: str) -> str:
    """The name of a symbol: Greek words become letters (`sigma` is σ), the rest stays."""
    head, underscore, tail = name.partition("_")
    return LETTERS.get("\\" + head, head) + underscore + tail


def basic(value: Expression) -> Basic:
    """A SymPy object; strings are refused, never parsed."""
    if isinstance(value, str):
        raise TypeError(f"{value!r} is a string, not an expression: declare the symbol and use the object")
    return sympify(value, strict=True)


def is_tensor(value: Expression) -> bool:
    """Whether this is a vector or matrix: a matrix expression other than 1 × 1."""
    return isinstance(value, MatrixExpr) and value.shape != (1, 1)


def _no_diff(self: Basic, *args: object, **kwargs: object) -> Basic:
    raise TypeError("SymPy cannot differentiate this: write D(f, x) or grad(f, x), a derivative that derive takes")


class ScalarHead(Expr):  # type: ignore[misc]
    """A real number made by a head of the language: args are the head's name, its value, and the operands."""

    is_commutative = True
    is_extended_real = True
    is_finite = True

    def __new__(cls, head: str, *operands: Expression, value: str = "") -> ScalarHead:
        if isinstance(head, Str):  # SymPy rebuilds an expression from its args
            return Expr.__new__(cls, head, *operands)  # type: ignore[no-any-return]
        return Expr.__new__(cls, Str(head), Str(value), *map(basic, operands))  # type: ignore[no-any-return]

    head = property(lambda self: self.args[0].name)
    value = property(lambda self: self.args[1].name)
    operands = property(lambda self: self.args[2:])
    diff = _eval_derivative = _no_diff

    def _sympystr(self, printer: Any) -> str:
        if self.head == "sym":
            return str(self.value)
        return f"{self.value if 'call' in self.head else self.head}({', '.join(map(printer.doprint, self.operands))})"


class MatrixHead(MatrixExpr):  # type: ignore[misc]
    """A vector or matrix made by a head of the language: the head's name, its value, the shape, and the operands."""

    def __new__(cls, head: str, shape: Expression, *operands: Expression, value: str = "") -> MatrixHead:
        if isinstance(head, Str):
            return MatrixExpr.__new__(cls, head, shape, *operands)  # type: ignore[no-any-return]
        return MatrixExpr.__new__(cls, Str(head), Str(value), Tuple(*shape), *map(basic, operands))  # type: ignore[no-any-return]

    head = property(lambda self: self.args[0].name)
    value = property(lambda self: self.args[1].name)
    shape = property(lambda self: tuple(self.args[2]))
    operands = property(lambda self: self.args[3:])
    diff = _eval_derivative = _no_diff

    def __getitem__(self, key: Expression) -> ScalarHead:
        return entry(self, *(key if isinstance(key, tuple) else (key,)))

    def _entry(self, i: Expression, j: Expression, **kwargs: object) -> ScalarHead:
        return entry(self, i + 1) if self.shape[1] == 1 else entry(self, i + 1, j + 1)

    _sympystr = ScalarHead._sympystr


class TensorSymbol(MatrixSymbol):  # type: ignore[misc]
    """A vector or matrix symbol; `w[i]` and `A[i, j]` are entries, counted from 1."""

    def __getitem__(self, key: Expression) -> ScalarHead:
        return entry(self, *(key if isinstance(key, tuple) else (key,)))

    diff = _no_diff


class Family(Basic):  # type: ignore[misc]
    """An indexed family: args are its name, the shape of a member (empty: scalars), and its definition, if any."""

    name = property(lambda self: self.args[0].name)
    member = property(lambda self: tuple(self.args[1]))

    def __new__(cls, name: str | Str, shape: Expression = (), *definition: Expression) -> Family:
        return Basic.__new__(cls, name if isinstance(name, Str) else Str(name), Tuple(*shape), *definition)  # type: ignore[no-any-return]

    def __getitem__(self, key: Expression) -> Expression:
        indices = key if isinstance(key, tuple) else (key,)
        if self.member:
            return MatrixHead("entry", self.member, self, *indices)
        return ScalarHead("entry", self, *indices)

    def __iter__(self) -> Any:
        raise TypeError(f"the family {self.name} has symbolic length: it cannot be looped over")


class Claim(Basic):  # type: ignore[misc]
    """A statement that stays as it was written: args are the name of its head and the sides."""

    def __new__(cls, head: str | Str, *sides: Expression) -> Claim:
        return Basic.__new__(cls, head if isinstance(head, Str) else Str(head), *map(basic, sides))  # type: ignore[no-any-return]

    head = property(lambda self: self.args[0].name)
    sides = property(lambda self: self.args[1:])

    def __bool__(self) -> bool:
        raise TypeError("a statement is not true or false in Python: give it to the script")


# statements


def Eq(left: Expression, right: Expression) -> Claim:
    """left = right, as written (SymPy's own `Eq` may decide it on the spot)."""
    return Claim("eq", left, right)


def Ne(left: Expression, right: Expression) -> Claim:
    """left ≠ right."""
    return Claim("ne", left, right)


def Lt(left: Expression, right: Expression) -> Claim:
    """left < right."""
    return Claim("lt", left, right)


def Le(left: Expression, right: Expression) -> Claim:
    """left ≤ right."""
    return Claim("le", left, right)


def Gt(left: Expression, right: Expression) -> Claim:
    """left > right."""
    return Claim("gt", left, right)


def Ge(left: Expression, right: Expression) -> Claim:
    """left ≥ right."""
    return Claim("ge", left, right)


def both(*statements: Claim) -> Claim:
    """All of these statements."""
    return Claim("and", *statements)


# entries, products and norms


def entry(tensor: Expression, *indices: Expression) -> ScalarHead:
    """An entry of a vector or matrix expression, counted from 1: `entry(X*w, i)`."""
    if isinstance(tensor, MatrixHead) and tensor.head == "entry":
        return ScalarHead("entry", *tensor.operands, *indices)
    return ScalarHead("entry", tensor, *indices)


def scalar(product: Expression) -> Expression:
    """A 1 × 1 product as a number, to be added to numbers: `scalar(w.T*A*w) + 1`."""
    if is_tensor(product):
        raise TypeError(f"{product} has shape {product.shape}: only a 1 × 1 product is a number")
    return ScalarHead("mul", product) if isinstance(product, MatrixExpr) else product


def dot(left: Expression, right: Expression) -> ScalarHead:
    """The inner product of two vectors, Σ leftᵢ rightᵢ."""
    return ScalarHead("inner", left, right)


def norm(vector: Expression) -> ScalarHead:
    """The Euclidean length of a vector."""
    return ScalarHead("norm", vector, value="2")


def norm2(vector: Expression) -> Expression:
    """The squared Euclidean length of a vector."""
    return norm(vector) ** 2


def quad(matrix: Expression, vector: Expression) -> ScalarHead:
    """The quadratic form vectorᵀ matrix vector, as a number."""
    return ScalarHead("mul", vector.T * matrix * vector)


def ones(size: Expression) -> MatrixHead:
    """The vector of ones."""
    return MatrixHead("ones", (size, 1))


def zeros(size: Expression) -> Expression:
    """The zero vector."""
    return sympy.ZeroMatrix(size, 1)


def diag(vector: Expression) -> MatrixHead:
    """The diagonal matrix of a vector."""
    return MatrixHead("diag", (vector.shape[0], vector.shape[0]), vector)


def hadamard(*tensors: Expression) -> MatrixHead:
    """The entry-wise product."""
    return MatrixHead("hadamard", tensors[0].shape, *tensors)


def softmax(vector: Expression) -> MatrixHead:
    """The vector e^{vᵢ} / Σⱼ e^{vⱼ}."""
    return MatrixHead("softmax", vector.shape, vector)


def _entrywise(head: str, function: Any) -> Any:
    def apply(argument: Expression) -> Expression:
        if is_tensor(argument):
            return MatrixHead(head, argument.shape, argument)
        return function(scalar(argument))

    apply.__name__ = head
    apply.__doc__ = f"SymPy's {head}; entry by entry on a vector."
    return apply


exp = _entrywise("exp", sympy.exp)
log = _entrywise("log", sympy.log)
tanh = _entrywise("tanh", sympy.tanh)
sign = _entrywise("sign", sympy.sign)
absolute = _entrywise("abs", sympy.Abs)


# calculus


def D(function: Expression, *variables: Expression) -> Expression:
    """The derivative by each variable in turn: a symbol, an entry, or a whole vector or matrix."""
    result = function
    for variable in variables:
        result = _derivative(result, variable, "")
    return result


def grad(function: Expression, variable: Expression) -> MatrixHead:
    """The gradient of a number with respect to a vector or matrix; it has the variable's shape."""
    return MatrixHead("deriv", variable.shape, function, variable)


def jacobian(function: Expression, variable: Expression, layout: str = "numerator") -> MatrixHead:
    """∂vector/∂vector: in `numerator` layout the rows follow the function, in `denominator` layout the variable."""
    return _derivative(function, variable, layout)  # type: ignore[no-any-return]


def hessian(function: Expression, variable: Expression) -> MatrixHead:
    """The matrix of second derivatives of a number by a vector."""
    return MatrixHead("hessian", (variable.shape[0], variable.shape[0]), function, variable)


def _derivative(function: Expression, variable: Expression, layout: str) -> Expression:
    if not is_tensor(variable):
        if not is_tensor(function):
            return ScalarHead("deriv", function, variable)
        return MatrixHead("deriv", function.shape, function, variable)
    if not is_tensor(function):
        return MatrixHead("deriv", variable.shape, function, variable)
    sizes = (function.shape[0], variable.shape[0])
    return MatrixHead("deriv", sizes[::-1] if layout == "denominator" else sizes, function, variable, value=layout)


def lim(function: Expression, variable: Symbol, point: Expression, side: str = "") -> ScalarHead:
    """The limit at a point, from both sides unless `side` is `+` or `-`; `oo` and `-oo` are points."""
    return ScalarHead("limit", variable, point, function, value=side)


undefined = ScalarHead("undefined")
"""No value: a branch of `cases`, as the derivative of |x| at 0."""
otherwise = Claim("true")
"""The condition of the last branch of `cases`."""


def cases(*branches: tuple[Expression, Expression]) -> ScalarHead:
    """`cases((value, condition), …)`: the first condition that holds decides; `Piecewise`, unrewritten."""
    return ScalarHead("cases", *(part for branch in branches for part in branch))


# probability and optimisers


def E(value: Expression, given: Expression = None) -> Expression:
    """The expectation over the declared random variables (of a vector: entry by entry)."""
    condition = () if given is None else (given,)
    if is_tensor(value):
        return MatrixHead("expect", value.shape, value, *condition)
    return ScalarHead("expect", value, *condition)


def Var(value: Expression) -> Expression:
    """The variance; of a random vector, its covariance matrix."""
    if is_tensor(value):
        return MatrixHead("variance", (value.shape[0], value.shape[0]), value)
    return ScalarHead("variance", value)


def Cov(left: Expression, right: Expression) -> Expression:
    """The covariance."""
    if is_tensor(left) and is_tensor(right):
        return MatrixHead("covariance", (left.shape[0], right.shape[0]), left, right)
    return ScalarHead("covariance", left, right)


def argmax(variable: Expression, function: Expression) -> Expression:
    """The set of maximisers of a function of one of the declared variables."""
    return _optimiser("argmax", variable, function)


def argmin(variable: Expression, function: Expression) -> Expression:
    """The set of minimisers of a function of one of the declared variables."""
    return _optimiser("argmin", variable, function)


def _optimiser(head: str, variable: Expression, function: Expression) -> Expression:
    if is_tensor(variable):
        return MatrixHead(head, variable.shape, variable, function)
    return ScalarHead(head, variable, function)
