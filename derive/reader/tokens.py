"""Another address of `derive.reader.latex.tokens` and `derive.reader.latex.scanner`."""

from derive.reader.latex.scanner import tokenize
from derive.reader.latex.tokens import Kind, Macro, Macros, Token, Untokenizable

__all__ = ["Kind", "Macro", "Macros", "Token", "Untokenizable", "tokenize"]
