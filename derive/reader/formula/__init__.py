"""One formula: a chain of relations, statements joined by arrows, a definition; the roles of undeclared names."""

from derive.reader.formula.formula import conform, read_formula
from derive.reader.formula.reading import Reading, Segment, statements_of

__all__ = ["Reading", "Segment", "conform", "read_formula", "statements_of"]
