"""What given lines have declared and assumed so far.

A second declaration of a name must agree with the first; a fact holds for every value of the indices that it leaves
free. Whatever contradicts an earlier line is a problem at its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from derive.language.affine import affine_of, variable
from derive.language.context import Context, Domain, Range, Symbol
from derive.language.sequence import for_members
from derive.language.shape import elaborate
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make, num, sym
from derive.reader.formula import Reading
from derive.reader.formula.inference import index_symbol, infer
from derive.reader.formula.reading import NOWHERE
from derive.reader.givens.domains import kind_of, meet
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Macros, Token


@dataclass(frozen=True, slots=True)
class Name:
    """A name being declared, with the letters of its indices."""

    name: str
    indices: tuple[str, ...] = ()
    span: Span = NOWHERE


class Premises:
    """The context that the lines read so far make, and the problems in them."""

    def __init__(self, context: Context, macros: Macros | None) -> None:
        self.context = context
        self.macros = macros
        self.problems: list[Problem] = []
        self.inferred: list[Symbol] = []
        self.fresh: dict[str, Span] = {}
        self.running: dict[str, set[Range]] = {}
        """The ranges that lines give to a letter, of all lines."""

    def fail(self, code: str, span: Span | None, **details: object) -> Unreadable:
        """A problem at a place."""
        return Unreadable(Problem(code, span, tuple((k, str(v)) for k, v in details.items())))

    def parser(self, tokens: list[Token], ranges: dict[str, Range]) -> Parser:
        """A parser of tokens in which the line's indices are known."""
        context = (
            self.context.declare_only(*(index_symbol(n, r) for n, r in ranges.items())) if ranges else self.context
        )
        return Parser(tokens, context, tokens[-1].end if tokens else 0)

    def range_of(self, letter: str, ranges: dict[str, Range], span: Span) -> Range:
        """The range of an index letter: the line's own, or the declared one."""
        if letter in ranges:
            return ranges[letter]
        symbol = self.context.symbols[letter]
        low = affine_of(symbol.domain.low) if symbol.domain.low is not None else None
        high = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
        if low is None or high is None:
            raise self.fail("range-missing", span, name=letter)
        return Range(low, high)

    def declare(self, name: Name, symbol: Symbol, ranges: dict[str, Range]) -> None:
        """Add a declaration; a second one of the same name must agree with the first."""
        old = self.context.symbols.get(symbol.name)
        if old is not None and old.role == "size" and symbol.role == "size":
            least = max(old.minimum, symbol.minimum)
            symbol = replace(symbol, minimum=least, domain=Domain("natural", num(least)))
        elif old is not None and symbol.name in self.fresh:
            same = (old.shape, old.family, old.role) == (symbol.shape, symbol.family, symbol.role)
            if not same and not old.inferred:
                raise self.fail(
                    "declared-twice", name.span, name=symbol.name, first=kind_of(old), second=kind_of(symbol)
                )
            domain = self.both(old.domain, symbol.domain, name) if same else symbol.domain
            symbol = replace(symbol, domain=domain, properties=old.properties | symbol.properties, random=old.random)
        elif (
            old is not None and old.role == "size" and symbol.role in ("variable", "index") and self._is_size_here(old)
        ):
            if symbol.domain.kind in ("real", "interval") and not symbol.shape.axes and not symbol.family:
                raise self.fail("declared-twice", name.span, name=symbol.name, first="size", second=kind_of(symbol))
            if symbol.domain.kind == "integer" or symbol.role == "index":
                symbol = old
            else:
                raise self.fail("declared-twice", name.span, name=symbol.name, first="size", second=kind_of(symbol))
        self.context = self.context.declare(symbol)
        self.fresh[symbol.name] = name.span

    def declare_sizes(self, sizes: dict[str, Symbol]) -> None:
        """Declare sizes that no line has declared."""
        new = [replace(s, domain=Domain("natural", num(1))) for n, s in sizes.items() if n not in self.context.symbols]
        if new:
            self.context = self.context.declare_only(*new)

    def _is_size_here(self, old: Symbol) -> bool:
        return old.span is None or old.name in self.fresh

    def both(self, one: Domain, other: Domain, name: Name) -> Domain:
        """The part that two domains share."""
        merged = meet(one, other)
        if merged is None:
            raise self.fail("domains-contradict", name.span, name=name.name)
        return merged

    def keep(self, inferred: Iterable[Symbol]) -> None:
        """Undeclared names of a fact hold for all that follows; indices only for the fact."""
        kept = [s for s in inferred if s.role != "index"]
        self.context = self.context.declare_only(*kept)
        self.inferred += kept

    def take_inferred(self, parser: Parser, terms: list[Term]) -> None:
        """Keep the roles of the undeclared names in terms that were read."""
        found = infer(parser, terms)
        self.keep(found.symbols)

    def assume(self, statement: Term, ranges: dict[str, Range], span: Span, reading: Reading | None = None) -> None:
        """Add a fact, for every index in it that runs over a range."""
        context = reading.context if reading is not None else self.context
        inner = self.context.declare_only(
            *(index_symbol(n, r) for n, r in ranges.items()),
            *(s for s in context.symbols.values() if s.role == "index" and s.name not in self.context.symbols),
        )
        checked = elaborate(statement, inner)
        if isinstance(checked, Problem):
            raise Unreadable(checked if checked.span else replace(checked, span=span))
        fact = checked.term
        if self.context.orders_indices(fact):
            self.context = self.context.assume(fact)
            return
        for name in sorted(free_names(fact), reverse=True):
            symbol = inner.symbols.get(name)
            if symbol is None or symbol.role != "index" or symbol.domain.low is None:
                continue
            low = affine_of(symbol.domain.low)
            top = affine_of(symbol.domain.high) if symbol.domain.high is not None else variable("∞")
            if fact.head == "eq" and low is not None and top is not None:
                fact = for_members(name, Range(low, top), fact).with_span(span)
                continue
            high = symbol.domain.high if symbol.domain.high is not None else make("infinity")
            fact = make("forall", sym(name), symbol.domain.low, high, fact, span=span)
        self.context = self.context.assume(fact)
