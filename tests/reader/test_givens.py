"""Each kind of given line: what it declares, defines and assumes, and which lines are problems."""

import pytest

from derive.language.printing import plain
from derive.reader.givens import read_givens
from tests.reader.reading import context_of

_FAMILY = r"x_i \in \mathbb{R}, i = 1, \dots, n"
_RANDOM = r"x_i, i = 1, \dots, n, are random variables"


@pytest.mark.parametrize(
    "line, name, described",
    [
        (r"x \in \mathbb{R}", "x", "variable scalar"),
        (r"X \in \mathbb{R}^{n \times d}", "X", "variable matrix[n, d]"),
        (r"w, v \in \mathbb{R}^{d+1}", "v", "variable vector[d+1]"),
        (r"n \in \mathbb{N}", "n", "size scalar"),
        (r"k \in \{1, \dots, n\}", "k", "index scalar"),
        (r"f : \mathbb{R}^d \to \mathbb{R}", "f", "function scalar"),
        (r"H is an event", "H", "event statement"),
        (r"\mathcal{X} is a finite set", "𝒳", "set scalar"),
        (r"X is a random variable", "X", "random variable scalar"),
        (r"x_i \in \mathbb{R}^d, i = 1, \dots, n", "x", "variable family[1…n] of vector[d]"),
        (r"x^{(i)} \in \mathbb{R}, i = 0, \dots, n", "x", "variable family[0…n] of scalar"),
        (r"a_{ij} \in \mathbb{R}, i = 1, \dots, n, j = 1, \dots, m", "a", "variable family[1…n, 1…m] of scalar"),
        (r"X_i, i = 1, 2, \dots, are i.i.d. random variables", "X", "random variable family[1…∞] of scalar"),
        (r"T_1, \dots, T_m are events", "T", "event family[1…m] of statement"),
        (r"p \in \Delta^{K-1}", "p", "variable vector[K]"),
        (r"\theta^*, w^{(0)}, n_{\text{in}} \in \mathbb{R}", "n_in", "variable scalar"),
    ],
)
def test_declaration(line, name, described):
    symbol = context_of([line]).symbols[name]
    family = f"family[{', '.join(f'{r.low}…{r.high}' for r in symbol.family)}] of " if symbol.family else ""
    random = "random " if symbol.random and symbol.role == "variable" else ""
    assert f"{random}{symbol.role} {family}{symbol.shape}" == described


@pytest.mark.parametrize(
    "lines, name, domain",
    [
        ([r"\beta \in (0, 1)"], "β", ("interval", "0", True, "1", True)),
        ([r"x \in [0, \infty)"], "x", ("interval", "0", False, "", False)),
        ([r"\lambda > 0"], "λ", ("interval", "0", True, "", False)),
        ([r"a \in \mathbb{R}", r"a \le 3"], "a", ("interval", "", False, "3", False)),
        ([r"x > 0", r"x \le 1"], "x", ("interval", "0", True, "1", False)),
        ([r"x \in \mathbb{R}_{>0}"], "x", ("interval", "0", True, "", False)),
        ([r"a_i, b_i > 0, i = 1, \dots, n"], "b", ("interval", "0", True, "", False)),
        ([r"\omega \in \mathbb{R}^n", r"\omega_i > 0, i = 1, \dots, n"], "ω", ("interval", "0", True, "", False)),
        ([r"X is a positive random variable"], "X", ("interval", "0", True, "", False)),
        ([r"n_k \in \mathbb{N}, k = 1, \dots, K"], "n", ("natural", "0", False, "", False)),
    ],
)
def test_domain(lines, name, domain):
    found = context_of(lines).symbols[name].domain
    ends = [plain(e) if e is not None else "" for e in (found.low, found.high)]
    assert (found.kind, ends[0], found.low_open, ends[1], found.high_open) == domain


def test_finite_domain_and_sizes():
    context = context_of([r"y_i \in \{-1, 1\}, i = 1, \dots, n", r"n \ge 2", r"K \in \mathbb{N}, K \ge 3"])
    assert [plain(v) for v in context.symbols["y"].domain.values] == ["−1", "1"]
    assert context.symbols["n"].minimum == 2 and context.symbols["K"].minimum == 3


@pytest.mark.parametrize(
    "lines, facts",
    [
        ([r"A, B \in \mathbb{R}^{n \times n}", r"A B = B A"], ["A B = B A"]),
        ([r"y \in \mathbb{R}^n", r"\sum_{i=1}^n y_i = 1"], ["Σ_{i=1}^{n} y_i = 1"]),
        ([r"U \in \mathbb{R}^{d \times k}", r"U^\top U = I_k"], ["Uᵀ U = I_k"]),
        (["X and Y are independent"], ["X and Y are independent"]),
        (["X and Y are uncorrelated random variables"], ["X and Y are uncorrelated"]),
        (
            [r"w_j, j = 1, \dots, n, are i.i.d. random variables", r"\mathbb{E}[w_j] = 0"],
            ["E[w_j] = 0 for j = 1, …, n"],
        ),
        ([r"\epsilon_i \sim \mathcal{N}(0, \sigma^2), i = 1, \dots, n"], ["ϵ_i ~ normal(0, σ²) for i = 1, …, n"]),
        ([_RANDOM, r"x_i \sim \mathcal{N}(0, \sigma^2)"], ["x_i ~ normal(0, σ²) for i = 1, …, n"]),
        ([_RANDOM, r"x_k \sim \mathcal{N}(k, 1)"], ["x_k ~ normal(k, 1) for k = 1, …, n"]),
        ([r"X is a random variable with mean \mu and variance \sigma^2"], ["E[X] = μ", "Var(X) = σ²"]),
        ([r"z \to 0"], ["z → 0"]),
        ([r"\eta \le \frac{1}{L}"], ["η ≤ 1/L"]),
        ([r"k, n \in \mathbb{N}, 1 \le k < n"], ["1 ≤ k", "k < n"]),
        ([r"u, v \in \mathbb{R}^d", r"u, v are nonzero"], ["u ≠ 0", "v ≠ 0"]),
        ([r"X \in \mathbb{R}^{n \times d}", r"X^T X is invertible"], ["Xᵀ X is invertible"]),
        ([r"f : \mathbb{R} \to \mathbb{R}", r"f(x) > 0 for all x"], ["f(x) > 0"]),
        ([r"x \in \mathbb{R}", r"x > 1 \Rightarrow x^2 > 1"], ["x > 1 ⇒ x² > 1"]),
        ([_FAMILY, r"x_i > 0 for i \ne 2"], ["i ≠ 2 ⇒ x_i > 0 for i = 1, …, n"]),
        ([_FAMILY, r"x_i > 0 \text{ for } i \ne 2"], ["i ≠ 2 ⇒ x_i > 0 for i = 1, …, n"]),
        ([_FAMILY, r"x_i x_j = 0, i \ne j"], ["i ≠ j ⇒ x_i x_j = 0 for j = 1, …, n for i = 1, …, n"]),
        ([_FAMILY, r"x_i x_j = 0 for all i, j with i < j"], ["i < j ⇒ x_i x_j = 0 for j = 1, …, n for i = 1, …, n"]),
        ([_FAMILY, r"x_i = 1 and i \ge 2"], ["i ≥ 2 ⇒ x_i = 1 for i = 1, …, n"]),
        ([_FAMILY, r"x_i > x_n for all i"], ["x_i > x_n for i = 1, …, n"]),
        ([_FAMILY, r"x_n = 1, n \ge 2"], ["x_n = 1"]),
        (
            [
                r"T_1, \dots, T_m are events",
                r"H is an event",
                r"T_1, \dots, T_m are conditionally independent given H^c",
            ],
            ["T are conditionally independent given not (H)"],
        ),
        (
            [r"N is a random variable with values in \mathbb{N}", r"\operatorname{Var}(N) < \infty"],
            ["Var(N) is finite"],
        ),
    ],
)
def test_facts(lines, facts):
    assert [plain(fact) for fact in context_of(lines).facts] == facts


@pytest.mark.parametrize(
    "lines, name, params, body",
    [
        ([r"\sigma(t) = \frac{1}{1 + e^{-t}}"], "σ", ("t",), "1/(1 + e^(−t))"),
        ([r"z \in \mathbb{R}^n", r"p_i = e^{z_i}, i = 1, \dots, n"], "p", ("i",), "e^(z_i)"),
        ([r"z \in \mathbb{R}^n", r"p_i = e^{z_i}"], "p", ("i",), "e^(z_i)"),
        ([r"X \in \mathbb{R}^{n \times d}", r"K = X X^T"], "K", (), "X Xᵀ"),
        ([r"h \in \mathbb{R}^m", r"z \in \mathbb{R}^m", r"h = 2 z"], "h", (), "2 z"),
        (
            [r"x_i, y_i \in \mathbb{R}, i = 1, \dots, n", r"p(y_i \mid w) = e^{-(y_i - w x_i)^2}, i = 1, \dots, n"],
            "p(y_·|·)",
            ("i", "w"),
            "e^(−(y_i − w x_i)²)",
        ),
        (
            [r"p, q \in \mathbb{R}^n", r"H(p) = -\sum_i p_i", r"H(p, q) = -\sum_i p_i q_i"],
            "H(·,·)",
            ("p", "q"),
            "−Σ_{i=1}^{n} p_i q_i",
        ),
        ([r"x \in \mathbb{R}^n", r"s(x)_i = \frac{x_i}{\sum_j x_j}"], "s", ("x",), "(x_i/(Σ_{j=1}^{n} x_j))_{i=1}^{n}"),
    ],
)
def test_definitions(lines, name, params, body):
    definition = context_of(lines).definitions[name]
    assert (definition.params, plain(definition.body)) == (params, body)


def test_recurrence_declares_its_family():
    context = context_of([
        r"g_t \in \mathbb{R}^d, t = 1, \dots, T", r"m_0 = 0", r"m_t = \beta m_{t-1} + g_t, t = 1, \dots, T",
    ])  # fmt: skip
    symbol = context.symbols["m"]
    assert str(symbol.shape) == "vector[d]" and str(symbol.family[0].low) == "0" and "m_0" not in context.symbols
    assert [plain(f) for f in context.facts] == ["m_0 = 0", "m_t = β m_{t − 1} + g_t for t = 1, …, T"]


@pytest.mark.parametrize(
    "phrase, words",
    [
        ("A is symmetric", {"symmetric"}),
        ("A is invertible", {"invertible"}),
        ("A is an orthogonal matrix", {"orthogonal"}),
        ("A is symmetric positive definite", {"positive definite", "symmetric", "invertible"}),
        ("A has full column rank", {"full column rank"}),
    ],
)
def test_properties(phrase, words):
    assert context_of([r"A \in \mathbb{R}^{n \times n}", phrase]).symbols["A"].properties == words


def test_properties_after_a_comma_and_of_families():
    assert (
        "full column rank" in context_of([r"X \in \mathbb{R}^{n \times d}, full column rank"]).symbols["X"].properties
    )
    iid = context_of([r"X_i, i = 1, \dots, n, are i.i.d. random variables"]).symbols["X"].properties
    assert iid == {"iid", "independent", "identically distributed"}
    alike = context_of([r"g_i, i = 1, \dots, t, are identically distributed random variables"]).symbols["g"].properties
    assert alike == {"identically distributed"}


@pytest.mark.parametrize(
    "lines, code, place",
    [
        ([r"z \in \mathbb{C}"], "set-unsupported", "ℂ"),
        ([r"z \in"], "set-expected", ""),
        ([r"x \in \mathbb{R}", r"x \in \mathbb{R}^n"], "declared-twice", "x"),
        ([r"x > 0", r"x < 0"], "domains-contradict", "x"),
        ([r"A \in \mathbb{R}^{n \times d}", "A is symmetric"], "property-of-square", "A"),
        ([r"x \in \mathbb{R}", "x is invertible"], "property-of-matrix", "x"),
        ([r"x \in \mathbb{R}", "x is lucky"], "phrase-unknown", "lucky"),
        (["Q is symmetric"], "unknown-symbol", "Q"),
        ([r"a, b"], "relation-expected", "a, b"),
        ([r"X \sim \mathcal{N}(0)"], "distribution-parameters", r"\mathcal{N}(0)"),
        ([r"X \sim \operatorname{Zeta}(2)"], "distribution-unknown", r"\operatorname{Zeta}"),
        ([r"X \in \mathbb{R}^{n \times d}", r"y \in \mathbb{R}^n", r"w = X y"], "product-does-not-conform", "X y"),
        ([r"x \in \mathbb{R}^{n \times d \times k}"], "too-many-axes", "n"),
        (["X is independent"], "independent-of-what", "X"),
        ([_RANDOM, r"x_1, \dots, x_m are independent"], "part-of-family", "x"),
        ([_RANDOM, r"x_2, \dots, x_n are identically distributed"], "part-of-family", "x"),
        ([_RANDOM, r"x_i, i = 2, \dots, n, are independent"], "part-of-family", "x"),
        ([_FAMILY, r"x_2, \dots, x_n are positive"], "part-of-family", "x"),
        ([r"T_i, i = 1, \dots, m, are events", r"T_2, \dots, T_m are disjoint"], "part-of-family", "T"),
        ([_RANDOM, r"x_1 \sim \mathcal{N}(0, 1)"], "part-of-family", "x_1"),
        ([r"x_{ij}, i, j = 1, \dots, n, are random variables", r"x_{ij} \sim p"], "range-missing", "x_{ij}"),
        ([_FAMILY, r"x_i = 0 for odd i"], "running-text", "for"),
        ([_FAMILY, r"x_i = 0 unless i = 2"], "running-text", "unless"),
    ],
)
def test_problems_have_their_place(lines, code, place):
    offsets, text = [], ""
    for line in lines:
        offsets.append((line, len(text)))
        text += line + "\n"
    found = read_givens(offsets)
    assert [p.code for p in found.problems] == [code]
    span = found.problems[0].span
    assert span is not None
    read = text[span.start : span.end]
    assert read == place or (place == "ℂ" and read == r"\mathbb{C}")


def test_a_bad_line_leaves_the_others():
    found = read_givens([(r"x \in \mathbb{R}", 0), (r"y \in \mathbb{Q}", 20), (r"z \in \mathbb{R}", 40)])
    assert set(found.context.symbols) == {"x", "z"} and len(found.problems) == 1


@pytest.mark.parametrize(
    "one, other",
    [
        ([r"x_1, \dots, x_n \in \mathbb{R}"], [r"x_i \in \mathbb{R}, i = 1, \dots, n"]),
        ([r"Let $x \in \mathbb{R}$ and $y > 0$."], [r"x \in \mathbb{R}", r"y > 0"]),
        (
            [r"X \in \mathbb{R}^{n \times d} with full column rank"],
            [r"X \in \mathbb{R}^{n \times d}", "X has full column rank"],
        ),
        (
            [r"f : \mathbb{R} \to \mathbb{R}, f is convex and differentiable"],
            [r"f : \mathbb{R} \to \mathbb{R}", "f is convex", "f is differentiable"],
        ),
        (["n is a natural number"], [r"n \in \mathbb{N}"]),
        ([r"x is a vector in \mathbb{R}^n"], [r"x \in \mathbb{R}^n"]),
        ([r"E[X] = \mu", "X is a random variable"], ["X is a random variable", r"E[X] = \mu"]),
        ([r"K = X X^T", r"X \in \mathbb{R}^{n \times d}"], [r"X \in \mathbb{R}^{n \times d}", r"K = X X^T"]),
    ],
)
def test_two_ways_to_say_the_same(one, other):
    left, right = context_of(one), context_of(other)

    def bare(context):
        symbols = context.symbols.values()
        return {(s.name, s.role, s.shape, s.family, s.domain, s.properties, s.random) for s in symbols}

    assert bare(left) == bare(right)
    assert left.facts == right.facts and set(left.definitions) == set(right.definitions)
