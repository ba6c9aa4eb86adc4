"""Environments: definitions by cases, and the frame around matrices."""

from __future__ import annotations

from derive.language.term import Term, make
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Row

_X = ("x, y, a, b \\in \\mathbb{R}",)


def environment(parser: Parser, token: Token) -> Term:
    """`\\begin{cases}`, `\\begin{pmatrix}` and the like."""
    from derive.reader.notation.linear_algebra import matrix

    name = "".join(t.text for t in parser.group_tokens())
    if name in ("cases", "dcases", "rcases"):
        return cases(parser, token, name)
    if name in ("pmatrix", "bmatrix", "matrix", "smallmatrix", "vmatrix", "Bmatrix", "array"):
        return matrix(parser, token, name)
    raise parser.fail("environment-unknown", token, name=name)


def end_environment(parser: Parser, token: Token, name: str) -> None:
    """`\\end{name}` must stand here."""
    if not parser.accept("\\end"):
        raise (
            parser.leftover() if parser.peek().kind != "end" else parser.fail("environment-unclosed", token, name=name)
        )
    found = "".join(t.text for t in parser.group_tokens())
    if found != name:
        raise parser.fail("environment-unclosed", token, name=name)


def cases(parser: Parser, token: Token, name: str) -> Term:
    """Values and the conditions they hold under, row by row."""
    parts: list[Term] = []
    saved, parser.differentials = parser.differentials, 0
    parser.bars.append("none")
    while parser.peek().text != "\\end":
        if parser.peek().kind == "end":
            raise parser.fail("environment-unclosed", token, name=name)
        value = _case_value(parser)
        parser.accept(",", ";")
        if parser.accept("&"):
            if parser.peek().text == "," and parser.peek().kind == "sign":
                parser.take()
        elif parser.peek().kind != "text":
            raise parser.fail("case-condition-missing")
        condition = _case_condition(parser)
        parser.accept(",", ";", ".")
        parts += [value, condition]
        if not parser.accept("\\\\"):
            break
    end_environment(parser, token, name)
    parser.bars.pop()
    parser.differentials = saved
    if not parts:
        raise parser.fail("expression-expected", token)
    return make("cases", *parts)


def _case_value(parser: Parser) -> Term:
    if parser.letter_run() == "undefined" and parser.symbol("undefined") is None:
        start = parser.at
        for _ in range(1 if parser.peek().kind == "word" else 9):
            parser.take()
        return make("undefined", span=parser.since(start))
    return parser.expression()


def _case_condition(parser: Parser) -> Term:
    start = parser.at
    while parser.peek().kind == "text" and parser.peek().text.strip(" ,.") in ("if", "for", "when", "where", ""):
        parser.take()
    if parser.letter_run() == "if":
        for _ in range(1 if parser.peek().kind == "word" else 2):
            parser.take()
    run = parser.letter_run()
    if run in ("otherwise", "else"):
        for _ in range(1 if parser.peek().kind == "word" else len(run)):
            parser.take()
        return make("true", span=parser.since(start))
    text = parser.peek()
    if text.kind == "text" and text.text.strip(" ,.").lower() in ("otherwise", "else"):
        parser.take()
        return make("true", span=text.span)
    parts = [parser.statement()]
    while parser.peek().text == "," and parser.peek().kind == "sign" and parser.peek(1).text not in ("\\\\", "\\end"):
        parser.take()
        parts.append(parser.statement())
    condition = parts[0] if len(parts) == 1 else make("and", *parts, span=parser.since(start))
    if condition.head not in _STATEMENTS and not parser.is_event(condition):
        raise parser.fail("condition-expected", span=condition.span)
    return condition


_STATEMENTS = frozenset(
    [
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "approx",
        "propto",
        "and",
        "or",
        "not",
        "implies",
        "iff",
        "forall",
        "true",
        "has",
    ]
)
ROWS: tuple[Row, ...] = (
    Row(
        ("\\begin",),
        "cases",
        "\\begin{cases} x & x \\ge 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
        r"\begin{cases} x & x \ge 0 \\ 0 & \text{otherwise} \end{cases}",
        _X,
        environment,
    ),
)
