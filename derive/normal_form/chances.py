"""What the givens say of probabilities, as rules for moments.

`P(T_i | H) = s` says E[1_{T_i} 1_H] = s E[1_H]: an equation linear in the moments, of which the one of most factors is
replaced by the others wherever it comes up, for every index in range. A given that conditions on an event says that its
probability is not 0. What stands in no equation of this kind is left to the other rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from derive.language.affine import Affine, variable
from derive.language.context import Context
from derive.language.heads import NEGATION
from derive.language.term import Term, conjuncts, walk
from derive.normal_form.atom import ONE, ZERO, Atom, Monomial, Poly
from derive.normal_form.events import event, know_event
from derive.normal_form.expectation import Conditional, expectation, instances, moment_of
from derive.normal_form.lowering import Lowering
from derive.normal_form.lowering.core import Env
from derive.normal_form.lowering.events import event_value, is_event
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.quotient import numerator
from derive.normal_form.renaming import rename, rename_monomial
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import is_nonzero
from derive.normal_form.summation import sum_over
from derive.normal_form.words import rule_from

_ABOUT_EVENTS = frozenset(["implies", "iff", "not", "or", "and"])
_MOMENTS = frozenset(["expect", "variance", "covariance", "prob"])
MOST_STEPS = 40

Unquantified = Callable[[Ring, Lowering, Term], tuple[Term, dict[str, str]]]


def conditional_independence(context: Context) -> Iterator[Conditional]:
    """The facts that names are independent given a variable, an event or its complement."""
    for fact in context.facts:
        for part in conjuncts(fact):
            if part.head != "independent" or part.value != "conditional":
                continue
            given, happens = part.args[-1], True
            while given.head == "not":
                given, happens = given.args[0], not happens
            names = [a.args[0] if a.head == "entry" else a for a in part.args[:-1]]
            if given.head == "sym" and all(n.head == "sym" for n in names):
                symbol = context.symbols.get(given.name)
                if symbol is not None and symbol.random and given.name not in context.definitions:
                    yield Conditional(frozenset(n.name for n in names), given.name, happens)


def know_counts(ring: Ring) -> None:
    """A random number without sign may be the end of a sum."""
    for name, symbol in ring.randomness.symbols.items():
        if symbol.domain.kind == "natural" and not symbol.family and not symbol.shape.axes:
            low = symbol.domain.low
            ring.ranges.least[name] = int(low.value) if low is not None and low.head == "num" else 0


def know_events(ring: Ring, lowering: Lowering, facts: list[Term]) -> None:
    """What is known of events: one holds, one implies another, two exclude one another, some are a partition."""
    for fact in facts:
        if fact.head in _ABOUT_EVENTS and not any(n.head in _MOMENTS for n in walk(fact)):
            try:
                know_event(ring, event_value(lowering, fact, {}))
            except OutOfReach:
                continue
    for name, symbol in ring.randomness.symbols.items():
        if symbol.role == "event" and "exhaustive" in symbol.properties and len(symbol.family) == 1:
            index = ring.fresh(symbol.family[0].low, symbol.family[0].high)
            total = sum_over(ring, expectation(ring, event(ring, name, (variable(index),))), [index])
            rule = rule_from(ring, f"{name} is a partition", total - ONE, [])
            if rule is not None:
                ring.rules.append(rule)


def use_chances(ring: Ring, lowering: Lowering, facts: list[Term], unquantified: Unquantified) -> None:
    """Take the equations about probabilities as rules, those about single events first."""
    know_events(ring, lowering, facts)
    for condition in ring.randomness.conditional:
        if ring.randomness.symbols[condition.given].role == "event":
            chance = expectation(ring, event(ring, condition.given))
            ring.know("positive", chance if condition.happens else ONE - chance)
    speaking = [f for f in facts if any(_speaks_of_events(lowering, n) for n in walk(f))]
    for fact in sorted(speaking, key=lambda f: sum(n.head in ("sym", "prob") for n in walk(f))):
        try:
            inner, names = unquantified(ring, lowering, fact)
            env = {n: lowering.index_binding(n, variable(i)) for n, i in names.items()}
            if all(_nonempty(ring, i) for i in names.values()):
                _know_conditions(ring, lowering, inner, env)
            if inner.head != "eq":
                continue
            residual = lowering.lower(inner.args[0], (), env) - lowering.lower(inner.args[1], (), env)
            rule = _rule(ring, residual, list(names.values()))
        except OutOfReach:
            continue
        finally:
            lowering.memo.clear()
        if rule is not None:
            ring.moment_rules.append(rule)
            ring.intervals.clear()


def _speaks_of_events(lowering: Lowering, node: Term) -> bool:
    if node.head == "prob":
        return True
    arity = 2 if node.head == "covariance" else 1
    return node.head in _MOMENTS and any(is_event(lowering, g) for g in node.args[arity:])


def _nonempty(ring: Ring, index: str) -> bool:
    low, high = ring.ranges.ends[index]
    return high is not None and ring.ranges.at_least_zero(high - low)


def _know_conditions(ring: Ring, lowering: Lowering, fact: Term, env: Env) -> None:
    """What a given conditions on has a probability above 0."""
    if fact.head not in NEGATION:
        return
    for node in walk(fact):
        arity = 2 if node.head == "covariance" else 1
        if node.head not in _MOMENTS or not all(is_event(lowering, g) for g in node.args[arity:]):
            continue
        inside = ONE
        for condition in node.args[arity:]:
            inside = multiply(ring, inside, event_value(lowering, condition, env))
        if inside != ONE:
            ring.know("positive", expectation(ring, inside))


# --- rules ------------------------------------------------------------------------------------------------------------


@dataclass
class MomentRule:
    """A moment (for every value of `parameters` in its range) and what it equals."""

    moment: Atom
    replacement: Poly
    parameters: tuple[str, ...]
    ring: Ring
    steps: int = 0

    def __call__(self, atom: Atom) -> Poly | None:
        """The value of a moment that the rule is about."""
        for mapping in self._instances(atom):
            if self.steps > MOST_STEPS:
                raise OutOfReach("equations between probabilities that do not end")
            self.steps += 1
            try:
                return resolved(self.ring, rename(self.ring, self.replacement, mapping))
            finally:
                self.steps -= 1
        return None

    def _instances(self, atom: Atom) -> Iterator[dict[str, Affine]]:
        """The values of the parameters at which the rule's moment is this one."""
        if not self.parameters:
            if atom is self.moment:
                yield {}
            return
        mine, theirs = self.moment.data[0], atom.data[0]
        if atom.kind != "moment" or len(mine) != len(theirs):
            return
        found = _members(self.ring, theirs)
        choices = [self._values(p, found) for p in self.parameters]
        for values in product(*choices):
            mapping = dict(zip(self.parameters, values, strict=True))
            if self._fits(mapping, theirs):
                yield mapping

    def _values(self, parameter: str, found: list[tuple[str, tuple[Affine, ...]]]) -> list[Affine]:
        """What may stand for a parameter: the indices at its place in the members of the same family."""
        for name, at in _members(self.ring, self.moment.data[0]):
            for position, index in enumerate(at):
                if index == variable(parameter):
                    return list(dict.fromkeys(there[position] for other, there in found if other == name))
        return []

    def _fits(self, mapping: dict[str, Affine], theirs: Monomial) -> bool:
        for name, value in mapping.items():
            low, high = self.ring.ranges.ends[name]
            if high is None or not self.ring.ranges.in_range(value, low, high):
                return False
        return rename_monomial(self.ring, self.moment.data[0], mapping).terms.keys() == {theirs}


def resolved(ring: Ring, poly: Poly) -> Poly:
    """A polynomial with every moment that a rule knows replaced."""
    total = ZERO
    for mono, c in poly.terms.items():
        part = Poly({(): c})
        for a, e in mono:
            part = multiply(ring, part, power(ring, moment_of(ring, a) if a.kind == "moment" else ring.value(a), e))
        total = total + part
    return total


def _rule(ring: Ring, residual: Poly, parameters: list[str]) -> MomentRule | None:
    """The rule that `residual = 0` gives for the moment of most factors in it."""
    poly = numerator(ring, residual)
    moments = {a for mono in poly.terms for a, _ in mono if a.kind == "moment"}
    ranked: list[tuple[int, bool, str, Atom, Poly, Poly]] = []
    for atom in moments:
        coefficient, rest = ZERO, ZERO
        for mono, c in poly.terms.items():
            if (atom, 1) in mono:
                coefficient = coefficient + monomial_poly(ring, tuple(f for f in mono if f[0] is not atom), c)
            else:
                rest = rest + Poly({mono: c})
        linear = not _holds(rest, atom) and not _holds(coefficient, atom)
        known = coefficient.constant is not None
        if linear and set(parameters) <= atom.free and (known or is_nonzero(ring, coefficient)):
            ranked.append((len(atom.data[0]), known, atom.key, atom, coefficient, rest))
    if not ranked:
        return None
    _, _, _, atom, coefficient, rest = max(ranked, key=lambda r: r[:3])
    value = multiply(ring, -rest, power(ring, coefficient, -1))
    return MomentRule(atom, value, tuple(parameters), ring)


def _holds(data: object, atom: Atom) -> bool:
    """Whether an atom occurs anywhere in a normal form."""
    if isinstance(data, Poly):
        return any(_holds(mono, atom) for mono in data.terms)
    if isinstance(data, Atom):
        return data is atom or _holds(data.data, atom)
    return isinstance(data, tuple) and any(_holds(d, atom) for d in data)


def _members(ring: Ring, mono: Monomial) -> list[tuple[str, tuple[Affine, ...]]]:
    return [(name, at) for a, _ in mono for name, at in instances(ring, a) if at]


__all__ = ["MomentRule", "conditional_independence", "know_counts", "use_chances"]
