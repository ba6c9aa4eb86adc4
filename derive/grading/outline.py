"""A submission cut into the answers to the questions of a key.

Each answer gathers the pieces of every section that belongs to its question, whatever their order, behind what the
sections above them declare. What stands in sections that belong to no question is listed with its place. Nothing is
executed: a Python file is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from derive.grading.key import Key
from derive.grading.marks import FoundHeading
from derive.grading.sections import Section, above, owners, sections_of, with_headings
from derive.language.source import Source
from derive.language.statement import Document
from derive.reader.document import Cut, Formula, Heading, Piece, cut_document
from derive.reader.wording import wording
from derive.targets import Target

LOWEST = 9
"""A level below every heading's: an answer is one section, whatever headings it has."""


_COMMANDS = re.compile(r"\\\[|\\\]|\\(?:begin|end)\{[^}]*\}(?:\{[^}]*\})?|\\maketitle|^%.*$", re.MULTILINE)
"""What stands around formulas in LaTeX files and is no prose."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a submission holds for one question: where it was found, the pieces to read, and the text around them."""

    question: str
    found: tuple[FoundHeading, ...]
    pieces: tuple[Piece, ...]
    formulas: int
    prose: str

    @property
    def declarations(self) -> tuple[Piece, ...]:
        """The pieces that can only declare."""
        return tuple(p for p in self.pieces if not isinstance(p, Formula) or p.inline)

    @property
    def title(self) -> str:
        """The title under which the pieces are read."""
        return self.question


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission by question."""

    cut: Cut
    title: str
    answers: tuple[Answer, ...]
    unmatched: tuple[FoundHeading, ...]

    def answer(self, question: str) -> Answer | None:
        """The answer to a question, if there is any."""
        return next((a for a in self.answers if a.question == question), None)


def outline(key: Key, target: Target) -> Submission | str:
    """A submission by question, or why it cannot be read, in words."""
    if target.path.endswith(".py"):
        return "a Python file is a program, and programs of others are not run: hand in a document"
    text = target.text if target.text is not None else _text(Path(target.path))
    if text is None:
        return "the file cannot be read as UTF-8 text"
    cut = cut_document(target.path, text)
    if isinstance(cut, Document):
        return wording(cut.problem) if cut.problem is not None else "the file cannot be read"
    targets = tuple(q.target for q in key.questions)
    if len(targets) > 1:
        cut = with_headings(cut, targets)
    sections = sections_of(cut.pieces)
    owned = owners(sections, targets)
    answers = [_answer(q.id, cut, sections, owned) for q in key.questions]
    unmatched = tuple(_found(s, cut.source) for s, o in zip(sections, owned, strict=True) if o is None and s.formulas)
    title = next((s.title for s in sections if s.heading is not None), Path(target.path).stem)
    return Submission(cut, title, tuple(a for a in answers if a is not None), unmatched)


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _found(section: Section, source: Source) -> FoundHeading:
    start = section.start if section.heading is not None else section.formulas[0].start
    line, column = source.place(start)
    return FoundHeading(section.title, line, column)


def _answer(question: str, cut: Cut, sections: tuple[Section, ...], owned: tuple[str | None, ...]) -> Answer | None:
    mine = [k for k, owner in enumerate(owned) if owner == question]
    if not mine:
        return None
    outer = {k for m in mine for k in above(sections, m) if owned[k] is None}
    pieces: list[Piece] = [p for k in sorted(outer) for p in sections[k].pieces]
    pieces.append(Heading(LOWEST, question, sections[mine[0]].start))
    for k in mine:
        pieces += sections[k].pieces
    heads = [sections[k] for k in mine if sections[k].heading is not None]
    heads = [s for s in heads if s.parent is None or owned[s.parent] != question or sections[s.parent].heading is None]
    found = tuple(_found(s, cut.source) for s in heads)
    formulas = sum(len(sections[k].formulas) for k in mine)
    return Answer(question, found, tuple(pieces), formulas, "\n".join(_prose(k, cut, sections) for k in mine))


def _prose(position: int, cut: Cut, sections: tuple[Section, ...]) -> str:
    """The text of a section without its heading, displayed formulas and fences."""
    text = cut.source.text
    start = sections[position].start
    end = sections[position + 1].start if position + 1 < len(sections) else len(text)
    if sections[position].heading is not None:
        start = text.find("\n", start) + 1 or end
    parts = []
    for formula in sections[position].formulas:
        parts.append(text[start : max(start, formula.start)])
        start = max(start, formula.start + len(formula.text))
    parts.append(text[start : max(start, end)])
    joined = "".join(parts).replace("$$", " ")
    joined = re.sub(r"^[ \t>]*(```|~~~).*?(?:\1|\Z)", " ", joined, flags=re.DOTALL | re.MULTILINE)
    return re.sub(_COMMANDS, " ", joined)
