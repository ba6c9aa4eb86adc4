"""Documents: Markdown, LaTeX files and notebooks as derivations and steps."""

from derive.reader.document.document import Cut, cut_document, read_cut, read_document
from derive.reader.document.markdown import given_lines
from derive.reader.document.mathematics import formula_lines
from derive.reader.document.pieces import Formula, GivenBlock, Heading, Piece

__all__ = [
    "Cut",
    "Formula",
    "GivenBlock",
    "Heading",
    "Piece",
    "cut_document",
    "formula_lines",
    "given_lines",
    "read_cut",
    "read_document",
]
