"""What formulas mean, and which have no one meaning."""

import pytest

from derive.reader.formula import read_formula
from derive.reader.formula.inference import describe
from tests.reader.reading import context_of, reads, refused, statement

SCALARS = [r"a, b, c, x, y \in \mathbb{R}"]
VECTORS = [r"X \in \mathbb{R}^{n \times d}", r"w \in \mathbb{R}^d", r"y \in \mathbb{R}^n"]
FAMILY = [r"x_i \in \mathbb{R}, i = 1, \dots, n"]
SIGMOID = [r"\sigma(t) = \frac{1}{1 + e^{-t}}", r"t \in \mathbb{R}"]


@pytest.mark.parametrize(
    "one, other, givens",
    [
        (r"2xy", r"2 \cdot x \cdot y", SCALARS),
        (r"\frac12 x", r"\frac{1}{2} x", SCALARS),
        (r"\tfrac{a}{b}", r"a / b", SCALARS),
        (r"-x^2", r"-(x^2)", SCALARS),
        (r"x^{2}y", r"x^2 y", SCALARS),
        (r"e^x", r"\exp(x)", SCALARS),
        (r"\ln x", r"\log x", SCALARS),
        (r"max(0, x)", r"\max(0, x)", SCALARS),
        (r"a \leqslant b", r"a \le b", SCALARS),
        (r"(Xw)^\top X", r"(X w)^T X", VECTORS),
        (r"w \cdot w", r"\langle w, w \rangle", VECTORS),
        (r"\sum_i x_i", r"\sum_{i=1}^n x_i", FAMILY),
        (r"x_1 + \dots + x_n", r"\sum_{j=1}^n x_j", FAMILY),
        (r"x_1 + x_2 + x_3 + \cdots + x_n", r"\sum_{j=1}^n x_j", FAMILY),
        (r"x_1 x_2 \cdots x_n", r"\prod_{j=1}^n x_j", FAMILY),
        (r"\sigma(t)_{t \to \infty}", r"\lim_{t \to \infty} \sigma(t)", SIGMOID),
        (r"\sum_{i=1}^n x_i b", r"\sum_{i=1}^n (x_i b)", FAMILY),
        (r"\log \prod_{i=1}^n x_i b", r"\log\left(\prod_{i=1}^n (x_i b)\right)", FAMILY),
        (r"\sin x \cos x", r"(\sin x) (\cos x)", SCALARS),
        (r"|a||b|", r"|a| \cdot |b|", SCALARS),
        (r"a \lvert b \rvert \lvert c \rvert", r"a \cdot |b| \cdot |c|", SCALARS),
        (r"a \lVert w \rVert_2", r"a \cdot \|w\|_2", [*VECTORS, r"a \in \mathbb{R}"]),
        (r"||w||", r"\|w\|", VECTORS),
        (r"\operatorname{E}[X^2]", r"\mathbb{E}[X^2]", ["X is a random variable"]),
        (r"\mathbb{E} X", r"E[X]", ["X is a random variable"]),
        (r"\text{Var}(X) = 2", r"\operatorname{Var}(X) = 2", ["X is a random variable"]),
        (r"2 \text{Cov}(X, X)", r"2 \operatorname{Cov}(X, X)", ["X is a random variable"]),
        (r"\text{softmax}(w) = w", r"\operatorname{softmax}(w) = w", VECTORS),
        (r"\text{where } x = 2", r"x = 2", SCALARS),
        (r"\nabla_w w^T X^T X w", r"\nabla_w (w^T X^T X w)", VECTORS),
        (r"\vec{w} \cdot \vec{w}", r"w \cdot w", VECTORS),
        (r"A^T_{ij}", r"(A^T)_{ij}", [r"A \in \mathbb{R}^{n \times n}", r"i, j \in \{1, \dots, n\}"]),
        (r"A_{ij}^T", r"(A^T)_{ij}", [r"A \in \mathbb{R}^{n \times n}", r"i, j \in \{1, \dots, n\}"]),
        (r"A^{-1}_{ij}", r"(A^{-1})_{ij}", [r"A \in \mathbb{R}^{n \times n}", r"i, j \in \{1, \dots, n\}"]),
        (r"\text{Hence} x = 2", r"x = 2", SCALARS),
        (r"\underset{x}{\arg\min} (x - a)^2", r"\arg\min_x (x - a)^2", SCALARS),
        (r"\underbrace{a + b}_{\text{sum}} c", r"{a + b} c", SCALARS),
        (r"\sum_{\substack{i=1 \\ i \ne 2}}^n x_i", r"\sum_{i=1, i \ne 2}^n x_i", FAMILY),
        (r"\nabla f(w)^\top w", r"(\nabla f(w))^\top w", [*VECTORS, r"f : \mathbb{R}^d \to \mathbb{R}"]),
        (r"x > 0 \Rightarrow x^2 > 0", r"x^2 > 0 \text{ if } x > 0", SCALARS),
        (r"x^2 \ge 0 \quad \text{for all } x", r"x^2 \ge 0", SCALARS),
        (r"\nabla_w \|Xw - y\|^2", r"\frac{\partial}{\partial w} (\|Xw - y\|^2)", VECTORS),
        (
            r"\frac{\partial^2 (x^2 y)}{\partial x \partial y}",
            r"\frac{\partial}{\partial x} (\frac{\partial}{\partial y} (x^2 y))",
            SCALARS,
        ),
    ],
)
def test_two_spellings_of_one_reading(one, other, givens):
    assert statement(one, givens) == statement(other, givens)


@pytest.mark.parametrize(
    "one, other, givens",
    [
        (r"\frac{1}{2n} x", r"\frac{1}{2} n x", [*SCALARS, r"n \in \mathbb{N}"]),
        (r"\sum_{i=1}^n x_i + b", r"\sum_{i=1}^n (x_i + b)", FAMILY),
        (r"-x^2", r"(-x)^2", SCALARS),
        (r"\hat y", r"y", [*SCALARS, r"\hat y \in \mathbb{R}"]),
        (r"X^T X w", r"X X^T y", VECTORS),
        (r"\theta^*", r"\theta", [r"\theta, \theta^* \in \mathbb{R}"]),
        (r"\nabla_w (w^T w) + w", r"\nabla_w (w^T w + w^T w)", VECTORS[:2]),
    ],
)
def test_two_readings_differ(one, other, givens):
    left, right = (_reading_or_problem(text, givens) for text in (one, other))
    assert left != right


def _reading_or_problem(text, givens):
    try:
        return reads(text, givens)
    except AssertionError:
        return "refused"


@pytest.mark.parametrize(
    "text, reading, givens",
    [
        # the context says what a script is
        (
            r"x^{(i)}_j",
            r"x_{i,j}",
            [r"x^{(i)} \in \mathbb{R}^d, i = 1, \dots, n", r"i \in \{1, \dots, n\}", r"j \in \{1, \dots, d\}"],
        ),
        (r"w^{(t+1)} - w^{(t)}", r"w^{(t+1)} - w^{(t)}", [r"w^{(t+1)}, w^{(t)} \in \mathbb{R}"]),
        (r"W_1 x", r"W_{1} x", [r"W_1 \in \mathbb{R}^{m \times d}", r"x \in \mathbb{R}^d"]),
        (r"x_{12}", r"x_{12}", [r"x \in \mathbb{R}^n"]),
        (r"A_{12}", r"A_{1,2}", [r"A \in \mathbb{R}^{n \times n}"]),
        (r"A_{i+1,j}", r"A_{i + 1,j}", [r"A \in \mathbb{R}^{n \times n}", r"i, j \in \{1, \dots, n\}"]),
        (r"(1 - b)^T", r"\left(1 - b\right)^{T}", [r"b \in \mathbb{R}", r"T \in \mathbb{N}"]),
        (r"n(n+1)", r"n \cdot \left(n + 1\right)", [r"n \in \mathbb{N}"]),
        (r"\sigma(t)(1 - \sigma(t))", r"\sigma\left(t\right) \cdot \left(1 - \sigma\left(t\right)\right)", SIGMOID),
        (
            r"\frac{d}{dt} t^2",
            r"\frac{\partial}{\partial t} \left(t^{2}\right)",
            [r"t \in \mathbb{R}", r"d \in \mathbb{N}"],
        ),
        (r"\frac{nd}{2}", r"\frac{n d}{2}", [r"n, d \in \mathbb{N}"]),
        (r"\delta_{ik}", r"\delta_{i,k}", [r"i, k \in \{1, \dots, n\}"]),
        (r"\pi r^2", r"\pi r^{2}", [r"r \in \mathbb{R}"]),
        (r"A^* x", r"A^{\top} x", [r"A \in \mathbb{R}^{n \times n}", r"x \in \mathbb{R}^n"]),
        (r"0.25", r"0.25", []),
        (r"Var(XY)", r"\operatorname{Var}\left(X Y\right)", ["X, Y are random variables"]),
        (r"E[X]^2", r"\left(\mathbb{E}\left[X\right]\right)^{2}", ["X is a random variable"]),
        (r"0 < x < 1", r"0 < x", [r"x \in \mathbb{R}"]),
        (r"\mathbf{x}^T \mathbf{x}", r"\mathbf{x}^{\top} \mathbf{x}", [r"\mathbf{x} \in \mathbb{R}^n"]),
        (r"\arg\max_{i} x_i", r"\arg\max_{i : i \ge 1 \land i \le n} \left[x_{i}\right]", FAMILY),
        (
            r"\arg\max_x f(x) + x",
            r"\arg\max_{x} \left[f\left(x\right) + x\right]",
            [r"f : \mathbb{R} \to \mathbb{R}", r"x \in \mathbb{R}"],
        ),
        (r"\sum_{i < j} x_i x_j", r"\sum_{j = 1}^{n} \sum_{i = 1, i < j}^{n} x_{i} x_{j}", FAMILY),
        (r"\mathbb{1}_{x > 0}", r"\mathbb{1}\left[x > 0\right]", [r"x \in \mathbb{R}"]),
        (r"\int_0^1 \frac{dx}{1 + x}", r"\int_{0}^{1} \left(\frac{1}{1 + x}\right) \,d x", []),
    ],
)
def test_reading(text, reading, givens):
    assert reads(text, givens) == reading


@pytest.mark.parametrize(
    "text, code, place, givens",
    [
        (r"2 3", "digit-after-factor", "3", []),
        (r"x 2", "digit-after-factor", "2", SCALARS),
        (r"x^2^3", "double-script", "^", SCALARS),
        (r"a/b c", "division-unclear", "c", SCALARS),
        (r"a/b/c", "division-unclear", "/", SCALARS),
        (r"\log x y", "function-argument-unclear", "y", SCALARS),
        (r"\log (x)^2", "function-power-unclear", "^", SCALARS),
        (r"f(x + 1)", "call-or-product", "f", SCALARS),
        (r"(x + y", "bracket-unclosed", "(", SCALARS),
        (r"x + y)", "bracket-unopened", ")", SCALARS),
        (r"[x + y)", "bracket-unmatched", ")", SCALARS),
        (r"\left( x", "fence-unclosed", "(", SCALARS),
        (r"x + ", "expression-expected", "", SCALARS),
        (r"\foo x", "unknown-command", r"\foo", SCALARS),
        (r"x = y \text{ unless } a = 0", "running-text", r"\text{ unless }", SCALARS),
        (r"\frac{a}", "argument-expected", "", SCALARS),
        (r"\hat{a + b}", "accent-on-expression", r"\hat", SCALARS),
        (r"x_i + 1", "index-on-scalar", "_", [*SCALARS, r"i \in \{1, \dots, n\}"]),
        (r"A_{1}", "index-count", r"A_{1}", [r"A \in \mathbb{R}^{n \times n}"]),
        (r"A B", "product-does-not-conform", "A B", [r"A, B \in \mathbb{R}^{n \times d}"]),
        (r"1 + 3 + \dots + (2n - 1)", "dots-unclear", r"\dots", [r"n \in \mathbb{N}"]),
        (r"1 + 4 + 9 + \dots + n^2", "dots-unclear", r"\dots", [r"n \in \mathbb{N}"]),
        (r"\sum_{i=1} x_i", "range-end-missing", r"\sum", FAMILY),
        (r"\sum_k x", "range-missing", r"\sum", SCALARS),
        (r"x^{(2)}", "superscript-unclear", "^", SCALARS),
        (r"\|A\|", "norm-unclear", r"\|", [r"A \in \mathbb{R}^{n \times n}"]),
        (r"\int x \, dx", "integral-without-limits", r"\int", SCALARS),
        (r"\int_0^1 x^2", "differential-expected", r"\int", []),
        (r"u^T v", "undeclared-tensor", "u", []),
        (r"\begin{cases} x & x > 0", "environment-unclosed", r"\begin", SCALARS),
        (r"u \odot v w", "operators-mixed", "w", [r"u, v, w \in \mathbb{R}^n"]),
        (r"abx", "word-or-product", "a", [r"a \in \mathbb{R}"]),
        (r"Q[x]", "call-or-product", "Q", SCALARS),
        (r"a \overset{d}{=} b", "mark-unclear", r"\overset{d}{=}", SCALARS),
        (r"\nabla f(x)^2", "function-power-unclear", r"\nabla", [*SCALARS, r"f : \mathbb{R} \to \mathbb{R}"]),
        (r"\sum_{i=1}^{a} i", "range-not-integers", "a", SCALARS),
        (r"\int f(x) \, dx", "integral-without-limits", r"\int", [*SCALARS, r"f : \mathbb{R} \to \mathbb{R}"]),
        (r"E X = a", "expectation-or-product", "E", [r"a \in \mathbb{R}", "X is a random variable"]),
        (r"u \times v", "cross-product", r"\times", [r"u, v \in \mathbb{R}^n"]),
        (r"A_{ij}^{-1}", "power-of-entry", "^", [r"A \in \mathbb{R}^{n \times n}"]),
        (r"A^2_{ij}", "power-of-entry", "^", [r"A \in \mathbb{R}^{n \times n}"]),
        (r"E\{X\} = a", "expectation-or-product", "E", [r"a \in \mathbb{R}", "X is a random variable"]),
        (r"n!!", "double-factorial", "!", [r"n \in \mathbb{N}"]),
        (r"C_n^k", "binomial-or-power", "C", [r"n, k \in \mathbb{N}"]),
        (r"x = O(1/y)", "order-of-magnitude", "O", SCALARS),
        (r"e^{O(y)} = x", "order-of-magnitude", "O(y)", SCALARS),
        (r"x + O(y) = y", "order-of-magnitude", "O(y)", SCALARS),
        (r"x = y O(y)", "order-of-magnitude", "O(y)", SCALARS),
        (r"x \le y + O(y)", "order-of-magnitude", "O(y)", SCALARS),
        (r"\sin x/2", "function-argument-unclear", "/", SCALARS),
        (r"x + \vec{q}", "undeclared-tensor", r"\vec{q", SCALARS),
        (r"1,000 x", "digits-grouped", "1,000", SCALARS),
        (r"0,5 = x", "list-without-relation", ",", SCALARS),
        (r"a, b > 0", "list-without-relation", ",", SCALARS),
        (r"a \text{Foo} x", "running-text", r"\text{Foo}", SCALARS),
        (r"x = y \text{ is not true}", "phrase-unknown", r"\text{ is not true}", SCALARS),
    ],
)
def test_refusal_has_its_place(text, code, place, givens):
    assert refused(text, givens) == (code, place)


def test_unknown_roles_are_inferred_in_one_way():
    # w can only be a vector with d entries here; a real scalar would not conform
    text = r"\arg\min_{w} \|X w - y\|^2 = \arg\min_{w} \|y - X w\|^2"
    assert r"\arg\min_{w}" in reads(text, [VECTORS[0], VECTORS[2]])
    inferred = read_formula(
        r"A B = C", context_of([r"A \in \mathbb{R}^{n \times d}", r"C \in \mathbb{R}^{n \times m}"])
    )
    assert [describe(symbol) for symbol in inferred.inferred] == ["B: real matrix[d, m]"]
    # both d x d and n x n would do: neither is guessed
    assert (
        refused(r"\operatorname{tr}(B^T) = \operatorname{tr}(B)", [r"A \in \mathbb{R}^{n \times d}"])[0]
        == "role-unclear"
    )


def test_counted_letters_are_natural_numbers():
    inferred = read_formula(r"\\binom{n}{k} = \\frac{n!}{k! (n - k)!}".replace("\\\\", "\\"), context_of([])).inferred
    assert [describe(symbol) for symbol in inferred] == ["n: natural number", "k: natural number"]
