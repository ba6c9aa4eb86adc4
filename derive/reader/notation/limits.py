"""Limits, optimisers and optimal values; `argmax` takes the whole sum that follows, `max` the product."""

from __future__ import annotations

from collections.abc import Callable

from derive.language.context import Symbol
from derive.language.term import Term, fresh_name, make, num, sym
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Prefix, Row

_F = ("f : \\mathbb{R} \\to \\mathbb{R}", "x, y, a \\in \\mathbb{R}")


def limit(parser: Parser, token: Token) -> Term:
    """`\\lim_{x \\to a} f`."""
    from derive.reader.notation.sums import body

    start = parser.at - 1
    if not parser.accept("_"):
        raise parser.fail("sign-expected", wanted="_")
    tokens = parser.group_tokens()
    name, point, side = _approach(parser, tokens)
    symbol = parser.symbol(name)
    if symbol is not None and symbol.role in ("size", "index"):
        with parser.bound(name, symbol=symbol):
            inner = body(parser)
    else:
        with parser.bound(name, role="variable"):
            inner = body(parser)
    return make("limit", sym(name), point, inner, value=side, span=parser.since(max(start, 0)))


def _approach(parser: Parser, tokens: list[Token]) -> tuple[str, Term, str]:
    from derive.reader.notation.sets import read_point

    with parser.within(tokens):
        name = parser.bare_name()
        if not parser.accept("\\to", "\\rightarrow", "\\longrightarrow"):
            raise parser.fail("sign-expected", wanted="\\to")
        point, side = read_point(parser)
    return name, point, side


def limit_subscript(parser: Parser, term: Term, tokens: list[Token], start: int) -> Term:
    """`f(t)_{t \\to \\infty}`."""
    name, point, side = _approach(parser, tokens)
    # f(t)_{t → a} = g(t): the limit may be meant on both sides or on one, and the two readings differ.
    outside = (*parser.tokens[:start], *parser.tokens[parser.at :])
    if any(token.text == tokens[0].text for token in outside):
        raise parser.fail("limit-reach", tokens[0], name=name)
    return make("limit", sym(name), point, term, value=side, span=parser.since(start))


_INDICES = frozenset("ijklmn")
_OPENING = frozenset(["(", "[", "{", "\\{"])
_CLOSING = frozenset([")", "]", "}", "\\}"])
_ORDERS = frozenset(["<", ">", "\\le", "\\leq", "\\leqslant", "\\ge", "\\geq", "\\geqslant", "\\lt", "\\gt"])


def _is_name(tokens: list[Token]) -> bool:
    """Whether a subscript begins with the variable itself: alone, or as a member of a set."""
    texts = [t.text for t in tokens]
    return "\\in" in texts or not any(t in _ORDERS or t in ("=", "\\|", "\\Vert", "\\lVert") for t in texts)


def _optimised(parser: Parser, tokens: list[Token], token: Token) -> list[Token]:
    """The variable of a subscript that is a condition: `w \\ge 0`, `l \\le w \\le u`, `\\|w\\| = 1`, `w^T w = 1`.

    It is the side that is a single name, the middle one of three; else the only name of the condition that occurs in
    what is optimised.
    """
    from derive.reader.notation.sums import split_at

    sides = split_at(tokens, (*_ORDERS, "="))
    chosen = sides[1] if len(sides) == 3 else sides[0]
    if len(sides) in (2, 3) and len(chosen) == 1 and chosen[0].kind in ("letter", "word"):
        return chosen
    body = {t.text for t in parser.tokens[parser.at :]}
    names: dict[str, Token] = {}
    for before, here in zip([token, *tokens], tokens, strict=False):
        if here.kind in ("letter", "word") and before.text != "^" and here.text in body:
            names.setdefault(here.text, here)
    if len(names) != 1:
        raise parser.fail("optimiser-variable", token)
    return list(names.values())


def _membership(parser: Parser, name: str) -> Term:
    """That a variable, which may be a vector or matrix declared as such, lies in a set."""
    from derive.language.affine import term_of
    from derive.reader.notation.sets import read_set, within

    start = parser.at
    found = read_set(parser)
    if not found.shape.axes:
        return within(parser, sym(name), found, start)
    symbol = parser.context.symbols.get(name)
    if symbol is None or symbol.family or symbol.shape != found.shape or found.kind not in ("numbers", "simplex"):
        raise parser.fail("declaration-not-statement", span=parser.since(start))
    if found.domain.kind == "real":
        return make("true")
    if found.shape.rank != 1:
        raise parser.fail("declaration-not-statement", span=parser.since(start))
    index, size = sym(fresh_name("i", set(parser.context.symbols))), term_of(found.shape.axes[0][0])
    first = num(1)
    entry = make("entry", sym(name), index)
    inside = within(parser, entry, found, start)
    statement = make("forall", index, first, size, inside)
    if found.kind == "simplex":
        total = make("eq", make("sum", index, first, size, entry), first)
        statement = make("and", total, make("forall", index, first, size, make("ge", entry, num(0))))
    return statement


def _optimised_over(parser: Parser, token: Token, tokens: list[Token], read: Callable[[], Term]) -> list[Term]:
    """The variable of a subscript, what is optimised, and the constraint where there is one."""
    from derive.language.affine import term_of
    from derive.reader.notation.sums import split_at

    pieces = split_at(tokens, (":", ",", "\\mid", "|"))
    if not _is_name(pieces[0]):
        pieces = [_optimised(parser, pieces[0], token), *pieces]
    texts = [t.text for t in pieces[0]]
    at = texts.index("\\in") if "\\in" in texts else len(texts)
    with parser.within(pieces[0][:at]):
        name = parser.bare_name()
    symbol = parser.symbol(name)
    index = symbol is not None and symbol.role == "index"
    constraints: list[Term] = []
    pending = parser.pending.get(name)
    undeclared = symbol is None
    if undeclared:
        parser.optimised.add(name)
    with parser.bound(
        name,
        role="index" if index or undeclared else "variable",
        symbol=symbol if symbol is not None else Symbol(name, role="index"),
    ):
        if at < len(texts):
            with parser.within(pieces[0][at + 1 :]):
                statement = _membership(parser, name)
            if statement.head != "true":
                constraints.append(statement)
        constraints += [parser.read_slice(piece, parser.statement) for piece in pieces[1:]]
        parser.pending[name] = []
        body = read()
        found = list(dict.fromkeys(parser.pending.pop(name)))
    if pending is not None:
        parser.pending[name] = pending
    if (undeclared or index) and not constraints and found:
        if len(found) > 1:
            raise parser.fail("range-unclear", token, name=name, ranges="; ".join(f"{r.low} … {r.high}" for r in found))
        if undeclared:
            parser.optimised.discard(name)
            parser.note_unknown(name, token.span, "index").ranges += found
        low, high = term_of(found[0].low), term_of(found[0].high)
        constraints = [make("and", make("ge", sym(name), low), make("le", sym(name), high))]
    args = [sym(name), body]
    if constraints:
        args.append(constraints[0] if len(constraints) == 1 else make("and", *constraints))
    return args


def optimum(parser: Parser, token: Token, head: str, written: str, tokens: list[Token]) -> Term:
    """`\\min_{w} f(w)` over a variable that is no index, with the product that follows."""
    from derive.reader.notation.sums import body

    start = parser.at - 1
    args = _optimised_over(parser, token, tokens, lambda: body(parser))
    name = args[0].name
    depth = 0
    for later in parser.tokens[parser.at :]:
        depth += (later.text in _OPENING) - (later.text in _CLOSING)
        if depth < 0 or (depth == 0 and later.text in (*_ORDERS, "=", ",")):
            break
        if later.text == tokens[0].text:
            raise parser.fail("optimum-reach", later, name=name)
    return make(head, *args, value=written, span=parser.since(max(start, 0)))


def is_optimum(parser: Parser, tokens: list[Token]) -> bool:
    """Whether a subscript of `\\min` says a variable that is no index: one over an interval or a space, or declared."""
    from derive.reader.notation.sums import split_at

    first, *rest = split_at(tokens, (":", ",", "\\mid", "|"))
    texts = [t.text for t in first]
    if any(len(piece) == 1 for piece in rest):
        return False  # several variables
    if "\\in" in texts:
        after = texts[texts.index("\\in") + 1 :]
        return after[:1] in (["ℝ"], ["["], ["("], ["]"])
    names = [t for t in first if t.kind in ("letter", "word")]
    if not names:
        return False
    with parser.within([names[0]]):
        symbol = parser.symbol(parser.bare_name())
    if symbol is not None:
        return symbol.role not in ("index", "size") and symbol.domain.kind in ("real", "interval")
    alone = len(first) == 1 or (names[0].text not in _INDICES and sum(t in _ORDERS for t in texts) == 1)
    return alone and not _is_subscript(parser, names[0].text)


def _is_subscript(parser: Parser, name: str) -> bool:
    """Whether a letter occurs in a script of what follows."""
    depth, inside = 0, -1
    before = ""
    for token in parser.tokens[parser.at :]:
        if before in ("_", "^") and token.text == "{" and inside < 0:
            inside = depth
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth <= inside:
            inside = -1
        if token.text == name and (inside >= 0 or before == "_"):
            return True
        before = token.text
    return False


def optimiser(head: str) -> Prefix:
    """`\\arg\\max_\\theta f`, with the whole sum that follows."""

    def prefix(parser: Parser, token: Token) -> Term:
        start = parser.at - 1
        kind = head
        if token.text == "\\arg":
            following = parser.take()
            run = following.text
            if run not in ("\\max", "\\min", "max", "min"):
                raise parser.fail("not-expected-here", following)
            kind = "argmax" if run.endswith("max") else "argmin"
        if not parser.accept("_"):
            raise parser.fail("optimiser-variable", token)
        args = _optimised_over(parser, token, parser.group_tokens(), parser.expression)
        return make(kind, *args, span=parser.since(max(start, 0)))

    return prefix


def supremum(parser: Parser, token: Token) -> Term:
    """`\\sup_x f(x)` and `\\inf_x f(x)` over a variable that is no index."""
    from derive.reader.notation.sums import limits

    if parser.peek().text == "_":
        below, above = limits(parser)
        if above is None and is_optimum(parser, below):
            least = token.text == "\\inf"
            return optimum(parser, token, "minvalue" if least else "maxvalue", "inf" if least else "sup", below)
    raise parser.fail("notation-unsupported", token)


ROWS: tuple[Row, ...] = (
    Row(("\\lim",), "limit", "\\lim_{x \\to 0^+} f(x)", r"\lim_{x \to 0^{+}} \left(f\left(x\right)\right)", _F, limit),
    Row(("_",), "limit", "f(x)_{x \\to \\infty}", r"\lim_{x \to \infty} \left(f\left(x\right)\right)", _F),
    Row(
        ("\\arg", "\\argmax", "argmax"),
        "argmax",
        "\\arg\\max_x f(x)",
        r"\arg\max_{x} \left[f\left(x\right)\right]",
        _F,
        optimiser("argmax"),
    ),
    Row(
        ("argmin", "\\argmin"),
        "argmin",
        "\\operatorname*{arg\\,min}_x f(x)",
        r"\arg\min_{x} \left[f\left(x\right)\right]",
        _F,
        optimiser("argmin"),
    ),
    Row(
        ("\\sup",),
        "maxvalue",
        "\\sup_{x \\in [0, 1]} f(x)",
        r"\sup_{x : x \ge 0 \land x \le 1} \left[f\left(x\right)\right]",
        _F,
        supremum,
    ),
    Row(("\\inf",), "minvalue", "\\inf_x f(x)", r"\inf_{x} \left[f\left(x\right)\right]", _F, supremum),
)
