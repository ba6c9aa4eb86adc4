"""SymPy expressions → terms of the language.

One row per SymPy class; `translate` walks an expression and returns the term that it spells, with quotients and minus
signs put back where SymPy stores negative powers and coefficients, and SymPy's 0-based matrix elements counted from 1.
What SymPy has done while the expression was built (`x/x` is 1, like terms are merged) cannot be undone. An object that
the language cannot say, floats and complex numbers among them, raises `Untranslatable`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import matrices as _matrices
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.matexpr import MatrixElement

from derive.language.affine import Affine, affine_of
from derive.language.context import SCALAR, Shape
from derive.language.term import Term, make, num, sym
from derive.reader.script.sympy_heads import Claim, Family, MatrixHead, ScalarHead, spelled

_expressions = _matrices.expressions


class Untranslatable(Exception):
    """A SymPy object that the language cannot say: a code and its details, for a `Problem`."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = tuple(details.items())


def translate(expression: Any, used: dict[str, Any] | None = None) -> Term:
    """The term of an expression or statement; `used` collects the SymPy symbols that occur free, by name."""
    return _Translator(used if used is not None else {}).visit(expression)


class _Translator:
    def __init__(self, used: dict[str, Any]) -> None:
        self.used = used
        self.bound: list[tuple[str, Any]] = []

    def visit(self, node: Any) -> Term:
        if isinstance(node, bool):
            raise Untranslatable("script-bool", text=str(node))
        if not isinstance(node, sympy.Basic):
            try:
                node = sympy.sympify(node, strict=True)
            except sympy.SympifyError:
                raise Untranslatable("script-unsupported", what=type(node).__name__, text=str(node)) from None
        for cls in type(node).__mro__:
            rule = _RULES.get(cls)
            if rule is not None:
                return rule(self, node)
        raise Untranslatable("script-unsupported", what=type(node).__name__, text=str(node))

    def all(self, nodes: Any) -> tuple[Term, ...]:
        return tuple(self.visit(n) for n in nodes)

    def name(self, node: Any, name: str) -> str:
        """The name of a symbol. Two symbols of one name are refused: SymPy may know more of one than the other."""
        name = spelled(name)
        for bound, variable in reversed(self.bound):
            if bound == name:
                same = variable == node
                break
        else:
            same = self.used.setdefault(name, node) == node or not isinstance(node, sympy.Symbol | sympy.MatrixSymbol)
        if not same:
            raise Untranslatable("script-other-symbol", name=name)
        return name

    def enter(self, variable: Any) -> Term:
        """Bind a variable until `leave`."""
        if not isinstance(variable, sympy.Symbol):
            raise Untranslatable("script-unsupported", what=type(variable).__name__, text=str(variable))
        self.bound.append((spelled(variable.name), variable))
        return sym(spelled(variable.name))

    def leave(self) -> None:
        """End the scope of the variable bound last."""
        self.bound.pop()

    def inside(self, variable: Any, node: Any) -> Term:
        """The term of a node in the scope of a bound variable."""
        self.enter(variable)
        term = self.visit(node)
        self.leave()
        return term

    def shape(self, shape: Any) -> Shape:
        axes = tuple((affine(self.visit(s)),) for s in shape)
        if not axes or all(a == (Affine(1),) for a in axes):
            return SCALAR
        return Shape(axes[:1] if axes[1] == (Affine(1),) else axes)


def affine(size: Term) -> Affine:
    """The size that a term spells; raises where it is not a whole number of entries."""
    result = affine_of(size)
    if result is None:
        raise Untranslatable("script-size", text=str(size.value or size.head))
    return result


# numbers and sums


def _rational(t: _Translator, node: Any) -> Term:
    value = Fraction(int(node.p), int(node.q))
    return num(value) if value >= 0 else make("neg", num(-value))


def _float(t: _Translator, node: Any) -> Term:
    raise Untranslatable("script-float", text=f"{float(node):g}")


def _complex(t: _Translator, node: Any) -> Term:
    raise Untranslatable("script-complex", text=str(node))


def _negative(node: Any) -> bool:
    leading = node.args[0] if isinstance(node, sympy.MatMul) else node.as_coeff_Mul()[0]
    return bool(leading.is_Rational and leading.is_negative)


def _sum_of(t: _Translator, terms: Any) -> Term:
    return make("add", *(make("neg", t.visit(-a)) if _negative(a) else t.visit(a) for a in terms))


def _add(t: _Translator, node: Any) -> Term:
    terms = list(node.as_ordered_terms())
    terms.sort(key=_negative)  # a sum opens with a positive term where there is one
    return _sum_of(t, terms)


def _product_of(t: _Translator, factors: list[Any]) -> Term:
    top: list[Term] = []
    bottom: list[Term] = []
    negative = False
    for factor in factors:
        if factor.is_Rational:
            negative = negative != (factor.p < 0)
            if abs(factor.p) != 1:
                top.append(num(abs(int(factor.p))))
            if factor.q != 1:
                bottom.append(num(int(factor.q)))
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative and factor.base is not sympy.E:
            bottom.append(t.visit(factor.base**-factor.exp))
        elif factor.is_Mul:
            inner = _product_of(t, list(factor.args))
            if inner.head == "neg":
                negative, inner = not negative, inner.args[0]
            if inner.head == "div" and inner.args[0] == num(1):
                bottom.append(inner.args[1])
            else:
                top.append(inner)
        else:
            top.append(t.visit(factor))
    result = top[0] if len(top) == 1 else make("mul", *top) if top else num(1)
    if bottom:
        result = make("div", result, bottom[0] if len(bottom) == 1 else make("mul", *bottom))
    return make("neg", result) if negative else result


def _mul(t: _Translator, node: Any) -> Term:
    return _product_of(t, list(node.as_ordered_factors()))


def _pow(t: _Translator, node: Any) -> Term:
    base, exponent = node.base, node.exp
    if base is sympy.E:
        return make("exp", t.visit(exponent))
    if exponent.is_Rational and exponent.is_negative:
        return make("div", num(1), t.visit(base**-exponent))
    if exponent == sympy.S.Half:
        return make("sqrt", t.visit(base))
    return make("pow", t.visit(base), t.visit(exponent))


def _head(name: str) -> Callable[[_Translator, Any], Term]:
    return lambda t, node: make(name, *t.all(node.args))


def _constant(term: Term) -> Callable[[_Translator, Any], Term]:
    return lambda t, node: term


# symbols and entries


def _symbol(t: _Translator, node: Any) -> Term:
    return sym(t.name(node, node.name))


def _family(t: _Translator, node: Any) -> Term:
    return sym(t.name(node, node.name))


def _indexed(t: _Translator, node: Any) -> Term:
    return make("entry", sym(t.name(node.base, str(node.base.label))), *t.all(node.indices))


def _matrix_element(t: _Translator, node: Any) -> Term:
    base = t.visit(node.parent)
    indices = [node.i + 1] if node.parent.shape[1] == 1 else [node.i + 1, node.j + 1]
    return make("entry", base, *t.all(indices))


def _applied(t: _Translator, node: Any) -> Term:
    return make("call", *t.all(node.args), value=t.name(node.func, str(node.func.__name__)))


# binders and calculus


def _binder(head: str) -> Callable[[_Translator, Any], Term]:
    def rule(t: _Translator, node: Any) -> Term:
        def build(limits: list[Any]) -> Term:
            if not limits:
                return t.visit(node.function)
            if len(limits[-1]) != 3:
                raise Untranslatable("script-no-range", text=str(node))
            variable, low, high = limits[-1]
            ends = t.all((low, high))
            bound = t.enter(variable)
            body = build(limits[:-1])
            t.leave()
            return make(head, bound, *ends, body)

        return build(list(node.limits))

    return rule


def _derivative(t: _Translator, node: Any) -> Term:
    result = t.visit(node.expr)
    for variable, count in node.variable_count:
        if not isinstance(count, int | sympy.Integer):
            raise Untranslatable("script-unsupported", what="Derivative", text=str(node))
        for _ in range(int(count)):
            result = make("deriv", result, t.visit(variable))
    return result


def _subs(t: _Translator, node: Any) -> Term:
    """Evaluation at a point, as SymPy's chain rule writes it."""
    if len(node.variables) != 1:
        raise Untranslatable("script-unsupported", what="Subs", text=str(node))
    variable, point = node.variables[0], node.point[0]
    return make("at", sym(spelled(variable.name)), t.visit(point), t.inside(variable, node.expr))


def _limit(t: _Translator, node: Any) -> Term:
    body, variable, point, side = node.args
    infinite = point in (sympy.oo, -sympy.oo)
    value = "" if infinite or str(side) == "+-" else str(side)
    return make("limit", sym(spelled(variable.name)), t.visit(point), t.inside(variable, body), value=value)


def _piecewise(t: _Translator, node: Any) -> Term:
    return make("cases", *t.all(part for pair in node.args for part in (pair.expr, pair.cond)))


# linear algebra


def _matmul(t: _Translator, node: Any) -> Term:
    scalars = [a for a in node.args if not a.is_Matrix]
    matrices = [a for a in node.args if a.is_Matrix]
    factors = t.all(matrices)
    if not scalars:
        return make("mul", *factors)
    number = _product_of(t, scalars)
    negative = number.head == "neg"
    if negative:
        number = number.args[0]
    if number.head == "div":
        above = () if number.args[0] == num(1) else (number.args[0],)
        top = (*above, *factors)
        result = make("div", top[0] if len(top) == 1 else make("mul", *top), number.args[1])
    elif number == num(1):
        result = factors[0] if len(factors) == 1 else make("mul", *factors)
    else:
        result = make("mul", number, *factors)
    return make("neg", result) if negative else result


def _matadd(t: _Translator, node: Any) -> Term:
    return _sum_of(t, sorted(node.args, key=_negative))


def _matpow(t: _Translator, node: Any) -> Term:
    if node.exp == -1:
        return make("inverse", t.visit(node.base))
    return make("pow", t.visit(node.base), t.visit(node.exp))


def _identity(t: _Translator, node: Any) -> Term:
    return make("identity", value=affine(t.visit(node.shape[0])))


def _zero_matrix(t: _Translator, node: Any) -> Term:
    shape = t.shape(node.shape)
    return make("zeros", value=shape) if shape.axes else num(0)


def _one_matrix(t: _Translator, node: Any) -> Term:
    rows, columns = (affine(t.visit(s)) for s in node.shape)
    column = make("ones", value=rows)
    return column if columns == Affine(1) else make("mul", column, make("transpose", make("ones", value=columns)))


def _explicit(t: _Translator, node: Any) -> Term:
    rows, columns = node.shape
    entries = t.all(node[i, j] for i in range(rows) for j in range(columns))
    return make("vector", *entries) if columns == 1 else make("matrix", *entries, value=(rows, columns))


# this project's own heads


def _own(t: _Translator, node: Any) -> Term:
    head, value, operands = node.head, node.value, node.operands
    if head == "sym":
        return sym(t.name(node, value))
    if head in ("limit", "argmax", "argmin"):  # over a declared symbol, whose domain counts
        variable = t.visit(operands[0])
        if variable.head != "sym":
            raise Untranslatable("script-unsupported", what=head, text=str(operands[0]))
        return make(head, variable, *t.all(operands[1:]), value=value or ("" if head == "limit" else None))
    if head == "ones":
        return make("ones", value=affine(t.visit(node.shape[0])))
    if head in ("call", "dcall"):
        name = t.name(node, value)
        orders = tuple(1 if k == 0 else 0 for k in range(len(operands)))
        return make(head, *t.all(operands), value=name if head == "call" else (name, orders))
    if head == "mul":
        return t.visit(operands[0])
    return make(head, *t.all(operands), value=value or None)


def _claim(t: _Translator, node: Any) -> Term:
    return make(node.head, *t.all(node.sides))


def _decided(t: _Translator, node: Any) -> Term:
    if node == sympy.true:
        return make("true")
    raise Untranslatable("script-bool", text=str(node))


_RULES: dict[type, Callable[[_Translator, Any], Term]] = {
    ScalarHead: _own,
    MatrixHead: _own,
    Family: _family,
    Claim: _claim,
    sympy.Rational: _rational,
    sympy.Float: _float,
    type(sympy.I): _complex,
    type(sympy.zoo): _complex,
    type(sympy.nan): _complex,
    type(sympy.pi): _constant(make("pi")),
    type(sympy.E): _constant(make("exp", num(1))),
    type(sympy.oo): _constant(make("infinity")),
    type(-sympy.oo): _constant(make("neg", make("infinity"))),
    sympy.Add: _add,
    sympy.Mul: _mul,
    sympy.Pow: _pow,
    sympy.Symbol: _symbol,
    sympy.MatrixSymbol: _symbol,
    sympy.Indexed: _indexed,
    MatrixElement: _matrix_element,
    AppliedUndef: _applied,
    sympy.exp: _head("exp"),
    sympy.log: _head("log"),
    sympy.sin: _head("sin"),
    sympy.cos: _head("cos"),
    sympy.tan: _head("tan"),
    sympy.atan: _head("arctan"),
    sympy.sinh: _head("sinh"),
    sympy.cosh: _head("cosh"),
    sympy.tanh: _head("tanh"),
    sympy.Abs: _head("abs"),
    sympy.sign: _head("sign"),
    sympy.Max: _head("max"),
    sympy.Min: _head("min"),
    sympy.factorial: _head("factorial"),
    sympy.binomial: _head("binomial"),
    sympy.KroneckerDelta: lambda t, node: make("delta", *t.all(node.args[:2])),
    sympy.Piecewise: _piecewise,
    sympy.Sum: _binder("sum"),
    sympy.Product: _binder("prod"),
    sympy.Integral: _binder("integral"),
    sympy.Derivative: _derivative,
    sympy.Subs: _subs,
    sympy.Limit: _limit,
    _expressions.MatMul: _matmul,
    _expressions.MatAdd: _matadd,
    _expressions.MatPow: _matpow,
    _expressions.Inverse: lambda t, node: make("inverse", t.visit(node.arg)),
    _expressions.Transpose: lambda t, node: make("transpose", t.visit(node.arg)),
    _expressions.Trace: lambda t, node: make("trace", t.visit(node.arg)),
    _expressions.Determinant: lambda t, node: make("det", t.visit(node.arg)),
    _expressions.HadamardProduct: _head("hadamard"),
    _expressions.kronecker.KroneckerProduct: _head("kron"),
    _expressions.Identity: _identity,
    _expressions.ZeroMatrix: _zero_matrix,
    sympy.OneMatrix: _one_matrix,
    sympy.ImmutableDenseMatrix: _explicit,
    sympy.Eq: _head("eq"),
    sympy.Ne: _head("ne"),
    sympy.StrictLessThan: _head("lt"),
    sympy.LessThan: _head("le"),
    sympy.StrictGreaterThan: _head("gt"),
    sympy.GreaterThan: _head("ge"),
    sympy.And: _head("and"),
    sympy.Or: _head("or"),
    sympy.Not: _head("not"),
    type(sympy.true): _decided,
    type(sympy.false): _decided,
}
