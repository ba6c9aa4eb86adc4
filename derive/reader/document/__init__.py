"""Documents: Markdown, LaTeX files and notebooks as derivations and steps."""

from derive.reader.document.document import read_document
from derive.reader.document.markdown import given_lines
from derive.reader.document.mathematics import formula_lines

__all__ = ["formula_lines", "given_lines", "read_document"]
