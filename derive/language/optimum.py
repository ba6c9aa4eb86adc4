"""Names that stand for optimisers: `ŵ = argmin_w F(w)`, and what is claimed of them later.

Such a name is used as the optimiser, though its definition is a set: where an equation says what the named optimiser
is, or what each of its entries is, it is an equation of the set. Elsewhere the name is a value that only what has been
shown of it describes.
"""

from __future__ import annotations

from derive.language.affine import Affine, affine_of
from derive.language.context import Context, Definition
from derive.language.term import Term, make

OPTIMISERS = frozenset(["argmax", "argmin"])


def is_optimiser(definition: Definition | None) -> bool:
    """Whether a name is defined as a set of optimisers."""
    return definition is not None and not definition.params and definition.body.head in OPTIMISERS


def open_sets(statement: Term, context: Context) -> Term:
    """An equation with a named optimiser on a side, or with its entry at any index, as one about the set."""
    if statement.head != "eq":
        return statement
    named = [_named(side, context) for side in statement.args]
    if any(side is not None for side in named):
        return statement.with_args(tuple(n or side for n, side in zip(named, statement.args, strict=True)))
    for position, side in enumerate(statement.args):
        entry = _entry(side, context)
        if entry is not None:
            optimisers, index, low, high = entry
            sides = [make("tabulate", index, low, high, side) for side in statement.args]
            sides[position] = optimisers
            return statement.with_args(tuple(sides))
    return statement


def _named(side: Term, context: Context) -> Term | None:
    """The set that a side names."""
    definition = context.definitions.get(side.name) if side.head == "sym" else None
    return definition.body if definition is not None and is_optimiser(definition) else None


def _entry(side: Term, context: Context) -> tuple[Term, Term, Term, Term] | None:
    """The set of which a side names an entry at an index that runs over all of them; the index and its range."""
    if side.head != "entry" or len(side.args) != 2 or side.args[1].head != "sym":
        return None
    optimisers, index = _named(side.args[0], context), context.symbols.get(side.args[1].name)
    if optimisers is None or index is None or index.role != "index":
        return None
    symbol, low, high = context.symbols.get(side.args[0].name), index.domain.low, index.domain.high
    if symbol is None or symbol.shape.rank != 1 or low is None or high is None:
        return None
    whole = (affine_of(low), affine_of(high)) == (Affine(1), symbol.shape.axes[0][0])
    return (optimisers, side.args[1], low, high) if whole else None
