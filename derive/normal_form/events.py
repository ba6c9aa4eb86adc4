"""Events as numbers that are 0 or 1: an atom for each named event, and for each relation [f > 0] between random values.

Union, intersection and complement are then polynomials, in which every such atom is its own square. A relation is taken
to irreducible factors, thresholds without moduli and, for exponentials, to the exponents; two relations whose
functions differ by something of known sign absorb or exclude one another, so that |U| ≥ c and U² ≥ c² (c > 0), or
{X > 2} and {X > 2} ∩ {X > 1}, have one form. Relations that hang together by more than such thresholds stay apart.
"""

from __future__ import annotations

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Name, Poly, monomial_key, tensor_mark
from derive.normal_form.functions import delta, logarithm, step
from derive.normal_form.opaque import index_term
from derive.normal_form.polynomial import content, divide, leading, multiply, primitive_part
from derive.normal_form.quotient import factors
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_positive
from derive.normal_form.summation import indexed_product

MOST_FACTORS = 4


def event(ring: Ring, name: str, indices: tuple[Affine, ...] = ()) -> Poly:
    """The indicator of a named event, or of a member of a family of events."""
    return ring.value(ring.atom("event", Name(tensor_mark(name) if indices else name), indices))


def event_name(atom: Atom) -> str:
    """The name of the event that an `event` atom is about."""
    text: str = atom.data[0].text
    return text[1:-1] if atom.data[1] else text


def is_bit(atom: Atom) -> bool:
    """Whether an atom has the values 0 and 1 only."""
    return atom.kind in ("event", "holds")


def either(ring: Ring, one: Poly, other: Poly) -> Poly:
    """The indicator of the union of two events."""
    return one + other - multiply(ring, one, other)


def positive_bit(ring: Ring, poly: Poly) -> Poly:
    """[poly > 0]."""
    ring.budget.spend()
    if is_positive(ring, poly):
        return ONE
    if is_nonnegative(ring, -poly):
        return ZERO
    for attempt in (_of_two_values, _compared_exponents, _without_modulus, _without_extreme):
        found = attempt(ring, poly)
        if found is not None:
            return found
    parts, flip = _signed_factors(ring, poly)
    return _product_positive(ring, parts, flip)


def zero_bit(ring: Ring, poly: Poly) -> Poly:
    """[poly = 0]."""
    return ONE - positive_bit(ring, poly) - positive_bit(ring, -poly)


def _product_positive(ring: Ring, parts: list[tuple[Poly, bool]], flip: bool) -> Poly:
    """[±∏ f > 0] for factors f, those marked even to an even power."""
    if not parts:
        return ZERO if flip else ONE
    (first, even), *rest = parts
    if not rest and not even:
        return _bit(ring, -first if flip else first)
    here, there = _bit(ring, first), _bit(ring, -first)
    onward = _product_positive(ring, rest, flip)
    if even:
        return multiply(ring, here + there, onward)
    return multiply(ring, here, onward) + multiply(ring, there, _product_positive(ring, rest, not flip))


def _signed_factors(ring: Ring, poly: Poly) -> tuple[list[tuple[Poly, bool]], bool]:
    """The factors whose sign is open, with whether they stand to an even power, and whether the rest is negative."""
    c, mono, primitive = primitive_part(ring, poly)
    flip = c < 0
    found: list[tuple[Poly, Exponent]] = []
    for a, e in mono:
        if isinstance(e, int):
            found.append((a.data[0] if a.kind == "kernel" else ring.value(a), e))
        else:
            found.append((Poly({((a, e),): fmpq(1)}), 1))
    inner = factors(primitive) if primitive.constant is None else []
    if inner:
        constant = primitive.terms[leading(primitive)[0]]
        for f, k in inner:
            constant = constant / f.terms[leading(f)[0]] ** k
        flip ^= constant < 0
        found += inner
    elif primitive.constant is None:
        found.append((primitive, 1))
    parts: list[tuple[Poly, bool]] = []
    for f, e in found:
        if is_positive(ring, f):
            continue
        if is_positive(ring, -f):
            flip ^= e % 2 == 1
            continue
        parts.append((f, e % 2 == 0))
    if len(parts) > MOST_FACTORS:
        raise OutOfReach("an event with too many factors")
    return parts, flip


def _bit(ring: Ring, poly: Poly) -> Poly:
    """[poly > 0] for what has no factors of known sign: one atom, up to a positive factor."""
    if is_positive(ring, poly):
        return ONE
    if is_nonnegative(ring, -poly):
        return ZERO
    place = index_term(ring, poly)
    if place is not None and not any(n in ring.random_marks for n in place.names):
        return _index_bit(ring, place)
    moduli = _without_modulus(ring, poly)
    if moduli is not None:
        return moduli
    poly = poly.scale(1 / content(poly))
    if leading(poly)[1] < 0 and _is_integer(ring, poly):
        # f < 1 is f ≤ 0 for integers: one of the two ways to write it is kept
        return ONE - _bit(ring, ONE - poly)
    return ring.value(ring.atom("holds", poly))


def _index_bit(ring: Ring, term: Affine) -> Poly:
    """[term > 0] for an index term, in one of its two directions: [−t > 0] = 1 − [t > 0] − δ(t)."""
    if ring.ranges.at_least_zero(term):
        return ONE - delta(ring, term)
    if term.parts and term.parts[0][1] < 0:
        return ONE - step(ring, -term) - delta(ring, term)
    return step(ring, term)


def _is_integer(ring: Ring, poly: Poly) -> bool:
    """Whether every value of a polynomial is an integer."""
    return all(
        c.q == 1
        and all(
            a.kind in ("sym", "entry")
            and isinstance(e, int)
            and e > 0
            and ring.is_integer(a.data[0].text if a.kind == "sym" else a.data[0])
            for a, e in mono
        )
        for mono, c in poly.terms.items()
    )


def _without_modulus(ring: Ring, poly: Poly) -> Poly | None:
    """[r − c|u| > 0] as [r − cu > 0][r + cu > 0] for c > 0, and [r + c|u| > 0] as one of the two."""
    for mono, c in poly.sorted_terms():
        for position, (atom, e) in enumerate(mono):
            if atom.kind != "abs" or e != 1:
                continue
            rest = poly - Poly({mono: c})
            outside = Poly({mono[:position] + mono[position + 1 :]: c})
            if any(a is atom for m in (*rest.terms, *outside.terms) for a, _ in m):
                continue
            part = multiply(ring, outside, atom.data[0])
            one, other = positive_bit(ring, rest + part), positive_bit(ring, rest - part)
            if is_nonnegative(ring, -outside):
                return multiply(ring, one, other)
            if is_nonnegative(ring, outside):
                return either(ring, one, other)
    return None


def two_values(ring: Ring, atom: Atom) -> tuple[fmpq, fmpq] | None:
    """The values of a random scalar or member that is declared to have just two."""
    if atom.kind not in ("sym", "entry"):
        return None
    symbol = ring.context.symbols.get(atom.data[0].text if atom.kind == "sym" else atom.data[0])
    if symbol is None or symbol.domain.kind != "finite" or len(symbol.domain.values) != 2 or not symbol.random:
        return None
    numbers = [v.value for v in symbol.domain.values if v.head == "num"]
    if len(numbers) != 2:
        return None
    low, high = sorted(numbers)
    return fmpq(low.numerator, low.denominator), fmpq(high.numerator, high.denominator)


def _of_two_values(ring: Ring, poly: Poly) -> Poly | None:
    """[f(X) > 0] as a polynomial in X, for X with two values."""
    random = {a for mono in poly.terms for a, _ in mono if not _is_fixed(ring, ring.value(a))}
    if len(random) != 1:
        return None
    (atom,) = random
    values = two_values(ring, atom)
    if values is None:
        return None
    low, high = values
    bits = []
    for value in values:
        here = Poly({})
        for mono, c in poly.terms.items():
            e = dict(mono).get(atom, 0)
            if not isinstance(e, int) or e < 0:
                return None
            here = here + Poly({tuple(f for f in mono if f[0] is not atom): c * value**e} if value**e else {})
        if is_positive(ring, here):
            bits.append(ONE)
        elif is_nonnegative(ring, -here):
            bits.append(ZERO)
        else:
            return None
    x = ring.value(atom)
    share = (x - Poly({(): low} if low else {})).scale(1 / (high - low))
    return multiply(ring, share, bits[1]) + multiply(ring, ONE - share, bits[0])


def _without_extreme(ring: Ring, poly: Poly) -> Poly | None:
    """[r − max_i g_i > 0] as ∏_i [r − g_i > 0], and [r + max_i g_i > 0] as the contrary of ∏_i (1 − [r + g_i > 0])."""
    for mono, c in poly.sorted_terms():
        for position, (atom, e) in enumerate(mono):
            if atom.kind != "extreme" or e != 1:
                continue
            rest = poly - Poly({mono: c})
            outside = Poly({mono[:position] + mono[position + 1 :]: c})
            if any(a is atom for m in (*rest.terms, *outside.terms) for a, _ in m):
                continue
            which, mark, low, high, body = atom.data
            index = ring.fresh(low, high)
            member = rest + multiply(ring, outside, rename(ring, body, {mark: variable(index)}))
            if is_nonnegative(ring, outside if which == "min" else -outside):
                return indexed_product(ring, positive_bit(ring, member), index)
            if is_nonnegative(ring, outside if which == "max" else -outside):
                return ONE - indexed_product(ring, ONE - positive_bit(ring, member), index)
    return None


def _compared_exponents(ring: Ring, poly: Poly) -> Poly | None:
    """[a e^p − b e^q > 0] as [p − q + log a − log b > 0] for a, b > 0."""
    if len(poly.terms) != 2:
        return None
    (one, c), (other, d) = poly.sorted_terms()
    if not c * d < 0 or not all(a.kind == "exp" for mono in (one, other) for a, _ in mono):
        return None
    if c < 0:
        one, c, other, d = other, d, one, c
    difference = logarithm(ring, Poly({one: c})) - logarithm(ring, Poly({other: -d}))
    return positive_bit(ring, difference)


# --- products ---------------------------------------------------------------------------------------------------------


def know_event(ring: Ring, indicator: Poly) -> None:
    """Take an event to happen: the largest product of indicators in 1 − 1_A is replaced by the others."""
    never = ONE - indicator
    leads = [mono for mono in never.terms if mono and all(is_bit(a) and e == 1 for a, e in mono)]
    if not leads or len(leads) + (() in never.terms) < len(never.terms):
        return
    lead = max(leads, key=lambda mono: (len(mono), monomial_key(mono)))
    rest = Poly({mono: k for mono, k in never.terms.items() if mono != lead})
    ring.event_rules.append((frozenset(a for a, _ in lead), rest.scale(-1 / never.terms[lead])))


def is_apart(ring: Ring, name: str) -> bool:
    """Whether no two events of a family happen together."""
    symbol = ring.context.symbols.get(name)
    return symbol is not None and "disjoint" in symbol.properties


def reduce_event(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    """An indicator is its own square; disjoint events, and products that what is known of events replaces."""
    if e > 0 and e != 1:
        return multiply(ring, Poly({rest: c}), ring.value(atom))
    if e != 1:
        return None
    if atom.kind == "event" and len(atom.data[1]) == 1 and is_apart(ring, event_name(atom)):
        for position, (other, k) in enumerate(rest):
            if other.kind == "event" and other.data[0] == atom.data[0] and k == 1:
                remaining = Poly({rest[:position] + rest[position + 1 :]: c})
                same = delta(ring, atom.data[1][0] - other.data[1][0])
                return multiply(ring, multiply(ring, remaining, same), ring.value(atom))
    for position, (other, k) in enumerate(rest):
        if other.kind == "prod" and k == 1 and atom.kind == "event":
            absorbed = _into_product(ring, atom, other)
            if absorbed is not None:
                remaining = Poly({rest[:position] + rest[position + 1 :]: c})
                return multiply(ring, remaining, absorbed)
    for lead, replacement in ring.event_rules:
        if atom in lead and lead <= {atom, *(a for a, k in rest if k == 1)}:
            remaining = Poly({tuple(f for f in rest if f[0] not in lead): c})
            return multiply(ring, remaining, replacement)
    return None


def _into_product(ring: Ring, atom: Atom, product: Atom) -> Poly | None:
    """1_{A_j} ∏_i f_i, where 1_{A_j} f_j is 0 or f_j."""
    mark, low, high, body = product.data
    mine = ring.value(atom)
    if len(atom.data[1]) != 1 or not ring.ranges.in_range(atom.data[1][0], low, high):
        return None
    factor = rename(ring, body, {mark: atom.data[1][0]})
    both = multiply(ring, mine, factor)
    if not both:
        return ZERO
    return ring.value(product) if both == factor else None


def reduce_relation(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    """[f > 0][g > 0] where g − f, f − g, −f − g or f + g (f and g up to positive numbers) has a known sign."""
    squared = reduce_event(ring, atom, e, rest, c)
    if squared is not None or e != 1:
        return squared
    f: Poly = atom.data[0]
    turned = _by_positive_part(ring, f, rest, c) if ring.moduli_as_bits else None
    if turned is not None:
        return turned
    for position, (other, k) in enumerate(rest):
        if other.kind != "holds" or k != 1:
            continue
        remaining = rest[:position] + rest[position + 1 :]
        for g in _matched(f, other.data[0]):
            found = _pair(ring, f, g, ring.value(atom), ring.value(other))
            if found is not None:
                return multiply(ring, Poly({remaining: c}), found)
    return None


def _by_positive_part(ring: Ring, f: Poly, rest: Monomial, c: fmpq) -> Poly | None:
    """u [−u > 0] = u − u [u > 0], read as a rule for the largest term of u that is all random.

    What is not random stands outside expectations, where no rule reaches it.
    """
    random = {m: k for m, k in f.terms.items() if m and not any(_is_fixed(ring, ring.value(a)) for a, _ in m)}
    lead, k = leading(Poly(random)) if random else ((), fmpq(0))
    quotient = divide(rest, lead) if k < 0 else None
    if quotient is None:
        return None
    u = -f
    above, below = ring.value(ring.atom("holds", u)), ring.value(ring.atom("holds", f))
    others = u - Poly({lead: -k})
    value = u - multiply(ring, u, above) - multiply(ring, others, below)
    return multiply(ring, Poly({quotient: c / -k}), value)


def _matched(f: Poly, g: Poly) -> list[Poly]:
    """g times the positive numbers that may make f − g or f + g constant."""
    scales = {abs(f.terms[m] / g.terms[m]) for m in f.terms if m and m in g.terms}
    return [g.scale(s) for s in sorted(scales)]


def _is_fixed(ring: Ring, poly: Poly) -> bool:
    """Whether a polynomial does not depend on chance."""
    return not any(mark in poly.free for mark in ring.random_marks.values())


def _pair(ring: Ring, f: Poly, g: Poly, one: Poly, other: Poly) -> Poly | None:
    difference, total = g - f, f + g
    if _is_fixed(ring, difference):
        if is_nonnegative(ring, difference):
            return one
        if is_nonnegative(ring, -difference):
            return other
    if _is_fixed(ring, total):
        if is_nonnegative(ring, -total):
            return ZERO
        if is_positive(ring, total):
            return one + other - ONE
    return None


__all__ = [
    "either",
    "event",
    "event_name",
    "is_apart",
    "is_bit",
    "know_event",
    "positive_bit",
    "reduce_event",
    "reduce_relation",
    "two_values",
    "zero_bit",
]
