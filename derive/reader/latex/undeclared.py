"""Names that nothing declares: letters with a meaning of their own (e, π, I, δ), families, functions, scalars.

They are recorded in `Parser.unknown`, for `formula/inference.py`. Where a product fits as well as an application, it is
a problem.
"""

from __future__ import annotations

from derive.language.context import Symbol
from derive.language.letters import ACCENTS
from derive.language.source import Span
from derive.language.term import Term, free_names, make, num, sym
from derive.reader.latex.calls import call, opens_arguments
from derive.reader.latex.indices import (
    Scripts,
    fenced,
    index_units,
    is_label,
    label_text,
    note_sizes,
    read_index,
    with_sub,
)
from derive.reader.latex.parser import Parser
from derive.reader.latex.powers import apply_superscript, is_transpose, with_indices
from derive.reader.latex.tokens import Token

_ARROWS_ABOVE = ("\u20d7", "\u0332")
"""Marks of a vector: a name that carries one and is not declared is no number."""


def undeclared_name(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    """What a name that nothing declares means, with its scripts."""
    special = special_letter(parser, name, scripts, span, start)
    if special is not None:
        return special
    above = scripts.sup if name == "C" and scripts.sub is not None else None
    if above is not None and not fenced(above) and not is_transpose(parser, above, sym(name, span)):
        raise parser.fail("binomial-or-power", span=span, name=name)
    parameter = _parameter(parser, scripts)
    if parameter is not None:
        return call(parser, name, Scripts(primes=scripts.primes), span, start, (parameter,))
    label = label_text(scripts.sub)
    if scripts.sub is not None and label is None:
        units = index_units(scripts.sub)
        if units is None:
            raise parser.fail("undeclared-index", span=span, name=name)
    if scripts.sub is not None:
        if is_label(parser, scripts.sub):
            name = with_sub(name, label or "")
            scripts.sub = None
        else:
            return _undeclared_entry(parser, name, scripts, span, start)
    if (
        opens_arguments(parser)
        and not (scripts.sup is not None and not scripts.primes)
        and not _used_as_value(parser, start)
    ):
        return _undeclared_call(parser, name, scripts, span, start)
    if parser.symbol(name) is not None:
        return with_indices(parser, sym(name, span), parser.symbol(name) or Symbol(name), scripts, start)
    if parser.peek().text == "[" and parser.peek().kind == "sign" and name.isascii() and name[:1].isupper():
        raise parser.fail("call-or-product", span=span, name=name)
    after = parser.symbol(parser.peek().text) if name == "E" and parser.peek().kind == "letter" else None
    if (after is not None and after.random) or (name == "E" and parser.peek().text == "\\{"):
        raise parser.fail("expectation-or-product", span=span, name=after.name if after is not None else "X")
    if name[-1:] in _ARROWS_ABOVE:
        raise parser.fail("undeclared-tensor", span=span, name=name)
    use = parser.note_unknown(name, span)
    if parser.in_moment:
        use.roles.add("in moment")
    term = sym(name, span)
    if scripts.sup is not None:
        if is_transpose(parser, scripts.sup, term):
            use.roles.add("tensor")
        return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
    return term


def _parameter(parser: Parser, scripts: Scripts) -> Term | None:
    """θ in `p_\\theta(x)`, which is `p(x; \\theta)` for a declared θ: what is labelled by it may depend on it."""
    if scripts.sub is None or len(scripts.sub) != 1 or scripts.sup is not None or not opens_arguments(parser):
        return None
    symbol = parser.symbol(scripts.sub[0].text) if scripts.sub[0].kind == "letter" else None
    if symbol is None or symbol.role != "variable" or symbol.random or symbol.family:
        return None
    return sym(symbol.name, scripts.sub[0].span)


def special_letter(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term | None:
    """Letters that mean something where nothing declares them: e, π, I, δ_{ij}."""
    if scripts.primes or (parser.symbol(name) is not None and name not in ("I", "𝐈")):
        return None
    if name == "e" and scripts.sub is None:
        if scripts.sup is None:
            return make("exp", num(1), span=span)
        return make("exp", parser.read_slice(scripts.sup), span=parser.since(start))
    if name == "π" and scripts.sub is None:
        term = make("pi", span=span)
        if scripts.sup is not None:
            return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
        return term
    if name in ("I", "𝐈") and not opens_arguments(parser):
        size = None
        if scripts.sub is not None and scripts.sup is None and any(_is_event(parser, t) for t in scripts.sub):
            return make("indicator", parser.read_slice(scripts.sub, parser.statement), span=parser.since(start))
        if scripts.sub is not None:
            from derive.language.affine import affine_of

            size = affine_of(parser.read_slice(scripts.sub))
            if size is None:
                raise parser.fail("size-expected", scripts.sub[0])
            note_sizes(parser, size.names, scripts.sub[0].span)
        term = make("identity", value=size, span=parser.since(start) if scripts.sup is None else span)
        if scripts.sup is not None:
            return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
        return term
    if name == "δ" and scripts.sub is not None and (units := index_units(scripts.sub)) and len(units) == 2:
        indices = [read_index(parser, unit) for unit in units]
        delta = make("delta", *indices, span=parser.since(start))
        if scripts.sup is not None:
            return apply_superscript(parser, delta, scripts.sup, scripts.sup_at, start)
        return delta
    return None


def _is_event(parser: Parser, token: Token) -> bool:
    symbol = parser.symbol(token.text) if token.kind in ("letter", "word") else None
    return symbol is not None and symbol.role == "event"


def _undeclared_entry(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    """`x_i` with x undeclared: a family whose ranges follow from the indices, or a name with a label."""
    assert scripts.sub is not None
    units = index_units(scripts.sub)
    if units is None:
        raise parser.fail("undeclared-index", span=span, name=name)
    indices = [read_index(parser, unit) for unit in units]
    parser.note_unknown(name, span, f"family {len(indices)}")
    term: Term = make("entry", sym(name, span), *indices, span=parser.since(start))
    if opens_arguments(parser) and scripts.sup is None:
        raise parser.fail("call-or-product", span=span, name=name)
    if scripts.sup is not None:
        return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
    return term


def _used_as_value(parser: Parser, start: int) -> bool:
    """Whether the name read from `start` stands elsewhere in the formula without an argument list."""
    texts = [t.text for t in parser.tokens[start : parser.at]]
    size = len(texts)
    for place in range(len(parser.tokens) - size):
        after = parser.tokens[place + size].text
        if (
            place != start
            and after not in ("(", "'", "_", "^")
            and [t.text for t in parser.tokens[place : place + size]] == texts
            and parser.tokens[place].kind in ("letter", "command")
        ):
            return True
    return False


def _order(parser: Parser, name: str, span: Span, start: int) -> Term:
    """`O(x^2)` in a limit that is declared, or as x goes to 0 where the order is a power of x."""
    if name == "o":
        raise parser.fail("order-of-magnitude", span=span)
    gauge = parser.enclosed(parser.expression)
    limits = {f.args[0].name for f in parser.context.facts if f.head == "tends" and f.args[0].head == "sym"}
    term = make("order", gauge, span=parser.since(start))
    if not limits & free_names(gauge) and not _small(parser, gauge):
        raise parser.fail("order-of-magnitude", span=span)
    return term


def _small(parser: Parser, gauge: Term) -> bool:
    """Whether a gauge is a positive power of a real variable, which then goes to 0."""
    if gauge.head == "abs":
        return _small(parser, gauge.args[0])
    base = gauge
    if gauge.head == "pow":
        base, exponent = gauge.args
        if exponent.head != "num" or exponent.value < 1:
            return False
    if base.head != "sym":
        return False
    symbol = parser.symbol(base.name)
    if symbol is None:
        return True
    ends = [e.value for e in (symbol.domain.low,) if e is not None and e.head == "num"]
    near = symbol.domain.kind == "real" or (symbol.domain.kind == "interval" and ends == [0])
    return near and symbol.role == "variable" and not (symbol.shape.axes or symbol.family or symbol.random)


def _undeclared_call(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    """`f(x)` with f undeclared: an application where a product would not be written so, else two readings."""
    if name in ("O", "o", "𝒪"):
        return _order(parser, name, span, start)
    level, place = 0, parser.at
    inside: list[Token] = []
    while True:
        token = parser.tokens[min(place, len(parser.tokens) - 1)]
        if token.kind == "end":
            raise parser.fail("bracket-unclosed", wanted=")")
        level += token.text in ("(", "[", "\\{", "{")
        level -= token.text in (")", "]", "\\}", "}")
        if level == 0:
            break
        if place > parser.at:
            inside.append(token)
        place += 1
    flat = 0
    separated = False
    for token in inside:
        flat += token.text in ("(", "[", "\\{", "{")
        flat -= token.text in (")", "]", "\\}", "}")
        separated = separated or (flat == 0 and token.text in (",", ";", "\\mid", "|", "\\|"))
    letters = [t for t in inside if t.kind in ("letter", "word", "digit", "command")]
    atom = (
        bool(inside)
        and inside[0].kind in ("letter", "word", "command")
        and (len(letters) == 1 or inside[1].text in ("_", "^", "'") or inside[0].text in ACCENTS)
        and not any(t.text in ("+", "-", "/", "\\cdot", "=") for t in inside if t.kind in ("sign", "command"))
    )
    pattern_known = any(s.startswith(f"{name}(") for s in parser.context.symbols)
    if not (separated or atom or scripts.primes or pattern_known or name in parser.functions):
        raise parser.fail("call-or-product", span=span, name=name)
    return call(parser, name, scripts, span, start)
