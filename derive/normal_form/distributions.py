"""Moments of random variables with named distributions, in closed form.

E[X^k e^{aX}] is read off a table: the distribution tilted by e^{aX} belongs to the same family for the normal, gamma,
exponential, binomial and Poisson distributions, and its moments are polynomials, or products, in the parameters; where
the integral converges only for some a, that is noted as an assumption. Sources: Johnson, Kotz and Balakrishnan,
"Continuous Univariate Distributions" (1994), and Johnson, Kemp and Kotz, "Univariate Discrete Distributions" (2005).
Parameters are lowered where a moment is asked for, so that they follow a derivative. Moments of vectors, of
logarithms, and of functions that nothing is known of have no closed form here.

Parameters: normal (mean, variance), uniform (from, to), exponential (rate), gamma (shape, rate), beta (two shapes),
laplace (place, scale), bernoulli (chance), binomial (number, chance), poisson (mean).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from flint import fmpq

from derive.language.affine import Affine
from derive.language.context import Context
from derive.language.term import Term, conjuncts, free_names, walk
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly, constant_poly, tensor_mark
from derive.normal_form.density import covers, moment_as_total, nested_atoms
from derive.normal_form.functions import exponential, symbolic_power
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive, sign_of

MOST_ORDER = 12


@dataclass(frozen=True, slots=True)
class Law:
    """A named distribution; `indices` are the letters of a family's index in the parameters."""

    name: str
    parameters: tuple[Term, ...]
    indices: tuple[str, ...] = ()


def read_laws(context: Context) -> dict[str, Law]:
    """The named distributions that the facts of a context give to scalar random variables."""
    found: dict[str, Law] = {}
    for fact in context.facts:
        for whole in conjuncts(fact):
            part = whole
            while part.head == "forall":
                part = part.args[3]
            if part.head != "distributed" or str(part.value) not in _TABLE:
                continue
            subject = part.args[0]
            parts = subject.args if subject.head == "entry" else (subject,)
            if any(a.head != "sym" for a in parts):
                continue
            name, indices = parts[0].name, tuple(a.name for a in parts[1:])
            symbol = context.symbols.get(name)
            if symbol is None or symbol.shape.axes or len(indices) not in (0, len(symbol.family)):
                continue
            if covers(whole, indices, symbol):
                found[name] = Law(str(part.value), part.args[1:], indices)
    return found


MOMENTS = frozenset(["expect", "variance", "covariance", "prob"])


def moment_ties(context: Context) -> dict[str, frozenset[str]]:
    """For each name in a given about moments or a distribution: the random variables that it may shape."""
    ties: dict[str, frozenset[str]] = {}
    for fact in context.facts:
        if not any(node.head in MOMENTS or node.head == "distributed" for node in walk(fact)):
            continue
        names = context.spoken_of(free_names(fact))
        random = frozenset(n for n in names if n in context.symbols and context.symbols[n].random)
        for name in names - random:
            ties[name] = ties.get(name, frozenset()) | random
    return ties


def takes_moments(context: Context, term: Term) -> bool:
    """Whether an expectation, variance or probability occurs in a formula, or in a definition that it uses."""
    bodies = [term]
    for name in sorted(context.spoken_of(free_names(term))):
        definition = context.definitions.get(name)
        if definition is not None:
            bodies.append(definition.body)
    return any(node.head in MOMENTS for body in bodies for node in walk(body))


def shapes_moments(context: Context, name: str, term: Term) -> bool:
    """Whether a name may shape a distribution that moments in a formula are taken over."""
    return takes_moments(context, term) and name in moment_ties(context)


def refuse_hidden(ring: Ring, value: Poly, name: str) -> None:
    """Refuse to take a derivative through a moment of a distribution that the variable shapes unseen."""
    random = ring.moment_ties.get(name)
    if not random:
        return
    marks = {ring.random_marks[n] for n in random if n in ring.random_marks}
    for atom in nested_atoms(value):
        if atom.kind in ("moment", "cmoment") and atom.free & marks:
            raise OutOfReach("a derivative through a moment whose distribution depends on the variable")


def known_moment(ring: Ring, mono: Monomial, name: str, indices: tuple[Affine, ...]) -> Poly | None:
    """E of a function of one random variable, by the table, or from its density; None where neither says it."""
    found = moment_by_table(ring, mono, name, indices)
    return moment_as_total(ring, mono, name, indices) if found is None else found


def moment_by_table(ring: Ring, mono: Monomial, name: str, indices: tuple[Affine, ...]) -> Poly | None:
    """E of X^k e^{aX + bX²} for one random variable with a named distribution; None where the table has no entry."""
    law = ring.laws.get(name)
    if law is None:
        return None
    shape = _read(ring, mono, name, indices)
    end = _threshold(ring, mono, name, indices) if shape is None and law.name in _TAILS else None
    if shape is None and end is None:
        return None
    at = dict(zip(law.indices, indices, strict=False))
    parameters = [ring.density_value(p, {}, at) for p in law.parameters]
    if end is not None:
        above, place = end
        tail = _TAILS[law.name](ring, parameters, place)
        return tail if tail is None or above else ONE - tail
    assert shape is not None
    return _TABLE[law.name](ring, parameters, shape)


@dataclass(frozen=True, slots=True)
class Shape:
    """X^k e^{a X + b X²}; `ratio` is e^a where that is the simpler form (as in 2^X)."""

    k: int
    a: Poly
    b: Poly
    ratio: Poly

    @property
    def plain(self) -> bool:
        """Whether this is a power alone."""
        return not self.b and self.ratio == ONE


def _read(ring: Ring, mono: Monomial, name: str, indices: tuple[Affine, ...]) -> Shape | None:
    variable = ring.entry(name, indices) if indices else ring.symbol(name)
    mark = tensor_mark(name) if indices else name
    k, a, b, ratio = 0, ZERO, ZERO, ONE
    for atom, e in mono:
        if atom is variable and isinstance(e, int):
            k += e
            continue
        if atom.kind == "exp":
            split = _degree(atom.data[0], variable, mark)
        elif atom.kind == "pow" and mark not in atom.data[0].free:
            split = _degree(atom.data[1], variable, mark)
        else:
            return None
        if split is None or split[0] not in (1, 2):
            return None
        degree, rest = split
        exponent = Poly({rest: _rational(e)})
        if atom.kind == "pow":
            if degree != 1 or not is_positive(ring, atom.data[0]):
                return None
            ratio = multiply(ring, ratio, symbolic_power(ring, atom.data[0], exponent))
            a = _log_of(ring, atom.data[0], exponent, a)
        elif degree == 1:
            ratio = multiply(ring, ratio, exponential(ring, exponent))
            a = a + exponent
        else:
            b = b + exponent
    if abs(k) > MOST_ORDER:
        return None
    return Shape(k, a, b, ratio)


def _threshold(ring: Ring, mono: Monomial, name: str, indices: tuple[Affine, ...]) -> tuple[bool, Poly] | None:
    """Whether an indicator [cX + r > 0] is one of X > −r/c, or of X < −r/c, and this threshold."""
    if len(mono) != 1 or mono[0][0].kind != "holds" or mono[0][1] != 1:
        return None
    variable = ring.entry(name, indices) if indices else ring.symbol(name)
    mark = tensor_mark(name) if indices else name
    slope, rest = ZERO, ZERO
    for part, c in mono[0][0].data[0].terms.items():
        split = _degree(part, variable, mark)
        if split is not None and split[0] == 1:
            slope = slope + Poly({split[1]: c})
        elif any(mark in a.free for a, _ in part):
            return None
        else:
            rest = rest + Poly({part: c})
    above = is_positive(ring, slope)
    if not above and not is_positive(ring, -slope):
        return None
    return above, multiply(ring, -rest, power(ring, slope, -1))


def _log_of(ring: Ring, base: Poly, exponent: Poly, before: Poly) -> Poly:
    from derive.normal_form.functions import logarithm

    return before + multiply(ring, exponent, logarithm(ring, base))


def _rational(e: Exponent) -> fmpq:
    f = Fraction(e)
    return fmpq(f.numerator, f.denominator)


def _degree(mono: Monomial, variable: Atom, mark: str) -> tuple[int, Monomial] | None:
    """The power of the variable in a monomial, and what else is in it."""
    rest = tuple((a, e) for a, e in mono if a is not variable)
    if any(mark in a.free for a, _ in rest):
        return None
    powers = [e for a, e in mono if a is variable]
    if not powers or not isinstance(powers[0], int):
        return None
    return powers[0], rest


def _require_positive(ring: Ring, poly: Poly) -> None:
    """Note that a quantity must be positive for the moment to exist."""
    from derive.normal_form.spelling import spell

    if is_positive(ring, poly):
        return
    if sign_of(ring, poly) in ("0", "-", "0-"):
        raise OutOfReach("a moment that does not exist")
    if any(n.startswith(("%", "@")) for n in poly.free):
        raise OutOfReach("a moment that exists for some members of a family only")
    ring.assumed.append(Need("positive", spell(ring, poly, "positive"), poly))


def _rising(ring: Ring, a: Poly, k: int) -> Poly:
    """a (a + 1) … (a + k − 1)."""
    result = ONE
    for i in range(k):
        result = multiply(ring, result, a + constant_poly(i))
    return result


def _falling(ring: Ring, a: Poly, k: int) -> Poly:
    result = ONE
    for i in range(k):
        result = multiply(ring, result, a - constant_poly(i))
    return result


def _partitions(k: int) -> list[int]:
    """Stirling's numbers of the second kind S(k, 0), …, S(k, k): x^k = Σ_j S(k, j) x (x − 1) … (x − j + 1)."""
    row = [1]
    for _ in range(k):
        row = [(j * row[j] if j < len(row) else 0) + (row[j - 1] if j else 0) for j in range(len(row) + 1)]
    return row


# --- continuous -------------------------------------------------------------------------------------------------------


def _normal(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    mean, variance = parameters
    if shape.k < 0:
        return None
    narrow = ONE - multiply(ring, shape.b, variance).scale(2)
    mass = ONE
    if shape.b:
        _require_positive(ring, narrow)
    if not shape.plain:
        peak = (
            multiply(ring, shape.a, mean)
            + multiply(ring, power(ring, shape.a, 2), variance).scale(fmpq(1, 2))
            + multiply(ring, shape.b, power(ring, mean, 2))
        )
        scale = power(ring, narrow, -1)
        mass = multiply(ring, power(ring, narrow, Fraction(-1, 2)), exponential(ring, multiply(ring, peak, scale)))
        mean = multiply(ring, mean + multiply(ring, shape.a, variance), scale)
        variance = multiply(ring, variance, scale)
    before, here = ZERO, ONE
    for order in range(shape.k):
        before, here = here, multiply(ring, mean, here) + multiply(ring, variance, before).scale(order)
    return multiply(ring, mass, here)


def _uniform(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    low, high = parameters
    if shape.k < 0 or shape.b:
        return None
    if not shape.plain:
        if shape.k or not is_nonzero(ring, shape.a):
            return None
        ends = [exponential(ring, multiply(ring, shape.a, end)) for end in (high, low)]
        return multiply(ring, ends[0] - ends[1], power(ring, multiply(ring, shape.a, high - low), -1))
    total = ZERO
    for j in range(shape.k + 1):
        total = total + multiply(ring, power(ring, low, j), power(ring, high, shape.k - j))
    return total.scale(fmpq(1, shape.k + 1))


def _gamma(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    form, rate = parameters
    if shape.b:
        return None
    mass = ONE
    if not shape.plain:
        tilted = rate - shape.a
        _require_positive(ring, tilted)
        mass = symbolic_power(ring, multiply(ring, rate, power(ring, tilted, -1)), form)
        rate = tilted
    if shape.k < 0:
        _require_positive(ring, form + constant_poly(shape.k))
        rising = power(ring, _rising(ring, form + constant_poly(shape.k), -shape.k), -1)
    else:
        rising = _rising(ring, form, shape.k)
    return multiply(ring, mass, multiply(ring, rising, power(ring, rate, -shape.k)))


def _uniform_tail(ring: Ring, parameters: list[Poly], place: Poly) -> Poly | None:
    """P(X > place)."""
    low, high = parameters
    if not (is_positive(ring, high - low) and is_nonnegative(ring, high - place) and is_nonnegative(ring, place - low)):
        return None
    return multiply(ring, high - place, power(ring, high - low, -1))


def _exponential_tail(ring: Ring, parameters: list[Poly], place: Poly) -> Poly | None:
    """P(X > place)."""
    if not is_nonnegative(ring, place):
        return None
    return exponential(ring, -multiply(ring, parameters[0], place))


def _exponential(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    return _gamma(ring, [ONE, *parameters], shape)


def _beta(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    a, b = parameters
    if not shape.plain or shape.k < 0:
        return None
    return multiply(ring, _rising(ring, a, shape.k), power(ring, _rising(ring, a + b, shape.k), -1))


def _laplace(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    place, scale = parameters
    if shape.k < 0 or shape.b:
        return None
    if not shape.plain:
        if shape.k:
            return None
        kept = ONE - power(ring, multiply(ring, shape.a, scale), 2)
        _require_positive(ring, kept)
        return multiply(ring, exponential(ring, multiply(ring, shape.a, place)), power(ring, kept, -1))
    total = ZERO
    for i in range(0, shape.k + 1, 2):
        chosen = multiply(ring, power(ring, place, shape.k - i), power(ring, scale, i))
        total = total + multiply(ring, chosen, _rising(ring, ONE, i)).scale(comb(shape.k, i))
    return total


# --- discrete ---------------------------------------------------------------------------------------------------------


def _bernoulli(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    return _binomial(ring, [ONE, *parameters], shape)


def _binomial(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    number, chance = parameters
    if shape.b or shape.k < 0:
        return None
    base = ONE - chance + multiply(ring, chance, shape.ratio)
    total = ZERO
    for j, count in enumerate(_partitions(shape.k)):
        falling = _falling(ring, number, j)
        if not count or not falling:
            continue
        part = multiply(ring, falling, power(ring, multiply(ring, chance, shape.ratio), j))
        left = number - constant_poly(j)
        total = total + multiply(ring, part, symbolic_power(ring, base, left)).scale(count)
    return total


def _poisson(ring: Ring, parameters: list[Poly], shape: Shape) -> Poly | None:
    if shape.b or shape.k < 0:
        return None
    rate = parameters[0]
    tilted = multiply(ring, rate, shape.ratio)
    total = ZERO
    for j, count in enumerate(_partitions(shape.k)):
        total = total + power(ring, tilted, j).scale(count)
    return multiply(ring, exponential(ring, tilted - rate), total)


_TABLE: dict[str, Callable[[Ring, list[Poly], Shape], Poly | None]] = {
    "normal": _normal,
    "uniform": _uniform,
    "exponential": _exponential,
    "gamma": _gamma,
    "beta": _beta,
    "laplace": _laplace,
    "bernoulli": _bernoulli,
    "binomial": _binomial,
    "poisson": _poisson,
}

_TAILS: dict[str, Callable[[Ring, list[Poly], Poly], Poly | None]] = {
    "uniform": _uniform_tail,
    "exponential": _exponential_tail,
}
"""P(X > place) where the place is known to lie within the values of X; single points have probability 0."""
