"""What a proof script imports: `from derive.script import Script, derivation, grad, norm2, …`.

    @derivation("Ridge gradient", source="lecture 3")
    def ridge_gradient(d: Script) -> None:
        n, p = d.sizes("n p")
        X, lam = d.matrix("X", n, p), d.scalar("lambda", positive=True)
        w, y = d.vector("w", p), d.vector("y", n)
        J = d.define("J", norm2(X * w - y) + lam * norm2(w))
        d.equal(grad(J, w), 2 * X.T * (X * w - y) + 2 * lam * w, because="the chain rule, twice")

A script first declares its symbols on `d` and says what is given, then writes its steps (`equal`, `chain`, `at_most`,
`less`, `implies`, `iff`, `follows`, `state`, `update`, `approximate`), each with its reason. Expressions are SymPy's,
with the heads of this module for what SymPy lacks or gets wrong. Vectors are columns; `w[i]`, `A[i, j]` and members
of families count from 1, and so does every index with a range.

**What an author leaves to SymPy.** It rewrites while an expression is built, and a step is checked as it came out of
that: like terms are merged, numbers are worked out (`Rational(1, 2) * 4` is 2), `x/x` is 1, `sqrt(x**2)` is x for a
positive x, `(X*w).T` is `w.T*X.T`, nested sums become one. So a step whose two sides differ only by this is trivial,
and a condition that SymPy has dropped (x ≠ 0 in `x/x`) is not asked for. SymPy also refuses to add a 1 × 1 product to
a number (`scalar`, `dot`, `norm2` and `quad` are numbers), decides its own `Eq` on the spot (take the one here), and
differentiates sums and matrices wrongly (`.diff` raises on this module's objects: write `D`, `grad`, `jacobian`). In
Python `1/2` is the rounded number 0.5: write `Rational(1, 2)`.

Of SymPy, the few names that most scripts use are passed on; the rest can be imported as usual. This module does
nothing by itself: the classes and heads live in `derive.reader`.
"""

from sympy import Identity, KroneckerDelta, Max, Min, Product, Rational, Sum, cos, oo, pi, sin, sqrt

from derive.reader.script import FunctionSymbol, Script, derivation
from derive.reader.script.sympy_heads import (
    Cov,
    D,
    E,
    Eq,
    Expression,
    Family,
    Ge,
    Gt,
    Le,
    Lt,
    Ne,
    TensorSymbol,
    Var,
    absolute,
    argmax,
    argmin,
    both,
    cases,
    diag,
    dot,
    entry,
    exp,
    grad,
    hadamard,
    hessian,
    jacobian,
    lim,
    log,
    norm,
    norm2,
    ones,
    otherwise,
    quad,
    scalar,
    sign,
    softmax,
    tanh,
    undefined,
    zeros,
)

__all__ = [
    "Cov",
    "D",
    "E",
    "Eq",
    "Expression",
    "Family",
    "FunctionSymbol",
    "Ge",
    "Gt",
    "Identity",
    "KroneckerDelta",
    "Le",
    "Lt",
    "Max",
    "Min",
    "Ne",
    "Product",
    "Rational",
    "Script",
    "Sum",
    "TensorSymbol",
    "Var",
    "absolute",
    "argmax",
    "argmin",
    "both",
    "cases",
    "cos",
    "derivation",
    "diag",
    "dot",
    "entry",
    "exp",
    "grad",
    "hadamard",
    "hessian",
    "jacobian",
    "lim",
    "log",
    "norm",
    "norm2",
    "ones",
    "oo",
    "otherwise",
    "pi",
    "quad",
    "scalar",
    "sign",
    "sin",
    "softmax",
    "sqrt",
    "tanh",
    "undefined",
    "zeros",
]
