"""What stands below and above a letter, as tokens: primes, labels that belong to a name, one group per index.

What a script means is decided elsewhere (`names.py` for the scripts of a name, `powers.py` for any other factor).
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.letters import MARKS
from derive.language.source import Span
from derive.language.term import Term
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token


@dataclass(slots=True)
class Scripts:
    """The scripts behind a name: number of primes, and the tokens below and above it."""

    primes: int = 0
    sub: list[Token] | None = None
    sup: list[Token] | None = None
    sub_at: Token | None = None
    sup_at: Token | None = None


def gather(parser: Parser) -> Scripts:
    """The scripts at the place; a second one of a kind is a problem."""
    scripts = Scripts()
    while True:
        token = parser.peek()
        if token.kind == "sign" and token.text == "'" and scripts.sup is None:
            parser.take()
            scripts.primes += 1
        elif token.kind == "sign" and token.text == "_":
            if scripts.sub is not None:
                raise parser.fail("double-script", token)
            scripts.sub_at = parser.take()
            scripts.sub = parser.group_tokens()
            if not scripts.sub:
                raise parser.fail("script-empty", token)
        elif token.kind == "sign" and token.text == "^":
            if scripts.sup is not None:
                raise parser.fail("double-script", token)
            scripts.sup_at = parser.take()
            tokens = parser.group_tokens()
            if not tokens:
                raise parser.fail("script-empty", token)
            while tokens and tokens[0].text in ("\\prime", "'") and tokens[0].kind in ("command", "sign"):
                scripts.primes += 1
                tokens = tokens[1:]
            if tokens:
                scripts.sup = tokens
        else:
            return scripts


def fenced(tokens: list[Token] | None) -> bool:
    """Whether a superscript is `(…)` or `[…]`."""
    if not tokens or len(tokens) < 3 or tokens[0].text not in ("(", "[") or tokens[0].kind != "sign":
        return False
    closing = ")" if tokens[0].text == "(" else "]"
    level = 0
    for position, token in enumerate(tokens):
        level += token.text in ("(", "[")
        level -= token.text in (")", "]")
        if level == 0:
            return position == len(tokens) - 1 and token.text == closing
    return False


def label_text(tokens: list[Token] | None) -> str | None:
    """The text of a script that may be part of a name, or None."""
    if not tokens:
        return None
    text = ""
    for token in tokens:
        if token.kind in ("letter", "digit", "word", "text") or token.text in "+-()[],":
            text += token.text.replace(" ", "")
        elif token.text in MARKS:
            text += MARKS[token.text]
        else:
            return None
    return text or None


def with_sub(name: str, label: str) -> str:
    """A name with a label below."""
    return f"{name}_{label}" if label.isalnum() else f"{name}_{{{label}}}"


def mark_of(tokens: list[Token] | None) -> str | None:
    """The letter of a superscript that is one mark, as in `\\theta^*`."""
    if tokens and len(tokens) == 1 and tokens[0].kind in ("sign", "command"):
        return MARKS.get(tokens[0].text)
    return None


def index_units(tokens: list[Token]) -> list[list[Token]] | None:
    """A subscript as one group of tokens per index: split at commas, or letter by letter."""
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        level += token.text in ("(", "[", "{")
        level -= token.text in (")", "]", "}")
        if token.text == "," and token.kind == "sign" and level == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if any(not part for part in parts):
        return None
    if len(parts) > 1:
        return parts
    if all(t.kind in ("letter", "digit") for t in tokens):
        return [[t] for t in tokens]
    return [tokens]


def is_label(parser: Parser, tokens: list[Token]) -> bool:
    """Whether a subscript of an undeclared name is part of the name: it holds no index."""
    for token in tokens:
        if token.kind == "letter":
            symbol = parser.symbol(token.text)
            if symbol is not None and symbol.role == "index":
                return False
            if symbol is None and token.text.islower() and token.text != "ℓ":
                return False
        elif token.kind == "command":
            return False
    return True


def read_index(parser: Parser, tokens: list[Token]) -> Term:
    """An index expression; an undeclared letter in it is an index."""
    term = parser.read_slice(tokens)
    from derive.language.term import free_names

    for name in free_names(term):
        if parser.symbol(name) is None and name in parser.unknown:
            parser.unknown[name].roles.add("index")
    return term


def note_sizes(parser: Parser, names: frozenset[str], span: Span) -> None:
    """Record undeclared names as sizes."""
    for name in names:
        if parser.symbol(name) is None:
            parser.note_unknown(name, span, "size")
