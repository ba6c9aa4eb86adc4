"""One formula: a chain of relations, statements joined by arrows, a definition.

`read_formula` reads the whole of a text or says where it cannot. The terms it returns are as written; `conform` checks
their shapes. A line may begin with a relation (it continues the expression before it) or an arrow, may hold several
statements, and may end in the ranges its indices run over.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.context import Context
from derive.language.shape import Checked, elaborate
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make
from derive.reader.formula.conditions import MEANINGFUL, cut_condition, mark_condition, under_condition
from derive.reader.formula.definitions import NoDefinition, define_under_derivative, read_definition
from derive.reader.formula.inference import fit, index_symbol, infer
from derive.reader.formula.left_side import definition_head
from derive.reader.formula.orders import claim_orders, has_order
from derive.reader.formula.ranges import cut_ranges
from derive.reader.formula.reading import Reading, Segment
from derive.reader.formula.segments import read_segments
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.parser import Parser
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.tokens import Macros, Token, Untokenizable

LONGEST = 20000


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


def _read(tokens: list[Token], context: Context, end: int, define: bool) -> Reading:
    tokens = (
        [t for t in tokens if t.text != "&"] if not any(t.text == "\\begin" for t in tokens) else _drop_marks(tokens)
    )
    while tokens and ((tokens[-1].kind == "sign" and tokens[-1].text in (".", ",", ";")) or _remark(tokens)):
        tokens = tokens[:-1]
    while tokens and tokens[0].kind == "text":
        if MEANINGFUL & set(tokens[0].text.lower().replace(",", " ").split()):
            raise Unreadable(Problem("text-with-meaning", tokens[0].span, (("text", tokens[0].text),)))
        tokens = tokens[1:]
    if not tokens:
        raise Unreadable(Problem("expression-expected", Span(end, end)))
    tokens_before = tokens
    tokens, ranges, sizes = cut_ranges(tokens, context)
    base = context.declare_only(*sizes.values()) if sizes else context
    if ranges:
        base = base.declare_only(*(index_symbol(n, r) for n, r in ranges.items()))
    tokens, condition = cut_condition(mark_condition(tokens, base, displayed=True))
    parser = Parser(tokens, base, end)
    head = definition_head(parser) if define else None
    segments = read_segments(parser, head)
    if condition:
        segments = under_condition(parser, segments, condition, head is not None)
    terms = [t for s in segments for t in s.terms]
    if head is not None and has_order(tuple(terms)):
        return _read(tokens_before, context, end, False)  # the order of an error defines nothing
    segments = [claim_orders(s) for s in segments]
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
            return read_definition(parser, head, segments, base, ranges)
        except NoDefinition:
            return _read(tokens_before, context, end, False)
    inferred = infer(parser, terms)
    segments = [replace(s, terms=tuple(map(inferred.respell, s.terms))) for s in segments]
    symbols = inferred.symbols
    if parser.optimised or any(s.role == "variable" and not s.family for s in symbols):
        symbols, problem = fit(parser, inferred, base, lambda c: _misfit(segments, c))
        if problem is not None and problem.code in ("role-unclear", "undeclared-tensor"):
            raise Unreadable(problem)
    extended = base.declare_only(*symbols) if symbols else base
    reading = Reading(tuple(segments), extended, symbols, None, tuple(ranges.items()))
    return define_under_derivative(reading, base) if define else reading


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
