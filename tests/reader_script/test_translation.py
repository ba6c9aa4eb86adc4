"""SymPy expressions mean what they spell: every row is an expression and the term, printed, that it must become."""

from __future__ import annotations

import pytest
import sympy
from sympy import Derivative, Function, IndexedBase, Integral, Limit, MatrixSymbol, Product, Rational, Sum, oo, symbols

from derive.language.printing import plain
from derive.language.term import make, num, sym
from derive.reader.script import sympy_heads as heads
from derive.reader.script.sympy_heads import TensorSymbol
from derive.reader.script.sympy_terms import Untranslatable, translate

n, p = symbols("n p", integer=True, positive=True)
i, j, k = symbols("i j k", integer=True)
x, y, t = symbols("x y t", real=True)
X, A, B = TensorSymbol("X", n, p), TensorSymbol("A", p, p), TensorSymbol("B", p, p)
w, v, r = TensorSymbol("w", p, 1), TensorSymbol("v", p, 1), TensorSymbol("r", n, 1)
M = MatrixSymbol("M", n, p)
a = IndexedBase("a")
q = heads.Family("q")
c = heads.Family("c", (p, 1))
f = Function("f")

ROWS = [
    (x - y, "x − y"),
    (y - x, "y − x"),
    (-x - y, "−x − y"),
    (x / y, "x/y"),
    (-x / (2 * n), "−x/(2 n)"),
    (Rational(3, 4) * x**2 / y**3, "3 x²/(4 y³)"),
    (x**-2, "1/x²"),
    (sympy.sqrt(t), "√t"),
    (1 / sympy.sqrt(x), "1/√x"),
    (sympy.exp(-t) + sympy.E, "e + e^(−t)"),
    (2**-t, "2^(−t)"),
    (sympy.log(x) * sympy.pi, "π log(x)"),
    (abs(x) + sympy.sign(y), "|x| + sign(y)"),
    (sympy.Max(x, y), "max(x, y)"),
    (sympy.KroneckerDelta(i, k), "δ_ik"),
    (Sum(a[i] ** 2, (i, 1, n)), "Σ_{i=1}^{n} a_i²"),
    (Sum(Sum(a[i, j], (j, 1, i)), (i, 1, n)), "Σ_{i=1}^{n} Σ_{j=1}^{i} a_ij"),
    (Sum(a[i, j], (j, 1, i), (i, 1, n)), "Σ_{i=1}^{n} Σ_{j=1}^{i} a_ij"),
    (Product(a[i], (i, 1, n)), "Π_{i=1}^{n} a_i"),
    (Integral(f(x), (x, 0, oo)), "∫_{0}^{∞} f(x) dx"),
    (Limit(f(x), x, oo), "lim_{x→∞} f(x)"),
    (Limit(f(x), x, 0, "-"), "lim_{x→0-} f(x)"),
    (Derivative(f(x), x), "∂/∂x f(x)"),
    (w[j], "w_j"),
    (X[i, j], "X_ij"),
    (M[0, j - 1], "M_1j"),
    (heads.entry(X * w, i), "(X w)_i"),
    (q[k], "q_k"),
    (c[i], "c_i"),
    (c[i][j], "c_ij"),
    (X.T * X * w, "Xᵀ X w"),
    ((X * w - r).T * (X * w - r) / (2 * n), "(wᵀ Xᵀ − rᵀ) (X w − r)/(2 n)"),
    ((X.T * X).inverse() * X.T * r, "(Xᵀ X)⁻¹ Xᵀ r"),
    (-2 * w, "−2 w"),
    (A * B - B * A, "A B − B A"),
    (sympy.Trace(A) * sympy.Determinant(B), "det(B) tr(A)"),
    (sympy.hadamard_product(A, B), "A ⊙ B"),
    (sympy.kronecker_product(A, B), "A ⊗ B"),
    (heads.dot(w, v), "⟨w, v⟩"),
    (heads.norm2(w), "‖w‖²"),
    (heads.quad(A, w) + 1, "wᵀ A w + 1"),
    (heads.grad(heads.norm2(w), w), "∂/∂w ‖w‖²"),
    (heads.D(q[i], x), "∂q_i/∂x"),
    (heads.E(q[i] ** 2), "E[q_i²]"),
    (heads.Var(x + y), "Var(x + y)"),
    (heads.Cov(x, y), "Cov(x, y)"),
    (heads.argmin(w, heads.norm2(w)), "argmin_{w} ‖w‖²"),
    (heads.lim(1 / t, t, oo), "lim_{t→∞} 1/t"),
    (heads.exp(w), "e^w"),
    (heads.softmax(w), "softmax(w)"),
    (heads.cases((0, heads.Lt(t, 0)), (t, heads.otherwise)), "{ 0 if t < 0; t otherwise }"),
    (heads.Eq(x, x), "x = x"),
    (heads.Le(0, sympy.exp(x)), "0 ≤ eˣ"),
    (x < y, "x < y"),
    (heads.both(heads.Gt(x, 0), heads.Ne(y, 0)), "x > 0 and y ≠ 0"),
]


@pytest.mark.parametrize(("expression", "text"), ROWS, ids=[text for _, text in ROWS])
def test_reads_as_written(expression: object, text: str) -> None:
    assert plain(translate(expression)) == text


def test_a_quotient_is_a_division() -> None:
    assert translate(x / y) == make("div", sym("x"), sym("y"))


def test_bound_variables_are_not_used() -> None:
    used: dict[str, object] = {}
    translate(Sum(a[i] * x, (i, 1, n)), used)
    assert set(used) == {"a", "x", "n"}


def test_ranges_are_outside_the_scope_of_their_variable() -> None:
    used: dict[str, object] = {}
    translate(Sum(x, (i, 1, i)), used)
    assert "i" in used


def test_greek_words_become_letters() -> None:
    assert translate(sympy.Symbol("sigma_w", real=True)) == sym("σ_w")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (0.5 * x, "script-float"),
        (sympy.I * x, "script-complex"),
        (sympy.gamma(x), "script-unsupported"),
        (Integral(f(x), x), "script-no-range"),
        (True, "script-bool"),
        ("x + 1", "script-unsupported"),
        (sympy.zoo, "script-complex"),
        (sympy.nan, "script-complex"),
    ],
)
def test_what_cannot_be_said_is_refused(bad: object, code: str) -> None:
    with pytest.raises(Untranslatable) as refusal:
        translate(bad)
    assert refusal.value.code == code


def test_strings_are_never_parsed() -> None:
    with pytest.raises(TypeError):
        heads.Eq("x", x)


def test_sympy_does_not_differentiate_what_it_cannot() -> None:
    defined = heads.ScalarHead("sym", x**2, value="L")
    for expression in (defined, 2 * defined + 1, q[i] * x):
        with pytest.raises(TypeError):
            expression.diff(x)


def test_a_vector_is_no_number() -> None:
    with pytest.raises(TypeError):
        heads.scalar(X * w)


def test_minus_one_half() -> None:
    assert translate(Rational(-1, 2)) == make("neg", num("1/2"))
