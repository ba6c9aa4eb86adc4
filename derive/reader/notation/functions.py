"""Named functions: `\\log`, `\\exp`, trigonometry, `\\max`, and words such as `max` or `softmax`.

A function without brackets takes one factor (`\\log p_k`, `\\log \\det A`) or the big operator behind it; a further
factor without a sign between would have two readings and is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.language.term import Term, make
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import DOTS
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Prefix, Row

_X = ("x, y \\in \\mathbb{R}",)
_BIG = frozenset(["\\sum", "\\prod", "\\int", "\\lim"])


def function_argument(parser: Parser, token: Token, strict_power: bool = True) -> Term:
    """The argument of a named function: a bracketed expression or one factor."""
    opening = parser.peek()
    if opening.text in ("(", "[", "\\{") and opening.kind in ("sign", "command"):
        argument = parser.enclosed(parser.expression)
        if strict_power and parser.peek().text == "^":
            raise parser.fail("function-power-unclear", parser.peek(), name=token.text)
        return argument
    if opening.kind == "end":
        raise parser.fail("function-argument-missing", token, name=token.text)
    big = opening.text in _BIG
    argument = parser.factor()
    if not big:
        parser.bare_end = parser.at
    return argument


def _power(parser: Parser, token: Token, value: Callable[[], Term]) -> Term:
    """`\\tanh^2 x`: a power of the value."""
    if parser.peek().text != "^" or parser.peek().kind != "sign":
        return value()
    sign = parser.take()
    tokens = parser.group_tokens()
    if [t.text for t in tokens][:1] == ["-"]:
        raise parser.fail("function-power-unclear", sign, name=token.text)
    exponent = parser.read_slice(tokens)
    return make("pow", value(), exponent)


def elementwise(head: str) -> Prefix:
    """A function of one scalar, or of every entry."""

    def prefix(parser: Parser, token: Token) -> Term:
        start = parser.at - 1
        return _power(
            parser, token, lambda: make(head, function_argument(parser, token), span=parser.since(max(start, 0)))
        )

    return prefix


def value_function(head: str) -> Prefix:
    """A function written with a word, whose value may carry a power behind its brackets."""

    def prefix(parser: Parser, token: Token) -> Term:
        return _power(parser, token, lambda: make(head, function_argument(parser, token, strict_power=False)))

    return prefix


def logarithm(parser: Parser, token: Token) -> Term:
    """`\\log x`, `\\log_2 x`."""
    if parser.peek().text == "_":
        parser.take()
        base = parser.read_slice(parser.group_tokens())
        inner = make("log", function_argument(parser, token))
        return make("div", inner, make("log", base))
    return elementwise("log")(parser, token)


def extreme(head: str) -> Prefix:
    """`\\max(a, b)`, `\\max_i x_i`, `\\max(x_1, …, x_n)`."""

    def prefix(parser: Parser, token: Token) -> Term:
        from derive.reader.notation.limits import is_optimum, optimum
        from derive.reader.notation.sums import body, limits, ranged

        start = parser.at - 1
        if parser.peek().text == "_":
            below, above = limits(parser)
            if above is None and is_optimum(parser, below):
                return optimum(parser, token, f"{head}value", head, below)
            return ranged(parser, f"{head}over", below, above, token, body)
        opening = parser.peek()
        if opening.text not in ("(", "\\{", "["):
            raise parser.fail("sign-expected", wanted="(")
        args: list[Term] = []

        def read() -> Term:
            args.append(parser.expression())
            while parser.accept(","):
                dots = parser.accept(*DOTS)
                if dots:
                    if not parser.accept(","):
                        raise parser.fail("sign-expected", wanted=",")
                    args[:] = [parser.series("tabulate", args, parser.expression(), dots)]
                    continue
                args.append(parser.expression())
            return args[0]

        parser.enclosed(read)
        if len(args) == 1 and args[0].head == "tabulate":
            return make(f"{head}over", *args[0].args, span=parser.since(max(start, 0)))
        if len(args) < 2:
            raise parser.fail("argument-count", token, name=head, wanted=2, found=len(args))
        return make(head, *args, span=parser.since(max(start, 0)))

    return prefix


def _simple(sign: str, head: str, word: str) -> Row:
    return Row((sign, word), head, f"{sign} x", rf"{sign}\left(x\right)", _X, elementwise(head))


ROWS: tuple[Row, ...] = (
    Row(("\\exp", "exp"), "exp", "\\exp(-x)", r"\exp\left(-x\right)", _X, elementwise("exp")),
    Row(
        ("\\log", "\\ln", "log", "ln"),
        "log",
        "\\log x + \\log_2 y",
        r"\log\left(x\right) + \frac{\log\left(y\right)}{\log\left(2\right)}",
        _X,
        logarithm,
    ),
    _simple("\\sin", "sin", "sin"),
    _simple("\\cos", "cos", "cos"),
    _simple("\\tan", "tan", "tan"),
    _simple("\\arctan", "arctan", "arctan"),
    _simple("\\sinh", "sinh", "sinh"),
    _simple("\\cosh", "cosh", "cosh"),
    Row(
        ("\\tanh", "tanh"),
        "tanh",
        "1 - \\tanh^2 x",
        r"1 - \left(\tanh\left(x\right)\right)^{2}",
        _X,
        elementwise("tanh"),
    ),
    Row(
        ("sign", "sgn", "\\sgn", "\\sign"),
        "sign",
        "\\operatorname{sign}(x)",
        r"\operatorname{sign}\left(x\right)",
        _X,
        value_function("sign"),
    ),
    Row(("\\max", "max"), "max", "\\max(0, x)", r"\max\left(0, x\right)", _X, extreme("max")),
    Row(
        ("\\min", "min"),
        "min",
        "\\min_i x_i",
        r"\min_{1 \le i \le n} \left(x_{i}\right)",
        ("x_i \\in \\mathbb{R}, i = 1, \\dots, n",),
        extreme("min"),
    ),
    Row(
        ("softmax", "\\softmax"),
        "softmax",
        "\\operatorname{softmax}(z)",
        r"\operatorname{softmax}\left(z\right)",
        ("z \\in \\mathbb{R}^n",),
        value_function("softmax"),
    ),
)
