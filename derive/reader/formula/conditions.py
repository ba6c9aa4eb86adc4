"""Conditions behind a formula: `\\text{ if } x > 0`, `\\text{ for all } x`."""

from __future__ import annotations

from derive.language.statement import Problem
from derive.language.term import make
from derive.reader.formula.reading import Segment
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import RELATIONS
from derive.reader.latex.tokens import Token

_CONDITIONAL = frozenset(
    ["if", "when", "whenever", "for", "for all", "for every", "for each", "for any", "provided", "provided that"]
)
MEANINGFUL = frozenset(["if", "when", "not", "unless", "iff", "only", "except", "false", "never", "no", "whenever"])


def cut_condition(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Cut `\\text{ if } x > 0` or `\\text{ for all } x` off the end; bare names after `for` say nothing new."""
    level = 0
    for position in range(len(tokens) - 1, 0, -1):
        token = tokens[position]
        level += token.text in (")", "]", "}", "\\}", "\\end") and token.kind in ("sign", "command")
        level -= token.text in ("(", "[", "{", "\\{", "\\begin") and token.kind in ("sign", "command")
        if token.kind != "text" or level:
            continue
        words = token.text.strip(" ,.:").lower()
        if words not in _CONDITIONAL or position == len(tokens) - 1:
            return tokens, []
        condition = tokens[position + 1 :]
        rest = tokens[:position]
        while rest and rest[-1].text in (",", "\\quad"):
            rest = rest[:-1]
        if not any(t.text in RELATIONS for t in condition if t.kind in ("sign", "command")):
            if words.startswith("for") and _are_names(condition):
                return rest, []
            return tokens, []
        return rest, condition
    return tokens, []


def _are_names(tokens: list[Token]) -> bool:
    """Whether tokens are names with commas between them, and no words (`odd i` restricts i)."""
    named, level, script = False, 0, False
    for token in tokens:
        if token.kind in ("letter", "word"):
            if named and not level and not script:
                return False
            named = named or not (level or script)
        elif token.kind != "digit" and token.text not in (",", "_", "^", "{", "}", "*", "'"):
            return False
        level += (token.text == "{") - (token.text == "}")
        named = named and token.text != ","
        script = token.text in ("_", "^")
    return True


def under_condition(parser: Parser, segments: list[Segment], condition: list[Token], defines: bool) -> list[Segment]:
    """A statement that is claimed under a condition."""
    under = parser.read_slice(condition, parser.statement)
    if under.head == "true":
        return segments
    only = segments[0]
    if defines or len(segments) != 1 or only.lead or only.connective:
        raise Unreadable(Problem("text-with-meaning", condition[0].span, (("text", "if"),)))
    pairs = zip(only.terms, only.heads, only.terms[1:], strict=False)
    parts = [make("eq" if h == "define" else h, a, b, span=only.span) for a, h, b in pairs] or [only.terms[0]]
    claim = parts[0] if len(parts) == 1 else make("and", *parts, span=only.span)
    return [Segment((make("implies", under, claim, span=only.span),), (), span=only.span)]
