"""Opposing equalities of optimisers and of optimal values: `argmax f = argmax g`, `argmin F = value`, `min F = value`.

At a sampled point of the other symbols a function is evaluated on formal variables; where it is a strictly concave
quadratic, or e to one, its only maximiser is known exactly, under linear equations too. The claim fails where the
other side's maximiser is another point, or where its function is provably larger somewhere else. Optimisers are sets
here: a function without a maximiser has the empty one. Other shapes of functions are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.decision import Refutation
from derive.language.term import Term, conjuncts, sym, walk
from derive.numeric import formal
from derive.numeric import tensor as tensors
from derive.numeric.calculus import seed, slopes
from derive.numeric.describe import describe
from derive.numeric.frame import Frame
from derive.numeric.number import NoValue, Scalar, certain_sign, fresh_tag, order, unsupported
from derive.numeric.point import spell_text
from derive.numeric.sample import Sampler
from derive.numeric.tensor import Tensor, Value
from derive.numeric.truth import equal

_SIGNS = {"argmax": 1, "argmin": -1, "maxvalue": 1, "minvalue": -1}
_ATTEMPTS = 9
_SHAPES = ("bump", "concave", "convex", "pit")
_STEPS = (*(fmpq(1, 4**k) for k in range(5)), fmpq(4), fmpq(16))


def is_argument(statement: Term) -> bool:
    """Whether a statement speaks of the set of optimisers, or of an optimal value."""
    return any(node.head in _SIGNS for node in walk(statement))


@dataclass(frozen=True, slots=True)
class _Objective:
    """A function to be made large: `sign` is −1 where it is to be made small; `of_value`: only its value is asked."""

    variable: str
    body: Term
    constraints: tuple[Term, ...]
    sign: int
    of_value: bool


_Tie = tuple[list[Scalar], Scalar]
"""A linear equation: the coefficients of the entries, and the right side."""


def _equations(objective: _Objective) -> list[Term]:
    return [c for constraint in objective.constraints for c in conjuncts(constraint) if c.head == "eq"]


def _objective(side: Term) -> _Objective | None:
    if side.head not in _SIGNS:
        return None
    of_value = side.head in ("maxvalue", "minvalue")
    return _Objective(side.args[0].value, side.args[1], side.args[2:], _SIGNS[side.head], of_value)


def oppose(
    statement: Term, context: Context, seed_number: int, budget: Budget, wanted: int = 0
) -> tuple[int, Refutation | None]:
    """A counterexample to an equality of optimisers, if one was found, and the number of points at which both are known
    and equal; `wanted` of these are enough."""
    if statement.head != "eq":
        return 0, None
    sides = [_objective(a) for a in statement.args]
    if any(o is None and is_argument(a) for o, a in zip(sides, statement.args, strict=True)):
        return 0, None
    objectives = [o for o in sides if o is not None]
    if len(objectives) > 1 and any(o.of_value for o in objectives):
        return 0, None
    names = frozenset(
        n.name
        for o in objectives
        for n in walk(o.body)
        if n.head == "call" and n.name in context.symbols and n.name not in context.definitions
    )
    variables = tuple(sym(o.variable) for o in objectives if o.variable in context.symbols)
    sampler = Sampler(context, statement, seed_number, variables)
    count = 0
    for attempt in range(max(_ATTEMPTS, 3 * wanted)):
        if wanted and count >= wanted:
            break
        budget.spend()
        sampler.peaks = dict.fromkeys(names, _SHAPES[attempt % len(_SHAPES)])
        found = sampler.point(attempt)
        if found is None:
            continue
        point, frame = found
        case = _Case(sampler, frame, statement)
        verdict = case.differ(sides[0], sides[1])
        if verdict is not None:
            bound = {o.variable for o in objectives}
            values = tuple(v for v in describe(point, sampler, statement) if v[0] not in bound)
            return count, Refutation(values, *verdict, case.exact, None, "the optimisers differ")
        count += case.same
        if not names and case.hopeless:
            break
    return count, None


class _Case:
    """Two sides at one point."""

    def __init__(self, sampler: Sampler, frame: Frame, statement: Term) -> None:
        self.sampler = sampler
        self.frame = frame
        self.statement = statement
        self.hopeless = False
        self.same = False
        self.exact = True

    def differ(self, left: _Objective | None, right: _Objective | None) -> tuple[str, str] | None:
        """The two sides in print where they provably differ."""
        if left is not None and right is not None:
            return self._two_functions(left, right)
        objective = left or right
        assert objective is not None
        if self._indices(objective) is not None:
            return None
        side = self.statement.args[1] if left is not None else self.statement.args[0]
        try:
            value = self.frame.value(side, {})
        except NoValue:
            return None
        texts = (self._optimal_value if objective.of_value else self._function_and_value)(objective, value)
        return texts if texts is None or left is not None else (texts[1], texts[0])

    def _optimal_value(self, objective: _Objective, value: Value) -> tuple[str, str] | None:
        best = self._maximiser(objective)
        self.hopeless = best is None
        if best is None:
            return None
        try:
            here = self._at(objective, objective.body, best)
        except NoValue:
            return None
        if self._differ(here, value):
            return spell_text(here), spell_text(value)
        self.same = True
        return None

    def _two_functions(self, left: _Objective, right: _Objective) -> tuple[str, str] | None:
        one, other_range = self._indices(left), self._indices(right)
        if one is not None and other_range is not None:
            return self._two_lists(left, right, one, other_range)
        best = [self._maximiser(o) for o in (left, right)]
        self.hopeless = best[0] is None and best[1] is None
        if best[0] is not None and best[1] is not None:
            if self._differ(best[0], best[1]):
                return spell_text(best[0]), spell_text(best[1])
            self.same = True
            return None
        for here, other, objective in ((best[0], best[1], right), (best[1], best[0], left)):
            if here is None or other is not None:
                continue
            better = self._better(objective, here)
            if better is not None:
                texts = (spell_text(here), f"not {spell_text(here)}: larger at {spell_text(better)}")
                if objective.sign < 0:
                    texts = (texts[0], texts[1].replace("larger", "smaller"))
                return texts if objective is right else (texts[1], texts[0])
        return None

    def _indices(self, objective: _Objective) -> range | None:
        """The values of an index that is optimised over."""
        symbol = self.sampler.context.symbols.get(objective.variable)
        if symbol is None or symbol.role != "index" or symbol.domain.low is None or symbol.domain.high is None:
            return None
        try:
            low, high = (self.frame.integer(end, {}) for end in (symbol.domain.low, symbol.domain.high))
        except NoValue:
            return None
        return range(low, high + 1)

    def _two_lists(self, left: _Objective, right: _Objective, one: range, other: range) -> tuple[str, str] | None:
        try:
            best = [self._best_indices(o, r) for o, r in ((left, one), (right, other))]
        except NoValue:
            return None
        if best[0] == best[1]:
            self.same = True
            return None
        texts = ["{" + ", ".join(map(str, b)) + "}" for b in best]
        return texts[0], texts[1]

    def _best_indices(self, objective: _Objective, indices: range) -> list[int]:
        best: list[int] = []
        value: Scalar = None
        if objective.variable in self.frame.model.hidden_names(objective.body):
            raise unsupported(f"a definition mentions {objective.variable}, which is bound here")
        for i in indices:
            scope = {objective.variable: fmpq(i)}
            if not all(self.frame.truth(c, scope) for c in objective.constraints):
                continue
            here = self.frame.value(objective.body, scope)
            sign = 1 if value is None else order(here, value) * objective.sign
            if sign > 0:
                best, value = [i], here
            elif sign == 0:
                best.append(i)
        return best

    def _function_and_value(self, objective: _Objective, value: Value) -> tuple[str, str] | None:
        best = self._maximiser(objective)
        if best is not None:
            if self._differ(best, value):
                return spell_text(best), spell_text(value)
            self.same = True
            return None
        if self._excluded(objective, value):
            return f"not {spell_text(value)}: it is not admitted", spell_text(value)
        better = self._better(objective, value)
        if better is None:
            return None
        word = "larger" if objective.sign > 0 else "smaller"
        return f"not {spell_text(value)}: {word} at {spell_text(better)}", spell_text(value)

    def _differ(self, a: Value, b: Value) -> bool:
        entries = [x for v in (a, b) for x in (v.entries() if isinstance(v, Tensor) else [v])]
        self.exact = all(type(x) is fmpq for x in entries)
        try:
            return not equal(a, b)
        except NoValue:
            return False

    # the objective

    def _at(self, objective: _Objective, body: Term, value: Value) -> Value:
        if objective.variable in self.sampler.context.symbols:
            return self.frame.with_values({objective.variable: value}).value(body, {})
        return self.frame.value(body, {objective.variable: value})

    def _shape(self, objective: _Objective) -> Value:
        """Some value of the variable, for its shape."""
        if objective.variable in self.sampler.context.symbols:
            return self.frame.name(objective.variable)
        return fmpq(0)

    def _allowed(self, objective: _Objective, value: Value) -> bool:
        """Whether a value of the variable is certainly admitted by its domain, its facts and the constraint."""
        context = self.sampler.context
        if objective.variable not in context.symbols:
            return not objective.constraints
        frame = self.frame.with_values({objective.variable: value})
        try:
            return (
                self.sampler.fits(context.symbols[objective.variable], frame)
                and all(frame.truth(c, {}) for c in objective.constraints)
                and all(
                    self.sampler.holds(f, frame, frame.point)
                    for f in self.sampler.facts
                    if objective.variable in self.sampler.model.names_of(f)
                )
            )
        except NoValue:
            return False

    def _excluded(self, objective: _Objective, value: Value) -> bool:
        """Whether the variable's domain or the constraint certainly forbids a value."""
        symbol = self.sampler.context.symbols.get(objective.variable)
        try:
            if symbol is not None:
                frame = self.frame.with_values({objective.variable: value})
                if not self.sampler.fits(symbol, frame):
                    return True
                return not all(frame.truth(c, {}) for c in objective.constraints)
            return not all(self.frame.truth(c, {objective.variable: value}) for c in objective.constraints)
        except NoValue:
            return False

    def _maximiser(self, objective: _Objective) -> Value | None:
        """The only maximiser over all reals, if it is known and admitted."""
        body, logarithm = objective.body, False
        while body.head in ("log", "exp"):
            logarithm = logarithm or body.head == "log"
            body = body.args[0]
        try:
            template = self._shape(objective)
            count = len(template.entries()) if isinstance(template, Tensor) else 1
            numbers = [fresh_tag() for _ in range(count)]
            variables = [formal.variable(n) for n in numbers]
            value = template.refill(variables) if isinstance(template, Tensor) else variables[0]
            found = formal.as_formal(self._at(objective, body, value))
            ties = [self._tie(objective, c, value, numbers) for c in _equations(objective)]
            best = self._peak(found, objective.sign, numbers, template, ties)
            if best is None or not self._allowed(objective, best):
                return None
            if logarithm and certain_sign(self._at(objective, body, best)) <= 0:
                return None
        except NoValue:
            return None
        return best

    def _tie(self, objective: _Objective, equation: Term, value: Value, numbers: list[int]) -> _Tie:
        """An equation that the variable must satisfy, where it is linear."""
        left, right = (self._at(objective, side, value) for side in equation.args)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            raise unsupported("a constraint on tensors")
        number = formal.as_formal(left - right)
        parts = None if number.exponent else formal.quadratic(number.factor, numbers)
        if parts is None or any(x != 0 for row in parts[0] for x in row):
            raise unsupported("a constraint that is not linear")
        return parts[1], -number.factor.get((), fmpq(0))

    @staticmethod
    def _peak(value: formal.Formal, sign: int, numbers: list[int], template: Value, ties: list[_Tie]) -> Value | None:
        """The maximiser of a strictly concave quadratic under linear equations (Lagrange's linear system)."""
        polynomial = value.factor
        if value.exponent:
            constant = value.constant()
            if constant is None:
                return None
            sign, polynomial = sign * certain_sign(constant), value.exponent
        parts = formal.quadratic(polynomial, numbers)
        if parts is None or sign == 0:
            return None
        hessian = Tensor([[-sign * x for x in row] for row in parts[0]], (False, False))
        if not tensors.positive_definite(hessian):
            return None
        gradient = [sign * x for x in parts[1]]
        rows = [[*row, *(tie[0][k] for tie in ties)] for k, row in enumerate(hessian.data)]
        rows += [[*tie[0], *(fmpq(0) for _ in ties)] for tie in ties]
        right = tensors.vector([*gradient, *(tie[1] for tie in ties)])
        best = tensors.multiply(tensors.inverse(Tensor(rows, (False, False))), right)
        found = best.data[: len(numbers)]
        return template.refill(found) if isinstance(template, Tensor) else found[0]

    def _better(self, objective: _Objective, value: Value) -> Value | None:
        """A place at which the objective is provably larger than at a value."""
        try:
            if not self._allowed(objective, value):
                return None
            here = self._at(objective, objective.body, value)
            directions = self._directions(objective, value)
        except NoValue:
            return None
        for direction in directions:
            for step in _STEPS:
                place = tensors.add(value, tensors.scale(step, direction))
                if self._larger(objective, place, here):
                    self.exact = type(here) is fmpq
                    return place
        return None

    def _larger(self, objective: _Objective, place: Value, here: Scalar) -> bool:
        try:
            there = self._at(objective, objective.body, place)
            return order(there, here) * objective.sign > 0 and self._allowed(objective, place)
        except NoValue:
            return False

    def _directions(self, objective: _Objective, value: Value) -> list[Value]:
        """Uphill first, then both ways along every axis."""
        entries = value.entries() if isinstance(value, Tensor) else [value]
        units = [[fmpq(int(i == k)) for i in range(len(entries))] for k in range(len(entries))]
        ways = [[s * x for x in unit] for unit in units for s in (fmpq(1), fmpq(-1))]
        try:
            tag = fresh_tag()
            seeded, count = seed(value, tag)
            slope = slopes(self._at(objective, objective.body, seeded), tag, count)
            ways.insert(0, [fmpq(certain_sign(x) * objective.sign) for x in slope])
        except NoValue:
            pass
        return [value.refill(way) if isinstance(value, Tensor) else way[0] for way in ways]
