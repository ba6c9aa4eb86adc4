"""The sign of a normal form, from domains of symbols and exact interval arithmetic with rational ends.

Every atom has an interval (σ in (0, 1), e^m above 0, an even power at least 0, a size from its least value); products
and sums of intervals give the interval of a polynomial. Quantities that the context knows to be positive or nonzero
are looked up first. "Not shown" is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flint import fmpq

from derive.normal_form.atom import Atom, Exponent, Monomial, Poly
from derive.normal_form.ring import Ring

Sign = Literal["+", "0+", "0", "0-", "-", "?"]


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high` (None: unbounded); an open end is not attained."""

    low: fmpq | None = None
    high: fmpq | None = None
    low_open: bool = True
    high_open: bool = True

    @property
    def interior(self) -> Interval:
        """The same without ends that are attained: a function may have a kink there."""
        low = self.low if self.low_open else None
        high = self.high if self.high_open else None
        return Interval(low, high, True, True)

    def negate(self) -> Interval:
        """The interval of −x."""
        return Interval(
            None if self.high is None else -self.high,
            None if self.low is None else -self.low,
            self.high_open,
            self.low_open,
        )


ALL = Interval()
ZERO_POINT = fmpq(0)


def _point(value: fmpq) -> Interval:
    return Interval(value, value, False, False)


def sum_of(a: Interval, b: Interval) -> Interval:
    """The interval of a sum."""
    low = None if a.low is None or b.low is None else a.low + b.low
    high = None if a.high is None or b.high is None else a.high + b.high
    return Interval(low, high, a.low_open or b.low_open, a.high_open or b.high_open)


def scale(a: Interval, c: fmpq) -> Interval:
    """The interval of c·x."""
    if c == 0:
        return _point(fmpq(0))
    if c < 0:
        return scale(a.negate(), -c)
    return Interval(
        None if a.low is None else a.low * c, None if a.high is None else a.high * c, a.low_open, a.high_open
    )


def _product(a: Interval, b: Interval) -> Interval:
    def value(x: tuple[fmpq | None, int, bool], y: tuple[fmpq | None, int, bool]) -> tuple[fmpq | None, int, bool]:
        # (number, 0) or (None, ±1) for ±infinity
        (p, ps, po), (q, qs, qo) = x, y
        if p is not None and q is not None:
            attained_zero = (p == 0 and not po) or (q == 0 and not qo)
            return p * q, 0, (po or qo) and not attained_zero
        if p is not None:
            if p == 0:
                return fmpq(0), 0, po
            return None, qs * (1 if p > 0 else -1), True
        if q is not None:
            if q == 0:
                return fmpq(0), 0, qo
            return None, ps * (1 if q > 0 else -1), True
        return None, ps * qs, True

    xs = [(a.low, -1, a.low_open), (a.high, 1, a.high_open)]
    ys = [(b.low, -1, b.low_open), (b.high, 1, b.high_open)]
    corners = [value(x, y) for x in xs for y in ys]
    low: fmpq | None = None
    high: fmpq | None = None
    low_open = high_open = True
    numbers = [c for c in corners if c[0] is not None]
    if not any(c[0] is None and c[1] < 0 for c in corners):
        low = min(c[0] for c in numbers if c[0] is not None)
        low_open = all(c[2] for c in numbers if c[0] == low)
    if not any(c[0] is None and c[1] > 0 for c in corners):
        high = max(c[0] for c in numbers if c[0] is not None)
        high_open = all(c[2] for c in numbers if c[0] == high)
    return Interval(low, high, low_open, high_open)


def power_of(a: Interval, e: Exponent) -> Interval:
    """The interval of a power."""
    if isinstance(e, int):
        if e < 0:
            return _reciprocal(power_of(a, -e))
        if e % 2 == 0:
            if a.low is not None and a.low >= 0:
                return _monotone_power(a, e)
            if a.high is not None and a.high <= 0:
                return _monotone_power(a.negate(), e)
            ends = [abs(x) for x in (a.low, a.high) if x is not None]
            high = None if len(ends) < 2 else max(ends) ** e
            return Interval(fmpq(0), high, False, high is None)
        if a.low is not None and a.low >= 0:
            return _monotone_power(a, e)
        return Interval(
            None if a.low is None else a.low**e, None if a.high is None else a.high**e, a.low_open, a.high_open
        )
    if a.low is not None and a.low > 0:
        return Interval(fmpq(0), None, True, True)
    if a.low is not None and a.low == 0 and a.low_open:
        return Interval(fmpq(0), None, True, True)
    if e > 0:
        return Interval(fmpq(0), None, False, True)
    return Interval(fmpq(0), None, True, True)


def _monotone_power(a: Interval, e: int) -> Interval:
    assert a.low is not None
    return Interval(a.low**e, None if a.high is None else a.high**e, a.low_open, a.high_open)


def _reciprocal(a: Interval) -> Interval:
    if a.low is not None and (a.low > 0 or (a.low == 0)):
        high = None if a.low == 0 else 1 / a.low
        low = fmpq(0) if a.high is None else (1 / a.high if a.high != 0 else None)
        if low is None:
            return ALL
        return Interval(low, high, True if a.high is None else a.high_open, True if high is None else a.low_open)
    if a.high is not None and a.high <= 0:
        return _reciprocal(a.negate()).negate()
    return ALL


# --- atoms ------------------------------------------------------------------------------------------------------------


def interval_of_atom(ring: Ring, atom: Atom) -> Interval:
    """An interval that holds every value of the atom."""
    known: Interval | None = ring.intervals.get(atom)
    if known is None:
        known = _atom_interval(ring, atom)
        ring.intervals[atom] = known
    return known


def _atom_interval(ring: Ring, atom: Atom) -> Interval:
    kind = atom.kind
    if kind == "sym":
        return symbol_interval(ring, atom.data[0].text)
    if kind == "entry":
        domain: Interval = ring.domains.get(atom.data[0], ALL)
        return domain
    if kind == "exp":
        return _exp_interval(ring, atom)
    if kind == "number":
        return Interval(fmpq(1), fmpq(atom.data[0]), True, False)
    if kind == "constant":
        return Interval(fmpq(3), fmpq(22, 7)) if atom.data[0] == "pi" else ALL
    if kind in ("delta", "step", "zero", "event", "holds"):
        return Interval(fmpq(0), fmpq(1), False, False)
    if kind == "abs":
        nonzero = is_nonzero(ring, atom.data[0])
        return Interval(fmpq(0), None, nonzero, True)
    if kind == "sign":
        return Interval(fmpq(-1), fmpq(1), False, False)
    if kind in ("sin", "cos"):
        return Interval(fmpq(-1), fmpq(1), False, False)
    if kind == "kernel":
        base: Poly = atom.data[0]
        return interval(ring, base)
    if kind == "pow":
        return _pow_interval(ring, atom)
    if kind == "log":
        return _log_interval(ring, atom)
    if kind == "factorial":
        return Interval(fmpq(1), None, False, True)
    if kind == "sum":
        return _sum_interval(ring, atom)
    if kind == "call":
        from derive.normal_form.opaque import call_interval

        return call_interval(ring, atom)
    if kind == "prod":
        inner = _with_mark(ring, atom.data[0], atom.data[1], atom.data[2], atom.data[3])
        if inner.low is not None and inner.low >= 0:
            high = fmpq(1) if inner.high is not None and inner.high <= 1 else None
            return Interval(fmpq(0), high, inner.low > 0 or inner.low_open, high is None)
        return ALL
    if kind in ("moment", "cmoment"):
        return _moment_interval(ring, atom)
    if kind == "extreme":
        return _with_mark(ring, atom.data[1], atom.data[2], atom.data[3], atom.data[4])
    return ALL


def symbol_interval(ring: Ring, name: str) -> Interval:
    """The domain of a scalar symbol, or the range of a size or index."""
    known: Interval | None = ring.domains.get(name)
    if known is not None:
        return known
    if name in ring.ranges.least:
        return Interval(fmpq(ring.ranges.least[name]), None, False, True)
    if name in ring.ranges.ends:
        low, high = ring.ranges.ends[name]
        lower = ring.ranges.low_end(low)
        bottom: fmpq | None = None
        if lower is not None and all(c > 0 and n in ring.ranges.least for n, c in lower.parts):
            bottom = fmpq(lower.constant + sum(c * ring.ranges.least[n] for n, c in lower.parts))
        top = fmpq(high.constant) if high is not None and high.is_constant else None
        return Interval(bottom, top, False, top is None)
    return ALL


def _exp_interval(ring: Ring, atom: Atom) -> Interval:
    inner = interval(ring, Poly({atom.data[0]: fmpq(1)}))
    if inner.low is not None and inner.low >= 0:
        return Interval(fmpq(1), None, inner.low > 0 or inner.low_open, True)
    if inner.high is not None and inner.high <= 0:
        return Interval(fmpq(0), fmpq(1), True, inner.high < 0 or inner.high_open)
    return Interval(fmpq(0), None, True, True)


def _pow_interval(ring: Ring, atom: Atom) -> Interval:
    base = interval(ring, atom.data[0])
    exponent = interval(ring, Poly({atom.data[1]: fmpq(1)}))
    if base.low is None or base.low < 0:
        return ALL
    positive = base.low > 0 or base.low_open
    if base.high is not None and base.high <= 1 and exponent.low is not None and exponent.low >= 0:
        strict = (exponent.low > 0 or exponent.low_open) and (base.high < 1 or base.high_open)
        return Interval(fmpq(0), fmpq(1), positive, strict)
    if base.low >= 1 and exponent.low is not None and exponent.low >= 0:
        strict = (exponent.low > 0 or exponent.low_open) and (base.low > 1 or base.low_open)
        return Interval(fmpq(1), None, strict, True)
    return Interval(fmpq(0), None, positive, True)


def _log_interval(ring: Ring, atom: Atom) -> Interval:
    inner = interval(ring, atom.data[0])
    if inner.low is not None and inner.low >= 1:
        return Interval(fmpq(0), None, inner.low > 1 or inner.low_open, True)
    if inner.high is not None and inner.high <= 1:
        return Interval(None, fmpq(0), True, inner.high < 1 or inner.high_open)
    return ALL


def _with_mark(ring: Ring, mark: str, low: object, high: object, body: Poly) -> Interval:
    from derive.language.affine import Affine, variable
    from derive.normal_form.renaming import rename

    assert isinstance(low, Affine) and isinstance(high, Affine)
    index = ring.fresh(low, high)
    return interval(ring, rename(ring, body, {mark: variable(index)}))


def _sum_interval(ring: Ring, atom: Atom) -> Interval:
    from derive.normal_form.summation import open_block

    names, body = open_block(ring, atom)
    inner = interval(ring, body)
    nonempty = all(
        high is not None and ring.ranges.at_least_zero(high - low) for low, high in (ring.ranges.ends[n] for n in names)
    )
    if inner.low is not None and inner.low >= 0:
        return Interval(fmpq(0), None, nonempty and (inner.low > 0 or inner.low_open), True)
    if inner.high is not None and inner.high <= 0:
        return Interval(None, fmpq(0), True, nonempty and (inner.high < 0 or inner.high_open))
    return ALL


def _moment_interval(ring: Ring, atom: Atom) -> Interval:
    inner = interval(ring, Poly({atom.data[0]: fmpq(1)}))
    if inner.low is not None and inner.low >= 0:
        return Interval(inner.low, inner.high, inner.low_open, inner.high_open)
    return inner


# --- polynomials ------------------------------------------------------------------------------------------------------


def interval(ring: Ring, poly: Poly) -> Interval:
    """An interval that holds every value of the polynomial."""
    total = _point(fmpq(0))
    for mono, c in poly.terms.items():
        total = sum_of(total, scale(_monomial_interval(ring, mono), c))
        if total.low is None and total.high is None:
            return ALL
    return total


def _monomial_interval(ring: Ring, mono: Monomial) -> Interval:
    result = _point(fmpq(1))
    for a, e in mono:
        result = _product(result, power_of(interval_of_atom(ring, a), e))
    return result


def sign_of(ring: Ring, poly: Poly) -> Sign:
    """The sign that is shown, `?` where none is."""
    number = poly.constant
    if number is not None:
        return "0" if number == 0 else "+" if number > 0 else "-"
    for kind, known in ring.known:
        if kind in ("positive", "nonnegative"):
            if known == poly:
                return "+" if kind == "positive" else "0+"
            if known == -poly:
                return "-" if kind == "positive" else "0-"
    found = _sign(interval(ring, poly))
    if found != "?":
        return found
    found = _known_at_index(ring, poly)
    if found != "?":
        return found
    if len(poly.terms) > 1:
        found = _affine_sign(ring, poly)
        if found != "?":
            return found
        found = _above_square_of_sum(ring, poly)
        if found != "?":
            return found
        found = _cleared_sign(ring, poly)
        if found != "?":
            return found
        for parts in _split(ring, poly):
            result: Sign = "+"
            for sign, count in _counted(ring, parts):
                result = _times(result, sign, count)
            if result != "?":
                return result
        found = _grouped(ring, poly)
        return found if found != "?" else _between_ends(ring, poly)
    return "?"


def _above_square_of_sum(ring: Ring, poly: Poly) -> Sign:
    """The sign of n Σ b_i² − (Σ b_i)² + rest where rest ≥ 0 is shown: the first two are n² times a variance."""
    from derive.normal_form.polynomial import monomial_poly, multiply
    from derive.normal_form.ring import OutOfReach
    from derive.normal_form.summation import open_block, sum_over

    for mono, c in poly.terms.items():
        squares = [a for a, e in mono if a.kind == "sum" and e == 2 and len(a.data[0]) == 1]
        if c >= 0 or not squares:
            continue
        rest = monomial_poly(ring, [(a, e) for a, e in mono if a is not squares[0]], -c)
        if sign_of(ring, rest) not in ("+", "0+"):
            continue
        try:
            (index,), body = open_block(ring, squares[0])
            low, high = ring.ranges.ends[index]
            if high is None:
                continue
            count = ring.affine(high - low + 1)
            variance = multiply(ring, count, sum_over(ring, multiply(ring, body, body), [index])) - multiply(
                ring, ring.value(squares[0]), ring.value(squares[0])
            )
            found = sign_of(ring, poly - multiply(ring, rest, variance))
        except OutOfReach:
            continue
        if found in ("+", "0+"):
            return found
        if found == "0":
            return "0+"
    return "?"


def _known_at_index(ring: Ring, poly: Poly) -> Sign:
    """The sign that a fact for all indices of a range gives at one of them."""
    from derive.language.affine import variable
    from derive.normal_form.renaming import rename

    for kind, known, index in ring.known_for_all:
        if kind == "nonzero" or len(known.terms) != len(poly.terms):
            continue
        low, high = ring.ranges.ends[index]
        for name in sorted(n for n in poly.free if n in ring.ranges.ends):
            here = variable(name)
            if high is None or not ring.ranges.in_range(here, low, high):
                continue
            moved = rename(ring, known, {index: here})
            if moved == poly:
                return "+" if kind == "positive" else "0+"
            if moved == -poly:
                return "-" if kind == "positive" else "0-"
    return "?"


def _cleared_sign(ring: Ring, poly: Poly) -> Sign:
    """The sign of a quotient from those of its numerator and of its denominators."""
    from derive.normal_form.polynomial import clear_kernels
    from derive.normal_form.ring import OutOfReach

    if not any(a.kind == "kernel" and isinstance(e, int) and e < 0 for mono in poly.terms for a, e in mono):
        return "?"
    try:
        cleared, multiplier = clear_kernels(ring, poly)
    except OutOfReach:
        return "?"
    if any(a.kind == "kernel" for part in (cleared, multiplier) for mono in part.terms for a, _ in mono):
        return "?"
    below = sign_of(ring, multiplier)
    return _times(sign_of(ring, cleared), below, 1) if below in ("+", "-") else "?"


MOST_TERMS_BETWEEN_ENDS = 8


def _between_ends(ring: Ring, poly: Poly) -> Sign:
    """The sign of a formula of degree 1 in a scalar of a bounded domain, from its values at the two ends."""
    if len(poly.terms) > MOST_TERMS_BETWEEN_ENDS:
        return "?"
    atoms = {a for mono in poly.terms for a, _ in mono}
    for atom in sorted((a for a in atoms if a.kind == "sym"), key=lambda a: a.key):
        name = atom.data[0].text
        known: Interval | None = ring.domains.get(name)
        if known is None or known.low is None or known.high is None or name in ring.integers:
            continue
        if any(name in a.free for a in atoms if a is not atom) or any(
            e != 1 for mono in poly.terms for a, e in mono if a is atom
        ):
            continue
        signs = {_sign_at(ring, poly, atom, end) for end in (known.low, known.high)}
        inside = known.low_open and known.high_open
        for strict, weak in (("+", "0+"), ("-", "0-")):
            if signs <= {strict} or (inside and strict in signs and signs <= {strict, weak, "0"}):
                return strict  # type: ignore[return-value]
            if signs <= {strict, weak, "0"}:
                return weak  # type: ignore[return-value]
    return "?"


def _sign_at(ring: Ring, poly: Poly, atom: Atom, value: fmpq) -> Sign:
    """The sign of a polynomial of degree 1 in an atom where that has a value."""
    total = Poly({})
    for mono, c in poly.terms.items():
        rest = tuple(f for f in mono if f[0] is not atom)
        total = total + Poly({rest: c if len(rest) == len(mono) else c * value} if value or rest == mono else {})
    return sign_of(ring, total)


def _grouped(ring: Ring, poly: Poly) -> Sign:
    """The sign of Σ coefficient·m over monomials m in unbounded atoms, with bounded atoms in the coefficients."""
    groups: dict[Monomial, Poly] = {}
    for mono, c in poly.terms.items():
        bounded = tuple(f for f in mono if _is_bounded(ring, f[0]))
        rest = tuple(f for f in mono if f not in bounded)
        groups[rest] = groups.get(rest, Poly({})) + Poly({bounded: c})
    if len(groups) < 2 or len(groups) == len(poly.terms):
        return "?"
    signs: list[Sign] = []
    for rest, coefficient in groups.items():
        if coefficient:
            outer = _sign(_monomial_interval(ring, rest)) if rest else "+"
            signs.append(_times(outer, sign_of(ring, coefficient), 1))
    if all(s in ("+", "0+", "0") for s in signs):
        return "+" if "+" in signs else "0+"
    if all(s in ("-", "0-", "0") for s in signs):
        return "-" if "-" in signs else "0-"
    return "?"


def _is_bounded(ring: Ring, atom: Atom) -> bool:
    found = interval_of_atom(ring, atom)
    return found.low is not None and found.high is not None


def _counted(ring: Ring, parts: list[Poly]) -> list[tuple[Sign, int]]:
    counts: dict[Poly, int] = {}
    for p in parts:
        counts[p] = counts.get(p, 0) + 1
    return [
        (_sign(interval(ring, p)) if _affine_sign(ring, p) == "?" else _affine_sign(ring, p), k)
        for p, k in counts.items()
    ]


def _times(left: Sign, right: Sign, count: int) -> Sign:
    """The sign of left · right^count."""
    if right == "?":
        right = "0+" if count % 2 == 0 else "?"
    elif count % 2 == 0:
        right = {"+": "+", "-": "+", "0+": "0+", "0-": "0+", "0": "0"}[right]  # type: ignore[assignment]
    if "?" in (left, right):
        return "?"
    if "0" in (left, right):
        return "0"
    negative = (left in ("-", "0-")) != (right in ("-", "0-"))
    strict = left in ("+", "-") and right in ("+", "-")
    return ("-" if negative else "+") if strict else ("0-" if negative else "0+")


def _sign(found: Interval) -> Sign:
    if found.low is not None and (found.low > 0 or (found.low == 0 and found.low_open)):
        return "+"
    if found.high is not None and (found.high < 0 or (found.high == 0 and found.high_open)):
        return "-"
    if found.low is not None and found.low == 0:
        return "0+"
    if found.high is not None and found.high == 0:
        return "0-"
    return "?"


def _affine_sign(ring: Ring, poly: Poly) -> Sign:
    """The sign of an integer combination of sizes and indices, by their ranges."""
    from derive.language.affine import Affine

    parts: dict[str, int] = {}
    constant = 0
    for mono, c in poly.terms.items():
        if c.q != 1:
            return "?"
        if not mono:
            constant = int(c.p)
        elif len(mono) == 1 and mono[0][0].kind == "sym" and mono[0][1] == 1:
            parts[mono[0][0].data[0].text] = int(c.p)
        else:
            return "?"
    if not all(n in ring.ranges.least or n in ring.ranges.ends for n in parts):
        return "?"
    term = Affine(constant, tuple(sorted(parts.items())))
    if ring.ranges.positive(term):
        return "+"
    if ring.ranges.positive(-term):
        return "-"
    if ring.ranges.at_least_zero(term):
        return "0+"
    if ring.ranges.at_least_zero(-term):
        return "0-"
    return "?"


def is_positive(ring: Ring, poly: Poly) -> bool:
    """Whether `poly > 0` is shown."""
    return sign_of(ring, poly) == "+"


def is_nonnegative(ring: Ring, poly: Poly) -> bool:
    """Whether `poly >= 0` is shown."""
    return sign_of(ring, poly) in ("+", "0+", "0")


def is_nonzero(ring: Ring, poly: Poly) -> bool:
    """Whether `poly != 0` is shown: by its sign, or factor by factor."""
    if sign_of(ring, poly) in ("+", "-") or _known_nonzero(ring, poly):
        return True
    single = poly.single()
    if single is not None:
        return bool(single[0]) and all(e != 0 and _nonzero_atom(ring, a) for a, e in single[0])
    return bool(poly.terms) and any(
        len(parts) > 1 and all(is_nonzero(ring, p) for p in parts) for parts in _split(ring, poly)
    )


def _nonzero_atom(ring: Ring, a: Atom) -> bool:
    from derive.normal_form.definite import is_invertible

    if _known_nonzero(ring, ring.value(a)) or sign_of(ring, ring.value(a)) in ("+", "-"):
        return True
    if a.kind in ("kernel", "abs", "pow"):
        return is_nonzero(ring, a.data[0])
    return a.kind == "det" and is_invertible(ring, a.data[0])


def _split(ring: Ring, poly: Poly) -> list[list[Poly]]:
    """Ways to write a polynomial as a product: its content and primitive part, its irreducible factors."""
    from derive.normal_form.polynomial import primitive_part
    from derive.normal_form.quotient import factors
    from derive.normal_form.ring import OutOfReach

    try:
        c, mono, primitive = primitive_part(ring, poly)
        parts = [p for p, k in factors(primitive) for _ in range(k)]
    except (OutOfReach, ValueError):
        return []
    if not parts:
        return []
    # the irreducible factors may differ from the primitive part by a constant
    content = primitive.terms[leading_monomial(primitive)]
    for p in parts:
        content = content / p.terms[leading_monomial(p)]
    return [[Poly({mono: c * content}), *parts]] if mono or len(parts) > 1 else []


def leading_monomial(poly: Poly) -> Monomial:
    """The leading monomial (multiplicative order)."""
    from derive.normal_form.polynomial import leading

    return leading(poly)[0]


def _known_nonzero(ring: Ring, poly: Poly) -> bool:
    held = (known for kind, known in ring.known if kind in ("nonzero", "positive"))
    return any(_proportional(known, poly) or _proportional(_without_abs(known), poly) for known in held)


def _without_abs(poly: Poly) -> Poly:
    """x for c |x|, which vanishes with it; any other polynomial as it is."""
    single = poly.single()
    if single is not None and len(single[0]) == 1 and single[0][0][0].kind == "abs":
        inner: Poly = single[0][0][0].data[0]
        return inner
    return poly


def _proportional(a: Poly, b: Poly) -> bool:
    if a.terms.keys() != b.terms.keys() or not a.terms:
        return False
    first = next(iter(a.terms))
    ratio = b.terms[first] / a.terms[first]
    return all(b.terms[m] == c * ratio for m, c in a.terms.items())


__all__ = ["Interval", "interval", "is_nonnegative", "is_nonzero", "is_positive", "sign_of"]
