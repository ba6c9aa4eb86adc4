"""Asymptotic series of elementary functions, exactly.

The variable is written by some w → +∞ (x = w, −w, a + 1/w or a − 1/w); a series is a finite sum of constants times
monomials exp(P)·w^a·log(w)^b in decreasing order and, unless exact, an error O(monomial). Monomials are compared by
the exact signs of differences of their exponents, so rates with parameters need a known sign: `SignNeeded` names the
quantity. After Gruntz (1996) and the multiseries of Salvy and Shackell; iterated exponentials and logarithms of
logarithms are out of reach.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from typing import Literal

from derive.language.budget import Budget
from derive.language.term import Term, make, num
from derive.procedures.elementary import Elem, Field, Poly, monomials, to_fraction
from derive.procedures.expand import OutOfReach

Side = Literal["+", "-"]
_FAR = 8  # a geometric power is put into an error of this order


class SignNeeded(OutOfReach):
    """The answer depends on the sign of a constant with parameters."""

    def __init__(self, element: Elem) -> None:
        super().__init__("the limit depends on the sign of a parameter")
        self.element = element


class ConditionNeeded(OutOfReach):
    """The answer depends on a condition on a parameter."""

    def __init__(self, condition: Term) -> None:
        super().__init__("the limit depends on a condition on a parameter")
        self.condition = condition


class Imprecise(OutOfReach):
    """All terms kept have cancelled: more are needed."""


@dataclass(frozen=True, slots=True)
class Monomial:
    """exp(Σ c·w^d·log(w)^l) · w^power · log(w)^logs; `tower` maps (d, l) > (0, 1) to c, in decreasing order."""

    tower: tuple[tuple[tuple[Fraction, int], Elem], ...]
    power: Elem
    logs: int

    @property
    def key(self) -> str:
        """Equal for monomials written alike."""
        return f"{[(k, c.key) for k, c in self.tower]}{self.power.key}^{self.logs}"


Terms = tuple[tuple[Monomial, Elem], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Terms in decreasing order and the monomial of the error, None where there is none."""

    terms: Terms
    error: Monomial | None


@dataclass(frozen=True, slots=True)
class Approach:
    """How the variable (a kernel) runs: to `point` (None: infinity) from a side; '+' at infinity is +∞."""

    variable: int
    point: Elem | None
    side: Side


class Expansion:
    """Series of the elements of one field along one approach, `count` terms each."""

    def __init__(self, field: Field, approach: Approach, count: int, budget: Budget) -> None:
        self.field = field
        self.approach = approach
        self.count = count
        self.budget = budget
        self.zero = field.lift(0)
        self.one = field.lift(1)
        self.unit = Monomial((), self.zero, 0)
        self.cache: dict[int, Series] = {}

    # signs and monomials

    def sign(self, element: Elem) -> int:
        """The sign of a constant; raises where it is not known."""
        found = known_sign(self.field, element)
        if found is None:
            if self.field.is_constant(element):
                raise OutOfReach("the sign of a constant could not be told")
            raise SignNeeded(element)
        return found

    def times(self, left: Monomial, right: Monomial, inverse: bool = False) -> Monomial:
        """The product (or quotient) of monomials."""
        table = dict(left.tower)
        for key, c in right.tower:
            value = table.get(key, self.zero)
            table[key] = value - c if inverse else value + c
        tower = tuple((k, table[k]) for k in sorted(table, reverse=True) if not table[k].is_zero)
        if inverse:
            return Monomial(tower, left.power - right.power, left.logs - right.logs)
        return Monomial(tower, left.power + right.power, left.logs + right.logs)

    def size(self, monomial: Monomial) -> int:
        """1 where the monomial tends to infinity, -1 where it tends to 0, 0 where it is 1."""
        for _, c in monomial.tower:
            sign = self.sign(c)
            if sign:
                return sign
        sign = self.sign(monomial.power)
        return sign or (monomial.logs > 0) - (monomial.logs < 0)

    def compare(self, left: Monomial, right: Monomial) -> int:
        """Which of two monomials is larger in the end."""
        if left.key == right.key:
            return 0
        return self.size(self.times(left, right, inverse=True))

    def _falling(self, left: tuple[Monomial, Elem], right: tuple[Monomial, Elem]) -> int:
        return self.compare(right[0], left[0])

    def larger(self, left: Monomial | None, right: Monomial | None) -> Monomial | None:
        """The larger of two errors."""
        if left is None or right is None:
            return right if left is None else left
        return left if self.compare(left, right) >= 0 else right

    # arithmetic

    def constant(self, value: Elem) -> Series:
        """A constant."""
        return Series(() if value.is_zero else ((self.unit, value),), None)

    def collect(self, terms: Sequence[tuple[Monomial, Elem]], error: Monomial | None) -> Series:
        """Sort, merge and cut."""
        self.budget.spend()
        merged: dict[str, tuple[Monomial, Elem]] = {}
        for m, c in terms:
            old = merged.get(m.key)
            merged[m.key] = (m, c if old is None else old[1] + c)
        kept = [(m, c) for m, c in merged.values() if not c.is_zero]
        kept.sort(key=cmp_to_key(self._falling))
        result: list[tuple[Monomial, Elem]] = []
        for m, c in kept:
            if error is not None and self.compare(m, error) <= 0:
                break
            if result and self.compare(result[-1][0], m) == 0:
                total = result[-1][1] + c
                result.pop()
                if not total.is_zero:
                    result.append((m, total))
                continue
            result.append((m, c))
        if len(result) > self.count:
            error = self.larger(error, result[self.count][0])
            result = result[: self.count]
        return Series(tuple(result), error)

    def add(self, left: Series, right: Series) -> Series:
        """The sum."""
        return self.collect([*left.terms, *right.terms], self.larger(left.error, right.error))

    def scale(self, series: Series, monomial: Monomial, factor: Elem) -> Series:
        """The product with one term."""
        if factor.is_zero:
            return Series((), None)
        error = None if series.error is None else self.times(series.error, monomial)
        return Series(tuple((self.times(m, monomial), c * factor) for m, c in series.terms), error)

    def multiply(self, left: Series, right: Series) -> Series:
        """The product."""
        error: Monomial | None = None
        for one, other in ((left, right), (right, left)):
            if one.error is not None:
                head = other.terms[0][0] if other.terms else other.error
                if head is not None:
                    error = self.larger(error, self.times(one.error, head))
        terms = [(self.times(m, n), c * d) for m, c in left.terms for n, d in right.terms]
        return self.collect(terms, error)

    def lead(self, series: Series) -> tuple[Monomial, Elem, int]:
        """The leading term, with the sign of its constant."""
        while series.terms:
            m, c = series.terms[0]
            sign = self.sign(c)
            if sign:
                return m, c, sign
            series = Series(series.terms[1:], series.error)
        if series.error is None:
            raise OutOfReach("a quotient by zero")
        raise Imprecise("terms cancel")

    def compose(self, coefficients: Callable[[int], Elem], small: Series) -> Series:
        """Σ coefficients(j)·small^j for a series that tends to 0."""
        head = small.terms[0][0] if small.terms else small.error
        if head is None:
            return self.constant(coefficients(0))
        if self.size(head) >= 0:
            raise Imprecise("terms cancel")
        result = self.constant(coefficients(self.count - 1))
        for j in range(self.count - 2, -1, -1):
            result = self.add(self.multiply(result, small), self.constant(coefficients(j)))
        error = self.unit
        for _ in range(self.count):
            error = self.times(error, head)
        return self.collect(result.terms, self.larger(result.error, error))

    def split_lead(self, series: Series) -> tuple[Monomial, Elem, int, Series]:
        """The series as c·m·(1 + small)."""
        m, c, sign = self.lead(series)
        inverse = Monomial(tuple((k, -v) for k, v in m.tower), -m.power, -m.logs)
        scaled = self.scale(series, inverse, self.one / c)
        return m, c, sign, self.add(scaled, self.constant(-self.one))

    def raise_to(self, series: Series, exponent: Elem) -> Series:
        """A power with constant exponent, of a series that is positive in the end (any, for an integer exponent)."""
        if not series.terms and series.error is None:
            if known_sign(self.field, exponent) == 1:
                return series
            raise OutOfReach("a quotient by zero")
        m, c, sign, small = self.split_lead(series)
        value = exponent.rational
        if value is not None and value.denominator == 1:
            head = c.power(int(value))
        elif sign < 0:
            raise OutOfReach("a broken power of a negative number")
        elif c.rational == 1:
            head = c
        elif value is not None:
            head = self.field.root(c, value)
        else:
            head = self.field.exp(exponent * self.field.log(c))
        if m.logs and (value is None or (value * m.logs).denominator != 1):
            raise OutOfReach("a broken power of a logarithm")
        logs = int(value * m.logs) if value is not None else 0
        monomial = Monomial(tuple((k, v * exponent) for k, v in m.tower), m.power * exponent, logs)

        def binomial(j: int) -> Elem:
            result = self.one
            for i in range(j):
                result = result * (exponent - i) * Fraction(1, i + 1)
            return result

        return self.scale(self.compose(binomial, small), monomial, head)

    def parts(self, series: Series) -> tuple[Terms, Elem, Series]:
        """Large terms, the constant term, and the rest, which must tend to 0."""
        large: list[tuple[Monomial, Elem]] = []
        small: list[tuple[Monomial, Elem]] = []
        constant = self.zero
        for m, c in series.terms:
            size = self.size(m)
            if size > 0:
                large.append((m, c))
            elif size == 0:
                constant = constant + c
            else:
                small.append((m, c))
        if series.error is not None and self.size(series.error) >= 0:
            raise Imprecise("terms cancel")
        return tuple(large), constant, Series(tuple(small), series.error)

    def exp(self, series: Series) -> Series:
        """The exponential."""
        large, constant, small = self.parts(series)
        tower: dict[tuple[Fraction, int], Elem] = {}
        power = self.zero
        for m, c in large:
            degree = m.power.rational
            if m.tower or degree is None:
                raise OutOfReach("an exponential of an exponential")
            if degree == 0 and m.logs == 1:
                power = power + c
            else:
                tower[(degree, m.logs)] = c
        monomial = Monomial(tuple((k, tower[k]) for k in sorted(tower, reverse=True)), power, 0)
        return self.scale(self.compose(_inverse_factorial(self.field), small), monomial, self.field.exp(constant))

    def log(self, series: Series) -> Series:
        """The logarithm."""
        m, c, sign, small = self.split_lead(series)
        if sign < 0:
            raise OutOfReach("the logarithm of a negative number")
        if m.logs:
            raise OutOfReach("a logarithm of a logarithm")
        terms = [(Monomial((), self.field.lift(d), ls), v) for (d, ls), v in m.tower]
        terms.append((Monomial((), self.zero, 1), m.power))
        terms.append((self.unit, self.field.log(c)))
        tail = self.compose(lambda j: self.field.lift(Fraction((-1) ** (j + 1), j) if j else 0), small)
        return self.add(self.collect(terms, None), tail)

    def circular(self, series: Series) -> tuple[Series, Series]:
        """Sine and cosine."""
        bounded = Series((), self.unit)
        try:
            large, constant, small = self.parts(series)
        except Imprecise:
            return bounded, bounded
        if large:
            return bounded, bounded
        inverse = _inverse_factorial(self.field)
        sine = self.compose(lambda j: inverse(j) * (0, 1, 0, -1)[j % 4], small)
        cosine = self.compose(lambda j: inverse(j) * (1, 0, -1, 0)[j % 4], small)
        s, c = self.constant(self.field.sin(constant)), self.constant(self.field.cos(constant))
        return (
            self.add(self.multiply(s, cosine), self.multiply(c, sine)),
            self.add(self.multiply(c, cosine), self.multiply(self.constant(-self.field.sin(constant)), sine)),
        )

    def arctan(self, series: Series) -> Series:
        """The inverse tangent."""
        large, constant, small = self.parts(series)
        slope = lambda j: self.field.lift(Fraction((-1) ** (j // 2), j) if j % 2 else 0)  # noqa: E731
        if large:
            _, _, sign = self.lead(series)
            turn = self.constant(self.field.more(make("pi")) * Fraction(sign, 2))
            tail = self.compose(slope, self.raise_to(series, -self.one))
            return self.add(turn, self.scale(tail, self.unit, -self.one))
        if constant.is_zero:
            return self.compose(slope, small)
        # arctan(c + s) = arctan c + arctan(s / (1 + c² + c s)), whatever c is, for s → 0
        bottom = self.add(self.constant(constant * constant + 1), self.scale(small, self.unit, constant))
        inner = self.multiply(small, self.raise_to(bottom, -self.one))
        return self.add(self.constant(self.field.arctan(constant)), self.compose(slope, inner))

    # elements

    def of(self, element: Elem) -> Series:
        """The series of an element."""
        top = self.of_poly(element.num)
        if element.den.is_constant():
            value = to_fraction(element.den.leading_coefficient())
            return self.scale(top, self.unit, self.field.lift(1 / value))
        return self.multiply(top, self.raise_to(self.of_poly(element.den), -self.one))

    def of_poly(self, poly: Poly) -> Series:
        """The series of a polynomial over kernels."""
        total = Series((), None)
        for exponents, c in monomials(poly):
            constant = self.field.lift(to_fraction(c))
            part: Series | None = None
            for i, e in enumerate(exponents):
                if not e:
                    continue
                if self.approach.variable not in self.field.within[i]:
                    constant = constant * self.field.generator(i).power(e)
                    continue
                base = self.kernel(i)
                for _ in range(e) if e <= 3 else ():
                    part = base if part is None else self.multiply(part, base)
                if e > 3:
                    power = self.raise_to(base, self.field.lift(e))
                    part = power if part is None else self.multiply(part, power)
            total = self.add(total, self.constant(constant) if part is None else self.scale(part, self.unit, constant))
        return total

    def kernel(self, slot: int) -> Series:
        """The series of a kernel that depends on the variable."""
        if slot in self.cache:
            return self.cache[slot]
        kernel = self.field.kernels[slot]
        if slot == self.approach.variable:
            result = self.variable()
        elif kernel.argument is not None:
            inner = self.of(kernel.argument)
            if kernel.kind == "exp":
                result = self.exp(inner)
            elif kernel.kind == "log":
                result = self.log(inner)
            elif kernel.kind == "root":
                result = self.raise_to(inner, self.field.lift(Fraction(1, kernel.order)))
            elif kernel.kind in ("sin", "cos"):
                result = self.circular(inner)[kernel.kind == "cos"]
            else:
                result = self.arctan(inner)
        elif kernel.term is not None and kernel.term.head == "pow":
            result = self.natural_power(kernel.term)
        else:
            raise OutOfReach("the limit of an unknown function")
        self.cache[slot] = result
        return result

    def variable(self) -> Series:
        """The variable itself."""
        w = Monomial((), self.one, 0)
        sign = self.field.lift(1 if self.approach.side == "+" else -1)
        if self.approach.point is None:
            return Series(((w, sign),), None)
        inverse = Monomial((), -self.one, 0)
        return self.collect([(self.unit, self.approach.point), (inverse, sign)], None)

    def natural_power(self, term: Term) -> Series:
        """base^n for a natural number n, where the base or n is the variable."""
        base, exponent = (self.field.more(a) for a in term.args)
        if not exponent.has(self.approach.variable):
            return self.raise_to(self.of(base), exponent)
        if base.has(self.approach.variable):
            return self.exp(self.multiply(self.of(exponent), self.log(self.of(base))))
        if self.approach.point is not None:
            raise OutOfReach("a power whose exponent varies")
        if self.field.positive(self.one - base * base):
            return Series((), Monomial((), self.field.lift(-_FAR), 0))
        raise ConditionNeeded(make("lt", make("abs", term.args[0]), num(1)))


def _inverse_factorial(field: Field) -> Callable[[int], Elem]:
    def coefficient(j: int) -> Elem:
        product = 1
        for k in range(2, j + 1):
            product *= k
        return field.lift(Fraction(1, product))

    return coefficient


def known_sign(field: Field, element: Elem) -> int | None:
    """The sign of an element for all values of its atoms, or None where it is not known to be one."""
    if element.is_zero:
        return 0
    value = element.rational
    if value is not None:
        return (value > 0) - (value < 0)
    if field.is_constant(element):
        return field.constant_sign(element)
    if field.positive(element):
        return 1
    if field.positive(-element):
        return -1
    if field.vanishes(element):
        return 0
    return None


@dataclass(frozen=True, slots=True)
class Limit:
    """What an element tends to: a constant, or an infinity (`infinite` is its sign)."""

    value: Elem | None
    infinite: int = 0


def find_limit(field: Field, element: Elem, approach: Approach, budget: Budget) -> Limit:
    """The limit of an element; raises `OutOfReach` where it is not found."""
    for count in (4, 8, 16):
        expansion = Expansion(field, approach, count, budget)
        try:
            series = expansion.of(element)
            while series.terms:
                m, c = series.terms[0]
                size = expansion.size(m)
                if size < 0:
                    return Limit(expansion.zero)
                if size == 0:
                    if series.error is not None and expansion.size(series.error) >= 0:
                        raise Imprecise("terms cancel")
                    return Limit(c)
                sign = expansion.sign(c)
                if sign:
                    return Limit(None, sign)
                series = Series(series.terms[1:], series.error)
            if series.error is None or expansion.size(series.error) < 0:
                return Limit(expansion.zero)
        except Imprecise:
            continue
    raise OutOfReach("the terms of the series cancel as far as it was taken")


def eventual_sign(field: Field, element: Elem, approach: Approach, budget: Budget) -> int:
    """The sign that an element has in the end (0: it is zero there)."""
    if element.is_zero:
        return 0
    if not element.has(approach.variable):
        found = known_sign(field, element)
        if found is None:
            raise SignNeeded(element)
        return found
    for count in (4, 8, 16):
        expansion = Expansion(field, approach, count, budget)
        try:
            return expansion.lead(expansion.of(element))[2]
        except Imprecise:
            continue
    raise OutOfReach("the terms of the series cancel as far as it was taken")
