"""Dots: `t_1 + t_2 + … + t_n` as a sum over an index.

The term before the dots and the last one are compared part by part; where they differ, it must be by one and the same
step from a number to the last index. The terms before must continue the series downwards or be of another form. What
does not fit one series is not guessed.
"""

from __future__ import annotations

from derive.language.affine import Affine, affine_of, term_of
from derive.language.term import Term, free_names, make, num, rewrite, substitute, sym
from derive.reader.latex.parser import Parser

_BINDERS = {"sum": "sum", "prod": "prod", "tabulate": "tabulate", "forall": "forall"}


def fold_series(parser: Parser, head: str, terms: list[Term], last: Term) -> list[Term] | None:
    """The terms before the series, then the series; None where the dots have no one reading."""
    if head not in _BINDERS:
        return None
    previous = terms[-1]
    taken = free_names(previous) | free_names(last)
    name = parser.fresh_index()
    while name in taken:
        parser.fresh += 1
        name = f"j_{parser.fresh}"
    found: list[tuple[Affine, Affine]] = []
    body = _generalize(previous, last, name, found)
    if body is None or not found:
        return None
    low, high = found[0]
    if not low.is_constant or any((b - a) != (high - low) for a, b in found):
        return None
    first = low.constant
    rest = terms[:-1]
    while rest:
        here = _settle(substitute(body, {name: num(first - 1) if first > 0 else make("neg", num(1 - first))}))
        if _settle(rest[-1]) == here:
            first -= 1
            rest = rest[:-1]
            continue
        again: list[tuple[Affine, Affine]] = []
        if _generalize(rest[-1], last, name, again) is not None and again:
            return None  # of the same form, but not the next one down
        break
    span = terms[0].span.join(last.span) if terms[0].span and not rest else previous.span
    parts = (sym(name), term_of(Affine(first)), term_of(high), body)
    return [*rest, make(_BINDERS[head], *parts, span=span)]


def _generalize(one: Term, other: Term, name: str, found: list[tuple[Affine, Affine]]) -> Term | None:
    """The pattern that `one` and `other` are cases of, with the index `name` where they differ."""
    if one == other:
        return one
    if one.head == other.head and one.value == other.value and len(one.args) == len(other.args) and one.args:
        mark = len(found)
        args = []
        for a, b in zip(one.args, other.args, strict=True):
            part = _generalize(a, b, name, found)
            if part is None:
                break
            args.append(part)
        else:
            return one.with_args(tuple(args))
        del found[mark:]
    low, high = affine_of(one), affine_of(other)
    if low is None or high is None or not low.is_constant:
        return None
    found.append((low, high))
    offset = low - found[0][0]
    index = sym(name)
    if offset == Affine():
        return index
    step = num(abs(offset.constant))
    return make("add", index, step if offset.constant > 0 else make("neg", step))


def _settle(term: Term) -> Term:
    """The term without its spans' differences and with constant indices computed."""

    def rule(node: Term) -> Term | None:
        if node.head in ("add", "neg") and (affine := affine_of(node)) is not None and affine.is_constant:
            return term_of(affine)
        return None

    return rewrite(term, rule)
