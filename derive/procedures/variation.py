"""Tables of signs of elementary functions of one variable, exactly.

The sign of f on an interval follows from the sign of the derivative of f/g, where g > 0 is chosen so that the
derivative is simpler (fewer logarithms, fewer exponentials, a lower degree), from limits at the ends and from values
at the zeros of that derivative. Polynomials (in x, or in one exponential of it) are the base case, with isolated real
roots. A value is called 0 only where it lowers to 0 at an exact point; every other sign is an Arb enclosure that
excludes 0.

It declines sums with sines of unbounded range, unknown functions and parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.language.budget import Budget
from derive.procedures.asymptotic import Approach, Limit, find_limit
from derive.procedures.elementary import Bounds, Elem, Field, monomials
from derive.procedures.expand import OutOfReach

Poly = Any
_PRECISIONS = (64, 192, 640, 2000)
_DEPTH = 24
_SIMPLE = 400  # numerators and denominators of zeros that are worth an exact check


@dataclass(slots=True)
class Point:
    """A place on the line: exact (`value`), or the only zero of something in `low < x < high`, refined on demand."""

    value: Elem | None
    low: Fraction
    high: Fraction
    refine: Callable[[Fraction, Fraction, int], tuple[Fraction, Fraction]] | None = field(default=None, repr=False)

    def narrow(self, bits: int) -> None:
        """Shrink the enclosure to about 2^-bits."""
        if self.refine is not None and self.high - self.low > Fraction(1, 2**bits):
            self.low, self.high = self.refine(self.low, self.high, bits)


@dataclass(frozen=True, slots=True)
class Table:
    """Points in increasing order, strictly inside an open interval, and the sign on each open piece between them.

    At a point a function is 0 or has no value (`poles` says which); a sign is 1, -1 or 0 (zero throughout).
    """

    points: tuple[Point, ...]
    signs: tuple[int, ...]
    poles: frozenset[int] = frozenset()


End = Point | None  # None: infinity on that side


class Analyst:
    """Sign tables over one field and one variable (a kernel)."""

    def __init__(self, field_: Field, variable: int, budget: Budget) -> None:
        self.field = field_
        self.variable = variable
        self.budget = budget

    # values

    def exact_point(self, value: Elem) -> Point:
        """A point with an exact value."""
        rational = value.rational
        if rational is not None:
            return Point(value, rational, rational)
        low, high = self._interval(self._enclosure(value, 128))

        def refine(_low: Fraction, _high: Fraction, bits: int) -> tuple[Fraction, Fraction]:
            return self._interval(self._enclosure(value, bits + 64))

        return Point(value, low, high, refine)

    def _enclosure(self, value: Elem, bits: int) -> Any:
        from flint import ctx

        before = ctx.prec
        ctx.prec = bits
        try:
            return self.field.enclose(value, {})
        finally:
            ctx.prec = before

    def _interval(self, value: Any) -> tuple[Fraction, Fraction]:
        if not value.is_finite():
            raise OutOfReach("a place has no finite enclosure")
        return _dyadic(value.lower()), _dyadic(value.upper())

    def sign_at(self, f: Elem, point: Point) -> int | None:
        """The sign at a point, None where there is no value; raises where it cannot be told."""
        if point.value is not None:
            try:
                value = self.field.put(f, self.variable, point.value)
            except OutOfReach:
                value = None
            if value is not None:
                sign = self.field.constant_sign(value)
                if sign is None:
                    raise OutOfReach("the sign of a constant could not be told")
                return sign
        for bits in _PRECISIONS:
            self.budget.spend()
            point.narrow(bits)
            sign = self._sign_on(f, point.low, point.high, bits + 64)
            if sign:
                return sign
        if point.value is not None:
            return None
        raise OutOfReach("the sign at a place could not be told")

    def _has_value(self, f: Elem, point: Point) -> bool:
        """Whether f as it stands has a finite value at an exact point."""
        try:
            assert point.value is not None
            return point.value.rational is not None and bool(self._value_on(f, point.low, point.high, 256).is_finite())
        except OutOfReach:
            return False

    def _value_on(self, f: Elem, low: Fraction, high: Fraction, bits: int) -> Any:
        from flint import arb, ctx, fmpq

        before = ctx.prec
        ctx.prec = bits
        try:
            a, b = arb(fmpq(low.numerator, low.denominator)), arb(fmpq(high.numerator, high.denominator))
            return self.field.enclose(f, {self.variable: a if low == high else a.union(b)})
        finally:
            ctx.prec = before

    def _sign_on(self, f: Elem, low: Fraction, high: Fraction, bits: int) -> int:
        value = self._value_on(f, low, high, bits)
        return 1 if value > 0 else -1 if value < 0 else 0

    def sign_inside(self, f: Elem, low: End, high: End) -> int:
        """The sign of a function without zeros and poles between two places, at some rational between them."""
        for x in self._samples(low, high):
            for bits in (64, 256, 1024):
                self.budget.spend()
                sign = self._sign_on(f, x, x, bits)
                if sign:
                    return sign
        raise OutOfReach("the sign between two places could not be told")

    def _samples(self, low: End, high: End) -> list[Fraction]:
        self._part(low, high)
        if low is None and high is None:
            return [Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 3)]
        if low is None:
            assert high is not None
            return [high.low - k for k in (Fraction(1), Fraction(1, 7), Fraction(3))]
        if high is None:
            return [low.high + k for k in (Fraction(1), Fraction(1, 7), Fraction(3))]
        a, b = low.high, high.low
        return [
            simplest(a + (b - a) * k, a + (b - a) * (k + Fraction(1, 8)))
            for k in (Fraction(7, 16), Fraction(1, 4), Fraction(5, 8))
        ]

    def _part(self, low: End, high: End) -> None:
        """Narrow two places until their enclosures are apart."""
        if low is None or high is None:
            return
        for bits in _PRECISIONS:
            if low.high < high.low:
                return
            low.narrow(bits)
            high.narrow(bits)
        if low.high >= high.low:
            raise OutOfReach("two places could not be told apart")

    def compare(self, left: Point, right: Point) -> int:
        """The order of two places; 0 where they are provably one."""
        if left is right:
            return 0
        if left.value is not None and right.value is not None:
            sign = self.field.constant_sign(left.value - right.value)
            if sign is None:
                raise OutOfReach("two places could not be told apart")
            return sign
        for bits in _PRECISIONS:
            if left.high < right.low:
                return -1
            if right.high < left.low:
                return 1
            left.narrow(bits)
            right.narrow(bits)
        raise OutOfReach("two places could not be told apart")

    # limits at the ends of an interval

    def end_sign(self, f: Elem, end: End, upper: bool) -> int:
        """The sign towards an end of an interval: of the value there, or of the limit (0: the limit is 0)."""
        if end is not None and end.value is None:
            sign = self.sign_at(f, end)
            assert sign is not None
            return sign
        if end is not None:
            try:
                if self._has_value(f, end) and end.value is not None:
                    sign = self.field.constant_sign(self.field.put(f, self.variable, end.value))
                    if sign is not None:
                        return sign
            except OutOfReach:
                pass
        limit = self.limit(f, end, upper)
        if limit.value is None:
            return limit.infinite
        sign = self.field.constant_sign(limit.value)
        if sign is None:
            raise OutOfReach("the sign of a limit could not be told")
        return sign

    def limit(self, f: Elem, end: End, upper: bool) -> Limit:
        """The limit towards an end of an interval, from inside."""
        if end is None:
            approach = Approach(self.variable, None, "+" if upper else "-")
        else:
            assert end.value is not None
            approach = Approach(self.variable, end.value, "-" if upper else "+")
        return find_limit(self.field, f, approach, self.budget)

    # tables

    def table(self, f: Elem, low: End, high: End, depth: int = _DEPTH) -> Table:
        """The signs of f on the open interval from `low` to `high`, on which its logarithms and roots have values."""
        self.budget.spend()
        if depth == 0:
            raise OutOfReach("the derivatives do not become simpler")
        if f.is_zero:
            return Table((), (0,))
        if not f.has(self.variable):
            sign = self.field.constant_sign(f)
            if sign is None:
                raise OutOfReach("the sign of a constant could not be told")
            return Table((), (sign,))
        sign = 1
        parts: list[tuple[Table, int, bool]] = []
        for poly, below in ((f.num, False), (f.den, True)):
            content, factors = poly.factor()
            if content < 0:
                sign = -sign
            for factor, multiplicity in factors:
                element = Elem(self.field, factor, self.field.constant(1))
                parts.append((self._irreducible(element, low, high, depth), int(multiplicity), below))
        return self._product(parts, sign)

    def _product(self, parts: Sequence[tuple[Table, int, bool]], sign: int) -> Table:
        merged = self.merge([t for t, _, _ in parts])
        signs: list[int] = []
        for row in merged.signs:
            value = sign
            for s, (_, multiplicity, _) in zip(row, parts, strict=True):
                value *= s**multiplicity
            signs.append(value)
        poles = frozenset(
            i
            for i, zero in enumerate(merged.zeros)
            if any(
                (zero[j] and below) or i_pole
                for j, ((_, _, below), i_pole) in enumerate(zip(parts, merged.poles[i], strict=True))
            )
        )
        return Table(merged.points, tuple(signs), poles)

    def merge(self, tables: Sequence[Table]) -> Merged:
        """Tables over one interval, laid over one another."""
        points: list[Point] = []
        owners: list[list[tuple[int, int]]] = []
        for j, table in enumerate(tables):
            for k, point in enumerate(table.points):
                place = 0
                while place < len(points):
                    order = self.compare(point, points[place])
                    if order == 0:
                        if points[place].value is None:
                            points[place] = point
                        owners[place].append((j, k))
                        break
                    if order < 0:
                        points.insert(place, point)
                        owners.insert(place, [(j, k)])
                        break
                    place += 1
                else:
                    points.append(point)
                    owners.append([(j, k)])
        seen = [0] * len(tables)
        rows: list[tuple[int, ...]] = []
        zeros: list[tuple[bool, ...]] = []
        poles: list[tuple[bool, ...]] = []
        for place in range(len(points) + 1):
            rows.append(tuple(t.signs[seen[j]] for j, t in enumerate(tables)))
            if place < len(points):
                zero, pole = [False] * len(tables), [False] * len(tables)
                for j, k in owners[place]:
                    seen[j] = k + 1
                    if k in tables[j].poles:
                        pole[j] = True
                    else:
                        zero[j] = True
                zeros.append(tuple(zero))
                poles.append(tuple(pole))
        return Merged(tuple(points), tuple(rows), tuple(zeros), tuple(poles))

    def _irreducible(self, f: Elem, low: End, high: End, depth: int) -> Table:
        """A polynomial over kernels that does not factor."""
        if not f.has(self.variable):
            return self.table(f, low, high, depth)
        if self._positive(f, low, high, strict=True):
            return Table((), (1,))
        if self._positive(-f, low, high, strict=True):
            return Table((), (-1,))
        direct = self.field.direct(f.num)
        if len(direct) == 1:
            base = self._base(f, direct[0])
            if base is not None:
                return self._between(f, [p for p in base if self._inside(p, low, high)], low, high)
        roots = [i for i in direct if self.field.kernels[i].kind == "root" and self.variable in self.field.within[i]]
        if not roots and sum(self.field.kernels[i].kind != "root" for i in direct) == 1:
            roots = [i for i in direct if self.field.kernels[i].kind == "root"]
        if roots:
            return self._rooted(f, max(roots, key=lambda i: (len(self.field.within[i]), i)), low, high, depth)
        divisor = self._divisor(f)
        g = f / divisor
        slope = self.field.derivative(g, self.variable)
        if slope.is_zero:
            raise OutOfReach("a constant that does not look like one")
        below = self.table(divisor, low, high, depth - 1)
        if below.poles:
            raise OutOfReach("a divisor with poles inside the interval")
        points: list[Point] = []
        signs: list[int] = []
        ends: list[End] = [low, *below.points, high]
        for i, outer in enumerate(below.signs):
            part = self._from_slope(f, g, slope, outer, ends[i], ends[i + 1], (i > 0, i + 1 < len(ends) - 1), depth)
            if i > 0:
                inner = ends[i]
                assert inner is not None
                here = self.sign_at(f, inner)
                if here is None:
                    raise OutOfReach("a function without a value inside the interval")
                if here == 0:
                    points.append(inner)
                elif signs[-1] != here or part.signs[0] * outer != here:
                    raise OutOfReach("a table of signs that does not fit together")
                else:
                    signs.pop()
            points += part.points
            signs += [s * outer for s in part.signs]
        return Table(tuple(points), tuple(signs))

    def _between(self, f: Elem, points: list[Point], low: End, high: End) -> Table:
        """The table of a function whose zeros are among the points, each a zero."""
        ends: list[End] = [low, *points, high]
        signs = tuple(self.sign_inside(f, ends[i], ends[i + 1]) for i in range(len(points) + 1))
        return Table(tuple(points), signs)

    def _positive(self, f: Elem, low: End, high: End, strict: bool) -> bool:
        """Positivity by bounds, with the interval as the variable's bounds and no other assumption."""
        start = low.value.rational if low is not None and low.value is not None else None
        stop = high.value.rational if high is not None and high.value is not None else None
        with self.field.assuming({self.variable: Bounds(start, stop, True, True)}):
            return self.field.positive(f) if strict else self.field.non_negative(f)

    def _rooted(self, f: Elem, slot: int, low: End, high: End, depth: int) -> Table:
        """f = A + B·√R: its zeros are among those of A² − B²·R, where A − B·√R is not 0."""
        kernel = self.field.kernels[slot]
        if kernel.order != 2:
            raise OutOfReach("a root that is not a square root")
        a, b = self.field.lift(0), self.field.lift(0)
        for exponents, c in monomials(f.num):
            kept = tuple(0 if i == slot else e for i, e in enumerate(exponents))
            part = Elem(self.field, self.field.ring.from_dict({kept: c}), self.field.constant(1))
            if exponents[slot]:
                b = b + part
            else:
                a = a + part
        assert kernel.argument is not None
        norm = self.table(a * a - b * b * kernel.argument, low, high, depth - 1)
        if norm.poles or 0 in norm.signs:
            raise OutOfReach("the square of a root with poles")
        root = self.field.generator(slot)
        other = a - b * root
        zeros = []
        for point in norm.points:
            try:
                here = self.sign_at(f, point)
            except OutOfReach:
                if not self.sign_at(other, point):
                    raise
                here = 0
            if here is None:
                raise OutOfReach("a function without a value inside the interval")
            if here == 0:
                zeros.append(point)
        return self._between(f, zeros, low, high)

    def _inside(self, point: Point, low: End, high: End) -> bool:
        return (low is None or self.compare(point, low) > 0) and (high is None or self.compare(point, high) < 0)

    def _base(self, f: Elem, slot: int) -> list[Point] | None:
        """Zeros on the whole line of a polynomial in x, or in one exponential exp(c x + d)."""
        kernel = self.field.kernels[slot]
        if slot == self.variable:
            return self.roots(f.num, slot)
        if kernel.kind != "exp" or kernel.argument is None:
            return None
        rate = self.field.derivative(kernel.argument, self.variable)
        if rate.rational is None or rate.is_zero:
            return None
        shift = self.field.put(kernel.argument, self.variable, self.field.lift(0))
        points = []
        for root in self.roots(f.num, slot):
            if root.value is not None:
                if (self.field.constant_sign(root.value) or 0) <= 0:
                    continue
                value = (self.field.log(root.value) - shift) / rate
                points.append(self.exact_point(value))
                continue
            root.narrow(64)
            if root.high <= 0:
                continue
            if root.low <= 0:
                raise OutOfReach("a root near 0")
            points.append(self._logarithm(root, shift, rate))
        return points if rate.rational > 0 else points[::-1]

    def _logarithm(self, root: Point, shift: Elem, rate: Elem) -> Point:
        def image(bits: int) -> tuple[Fraction, Fraction]:
            from flint import arb, ctx, fmpq

            root.narrow(bits + 16)
            before = ctx.prec
            ctx.prec = bits + 64
            try:
                a = arb(fmpq(root.low.numerator, root.low.denominator))
                b = arb(fmpq(root.high.numerator, root.high.denominator))
                return self._interval((a.union(b).log() - self.field.enclose(shift, {})) / self.field.enclose(rate, {}))
            finally:
                ctx.prec = before

        low, high = image(64)
        return Point(None, low, high, lambda _l, _h, bits: image(bits))

    def roots(self, poly: Poly, slot: int) -> list[Point]:
        """Real roots of a polynomial in one kernel with rational coefficients, in increasing order."""
        from flint import fmpq_poly

        coefficients: dict[int, Any] = {exponents[slot]: c for exponents, c in monomials(poly)}
        degree = max(coefficients)
        flat = fmpq_poly([coefficients.get(i, 0) for i in range(degree + 1)]).numer()
        points: list[Point] = []
        _, factors = flat.factor()
        for factor, _ in factors:
            points += self._roots_of(factor)
        import functools

        return sorted(points, key=functools.cmp_to_key(self.compare))

    def _roots_of(self, factor: Any) -> list[Point]:
        degree = factor.degree()
        if degree == 0:
            return []
        if degree == 1:
            c = [int(v) for v in factor.coeffs()]
            return [self.exact_point(self.field.lift(Fraction(-c[0], c[1])))]
        if degree == 2:
            c = [int(v) for v in factor.coeffs()]
            square = c[1] ** 2 - 4 * c[0] * c[2]
            if square < 0:
                return []
            root = self.field.root(self.field.lift(square), Fraction(1, 2))
            ends = [(root * s - c[1]) * Fraction(1, 2 * c[2]) for s in (-1, 1)]
            return [self.exact_point(e) for e in (ends if c[2] > 0 else ends[::-1])]
        from flint import acb, ctx

        found: list[Point] = []
        before = ctx.prec
        ctx.prec = 64
        try:
            values = [r for r, _ in factor.complex_roots()]
        finally:
            ctx.prec = before
        for value in values:
            if isinstance(value, acb):
                if value.imag == 0:
                    value = value.real
                elif value.imag.contains(0):
                    raise OutOfReach("a root that may be real")
                else:
                    continue
            low, high = self._interval(value)
            found.append(self._isolated(factor, low, high))
        return found

    def _isolated(self, factor: Any, low: Fraction, high: Fraction) -> Point:
        from flint import fmpq

        def at(x: Fraction) -> int:
            value = factor(fmpq(x.numerator, x.denominator))
            return int(value > 0) - int(value < 0)

        # the enclosure holds exactly one root, a simple one; a little wider, it has different signs at its ends
        start = at(low)
        if start == 0 or start == at(high):
            raise OutOfReach("a root could not be isolated")

        def refine(a: Fraction, b: Fraction, bits: int) -> tuple[Fraction, Fraction]:
            while b - a > Fraction(1, 2**bits):
                self.budget.spend()
                middle = (a + b) / 2
                sign = at(middle)
                if sign == 0:
                    return middle, middle
                a, b = (middle, b) if sign == start else (a, middle)
            return a, b

        return Point(None, low, high, refine)

    def _divisor(self, f: Elem) -> Elem:
        """Something to divide by, so that the derivative of the quotient is simpler than f."""
        fld = self.field
        rank = {"log": 3, "arctan": 3, "exp": 2, "root": 1, "sin": 0, "cos": 0, "atom": 0}
        slots = [i for i in fld.direct(f.num) if self.variable in fld.within[i] and i != self.variable]
        if not slots:
            return fld.lift(1)
        top = max(slots, key=lambda i: (rank[fld.kernels[i].kind], len(fld.within[i]), i))
        kind = fld.kernels[top].kind
        groups: dict[tuple[int, ...], Poly] = {}
        if kind in ("log", "arctan"):
            degree = f.num.degrees()[top]
            for exponents, c in monomials(f.num):
                if exponents[top] == degree:
                    kept = tuple(0 if i == top else e for i, e in enumerate(exponents))
                    part = fld.ring.from_dict({kept: c})
                    groups[()] = groups[()] + part if () in groups else part
            return Elem(fld, groups[()], fld.constant(1))
        if kind == "exp":
            exps = [i for i in slots if fld.kernels[i].kind == "exp"]
            for exponents, c in monomials(f.num):
                key = tuple(exponents[i] for i in exps)
                kept = tuple(0 if i in exps else e for i, e in enumerate(exponents))
                part = fld.ring.from_dict({kept: c})
                groups[key] = groups[key] + part if key in groups else part
            # the group that the fewest derivatives remove
            best = min(groups, key=lambda k: (groups[k].total_degree(), k))
            result = fld.lift(1)
            for i, e in zip(exps, best, strict=True):
                result = result * fld.generator(i).power(e)
            return result
        return fld.lift(1)

    def _from_slope(
        self, f: Elem, g: Elem, slope: Elem, outer: int, low: End, high: End, inner: tuple[bool, bool], depth: int
    ) -> Table:
        """The table of g = f/divisor from that of its derivative, where the divisor has the sign `outer`.

        `inner` says which ends are zeros of the divisor, where g has no value.
        """
        if self._positive(slope, low, high, strict=False):
            slopes = Table((), (1,))  # its zeros are isolated, since it is analytic and not 0 throughout
            self.sign_inside(slope, low, high)
        elif self._positive(-slope, low, high, strict=False):
            slopes = Table((), (-1,))
            self.sign_inside(slope, low, high)
        else:
            slopes = self.table(slope, low, high, depth - 1)
        if slopes.poles or 0 in slopes.signs:
            raise OutOfReach("a derivative with poles inside the interval")
        # pieces on which g is monotone: neighbours with one sign are one piece
        ends: list[End] = [low]
        directions: list[int] = []
        for i, sign in enumerate(slopes.signs):
            if directions and directions[-1] == sign:
                ends[-1] = high if i == len(slopes.points) else slopes.points[i]
                continue
            directions.append(sign)
            ends.append(high if i == len(slopes.points) else slopes.points[i])
        points: list[Point] = []
        signs: list[int] = []
        last = len(directions) - 1
        values: list[int] = []
        for i, end in enumerate(ends):
            if 0 < i < len(ends) - 1:
                assert end is not None
                value = self.sign_at(g, end)
                if value is None:
                    raise OutOfReach("a function without a value inside the interval")
                values.append(value)
            else:
                here = self.sign_at(f, end) if end is not None and inner[i > 0] else 0
                values.append(here * outer if here else self.end_sign(g, end, upper=i > 0))
        for i, direction in enumerate(directions):
            left, right = values[i], values[i + 1]
            if direction > 0:
                piece = [1] if left >= 0 else [-1] if right <= 0 else [-1, 1]
            else:
                piece = [-1] if left <= 0 else [1] if right >= 0 else [1, -1]
            if len(piece) == 2:
                zero = self._zero(g, ends[i], ends[i + 1], piece[0])
                signs += [piece[0], piece[1]] if not signs or signs[-1] != piece[0] or values[i] == 0 else [piece[1]]
                points.append(zero)
            elif not signs or values[i] == 0 or signs[-1] != piece[0]:
                signs.append(piece[0])
            if i < last and values[i + 1] == 0:
                between = ends[i + 1]
                assert between is not None
                points.append(between)
        if len(signs) != len(points) + 1:
            raise OutOfReach("a table of signs that does not fit together")
        return Table(tuple(points), tuple(signs))

    def _zero(self, g: Elem, low: End, high: End, first: int) -> Point:
        """The only zero of g between two places, where its sign changes from `first`."""
        a = self._reach(g, low, high, first, from_low=True)
        b = self._reach(g, low, high, -first, from_low=False)

        def refine(x: Fraction, y: Fraction, bits: int) -> tuple[Fraction, Fraction]:
            while y - x > Fraction(1, 2**bits):
                self.budget.spend()
                middle = simplest(x + (y - x) * Fraction(3, 8), x + (y - x) * Fraction(5, 8))
                sign = 0
                for precision in (64, 2 * bits + 64, 4 * bits + 512):
                    sign = self._sign_on(g, middle, middle, precision)
                    if sign:
                        break
                if not sign:
                    nudge = x + (y - x) * Fraction(41, 100)
                    if nudge == middle:
                        nudge = x + (y - x) * Fraction(59, 100)
                    sign = self._sign_on(g, nudge, nudge, 4 * bits + 512)
                    middle = nudge
                    if not sign:
                        raise OutOfReach("a zero could not be enclosed")
                x, y = (middle, y) if sign == first else (x, middle)
            return x, y

        x, y = refine(a, b, 48)
        exact = self._guess(g, x, y)
        return exact if exact is not None else Point(None, x, y, refine)

    def _reach(self, g: Elem, low: End, high: End, sign: int, from_low: bool) -> Fraction:
        """A rational near an end, inside, where g has the sign it has towards that end."""
        self._part(low, high)
        x: Fraction
        start, other = (low, high) if from_low else (high, low)
        out = 1 if from_low else -1
        for k in range(1, 80):
            self.budget.spend()
            if start is None:
                base = (other.low if from_low else other.high) if other is not None else Fraction(0)
                x = base - out * 2 ** min(k - 1, 40)
            else:
                start.narrow(k + 8)
                edge = start.high if from_low else start.low
                if other is None:
                    x = edge + out * Fraction(1, 2 ** (k - 1))
                else:
                    far = other.low if from_low else other.high
                    x = edge + (far - edge) * Fraction(1, 2**k)
            for precision in (64, 256, 1024):
                found = self._sign_on(g, x, x, precision)
                if found:
                    break
            if found == sign:
                return x
        raise OutOfReach("no place with the sign of an end was found")

    def _guess(self, g: Elem, low: Fraction, high: Fraction) -> Point | None:
        """The zero in an interval, where it is a small rational, or the exp or log of one (checked exactly)."""
        from flint import arb, fmpq

        fld = self.field
        a, b = (arb(fmpq(v.numerator, v.denominator)) for v in (low, high))
        candidates: list[tuple[Fraction, Callable[[Elem], Elem]]] = [(simplest(low, high), lambda v: v)]
        if low > 0:
            candidates.append((simplest(self._interval(a.log())[0], self._interval(b.log())[1]), fld.exp))
        if abs(low) < 40 and abs(high) < 40:
            candidates.append((simplest(self._interval(a.exp())[0], self._interval(b.exp())[1]), fld.log))
        if low * high > 0:
            squares = sorted((low * low, high * high))
            sign = 1 if low > 0 else -1
            candidates.append((simplest(*squares), lambda v: fld.root(v, Fraction(1, 2)) * sign))
        for rational, function in candidates:
            if rational.denominator > _SIMPLE or abs(rational.numerator) > _SIMPLE:
                continue
            try:
                value = function(fld.lift(rational))
                if fld.put(g, self.variable, value).is_zero:
                    point = self.exact_point(value)
                    point.narrow(200)
                    if low < point.low and point.high < high:
                        return point
            except OutOfReach:
                continue
        return None


@dataclass(frozen=True, slots=True)
class Merged:
    """Several tables over one interval: at each point, which functions are 0 there and which have no value."""

    points: tuple[Point, ...]
    signs: tuple[tuple[int, ...], ...]
    zeros: tuple[tuple[bool, ...], ...]
    poles: tuple[tuple[bool, ...], ...]


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The rational of smallest denominator in a closed interval (Stern and Brocot)."""
    if low > high:
        low, high = high, low
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    below = low.numerator // low.denominator
    return below + 1 / simplest(1 / (high - below), 1 / (low - below))


def _dyadic(value: Any) -> Fraction:
    mantissa, exponent = value.man_exp()
    power = int(exponent)
    return Fraction(int(mantissa) * 2**power) if power >= 0 else Fraction(int(mantissa), 2**-power)
