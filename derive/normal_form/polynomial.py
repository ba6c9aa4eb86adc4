"""Arithmetic of the normal form: products, powers, kernels.

Products merge sorted monomials; a monomial that holds atoms with relations of their own (δ² = δ, |x|² = x², K·K⁻¹ =
1, sin² = 1 − cos²) is reduced. A sum of several terms under a negative or fractional exponent becomes a kernel: a
primitive polynomial K with its content pulled out, so that equal denominators meet. u = 1/K times the leading term of
K is rewritten to 1 − u·(rest of K), which makes sums with equal denominators canonical; products of different kernels
are compared only after clearing (zero.py).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cmp_to_key

from flint import fmpq

from derive.language.affine import Affine
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly, constant_poly
from derive.normal_form.index import solve
from derive.normal_form.ring import OutOfReach, Ring

_LONGEST_NUMBER = 100_000  # binary digits of a power of a number

LARGEST = 20_000  # terms of one polynomial; beyond it the step is out of reach


def multiply(ring: Ring, left: Poly, right: Poly) -> Poly:
    """The product of two polynomials."""
    if not left.terms or not right.terms:
        return ZERO
    if right.terms.keys() == {()}:
        return left.scale(right.terms[()])
    if left.terms.keys() == {()}:
        return right.scale(left.terms[()])
    if len(left.terms) * len(right.terms) > LARGEST:
        raise OutOfReach("the expansion has too many terms")
    result: dict[Monomial, fmpq] = {}
    rest: list[Poly] = []
    for m1, c1 in left.terms.items():
        for m2, c2 in right.terms.items():
            mono, special = merge(m1, m2)
            if special:
                reduced = reduce(ring, mono, c1 * c2)
                if len(reduced.terms) != 1:
                    rest.append(reduced)
                    continue
                mono, c = next(iter(reduced.terms.items()))
            else:
                c = c1 * c2
            total = result.get(mono)
            total = c if total is None else total + c
            if total:
                result[mono] = total
            else:
                del result[mono]
    total_poly = Poly(result)
    for part in rest:
        total_poly = total_poly + part
    if len(rest) > 8:
        ring.budget.spend()
    return total_poly


def product(ring: Ring, *factors: Poly) -> Poly:
    """The product of several polynomials."""
    result = ONE
    for factor in factors:
        result = multiply(ring, result, factor)
    return result


def merge(m1: Monomial, m2: Monomial) -> tuple[Monomial, bool]:
    """The product of two monomials, and whether it holds an atom that may reduce."""
    if not m1:
        return m2, any(a.special for a, _ in m2)
    if not m2:
        return m1, any(a.special for a, _ in m1)
    result: list[tuple[Atom, Exponent]] = []
    i = j = 0
    special = False
    while i < len(m1) and j < len(m2):
        a, e = m1[i]
        b, f = m2[j]
        if a is b:
            total = plain(e + f)
            if total:
                result.append((a, total))
                special = special or a.special
            i += 1
            j += 1
        elif a.key < b.key:
            result.append((a, e))
            special = special or a.special
            i += 1
        else:
            result.append((b, f))
            special = special or b.special
            j += 1
    for a, e in m1[i:] + m2[j:]:
        result.append((a, e))
        special = special or a.special
    return tuple(result), special


def plain(e: Exponent) -> Exponent:
    """An exponent as an int where it is one."""
    if isinstance(e, Fraction) and e.denominator == 1:
        return e.numerator
    return e


def monomial_poly(ring: Ring, factors: list[tuple[Atom, Exponent]] | Monomial, coefficient: fmpq | int = 1) -> Poly:
    """The polynomial of one monomial whose factors may repeat and reduce."""
    mono: Monomial = ()
    special = False
    for factor in factors:
        mono, flag = merge(mono, (factor,))
        special = special or flag
    c = fmpq(coefficient)
    if any(a.special for a, _ in mono):
        return reduce(ring, mono, c)
    return Poly({mono: c}) if c else ZERO


# --- reduction --------------------------------------------------------------------------------------------------------


def reduce(ring: Ring, mono: Monomial, coefficient: fmpq) -> Poly:
    """Apply the relations of special atoms until none applies."""
    for position, (atom, e) in enumerate(mono):
        if not atom.special:
            continue
        rest = mono[:position] + mono[position + 1 :]
        reduced = _REDUCTIONS[atom.kind](ring, atom, e, rest, coefficient)
        if reduced is not None:
            return reduced
    return Poly({mono: coefficient})


def _with(ring: Ring, rest: Monomial, coefficient: fmpq, other: Poly) -> Poly:
    base = reduce(ring, rest, coefficient) if any(a.special for a, _ in rest) else Poly({rest: coefficient})
    return multiply(ring, base, other)


def _delta(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    if e != 1:
        return _with(ring, rest, c, ring.value(atom))
    term: Affine = atom.data[0]
    names = sorted(term.names, key=lambda n: (n.startswith("%"), n), reverse=True)
    solved = solve(term, names)
    if solved is None:
        return None
    name, value = solved
    if not any(name in a.free for a, _ in rest):
        return None
    from derive.normal_form.renaming import rename_monomial

    renamed = rename_monomial(ring, rest, {name: value}).scale(c)
    return multiply(ring, renamed, ring.value(atom))


def _step(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    if e != 1:
        return _with(ring, rest, c, ring.value(atom))
    term: Affine = atom.data[0]
    for position, (other, _) in enumerate(rest):
        if other.kind != "step":
            continue
        second: Affine = other.data[0]
        if ring.ranges.at_least_zero(-(term + second) + 1):
            return ZERO  # both would have to be at least 1
        if ring.ranges.at_least_zero(second - term):
            remaining = rest[:position] + rest[position + 1 :]
            return _with(ring, remaining, c, ring.value(atom))
    return None


def _absolute(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    if isinstance(e, int) and abs(e) >= 2:
        even = e - 1 if e % 2 and e > 0 else e + 1 if e % 2 else e
        square = power(ring, atom.data[0], even)
        left = ring.value(atom) if e > even else ONE
        if e < even:
            left = Poly({((atom, -1),): fmpq(1)})
        return _with(ring, rest, c, multiply(ring, square, left))
    return None


def _sign(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    if isinstance(e, int) and e >= 3:
        return _with(ring, rest, c, Poly({((atom, e - 2),): fmpq(1)}))
    for position, (other, f) in enumerate(rest):
        if other.kind == "abs" and other.data == atom.data and isinstance(f, int) and f % 2 and e == 1:
            return _with(ring, rest[:position] + rest[position + 1 :], c, power(ring, atom.data[0], f))
    single = atom.data[0].single()
    if e == 1 and single and len(single[0]) == 1 and single[1] == 1 and single[0][0][1] == 1:
        target = single[0][0][0]
        for position, (other, f) in enumerate(rest):
            if other is target and isinstance(f, int) and f >= 1:
                remaining = rest[:position] + (((other, f - 1),) if f > 1 else ()) + rest[position + 1 :]
                return _with(ring, remaining, c, ring.value(ring.atom("abs", atom.data[0])))
    return None


def _zero_indicator(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    if e != 1:
        return _with(ring, rest, c, ring.value(atom))
    return None


def _number(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    whole = e.numerator // e.denominator if isinstance(e, Fraction) else e
    if not whole:
        return None
    left = plain(e - whole)
    factor = fmpq(atom.data[0]) ** whole
    return _with(ring, rest, c * factor, Poly({((atom, left),): fmpq(1)}) if left else ONE)


def _power_atom(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    base: Poly = atom.data[0]
    if base.constant == -1 and e not in (0, 1) and isinstance(e, int):
        return _with(ring, rest, c, ring.value(atom) if e % 2 else ONE)
    return None


def _event(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    from derive.normal_form.events import reduce_event

    return reduce_event(ring, atom, e, rest, c)


def _relation(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    from derive.normal_form.events import reduce_relation

    return reduce_relation(ring, atom, e, rest, c)


def _sine(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    if isinstance(e, int) and e >= 2:
        cosine = ring.atom("cos", atom.data[0])
        square = ONE - Poly({((cosine, 2),): fmpq(1)})
        return _with(ring, rest, c, multiply(ring, square, Poly({((atom, e - 2),): fmpq(1)}) if e > 2 else ONE))
    return None


def _kernel(ring: Ring, atom: Atom, e: Exponent, rest: Monomial, c: fmpq) -> Poly | None:
    polynomial: Poly = atom.data[0]
    whole = e.numerator // e.denominator if isinstance(e, Fraction) else e
    if whole >= 1:
        left = plain(e - whole)
        expanded = power(ring, polynomial, whole)
        return _with(ring, rest, c, multiply(ring, expanded, Poly({((atom, left),): fmpq(1)}) if left else ONE))
    if not isinstance(e, int):
        return None
    lead, lead_coefficient = leading(polynomial)
    if not lead:
        return None
    quotient = divide(rest, lead)
    if quotient is None:
        return None
    # u^k · LT · q = u^(k-1) · q − u^k · (K − LT) · q, divided by the coefficient of LT
    q = Poly({quotient: c / lead_coefficient})
    above: Poly = Poly({((atom, e + 1),): fmpq(1)}) if e != -1 else ONE
    tail = Poly({m: k for m, k in polynomial.terms.items() if m != lead})
    here = Poly({((atom, e),): fmpq(1)})
    ring.budget.spend()
    return multiply(ring, q, above) - multiply(ring, multiply(ring, q, tail), here)


_REDUCTIONS = {
    "delta": _delta,
    "step": _step,
    "abs": _absolute,
    "sign": _sign,
    "zero": _zero_indicator,
    "number": _number,
    "pow": _power_atom,
    "sin": _sine,
    "kernel": _kernel,
    "event": _event,
    "holds": _relation,
}


def divide(mono: Monomial, by: Monomial) -> Monomial | None:
    """`mono / by` where every exponent of `by` is available in `mono`."""
    table = dict(mono)
    for atom, e in by:
        have = table.get(atom)
        if have is None or have < e:
            return None
        left = plain(have - e)
        if left:
            table[atom] = left
        else:
            del table[atom]
    return tuple((a, table[a]) for a, _ in mono if a in table)


def _compare(m1: Monomial, m2: Monomial) -> int:
    """Graded lexicographic order (multiplicative)."""
    d1, d2 = sum(e for _, e in m1), sum(e for _, e in m2)
    if d1 != d2:
        return -1 if d1 < d2 else 1
    i = j = 0
    while i < len(m1) and j < len(m2):
        (a, e), (b, f) = m1[i], m2[j]
        if a is b:
            if e != f:
                return -1 if e < f else 1
            i += 1
            j += 1
        elif a.key < b.key:
            return 1 if e > 0 else -1
        else:
            return -1 if f > 0 else 1
    if i < len(m1):
        return 1 if m1[i][1] > 0 else -1
    if j < len(m2):
        return -1 if m2[j][1] > 0 else 1
    return 0


def leading(poly: Poly) -> tuple[Monomial, fmpq]:
    """The leading term under the graded lexicographic order."""
    mono = max(poly.terms, key=cmp_to_key(_compare))
    return mono, poly.terms[mono]


# --- powers -----------------------------------------------------------------------------------------------------------


def power(ring: Ring, base: Poly, exponent: Exponent) -> Poly:
    """`base` to a rational exponent. A fractional power of a product splits only over factors known to be
    nonnegative.
    """
    exponent = plain(exponent)
    if exponent == 0:
        return ONE
    if exponent == 1 or (exponent > 0 and not base.terms):
        return base
    single = base.single()
    if single is not None:
        return _monomial_power(ring, single[0], single[1], exponent)
    if isinstance(exponent, int) and exponent > 0:
        if exponent > 64:
            raise OutOfReach("the exponent is too large to expand")
        result = ONE
        square = base
        while exponent:
            if exponent & 1:
                result = multiply(ring, result, square)
            exponent >>= 1
            if exponent:
                square = multiply(ring, square, square)
        return result
    if not base.terms:
        raise OutOfReach("a division by zero")
    content, mono, primitive = primitive_part(ring, base, fractional=not isinstance(exponent, int))
    if primitive.constant is not None:
        return _monomial_power(ring, mono, content * primitive.constant, exponent)
    outside = _monomial_power(ring, mono, content, exponent)
    kernel = ring.atom("kernel", primitive)
    return multiply(ring, outside, monomial_poly(ring, [(kernel, exponent)]))


def _monomial_power(ring: Ring, mono: Monomial, c: fmpq, exponent: Exponent) -> Poly:
    if isinstance(exponent, int):
        powered = [(a, plain(e * exponent)) for a, e in mono]
        return monomial_poly(ring, powered, _number_power(c, exponent))
    from derive.normal_form.functions import assume
    from derive.normal_form.sign import is_nonnegative

    outside: list[tuple[Atom, Exponent]] = []
    inside: list[tuple[Atom, Exponent]] = []
    for a, e in mono:
        if is_nonnegative(ring, ring.value(a)):
            outside.append((a, plain(Fraction(e) * exponent)))
        elif isinstance(e, int) and e % 2 == 0 and ring.assuming:
            assume(ring, ring.half_line, ring.value(a))
            outside.append((a, plain(Fraction(e) * exponent)))
        elif isinstance(e, int) and e % 2 == 0:
            absolute = _absolute_of_atom(ring, a)
            outside.append((absolute, plain(Fraction(e) * exponent)))
        else:
            inside.append((a, e))
    if inside and len(inside) == 1 and c > 0 and ring.assuming:
        assume(ring, ring.half_line, ring.value(inside[0][0]))
        outside.append((inside[0][0], plain(Fraction(inside[0][1]) * exponent)))
        inside = []
    if not inside:
        if c < 0:
            if exponent.denominator % 2 == 0:
                raise OutOfReach("an even root of a negative number")
            c, flip = -c, -1 if exponent.numerator % 2 else 1
        else:
            flip = 1
        return multiply(ring, monomial_poly(ring, outside, flip), _rational_power(ring, c, exponent))
    scale = abs(c)
    kernel = ring.atom("kernel", Poly({tuple(inside): c / scale}))
    result = multiply(ring, monomial_poly(ring, outside), _rational_power(ring, scale, exponent))
    return multiply(ring, result, monomial_poly(ring, [(kernel, exponent)]))


def _number_power(c: fmpq, exponent: int) -> fmpq:
    """A rational to an integer power, where that can be written down; multiplying would not look at the clock."""
    digits = max(int(c.p).bit_length(), int(c.q).bit_length())
    if digits > 1 and digits * abs(exponent) > _LONGEST_NUMBER:
        raise OutOfReach("the number is too large to write down")
    return c**exponent


def _absolute_of_atom(ring: Ring, atom: Atom) -> Atom:
    return ring.atom("abs", ring.value(atom))


def _rational_power(ring: Ring, c: fmpq, exponent: Fraction) -> Poly:
    """A positive rational to a fractional exponent, over primes."""
    factors: dict[int, Exponent] = {}
    for number, sign in ((int(c.p), 1), (int(c.q), -1)):
        for prime, count in factorise(number).items():
            factors[prime] = factors.get(prime, 0) + Fraction(sign * count) * exponent
    return monomial_poly(ring, [(ring.atom("number", p), plain(e)) for p, e in sorted(factors.items()) if e])


def factorise(number: int) -> dict[int, int]:
    """Prime factors with their multiplicities; a large cofactor without small factors is kept whole."""
    if number > 10**24:
        return {number: 1}
    from flint import fmpz

    return {int(p): int(k) for p, k in fmpz(number).factor()} if number > 1 else {}


_NEVER_DIVIDE = frozenset(["delta", "step", "sign", "zero", "number", "event", "holds"])


def primitive_part(ring: Ring, poly: Poly, fractional: bool = False, depth: int = 0) -> tuple[fmpq, Monomial, Poly]:
    """`poly = c · m · K` with K primitive: no common factor, no negative exponent.

    For fractional powers `c` is positive and `m` holds only factors known to be nonnegative; otherwise the leading
    coefficient of K is positive.
    """
    from derive.normal_form.sign import is_nonnegative

    lowest: dict[Atom, Exponent] = {}
    counts: dict[Atom, int] = {}
    for mono in poly.terms:
        for a, e in mono:
            counts[a] = counts.get(a, 0) + 1
            lowest[a] = min(lowest.get(a, e), e)
    common: list[tuple[Atom, Exponent]] = []
    for a, e in lowest.items():
        if counts[a] < len(poly.terms):
            e = min(e, 0)
        if not e or a.kind in _NEVER_DIVIDE:
            continue
        if fractional and not is_nonnegative(ring, ring.value(a)):
            if not (isinstance(e, int) and e < 0):
                continue
            e = e - 1 if e % 2 else e  # an even power may be taken out as a square of |a|
        common.append((a, e))
    if common:
        inverse = monomial_poly(ring, [(a, -e) for a, e in common])
        poly = multiply(ring, poly, inverse)
        again = any(e < 0 for m in poly.terms for a, e in m if a.kind not in _NEVER_DIVIDE)
        common_mono = _as_one_term(ring, common, fmpq(1))
        if again:
            if depth > 8:
                raise OutOfReach("a denominator that does not clear")
            ring.budget.spend()
            c, m, k = primitive_part(ring, poly, fractional, depth + 1)
            joined = _as_one_term(ring, [*m, *common_mono[0]], c * common_mono[1])
            return joined[1], joined[0], k
        outside = common_mono[0]
    else:
        outside = ()
    if not poly.terms:
        raise OutOfReach("a division by zero")
    number = content(poly)
    if not fractional and leading(poly)[1] < 0:
        number = -number
    return number, outside, poly.scale(1 / number)


def _as_one_term(ring: Ring, parts: list[tuple[Atom, Exponent]], c: fmpq) -> tuple[Monomial, fmpq]:
    """A product of atoms as one term; one that a kernel's relation would make a sum is left as it is."""
    single = monomial_poly(ring, parts, c).single()
    if single is not None:
        return single
    mono: Monomial = ()
    for part in parts:
        mono, _ = merge(mono, (part,))
    return mono, c


def content(poly: Poly) -> fmpq:
    """The positive number that divides a polynomial to integer coefficients without a common divisor."""
    from math import gcd, lcm

    top, bottom = 0, 1
    for c in poly.terms.values():
        top = gcd(top, int(abs(c.p)))
        bottom = lcm(bottom, int(c.q))
    return fmpq(top, bottom)


def clear_kernels(ring: Ring, poly: Poly) -> tuple[Poly, Poly]:
    """Multiply by powers of the kernels until no kernel has a negative integer exponent: the result and the multiplier.

    Fractional exponents are brought up to lie in [0, 1).
    """
    multiplier = ONE
    for _ in range(32):
        worst: dict[Atom, Exponent] = {}
        for mono in poly.terms:
            for a, e in mono:
                if a.kind == "kernel" and e < 0:
                    worst[a] = min(worst.get(a, e), e)
        if not worst:
            return poly, multiplier
        # outermost first: a kernel may sit inside another
        atom = max(worst, key=lambda a: (a.height, a.key))
        up = -_floor(worst[atom])
        factor = Poly({((atom, up),): fmpq(1)})
        raised: Poly = ZERO
        for mono, c in poly.terms.items():
            merged, _ = merge(mono, ((atom, up),))
            raised = raised + reduce(ring, merged, c)
        poly = raised
        multiplier = multiply(ring, multiplier, reduce(ring, next(iter(factor.terms)), fmpq(1)))
        ring.budget.spend()
    raise OutOfReach("denominators nested too deeply")


def _floor(e: Exponent) -> int:
    return e.numerator // e.denominator if isinstance(e, Fraction) else e


__all__ = [
    "clear_kernels", "constant_poly", "content", "divide", "leading", "merge", "monomial_poly", "multiply", "plain",
    "power", "primitive_part", "product", "reduce",
]  # fmt: skip
