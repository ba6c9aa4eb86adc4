"""Integrals, and evaluations at a point or between bounds: `\\left. f \\right|_{x=a}`."""

from __future__ import annotations

from derive.language.context import Symbol
from derive.language.term import Term, make, num, sym, walk
from derive.reader.latex.calls import DENSITIES
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Row

_F = ("f : \\mathbb{R} \\to \\mathbb{R}", "x, y, a \\in \\mathbb{R}")


def integral(parser: Parser, token: Token) -> Term:
    """`\\int_a^b f dx`; without limits over the whole line, where the integrand holds a density."""
    from derive.reader.notation.sums import limits, range_end

    start = parser.at - 1
    below, above = limits(parser)
    name, place = _differential(parser, token)
    low = range_end(parser, below) if below else None
    high = range_end(parser, above) if above else None
    if (low is None) != (high is None):
        raise parser.fail("range-end-missing", token)
    parser.differentials += 1
    parser.bars.append("none")
    with parser.bound(name, role="variable", symbol=parser.symbol(name) if _plain(parser, name) else Symbol(name)):
        numerator = parser.numerator_differential
        parser.numerator_differential = None
        empty = parser.at_differential() and parser.at == place
        inner = num(1) if empty else parser.expression()
        in_fraction = parser.numerator_differential is not None
        parser.numerator_differential = numerator
    parser.bars.pop()
    parser.differentials -= 1
    if not in_fraction:
        if not parser.at_differential():
            raise parser.fail("differential-expected")
        parser.take()
        parser.bare_name()
    if low is None or high is None:
        if not _of_density(parser, inner) and not _says_one(parser, inner):
            raise parser.fail("integral-without-limits", token)
        infinity = make("infinity")
        low, high = make("neg", infinity), infinity
    return make("integral", sym(name), low, high, inner, span=parser.since(max(start, 0)))


def _plain(parser: Parser, name: str) -> bool:
    symbol = parser.symbol(name)
    return symbol is not None and symbol.role == "variable" and not symbol.random and not symbol.shape.axes


def _is_law(fact: Term, name: str) -> bool:
    nodes = list(walk(fact))
    return any(n.head == "distributed" for n in nodes) and any(n.head == "call" and n.value == name for n in nodes)


def _of_density(parser: Parser, inner: Term) -> bool:
    """Whether a density stands under the integral: it is then taken over everything."""
    for node in walk(inner):
        if node.head in ("call", "dcall"):
            name = str(node.value if node.head == "call" else node.value[0])
            if name.partition("(")[0].partition("_")[0].partition("⟨")[0] in DENSITIES:
                return True
            if any(_is_law(fact, name) or _is_total(fact, name) for fact in parser.context.facts):
                return True
    return False


def _is_total(fact: Term, name: str) -> bool:
    """Whether the integral of a function over the whole line is given."""
    return any(
        n.head == "integral" and n.args[2].head == "infinity" and n.args[3].head == "call" and n.args[3].value == name
        for n in walk(fact)
    )


def _says_one(parser: Parser, inner: Term) -> bool:
    """`\\int p(x) dx = 1`: a function whose integral is a number is integrated over everything."""
    following = [parser.peek(k) for k in range(3)]
    texts = [t.text for t in following]
    return inner.head == "call" and texts[:2] == ["=", "1"] and following[2].kind == "end"


def _differential(parser: Parser, token: Token) -> tuple[str, int]:
    """The variable of the `dx` that closes this integral, and its place."""
    level = 0
    opens = 0
    place = parser.at
    while True:
        current = parser.tokens[min(place, len(parser.tokens) - 1)]
        after = parser.tokens[min(place + 1, len(parser.tokens) - 1)]
        if current.kind == "end" or level < 0:
            break
        level += current.text in ("(", "[", "\\{") and current.kind != "letter"
        level -= current.text in (")", "]", "\\}") and current.kind != "letter"
        if current.text == "\\int":
            opens += 1
        if current.text == "d" and current.kind in ("letter", "word") and after.kind == "letter" and level == 0:
            before = parser.tokens[place - 1] if place else None
            top = before is not None and before.text == "{" and place >= 2 and parser.tokens[place - 2].text == "\\frac"
            if not (top and parser.tokens[min(place + 2, len(parser.tokens) - 1)].text != "}"):
                if opens == 0:
                    saved, parser.at = parser.at, place + 1
                    name = parser.bare_name()
                    parser.at = saved
                    return name, place
                opens -= 1
        place += 1
    raise parser.fail("differential-expected", token)


def evaluation_bar(parser: Parser, term: Term, start: int) -> Term:
    """`f \\big|_{x=a}` behind a factor."""
    parser.take()
    parser.take()
    return _at_point(parser, term, start)


def _at_point(parser: Parser, term: Term, start: int) -> Term:
    tokens = parser.group_tokens()
    texts = [t.text for t in tokens]
    if "=" not in texts:
        raise parser.fail("evaluation-variable", tokens[0] if tokens else None, names="")
    at = texts.index("=")
    with parser.within(tokens[:at]):
        name = parser.bare_name()
    point = parser.read_slice(tokens[at + 1 :])
    return make("at", sym(name), point, term, span=parser.since(start))


def evaluation(parser: Parser, token: Token) -> Term:
    """`\\left. f \\right|_{x=a}`: the fence `\\left.` came first."""
    start = parser.at - 1
    parser.bars.append("given")
    inner = parser.expression()
    parser.bars.pop()
    if not (parser.peek().text in ("|", "\\vert") and parser.peek().side == "right"):
        raise parser.fail("sign-expected", wanted="\\right|")
    parser.take()
    if not parser.accept("_"):
        raise parser.fail("sign-expected", wanted="_")
    return _at_point(parser, inner, max(start, 0))


ROWS: tuple[Row, ...] = (
    Row(("\\int",), "integral", "\\int_0^1 x^2 \\, dx", r"\int_{0}^{1} \left(x^{2}\right) \,d x", (), integral),
    Row(("|",), "at", "\\left. f(x) \\right|_{x=a}", r"\left.f\left(x\right)\right|_{x = a}", _F),
    Row(
        ("[",),
        "at",
        "\\left[ x^2 \\right]_0^1",
        r"\left.x^{2}\right|_{x = 1} - \left.x^{2}\right|_{x = 0}",
        ("x \\in \\mathbb{R}",),
    ),
)
