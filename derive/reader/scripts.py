"""Names and their scripts: what `_`, `^`, `'` and an argument list behind a letter mean.

The context decides: a subscript is an index where the name is a family, vector or matrix, else a label that belongs
to the name; a superscript is an index (`x^{(i)}`), a label (`a^{[l]}`, `w^{(t+1)}`, `\\theta^*`), a transpose, an
inverse, a complement or a power. Where two of these fit, it is a problem. Names that nothing declares are recorded in
`Parser.unknown`, for `inference.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.context import SCALAR, Symbol
from derive.language.letters import ACCENTS, MARKS, accented
from derive.language.source import Span
from derive.language.term import Term, make, num, sym
from derive.reader.parser import DOTS, Parser
from derive.reader.tokens import Token

TRANSPOSES = frozenset(["T", "\\top", "\\intercal", "𝖳", "⊤"])
DENSITIES = frozenset(["p", "q", "P"])


@dataclass(slots=True)
class Scripts:
    """The scripts behind a name: number of primes, and the tokens below and above it."""

    primes: int = 0
    sub: list[Token] | None = None
    sup: list[Token] | None = None
    sub_at: Token | None = None
    sup_at: Token | None = None


def gather(parser: Parser) -> Scripts:
    """The scripts at the place; a second one of a kind is a problem."""
    scripts = Scripts()
    while True:
        token = parser.peek()
        if token.kind == "sign" and token.text == "'" and scripts.sup is None:
            parser.take()
            scripts.primes += 1
        elif token.kind == "sign" and token.text == "_":
            if scripts.sub is not None:
                raise parser.fail("double-script", token)
            scripts.sub_at = parser.take()
            scripts.sub = parser.group_tokens()
            if not scripts.sub:
                raise parser.fail("script-empty", token)
        elif token.kind == "sign" and token.text == "^":
            if scripts.sup is not None:
                raise parser.fail("double-script", token)
            scripts.sup_at = parser.take()
            tokens = parser.group_tokens()
            if not tokens:
                raise parser.fail("script-empty", token)
            while tokens and tokens[0].text in ("\\prime", "'") and tokens[0].kind in ("command", "sign"):
                scripts.primes += 1
                tokens = tokens[1:]
            if tokens:
                scripts.sup = tokens
        else:
            return scripts


def fenced(tokens: list[Token] | None) -> bool:
    """Whether a superscript is `(…)` or `[…]`."""
    if not tokens or len(tokens) < 3 or tokens[0].text not in ("(", "[") or tokens[0].kind != "sign":
        return False
    closing = ")" if tokens[0].text == "(" else "]"
    level = 0
    for position, token in enumerate(tokens):
        level += token.text in ("(", "[")
        level -= token.text in (")", "]")
        if level == 0:
            return position == len(tokens) - 1 and token.text == closing
    return False


def label_text(tokens: list[Token] | None) -> str | None:
    """The text of a script that may be part of a name, or None."""
    if not tokens:
        return None
    text = ""
    for token in tokens:
        if token.kind in ("letter", "digit", "word", "text") or token.text in "+-()[],":
            text += token.text.replace(" ", "")
        elif token.text in MARKS:
            text += MARKS[token.text]
        else:
            return None
    return text or None


def with_sub(name: str, label: str) -> str:
    """A name with a label below."""
    return f"{name}_{label}" if label.isalnum() else f"{name}_{{{label}}}"


# the letters of a name


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
        mark = _mark(scripts.sup)
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


def _mark(tokens: list[Token] | None) -> str | None:
    if tokens and len(tokens) == 1 and tokens[0].kind in ("sign", "command"):
        return MARKS.get(tokens[0].text)
    return None


# a name in a formula


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
        if parser.symbol(primed) is not None or not (_calls(parser) and (known is None or known.role == "function")):
            if parser.symbol(primed) is None and known is not None and known.role == "function":
                raise parser.fail("function-without-argument", span=span, name=base)
            name, scripts.primes = primed, 0
    name = _label_above(parser, name, scripts, span)
    if parser.symbol(name) is None:
        name = parser.alias(name)
    label = label_text(scripts.sub)
    symbol = parser.symbol(name)
    if name in ("I", "𝐈") and symbol is not None and scripts.sub is not None and not parser.axes_of(symbol):
        sized = _special(parser, name, scripts, span, start)
        if sized is not None:
            return sized  # `I_n` beside a scalar I
    if label is not None and parser.symbol(with_sub(name, label)) is not None:
        exact = with_sub(name, label)
        name, symbol, scripts.sub = exact, parser.symbol(exact), None
    if symbol is None:
        return _undeclared(parser, name, scripts, span, start)
    if symbol.role == "function":
        return _function(parser, name, symbol, scripts, span, start)
    term = sym(name, span)
    if symbol.role == "event" and scripts.sup is not None and label_text(scripts.sup) in ("c", "C", "\\complement"):
        inner = _indexed(parser, term, symbol, scripts, start) if scripts.sub else term
        return make("not", inner, span=parser.since(start))
    return _indexed(parser, term, symbol, scripts, start)


def _calls(parser: Parser) -> bool:
    return parser.peek().text == "(" and parser.peek().kind == "sign"


def _label_above(parser: Parser, name: str, scripts: Scripts, span: Span) -> str:
    """Fold a superscript that is a label into the name."""
    sup = scripts.sup
    if sup is None:
        return name
    text = label_text(sup)
    symbol = parser.symbol(name) or parser.symbol(parser.alias(name))
    mark = _mark(sup)
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


def _undeclared(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    special = _special(parser, name, scripts, span, start)
    if special is not None:
        return special
    label = label_text(scripts.sub)
    if scripts.sub is not None and label is None:
        units = _units(scripts.sub)
        if units is None:
            raise parser.fail("undeclared-index", span=span, name=name)
    if scripts.sub is not None:
        if _is_label(parser, scripts.sub):
            name = with_sub(name, label or "")
            scripts.sub = None
        else:
            return _undeclared_entry(parser, name, scripts, span, start)
    if _calls(parser) and not (scripts.sup is not None and not scripts.primes) and not _used_as_value(parser, start):
        return _undeclared_call(parser, name, scripts, span, start)
    if parser.symbol(name) is not None:
        return _indexed(parser, sym(name, span), parser.symbol(name) or Symbol(name), scripts, start)
    if parser.peek().text == "[" and parser.peek().kind == "sign" and name.isascii() and name[:1].isupper():
        raise parser.fail("call-or-product", span=span, name=name)
    use = parser.note_unknown(name, span)
    if parser.in_moment:
        use.roles.add("in moment")
    term = sym(name, span)
    if scripts.sup is not None:
        if is_transpose(parser, scripts.sup, term):
            use.roles.add("tensor")
        return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
    return term


def _special(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term | None:
    """Letters that mean something where nothing declares them: e, π, I, δ_{ij}."""
    if scripts.primes or (parser.symbol(name) is not None and name not in ("I", "𝐈")):
        return None
    if name == "e" and scripts.sub is None:
        if scripts.sup is None:
            return make("exp", num(1), span=span)
        return make("exp", parser.read_slice(scripts.sup), span=parser.since(start))
    if name == "π" and scripts.sub is None:
        term = make("pi", span=span)
        if scripts.sup is not None:
            return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
        return term
    if name in ("I", "𝐈") and not _calls(parser):
        size = None
        if scripts.sub is not None:
            from derive.language.affine import affine_of

            size = affine_of(parser.read_slice(scripts.sub))
            if size is None:
                raise parser.fail("size-expected", scripts.sub[0])
            _note_sizes(parser, size.names, scripts.sub[0].span)
        term = make("identity", value=size, span=parser.since(start) if scripts.sup is None else span)
        if scripts.sup is not None:
            return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
        return term
    if name == "δ" and scripts.sub is not None and (units := _units(scripts.sub)) and len(units) == 2:
        indices = [read_index(parser, unit) for unit in units]
        delta = make("delta", *indices, span=parser.since(start))
        if scripts.sup is not None:
            return apply_superscript(parser, delta, scripts.sup, scripts.sup_at, start)
        return delta
    return None


def _note_sizes(parser: Parser, names: frozenset[str], span: Span) -> None:
    for name in names:
        if parser.symbol(name) is None:
            parser.note_unknown(name, span, "size")


def read_index(parser: Parser, tokens: list[Token]) -> Term:
    """An index expression; an undeclared letter in it is an index."""
    term = parser.read_slice(tokens)
    from derive.language.term import free_names

    for name in free_names(term):
        if parser.symbol(name) is None and name in parser.unknown:
            parser.unknown[name].roles.add("index")
    return term


def _units(tokens: list[Token]) -> list[list[Token]] | None:
    """A subscript as one group of tokens per index: split at commas, or letter by letter."""
    parts: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        level += token.text in ("(", "[", "{")
        level -= token.text in (")", "]", "}")
        if token.text == "," and token.kind == "sign" and level == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if any(not part for part in parts):
        return None
    if len(parts) > 1:
        return parts
    if all(t.kind in ("letter", "digit") for t in tokens):
        return [[t] for t in tokens]
    return [tokens]


def _is_label(parser: Parser, tokens: list[Token]) -> bool:
    """Whether a subscript of an undeclared name is part of the name: it holds no index."""
    for token in tokens:
        if token.kind == "letter":
            symbol = parser.symbol(token.text)
            if symbol is not None and symbol.role == "index":
                return False
            if symbol is None and token.text.islower() and token.text != "ℓ":
                return False
        elif token.kind == "command":
            return False
    return True


def _undeclared_entry(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    """`x_i` with x undeclared: a family whose ranges follow from the indices, or a name with a label."""
    assert scripts.sub is not None
    units = _units(scripts.sub)
    if units is None:
        raise parser.fail("undeclared-index", span=span, name=name)
    indices = [read_index(parser, unit) for unit in units]
    parser.note_unknown(name, span, f"family {len(indices)}")
    term: Term = make("entry", sym(name, span), *indices, span=parser.since(start))
    if _calls(parser) and scripts.sup is None:
        raise parser.fail("call-or-product", span=span, name=name)
    if scripts.sup is not None:
        return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
    return term


def _used_as_value(parser: Parser, start: int) -> bool:
    """Whether the name read from `start` stands elsewhere in the formula without an argument list."""
    texts = [t.text for t in parser.tokens[start : parser.at]]
    size = len(texts)
    for place in range(len(parser.tokens) - size):
        after = parser.tokens[place + size].text
        if (
            place != start
            and after not in ("(", "'", "_", "^")
            and [t.text for t in parser.tokens[place : place + size]] == texts
            and parser.tokens[place].kind in ("letter", "command")
        ):
            return True
    return False


def _undeclared_call(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    """`f(x)` with f undeclared: an application where a product would not be written so, else two readings."""
    level, place = 0, parser.at
    inside: list[Token] = []
    while True:
        token = parser.tokens[min(place, len(parser.tokens) - 1)]
        if token.kind == "end":
            raise parser.fail("bracket-unclosed", wanted=")")
        level += token.text in ("(", "[", "\\{", "{")
        level -= token.text in (")", "]", "\\}", "}")
        if level == 0:
            break
        if place > parser.at:
            inside.append(token)
        place += 1
    flat = 0
    separated = False
    for token in inside:
        flat += token.text in ("(", "[", "\\{", "{")
        flat -= token.text in (")", "]", "\\}", "}")
        separated = separated or (flat == 0 and token.text in (",", ";", "\\mid", "|", "\\|"))
    letters = [t for t in inside if t.kind in ("letter", "word", "digit", "command")]
    atom = (
        bool(inside)
        and inside[0].kind in ("letter", "word", "command")
        and (len(letters) == 1 or inside[1].text in ("_", "^", "'") or inside[0].text in ACCENTS)
        and not any(t.text in ("+", "-", "/", "\\cdot", "=") for t in inside if t.kind in ("sign", "command"))
    )
    pattern_known = any(s.startswith(f"{name}(") for s in parser.context.symbols)
    if not (separated or atom or scripts.primes or pattern_known or name in parser.functions):
        raise parser.fail("call-or-product", span=span, name=name)
    return call(parser, name, scripts, span, start)


def call(parser: Parser, name: str, scripts: Scripts, span: Span, start: int) -> Term:
    """The argument list at the place, applied to by a function of this name."""
    args, pattern = read_arguments(parser)
    indexed = indexed_pattern(args, pattern)
    if indexed is not None and parser.symbol(f"{name}({indexed[0]})") is not None:
        return _finish_call(parser, f"{name}({indexed[0]})", indexed[1], scripts, start)
    full = call_name(parser, name, args, pattern)
    if parser.symbol(full) is None:
        shapes = tuple(parser.shape(a) or SCALAR for a in args)
        of = frozenset([f"of:{argument_letters(args)}"]) if name in DENSITIES else frozenset()
        parser.functions[full] = Symbol(
            full, role="function", arguments=shapes, span=span, inferred=True, properties=of
        )
    return _finish_call(parser, full, args, scripts, start)


def indexed_pattern(args: list[Term], pattern: str) -> tuple[str, list[Term]] | None:
    """`p(y_i | w)` as a function of i and w: its pattern `y_·|·` and those arguments; None where no index occurs."""
    marks = [c for c in pattern if c != "·"]
    text, inner, found = "", [], False
    for position, arg in enumerate(args):
        if arg.head == "entry" and arg.args[0].head == "sym" and len(arg.args) == 2:
            text += f"{arg.args[0].name}_·"
            inner.append(arg.args[1])
            found = True
        else:
            text += "·"
            inner.append(arg)
        text += marks[position] if position < len(marks) else ""
    return (text, inner) if found else None


def call_name(parser: Parser, name: str, args: list[Term], pattern: str) -> str:
    """The name of the function that `name(args)` applies: `p(·|·)` where bars or semicolons separate the arguments."""
    plain = set(pattern) <= {"·", ","}
    symbol = parser.symbol(name)
    if symbol is not None:
        plain = plain and symbol.role == "function" and len(symbol.arguments or args) == len(args)
    else:
        plain = plain and f"{name}({pattern})" not in parser.context.symbols
    candidate = name if plain else f"{name}({pattern})"
    if name not in DENSITIES:
        return candidate
    known = parser.symbol(candidate)
    if known is None:
        return candidate
    of = next((p[3:] for p in known.properties if p.startswith("of:")), None)
    letters = argument_letters(args)
    if of is None or of == letters or "" in letters.split(","):
        return candidate
    return f"{name}⟨{letters}⟩({pattern})"


def argument_letters(args: list[Term]) -> str:
    """What a density is a density of: the letters of its arguments, without case and indices."""
    bases = (a.args[0] if a.head == "entry" else a for a in args)
    return ",".join(base.name.casefold() if base.head == "sym" else "" for base in bases)


def read_arguments(parser: Parser) -> tuple[list[Term], str]:
    """`(a, b)`, `(a \\mid b)`, `(a; b)`: the arguments and the pattern of what separates them."""
    args: list[Term] = []
    pattern = ""
    separators = {
        ",": ",",
        ";": ";",
        "\\mid": "|",
        "|": "|",
        "\\vert": "|",
        "\\|": "‖",
        "||": "‖",
        "\\Vert": "‖",
        "\\parallel": "‖",
    }

    def read() -> Term:
        nonlocal pattern
        args.append(parser.expression())
        pattern = "·"
        while parser.peek().text in separators and parser.peek().kind in ("sign", "command"):
            sign = parser.take()
            dots = parser.accept(*DOTS)
            if dots:
                if sign.text != "," or not parser.accept(","):
                    raise parser.fail("dots-unclear", dots)
                args[:] = [parser.series("tabulate", args, parser.expression(), dots)]
                pattern = "·"
                continue
            pattern += separators[sign.text] + "·"
            args.append(parser.expression())
        return args[0]

    parser.enclosed(read, bars="given")
    return args, pattern


def _function(parser: Parser, name: str, symbol: Symbol, scripts: Scripts, span: Span, start: int) -> Term:
    """A declared function: applied, or bare where its definition names its arguments."""
    if fenced(scripts.sup) and not scripts.primes:
        text = (label_text(scripts.sup) or "")[1:-1]
        if _calls(parser) and all(part.isdigit() for part in text.split(",")) and text:
            args, pattern = read_arguments(parser)
            full = call_name(parser, name, args, pattern)
            marks = tuple(int(part) for part in text.split(","))
            if len(marks) != len(args):
                raise parser.fail("argument-count", span=span, name=name, wanted=len(marks), found=len(args))
            return make("dcall", *args, value=(full, marks), span=parser.since(start))
    if _calls(parser) and scripts.sub is None:
        if scripts.sup is not None:
            raise parser.fail("function-power-unclear", scripts.sup_at, name=name)
        return call(parser, name, scripts, span, start)
    if scripts.primes:
        raise parser.fail("function-without-argument", span=span, name=name)
    applied = implicit_call(parser, name, span)
    if applied is None:
        if scripts.sub is None and scripts.sup is None:
            return sym(name, span)
        raise parser.fail("function-without-argument", span=span, name=name)
    return _indexed(parser, applied, Symbol(name, symbol.shape), scripts, start)


def implicit_call(parser: Parser, name: str, span: Span) -> Term | None:
    """`L` for `L(w)`, where the definition of L names its arguments and they are declared."""
    if name in parser.implicit:
        return make("call", *parser.implicit[name], value=name, span=span)
    definition = parser.context.definitions.get(name)
    if definition is None or not definition.params:
        return None
    args = []
    for param in definition.params:
        base, _, power = param.partition("^")
        symbol = parser.symbol(param) or (parser.symbol(base) if power.isdigit() else None)
        if symbol is None or symbol.role == "function":
            return None
        args.append(sym(param, span) if symbol.name == param else make("pow", sym(base, span), num(power), span=span))
    return make("call", *args, value=name, span=span)


def _finish_call(parser: Parser, name: str, args: list[Term], scripts: Scripts, start: int) -> Term:
    if scripts.primes:
        if len(args) != 1:
            raise parser.fail("prime-of-several", name=name)
        return make("dcall", *args, value=(name, (scripts.primes,)), span=parser.since(start))
    return make("call", *args, value=name, span=parser.since(start))


def _indexed(parser: Parser, term: Term, symbol: Symbol, scripts: Scripts, start: int) -> Term:
    """A declared name (or applied function) with index, power or transpose."""
    axes = parser.axes_of(symbol)
    families = len(symbol.family)
    indices: list[Term] = []
    if fenced(scripts.sup) and families:
        assert scripts.sup is not None
        units = _units(scripts.sup[1:-1]) or [scripts.sup[1:-1]]
        inner = scripts.sup[1:-1]
        pieces = units if len(units) <= families and any(t.text == "," for t in inner) else [inner]
        indices += [read_index(parser, unit) for unit in pieces]
        scripts.sup = None
    if scripts.sub is not None:
        wanted = {len(axes) - len(indices), families - len(indices)} - {0}
        if not axes:
            if _is_label(parser, scripts.sub) and term.head == "sym":
                name = with_sub(symbol.name, label_text(scripts.sub) or "")
                parser.note_unknown(name, parser.since(start), f"like {symbol.name}")
                term, scripts.sub = sym(name, parser.since(start)), None
                if scripts.sup is not None:
                    return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
                return term
            if any(t.text in ("\\to", "\\rightarrow") for t in scripts.sub):
                return _limit_script(parser, term, scripts, start)
            raise parser.fail("index-on-scalar", scripts.sub_at, name=symbol.name)
        units = _units(scripts.sub) or [scripts.sub]
        if not any(t.text == "," for t in scripts.sub) and len(units) not in wanted and 1 in wanted:
            units = [scripts.sub]
        if len(units) not in wanted and len(units) > 1 and not any(t.text == "," for t in scripts.sub):
            units = [scripts.sub]
        indices += [read_index(parser, unit) for unit in units]
    if indices:
        for index, axis in zip(indices, axes, strict=False):
            parser.note_index(index, axis)
        term = make("entry", term, *indices, span=parser.since(start))
    if scripts.sup is not None:
        return apply_superscript(parser, term, scripts.sup, scripts.sup_at, start)
    return term


def _limit_script(parser: Parser, term: Term, scripts: Scripts, start: int) -> Term:
    from derive.reader.notation.calculus import limit_subscript

    assert scripts.sub is not None
    result = limit_subscript(parser, term, scripts.sub, start)
    if scripts.sup is not None:
        return apply_superscript(parser, result, scripts.sup, scripts.sup_at, start)
    return result


# superscripts


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
            from derive.reader.notation.calculus import evaluation_bar

            term = evaluation_bar(parser, term, start)
        elif token.kind == "sign" and token.text == "'":
            raise parser.fail("prime-unclear", token)
        else:
            return term


def _subscript(parser: Parser, term: Term, tokens: list[Token], at: Token, start: int) -> Term:
    if any(t.text in ("\\to", "\\rightarrow") for t in tokens):
        from derive.reader.notation.calculus import limit_subscript

        return limit_subscript(parser, term, tokens, start)
    if term.head in ("sym", "entry", "num"):
        raise parser.fail("double-script" if term.head != "num" else "not-expected-here", at)
    shape = parser.shape(term)
    rank = shape.rank if shape is not None else 0
    units = _units(tokens) or [tokens]
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
