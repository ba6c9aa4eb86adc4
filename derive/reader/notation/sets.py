"""Sets behind `\\in`: number sets, intervals, finite sets, vector and matrix spaces, ranges of integers.

`read_set` gives the shape and domain that a declaration needs, `membership_statement` what the same set means in a
formula, where it is a statement about values.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from derive.language.affine import Affine, affine_of
from derive.language.context import REAL, SCALAR, Domain, Shape
from derive.language.printing import DISTRIBUTIONS
from derive.language.term import Term, make, num, sym
from derive.reader.latex.parser import Parser
from derive.reader.latex.signs import DOTS

REAL_SETS = frozenset(["ℝ", "R"])


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set: the shape of its members, where each entry lives, and the name of a declared set."""

    kind: str
    shape: Shape = SCALAR
    domain: Domain = REAL
    name: str = ""
    low: Term | None = None
    high: Term | None = None


def size_of(parser: Parser, term: Term, at: int) -> Affine:
    """The size that a dimension spells; its letters are noted as sizes."""
    affine = affine_of(term)
    if affine is None:
        raise parser.fail("size-expected", parser.tokens[min(at, len(parser.tokens) - 1)])
    for name in affine.names:
        if parser.symbol(name) is None:
            parser.note_unknown(name, parser.tokens[at].span, "size")
    return affine


def _dimensions(parser: Parser) -> Shape:
    """`^{n}` or `^{n \\times d}`, nothing for a scalar."""
    if not parser.accept("^"):
        return SCALAR
    at = parser.at
    tokens = parser.group_tokens()
    parts: list[list[int]] = [[]]
    for position, token in enumerate(tokens):
        if token.text in ("\\times", "\\cdot"):
            parts.append([])
        else:
            parts[-1].append(position)
    sizes = []
    for part in parts:
        if not part:
            raise parser.fail("size-expected", tokens[0] if tokens else parser.tokens[at - 1])
        sizes.append(size_of(parser, parser.read_slice([tokens[k] for k in part]), min(at, len(parser.tokens) - 1)))
    if len(sizes) > 2:
        raise parser.fail("too-many-axes", tokens[0])
    return Shape(tuple((size,) for size in sizes))


def read_set(parser: Parser) -> SetOf:
    """The set at the place."""
    token = parser.peek()
    start = parser.at
    if token.text in ("ℝ", "𝐑"):
        parser.take()
        domain = _signed(parser)
        shape = _dimensions(parser)
        domain = _signed(parser) if domain.kind == "real" else domain
        return SetOf("numbers", shape, domain)
    if token.text in ("ℕ", "𝐍", "ℤ", "𝐙"):
        parser.take()
        natural = token.text in ("ℕ", "𝐍")
        domain = Domain("natural", low=num(0)) if natural else Domain("integer")
        if parser.accept("_"):
            domain = _natural_from(parser, domain)
        if parser.peek().text == "^" and parser.peek(1).text in ("+", "*"):
            parser.take()
            parser.take()
            domain = Domain("natural", low=num(1))
        shape = _dimensions(parser)
        return SetOf("naturals" if domain.kind == "natural" else "integers", shape, domain)
    if token.text in ("ℂ", "ℚ", "ℍ"):
        raise parser.fail("set-unsupported", token, set=token.text)
    if token.text in ("(", "[", "]") and token.kind == "sign":
        return _interval(parser)
    if token.text == "\\{":
        return _finite(parser)
    if token.text == "Δ":
        return _simplex(parser)
    if token.kind in ("letter", "word"):
        name = parser.bare_name()
        symbol = parser.symbol(name)
        if symbol is None or symbol.role != "set":
            raise parser.fail("set-unknown", span=parser.since(start), name=name)
        return SetOf("named", SCALAR, Domain("natural", num(1), sym(f"|{name}|")), name)
    if token.kind == "end":
        raise parser.fail("set-expected")
    raise parser.fail("set-expected", token)


def _signed(parser: Parser) -> Domain:
    """`_{>0}`, `_{\\ge 0}`, `_+`, `^+` behind ℝ."""
    token = parser.peek()
    if token.text == "^" and parser.peek(1).text == "+":
        parser.take()
        parser.take()
        return Domain("interval", low=num(0), low_open=True)
    if token.text != "_" or token.kind != "sign":
        return Domain()
    parser.take()
    texts = [t.text for t in parser.group_tokens()]
    if texts and texts[-1] == "0" and len(texts) == 2:
        if texts[0] == ">":
            return Domain("interval", low=num(0), low_open=True)
        if texts[0] in ("\\ge", "\\geq", "\\geqslant"):
            return Domain("interval", low=num(0))
        if texts[0] == "<":
            return Domain("interval", high=num(0), high_open=True)
        if texts[0] in ("\\le", "\\leq", "\\leqslant"):
            return Domain("interval", high=num(0))
    if texts in (["+", "+"],):
        return Domain("interval", low=num(0), low_open=True)
    raise parser.fail("set-unknown", token, name="ℝ_" + "".join(texts))


def _natural_from(parser: Parser, domain: Domain) -> Domain:
    token = parser.peek()
    texts = [t.text for t in parser.group_tokens()]
    if texts and texts[0] in ("\\ge", "\\geq", "\\geqslant") and "".join(texts[1:]).isdigit():
        return Domain("natural", low=num("".join(texts[1:])))
    if texts and texts[0] == ">" and "".join(texts[1:]).isdigit():
        return Domain("natural", low=num(int("".join(texts[1:])) + 1))
    if texts in (["0"], ["+"]):
        return Domain("natural", low=num(0 if texts == ["0"] else 1))
    raise parser.fail("set-unknown", token, name="ℕ_" + "".join(texts))


def _end(parser: Parser) -> Term:
    """An end of an interval, which may be infinite."""
    if parser.peek().text == "+" and parser.peek(1).text == "\\infty":
        parser.take()
    if parser.peek().text == "\\infty":
        return make("infinity", span=parser.take().span)
    if parser.peek().text == "-" and parser.peek(1).text == "\\infty":
        parser.take()
        token = parser.take()
        return make("neg", make("infinity", span=token.span), span=token.span)
    return parser.expression()


def _interval(parser: Parser) -> SetOf:
    opening = parser.take()
    low = _end(parser)
    if not parser.accept(","):
        raise parser.fail("sign-expected", wanted=",")
    high = _end(parser)
    closing = parser.peek()
    if closing.text not in (")", "]", "[") or closing.kind != "sign":
        raise parser.fail("bracket-unclosed", opening, wanted=")")
    parser.take()
    shape = _dimensions(parser)
    below = None if low.head == "neg" and low.args[0].head == "infinity" else low
    above = None if high.head == "infinity" else high
    domain = Domain(
        "interval", below, above, opening.text != "[" and below is not None, closing.text != "]" and above is not None
    )
    if below is None and above is None:
        domain = Domain()
    return SetOf("interval", shape, domain)


def _finite(parser: Parser) -> SetOf:
    opening = parser.take()
    values: list[Term] = [parser.expression()]
    ranged = False
    while parser.accept(","):
        if parser.accept(*DOTS):
            if parser.peek().text == "\\}" and all(v == num(values[0].value + k) for k, v in enumerate(values)):
                return _from(parser, values[0])
            if not parser.accept(","):
                raise parser.fail("sign-expected", wanted=",")
            values.append(parser.expression())
            ranged = True
            break
        values.append(parser.expression())
    if not parser.accept("\\}"):
        raise parser.fail("bracket-unclosed", opening, wanted="\\}")
    if ranged:
        low, high = range_ends(parser, values)
        for end in (affine_of(low), affine_of(high)):
            for name in end.names if end is not None else ():
                if name in parser.unknown:
                    parser.unknown[name].roles.add("size")
        return SetOf("range", SCALAR, Domain("integer", low, high), low=low, high=high)
    shape = _dimensions(parser)
    return SetOf("finite", shape, Domain("finite", values=tuple(values)))


def _from(parser: Parser, first: Term) -> SetOf:
    """`\\{0, 1, 2, \\dots\\}`, with the place at its end."""
    parser.take()
    return SetOf("naturals", SCALAR, Domain("natural", low=first))


def range_ends(parser: Parser, values: list[Term]) -> tuple[Term, Term]:
    """First and last of `1, 2, …, n`; the ones written out must follow one another."""
    ends = [affine_of(v) for v in values]
    if any(e is None for e in ends):
        raise parser.fail("range-not-integers", span=values[0].span)
    for one, other in pairwise(ends[:-1]):
        assert one is not None and other is not None
        if other - one != Affine(1):
            raise parser.fail("range-not-consecutive", span=values[0].span)
    return values[0], values[-1]


def _simplex(parser: Parser) -> SetOf:
    token = parser.take()
    at = parser.at
    if parser.accept("^"):
        size = size_of(parser, parser.read_slice(parser.group_tokens()), at) + 1
    elif parser.accept("_"):
        size = size_of(parser, parser.read_slice(parser.group_tokens()), at)
    else:
        raise parser.fail("set-expected", token)
    return SetOf("simplex", Shape(((size,),)), Domain("interval", num(0), num(1)))


def index_range(parser: Parser) -> tuple[Term, Term]:
    """`\\{1, …, n\\}` or a named finite set, as the ends of a range."""
    start = parser.at
    found = read_set(parser)
    if found.kind in ("range", "named"):
        low, high = found.domain.low, found.domain.high
        assert low is not None and high is not None
        return low, high
    raise parser.fail("range-expected", span=parser.since(start))


def membership_statement(parser: Parser, left: Term) -> Term:
    """`x \\in S` as a statement about the value of x."""
    start = parser.at
    found = read_set(parser)
    if found.shape.axes:
        raise parser.fail("declaration-not-statement", span=parser.since(start))
    return within(parser, left, found, start)


def within(parser: Parser, left: Term, found: SetOf, start: int) -> Term:
    """The statement that a scalar lies in a set."""
    domain = found.domain
    if domain.kind == "real":
        return make("true")
    if domain.kind == "finite":
        choices = [make("eq", left, v) for v in domain.values]
        return choices[0] if len(choices) == 1 else make("or", *choices)
    parts = []
    if domain.kind in ("interval", "natural", "integer"):
        if found.kind in ("naturals", "integers"):
            raise parser.fail("declaration-not-statement", span=parser.since(start))
        if domain.low is not None:
            parts.append(make("gt" if domain.low_open else "ge", left, domain.low))
        if domain.high is not None:
            parts.append(make("lt" if domain.high_open else "le", left, domain.high))
    return parts[0] if len(parts) == 1 else make("and", *parts)


_NAMES = {
    "𝒩": "normal",
    "N": "normal",
    "Normal": "normal",
    "𝒰": "uniform",
    "U": "uniform",
    "Uniform": "uniform",
    "Unif": "uniform",
    "Exp": "exponential",
    "Exponential": "exponential",
    "Bernoulli": "bernoulli",
    "Ber": "bernoulli",
    "Bern": "bernoulli",
    "Poisson": "poisson",
    "Poi": "poisson",
    "Pois": "poisson",
    "Binomial": "binomial",
    "Bin": "binomial",
    "Binom": "binomial",
    "Categorical": "categorical",
    "Cat": "categorical",
    "Beta": "beta",
    "Gamma": "gamma",
    "Laplace": "laplace",
}
LAW_NAMES = frozenset(_NAMES)
PARAMETERS = {
    "normal": (2,),
    "uniform": (2,),
    "exponential": (1,),
    "bernoulli": (1,),
    "poisson": (1,),
    "binomial": (2,),
    "categorical": (1,),
    "beta": (2,),
    "gamma": (2,),
    "laplace": (2,),
}
assert set(PARAMETERS) == set(DISTRIBUTIONS)


def read_distribution(parser: Parser, left: Term) -> Term:
    """`X \\sim \\mathcal{N}(\\mu, \\sigma^2)`."""
    start = parser.at
    token = parser.peek()
    name = parser.letter_run() if token.kind in ("letter", "word") else token.text
    known = _NAMES.get(name)
    if known is None:
        raise parser.fail("distribution-unknown", token, name=name)
    for _ in range(1 if token.kind == "word" or len(name) == 1 else len(name)):
        parser.take()
    opening = parser.peek()
    if opening.text not in ("(", "["):
        raise parser.fail("sign-expected", wanted="(")
    args: list[Term] = []
    said: list[str] = []

    def read() -> Term:
        args.append(_parameter(parser, said))
        while parser.accept(",", ";"):
            args.append(_parameter(parser, said))
        return args[0]

    parser.enclosed(read)
    if len(args) not in PARAMETERS[known]:
        raise parser.fail("distribution-parameters", span=parser.since(start), name=known, wanted=PARAMETERS[known][0])
    if not said and _is_doubtful(known, args[-1]):
        first, second = _CONVENTIONS[known]
        raise parser.fail("distribution-convention", span=args[-1].span, name=name, first=first, second=second)
    return make("distributed", left, *args, value=known)


_CONVENTIONS = {
    "gamma": ("\\text{rate} = …", "\\text{scale} = …"),
    "exponential": ("\\text{rate} = …", "\\text{scale} = …"),
    "normal": ("σ^2, the variance", "σ, the standard deviation: write \\sigma^2"),
}
"""What the last parameter may be, where textbooks differ and one of the meanings has to be written."""


def _is_doubtful(law: str, parameter: Term) -> bool:
    """Whether a parameter's meaning depends on the textbook: a rate and a scale agree at 1, and λ is a rate."""
    plain = parameter.args[0] if parameter.head == "entry" else parameter
    name = plain.name if plain.head == "sym" else ""
    if law == "normal":
        return name.startswith("σ")
    return law in ("gamma", "exponential") and not name.startswith("λ") and parameter != num(1)


def _parameter(parser: Parser, said: list[str]) -> Term:
    """A parameter, perhaps as `\\text{rate} = β` or `\\text{scale} = θ` (which is a rate of 1/θ)."""
    token = parser.peek()
    if token.kind in ("word", "text") and token.text in ("rate", "scale") and parser.peek(1).text == "=":
        said.append(parser.take().text)
        parser.take()
        value = parser.expression()
        return value if said[-1] == "rate" else make("div", num(1), value, span=value.span)
    return parser.expression()


def read_tending(parser: Parser, left: Term) -> Term:
    """`z \\to 0`, `x \\to 0^+`, `n \\to \\infty`."""
    if left.head != "sym":
        raise parser.fail("variable-expected", span=left.span)
    point, side = read_point(parser)
    return make("tends", left, point, value=side)


def read_point(parser: Parser) -> tuple[Term, str]:
    """The point of a limit and the side it is approached from."""
    start = parser.at
    negative = parser.accept("-", "+")
    if parser.peek().text == "\\infty":
        token = parser.take()
        infinity = make("infinity", span=token.span)
        return (make("neg", infinity, span=parser.since(start)) if negative and negative.text == "-" else infinity), ""
    parser.at = start
    side = ""
    # a side is a `+` or `-` alone above the last atom: cut it off before the point is read as a power
    tokens = parser.tokens
    place = start
    level = 0
    while tokens[place].kind != "end":
        token = tokens[place]
        level += token.text in ("(", "[", "{")
        level -= token.text in (")", "]", "}")
        if level < 0 or (level == 0 and token.text in (",", ";", ":")):
            break
        place += 1
    piece = list(tokens[start:place])
    for size, marks in ((2, ["^"]), (4, ["^", "{"])):
        if len(piece) > size and [t.text for t in piece[-size : -size + len(marks)]] == marks:
            sign = piece[-size + len(marks)].text
            if sign in ("+", "-") and (size == 2 or piece[-1].text == "}"):
                side, piece = sign, piece[:-size]
                break
    parser.at = place
    return parser.read_slice(piece), side
