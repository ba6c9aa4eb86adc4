"""The sections of a cut document as a tree, and the questions that they answer.

Every piece stands in the section of the last heading before it. `owners` gives each section the question whose heading
it is, else that of the section above it. Lines that are headings in all but form (a bold `**Question 2**`, a lone
`2)`) count as headings where they name a question. Nothing is read here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from derive.grading.match import Number, Target, match_heading, reads_from_right, title_of
from derive.reader.document import Cut, Formula, Heading, Piece

_BOLD = re.compile(
    r"[ \t>*-]*(?:\*\*|__)(?P<md>[^*_\n]{1,80})(?:\*\*|__)[ \t:.]*"
    r"|[ \t]*\\(?:textbf|emph|underline)\{(?P<tex>[^{}\n]{1,80})\}[ \t:.\\]*"
)
_LONE = re.compile(r"[ \t]*(?P<line>[^\n$\\]{1,60}?)[ \t]*[:.)]?[ \t]*")
_LOWEST = 9


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (None: before the first one), the pieces directly under it, and the section above (an index)."""

    heading: Heading | None
    pieces: tuple[Piece, ...]
    parent: int | None

    @property
    def title(self) -> str:
        """The heading as it is written."""
        return self.heading.title if self.heading is not None else ""

    @property
    def start(self) -> int:
        """Where the section begins."""
        return self.heading.start if self.heading is not None else 0

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The display formulas directly under the heading."""
        return tuple(p for p in self.pieces if isinstance(p, Formula) and not p.inline)


def sections_of(pieces: Iterable[Piece]) -> tuple[Section, ...]:
    """The sections of a document, in order; the first one is what stands before any heading."""
    heads: list[tuple[Heading | None, int | None]] = [(None, None)]
    under: list[list[Piece]] = [[]]
    path = [0]
    for piece in pieces:
        if not isinstance(piece, Heading):
            under[-1].append(piece)
            continue
        while len(path) > 1 and _level(heads[path[-1]][0]) >= piece.level:
            path.pop()
        heads.append((piece, path[-1]))
        under.append([])
        path.append(len(heads) - 1)
    return tuple(Section(h, tuple(p), parent) for (h, parent), p in zip(heads, under, strict=True))


def _level(heading: Heading | None) -> int:
    return heading.level if heading is not None else 0


def above(sections: tuple[Section, ...], position: int) -> Iterator[int]:
    """The sections above one, from the outermost."""
    parent = sections[position].parent
    if parent is not None:
        yield from above(sections, parent)
        yield parent


def with_headings(cut: Cut, targets: tuple[Target, ...]) -> Cut:
    """The document with a heading in place of every line that names a question as a heading would."""
    formal = [p for p in cut.pieces if isinstance(p, Heading)]
    formulas = [p for p in cut.pieces if isinstance(p, Formula)]
    starts = [p.start for p in formulas]
    lines = {cut.source.place(h.start)[0] for h in formal}
    found: list[Piece] = list(cut.pieces)
    fenced = False
    start = 0
    for number, line in enumerate(cut.source.text.split("\n"), 1):
        begin, start = start, start + len(line) + 1
        if line.lstrip(" >").startswith(("```", "~~~")):
            fenced = not fenced
            continue
        inside = bisect_right(starts, begin) - 1
        if fenced or number in lines or (inside >= 0 and begin < starts[inside] + len(formulas[inside].text)):
            continue
        title = _heading_in(line, targets)
        if title:
            found.append(Heading(_LOWEST, title, begin))
    return replace(cut, pieces=tuple(sorted(found, key=lambda p: p.start)))


def _heading_in(line: str, targets: tuple[Target, ...]) -> str:
    """The title in a line that is a heading in all but form and names a question, or nothing."""
    if not line.strip() or "$" in line:
        return ""
    bold = _BOLD.fullmatch(line)
    if bold is not None:
        title = (bold.group("md") or bold.group("tex")).strip()
        return title if match_heading(title, (), targets)[0] is not None else ""
    lone = _LONE.fullmatch(line)
    if lone is None or line.lstrip().startswith(("#", "%")):
        return ""
    title = lone.group("line").strip()
    known = title_of(title)
    if not known.number or not known.number[0].isdigit() or match_heading(title, (), targets)[0] is None:
        return ""
    labelled = not title.lstrip("(# ")[:1].isdigit()
    return title if not known.words or (labelled and len(known.words) <= 6) else ""


def owners(sections: tuple[Section, ...], targets: tuple[Target, ...]) -> tuple[str | None, ...]:
    """The question that each section answers, or None."""
    if len(targets) == 1:
        return tuple(targets[0].id for _ in sections)
    flip = reads_from_right((s.title for s in sections if s.heading is not None), targets)
    found: list[str | None] = []
    numbers: list[Number] = []
    for section in sections:
        if section.heading is None or section.parent is None:
            found.append(None)
            numbers.append(())
            continue
        owner, number = match_heading(section.title, numbers[section.parent], targets, flip)
        found.append(owner if owner is not None else found[section.parent])
        numbers.append(number)
    return tuple(found)
