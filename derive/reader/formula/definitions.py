"""A line whose first equality defines a name: a value, a function or a family, with its shape.

A definition that turns out to be a claim raises `NoDefinition`, and the line is read again without it.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.affine import affine_of, term_of
from derive.language.context import SCALAR, Context, Definition, Range, Role, Shape, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make, sym
from derive.reader.formula.inference import Inferred, fit, index_symbol, infer
from derive.reader.formula.left_side import Head
from derive.reader.formula.reading import Reading, Segment
from derive.reader.latex.calls import DENSITIES, argument_letters
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import with_sub
from derive.reader.latex.parser import Parser


class NoDefinition(Exception):
    """The first equality of a line turns out to be a claim."""


def read_definition(
    parser: Parser, head: Head, segments: list[Segment], base: Context, ranges: dict[str, Range]
) -> Reading:
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
            raise NoDefinition  # it speaks of the values at these members only
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

    members = {p: Symbol(p) for p in params if p in symbols and _of_numbers(symbols[p])}
    symbols_found, problem = fit(parser, inferred, base, misfit)
    if members and (problem is not None or not _is_scalar(replaced, extended.declare_only(*symbols_found), scope)):
        # x stands for a member of the family x_i
        scope |= members
        again, failed = fit(parser, inferred, base, misfit)
        if failed is None and _is_scalar(replaced, extended.declare_only(*again), scope):
            symbols_found, problem = again, None
            symbols |= members
        else:
            scope |= {p: symbols[p] for p in members}
    if problem is not None:
        raise Unreadable(problem)
    extended = extended.declare_only(*symbols_found)
    checked = elaborate(replaced, extended, scope)
    if isinstance(checked, Problem):
        raise Unreadable(checked)
    shape = checked.shape
    if head.name == "I" and shape.rank == 2 and not head.explicit:
        raise NoDefinition  # `I = A A^{-1}` speaks of the identity
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
        elif name in members and symbols[name] is members[name]:
            visible = visible.declare_only(members[name])  # in this line, x is a member of x_i
    segments = [replace(s, terms=tuple(map(inferred.respell, s.terms))) for s in segments]
    listed = symbols_found
    return Reading(tuple(segments), visible, listed, (symbol, definition), tuple(ranges.items()))


def define_under_derivative(reading: Reading, base: Context) -> Reading:
    """`∂L/∂v = ∂/∂v (…)` for an L that nothing has defined says what L is: it defines L as what stands there."""
    first = reading.segments[0]
    if first.heads[:1] != ("eq",):
        return reading
    left, right = first.terms[:2]
    if left.head != "deriv" or right.head != "deriv" or left.args[1:] != right.args[1:] or left.value != right.value:
        return reading
    call, body = left.args[0], right.args[0]
    unknown = next((s for s in reading.inferred if call.head == "call" and s.name == call.value), None)
    if unknown is None or any(a.head != "sym" for a in call.args) or unknown.name in free_names(body):
        return reading
    inferred = tuple(s for s in reading.inferred if s is not unknown)
    context = base.declare_only(*inferred) if inferred else base
    checked = elaborate(body, context)
    if isinstance(checked, Problem) or checked.shape != SCALAR:
        return reading
    name = sym(unknown.name, call.span)
    segments = tuple(replace(s, terms=tuple(_replace(t, call, name) for t in s.terms)) for s in reading.segments)
    symbol = Symbol(unknown.name, random=_is_random(checked.term, context), span=call.span)
    definition = Definition(unknown.name, checked.term, span=call.span)
    return Reading(segments, context, inferred, (symbol, definition), reading.ranges)


def _of_numbers(symbol: Symbol) -> bool:
    """Whether a name is that of an indexed family of numbers."""
    return bool(symbol.family) and not symbol.shape.axes


def _is_scalar(body: Term, context: Context, scope: dict[str, Symbol]) -> bool:
    checked = elaborate(body, context, scope)
    return isinstance(checked, Checked) and checked.shape == SCALAR


def _as_label(head: Head, family: list[str], context: Context, inferred: Inferred) -> str | None:
    """`ε_k` with a k that nothing else gives a range is one name."""
    if head.component or any(
        n in context.symbols and context.symbols[n].role == "index" and n not in {s.name for s in inferred.symbols}
        for n in family
    ):
        return None
    return with_sub(head.name, "".join(family))


def _relabelled(
    parser: Parser, head: Head, segments: list[Segment], base: Context, ranges: dict[str, Range], name: str
) -> Reading:
    old = head.left
    body = [t for s in segments for t in s.terms if t is not old]
    for letter in (i.name for i in head.family):
        if any(letter in free_names(t) for t in body):
            raise Unreadable(Problem("range-missing", head.span, (("name", letter),)))
        parser.unknown.pop(letter, None)
    new = Head(name, sym(name, old.span), span=head.span, explicit=head.explicit)
    first = segments[0]
    renewed = [replace(first, terms=(new.left, *first.terms[1:])), *segments[1:]]
    return read_definition(parser, new, renewed, base, ranges)


def _range_of(symbol: Symbol | None) -> Range | None:
    if symbol is None or symbol.role != "index" or symbol.domain.low is None:
        return None
    low = affine_of(symbol.domain.low)
    high = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
    return Range(low, high) if low is not None and high is not None else None


def _make_definition(
    head: Head,
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
