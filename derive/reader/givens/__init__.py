"""Given lines: what is declared, defined and assumed before a derivation."""

from derive.reader.formula.reading import statements_of
from derive.reader.givens.lines import Givens, read_givens

__all__ = ["Givens", "read_givens", "statements_of"]
