"""Back to plain SymPy, for spot checks: a script's expression in SymPy's own objects, definitions inserted."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Basic, MatrixSymbol, Symbol, sympify

from derive.reader.script.sympy_heads import Claim, Expression, Family, MatrixHead, ScalarHead, TensorSymbol, is_tensor


class NoPlainForm(Exception):
    """SymPy has no reliable object for this: it is not spot-checked as its author wrote it."""


Functions = dict[str, tuple[tuple[Symbol, ...], Expression]]
"""Functions defined in a script: parameters and body."""


_ENTRYWISE = {"exp": sympy.exp, "log": sympy.log, "tanh": sympy.tanh, "sign": sympy.sign, "abs": sympy.Abs}
_RELATIONS = {"lt": sympy.Lt, "le": sympy.Le, "gt": sympy.Gt, "ge": sympy.Ge}


def plain_form(node: Any, functions: Functions) -> Any:
    """The same expression in SymPy's own objects, definitions inserted; raises `NoPlainForm` where there is none.

    Moments, optimisers, limits, families of vectors, opaque functions and derivatives by entries have none.
    """
    if isinstance(node, ScalarHead | MatrixHead):
        rule = _PLAIN.get(node.head)
        if rule is None:
            raise NoPlainForm(node.head)
        return rule(node, functions)
    if isinstance(node, TensorSymbol):
        return MatrixSymbol(node.name, *node.shape)
    if isinstance(node, Family | Claim | sympy.Derivative | sympy.Limit | sympy.Subs):
        raise NoPlainForm(type(node).__name__)
    if not isinstance(node, Basic) or not node.args:
        return sympify(node, strict=True)
    args = [plain_form(a, functions) for a in node.args]
    return node if all(new is old for new, old in zip(args, node.args, strict=True)) else node.func(*args)


def _with(body: Expression, names: Any, values: Any, functions: Functions) -> Any:
    """A body with values in place of its parameters."""
    incoming = {s for value in values for s in getattr(value, "free_symbols", ())}
    bound = {v for node in sympy.preorder_traversal(body) for v in getattr(node, "bound_symbols", ())}
    if incoming & bound:
        raise NoPlainForm("a bound variable would capture")
    plain = plain_form(body, functions)
    return plain.subs(dict(zip(names, (plain_form(v, functions) for v in values), strict=True)), simultaneous=True)


def _plain_entry(node: Any, functions: Functions) -> Any:
    base, *indices = node.operands
    if isinstance(base, Family):
        if len(base.args) > 2:
            return _with(base.args[3], base.args[2], indices, functions)
        if base.member:
            raise NoPlainForm("family of tensors")
        return sympy.IndexedBase(base.name)[tuple(indices)]
    matrix = plain_form(base, functions)
    row, column = (indices[0], 1) if len(indices) == 1 else indices
    return matrix[row - 1, column - 1]


def _plain_call(node: Any, functions: Functions) -> Any:
    if node.value not in functions or any(is_tensor(a) for a in node.operands):
        raise NoPlainForm("call")
    parameters, body = functions[node.value]
    if node.head == "dcall":
        body = plain_form(body, functions).diff(parameters[0])
    return _with(body, parameters, node.operands, functions)


def _plain_derivative(node: Any, functions: Functions) -> Any:
    function, variable = node.operands
    if is_tensor(function) or not isinstance(variable, Symbol):
        raise NoPlainForm("deriv")
    return plain_form(function, functions).diff(variable)


def _plain_cases(node: Any, functions: Functions) -> Any:
    branches = []
    for value, condition in zip(node.operands[::2], node.operands[1::2], strict=True):
        if isinstance(condition, Claim):
            if condition.head == "true":
                condition = sympy.true
            elif condition.head in _RELATIONS:
                condition = _RELATIONS[condition.head](*(plain_form(s, functions) for s in condition.sides))
            else:
                raise NoPlainForm(condition.head)
        branches.append((plain_form(value, functions), condition))
    return sympy.Piecewise(*branches)


def _plain_norm(node: Any, functions: Functions) -> Any:
    vector = plain_form(node.operands[0], functions)
    return sympy.sqrt((vector.T * vector)[0, 0])


_PLAIN: dict[str, Any] = {
    "sym": lambda node, f: plain_form(node.operands[0], f),
    "entry": _plain_entry,
    "call": _plain_call,
    "dcall": _plain_call,
    "deriv": _plain_derivative,
    "cases": _plain_cases,
    "norm": _plain_norm,
    "inner": lambda node, f: (plain_form(node.operands[0], f).T * plain_form(node.operands[1], f))[0, 0],
    "mul": lambda node, f: plain_form(node.operands[0], f)[0, 0],
    "ones": lambda node, f: sympy.OneMatrix(*node.shape),
    "diag": lambda node, f: sympy.DiagMatrix(plain_form(node.operands[0], f)),
    "hadamard": lambda node, f: sympy.HadamardProduct(*(plain_form(a, f) for a in node.operands)),
    **{
        head: lambda node, f, function=function: plain_form(node.operands[0], f).applyfunc(function)
        for head, function in _ENTRYWISE.items()
    },
}
