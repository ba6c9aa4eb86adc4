"""Arithmetic: quotients, roots, binomial coefficients, and signs that stand only in special places."""

from __future__ import annotations

from derive.language.term import Term, make, num
from derive.reader.latex.names import with_circle_constant
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Row

_X = ("x, y, a, b \\in \\mathbb{R}",)


def fraction(parser: Parser, token: Token) -> Term:
    """`\\frac{a}{b}`, or a derivative where numerator and denominator begin with `∂` or `d`."""
    from derive.reader.notation.derivatives import derivative, is_derivative

    start = parser.at - 1
    top = parser.group_tokens()
    bottom = parser.group_tokens()
    if not top or not bottom:
        raise parser.fail("expression-expected", token)
    if is_derivative(top, bottom):
        return derivative(parser, top, bottom, token, start)
    if parser.differentials and len(top) >= 2 and top[-2].text == "d":
        # \int \frac{f dx}{g}: the differential may stand in the numerator
        body = parser.read_slice(top[:-2]) if top[:-2] else num(1)
        parser.numerator_differential = top[-2:]
        return make("div", body, parser.read_slice(bottom), span=parser.since(start))
    return make("div", parser.read_slice(top), parser.read_slice(bottom), span=parser.since(start))


def root(parser: Parser, token: Token) -> Term:
    """`\\sqrt{x}`, `\\sqrt[n]{x}`."""
    if parser.peek().text == "[":
        degree = parser.enclosed(parser.expression)
        return make("pow", parser.argument(), make("div", num(1), degree))
    return make("sqrt", with_circle_constant(parser, parser.argument()))


def choose(parser: Parser, token: Token) -> Term:
    """`\\binom{n}{k}`."""
    return make("binomial", parser.argument(), parser.argument())


def infinity(parser: Parser, token: Token) -> Term:
    """`\\infty` stands only at the ends of ranges and as the point of a limit."""
    raise parser.fail("infinity-as-value", token)


def partial_sign(parser: Parser, token: Token) -> Term:
    """A `∂` outside a fraction."""
    raise parser.fail("partial-outside-fraction", token)


def floor(parser: Parser, token: Token) -> Term:
    """Rounding is not in the language."""
    raise parser.fail("notation-unsupported", token)


ROWS: tuple[Row, ...] = (
    Row(("+", "-"), "add", "x - a + b", "x - a + b", _X),
    Row(("\\cdot", "*", "\\times"), "mul", "x \\cdot y \\times a * b", "x y a b", _X),
    Row(("/",), "div", "a / (2 b)", r"\frac{a}{2 b}", _X),
    Row(
        ("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"),
        "div",
        "\\frac12 x + \\dfrac{a}{b}",
        r"\frac{1}{2} x + \frac{a}{b}",
        _X,
        fraction,
    ),
    Row(("\\sqrt",), "sqrt", "\\sqrt{x} \\sqrt[3]{x}", r"\sqrt{x} x^{\frac{1}{3}}", _X, root),
    Row(
        ("\\binom", "\\dbinom", "\\tbinom"),
        "binomial",
        "\\binom{n}{2}",
        r"\binom{n}{2}",
        ("n \\in \\mathbb{N}",),
        choose,
    ),
    Row(("!",), "factorial", "n!", "n!", ("n \\in \\mathbb{N}",)),
    Row(("\\infty",), "infinity", "\\sum_{k=0}^\\infty x^k", r"\sum_{k = 0}^{\infty} x^{k}", _X, infinity),
    Row(
        ("\\partial",),
        "deriv",
        "\\frac{\\partial}{\\partial x} x^2",
        r"\frac{\partial}{\partial x} \left(x^{2}\right)",
        _X,
        partial_sign,
    ),
)
