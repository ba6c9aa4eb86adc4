"""The pieces of a document: headings, given lines and formulas, each with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level, 1 the highest."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class GivenBlock:
    """Given lines with their places."""

    lines: tuple[tuple[str, int], ...]
    start: int


@dataclass(frozen=True, slots=True)
class Formula:
    """Display math: its text and place. `inline` math is read only for declarations."""

    text: str
    start: int
    inline: bool = False
    closed: bool = True


Piece = Heading | GivenBlock | Formula
