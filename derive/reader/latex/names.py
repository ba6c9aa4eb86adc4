"""Names and their scripts: what `_`, `^`, `'` and an argument list behind a letter mean.

The context decides: a subscript is an index where the name is a family, vector or matrix, else a label that belongs
to the name; a superscript is an index (`x^{(i)}`), a label (`a^{[l]}`, `w^{(t+1)}`, `\\theta^*`), a transpose, an
inverse, a complement or a power. Where two of these fit, it is a problem. Names that nothing declares are recorded in
`Parser.unknown`, for `formula/inference.py`.
"""

from __future__ import annotations

from itertools import takewhile

from derive.language.context import Symbol
from derive.language.letters import ACCENTS, accented
from derive.language.source import Span
from derive.language.term import Term, is_num, make, sym
from derive.reader.latex.calls import declared_function, opens_arguments
from derive.reader.latex.indices import Scripts, fenced, gather, label_text, mark_of, with_sub
from derive.reader.latex.parser import Parser
from derive.reader.latex.powers import with_indices
from derive.reader.latex.tokens import Token
from derive.reader.latex.undeclared import special_letter, undeclared_name


def read_base(parser: Parser) -> tuple[str, Span]:
    """A letter, word or accented letter at the place, as a name."""
    start = parser.at
    token = parser.peek()
    if token.kind == "command" and (token.text in ACCENTS or token.text in ("\\dot", "\\ddot")):
        parser.take()
        mark = {"\\dot": "\u0307", "\\ddot": "\u0308"}.get(token.text) or ACCENTS[token.text]
        if parser.peek().kind == "command" and parser.peek().text in ACCENTS:
            inner, _ = read_base(parser)
            return accented(inner, mark), parser.since(start)
        tokens = parser.group_tokens()
        if not tokens:
            raise parser.fail("argument-expected", token)
        rest: list[Token] = []
        for position, inside in enumerate(tokens):
            if inside.kind == "sign" and inside.text in ("_", "^", "'"):
                tokens, rest = tokens[:position], tokens[position:]
                break
        if not tokens or any(t.kind not in ("letter", "word") for t in tokens):
            if len(tokens) == 1 and tokens[0].text in ACCENTS:
                raise parser.fail("braces-expected", tokens[0])
            raise parser.fail("accent-on-expression", token)
        if len(tokens) > 1:
            raise parser.fail("accent-on-expression", token)
        parser.tokens[parser.at : parser.at] = rest
        return accented(tokens[0].text, mark), Span(token.start, tokens[0].end)
    if token.kind == "word":
        parser.take()
        return token.text, token.span
    if token.kind != "letter":
        raise parser.fail("name-expected")
    run = parser.letter_run()
    length = _letters_of_name(parser, run, token)
    for _ in range(length):
        parser.take()
    name = run[:length]
    digit = parser.peek()
    numbered = length == 1 and digit.kind == "digit" and digit.joined and name.isupper()
    if numbered and parser.symbol(name) is None and (name not in parser.singles or _only_with_digits(parser, name)):
        # `L1`: a name that ends in a digit
        while parser.peek().kind == "digit" and parser.peek().joined:
            name += parser.take().text
    return name, parser.since(start)


def _only_with_digits(parser: Parser, name: str) -> bool:
    places = [k for k, t in enumerate(parser.tokens) if t.kind == "letter" and t.text == name]
    return all(parser.tokens[k + 1].kind == "digit" and parser.tokens[k + 1].joined for k in places)


def _letters_of_name(parser: Parser, run: str, token: Token) -> int:
    """How many letters of a run are one name: all of them for a word, one for a product of letters."""
    if len(run) == 1:
        return 1
    letters_known = [parser.is_known(letter) for letter in run]
    if parser.symbol(run) is not None:
        if all(parser.symbol(letter) is not None for letter in run):
            raise parser.fail("word-or-product", token, word=run)
        return len(run)
    for length in range(len(run) - 1, 1, -1):
        if parser.symbol(run[:length]) is not None and not all(map(parser.is_known, run[:length])):
            return length
    if len(run) == 2 or all(letters_known):
        return 1
    if any(letters_known):
        raise parser.fail("word-or-product", token, word=run)
    return len(run)


def plain_name(parser: Parser) -> str:
    """A variable's name where one is bound or differentiated by: the declared name, labels included, no index."""
    name, _ = read_base(parser)
    scripts_start = parser.at
    scripts = gather(parser)
    name += "′" * scripts.primes
    sup = label_text(scripts.sup)
    sub = label_text(scripts.sub)
    if scripts.sup is not None:
        mark = mark_of(scripts.sup)
        if mark:
            name += mark
        elif sup and (fenced(scripts.sup) or parser.symbol(f"{name}^{sup}")):
            name += f"^{sup}"
        else:
            raise parser.fail("name-expected", parser.tokens[scripts_start])
    if scripts.sub is not None:
        if not sub:
            raise parser.fail("name-expected", parser.tokens[scripts_start])
        name = with_sub(name, sub)
    if parser.symbol(name) is None:
        name = parser.alias(name)
    return name


def read_name(parser: Parser) -> Term:
    """A name with everything behind it: scripts and, for a function, its arguments."""
    from derive.reader.notation import PREFIX
    from derive.reader.notation.probability import read_expectation, read_probability

    start = parser.at
    token = parser.peek()
    run = parser.letter_run()
    row = PREFIX.get(run) if token.kind in ("letter", "word") else None
    named = len(run) > 1 or not run.isascii()
    if row is not None and row.prefix is not None and named and parser.symbol(run) is None:
        if token.kind == "letter" and all(parser.symbol(letter) is not None for letter in run):
            raise parser.fail("word-or-product", token, word=run)
        for _ in range(1 if token.kind == "word" else len(run)):
            parser.take()
        return row.prefix(parser, token).with_span(parser.since(start))
    if token.kind in ("letter", "word") and parser.symbol(token.text) is None:
        after = parser.peek(1)
        if token.text in ("E", "𝐄") and after.text == "[" and after.kind == "sign":
            parser.take()
            expected = read_expectation(parser, token)
            assert expected is not None
            return expected
        if token.kind == "word" and token.text == "E" and after.text != "(":
            parser.take()
            expected = read_expectation(parser, token)
            assert expected is not None
            return expected
        if token.text in ("P", "𝐏", "E") and after.text == "(" and after.kind == "sign":
            mark = parser.at
            parser.take()
            found = read_probability(parser, token) if token.text != "E" else read_expectation(parser, token, True)
            if found is not None:
                return found
            parser.at = mark
    base, span = read_base(parser)
    return resolve(parser, base, span, start)


def resolve(parser: Parser, base: str, span: Span, start: int) -> Term:
    """What a name and the scripts behind it mean."""
    scripts = gather(parser)
    name = base
    if scripts.primes:
        primed = base + "′" * scripts.primes
        known = parser.symbol(base)
        if parser.symbol(primed) is not None or not (
            opens_arguments(parser) and (known is None or known.role == "function")
        ):
            if parser.symbol(primed) is None and known is not None and known.role == "function":
                raise parser.fail("function-without-argument", span=span, name=base)
            if parser.symbol(primed) is None and known is not None and known.role == "event" and scripts.primes == 1:
                scripts.primes = 0
                inner = with_indices(parser, sym(base, span), known, scripts, start)
                return make("not", inner, span=parser.since(start))
            name, scripts.primes = primed, 0
    name = label_above(parser, name, scripts, span)
    if parser.symbol(name) is None:
        name = parser.alias(name)
    label = label_text(scripts.sub)
    symbol = parser.symbol(name)
    if name in ("I", "𝐈") and symbol is not None and scripts.sub is not None and not parser.axes_of(symbol):
        sized = special_letter(parser, name, scripts, span, start)
        if sized is not None:
            return sized  # `I_n` beside a scalar I
    if label is not None and parser.symbol(with_sub(name, label)) is not None:
        exact = with_sub(name, label)
        name, symbol, scripts.sub = exact, parser.symbol(exact), None
    if symbol is None:
        return undeclared_name(parser, name, scripts, span, start)
    if name == "π" and _is_twice_pi(parser, symbol, scripts, start):
        return make("pi", span=span)
    if symbol.role == "function":
        return declared_function(parser, name, symbol, scripts, span, start)
    term = sym(name, span)
    if symbol.role == "event" and scripts.sup is not None and label_text(scripts.sup) in ("c", "C", "\\complement"):
        scripts.sup = None
        inner = with_indices(parser, term, symbol, scripts, start) if scripts.sub else term
        return make("not", inner, span=parser.since(start))
    return with_indices(parser, term, symbol, scripts, start)


def _is_twice_pi(parser: Parser, symbol: Symbol, scripts: Scripts, start: int) -> bool:
    """Whether a π is the constant beside weights π_k that were declared one by one, as in `\\log(2\\pi…)` and
    `(2\\pi…)^{-n/2}` without a sum or a transpose, where a vector of weights has no place."""
    if not _are_weights(symbol) or scripts.sub is not None or scripts.sup is not None or start < 2:
        return False
    opening, number = parser.tokens[start - 2 : start]
    if number.text != "2" or opening.text not in ("(", "\\log", "\\ln"):
        return False
    inside = list(takewhile(lambda t: t.text not in (")", "(") and t.kind != "end", parser.tokens[start:]))
    after = [t.text for t in parser.tokens[start + len(inside) : start + len(inside) + 4]]
    turned = after[:2] == [")", "^"] and any(t in ("T", "\\top", "\\intercal") for t in after)
    return opening.text != "(" or not (turned or any(t.text in ("+", "-") for t in inside))


def _are_weights(symbol: Symbol | None) -> bool:
    return symbol is not None and bool(symbol.family) and not symbol.shape.axes


def with_circle_constant(parser: Parser, radicand: Term) -> Term:
    """`2π σ²` under a root, where weights π_k are declared beside it: the constant."""
    factors = radicand.args if radicand.head == "mul" else ()
    if not _are_weights(parser.symbol("π")) or not factors or not is_num(factors[0], 2) or factors[1] != sym("π"):
        return radicand
    return radicand.with_args((factors[0], make("pi", span=factors[1].span), *factors[2:]))


def label_above(parser: Parser, name: str, scripts: Scripts, span: Span) -> str:
    """Fold a superscript that is a label into the name."""
    sup = scripts.sup
    if sup is None:
        return name
    text = label_text(sup)
    symbol = parser.symbol(name) or parser.symbol(parser.alias(name))
    mark = mark_of(sup)
    if mark is not None:
        matrix = symbol is not None and len(symbol.family) + symbol.shape.rank == 2
        if parser.symbol(name + mark) is not None or not (mark in "*†" and matrix):
            scripts.sup = None
            if parser.symbol(name + mark) is None and symbol is not None:
                parser.note_unknown(name + mark, span, f"like {symbol.name}")
            return name + mark
        return name
    if text is not None and parser.symbol(f"{name}^{text}") is not None:
        scripts.sup = None
        return f"{name}^{text}"
    if text is not None and symbol is None and not fenced(sup) and _has_labelled_kin(parser, name):
        scripts.sup = None
        return f"{name}^{text}"
    if fenced(sup) and text is not None and not (symbol is not None and (symbol.family or symbol.role == "function")):
        inside = text[1:-1]
        if inside.isdigit() and symbol is not None:
            raise parser.fail("superscript-unclear", scripts.sup_at, name=name, label=text)
        scripts.sup = None
        if symbol is not None:
            parser.note_unknown(f"{name}^{text}", span, f"like {symbol.name}")
        return f"{name}^{text}"
    return name


def _has_labelled_kin(parser: Parser, name: str) -> bool:
    """Whether the letter is declared with superscripts that are labels (`z^{l+1}`), so that `z^l` is one too."""
    return any(
        other.startswith(f"{name}^") and not other.endswith((")", "]")) and not other[len(name) + 1 :].isdigit()
        for other in parser.context.symbols
    )
