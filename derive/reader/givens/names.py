"""Names that given lines declare or speak of: `x_i`, `w^{(t)}`, `T_1, …, T_m`, with the letters of their indices."""

from __future__ import annotations

from dataclasses import replace

from derive.language.affine import affine_of, variable
from derive.language.context import Range, Symbol
from derive.reader.formula.ranges import split_top
from derive.reader.givens.premises import Name, Premises
from derive.reader.latex.cursor import Unreadable
from derive.reader.latex.indices import fenced, gather, index_units, label_text, with_sub
from derive.reader.latex.names import read_base
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import DOTS, RELATIONS
from derive.reader.latex.tokens import Token


def read_name(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> Name:
    """A name to be declared: letters, labels, and index letters that have a range."""
    parser = premises.parser(tokens, ranges)
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
        letters = [_index_letter(premises, u, ranges) for u in units]
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
        letters = [_index_letter(premises, u, ranges) for u in below] if below else [None]
        label = label_text(scripts.sub)
        if all(letters):
            indices += [letter for letter in letters if letter]
        elif label is None or any(letters):
            raise parser.fail("name-expected", scripts.sub[0])
        else:
            name = with_sub(name, label)
    return Name(name, tuple(indices), start.join(tokens[-1].span))


def _index_letter(premises: Premises, unit: list[Token], ranges: dict[str, Range]) -> str | None:
    if len(unit) != 1 or unit[0].kind != "letter":
        return None
    letter = unit[0].text
    if letter in ranges:
        return letter
    symbol = premises.context.symbols.get(letter)
    return letter if symbol is not None and symbol.role == "index" else None


def is_name(premises: Premises, tokens: list[Token]) -> bool:
    """Whether tokens are a name with its scripts, and nothing else."""
    if not tokens:
        return False
    try:
        parser = Parser(tokens, premises.context, tokens[-1].end)
        read_base(parser)
        gather(parser)
    except Unreadable:
        return False
    return parser.peek().kind == "end"


def read_subject(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> Name:
    """A name in a phrase: a declared family may be named by a member with a free index."""
    parser = premises.parser(tokens, ranges)
    base, span = read_base(parser)
    scripts = gather(parser)
    symbol = premises.context.symbols.get(base)
    if parser.peek().kind == "end" and symbol is not None and (symbol.family or symbol.shape.axes):
        script = scripts.sub or (scripts.sup[1:-1] if fenced(scripts.sup) and scripts.sup else None)
        if script is not None and all(t.kind == "letter" or t.text == "," for t in script):
            whole_family(premises, Name(base, tuple(t.text for t in script if t.kind == "letter"), span), ranges)
            return Name(base, (), span)
    return read_name(premises, tokens, ranges)


def whole_family(premises: Premises, name: Name, ranges: dict[str, Range]) -> None:
    """Refuse members over a part of a declared family where a phrase is about the family."""
    symbol = premises.context.symbols.get(name.name)
    for letter, span in zip(name.indices, symbol.family if symbol is not None else (), strict=False):
        if letter in ranges and ranges[letter] != span:
            raise premises.fail("part-of-family", name.span, name=name.name)


def read_listed(premises: Premises, pieces: list[list[Token]], dots: int) -> tuple[Name, dict[str, Range]]:
    """`T_1, …, T_m`: the family T with its range."""
    first, last = pieces[0], pieces[-1]
    parser = Parser(first, premises.context, first[-1].end)
    base, span = read_base(parser)
    low = gather(parser)
    parser = Parser(last, premises.context, last[-1].end)
    other, _ = read_base(parser)
    high = gather(parser)
    if base != other or not low.sub or not high.sub or dots != len(pieces) - 2:
        raise premises.fail("dots-unclear", pieces[dots][0].span)
    ends = []
    for sub in (low.sub, high.sub):
        inner = Parser(sub, premises.context, sub[-1].end)
        value = affine_of(inner.expression())
        if value is None or inner.peek().kind != "end":
            raise premises.fail("dots-unclear", pieces[dots][0].span)
        premises.declare_sizes({n: Symbol(n, role="size") for n in value.names})
        ends.append(value)
    letter = "i"
    while letter in premises.context.symbols:
        letter += "′"
    return Name(base, (letter,), span), {letter: Range(ends[0], ends[1])}


def read_lists(
    premises: Premises, pieces: list[list[Token]], ranges: dict[str, Range]
) -> tuple[list[Name], dict[str, Range]]:
    """`N, X_1, X_2, \\dots` and `A, T_1, \\dots, T_m`: names, and families with their ranges."""
    names: list[Name] = []
    extra: dict[str, Range] = {}
    waiting: list[list[Token]] = []
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        position += 1
        if len(piece) != 1 or piece[0].text not in DOTS:
            waiting.append(piece)
            continue
        if not waiting:
            raise premises.fail("dots-unclear", piece[0].span)
        base = _base_of(premises, waiting[-1])
        mine = [p for p in waiting if _base_of(premises, p) == base]
        names += [read_subject(premises, p, ranges) for p in waiting if p not in mine]
        waiting = []
        if position < len(pieces) and _base_of(premises, pieces[position]) == base:
            name, more = read_listed(premises, [*mine, piece, pieces[position]], len(mine))
            position += 1
        else:
            name, more = _endless(premises, mine, piece[0])
        names.append(name)
        extra.update(more)
    return [*names, *(read_subject(premises, p, ranges) for p in waiting)], extra


def read_names(premises: Premises, tokens: list[Token], ranges: dict[str, Range]) -> list[Name]:
    """Names joined by commas and `and`; members of a declared family stand for all of it."""
    pieces = [part for piece in split_top(tokens) for part in split_and(piece) if part]
    found, extra = read_lists(premises, pieces, ranges)
    for name in found:
        whole_family(premises, name, {**ranges, **extra})
    return [Name(name.name, (), name.span) for name in found]


def _base_of(premises: Premises, piece: list[Token]) -> str:
    base, _ = read_base(Parser(piece, premises.context, piece[-1].end))
    return base


def _endless(premises: Premises, pieces: list[list[Token]], dots: Token) -> tuple[Name, dict[str, Range]]:
    """`X_1, X_2, \\dots`."""
    parser = Parser(pieces[0], premises.context, pieces[0][-1].end)
    base, span = read_base(parser)
    low = gather(parser)
    inner = Parser(low.sub, premises.context, low.sub[-1].end) if low.sub else None
    first = affine_of(inner.expression()) if inner is not None else None
    if first is None or not first.is_constant:
        raise premises.fail("dots-unclear", dots.span)
    letter = "i"
    while letter in premises.context.symbols:
        letter += "′"
    return Name(base, (letter,), span), {letter: Range(first, variable("∞"))}


def spread_listed(
    premises: Premises, names: list[list[Token]], part: list[Token]
) -> tuple[list[Token], dict[str, Range]]:
    """`x_1, …, x_n ∈ ℝ` as `x_i ∈ ℝ` with the range of i."""
    at = next(k for k, t in enumerate(part) if t.text in RELATIONS or t.text == ":")
    pieces = [*names, part[:at]]
    dots = next(k for k, p in enumerate(pieces) if len(p) == 1 and p[0].text in DOTS)
    _, extra = read_listed(premises, pieces, dots)
    letter = next(iter(extra))
    first = names[0]
    script = next(k for k, t in enumerate(first) if t.text == "_")
    index = replace(first[script], kind="letter", text=letter, joined=False)
    return [*first[: script + 1], index, *part[at:]], extra


def split_and(piece: list[Token]) -> list[list[Token]]:
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
