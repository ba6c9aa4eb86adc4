"""Conditions behind a formula: `\\text{ if } x > 0`, `\\text{ for all } x`, `x_i x_j = 0, i \\ne j`.

A relation behind a comma between letters that are indices before it restricts these indices; it claims nothing of its
own. Any other relation behind a comma may be a claim.
"""

from __future__ import annotations

from derive.language.context import Context
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
_JOINING = ("where", "with", "such that", "and")
_ORDERS = frozenset(["eq", "ne", "lt", "le", "gt", "ge"])
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
    concludes = only.connective == "implies" and bool(only.heads)
    if defines or len(segments) != 1 or only.lead or (only.connective and not concludes):
        raise Unreadable(Problem("text-with-meaning", condition[0].span, (("text", "if"),)))
    pairs = zip(only.terms, only.heads, only.terms[1:], strict=False)
    parts = [make("eq" if h == "define" else h, a, b, span=only.span) for a, h, b in pairs] or [only.terms[0]]
    claim = parts[0] if len(parts) == 1 else make("and", *parts, span=only.span)
    return [Segment((make("implies", under, claim, span=only.span),), (), only.connective, span=only.span)]


def mark_condition(tokens: list[Token], context: Context, displayed: bool = False) -> list[Token]:
    """The tokens with a relation of indices at their end behind the word `for`, as `cut_condition` reads it.

    In a displayed formula only an inequality behind a comma is taken for one: behind `and` stands a claim.
    """
    level = 0
    for position in range(len(tokens) - 1, 0, -1):
        token = tokens[position]
        level += token.text in (")", "]", "}", "\\}") and token.kind in ("sign", "command")
        level -= token.text in ("(", "[", "{", "\\{") and token.kind in ("sign", "command")
        joins = token.kind in ("text", "word") and token.text.strip(" ,.:").lower() in _JOINING
        spelled = "".join(t.text for t in tokens[position - 2 : position + 1]) == "and" and token.kind == "letter"
        if level or not (joins or spelled or (token.kind == "sign" and token.text == ",")):
            continue
        piece, before = tokens[position + 1 :], tokens[: position - 2 if spelled else position]
        if displayed and (token.text != "," or any(RELATIONS.get(t.text) == "eq" for t in piece)):
            return tokens
        while piece and piece[0].text == "\\quad":
            piece = piece[1:]
        if not _restricts(piece, before, context):
            return tokens
        return [*_without_names(before), Token("text", "for", token.start, token.end), *piece]
    return tokens


def _without_names(tokens: list[Token]) -> list[Token]:
    """`… for all i, j` in front of a condition on i and j says nothing of its own."""
    for position in range(len(tokens) - 1, 0, -1):
        token = tokens[position]
        if token.kind == "text" and token.text.strip(" ,").lower().startswith("for"):
            return tokens[:position]
        if token.kind != "letter" and token.text != ",":
            break
    return tokens


def _restricts(piece: list[Token], before: list[Token], context: Context) -> bool:
    """Whether a piece relates indices of what stands before it, and nothing else."""
    heads = [RELATIONS[t.text] for t in piece if t.kind in ("sign", "command") and t.text in RELATIONS]
    letters = {t.text for t in piece if t.kind == "letter"}
    others = [t for t in piece if t.kind not in ("letter", "digit") and t.text not in (*RELATIONS, "+", "-")]
    if not heads or not letters or others or not set(heads) <= _ORDERS:
        return False
    free = {n for n in letters if n not in context.symbols or context.symbols[n].role == "index"}
    sizes = {n for n in letters - free if context.symbols[n].role == "size"}
    return bool(free) and free <= _subscripts(before, context) and letters == free | sizes


def _subscripts(tokens: list[Token], context: Context) -> set[str]:
    """The letters in subscripts; those of a letter that nothing declares are labels."""
    found: set[str] = set()
    for position, token in enumerate(tokens[:-1]):
        if token.text != "_" or token.kind != "sign":
            continue
        base = tokens[position - 1] if position else token
        if base.kind in ("letter", "word") and base.text not in context.symbols and base.text != "δ":
            continue
        level = 0
        for inner in tokens[position + 1 :]:
            level += inner.text == "{"
            level -= inner.text == "}"
            if inner.kind == "letter":
                found.add(inner.text)
            if level == 0:
                break
    return found
