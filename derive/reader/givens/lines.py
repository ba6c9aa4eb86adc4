"""Given lines: what is declared, defined and assumed before a derivation.

Each line is a list of names with a set, a sign, a function's type, a distribution or a phrase, or else a formula, which
defines a name or is a fact. A range at the end holds for the whole line. Lines are read in order, but the sizes in them
are known from the start. What cannot be read, or contradicts an earlier line, is a `Problem` at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from derive.language.context import Context, Domain, Symbol
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import make, num
from derive.reader.formula.conditions import mark_condition
from derive.reader.formula.ranges import cut_ranges, split_top
from derive.reader.givens.conditions import words_as_text
from derive.reader.givens.declarations import read_clause
from derive.reader.givens.names import read_name, split_and, spread_listed
from derive.reader.givens.predicates import apply_predicate, read_predicate
from derive.reader.givens.premises import Name, Premises
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import with_sub
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.signs import DOTS, RELATIONS
from derive.reader.latex.tokens import Macros, Token, Untokenizable
from derive.reader.notation import phrases


@dataclass(frozen=True, slots=True)
class Givens:
    """The context that given lines make, the problems in them, and the roles that were inferred."""

    context: Context
    problems: tuple[Problem, ...] = ()
    inferred: tuple[Symbol, ...] = ()


_VERB = re.compile(r"(?<![\\A-Za-z])(is|are|has|have|form|forms)(?![A-Za-z])")
_DECLARED = re.compile(r"\s*([^,:]+?)\s*(?:\\in(?![A-Za-z])[^,:]*|:[^,:]*\\to(?![A-Za-z])[^,:]*)$")
"""Names and the set or type that declares them."""
_FOR_ALL = re.compile(
    r",?\s*(?:\\text\{)?\s*for (?:all|every|each|any)\s*\}?\s+(\\?[A-Za-z]+(?:_\w|'|\^\*)?)\s*\.?\s*$"
)


def read_givens(
    lines: Iterable[tuple[str, int]], context: Context | None = None, macros: Macros | None = None
) -> Givens:
    """Read given lines (text and offset of each) into a context."""
    premises = Premises(context or Context(), macros)
    prepared = [(_prepare(text), offset) for text, offset in lines]
    for text, offset in prepared:
        note_sizes(premises, text, offset)
    waiting = [line for phase in range(3) for line in prepared if line[0].strip() and _phase(line[0]) == phase]
    while waiting:
        # a line may need what a later one declares
        premises.problems = []
        again = [line for line in waiting if not take_line(premises, *line)]
        if len(again) == len(waiting):
            break
        waiting = again
    premises.problems.sort(key=lambda p: p.span.start if p.span else 0)
    symbols = premises.context.symbols
    inferred = tuple(s for s in premises.inferred if s.name in symbols and symbols[s.name].inferred)
    return Givens(premises.context, tuple(premises.problems), inferred)


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


def note_sizes(premises: Premises, text: str, offset: int) -> None:
    """Declare the letters that are dimensions or the ends of ranges."""
    verb = _VERB.search(text)
    try:
        tokens = tokenize(text[: verb.start()] if verb else text, offset, premises.macros)
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
                    names.add(_with_label(tokens, inner))
                if level == 0:
                    break
    _, ranges, sizes = cut_ranges([*tokens, Token("sign", ".", 0, 0)][:-1], premises.context)
    for letter, span in ranges.items():
        premises.running.setdefault(letter, set()).add(span)
    names |= set(sizes) - set(ranges)
    new = [
        Symbol(n, role="size", domain=Domain("natural", num(1)))
        for n in names
        if n and n not in premises.context.symbols
    ]
    premises.context = premises.context.declare_only(*new)


def _with_label(tokens: list[Token], token: Token) -> str:
    position = tokens.index(token)
    after = tokens[position + 1 : position + 3]
    if len(after) == 2 and after[0].text == "_":
        return "" if after[1].text == "{" else with_sub(token.text, after[1].text)
    before = tokens[position - 1].text if position else ""
    return "" if before == "_" else token.text


def take_line(premises: Premises, text: str, offset: int) -> bool:
    """Read one line; a problem is recorded and leaves the context as it was."""
    before = premises.context, list(premises.inferred)
    try:
        _read_line(premises, text, offset)
    except (Unreadable, Untokenizable) as error:
        premises.context, premises.inferred = before
        problem = error.problem
        if problem.span is None:
            problem = replace(problem, span=Span(offset, offset + len(text.rstrip())))
        premises.problems.append(problem)
    except RecursionError:
        premises.context, premises.inferred = before
        premises.problems.append(Problem("nested-too-deep", Span(offset, offset + len(text))))
    else:
        return True
    return False


def _read_line(premises: Premises, text: str, offset: int) -> None:
    if phrases.allows_interchange(text):
        premises.context = premises.context.assume(make("interchange"))
        return
    for_all = _FOR_ALL.search(text)
    if for_all and not re.search(r"=\s*\d", text[for_all.start() :]):
        text = text[: for_all.start()]
    verb = _VERB.search(text)
    if verb is not None:
        subject, place = text[: verb.start()], offset + verb.end()
        first = re.search(r"\\in(?![A-Za-z])[^,]*,|:[^,]*\\to(?![A-Za-z])[^,]*,", subject)
        if first and not re.search(r"=|\\dots", subject):
            # `f : ℝ → ℝ, f is convex`: a declaration, then a phrase
            _read_line(premises, text[: first.end() - 1], offset)
            offset += first.end()
            subject = subject[first.end() :]
        elif (whole := _DECLARED.match(subject)) and not re.search(r"=|\\dots", subject):
            # `f : ℝ → ℝ is convex`: the same without a comma, of the names in front
            _read_line(premises, subject, offset)
            subject = whole.group(1)
        read_predicate(premises, subject, offset, text[verb.end() :], place, verb.group())
        return
    tokens = tokenize(text, offset, premises.macros)
    while tokens and tokens[-1].kind == "sign" and tokens[-1].text in (".", ";", ","):
        tokens.pop()
    if not tokens:
        return
    tokens, trailing = _trailing_phrases(premises, text, offset, tokens)
    tokens = words_as_text(tokens, text, offset)
    rest, ranges, sizes = cut_ranges(tokens, premises.context)
    rest = mark_condition(rest, premises.context)
    if ranges and not any(_relates(piece) for piece in split_top(rest)) and not trailing:
        rest, ranges = tokens, {}  # `k, l \\in \\{1, …, n\\}` declares both
    if not rest:
        raise premises.fail("declaration-expected", Span(offset, offset + len(text.rstrip())))
    premises.declare_sizes(sizes)
    pieces = split_top(rest)
    names: list[list[Token]] = []
    declared: list[Name] = []
    for piece in pieces:
        for part in split_and(piece):
            if not part:
                raise premises.fail("expression-expected", Span(offset, offset + len(text.rstrip())))
            if not _relates(part):
                names.append(part)
                continue
            if any(len(n) == 1 and n[0].text in DOTS for n in names):
                part, extra = spread_listed(premises, names, part)
                declared = read_clause(premises, [], part, {**ranges, **extra}, text, offset) or declared
            else:
                declared = read_clause(premises, names, part, ranges, text, offset) or declared
            names = []
    if names and not declared and trailing:
        declared = [read_name(premises, n, ranges) for n in names]
        names = []
    if names:
        raise premises.fail("relation-expected", names[0][0].span.join(names[-1][-1].span))
    for predicate, phrase_offset in trailing:
        apply_predicate(premises, declared, predicate, ranges, phrase_offset)


def _trailing_phrases(
    premises: Premises, text: str, offset: int, tokens: list[Token]
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


def _relates(piece: list[Token]) -> bool:
    level = 0
    for token in piece:
        if token.kind in ("sign", "command"):
            level += token.text in ("(", "[", "{", "\\{", "\\begin")
            level -= token.text in (")", "]", "}", "\\}", "\\end")
            if level == 0 and (token.text in RELATIONS or token.text in (":", "\\Rightarrow", "\\iff", "\\implies")):
                return True
    return False
