"""Expectations, variances, probabilities, indicators."""

from __future__ import annotations

from derive.language.term import Term, make, num, walk
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import DOTS
from derive.reader.latex.tokens import Token
from derive.reader.notation.expectations import Against, binder, element_symbol, random_names, read_subscript
from derive.reader.notation.functions import function_argument
from derive.reader.notation.table import Prefix, Row

_XY = ("X, Y are random variables",)


def _bracket(parser: Parser, token: Token) -> None:
    if parser.peek().text not in ("(", "[", "\\{") or parser.peek().kind not in ("sign", "command"):
        raise parser.fail("sign-expected", wanted="[")


def _contents(parser: Parser, statements: bool = False) -> tuple[list[Term], list[Term]]:
    """The arguments in a bracket and what stands behind `\\mid`."""
    args: list[Term] = []
    given: list[Term] = []
    read_one = parser.statement if statements else parser.expression

    def read() -> Term:
        args.append(read_one())
        while parser.accept(",", ";"):
            dots = parser.accept(*DOTS) if statements else None
            if dots is None:
                args.append(read_one())
            else:  # `X_1 \\le t, \\dots, X_n \\le t`
                parser.expect(",")
                args[:] = [parser.series("forall", args, read_one(), dots)]
        if parser.accept("\\mid", "|", "\\vert"):
            given.append(parser.statement())
            while parser.accept(","):
                given.append(parser.statement())
        return args[0]

    parser.in_moment += 1
    parser.enclosed(read, bars="given")
    parser.in_moment -= 1
    return args, given


def read_expectation(parser: Parser, token: Token, doubtful: bool = False) -> Term | None:
    """`E[X \\mid Y]`; where E may be a function, only over something random."""
    start = parser.at - 1
    against, over = None, None
    if parser.peek().text == "_":
        parser.take()
        against, over = read_subscript(parser, token, parser.group_tokens())
    if against is not None:
        return _against(parser, token, against, start)
    if not doubtful and parser.peek().text not in ("(", "[", "\\{"):
        parser.in_moment += 1
        alone = function_argument(parser, token)
        parser.in_moment -= 1
        return make("expect", alone, span=parser.since(max(start, 0)))
    args, given = _contents(parser)
    if len(args) != 1:
        if doubtful:
            return None
        raise parser.fail("argument-count", token, name="E", wanted=1, found=len(args))
    if doubtful and not is_random(parser, args[0]):
        return None
    if over is not None and not random_names(parser, args[0]) <= over:
        raise parser.fail("expectation-partial", token, names=", ".join(sorted(random_names(parser, args[0]) - over)))
    return make("expect", args[0], *given, span=parser.since(max(start, 0)))


def _against(parser: Parser, token: Token, against: Against, start: int) -> Term:
    """`E_{x \\sim p}[f(x)]`, where x has its meaning inside the bracket only."""
    _bracket(parser, token)
    if against.letter:
        with parser.bound(against.letter, role="variable", symbol=element_symbol(against)):
            args, given = _contents(parser)
    else:
        args, given = _contents(parser)
    if len(args) != 1 or given:
        raise parser.fail("argument-count", token, name="E", wanted=1, found=len(args) + len(given))
    return binder(parser, against, args[0], token).with_span(parser.since(max(start, 0)))


def is_random(parser: Parser, term: Term) -> bool:
    """Whether something random or an event occurs in a term."""
    for node in walk(term):
        if node.head in ("sym", "call"):
            symbol = parser.symbol(node.name)
            if symbol is not None and (symbol.random or symbol.role == "event"):
                return True
            definition = parser.context.definitions.get(node.name)
            plain = definition is not None and not definition.params and node.name not in parser.scope
            if plain and definition is not None and is_random(parser, definition.body):
                return True
    return False


def expectation(parser: Parser, token: Token) -> Term:
    """`\\mathbb{E}[X]`."""
    result = read_expectation(parser, token)
    assert result is not None
    return result


def read_probability(parser: Parser, token: Token) -> Term | None:
    """`P(A \\mid B)` where its arguments are events; None where they are values (then P is a density)."""
    start = parser.at - 1
    unknown = dict(parser.unknown)
    args, given = _contents(parser, statements=True)
    if any(is_sure(parser, a) for a in args):
        parser.unknown.pop("Ω", None)
        args = [make("true", span=a.span) if is_sure(parser, a) else a for a in args]
    if not all(_is_statement(parser, a) for a in args):
        parser.unknown = unknown
        return None
    return _probability(parser, args, given, max(start, 0))


def is_sure(parser: Parser, term: Term) -> bool:
    """Whether a term is Ω, the sure event, where nothing declares that letter."""
    return term.head == "sym" and term.name == "Ω" and parser.symbol("Ω") is None


def _is_statement(parser: Parser, term: Term) -> bool:
    return term.head in _STATEMENTS or parser.is_event(term)


_STATEMENTS = frozenset(
    ["eq", "ne", "lt", "le", "gt", "ge", "approx", "and", "or", "not", "implies", "iff", "forall", "true"]
)


def _probability(parser: Parser, args: list[Term], given: list[Term], start: int) -> Term:
    parts = [args[0] if len(args) == 1 else make("and", *args)]
    if given:
        parts.append(given[0] if len(given) == 1 else make("and", *given))
    return make("prob", *parts, span=parser.since(start))


def probability(parser: Parser, token: Token) -> Term:
    """`\\Pr(X \\ge a)`, `\\mathbb{P}(A \\mid B)`."""
    start = parser.at - 1
    _bracket(parser, token)
    args, given = _contents(parser, statements=True)
    for arg in args:
        if not _is_statement(parser, arg):
            raise parser.fail("event-expected", span=arg.span)
    return _probability(parser, args, given, max(start, 0))


def moment(head: str) -> Prefix:
    """`\\operatorname{Var}(X \\mid Y)`, `\\operatorname{Cov}(X, Y)`."""

    def prefix(parser: Parser, token: Token) -> Term:
        _bracket(parser, token)
        args, given = _contents(parser)
        if head == "covariance" and len(args) == 1:
            return make("variance", *args, *given)  # Cov(X) is the covariance matrix of X with itself
        wanted = (1,) if head == "variance" else (2,)
        if len(args) not in wanted:
            raise parser.fail("argument-count", token, name=token.text, wanted=wanted[0], found=len(args))
        return make(head, *args, *given)

    return prefix


def indicator(parser: Parser, token: Token) -> Term:
    """`\\mathbb{1}[x > 0]`, `\\mathbf 1\\{…\\}`, `\\mathbb{1}_{x > 0}`; else a vector of ones `\\mathbf 1_n`."""
    start = parser.at - 1
    if parser.peek().text in ("[", "\\{") and parser.peek().kind in ("sign", "command"):
        return make("indicator", _statement_in(parser), span=parser.since(start))
    if parser.peek().text == "(" and token.text in ("\\mathbb1", "𝕀"):
        return make("indicator", _statement_in(parser), span=parser.since(start))
    if parser.peek().text == "_":
        parser.take()
        tokens = parser.group_tokens()
        inner = tokens
        if tokens and tokens[0].text == "\\{" and tokens[-1].text == "\\}":
            inner = tokens[1:-1]
        if any(t.text in _RELATION_SIGNS or _is_event_token(parser, t) for t in inner):
            return make("indicator", parser.read_slice(inner, parser.statement), span=parser.since(start))
        from derive.language.affine import affine_of
        from derive.reader.latex.indices import note_sizes

        size = affine_of(parser.read_slice(tokens))
        if size is None:
            raise parser.fail("size-expected", tokens[0])
        note_sizes(parser, size.names, tokens[0].span)
        return make("ones", value=size, span=parser.since(start))
    return make("ones", span=token.span)


def _is_event_token(parser: Parser, token: Token) -> bool:
    symbol = parser.symbol(token.text) if token.kind in ("letter", "word") else None
    return symbol is not None and symbol.role == "event"


def _statement_in(parser: Parser) -> Term:
    parts: list[Term] = []

    def read() -> Term:
        parts.append(parser.statement())
        while parser.accept(","):
            parts.append(parser.statement())
        return parts[0]

    parser.enclosed(read)
    for part in parts:
        if not _is_statement(parser, part):
            raise parser.fail("condition-expected", span=part.span)
    return parts[0] if len(parts) == 1 else make("and", *parts)


_RELATION_SIGNS = frozenset(
    ["=", "<", ">", "\\le", "\\ge", "\\leq", "\\geq", "\\ne", "\\neq", "\\in", "\\leqslant", "\\geqslant"]
)


def zero(parser: Parser, token: Token) -> Term:
    """`\\mathbf{0}`: zero of whatever shape its neighbours have."""
    return num(0, token.span)


ROWS: tuple[Row, ...] = (
    Row(("𝔼",), "expect", "\\mathbb{E}[X \\mid Y]", r"\mathbb{E}\left[X \mid Y\right]", _XY, expectation),
    Row(("E",), "expect", "E[X Y]", r"\mathbb{E}\left[X Y\right]", _XY),
    Row(
        ("Var", "\\Var", "𝕍"),
        "variance",
        "\\operatorname{Var}(X)",
        r"\operatorname{Var}\left(X\right)",
        _XY,
        moment("variance"),
    ),
    Row(
        ("Cov", "\\Cov"),
        "covariance",
        "\\operatorname{Cov}(X, Y)",
        r"\operatorname{Cov}\left(X, Y\right)",
        _XY,
        moment("covariance"),
    ),
    Row(("\\Pr", "ℙ", "Pr"), "prob", "\\Pr(X \\ge 1)", r"\mathbb{P}\left(X \ge 1\right)", _XY, probability),
    Row(("P",), "prob", "P(A \\mid B)", r"\mathbb{P}\left(A \mid B\right)", ("A, B are events",)),
    Row(
        ("\\mathbb1", "\\mathbf1", "𝕀"),
        "indicator",
        "\\mathbf{1}\\{X \\ge 1\\}",
        r"\mathbb{1}\left[X \ge 1\right]",
        _XY,
        indicator,
    ),
    Row(("\\mathbf0",), "num", "x + \\mathbf{0}", "x + 0", ("x \\in \\mathbb{R}^n",), zero),
    Row(("^c",), "not", "P(A^c)", r"\mathbb{P}\left(\lnot \left(A\right)\right)", ("A is an event",)),
)
