"""Single edits of a formula: every place in it, and the same formula with something else there.

`spots` walks a term and gives each place once, outermost first, with what is bound around it; `Spot.put` rebuilds the
whole around a replacement. `flat` writes nested products as one, so that every factor is a place of its own (a sum in a
sum stays: the author bracketed it). What to put where is for others to say; nothing here knows what a formula means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.language.term import Term, bound_scope, make, rewrite

_VARIABLE_SECOND = frozenset(["deriv", "hessian"])


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in `whole`: the node there, the way to it, and the binders whose scope it lies in, outermost first."""

    whole: Term
    node: Term
    path: tuple[int, ...] = ()
    parent: Term | None = None
    binders: tuple[Term, ...] = ()

    def put(self, new: Term) -> Term:
        """The whole with `new` in this place."""
        return _put(self.whole, self.path, new)

    @property
    def position(self) -> int:
        """Which argument of its parent this is; 0 for the whole."""
        return self.path[-1] if self.path else 0

    @property
    def bound(self) -> tuple[str, ...]:
        """Names of the variables bound here, innermost last."""
        return tuple(b.args[0].name for b in self.binders)


def _put(term: Term, path: tuple[int, ...], new: Term) -> Term:
    if not path:
        return new
    k = path[0]
    return term.with_args((*term.args[:k], _put(term.args[k], path[1:], new), *term.args[k + 1 :]))


def spots(term: Term) -> Iterator[Spot]:
    """Every place of a term, outermost first; the variables of binders and derivatives are no places."""
    stack = [Spot(term, term)]
    while stack:
        spot = stack.pop()
        yield spot
        node = spot.node
        binder = bound_scope(node)
        inner: list[Spot] = []
        for position, arg in enumerate(node.args):
            if (binder and position == 0) or (node.head in _VARIABLE_SECOND and position == 1):
                continue
            around = (*spot.binders, node) if binder and position in binder[1] else spot.binders
            inner.append(Spot(term, arg, (*spot.path, position), node, around))
        stack.extend(reversed(inner))


def flat(term: Term) -> Term:
    """The term with products of products written as one."""

    def flatten(node: Term) -> Term | None:
        if node.head != "mul" or not any(a.head == "mul" for a in node.args):
            return None
        return make("mul", *(part for a in node.args for part in factors(a)), span=node.span)

    return rewrite(term, flatten)


def summands(term: Term) -> tuple[Term, ...]:
    """The terms of a sum, or the term alone."""
    return term.args if term.head == "add" else (term,)


def factors(term: Term) -> tuple[Term, ...]:
    """The factors of a product, or the term alone."""
    return tuple(f for a in term.args for f in factors(a)) if term.head == "mul" else (term,)


def without(term: Term, position: int) -> Term:
    """A sum or product without one of its arguments."""
    rest = (*term.args[:position], *term.args[position + 1 :])
    return rest[0] if len(rest) == 1 else term.with_args(rest)
