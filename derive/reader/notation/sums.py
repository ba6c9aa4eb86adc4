"""Big operators: sums and products, the ranges below and above them, and ranges that follow from use."""

from __future__ import annotations

from collections.abc import Callable

from derive.language.affine import affine_of
from derive.language.context import Range
from derive.language.term import Term, make, num, sym
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Row

_FAMILY = ("x_i \\in \\mathbb{R}, i = 1, \\dots, n",)


def big_operator(parser: Parser, token: Token) -> Term:
    """`\\sum` and `\\prod`, with a range, a set, conditions, or a range that follows from what is summed."""
    head = "sum" if token.text == "\\sum" else "prod"
    below, above = limits(parser)
    return ranged(parser, head, below, above, token, body)


def body(parser: Parser) -> Term:
    """What a big operator reaches: the product that follows, minus included."""
    start = parser.at
    minus = parser.accept("-")
    inner = parser.product()
    return make("neg", inner, span=parser.since(start)) if minus else inner


def limits(parser: Parser) -> tuple[list[Token], list[Token] | None]:
    """The tokens below and above a big operator."""
    below: list[Token] | None = None
    above: list[Token] | None = None
    while parser.peek().kind == "sign" and parser.peek().text in ("_", "^"):
        sign = parser.take()
        tokens = parser.group_tokens()
        if (below if sign.text == "_" else above) is not None:
            raise parser.fail("double-script", sign)
        if not tokens:
            raise parser.fail("script-empty", sign)
        if sign.text == "_":
            below = tokens
        else:
            above = tokens
    return below or [], above


def ranged(
    parser: Parser,
    head: str,
    below: list[Token],
    above: list[Token] | None,
    token: Token,
    read: Callable[[Parser], Term],
) -> Term:
    """A binder over the range that its scripts say."""
    start = parser.at - 1
    if not below:
        raise parser.fail("range-missing", token)
    pieces = split_at(below, (",",))
    first = pieces[0]
    texts = [t.text for t in first]
    if "=" in texts:
        at = texts.index("=")
        names = [*(_name(parser, p) for p in split_at(first[:at], (",",)))]
        lead: list[str] = []
        if above is None:
            raise parser.fail("range-end-missing", token)
        low, high = range_end(parser, first[at + 1 :]), range_end(parser, above)
        note_sizes(parser, low, high)
        return _bind(parser, head, [*lead, *names], [(low, high)] * len(names), pieces[1:], read, start)
    if len(pieces) > 1 and any(t.text == "=" for t in pieces[-1]) and all(len(p) == 1 for p in pieces[:-1]):
        at = [t.text for t in pieces[-1]].index("=")
        names = [_name(parser, p) for p in [*pieces[:-1], pieces[-1][:at]]]
        if above is None:
            raise parser.fail("range-end-missing", token)
        low, high = range_end(parser, pieces[-1][at + 1 :]), range_end(parser, above)
        note_sizes(parser, low, high)
        return _bind(parser, head, names, [(low, high)] * len(names), [], read, start)
    if above is not None:
        raise parser.fail("range-start-missing", token)
    if "\\in" in texts:
        at = texts.index("\\in")
        from derive.reader.notation.sets import index_range

        name = _name(parser, first[:at])
        with parser.within(first[at + 1 :]):
            low, high = index_range(parser)
        return _bind(parser, head, [name], [(low, high)], pieces[1:], read, start)
    relations = [k for k, t in enumerate(texts) if t in ("<", "\\le", "\\leq", "\\leqslant", "\\lt")]
    if len(relations) == 3:
        return _ordered_pair(parser, head, first, relations, pieces[1:], read, start)
    if len(relations) == 2:
        one, two = relations
        name = _name(parser, first[one + 1 : two])
        low, high = range_end(parser, first[:one]), range_end(parser, first[two + 1 :])
        if texts[one] in ("<", "\\lt"):
            low = make("add", low, num(1))
        if texts[two] in ("<", "\\lt"):
            high = make("add", high, make("neg", num(1)))
        note_sizes(parser, low, high)
        return _bind(parser, head, [name], [(low, high)], pieces[1:], read, start)
    if all(len(_strip(p)) >= 1 and _is_name(p) for p in pieces):
        names = [_name(parser, p) for p in pieces]
        return _inferred(parser, head, names, [], read, start, token)
    # conditions alone: j ≠ k, i < j
    names = []
    for piece in pieces:
        for part in split_at(piece, ("<", ">", "\\ne", "\\neq", "\\le", "\\leq", "\\ge", "\\geq", "\\lt", "\\gt")):
            if _is_name(part):
                name = _name(parser, part)
                if name not in names and parser.symbol(name) is None:
                    names.append(name)
    bound = names or [_name(parser, split_at(first, ("\\ne", "\\neq", "<", ">", "\\le", "\\leq", "\\ge", "\\geq"))[0])]
    if bound and len(bound) > 1:
        lead_name = _name(parser, split_at(first, ("\\ne", "\\neq", "<", ">", "\\le", "\\leq", "\\ge", "\\geq"))[0])
        if "\\ne" in texts or "\\neq" in texts:
            # \sum_{j \ne k}: the first letter runs, the other is fixed
            bound = [lead_name]
        else:
            bound = [n for n in bound if n != lead_name] + [lead_name]
    return _inferred(parser, head, bound, pieces, read, start, token)


def _ordered_pair(
    parser: Parser,
    head: str,
    tokens: list[Token],
    relations: list[int],
    conditions: list[list[Token]],
    read: Callable[[Parser], Term],
    start: int,
) -> Term:
    """`\\sum_{1 \\le i < j \\le n}`: two indices in one range, and the condition between them."""
    one, two, three = relations
    names = [_name(parser, tokens[one + 1 : two]), _name(parser, tokens[two + 1 : three])]
    low, high = range_end(parser, tokens[:one]), range_end(parser, tokens[three + 1 :])
    if tokens[one].text in ("<", "\\lt"):
        low = make("add", low, num(1))
    if tokens[three].text in ("<", "\\lt"):
        high = make("add", high, make("neg", num(1)))
    note_sizes(parser, low, high)
    return _bind(parser, head, names, [(low, high)] * 2, [tokens[one + 1 : three], *conditions], read, start)


def split_at(tokens: list[Token], signs: tuple[str, ...]) -> list[list[Token]]:
    """Tokens cut at signs that stand in no bracket."""
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        level += token.text in ("(", "[", "\\{", "{")
        level -= token.text in (")", "]", "\\}", "}")
        if token.text in signs and token.kind in ("sign", "command") and level == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _strip(tokens: list[Token]) -> list[Token]:
    return [t for t in tokens if t.text not in ("{", "}")]


def _is_name(tokens: list[Token]) -> bool:
    return bool(tokens) and (len(tokens) == 1 or tokens[1].text == "'") and tokens[0].kind in ("letter", "word")


def _name(parser: Parser, tokens: list[Token]) -> str:
    if not tokens:
        raise parser.fail("name-expected")
    found: list[str] = []
    with parser.within(tokens):
        found.append(parser.bare_name())
    return found[0]


def range_end(parser: Parser, tokens: list[Token]) -> Term:
    """The end of a range."""
    texts = [t.text for t in tokens]
    if texts in (["\\infty"], ["+", "\\infty"]):
        return make("infinity", span=tokens[-1].span)
    if texts == ["-", "\\infty"]:
        return make("neg", make("infinity", span=tokens[-1].span))
    return parser.read_slice(tokens)


def note_sizes(parser: Parser, *ends: Term) -> None:
    """Letters at the ends of a range count something."""
    for end in ends:
        affine = affine_of(end)
        if affine is not None:
            for name in affine.names:
                if name in parser.unknown:
                    parser.unknown[name].roles.add("size")


def _bind(
    parser: Parser,
    head: str,
    names: list[str],
    ends: list[tuple[Term, Term]],
    conditions: list[list[Token]],
    read: Callable[[Parser], Term],
    start: int,
) -> Term:
    with parser.bound(*names):
        extra = [parser.read_slice(c, parser.statement) for c in conditions]
        result: Term = read(parser)
    for position in reversed(range(len(names))):
        low, high = ends[position]
        parts = [sym(names[position]), low, high, result]
        if extra and position == len(names) - 1:
            parts.append(extra[0] if len(extra) == 1 else make("and", *extra))
        result = make(head, *parts, span=parser.since(max(start, 0)))
    return result


def _inferred(
    parser: Parser,
    head: str,
    names: list[str],
    conditions: list[list[Token]],
    read: Callable[[Parser], Term],
    start: int,
    token: Token,
) -> Term:
    """A binder whose ranges follow from the indices of what is summed."""
    from derive.reader.formula.inference import intersection

    ranges: dict[str, Range] = {}
    declared: dict[str, Range] = {}
    for name in names:
        symbol = parser.context.symbols.get(name)
        if symbol is not None and symbol.role == "index" and name not in parser.scope:
            low = affine_of(symbol.domain.low) if symbol.domain.low is not None else None
            high = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
            if low is not None and high is not None:
                declared[name] = Range(low, high)
    saved = {name: parser.pending.get(name) for name in names}
    with parser.bound(*names):
        for name in names:
            parser.pending[name] = []
        extra = [parser.read_slice(c, parser.statement) for c in conditions]
        result: Term = read(parser)
        for name in names:
            found = parser.pending.pop(name)
            common = intersection(found)
            if found and common is None:
                texts = "; ".join(f"{r.low} … {r.high}" for r in dict.fromkeys(found))
                raise parser.fail("range-unclear", token, name=name, ranges=texts)
            if common is None and name not in declared:
                raise parser.fail("range-missing", token, name=name)
            ranges[name] = declared[name] if common is None else common
    for name, old in saved.items():
        if old is not None:
            parser.pending[name] = old
    from derive.language.affine import term_of

    for position in reversed(range(len(names))):
        ends = ranges[names[position]]
        parts = [sym(names[position]), term_of(ends.low), term_of(ends.high), result]
        if extra and position == len(names) - 1:
            parts.append(extra[0] if len(extra) == 1 else make("and", *extra))
        result = make(head, *parts, span=parser.since(max(start, 0)))
    return result


ROWS: tuple[Row, ...] = (
    Row(
        ("\\sum",),
        "sum",
        "\\sum_{i \\ne k} x_i",
        r"\sum_{i = 1, i \ne k}^{n} x_{i}",
        (*_FAMILY, "k \\in \\{1, \\dots, n\\}"),
        big_operator,
    ),
    Row(("\\prod",), "prod", "\\prod_{i=1}^n x_i", r"\prod_{i = 1}^{n} x_{i}", _FAMILY, big_operator),
    Row(("\\dots", "\\ldots", "\\cdots"), "sum", "x_1 + x_2 + \\dots + x_n", r"\sum_{j = 1}^{n} x_{j}", _FAMILY),
)
