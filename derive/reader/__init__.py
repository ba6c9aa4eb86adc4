"""Text into the language: LaTeX formulas, given lines, and the documents they stand in."""
