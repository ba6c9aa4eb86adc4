"""Functions applied to arguments: `f(x)`, `p(x | y)`, `f'(t)`, and `L` where its definition names its arguments.

A conditional density is a function named by its pattern, `p(·|·)`; densities of different things are kept apart.
"""

from __future__ import annotations

from derive.language.context import SCALAR, Symbol
from derive.language.source import Span
from derive.language.term import Term, make, num, sym
from derive.reader.latex.indices import Scripts, fenced, label_text
from derive.reader.latex.parser import Parser
from derive.reader.latex.powers import with_indices
from derive.reader.latex.signs import DOTS

DENSITIES = frozenset(["p", "q", "P"])


def opens_arguments(parser: Parser) -> bool:
    """Whether a bracket opens here."""
    return parser.peek().text == "(" and parser.peek().kind == "sign"


def read_arguments(parser: Parser) -> tuple[list[Term], str]:
    """`(a, b)`, `(a \\mid b)`, `(a; b)`: the arguments and the pattern of what separates them."""
    args: list[Term] = []
    pattern = ""
    separators = {
        ",": ",",
        ";": ";",
        "\\mid": "|",
        "|": "|",
        "\\vert": "|",
        "\\|": "‖",
        "||": "‖",
        "\\Vert": "‖",
        "\\parallel": "‖",
    }

    def read() -> Term:
        nonlocal pattern
        args.append(parser.expression())
        pattern = "·"
        while parser.peek().text in separators and parser.peek().kind in ("sign", "command"):
            sign = parser.take()
            dots = parser.accept(*DOTS)
            if dots:
                if sign.text != "," or not parser.accept(","):
                    raise parser.fail("dots-unclear", dots)
                args[:] = [parser.series("tabulate", args, parser.expression(), dots)]
                pattern = "·"
                continue
            pattern += separators[sign.text] + "·"
            args.append(parser.expression())
        return args[0]

    parser.enclosed(read, bars="given")
    return args, pattern


def call(
    parser: Parser, name: str, scripts: Scripts, span: Span, start: int, parameters: tuple[Term, ...] = ()
) -> Term:
    """The argument list at the place, and parameters written as a label, applied to by a function of this name."""
    args, pattern = read_arguments(parser)
    args += parameters
    pattern += ";·" * len(parameters)
    indexed = indexed_pattern(args, pattern)
    if indexed is not None and parser.symbol(f"{name}({indexed[0]})") is not None:
        return _finish_call(parser, f"{name}({indexed[0]})", indexed[1], scripts, start)
    full = call_name(parser, name, args, pattern)
    if parser.symbol(full) is None:
        shapes = tuple(parser.shape(a) or SCALAR for a in args)
        of = frozenset([f"of:{argument_letters(args)}"]) if name in DENSITIES else frozenset()
        parser.functions[full] = Symbol(
            full, role="function", arguments=shapes, span=span, inferred=True, properties=of
        )
    return _finish_call(parser, full, args, scripts, start)


def indexed_pattern(args: list[Term], pattern: str) -> tuple[str, list[Term]] | None:
    """`p(y_i | w)` as a function of i and w: its pattern `y_·|·` and those arguments; None where no index occurs."""
    marks = [c for c in pattern if c != "·"]
    text, inner, found = "", [], False
    for position, arg in enumerate(args):
        if arg.head == "entry" and arg.args[0].head == "sym" and len(arg.args) == 2:
            text += f"{arg.args[0].name}_·"
            inner.append(arg.args[1])
            found = True
        else:
            text += "·"
            inner.append(arg)
        text += marks[position] if position < len(marks) else ""
    return (text, inner) if found else None


def call_name(parser: Parser, name: str, args: list[Term], pattern: str) -> str:
    """The name of the function that `name(args)` applies: `p(·|·)` where bars or semicolons separate the arguments."""
    plain = set(pattern) <= {"·", ","}
    symbol = parser.symbol(name)
    if symbol is not None:
        plain = plain and symbol.role == "function" and len(symbol.arguments or args) == len(args)
    else:
        plain = plain and f"{name}({pattern})" not in parser.context.symbols
    candidate = name if plain else f"{name}({pattern})"
    if name not in DENSITIES:
        return candidate
    known = parser.symbol(candidate)
    if known is None:
        return candidate
    of = next((p[3:] for p in known.properties if p.startswith("of:")), None)
    letters = argument_letters(args)
    if of is None or of == letters or "" in letters.split(","):
        return candidate
    return f"{name}⟨{letters}⟩({pattern})"


def argument_letters(args: list[Term]) -> str:
    """What a density is a density of: the letters of its arguments, without case and indices."""
    bases = (a.args[0] if a.head == "entry" else a for a in args)
    return ",".join(base.name.casefold() if base.head == "sym" else "" for base in bases)


def declared_function(parser: Parser, name: str, symbol: Symbol, scripts: Scripts, span: Span, start: int) -> Term:
    """A declared function: applied, or bare where its definition names its arguments."""
    if fenced(scripts.sup) and not scripts.primes:
        text = (label_text(scripts.sup) or "")[1:-1]
        if opens_arguments(parser) and all(part.isdigit() for part in text.split(",")) and text:
            args, pattern = read_arguments(parser)
            full = call_name(parser, name, args, pattern)
            marks = tuple(int(part) for part in text.split(","))
            if len(marks) != len(args):
                raise parser.fail("argument-count", span=span, name=name, wanted=len(marks), found=len(args))
            return make("dcall", *args, value=(full, marks), span=parser.since(start))
    if opens_arguments(parser) and scripts.sub is None:
        if scripts.sup is not None:
            raise parser.fail("function-power-unclear", scripts.sup_at, name=name)
        return call(parser, name, scripts, span, start)
    if scripts.primes:
        raise parser.fail("function-without-argument", span=span, name=name)
    applied = implicit_call(parser, name, span)
    if applied is None:
        if scripts.sub is None and scripts.sup is None:
            return sym(name, span)
        raise parser.fail("function-without-argument", span=span, name=name)
    return with_indices(parser, applied, Symbol(name, symbol.shape), scripts, start)


def implicit_call(parser: Parser, name: str, span: Span) -> Term | None:
    """`L` for `L(w)`, where the definition of L names its arguments and they are declared."""
    if name in parser.implicit:
        return make("call", *parser.implicit[name], value=name, span=span)
    definition = parser.context.definitions.get(name)
    if definition is None or not definition.params:
        return None
    args = []
    for param in definition.params:
        base, _, power = param.partition("^")
        symbol = parser.symbol(param) or (parser.symbol(base) if power.isdigit() else None)
        if symbol is None or symbol.role == "function":
            return None
        args.append(sym(param, span) if symbol.name == param else make("pow", sym(base, span), num(power), span=span))
    return make("call", *args, value=name, span=span)


def _finish_call(parser: Parser, name: str, args: list[Term], scripts: Scripts, start: int) -> Term:
    if scripts.primes:
        if len(args) != 1:
            raise parser.fail("prime-of-several", name=name)
        return make("dcall", *args, value=(name, (scripts.primes,)), span=parser.since(start))
    return make("call", *args, value=name, span=parser.since(start))
