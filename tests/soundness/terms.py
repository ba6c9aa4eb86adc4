"""Random terms of a given shape.

A `Writer` draws from a `random.Random` (Hypothesis' or Python's own), so that every term can be made again and shrinks
where Hypothesis draws. Divisors, arguments of logarithms and bases of real powers are positive by construction, and
every index stays within its axis. Nothing here knows what is equal to what.
"""

from __future__ import annotations

import random
from fractions import Fraction

from derive.language.term import Term, make, num, sym

from .worlds import World

Scope = tuple[tuple[Term, str], ...]
"""Index terms that may be used, each with the size whose axis it indexes."""

INDEX_NAMES = ("i", "j", "e", "h'", "w", "g'", "o", "o'", "i'", "j'", "e'", "w'")


def add(*parts: Term) -> Term:
    """The sum of some terms."""
    return parts[0] if len(parts) == 1 else make("add", *parts)


def mul(*parts: Term) -> Term:
    """The product of some terms."""
    return parts[0] if len(parts) == 1 else make("mul", *parts)


def neg(part: Term) -> Term:
    """Minus a term."""
    return make("neg", part)


def power(base: Term, exponent: int | Fraction) -> Term:
    """A rational power."""
    return make("pow", base, num(exponent) if exponent >= 0 else neg(num(-exponent)))


def total(index: str, size: str, body: Term) -> Term:
    """Σ over 1 … size."""
    return make("sum", sym(index), num(1), sym(size), body)


class Writer:
    """Makes random terms in a world."""

    def __init__(self, rng: random.Random, world: World) -> None:
        self.rng = rng
        self.world = world
        self.count = 0

    def _pick(self, options):
        return options[self.rng.randrange(len(options))]

    def fresh(self) -> str:
        """An index name that was not used yet."""
        name = INDEX_NAMES[self.count % len(INDEX_NAMES)] + "'" * (self.count // len(INDEX_NAMES))
        self.count += 1
        return name

    def size(self) -> str:
        """A size, the first more often."""
        return self._pick((*self.world.sizes, self.world.sizes[0]))

    def number(self) -> Term:
        """A small rational number other than 0."""
        return self._pick(
            (num(1), num(2), num(3), neg(num(1)), make("div", num(1), num(2)), make("div", num(2), num(3)))
        )

    def index(self, size: str, scope: Scope) -> Term | None:
        """An index of an axis, None where there is none."""
        options = [i for i, s in scope if s == size] * 3 + [sym(i) for i, s in self.world.indices if s == size]
        return self._pick(options) if options else None

    # scalars

    def scalar(self, depth: int, scope: Scope = ()) -> Term:
        """A number."""
        if depth <= 0:
            return self._leaf(scope)
        forms = (self._add, self._mul, self._mul, self._sum, self._sum, self._tensor_scalar, self._tensor_scalar)
        forms += (
            self._power,
            self._function,
            self._quotient,
            self._derivative,
            self._entry,
            self._odd_sum,
            self._leaf_of,
        )
        if self.world.random:
            forms += (self._moment, self._moment)
        return self._pick(forms)(depth, scope)

    def _leaf_of(self, depth: int, scope: Scope) -> Term:
        return self._leaf(scope)

    def _leaf(self, scope: Scope) -> Term:
        kind = self.rng.randrange(8)
        if kind == 0:
            return self.number()
        if kind == 1:
            return sym(self._pick(self.world.scalars + self.world.positive))
        if kind == 2:
            return sym(self._pick((*self.world.positive, *self.world.sizes)))
        if kind == 3 and len(scope) > 1:
            one, size = self._pick(scope)
            other = self.index(size, scope)
            if other is not None:
                return make("delta", one, other)
        return self._member(scope)

    def _member(self, scope: Scope) -> Term:
        """An entry of a symbol at indices in scope."""
        size = self.size()
        i = self.index(size, scope)
        if i is None:
            return sym(self._pick(self.world.scalars))
        kind = self.rng.randrange(3)
        if kind == 0:
            other = self.size()
            j = self.index(other, scope)
            names = self.world.matrices.get((size, other), ())
            if j is not None and names:
                return make("entry", sym(self._pick(names)), i, j)
        if kind == 1 and self.world.positive_members.get(size):
            return make("entry", sym(self._pick(self.world.positive_members[size])), i)
        return make("entry", sym(self._pick(self.world.vectors[size] + self.world.members.get(size, ()))), i)

    def _add(self, depth: int, scope: Scope) -> Term:
        parts = [self.scalar(depth - 1 - self.rng.randrange(2), scope) for _ in range(self.rng.randint(2, 3))]
        if self.rng.randrange(3) == 0:
            parts[-1] = neg(parts[-1])
        return add(*parts)

    def _mul(self, depth: int, scope: Scope) -> Term:
        return mul(*(self.scalar(depth - 1 - self.rng.randrange(2), scope) for _ in range(2)))

    def _sum(self, depth: int, scope: Scope) -> Term:
        size, i = self.size(), self.fresh()
        return total(i, size, self.scalar(depth - 1, (*scope, (sym(i), size))))

    def _odd_sum(self, depth: int, scope: Scope) -> Term:
        """A sum over a range that is not a whole axis."""
        size, i = self.size(), self.fresh()
        one, last = sym(i), sym(size)
        kind = self.rng.randrange(5)
        outer = [t for t, s in scope if s == size and t.head == "sym"]
        if kind == 0:
            both: Scope = ((one, size), (add(one, num(1)), size))
            return make("sum", one, num(1), add(last, neg(num(1))), self.scalar(depth - 1, scope + both))
        if kind == 1:
            inner: Scope = ((add(one, num(1)), size),)
            return make("sum", one, num(0), add(last, neg(num(1))), self.scalar(depth - 1, scope + inner))
        if kind == 2 and outer:
            end = self._pick(outer)
            return make("sum", one, num(1), end, self.scalar(depth - 1, (*scope, (one, size))))
        if kind == 3 and outer:
            start = self._pick(outer)
            return make("sum", one, add(start, num(1)), last, self.scalar(depth - 1, (*scope, (one, size))))
        turned = add(last, num(1), neg(one))
        return total(i, size, self.scalar(depth - 1, (*scope, (one, size), (turned, size))))

    def _power(self, depth: int, scope: Scope) -> Term:
        if self.rng.randrange(3):
            return power(self.scalar(depth - 1, scope), self._pick((2, 2, 3)))
        return power(
            self.positive(depth - 1, scope), self._pick((-1, -2, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2)))
        )

    def _quotient(self, depth: int, scope: Scope) -> Term:
        return make("div", self.scalar(depth - 1, scope), self.positive(depth - 1, scope))

    def positive(self, depth: int, scope: Scope = ()) -> Term:
        """A number that is greater than 0."""
        kind = self.rng.randrange(9)
        if depth <= 0 or kind < 2:
            names = self.world.positive_members.get("n", ())
            i = self.index("n", scope)
            if kind == 0 and i is not None and names:
                return make("entry", sym(self._pick(names)), i)
            return sym(self._pick(self.world.positive + self.world.sizes))
        if kind == 2:
            return make("exp", self.scalar(depth - 1, scope))
        if kind == 3:
            return add(num(1), power(self.scalar(depth - 1, scope), 2))
        if kind == 4:
            size, i = self.size(), self.fresh()
            return total(i, size, self.positive(depth - 1, (*scope, (sym(i), size))))
        if kind == 5:
            return mul(self.positive(depth - 1, scope), self.positive(depth - 1, scope))
        if kind == 6:
            return make("call", self.scalar(depth - 1, scope), value="σ")
        if kind == 7:
            size, i = self.size(), self.fresh()
            return make("prod", sym(i), num(1), sym(size), self.positive(depth - 1, (*scope, (sym(i), size))))
        return add(self.positive(depth - 1, scope), self.positive(depth - 1, scope))

    def _function(self, depth: int, scope: Scope) -> Term:
        kind = self.rng.randrange(7)
        if kind == 0:
            return make("log", self.positive(depth - 1, scope))
        if kind == 1:
            return make("exp", self.scalar(depth - 1, scope))
        if kind == 2:
            return make("call", self.scalar(depth - 1, scope), value="σ")
        if kind == 3:
            return make("tanh", self.scalar(depth - 1, scope))
        if kind == 4 and self.world.fields:
            return make("call", self.vector("n", depth - 1, scope), value=self._pick(self.world.fields))
        if not self.world.functions:
            return make("sqrt", self.positive(depth - 1, scope))
        name = self._pick(self.world.functions)
        if kind == 5:
            return make("dcall", self.scalar(depth - 1, scope), value=(name, (self._pick((1, 2)),)))
        return make("call", self.scalar(depth - 1, scope), value=name)

    def _derivative(self, depth: int, scope: Scope) -> Term:
        body = self.scalar(depth - 1, scope)
        return make("deriv", body, self._variable(scope))

    def _variable(self, scope: Scope) -> Term:
        """What a derivative may be taken by: a scalar, or an entry."""
        kind = self.rng.randrange(3)
        plain = [n for n in self.world.scalars if len(n) == 1 and n not in self.world.context.definitions]
        size = self.size()
        i = self.index(size, scope)
        if kind == 0 or i is None:
            return sym(self._pick(plain))
        names = [n for n in self.world.vectors[size] if n not in self.world.context.definitions]
        other = self.size()
        j = self.index(other, scope)
        if kind == 1 and j is not None:
            letters = [n for n in self.world.matrices.get((size, other), ()) if n in "ABMNK"]
            if letters:
                return make("entry", sym(self._pick(letters)), i, j)
        return make("entry", sym(self._pick(names)), i)

    def _entry(self, depth: int, scope: Scope) -> Term:
        size, other = self.size(), self.size()
        i, j = self.index(size, scope), self.index(other, scope)
        if i is None or j is None:
            return self._tensor_scalar(depth, scope)
        if self.rng.randrange(2):
            return make("entry", self.vector(size, depth - 1, scope), i)
        return make("entry", self.matrix(size, other, depth - 1, scope), i, j)

    def _tensor_scalar(self, depth: int, scope: Scope) -> Term:
        size = self.size()
        kind = self.rng.randrange(6)
        if kind == 0:
            other = self.size()
            product = mul(self.matrix(size, other, depth - 1, scope), self.matrix(other, size, depth - 1, scope))
            return make("trace", product)
        if kind == 1:
            return make("inner", self.vector(size, depth - 1, scope), self.vector(size, depth - 1, scope))
        if kind == 2:
            middle = self.matrix(size, size, depth - 1, scope)
            return mul(
                make("transpose", self.vector(size, depth - 2, scope)), middle, self.vector(size, depth - 2, scope)
            )
        if kind == 3:
            return power(make("norm", self.vector(size, depth - 1, scope), value="2"), 2)
        if kind == 4:
            return power(make("norm", self.matrix(size, self.size(), depth - 1, scope), value="F"), 2)
        return make("trace", self.matrix(size, size, depth - 1, scope))

    # random variables

    def _moment(self, depth: int, scope: Scope) -> Term:
        kind = self.rng.randrange(4)
        if kind == 0:
            return make("variance", self.variate(depth - 1, scope))
        if kind == 1:
            return make("covariance", self.variate(depth - 1, scope), self.variate(depth - 1, scope))
        return make("expect", self.variate(depth, scope))

    def variate(self, depth: int, scope: Scope) -> Term:
        """A polynomial in random variables."""
        kind = self.rng.randrange(6)
        i = self.index("n", scope)
        if depth <= 0 or kind == 0:
            return make("entry", sym(self._pick(self.world.random)), i or sym("k"))
        if kind == 1:
            return add(self.variate(depth - 1, scope), self.variate(depth - 1, scope))
        if kind == 2:
            return mul(self.variate(depth - 1, scope), self.variate(depth - 1, scope))
        if kind == 3:
            return mul(self._leaf(scope), self.variate(depth - 1, scope))
        if kind == 4:
            return power(self.variate(depth - 1, scope), 2)
        name = self.fresh()
        return total(name, "n", self.variate(depth - 1, (*scope, (sym(name), "n"))))

    # tensors

    def vector(self, size: str, depth: int, scope: Scope = ()) -> Term:
        """A column vector."""
        names = self.world.vectors[size]
        if depth <= 0:
            return make("ones") if self.rng.randrange(12) == 0 else sym(self._pick(names))
        kind = self.rng.randrange(10)
        if kind < 3:
            other = self.size()
            return mul(self.matrix(size, other, depth - 1, scope), self.vector(other, depth - 1, scope))
        if kind == 3:
            return add(self.vector(size, depth - 1, scope), self.vector(size, depth - 1, scope))
        if kind == 4:
            return mul(self.scalar(depth - 1, scope), self.vector(size, depth - 1, scope))
        if kind == 5:
            return make("hadamard", self.vector(size, depth - 1, scope), self.vector(size, depth - 1, scope))
        if kind == 6:
            free = [n for n in names if n not in self.world.context.definitions]
            return make("deriv", self.scalar(depth - 1, scope), sym(self._pick(free)))
        if kind == 7 and self.world.functions:
            return make("call", self.vector(size, depth - 1, scope), value=self._pick((*self.world.functions, "σ")))
        if kind == 8:
            return make("diag", self.matrix(size, size, depth - 1, scope))
        i = self.fresh()
        return make("tabulate", sym(i), num(1), sym(size), self.scalar(depth - 1, (*scope, (sym(i), size))))

    def matrix(self, rows: str, columns: str, depth: int, scope: Scope = ()) -> Term:
        """A matrix."""
        names = self.world.matrices.get((rows, columns), ())
        if depth <= 0:
            if not names:
                return mul(
                    sym(self._pick(self.world.vectors[rows])),
                    make("transpose", sym(self._pick(self.world.vectors[columns]))),
                )
            return make("identity") if rows == columns and self.rng.randrange(8) == 0 else sym(self._pick(names))
        kind = self.rng.randrange(10)
        if kind < 2:
            middle = self.size()
            return mul(self.matrix(rows, middle, depth - 1, scope), self.matrix(middle, columns, depth - 1, scope))
        if kind == 2:
            return add(self.matrix(rows, columns, depth - 1, scope), self.matrix(rows, columns, depth - 1, scope))
        if kind == 3:
            return make("transpose", self.matrix(columns, rows, depth - 1, scope))
        if kind == 4:
            return mul(self.scalar(depth - 1, scope), self.matrix(rows, columns, depth - 1, scope))
        if kind == 5:
            return make(
                "hadamard", self.matrix(rows, columns, depth - 1, scope), self.matrix(rows, columns, depth - 1, scope)
            )
        if kind == 6:
            return mul(self.vector(rows, depth - 1, scope), make("transpose", self.vector(columns, depth - 1, scope)))
        if kind == 7 and rows == columns:
            return make("diag", self.vector(rows, depth - 1, scope))
        if kind == 8 and rows == columns:
            return self.inverse(rows, depth - 1, scope)
        free = [n for n in names if n in "ABMNK"]
        if free:
            return make("deriv", self.scalar(depth - 1, scope), sym(self._pick(free)))
        return self.matrix(rows, columns, 0, scope)

    def inverse(self, size: str, depth: int, scope: Scope) -> Term:
        """The inverse of a matrix that is invertible by its form."""
        names = [n for n in self.world.invertible if n in self.world.matrices.get((size, size), ())]
        if names and self.rng.randrange(2):
            first = make("inverse", sym(self._pick(names)))
            return first if self.rng.randrange(2) else mul(first, make("inverse", sym(self._pick(names))))
        inner = self.matrix(size, self.size(), min(depth, 1), scope)
        gram = mul(inner, make("transpose", inner))
        return make("inverse", add(gram, mul(sym(self._pick(self.world.positive)), make("identity"))))
