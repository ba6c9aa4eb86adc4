"""One formula: a chain of relations, statements joined by arrows, a definition.

`read_formula` reads the whole of a text or says where it cannot. The terms it returns are as written; `conform` checks
their shapes. A line may begin with a relation (it continues the expression before it) or an arrow, may hold several
statements, and may end in the ranges its indices run over.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from derive.language.affine import Affine, affine_of, term_of, variable
from derive.language.context import SCALAR, Context, Definition, Range, Role, Shape, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make, sym
from derive.reader.inference import Inferred, fit, index_symbol, infer
from derive.reader.latex.calls import DENSITIES, argument_letters, indexed_pattern, read_arguments
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import gather, index_units, label_text, with_sub
from derive.reader.latex.names import label_above, read_base
from derive.reader.latex.parser import Parser
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.signs import ARROWS, DOTS, RELATIONS, prefixes
from derive.reader.latex.tokens import Macros, Token, Untokenizable
from derive.reader.notation.probability import is_random

LONGEST = 20000
NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Segment:
    """A chain `terms[0] heads[0] terms[1] …`, or a statement that is no chain (`heads` empty).

    `connective` joins it to the segment before (`implies`, `iff`, or nothing); `lead` is the relation it begins with,
    whose left side stands on an earlier line.
    """

    terms: tuple[Term, ...]
    heads: tuple[str, ...]
    connective: str = ""
    lead: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: its segments, the roles inferred for undeclared names, the name it defines.

    `context` is the given context with inferred symbols and ranges; the definition is not in it.
    """

    segments: tuple[Segment, ...]
    context: Context
    inferred: tuple[Symbol, ...] = ()
    definition: tuple[Symbol, Definition] | None = None
    ranges: tuple[tuple[str, Range], ...] = ()


def read_formula(
    text: str,
    context: Context,
    offset: int = 0,
    macros: Macros | None = None,
    tokens: list[Token] | None = None,
    define: bool = True,
) -> Reading | Problem:
    """Read one formula in a context; `offset` is where the text stands in its file.

    With `define` false a first equality for an unknown name is no definition.
    """
    if len(text) > LONGEST:
        return Problem("formula-too-long", Span(offset, offset + len(text)))
    try:
        found = tokens if tokens is not None else tokenize(text, offset, macros)
        return _read(found, context, offset + len(text.rstrip()), define)
    except (Unreadable, Untokenizable) as error:
        return error.problem
    except RecursionError:
        return Problem("nested-too-deep", Span(offset, offset + len(text)))


def conform(term: Term, context: Context) -> Checked | Problem:
    """Check the shapes of a statement or expression."""
    return elaborate(term, context)


# ranges at the end of a line


def split_top(tokens: list[Token], signs: tuple[str, ...] = (",",)) -> list[list[Token]]:
    """Tokens cut at signs that stand in no bracket."""
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        if token.kind in ("sign", "command"):
            level += token.text in ("(", "[", "{", "\\{", "\\begin", "\\langle", "\\lvert", "\\lVert")
            level -= token.text in (")", "]", "}", "\\}", "\\end", "\\rangle", "\\rvert", "\\rVert")
            if token.text in signs and level == 0:
                parts.append([])
                continue
        parts[-1].append(token)
    return parts


def cut_ranges(tokens: list[Token], context: Context) -> tuple[list[Token], dict[str, Range], dict[str, Symbol]]:
    """Cut `, i = 1, …, n` (and `, j ∈ {…}`, `for all i = …`) off the end: the rest, the ranges, the sizes in them."""
    ranges: dict[str, Range] = {}
    sizes: dict[str, Symbol] = {}
    pieces = split_top(tokens)
    while True:
        cut = _last_range(pieces, context)
        if cut is None:
            break
        pieces, names, low, high = cut
        for name in names:
            ranges[name] = Range(low, high)
        for name in low.names | high.names:
            if name not in context.symbols and name != "∞":
                sizes[name] = Symbol(name, role="size")
    rest: list[Token] = []
    for position, piece in enumerate(pieces):
        if position:
            rest.append(_comma_between(tokens, pieces[position - 1], piece))
        rest += piece
    while (
        rest and (rest[-1].text in (",", "\\quad") or (rest[-1].kind == "text" and _is_for(rest[-1].text))) and ranges
    ):
        rest.pop()
    return rest, ranges, sizes


def _comma_between(tokens: list[Token], before: list[Token], after: list[Token]) -> Token:
    low = before[-1].end if before else tokens[0].start
    for token in tokens:
        if token.text == "," and token.start >= low:
            return token
    return Token("sign", ",", low, low)


def _is_for(text: str) -> bool:
    return text.strip(" ,.:").lower() in ("for", "for all", "for every", "for each", "where", "with", "and", "all")


def _bare(piece: list[Token]) -> list[Token]:
    while piece and (
        piece[0].text in ("\\forall", "\\quad", "(") or (piece[0].kind == "text" and _is_for(piece[0].text))
    ):
        piece = piece[1:]
    return piece


def _last_range(
    pieces: list[list[Token]], context: Context
) -> tuple[list[list[Token]], list[str], Affine, Affine] | None:
    """The range that the last pieces spell, if they do."""
    if len(pieces) < 2 and not any((t.kind == "text" and _is_for(t.text)) or t.text == "\\forall" for t in pieces[-1]):
        return None
    last = pieces[-1]
    # i \in \{1, …, n\}
    start = next(
        (k for k, t in enumerate(last) if t.text == "\\forall" or (t.kind == "text" and _is_for(t.text))), None
    )
    own = last if start is None else last[start:]
    if len(pieces) < 2 and start is None:
        return None
    body = _bare(own)
    if len(body) >= 4 and body[0].kind == "letter" and body[1].text == "\\in" and body[2].text == "\\{":
        ends = _set_ends(body[2:], context)
        if ends is not None:
            kept = pieces[:-1] if start is None or start == 0 else [*pieces[:-1], last[:start]]
            return kept, [body[0].text], *ends
    # i = 1, [2,] …[, n]
    dots = next((k for k in range(len(pieces) - 1, -1, -1) if len(pieces[k]) == 1 and pieces[k][0].text in DOTS), None)
    if dots is None or dots < len(pieces) - 2:
        return None
    first = dots - 1
    while first >= 0 and not any(t.text == "=" for t in pieces[first]):
        first -= 1
    if first < 0 or dots - first > 4:
        return None
    piece = pieces[first]
    begin = next(
        (k for k, t in enumerate(piece) if t.text == "\\forall" or (t.kind == "text" and _is_for(t.text))), None
    )
    head = _bare(piece if begin is None else piece[begin:])
    if len(head) < 3 or head[0].kind != "letter" or head[1].text != "=" or (first == 0 and begin is None):
        return None
    low = _affine(head[2:], context)
    if low is None:
        return None
    high = variable("∞") if dots == len(pieces) - 1 else _affine(pieces[-1], context)
    if high is None:
        return None
    names = [head[0].text]
    kept = pieces[:first] if begin in (None, 0) else [*pieces[:first], piece[:begin]]
    while (
        len(kept) > 1
        and len(_bare(kept[-1])) == 1
        and _bare(kept[-1])[0].kind == "letter"
        and (_bare(kept[-1])[0].text not in context.symbols)
        and not (len(kept[-2]) == 1 and kept[-2][0].text in DOTS)
    ):
        names.append(_bare(kept[-1])[0].text)
        kept = kept[:-1]
    return kept, names, low, high


def _affine(tokens: list[Token], context: Context) -> Affine | None:
    while tokens and tokens[-1].text in (".", ")"):
        tokens = tokens[:-1]
    if not tokens:
        return None
    try:
        parser = Parser(tokens, context)
        term = parser.expression()
        if parser.peek().kind != "end":
            return None
    except Unreadable:
        return None
    return affine_of(term)


def _set_ends(tokens: list[Token], context: Context) -> tuple[Affine, Affine] | None:
    if tokens[-1].text != "\\}":
        return None
    parts = split_top(tokens[1:-1])
    if len(parts) < 3 or len(parts[-2]) != 1 or parts[-2][0].text not in DOTS:
        return None
    low, high = _affine(parts[0], context), _affine(parts[-1], context)
    return (low, high) if low is not None and high is not None else None


# reading


def _read(tokens: list[Token], context: Context, end: int, define: bool) -> Reading:
    tokens = (
        [t for t in tokens if t.text != "&"] if not any(t.text == "\\begin" for t in tokens) else _drop_marks(tokens)
    )
    while tokens and ((tokens[-1].kind == "sign" and tokens[-1].text in (".", ",", ";")) or _remark(tokens)):
        tokens = tokens[:-1]
    while tokens and tokens[0].kind == "text":
        if _MEANINGFUL & set(tokens[0].text.lower().replace(",", " ").split()):
            raise Unreadable(Problem("text-with-meaning", tokens[0].span, (("text", tokens[0].text),)))
        tokens = tokens[1:]
    if not tokens:
        raise Unreadable(Problem("expression-expected", Span(end, end)))
    tokens_before = tokens
    tokens, ranges, sizes = cut_ranges(tokens, context)
    base = context.declare_only(*sizes.values()) if sizes else context
    if ranges:
        base = base.declare_only(*(index_symbol(n, r) for n, r in ranges.items()))
    tokens, condition = cut_condition(tokens)
    parser = Parser(tokens, base, end)
    head = _definition_head(parser) if define else None
    segments = _segments(parser, head)
    if condition:
        segments = _conditional(parser, segments, condition, head is not None)
    terms = [t for s in segments for t in s.terms]
    definition: tuple[Symbol, Definition] | None = None
    if (
        head is not None
        and head.explicit
        and not head.args
        and segments[0].heads
        and (head.name in free_names(segments[0].terms[1]))
    ):
        return _read(tokens_before, context, end, False)  # `w := w - …` updates
    if head is not None:
        try:
            return _defined(parser, head, segments, base, ranges)
        except _NoDefinition:
            return _read(tokens_before, context, end, False)
    inferred = infer(parser, terms)
    segments = [replace(s, terms=tuple(map(inferred.respell, s.terms))) for s in segments]
    symbols = inferred.symbols
    if parser.optimised or any(s.role == "variable" and not s.family for s in symbols):
        symbols, problem = fit(parser, inferred, base, lambda c: _misfit(segments, c))
        if problem is not None and problem.code in ("role-unclear", "undeclared-tensor"):
            raise Unreadable(problem)
    extended = base.declare_only(*symbols) if symbols else base
    return Reading(tuple(segments), extended, symbols, definition, tuple(ranges.items()))


class _NoDefinition(Exception):
    """The first equality of a line turns out to be a claim."""


_MEANINGFUL = frozenset(["if", "when", "not", "unless", "iff", "only", "except", "false", "never", "no", "whenever"])
_CONDITIONAL = frozenset(
    ["if", "when", "whenever", "for", "for all", "for every", "for each", "for any", "provided", "provided that"]
)


def cut_condition(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Cut `\\text{ if } x > 0` or `\\text{ for all } x` off the end; bare names after `for` say nothing new."""
    level = 0
    for position in range(len(tokens) - 1, 0, -1):
        token = tokens[position]
        level += token.text in (")", "]", "}", "\\}", "\\end") and token.kind in ("sign", "command")
        level -= token.text in ("(", "[", "{", "\\{", "\\begin") and token.kind in ("sign", "command")
        if token.kind != "text" or level:
            continue
        words = token.text.strip(" ,.:").lower()
        if words not in _CONDITIONAL or position == len(tokens) - 1:
            return tokens, []
        condition = tokens[position + 1 :]
        rest = tokens[:position]
        while rest and rest[-1].text in (",", "\\quad"):
            rest = rest[:-1]
        if not any(t.text in RELATIONS for t in condition if t.kind in ("sign", "command")):
            if words.startswith("for") and all(
                t.kind in ("letter", "word", "digit") or t.text in (",", "_", "^", "{", "}", "*", "'")
                for t in condition
            ):
                return rest, []
            return tokens, []
        return rest, condition
    return tokens, []


def _conditional(parser: Parser, segments: list[Segment], condition: list[Token], defines: bool) -> list[Segment]:
    """A statement that is claimed under a condition."""
    under = parser.read_slice(condition, parser.statement)
    if under.head == "true":
        return segments
    only = segments[0]
    if defines or len(segments) != 1 or only.lead or only.connective:
        raise Unreadable(Problem("text-with-meaning", condition[0].span, (("text", "if"),)))
    pairs = zip(only.terms, only.heads, only.terms[1:], strict=False)
    parts = [make("eq" if h == "define" else h, a, b, span=only.span) for a, h, b in pairs] or [only.terms[0]]
    claim = parts[0] if len(parts) == 1 else make("and", *parts, span=only.span)
    return [Segment((make("implies", under, claim, span=only.span),), (), span=only.span)]


def _misfit(segments: list[Segment], context: Context) -> Problem | None:
    """The first relation of a formula that does not conform."""
    for segment in segments:
        if not segment.heads:
            checked = elaborate(segment.terms[0], context)
            if isinstance(checked, Problem):
                return checked
        for left, right in zip(segment.terms, segment.terms[1:], strict=False):
            checked = elaborate(make("eq", left, right, span=segment.span), context)
            if isinstance(checked, Problem) and checked.code != "value-expected":
                return checked
    return None


def _drop_marks(tokens: list[Token]) -> list[Token]:
    """Alignment marks outside of environments mean nothing."""
    result = []
    level = 0
    for token in tokens:
        level += token.text == "\\begin"
        level -= token.text == "\\end"
        if token.text != "&" or level:
            result.append(token)
    return result


def _remark(tokens: list[Token]) -> bool:
    """Whether the last token is a remark in brackets, such as `\\text{(by symmetry)}`, or a lone word of prose."""
    last = tokens[-1]
    if last.kind != "text":
        return False
    text = last.text.strip()
    return not text or (text[0] in "([" and text[-1] in ")].") or text in (".", ",", ";")


_SEPARATING = frozenset(
    [
        "and",
        "so",
        "hence",
        "thus",
        "therefore",
        "then",
        "with",
        "where",
        "while",
        "also",
        "i.e.",
        "since",
        "because",
        "as",
        ",",
    ]
)


def _segments(parser: Parser, head: _Head | None) -> list[Segment]:
    segments: list[Segment] = []
    connective = ""
    if head is not None:
        segments.append(_chain(parser, "", head.left))
    elif parser.peek().text in ARROWS:
        connective = ARROWS[parser.take().text]
        segments.append(_chain(parser, connective, None))
    else:
        segments.append(_chain(parser, "", None))
    while parser.peek().kind != "end":
        token = parser.peek()
        if token.text in ARROWS and token.kind == "command":
            connective = ARROWS[parser.take().text]
        elif token.kind == "sign" and token.text in (",", ";", "\\quad"):
            parser.take()
            while parser.accept(",", ";", "\\quad"):
                pass
            connective = ""
            if parser.peek().text in ARROWS:
                continue
            if not _starts_statement(parser):
                raise parser.leftover()
        elif token.kind == "text":
            parser.take()
            words = token.text.strip(" ,.:;").lower()
            if words in ("iff", "if and only if"):
                connective = "iff"
            elif words in ("implies", "so", "hence", "thus", "therefore", "which implies", "so that"):
                connective = "implies"
            elif words in _SEPARATING or words.startswith(("and ", "where ", "with ")):
                connective = ""
            else:
                raise parser.fail("running-text", token, text=token.text)
            if not _starts_statement(parser):
                raise parser.fail("running-text", token, text=token.text)
        else:
            raise parser.leftover()
        segments.append(_chain(parser, connective, None))
    return segments


def _starts_statement(parser: Parser) -> bool:
    """Whether a relation stands before the next separator."""
    rest = parser.tokens[parser.at : -1]
    piece = split_top(rest, (",", ";", "\\quad"))[0]
    return any(t.text in RELATIONS or t.text in ARROWS for t in piece)


def _chain(parser: Parser, connective: str, first: Term | None) -> Segment:
    start = parser.at
    begin = parser.peek().start if first is None or first.span is None else first.span.start
    heads: list[str] = []
    terms: list[Term] = []
    lead = ""
    if first is None and parser.peek().text in RELATIONS and parser.peek().kind in ("sign", "command"):
        lead = RELATIONS[parser.peek().text]
        if lead in ("in", "tends", "distributed"):
            raise parser.fail("expression-expected")
        lead = "eq" if lead == "define" else lead
        parser.take()
        terms.append(parser.operand())
    else:
        left = first
        if left is None:
            if parser.peek().text in ("\\lnot", "\\neg", "\\forall"):
                return _statement_segment(parser, start, connective, begin)
            left = parser.operand()
        terms.append(left)
    while parser.peek().text in RELATIONS and parser.peek().kind in ("sign", "command"):
        sign = parser.take()
        relation = RELATIONS[sign.text]
        if relation in ("in", "distributed", "tends") or (relation in ("lt", "le") and parser.peek().text == "\\infty"):
            if heads or lead:
                raise parser.fail("not-expected-here", sign)
            return _statement_segment(parser, start, connective, begin)
        dots = parser.accept(*DOTS)
        if dots:
            again = parser.peek()
            if again.text not in RELATIONS or RELATIONS[again.text] != relation:
                raise parser.fail("dots-unclear", dots)
            continue
        heads.append(relation)
        terms.append(parser.operand())
    token = parser.peek()
    joined = token.text in ("\\lor", "\\vee", "\\land", "\\wedge") or (token.kind == "text" and _phrase(token.text))
    if joined:
        if lead or first is not None:
            raise parser.leftover()
        return _statement_segment(parser, start, connective, begin)
    last = terms[-1].span
    return Segment(tuple(terms), tuple(heads), connective, lead, Span(begin, last.end if last else begin))


def _phrase(text: str) -> bool:
    return text.startswith(("is ", "are ", "has ")) or text.strip() in ("or",)


def _statement_segment(parser: Parser, start: int, connective: str, begin: int) -> Segment:
    parser.at = start
    statement = parser.disjunction()
    return Segment((statement,), (), connective, "", Span(begin, statement.span.end if statement.span else begin))


# definitions


@dataclass(slots=True)
class _Head:
    """The left side of what may be a definition."""

    name: str
    left: Term
    args: list[Term] = field(default_factory=list)
    pattern: str = ""
    family: list[Term] = field(default_factory=list)
    component: list[Term] = field(default_factory=list)
    explicit: bool = False
    span: Span = NOWHERE


def _definition_head(parser: Parser) -> _Head | None:
    """The left side `f(x) =`, `p_i =`, `L =` of a name that nothing has defined; None (and nothing taken) elsewhere."""
    saved = parser.at, dict(parser.unknown), dict(parser.functions)
    try:
        head = _try_head(parser)
    except Unreadable:
        head = None
    if head is None:
        parser.at, parser.unknown, parser.functions = saved
    return head


def _try_head(parser: Parser) -> _Head | None:
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
    known_before = parser.symbol(base) is not None
    name = label_above(parser, base, scripts, span)
    if scripts.sup is not None and not _fenced_index(parser, scripts.sup):
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
            elif label is not None and parser.symbol(name) is None and not _has_index(parser, scripts.sub):
                name = exact
            else:
                return None
            scripts.sub = None
    del known_before
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
        if name in ("P", "E") and any(parser.is_event(a) or is_random(parser, a) for a in args):
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
    if not args and symbol is None and name == "π" and not explicit:
        return None
    if not explicit and symbol is None and not args and not family:
        rest = parser.tokens[parser.at + 1 : parser.at + 3]
        if not rest or rest[0].kind == "end":
            return None
    left = _left_term(full, args, pattern, family, component, parser.since(0))
    return _Head(full, left, args, pattern, family, component, explicit, parser.since(0))


def _fenced_index(parser: Parser, tokens: list[Token]) -> bool:
    return False


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
    return any(name in free_names(fact) and fact.head in ("eq", "iff") for fact in context.facts)


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


def _defined(parser: Parser, head: _Head, segments: list[Segment], base: Context, ranges: dict[str, Range]) -> Reading:
    """The reading of a line whose first equality defines a name."""
    first = segments[0]
    if not first.heads:
        raise parser.fail("expression-expected")
    body = first.terms[1]
    if head.name in free_names(body) and not head.family and (head.explicit or head.args):
        raise Unreadable(Problem("definition-circular", head.span, (("name", head.name),)))
    params: list[str] = []
    symbols: dict[str, Symbol] = {}
    replaced = body
    for arg in head.args:
        if arg.head == "entry" and "_·" in head.name:
            for index in arg.args[1:]:
                params.append(index.name)
            continue
        if arg.head == "pow":
            key = f"{arg.args[0].name}^{arg.args[1].value}"
            replaced = _replace(replaced, arg, sym(key))
            params.append(key)
            symbols[key] = Symbol(key)
            continue
        if arg.head == "entry":
            raise Unreadable(Problem("definition-argument", arg.span, (("name", head.name),)))
        params.append(arg.name)
        declared = base.symbols.get(arg.name)
        if declared is not None and declared.role != "function":
            symbols[arg.name] = replace(
                declared, role="variable" if declared.role != "index" else "index", random=False
            )
        else:
            symbols[arg.name] = Symbol(arg.name)
    hidden = frozenset(p for p in params if p not in base.symbols)
    terms = [t for s in segments for t in s.terms]
    family = [i.name for i in (head.family or head.component)]
    inferred = infer(parser, [t for t in terms if t is not head.left] + [replaced], hidden | {head.name})
    extended = base.declare_only(*inferred.symbols) if inferred.symbols else base
    spans: dict[str, Range] = {}
    for name in [*family, *(p for p in params if "_·" in head.name)]:
        found = ranges.get(name) or _range_of(extended.symbols.get(name))
        if found is not None:
            spans[name] = found
        elif name in family:
            inferred_label = _as_label(head, family, extended, inferred)
            if inferred_label is not None:
                return _relabelled(parser, head, segments, base, ranges, inferred_label)
            raise Unreadable(Problem("range-missing", head.span, (("name", name),)))
    replaced = inferred.respell(replaced)
    scope = {n: extended.symbols.get(n) or Symbol(n, role="index") for n in family}
    scope |= {p: symbols[p] for p in params if p in symbols}
    scope |= {p: extended.symbols.get(p) or Symbol(p, role="index") for p in params if p not in symbols}

    def misfit(trial: Context) -> Problem | None:
        result = elaborate(replaced, trial, scope)
        return result if isinstance(result, Problem) else None

    symbols_found, problem = fit(parser, inferred, base, misfit)
    if problem is not None:
        raise Unreadable(problem)
    extended = extended.declare_only(*symbols_found)
    checked = elaborate(replaced, extended, scope)
    if isinstance(checked, Problem):
        raise Unreadable(checked)
    shape = checked.shape
    if head.name == "I" and shape.rank == 2 and not head.explicit:
        raise _NoDefinition  # `I = A A^{-1}` speaks of the identity
    arguments = tuple((symbols[p].bare_shape or SCALAR) if p in symbols else SCALAR for p in params)
    definition, symbol = _make_definition(head, params, family, spans, checked, shape, arguments, extended)
    for arg in head.args:
        for index in arg.args[1:] if arg.head == "entry" else ():
            if index.name in spans and index.name not in extended.symbols:
                extended = extended.declare_only(index_symbol(index.name, spans[index.name], inferred=True))
    visible = extended
    for name in params:
        if name not in extended.symbols and name in symbols and "^" not in name:
            visible = visible.declare_only(replace(symbols[name], inferred=True))
    segments = [replace(s, terms=tuple(map(inferred.respell, s.terms))) for s in segments]
    listed = symbols_found
    return Reading(tuple(segments), visible, listed, (symbol, definition), tuple(ranges.items()))


def _as_label(head: _Head, family: list[str], context: Context, inferred: Inferred) -> str | None:
    """`ε_k` with a k that nothing else gives a range is one name."""
    if head.component or any(
        n in context.symbols and context.symbols[n].role == "index" and n not in {s.name for s in inferred.symbols}
        for n in family
    ):
        return None
    return with_sub(head.name, "".join(family))


def _relabelled(
    parser: Parser, head: _Head, segments: list[Segment], base: Context, ranges: dict[str, Range], name: str
) -> Reading:
    old = head.left
    body = [t for s in segments for t in s.terms if t is not old]
    for letter in (i.name for i in head.family):
        if any(letter in free_names(t) for t in body):
            raise Unreadable(Problem("range-missing", head.span, (("name", letter),)))
        parser.unknown.pop(letter, None)
    new = replace(head) if False else _Head(name, sym(name, old.span), span=head.span, explicit=head.explicit)
    first = segments[0]
    renewed = [replace(first, terms=(new.left, *first.terms[1:])), *segments[1:]]
    return _defined(parser, new, renewed, base, ranges)


def _range_of(symbol: Symbol | None) -> Range | None:
    if symbol is None or symbol.role != "index" or symbol.domain.low is None:
        return None
    low = affine_of(symbol.domain.low)
    high = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
    return Range(low, high) if low is not None and high is not None else None


def _make_definition(
    head: _Head,
    params: list[str],
    family: list[str],
    spans: dict[str, Range],
    checked: Checked,
    shape: Shape,
    arguments: tuple[Shape, ...],
    context: Context,
) -> tuple[Definition, Symbol]:
    body = checked.term
    random = _is_random(body, context)
    if head.args:
        if head.component:
            for name in reversed(family):
                ends = spans[name]
                body = make("tabulate", sym(name), term_of(ends.low), term_of(ends.high), body, span=body.span)
            shape = Shape(tuple((spans[n].high - spans[n].low + 1,) for n in family))
        base_name = head.name.partition("(")[0]
        of = frozenset([f"of:{argument_letters(head.args)}"]) if base_name in DENSITIES else frozenset()
        symbol = Symbol(head.name, shape, "function", arguments=arguments, span=head.span, properties=of)
        return Definition(head.name, body, tuple(params), span=head.span), symbol
    if family:
        ranges = tuple(spans[n] for n in family)
        symbol = Symbol(head.name, shape, family=ranges, span=head.span, random=random)
        return Definition(head.name, body, tuple(family), ranges, span=head.span), symbol
    role: Role = "event" if shape.statement else "variable"
    symbol = Symbol(head.name, shape, role, span=head.span, random=random or shape.statement)
    return Definition(head.name, body, span=head.span), symbol


def _is_random(body: Term, context: Context) -> bool:
    """Whether the value of a body varies with a random variable that no moment in it averages out."""
    if body.head in ("expect", "variance", "covariance", "prob") and len(body.args) == (
        2 if body.head == "covariance" else 1
    ):
        return False
    if body.head == "sym":
        symbol = context.symbols.get(body.name)
        return symbol is not None and symbol.random
    return any(_is_random(a, context) for a in body.args)


def _replace(term: Term, old: Term, new: Term) -> Term:
    if term == old:
        return new.with_span(term.span)
    return term.with_args(tuple(_replace(a, old, new) for a in term.args)) if term.args else term
