"""Conditions on the indices of a given: `x_i^T x_j = 0 for i \\ne j`, `x_i > 0, i \\ne 2`.

Words for a condition that are written without `\\text` become text, as in a formula. A relation behind a comma between
letters that nothing declares and that are indices before it restricts these indices; it claims nothing of its own.
"""

from __future__ import annotations

from derive.language.context import Context
from derive.reader.latex.signs import RELATIONS
from derive.reader.latex.tokens import Token

_JOINING = ("where", "with", "such that", "and")
_WORDS = (
    *("for all", "for every", "for each", "for any", "for", "whenever", "when", "if", "provided that", "provided"),
    *("where", "with", "such that", "unless", "except", "only", "not", "but", "or", "odd", "even", "some", "distinct"),
)
_ORDERS = frozenset(["eq", "ne", "lt", "le", "gt", "ge"])


def words_as_text(tokens: list[Token], text: str, offset: int) -> list[Token]:
    """The tokens of a given, its words about conditions as text."""
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        start = token.start - offset
        word = _word_at(text, start) if token.kind == "letter" and 0 <= start < len(text) else ""
        if not word or not result:
            result.append(token)
            position += 1
            continue
        end = token.start + len(word)
        result.append(Token("text", " ".join(word.split()), token.start, end))
        while position < len(tokens) and tokens[position].start < end:
            position += 1
    return result


def _word_at(text: str, start: int) -> str:
    """The word for a condition that stands alone at a place of the text."""
    if start and (text[start - 1].isalnum() or text[start - 1] in "\\_^{"):
        return ""
    for word in _WORDS:
        parts, end = word.split(), start
        for part in parts:
            while end > start and end < len(text) and text[end] == " ":
                end += 1
            if not text.startswith(part, end):
                break
            end += len(part)
        else:
            if not text[end : end + 1].isalnum():
                return text[start:end]
    return ""


def mark_condition(tokens: list[Token], context: Context) -> list[Token]:
    """The tokens with a relation of indices at their end behind the word `for`, as `formula/conditions.py` reads it."""
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
        if base.kind in ("letter", "word") and base.text not in context.symbols:
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


__all__ = ["mark_condition", "words_as_text"]
