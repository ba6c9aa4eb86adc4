"""The segments of a line: chains of relations and statements, and what joins them."""

from __future__ import annotations

from derive.language.heads import HEADS, ORDER_RELATIONS, Kind
from derive.language.source import Span
from derive.language.term import Term
from derive.reader.formula.left_side import Head
from derive.reader.formula.ranges import split_top
from derive.reader.formula.reading import Segment
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import ARROWS, DOTS, RELATIONS

_SEPARATING = frozenset(
    [
        "and",
        "so",
        "hence",
        "thus",
        "therefore",
        "then",
        "with",
        "where",
        "while",
        "also",
        "i.e.",
        "since",
        "because",
        "as",
        ",",
    ]
)


def read_segments(parser: Parser, head: Head | None) -> list[Segment]:
    """The segments of a line, behind the left side that has been taken."""
    segments: list[Segment] = []
    connective = ""
    if head is not None:
        segments.append(_chain(parser, "", head.left))
    elif parser.peek().text in ARROWS:
        connective = ARROWS[parser.take().text]
        segments.append(_chain(parser, connective, None))
    else:
        segments.append(_chain(parser, "", None))
    while parser.peek().kind != "end":
        token = parser.peek()
        if token.text in ARROWS and token.kind == "command":
            connective = ARROWS[parser.take().text]
        elif token.kind == "sign" and token.text in (",", ";", "\\quad"):
            last = segments[-1]
            if token.text == "," and not last.heads and HEADS[last.terms[0].head].kind != Kind.STATEMENT:
                raise parser.fail("list-without-relation", token)
            parser.take()
            while parser.accept(",", ";", "\\quad"):
                pass
            connective = ""
            if parser.peek().text in ARROWS:
                continue
            if not _starts_statement(parser):
                raise parser.leftover()
            segments.append(_behind_comma(parser, segments[-1]))
            continue
        elif token.kind == "text":
            parser.take()
            words = token.text.strip(" ,.:;").lower()
            if words in ("iff", "if and only if"):
                connective = "iff"
            elif words in ("implies", "so", "hence", "thus", "therefore", "which implies", "so that"):
                connective = "implies"
            elif words in _SEPARATING or words.startswith(("and ", "where ", "with ")):
                connective = ""
            else:
                raise parser.fail("running-text", token, text=token.text)
            if not _starts_statement(parser):
                raise parser.fail("running-text", token, text=token.text)
        else:
            raise parser.leftover()
        segments.append(_chain(parser, connective, None))
    return segments


def _behind_comma(parser: Parser, before: Segment) -> Segment:
    """A statement behind a comma; an inequality behind an equation may be its condition or a claim: refused."""
    segment = _chain(parser, "", None)
    if "eq" in before.heads and segment.heads and not segment.lead and set(segment.heads) <= {"ne", *ORDER_RELATIONS}:
        raise parser.fail("condition-behind-comma", span=segment.span)
    return segment


def _starts_statement(parser: Parser) -> bool:
    """Whether a relation stands before the next separator."""
    rest = parser.tokens[parser.at : -1]
    piece = split_top(rest, (",", ";", "\\quad"))[0]
    return any(t.text in RELATIONS or t.text in ARROWS for t in piece)


def _chain(parser: Parser, connective: str, first: Term | None) -> Segment:
    start = parser.at
    begin = parser.peek().start if first is None or first.span is None else first.span.start
    heads: list[str] = []
    terms: list[Term] = []
    lead = ""
    if first is None and parser.peek().text in RELATIONS and parser.peek().kind in ("sign", "command"):
        lead = RELATIONS[parser.peek().text]
        if lead in ("in", "tends", "distributed"):
            raise parser.fail("expression-expected")
        lead = "eq" if lead == "define" else lead
        parser.take()
        terms.append(parser.operand())
    else:
        left = first
        if left is None:
            if parser.peek().text in ("\\lnot", "\\neg", "\\forall"):
                return _statement_segment(parser, start, connective, begin)
            left = parser.operand()
        terms.append(left)
    while parser.peek().text in RELATIONS and parser.peek().kind in ("sign", "command"):
        sign = parser.take()
        relation = RELATIONS[sign.text]
        if relation in ("in", "distributed", "tends") or (relation in ("lt", "le") and parser.peek().text == "\\infty"):
            if heads or lead:
                raise parser.fail("not-expected-here", sign)
            return _statement_segment(parser, start, connective, begin)
        dots = parser.accept(*DOTS)
        if dots:
            again = parser.peek()
            if again.text not in RELATIONS or RELATIONS[again.text] != relation:
                raise parser.fail("dots-unclear", dots)
            continue
        heads.append(relation)
        terms.append(parser.operand())
    token = parser.peek()
    joined = token.text in ("\\lor", "\\vee", "\\land", "\\wedge") or (token.kind == "text" and _phrase(token.text))
    if joined:
        if lead or first is not None:
            raise parser.leftover()
        return _statement_segment(parser, start, connective, begin)
    last = terms[-1].span
    return Segment(tuple(terms), tuple(heads), connective, lead, Span(begin, last.end if last else begin))


def _phrase(text: str) -> bool:
    return text.startswith(("is ", "are ", "has ")) or text.strip() in ("or",)


def _statement_segment(parser: Parser, start: int, connective: str, begin: int) -> Segment:
    parser.at = start
    statement = parser.disjunction()
    return Segment((statement,), (), connective, "", Span(begin, statement.span.end if statement.span else begin))
