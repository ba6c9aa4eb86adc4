"""Keys: documents with `rubric` blocks, as questions with items."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """What is wrong with a key, in one sentence, with its 1-based line."""

    line: int
    message: str
    question: str = ""

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"line": self.line, "question": self.question, "message": self.message}


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it was read. It pickles as its path and text, and is read again where it arrives."""

    path: str
    text: str

    @property
    def points(self) -> Fraction:
        """Points that can be had."""
        return Fraction(0)


def read_key(path: str | Path) -> Key | tuple[KeyProblem, ...]:
    """Read a key: its questions and items, or everything that is wrong with how it is written."""
    raise NotImplementedError
