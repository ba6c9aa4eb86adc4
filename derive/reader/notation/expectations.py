"""Expectations whose subscript says what they are over: `E_X[…]`, `E_{x \\sim p}[…]`, `E_p[…]`, `E_\\theta[…]`.

Where the subscript names the random variables of the bracket, or the distribution that they are declared with, the
expectation is the plain one. Over the letter of a declared density or mass function it is the integral, or the sum,
against it. Anything else is refused: an expectation over some of the variables only, or under a law that is declared
otherwise, would not be the plain one.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.context import Domain, Symbol, set_of
from derive.language.term import Term, fresh_name, make, rewrite, substitute, sym, walk
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token


@dataclass(frozen=True, slots=True)
class Against:
    """A binder over `letter` ("": the one random variable of the bracket) against a density or mass `weight`."""

    letter: str
    weight: Term
    domain: Domain


def read_subscript(parser: Parser, token: Token, tokens: list[Token]) -> tuple[Against | None, frozenset[str] | None]:
    """What stands below E: what it is against, or else the random names that it is over (None: all of them)."""
    texts = [t.text for t in tokens]
    where = tokens[0] if tokens else token
    if "\\sim" in texts:
        at = texts.index("\\sim")
        letters, law = tokens[:at], tokens[at + 1 :]
        names = [t.text for t in letters if t.kind in ("letter", "word")]
        if len(letters) != 1 or len(names) != 1 or not law:
            raise parser.fail("expectation-over", where, name="".join(texts[:at]))
        return _with_law(parser, where, names[0], law)
    names = [parser.alias(t.text) for t in tokens if t.kind in ("letter", "word")]
    if names and all(_is_random(parser, n) for n in names):
        return None, frozenset(names)
    if len(names) == 1 and _shapes_all(parser, names[0]):
        return None, None
    symbol = parser.symbol(names[0]) if names else None
    if symbol is not None and symbol.role == "function":
        with parser.bound("∘", role="variable"):
            weight, domain = _weight(parser, where, "∘", tokens)
        return Against("", weight, domain), None
    raise parser.fail("expectation-over", where, name=names[0] if names else "")


def _is_random(parser: Parser, name: str) -> bool:
    symbol = parser.symbol(name)
    return symbol is not None and symbol.random


def _laws(parser: Parser) -> list[Term]:
    found = []
    for fact in parser.context.facts:
        while fact.head == "forall":
            fact = fact.args[3]
        if fact.head == "distributed":
            found.append(fact)
    return found


def _shapes_all(parser: Parser, name: str) -> bool:
    """Whether a letter is a parameter of every declared distribution (`E_\\theta`)."""
    laws = _laws(parser)
    return bool(laws) and all(
        any(node == sym(name) for arg in law.args[1:] for node in walk(arg)) and _is_random(parser, _base(law.args[0]))
        for law in laws
    )


def _base(term: Term) -> str:
    return term.args[0].name if term.head == "entry" else term.name if term.head == "sym" else ""


def _with_law(
    parser: Parser, where: Token, letter: str, law: list[Token]
) -> tuple[Against | None, frozenset[str] | None]:
    """`x \\sim p`: the declared law of a random x, or a density to integrate against."""
    if _is_random(parser, letter):
        declared = [f for f in _laws(parser) if f.args[0] == sym(letter)]
        if len(declared) == 1 and _same_law(parser, declared[0], law):
            return None, frozenset([letter])
    with parser.bound(letter, role="variable"):
        weight, domain = _weight(parser, where, letter, law)
    return Against(letter, weight, domain), None


def _same_law(parser: Parser, declared: Term, law: list[Token]) -> bool:
    from derive.reader.notation.sets import LAW_NAMES, read_distribution

    with parser.within(law):
        if law[0].text in LAW_NAMES and parser.symbol(law[0].text) is None:
            written = read_distribution(parser, declared.args[0])
            return written == declared
        value = parser.expression()
    if value.head == "sym":
        return declared.args[1].head == "call" and declared.args[1].name == value.name
    return value.head == "call" and value.with_args((declared.args[0], *value.args[1:])) == declared.args[1]


def _weight(parser: Parser, where: Token, letter: str, law: list[Token]) -> tuple[Term, Domain]:
    """A function of the letter, and where it runs: by the function's declaration, or by what is given of it."""
    if parser.symbol(law[0].text) is None and not any(s.startswith(f"{law[0].text}(") for s in parser.context.symbols):
        raise parser.fail("expectation-over", where, name=law[0].text)
    spelled = [Token("letter", letter, t.start, t.end) if t.text == "\\cdot" else t for t in law]
    if len(law) == 3 and law[1].text == "_":  # `p_\\theta`
        end = law[-1].end
        spelled += [Token("sign", "(", end, end), Token("letter", letter, end, end), Token("sign", ")", end, end)]
    with parser.within(spelled):
        value = parser.operand() if len(law) > 1 else sym(parser.bare_name())
    if value.head == "sym":
        value = make("call", sym(letter), value=value.name, span=value.span)
    symbol = parser.symbol(value.name) if value.head == "call" else None
    if symbol is None or symbol.role != "function" or symbol.shape.axes:
        raise parser.fail("expectation-over", where, name=law[0].text)
    if len(symbol.arguments or value.args) != len(value.args):
        raise parser.fail("argument-count", where, name=value.name, wanted=len(symbol.arguments), found=len(value.args))
    domain = symbol.sources[0] if symbol.sources else _used_on(parser, value.name)
    if domain is None:
        raise parser.fail("expectation-domain", where, name=value.name)
    return value.with_args((sym(letter), *value.args[1:])), domain


def _used_on(parser: Parser, name: str) -> Domain | None:
    """Where a function that is declared by use runs: the range of the sum, or the integral, that is given of it."""
    found: list[Domain] = []
    for fact in parser.context.facts:
        for node in walk(fact):
            if node.head in ("sum", "integral") and any(
                c.head == "call" and c.name == name and c.args[:1] == node.args[:1] for c in walk(node.args[3])
            ):
                low, high = node.args[1:3]
                if node.head == "sum":
                    found.append(Domain("natural", low, high))
                else:
                    start, stop = (
                        None if "infinity" in (e.head, *(a.head for a in e.args)) else e for e in (low, high)
                    )
                    found.append(Domain("interval", start, stop) if start or stop else Domain())
        if fact.head == "distributed" and len(fact.args) == 2 and fact.args[1].head == "call":
            symbol = parser.symbol(_base(fact.args[0]))
            if fact.args[1].name == name and symbol is not None:
                found.append(symbol.domain)
    kinds = list(dict.fromkeys(found))
    return kinds[0] if len(kinds) == 1 else None


def element_symbol(against: Against) -> Symbol:
    """The letter of an expectation against a density or mass function, as the bracket sees it."""
    discrete = set_of(against.domain) or against.domain.kind in ("natural", "integer")
    return Symbol(against.letter, role="index" if discrete else "variable", domain=against.domain)


def binder(parser: Parser, against: Against, body: Term, where: Token) -> Term:
    """The integral or sum that an expectation against a density or mass function is."""
    letter, weight = against.letter, against.weight
    if not letter:
        names = random_names(parser, body)
        if len(names) != 1:
            raise parser.fail("expectation-over", where, name=weight.name)
        old = next(iter(names))
        letter = fresh_name(old.casefold() if old.casefold() != old else old + "′", {n.name for n in _symbols(body)})
        body = substitute(body, {old: sym(letter)})
        weight = rewrite(weight, lambda node: sym(letter) if node == sym("∘") else None)
    domain = against.domain
    weighted = make("mul", weight, body)
    if set_of(domain) or domain.kind in ("natural", "integer"):
        assert domain.low is not None and domain.high is not None
        return make("sum", sym(letter), domain.low, domain.high, weighted)
    infinity = make("infinity")
    low = make("neg", infinity) if domain.low is None else domain.low
    return make("integral", sym(letter), low, infinity if domain.high is None else domain.high, weighted)


def _symbols(term: Term) -> list[Term]:
    return [node for node in walk(term) if node.head in ("sym", "call", "dcall")]


def random_names(parser: Parser, term: Term) -> frozenset[str]:
    """The random variables that a formula varies with, through plain definitions."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [term]
    while waiting:
        for node in walk(waiting.pop()):
            if node.head not in ("sym", "call") or node.name in seen or node.name in parser.scope:
                continue
            seen.add(node.name)
            symbol: Symbol | None = parser.symbol(node.name)
            if symbol is not None and symbol.random and node.name not in parser.context.definitions:
                found.add(node.name)
            definition = parser.context.definitions.get(node.name)
            if definition is not None:
                waiting.append(definition.body)
    return frozenset(found)

