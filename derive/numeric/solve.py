"""Making a point satisfy equations: change some symbol's values so that the facts that mention it hold.

An equation that is linear in the entries of one symbol is solved exactly as a linear system, found by probing; one
that is a polynomial in a single entry by its rational roots; others by trying constructions (unit vectors,
projections, orthogonal matrices). Nothing here is trusted: `sample.py` evaluates every fact at the point that comes
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from flint import ctx, fmpq, fmpq_mat, fmpq_poly

from derive.language.context import SCALAR, Symbol
from derive.language.term import Term
from derive.numeric import formal
from derive.numeric.draw import Draw, NoDraw
from derive.numeric.evaluate import HIGH_PRECISION, root_frame
from derive.numeric.frame import Frame
from derive.numeric.model import Model, strip
from derive.numeric.number import ONE, ZERO, NoValue, Scalar
from derive.numeric.point import Family, Point
from derive.numeric.tensor import Tensor, Value, inverse, zip_map

_MOST_COORDINATES = 24
_DEGREE = 4
_VECTORS = ("unit", "simplex", "one-hot")
_MATRICES = ("orthogonal", "orthonormal columns", "idempotent", "symmetric", "skew-symmetric", "stochastic", "diagonal")


def residuals(facts: Sequence[Term], model: Model, frame: Frame) -> list[fmpq] | None:
    """Left minus right of every equation, entry by entry; None where some of it has no rational value."""
    result: list[fmpq] = []
    try:
        for fact in facts:
            for body, scope in instances(fact, model, frame):
                result.extend(_difference(frame.value(body.left, scope), frame.value(body.right, scope)))
    except NoValue:
        return None
    return result if all(type(x) is fmpq for x in result) else None


def instances(fact: Term, model: Model, frame: Frame) -> Iterator[tuple[Term, dict[str, Value]]]:
    """The statement inside the loops of a fact, for every value of their variables."""
    loops, body = strip(fact, model.context)
    scopes: list[dict[str, Value]] = [{}]
    for loop in loops:
        spans = [(s, frame.integer(loop.low, s), frame.integer(loop.high, s)) for s in scopes]
        scopes = [{**s, loop.name: fmpq(i)} for s, low, high in spans for i in range(low, high + 1)]
    for scope in scopes:
        yield body, scope


def _difference(a: Value, b: Value) -> list[Scalar]:
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        entries: list[Scalar] = zip_map(lambda x, y: x - y, a, b).entries()
        return entries
    return [a - b]


Move = Callable[[Value, fmpq], Value]
"""A way to change a value by a step."""

_GUESSES = tuple(fmpq(p, q) for q in (1, 2, 3) for p in range(-6 * q, 6 * q + 1) if q == 1 or p % q)


class Solver:
    """Changes a point's values in place. `fixed` names may not be changed."""

    def __init__(
        self, model: Model, point: Point, draw: Draw, fixed: frozenset[str], fits: Callable[[str], bool]
    ) -> None:
        self.model = model
        self.point = point
        self.draw = draw
        self.fixed = fixed
        self.fits = fits
        self.settled: set[Term] = set()

    def frame(self) -> Frame:
        """A frame over the point as it is now."""
        return root_frame(self.model.context, self.point)

    def met(self, facts: Sequence[Term]) -> bool:
        """Whether some equations hold now."""
        found = residuals(facts, self.model, self.frame())
        return found is not None and all(x == 0 for x in found)

    def solve(self, fact: Term, others: Sequence[Term]) -> bool:
        """Make an equation hold, keeping the others that held."""
        candidates = self._candidates(fact, others)
        for name in candidates:
            tied = [fact, *(f for f in others if name in self._depending(f))]
            for moves in self._ways(name):
                if self._try(name, lambda n=name, m=moves, t=tied: self._linear(n, m, t), tied):  # type: ignore[misc]
                    return True
        for name in candidates:
            tied = [fact, *(f for f in others if name in self._depending(f))]
            for proposal in self._proposals(self.model.context.symbols[name]):
                if self._try(name, lambda n=name, p=proposal: self._set(n, p), tied):  # type: ignore[misc]
                    return True
        for name in candidates:
            tied = [fact, *(f for f in others if name in self._depending(f))]
            if self._try(name, lambda n=name: self._root(n, fact), tied):  # type: ignore[misc]
                return True
            if self._lucky(name, tied) or self._algebraic(name, tied):
                return True
        return self._through(fact, others)

    def _candidates(self, fact: Term, others: Sequence[Term]) -> list[str]:
        names = [n for n in sorted(self._depending(fact)) if n in self.point.values and n not in self.fixed]
        symbols = self.model.context.symbols
        names = [n for n in names if symbols[n].domain.kind in ("real", "interval", "integer", "natural")]

        def burden(name: str) -> tuple[int, int, int]:
            used = sum(1 for f in others if name in self._depending(f))
            alone = any(side.head == "sym" and side.value == name for side in fact.args)
            return (0 if alone else 1, used, symbols[name].shape.rank)

        if self.draw.rng.random() < 0.5:
            names.reverse()
        return sorted(names, key=burden)

    def _depending(self, fact: Term) -> frozenset[str]:
        """Names that a fact depends on: a moment depends on the parameters of its variable's distribution."""
        names = frozenset(self.model.names_of(fact))
        for (name, _), law in self.point.laws.items():
            if name in names:
                names = names.union(*(self.model.names_of(a) for a in law.params))
        return names

    def _try(self, name: str, change: Callable[[], bool], facts: Sequence[Term]) -> bool:
        before = self.point.values[name]
        if change() and self.met(facts) and self.fits(name):
            return True
        self.point.values[name] = before
        return False

    def _set(self, name: str, value: Value) -> bool:
        self.point.values[name] = value
        return True

    # linear systems

    def _ways(self, name: str) -> Iterator[list[Move]]:
        """Sets of moves along which an equation may be linear: entries, scalings, entries of the inverse."""
        symbol, value = self.model.context.symbols[name], self.point.values[name]
        entries = coordinates(symbol, value)
        scaled = scalings(value)
        low = symbol.domain.low
        signed = low is not None and low.head == "num" and low.value >= 0
        yield from (scaled, entries) if signed and scaled else (entries, scaled)
        if not symbol.family and (symbol.shape == SCALAR or (symbol.shape.rank == 2 and _square(value))):
            yield [inverted(move) for move in entries]
        elif symbol.family and symbol.shape == SCALAR:
            yield [_inverted_members(move) for move in entries]

    def _linear(self, name: str, places: list[Move], facts: Sequence[Term]) -> bool:
        if not places or len(places) > _MOST_COORDINATES:
            return False
        base = self.point.values[name]
        start = residuals(facts, self.model, self.frame())
        if start is None:
            return False
        columns: list[list[fmpq]] = []
        for place in places:
            try:
                self.point.values[name] = place(base, ONE)
            except NoValue:
                return False
            here = residuals(facts, self.model, self.frame())
            if here is None or len(here) != len(start):
                return False
            columns.append([x - y for x, y in zip(here, start, strict=True)])
        steps = solve_linear(columns, [-x for x in start])
        if steps is None:
            return False
        value = base
        try:
            for place, step in zip(places, steps, strict=True):
                if step != 0:
                    value = place(value, step)
        except NoValue:
            return False
        return self._set(name, value)

    # through equations that held

    def _through(self, fact: Term, others: Sequence[Term]) -> bool:
        """Move a scalar of the equations that held, mend those by other symbols, and see what that does to a fact.

        So p_k = n_k/λ for every k and Σ p_k = 1 are met together: Σ p_k is linear in 1/λ, p following.
        """
        symbols = self.model.context.symbols
        names = {n for f in others for n in self._depending(f) if n in self.point.values and n not in self.fixed}
        before = dict(self.point.values)
        for name in sorted(names):
            if type(before[name]) is not fmpq or symbols[name].domain.kind not in ("real", "interval"):
                continue
            held = [f for f in others if name in self._depending(f)]
            for inverse_of in (False, True):
                for root in self._roots_through(name, inverse_of, fact, held):
                    if self._follow(name, root, fact, held) and self.met([fact, *others]) and self.fits(name):
                        return True
                    self._restore(before)
                self._restore(before)
        return False

    def _restore(self, values: dict[str, Value]) -> None:
        self.point.values.clear()
        self.point.values.update(values)

    def _roots_through(self, name: str, inverse_of: bool, fact: Term, held: Sequence[Term]) -> list[fmpq]:
        """Values of a scalar at which a fact holds while others follow, if it is a polynomial in it or its inverse."""
        xs = [fmpq(k) for k in range(1, _DEGREE + 3)]
        rows: list[list[fmpq]] = []
        for x in xs:
            if not self._follow(name, 1 / x if inverse_of else x, fact, held):
                return []
            found = residuals([fact], self.model, self.frame())
            if not found or (rows and len(found) != len(rows[0])):
                return []
            rows.append(found)
        roots = _common_roots(xs, rows)
        return [1 / r for r in roots if r != 0] if inverse_of else roots

    def _follow(self, name: str, value: fmpq, fact: Term, held: Sequence[Term]) -> bool:
        """Set a scalar, and mend what held before by other symbols of a fact."""
        self.point.values[name] = value
        own = self.model.names_of(fact)
        return all(
            self.met([f]) or self._mended(f, [n for n in self._candidates(f, held) if n in own - {name}]) for f in held
        )

    def _mended(self, fact: Term, names: Sequence[str]) -> bool:
        return any(
            self._try(n, lambda n=n, m=moves: self._linear(n, m, [fact]), [fact])  # type: ignore[misc]
            for n in names
            for moves in self._ways(n)
        )

    # roots

    def _lucky(self, name: str, facts: Sequence[Term]) -> bool:
        """Try small numbers for a scalar."""
        base = self.point.values[name]
        if type(base) is not fmpq:
            return False
        guesses = list(_GUESSES)
        self.draw.rng.shuffle(guesses)
        return any(self._try(name, lambda g=g: self._set(name, g), facts) for g in guesses)  # type: ignore[misc]

    def _algebraic(self, name: str, facts: Sequence[Term]) -> bool:
        """Give a scalar the value of a real root of the polynomial that the equations are in it, as an interval.

        The equations then hold at that number exactly, though not for every number of the interval: they are settled,
        and what they mention is not changed any more."""
        base = self.point.values[name]
        if type(base) is not fmpq or self.model.context.symbols[name].domain.kind not in ("real", "interval"):
            return False
        roots = [r for sign in (1, -1) for r in positive_roots(self._polynomials(name, sign, facts), sign)]
        self.draw.rng.shuffle(roots)
        for root in roots:
            self.point.values[name] = root
            if self.fits(name):
                self.settled.update(facts)
                self.fixed |= frozenset(n for f in facts for n in self._depending(f))
                return True
        self.point.values[name] = base
        return False

    def _polynomials(self, name: str, sign: int, facts: Sequence[Term]) -> list[formal.Polynomial]:
        """Left minus right of every equation, as polynomials in the size of a scalar; [] where they are none."""
        self.point.values[name] = sign * formal.positive_variable(1)
        found: list[formal.Polynomial] = []
        try:
            frame = self.frame()
            for fact in facts:
                for body, scope in instances(fact, self.model, frame):
                    for x in _difference(frame.value(body.left, scope), frame.value(body.right, scope)):
                        number = formal.as_formal(x)
                        if number.exponent:
                            return []
                        found.append(number.factor)
        except NoValue:
            return []
        return found

    def _root(self, name: str, fact: Term) -> bool:
        base = self.point.values[name]
        places = coordinates(self.model.context.symbols[name], base)
        order = list(range(len(places)))
        self.draw.rng.shuffle(order)
        for k in order[:4]:
            roots = self._rational_roots(name, base, places[k], fact)
            if roots:
                return self._set(name, places[k](base, self.draw.rng.choice(roots)))
        self.point.values[name] = base
        return False

    def _rational_roots(self, name: str, base: Value, place: Callable[[Value, fmpq], Value], fact: Term) -> list[fmpq]:
        """Steps along one coordinate at which the equation holds, if it is a polynomial of low degree in it."""
        xs = [fmpq(k) for k in range(_DEGREE + 2)]
        rows: list[list[fmpq]] = []
        for x in xs:
            self.point.values[name] = place(base, x)
            found = residuals([fact], self.model, self.frame())
            if not found or (rows and len(found) != len(rows[0])):
                return []
            rows.append(found)
        return _common_roots(xs, rows)

    def _proposals(self, symbol: Symbol) -> Iterator[Value]:
        """Values with a structure that often solves an equation."""
        words = (
            _VECTORS if symbol.shape.rank == 1 and not symbol.family else _MATRICES if symbol.shape.rank == 2 else ()
        )
        if symbol.family:
            return
        for word in words:
            trial = replace(symbol, properties=symbol.properties | {word})
            try:
                yield self.draw.value(trial, self.frame())
            except (NoDraw, NoValue):
                continue


def coordinates(symbol: Symbol, value: Value) -> list[Callable[[Value, fmpq], Value]]:
    """The ways to move a value: each takes a value and a step along one entry (two for a symmetric matrix)."""
    if isinstance(value, bool):
        return []
    if isinstance(value, Family):
        moves: list[Callable[[Value, fmpq], Value]] = []
        for index in sorted(value.values):
            for move in coordinates(symbol, value.values[index]):
                moves.append(
                    lambda whole, step, i=index, m=move: Family({**whole.values, i: m(whole.values[i], step)})  # type: ignore[misc]
                )
        return moves
    if not isinstance(value, Tensor):
        return [lambda x, step: x + step]
    cells: list[set[int]]
    if value.rank == 1:
        cells = [{i} for i in range(len(value.data))]
    else:
        n, d = value.sizes
        if "diagonal" in symbol.properties:
            cells = [{i * d + i} for i in range(n)]
        elif symbol.properties & {"symmetric", "positive definite", "positive semidefinite"}:
            cells = [{i * d + j, j * d + i} for i in range(n) for j in range(i + 1)]
        else:
            cells = [{k} for k in range(n * d)]
    return [
        lambda t, step, c=cell: t.refill(x + step if k in c else x for k, x in enumerate(t.entries()))  # type: ignore[misc]
        for cell in cells
    ]


def scalings(value: Value) -> list[Move]:
    """Multiply a vector by 1 + step, or the rows of a matrix one by one."""
    if not isinstance(value, Tensor):
        return []
    if value.rank == 1:
        return [lambda t, step: t.map(lambda x: (1 + step) * x)]
    return [
        lambda t, step, i=i: Tensor(  # type: ignore[misc]
            [[(1 + step) * x for x in row] if k == i else row for k, row in enumerate(t.data)], t.units
        )
        for i in range(len(value.data))
    ]


def _square(value: Value) -> bool:
    return isinstance(value, Tensor) and len(value.data) == len(value.data[0] if value.data else ())


def inverted(move: Move) -> Move:
    """The same move of the inverse."""
    return lambda value, step: inverse(move(inverse(value), step))


def _inverted_members(move: Move) -> Move:
    """The same move of the family of the inverses."""

    def turned(value: Value) -> Value:
        if isinstance(value, Family):
            return Family({i: inverse(x) for i, x in value.values.items()})
        return value.map(inverse) if isinstance(value, Tensor) else inverse(value)

    return lambda value, step: turned(move(turned(value), step))


def positive_roots(polynomials: Sequence[formal.Polynomial], sign: int) -> list[Scalar]:
    """Intervals around the common positive real roots of polynomials in one positive variable, times a sign."""
    common = fmpq_poly([0])
    for polynomial in polynomials:
        powers = {sum(k for _, k in monomial): c for monomial, c in polynomial.items()}
        if any(type(c) is not fmpq for c in powers.values()) or len(powers) != len(polynomial):
            return []
        if powers:
            shift = min(powers)
            dense = [powers.get(k + shift, ZERO) for k in range(max(powers) - shift + 1)]
            common = common.gcd(fmpq_poly(dense))
    if common.degree() < 1 or common.degree() > 8:
        return []
    before = ctx.prec
    ctx.prec = HIGH_PRECISION + 64
    try:
        # factors are irreducible, so that every root is simple and the real ones are known to be real
        roots: list[Scalar] = []
        for factor, _ in common.factor()[1]:
            found: Any = factor.complex_roots()
            roots.extend(sign * r.real for r, _ in found if r.imag.is_zero() and r.real > 0)
        return roots
    finally:
        ctx.prec = before


def solve_linear(columns: list[list[fmpq]], right: list[fmpq]) -> list[fmpq] | None:
    """One solution x of Σ x_k column_k = right (free unknowns 0), None where there is none."""
    if not right:
        return [ZERO] * len(columns)
    rows = [[*(c[i] for c in columns), right[i]] for i in range(len(right))]
    reduced, _ = fmpq_mat(rows).rref()
    table = reduced.table()
    solution = [ZERO] * len(columns)
    for row in table:
        lead = next((k for k, x in enumerate(row) if x != 0), None)
        if lead is None:
            break
        if lead == len(columns):
            return None
        solution[lead] = row[-1]
    return solution


def _common_roots(xs: list[fmpq], rows: list[list[fmpq]]) -> list[fmpq]:
    """Rational roots that the polynomials through the columns of values have in common; [] where one is none."""
    common: set[fmpq] | None = None
    for entry in zip(*rows, strict=True):
        polynomial = _interpolate(xs, list(entry))
        if polynomial.degree() > _DEGREE:
            return []
        if polynomial.degree() < 0:
            continue
        here = {fmpq(r) for r, _ in polynomial.roots()} if polynomial.degree() > 0 else set()
        common = here if common is None else common & here
    return sorted(common or ())


def _interpolate(xs: list[fmpq], ys: list[fmpq]) -> fmpq_poly:
    """The polynomial of least degree through some points (Newton's divided differences)."""
    coefficients = list(ys)
    for level in range(1, len(xs)):
        for i in range(len(xs) - 1, level - 1, -1):
            coefficients[i] = (coefficients[i] - coefficients[i - 1]) / (xs[i] - xs[i - level])
    result = fmpq_poly([0])
    for x, c in zip(reversed(xs), reversed(coefficients), strict=True):
        result = result * fmpq_poly([-x, 1]) + fmpq_poly([c])
    return result
