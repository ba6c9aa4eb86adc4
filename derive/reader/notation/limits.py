"""Limits and optimisers; `argmax` takes the whole sum that follows."""

from __future__ import annotations

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


def optimiser(head: str) -> Prefix:
    """`\\arg\\max_\\theta f`, with the whole sum that follows."""

    def prefix(parser: Parser, token: Token) -> Term:
        from derive.language.affine import term_of
        from derive.reader.notation.sums import split_at

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
        tokens = parser.group_tokens()
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
            body = parser.expression()
            found = list(dict.fromkeys(parser.pending.pop(name)))
        if pending is not None:
            parser.pending[name] = pending
        if (undeclared or index) and not constraints and found:
            if len(found) > 1:
                raise parser.fail(
                    "range-unclear", token, name=name, ranges="; ".join(f"{r.low} … {r.high}" for r in found)
                )
            if undeclared:
                parser.optimised.discard(name)
                parser.note_unknown(name, token.span, "index").ranges += found
            low, high = term_of(found[0].low), term_of(found[0].high)
            constraints = [make("and", make("ge", sym(name), low), make("le", sym(name), high))]
        args = [sym(name), body]
        if constraints:
            args.append(constraints[0] if len(constraints) == 1 else make("and", *constraints))
        return make(kind, *args, span=parser.since(max(start, 0)))

    return prefix


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
)
