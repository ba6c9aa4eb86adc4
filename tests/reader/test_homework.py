"""The formulas of a real, damaged homework: the readable ones read under the usual givens, the others are refused."""

import json
from pathlib import Path

import pytest

from derive.language.statement import Problem
from derive.reader.document import formula_lines, read_document
from derive.reader.formula import read_formula
from tests.reader.reading import context_of

FOLDER = Path(__file__).parents[3] / "shared" / "homework"
if not (FOLDER / "formulas.jsonl").exists():
    pytest.skip("the homework is not here", allow_module_level=True)

SIGMOID = r"\sigma(t) = \frac{1}{1 + e^{-t}}"
GIVENS = {
    3: r"w_i, x_i \in \mathbb{R}, i = 0, \dots, d; b \in \mathbb{R}",
    8: r"w_i \in \mathbb{R}, i = 0, \dots, d; x_j^{(i)} \in \mathbb{R}, i = 1, \dots, n, j = 0, \dots, d; "
    r"y^{(i)}, \hat{y}^{(i)} \in \mathbb{R}, i = 1, \dots, n; j \in \{0, \dots, d\}; \alpha > 0; L \in \mathbb{R}",
    20: r"X \in \mathbb{R}^{n \times d}; y \in \mathbb{R}^n; w, x \in \mathbb{R}^d",
    29: r"t \in \mathbb{R}; " + SIGMOID + r"; ReLU(x) = \max(0, x)",
    40: r"w_{kj}^{[l]}, k = 1, \dots, m, j = 1, \dots, p, are random variables; X, Y are random variables; "
    r"a_k^{[l]}, k = 1, \dots, m, are random variables; z_k^{[l]}, k = 1, \dots, m, are random variables",
    43: r"a_i, w_i \in \mathbb{R}, i = 0, \dots, n",
    47: r"t \in \mathbb{R}; " + SIGMOID,
    49: r"w^{(t)}, w^{(t+1)}, \epsilon, \lambda, \Delta \in \mathbb{R}",
    51: r"\sigma > 0; i \in \{1, \dots, n\}",
    57: r"y_i \in \mathbb{R}, i = 1, \dots, n; w_j \in \mathbb{R}, j = 0, \dots, p; \sigma > 0; "
    r"x_{ij} \in \mathbb{R}, i = 1, \dots, n, j = 1, \dots, p",
    74: r"J : \mathbb{R}^d \to \mathbb{R}; \theta_t \in \mathbb{R}^d, t = 1, \dots, T; "
    r"f_t \in \mathbb{R}, t = 1, \dots, T; m_t \in \mathbb{R}, t = 0, \dots, T",
    77: r"w^{l+1} \in \mathbb{R}^{m \times k}; \delta^{l+1} \in \mathbb{R}^m; z^l \in \mathbb{R}^k; " + SIGMOID,
    80: r"y, \hat y, u \in \mathbb{R}^d; L : \mathbb{R}^d \to \mathbb{R}",
    94: r"x \in \mathbb{R}^N; i, k \in \{1, \dots, N\}; f, g, z, f_j \in \mathbb{R}; "
    r"\sigma(x)_i = \frac{e^{x_i}}{\sum_{j=1}^N e^{x_j}}",
    99: r"x \in \mathbb{R}^m; W \in \mathbb{R}^{m \times p}; W' \in \mathbb{R}^{p \times d}; h = W^T x; u = W'^T h; "
    r"\hat y = \operatorname{softmax}(u); \ell : \mathbb{R}^d \to \mathbb{R}; L = \ell(\hat y)",
}
ROWS = [json.loads(line) for line in (FOLDER / "formulas.jsonl").read_text(encoding="utf8").splitlines()]
CONTEXTS = {last: context_of(lines.split("; ")) for last, lines in GIVENS.items()}


def problem_of(row):
    context = CONTEXTS[min(last for last in GIVENS if row["id"] <= last)]
    for text, offset in formula_lines(row["latex"], 0):
        reading = read_formula(text, context, offset)
        if isinstance(reading, Problem):
            return reading
    return None


# A limit written on one side, its variable free on the other: refused today, since the two readings differ in truth.
REFUSED_TODAY = {47: pytest.mark.xfail(strict=True, reason="the limit may be meant on one side or on both")}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=str(row["id"]), marks=REFUSED_TODAY.get(row["id"], ())) for row in ROWS]
)
def test_formula(row):
    problem = problem_of(row)
    assert (problem is None) == row["readable"], problem
    if problem is not None:
        assert problem.span is not None


def test_the_document_as_it_is():
    text = (FOLDER / "source.md").read_text(encoding="utf8")
    document = read_document("source.md", text)
    assert document.problem is None and len(document.derivations) >= 7
    for derivation in document.derivations:
        for step in derivation.steps:
            assert step.span is not None and text[step.span.start : step.span.end].strip() == step.source
