"""Documents: Markdown, LaTeX files and notebooks as derivations and steps.

A document is cut into headings, given lines and display formulas, each with its place; formulas are cut into lines;
lines are read in order, so that a chain goes on across blocks and each step carries the context in force where it
stands. A line that cannot be read becomes a step with its problem, and what depends on it says so instead of
guessing. Places in a notebook are places in the text of its Markdown cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from derive.language.context import Context, Symbol
from derive.language.source import Source
from derive.language.statement import Derivation, Document, Problem
from derive.reader.document.latex_file import latex_pieces
from derive.reader.document.lines import Lines
from derive.reader.document.markdown import given_lines, markdown_pieces
from derive.reader.document.outline import Declared
from derive.reader.document.pieces import GivenBlock, Heading, Piece
from derive.reader.formula.inference import describe
from derive.reader.givens import read_givens
from derive.reader.latex.tokens import Macro

LARGEST = 5_000_000


def read_document(path_name: str, text: str, givens: Iterable[str] = ()) -> Document:
    """Read a document, its format chosen by the suffix; `givens` are texts of given lines that hold throughout.

    Never raises: whatever cannot be read is a `Problem` in its place.
    """
    cut = cut_document(path_name, text)
    if isinstance(cut, Document):
        return cut
    context = Context()
    problem: Problem | None = None
    inferred: list[Symbol] = []
    for given in givens:
        found = read_givens(((line, 0) for line in given_lines(given)), context, cut.macros)
        context = found.context
        inferred += found.inferred
        if found.problems and problem is None:
            problem = replace(found.problems[0], span=None)
            context = replace(context, incomplete=True)
    return _Reader(cut.source, cut.macros, context, inferred).document(cut.pieces, problem)


@dataclass(frozen=True, slots=True)
class Cut:
    """A document cut into its pieces, in order; nothing of it is read yet."""

    source: Source
    pieces: tuple[Piece, ...]
    macros: dict[str, Macro]


def cut_document(path_name: str, text: str) -> Cut | Document:
    """Cut a document into pieces, its format chosen by the suffix; a `Document` that says why, where that fails."""
    suffix = PurePath(path_name).suffix.lower()
    macros: dict[str, Macro] = {}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LARGEST:
        return Document(Source(path_name, ""), PurePath(path_name).stem, (), Problem("document-too-long"))
    source = Source(path_name, text)
    if suffix == ".ipynb":
        from derive.reader.document.notebook import notebook_text

        book = notebook_text(text)
        if isinstance(book, Problem):
            return Document(source, PurePath(path_name).stem, (), book)
        text, source = book.text, Source(path_name, book.text, book.cells)
    if suffix in (".tex", ".ltx", ".latex"):
        pieces = list(latex_pieces(text, macros))
    else:
        pieces = list(markdown_pieces(text, macros))
    return Cut(source, tuple(pieces), macros)


def read_cut(
    cut: Cut, context: Context | None = None, declared: Declared | None = None, inferred: Iterable[Symbol] = ()
) -> tuple[Document, Context]:
    """Read the pieces of a document where `context` is in force; also what is in force at its end.

    `declared(before, after)` is asked whenever the author declares something, and gives what then is in force.
    """
    reader = _Reader(cut.source, cut.macros, context or Context(), list(inferred), declared)
    return reader.document(cut.pieces, None), reader.section.context


class _Reader(Lines):
    """A document being read."""

    def document(self, pieces: Iterable[Piece], problem: Problem | None) -> Document:
        """All sections with their steps, from the pieces in order."""
        title = ""
        for piece in pieces:
            if isinstance(piece, Heading):
                title = title or piece.title
                self.heading(piece)
            elif isinstance(piece, GivenBlock):
                self.givens(piece)
            elif piece.inline:
                self.inline(piece)
            else:
                self.formula(piece)
        derivations = []
        for section in self.all:
            if section.steps:
                listed = dict.fromkeys(describe(s) for s in section.inferred)
                derivations.append(
                    Derivation(section.name, section.title, tuple(section.steps), inferred=tuple(listed))
                )
        return Document(self.source, title or self.root.title, tuple(derivations), problem)
