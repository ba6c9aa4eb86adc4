"""Float checks of SymPy expressions: sums and matrices are written out before they are compared."""

from __future__ import annotations

import pytest
from spelling import matrices, scalars, sizes, vectors, world

from derive.numeric.spot_check import spot_check

sympy = pytest.importorskip("sympy")

n, p, i, j = sympy.symbols("n p i j", integer=True, positive=True)
x, t = sympy.symbols("x t", real=True)
X, w, y = sympy.MatrixSymbol("X", n, p), sympy.MatrixSymbol("w", p, 1), sympy.MatrixSymbol("y", n, 1)
a = sympy.IndexedBase("a")
CONTEXT = world(
    sizes("n p"), matrices("X", "n", "p"), vectors("w", "p"), vectors("y", "n"), vectors("a", "n"), scalars("x t")
)


def test_agreement_is_counted():
    assert spot_check(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, sympy.Integer(1), CONTEXT, 0) == 4
    assert spot_check((X * w).T, w.T * X.T, CONTEXT, 0) == 4
    total = sympy.Sum(X[i - 1, j - 1] * w[j - 1, 0], (j, 1, p), (i, 1, n))
    ones = sympy.OneMatrix(n, 1)
    assert spot_check(total, (ones.T * X * w)[0, 0], CONTEXT, 0) == 4
    assert spot_check(sympy.Sum(2 * a[i], (i, 1, n)), 2 * sympy.Sum(a[j], (j, 1, n)), CONTEXT, 0) == 4


def test_disagreement_is_a_veto():
    assert spot_check(sympy.sin(x), x, CONTEXT, 0) is None
    assert spot_check(X * w, 2 * X * w, CONTEXT, 0) is None
    assert spot_check(sympy.Sum(a[i] ** 2, (i, 1, n)), sympy.Sum(a[i], (i, 1, n)) ** 2, CONTEXT, 0) is None


def test_what_cannot_be_written_out_is_not_checked():
    f = sympy.Function("f")
    assert spot_check(f(x), f(x), CONTEXT, 0) == 0
    assert spot_check(sympy.Integral(f(t), (t, 0, x)), x, CONTEXT, 0) == 0
