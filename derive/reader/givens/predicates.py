"""What a phrase says of the names before it: `A and B are independent`, `X is a random vector with mean μ`.

The phrases themselves are read in `notation/phrases.py`; here they become properties, domains and facts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

from derive.language.context import STATEMENT, Domain, Range, Symbol
from derive.language.source import Span
from derive.language.term import make, num, sym
from derive.reader.formula.ranges import cut_ranges, split_top
from derive.reader.givens.declarations import declare_members
from derive.reader.givens.domains import half_line, kind_of
from derive.reader.givens.facts import take_formula
from derive.reader.givens.names import is_name, read_lists, read_names, read_subject, split_and, whole_family
from derive.reader.givens.premises import Name, Premises
from derive.reader.givens.random_variables import declare_random
from derive.reader.latex.parser import Parser
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.signs import DOTS
from derive.reader.latex.tokens import Token
from derive.reader.notation import phrases


def read_predicate(premises: Premises, subject: str, offset: int, predicate: str, place: int, verb: str) -> None:
    """`A and B are independent`."""
    tokens = tokenize(subject, offset, premises.macros)
    while tokens and tokens[-1].text == ",":
        tokens.pop()
    if not tokens:
        raise premises.fail("name-expected", Span(offset, offset + len(subject) + len(predicate)))
    found = phrases.read_phrase(predicate)
    if found is None:
        cut = next((c for c in _JOINTS.finditer(predicate) if _both(predicate, c)), None)
        if cut is not None:  # `events, conditionally independent given H`
            read_predicate(premises, subject, offset, predicate[: cut.start()], place, verb)
            read_predicate(premises, subject, offset, predicate[cut.end() :], place + cut.end(), verb)
            return
        stripped = predicate.strip()
        start = place + len(predicate) - len(predicate.lstrip())
        raise premises.fail("phrase-unknown", Span(start, start + len(stripped)), phrase=stripped)
    rest, ranges, sizes = cut_ranges(tokens, premises.context)
    premises.declare_sizes(sizes)
    pieces = [part for piece in split_top(rest) for part in split_and(piece)]
    pieces = [p for p in pieces if p]
    if any(len(p) == 1 and p[0].text in DOTS for p in pieces):
        names, extra = read_lists(premises, pieces, ranges)
        apply_predicate(premises, names, found, {**ranges, **extra}, place)
        return
    if found.kind in ("property", "nonzero", "sign") and not all(is_name(premises, p) for p in pieces):
        about_expressions(premises, pieces, found, ranges)
        return
    apply_predicate(premises, [read_subject(premises, p, ranges) for p in pieces], found, ranges, place)


_JOINTS = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s+(?:that|which)\s+are\s+")


def _both(predicate: str, cut: re.Match[str]) -> bool:
    """Whether there is a phrase on each side of a place."""
    return all(phrases.read_phrase(p) is not None for p in (predicate[: cut.start()], predicate[cut.end() :]))


def about_expressions(
    premises: Premises, pieces: list[list[Token]], found: phrases.Predicate, ranges: dict[str, Range]
) -> None:
    """`X^T X is invertible`, `p(x; \\theta) is twice differentiable in \\theta`."""
    for piece in pieces:
        parser = premises.parser(piece, ranges)
        term = parser.expression()
        if parser.peek().kind != "end":
            raise parser.leftover()
        premises.take_inferred(parser, [term])
        if term.head == "call" and found.kind == "property" and found.words[0] in phrases.FUNCTION_PROPERTIES:
            premises.context = premises.context.with_properties(term.name, found.words)
            continue
        if found.kind == "property":
            for word in found.words:
                premises.assume(make("has", term, value=word), ranges, piece[0].span)
        elif found.kind == "nonzero":
            premises.assume(make("ne", term, num(0)), ranges, piece[0].span)
        else:
            head = {">": "gt", ">=": "ge", "<": "lt"}[found.words[0]]
            premises.assume(make(head, term, num(0)), ranges, piece[0].span)


def apply_predicate(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    """What a phrase says of names."""
    if not names:
        raise premises.fail("name-expected", Span(place, place))
    for name in names:
        whole_family(premises, name, ranges)
    _APPLY[found.kind](premises, names, found, ranges, place)


def _property(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        symbol = premises.context.symbols.get(name.name)
        if symbol is None:
            nearest = ", ".join(getattr(premises.context.lookup(name.name), "nearest", ()))
            raise premises.fail("unknown-symbol", name.span, name=name.name, nearest=nearest)
        words = set(found.words)
        if words & phrases.MATRIX_PROPERTIES:
            rank = symbol.shape.rank + len(symbol.family)
            if rank < 2 or symbol.role != "variable":
                raise premises.fail(
                    "property-of-matrix", name.span, name=name.name, property=found.words[0], kind=kind_of(symbol)
                )
            axes = symbol.shape.axes
            square = len(axes) < 2 or axes[0] == axes[1]
            if not square and words & (phrases.MATRIX_PROPERTIES - {"full column rank", "full row rank"}):
                raise premises.fail(
                    "property-of-square", name.span, name=name.name, property=found.words[0], kind=kind_of(symbol)
                )
        elif words & phrases.FUNCTION_PROPERTIES and symbol.role != "function":
            raise premises.fail(
                "property-of-function", name.span, name=name.name, property=found.words[0], kind=kind_of(symbol)
            )
        premises.context = premises.context.with_properties(name.name, found.words)


def _nonzero(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        _known(premises, name, ranges)
        term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
        premises.assume(make("ne", term, num(0)), ranges, name.span)


def _sign(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    head = {">": "gt", ">=": "ge", "<": "lt"}[found.words[0]]
    for name in names:
        symbol = _known(premises, name, ranges)
        domain = premises.both(symbol.domain, half_line(head, num(0)), name)
        premises.context = premises.context.declare_only(replace(symbol, domain=domain))


def _real(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
        premises.declare(name, Symbol(name.name, family=family, span=name.span), ranges)


def _known(premises: Premises, name: Name, ranges: dict[str, Range]) -> Symbol:
    symbol = premises.context.symbols.get(name.name)
    if symbol is None:
        family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
        symbol = Symbol(name.name, family=family, span=name.span)
        premises.context = premises.context.declare(symbol)
    return symbol


def _whole(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    least = {"natural": 0, "positive": 1}.get(found.words[0])
    for name in names:
        if not name.indices and least is not None:
            low = max(least, 1)
            size = Symbol(name.name, role="size", domain=Domain("natural", num(low)), minimum=low, span=name.span)
            premises.declare(name, size, ranges)
            continue
        family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
        domain = Domain("integer") if least is None else Domain("natural", num(least))
        premises.declare(name, Symbol(name.name, family=family, domain=domain, span=name.span), ranges)


def _member(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    _, text, at = found.parts[0]
    declare_members(premises, names, tokenize(text, place + at, premises.macros), ranges)


def _event(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
        properties = found.flags if family else frozenset()
        symbol = Symbol(
            name.name, STATEMENT, "event", family=family, properties=properties, random=True, span=name.span
        )
        premises.declare(name, symbol, ranges)
    if "independent" in found.flags and len(names) > 1:
        premises.context = premises.context.assume(
            make("independent", *(sym(n.name) for n in names), value="independent")
        )
    if "disjoint" in found.flags:
        _apart(premises, names, "exhaustive" in found.flags)
    for _, text, at in found.parts:
        take_formula(premises, tokenize(text, place + at, premises.macros), ranges, place + at)


def _disjoint(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        symbol = premises.context.symbols.get(name.name)
        if symbol is None and "exhaustive" in found.flags:
            family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
            symbol = Symbol(name.name, STATEMENT, "event", family=family, random=True, span=name.span)
            premises.declare(name, symbol, ranges)
        if symbol is None or symbol.role != "event":
            raise premises.fail("event-expected", name.span)
        if symbol.family and len(names) == 1:
            premises.context = premises.context.with_properties(name.name, ["disjoint", *found.flags])
    _apart(premises, names, "exhaustive" in found.flags)


def _apart(premises: Premises, names: list[Name], exhaustive: bool) -> None:
    """Single events of which no two happen together, and of which one happens if they are all there are."""
    single = [sym(n.name, n.span) for n in names]
    if any(premises.context.symbols[s.name].family for s in single):
        if len(single) > 1:
            raise premises.fail("phrase-unknown", single[0].span, phrase="disjoint families")
        return
    for one, other in combinations(single, 2):
        premises.context = premises.context.assume(make("not", make("and", one, other)))
    if exhaustive:
        premises.context = premises.context.assume(make("or", *single) if len(single) > 1 else single[0])


def _finite_set(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        size = Symbol(f"|{name.name}|", role="size", domain=Domain("natural", num(1)))
        domain = Domain("natural", num(1), sym(size.name))
        premises.context = premises.context.declare(size, Symbol(name.name, role="set", domain=domain, span=name.span))


def _independent(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    word = found.words[0]
    others = [
        other
        for _, text, at in found.parts
        for other in read_names(premises, tokenize(text, place + at, premises.macros), ranges)
    ]
    for name in [*names, *others]:
        symbol = premises.context.symbols.get(name.name)
        if symbol is None:
            family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
            premises.declare(name, Symbol(name.name, family=family, random=True, span=name.span), ranges)
        elif not symbol.random and symbol.role == "variable":
            premises.context = premises.context.declare_only(replace(symbol, random=True))
    if others:
        # each is independent of each: that says nothing of the others among themselves
        premises.context = premises.context.assume(
            *(make("independent", sym(n.name), sym(o.name), value=word) for n in names for o in others)
        )
        return
    if len(names) == 1 and not names[0].indices and not premises.context.symbols[names[0].name].family:
        raise premises.fail("independent-of-what", names[0].span, name=names[0].name)
    if word == "pairwise":
        raise premises.fail("phrase-unknown", Span(place, place), phrase="pairwise independent")
    whole = [n for n in names if n.indices and ranges.keys() >= set(n.indices)]
    if len(names) == 1 or all(n.indices for n in names) or whole:
        for name in whole or names:
            premises.context = premises.context.with_properties(name.name, [word])
    if len(names) > 1:
        premises.context = premises.context.assume(make("independent", *(sym(n.name) for n in names), value=word))


def _conditional(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    for name in names:
        _known(premises, name, ranges)
    terms = [sym(n.name) for n in names]
    for _, text, at in found.parts:
        parser = Parser(tokenize(text, place + at, premises.macros), premises.context, place + at + len(text))
        given = parser.operand()
        if parser.peek().kind != "end":
            raise parser.leftover()
        premises.context = premises.context.assume(make("independent", *terms, given, value="conditional"))


_APPLY = {
    "property": _property,
    "nonzero": _nonzero,
    "sign": _sign,
    "real": _real,
    "whole": _whole,
    "member": _member,
    "event": _event,
    "set": _finite_set,
    "disjoint": _disjoint,
    "independent": _independent,
    "conditional": _conditional,
    "random": declare_random,
}
