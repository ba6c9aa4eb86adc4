"""Words for conditions in a given that are written without `\\text`, as in `x_i^T x_j = 0 for i \\ne j`: they become
text, as in a formula; `formula/conditions.py` reads what stands behind them.
"""

from __future__ import annotations

from derive.reader.latex.tokens import Token

_WORDS = (
    *("for all", "for every", "for each", "for any", "for", "whenever", "when", "if", "provided that", "provided"),
    *("where", "with", "such that", "unless", "except", "only", "not", "but", "or", "odd", "even", "some", "distinct"),
)


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
