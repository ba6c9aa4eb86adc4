"""Laws of reading: every token counts, layout does not, and nothing crashes or takes long."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.language.statement import Problem
from derive.reader.document import read_document
from derive.reader.formula import read_formula
from derive.reader.givens import read_givens
from derive.reader.latex.scanner import tokenize
from derive.reader.notation import ROWS
from derive.reader.wording import wording
from tests.reader.reading import context_of

GIVENS = [
    r"X \in \mathbb{R}^{n \times d}", r"y \in \mathbb{R}^n", r"w \in \mathbb{R}^d", r"a, b, c, t \in \mathbb{R}",
    r"x_i \in \mathbb{R}, i = 1, \dots, n", r"u^{(i)} \in \mathbb{R}^d, i = 1, \dots, n", r"\lambda > 0",
    r"\sigma(t) = \frac{1}{1 + e^{-t}}", r"L(w) = \frac{1}{2n} \|Xw - y\|^2", "Y, Z are random variables",
    "A is an event",
]  # fmt: skip
CONTEXT = context_of(GIVENS)
FORMULAS = [
    r"\nabla L(w) = \frac{1}{n} X^T (X w - y) + \lambda w",
    r"w = (X^T X + n \lambda I)^{-1} X^T y",
    r"\sum_{i=1}^{n} (x_i - a)^2 \ge \frac{1}{n} \left(\sum_{i=1}^{n} x_i\right)^2 - b",
    r"\frac{\partial^2}{\partial a \partial b} \log(a^2 + b^2) \le \sqrt[3]{c}",
    r"\operatorname{Var}(a Y + Z) = a^2 \operatorname{Var}(Y) + 2 a \operatorname{Cov}(Y, Z)",
    r"\mathbb{E}[Y \mid Z] = \mathbb{E}[Y Z] - e^{-a}",
    r"\sigma'(t) = \sigma(t)(1 - \sigma(t)) \Rightarrow \sigma'(t) \ne a",
    r"\sum_{j \ne k} x_j x_k = \begin{cases} |a| & a \ge 0 \\ -b & a < 0 \end{cases}",
    r"\lim_{t \to 0^+} \frac{a t}{t!} = \int_0^1 t^2 \, dt + \max(a, b)",
    r"\arg\max_{a} \left[ -a^2 + b \right] = \sum_{i} u^{(i)}_1",
    r"x_1 + x_2 + \dots + x_n = \Pr(Y \ge a) + \mathbb{1}[Z > 0]",
    r"0 < a \le 1 \lor a = -1",
]
# tokens without which the formula says the same: a product sign (A B is A ∩ B), and marks that only separate
IDLE = {r"\cdot", r"\times", "*", ",", "&", r"\cap"}


def meaning(text, context=CONTEXT):
    reading = read_formula(text, context)
    if isinstance(reading, Problem):
        return None
    segments = [(s.terms, s.heads, s.lead, s.connective) for s in reading.segments]
    inferred = [(s.name, s.shape, s.role, s.family, s.random) for s in reading.inferred]
    return segments, reading.ranges, inferred


@pytest.mark.parametrize("text", [*FORMULAS, *(r.example for r in ROWS if r.example)])
def test_deleting_a_token_changes_the_reading_or_is_refused(text):
    row = next((r for r in ROWS if r.example == text), None)
    context = context_of(row.givens) if row is not None else CONTEXT
    whole = meaning(text, context)
    assert whole is not None
    for start, end in sorted({(t.start, t.end) for t in tokenize(text)}):
        if text[start:end] in IDLE:
            continue
        assert meaning(text[:start] + " " * (end - start) + text[end:], context) != whole, text[start:end]


@pytest.mark.parametrize("text", FORMULAS)
def test_layout_changes_nothing(text):
    whole = meaning(text)
    pieces = re.findall(r"\\[A-Za-z]+|\\.|\d+|.", text)
    assert meaning(" ".join(pieces)) == whole
    assert meaning(r"\displaystyle " + text.replace("=", r"\,=\;&")) == whole
    assert meaning(text.replace(r"\left(", "(").replace(r"\right)", ")")) == whole
    fenced = text.replace(r"\left(", "(").replace(r"\right)", ")")
    assert meaning(fenced.replace("(", r"\left(").replace(")", r"\right)")) == whole
    assert meaning(re.sub(r"([_^])(\w)", r"\1{\2}", text)) == whole
    assert meaning(text + r" \tag{1} \label{eq:x} \nonumber .") == whole


PIECES = st.sampled_from([
    *(t for f in FORMULAS for t in re.findall(r"\\[A-Za-z]+|\\.|.", f)),
    "\\left", "\\right", "\\left.", "|", "||", "\\begin{cases}", "\\end{cases}", "\\begin{pmatrix}", "\\\\", "&",
    "\\int", "dx", "'", "\\dots", "\\cap", "\\sqrt[", "\\forall", "\\text{if}", "\\text{and}", "\\nabla", "\\in",
    "\\{", "\\}", "\\mathbb{R}", "\\sim", "\\|", "\\mid", ":", "$", "%", "\n", "is", " are ", "```", "#",
])  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(st.lists(PIECES, max_size=30).map(" ".join), st.lists(PIECES, max_size=30).map("".join), st.text()))
def test_nothing_crashes_or_takes_long(text):
    start = time.process_time()
    reading = read_formula(text, CONTEXT)
    if isinstance(reading, Problem):
        assert wording(reading)
    for problem in read_givens([(text, 0)], CONTEXT).problems:
        assert wording(problem)
    for path in ("x.md", "x.tex", "x.ipynb"):
        read_document(path, f"$${text}$$\n```given\n{text}\n```\n{text}\n$$= {text}$$")
    assert time.process_time() - start < 0.5 + 0.6 * len(text) / 1000


@pytest.mark.parametrize(
    "text",
    ["(" * 4000, "x^" * 4000, "{" * 4000 + "}" * 4000, r"\frac{" * 2000, "a(b+c)" * 2000, "x+" * 5000 + "x", "'" * 9000,
     r"\left(" * 999 + r"\right)" * 999, "|" * 5000, r"\sum_i " * 900, "(a)_{i=1}^n" * 400,
     "((((((((((a" + ")_{i=1}^n" * 10],
)  # fmt: skip
def test_long_and_deep_formulas_end(text):
    start = time.process_time()
    read_formula(text, CONTEXT)
    assert time.process_time() - start < 0.3 + 0.1 * len(text) / 1000


def test_a_formula_takes_a_millisecond():
    start = time.process_time()
    for _ in range(10):
        for text in FORMULAS:
            read_formula(text, CONTEXT)
    assert (time.process_time() - start) / (10 * len(FORMULAS)) < 0.01
