"""Brackets and bars: groups, columns, families `(p_i)_{i=1}^{n}`, evaluations `[F(x)]_a^b`, absolute values, norms."""

from __future__ import annotations

from dataclasses import replace

from derive.language.term import Term, free_names, make, sym
from derive.reader.latex.parser import Parser
from derive.reader.latex.powers import TRANSPOSES
from derive.reader.latex.signs import DOTS
from derive.reader.latex.tokens import Token


def group(parser: Parser) -> Term:
    """A bracketed expression, `(p_i)_{i=1}^{n}`, a column `(a, b, …)`, or an evaluation between bounds."""
    start = parser.at
    opening = parser.peek()
    items: list[Term] = []

    def read() -> Term:
        first = parser.statement()
        items.append(first)
        while parser.peek().text == "," and parser.peek().kind == "sign":
            parser.take()
            dots = parser.accept(*DOTS)
            if dots:
                if not parser.accept(","):
                    raise parser.fail("sign-expected", wanted=",")
                last = parser.expression()
                items[:] = [parser.series("tabulate", items, last, dots)]
                continue
            items.append(parser.statement())
        return first

    inner = parser.enclosed(read)
    if len(items) > 1 or items[0] is not inner:
        inner = column(parser, items, opening, start)
    return after_group(parser, inner, opening, start)


def fence(parser: Parser) -> Term:
    """`|x|` or `\\|x\\|`."""
    start = parser.at
    opening = parser.take()
    norm = opening.text in ("\\|", "||", "\\Vert", "\\lVert")
    parser.bars.append("norm" if norm else "abs")
    saved, parser.differentials = parser.differentials, 0
    inner = parser.expression()
    parser.differentials = saved
    parser.bars.pop()
    closing = ("\\|", "||", "\\Vert", "\\rVert") if norm else ("|", "\\vert", "\\rvert")
    token = parser.peek()
    if not norm and token.text == "||":
        # |a||b|: the end of one and the beginning of the next
        middle = token.start + 1
        halves = [
            replace(token, text="|", kind="sign", end=middle),
            replace(token, text="|", kind="sign", start=middle),
        ]
        parser.tokens[parser.at : parser.at + 1] = halves
        token = parser.peek()
    if token.text not in closing or (opening.side == "left") != (token.side == "right"):
        raise parser.fail("bracket-unclosed", opening if token.kind == "end" else token, wanted=closing[0])
    parser.take()
    if not norm and inner.head == "sym" and (known := parser.symbol(inner.name)) is not None and known.role == "set":
        return sym(f"|{inner.name}|", parser.since(start))
    if not norm:
        return make("abs", inner, span=parser.since(start))
    value = ""
    if parser.accept("_"):
        tokens = parser.group_tokens()
        value = "".join(t.text for t in tokens)
        names = {"2": "2", "F": "F", "1": "1", "\\infty": "inf", "Fro": "F"}
        if value not in names:
            raise parser.fail("norm-unknown", tokens[0] if tokens else token, norm=value)
        value = names[value]
    shape = parser.shape(inner)
    if shape is not None and shape.rank == 2 and value in ("", "2"):
        raise parser.fail("norm-unclear", opening)
    return make("norm", inner, value=value or "2", span=parser.since(start))


def column(parser: Parser, items: list[Term], opening: Token, start: int) -> Term:
    """`(a, b, c)` or `(x_1, …, x_n)^T`: a column vector."""
    if opening.text == "\\{":
        raise parser.fail("set-not-value", opening)
    term = items[0] if len(items) == 1 else make("vector", *items)
    if parser.peek().text == "^" and parser.peek(1).text in TRANSPOSES:
        parser.take()
        parser.take()
    elif parser.peek().text == "^" and parser.peek(1).text == "{" and parser.peek(2).text in TRANSPOSES:
        for _ in range(4):
            parser.take()
    return term.with_span(parser.since(start))


def after_group(parser: Parser, inner: Term, opening: Token, start: int) -> Term:
    """A group, and what its scripts make of it where they are bounds."""
    token = parser.peek()
    if token.text != "_" or token.kind != "sign":
        return inner
    mark = parser.at
    parser.take()
    below = parser.group_tokens()
    equals = next((k for k, t in enumerate(below) if t.text == "=" and t.kind == "sign"), None)
    bounded = parser.peek().text == "^" and parser.peek().kind == "sign"
    if equals is not None and bounded:
        parser.take()
        above = parser.group_tokens()
        name = "".join(t.text for t in below[:equals])
        low, high = parser.read_slice(below[equals + 1 :]), parser.read_slice(above)
        if opening.text == "(":
            return _again_bound(parser, mark, opening, start, name, low, high)
        return _between(parser, inner, name, low, high, start)
    if opening.text == "[" and bounded and equals is None and inner.head not in ("sym",):
        shape = parser.shape(inner)
        if shape is None or not shape.axes:
            parser.take()
            above = parser.group_tokens()
            low, high = parser.read_slice(below), parser.read_slice(above)
            limits = free_names(low) | free_names(high)
            names = sorted(n for n in free_names(inner) - limits if _variable(parser, n))
            if len(names) != 1:
                raise parser.fail("evaluation-variable", opening, names=", ".join(names))
            return _between(parser, inner, names[0], low, high, start)
    parser.at = mark
    return inner


def _variable(parser: Parser, name: str) -> bool:
    symbol = parser.symbol(name)
    return symbol is None or symbol.role == "variable"


def _between(parser: Parser, inner: Term, name: str, low: Term, high: Term, start: int) -> Term:
    span = parser.since(start)
    upper = make("at", sym(name), high, inner, span=span)
    lower = make("at", sym(name), low, inner, span=span)
    return make("add", upper, make("neg", lower, span=span), span=span)


def _again_bound(parser: Parser, mark: int, opening: Token, start: int, name: str, low: Term, high: Term) -> Term:
    """`(body)_{i=1}^{n}`: the body is read again with its index bound."""
    end = parser.at
    parser.read_again += 1
    if parser.read_again > 12:  # nested ones are read twice each
        raise parser.fail("nested-too-deep", opening)
    parser.at = start
    with parser.bound(name):
        body = parser.enclosed(parser.expression)
    parser.at = end
    parser.unknown.pop(name, None)
    return make("tabulate", sym(name), low, high, body, span=parser.since(start))
