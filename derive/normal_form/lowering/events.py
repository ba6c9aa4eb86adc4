"""Statements about random variables as their indicators, and probabilities as the indicators' expectations.

P(A) is E[1_A], P(A | B) and E[Z | B] are E[· 1_B] / E[1_B], which need P(B) > 0. Conditioning on the value of a
variable that is not discrete has no such form and is refused.
"""

from __future__ import annotations

from derive.language.affine import affine_of, variable
from derive.language.context import Symbol
from derive.language.term import Term, free_names, make, walk
from derive.normal_form.atom import ONE, ZERO, Poly
from derive.normal_form.events import either, event, event_name, is_apart, positive_bit, zero_bit
from derive.normal_form.lowering.core import Env, Index, Lowering
from derive.normal_form.lowering.indices import check_range, condition_value
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.ring import OutOfReach
from derive.normal_form.summation import indexed_product, sum_over

_ORDERS = frozenset(["eq", "ne", "lt", "le", "gt", "ge"])
STATEMENTS = _ORDERS | {"true", "and", "or", "not", "implies", "iff", "forall"}


def is_event(low: Lowering, term: Term) -> bool:
    """Whether a term is true or false, as an event is."""
    if term.head in STATEMENTS:
        return True
    base = term.args[0] if term.head == "entry" else term
    symbol = low.context.symbols.get(base.name) if base.head == "sym" else None
    return symbol is not None and symbol.role == "event"


def event_value(low: Lowering, statement: Term, env: Env) -> Poly:
    """1 where a statement about random variables or indices holds, else 0."""
    ring, head = low.ring, statement.head
    if head == "true":
        return ONE
    if head in ("sym", "entry"):
        return _named(low, statement, env)
    if head in _ORDERS:
        return _relation(low, statement, env)
    if head == "forall":
        return _every(low, statement, env)
    parts = [event_value(low, part, env) for part in statement.args] if head in STATEMENTS else []
    if head == "not":
        return ONE - parts[0]
    if head == "and":
        result = ONE
        for part in parts:
            result = multiply(ring, result, part)
        return result
    if head == "or":
        result = ZERO
        for part in parts:
            result = either(ring, result, part)
        return result
    if head == "implies":
        return ONE - multiply(ring, parts[0], ONE - parts[1])
    if head == "iff":
        return ONE - parts[0] - parts[1] + multiply(ring, *parts).scale(2)
    raise OutOfReach("a case distinction")


def _every(low: Lowering, statement: Term, env: Env) -> Poly:
    name, first, last, body = statement.args
    if "infinity" in (first.head, last.head):
        raise OutOfReach("an infinite intersection of events")
    ends = low.affine(first, env), low.affine(last, env)
    index = low.ring.fresh(*ends)
    with low.bound(index):
        inner = event_value(low, body, {**env, name.name: low.index_binding(name.name, variable(index))})
    outside = _outside_disjoint(low, inner, index)
    return indexed_product(low.ring, inner, index) if outside is None else outside


def _outside_disjoint(low: Lowering, inner: Poly, index: str) -> Poly | None:
    """∏_i (1 − 1_{B_i}) = 1 − Σ_i 1_{B_i} for disjoint events."""
    single = (ONE - inner).single()
    if single is None or single[1] != 1 or len(single[0]) != 1:
        return None
    atom, e = single[0][0]
    if atom.kind != "event" or e != 1 or atom.data[1] != (variable(index),) or not is_apart(low.ring, event_name(atom)):
        return None
    return ONE - sum_over(low.ring, low.ring.value(atom), [index])


def _named(low: Lowering, term: Term, env: Env) -> Poly:
    base, written = (term.args[0], term.args[1:]) if term.head == "entry" else (term, ())
    symbol = low.context.symbols.get(base.name) if base.head == "sym" and base.name not in env else None
    if symbol is None or symbol.role != "event":
        raise OutOfReach("a statement that is no event")
    at = tuple(low.affine(i, env) for i in written)
    definition = low.context.definitions.get(symbol.name)
    if definition is not None:
        inner = {p: low.index_binding(p, i) for p, i in zip(definition.params, at, strict=True)}
        with low.silent():
            return event_value(low, definition.body, inner)
    if len(at) != len(symbol.family):
        raise OutOfReach("a family of events as one event")
    for where, span in zip(at, symbol.family, strict=True):
        check_range(low, where, span.low, span.high)
    return event(low.ring, symbol.name, at)


def _relation(low: Lowering, statement: Term, env: Env) -> Poly:
    """A relation of indices by ranges, a relation of random scalars by the sign of the difference."""
    left, right = statement.args
    if all(affine_of(a) is not None for a in statement.args):
        difference = low.affine(left, env) - low.affine(right, env)
        if all(low.ring.is_index_like(n) and n not in low.ring.random_marks for n in difference.names):
            return condition_value(low, statement, env)
    if any(low.shape(a, env).axes or low.shape(a, env).statement for a in statement.args):
        raise OutOfReach("a relation of vectors")
    before, low.ring.moduli_as_bits = low.ring.moduli_as_bits, False  # a relation takes |X| apart in its own way
    try:
        poly = low.lower(left, (), env) - low.lower(right, (), env)
    finally:
        low.ring.moduli_as_bits = before
    if not any(mark in poly.free for mark in low.ring.random_marks.values()) and poly.constant is None:
        raise OutOfReach("a case distinction")
    return {
        "gt": lambda: positive_bit(low.ring, poly),
        "lt": lambda: positive_bit(low.ring, -poly),
        "ge": lambda: ONE - positive_bit(low.ring, -poly),
        "le": lambda: ONE - positive_bit(low.ring, poly),
        "eq": lambda: zero_bit(low.ring, poly),
        "ne": lambda: ONE - zero_bit(low.ring, poly),
    }[statement.head]()


def indicator(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    """1[A]."""
    return event_value(low, term.args[0], env)


def chance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    """P(A), P(A | B) and P(A | Y)."""
    from derive.normal_form.lowering.probability import mean

    return mean(low, event_value(low, term.args[0], env), term.args[1:], env)


def share_within(low: Lowering, condition: Term, env: Env) -> tuple[Poly, Poly]:
    """The indicator of a condition, and 1 over its probability."""
    from derive.normal_form.expectation import expectation

    _refuse_values(low, condition)
    inside = event_value(low, condition, env)
    return inside, reciprocal_chance(low, expectation(low.ring, inside), condition, env)


def reciprocal_chance(low: Lowering, value: Poly, condition: Term, env: Env) -> Poly:
    """1 over the probability of a condition, which must be positive."""
    if not value:
        raise OutOfReach("a condition of probability 0")
    low.sign_needed("positive", value, make("prob", condition), env)
    return power(low.ring, value, -1)


def given_value(low: Lowering, value: Poly, parts: tuple[Term, ...], env: Env) -> Poly | None:
    """E[value | N = n] as E[value | N] with n put in, for a discrete N; None where that has no such form."""
    from derive.normal_form.conditioning import conditional_expectation, in_moments
    from derive.normal_form.expectation import expectation, is_random
    from derive.normal_form.renaming import Substitution, substitute

    if len(parts) != 1 or parts[0].head != "eq" or parts[0].args[0].head != "sym":
        return None
    name, other = parts[0].args[0].name, parts[0].args[1]
    symbol = low.context.symbols.get(name)
    if symbol is None or low.ring.random_marks.get(name) != name or not _discrete(symbol) or symbol.role == "event":
        return None
    found = conditional_expectation(low.ring, value, (name,))
    at = low.lower(other, (), env)
    if in_moments(found, frozenset([name])) or any(mark in at.free for mark in low.ring.random_marks.values()):
        return None
    index = affine_of(other)
    if index is None and any(a.kind in ("sum", "prod") for mono in found.terms for a, _ in mono):
        return None
    chance = expectation(low.ring, event_value(low, parts[0], env))
    if not chance:
        raise OutOfReach("a condition of probability 0")
    low.sign_needed("positive", chance, make("prob", parts[0]), env)
    whole = low.affine(other, env) if index is not None and all(map(low.ring.is_index_like, index.names)) else None
    values = Substitution({name: whole}) if whole is not None else Substitution(scalars={name: at})
    moved = substitute(low.ring, found, values)
    return None if any(is_random(low.ring, a) for mono in moved.terms for a, _ in mono) else moved


def _refuse_values(low: Lowering, condition: Term) -> None:
    """Refuse to condition on the value of a variable that may have a density."""
    for node in walk(condition):
        if node.head not in ("eq", "iff"):
            continue
        random = [s for n in free_names(node) if (s := low.context.symbols.get(n)) is not None and s.random]
        if any(n in low.context.definitions for n in free_names(node)) or not all(map(_discrete, random)):
            raise OutOfReach("conditioning on a value of what may be no discrete variable")


def _discrete(symbol: Symbol) -> bool:
    return symbol.role == "event" or symbol.domain.kind in ("natural", "integer", "finite")


__all__ = ["STATEMENTS", "chance", "event_value", "given_value", "indicator", "is_event", "share_within"]
