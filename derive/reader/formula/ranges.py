"""Ranges at the end of a line: `, i = 1, …, n`, `, j ∈ {1, …, n}`, `for all i = …`."""

from __future__ import annotations

from derive.language.affine import Affine, affine_of, variable
from derive.language.context import Context, Range, Symbol
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import DOTS
from derive.reader.latex.tokens import Token


def split_top(tokens: list[Token], signs: tuple[str, ...] = (",",)) -> list[list[Token]]:
    """Tokens cut at signs that stand in no bracket."""
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        if token.kind in ("sign", "command"):
            level += token.text in ("(", "[", "{", "\\{", "\\begin", "\\langle", "\\lvert", "\\lVert")
            level -= token.text in (")", "]", "}", "\\}", "\\end", "\\rangle", "\\rvert", "\\rVert")
            if token.text in signs and level == 0:
                parts.append([])
                continue
        parts[-1].append(token)
    return parts


def cut_ranges(tokens: list[Token], context: Context) -> tuple[list[Token], dict[str, Range], dict[str, Symbol]]:
    """Cut `, i = 1, …, n` (and `, j ∈ {…}`, `for all i = …`) off the end: the rest, the ranges, the sizes in them."""
    ranges: dict[str, Range] = {}
    sizes: dict[str, Symbol] = {}
    pieces = split_top(tokens)
    while True:
        cut = _last_range(pieces, context)
        if cut is None:
            break
        pieces, names, low, high = cut
        for name in names:
            ranges[name] = Range(low, high)
        for name in low.names | high.names:
            if name not in context.symbols and name != "∞":
                sizes[name] = Symbol(name, role="size")
    rest: list[Token] = []
    for position, piece in enumerate(pieces):
        if position:
            rest.append(_comma_between(tokens, pieces[position - 1], piece))
        rest += piece
    while (
        rest and (rest[-1].text in (",", "\\quad") or (rest[-1].kind == "text" and _is_for(rest[-1].text))) and ranges
    ):
        rest.pop()
    return rest, ranges, sizes


def _comma_between(tokens: list[Token], before: list[Token], after: list[Token]) -> Token:
    low = before[-1].end if before else tokens[0].start
    for token in tokens:
        if token.text == "," and token.start >= low:
            return token
    return Token("sign", ",", low, low)


def _is_for(text: str) -> bool:
    return text.strip(" ,.:").lower() in ("for", "for all", "for every", "for each", "where", "with", "and", "all")


def _bare(piece: list[Token]) -> list[Token]:
    while piece and (
        piece[0].text in ("\\forall", "\\quad", "(") or (piece[0].kind == "text" and _is_for(piece[0].text))
    ):
        piece = piece[1:]
    return piece


def _last_range(
    pieces: list[list[Token]], context: Context
) -> tuple[list[list[Token]], list[str], Affine, Affine] | None:
    """The range that the last pieces spell, if they do."""
    if len(pieces) < 2 and not any((t.kind == "text" and _is_for(t.text)) or t.text == "\\forall" for t in pieces[-1]):
        return None
    last = pieces[-1]
    # i \in \{1, …, n\}
    start = next(
        (k for k, t in enumerate(last) if t.text == "\\forall" or (t.kind == "text" and _is_for(t.text))), None
    )
    own = last if start is None else last[start:]
    if len(pieces) < 2 and start is None:
        return None
    body = _bare(own)
    if len(body) >= 4 and body[0].kind == "letter" and body[1].text == "\\in" and body[2].text == "\\{":
        ends = _set_ends(body[2:], context)
        if ends is not None:
            kept = pieces[:-1] if start is None or start == 0 else [*pieces[:-1], last[:start]]
            return kept, [body[0].text], *ends
    # i = 1, [2,] …[, n]
    dots = next((k for k in range(len(pieces) - 1, -1, -1) if len(pieces[k]) == 1 and pieces[k][0].text in DOTS), None)
    if dots is None or dots < len(pieces) - 2:
        return None
    first = dots - 1
    while first >= 0 and not any(t.text == "=" for t in pieces[first]):
        first -= 1
    if first < 0 or dots - first > 4:
        return None
    piece = pieces[first]
    begin = next(
        (k for k, t in enumerate(piece) if t.text == "\\forall" or (t.kind == "text" and _is_for(t.text))), None
    )
    head = _bare(piece if begin is None else piece[begin:])
    if len(head) < 3 or head[0].kind != "letter" or head[1].text != "=" or (first == 0 and begin is None):
        return None
    low = read_affine(head[2:], context)
    if low is None:
        return None
    high = variable("∞") if dots == len(pieces) - 1 else read_affine(pieces[-1], context)
    if high is None:
        return None
    names = [head[0].text]
    kept = pieces[:first] if begin in (None, 0) else [*pieces[:first], piece[:begin]]
    while (
        len(kept) > 1
        and len(_bare(kept[-1])) == 1
        and _bare(kept[-1])[0].kind == "letter"
        and ((known := context.symbols.get(_bare(kept[-1])[0].text)) is None or known.role == "index")
        and not (len(kept[-2]) == 1 and kept[-2][0].text in DOTS)
    ):
        names.append(_bare(kept[-1])[0].text)
        kept = kept[:-1]
    return kept, names, low, high


def read_affine(tokens: list[Token], context: Context) -> Affine | None:
    """Tokens as an affine expression, where they are one."""
    while tokens and tokens[-1].text in (".", ")"):
        tokens = tokens[:-1]
    if not tokens:
        return None
    try:
        parser = Parser(tokens, context)
        term = parser.expression()
        if parser.peek().kind != "end":
            return None
    except Unreadable:
        return None
    return affine_of(term)


def _set_ends(tokens: list[Token], context: Context) -> tuple[Affine, Affine] | None:
    if tokens[-1].text != "\\}":
        return None
    parts = split_top(tokens[1:-1])
    if len(parts) < 3 or len(parts[-2]) != 1 or parts[-2][0].text not in DOTS:
        return None
    low, high = read_affine(parts[0], context), read_affine(parts[-1], context)
    return (low, high) if low is not None and high is not None else None
