"""Random variables with their moments and densities, from phrases such as `random with mean μ and variance σ²`."""

from __future__ import annotations

from dataclasses import replace

from derive.language.context import SCALAR, Domain, Range, Shape, Symbol
from derive.language.term import make, num, sym
from derive.reader.givens.declarations import read_whole_set
from derive.reader.givens.densities import KINDS, declare_density
from derive.reader.givens.domains import half_line
from derive.reader.givens.premises import Name, Premises
from derive.reader.latex.scanner import tokenize
from derive.reader.notation import phrases


def declare_random(
    premises: Premises, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int
) -> None:
    """`X_1, …, X_n are i.i.d. with mean \\mu`."""
    words: set[str] = set()
    if "iid" in found.flags:
        words |= {"iid", "independent", "identically distributed"}
    if "independent" in found.flags:
        words.add("independent")
    if "identical" in found.flags:
        words.add("identically distributed")
    if "uncorrelated" in found.flags:
        words.add("uncorrelated")
    domain = Domain()
    if "positive" in found.flags:
        domain = half_line("gt", num(0))
    if "nonnegative" in found.flags:
        domain = half_line("ge", num(0))
    if "integer" in found.flags:
        domain = Domain("natural", num(1 if "positive" in found.flags else 0))
        if not found.flags & {"positive", "nonnegative"}:
            domain = Domain("integer")
    parts = {what: (text, place + at) for what, text, at in found.parts}
    if "values in" in parts:
        text, at = parts["values in"]
        domain = read_whole_set(premises, tokenize(text, at, premises.macros), ranges).domain
        if domain.kind == "natural" and domain.low is None:
            domain = replace(domain, low=num(0))
    for name in names:
        old = premises.context.symbols.get(name.name)
        family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
        if old is not None and old.role == "size" and not name.indices and old.name not in premises.fresh:
            old = None
        if old is None:
            shape = _moment_shape(premises, parts, ranges) if "vector" in found.flags else SCALAR
            if shape is None:
                raise premises.fail("random-shape", name.span, name=name.name)
            symbol = Symbol(name.name, shape, family=family, domain=domain, random=True, span=name.span)
        else:
            symbol = replace(old, random=True, domain=premises.both(old.domain, domain, name), inferred=False)
        single = not symbol.family
        symbol = replace(symbol, properties=symbol.properties | (frozenset() if single else frozenset(words)))
        premises.context = premises.context.declare_only(symbol)
        premises.fresh[name.name] = name.span
        _moments(premises, name, symbol, parts, ranges)
    if len(names) > 1 and words & {"independent", "uncorrelated"}:
        word = "independent" if "independent" in words else "uncorrelated"
        premises.context = premises.context.assume(make("independent", *(sym(n.name) for n in names), value=word))
    if len(names) > 1 and "identically distributed" in words and "iid" in words:
        premises.context = premises.context.assume(
            *(make("has", sym(n.name), value=f"distributed like {names[0].name}") for n in names[1:])
        )


def _moment_shape(premises: Premises, parts: dict[str, tuple[str, int]], ranges: dict[str, Range]) -> Shape | None:
    for what in ("mean", "expectation", "covariance matrix", "covariance", "variance"):
        if what in parts:
            text, at = parts[what]
            parser = premises.parser(tokenize(text, at, premises.macros), ranges)
            shape = parser.shape(parser.expression())
            if shape is not None and shape.axes:
                return Shape(shape.axes[:1])
    return None


def _moments(
    premises: Premises, name: Name, symbol: Symbol, parts: dict[str, tuple[str, int]], ranges: dict[str, Range]
) -> None:
    term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
    for what, (text, at) in parts.items():
        if what == "values in":
            continue
        tokens = tokenize(text, at, premises.macros)
        parser = premises.parser(tokens, ranges)
        if what in KINDS:
            declare_density(premises, name, tokens, ranges, KINDS[what])
            continue
        value = parser.expression()
        if parser.peek().kind != "end":
            raise parser.leftover()
        head = "expect" if what in ("mean", "expectation") else "variance"
        if value.head == "sym" and value.name in parser.unknown and symbol.shape.axes:
            axes = symbol.shape.axes * (1 if head == "expect" else 2)
            premises.keep([Symbol(value.name, Shape(axes), span=value.span, inferred=True)])
        else:
            premises.take_inferred(parser, [value])
        premises.assume(make("eq", make(head, term), value), ranges, name.span)
