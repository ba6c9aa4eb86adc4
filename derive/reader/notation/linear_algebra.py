"""Matrices: transposes and inverses, trace, determinant, diag, vec, inner products, written-out matrices."""

from __future__ import annotations

from derive.language.term import Term, make
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import DOTS
from derive.reader.latex.tokens import Token
from derive.reader.notation.functions import value_function
from derive.reader.notation.probability import indicator
from derive.reader.notation.table import Row

_A = ("A, B \\in \\mathbb{R}^{n \\times n}", "x, y \\in \\mathbb{R}^n")


def diagonal(parser: Parser, token: Token) -> Term:
    """`\\operatorname{diag}(v)`, `\\operatorname{diag}(a, b)`, `\\operatorname{diag}(p_1, …, p_n)`."""
    opening = parser.peek()
    if opening.text not in ("(", "[", "\\{"):
        return value_function("diag")(parser, token)
    items: list[Term] = []

    def read() -> Term:
        items.append(parser.expression())
        while parser.accept(","):
            dots = parser.accept(*DOTS)
            if dots:
                if not parser.accept(","):
                    raise parser.fail("sign-expected", wanted=",")
                items[:] = [parser.series("tabulate", items, parser.expression(), dots)]
                continue
            items.append(parser.expression())
        return items[0]

    parser.enclosed(read)
    return make("diag", items[0] if len(items) == 1 else make("vector", *items))


def rank(parser: Parser, token: Token) -> Term:
    """The rank of a matrix is a property for givens, not a value."""
    raise parser.fail("notation-unsupported", token)


def inner_product(parser: Parser, token: Token) -> Term:
    """`\\langle x, y \\rangle`."""
    parser.bars.append("none")
    left = parser.expression()
    if not parser.accept(","):
        raise parser.fail("sign-expected", wanted=",")
    right = parser.expression()
    if not parser.accept("\\rangle"):
        raise parser.fail("bracket-unclosed", token, wanted="\\rangle")
    parser.bars.pop()
    return make("inner", left, right)


def matrix(parser: Parser, token: Token, name: str) -> Term:
    """A matrix written out; one column is a vector."""
    from derive.reader.notation.environments import end_environment

    if name == "array":
        parser.group_tokens()
    rows: list[list[Term]] = []
    parser.bars.append("none")
    while parser.peek().text != "\\end":
        if parser.peek().kind == "end":
            raise parser.fail("environment-unclosed", token, name=name)
        row = [parser.expression()]
        while parser.accept("&"):
            row.append(parser.expression())
        rows.append(row)
        if not parser.accept("\\\\"):
            break
    end_environment(parser, token, name)
    parser.bars.pop()
    if not rows:
        raise parser.fail("expression-expected", token)
    if len({len(row) for row in rows}) != 1:
        raise parser.fail("matrix-rows-uneven", token)
    entries = [entry for row in rows for entry in row]
    if name == "vmatrix":
        return make("det", make("matrix", *entries, value=(len(rows), len(rows[0]))))
    if len(rows[0]) == 1:
        return make("vector", *entries)
    return make("matrix", *entries, value=(len(rows), len(rows[0])))


ROWS: tuple[Row, ...] = (
    Row(("^\\top", "^T", "^\\intercal"), "transpose", "A^T B^\\top", r"A^{\top} B^{\top}", _A),
    Row(("^{-1}",), "inverse", "A^{-1}", r"A^{-1}", (*_A, "A is invertible")),
    Row(("^{-T}",), "transpose", "A^{-T}", r"\left(A^{-1}\right)^{\top}", (*_A, "A is invertible")),
    Row(
        ("\\odot", "\\circ"),
        "hadamard",
        "x \\odot (1 - y)",
        r"x \odot \left(\mathbf{1}_{n} - y\right)",
        _A,
    ),
    Row(("\\otimes",), "kron", "A \\otimes B", r"A \otimes B", _A),
    Row(("\\oslash",), "entrydiv", "x \\oslash y", r"x \oslash y", _A),
    Row(("|",), "abs", "|a|", r"\left|a\right|", ("a \\in \\mathbb{R}",)),
    Row(("\\|",), "norm", "\\|x\\|_2^2 + \\|A\\|_F", r"\left\|x\right\|_{2}^{2} + \left\|A\right\|_{F}", _A),
    Row(("\\langle",), "inner", "\\langle x, y \\rangle", r"\left\langle x, y \right\rangle", _A, inner_product),
    Row(
        ("tr", "\\tr", "trace", "Tr"),
        "trace",
        "\\operatorname{tr}(A)",
        r"\operatorname{tr}\left(A\right)",
        _A,
        value_function("trace"),
    ),
    Row(("\\det", "det"), "det", "\\log \\det A", r"\log\left(\det\left(A\right)\right)", _A, value_function("det")),
    Row(("diag", "\\diag"), "diag", "\\operatorname{diag}(x)", r"\operatorname{diag}\left(x\right)", _A, diagonal),
    Row(("vec",), "vec", "\\operatorname{vec}(A)", r"\operatorname{vec}\left(A\right)", _A, value_function("vec")),
    Row(("rank", "\\rank"), "rank", "", "", (), rank),
    Row(("I",), "identity", "I_n + A", r"I_{n} + A", _A),
    Row(("\\mathbf1",), "ones", "x + \\mathbf{1}", r"x + \mathbf{1}_{n}", _A, indicator),
    Row(("\\delta",), "delta", "\\delta_{ij}", r"\delta_{i,j}", ("i, j \\in \\{1, \\dots, n\\}",)),
    Row(
        ("\\begin",),
        "matrix",
        "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        (),
    ),
    Row(
        ("\\begin",),
        "matrix",
        "\\begin{bmatrix} A & x \\\\ 0 & 2 \\end{bmatrix}",
        r"\begin{pmatrix} A & x \\ 0 & 2 \end{pmatrix}",
        _A,
    ),
)
