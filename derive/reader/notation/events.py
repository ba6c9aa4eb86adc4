"""Events: complements, differences, unions and intersections over an index, the impossible event.

An event is a statement without a relation: `A \\cap B` is `A and B`, `A \\subset B` is `A implies B`, and a mark above
an event, `\\bar A` or `\\overline{A \\cup B}`, is its complement unless a name with that mark is declared.
"""

from __future__ import annotations

from derive.language.letters import ACCENTS, accented
from derive.language.term import Term, make, sym
from derive.reader.latex.indices import gather, label_text, with_sub
from derive.reader.latex.parser import Parser
from derive.reader.latex.powers import with_indices
from derive.reader.latex.tokens import Token
from derive.reader.notation.sums import limits, ranged
from derive.reader.notation.table import Row

_AB = ("A, B are events",)
_FAMILY = ("A_i, i = 1, \\dots, n, are events",)
_BARS = frozenset(["\\bar", "\\overline"])


def marked_complement(parser: Parser, token: Token) -> Term | None:
    """`\\bar A`, with the place behind the command; None (and the place as it was) where that is a name."""
    if token.text not in _BARS:
        return None
    mark, unknown = parser.at, dict(parser.unknown)
    tokens = parser.group_tokens()
    letters = [t for t in tokens if t.kind in ("letter", "word")]
    named = len(tokens) == 1 and parser.symbol(accented(tokens[0].text, ACCENTS[token.text])) is not None
    if not named and len(tokens) == 1 and letters:
        labelled = _labelled(parser, letters[0])
        if labelled is not None:
            return make("not", labelled, span=parser.since(mark - 1))
    if not named and letters and _is_event_name(parser, letters[0].text):
        symbol = parser.symbol(letters[0].text)
        if len(tokens) == 1 and symbol is not None and symbol.family:  # `\\bar A_i`
            member = with_indices(parser, sym(symbol.name, tokens[0].span), symbol, gather(parser), mark - 1)
            return make("not", member, span=parser.since(mark - 1))
        inner = parser.read_slice(tokens, parser.statement)
        if parser.is_event(inner):
            return make("not", inner, span=parser.since(mark - 1))
    parser.at, parser.unknown = mark, unknown
    return None


def _labelled(parser: Parser, letter: Token) -> Term | None:
    """`A_1`, where that is the name of an event, with the place behind it."""
    mark = parser.at
    if parser.peek().text == "_":
        label = label_text(gather(parser).sub)
        name = with_sub(letter.text, label) if label is not None else ""
        marked = accented(letter.text, ACCENTS["\\bar"]) + name[len(letter.text) :]
        if _is_event_name(parser, name) and parser.symbol(marked) is None:
            return sym(name, letter.span)
    parser.at = mark
    return None


def _is_event_name(parser: Parser, name: str) -> bool:
    symbol = parser.symbol(name)
    return symbol is not None and symbol.role == "event"


def complement(parser: Parser, token: Token) -> Term:
    """`\\neg A` as a factor."""
    start = parser.at - 1
    inner = parser.factor()
    if not parser.is_event(inner):
        raise parser.fail("event-expected", span=inner.span)
    return make("not", inner, span=parser.since(start))


def over_index(parser: Parser, token: Token) -> Term:
    """`\\bigcap_{i=1}^n A_i`, `\\bigcup_{i=1}^n A_i`."""
    start = parser.at - 1
    union = token.text == "\\bigcup"
    below, above = limits(parser)

    def member(inner: Parser) -> Term:
        event = inner.product()
        if not inner.is_event(event):
            raise inner.fail("event-expected", span=event.span)
        return make("not", event, span=event.span) if union else event

    every = ranged(parser, "forall", below, above, token, member)
    return make("not", every, span=parser.since(start)) if union else every


def impossible(parser: Parser, token: Token) -> Term:
    """`\\emptyset`."""
    return make("not", make("true", span=token.span), span=token.span)


ROWS: tuple[Row, ...] = (
    Row(
        ("\\bigcap",),
        "forall",
        "P\\left(\\bigcap_{i=1}^n A_i\\right)",
        r"\mathbb{P}\left(\forall i \in \{1, \dots, n\} : \left(A_{i}\right)\right)",
        _FAMILY,
        over_index,
    ),
    Row(
        ("\\bigcup",),
        "not",
        "P\\left(\\bigcup_{i=1}^n A_i\\right)",
        r"\mathbb{P}\left(\lnot \left(\forall i \in \{1, \dots, n\} : "
        r"\left(\lnot \left(A_{i}\right)\right)\right)\right)",
        _FAMILY,
        over_index,
    ),
    Row(("\\neg", "\\lnot"), "not", "P(\\neg A)", r"\mathbb{P}\left(\lnot \left(A\right)\right)", _AB, complement),
    Row(("\\bar", "\\overline"), "not", "P(\\bar A)", r"\mathbb{P}\left(\lnot \left(A\right)\right)", _AB),
    Row(
        ("\\setminus",),
        "and",
        "P(A \\setminus B)",
        r"\mathbb{P}\left(A \land \lnot \left(B\right)\right)",
        _AB,
    ),
    Row(
        ("\\emptyset", "\\varnothing"),
        "not",
        "P(\\emptyset)",
        r"\mathbb{P}\left(\lnot \left(\text{otherwise}\right)\right)",
        _AB,
        impossible,
    ),
    Row(("\\subset", "\\subseteq"), "implies", "A \\subset B", r"A \Rightarrow B", _AB),
)
