"""Drawing exact small values for a symbol: by its shape, its domain and its properties.

Matrices with a property are made by a construction that has it (AAᵀ + I, Cayley's (I − S)(I + S)⁻¹, projections) and
the property is then tested; unknown functions become random polynomials of the right sign and shape. Facts are not
looked at here. Every draw comes from one `random.Random`, so that a seed gives the same values everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from flint import fmpq

from derive.language.context import Domain, Shape, Symbol
from derive.numeric import properties
from derive.numeric import tensor as tensors
from derive.numeric.frame import Frame
from derive.numeric.number import ONE, ZERO, NoValue, Scalar, certain_sign, unsupported
from derive.numeric.point import FunctionValue, Index
from derive.numeric.tensor import Tensor, Value

_TRIES = 12


class NoDraw(Exception):
    """No value with the wanted domain and properties was found at these sizes."""


class Draw:
    """A source of values. `style`: 0 small nonzero integers, 1 fractions, 2 integers with zeros, 3 wider fractions."""

    def __init__(self, rng: random.Random, style: int) -> None:
        self.rng = rng
        self.style = style

    def number(self) -> fmpq:
        """A small rational."""
        r = self.rng
        if self.style == 0:
            return fmpq(r.choice((-3, -2, -1, 1, 2, 3)))
        if self.style == 1:
            return fmpq(r.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)), r.choice((1, 2, 3)))
        if self.style == 2:
            return fmpq(r.choice((-2, -1, 0, 0, 1, 1, 2)))
        return fmpq(r.randint(-9, 9), r.choice((1, 2, 3, 4, 5)))

    def positive(self) -> fmpq:
        """A small positive rational."""
        r = self.rng
        return fmpq(r.randint(1, 3)) if self.style in (0, 2) else fmpq(r.randint(1, 6), r.choice((1, 2, 3)))

    def proper(self) -> fmpq:
        """A rational strictly between 0 and 1."""
        q = self.rng.choice((2, 3, 4, 5))
        return fmpq(self.rng.randint(1, q - 1), q)

    # domains

    def from_domain(self, domain: Domain, frame: Frame) -> Scalar:
        """A number of a domain; ends and values are evaluated in `frame`."""
        if domain.kind == "real" and domain.low is None and domain.high is None:
            return self.number()
        if domain.kind == "finite":
            return frame.value(self.rng.choice(domain.values), {})
        low = None if domain.low is None else frame.value(domain.low, {})
        high = None if domain.high is None else frame.value(domain.high, {})
        if domain.kind in ("integer", "natural"):
            return self._whole(domain, low, high)
        return self._between(domain, low, high)

    def _whole(self, domain: Domain, low: Scalar | None, high: Scalar | None) -> Scalar:
        if low is None and domain.kind == "natural":
            low = ZERO
        if (low is not None and type(low) is not fmpq) or (high is not None and type(high) is not fmpq):
            raise unsupported("an integer between ends that are not rational")
        if low is None and high is None:
            return fmpq(self.rng.randint(-3, 4))
        least = None if low is None else int(low.ceil()) + (1 if domain.low_open and low.q == 1 else 0)
        most = None if high is None else int(high.floor()) - (1 if domain.high_open and high.q == 1 else 0)
        if least is None and most is not None:
            return fmpq(self.rng.randint(most - 4, most))
        assert least is not None
        if most is None:
            most = least + 4
        if least > most:
            raise NoDraw
        return fmpq(self.rng.randint(least, min(most, least + 6)))

    def _between(self, domain: Domain, start: Scalar | None, end: Scalar | None) -> Scalar:
        low, high = rational_near(start), rational_near(end)
        if low is None and high is None:
            return self.number()
        if high is None:
            assert low is not None
            return low if self._at_end(domain.low_open) else low + self.positive()
        if low is None:
            assert high is not None
            return high if self._at_end(domain.high_open) else high - self.positive()
        if low > high:
            raise NoDraw
        if self._at_end(domain.low_open):
            return low
        if self._at_end(domain.high_open):
            return high
        return low + (high - low) * self.proper()

    def _at_end(self, is_open: bool) -> bool:
        return not is_open and self.style in (2, 3) and self.rng.random() < 0.2

    # tensors

    def value(self, symbol: Symbol, frame: Frame) -> Value:
        """A value of one member of a symbol, with its domain and properties."""
        words = properties.restricting(symbol.properties)
        for _ in range(_TRIES):
            value = self._construct(symbol, words, frame)
            try:
                if all(properties.holds(w, value) for w in words):
                    return value
            except NoValue as reason:
                if reason.kind == "unsupported":
                    raise
        raise NoDraw

    def _construct(self, symbol: Symbol, words: Sequence[str], frame: Frame) -> Value:
        def fresh() -> Scalar:
            return self._signed(words, lambda: self.from_domain(symbol.domain, frame))

        if not symbol.shape.axes:
            return fresh()
        sizes, units = axes_at(symbol.shape, frame)
        if any(s < 1 for s in sizes):
            raise NoDraw
        if len(sizes) == 1:
            return Tensor(self._vector(words, sizes[0], fresh), units)
        rows = self._matrix(words, sizes[0], sizes[1], fresh)
        return Tensor(rows, units)

    def _signed(self, words: Sequence[str], fresh: Callable[[], Scalar]) -> Scalar:
        for _ in range(_TRIES):
            x = fresh()
            sign = certain_sign(x)
            if "positive" in words and sign < 0:
                x, sign = -x, 1
            if "negative" in words and sign > 0:
                x, sign = -x, -1
            if sign == 0 and ("nonzero" in words or "positive" in words or "negative" in words):
                continue
            return abs(x) if "nonnegative" in words else x
        raise NoDraw

    def _vector(self, words: Sequence[str], n: int, fresh: Callable[[], Scalar]) -> list[Scalar]:
        if "one-hot" in words:
            k = self.rng.randrange(n)
            return [ONE if i == k else ZERO for i in range(n)]
        if "simplex" in words or "stochastic" in words:
            return self.shares(n)
        if "unit" in words:
            return self.sphere(n)
        return [fresh() for _ in range(n)]

    def shares(self, n: int) -> list[Scalar]:
        """Positive rationals that sum to 1."""
        parts = [fmpq(self.rng.randint(1, 4)) for _ in range(n)]
        total = sum(parts, ZERO)
        return [x / total for x in parts]

    def sphere(self, n: int) -> list[Scalar]:
        """A rational point of the unit sphere, by stereographic projection."""
        t = [fmpq(self.rng.randint(-2, 2), self.rng.choice((1, 2))) for _ in range(n - 1)]
        square = sum((x * x for x in t), ZERO)
        point = [2 * x / (1 + square) for x in t] + [(1 - square) / (1 + square)]
        return [-x for x in point] if self.rng.random() < 0.5 else point

    def _matrix(self, words: Sequence[str], n: int, d: int, fresh: Callable[[], Scalar]) -> list[list[Scalar]]:
        has = set(words)
        plain = [[fresh() for _ in range(d)] for _ in range(n)]
        if has & {"row-stochastic", "stochastic"}:
            return [self.shares(d) for _ in range(n)]
        if "orthonormal columns" in has:
            if n < d:
                raise NoDraw
            return [row[:d] for row in self.rotation(n)]
        if n != d:
            return plain
        if "diagonal" in has:
            positive = has & {"positive definite", "positive semidefinite"}
            return [
                [(abs(x) if positive else x) if i == j else ZERO for j, x in enumerate(r)] for i, r in enumerate(plain)
            ]
        if has & {"positive definite", "positive semidefinite", "negative definite", "negative semidefinite"}:
            return self._definite(has, n)
        if "orthogonal" in has:
            return self.reflection(n) if "symmetric" in has else self.rotation(n)
        if "idempotent" in has:
            return self.projection(n, "symmetric" in has)
        if has & {"skew-symmetric", "antisymmetric"}:
            return [[plain[i][j] if i < j else -plain[j][i] if j < i else ZERO for j in range(n)] for i in range(n)]
        if "symmetric" in has:
            return [[plain[min(i, j)][max(i, j)] for j in range(n)] for i in range(n)]
        if "lower triangular" in has:
            return [[x if j <= i else ZERO for j, x in enumerate(row)] for i, row in enumerate(plain)]
        if "upper triangular" in has:
            return [[x if j >= i else ZERO for j, x in enumerate(row)] for i, row in enumerate(plain)]
        return plain

    def _small(self, n: int, d: int) -> Tensor:
        return Tensor([[fmpq(self.rng.randint(-2, 2)) for _ in range(d)] for _ in range(n)], (False, False))

    def _definite(self, has: set[str], n: int) -> list[list[Scalar]]:
        strictly = bool(has & {"positive definite", "negative definite"} or "invertible" in has)
        a = self._small(n, n if strictly else self.rng.randint(1, n))
        square = tensors.multiply(a, tensors.transpose(a))
        if strictly:
            square = tensors.add(square, tensors.identity(n))
        if has & {"negative definite", "negative semidefinite"}:
            square = tensors.negate(square)
        rows: list[list[Scalar]] = square.data
        return rows

    def rotation(self, n: int) -> list[list[Scalar]]:
        """A rational orthogonal matrix: Cayley's transform of a skew matrix, with some rows negated."""
        s = [[ZERO] * n for _ in range(n)]
        for i in range(n):
            for j in range(i):
                s[i][j] = fmpq(self.rng.randint(-2, 2), self.rng.choice((1, 2)))
                s[j][i] = -s[i][j]
        skew, one = Tensor(s, (False, False)), tensors.identity(n)
        turned = tensors.multiply(tensors.add(one, tensors.negate(skew)), tensors.inverse(tensors.add(one, skew)))
        signs = [self.rng.choice((1, -1)) for _ in range(n)]
        return [[x * sign for x in row] for row, sign in zip(turned.data, signs, strict=True)]

    def reflection(self, n: int) -> list[list[Scalar]]:
        """I − 2uuᵀ."""
        u = self.sphere(n)
        return [[(ONE if i == j else ZERO) - 2 * u[i] * u[j] for j in range(n)] for i in range(n)]

    def projection(self, n: int, orthogonal: bool) -> list[list[Scalar]]:
        """A matrix P with P² = P, symmetric if wanted."""
        kept = self.rng.randint(0, n)
        for _ in range(_TRIES):
            basis = Tensor(self.rotation(n), (False, False)) if orthogonal else self._small(n, n)
            try:
                back = tensors.inverse(basis)
            except NoValue:
                continue
            chosen = tensors.diagonal(tensors.vector([ONE if i < kept else ZERO for i in range(n)]))
            rows: list[list[Scalar]] = tensors.multiply(tensors.multiply(basis, chosen), back).data
            return rows
        raise NoDraw

    # functions

    def function(self, symbol: Symbol, frame: Frame, positive: bool) -> FunctionValue:
        """A random choice for an unknown function."""
        known = {"convex", "concave", "increasing", "decreasing", "positive", "nonnegative"}
        strange = [w for w in properties.restricting(symbol.properties) if w not in known]
        if strange:
            raise unsupported(f"a function that is {strange[0]}")
        count = sum(_size(shape, frame) for shape in symbol.arguments or (Shape(),))
        outputs = _size(symbol.shape, frame)
        terms = tuple(self._polynomial(count, symbol.properties) for _ in range(outputs))
        shape: Callable[[list[Scalar]], Value] | None = None
        if symbol.shape.axes:
            template = tensors.zeros(*axes_at(symbol.shape, frame))
            shape = template.refill
        if positive or symbol.properties & {"positive", "nonnegative"}:
            self._needs_no_shape(symbol)
            return FunctionValue(symbol.name, terms, "positive", shape=shape)
        domain = symbol.domain
        if domain.kind == "real":
            return FunctionValue(symbol.name, terms, shape=shape)
        if domain.kind != "interval":
            raise unsupported("a function with integer values")
        self._needs_no_shape(symbol)
        low = rational_near(None if domain.low is None else frame.value(domain.low, {}))
        high = rational_near(None if domain.high is None else frame.value(domain.high, {}))
        if low is not None and high is not None:
            return FunctionValue(symbol.name, terms, "between", low, high, shape)
        if low is None or low != 0:
            raise unsupported("a function with a bound")
        return FunctionValue(symbol.name, terms, "positive", shape=shape)

    def peak(self, symbol: Symbol, frame: Frame, form: str, positive: bool) -> FunctionValue:
        """An unknown function with one extreme point: e^q (`bump`), e^−q (`pit`), or ±q, for a concave quadratic q."""
        words = set(properties.restricting(symbol.properties)) - {"positive", "nonnegative", "concave", "convex"}
        steep = form in ("bump", "pit")
        bounded = symbol.domain.kind != "real" or positive or bool(symbol.properties & {"positive", "nonnegative"})
        if words or symbol.properties & ({"concave", "convex"} - {form}) or (bounded and not steep):
            return self.function(symbol, frame, positive)
        if symbol.domain.kind not in ("real", "interval"):
            raise unsupported("a function with integer values")
        low = rational_near(None if symbol.domain.low is None else frame.value(symbol.domain.low, {}))
        high = rational_near(None if symbol.domain.high is None else frame.value(symbol.domain.high, {}))
        if (low is not None and low != 0) or high is not None:
            return self.function(symbol, frame, positive)
        count = sum(_size(shape, frame) for shape in symbol.arguments or (Shape(),))
        terms: dict[Index, fmpq] = {}
        for k in range(count):
            unit = tuple(1 if i == k else 0 for i in range(count))
            sharp, slope = -fmpq(1, self.rng.choice((1, 2))), fmpq(self.rng.randint(-2, 2))
            terms[tuple(2 * x for x in unit)] = -sharp if form in ("convex", "pit") else sharp
            if slope != 0:
                terms[unit] = slope
        ordered = tuple(sorted(terms.items()))
        return FunctionValue(symbol.name, (ordered,), "bump" if steep else "plain")

    @staticmethod
    def _needs_no_shape(symbol: Symbol) -> None:
        if symbol.properties & {"convex", "concave", "increasing", "decreasing"}:
            raise unsupported("a bounded function that is convex or monotone")

    def _polynomial(self, count: int, words: frozenset[str]) -> tuple[tuple[Index, fmpq], ...]:
        """Coefficients by exponents: a cubic in one variable, a quadratic with one cubic term in several."""
        terms: dict[Index, fmpq] = {(0,) * count: self.number()}
        unit = [tuple(1 if i == k else 0 for i in range(count)) for k in range(count)]

        def put(exponents: Index, coefficient: fmpq) -> None:
            if coefficient != 0:
                terms[exponents] = coefficient

        curved = words & {"convex", "concave"}
        monotone = words & {"increasing", "decreasing"}
        sign = -1 if words & {"concave"} else 1
        if curved and monotone:
            slope = -1 if "decreasing" in words else 1
            for e in unit:
                put(e, slope * self.positive())
            return tuple(sorted(terms.items()))
        if curved:
            for e in unit:
                put(e, self.number())
                put(tuple(2 * k for k in e), sign * self.positive())
            return tuple(sorted(terms.items()))
        if monotone:
            slope = -1 if "decreasing" in words else 1
            for e in unit:
                put(e, slope * self.positive())
                put(tuple(3 * k for k in e), slope * self.positive())
            return tuple(sorted(terms.items()))
        for k, e in enumerate(unit):
            put(e, self.number())
            put(tuple(2 * x for x in e), self.number())
            for other in unit[:k]:
                put(tuple(a + b for a, b in zip(e, other, strict=True)), self.number())
        if unit:
            e = unit[self.rng.randrange(count)]
            put(tuple(3 * x for x in e), self.number())
        return tuple(sorted(terms.items()))


def axes_at(shape: Shape, frame: Frame) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """Concrete sizes of the axes of a shape, and which are 1 by declaration."""
    from derive.numeric.evaluate import axes_of

    return axes_of(shape, {}, frame)


def _size(shape: Shape, frame: Frame) -> int:
    size = 1
    for s in axes_at(shape, frame)[0]:
        size *= s
    return size


def rational_near(x: Scalar | None) -> fmpq | None:
    """A rational within an interval; whether it lies in the domain is tested afterwards."""
    if x is None or type(x) is fmpq:
        return x
    man, power = x.mid().man_exp()
    return fmpq(man) * fmpq(2) ** int(power)
