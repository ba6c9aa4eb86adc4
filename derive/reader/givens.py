"""Given lines: what is declared, defined and assumed before a derivation.

Each line is a list of names with a set, a sign, a function's type, a distribution or a phrase, or else a formula, which
defines a name or is a fact. A range at the end holds for the whole line. Lines are read in order, but the sizes in them
are known from the start. What cannot be read, or contradicts an earlier line, is a `Problem` at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from derive.language.affine import Affine, affine_of, term_of
from derive.language.context import SCALAR, STATEMENT, Context, Definition, Domain, Range, Shape, Symbol
from derive.language.shape import elaborate
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, free_names, make, num, rewrite, sym, walk
from derive.reader.formula import Reading, read_formula
from derive.reader.formula.inference import index_symbol, infer
from derive.reader.formula.ranges import cut_ranges, split_top
from derive.reader.formula.reading import NOWHERE, chain_statements, statements_of
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import fenced, gather, index_units, label_text, with_sub
from derive.reader.latex.names import read_base
from derive.reader.latex.parser import Parser
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.signs import DOTS, RELATIONS
from derive.reader.latex.tokens import Macros, Token, Untokenizable
from derive.reader.notation import phrases
from derive.reader.notation.sets import SetOf, read_distribution, read_set, read_tending


@dataclass(frozen=True, slots=True)
class Givens:
    """The context that given lines make, the problems in them, and the roles that were inferred."""

    context: Context
    problems: tuple[Problem, ...] = ()
    inferred: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A name being declared, with the letters of its indices."""

    name: str
    indices: tuple[str, ...] = ()
    span: Span = NOWHERE


_VERB = re.compile(r"(?<![\\A-Za-z])(is|are|has|have)(?![A-Za-z])")
_FOR_ALL = re.compile(
    r",?\s*(?:\\text\{)?\s*for (?:all|every|each|any)\s*\}?\s+(\\?[A-Za-z]+(?:_\w|'|\^\*)?)\s*\.?\s*$"
)


def read_givens(
    lines: Iterable[tuple[str, int]], context: Context | None = None, macros: Macros | None = None
) -> Givens:
    """Read given lines (text and offset of each) into a context."""
    reader = _Givens(context or Context(), macros)
    prepared = [(_prepare(text), offset) for text, offset in lines]
    for text, offset in prepared:
        reader.note_sizes(text, offset)
    waiting = [line for phase in range(3) for line in prepared if line[0].strip() and _phase(line[0]) == phase]
    while waiting:
        # a line may need what a later one declares
        reader.problems = []
        again = [line for line in waiting if not reader.line(*line)]
        if len(again) == len(waiting):
            break
        waiting = again
    reader.problems.sort(key=lambda p: p.span.start if p.span else 0)
    symbols = reader.context.symbols
    inferred = tuple(s for s in reader.inferred if s.name in symbols and symbols[s.name].inferred)
    return Givens(reader.context, tuple(reader.problems), inferred)


def _phase(text: str) -> int:
    """When a line is read: sets and types of names first, then what is random, then everything else."""
    verb = _VERB.search(text)
    if verb is not None:
        found = phrases.read_phrase(text[verb.end() :])
        return 1 if found is not None and found.kind in ("random", "event", "set", "real", "whole", "member") else 2
    outer = re.sub(r"_?\{[^{}]*\}", "", text)
    first = re.search(r"\\in(?![A-Za-z])|\\(?:ge|le|ne|sim|to|approx)(?![a-z])|[:=<>]", outer)
    return 0 if first is not None and first.group() in ("\\in", ":") else 2


_OPENING = re.compile(
    r"^\s*(?:(?:let|where|suppose|assume|given|with|and|that|here|also|we have|note)\b\s*:?\s*)+", re.IGNORECASE
)


def _comma(match: re.Match[str]) -> str:
    return ", " + " " * (len(match.group()) - 2)


def _prepare(text: str) -> str:
    """The line without dollar signs, list marks and `\\text{…}` around words; every character keeps its place."""
    result = re.sub(r"^\s*(?:[-*]|\d+\.)\s(?=\s*\S)", lambda m: " " * len(m.group()), text)
    result = result.replace("$", " ").replace("\r", " ")
    result = re.sub(_OPENING, lambda m: " " * len(m.group()), result)
    result = re.sub(r"\s(?:with|of|has|having) (?=full (?:column|row) rank\.?\s*$)", _comma, result)

    def blank(match: re.Match[str]) -> str:
        inner = match.group(2)
        if " " not in inner.strip() and inner.strip() not in ("and", "is", "are", "has") and not inner.startswith(" "):
            return match.group()
        return " " * len(match.group(1)) + inner + " "

    return re.sub(r"(\\text(?:rm)?\{)([^{}]*)\}", blank, result)


class _Givens:
    def __init__(self, context: Context, macros: Macros | None) -> None:
        self.context = context
        self.macros = macros
        self.problems: list[Problem] = []
        self.inferred: list[Symbol] = []
        self.fresh: dict[str, Span] = {}

    def fail(self, code: str, span: Span | None, **details: object) -> Unreadable:
        return Unreadable(Problem(code, span, tuple((k, str(v)) for k, v in details.items())))

    # sizes

    def note_sizes(self, text: str, offset: int) -> None:
        """Declare the letters that are dimensions or the ends of ranges."""
        verb = _VERB.search(text)
        try:
            tokens = tokenize(text[: verb.start()] if verb else text, offset, self.macros)
        except Untokenizable:
            return
        names: set[str] = set()
        for position, token in enumerate(tokens):
            if token.text in ("ℝ", "𝐑") and position + 1 < len(tokens) and tokens[position + 1].text == "^":
                level = 0
                for inner in tokens[position + 2 :]:
                    level += inner.text == "{"
                    level -= inner.text == "}"
                    if inner.kind == "letter":
                        names.add(self._with_label(tokens, inner))
                    if level == 0:
                        break
        _, ranges, sizes = cut_ranges([*tokens, Token("sign", ".", 0, 0)][:-1], self.context)
        names |= set(sizes) - set(ranges)
        new = [
            Symbol(n, role="size", domain=Domain("natural", num(1)))
            for n in names
            if n and n not in self.context.symbols
        ]
        self.context = self.context.declare_only(*new)

    @staticmethod
    def _with_label(tokens: list[Token], token: Token) -> str:
        position = tokens.index(token)
        after = tokens[position + 1 : position + 3]
        if len(after) == 2 and after[0].text == "_":
            return "" if after[1].text == "{" else with_sub(token.text, after[1].text)
        before = tokens[position - 1].text if position else ""
        return "" if before == "_" else token.text

    # one line

    def line(self, text: str, offset: int) -> bool:
        """Read one line; a problem is recorded and leaves the context as it was."""
        before = self.context, list(self.inferred)
        try:
            self._line(text, offset)
        except (Unreadable, Untokenizable) as error:
            self.context, self.inferred = before
            problem = error.problem
            if problem.span is None:
                problem = replace(problem, span=Span(offset, offset + len(text.rstrip())))
            self.problems.append(problem)
        except RecursionError:
            self.context, self.inferred = before
            self.problems.append(Problem("nested-too-deep", Span(offset, offset + len(text))))
        else:
            return True
        return False

    def _line(self, text: str, offset: int) -> None:
        for_all = _FOR_ALL.search(text)
        if for_all and not re.search(r"=\s*\d", text[for_all.start() :]):
            text = text[: for_all.start()]
        verb = _VERB.search(text)
        if verb is not None:
            subject, place = text[: verb.start()], offset + verb.end()
            first = re.search(r"\\in(?![A-Za-z])[^,]*,|:[^,]*\\to(?![A-Za-z])[^,]*,", subject)
            if first and not re.search(r"=|\\dots", subject):
                # `f : ℝ → ℝ, f is convex`: a declaration, then a phrase
                self._line(text[: first.end() - 1], offset)
                offset += first.end()
                subject = subject[first.end() :]
            self.phrase(subject, offset, text[verb.end() :], place, verb.group())
            return
        tokens = tokenize(text, offset, self.macros)
        while tokens and tokens[-1].kind == "sign" and tokens[-1].text in (".", ";", ","):
            tokens.pop()
        if not tokens:
            return
        tokens, trailing = self._trailing_phrases(text, offset, tokens)
        rest, ranges, sizes = cut_ranges(tokens, self.context)
        if ranges and not any(self._relates(piece) for piece in split_top(rest)) and not trailing:
            rest, ranges = tokens, {}  # `k, l \\in \\{1, …, n\\}` declares both
        if not rest:
            raise self.fail("declaration-expected", Span(offset, offset + len(text.rstrip())))
        self.declare_sizes(sizes)
        pieces = split_top(rest)
        names: list[list[Token]] = []
        declared: list[Name] = []
        for piece in pieces:
            for part in self._split_and(piece):
                if not part:
                    raise self.fail("expression-expected", Span(offset, offset + len(text.rstrip())))
                if not self._relates(part):
                    names.append(part)
                    continue
                if any(len(n) == 1 and n[0].text in DOTS for n in names):
                    part, extra = self.spread(names, part)
                    declared = self.clause([], part, {**ranges, **extra}, text, offset) or declared
                else:
                    declared = self.clause(names, part, ranges, text, offset) or declared
                names = []
        if names and not declared and trailing:
            declared = [self.read_name(n, ranges) for n in names]
            names = []
        if names:
            raise self.fail("relation-expected", names[0][0].span.join(names[-1][-1].span))
        for predicate, phrase_offset in trailing:
            self.apply(declared, predicate, ranges, phrase_offset)

    def _trailing_phrases(
        self, text: str, offset: int, tokens: list[Token]
    ) -> tuple[list[Token], list[tuple[phrases.Predicate, int]]]:
        """Property phrases after a comma: `X \\in \\mathbb{R}^{n \\times d}, full column rank`."""
        found: list[tuple[phrases.Predicate, int]] = []
        while True:
            comma = text.rfind(",")
            if comma < 0:
                return tokens, found
            predicate = phrases.read_phrase(text[comma + 1 :])
            if predicate is None:
                return tokens, found
            found.append((predicate, offset + comma + 1))
            text = text[:comma]
            tokens = [t for t in tokens if t.end <= offset + comma]

    @staticmethod
    def _split_and(piece: list[Token]) -> list[list[Token]]:
        """`p, q and r`: a lone word `and` separates as a comma does."""
        parts: list[list[Token]] = [[]]
        position = 0
        while position < len(piece):
            token = piece[position]
            if token.kind == "text" and token.text.strip() == "and":
                parts.append([])
                position += 1
                continue
            run = "".join(t.text for t in piece[position : position + 3] if t.kind == "letter")
            if run == "and" and piece[position + 1].joined and piece[position + 2].joined:
                parts.append([])
                position += 3
                continue
            parts[-1].append(token)
            position += 1
        return parts

    @staticmethod
    def _relates(piece: list[Token]) -> bool:
        level = 0
        for token in piece:
            if token.kind in ("sign", "command"):
                level += token.text in ("(", "[", "{", "\\{", "\\begin")
                level -= token.text in (")", "]", "}", "\\}", "\\end")
                if level == 0 and (
                    token.text in RELATIONS or token.text in (":", "\\Rightarrow", "\\iff", "\\implies")
                ):
                    return True
        return False

    def declare_sizes(self, sizes: dict[str, Symbol]) -> None:
        new = [replace(s, domain=Domain("natural", num(1))) for n, s in sizes.items() if n not in self.context.symbols]
        if new:
            self.context = self.context.declare_only(*new)

    # names

    def read_name(self, tokens: list[Token], ranges: dict[str, Range]) -> Name:
        """A name to be declared: letters, labels, and index letters that have a range."""
        parser = self.parser(tokens, ranges)
        start = parser.peek().span
        base, _ = read_base(parser)
        scripts = gather(parser)
        if parser.peek().kind != "end":
            raise parser.fail("name-expected", parser.peek())
        name = base + "′" * scripts.primes
        indices: list[str] = []
        if scripts.sup is not None:
            inner = scripts.sup[1:-1] if fenced(scripts.sup) else scripts.sup
            units = index_units(inner) or [inner]
            letters = [self._index_letter(u, ranges) for u in units]
            label = label_text(scripts.sup)
            if fenced(scripts.sup) and all(letters):
                indices += [letter for letter in letters if letter]
            elif label is None:
                raise parser.fail("name-expected", scripts.sup[0])
            elif len(scripts.sup) == 1 and scripts.sup[0].text in ("*", "\\ast", "+", "-", "\\star", "\\dagger"):
                name += label
            elif fenced(scripts.sup) or scripts.sup[0].kind in ("letter", "word", "text"):
                name += f"^{label}"
            else:
                raise parser.fail("name-expected", scripts.sup[0])
        if scripts.sub is not None:
            below = index_units(scripts.sub)
            letters = [self._index_letter(u, ranges) for u in below] if below else [None]
            label = label_text(scripts.sub)
            if all(letters):
                indices += [letter for letter in letters if letter]
            elif label is None or any(letters):
                raise parser.fail("name-expected", scripts.sub[0])
            else:
                name = with_sub(name, label)
        return Name(name, tuple(indices), start.join(tokens[-1].span))

    def _index_letter(self, unit: list[Token], ranges: dict[str, Range]) -> str | None:
        if len(unit) != 1 or unit[0].kind != "letter":
            return None
        letter = unit[0].text
        if letter in ranges:
            return letter
        symbol = self.context.symbols.get(letter)
        return letter if symbol is not None and symbol.role == "index" else None

    def parser(self, tokens: list[Token], ranges: dict[str, Range]) -> Parser:
        context = (
            self.context.declare_only(*(index_symbol(n, r) for n, r in ranges.items())) if ranges else self.context
        )
        return Parser(tokens, context, tokens[-1].end if tokens else 0)

    def range_of(self, letter: str, ranges: dict[str, Range], span: Span) -> Range:
        if letter in ranges:
            return ranges[letter]
        symbol = self.context.symbols[letter]
        low = affine_of(symbol.domain.low) if symbol.domain.low is not None else None
        high = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
        if low is None or high is None:
            raise self.fail("range-missing", span, name=letter)
        return Range(low, high)

    def spread(self, names: list[list[Token]], part: list[Token]) -> tuple[list[Token], dict[str, Range]]:
        """`x_1, …, x_n ∈ ℝ` as `x_i ∈ ℝ` with the range of i."""
        at = next(k for k, t in enumerate(part) if t.text in RELATIONS or t.text == ":")
        pieces = [*names, part[:at]]
        dots = next(k for k, p in enumerate(pieces) if len(p) == 1 and p[0].text in DOTS)
        _, extra = self.listed(pieces, dots)
        letter = next(iter(extra))
        first = names[0]
        script = next(k for k, t in enumerate(first) if t.text == "_")
        index = replace(first[script], kind="letter", text=letter, joined=False)
        return [*first[: script + 1], index, *part[at:]], extra

    # clauses

    def clause(
        self, names: list[list[Token]], part: list[Token], ranges: dict[str, Range], text: str, offset: int
    ) -> list[Name]:
        """One relation, for the names before it and its own left side."""
        signs = [(k, t) for k, t in enumerate(part) if t.kind in ("sign", "command") and self._top(part, k)]
        colon = next((k for k, t in signs if t.text == ":"), None)
        arrow = next((k for k, t in signs if t.text in ("\\to", "\\rightarrow", "\\longrightarrow")), None)
        if colon is not None and arrow is not None and colon < arrow:
            return self.function([*names, part[:colon]], part[colon + 1 : arrow], part[arrow + 1 :], ranges)
        relation = next(((k, t) for k, t in signs if t.text in RELATIONS), None)
        if relation is None:
            return self.formula([*part], ranges, offset)
        at, sign = relation
        head = RELATIONS[sign.text]
        if head == "in":
            lefts = [*names, part[:at]]
            if all(self._is_name(n) for n in lefts):
                return self.membership([self.read_name(n, ranges) for n in lefts], part[at + 1 :], ranges)
            if names:
                raise self.fail("name-expected", names[0][0].span)
            return self.formula(part, ranges, offset)
        if head == "distributed":
            return self.distribution([self.read_name(n, ranges) for n in [*names, part[:at]]], part[at + 1 :], ranges)
        if head == "tends" and not names:
            return self.tending(part, at, ranges)
        if names:
            declared: list[Name] = []
            for left in [*names, part[:at]]:
                declared += self.clause([], [*left, *part[at:]], ranges, text, offset)
            return declared
        if (
            head in ("gt", "ge", "lt", "le")
            and self._is_name(part[:at])
            and sum(t.text in RELATIONS for _, t in signs) == 1
        ):
            signed = self.sign(part, at, head, ranges)
            if signed is not None:
                return [signed]
        return self.formula(part, ranges, offset)

    @staticmethod
    def _top(tokens: list[Token], place: int) -> bool:
        level = 0
        for token in tokens[:place]:
            if token.kind in ("sign", "command"):
                level += token.text in ("(", "[", "{", "\\{", "\\begin")
                level -= token.text in (")", "]", "}", "\\}", "\\end")
        return level == 0

    def _is_name(self, tokens: list[Token]) -> bool:
        if not tokens:
            return False
        try:
            parser = Parser(tokens, self.context, tokens[-1].end)
            read_base(parser)
            gather(parser)
        except Unreadable:
            return False
        return parser.peek().kind == "end"

    def membership(self, names: list[Name], tokens: list[Token], ranges: dict[str, Range]) -> list[Name]:
        if not tokens:
            raise self.fail("set-expected", Span(names[-1].span.end + 1, names[-1].span.end + 1))
        parser = self.parser(tokens, ranges)
        found = read_set(parser)
        if parser.peek().kind != "end":
            raise parser.leftover()
        for letter, use in parser.unknown.items():
            if "size" in use.roles:
                self.declare_sizes({letter: Symbol(letter, role="size")})
            else:
                raise self.fail("unknown-symbol", use.span, name=letter, nearest="")
        for name in names:
            self.declare(name, self.symbol_in(name, found, ranges), ranges)
            if found.kind == "simplex":
                size = found.shape.axes[0][0]
                total = make("sum", sym("k"), num(1), term_of(size), make("entry", sym(name.name), sym("k")))
                self.context = self.context.assume(make("eq", total, num(1)))
        return names

    def symbol_in(self, name: Name, found: SetOf, ranges: dict[str, Range]) -> Symbol:
        """The symbol that membership in a set declares."""
        family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
        if not family and not found.shape.axes:
            if found.kind == "naturals":
                low = found.domain.low
                least = max(int(low.value) if low is not None and low.head == "num" else 0, 1)
                return Symbol(
                    name.name, role="size", domain=Domain("natural", num(least)), minimum=least, span=name.span
                )
            if found.kind in ("range", "named"):
                domain = replace(
                    found.domain, kind="natural" if found.kind == "range" and _natural(found) else "integer"
                )
                if found.kind == "named":
                    domain = found.domain
                return Symbol(name.name, role="index", domain=domain, span=name.span)
        domain = found.domain
        if domain.kind == "natural" and found.kind == "naturals" and domain.low is None:
            domain = replace(domain, low=num(0))
        return Symbol(name.name, found.shape, family=family, domain=domain, span=name.span)

    def declare(self, name: Name, symbol: Symbol, ranges: dict[str, Range]) -> None:
        """Add a declaration; a second one of the same name must agree with the first."""
        old = self.context.symbols.get(symbol.name)
        if old is not None and old.role == "size" and symbol.role == "size":
            least = max(old.minimum, symbol.minimum)
            symbol = replace(symbol, minimum=least, domain=Domain("natural", num(least)))
        elif old is not None and symbol.name in self.fresh:
            same = (old.shape, old.family, old.role) == (symbol.shape, symbol.family, symbol.role)
            if not same and not old.inferred:
                raise self.fail("declared-twice", name.span, name=symbol.name, first=_kind(old), second=_kind(symbol))
            domain = self.both(old.domain, symbol.domain, name) if same else symbol.domain
            symbol = replace(symbol, domain=domain, properties=old.properties | symbol.properties, random=old.random)
        elif (
            old is not None and old.role == "size" and symbol.role in ("variable", "index") and self._is_size_here(old)
        ):
            if symbol.domain.kind in ("real", "interval") and not symbol.shape.axes and not symbol.family:
                raise self.fail("declared-twice", name.span, name=symbol.name, first="size", second=_kind(symbol))
            if symbol.domain.kind == "integer" or symbol.role == "index":
                symbol = old
            else:
                raise self.fail("declared-twice", name.span, name=symbol.name, first="size", second=_kind(symbol))
        self.context = self.context.declare(symbol)
        self.fresh[symbol.name] = name.span

    def _is_size_here(self, old: Symbol) -> bool:
        return old.span is None or old.name in self.fresh

    def both(self, one: Domain, other: Domain, name: Name) -> Domain:
        """The part that two domains share."""
        merged = meet(one, other)
        if merged is None:
            raise self.fail("domains-contradict", name.span, name=name.name)
        return merged

    def function(
        self, names: list[list[Token]], source: list[Token], target: list[Token], ranges: dict[str, Range]
    ) -> list[Name]:
        arguments: list[Shape] = []
        domains: list[Domain] = []
        for piece in _factors(source):
            found = self._set(piece, ranges)
            arguments.append(found.shape)
            domains.append(found.domain)
        result = self._set(target, ranges)
        declared = []
        for tokens in names:
            name = self.read_name(tokens, ranges)
            if name.indices:
                raise self.fail("function-family", name.span, name=name.name)
            symbol = Symbol(
                name.name, result.shape, "function", domain=result.domain, arguments=tuple(arguments), span=name.span
            )
            self.declare(name, symbol, ranges)
            declared.append(name)
        return declared

    def _set(self, tokens: list[Token], ranges: dict[str, Range]) -> SetOf:
        if not tokens:
            raise self.fail("set-expected", None)
        parser = self.parser(tokens, ranges)
        found = read_set(parser)
        if parser.peek().kind != "end":
            raise parser.leftover()
        self.declare_sizes({n: Symbol(n, role="size") for n, u in parser.unknown.items() if "size" in u.roles})
        return found

    def distribution(self, names: list[Name], tokens: list[Token], ranges: dict[str, Range]) -> list[Name]:
        parser = self.parser(tokens, ranges)
        placeholder = sym("?")
        shape = read_distribution(parser, placeholder)
        if parser.peek().kind != "end":
            raise parser.leftover()
        self.take_inferred(parser, list(shape.args[1:]))
        for name in names:
            old = self.context.symbols.get(name.name)
            if old is None:
                family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
                domain = _DOMAINS.get(shape.value, Domain())
                parameter = elaborate(shape.args[1], self.context)
                tensor = parameter.shape if not isinstance(parameter, Problem) and shape.value == "normal" else SCALAR
                self.declare(name, Symbol(name.name, tensor, family=family, domain=domain, random=True), ranges)
            else:
                self.context = self.context.declare_only(replace(old, random=True))
            term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
            self.assume(shape.with_args((term, *shape.args[1:])), ranges, name.span)
        return names

    def tending(self, part: list[Token], at: int, ranges: dict[str, Range]) -> list[Name]:
        name = self.read_name(part[:at], ranges)
        if name.name not in self.context.symbols:
            self.context = self.context.declare(Symbol(name.name, span=name.span))
        parser = self.parser(part[at + 1 :], ranges)
        if not part[at + 1 :]:
            raise self.fail("expression-expected", part[at].span)
        statement = read_tending(parser, sym(name.name))
        if parser.peek().kind != "end":
            raise parser.leftover()
        self.context = self.context.assume(statement)
        return [name]

    def sign(self, part: list[Token], at: int, head: str, ranges: dict[str, Range]) -> Name | None:
        """`\\lambda > 0`: a bound by a number narrows the domain; None where it is a fact between values."""
        right = self.parser(part[at + 1 :], ranges)
        if not part[at + 1 :] or right.peek().text == "\\infty":
            return None
        bound = right.operand()
        if right.peek().kind != "end" or not _constant(bound):
            return None
        if any(a.text == "^" and b.kind == "digit" for a, b in pairwise(part[:at])):
            return None
        name = self.read_name(part[:at], ranges)
        old = self.context.symbols.get(name.name)
        if old is not None and old.role == "size" and not name.indices:
            value = affine_of(bound)
            if value is not None and value.is_constant and head in ("gt", "ge"):
                least = max(value.constant + (head == "gt"), 1, old.minimum)
                updated = replace(old, minimum=least, domain=Domain("natural", num(least)))
                self.context = self.context.declare_only(updated)
                return name
            return None
        if old is not None and (old.role != "variable" or name.name in self.context.definitions):
            return None
        limited = _half_line(head, bound)
        family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
        if old is None:
            self.declare(name, Symbol(name.name, family=family, domain=limited, span=name.span), ranges)
            return name
        if name.indices:
            axes = [*old.family, *(Range(Affine(1), a[0]) for a in old.shape.axes if len(a) == 1)]
            if list(family) != axes[: len(family)] or len(family) != len(axes):
                return None
        elif old.family or old.shape.axes:
            return None
        self.context = self.context.declare_only(
            replace(old, domain=self.both(old.domain, limited, name), inferred=False)
        )
        return name

    # formulas

    def formula(self, tokens: list[Token], ranges: dict[str, Range], offset: int) -> list[Name]:
        """A definition, a recurrence, or a fact."""
        recurrence = self.recurrence(tokens, ranges)
        if recurrence is not None:
            return recurrence
        context = (
            self.context.declare_only(*(index_symbol(n, r) for n, r in ranges.items())) if ranges else self.context
        )
        open_names = self._undefined(tokens)
        reading = read_formula("", context, offset, self.macros, tokens=tokens)
        if isinstance(reading, Problem):
            raise Unreadable(reading)
        if any(s.lead or (s.connective and len(reading.segments) == 1) for s in reading.segments):
            raise self.fail("expression-expected", tokens[0].span)
        if reading.definition is not None:
            return self.define(reading, ranges)
        defined = self.redefine(reading, open_names, tokens, ranges)
        if defined is not None:
            return defined
        self.keep(reading.inferred)
        for statement in statements_of(reading):
            self.assume(statement, ranges, tokens[0].span.join(tokens[-1].span), reading)
        return []

    def _undefined(self, tokens: list[Token]) -> bool:
        return bool(tokens)

    def keep(self, inferred: Iterable[Symbol]) -> None:
        """Undeclared names of a fact hold for all that follows; indices only for the fact."""
        kept = [s for s in inferred if s.role != "index"]
        self.context = self.context.declare_only(*kept)
        self.inferred += kept

    def take_inferred(self, parser: Parser, terms: list[Term]) -> None:
        found = infer(parser, terms)
        self.keep(found.symbols)

    def define(self, reading: Reading, ranges: dict[str, Range]) -> list[Name]:
        assert reading.definition is not None
        symbol, definition = reading.definition
        self.keep(s for s in reading.inferred if s.name not in definition.params)
        old = self.context.symbols.get(symbol.name)
        if old is not None and old.role == "function" and old.shape != symbol.shape:
            raise self.fail("shapes-differ", definition.span, left=old.shape, right=symbol.shape)
        self.context = self.context.declare(replace(symbol, span=definition.span)).define(definition)
        self.fresh[symbol.name] = definition.span or Span(0, 0)
        segment = reading.segments[0]
        if len(segment.heads) > 1:
            for left, head, right in zip(segment.terms[1:], segment.heads[1:], segment.terms[2:], strict=False):
                self.assume(make(head, left, right), ranges, segment.span, reading)
        for other in reading.segments[1:]:
            for statement in chain_statements(other.terms, other.heads):
                self.assume(statement, ranges, other.span, reading)
        return [Name(symbol.name)]

    def redefine(
        self, reading: Reading, open_names: bool, tokens: list[Token], ranges: dict[str, Range]
    ) -> list[Name] | None:
        """`h = \\sigma(z)` for a declared h that nothing defines yet."""
        if len(reading.segments) != 1 or not open_names:
            return None
        segment = reading.segments[0]
        if segment.heads[:1] not in (("eq",), ("define",)) or len(segment.heads) != 1:
            return None
        left, right = segment.terms
        letters: list[str] = []
        base = left
        if left.head == "entry":
            base = left.args[0]
            letters = [a.name if a.head == "sym" else "" for a in left.args[1:]]
            indices = {s.name for s in reading.context.symbols.values() if s.role == "index"}
            if len(set(letters)) != len(letters) or any(n not in indices for n in letters):
                return None
        if base.head != "sym":
            return None
        symbol = self.context.symbols.get(base.name)
        if symbol is None or symbol.role not in ("variable",) or base.name in self.context.definitions:
            return None
        if (
            self._depends(right, base.name)
            or symbol.random
            or base.name in {n for f in self.context.facts for n in free_names(f)}
        ):
            return None
        if symbol.domain != Domain():
            return None
        checked = elaborate(make("eq", left, right), reading.context)
        if isinstance(checked, Problem):
            raise Unreadable(checked)
        spans: list[Range] = []
        axes = [*symbol.family, *(Range(Affine(1), a[0]) for a in symbol.shape.axes)]
        for letter, axis in zip(letters, axes, strict=False):
            index = reading.context.symbols[letter]
            low = affine_of(index.domain.low) if index.domain.low is not None else None
            high = affine_of(index.domain.high) if index.domain.high is not None else None
            if low is None or high is None or Range(low, high) != axis:
                return None
            spans.append(axis)
        self.keep(reading.inferred)
        body = checked.term.args[1]
        self.context = self.context.define(Definition(base.name, body, tuple(letters), tuple(spans), tokens[0].span))
        return [Name(base.name)]

    def _depends(self, term: Term, name: str, seen: frozenset[str] = frozenset()) -> bool:
        for free in free_names(term):
            if free == name:
                return True
            definition = self.context.definitions.get(free)
            if definition is not None and free not in seen and self._depends(definition.body, name, seen | {free}):
                return True
        return False

    def recurrence(self, tokens: list[Token], ranges: dict[str, Range]) -> list[Name] | None:
        """`m_t = \\beta m_{t-1} + g_t, t = 1, …, T`: declares m from its first index on, and is a fact."""
        at = next((k for k, t in enumerate(tokens) if t.text in ("=", ":=") and t.kind == "sign"), None)
        if at is None or not ranges or not self._is_name(tokens[:at]):
            return None
        name = self.read_name(tokens[:at], ranges)
        if len(name.indices) != 1 or not self._mentions(tokens[:at], tokens[at + 1 :]):
            return None
        symbol = self.context.symbols.get(name.name)
        if symbol is not None and symbol.family:
            return None
        letter = name.indices[0]
        span = ranges[letter]
        provisional = replace(
            self.context, symbols=MappingProxyType({k: v for k, v in self.context.symbols.items() if k != name.name})
        )
        seed = next(
            (
                s
                for n, s in self.context.symbols.items()
                if n.startswith(f"{name.name}_") and n[len(name.name) + 1 :].isdigit()
            ),
            None,
        )
        shapes = (
            [seed.shape]
            if seed is not None and (seed.shape.axes or seed.name not in self.context.definitions)
            else [SCALAR, *dict.fromkeys(s.shape for s in self.context.symbols.values() if s.shape.axes)]
        )
        problem: Problem | None = None
        for shape in shapes:
            trial = provisional.declare_only(
                Symbol(name.name, shape, family=(Range(span.low - 1, span.high),), span=name.span),
                *(index_symbol(n, r) for n, r in ranges.items()),
            )
            reading = read_formula("", trial, tokens[0].start, self.macros, tokens=tokens)
            if isinstance(reading, Problem):
                raise Unreadable(reading)
            statement = statements_of(reading)[0]
            checked = elaborate(statement, reading.context)
            if isinstance(checked, Problem):
                problem = problem or checked
                continue
            shifts = [
                affine.constant
                for node in walk(statement)
                if node.head == "entry"
                and node.args[0] == sym(name.name)
                and (affine := affine_of(node.args[1])) is not None
                and affine.coefficient(letter) == 1
            ]
            family = Range(span.low + min([0, *shifts]), span.high)
            random = any(self._random_name(n) for n in free_names(checked.term))
            self.keep(reading.inferred)
            self.declare_family(name, Symbol(name.name, shape, family=(family,), random=random, span=name.span))
            fact = elaborate(statement, self.context.declare_only(*(index_symbol(n, r) for n, r in ranges.items())))
            if isinstance(fact, Problem):
                raise Unreadable(fact)
            self.context = self.context.assume(
                make("forall", sym(letter), term_of(span.low), term_of(span.high), fact.term)
            )
            return [name]
        assert problem is not None
        raise Unreadable(problem)

    def _random_name(self, name: str) -> bool:
        symbol = self.context.symbols.get(name)
        return symbol is not None and symbol.random

    @staticmethod
    def _mentions(left: list[Token], right: list[Token]) -> bool:
        """Whether the letters of the name stand, with a script, on the right."""
        script = next((k for k, t in enumerate(left) if t.text in ("_", "^")), len(left))
        base = [t.text for t in left[:script]]
        texts = [t.text for t in right]
        size = len(base)
        return any(
            texts[k : k + size] == base and texts[k + size : k + size + 1] in (["_"], ["^"]) for k in range(len(texts))
        )

    def declare_family(self, name: Name, symbol: Symbol) -> None:
        """Declare a family; `m_0` and the like, declared before it, become its members."""
        members: dict[str, Term] = {}
        symbols = dict(self.context.symbols)
        definitions = dict(self.context.definitions)
        facts: list[Term] = list(self.context.facts)
        for old in list(symbols):
            label = old[len(symbol.name) + 1 :] if old.startswith(f"{symbol.name}_") else ""
            if label.isdigit():
                members[old] = make("entry", sym(symbol.name), num(label))
                del symbols[old]
                if old in definitions:
                    value = definitions.pop(old).body
                    if value.head == "num" and value.value == 0 and symbol.shape.axes:
                        value = make("zeros", value=symbol.shape)
                    facts.append(make("eq", members[old], value))
        symbols[symbol.name] = symbol
        if members:

            def member(node: Term) -> Term | None:
                return members.get(node.name) if node.head == "sym" else None

            facts = [rewrite(f, member) for f in facts]
            definitions = {n: replace(d, body=rewrite(d.body, member)) for n, d in definitions.items()}
        self.context = replace(
            self.context,
            symbols=MappingProxyType(symbols),
            definitions=MappingProxyType(definitions),
            facts=tuple(facts),
        )
        self.fresh[symbol.name] = name.span

    def assume(self, statement: Term, ranges: dict[str, Range], span: Span, reading: Reading | None = None) -> None:
        """Add a fact, for every index in it that runs over a range."""
        context = reading.context if reading is not None else self.context
        inner = self.context.declare_only(
            *(index_symbol(n, r) for n, r in ranges.items()),
            *(s for s in context.symbols.values() if s.role == "index" and s.name not in self.context.symbols),
        )
        checked = elaborate(statement, inner)
        if isinstance(checked, Problem):
            raise Unreadable(checked if checked.span else replace(checked, span=span))
        fact = checked.term
        for name in sorted(free_names(fact), reverse=True):
            symbol = inner.symbols.get(name)
            if symbol is None or symbol.role != "index" or symbol.domain.low is None:
                continue
            high = symbol.domain.high if symbol.domain.high is not None else make("infinity")
            fact = make("forall", sym(name), symbol.domain.low, high, fact, span=span)
        self.context = self.context.assume(fact)

    # phrases

    def phrase(self, subject: str, offset: int, predicate: str, place: int, verb: str) -> None:
        """`A and B are independent`."""
        tokens = tokenize(subject, offset, self.macros)
        while tokens and tokens[-1].text == ",":
            tokens.pop()
        if not tokens:
            raise self.fail("name-expected", Span(offset, offset + len(subject) + len(predicate)))
        found = phrases.read_phrase(predicate)
        if found is None:
            stripped = predicate.strip()
            start = place + len(predicate) - len(predicate.lstrip())
            raise self.fail("phrase-unknown", Span(start, start + len(stripped)), phrase=stripped)
        rest, ranges, sizes = cut_ranges(tokens, self.context)
        self.declare_sizes(sizes)
        pieces = [part for piece in split_top(rest) for part in self._split_and(piece)]
        pieces = [p for p in pieces if p]
        dots = next((k for k, p in enumerate(pieces) if len(p) == 1 and p[0].text in DOTS), None)
        if dots is not None and 0 < dots < len(pieces) - 1:
            name, extra = self.listed(pieces, dots)
            self.apply([name], found, {**ranges, **extra}, place)
            return
        if found.kind in ("property", "nonzero", "sign") and not all(self._is_name(p) for p in pieces):
            self.about_expressions(pieces, found, ranges)
            return
        self.apply([self.read_subject(p, ranges) for p in pieces], found, ranges, place)

    def read_subject(self, tokens: list[Token], ranges: dict[str, Range]) -> Name:
        """A name in a phrase: a declared family may be named by a member with a free index."""
        parser = self.parser(tokens, ranges)
        base, span = read_base(parser)
        scripts = gather(parser)
        symbol = self.context.symbols.get(base)
        if parser.peek().kind == "end" and symbol is not None and (symbol.family or symbol.shape.axes):
            script = scripts.sub or (scripts.sup[1:-1] if fenced(scripts.sup) and scripts.sup else None)
            if script is not None and all(t.kind == "letter" or t.text == "," for t in script):
                return Name(base, (), span)
        return self.read_name(tokens, ranges)

    def listed(self, pieces: list[list[Token]], dots: int) -> tuple[Name, dict[str, Range]]:
        """`T_1, …, T_m`: the family T with its range."""
        first, last = pieces[0], pieces[-1]
        parser = Parser(first, self.context, first[-1].end)
        base, span = read_base(parser)
        low = gather(parser)
        parser = Parser(last, self.context, last[-1].end)
        other, _ = read_base(parser)
        high = gather(parser)
        if base != other or not low.sub or not high.sub or dots != len(pieces) - 2:
            raise self.fail("dots-unclear", pieces[dots][0].span)
        ends = []
        for sub in (low.sub, high.sub):
            inner = Parser(sub, self.context, sub[-1].end)
            value = affine_of(inner.expression())
            if value is None or inner.peek().kind != "end":
                raise self.fail("dots-unclear", pieces[dots][0].span)
            self.declare_sizes({n: Symbol(n, role="size") for n in value.names})
            ends.append(value)
        letter = "i"
        while letter in self.context.symbols:
            letter += "′"
        return Name(base, (letter,), span), {letter: Range(ends[0], ends[1])}

    def about_expressions(self, pieces: list[list[Token]], found: phrases.Predicate, ranges: dict[str, Range]) -> None:
        """`X^T X is invertible`, `p(x; \\theta) is twice differentiable in \\theta`."""
        for piece in pieces:
            parser = self.parser(piece, ranges)
            term = parser.expression()
            if parser.peek().kind != "end":
                raise parser.leftover()
            self.take_inferred(parser, [term])
            if term.head == "call" and found.kind == "property" and found.words[0] in phrases.FUNCTION_PROPERTIES:
                self.context = self.context.with_properties(term.name, found.words)
                continue
            if found.kind == "property":
                for word in found.words:
                    self.assume(make("has", term, value=word), ranges, piece[0].span)
            elif found.kind == "nonzero":
                self.assume(make("ne", term, num(0)), ranges, piece[0].span)
            else:
                head = {">": "gt", ">=": "ge", "<": "lt"}[found.words[0]]
                self.assume(make(head, term, num(0)), ranges, piece[0].span)

    def apply(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        """What a phrase says of names."""
        if not names:
            raise self.fail("name-expected", Span(place, place))
        _APPLY[found.kind](self, names, found, ranges, place)

    def _property(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        for name in names:
            symbol = self.context.symbols.get(name.name)
            if symbol is None:
                nearest = ", ".join(getattr(self.context.lookup(name.name), "nearest", ()))
                raise self.fail("unknown-symbol", name.span, name=name.name, nearest=nearest)
            words = set(found.words)
            if words & phrases.MATRIX_PROPERTIES:
                rank = symbol.shape.rank + len(symbol.family)
                if rank < 2 or symbol.role != "variable":
                    raise self.fail(
                        "property-of-matrix", name.span, name=name.name, property=found.words[0], kind=_kind(symbol)
                    )
                axes = symbol.shape.axes
                square = len(axes) < 2 or axes[0] == axes[1]
                if not square and words & (phrases.MATRIX_PROPERTIES - {"full column rank", "full row rank"}):
                    raise self.fail(
                        "property-of-square", name.span, name=name.name, property=found.words[0], kind=_kind(symbol)
                    )
            elif words & phrases.FUNCTION_PROPERTIES and symbol.role != "function":
                raise self.fail(
                    "property-of-function", name.span, name=name.name, property=found.words[0], kind=_kind(symbol)
                )
            self.context = self.context.with_properties(name.name, found.words)

    def _nonzero(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        for name in names:
            self._known(name, ranges)
            term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
            self.assume(make("ne", term, num(0)), ranges, name.span)

    def _sign(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        head = {">": "gt", ">=": "ge", "<": "lt"}[found.words[0]]
        for name in names:
            symbol = self._known(name, ranges)
            domain = self.both(symbol.domain, _half_line(head, num(0)), name)
            self.context = self.context.declare_only(replace(symbol, domain=domain))

    def _real(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        for name in names:
            family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
            self.declare(name, Symbol(name.name, family=family, span=name.span), ranges)

    def _known(self, name: Name, ranges: dict[str, Range]) -> Symbol:
        symbol = self.context.symbols.get(name.name)
        if symbol is None:
            family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
            symbol = Symbol(name.name, family=family, span=name.span)
            self.context = self.context.declare(symbol)
        return symbol

    def _whole(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        least = {"natural": 0, "positive": 1}.get(found.words[0])
        for name in names:
            if not name.indices and least is not None:
                low = max(least, 1)
                size = Symbol(name.name, role="size", domain=Domain("natural", num(low)), minimum=low, span=name.span)
                self.declare(name, size, ranges)
                continue
            family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
            domain = Domain("integer") if least is None else Domain("natural", num(least))
            self.declare(name, Symbol(name.name, family=family, domain=domain, span=name.span), ranges)

    def _member(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        _, text, at = found.parts[0]
        self.membership(names, tokenize(text, place + at, self.macros), ranges)

    def _event(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        for name in names:
            family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
            properties = frozenset(["independent"]) if "independent" in found.flags and family else frozenset()
            symbol = Symbol(
                name.name, STATEMENT, "event", family=family, properties=properties, random=True, span=name.span
            )
            self.declare(name, symbol, ranges)
        if "independent" in found.flags and len(names) > 1:
            self.context = self.context.assume(make("independent", *(sym(n.name) for n in names), value="independent"))

    def _finite_set(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        for name in names:
            size = Symbol(f"|{name.name}|", role="size", domain=Domain("natural", num(1)))
            domain = Domain("natural", num(1), sym(size.name))
            self.context = self.context.declare(size, Symbol(name.name, role="set", domain=domain, span=name.span))

    def _independent(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        word = found.words[0]
        for name in names:
            symbol = self.context.symbols.get(name.name)
            if symbol is None:
                family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
                self.declare(name, Symbol(name.name, family=family, random=True, span=name.span), ranges)
            elif not symbol.random and symbol.role == "variable":
                self.context = self.context.declare_only(replace(symbol, random=True))
        if len(names) == 1 and not names[0].indices and not self.context.symbols[names[0].name].family:
            raise self.fail("independent-of-what", names[0].span, name=names[0].name)
        if word == "pairwise":
            raise self.fail("phrase-unknown", Span(place, place), phrase="pairwise independent")
        if len(names) == 1 or all(n.indices for n in names):
            for name in names:
                self.context = self.context.with_properties(name.name, [word])
        if len(names) > 1:
            self.context = self.context.assume(make("independent", *(sym(n.name) for n in names), value=word))

    def _conditional(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        _, text, at = found.parts[0]
        for name in names:
            self._known(name, ranges)
        parser = Parser(tokenize(text, place + at, self.macros), self.context, place + at + len(text))
        given = parser.operand()
        if parser.peek().kind != "end":
            raise parser.leftover()
        terms = [sym(n.name) for n in names]
        self.context = self.context.assume(make("independent", *terms, given, value="conditional"))

    def _random(self, names: list[Name], found: phrases.Predicate, ranges: dict[str, Range], place: int) -> None:
        words: set[str] = set()
        if "iid" in found.flags:
            words |= {"iid", "independent", "identically distributed"}
        if "independent" in found.flags:
            words.add("independent")
        if "identical" in found.flags:
            words.add("identically distributed")
        if "uncorrelated" in found.flags:
            words.add("uncorrelated")
        domain = Domain()
        if "positive" in found.flags:
            domain = _half_line("gt", num(0))
        if "nonnegative" in found.flags:
            domain = _half_line("ge", num(0))
        parts = {what: (text, place + at) for what, text, at in found.parts}
        if "values in" in parts:
            text, at = parts["values in"]
            domain = self._set(tokenize(text, at, self.macros), ranges).domain
            if domain.kind == "natural" and domain.low is None:
                domain = replace(domain, low=num(0))
        for name in names:
            old = self.context.symbols.get(name.name)
            family = tuple(self.range_of(i, ranges, name.span) for i in name.indices)
            if old is not None and old.role == "size" and not name.indices and old.name not in self.fresh:
                old = None
            if old is None:
                shape = self._moment_shape(parts, ranges) if "vector" in found.flags else SCALAR
                if shape is None:
                    raise self.fail("random-shape", name.span, name=name.name)
                symbol = Symbol(name.name, shape, family=family, domain=domain, random=True, span=name.span)
            else:
                symbol = replace(old, random=True, domain=self.both(old.domain, domain, name), inferred=False)
            single = not symbol.family
            symbol = replace(symbol, properties=symbol.properties | (frozenset() if single else frozenset(words)))
            self.context = self.context.declare_only(symbol)
            self.fresh[name.name] = name.span
            self._moments(name, symbol, parts, ranges)
        if len(names) > 1 and words & {"independent", "uncorrelated"}:
            word = "independent" if "independent" in words else "uncorrelated"
            self.context = self.context.assume(make("independent", *(sym(n.name) for n in names), value=word))
        if len(names) > 1 and "identically distributed" in words and "iid" in words:
            self.context = self.context.assume(
                *(make("has", sym(n.name), value=f"distributed like {names[0].name}") for n in names[1:])
            )

    def _moment_shape(self, parts: dict[str, tuple[str, int]], ranges: dict[str, Range]) -> Shape | None:
        for what in ("mean", "expectation", "covariance matrix", "covariance", "variance"):
            if what in parts:
                text, at = parts[what]
                parser = self.parser(tokenize(text, at, self.macros), ranges)
                shape = parser.shape(parser.expression())
                if shape is not None and shape.axes:
                    return Shape(shape.axes[:1])
        return None

    def _moments(self, name: Name, symbol: Symbol, parts: dict[str, tuple[str, int]], ranges: dict[str, Range]) -> None:
        term = make("entry", sym(name.name), *map(sym, name.indices)) if name.indices else sym(name.name)
        for what, (text, at) in parts.items():
            if what == "values in":
                continue
            tokens = tokenize(text, at, self.macros)
            parser = self.parser(tokens, ranges)
            if what in ("density", "pdf", "probability density function", "probability mass function", "pmf"):
                self._density(
                    name, tokens, ranges, "mass" if what in ("probability mass function", "pmf") else "density"
                )
                continue
            value = parser.expression()
            if parser.peek().kind != "end":
                raise parser.leftover()
            head = "expect" if what in ("mean", "expectation") else "variance"
            if value.head == "sym" and value.name in parser.unknown and symbol.shape.axes:
                axes = symbol.shape.axes * (1 if head == "expect" else 2)
                self.keep([Symbol(value.name, Shape(axes), span=value.span, inferred=True)])
            else:
                self.take_inferred(parser, [value])
            self.assume(make("eq", make(head, term), value), ranges, name.span)

    def _density(self, name: Name, tokens: list[Token], ranges: dict[str, Range], kind: str) -> None:
        """`X … with density p(x; \\theta)`: the fact that X is distributed by p, written at X itself."""
        parser = self.parser(tokens, ranges)
        value = parser.expression()
        if parser.peek().kind != "end":
            raise parser.leftover()
        if value.head == "sym":
            value = make("call", sym(name.name), value=value.name)
        if value.head != "call":
            raise self.fail("density-expected", tokens[0].span)
        letter = value.args[0]
        if letter.head == "sym" and letter.name in parser.unknown:
            del parser.unknown[letter.name]
            self.context = self.context.declare_only(Symbol(letter.name, inferred=True))
        self.take_inferred(parser, list(value.args[1:]))
        at_x = value.with_args((sym(name.name), *value.args[1:]))
        self.context = self.context.assume(make("distributed", sym(name.name), at_x, value=kind))


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


def _constant(term: Term) -> bool:
    """Whether a term is a number written with digits."""
    return all(node.head in ("num", "neg", "div", "add", "mul", "sqrt", "pow") for node in walk(term))


def _half_line(head: str, bound: Term) -> Domain:
    if head in ("gt", "ge"):
        return Domain("interval", low=bound, low_open=head == "gt")
    return Domain("interval", high=bound, high_open=head == "lt")


def _value(term: Term | None) -> float | None:
    """A rough value of a constant, for comparing the ends of domains."""
    if term is None:
        return None
    if term.head == "num":
        return float(term.value)
    values = [_value(a) for a in term.args]
    known = [v for v in values if v is not None]
    if len(known) != len(values):
        return None
    if term.head == "neg":
        return -known[0]
    if term.head == "div" and known[1]:
        return known[0] / known[1]
    return None


def meet(one: Domain, other: Domain) -> Domain | None:
    """The part that two domains share; None where it is plainly empty."""
    if one == other or other.kind == "real":
        return one
    if one.kind == "real":
        return other
    if one.kind == "finite" or other.kind == "finite":
        return one if one.kind == "finite" else other
    whole = one if one.kind in ("natural", "integer") else other
    low, low_open = _tighter(one.low, one.low_open, other.low, other.low_open, 1)
    high, high_open = _tighter(one.high, one.high_open, other.high, other.high_open, -1)
    a, b = _value(low), _value(high)
    if a is not None and b is not None and (a > b or (a == b and (low_open or high_open))):
        return None
    if whole.kind in ("natural", "integer") and low_open and low is not None and low.head == "num":
        low, low_open = num(int(low.value) + 1), False
    return Domain(whole.kind, low, high, low_open, high_open)


def _tighter(
    one: Term | None, one_open: bool, other: Term | None, other_open: bool, way: int
) -> tuple[Term | None, bool]:
    if one is None:
        return other, other_open
    if other is None:
        return one, one_open
    a, b = _value(one), _value(other)
    if a is None or b is None or (a - b) * way > 0:
        return one, one_open
    if a == b:
        return one, one_open or other_open
    return other, other_open


def _kind(symbol: Symbol) -> str:
    if symbol.role not in ("variable",):
        return symbol.role
    if symbol.family:
        spans = ", ".join(f"{r.low}…{r.high}" for r in symbol.family)
        return f"family[{spans}] of {symbol.shape}"
    return str(symbol.shape)


_APPLY = {
    "property": _Givens._property,
    "nonzero": _Givens._nonzero,
    "sign": _Givens._sign,
    "real": _Givens._real,
    "whole": _Givens._whole,
    "member": _Givens._member,
    "event": _Givens._event,
    "set": _Givens._finite_set,
    "independent": _Givens._independent,
    "conditional": _Givens._conditional,
    "random": _Givens._random,
}
