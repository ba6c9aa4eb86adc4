"""Equations for the members of a sequence: `m_{t+1} = F(t), t = 0, …, T` is `m_t = F(t - 1), t = 1, …, T + 1`.

Indices that are sums of letters and one number are written in one way, so that members can be compared as terms.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.affine import affine_of, term_of, variable
from derive.language.context import Context, Range
from derive.language.term import Term, conjuncts, make, rewrite, substitute, sym, walk


def for_members(letter: str, span: Range, equation: Term) -> Term:
    """The equation for every value of its index in a range, moved so that its left side stands at the index itself."""
    left = equation.args[0] if equation.head == "eq" else equation
    index = affine_of(left.args[1]) if left.head == "entry" else None
    shift = index.constant if index is not None and index == variable(letter) + index.constant else 0
    if shift:
        moved = substitute(equation, {letter: term_of(variable(letter) + (-shift))})
        equation, span = rewrite(moved, plain_indices), Range(span.low + shift, span.high + shift)
    high = make("infinity") if "∞" in span.high.names else term_of(span.high)
    return make("forall", sym(letter), term_of(span.low), high, equation)


def plain_indices(node: Term) -> Term | None:
    """A rule of `rewrite`: an entry whose indices are written as sums of letters and one number."""
    if node.head != "entry":
        return None
    indices = [affine_of(i) for i in node.args[1:]]
    plain = [term_of(a).with_span(i.span) if a is not None else i for a, i in zip(indices, node.args[1:], strict=True)]
    return node.with_args((node.args[0], *plain))


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The sequence `name` at `index` is `body`, for indices from `first` to `last`."""

    name: str
    index: str
    first: Term
    last: Term
    body: Term


def recurrences(context: Context) -> list[Recurrence]:
    """The recurrences among the facts in force."""
    found = []
    for fact in context.facts:
        for part in conjuncts(fact):
            if part.head != "forall" or part.args[3].head != "eq":
                continue
            index, first, last, statement = part.args
            target, body = statement.args
            if (
                target.head == "entry"
                and target.args[0].head == "sym"
                and target.args[1:] == (sym(index.name),)
                and any(n.head == "entry" and n.args[0] == target.args[0] for n in walk(body))
            ):
                found.append(Recurrence(target.args[0].name, index.name, first, last, body))
    return found
