"""Marks on letters: accents, primes, stars, labels, styles. What they mean is decided in `latex/names.py`."""

from __future__ import annotations

from derive.language.letters import ACCENTS
from derive.language.term import Term
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Row


def accent(parser: Parser, token: Token) -> Term:
    """`\\hat y` is a name of its own."""
    from derive.reader.latex.names import read_name
    from derive.reader.notation.events import marked_complement

    complement = marked_complement(parser, token)
    if complement is not None:
        return complement
    parser.at -= 1
    return read_name(parser)


def dot(parser: Parser, token: Token) -> Term:
    """`\\dot x`: the derivative of a function of one declared variable."""
    from derive.language.term import make
    from derive.reader.latex.calls import implicit_call

    start = parser.at - 1
    tokens = parser.group_tokens()
    if len(tokens) != 1 or tokens[0].kind not in ("letter", "word"):
        raise parser.fail("accent-on-expression", token)
    name = tokens[0].text
    call = implicit_call(parser, name, tokens[0].span)
    if call is None or len(call.args) != 1:
        raise parser.fail("dot-without-variable", token, name=name)
    once = make("deriv", call, call.args[0], span=parser.since(start))
    return once if token.text == "\\dot" else make("deriv", once, call.args[0], span=parser.since(start))


ROWS: tuple[Row, ...] = (
    Row(
        tuple(ACCENTS),
        "sym",
        "\\hat y + \\bar x + \\tilde w",
        r"\hat{y} + \bar{x} + \tilde{w}",
        ("\\hat y, \\bar x, \\tilde w \\in \\mathbb{R}",),
        accent,
    ),
    Row(
        ("\\dot", "\\ddot"),
        "deriv",
        "\\dot x",
        r"\frac{\partial}{\partial t} \left(x\left(t\right)\right)",
        ("t \\in \\mathbb{R}", "x(t) = t^2"),
        dot,
    ),
    Row(("'",), "dcall", "f''(x)", r"f''\left(x\right)", ("f : \\mathbb{R} \\to \\mathbb{R}", "x \\in \\mathbb{R}")),
    Row(("^",), "pow", "x^2 + x^{n+1}", r"x^{2} + x^{n + 1}", ("x \\in \\mathbb{R}", "n \\in \\mathbb{N}")),
    Row(
        ("^",),
        "sym",
        "\\theta^* - w^{(t+1)} + a^{[l]}",
        r"\theta^{*} - w^{(t+1)} + a^{[l]}",
        ("\\theta^*, w^{(t+1)}, a^{[l]} \\in \\mathbb{R}",),
    ),
    Row(
        ("_",),
        "entry",
        "x_i + A_{ij}",
        r"x_{i} + A_{i,j}",
        ("x \\in \\mathbb{R}^n", "A \\in \\mathbb{R}^{n \\times n}", "i, j \\in \\{1, \\dots, n\\}"),
    ),
    Row(
        ("^",),
        "entry",
        "x^{(i)}_j",
        r"x_{i,j}",
        ("x^{(i)} \\in \\mathbb{R}^d, i = 1, \\dots, n", "i \\in \\{1, \\dots, n\\}", "j \\in \\{1, \\dots, d\\}"),
    ),
    Row(
        ("\\mathbf", "\\boldsymbol"),
        "sym",
        "\\mathbf{x} + \\boldsymbol\\theta",
        r"\mathbf{x} + \boldsymbol{\theta}",
        ("\\mathbf{x}, \\boldsymbol{\\theta} \\in \\mathbb{R}",),
    ),
    Row(
        ("\\mathrm", "\\operatorname"),
        "call",
        "\\operatorname{ReLU}(x)",
        r"\mathrm{ReLU}\left(x\right)",
        ("x \\in \\mathbb{R}", "\\operatorname{ReLU}(x) = \\max(0, x)"),
    ),
)
