"""Every row of the notation tables reads as it says, and its reading reads back."""

import pytest

from derive.language.heads import HEADS
from derive.language.letters import latex_name
from derive.language.printing import _LATEX, _PLAIN, latex, plain
from derive.language.term import make, num, sym
from derive.reader.notation import ROWS
from tests.reader.reading import context_of, statement

EXAMPLES = [row for row in ROWS if row.example]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row.example)
def test_example(row):
    context = context_of(row.givens)
    term = statement(row.example, context=context)
    assert latex(term) == row.reading
    assert statement(latex(term), context=context) == term


def test_every_head_is_printed():
    assert set(_LATEX) == set(HEADS) == set(_PLAIN)


@pytest.mark.parametrize(
    "name, spelled",
    [
        ("σ", r"\sigma"),
        ("ŵ", r"\hat{w}"),
        ("n_in", r"n_{\text{in}}"),
        ("θ*", r"\theta^{*}"),
        ("W′", "W'"),
        ("w^(t+1)", "w^{(t+1)}"),
        ("ℒ", r"\mathcal{L}"),
        ("𝛉", r"\boldsymbol{\theta}"),
        ("ReLU", r"\mathrm{ReLU}"),
    ],
)
def test_names_are_spelled_and_read_back(name, spelled):
    assert latex_name(name) == spelled
    assert statement(spelled, [rf"{spelled} \in \mathbb{{R}}"]) == sym(name)


def test_plain_text_is_short():
    gram = make("mul", make("transpose", sym("X")), sym("X"))
    solution = make("mul", make("mul", make("inverse", gram), make("transpose", sym("X"))), sym("y"))
    assert plain(solution) == "(Xᵀ X)⁻¹ Xᵀ y"
    mean = make("sum", sym("i"), num(1), sym("n"), make("entry", sym("x"), sym("i")))
    assert plain(mean) == "Σ_{i=1}^{n} x_i"
    # a reader must be able to tell (1/2) n from 1/(2 n)
    assert plain(make("mul", make("div", num(1), make("pow", sym("n"), num(2))), sym("n"))) == "(1/n²) n"
