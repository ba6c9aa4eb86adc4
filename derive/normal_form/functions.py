"""Constructors of atoms that are functions: δ, order brackets, exp, log, powers, |·|, sign, opaque calls, extremes.

Each normalises bottom-up: exp of a sum splits into powers, log splits products over factors known to be positive, |·|
drops where the sign is shown. With `ring.assuming` set, a split that needs a sign the givens lack is made all the same
and the need is recorded in `ring.assumed`; the step is then conditional on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly, height_of
from derive.normal_form.index import simplify_delta
from derive.normal_form.polynomial import (
    clear_kernels,
    factorise,
    leading,
    monomial_poly,
    multiply,
    plain,
    power,
    primitive_part,
)
from derive.normal_form.quotient import factors
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive, sign_of


def assume(ring: Ring, kind: str, poly: Poly) -> None:
    """Record that a rewriting took `poly` to be positive, nonnegative or nonzero."""
    from derive.normal_form.spelling import spell

    ring.assumed.append(Need(kind, spell(ring, poly, kind), poly))


def delta(ring: Ring, term: Affine) -> Poly:
    """δ(term = 0)."""
    if term.is_constant:
        return ONE if term.constant == 0 else ZERO
    if ring.ranges.never_zero(term):
        return ZERO
    if ring.ranges.at_least_zero(term) and ring.ranges.at_least_zero(-term):
        return ONE
    return ring.value(ring.atom("delta", simplify_delta(term)))


def step(ring: Ring, term: Affine) -> Poly:
    """[term > 0] for an integer term."""
    if ring.ranges.positive(term):
        return ONE
    if ring.ranges.at_least_zero(-term):
        return ZERO
    return ring.value(ring.atom("step", term))


def exponential(ring: Ring, poly: Poly) -> Poly:
    """e^poly as a product of powers e^m."""
    result = ONE
    for mono, c in poly.sorted_terms():
        result = multiply(ring, result, _exp_monomial(ring, mono, c))
    return result


def _exponent(c: fmpq) -> Exponent:
    return plain(Fraction(int(c.p), int(c.q)))


def _exp_monomial(ring: Ring, mono: Monomial, c: fmpq) -> Poly:
    for position, (a, e) in enumerate(mono):
        if a.kind == "log" and e == 1:
            rest = mono[:position] + mono[position + 1 :]
            return symbolic_power(ring, a.data[0], Poly({rest: c}))
    if len(mono) == 1 and mono[0][0].kind == "sum" and mono[0][1] == 1:
        # e^Σ log f = Π f
        split = _exp_of_sum(ring, mono[0][0], c)
        if split is not None:
            return split
    return Poly({((ring.atom("exp", mono), _exponent(c)),): fmpq(1)})


def _exp_of_sum(ring: Ring, atom: Atom, c: fmpq) -> Poly | None:
    from derive.normal_form.summation import indexed_product, open_block

    bounds, body = atom.data
    if len(bounds) != 1 or not any(a.kind == "log" and e == 1 for a, e in body):
        return None
    (name,), inner = open_block(ring, atom)
    return indexed_product(ring, exponential(ring, inner.scale(c)), name)


def symbolic_power(ring: Ring, base: Poly, exponent: Poly) -> Poly:
    """`base ** exponent` for a normal-form exponent: b^(n−i) is b^n · (b^i)^−1."""
    number = exponent.constant
    if number is not None:
        return power(ring, base, _exponent(number))
    result = ONE
    for mono, c in exponent.sorted_terms():
        if not mono:
            result = multiply(ring, result, power(ring, base, _exponent(c)))
        else:
            result = multiply(ring, result, _power_of(ring, base, mono, c))
    return result


def _power_of(ring: Ring, base: Poly, mono: Monomial, c: fmpq) -> Poly:
    if base == ONE:
        return ONE
    if not base:
        raise OutOfReach("a power of 0 with a symbolic exponent")
    single = base.single()
    exponent = _exponent(c)
    if single is not None:
        factors, number = single
        result = ONE
        if number != 1:
            result = multiply(ring, result, _power_of_number(ring, number, mono, exponent))
        for a, e in factors:
            if a.kind == "exp":
                inside = multiply(ring, Poly({a.data[0]: fmpq(1)}), Poly({mono: fmpq(1)}))
                scaled = inside.scale(fmpq(int(Fraction(e).numerator), int(Fraction(e).denominator)) * c)
                part = exponential(ring, scaled)
            elif a.kind == "pow":
                inside = multiply(ring, Poly({a.data[1]: fmpq(1)}), Poly({mono: fmpq(1)}))
                scaled = inside.scale(fmpq(int(Fraction(e).numerator), int(Fraction(e).denominator)) * c)
                part = symbolic_power(ring, a.data[0], scaled)
            else:
                bottom = a.data[0] if a.kind == "kernel" else ring.value(a)
                part = _power_atom(ring, bottom, mono, plain(Fraction(e) * exponent))
            result = multiply(ring, result, part)
        return result
    content, outside, primitive = primitive_part(ring, base, fractional=is_positive(ring, base))
    if primitive.constant is not None:
        return _power_of(ring, Poly({outside: content * primitive.constant}), mono, c)
    result = _power_of(ring, Poly({outside: content}), mono, c) if outside or content != 1 else ONE
    return multiply(ring, result, _power_atom(ring, primitive, mono, exponent))


def _power_of_number(ring: Ring, number: fmpq, mono: Monomial, exponent: Exponent) -> Poly:
    result = ONE
    if number < 0:
        result = _power_atom(ring, Poly({(): fmpq(-1)}), mono, exponent)
        number = -number
    for value, sign in ((int(number.p), 1), (int(number.q), -1)):
        for prime, count in sorted(factorise(value).items()):
            result = multiply(ring, result, _power_atom(ring, Poly({(): fmpq(prime)}), mono, exponent * sign * count))
    return result


def _power_atom(ring: Ring, base: Poly, mono: Monomial, exponent: Exponent) -> Poly:
    if exponent == 0:
        return ONE
    return monomial_poly(ring, [(ring.atom("pow", base, mono), exponent)])


# --- logarithm --------------------------------------------------------------------------------------------------------


def logarithm(ring: Ring, poly: Poly) -> Poly:
    """log of a polynomial: products split where the factors are known (or assumed) to be positive."""
    if not poly:
        raise OutOfReach("the logarithm of 0")
    split = _logarithm_of_factors(ring, poly)
    if split is not None:
        return split
    content, mono, primitive = primitive_part(ring, poly, fractional=poly.single() is None)
    single = poly.single()
    if single is not None:
        mono, content = single
        primitive = ONE
    if content < 0:
        return ring.value(ring.atom("log", poly))
    result = _log_number(ring, content)
    unknown: list[tuple[Atom, Exponent]] = []
    for a, e in mono:
        part = _log_factor(ring, a, e)
        if part is None:
            unknown.append((a, e))
        else:
            result = result + part
    if len(unknown) == 1 and unknown[0][1] == 1 and not (ring.assuming and unknown[0][0].kind == "prod"):
        result = result + ring.value(ring.atom("log", ring.value(unknown[0][0])))
    elif unknown:
        if ring.assuming:
            for a, e in unknown:
                if a.kind != "prod":
                    assume(ring, "positive", ring.value(a))
                result = result + _log_atom(ring, a).scale(fmpq(Fraction(e).numerator, Fraction(e).denominator))
        else:
            result = result + ring.value(ring.atom("log", monomial_poly(ring, unknown)))
    if primitive != ONE:
        result = result + ring.value(ring.atom("log", primitive))
    return result


MOST_FACTORED = 40  # terms of an argument that is factored


def _logarithm_of_factors(ring: Ring, poly: Poly) -> Poly | None:
    """log of a quotient of several terms by irreducible factors of known sign; None where it does not fall apart."""
    if len(poly.terms) < 2 or len(poly.terms) > MOST_FACTORED:
        return None
    cleared, multiplier = clear_kernels(ring, poly)
    found: list[tuple[Poly, Exponent]] = []
    number, flip = fmpq(1), False
    for part, way in ((cleared, 1), (multiplier, -1)):
        if not part:
            return None
        c, mono, primitive = primitive_part(ring, part)
        inner = factors(primitive) if primitive.constant is None else []
        if primitive.constant is None and not inner:
            return None
        constant = c * (primitive.terms[leading(primitive)[0]] if inner else primitive.constant or 1)
        for f, k in inner:
            constant = constant / f.terms[leading(f)[0]] ** k
        number = number * constant**way
        found += [(ring.value(a), e * way) for a, e in mono] + [(f, k * way) for f, k in inner]
    if len(found) < 2 and multiplier.constant is not None:
        return None
    result = ZERO
    for f, e in found:
        if not is_positive(ring, f):
            if not is_positive(ring, -f) or not isinstance(e, int):
                return None
            f, flip = -f, flip ^ (e % 2 == 1)
        single = f.single()
        plain_atom = single is not None and single[1] == 1 and len(single[0]) == 1 and single[0][0][1] == 1
        inside = ring.value(ring.atom("log", f))
        if single is not None and plain_atom:
            inside = _log_atom(ring, single[0][0][0])
        result = result + inside.scale(fmpq(Fraction(e).numerator, Fraction(e).denominator))
    return None if (number < 0) is not flip else result + _log_number(ring, abs(number))


def _log_number(ring: Ring, number: fmpq) -> Poly:
    result = ZERO
    for value, sign in ((int(number.p), 1), (int(number.q), -1)):
        for prime, count in sorted(factorise(value).items()):
            result = result + ring.value(ring.atom("log", Poly({(): fmpq(prime)}))).scale(sign * count)
    return result


def _log_factor(ring: Ring, a: Atom, e: Exponent) -> Poly | None:
    scale = fmpq(Fraction(e).numerator, Fraction(e).denominator)
    if a.kind == "exp":
        return Poly({a.data[0]: scale})
    if is_positive(ring, ring.value(a)):
        return _log_atom(ring, a).scale(scale)
    if isinstance(e, int) and e % 2 == 0:
        return logarithm(ring, absolute(ring, ring.value(a))).scale(scale)
    return None


def _log_atom(ring: Ring, a: Atom) -> Poly:
    from derive.normal_form.summation import sum_over

    if a.kind == "exp":
        return Poly({a.data[0]: fmpq(1)})
    if a.kind == "pow":
        return multiply(ring, Poly({a.data[1]: fmpq(1)}), logarithm(ring, a.data[0]))
    if a.kind == "kernel":
        return ring.value(ring.atom("log", a.data[0]))
    if a.kind == "number":
        return ring.value(ring.atom("log", Poly({(): fmpq(a.data[0])})))
    if a.kind == "prod":
        mark, low, high, body = a.data
        index = ring.fresh(low, high)
        inner = rename(ring, body, {mark: variable(index)})
        if not is_positive(ring, inner) and ring.assuming:
            assume(ring, "positive", inner)
            return sum_over(ring, _force_log(ring, inner), [index])
        if is_positive(ring, inner):
            return sum_over(ring, logarithm(ring, inner), [index])
    return ring.value(ring.atom("log", ring.value(a)))


def _force_log(ring: Ring, inner: Poly) -> Poly:
    single = inner.single()
    if single is None or single[1] != 1:
        return logarithm(ring, inner)
    total = ZERO
    for a, e in single[0]:
        total = total + _log_atom(ring, a).scale(fmpq(Fraction(e).numerator, Fraction(e).denominator))
    return total


# --- absolute value, sign, other functions ----------------------------------------------------------------------------


def absolute(ring: Ring, poly: Poly) -> Poly:
    """|poly|, split over products."""
    if not poly:
        return ZERO
    known = sign_of(ring, poly)
    if known in ("+", "0+", "0"):
        return poly
    if known in ("-", "0-"):
        return -poly
    if ring.moduli_as_bits and any(mark in poly.free for mark in ring.random_marks.values()):
        from derive.normal_form.events import positive_bit

        return multiply(ring, poly, positive_bit(ring, poly).scale(2) - ONE)
    content, mono, primitive = primitive_part(ring, poly)
    result = Poly({(): abs(content)})
    for a, e in mono:
        result = multiply(ring, result, _absolute_atom(ring, a, e))
    if primitive.constant is None:
        inner = sign_of(ring, primitive)
        if inner in ("+", "0+"):
            result = multiply(ring, result, primitive)
        elif inner in ("-", "0-"):
            result = multiply(ring, result, -primitive)
        else:
            result = multiply(ring, result, ring.value(ring.atom("abs", primitive)))
    return result


def _absolute_atom(ring: Ring, a: Atom, e: Exponent) -> Poly:
    value = ring.value(a)
    if (isinstance(e, int) and e % 2 == 0) or is_nonnegative(ring, value):
        return power(ring, value, e)
    if is_nonnegative(ring, -value):
        return power(ring, -value, e)
    if a.kind == "kernel":
        return power(ring, ring.value(ring.atom("abs", a.data[0])), e)
    if ring.assuming:
        assume(ring, ring.half_line, value)
        return power(ring, value, e)
    return power(ring, ring.value(ring.atom("abs", value)), e)


def signum(ring: Ring, poly: Poly) -> Poly:
    """sign(poly), 0 at 0."""
    known = sign_of(ring, poly)
    if known == "+":
        return ONE
    if known == "-":
        return -ONE
    if known == "0":
        return ZERO
    content, mono, primitive = primitive_part(ring, poly)
    result = ONE if content > 0 else -ONE
    for a, e in mono:
        value = ring.value(a)
        odd = not isinstance(e, int) or e % 2 == 1
        if is_positive(ring, value) or (not odd and is_nonzero(ring, value)):
            continue
        if is_positive(ring, -value):
            result = -result if odd else result
        elif odd and isinstance(e, int):
            result = multiply(ring, result, ring.value(ring.atom("sign", value)))
        else:
            return ring.value(ring.atom("sign", poly))
    if primitive.constant is None:
        inner = sign_of(ring, primitive)
        if inner == "-":
            result = -result
        elif inner != "+":
            result = multiply(ring, result, ring.value(ring.atom("sign", primitive)))
    return result


def maximum(ring: Ring, polys: Sequence[Poly], least: bool = False) -> Poly:
    """max (or min) as (a + b ± |a − b|)/2, pair by pair."""
    result = polys[0]
    for other in polys[1:]:
        spread = absolute(ring, result - other)
        result = (result + other - spread if least else result + other + spread).scale(fmpq(1, 2))
    return result


def apply(ring: Ring, kind: str, *polys: Poly) -> Poly:
    """A named function of normal forms."""
    if kind == "log":
        return logarithm(ring, polys[0])
    if kind == "abs":
        return absolute(ring, polys[0])
    if kind == "sign":
        return signum(ring, polys[0])
    if kind in ("sin", "tan", "arctan"):
        return _odd(ring, kind, polys[0])
    if kind == "cos":
        if not polys[0]:
            return ONE
        positive, _ = _orient(polys[0])
        return ring.value(ring.atom("cos", positive))
    if kind in ("max", "min"):
        return maximum(ring, polys, least=kind == "min")
    if kind == "factorial":
        number = polys[0].constant
        if number is not None and number.q == 1 and 0 <= number.p <= 200:
            from math import factorial

            return Poly({(): fmpq(factorial(int(number.p)))})
    return ring.value(ring.atom(kind, *polys))


def _orient(poly: Poly) -> tuple[Poly, int]:
    return (-poly, -1) if leading(poly)[1] < 0 else (poly, 1)


def _odd(ring: Ring, kind: str, poly: Poly) -> Poly:
    if not poly:
        return ZERO
    positive, flip = _orient(poly)
    if kind == "tan":
        sine, cosine = ring.atom("sin", positive), ring.atom("cos", positive)
        return monomial_poly(ring, [(sine, 1), (cosine, -1)], flip)
    return ring.value(ring.atom(kind, positive)).scale(flip)


def hyperbolic(ring: Ring, kind: str, poly: Poly) -> Poly:
    """sinh, cosh, tanh by exponentials."""
    plus, minus = exponential(ring, poly), exponential(ring, -poly)
    if kind == "cosh":
        return (plus + minus).scale(fmpq(1, 2))
    if kind == "sinh":
        return (plus - minus).scale(fmpq(1, 2))
    return multiply(ring, plus - minus, power(ring, plus + minus, -1))


# --- opaque functions and extremes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of an opaque function: a scalar, or a vector as its entry at `index` over a range."""

    low: Affine | None
    high: Affine | None
    index: str | None
    body: Poly


def call(ring: Ring, name: str, slots: Sequence[tuple[int, tuple[Affine, ...]]], arguments: Sequence[Argument]) -> Poly:
    """An opaque function, differentiated at `slots` (argument position, index of the entry)."""
    data = []
    bound = []
    for position, argument in enumerate(arguments):
        if argument.index is None:
            data.append((Affine(), Affine(), "", argument.body))
            continue
        mark = f"@{height_of(argument.body) + 1}v{position}"
        body = rename(ring, argument.body, {argument.index: variable(mark)})
        bound.append(mark)
        assert argument.low is not None and argument.high is not None
        data.append((argument.low, argument.high, mark, body))
    ordered = tuple(sorted(slots, key=str))
    return ring.value(ring.atom("call", name, ordered, tuple(data), bound=bound))


def extreme(ring: Ring, which: str, body: Poly, index: str) -> Poly:
    """The largest or smallest value of `body` over an index."""
    low, high = ring.ranges.ends[index]
    mark = f"@{height_of(body) + 1}m"
    inner = rename(ring, body, {index: variable(mark)})
    return ring.value(ring.atom("extreme", which, mark, low, high, inner, bound=[mark]))


__all__ = [
    "Argument", "absolute", "apply", "assume", "call", "delta", "exponential", "extreme", "hyperbolic", "logarithm",
    "maximum", "signum", "step", "symbolic_power",
]  # fmt: skip
