"""Integrals of unknown functions, and moments of random variables that have a density or a mass function.

An integral over fixed ends is a positive linear functional. It is written as a sum over formal points with formal
weights, Σ_k w_k f(x_k): an equation that holds for all points, weights and numbers of points holds for every positive
linear functional, and so for the integral, wherever the integrals in it exist. E[g(X)] becomes Σ_k w_k p(x_k) g(x_k)
for a density p and Σ_x p(x) g(x) for a mass function; that p sums to 1 for every parameter, and its derivatives in
them to 0, is known from its declaration. The rule for derivatives, like every derivative of an integral, needs that
derivatives may be taken under the integral sign, which is noted as an assumption.

Ends that move with the variable of a derivative, and joint densities, are out of reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from derive.language.affine import Affine, affine_of, variable
from derive.language.context import Context, Domain, Symbol
from derive.language.term import Term, free_names, fresh_name, make, rewrite, sym, walk
from derive.language.term import substitute as put
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly, tensor_mark
from derive.normal_form.index import ENDLESS
from derive.normal_form.opaque import index_term, stands_for
from derive.normal_form.polynomial import multiply
from derive.normal_form.renaming import Substitution, substitute
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import Interval
from derive.normal_form.summation import sum_over

INTERCHANGE = make("interchange")
_POINT, _WEIGHT, _COUNT = "∫x", "∫d", "∫#"
VALUE = "x′"
"""The name that stands for the random variable in the term of its density."""


@dataclass(frozen=True, slots=True)
class Density:
    """`value` is the density (or mass) as a term in the variable `x′`; `indices` are the letters of a family's index.

    `function` and `parameters` are set where the value is an undefined function of the variable and of symbols.
    """

    value: Term
    kind: str
    indices: tuple[str, ...] = ()
    function: str = ""
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one integral or sum runs: a fresh index, the value that it stands for, and the weight there."""

    index: str
    point: Poly
    weight: Poly


# --- integrals --------------------------------------------------------------------------------------------------------


def whole_line(ring: Ring) -> Place:
    """A fresh point of the real line."""
    return _place(ring, "ℝ", Interval(None, None, True, True), True)


def between(ring: Ring, low: Poly | None, high: Poly | None) -> Place:
    """A fresh point between fixed ends (None: infinite)."""
    if low is None and high is None:
        return whole_line(ring)
    start = None if low is None else low.constant
    stop = None if high is None else high.constant
    key = f"{'-∞' if low is None else low.key}…{'∞' if high is None else high.key}"
    upward = low is None or high is None or (start is not None and stop is not None and start <= stop)
    inside = Interval(start, stop, True, True) if upward else Interval(None, None, True, True)
    return _place(ring, key, inside, upward)


def _place(ring: Ring, key: str, inside: Interval, upward: bool) -> Place:
    count = _COUNT + key
    ring.ranges.least[count] = 1
    index = ring.fresh(Affine(1), variable(count))
    ring.domains[_POINT + key] = inside
    if upward:
        ring.domains[_WEIGHT + key] = Interval(fmpq(0), None, False, True)
    at = (variable(index),)
    return Place(index, ring.value(ring.entry(_POINT + key, at)), ring.value(ring.entry(_WEIGHT + key, at)))


def integral(ring: Ring, place: Place, body: Poly) -> Poly:
    """∫ of a body that was lowered at the point of a place."""
    return sum_over(ring, multiply(ring, place.weight, body), [place.index])


_KINKS = frozenset(["abs", "sign", "zero", "holds", "step", "delta", "extreme", "max", "min"])


def goes_under(ring: Ring, value: Poly, raw: str) -> None:
    """Note that a derivative by a name goes under integrals and expectations; refuse it at kinks and jumps.

    The derivative of E|X − t| may go under once, that of E[sign(X − t)] never does, whatever is given.
    """
    if not holds_integral_of(value, raw):
        return
    marks = {raw, tensor_mark(raw)}
    if any(a.kind in _KINKS and a.free & marks for a in nested_atoms(value)):
        raise OutOfReach("a derivative under an integral or expectation at a kink")
    note_interchange(ring)


def note_interchange(ring: Ring) -> None:
    """Record that a derivative was taken under an integral sign."""
    if INTERCHANGE not in ring.context.facts:
        ring.assumed.append(Need("interchange", INTERCHANGE))


def holds_integral_of(value: Poly, raw: str) -> bool:
    """Whether an integral, or an expectation, in a normal form depends on a name."""
    marks = {raw, tensor_mark(raw)}
    return any(
        a.free & marks and (a.kind == "moment" or (a.kind == "sum" and _weighted(a))) for a in nested_atoms(value)
    )


def _weighted(atom: Atom) -> bool:
    return any(name.startswith(f"[{_WEIGHT}") for name in atom.free)


def nested_atoms(data: object) -> list[Atom]:
    """All atoms in a normal form, nested ones too."""
    found: dict[Atom, None] = {}

    def visit(part: object) -> None:
        if isinstance(part, Atom):
            if part not in found:
                found[part] = None
                visit(part.data)
        elif isinstance(part, Poly):
            for mono in part.terms:
                visit(mono)
        elif isinstance(part, tuple):
            for p in part:
                visit(p)

    visit(data)
    return list(found)


# --- densities --------------------------------------------------------------------------------------------------------


def read_densities(context: Context) -> dict[str, Density]:
    """The densities and mass functions that the facts of a context give to random variables."""
    found: dict[str, Density] = {}
    for whole in context.facts:
        fact = whole
        while fact.head == "forall":
            fact = fact.args[3]
        if fact.head == "eq":
            found.update(_chances(context, whole, fact))
        if fact.head == "distributed" and fact.value == "categorical":
            fact = make("distributed", fact.args[0], make("entry", fact.args[1], fact.args[0]), value="mass")
        if fact.head != "distributed" or fact.value not in ("density", "mass"):
            continue
        name, indices = _variable(fact.args[0])
        symbol = context.symbols.get(name)
        if symbol is None or symbol.shape.axes or len(fact.args) != 2 or len(indices) != len(symbol.family):
            continue
        if not covers(whole, indices, symbol):
            continue
        value = _at_value(fact.args[1], fact.args[0])
        found[name] = _as_function(context, Density(value, str(fact.value), indices))
    return found


def covers(fact: Term, indices: tuple[str, ...], symbol: Symbol) -> bool:
    """Whether a fact about a member at these letters is one about every member of the family."""
    spans: dict[str, tuple[Affine | None, Affine | None]] = {}
    while fact.head == "forall":
        high = ENDLESS if fact.args[2].head == "infinity" else affine_of(fact.args[2])
        spans[fact.args[0].name] = (affine_of(fact.args[1]), high)
        fact = fact.args[3]
    return all(i not in spans or spans[i] == (r.low, r.high) for i, r in zip(indices, symbol.family, strict=False))


def _chances(context: Context, fact: Term, equation: Term) -> dict[str, Density]:
    """`P(X = k) = θ_k` for every k that X may be: the mass function of X."""
    chance, value = equation.args
    if fact.head != "forall" or fact.args[3] != equation or chance.head != "prob" or len(chance.args) != 1:
        return {}
    letter, low, high = fact.args[:3]
    event = chance.args[0]
    if event.head != "eq" or letter not in event.args:
        return {}
    subject = event.args[0] if event.args[1] == letter else event.args[1]
    symbol = context.symbols.get(subject.name) if subject.head == "sym" else None
    if symbol is None or not symbol.random or symbol.family or (symbol.domain.low, symbol.domain.high) != (low, high):
        return {}
    if any(s.random for s in (context.symbols[n] for n in free_names(value) if n in context.symbols)):
        return {}
    return {subject.name: Density(put(value, {letter.name: sym(VALUE)}), "mass")}


def _at_value(term: Term, variable: Term) -> Term:
    return rewrite(term, lambda node: sym(VALUE) if node == variable else None)


def _variable(term: Term) -> tuple[str, tuple[str, ...]]:
    if term.head == "sym":
        return term.name, ()
    if term.head == "entry" and all(a.head == "sym" for a in term.args):
        return term.args[0].name, tuple(a.name for a in term.args[1:])
    return "", ()


def _as_function(context: Context, density: Density) -> Density:
    call = density.value
    if call.head != "call" or call.name in context.definitions or call.args[0] != sym(VALUE):
        return density
    names = tuple(a.name if a.head == "sym" else "" for a in call.args[1:])
    if "" in names or len(set(names)) != len(names) or any(n not in context.symbols for n in names):
        return density
    return Density(density.value, density.kind, density.indices, call.name, names)


def support(context: Context, name: str, density: Density) -> Domain | None:
    """Where the values of a random variable lie: its own domain, else the set that its mass function is declared on."""
    domain = context.symbols[name].domain
    if density.kind == "density":
        return domain if domain.kind in ("real", "interval") else None
    if domain.kind == "real":
        domain = _declared_on(context, density.value, VALUE) or domain
    if domain.kind not in ("natural", "integer") or domain.low is None or domain.high is None:
        return None
    return domain


def _declared_on(context: Context, term: Term, name: str) -> Domain | None:
    """The domain of a function that the variable is an argument of, through definitions."""
    for node in walk(term):
        if node.head != "call":
            continue
        for position, arg in enumerate(node.args):
            if arg != sym(name):
                continue
            symbol: Symbol | None = context.symbols.get(node.name)
            if symbol is not None and position < len(symbol.sources) and symbol.sources[position].kind != "real":
                return symbol.sources[position]
            definition = context.definitions.get(node.name)
            if definition is not None and position < len(definition.params):
                inner = _declared_on(context, definition.body, definition.params[position])
                if inner is not None:
                    return inner
    return None


def total_term(context: Context, name: str, density: Density) -> Term | None:
    """Σ p over the values of a variable, or ∫ p over its domain, as a formula."""
    domain = support(context, name, density)
    if domain is None or any(node == sym(letter) for letter in density.indices for node in walk(density.value)):
        return None
    letter = sym(fresh_name("x", frozenset(context.symbols) | free_names(density.value)))
    body = put(density.value, {VALUE: letter})
    if density.kind == "mass":
        assert domain.low is not None and domain.high is not None
        return make("sum", letter, domain.low, domain.high, body)
    infinity = make("infinity")
    low = domain.low if domain.low is not None else make("neg", infinity)
    return make("integral", letter, low, domain.high if domain.high is not None else infinity, body)


def moment_as_total(ring: Ring, mono: Monomial, name: str, indices: tuple[Affine, ...]) -> Poly | None:
    """E of a function of one random variable with a density, as an integral or a sum; None where it has none."""
    density = ring.densities.get(name)
    place = None if density is None else _place_of(ring, name, density)
    if density is None or place is None:
        return None
    point = place.point
    values = Substitution(tensors={name: lambda at: point}) if indices else Substitution(scalars={name: point})
    weighted = multiply(ring, place.weight, value_of(ring, density, point, indices))
    body = substitute(ring, Poly({mono: fmpq(1)}), values)
    return sum_over(ring, multiply(ring, weighted, body), [place.index])


def value_of(ring: Ring, density: Density, point: Poly, indices: tuple[Affine, ...]) -> Poly:
    """The density at a point, with the parameters as they are where it is asked for."""
    at = dict(zip(density.indices, indices, strict=True))
    place = index_term(ring, point) if density.kind == "mass" else None
    values = {VALUE: point} if place is None else {}
    value: Poly = ring.density_value(density.value, values, at if place is None else {**at, VALUE: place})
    return value


def _place_of(ring: Ring, name: str, density: Density) -> Place | None:
    domain = support(ring.context, name, density)
    if domain is None:
        return None
    if density.kind == "density":
        start, stop = (None if end is None else ring.density_value(end, {}, {}) for end in (domain.low, domain.high))
        return between(ring, start, stop)
    low = affine_of(domain.low) if domain.low is not None else None
    high = affine_of(domain.high) if domain.high is not None else None
    if low is None or high is None:
        return None
    index = ring.fresh(low, high)
    return Place(index, ring.affine(variable(index)), ONE)


def total(ring: Ring, factors: Sequence[tuple[Atom, Exponent]], names: Sequence[str]) -> Poly | None:
    """Σ_k w_k p(x_k; θ) = 1 and Σ_k w_k ∂p/∂θ(x_k; θ) = 0, where the factors are just these; else None."""
    if len(names) != 1:
        return None
    for name, density in ring.densities.items():
        calls = [(a, e) for a, e in factors if a.kind == "call" and a.data[0] == density.function]
        if len(calls) != 1 or calls[0][1] != 1:
            continue
        slots = calls[0][0].data[1]
        if any(position == 0 for position, _ in slots) or not _at_parameters(ring, calls[0][0], density):
            continue
        place = _place_of(ring, name, density)
        if place is None or ring.ranges.ends[place.index] != ring.ranges.ends[names[0]]:
            continue
        point, weight = _moved(ring, place, names[0])
        others = [(a, e) for a, e in factors if a is not calls[0][0]]
        if calls[0][0].data[2][0][3] != point or Poly({tuple(others): fmpq(1)}) != weight:
            continue
        if not slots:
            return ONE
        if ring.assuming or INTERCHANGE in ring.context.facts:
            note_interchange(ring)
            return ZERO
    return None


def _moved(ring: Ring, place: Place, index: str) -> tuple[Poly, Poly]:
    there = Substitution(indices={place.index: variable(index)})
    return substitute(ring, place.point, there), substitute(ring, place.weight, there)


def _at_parameters(ring: Ring, call: Atom, density: Density) -> bool:
    """Whether a call is at the parameters themselves, or at what stands for them while they are differentiated by."""
    arguments = call.data[2][1:]
    if len(arguments) != len(density.parameters):
        return False
    for (_, _, mark, body), name in zip(arguments, density.parameters, strict=True):
        single = body.single()
        if single is None or len(single[0]) != 1 or single[1] != 1 or single[0][0][1] != 1:
            return False
        atom = single[0][0][0]
        if mark:
            if atom.kind != "entry" or tuple(map(str, atom.data[1])) != (mark,):
                return False
            written = str(atom.data[0])
        else:
            if atom.kind != "sym":
                return False
            written = str(atom.data[0].text)
        if not stands_for(written, name):
            return False
    return True


def refuse_ends(poly: Poly) -> None:
    """Refuse an end of an integral that moves with an index, a random value, or the variable of a derivative."""
    if any(n.startswith(("%", "@", "[")) or "′" in n for n in poly.free):
        raise OutOfReach("an integral whose ends move")
