"""What is known of the values of undefined functions: where they lie by declaration, and their declared signs.

A given `p(x; θ) > 0` holds for every x where x is a letter that nothing declares: it then has no other meaning. At a
declared letter it holds at that letter, and at what stands for it while it is differentiated by, since what is
positive and has a derivative is positive nearby. `f(x) > 0` for every x in a finite set is such a fact too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flint import fmpq

from derive.language.affine import Affine, affine_of
from derive.language.context import Context, Domain
from derive.language.term import Term, conjuncts, is_num
from derive.normal_form.atom import Atom, Poly
from derive.normal_form.ring import Ring
from derive.normal_form.sign import ALL, Interval

_SIGNS = {
    "gt": Interval(fmpq(0), None, True, True),
    "ge": Interval(fmpq(0), None, False, True),
    "lt": Interval(None, fmpq(0), True, True),
    "le": Interval(None, fmpq(0), True, False),
}
_TURNED = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}


@dataclass(frozen=True, slots=True)
class FunctionSign:
    """Where f(…) lies, at any value of an argument (None), at one letter (its name), or over a range of integers."""

    values: Interval
    at: tuple[str | tuple[Affine, Affine] | None, ...]


def read_function_signs(context: Context) -> dict[str, list[FunctionSign]]:
    """The facts that say on which side of 0 an undefined function lies."""
    found: dict[str, list[FunctionSign]] = {}
    for fact in context.facts:
        ranges: dict[str, tuple[Affine, Affine]] = {}
        while fact.head == "forall":
            low, high = affine_of(fact.args[1]), affine_of(fact.args[2])
            if low is not None and high is not None:
                ranges[fact.args[0].name] = (low, high)
            fact = fact.args[3]
        for part in conjuncts(fact):
            _read(context, part, ranges, found)
    for name, sign in _densities(context):
        found.setdefault(name, []).append(sign)
    return found


def _densities(context: Context) -> list[tuple[str, FunctionSign]]:
    """Densities and mass functions are nowhere negative."""
    result: list[tuple[str, FunctionSign]] = []
    for fact in context.facts:
        while fact.head == "forall":
            fact = fact.args[3]
        if fact.head != "distributed" or fact.value not in ("density", "mass") or len(fact.args) != 2:
            continue
        call = fact.args[1]
        if call.head == "call" and call.name not in context.definitions and call.args[0] == fact.args[0]:
            letters = [_place(context, a, {}) for a in call.args[1:]]
            if "" not in letters:
                result.append((call.name, FunctionSign(_SIGNS["ge"], (None, *letters))))
    return result


def _read(
    context: Context,
    fact: Term,
    ranges: Mapping[str, tuple[Affine, Affine]],
    found: dict[str, list[FunctionSign]],
) -> None:
    if fact.head not in _SIGNS:
        return
    left, right = fact.args
    head = fact.head
    if is_num(left, 0):
        left, right, head = right, left, _TURNED[head]
    if left.head != "call" or not is_num(right, 0) or left.name in context.definitions:
        return
    places = tuple(_place(context, a, ranges) for a in left.args)
    letters = [a.name for a in left.args if a.head == "sym"]
    if "" in places or len(set(letters)) != len(letters):
        return
    found.setdefault(left.name, []).append(FunctionSign(_SIGNS[head], places))


def _place(
    context: Context, argument: Term, ranges: Mapping[str, tuple[Affine, Affine]]
) -> str | tuple[Affine, Affine] | None:
    """A letter as the place of a fact: "" where it is no letter."""
    if argument.head != "sym":
        return ""
    if argument.name in ranges:
        return ranges[argument.name]
    symbol = context.symbols.get(argument.name)
    if symbol is None or symbol.family or argument.name in context.definitions:
        return ""
    if symbol.role == "index":
        ends = _ends(symbol.domain)
        return ends if ends is not None else argument.name
    anywhere = symbol.inferred and symbol.role == "variable" and symbol.domain == Domain()
    return None if anywhere else argument.name


def _ends(domain: Domain) -> tuple[Affine, Affine] | None:
    low = affine_of(domain.low) if domain.low is not None else None
    high = affine_of(domain.high) if domain.high is not None else None
    return None if low is None or high is None else (low, high)


def call_interval(ring: Ring, atom: Atom) -> Interval:
    """An interval that holds every value of an undefined function's atom."""
    name, slots, arguments = atom.data
    if slots:
        return ALL
    symbol = ring.context.symbols.get(name)
    result = ring.domains.get(name, ALL) if symbol is not None and not symbol.shape.axes else ALL
    for sign in ring.function_signs.get(name, ()):
        if len(sign.at) == len(arguments) and all(
            _is_there(ring, mark, body, at) for (_, _, mark, body), at in zip(arguments, sign.at, strict=True)
        ):
            result = _both(result, sign.values)
    return result


def _is_there(ring: Ring, mark: str, body: Poly, at: str | tuple[Affine, Affine] | None) -> bool:
    if at is None:
        return True
    if isinstance(at, str):
        return stands_for(_name(body), at)
    if mark:
        return False
    index = index_term(ring, body)
    return index is not None and ring.ranges.in_range(index, *at)


def stands_for(written: str, name: str) -> bool:
    """Whether a name is another one, or holds its place while it is differentiated by (`θ′3` for θ)."""
    base, mark, number = written.partition("′")
    return written == name or (base == name and bool(mark) and number.isdigit())


def _name(body: Poly) -> str:
    """The symbol or vector that a normal form is (at any index); "" for anything else."""
    single = body.single()
    if single is None or single[1] != 1 or len(single[0]) != 1 or single[0][0][1] != 1:
        return ""
    atom = single[0][0][0]
    if atom.kind == "sym":
        return str(atom.data[0].text)
    return str(atom.data[0]) if atom.kind == "entry" and len(atom.data[1]) == 1 else ""


def index_term(ring: Ring, body: Poly) -> Affine | None:
    """A normal form as an index term, None where it is none."""
    constant, parts = 0, []
    for mono, c in body.terms.items():
        if c.q != 1:
            return None
        if not mono:
            constant = int(c.p)
            continue
        if len(mono) != 1 or mono[0][1] != 1 or mono[0][0].kind != "sym":
            return None
        name = mono[0][0].data[0].text
        if not ring.is_index_like(name):
            return None
        parts.append((name, int(c.p)))
    return Affine(constant, tuple(sorted(parts)))


def _both(a: Interval, b: Interval) -> Interval:
    """The values that lie in two intervals."""
    low, low_open = a.low, a.low_open
    if b.low is not None and (low is None or b.low > low or (b.low == low and b.low_open)):
        low, low_open = b.low, b.low_open
    high, high_open = a.high, a.high_open
    if b.high is not None and (high is None or b.high < high or (b.high == high and b.high_open)):
        high, high_open = b.high, b.high_open
    return Interval(low, high, low_open, high_open)
