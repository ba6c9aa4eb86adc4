"""Recurrences: `m_t = β m_{t-1} + g_t, t = 1, …, T` declares m from its first index on, and is a fact.

So do `m_{t+1} = …` and `m^{(t+1)} = …`. The members have the shape of a declared first one (`m_0`), else the one in
which the equation reads.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from derive.language.affine import affine_of
from derive.language.context import SCALAR, Range, Symbol
from derive.language.sequence import for_members
from derive.language.shape import elaborate
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make, num, rewrite, sym, walk
from derive.reader.formula import read_formula
from derive.reader.formula.inference import index_symbol
from derive.reader.formula.ranges import read_affine
from derive.reader.formula.reading import statements_of
from derive.reader.givens.names import is_name
from derive.reader.givens.premises import Name, Premises
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import fenced, gather
from derive.reader.latex.names import read_base
from derive.reader.latex.tokens import Token


def read_recurrence(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> list[Name] | None:
    """`m_t = \\beta m_{t-1} + g_t, t = 1, …, T`: declares m, and is a fact."""
    at = next((k for k, t in enumerate(tokens) if t.text in ("=", ":=") and t.kind == "sign"), None)
    if at is None or not ranges or not is_name(premises, tokens[:at]):
        return None
    name = _member_name(premises, tokens[:at], ranges)
    if name is None or not _mentions(tokens[:at], tokens[at + 1 :]):
        return None
    symbol = premises.context.symbols.get(name.name)
    if symbol is not None and symbol.family:
        return None
    letter = name.indices[0]
    span = ranges[letter]
    provisional = replace(
        premises.context,
        symbols=MappingProxyType({k: v for k, v in premises.context.symbols.items() if k != name.name}),
    )
    seed = next(
        (
            s
            for n, s in premises.context.symbols.items()
            if _first_of(name.name, n)
        ),
        None,
    )
    shapes = (
        [seed.shape]
        if seed is not None and (seed.shape.axes or seed.name not in premises.context.definitions)
        else [SCALAR, *dict.fromkeys(s.shape for s in premises.context.symbols.values() if s.shape.axes)]
    )
    problem: Problem | None = None
    for shape in shapes:
        trial = provisional.declare_only(
            Symbol(name.name, shape, family=(Range(span.low - 1, span.high + 1),), span=name.span),
            *(index_symbol(n, r) for n, r in ranges.items()),
        )
        reading = read_formula("", trial, tokens[0].start, premises.macros, tokens=tokens)
        if isinstance(reading, Problem):
            raise Unreadable(reading)
        statement = statements_of(reading)[0]
        checked = elaborate(statement, reading.context)
        if isinstance(checked, Problem):
            problem = problem or checked
            continue
        shifts = [
            affine.constant
            for node in walk(statement)
            if node.head == "entry"
            and node.args[0] == sym(name.name)
            and (affine := affine_of(node.args[1])) is not None
            and affine.coefficient(letter) == 1
        ]
        family = Range(span.low + min(shifts), span.high + max(shifts))
        random = any(_random_name(premises, n) for n in free_names(checked.term))
        premises.keep(reading.inferred)
        declare_family(premises, name, Symbol(name.name, shape, family=(family,), random=random, span=name.span))
        fact = elaborate(statement, premises.context.declare_only(*(index_symbol(n, r) for n, r in ranges.items())))
        if isinstance(fact, Problem):
            raise Unreadable(fact)
        premises.context = premises.context.assume(for_members(letter, span, fact.term))
        return [name]
    assert problem is not None
    raise Unreadable(problem)


def _member_name(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> Name | None:
    """The family and the index of `m_t`, `m_{t+1}` or `m^{(t+1)}`; None where this is no member at one index."""
    parser = premises.parser(tokens, ranges)
    base, span = read_base(parser)
    scripts = gather(parser)
    above = scripts.sup[1:-1] if scripts.sup is not None and fenced(scripts.sup) else None
    if scripts.primes or parser.peek().kind != "end" or (scripts.sup is None) == (scripts.sub is None):
        return None
    script = scripts.sub if scripts.sub is not None else above
    index = read_affine(script, parser.context) if script else None
    letters = [n for n in index.names if n in ranges] if index is not None else []
    if index is None or len(letters) != 1 or index.coefficient(letters[0]) != 1 or len(index.names) != 1:
        return None
    return Name(base, (letters[0],), span)


def _random_name(premises: Premises, name: str) -> bool:
    symbol = premises.context.symbols.get(name)
    return symbol is not None and symbol.random


def _first_of(family: str, name: str) -> str:
    """The number of a member that is a name of its own: 0 for `m_0` and `m^{(0)}`; "" for any other name."""
    rest = name.removeprefix(family) if name.startswith(family) else ""
    label = rest[2:-1] if rest[:2] in ("^(", "^[") else rest[1:] if rest[:1] == "_" else ""
    return label if label.isdigit() else ""


def _mentions(left: list[Token], right: list[Token]) -> bool:
    """Whether the letters of the name stand, with a script, on the right."""
    script = next((k for k, t in enumerate(left) if t.text in ("_", "^")), len(left))
    base = [t.text for t in left[:script]]
    texts = [t.text for t in right]
    size = len(base)
    return any(
        texts[k : k + size] == base and texts[k + size : k + size + 1] in (["_"], ["^"]) for k in range(len(texts))
    )


def declare_family(premises: Premises, name: Name, symbol: Symbol) -> None:
    """Declare a family; `m_0` and the like, declared before it, become its members."""
    members: dict[str, Term] = {}
    symbols = dict(premises.context.symbols)
    definitions = dict(premises.context.definitions)
    facts: list[Term] = list(premises.context.facts)
    for old in list(symbols):
        label = _first_of(symbol.name, old)
        if label:
            members[old] = make("entry", sym(symbol.name), num(label))
            del symbols[old]
            if old in definitions:
                value = definitions.pop(old).body
                if value.head == "num" and value.value == 0 and symbol.shape.axes:
                    value = make("zeros", value=symbol.shape)
                facts.append(make("eq", members[old], value))
    symbols[symbol.name] = symbol
    if members:

        def member(node: Term) -> Term | None:
            return members.get(node.name) if node.head == "sym" else None

        facts = [rewrite(f, member) for f in facts]
        definitions = {n: replace(d, body=rewrite(d.body, member)) for n, d in definitions.items()}
    premises.context = replace(
        premises.context,
        symbols=MappingProxyType(symbols),
        definitions=MappingProxyType(definitions),
        facts=tuple(facts),
    )
    premises.fresh[symbol.name] = name.span
