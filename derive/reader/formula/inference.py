"""Roles of names that nothing declares.

After a formula is read, every undeclared name gets the one role in which the formula reads: a real scalar, an index
in the range its uses say, a size, a random variable inside a moment, an indexed family whose ranges are those of its
indices, or the kind of the letter it decorates (`θ^*`). A name with no such role is a problem; each role that was
inferred is listed for the report.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product

from derive.language.affine import Affine, affine_of, term_of
from derive.language.context import REAL, Context, Domain, Range, Shape, Symbol
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, num, rewrite, sym, walk
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import with_sub
from derive.reader.latex.parser import Parser


@dataclass(frozen=True, slots=True)
class Inferred:
    """The roles found, and how names that turned out to be labels are respelled."""

    symbols: tuple[Symbol, ...]
    labels: dict[tuple[str, tuple[str, ...]], str]

    def respell(self, term: Term) -> Term:
        """`ε_k` as the name `ε_k` where k is no index."""
        if not self.labels:
            return term

        def rule(node: Term) -> Term | None:
            if node.head == "entry" and node.args[0].head == "sym":
                key = (node.args[0].name, tuple(a.name if a.head == "sym" else "" for a in node.args[1:]))
                if key in self.labels:
                    return sym(self.labels[key], node.span)
            return None

        return rewrite(term, rule)


def infer(parser: Parser, terms: Iterable[Term], skip: frozenset[str] = frozenset()) -> Inferred:
    """Roles for what the parser found undeclared. Raises `Unreadable` where a name has none."""
    terms = list(terms)
    sized = {n for t in terms for n in _range_names(t)}
    symbols: list[Symbol] = []
    indices: dict[str, Symbol] = {}
    labels: dict[tuple[str, tuple[str, ...]], str] = {}
    for name, use in parser.unknown.items():
        if name in skip or name in parser.context.symbols or not ("index" in use.roles or use.ranges):
            continue
        common = intersection(use.ranges)
        if use.ranges and common is None:
            texts = "; ".join(f"{r.low} … {r.high}" for r in dict.fromkeys(use.ranges))
            raise Unreadable(Problem("range-unclear", use.span, (("name", name), ("ranges", texts))))
        if common is not None:
            indices[name] = index_symbol(name, common, inferred=True)
    families = {
        n: u for n, u in parser.unknown.items() if any(r.startswith("family") for r in u.roles) and n not in skip
    }
    for name, use in families.items():
        ranges = _family_ranges(parser, name, terms, indices)
        if isinstance(ranges, str):
            entries = [n for t in terms for n in walk(t) if n.head == "entry" and n.args[0] == sym(name)]
            if all(
                all(a.head == "sym" and a.name in parser.unknown and a.name not in indices for a in e.args[1:])
                for e in entries
            ):
                for entry in entries:
                    letters = tuple(a.name for a in entry.args[1:])
                    labels[(name, letters)] = with_sub(name, "".join(letters))
                    symbols.append(Symbol(with_sub(name, "".join(letters)), inferred=True, span=use.span))
                continue
            raise Unreadable(Problem("undeclared-family", use.span, (("name", name), ("index", ranges))))
        random = "in moment" in use.roles
        symbols.append(Symbol(name, family=ranges, random=random, inferred=True, span=use.span))
    result = Inferred(tuple(symbols), labels)
    respelled = [result.respell(t) for t in terms]
    still = {n.name for t in respelled for n in walk(t) if n.head == "sym"}
    alone = {
        n.args[0].name
        for t in respelled
        for n in walk(t)
        if n.head in ("expect", "variance") and n.args[0].head == "sym"
    }
    for name in parser.unknown:
        if name in skip or name in families or parser.context.symbols.get(name) is not None or name not in still:
            continue
        symbols.append(_role(parser, name, indices, sized, alone))
    counted = {n for t in terms for n in _counted_names(t)}
    symbols = [
        replace(s, domain=Domain("natural", num(0)))
        if s.name in counted and s.role == "variable" and not s.random and s.domain == REAL and not s.family
        else s
        for s in symbols
    ]
    for name in sorted(sized):
        known = parser.context.symbols.get(name)
        if known is None or known.role != "variable" or known.random or known.domain.kind in ("natural", "integer"):
            continue
        if not known.inferred:
            raise Unreadable(Problem("range-not-integers", _place_of(terms, name)))
        symbols.append(Symbol(name, role="size", domain=Domain("natural", num(1)), inferred=True, span=known.span))
    symbols += [s for n, s in parser.functions.items() if n not in parser.context.symbols and n not in skip]
    return Inferred(tuple(dict.fromkeys(symbols)), labels)


def index_symbol(name: str, span: Range, inferred: bool = False) -> Symbol:
    """An index that runs over a range."""
    high = None if "∞" in span.high.names else term_of(span.high)
    domain = Domain(
        "natural" if span.low.is_constant and span.low.constant >= 0 else "integer", term_of(span.low), high
    )
    return Symbol(name, role="index", domain=domain, inferred=inferred)


def intersection(ranges: Iterable[Range]) -> Range | None:
    """The integers that lie in all of the ranges; None where their ends cannot be compared, or there is no range."""
    result: Range | None = None
    for span in ranges:
        if result is None:
            result = span
            continue
        low, high = result.low - span.low, result.high - span.high
        if not low.is_constant or not high.is_constant:
            return None
        result = Range(result.low if low.constant >= 0 else span.low, result.high if high.constant <= 0 else span.high)
    return result


def _role(parser: Parser, name: str, indices: dict[str, Symbol], sized: set[str], alone: set[str]) -> Symbol:
    use = parser.unknown[name]
    if name in indices:
        return indices[name]
    if name in sized or "size" in use.roles:
        return Symbol(name, role="size", domain=Domain("natural", num(1)), inferred=True, span=use.span)
    like = next((r[5:] for r in use.roles if r.startswith("like ")), None) or _undecorated(parser.context, name)
    if like is not None and (symbol := parser.context.symbols.get(like)) is not None and symbol.role == "variable":
        return Symbol(
            name,
            symbol.shape,
            family=symbol.family,
            domain=REAL,
            inferred=True,
            span=use.span,
            random=symbol.random and "in moment" in use.roles,
        )
    if "index" in use.roles:
        return Symbol(name, role="index", domain=Domain("integer"), inferred=True, span=use.span)
    random = "in moment" in use.roles and (name in alone or name[0].isupper())
    return Symbol(name, random=random, inferred=True, span=use.span)


def _undecorated(context: Context, name: str) -> str | None:
    """The letter that an accented name decorates, where it is declared."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return plain if plain != name and plain in context.symbols else None


def _range_names(term: Term) -> set[str]:
    """Letters at the ends of ranges."""
    names: set[str] = set()
    for node in walk(term):
        if node.head in ("sum", "prod", "tabulate", "maxover", "minover", "forall"):
            for end in node.args[1:3]:
                affine = affine_of(end)
                if affine is not None:
                    names |= affine.names
    return names


def _counted_names(term: Term) -> set[str]:
    """Letters in factorials and binomial coefficients, which are natural numbers."""
    names: set[str] = set()
    for node in walk(term):
        if node.head in ("factorial", "binomial"):
            for arg in node.args:
                affine = affine_of(arg)
                if affine is not None:
                    names |= affine.names
    return names


def _place_of(terms: list[Term], name: str) -> Span | None:
    return next((n.span for t in terms for n in walk(t) if n.head == "sym" and n.name == name and n.span), None)


def _family_ranges(parser: Parser, name: str, terms: list[Term], indices: dict[str, Symbol]) -> tuple[Range, ...] | str:
    """The hull of the ranges of a family's indices, or the index that has none."""
    hulls: list[Range | None] = []

    def visit(term: Term, bound: dict[str, Range]) -> str | None:
        if term.head == "entry" and term.args[0].head == "sym" and term.args[0].name == name:
            while len(hulls) < len(term.args) - 1:
                hulls.append(None)
            for place, index in enumerate(term.args[1:]):
                found = _index_range(parser, index, bound, indices)
                if found is None:
                    return index.name if index.head == "sym" else "…"
                hull = hulls[place]
                merged = found if hull is None else _hull(hull, found)
                if merged is None:
                    return index.name if index.head == "sym" else "…"
                hulls[place] = merged
        inner = bound
        if term.head in ("sum", "prod", "tabulate", "maxover", "minover", "forall"):
            low, high = affine_of(term.args[1]), affine_of(term.args[2])
            if low is not None and high is not None:
                inner = {**bound, term.args[0].name: Range(low, high)}
        for arg in term.args:
            missing = visit(arg, inner)
            if missing is not None:
                return missing
        return None

    for term in terms:
        missing = visit(term, {})
        if missing is not None:
            return missing
    result = tuple(h for h in hulls if h is not None)
    return result if result else "…"


def _index_range(parser: Parser, index: Term, bound: dict[str, Range], indices: dict[str, Symbol]) -> Range | None:
    affine = affine_of(index)
    if affine is None:
        return None
    low = high = Affine(affine.constant)
    for name, factor in affine.parts:
        span = bound.get(name)
        symbol = indices.get(name) or parser.context.symbols.get(name)
        if span is None and symbol is not None and symbol.role == "index":
            a = affine_of(symbol.domain.low) if symbol.domain.low is not None else None
            b = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
            span = Range(a, b) if a is not None and b is not None else None
        if span is None:
            if symbol is not None and symbol.role == "size":
                span = Range(affine_of(sym(name)) or Affine(), affine_of(sym(name)) or Affine())
            else:
                return None
        ends = (span.low.scale(factor), span.high.scale(factor))
        low, high = (low + ends[0], high + ends[1]) if factor > 0 else (low + ends[1], high + ends[0])
    return Range(low, high)


def _hull(one: Range, other: Range) -> Range | None:
    low, high = one.low - other.low, one.high - other.high
    below = one.low if low.is_constant and low.constant <= 0 else other.low if low.is_constant else None
    above = one.high if high.is_constant and high.constant >= 0 else other.high if high.is_constant else None
    if above is None:
        # x_1 beside x_i, i ≤ n: a constant lies below a size, which is at least 1
        for candidate, rival in ((one.high, other.high), (other.high, one.high)):
            if rival.is_constant and rival.constant <= 1:
                above = candidate
    return Range(below, above) if below is not None and above is not None else None


def fit(
    parser: Parser, found: Inferred, base: Context, check: Callable[[Context], Problem | None]
) -> tuple[tuple[Symbol, ...], Problem | None]:
    """The inferred symbols with the shapes in which the formula conforms, where a real scalar does not.

    Vectors and matrices over the declared sizes are tried; exactly one way must conform. Returns the symbols and the
    problem that is left.
    """
    must = {n for n, u in parser.unknown.items() if "tensor" in u.roles}
    open_names = [
        s.name for s in found.symbols if s.role == "variable" and not s.family and not s.shape.axes and not s.random
    ]
    open_names += [n for n in sorted(parser.optimised) if n not in open_names and n not in base.symbols]
    problem = check(base.declare_only(*found.symbols) if found.symbols else base)
    if problem is None and not must & set(open_names):
        return found.symbols, None
    if problem is not None and problem.code not in SHAPE_CODES:
        return found.symbols, problem
    sizes = list(
        dict.fromkeys(
            axis[0]
            for s in base.symbols.values()
            for axis in (*s.shape.axes, *((r.high,) for r in s.family if r.low == Affine(1)))
            if len(axis) == 1 and "∞" not in axis[0].names
        )
    )[:5]
    shapes = [Shape(((n,),)) for n in sizes] + [Shape(((n,), (m,))) for n in sizes for m in sizes]
    if not open_names or not shapes or len(open_names) > 2:
        return found.symbols, problem or _tensor_problem(parser, must)
    table = {s.name: s for s in found.symbols}
    ways: list[tuple[Symbol, ...]] = []
    for choice in product([Shape(), *shapes], repeat=len(open_names)):
        if any(name in must and not shape.axes for name, shape in zip(open_names, choice, strict=True)):
            continue
        trial = dict(table)
        for name, shape in zip(open_names, choice, strict=True):
            trial[name] = replace(table.get(name) or Symbol(name, inferred=True), shape=shape)
        symbols = tuple(trial.values())
        if check(base.declare_only(*symbols)) is None:
            ways.append(symbols)
            if len(ways) > 1:
                break
    if len(ways) == 1:
        return ways[0], None
    if ways:
        span = parser.unknown[open_names[0]].span if open_names[0] in parser.unknown else None
        both = " / ".join(describe(next(s for s in way if s.name == open_names[0])) for way in ways)
        return found.symbols, Problem("role-unclear", span, (("name", open_names[0]), ("roles", both)))
    return found.symbols, problem or _tensor_problem(parser, must)


SHAPE_CODES = frozenset(
    [
        "product-does-not-conform",
        "shapes-differ",
        "power-of-tensor",
        "square-matrix-expected",
        "vector-expected",
        "tensor-expected",
        "scalar-expected",
        "division-by-tensor",
        "argument-shape",
        "derivative-shapes",
        "size-unknown",
        "norm-of-matrix",
    ]
)


def _tensor_problem(parser: Parser, must: set[str]) -> Problem | None:
    for name in must:
        return Problem("undeclared-tensor", parser.unknown[name].span, (("name", name),))
    return None


def describe(symbol: Symbol) -> str:
    """An inferred role in the words of the report."""
    if symbol.role == "index":
        low, high = symbol.domain.low, symbol.domain.high
        from derive.language.printing import plain

        if low is not None and high is not None:
            return f"{symbol.name}: index from {plain(low)} to {plain(high)}"
        return f"{symbol.name}: index"
    if symbol.role == "size":
        return f"{symbol.name}: size"
    if symbol.role == "function":
        return f"{symbol.name}: function of {len(symbol.arguments)} argument{'s' * (len(symbol.arguments) != 1)}"
    if symbol.domain.kind == "natural" and not symbol.family and not symbol.shape.axes:
        return f"{symbol.name}: natural number"
    kind = "random " if symbol.random else "real "
    if symbol.family:
        spans = ", ".join(f"{r.low} … {r.high}" for r in symbol.family)
        return f"{symbol.name}: {kind}family over {spans}"
    if symbol.random and not symbol.shape.axes:
        return f"{symbol.name}: random variable"
    return f"{symbol.name}: {kind}{symbol.shape}"


def without_span(symbol: Symbol) -> Symbol:
    """The symbol apart from where it was seen."""
    return replace(symbol, span=None)
