"""Where things stand in a file.

A `Source` is a named text; a `Span` is a half-open range of offsets in it. Everything read from a document carries a
span, so that every message can point at its exact place.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` (included) to `end` (excluded) of a source's text."""

    start: int
    end: int

    def join(self, other: Span | None) -> Span:
        """The smallest span that covers both."""
        if other is None:
            return self
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Source:
    """A text with a name (a path, or `<stdin>`), and its places as 1-based lines and columns.

    A notebook's text is that of its Markdown cells: `cells` holds the number of each and the line that it begins on.
    """

    path: str
    text: str
    cells: tuple[tuple[int, int], ...] = ()
    _starts: tuple[int, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        starts.extend(i + 1 for i, character in enumerate(self.text) if character == "\n")
        object.__setattr__(self, "_starts", tuple(starts))

    def place(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_span(self, line: int) -> Span:
        """The span of a 1-based line, without its line end."""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        return Span(start, end)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]
