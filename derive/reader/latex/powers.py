"""What may stand behind a factor: powers, transposes, inverses, complements, indices, factorials, evaluation bars.

A superscript that fits nothing the factor's shape allows is a problem, never a guess.
"""

from __future__ import annotations

from derive.language.context import Symbol
from derive.language.term import Term, make, sym
from derive.reader.latex.indices import Scripts, fenced, index_units, is_label, label_text, read_index, with_sub
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token

TRANSPOSES = frozenset(["T", "\\top", "\\intercal", "𝖳", "⊤"])


def is_transpose(parser: Parser, tokens: list[Token], term: Term) -> bool:
    """Whether a superscript is a transpose; a declared size T above a scalar is a power."""
    texts = [t.text for t in tokens]
    if texts[-1] not in TRANSPOSES or len(texts) not in (1, 2) or (len(texts) == 2 and texts[0] != "-"):
        return False
    if texts[-1] != "T" or parser.symbol("T") is None:
        return True
    shape = parser.shape(term)
    return shape is not None and bool(shape.axes)


def apply_superscript(parser: Parser, term: Term, tokens: list[Token], at: Token | None, start: int) -> Term:
    """`term^{tokens}`."""
    texts = [t.text for t in tokens]
    if is_transpose(parser, tokens, term):
        inner = make("inverse", term, span=parser.since(start)) if texts[0] == "-" else term
        return make("transpose", inner, span=parser.since(start))
    if texts == ["*"] or texts == ["\\ast"] or texts == ["\\dagger"]:
        shape = parser.shape(term)
        if shape is None or not shape.axes:
            raise parser.fail("superscript-unclear", at, name="", label="*")
        return make("transpose", term, span=parser.since(start))
    if texts == ["-", "1"]:
        shape = parser.shape(term)
        if shape is not None and shape.rank == 2:
            return make("inverse", term, span=parser.since(start))
    if texts in (["c"], ["C"], ["\\complement"]) and parser.is_event(term):
        return make("not", term, span=parser.since(start))
    if fenced(tokens):
        raise parser.fail("superscript-unclear", at, name="", label=label_text(tokens) or "")
    exponent = parser.read_slice(tokens)
    return make("pow", term, exponent, span=parser.since(start))


def read_postfix(parser: Parser, term: Term, start: int) -> Term:
    """What may stand behind any factor: `_` index or limit, `^`, `!`, an evaluation bar."""
    seen: set[str] = set()
    while True:
        token = parser.peek()
        if token.kind == "sign" and token.text == "!":
            parser.take()
            if parser.peek().text == "!":
                raise parser.fail("double-factorial", parser.peek())
            term = make("factorial", term, span=parser.since(start))
        elif token.kind == "sign" and token.text in ("_", "^"):
            if token.text in seen:
                raise parser.fail("double-script", token)
            seen.add(token.text)
            parser.take()
            tokens = parser.group_tokens()
            if not tokens:
                raise parser.fail("script-empty", token)
            if token.text == "^":
                term = apply_superscript(parser, term, tokens, token, start)
            else:
                term = _subscript(parser, term, tokens, token, start)
        elif token.text in ("|", "\\vert") and parser.peek(1).text == "_" and token.side != "right":
            from derive.reader.notation.integrals import evaluation_bar

            term = evaluation_bar(parser, term, start)
        elif token.kind == "sign" and token.text == "'":
            raise parser.fail("prime-unclear", token)
        else:
            return term


def _subscript(parser: Parser, term: Term, tokens: list[Token], at: Token, start: int) -> Term:
    if any(t.text in ("\\to", "\\rightarrow") for t in tokens):
        from derive.reader.notation.limits import limit_subscript

        return limit_subscript(parser, term, tokens, start)
    if term.head in ("sym", "entry", "num"):
        raise parser.fail("double-script" if term.head != "num" else "not-expected-here", at)
    shape = parser.shape(term)
    rank = shape.rank if shape is not None else 0
    units = index_units(tokens) or [tokens]
    if len(units) != rank and rank == 1 and not any(t.text == "," for t in tokens):
        units = [tokens]
    if shape is not None and rank != len(units):
        raise parser.fail("index-count", at, wanted=rank, found_count=len(units), shape=shape)
    indices = [read_index(parser, unit) for unit in units]
    if shape is not None:
        from derive.language.affine import Affine
        from derive.language.context import Range

        for index, axis in zip(indices, shape.axes, strict=False):
            if len(axis) == 1:
                parser.note_index(index, Range(Affine(1), axis[0]))
    return make("entry", term, *indices, span=parser.since(start))


def with_indices(parser: Parser, term: Term, symbol: Symbol, scripts: Scripts, start: int) -> Term:
    """A declared name (or applied function) with index, power or transpose."""
    axes = parser.axes_of(symbol)
    families = len(symbol.family)
    indices: list[Term] = []
    if fenced(scripts.sup) and families:
        assert scripts.sup is not None
        units = index_units(scripts.sup[1:-1]) or [scripts.sup[1:-1]]
        inner = scripts.sup[1:-1]
        pieces = units if len(units) <= families and any(t.text == "," for t in inner) else [inner]
        indices += [read_index(parser, unit) for unit in pieces]
        scripts.sup = None
    if scripts.sub is not None:
        wanted = {len(axes) - len(indices), families - len(indices)} - {0}
        if not axes:
            if is_label(parser, scripts.sub) and term.head == "sym":
                name = with_sub(symbol.name, label_text(scripts.sub) or "")
                parser.note_unknown(name, parser.since(start), f"like {symbol.name}")
                term, scripts.sub = sym(name, parser.since(start)), None
                if scripts.sup is not None:
                    return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
                return term
            if any(t.text in ("\\to", "\\rightarrow") for t in scripts.sub):
                return _limit_script(parser, term, scripts, start)
            raise parser.fail("index-on-scalar", scripts.sub_at, name=symbol.name)
        units = index_units(scripts.sub) or [scripts.sub]
        if not any(t.text == "," for t in scripts.sub) and len(units) not in wanted and 1 in wanted:
            units = [scripts.sub]
        if len(units) not in wanted and len(units) > 1 and not any(t.text == "," for t in scripts.sub):
            units = [scripts.sub]
        indices += [read_index(parser, unit) for unit in units]
    if indices:
        for index, axis in zip(indices, axes, strict=False):
            parser.note_index(index, axis)
        if scripts.sup is not None and symbol.shape.rank == 2 and len(indices) == len(axes):
            return _entry_with_power(parser, term, indices, symbol, scripts, start)
        term = make("entry", term, *indices, span=parser.since(start))
    if scripts.sup is not None:
        return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
    return term


def _entry_with_power(
    parser: Parser, matrix: Term, indices: list[Term], symbol: Symbol, scripts: Scripts, start: int
) -> Term:
    """`A^T_{ij}`, `A_{ij}^T`: an entry of the transpose; `A^{-1}_{ij}`: of the inverse; `A_{ij}^2`: an entry's square.

    Which of the two scripts comes first cannot be seen in print, so the rest is refused.
    """
    assert scripts.sup is not None and scripts.sup_at is not None and scripts.sub_at is not None
    families = len(symbol.family)
    member = make("entry", matrix, *indices[:families], span=parser.since(start)) if families else matrix
    above_first = scripts.sup_at.start < scripts.sub_at.start
    inverse = [t.text for t in scripts.sup] == ["-", "1"]
    if is_transpose(parser, scripts.sup, member) or (inverse and above_first):
        whole = apply_superscript(parser, member, scripts.sup, scripts.sup_at, start)
        return make("entry", whole, *indices[families:], span=parser.since(start))
    if inverse or above_first:
        raise parser.fail("power-of-entry", scripts.sup_at, name=symbol.name)
    entry = make("entry", matrix, *indices, span=parser.since(start))
    return apply_superscript(parser, entry, scripts.sup, scripts.sup_at, start)


def _limit_script(parser: Parser, term: Term, scripts: Scripts, start: int) -> Term:
    from derive.reader.notation.limits import limit_subscript

    assert scripts.sub is not None
    result = limit_subscript(parser, term, scripts.sub, start)
    if scripts.sup is not None:
        return apply_superscript(parser, result, scripts.sup, scripts.sup_at, start)
    return result
