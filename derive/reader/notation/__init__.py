"""The notation that is read, as tables: each row with the tokens it begins with, its meaning and an example.

`ROWS` is every row; the parser looks a token up in it, the tests read every example, and the documentation lists them.
"""

from derive.reader.notation import (
    decorations,
    derivatives,
    environments,
    events,
    functions,
    integrals,
    limits,
    linear_algebra,
    operators,
    probability,
    relations,
    sums,
)
from derive.reader.notation.table import Row

ROWS: tuple[Row, ...] = (
    *relations.ROWS,
    *operators.ROWS,
    *sums.ROWS,
    *environments.ROWS,
    *functions.ROWS,
    *decorations.ROWS,
    *derivatives.ROWS,
    *integrals.ROWS,
    *limits.ROWS,
    *probability.ROWS,
    *events.ROWS,
    *linear_algebra.ROWS,
)
PREFIX: dict[str, Row] = {sign: row for row in reversed(ROWS) if row.prefix is not None for sign in row.signs}
KNOWN: frozenset[str] = frozenset(
    [sign for row in ROWS for sign in row.signs]
    + ["\\mid", "\\begin", "\\end", "\\\\", "\\rangle", "\\rvert", "\\rVert", "\\lvert", "\\lVert", "\\{", "\\}", "\\|"]
    + ["\\vert", "\\Vert", "\\parallel", "\\dotsc", "\\dotsb", "\\vdots", "\\ddots"]
)
"""Commands that are understood somewhere."""
