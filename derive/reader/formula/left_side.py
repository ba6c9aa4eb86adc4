"""The left side of what may be a definition: `f(x) =`, `p_i =`, `L =` of a name that nothing has defined."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.language.context import Context, Symbol
from derive.language.source import Span
from derive.language.term import Term, free_names, make, sym, walk
from derive.reader.formula.reading import NOWHERE
from derive.reader.latex.calls import DENSITIES, argument_letters, indexed_pattern, read_arguments
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import gather, index_units, label_text, with_sub
from derive.reader.latex.names import label_above, read_base
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import prefixes
from derive.reader.latex.tokens import Token
from derive.reader.notation.probability import is_random, is_sure


@dataclass(slots=True)
class Head:
    """The left side of what may be a definition."""

    name: str
    left: Term
    args: list[Term] = field(default_factory=list)
    pattern: str = ""
    family: list[Term] = field(default_factory=list)
    component: list[Term] = field(default_factory=list)
    explicit: bool = False
    span: Span = NOWHERE


def definition_head(parser: Parser) -> Head | None:
    """The left side `f(x) =`, `p_i =`, `L =` of a name that nothing has defined; None (and nothing taken) elsewhere."""
    saved = parser.at, dict(parser.unknown), dict(parser.functions)
    try:
        head = _try_head(parser)
    except Unreadable:
        head = None
    if head is None:
        parser.at, parser.unknown, parser.functions = saved
    return head


def _try_head(parser: Parser) -> Head | None:
    token = parser.peek()
    if token.kind not in ("letter", "word") and token.text not in (
        "\\hat",
        "\\bar",
        "\\tilde",
        "\\widehat",
        "\\overline",
        "\\vec",
        "\\widetilde",
    ):
        return None
    if parser.letter_run() in prefixes():
        return None
    base, span = read_base(parser)
    scripts = gather(parser)
    if scripts.primes:
        base += "′" * scripts.primes
        if parser.symbol(base[: -scripts.primes]) is not None and parser.peek().text == "(":
            return None
        scripts.primes = 0
    name = label_above(parser, base, scripts, span)
    if scripts.sup is not None:
        return None
    if parser.symbol(name) is None:
        name = parser.alias(name)
    context = parser.context
    label = label_text(scripts.sub)
    family: list[Term] = []
    if scripts.sub is not None:
        exact = with_sub(name, label) if label else ""
        if exact and parser.symbol(exact) is not None:
            name, scripts.sub = exact, None
        else:
            units = index_units(scripts.sub)
            free = units is not None and all(_free_index(parser, unit) for unit in units)
            if free and units is not None:
                family = [sym(unit[0].text, unit[0].span) for unit in units]
            elif label is not None and not _is_indexed(parser.symbol(name)) and not _has_index(parser, scripts.sub):
                name = exact
            else:
                return None
            scripts.sub = None
    symbol = parser.symbol(name)
    args: list[Term] = []
    pattern = ""
    component: list[Term] = []
    if parser.peek().text == "(" and parser.peek().kind == "sign":
        if family:
            return None
        args, pattern = read_arguments(parser)
        if parser.peek().text == "_":
            parser.take()
            units = index_units(parser.group_tokens())
            if units is None or not all(_free_index(parser, u) for u in units):
                return None
            component = [sym(u[0].text, u[0].span) for u in units]
        if name in ("P", "E") and any(
            parser.is_event(a) or is_random(parser, a) or is_sure(parser, a) for a in args
        ):
            return None
        if not all(_parameter(a) for a in args) or len({str(a) for a in args}) != len(args):
            return None
    sign = parser.peek()
    if sign.kind not in ("sign", "command") or sign.text not in ("=", ":=", "\\equiv", "\\triangleq"):
        return None
    explicit = sign.text in (":=", "\\triangleq")
    full = _full_name(parser, name, args, pattern)
    symbol = parser.symbol(full)
    if full in context.definitions:
        return None
    if args:
        if symbol is not None and (symbol.role != "function" or _constrained(context, full)):
            return None
    elif symbol is not None and not (explicit and not family):
        return None
    if not args and not family and symbol is None and name == "π" and not explicit:
        return None
    if not explicit and symbol is None and not args and not family:
        rest = parser.tokens[parser.at + 1 : parser.at + 3]
        if not rest or rest[0].kind == "end":
            return None
    left = _left_term(full, args, pattern, family, component, parser.since(0))
    return Head(full, left, args, pattern, family, component, explicit, parser.since(0))


def _left_term(
    full: str, args: list[Term], pattern: str, family: list[Term], component: list[Term], span: Span
) -> Term:
    if args:
        indexed = indexed_pattern(args, pattern)
        values = indexed[1] if indexed is not None and "_·" in full else args
        term = make("call", *values, value=full, span=span)
        return make("entry", term, *component, span=span) if component else term
    return make("entry", sym(full, span), *family, span=span) if family else sym(full, span)


def _free_index(parser: Parser, unit: list[Token]) -> bool:
    """Whether a subscript is one letter that runs: an index, or undeclared."""
    if len(unit) != 1 or unit[0].kind != "letter":
        return False
    symbol = parser.symbol(unit[0].text)
    return symbol.role == "index" if symbol is not None else unit[0].text.islower()


def _is_indexed(symbol: Symbol | None) -> bool:
    """Whether a subscript on this symbol is an index, and no part of another name."""
    return symbol is not None and (bool(symbol.family) or bool(symbol.shape.axes) or symbol.role != "variable")


def _has_index(parser: Parser, tokens: list[Token]) -> bool:
    return any(t.kind == "letter" and _free_index(parser, [t]) for t in tokens)


def _parameter(arg: Term) -> bool:
    if arg.head == "sym":
        return True
    if arg.head == "entry":
        return arg.args[0].head == "sym" and all(i.head == "sym" for i in arg.args[1:])
    return arg.head == "pow" and arg.args[0].head == "sym" and arg.args[1].head == "num"


def _constrained(context: Context, name: str) -> bool:
    """Whether something is already known of a function, so that an equation about it is no definition."""
    return any(name in free_names(fact) and any(n.head in ("eq", "iff") for n in walk(fact)) for fact in context.facts)


def _full_name(parser: Parser, name: str, args: list[Term], pattern: str) -> str:
    if not args:
        return name
    indexed = indexed_pattern(args, pattern)
    if indexed is not None and all(i.head == "sym" for i in indexed[1]):
        return f"{name}({indexed[0]})"
    plain = set(pattern) <= {"·", ","}
    symbol = parser.symbol(name)
    if plain and (symbol is None or (symbol.role == "function" and len(symbol.arguments) == len(args))):
        candidate = name
    else:
        candidate = f"{name}({pattern})"
    if name in DENSITIES and (known := parser.symbol(candidate)) is not None:
        of = next((p[3:] for p in known.properties if p.startswith("of:")), None)
        if of is not None and of != argument_letters(args):
            return f"{name}⟨{argument_letters(args)}⟩({pattern})"
    return candidate
