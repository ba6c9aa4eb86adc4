"""Densities and mass functions of random variables: `X … with density p(x; \\theta)`, `X \\sim p(\\cdot; \\theta)`.

The fact that is taken says that X is distributed by p, with p written at X itself. A dot, or the letter of X in lower
case, stands for the place of the value. A function that nothing else declares is declared by such a line. Joint
densities of several variables are not read.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.context import SCALAR, Range, Symbol, set_of
from derive.language.term import Term, make, sym
from derive.reader.givens.premises import Name, Premises
from derive.reader.latex.tokens import Token

KINDS = {
    "density": "density",
    "pdf": "density",
    "probability density": "density",
    "probability density function": "density",
    "mass function": "mass",
    "probability mass function": "mass",
    "pmf": "mass",
}
_DOTS = ("\\cdot", "\\bullet")


def names_function(premises: Premises, tokens: list[Token], laws: frozenset[str]) -> bool:
    """Whether what stands behind `\\sim` is a density: a declared function, or a small letter that is no law's name."""
    if not tokens or tokens[0].kind not in ("letter", "word"):
        return False
    text = tokens[0].text
    symbol = premises.context.symbols.get(text)
    if symbol is not None:
        return symbol.role == "function"
    return text not in laws and text.islower() and tokens[0].kind == "letter"


def declare_density(
    premises: Premises, name: Name, tokens: list[Token], ranges: dict[str, Range], kind: str = ""
) -> None:
    """Take X to be distributed by the density or mass function (where `kind` does not say which, by its domain)."""
    letter = name.name.casefold()
    spelled = [replace(t, kind="letter", text=letter) if _is_dot(tokens, k) else t for k, t in enumerate(tokens)]
    parser = premises.parser(spelled, ranges)
    value = parser.expression()
    if parser.peek().kind != "end":
        raise parser.leftover()
    term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
    if value.head == "sym":
        function = value.name
        if function in parser.unknown:
            del parser.unknown[function]
            found = Symbol(function, role="function", arguments=(SCALAR,), span=value.span)
            premises.context = premises.context.declare_only(found)
        value = make("call", term, value=function)
    if value.head != "call":
        raise premises.fail("density-expected", tokens[0].span)
    first = value.args[0]
    if first.head == "sym" and first.name in parser.unknown:
        del parser.unknown[first.name]
        premises.context = premises.context.declare_only(Symbol(first.name, inferred=True))
    known = value.name in premises.context.symbols
    premises.take_inferred(parser, list(value.args[1:]))
    symbol = premises.context.symbols.get(value.name)
    if symbol is not None and not known and symbol.inferred:
        # this line is its declaration
        premises.context = premises.context.declare_only(replace(symbol, inferred=False))
        premises.inferred = [s for s in premises.inferred if s.name != value.name]
    at_value = value.with_args((term, *value.args[1:]))
    fact = make("distributed", term, at_value, value=kind or _kind(premises, name, value))
    premises.assume(fact, ranges, name.span)


def _is_dot(tokens: list[Token], place: int) -> bool:
    """Whether a dot stands for an argument: right behind a bracket, and before its end or a separator."""
    if tokens[place].text not in _DOTS or not 0 < place < len(tokens) - 1:
        return False
    return tokens[place - 1].text == "(" and tokens[place + 1].text in (")", ";", ",", "\\mid", "|")


def _kind(premises: Premises, name: Name, value: Term) -> str:
    """A mass function where its variable, or its own argument, lies in a finite set or among the integers."""
    symbol, function = premises.context.symbols.get(name.name), premises.context.symbols.get(value.name)
    domains = [symbol.domain] if symbol is not None else []
    domains += function.sources[:1] if function is not None else ()
    discrete = any(set_of(d) or d.kind in ("integer", "natural", "finite") for d in domains)
    return "mass" if discrete else "density"
