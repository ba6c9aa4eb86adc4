"""The table of heads: one row per operator of the language.

A row says how many arguments a head takes, what its `value` holds, which argument positions lie in the scope of its
bound variable, and how it is printed. Shape rules stand in `shape.py`, lowering in `normal_form/lowering/`, evaluation
in `numeric/evaluate.py`; a test holds that every head has a row in each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a head makes."""

    LEAF = "leaf"
    ALGEBRA = "algebra"
    FUNCTION = "elementwise function"
    LINEAR = "linear algebra"
    BINDER = "binder"
    CALCULUS = "calculus"
    PROBABILITY = "probability"
    OPTIMISER = "optimiser"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Head:
    """A row: `least` to `most` arguments (None: any number), the scope of a bound variable, the LaTeX template."""

    name: str
    kind: Kind
    least: int
    most: int | None
    doc: str
    latex: str = ""
    scope: frozenset[int] = frozenset()


def _row(name: str, kind: Kind, arity: str, doc: str, latex: str = "", scope: tuple[int, ...] = ()) -> Head:
    low, _, high = arity.partition("-")
    most = None if high == "n" else int(high or low)
    return Head(name, kind, int(low), most, doc, latex, frozenset(scope))


_L, _A, _F, _M = Kind.LEAF, Kind.ALGEBRA, Kind.FUNCTION, Kind.LINEAR
_B, _C, _P, _O, _S = Kind.BINDER, Kind.CALCULUS, Kind.PROBABILITY, Kind.OPTIMISER, Kind.STATEMENT

_ROWS = (
    # leaves
    _row("num", _L, "0", "a rational number; value: Fraction"),
    _row("sym", _L, "0", "a symbol or bound variable; value: its name"),
    _row("pi", _L, "0", "the circle constant", r"\pi"),
    _row("infinity", _L, "0", "plus infinity, only as an end of a range or the point of a limit", r"\infty"),
    _row("undefined", _L, "0", "no value (a branch of `cases` that says so)", r"\text{undefined}"),
    _row("identity", _L, "0", "identity matrix; value: its size (Dim), None until the shapes are checked", "I"),
    _row("ones", _L, "0", "vector of ones; value: its size (Dim), None until the shapes are checked", r"\mathbf{1}"),
    _row("zeros", _L, "0", "zero of a shape; value: the Shape"),
    # algebra
    _row("add", _A, "1-n", "sum of terms of one shape"),
    _row("neg", _A, "1", "minus"),
    _row("mul", _A, "1-n", "product: of scalars, scalar times tensor, or matrix product", ""),
    _row("div", _A, "2", "quotient by a scalar", r"\frac{#1}{#2}"),
    _row("pow", _A, "2", "power of a scalar, or integer power of a square matrix"),
    _row("order", _A, "1", "a quantity of at most the order of its argument in a limit", r"O\left(#1\right)"),
    # elementwise functions
    _row("exp", _F, "1", "exponential", r"\exp\left(#1\right)"),
    _row("log", _F, "1", "natural logarithm", r"\log\left(#1\right)"),
    _row("sqrt", _F, "1", "square root", r"\sqrt{#1}"),
    _row("abs", _F, "1", "absolute value", r"\left|#1\right|"),
    _row("sign", _F, "1", "sign, 0 at 0", r"\operatorname{sign}\left(#1\right)"),
    _row("sin", _F, "1", "sine", r"\sin\left(#1\right)"),
    _row("cos", _F, "1", "cosine", r"\cos\left(#1\right)"),
    _row("tan", _F, "1", "tangent", r"\tan\left(#1\right)"),
    _row("arctan", _F, "1", "inverse tangent", r"\arctan\left(#1\right)"),
    _row("sinh", _F, "1", "hyperbolic sine", r"\sinh\left(#1\right)"),
    _row("cosh", _F, "1", "hyperbolic cosine", r"\cosh\left(#1\right)"),
    _row("tanh", _F, "1", "hyperbolic tangent", r"\tanh\left(#1\right)"),
    _row("factorial", _F, "1", "factorial of a natural number", r"\left(#1\right)!"),
    _row("binomial", _F, "2", "binomial coefficient", r"\binom{#1}{#2}"),
    _row("max", _F, "2-n", "largest of the arguments", r"\max\left(#*\right)"),
    _row("min", _F, "2-n", "smallest of the arguments", r"\min\left(#*\right)"),
    _row("call", _F, "1-n", "a function symbol applied; value: its name; a scalar one is entry-wise on a tensor"),
    _row("dcall", _F, "1-n", "a derivative of a function symbol applied; value: (name, order for each argument)"),
    _row("cases", _F, "2-n", "value, condition, value, condition, …; the first condition that holds decides"),
    _row("indicator", _F, "1", "1 where the statement holds, else 0", r"\mathbb{1}\left[#1\right]"),
    _row("delta", _F, "2", "Kronecker delta of two indices", r"\delta_{#1,#2}"),
    # linear algebra
    _row("entry", _M, "2-n", "an entry of a vector or matrix, or a member of an indexed family"),
    _row("vector", _M, "1-n", "a column vector written out"),
    _row("matrix", _M, "1-n", "a matrix written out row by row; value: (rows, columns)"),
    _row("blocks", _M, "1-n", "a matrix, or a vector, put together from blocks row by row; value: (rows, columns)"),
    _row("transpose", _M, "1", "transpose", r"{#1}^{\top}"),
    _row("inverse", _M, "1", "inverse of a square matrix", r"{#1}^{-1}"),
    _row("trace", _M, "1", "trace", r"\operatorname{tr}\left(#1\right)"),
    _row("det", _M, "1", "determinant", r"\det\left(#1\right)"),
    _row("diag", _M, "1", "diagonal matrix of a vector, or a matrix's diagonal", r"\operatorname{diag}\left(#1\right)"),
    _row("vec", _M, "1", "columns stacked into one vector", r"\operatorname{vec}\left(#1\right)"),
    _row("hadamard", _M, "2-n", "entry-wise product"),
    _row("entrydiv", _M, "2", "entry-wise quotient of two tensors of one shape", r"#1 \oslash #2"),
    _row("kron", _M, "2-n", "Kronecker product"),
    _row("inner", _M, "2", "inner product of two vectors (or matrices)", r"\left\langle #1, #2 \right\rangle"),
    _row("norm", _M, "1", "norm; value: '2' (vectors), 'F', '1' or 'inf'", r"\left\|#1\right\|"),
    _row("softmax", _M, "1", "softmax of a vector", r"\operatorname{softmax}\left(#1\right)"),
    # binders: variable, from, to, body[, condition on the variable]
    _row("sum", _B, "4-5", "indexed sum", "", (0, 3, 4)),
    _row("prod", _B, "4-5", "indexed product", "", (0, 3, 4)),
    _row("maxover", _B, "4", "largest value over an index", "", (0, 3)),
    _row("minover", _B, "4", "smallest value over an index", "", (0, 3)),
    _row("tabulate", _B, "4", "vector whose entry at the index is the body", "", (0, 3)),
    # calculus
    _row("deriv", _C, "2", "derivative of the first with respect to the second (a symbol, an entry or a whole tensor)"),
    _row("hessian", _C, "2", "second derivative of a scalar with respect to a vector"),
    _row("at", _C, "3", "variable, value, body: the body evaluated where the variable has the value", "", (0, 2)),
    _row("integral", _C, "4", "definite integral: variable, from, to, body", "", (0, 3)),
    _row("limit", _C, "3", "variable, point, body; value: '+', '-' or '' for the side", "", (0, 2)),
    # probability: body[, what is conditioned on]
    _row("expect", _P, "1-2", "expectation over the declared random variables"),
    _row("variance", _P, "1-2", "variance"),
    _row("covariance", _P, "2-3", "covariance"),
    _row("prob", _P, "1-2", "probability of a statement about random variables, or of an event"),
    # optimisers: variable, body[, constraint]
    _row("argmax", _O, "2-3", "set of maximisers", "", (0, 1, 2)),
    _row("argmin", _O, "2-3", "set of minimisers", "", (0, 1, 2)),
    _row("maxvalue", _O, "2-3", "largest value of a function; value: 'max' or 'sup'", "", (0, 1, 2)),
    _row("minvalue", _O, "2-3", "smallest value of a function; value: 'min' or 'inf'", "", (0, 1, 2)),
    # statements
    _row("true", _S, "0", "what always holds (`otherwise`)", r"\text{otherwise}"),
    _row("eq", _S, "2", "equality", "="),
    _row("ne", _S, "2", "inequality of values", r"\ne"),
    _row("lt", _S, "2", "less", "<"),
    _row("le", _S, "2", "less or equal", r"\le"),
    _row("gt", _S, "2", "greater", ">"),
    _row("ge", _S, "2", "greater or equal", r"\ge"),
    _row("approx", _S, "2", "equal to leading order", r"\approx"),
    _row("propto", _S, "2", "proportional", r"\propto"),
    _row("and", _S, "1-n", "all hold", r"\land"),
    _row("or", _S, "1-n", "one holds", r"\lor"),
    _row("not", _S, "1", "does not hold", r"\lnot"),
    _row("implies", _S, "2", "every solution of the first satisfies the second", r"\Rightarrow"),
    _row("iff", _S, "2", "same solutions", r"\iff"),
    _row("forall", _S, "4", "variable, from, to, body: holds for every index", "", (0, 3)),
    _row("has", _S, "1", "a matrix or function has a property; value: the property's name"),
    _row("tends", _S, "2", "a variable approaches a point (the limit in which `≈` is judged); value: '+', '-' or ''"),
    _row("distributed", _S, "1-n", "a random variable has a distribution with parameters; value: its name", r"\sim"),
    _row(
        "independent",
        _S,
        "1-n",
        "the arguments are mutually independent; value: 'independent', 'uncorrelated', 'conditional' (given the last)",
    ),
    _row(
        "interchange",
        _S,
        "0",
        "derivatives may be taken under every integral sign",
        r"\text{differentiation under the integral sign is allowed}",
    ),
)

HEADS: dict[str, Head] = {row.name: row for row in _ROWS}

RELATIONS = frozenset(["eq", "ne", "lt", "le", "gt", "ge", "approx", "propto"])
ORDER_RELATIONS = frozenset(["lt", "le", "gt", "ge"])
CONNECTIVES = frozenset(["and", "or", "not", "implies", "iff", "forall"])
ELEMENTWISE = frozenset(
    ["exp", "log", "sqrt", "abs", "sign", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "factorial"]
)
MIRROR = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne", "approx": "approx"}
NEGATION = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}
