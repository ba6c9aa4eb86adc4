"""Formulas among givens: definitions of names, equations that define a declared name, and facts."""

from __future__ import annotations

from dataclasses import replace

from derive.language.affine import Affine, affine_of
from derive.language.context import Definition, Domain, Range, Symbol
from derive.language.shape import elaborate
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make
from derive.reader.formula import Reading, read_formula
from derive.reader.formula.inference import index_symbol
from derive.reader.formula.orders import has_order
from derive.reader.formula.reading import chain_statements, statements_of
from derive.reader.givens.premises import Name, Premises
from derive.reader.givens.recurrences import read_recurrence
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import with_sub
from derive.reader.latex.tokens import Token


def take_formula(premises: Premises, tokens: list[Token], ranges: dict[str, Range], offset: int) -> list[Name]:
    """A definition, a recurrence, or a fact."""
    recurrence = read_recurrence(premises, tokens, ranges)
    if recurrence is not None:
        return recurrence
    labelled = define_labelled(premises, tokens, ranges)
    if labelled is not None:
        return labelled
    context = (
        premises.context.declare_only(*(index_symbol(n, r) for n, r in ranges.items())) if ranges else premises.context
    )
    reading = read_formula("", context, offset, premises.macros, tokens=tokens)
    if isinstance(reading, Problem):
        raise Unreadable(reading)
    if any(s.lead or (s.connective and len(reading.segments) == 1) for s in reading.segments):
        raise premises.fail("expression-expected", tokens[0].span)
    if has_order(tuple(t for s in reading.segments for t in s.terms)):
        raise premises.fail("order-of-magnitude", tokens[0].span.join(tokens[-1].span))
    if reading.definition is not None:
        return define_name(premises, reading, ranges)
    defined = define_declared(premises, reading, tokens, ranges)
    if defined is not None:
        return defined
    premises.keep(reading.inferred)
    for statement in statements_of(reading):
        _declare_signed(premises, statement)
        premises.assume(statement, ranges, tokens[0].span.join(tokens[-1].span), reading)
    return []


def define_labelled(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> list[Name] | None:
    """`x_o = G^{-1} A^T b` beside a vector x: an entry of x is no vector, so that x_o is a vector of its own.

    The letter must run nowhere: not in this line, not in another one, and not by a declaration.
    """
    if len(tokens) < 5 or [t.text for t in tokens[1:4:2]] != ["_", "="] or tokens[2].kind != "letter" or ranges:
        return None
    whole, letter = premises.context.symbols.get(tokens[0].text), tokens[2].text
    if whole is None or whole.family or whole.shape.rank != 1 or letter in premises.context.symbols:
        return None
    if letter in premises.running or with_sub(whole.name, letter) in premises.context.symbols:
        return None
    reading = read_formula("", premises.context, tokens[4].start, premises.macros, tokens=tokens[4:])
    if isinstance(reading, Problem) or len(reading.segments) != 1 or reading.segments[0].heads or reading.inferred:
        return None
    checked = elaborate(reading.segments[0].terms[0], premises.context)
    if isinstance(checked, Problem) or checked.shape != whole.shape or letter in free_names(checked.term):
        return None
    name = Name(with_sub(whole.name, letter), (), tokens[0].span.join(tokens[2].span))
    random = any(n in premises.context.symbols and premises.context.symbols[n].random for n in free_names(checked.term))
    premises.declare(name, Symbol(name.name, checked.shape, random=random, span=name.span), ranges)
    premises.context = premises.context.define(Definition(name.name, checked.term, span=name.span))
    return [name]


def _declare_signed(premises: Premises, statement: Term) -> None:
    """`h(x) > 0` declares the function h, as `x > 0` declares x."""
    if statement.head not in ("gt", "ge", "lt", "le", "ne") or not any(a.head == "num" for a in statement.args):
        return
    for call in statement.args:
        symbol = premises.context.symbols.get(call.name) if call.head == "call" else None
        if symbol is not None and symbol.inferred and symbol.role == "function":
            premises.context = premises.context.declare_only(replace(symbol, inferred=False))
            premises.inferred = [s for s in premises.inferred if s.name != symbol.name]


def define_name(premises: Premises, reading: Reading, ranges: dict[str, Range]) -> list[Name]:
    """Take the definition that a formula is, and the facts behind it."""
    assert reading.definition is not None
    symbol, definition = reading.definition
    premises.keep(s for s in reading.inferred if s.name not in definition.params)
    old = premises.context.symbols.get(symbol.name)
    if old is not None and old.role == "function" and old.shape != symbol.shape:
        raise premises.fail("shapes-differ", definition.span, left=old.shape, right=symbol.shape)
    premises.context = premises.context.declare(replace(symbol, span=definition.span)).define(definition)
    premises.fresh[symbol.name] = definition.span or Span(0, 0)
    segment = reading.segments[0]
    if len(segment.heads) > 1:
        for left, head, right in zip(segment.terms[1:], segment.heads[1:], segment.terms[2:], strict=False):
            premises.assume(make(head, left, right), ranges, segment.span, reading)
    for other in reading.segments[1:]:
        for statement in chain_statements(other.terms, other.heads):
            premises.assume(statement, ranges, other.span, reading)
    return [Name(symbol.name)]


def define_declared(
    premises: Premises, reading: Reading, tokens: list[Token], ranges: dict[str, Range]
) -> list[Name] | None:
    """`h = \\sigma(z)` for a declared h that nothing defines yet."""
    if len(reading.segments) != 1:
        return None
    segment = reading.segments[0]
    if segment.heads[:1] not in (("eq",), ("define",)) or len(segment.heads) != 1:
        return None
    left, right = segment.terms
    letters: list[str] = []
    base = left
    if left.head == "entry":
        base = left.args[0]
        letters = [a.name if a.head == "sym" else "" for a in left.args[1:]]
        indices = {s.name for s in reading.context.symbols.values() if s.role == "index"}
        if len(set(letters)) != len(letters) or any(n not in indices for n in letters):
            return None
    if base.head != "sym":
        return None
    symbol = premises.context.symbols.get(base.name)
    if symbol is None or symbol.role not in ("variable",) or base.name in premises.context.definitions:
        return None
    if (
        _depends(premises, right, base.name)
        or symbol.random
        or base.name in {n for f in premises.context.facts for n in free_names(f)}
    ):
        return None
    if symbol.domain != Domain():
        return None
    checked = elaborate(make("eq", left, right), reading.context)
    if isinstance(checked, Problem):
        raise Unreadable(checked)
    spans: list[Range] = []
    axes = [*symbol.family, *(Range(Affine(1), a[0]) for a in symbol.shape.axes)]
    for letter, axis in zip(letters, axes, strict=False):
        index = reading.context.symbols[letter]
        low = affine_of(index.domain.low) if index.domain.low is not None else None
        high = affine_of(index.domain.high) if index.domain.high is not None else None
        if low is None or high is None or Range(low, high) != axis:
            return None
        spans.append(axis)
    premises.keep(reading.inferred)
    body = checked.term.args[1]
    premises.context = premises.context.define(
        Definition(base.name, body, tuple(letters), tuple(spans), tokens[0].span)
    )
    return [Name(base.name)]


def _depends(premises: Premises, term: Term, name: str, seen: frozenset[str] = frozenset()) -> bool:
    for free in free_names(term):
        if free == name:
            return True
        definition = premises.context.definitions.get(free)
        if definition is not None and free not in seen and _depends(premises, definition.body, name, seen | {free}):
            return True
    return False
