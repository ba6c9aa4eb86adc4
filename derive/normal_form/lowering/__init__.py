"""Terms to normal forms: the table of rules, one row per head.

`Lowering(ring).lower(term, indices)` is the way in; `core` says how a rule works and what it may rely on.
"""

from __future__ import annotations

from derive.normal_form.lowering import core
from derive.normal_form.lowering.algebra import (
    addition,
    circle_constant,
    identity,
    negation,
    number,
    ones,
    power_of,
    product,
    quotient,
    refuse,
    symbol,
    zeros,
)
from derive.normal_form.lowering.binders import extreme_over, indexed_sum, product_over, tabulate
from derive.normal_form.lowering.calculus import derivative, hessian, value_at
from derive.normal_form.lowering.core import Lowering, Rule, named_value
from derive.normal_form.lowering.events import chance, indicator
from derive.normal_form.lowering.functions import application, extremes, function
from derive.normal_form.lowering.indices import cases, entry, kronecker_delta, written_vector
from derive.normal_form.lowering.integral import integral
from derive.normal_form.lowering.linear import (
    determinant_of,
    diag,
    entry_quotient,
    hadamard,
    inner_product,
    inverse,
    kronecker,
    norm,
    softmax,
    trace,
    transpose,
    vec,
)
from derive.normal_form.lowering.probability import covariance, expectation, variance

_ELEMENTWISE = ("exp", "log", "sqrt", "abs", "sign", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "factorial")
_STATEMENTS = (
    "true", "eq", "ne", "lt", "le", "gt", "ge", "approx", "propto", "and", "or", "not", "implies", "iff", "forall",
    "has", "tends", "distributed", "independent", "interchange",
)  # fmt: skip

ROWS: dict[str, Rule] = {
    "num": number,
    "sym": symbol,
    "pi": circle_constant,
    "infinity": refuse("infinity as a number"),
    "undefined": refuse("an undefined value"),
    "order": refuse("an order of magnitude"),
    "identity": identity,
    "ones": ones,
    "zeros": zeros,
    "add": addition,
    "neg": negation,
    "mul": product,
    "div": quotient,
    "pow": power_of,
    **dict.fromkeys(_ELEMENTWISE, function),
    "binomial": refuse("a binomial coefficient"),
    "max": extremes,
    "min": extremes,
    "call": application,
    "dcall": application,
    "cases": cases,
    "indicator": indicator,
    "delta": kronecker_delta,
    "entry": entry,
    "vector": written_vector,
    "matrix": written_vector,
    "blocks": refuse("a matrix of blocks"),
    "transpose": transpose,
    "inverse": inverse,
    "trace": trace,
    "det": determinant_of,
    "diag": diag,
    "vec": vec,
    "hadamard": hadamard,
    "entrydiv": entry_quotient,
    "kron": kronecker,
    "inner": inner_product,
    "norm": norm,
    "softmax": softmax,
    "sum": indexed_sum,
    "prod": product_over,
    "maxover": extreme_over,
    "minover": extreme_over,
    "tabulate": tabulate,
    "deriv": derivative,
    "hessian": hessian,
    "at": value_at,
    "integral": integral,
    "limit": refuse("a limit"),
    "expect": expectation,
    "variance": variance,
    "covariance": covariance,
    "prob": chance,
    "argmax": refuse("a set of maximisers"),
    "argmin": refuse("a set of minimisers"),
    "maxvalue": refuse("a largest value"),
    "minvalue": refuse("a smallest value"),
    **dict.fromkeys(_STATEMENTS, refuse("a statement as a number")),
}

core.ROWS.update(ROWS)

__all__ = ["ROWS", "Lowering", "named_value"]
