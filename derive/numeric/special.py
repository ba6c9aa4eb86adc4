"""Which unknown functions the givens make special, and what then holds of them by construction.

A function is a density where a given says that a variable is distributed by it or that its integral is 1, a mass
function where its sum over a finite set is 1, and a table where it is declared on finite sets. The facts that say no
more than that need no evaluation: a choice of `choice.py` satisfies them for all values of its parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flint import fmpq

from derive.language.context import SCALAR, Context, Domain, Symbol
from derive.language.term import Term, is_num
from derive.numeric.choice import ExponentialDensity, NormalDensity, Table, exponential_density, normal_density, table
from derive.numeric.draw import Draw
from derive.numeric.model import strip

PROVED = "law:proved"
"""A note at a random variable: that its defined density or mass function sums to 1 was proved."""

SIGNS = {"gt": True, "ge": True, "ne": True, "lt": False, "le": False}


@dataclass(slots=True)
class Special:
    """What is special of a function: its sums over `axes` are 1; `line` is where a density lives.

    `sources` are the finite sets that its first arguments are elements of.
    """

    sources: tuple[Domain, ...] = ()
    axes: tuple[int, ...] = ()
    law: bool = False
    """Whether it is the mass function of a variable, and so not negative."""
    line: Domain | None = None
    facts: list[Term] = field(default_factory=list)


def read_special(context: Context, facts: Iterable[Term], names: frozenset[str]) -> dict[str, Special]:
    """The special functions among `names`, with the facts that each satisfies by construction."""
    found: dict[str, Special] = {}
    for name in sorted(names):
        sources = _finite(context.symbols[name].sources)
        if sources:
            found[name] = Special(sources)
    listed = list(facts)
    for fact in listed:
        _read_total(context, fact, names, found)
        _read_law(context, fact, names, found)
    for fact in listed:
        body = strip(fact, context)[1]
        for call, zero, upward in _sign(body):
            if call.name in found and is_num(zero, 0) and upward:
                found[call.name].facts.append(fact)
    return found


def _finite(sources: tuple[Domain, ...]) -> tuple[Domain, ...]:
    """The leading sources that are finite sets, or ranges 1, …, n."""
    found: list[Domain] = []
    for source in sources:
        if not size_name(source):
            break
        found.append(source)
    return tuple(found)


def size_name(domain: Domain) -> str:
    """The name of the number of elements, where a domain is a finite set or a range 1, …, n."""
    high = domain.high
    if domain.kind not in ("natural", "integer") or domain.low is None or not is_num(domain.low, 1):
        return ""
    return high.name if high is not None and high.head == "sym" else ""


def _sign(body: Term) -> list[tuple[Term, Term, bool]]:
    """`f(…) > 0` as the call, the zero, and whether it says that f is not negative."""
    if body.head not in SIGNS:
        return []
    left, right = body.args
    return [
        (call, zero, SIGNS[body.head] == first)
        for call, zero, first in ((left, right, True), (right, left, False))
        if call.head == "call" and zero.head == "num"
    ]


def _read_total(context: Context, fact: Term, names: frozenset[str], found: dict[str, Special]) -> None:
    """`∫ p = 1` and `Σ p = 1`, for every value of what is not summed over."""
    body = strip(fact, context)[1]
    if body.head != "eq" or not any(is_num(a, 1) for a in body.args):
        return
    inner = body.args[1] if is_num(body.args[0], 1) else body.args[0]
    bound: dict[str, Term] = {}
    while inner.head in ("sum", "integral") and len(inner.args) == 4:
        bound[inner.args[0].name] = inner
        inner = inner.args[3]
    if not bound or inner.head != "call" or inner.name not in names:
        return
    letters = [a.name if a.head == "sym" else "" for a in inner.args]
    if len(set(letters)) != len(letters) or not set(bound) <= set(letters):
        return
    axes = tuple(k for k, letter in enumerate(letters) if letter in bound)
    special = found.get(inner.name) or Special()
    if all(bound[letters[k]].head == "sum" for k in axes):
        if any(k >= len(special.sources) or not _whole(bound[letters[k]], special.sources[k]) for k in axes):
            return
        if special.axes not in ((), axes) or special.line is not None:
            return
        special.axes = axes
    else:
        if axes != (0,) or special.axes:
            return
        line = _line(bound[letters[0]])
        if line is None or special.line not in (None, line):
            return
        special.line = line
    special.facts.append(fact)
    found[inner.name] = special


def _whole(total: Term, source: Domain) -> bool:
    """Whether a sum runs over the whole set that a function is declared on."""
    return total.args[1] == source.low and total.args[2] == source.high


def _line(total: Term) -> Domain | None:
    """The whole line, or a half-line from a number on."""
    low, high = total.args[1:3]
    if high.head != "infinity":
        return None
    if low.head == "neg" and low.args[0].head == "infinity":
        return Domain()
    return Domain("interval", low=low) if low.head == "num" else None


def _read_law(context: Context, fact: Term, names: frozenset[str], found: dict[str, Special]) -> None:
    """A variable is distributed by the function."""
    body = strip(fact, context)[1]
    if body.head != "distributed" or body.value not in ("density", "mass") or len(body.args) != 2:
        return
    call = body.args[1]
    if call.head != "call" or call.name not in names or call.args[0] != body.args[0]:
        return
    base = body.args[0].args[0] if body.args[0].head == "entry" else body.args[0]
    domain = context.symbols[base.name].domain
    special = found.get(call.name) or Special()
    if body.value == "mass":
        if not special.sources and not context.symbols[call.name].sources and size_name(domain):
            special.sources = (domain,)
        if special.axes in ((), (0,)) and special.line is None and special.sources:
            special.axes, special.law = (0,), True
            found[call.name] = special
        return
    line = Domain() if domain == Domain() else Domain("interval", low=domain.low) if domain.high is None else None
    if line is None or (line.low is not None and line.low.head != "num") or special.axes:
        return
    if special.line in (None, line):
        special.line = line
        found[call.name] = special


def choose(
    symbol: Symbol, special: Special, sizes: Mapping[str, int], draw: Draw, positive: bool
) -> NormalDensity | ExponentialDensity | Table | None:
    """A choice with what is special of it; None where the function takes or gives other things."""
    if symbol.shape != SCALAR:
        return None
    arguments = symbol.arguments or (SCALAR,)
    if special.line is not None:
        if any(a != SCALAR for a in arguments):
            return None
        start = special.line.low
        if start is None:
            return normal_density(symbol.name, len(arguments) - 1, draw.rng)
        number = fmpq(start.value.numerator, start.value.denominator)
        return exponential_density(symbol.name, number, len(arguments) - 1, draw.rng)
    spans: list[int] = []
    for source in special.sources:
        if size_name(source) not in sizes:
            return None
        spans.append(sizes[size_name(source)])
    if not spans or any(k >= len(spans) for k in special.axes) or any(a != SCALAR for a in arguments[len(spans) :]):
        return None
    if symbol.domain.kind not in ("real", "interval") or symbol.domain.high is not None:
        return None
    low = symbol.domain.low
    if low is not None and not is_num(low, 0):
        return None
    return table(
        symbol.name,
        tuple(spans),
        len(arguments) - len(spans),
        positive or special.law or low is not None,
        special.axes,
        draw.rng,
    )
