"""Scalars of the numeric route: exact rationals, certified intervals, and dual numbers over either.

Values stay rational (`fmpq`) as long as they can and become `arb` intervals where a root or a transcendental function
makes them irrational. A `Dual` carries first derivatives along several directions; its tag says which derivative it
belongs to, so duals nest for higher derivatives (Siskind & Pearlmutter, "Perturbation confusion", 2005). A question
that an interval cannot answer raises `NoValue`; nothing is ever rounded to an answer. No complex numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Literal

from flint import acb, arb, fmpq, fmpz

Kind = Literal["undefined", "undecidable", "unsupported"]
Scalar = Any
"""`fmpq`, `arb` or `Dual`; flint's types have no stubs."""

ZERO, ONE, TWO = fmpq(0), fmpq(1), fmpq(2)
_LARGEST_POWER_BITS = 200_000
_LARGEST_FACTORIAL = 5_000


class NoValue(Exception):
    """Leaves an evaluation that has no certain value; turned into a value by `evaluate`."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.reason = reason


def undefined(reason: str) -> NoValue:
    """The term has no value here."""
    return NoValue("undefined", reason)


def undecidable(reason: str = "precision") -> NoValue:
    """An interval is too wide to tell; more precision may help."""
    return NoValue("undecidable", reason)


def unsupported(reason: str) -> NoValue:
    """There is no numeric form."""
    return NoValue("unsupported", reason)


_tags = count(1)


def fresh_tag() -> int:
    """A tag for one derivative, larger than every tag before it."""
    return next(_tags)


class Dual:
    """`re + Σ eps[k]·ε_k` with ε_j ε_k = 0; `re` and `eps` hold rationals, intervals or duals of smaller tags.

    A number that does not depend on the directions of a tag is no dual of that tag; one that does stays dual even where
    its derivatives vanish, so that a kink is never mistaken for a constant.
    """

    __slots__ = ("eps", "re", "tag")

    def __init__(self, tag: int, re: Scalar, eps: tuple[Scalar, ...]) -> None:
        self.tag = tag
        self.re = re
        self.eps = eps

    def __add__(self, other: Scalar) -> Scalar:
        if type(other) is Dual:
            if other.tag == self.tag:
                return Dual(
                    self.tag, self.re + other.re, tuple(a + b for a, b in zip(self.eps, other.eps, strict=True))
                )
            if other.tag > self.tag:
                return Dual(other.tag, self + other.re, other.eps)
        return Dual(self.tag, self.re + other, self.eps)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(self.tag, -self.re, tuple(-a for a in self.eps))

    def __sub__(self, other: Scalar) -> Scalar:
        return self + (-other)

    def __rsub__(self, other: Scalar) -> Scalar:
        return (-self) + other

    def __mul__(self, other: Scalar) -> Scalar:
        if type(other) is Dual:
            if other.tag == self.tag:
                a, b = self.re, other.re
                eps = tuple(x * b + a * y for x, y in zip(self.eps, other.eps, strict=True))
                return Dual(self.tag, a * b, eps)
            if other.tag > self.tag:
                return Dual(other.tag, self * other.re, tuple(self * y for y in other.eps))
        return Dual(self.tag, self.re * other, tuple(x * other for x in self.eps))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"Dual({self.tag}, {self.re}, {self.eps})"


class FormalNumber:
    """A number that depends on variables without values (see `formal.py`), and what is asked of it here."""

    __slots__ = ()

    def __neg__(self) -> Scalar:
        raise unsupported("minus a formal variable")

    def sign(self) -> int:
        """The sign for all values of the variables."""
        raise unsupported("the sign of a formal variable")

    def exp(self) -> Scalar:
        """e to this."""
        raise unsupported("an exponential of a formal variable")

    def log(self) -> Scalar:
        """The logarithm."""
        raise unsupported("the logarithm of a formal variable")

    def reciprocal(self) -> Scalar:
        """One over this."""
        raise unsupported("a formal variable in a denominator")

    def power(self, k: fmpq) -> Scalar:
        """A power that is no integer."""
        raise unsupported("a root of a formal variable")


class ComplexBall(FormalNumber):
    """A complex ball under an integral sign (see `integral.py`); `analytic`: the value must be analytic on it."""

    __slots__ = ("analytic", "ball")

    def __init__(self, ball: acb, analytic: bool) -> None:
        self.ball = ball
        self.analytic = analytic

    def _with(self, ball: acb) -> ComplexBall:
        return ComplexBall(ball, self.analytic)

    def _other(self, value: Scalar) -> acb | None:
        if isinstance(value, ComplexBall):
            return value.ball
        if type(value) is int:
            return acb(value)
        return acb(interval(value)) if type(value) in (fmpq, arb) else None

    def __neg__(self) -> ComplexBall:
        return self._with(-self.ball)

    def __add__(self, value: Scalar) -> Scalar:
        other = self._other(value)
        return NotImplemented if other is None else self._with(self.ball + other)

    __radd__ = __add__

    def __sub__(self, value: Scalar) -> Scalar:
        other = self._other(value)
        return NotImplemented if other is None else self._with(self.ball - other)

    def __rsub__(self, value: Scalar) -> Scalar:
        other = self._other(value)
        return NotImplemented if other is None else self._with(other - self.ball)

    def __mul__(self, value: Scalar) -> Scalar:
        other = self._other(value)
        return NotImplemented if other is None else self._with(self.ball * other)

    __rmul__ = __mul__

    def smooth(self, name: str) -> ComplexBall:
        """A function that is analytic wherever it is finite."""
        return self._with(getattr(self.ball, name)())

    def exp(self) -> ComplexBall:
        """e to this."""
        return self.smooth("exp")

    def log(self) -> ComplexBall:
        """The logarithm, off its branch cut."""
        return self._with(self.ball.log(analytic=self.analytic))

    def reciprocal(self) -> ComplexBall:
        """One over this; not finite where the ball holds 0."""
        return self._with(1 / self.ball)

    def power(self, k: fmpq) -> ComplexBall:
        """A power that is no integer, off the branch cut."""
        return self._with((self.ball.log(analytic=self.analytic) * acb(arb(k))).exp())


def primal(x: Scalar) -> Scalar:
    """The number without its derivatives."""
    while type(x) is Dual:
        x = x.re
    return x


def depends(x: Scalar) -> bool:
    """Whether the number depends on a variable that is being differentiated by."""
    return type(x) is Dual


def certain_sign(x: Scalar) -> int:
    """−1, 0 or 1; `NoValue` where an interval straddles 0."""
    x = primal(x)
    if type(x) is fmpq:
        return 0 if x == 0 else 1 if x > 0 else -1
    if isinstance(x, FormalNumber):
        return x.sign()
    if x > 0:
        return 1
    if x < 0:
        return -1
    if x.is_zero():
        return 0
    raise undecidable("an interval contains 0")


def order(a: Scalar, b: Scalar) -> int:
    """The sign of a − b. Equal numbers that are being differentiated stand at a kink: undefined."""
    sign = certain_sign(primal(a) - primal(b))
    if sign == 0 and (type(a) is Dual or type(b) is Dual):
        raise undefined("not differentiable at this point")
    return sign


def same(a: Scalar, b: Scalar) -> bool:
    """Whether two numbers are certainly equal (True) or certainly different (False)."""
    return order(a, b) == 0


def integer_of(x: Scalar) -> int:
    """The integer that a number is; used for indices, exponents and ends of ranges."""
    if type(x) is fmpq and x.q == 1:
        return int(x.p)
    if type(x) is Dual:
        raise unsupported("derivative with respect to an integer")
    raise undefined("an integer is needed") if type(x) is fmpq else undecidable("an integer is needed")


def interval(x: Scalar) -> Scalar:
    """A rational as an interval; intervals as they are."""
    return arb(x) if type(x) is fmpq else x


def divide(a: Scalar, b: Scalar) -> Scalar:
    """a / b; undefined where b is 0."""
    return a * reciprocal(b)


def reciprocal(b: Scalar) -> Scalar:
    """1 / b; undefined where b is 0."""
    if type(b) is fmpq:
        if b == 0:
            raise undefined("division by 0")
        return 1 / b
    if type(b) is Dual:
        inverse = reciprocal(b.re)
        return _chain(b, inverse, lambda: -inverse * inverse)
    if isinstance(b, FormalNumber):
        return b.reciprocal()
    if b.contains(0):
        raise undefined("division by 0") if b.is_zero() else undecidable("a divisor may be 0")
    return 1 / b


def _chain(x: Dual, value: Scalar, slope: Callable[[], Scalar]) -> Dual:
    factor = slope()
    return Dual(x.tag, value, tuple(factor * e for e in x.eps))


def exp(x: Scalar) -> Scalar:
    """e^x."""
    if type(x) is fmpq:
        return ONE if x == 0 else arb(x).exp()
    if type(x) is Dual:
        value = exp(x.re)
        return _chain(x, value, lambda: value)
    return x.exp()


def log(x: Scalar) -> Scalar:
    """Natural logarithm; undefined unless x > 0."""
    if type(x) is Dual:
        return _chain(x, log(x.re), lambda: reciprocal(x.re))
    if isinstance(x, ComplexBall):
        return x.log()
    if certain_sign(x) <= 0:
        raise undefined("logarithm of a number that is not positive")
    if type(x) is fmpq:
        return ZERO if x == 1 else arb(x).log()
    return x.log()


def _exact_root(x: fmpq, degree: int) -> fmpq | None:
    """The rational root of a positive rational, None where it is irrational."""
    parts = []
    for part in (x.p, x.q):
        root = fmpz(part).root(degree)
        if root**degree != part:
            return None
        parts.append(root)
    return fmpq(parts[0], parts[1])


def sqrt(x: Scalar) -> Scalar:
    """Square root; undefined for negative numbers, and its derivative at 0."""
    if type(x) is Dual:
        value = sqrt(x.re)
        if certain_sign(x.re) == 0:
            raise undefined("a root is not differentiable at 0")
        return _chain(x, value, lambda: reciprocal(TWO * value))
    if isinstance(x, ComplexBall):
        return x.power(fmpq(1, 2))
    sign = certain_sign(x)
    if sign < 0:
        raise undefined("root of a negative number")
    if sign == 0:
        return ZERO
    if type(x) is fmpq:
        exact = _exact_root(x, 2)
        return arb(x).sqrt() if exact is None else exact
    return x.power(fmpq(1, 2)) if isinstance(x, FormalNumber) else x.sqrt()


def absolute(x: Scalar) -> Scalar:
    """|x|; its derivative at 0 is undefined."""
    if type(x) is Dual or isinstance(x, FormalNumber):
        return x if order(x, ZERO) > 0 else -x
    return abs(x)


def sign_of(x: Scalar) -> Scalar:
    """The sign, 0 at 0; its derivative at 0 is undefined."""
    return fmpq(order(x, ZERO))


def _smooth(name: str, at_zero: fmpq, slope: Callable[[Scalar, Scalar], Scalar]) -> Callable[[Scalar], Scalar]:
    def function(x: Scalar) -> Scalar:
        if type(x) is Dual:
            value = function(x.re)
            return _chain(x, value, lambda: slope(x.re, value))
        if type(x) is fmpq:
            if x == 0:
                return at_zero
            x = arb(x)
        if isinstance(x, ComplexBall):
            if name == "atan":
                raise unsupported("an inverse tangent under an integral")
            return x.smooth(name)
        if isinstance(x, FormalNumber):
            raise unsupported(f"{name} of a formal variable")
        return getattr(x, name)()

    return function


_Function = Callable[[Scalar], Scalar]
sin: _Function = _smooth("sin", ZERO, lambda x, v: cos(x))
cos: _Function = _smooth("cos", ONE, lambda x, v: -sin(x))
sinh: _Function = _smooth("sinh", ZERO, lambda x, v: cosh(x))
cosh: _Function = _smooth("cosh", ONE, lambda x, v: sinh(x))
tanh: _Function = _smooth("tanh", ZERO, lambda x, v: 1 - v * v)
arctan: _Function = _smooth("atan", ZERO, lambda x, v: reciprocal(1 + x * x))


def tan(x: Scalar) -> Scalar:
    """Tangent; undecidable near its poles."""
    return divide(sin(x), cos(x))


def factorial(x: Scalar) -> Scalar:
    """n! of a natural number; undefined elsewhere."""
    n = integer_of(x)
    if n < 0:
        raise undefined("factorial of a negative number")
    if n > _LARGEST_FACTORIAL:
        raise unsupported("a factorial too large")
    return fmpq(fmpz.fac_ui(fmpz(n)))


def binomial(a: Scalar, b: Scalar) -> Scalar:
    """a(a−1)…(a−k+1)/k! for a natural k; 0 for a negative integer k."""
    k = integer_of(b)
    if k < 0:
        return ZERO
    if k > _LARGEST_FACTORIAL:
        raise unsupported("a binomial coefficient too large")
    result: Scalar = ONE
    for i in range(k):
        result = result * (a - i) * fmpq(1, i + 1)
    return result


def integer_power(x: Scalar, k: int) -> Scalar:
    """x^k for an integer k, with x^0 = 1."""
    if k < 0:
        return reciprocal(integer_power(x, -k))
    if type(x) is Dual:
        if k == 0:
            return Dual(x.tag, ONE, tuple(ZERO * e for e in x.eps))
        below = integer_power(x.re, k - 1)
        return _chain(x, below * x.re, lambda: fmpq(k) * below)
    if type(x) is fmpq and k > 1 and int(x.height_bits()) * k > _LARGEST_POWER_BITS:
        return arb(x) ** k
    if isinstance(x, ComplexBall):
        return ComplexBall(x.ball**k, x.analytic)
    if isinstance(x, FormalNumber):
        if k > 12:
            raise unsupported("a power too large")
        product: Scalar = ONE
        for _ in range(k):
            product = x * product
        return product
    if k > 10**9:
        raise unsupported("a power too large")
    return x**k if k else ONE


def power(x: Scalar, y: Scalar) -> Scalar:
    """x^y in the reals; 0^0 and negative numbers to a power that is no integer are undefined."""
    if type(y) is fmpq and y.q == 1:
        k = int(y.p)
        if k == 0 and isinstance(x, FormalNumber):
            return ONE
        if isinstance(x, ComplexBall):
            return integer_power(x, k)
        if k <= 0 and certain_sign(x) == 0:
            raise undefined("0 to a power that is not positive")
        return integer_power(x, k)
    if type(y) is fmpq:
        return _rational_power(x, y)
    if not isinstance(x, ComplexBall) and certain_sign(x) <= 0:
        raise undefined("a power of a number that is not positive")
    return exp(y * log(x))


def _rational_power(x: Scalar, y: fmpq) -> Scalar:
    if type(x) is Dual:
        if certain_sign(x.re) == 0:
            raise undefined("a root is not differentiable at 0")
        return _chain(x, _rational_power(x.re, y), lambda: y * _rational_power(x.re, y - 1))
    if isinstance(x, ComplexBall):
        return x.power(y)
    sign = certain_sign(x)
    if sign < 0:
        raise undefined("root of a negative number")
    if sign == 0:
        if y < 0:
            raise undefined("0 to a negative power")
        return ZERO
    if isinstance(x, FormalNumber):
        return x.power(y)
    if type(x) is fmpq:
        root = _exact_root(x, int(y.q))
        if root is not None:
            return integer_power(root, int(y.p))
    return interval(x) ** arb(y)


def largest(values: list[Scalar]) -> Scalar:
    """The largest of some numbers; undefined to differentiate where two are equal."""
    best = values[0]
    for value in values[1:]:
        if type(value) is arb and type(best) is arb:
            best = value.max(best)
        elif order(value, best) > 0:
            best = value
    return best


def smallest(values: list[Scalar]) -> Scalar:
    """The smallest of some numbers; undefined to differentiate where two are equal."""
    best = values[0]
    for value in values[1:]:
        if type(value) is arb and type(best) is arb:
            best = value.min(best)
        elif order(value, best) < 0:
            best = value
    return best


ELEMENTARY: dict[str, Callable[[Scalar], Scalar]] = {
    "exp": exp,
    "log": log,
    "sqrt": sqrt,
    "abs": absolute,
    "sign": sign_of,
    "sin": sin,
    "cos": cos,
    "tan": tan,
    "arctan": arctan,
    "sinh": sinh,
    "cosh": cosh,
    "tanh": tanh,
    "factorial": factorial,
}
