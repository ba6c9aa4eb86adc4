"""Random variables whose density or mass function is a formula: their outcomes, and the integrals that average them.

The function must be a choice of `choice.py`, or a definition whose total was proved to be 1 (the note `PROVED`), since
an interval around 1 is no proof. A mass function gives a table of outcomes, made anew in each frame, so that it
follows a parameter that is differentiated by. A density gives a formal variable, a factor, and an integral over it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq

from derive.language.context import Domain
from derive.language.term import Term, make, substitute
from derive.numeric import formal
from derive.numeric.choice import ExponentialDensity, NormalDensity, Table
from derive.numeric.frame import Frame, scalar
from derive.numeric.integral import over_line
from derive.numeric.model import Model
from derive.numeric.number import ZERO, Scalar, certain_sign, fresh_tag, unsupported
from derive.numeric.point import Group, Law, Member, Point
from derive.numeric.special import PROVED, size_name
from derive.numeric.tensor import Value

_MOST_OUTCOMES = 40
_INFINITY = make("infinity")
_CERTAIN = make("true")  # the total of a law is 1 by construction, or was proved to be


def law_by_function(model: Model, point: Point, body: Term, member: Member, scope: Mapping[str, Value]) -> Law | None:
    """The law `density` or `mass` with its formula and ends; None where the function is not known to sum to 1."""
    value = body.args[1] if body.value != "categorical" else make("entry", body.args[1], body.args[0])
    symbol = model.context.symbols[member[0]]
    chosen = point.functions.get(value.name) if value.head == "call" else None
    own = value.head == "call" and value.args[:1] == body.args[:1]
    if body.value == "categorical":
        domain = symbol.domain
        if domain.low is None or domain.high is None:
            return None
        return Law("mass", (value, domain.low, domain.high), scope)
    if body.value == "mass":
        if not (own and isinstance(chosen, Table) and chosen.axes == (0,)) and PROVED not in symbol.properties:
            return None
        domain = _source(model, value, body.args[0]) or symbol.domain
        if not size_name(domain):
            return None
    else:
        fits = isinstance(chosen, NormalDensity if symbol.domain == Domain() else ExponentialDensity)
        if not (own and fits) and PROVED not in symbol.properties:
            return None
        domain = symbol.domain
        if domain.kind not in ("real", "interval"):
            return None
    low = domain.low if domain.low is not None else make("neg", _INFINITY)
    high = domain.high if domain.high is not None else _INFINITY
    return Law(str(body.value), (value, low, high, _CERTAIN), scope)


def law_by_chances(model: Model, fact: Term) -> tuple[Member, Law] | None:
    """`P(X = k) = θ_k` for every k that X may be, as a mass function; that it sums to 1 is asked at each use."""
    if fact.head != "forall" or fact.args[3].head != "eq":
        return None
    letter, low, high, (chance, value) = *fact.args[:3], fact.args[3].args
    event = chance.args[0] if chance.head == "prob" and len(chance.args) == 1 else chance
    if event.head != "eq" or letter not in event.args:
        return None
    subject = event.args[0] if event.args[1] == letter else event.args[1]
    symbol = model.context.symbols.get(subject.name) if subject.head == "sym" else None
    if symbol is None or not symbol.random or symbol.family or (symbol.domain.low, symbol.domain.high) != (low, high):
        return None
    if any(model.context.symbols[n].random for n in model.names_of(value) if n in model.context.symbols):
        return None
    return (subject.name, None), Law("mass", (substitute(value, {letter.name: subject}), low, high), {})


def is_law(law: Law, body: Term) -> bool:
    """Whether a law is the one that a fact gives."""
    if body.value == "categorical":
        return law.name == "mass" and law.params[0] == make("entry", body.args[1], body.args[0])
    return law.name == body.value and law.params[:1] == body.args[1:]


def _source(model: Model, value: Term, variable: Term) -> Domain | None:
    """The finite set that a mass function, or a function in its definition, takes the variable from."""
    waiting, seen = [(value, variable)], set()
    while waiting:
        term, at = waiting.pop()
        if term.head == "call":
            symbol = model.context.symbols.get(term.name)
            definition = model.context.definitions.get(term.name)
            for position, arg in enumerate(term.args):
                if arg != at:
                    continue
                if symbol is not None and position < len(symbol.sources) and size_name(symbol.sources[position]):
                    return symbol.sources[position]
                if definition is not None and term.name not in seen and position < len(definition.params):
                    seen.add(term.name)
                    waiting.append((definition.body, Term("sym", (), definition.params[position])))
        waiting.extend((a, at) for a in term.args)
    return None


def support_of(law: Law) -> Domain:
    """Where a variable with such a law lies."""
    low, high = law.params[1:3]
    kind = "natural" if law.name == "mass" else "interval"
    start = None if low.head == "neg" else low
    stop = None if high.head == "infinity" else high
    if kind == "natural":
        return Domain("natural", low=start, high=stop)
    return Domain("interval", start, stop, True, True) if start is not None or stop is not None else Domain()


def outcomes(frame: Frame, member: Member, law: Law) -> Group:
    """The table of a mass function in a frame."""
    first, last = (frame.integer(e, law.scope) for e in law.params[1:3])
    if last - first >= _MOST_OUTCOMES:
        raise unsupported("too many outcomes")
    table = []
    total: Scalar = ZERO
    for k in range(first, last + 1):
        p = scalar(_at(frame, member, fmpq(k)).value(law.params[0], law.scope))
        if certain_sign(p) < 0:
            raise unsupported("a probability below 0")
        total = total + p
        table.append((p, (fmpq(k),)))
    if law.params[3:] != (_CERTAIN,) and not (type(total) is fmpq and total == 1):
        raise unsupported("probabilities that are not seen to sum to 1")
    return Group((member,), tuple(table))


def weight(frame: Frame, member: Member, law: Law) -> tuple[int, Scalar, Scalar]:
    """A formal variable for a member with a density: its number, the variable, and the density there."""
    number = fresh_tag()
    x = formal.variable(number)
    return number, x, scalar(_at(frame, member, x).value(law.params[0], law.scope))


def average(value: Scalar, number: int, density: Scalar, law: Law, frame: Frame) -> Scalar:
    """The expectation over one variable with a density."""
    low, high = law.params[1:3]
    start = None if low.head == "neg" else scalar(frame.value(low, law.scope))
    stop = None if high.head == "infinity" else scalar(frame.value(high, law.scope))
    return over_line(value * density, number, start, stop)


def _at(frame: Frame, member: Member, value: Value) -> Frame:
    name, index = member
    return frame.with_values({name: value}) if index is None else frame.with_member(name, index, value)
