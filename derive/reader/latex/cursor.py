"""A place among the tokens of a formula: peeking, taking, groups, and problems with their places.

Every token is consumed once; where one cannot be, `Unreadable` carries a `Problem` with its place. It knows nothing of
what tokens mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from derive.language.source import Span
from derive.language.statement import Problem
from derive.reader.latex.signs import ARROWS, CLOSING, RELATIONS, known_commands
from derive.reader.latex.tokens import Token


class Unreadable(Exception):
    """Raised inside the reader; carries the `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Cursor:
    """A place among the tokens of one formula; everything is consumed in order, or is a problem at its place."""

    def __init__(self, tokens: list[Token], end: int = 0) -> None:
        self.end = Token("end", "", end, end)
        self.tokens = [*tokens, self.end]
        self.at = 0
        self.bars: list[str] = []
        self.differentials = 0
        self.bare_end = -1

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the place, or the end."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def take(self) -> Token:
        """The token at the place, which moves on."""
        token = self.peek()
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        """The token at the place where it is one of these signs or commands."""
        token = self.peek()
        if token.text in texts and token.kind in ("sign", "command"):
            return self.take()
        return None

    def expect(self, text: str) -> Token:
        """This sign must stand here."""
        token = self.accept(text)
        if token is None:
            raise self.fail("sign-expected", wanted=text)
        return token

    def fail(self, code: str, token: Token | None = None, span: Span | None = None, **details: object) -> Unreadable:
        """A problem at a token (the one at the place by default)."""
        at = token or self.peek()
        found = at.text if at.kind != "end" else ""
        pairs = {"found": found, **{k: str(v) for k, v in details.items()}}
        return Unreadable(Problem(code, span or at.span, tuple(pairs.items())))

    def since(self, start: int) -> Span:
        """The span of the tokens from index `start` to the place."""
        first = self.tokens[min(start, len(self.tokens) - 1)]
        last = self.tokens[max(self.at - 1, start, 0)] if self.at > start else first
        return Span(first.start, max(last.end, first.end))

    @contextmanager
    def within(self, tokens: list[Token]) -> Iterator[None]:
        """Read a slice of tokens as a text of its own; all of it must be consumed."""
        saved = self.tokens, self.at, self.bars, self.differentials, self.bare_end
        end = tokens[-1].end if tokens else self.peek().start
        self.tokens, self.at = [*tokens, Token("end", "", end, end)], 0
        self.bars, self.differentials, self.bare_end = [], 0, -1
        yield
        if self.peek().kind != "end":
            raise self.leftover()
        self.tokens, self.at, self.bars, self.differentials, self.bare_end = saved

    def leftover(self) -> Unreadable:
        """The problem of a token that nothing can take."""
        token = self.peek()
        if token.kind == "digit":
            return self.fail("digit-after-factor", token)
        if token.kind == "text":
            return self.fail("running-text", token, text=token.text)
        if token.text in CLOSING:
            return self.fail("bracket-unopened", token)
        if token.kind == "command" and token.text not in RELATIONS and token.text not in ARROWS:
            return self.fail("unknown-command" if token.text not in known_commands() else "not-expected-here", token)
        return self.fail("not-expected-here", token)

    def group_tokens(self) -> list[Token]:
        """The tokens of the braced group (or the single token) at the place, which moves behind it."""
        if self.peek().kind == "end" or self.peek().text in ("}", "^", "_", "&", "\\\\"):
            raise self.fail("argument-expected")
        if self.peek().text != "{" or self.peek().kind != "sign":
            token = self.take()
            if token.text in ("\\frac", "\\dfrac", "\\tfrac", "\\hat", "\\bar", "\\tilde", "\\sqrt"):
                raise self.fail("braces-expected", token)
            return [token]
        self.take()
        level, start = 1, self.at
        while True:
            token = self.take()
            if token.kind == "end":
                raise self.fail("brace-open")
            if token.kind == "sign" and token.text == "{":
                level += 1
            elif token.kind == "sign" and token.text == "}":
                level -= 1
                if level == 0:
                    return self.tokens[start : self.at - 1]

    def accept_text(self, *words: str) -> Token | None:
        """Running text that is one of these words."""
        token = self.peek()
        return self.take() if token.kind == "text" and token.text.strip(" ,") in words else None

    def letter_run(self) -> str:
        """The Latin letters (or the word) that stand together at the place."""
        token = self.peek()
        if token.kind == "word":
            return token.text
        if token.kind != "letter":
            return ""
        text = token.text
        if not (token.text.isascii()):
            return text
        ahead = 1
        while (after := self.peek(ahead)).kind == "letter" and after.joined and after.text.isascii():
            text += after.text
            ahead += 1
        return text
