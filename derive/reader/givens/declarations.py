"""Declarations: names in a set, functions with their types, distributions, limits, signs.

Each clause holds one relation, for the names before it and its own left side; a clause that declares nothing is a
formula, and goes to `facts.py`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from derive.language.affine import Affine, affine_of, term_of
from derive.language.context import SCALAR, Domain, Range, Shape, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, is_num, make, num, sym
from derive.reader.formula.inference import index_symbol
from derive.reader.givens.densities import declare_density, names_function
from derive.reader.givens.domains import half_line, is_constant
from derive.reader.givens.facts import take_formula
from derive.reader.givens.names import is_name, read_name
from derive.reader.givens.premises import Name, Premises
from derive.reader.latex.names import read_base
from derive.reader.latex.signs import RELATIONS
from derive.reader.latex.tokens import Token
from derive.reader.notation.sets import LAW_NAMES, SetOf, read_distribution, read_set, read_tending


def read_clause(
    premises: Premises, names: list[list[Token]], part: list[Token], ranges: dict[str, Range], text: str, offset: int
) -> list[Name]:
    """One relation, for the names before it and its own left side."""
    signs = [(k, t) for k, t in enumerate(part) if t.kind in ("sign", "command") and _top(part, k)]
    colon = next((k for k, t in signs if t.text == ":"), None)
    arrow = next((k for k, t in signs if t.text in ("\\to", "\\rightarrow", "\\longrightarrow")), None)
    if colon is not None and arrow is not None and colon < arrow:
        return declare_functions(premises, [*names, part[:colon]], part[colon + 1 : arrow], part[arrow + 1 :], ranges)
    relation = next(((k, t) for k, t in signs if t.text in RELATIONS), None)
    if relation is None:
        return take_formula(premises, [*part], ranges, offset)
    at, sign = relation
    head = RELATIONS[sign.text]
    if head == "in":
        lefts = [*names, part[:at]]
        if any(_is_ones(n) for n in lefts) and read_whole_set(premises, part[at + 1 :], ranges).shape.rank == 1:
            lefts = [n for n in lefts if not _is_ones(n)]  # the vector of ones needs no declaration
        if all(is_name(premises, n) for n in lefts):
            return declare_members(premises, [read_name(premises, n, ranges) for n in lefts], part[at + 1 :], ranges)
        if names:
            raise premises.fail("name-expected", names[0][0].span)
        return take_formula(premises, part, ranges, offset)
    if head == "eq" and not names and _says_ones(part, ranges):
        return []
    if head == "distributed":
        return declare_distributed(
            premises, [read_name(premises, n, ranges) for n in [*names, part[:at]]], part[at + 1 :], ranges
        )
    if head == "tends" and not names:
        return read_tending_name(premises, part, at, ranges)
    if names:
        declared: list[Name] = []
        for left in [*names, part[:at]]:
            declared += read_clause(premises, [], [*left, *part[at:]], ranges, text, offset)
        return declared
    if (
        head in ("gt", "ge", "lt", "le")
        and is_name(premises, part[:at])
        and sum(t.text in RELATIONS for _, t in signs) == 1
    ):
        signed = narrow_by_sign(premises, part, at, head, ranges)
        if signed is not None:
            return [signed]
    return take_formula(premises, part, ranges, offset)


def _is_ones(tokens: list[Token]) -> bool:
    return len(tokens) == 1 and tokens[0].kind == "command" and tokens[0].text in ("\\mathbf1", "\\mathbb1")


def _says_ones(part: list[Token], ranges: dict[str, Range]) -> bool:
    """`\\mathbf{1}_i = 1` for a running i says what the sign means."""
    texts = [t.text for t in part if t.text not in ("{", "}")]
    return _is_ones(part[:1]) and texts[1:2] == ["_"] and texts[3:] == ["=", "1"] and texts[2] in ranges


def _top(tokens: list[Token], place: int) -> bool:
    level = 0
    for token in tokens[:place]:
        if token.kind in ("sign", "command"):
            level += token.text in ("(", "[", "{", "\\{", "\\begin")
            level -= token.text in (")", "]", "}", "\\}", "\\end")
    return level == 0


def declare_members(premises: Premises, names: list[Name], tokens: list[Token], ranges: dict[str, Range]) -> list[Name]:
    """`x, y \\in \\mathbb{R}^n`."""
    if not tokens:
        raise premises.fail("set-expected", Span(names[-1].span.end + 1, names[-1].span.end + 1))
    parser = premises.parser(tokens, ranges)
    found = read_set(parser)
    if parser.peek().kind != "end":
        raise parser.leftover()
    for letter, use in parser.unknown.items():
        if "size" in use.roles:
            premises.declare_sizes({letter: Symbol(letter, role="size")})
        else:
            raise premises.fail("unknown-symbol", use.span, name=letter, nearest="")
    for name in names:
        premises.declare(name, symbol_in(premises, name, found, ranges), ranges)
        if found.kind == "simplex":
            size = found.shape.axes[0][0]
            total = make("sum", sym("k"), num(1), term_of(size), make("entry", sym(name.name), sym("k")))
            premises.context = premises.context.assume(make("eq", total, num(1)))
    return names


def symbol_in(premises: Premises, name: Name, found: SetOf, ranges: dict[str, Range]) -> Symbol:
    """The symbol that membership in a set declares."""
    family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
    if not family and not found.shape.axes:
        if found.kind == "naturals":
            low = found.domain.low
            least = max(int(low.value) if low is not None and low.head == "num" else 0, 1)
            return Symbol(name.name, role="size", domain=Domain("natural", num(least)), minimum=least, span=name.span)
        if found.kind in ("range", "named"):
            domain = replace(found.domain, kind="natural" if found.kind == "range" and _natural(found) else "integer")
            if found.kind == "named":
                domain = found.domain
            return Symbol(name.name, role="index", domain=domain, span=name.span)
    domain = found.domain
    if domain.kind == "natural" and found.kind == "naturals" and domain.low is None:
        domain = replace(domain, low=num(0))
    return Symbol(name.name, found.shape, family=family, domain=domain, span=name.span)


def declare_functions(
    premises: Premises, names: list[list[Token]], source: list[Token], target: list[Token], ranges: dict[str, Range]
) -> list[Name]:
    """`f : \\mathbb{R}^n \\to \\mathbb{R}`."""
    arguments: list[Shape] = []
    domains: list[Domain] = []
    for piece in _factors(source):
        found = read_whole_set(premises, piece, ranges)
        arguments.append(found.shape)
        domains.append(found.domain)
    result = read_whole_set(premises, target, ranges)
    declared = []
    for tokens in names:
        name = read_name(premises, tokens, ranges)
        if name.indices:
            raise premises.fail("function-family", name.span, name=name.name)
        symbol = Symbol(
            name.name,
            result.shape,
            "function",
            domain=result.domain,
            arguments=tuple(arguments),
            sources=tuple(domains),
            span=name.span,
        )
        premises.declare(name, symbol, ranges)
        declared.append(name)
    return declared


def read_whole_set(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> SetOf:
    """The set that all of the tokens spell."""
    if not tokens:
        raise premises.fail("set-expected", None)
    parser = premises.parser(tokens, ranges)
    found = read_set(parser)
    if parser.peek().kind != "end":
        raise parser.leftover()
    premises.declare_sizes({n: Symbol(n, role="size") for n, u in parser.unknown.items() if "size" in u.roles})
    return found


def declare_distributed(
    premises: Premises, names: list[Name], tokens: list[Token], ranges: dict[str, Range]
) -> list[Name]:
    """`X \\sim \\mathcal{N}(\\mu, \\sigma^2)`, `X \\sim p(\\cdot; \\theta)`."""
    for position, name in enumerate(names):
        base, _, label = name.name.partition("_")
        whole = premises.context.symbols.get(base)
        if name.name not in premises.context.symbols and label and whole is not None and whole.family:
            if len(label) > 1 or not label.isalpha() or label in premises.context.symbols or len(whole.family) > 1:
                code = "range-missing" if label.isalpha() else "part-of-family"  # `x_ij ~ …`; `x_1 ~ …`
                raise premises.fail(code, name.span, name=label if label.isalpha() else base)
            # `x_i ~ …` for a family x and an i that nothing else gives a range: every member
            names = [*names[:position], replace(name, name=base, indices=(label,)), *names[position + 1 :]]
            ranges = {**ranges, label: whole.family[0]}
    if names_function(premises, tokens, LAW_NAMES):
        for name in names:
            old = premises.context.symbols.get(name.name)
            if old is None:
                family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
                premises.declare(name, Symbol(name.name, family=family, random=True), ranges)
            else:
                premises.context = premises.context.declare_only(replace(old, random=True))
            declare_density(premises, name, tokens, ranges)
        return names
    parser = premises.parser(tokens, ranges)
    placeholder = sym("?")
    shape = read_distribution(parser, placeholder)
    if parser.peek().kind != "end":
        raise parser.leftover()
    premises.take_inferred(parser, list(shape.args[1:]))
    for name in names:
        old = premises.context.symbols.get(name.name)
        if old is None:
            family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
            domain = _DOMAINS.get(shape.value, Domain())
            parameter = elaborate(shape.args[1], premises.context)
            tensor = _of_normal(premises, shape) if shape.value == "normal" else SCALAR
            if shape.value == "categorical" and not isinstance(parameter, Problem) and parameter.shape.rank == 1:
                domain = Domain("natural", num(1), term_of(parameter.shape.axes[0][0]))
            premises.declare(name, Symbol(name.name, tensor, family=family, domain=domain, random=True), ranges)
        else:
            premises.context = premises.context.declare_only(replace(old, random=True))
        term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
        premises.assume(shape.with_args((term, *shape.args[1:])), ranges, name.span)
    return names


def _of_normal(premises: Premises, law: Term) -> Shape:
    """The shape of what is normal: that of the mean, or where this is 0 that of the rows of the covariance."""
    mean, spread = (elaborate(p, premises.context) for p in law.args[1:3])
    if is_num(law.args[1], 0) and isinstance(spread, Checked) and spread.shape.rank == 2:
        return Shape(spread.shape.axes[:1])
    return mean.shape if isinstance(mean, Checked) else SCALAR


def read_tending_name(premises: Premises, part: list[Token], at: int, ranges: dict[str, Range]) -> list[Name]:
    """`h \\to 0`."""
    name = read_name(premises, part[:at], ranges)
    if name.name not in premises.context.symbols:
        premises.context = premises.context.declare(Symbol(name.name, span=name.span))
    parser = premises.parser(part[at + 1 :], ranges)
    if not part[at + 1 :]:
        raise premises.fail("expression-expected", part[at].span)
    statement = read_tending(parser, sym(name.name))
    if parser.peek().kind != "end":
        raise parser.leftover()
    premises.context = premises.context.assume(statement)
    return [name]


def narrow_by_sign(premises: Premises, part: list[Token], at: int, head: str, ranges: dict[str, Range]) -> Name | None:
    """`\\lambda > 0`: a bound by a number narrows the domain; None where it is a fact between values."""
    right = premises.parser(part[at + 1 :], ranges)
    if not part[at + 1 :] or right.peek().text == "\\infty":
        return None
    bound = right.operand()
    if right.peek().kind != "end" or not is_constant(bound):
        return None
    if any(a.text == "^" and b.kind == "digit" for a, b in pairwise(part[:at])):
        return None
    name = read_name(premises, part[:at], ranges)
    old = premises.context.symbols.get(name.name)
    if old is None and not name.indices and _is_member(premises, part[:at], name, ranges):
        return None  # a fact about every member
    if old is None and not name.indices and len(runs := premises.running.get(name.name, set())) == 1:
        # `t \ge 1` for the letter of `m_t, t = 0, …, T`
        low, value = next(iter(runs)).low, affine_of(bound)
        if value is not None and value.is_constant and low.is_constant and head in ("gt", "ge"):
            least = max(value.constant + (head == "gt"), low.constant)
            premises.context = premises.context.declare(
                replace(index_symbol(name.name, Range(Affine(least), next(iter(runs)).high)), span=name.span)
            )
            return name
    if old is not None and old.role == "size" and not name.indices:
        value = affine_of(bound)
        if value is not None and value.is_constant and head in ("gt", "ge"):
            least = max(value.constant + (head == "gt"), 1, old.minimum)
            updated = replace(old, minimum=least, domain=Domain("natural", num(least)))
            premises.context = premises.context.declare_only(updated)
            return name
        return None
    if old is not None and (old.role != "variable" or name.name in premises.context.definitions):
        return None
    limited = half_line(head, bound)
    family = tuple(premises.range_of(i, ranges, name.span) for i in name.indices)
    if old is None:
        premises.declare(name, Symbol(name.name, family=family, domain=limited, span=name.span), ranges)
        return name
    if name.indices:
        axes = [*old.family, *(Range(Affine(1), a[0]) for a in old.shape.axes if len(a) == 1)]
        if list(family) != axes[: len(family)] or len(family) != len(axes):
            return None
    elif old.family or old.shape.axes:
        return None
    premises.context = premises.context.declare_only(
        replace(old, domain=premises.both(old.domain, limited, name), inferred=False)
    )
    return name


def _is_member(premises: Premises, tokens: list[Token], name: Name, ranges: dict[str, Range]) -> bool:
    """Whether an undeclared name such as `a_k` is a member of a declared family, whose index has no range here."""
    base, _ = read_base(premises.parser(tokens, ranges))
    symbol = premises.context.symbols.get(base)
    return base != name.name and symbol is not None and bool(symbol.family or symbol.shape.axes)


_DOMAINS = {
    "exponential": Domain("interval", num(0)),
    "gamma": Domain("interval", num(0), low_open=True),
    "beta": Domain("interval", num(0), num(1)),
    "bernoulli": Domain("finite", values=(num(0), num(1))),
    "poisson": Domain("natural", num(0)),
    "binomial": Domain("natural", num(0)),
}


def _natural(found: SetOf) -> bool:
    low = affine_of(found.low) if found.low is not None else None
    return low is not None and low.is_constant and low.constant >= 0


def _factors(tokens: list[Token]) -> list[list[Token]]:
    """`\\mathbb{R}^n \\times \\mathbb{R}` as its factors."""
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        level += token.text in ("(", "[", "{", "\\{")
        level -= token.text in (")", "]", "}", "\\}")
        if token.text == "\\times" and level == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
