"""LaTeX files: section commands, `% given:` comments and formulas, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.reader.document.macros import blank, closing_brace, collect_macros
from derive.reader.document.mathematics import find_formulas
from derive.reader.document.pieces import GivenBlock, Heading, Piece
from derive.reader.latex.tokens import Macro

_SECTION = re.compile(r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s*(?:\[[^\]]*\])?\{")
_LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_GIVEN_COMMENT = re.compile(r"^[ \t]*%+[ \t]*givens?[ \t]*:?[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)

_LEFT_OUT = re.compile(r"\\iffalse(?![A-Za-z]).*?(?:\\fi(?![A-Za-z])|\Z)", re.DOTALL)


def latex_pieces(text: str, macros: dict[str, Macro]) -> Iterator[Piece]:
    """Headings, given comments and formulas of a LaTeX file, in order."""
    found: list[Piece] = []
    for match in _GIVEN_COMMENT.finditer(text):
        if match.group(1).strip():
            found.append(GivenBlock(((match.group(1), match.start(1)),), match.start(1)))
    masked = re.sub(r"(?<!\\)%[^\n]*", lambda m: " " * len(m.group()), text)
    masked = re.sub(
        r"\\begin\{(verbatim|lstlisting|comment|minted)\*?\}.*?\\end\{\1\*?\}",
        lambda m: blank(m.group()),
        masked,
        flags=re.DOTALL,
    )
    masked = _LEFT_OUT.sub(lambda m: blank(m.group()), masked)
    last = re.search(r"\\end\{document\}", masked)
    if last is not None:
        masked = masked[: last.start()] + blank(masked[last.start() :])
    masked = collect_macros(masked, macros)
    for match in _SECTION.finditer(masked):
        end = closing_brace(masked, match.end() - 1)
        if end is not None:
            found.append(Heading(_LEVELS[match.group(1)], masked[match.end() : end].strip(), match.start()))
    begin = masked.find("\\begin{document}")
    for formula in find_formulas(masked):
        if begin < 0 or formula.start > begin:
            found.append(formula)
    merged = sorted(found, key=lambda p: p.start)
    block: list[tuple[str, int]] = []
    for piece in merged:
        if isinstance(piece, GivenBlock):
            block += piece.lines
            continue
        if block:
            yield GivenBlock(tuple(block), block[0][1])
            block = []
        yield piece
    if block:
        yield GivenBlock(tuple(block), block[0][1])
