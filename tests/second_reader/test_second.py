"""The second reader: where it can be trusted, both readers mean the same; where they do not, it says so."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import cli
from derive.language.term import make, num, sym
from derive.reader import second
from derive.reader.document import read_document
from derive.reader.second import Agreement, Difference, OutsideFragment, compare
from tests.reader.reading import context_of, statement

CONTEXT = context_of(
    [
        r"a, b, c, x, y, n, \alpha, \theta \in \mathbb{R}",
        r"p_i \in \mathbb{R}, i = 1, \dots, N",
        r"q_{ij} \in \mathbb{R}, i = 1, \dots, N, j = 1, \dots, N",
        r"i, j \in \{1, \dots, N\}",
        r"u, v \in \mathbb{R}^N",
    ]
)
EXAMPLES = Path(__file__).parents[2] / "examples"
installed = pytest.mark.skipif(not second.available(), reason="latex2sympy2_extended is not installed")


def compared(text):
    return compare(text, statement(text, context=CONTEXT, define=False), CONTEXT)


@installed
@pytest.mark.parametrize(
    "text",
    [
        r"(a+b)^2 = a^2 + 2ab + b^2",
        r"\frac{a}{b} - 2c = x",
        r"a-(b-c)-x = 0",
        r"-a^2 = b",
        r"x^ab = c",
        r"2 \cdot 3 a = 12a \times b",
        r"p_i y^2 = p^2_1",
        r"q_{ij} p_j = q_{12}",
        r"x^{2n} = a^{-n}",
        r"\alpha \theta^2 - \frac{1}{2}(a - b) = \frac{a + b}{c}",
        r"2a &= b",
    ],
)
def test_both_readers_agree(text):
    assert compared(text) == Agreement(5)


@installed
def test_a_line_that_goes_on_is_compared_on_its_right():
    term = statement(r"a = 2b + c", context=CONTEXT, define=False)
    assert compare(r"= 2b + c", term, CONTEXT) == Agreement(5)
    assert isinstance(compare(r"= 2b - c", term, CONTEXT), Difference)


@installed
@pytest.mark.parametrize(
    "text, wrong",
    [
        (r"a b^2", make("pow", make("mul", sym("a"), sym("b")), num(2))),
        (r"a - b - c", make("add", sym("a"), make("neg", make("add", sym("b"), make("neg", sym("c")))))),
        (r"-a^2", make("pow", make("neg", sym("a")), num(2))),
        (r"p_i", make("mul", make("entry", sym("p"), num(1)), sym("i"))),
        (r"12a", make("mul", num(1), num(2), sym("a"))),
        (r"\frac{a}{b} c", make("div", sym("a"), make("mul", sym("b"), sym("c")))),
        (r"a + b", sym("a")),
    ],
)
def test_a_misreading_is_found(text, wrong):
    found = compare(text, wrong, CONTEXT)
    assert isinstance(found, Difference)
    assert "differs" in second.spoken(found)


@pytest.mark.parametrize(
    "text",
    [
        r"a(b + c) = x",
        r"e^x = a",
        r"a' = b",
        r"\sum_{k=1}^n k = a",
        r"\hat a = b",
        r"a / b c = x",
        r"1.5 a = b",
        r"a = b = c",
        r"a < b",
        r"\text{if} a = b",
        r"\pi a = b",
        r"{a = b",
    ],
)
def test_outside_of_the_fragment(text):
    assert isinstance(compare(text, make("eq", sym("a"), sym("b")), CONTEXT), OutsideFragment)


@installed
def test_tensors_are_outside():
    assert isinstance(compared(r"u^T v = a"), OutsideFragment)
    assert isinstance(compare(r"u = v", make("eq", sym("u"), sym("v")), CONTEXT), OutsideFragment)


atoms = st.sampled_from(["a", "b", "x", "y", "p_i", "p_1", "q_{ij}", "q_{1j}", r"\theta", "3", "12"])


def larger(inner):
    bracket = inner.map(lambda t: f"({t})")
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        st.lists(st.one_of(atoms, bracket), min_size=2, max_size=3).map(r" \cdot ".join),
        st.tuples(inner, inner).map(" + ".join),
        st.tuples(inner, bracket).map(" - ".join),
        st.tuples(st.sampled_from(["a", "x", "p_i", r"\theta"]), st.integers(2, 5)).map(lambda p: f"{p[0]}^{p[1]}"),
        st.tuples(bracket, st.integers(2, 3)).map(lambda p: f"{p[0]}^{{{p[1]}}}"),
        st.tuples(st.sampled_from("abxy"), st.sampled_from([r"\theta", "x", "y"])).map(" ".join),
        bracket.map(lambda t: f"(-{t})"),
    )


@installed
@settings(max_examples=40, deadline=None)
@given(st.recursive(atoms, larger, max_leaves=6))
def test_formulas_made_up(text):
    found = compared(text)
    assert isinstance(found, Agreement) or "no point" in found.reason or "a power" in found.reason, (text, found)


@installed
def test_the_examples_mean_the_same_to_both():
    agreed = 0
    for path in EXAMPLES.rglob("*.md"):
        for derivation in read_document(str(path), path.read_text(encoding="utf8")).derivations:
            for step in derivation.steps:
                if step.statement is not None and step.problem is None:
                    found = compare(step.source, step.statement, step.context)
                    assert not isinstance(found, Difference), (step.source, found)
                    agreed += isinstance(found, Agreement)
    assert agreed >= 5


def test_without_the_package_the_command_says_so(monkeypatch, capsys):
    monkeypatch.setattr(second, "available", lambda: False)
    assert cli.run(["check", "--second-reader", str(EXAMPLES)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "latex2sympy2_extended" in message


@installed
def test_the_command_notes_and_warns(monkeypatch, capsys, tmp_path):
    path = tmp_path / "x.md"
    path.write_text("$$\n(a+b)^2 = a^2 + 2ab + b^2\n$$\n\n$$\n2 \\cdot 3 = 6\n$$\n", encoding="utf8")
    assert cli.run(["check", "--second-reader", str(path)]) == 0
    seen = capsys.readouterr()
    assert seen.out.count("the second reader agrees") == 2 and not seen.err
    monkeypatch.setattr(second, "_evaluate_sympy", lambda expression, values: 0)
    assert cli.run(["check", "--second-reader", str(path)]) == 0
    seen = capsys.readouterr()
    assert "differs" in seen.out and seen.err.count("derive: ") == 2 and f"{path}:2: " in seen.err
