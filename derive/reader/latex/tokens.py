"""The tokens of a formula, and macros: each token is one letter, digit, sign, command or piece of running text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from derive.language.source import Span
from derive.language.statement import Problem

Kind = Literal["letter", "digit", "sign", "command", "word", "text", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `joined`: it follows its neighbour with nothing between; `side`: `left` or `right` of a fence pair."""

    kind: Kind
    text: str
    start: int
    end: int
    joined: bool = False
    side: str = ""

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Macro:
    """A `\\newcommand`: number of arguments and the text of its body, with `#1` for the first argument."""

    arguments: int
    body: str


Macros = Mapping[str, Macro]


class Untokenizable(Exception):
    """Raised inside the reader; carries the `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem
