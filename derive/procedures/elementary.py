"""Elementary functions as exact fractions of polynomials over kernels.

A `Field` lowers scalar terms to fractions over ℚ whose variables are kernels: free atoms, `exp` of a primitive
argument, `log` of a positive factor, roots, `sin`, `cos`, `arctan` and π. A difference that lowers to 0 is 0 wherever
both sides have a value; the converse is never used as evidence, values that differ are told apart by Arb enclosures.
Signs come from bounds of the kernels (substitute lower + t with t ≥ 0 and read off coefficients), never from
sampling.

It cannot lower tensors, binders over unknown functions (they become atoms), `abs`, `max` and `cases`: `piecewise`
splits those first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, lcm
from typing import Any

from derive.language.affine import affine_of
from derive.language.context import SCALAR, Context
from derive.language.term import Term, free_names, make, num, sym
from derive.procedures.expand import WHOLE, OutOfReach

Poly = Any  # flint.fmpq_mpoly; flint ships no complete annotations

SLOTS = 28
_MAX_POWER = 400


class _Rescale(Exception):
    """An exponential with a finer fraction than its kernel holds: lower again from the start."""


class SignUnknown(OutOfReach):
    """The sign of a formula decides how another is lowered (`√(u²)`)."""

    def __init__(self, term: Term) -> None:
        super().__init__("the root of a square whose sign is not known")
        self.term = term


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a kernel: rational ends (None: none) and whether they are excluded."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Kernel:
    """A variable of the polynomials. `argument` is what the function is applied to, `order` that of a root."""

    kind: str  # atom, exp, log, root, sin, cos, arctan, pi
    term: Term | None = None
    argument: Elem | None = None
    order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Elem:
    """A fraction of kernel polynomials in lowest terms, with the field it belongs to."""

    field: Field
    num: Poly
    den: Poly

    def __add__(self, other: Elem | int | Fraction) -> Elem:
        o = self.field.lift(other)
        if self.den == o.den:
            return self.field.fraction(self.num + o.num, self.den)
        return self.field.fraction(self.num * o.den + o.num * self.den, self.den * o.den)

    def __sub__(self, other: Elem | int | Fraction) -> Elem:
        return self + (-self.field.lift(other))

    def __neg__(self) -> Elem:
        return Elem(self.field, -self.num, self.den)

    def __mul__(self, other: Elem | int | Fraction) -> Elem:
        o = self.field.lift(other)
        return self.field.fraction(self.num * o.num, self.den * o.den)

    def __truediv__(self, other: Elem | int | Fraction) -> Elem:
        o = self.field.lift(other)
        if o.is_zero:
            raise OutOfReach("a division by zero")
        return self.field.fraction(self.num * o.den, self.den * o.num)

    def power(self, exponent: int) -> Elem:
        """An integer power."""
        if exponent < 0:
            return (self.field.lift(1) / self).power(-exponent)
        if exponent > _MAX_POWER:
            raise OutOfReach("a very high power")
        return self.field.fraction(self.num**exponent, self.den**exponent)

    @property
    def is_zero(self) -> bool:
        """Whether this is 0 wherever it has a value."""
        return bool(self.num == 0)

    @property
    def rational(self) -> Fraction | None:
        """The rational number that this is, if it is one."""
        if not self.num.is_constant() or not self.den.is_constant():
            return None
        return constant_of(self.num) / constant_of(self.den)

    @property
    def key(self) -> str:
        """Equal for equal fractions."""
        return f"{self.num} // {self.den}"

    def used(self) -> frozenset[int]:
        """The kernels that occur, those inside arguments included."""
        return self.field.closure(self.num) | self.field.closure(self.den)

    def has(self, kernel: int) -> bool:
        """Whether a kernel occurs, inside arguments too."""
        return kernel in self.used()

    def same(self, other: Elem) -> bool:
        """Whether the difference lowers to 0."""
        return (self - other).is_zero


def monomials(poly: Poly) -> list[tuple[tuple[int, ...], Any]]:
    """The exponents and coefficients of a polynomial."""
    return [(tuple(int(e) for e in exponents), c) for exponents, c in poly.terms()]


def constant_of(poly: Poly) -> Fraction:
    """The rational value of a constant polynomial."""
    for _, c in monomials(poly):
        return Fraction(int(c.p), int(c.q))
    return Fraction(0)


def to_fraction(value: Any) -> Fraction:
    """A flint rational as a Python fraction."""
    return Fraction(int(value.p), int(value.q))


class Field:
    """Kernels in use, and what is assumed of the atoms (`hypotheses`: scalar relations taken as true)."""

    def __init__(self, context: Context, hypotheses: Sequence[Term] = ()) -> None:
        from flint import fmpq, fmpq_mpoly_ctx

        self.context = context
        self.hypotheses = tuple(hypotheses)
        self._rational = fmpq
        self.ring = fmpq_mpoly_ctx.get(("k", SLOTS), "lex")
        self.gens = self.ring.gens()
        self.scale: dict[str, int] = {}
        self.settled = False
        self.reset()

    def reset(self) -> None:
        """Forget the kernels."""
        self.kernels: list[Kernel] = []
        self.slots: dict[tuple[str, ...], int] = {}
        self.relations: dict[int, tuple[int, Poly]] = {}
        self.within: dict[int, frozenset[int]] = {}
        self._bounds: dict[int, Bounds] = {}
        self._facts: list[tuple[Elem, bool]] | None = None
        self._busy = False

    # building

    def constant(self, value: int | Fraction) -> Poly:
        """A rational number as a polynomial."""
        value = Fraction(value)
        return self.ring.constant(self._rational(value.numerator, value.denominator))

    def lift(self, value: Elem | int | Fraction) -> Elem:
        """A rational number as an element."""
        if isinstance(value, Elem):
            return value
        return Elem(self, self.constant(value), self.constant(1))

    def fraction(self, top: Poly, bottom: Poly) -> Elem:
        """A fraction in lowest terms, with the algebraic relations of roots and sines used."""
        top, bottom = self._reduce(top), self._reduce(bottom)
        if bottom == 0:
            raise OutOfReach("a division by zero")
        if top == 0:
            return Elem(self, top, self.constant(1))
        if not bottom.is_constant():
            common = top.gcd(bottom)
            if not common.is_constant():
                top, bottom = top / common, bottom / common
            below = monomials(bottom)
            if len(below) == 1:
                for i, power in enumerate(below[0][0]):
                    if power and i in self.relations and self.kernels[i].kind == "root":
                        order = self.relations[i][0]
                        raised = self.gens[i] ** (order - power)
                        return self.fraction(top * raised, bottom * raised)
        lead = bottom.leading_coefficient()
        if lead != 1:
            top, bottom = top / lead, bottom / lead
        return Elem(self, top, bottom)

    def _reduce(self, poly: Poly) -> Poly:
        for _ in range(200):
            degrees = poly.degrees() if self.relations and poly != 0 else ()
            over = [i for i, (order, _) in self.relations.items() if degrees and degrees[i] >= order]
            if not over:
                return poly
            i = over[-1]
            order, value = self.relations[i]
            result = self.constant(0)
            for monomial, c in monomials(poly):
                times, rest = divmod(monomial[i], order)
                kept = tuple(rest if j == i else e for j, e in enumerate(monomial))
                part = self.ring.from_dict({kept: c})
                result = result + (part * value**times if times else part)
            poly = result
        raise OutOfReach("too many nested roots")

    def kernel(self, key: tuple[str, ...], kernel: Kernel) -> int:
        """The slot of a kernel, made when it is new."""
        slot = self.slots.get(key)
        if slot is None:
            slot = len(self.kernels)
            if slot >= SLOTS:
                raise OutOfReach("too many different functions in one formula")
            inner = kernel.argument.used() if kernel.argument is not None else frozenset()
            self.kernels.append(kernel)
            self.slots[key] = slot
            self.within[slot] = inner | {slot}
        return slot

    def generator(self, slot: int) -> Elem:
        """A kernel as an element."""
        return Elem(self, self.gens[slot], self.constant(1))

    def atom(self, term: Term) -> Elem:
        """A term taken as it stands; it depends on every scalar in it."""
        key = ("atom", repr(_bare(term)))
        known = key in self.slots
        slot = self.kernel(key, Kernel("atom", term))
        if not known and term.head != "sym":
            for name in sorted(free_names(term)):
                symbol = self.context.symbols.get(name)
                if symbol is None or (symbol.role != "function" and symbol.bare_shape == SCALAR):
                    self.within[slot] = self.within[slot] | self.atom(sym(name)).used()
        return self.generator(slot)

    def closure(self, poly: Poly) -> frozenset[int]:
        """Kernels of a polynomial and of their arguments."""
        result: frozenset[int] = frozenset()
        if poly != 0:
            for i, degree in enumerate(poly.degrees()):
                if degree:
                    result |= self.within[i]
        return result

    def direct(self, poly: Poly) -> list[int]:
        """Kernels that occur in a polynomial itself."""
        return [i for i, degree in enumerate(poly.degrees()) if degree] if poly != 0 else []

    # terms

    def lower(self, *terms: Term) -> list[Elem]:
        """Terms as elements over shared kernels. Earlier elements of this field may become invalid; lower together."""
        for _ in range(6):
            self.reset()
            try:
                result = [self._lower(t) for t in terms]
            except _Rescale:
                continue
            self.settled = True
            return result
        raise OutOfReach("exponentials of many different fractions")

    def more(self, term: Term) -> Elem:
        """One more term over the kernels in use."""
        return self._lower(term)

    def _lower(self, term: Term) -> Elem:
        head, args = term.head, term.args
        if head == "num":
            return self.lift(term.value)
        if head == "sym":
            self._check_scalar(term)
            return self.atom(term)
        if head == "pi":
            return self.generator(self.kernel(("pi",), Kernel("pi")))
        if head == "add":
            total = self._lower(args[0])
            for a in args[1:]:
                total = total + self._lower(a)
            return total
        if head == "neg":
            return -self._lower(args[0])
        if head == "mul":
            product = self._lower(args[0])
            for a in args[1:]:
                product = product * self._lower(a)
            return product
        if head == "div":
            return self._lower(args[0]) / self._lower(args[1])
        if head == "pow":
            return self._power(args[0], args[1])
        if head == "exp":
            return self.exp(self._lower(args[0]))
        if head == "log":
            return self.log(self._lower(args[0]))
        if head == "sqrt":
            return self.root(self._lower(args[0]), Fraction(1, 2))
        if head in ("sinh", "cosh", "tanh"):
            up = self.exp(self._lower(args[0]))
            down = self.lift(1) / up
            if head == "sinh":
                return (up - down) * Fraction(1, 2)
            if head == "cosh":
                return (up + down) * Fraction(1, 2)
            return (up - down) / (up + down)
        if head == "sin":
            return self.sin(self._lower(args[0]))
        if head == "cos":
            return self.cos(self._lower(args[0]))
        if head == "tan":
            inner = self._lower(args[0])
            return self.sin(inner) / self.cos(inner)
        if head == "arctan":
            return self.arctan(self._lower(args[0]))
        if head == "factorial" and args[0].head == "num" and args[0].value.denominator == 1 and 0 <= args[0].value < 60:
            return self.lift(factorial(int(args[0].value)))
        if head == "call" or head == "dcall":
            lowered = [self._lower(a) for a in args]
            key = (head, repr(term.value), *(e.key for e in lowered))
            slot = self.slots.get(key)
            if slot is None:
                slot = self.kernel(key, Kernel("atom", term))
                for e in lowered:
                    self.within[slot] = self.within[slot] | e.used()
            return self.generator(slot)
        if head == "entry":
            if args[0].head != "sym" or any(affine_of(i) is None for i in args[1:]):
                raise OutOfReach("an entry of a tensor expression")
            return self.atom(term)
        if head in _OPAQUE:
            return self.atom(term)
        raise OutOfReach(f"`{head}` inside a scalar formula")

    def _check_scalar(self, term: Term) -> None:
        symbol = self.context.symbols.get(term.name)
        if symbol is not None and (symbol.bare_shape != SCALAR or symbol.role in ("function", "event", "set")):
            raise OutOfReach("a tensor inside a scalar formula")

    def _power(self, base: Term, exponent: Term) -> Elem:
        power = self._lower(exponent)
        value = power.rational
        low = self._lower(base)
        if value is not None:
            if value.denominator == 1:
                return low.power(int(value))
            return self.root(low, value)
        if self.positive(low):
            return self.exp(power * self.log(low))
        natural = self._natural_exponent(exponent)
        if natural is None:
            raise OutOfReach("a real power of what need not be positive")
        parts, constant = natural
        result = low.power(constant) if constant >= 0 else None
        if result is None:
            raise OutOfReach("a power whose exponent may be negative")
        for name, count in parts:
            slot = self.kernel(("power", low.key, name), Kernel("atom", make("pow", base, sym(name))))
            self.within[slot] = self.within[slot] | low.used() | self.atom(sym(name)).used()
            result = result * self.generator(slot).power(count)
        return result

    def _natural_exponent(self, exponent: Term) -> tuple[tuple[tuple[str, int], ...], int] | None:
        affine = affine_of(exponent)
        if affine is None:
            return None
        constant = affine.constant
        for name, count in affine.parts:
            symbol = self.context.symbols.get(name)
            if symbol is None or count < 0:
                return None
            natural = symbol.role == "size" or symbol.domain.kind == "natural"
            if not natural and symbol.role != "index":
                return None
        return affine.parts, constant

    # functions

    def exp(self, argument: Elem) -> Elem:
        """The exponential: one kernel per primitive piece of the argument."""
        result = self.lift(1)
        for monomial, c in monomials(argument.num):
            coefficient = to_fraction(c)
            slots = [i for i, e in enumerate(monomial) if e]
            alone = len(slots) == 1 and monomial[slots[0]] == 1 and argument.den.is_constant()
            if alone and self.kernels[slots[0]].kind == "log":
                coefficient /= constant_of(argument.den)
                inner = self.kernels[slots[0]].argument
                assert inner is not None
                result = result * (
                    inner.power(int(coefficient)) if coefficient.denominator == 1 else self.root(inner, coefficient)
                )
                continue
            piece = self.fraction(self.ring.from_dict({monomial: self._rational(1)}), argument.den)
            lead = to_fraction(piece.num.leading_coefficient())
            piece = piece * (1 / lead)
            result = result * self._exp_piece(piece, coefficient * lead)
        return result

    def _exp_piece(self, piece: Elem, coefficient: Fraction) -> Elem:
        key = ("exp", piece.key)
        q = self.scale.get(piece.key, 1)
        if coefficient * q % 1 != 0:
            if not self.settled:
                self.scale[piece.key] = lcm(q, coefficient.denominator)
                if key in self.slots:
                    raise _Rescale
                q = self.scale[piece.key]
            else:
                if key in self.slots:
                    return self.root(self.generator(self.slots[key]), coefficient * q)
                q = self.scale[piece.key] = lcm(q, coefficient.denominator)
        slot = self.kernel(key, Kernel("exp", None, piece * Fraction(1, q)))
        return self.generator(slot).power(int(coefficient * q))

    def log(self, argument: Elem) -> Elem:
        """The logarithm of something positive, split over the factors whose sign is known."""
        if argument.is_zero:
            raise OutOfReach("the logarithm of zero")
        result = self.lift(0)
        unknown = self.lift(1)
        negative = False
        constant = Fraction(1)
        for poly, sign in ((argument.num, 1), (argument.den, -1)):
            content, factors = poly.factor()
            constant *= to_fraction(content) ** sign
            for factor, multiplicity in factors:
                power = int(multiplicity) * sign
                whole = Elem(self, factor, self.constant(1))
                slots = self.direct(factor)
                if len(slots) == 1 and factor == self.gens[slots[0]] and self.kernels[slots[0]].kind == "exp":
                    inner = self.kernels[slots[0]].argument
                    assert inner is not None
                    result = result + inner * power
                elif len(slots) == 1 and factor == self.gens[slots[0]] and self.kernels[slots[0]].kind == "root":
                    kernel = self.kernels[slots[0]]
                    assert kernel.argument is not None
                    result = result + self.log(kernel.argument) * Fraction(power, kernel.order)
                elif self.positive(whole):
                    result = result + self._log_kernel(whole) * power
                elif self.positive(-whole):
                    result = result + self._log_kernel(-whole) * power
                    negative ^= bool(power % 2)
                else:
                    unknown = unknown * whole.power(power)
        if (constant < 0) ^ negative:
            unknown = -unknown
        for part, sign in ((abs(constant.numerator), 1), (constant.denominator, -1)):
            result = result + self._log_integer(part) * sign
        value = unknown.rational
        if value is None:
            result = result + self._log_kernel(unknown)
        elif value != 1:
            raise OutOfReach("the logarithm of a negative number")
        return result

    def _log_kernel(self, argument: Elem) -> Elem:
        lead = to_fraction(argument.num.leading_coefficient())
        if abs(lead) != 1 and argument.den.is_constant():
            primitive = argument * (1 / abs(lead))
            return self._log_kernel(primitive) + self._log_rational(abs(lead))
        return self.generator(self.kernel(("log", argument.key), Kernel("log", None, argument)))

    def _log_rational(self, value: Fraction) -> Elem:
        return self._log_integer(value.numerator) - self._log_integer(value.denominator)

    def _log_integer(self, value: int) -> Elem:
        result = self.lift(0)
        for prime, power in _prime_factors(value):
            argument = self.lift(prime)
            result = result + self.generator(self.kernel(("log", argument.key), Kernel("log", None, argument))) * power
        return result

    def root(self, argument: Elem, exponent: Fraction) -> Elem:
        """A rational power of something that is not negative."""
        if argument.is_zero:
            if exponent > 0:
                return argument
            raise OutOfReach("a negative power of zero")
        order = exponent.denominator
        whole, rest = divmod(exponent.numerator, order)
        if whole:
            return argument.power(whole) * self.root(argument, Fraction(rest, order))
        if rest == 0:
            return self.lift(1)
        result = self.lift(1)
        unknown = self.lift(1)
        constant = Fraction(1)
        negative = False
        for poly, sign in ((argument.num, 1), (argument.den, -1)):
            content, factors = poly.factor()
            constant *= to_fraction(content) ** sign
            for factor, multiplicity in factors:
                power = int(multiplicity) * sign * rest
                element = Elem(self, factor, self.constant(1))
                if self.positive(-element):
                    negative ^= bool(int(multiplicity) % 2)
                    element = -element
                elif not self.positive(element):
                    if order == 2 and int(multiplicity) % 2 == 0 and not self.non_negative(element):
                        if self.non_negative(-element):
                            element = -element
                        else:
                            raise SignUnknown(self.term(element))
                    elif not self.non_negative(element):
                        unknown = unknown * element.power(int(multiplicity) * sign)
                        continue
                whole, part = divmod(power, order)
                result = result * element.power(whole)
                if part:
                    result = result * self._root_of_factor(element, order).power(part)
        if (constant < 0) ^ negative:
            unknown = -unknown
        for integer, sign in ((abs(constant.numerator), 1), (constant.denominator, -1)):
            for prime, multiplicity in _prime_factors(integer):
                whole, part = divmod(multiplicity * sign * rest, order)
                result = result * self.lift(prime).power(whole)
                if part:
                    result = result * self._root_kernel(self.lift(prime), order).power(part)
        value = unknown.rational
        if value is not None:
            if value < 0:
                raise OutOfReach("the root of a negative number")
            return result
        # √(N/D) = √(N·D^(q-1))/|D| would need the sign of D: keep the fraction as one radicand where it is a polynomial
        if not unknown.den.is_constant():
            raise OutOfReach("the root of a fraction whose sign is not known")
        return result * self._root_kernel(unknown, order).power(rest)

    def _root_of_factor(self, element: Elem, order: int) -> Elem:
        slots = self.direct(element.num)
        alone = len(slots) == 1 and element.num == self.gens[slots[0]]
        if alone and self.kernels[slots[0]].kind == "exp" and not self.settled:
            inner = self.kernels[slots[0]].argument
            assert inner is not None
            lead = to_fraction(inner.num.leading_coefficient())
            return self._exp_piece(inner * (1 / lead), lead / order)
        return self._root_kernel(element, order)

    def _root_kernel(self, argument: Elem, order: int) -> Elem:
        slot = self.kernel(("root", str(order), argument.key), Kernel("root", None, argument, order))
        if slot not in self.relations:
            self.relations[slot] = (order, argument.num / self.constant_den(argument))
        return self.generator(slot)

    def constant_den(self, argument: Elem) -> Any:
        """The denominator of a polynomial element, as a number."""
        value = constant_of(argument.den)
        return self._rational(value.numerator, value.denominator)

    def sin(self, argument: Elem) -> Elem:
        """The sine."""
        return self._circular(argument)[0]

    def cos(self, argument: Elem) -> Elem:
        """The cosine."""
        return self._circular(argument)[1]

    def _circular(self, argument: Elem) -> tuple[Elem, Elem]:
        """Sine and cosine, with the quarter turns of π taken out."""
        sine, cosine = self.lift(0), self.lift(1)
        if argument.is_zero:
            return sine, cosine
        if ("pi",) in self.slots and argument.den.is_constant():
            slot = self.slots[("pi",)]
            turn = tuple(int(i == slot) for i in range(SLOTS))
            for monomial, c in monomials(argument.num):
                if monomial == turn:
                    quarters = to_fraction(c) / constant_of(argument.den) * 2
                    whole = quarters.numerator // quarters.denominator
                    argument = argument - self.generator(slot) * Fraction(whole, 2)
                    start = ((0, 1), (1, 0), (0, -1), (-1, 0))[whole % 4]
                    sine, cosine = self.lift(start[0]), self.lift(start[1])
                    break
        if argument.is_zero:
            return sine, cosine
        flip = to_fraction(argument.num.leading_coefficient()) < 0
        base = -argument if flip else argument
        s = self.kernel(("sin", base.key), Kernel("sin", None, base))
        c = self.kernel(("cos", base.key), Kernel("cos", None, base))
        if s not in self.relations:
            self.relations[s] = (2, self.constant(1) - self.gens[c] ** 2)
        one = self.generator(s) * (-1 if flip else 1)
        two = self.generator(c)
        return sine * two + cosine * one, cosine * two - sine * one

    def arctan(self, argument: Elem) -> Elem:
        """The inverse tangent."""
        if argument.is_zero:
            return argument
        if to_fraction(argument.num.leading_coefficient()) < 0:
            return -self.arctan(-argument)
        if argument.rational == 1:
            return self._lower(make("pi")) * Fraction(1, 4)
        return self.generator(self.kernel(("arctan", argument.key), Kernel("arctan", None, argument)))

    # calculus and values

    def derivative(self, element: Elem, by: int) -> Elem:
        """The derivative by an atom."""
        slopes = {i: self._slope(i, by) for i in {*self.direct(element.num), *self.direct(element.den)}}

        def along(poly: Poly) -> Elem:
            total = self.lift(0)
            for i in self.direct(poly):
                if not slopes[i].is_zero:
                    total = total + slopes[i] * Elem(self, poly.derivative(i), self.constant(1))
            return total

        den = Elem(self, element.den, self.constant(1))
        if element.den.is_constant():
            return along(element.num) / den
        top = Elem(self, element.num, self.constant(1))
        return (along(element.num) * den - top * along(element.den)) / (den * den)

    def _slope(self, slot: int, by: int) -> Elem:
        kernel = self.kernels[slot]
        if slot == by:
            return self.lift(1)
        if by not in self.within[slot]:
            return self.lift(0)
        if kernel.argument is None:
            raise OutOfReach("the derivative of an unknown function")
        inner = self.derivative(kernel.argument, by)
        if inner.is_zero:
            return inner
        this = self.generator(slot)
        if kernel.kind == "exp":
            return this * inner
        if kernel.kind == "log":
            return inner / kernel.argument
        if kernel.kind == "root":
            return this * inner / (kernel.argument * kernel.order)
        if kernel.kind == "sin":
            return self.cos(kernel.argument) * inner
        if kernel.kind == "cos":
            return -self.sin(kernel.argument) * inner
        if kernel.kind == "arctan":
            return inner / (kernel.argument * kernel.argument + 1)
        raise OutOfReach("the derivative of an unknown function")

    def put(self, element: Elem, by: int, value: Elem) -> Elem:
        """The element with an atom replaced by a value; raises `OutOfReach` where it has no value there."""
        cache: dict[int, Elem] = {by: value}

        def kernel_value(slot: int) -> Elem:
            if slot in cache:
                return cache[slot]
            kernel = self.kernels[slot]
            if by not in self.within[slot]:
                result = self.generator(slot)
            elif kernel.argument is None:
                raise OutOfReach("the value of an unknown function")
            else:
                inner = value_of(kernel.argument)
                if kernel.kind == "root":
                    result = self.root(inner, Fraction(1, kernel.order))
                else:
                    result = {
                        "exp": self.exp,
                        "log": self.log,
                        "sin": self.sin,
                        "cos": self.cos,
                        "arctan": self.arctan,
                    }[kernel.kind](inner)
            cache[slot] = result
            return result

        def poly_value(poly: Poly) -> Elem:
            total = self.lift(0)
            for monomial, c in monomials(poly):
                part = self.lift(to_fraction(c))
                for i, e in enumerate(monomial):
                    if e:
                        part = part * kernel_value(i).power(e)
                total = total + part
            return total

        def value_of(inner: Elem) -> Elem:
            return poly_value(inner.num) / poly_value(inner.den)

        return value_of(element)

    def enclose(self, element: Elem, values: dict[int, Any]) -> Any:
        """An Arb enclosure, given enclosures of the atoms; not finite where the element may have no value."""
        from flint import arb

        cache = dict(values)

        def kernel_value(slot: int) -> Any:
            if slot not in cache:
                kernel = self.kernels[slot]
                if kernel.kind == "pi":
                    cache[slot] = arb.pi()
                elif kernel.argument is None:
                    raise OutOfReach("a value is missing")
                else:
                    inner = self.enclose(kernel.argument, cache)
                    if kernel.kind == "root":
                        # 0 itself is exact; what only touches 0 has no finite enclosure, which is all right
                        cache[slot] = inner.root(kernel.order) if inner > 0 or inner == 0 else arb.nan()
                    else:
                        name = "atan" if kernel.kind == "arctan" else kernel.kind
                        cache[slot] = getattr(inner, name)()
            return cache[slot]

        def poly_value(poly: Poly) -> Any:
            total = arb(0)
            for monomial, c in monomials(poly):
                part = arb(c)
                for i, e in enumerate(monomial):
                    if e:
                        part = part * kernel_value(i) ** e
                total = total + part
            return total

        top = poly_value(element.num)
        if element.den.is_constant():
            return top / arb(element.den.leading_coefficient())
        bottom = poly_value(element.den)
        return top / bottom

    # signs

    def constant_sign(self, element: Elem) -> int | None:
        """The sign of an element without atoms, by Arb; None where a thousand digits do not tell."""
        from flint import ctx

        if element.is_zero:
            return 0
        before = ctx.prec
        try:
            for bits in (64, 256, 1024, 3400):
                ctx.prec = bits
                value = self.enclose(element, {})
                if value > 0:
                    return 1
                if value < 0:
                    return -1
        finally:
            ctx.prec = before
        return None

    def is_constant(self, element: Elem) -> bool:
        """Whether no atom occurs."""
        return not any(self.kernels[i].kind == "atom" for i in element.used())

    def bounds(self, slot: int) -> Bounds:
        """Rational bounds of a kernel, from its kind and the hypotheses."""
        known = self._bounds.get(slot)
        if known is not None:
            return known
        kernel = self.kernels[slot]
        result = Bounds()
        if kernel.kind == "exp":
            result = Bounds(Fraction(0), None, True)
        elif kernel.kind == "root":
            assert kernel.argument is not None
            self._bounds[slot] = Bounds(Fraction(0))
            result = Bounds(Fraction(0), None, self.positive(kernel.argument))
        elif kernel.kind in ("sin", "cos"):
            result = Bounds(Fraction(-1), Fraction(1))
        elif kernel.kind == "pi":
            result = Bounds(Fraction(333, 106), Fraction(355, 113), True, True)
        elif kernel.kind in ("log", "arctan") and kernel.argument is not None and self.is_constant(kernel.argument):
            result = self._numeric_bounds(slot)
        elif kernel.kind == "log" and kernel.argument is not None:
            self._bounds[slot] = result
            if self.positive(kernel.argument - 1):
                result = Bounds(Fraction(0), None, True)
            elif self.positive(-(kernel.argument - 1)):
                result = Bounds(None, Fraction(0), False, True)
        elif kernel.kind == "atom" and kernel.term is not None:
            result = _atom_bounds(kernel.term, self.hypotheses)
            if kernel.term.head == "pow":
                base = self._lower(kernel.term.args[0])
                if self.positive(base):
                    result = Bounds(Fraction(0), None, True)
        self._bounds[slot] = result
        return result

    @contextmanager
    def assuming(self, bounds: dict[int, Bounds]) -> Iterator[None]:
        """Judge signs by these bounds of atoms alone, without the hypotheses."""
        saved = self._bounds, self.hypotheses, self._facts
        self._bounds, self.hypotheses, self._facts = dict(bounds), (), None
        try:
            yield
        finally:
            self._bounds, self.hypotheses, self._facts = saved

    def _numeric_bounds(self, slot: int) -> Bounds:
        value = self.enclose(self.generator(slot), {})
        if not value.is_finite():
            return Bounds()
        return Bounds(_dyadic(value.lower()), _dyadic(value.upper()), True, True)

    def positive(self, element: Elem) -> bool:
        """Whether the element is provably positive wherever it has a value."""
        return self._definite(element, strict=True)

    def non_negative(self, element: Elem) -> bool:
        """Whether the element is provably not negative wherever it has a value."""
        return self._definite(element, strict=False)

    def _definite(self, element: Elem, strict: bool) -> bool:
        if element.is_zero:
            return not strict
        value = element.rational
        if value is not None:
            return value > 0
        if self.is_constant(element):
            return self.constant_sign(element) == 1
        if self._from_bounds(element, strict):
            return True
        return self._from_facts(element, strict)

    def _from_bounds(self, element: Elem, strict: bool) -> bool:
        sign = 1
        for poly, need in ((element.num, strict), (element.den, False)):  # where there is a value, it is not 0
            content, factors = poly.factor() if not poly.is_constant() else (poly.leading_coefficient(), [])
            if content < 0:
                sign = -sign
            for factor, multiplicity in factors:
                if int(multiplicity) % 2 == 0 and not need:
                    continue
                if self._shift(factor, need):
                    continue
                if self._shift(-factor, need):
                    if int(multiplicity) % 2:
                        sign = -sign
                    continue
                return False
        return sign > 0

    def _shift(self, poly: Poly, strict: bool) -> bool:
        """Whether a polynomial is ≥ 0 (> 0) by its coefficients in distances from the kernels' bounds."""
        slots = self.direct(poly)
        choices: list[list[tuple[Fraction, int, bool] | None]] = []
        for slot in slots:
            b = self.bounds(slot)
            options: list[tuple[Fraction, int, bool] | None] = []
            if b.low is not None:
                options.append((b.low, 1, b.low_open))
            if b.high is not None:
                options.append((b.high, -1, b.high_open))
            choices.append(options or [None])
        from itertools import islice, product

        for choice in islice(product(*choices), 32):
            shifted = poly
            opens: dict[int, bool] = {}
            free: set[int] = set()
            for slot, option in zip(slots, choice, strict=True):
                if option is None:
                    free.add(slot)
                    continue
                start, direction, is_open = option
                opens[slot] = is_open
                if start or direction < 0:
                    images = list(self.gens)
                    images[slot] = self.constant(start) + direction * self.gens[slot]
                    shifted = shifted.compose(*images)
            good, definite = True, False
            for monomial, c in monomials(shifted):
                if c < 0 or any(monomial[i] % 2 for i in free):
                    good = False
                    break
                definite = definite or all(not e or opens.get(i, False) for i, e in enumerate(monomial))
            if good and (definite or not strict):
                return True
        return False

    def _from_facts(self, element: Elem, strict: bool) -> bool:
        """Whether the element is a positive multiple of a fact, or a fact plus something that is not negative."""
        if self._busy or not self.hypotheses:
            return False
        self._busy = True
        try:
            if self._facts is None:
                self._facts = []
                for hypothesis in self.hypotheses:
                    sides = order_sides(hypothesis)
                    if sides is None:
                        continue
                    try:
                        self._facts.append((self._lower(sides[0]) - self._lower(sides[1]), sides[2]))
                    except OutOfReach:
                        continue
            for fact, fact_strict in self._facts:
                if fact.is_zero:
                    continue
                if strict and not fact_strict:
                    rest = element - fact
                    if self._from_bounds(rest, True) and not rest.is_zero:
                        return True
                    continue
                ratio = element / fact
                # where a fact may be 0, the ratio must have a value there too, or it says nothing of the element
                known = fact_strict or self._from_bounds(Elem(self, ratio.den, self.constant(1)), True)
                if known and self._from_bounds(ratio, True):
                    return True
                rest = element - fact
                if self._from_bounds(rest, False):
                    return True
            return False
        except OutOfReach:
            return False
        finally:
            self._busy = False

    def vanishes(self, element: Elem) -> bool:
        """Whether the element is a nonzero multiple of one that the hypotheses equate to 0."""
        if element.is_zero:
            return True
        for hypothesis in self.hypotheses:
            if hypothesis.head == "eq":
                try:
                    fact = self._lower(hypothesis.args[0]) - self._lower(hypothesis.args[1])
                    if not fact.is_zero and (element / fact).den.is_constant():
                        return True
                except OutOfReach:
                    continue
        return False

    # back to terms

    def term(self, element: Elem) -> Term:
        """The element as a formula."""
        top, bottom = self._poly_term(element.num), self._poly_term(element.den)
        return top if bottom == num(1) else make("div", top, bottom)

    def _poly_term(self, poly: Poly) -> Term:
        parts: list[Term] = []
        for monomial, c in monomials(poly):
            value = to_fraction(c)
            factors: list[Term] = []
            for i, e in enumerate(monomial):
                if e:
                    base = self._kernel_term(i)
                    kernel = self.kernels[i]
                    if kernel.kind == "exp" and kernel.argument is not None and e != 1:
                        factors.append(make("exp", self.term(kernel.argument * e)))
                    else:
                        factors.append(base if e == 1 else make("pow", base, num(e)))
            size = abs(value)
            if size != 1 or not factors:
                factors.insert(0, num(size))
            part = factors[0] if len(factors) == 1 else make("mul", *factors)
            parts.append(make("neg", part) if value < 0 else part)
        if not parts:
            return num(0)
        return parts[0] if len(parts) == 1 else make("add", *parts)

    def _kernel_term(self, slot: int) -> Term:
        kernel = self.kernels[slot]
        if kernel.kind == "pi":
            return make("pi")
        if kernel.argument is None:
            assert kernel.term is not None
            return kernel.term
        inner = self.term(kernel.argument)
        if kernel.kind == "root":
            return make("sqrt", inner) if kernel.order == 2 else make("pow", inner, num(Fraction(1, kernel.order)))
        return make(kernel.kind, inner)


_OPAQUE = WHOLE | {"binomial", "factorial"}


def order_sides(statement: Term) -> tuple[Term, Term, bool] | None:
    """For an order relation: the larger side, the smaller side, whether they differ."""
    if statement.head in ("gt", "ge"):
        return statement.args[0], statement.args[1], statement.head == "gt"
    if statement.head in ("lt", "le"):
        return statement.args[1], statement.args[0], statement.head == "lt"
    return None


def rational_value(term: Term) -> Fraction | None:
    """The number that a formula of numbers spells, or None."""
    if term.head == "num":
        return Fraction(term.value)
    if term.head == "neg":
        inner = rational_value(term.args[0])
        return None if inner is None else -inner
    if term.head == "div":
        top, bottom = rational_value(term.args[0]), rational_value(term.args[1])
        return None if top is None or not bottom else top / bottom
    return None


def _atom_bounds(term: Term, hypotheses: Sequence[Term]) -> Bounds:
    low: Fraction | None = None
    high: Fraction | None = None
    low_open = high_open = False
    for hypothesis in hypotheses:
        sides = order_sides(hypothesis)
        if sides is None:
            continue
        large, small, strict = sides
        if large == term:
            value = rational_value(small)
            if value is not None and (low is None or value > low or (value == low and strict)):
                low, low_open = value, strict
        if small == term:
            value = rational_value(large)
            if value is not None and (high is None or value < high or (value == high and strict)):
                high, high_open = value, strict
    return Bounds(low, high, low_open, high_open)


def _bare(term: Term) -> Term:
    """The term without spans, so that equal terms print alike."""
    return Term(term.head, tuple(_bare(a) for a in term.args), term.value)


def _dyadic(value: Any) -> Fraction:
    mantissa, exponent = value.man_exp()
    power = int(exponent)
    return Fraction(int(mantissa) * 2**power) if power >= 0 else Fraction(int(mantissa), 2**-power)


def _prime_factors(value: int) -> list[tuple[int, int]]:
    from flint import fmpz

    return [(int(p), int(e)) for p, e in fmpz(value).factor()] if value > 1 else []
