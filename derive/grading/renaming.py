"""Symbols under other names: a permutation of names applied to terms and to everything in force.

Names are exchanged everywhere, those of bound variables too, and every new name goes back to the old one, so nothing
can be captured and no two symbols become one. Nothing here decides which names belong together; `symbols.py` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from derive.language.affine import Affine, variable
from derive.language.context import Context, Definition, Domain, Range, Shape, Symbol
from derive.language.statement import Step
from derive.language.term import Term


@dataclass(frozen=True, slots=True)
class Renaming:
    """A permutation of names, given by pairs (old, new); every new name becomes an old one that is left over."""

    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def table(self) -> dict[str, str]:
        """The permutation: old name → new name, closed into cycles."""
        table = dict(self.pairs)
        ends = [new for new in table.values() if new not in table]
        starts = [old for old in table if old not in table.values()]
        for start in starts:
            end = start
            while end in table:
                end = table[end]
            if end in ends:
                table[end] = start
        return table

    def term(self, term: Term) -> Term:
        """A term under the new names."""
        return _term(term, self.table) if self.pairs else term

    def step(self, step: Step) -> Step:
        """A step under the new names."""
        if not self.pairs:
            return step
        table = self.table
        statement = _term(step.statement, table) if step.statement is not None else None
        origin = _term(step.origin, table) if step.origin is not None else None
        return replace(step, statement=statement, origin=origin, context=self.context(step.context))

    def context(self, context: Context) -> Context:
        """What is in force, under the new names."""
        if not self.pairs:
            return context
        table = self.table
        symbols = {_name(n, table): _symbol(s, table) for n, s in context.symbols.items()}
        definitions = {_name(n, table): _definition(d, table) for n, d in context.definitions.items()}
        facts = tuple(_term(f, table) for f in context.facts)
        return replace(
            context, symbols=MappingProxyType(symbols), definitions=MappingProxyType(definitions), facts=facts
        )


def _name(name: str, table: Mapping[str, str]) -> str:
    return table.get(name, name)


def _term(term: Term, table: Mapping[str, str]) -> Term:
    args = tuple(_term(a, table) for a in term.args)
    value = _value(term, table)
    if value is term.value and all(new is old for new, old in zip(args, term.args, strict=True)):
        return term
    return replace(term, args=args, value=value)


def _value(term: Term, table: Mapping[str, str]) -> Any:
    value = term.value
    if term.head in ("sym", "call") and isinstance(value, str):
        return table.get(value, value)
    if term.head == "dcall":
        return (_name(value[0], table), *value[1:]) if value[0] in table else value
    if isinstance(value, Affine):
        return _size(value, table)
    if isinstance(value, Shape):
        return _shape(value, table)
    if isinstance(value, tuple) and any(isinstance(v, Affine | Shape) for v in value):
        return tuple(
            _size(v, table) if isinstance(v, Affine) else _shape(v, table) if isinstance(v, Shape) else v for v in value
        )
    return value


def _size(size: Affine, table: Mapping[str, str]) -> Affine:
    return size.substitute({old: variable(new) for old, new in table.items()})


def _shape(shape: Shape, table: Mapping[str, str]) -> Shape:
    return Shape(tuple(tuple(_size(s, table) for s in axis) for axis in shape.axes), shape.statement)


def _range(span: Range, table: Mapping[str, str]) -> Range:
    return Range(_size(span.low, table), _size(span.high, table))


def _domain(domain: Domain, table: Mapping[str, str]) -> Domain:
    low = _term(domain.low, table) if domain.low is not None else None
    high = _term(domain.high, table) if domain.high is not None else None
    return replace(domain, low=low, high=high, values=tuple(_term(v, table) for v in domain.values))


def _symbol(symbol: Symbol, table: Mapping[str, str]) -> Symbol:
    return replace(
        symbol,
        name=_name(symbol.name, table),
        shape=_shape(symbol.shape, table),
        family=tuple(_range(r, table) for r in symbol.family),
        domain=_domain(symbol.domain, table),
        arguments=tuple(_shape(a, table) for a in symbol.arguments),
    )


def _definition(definition: Definition, table: Mapping[str, str]) -> Definition:
    return replace(
        definition,
        name=_name(definition.name, table),
        body=_term(definition.body, table),
        params=tuple(_name(p, table) for p in definition.params),
        ranges=tuple(_range(r, table) for r in definition.ranges),
    )
