"""Expectations, variances and covariances, by raw moments."""

from __future__ import annotations

from derive.language.term import Term, make
from derive.normal_form.atom import Poly
from derive.normal_form.lowering.core import Env, Index, Lowering
from derive.normal_form.lowering.events import given_value, is_event, share_within
from derive.normal_form.polynomial import multiply
from derive.normal_form.ring import OutOfReach


def expectation(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return mean(low, low.lower(term.args[0], indices, env), term.args[1:], env)


def variance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    half = len(indices) // 2
    return covariance_of(low, (term.args[0], term.args[0]), term.args[1:], indices[:half], indices[half:], env)


def covariance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    left = low.shape(term.args[0], env)
    rows = len(left.axes[0]) if left.axes else 0
    return covariance_of(low, term.args[:2], term.args[2:], indices[:rows], indices[rows:], env)


def covariance_of(
    low: Lowering, sides: tuple[Term, ...], given: tuple[Term, ...], i: Index, j: Index, env: Env
) -> Poly:
    """E[AB | given] − E[A | given] E[B | given]."""
    a, b = low.lower(sides[0], i, env), low.lower(sides[1], j, env)
    product = multiply(low.ring, mean(low, a, given, env), mean(low, b, given, env))
    return mean(low, multiply(low.ring, a, b), given, env) - product


def mean(low: Lowering, value: Poly, given: tuple[Term, ...], env: Env) -> Poly:
    """E[value | given]: given events, or given scalar random variables."""
    from derive.normal_form.conditioning import conditional_expectation
    from derive.normal_form.expectation import expectation

    ring = low.ring
    parts = tuple(p for g in given for p in (g.args if g.head == "and" else (g,)))
    if not parts:
        return expectation(ring, value)
    variables = [p for p in parts if not is_event(low, p)]
    if not variables:
        at_value = given_value(low, value, parts, env)
        if at_value is not None:
            return at_value
        inside, scale = share_within(low, parts[0] if len(parts) == 1 else make("and", *parts), env)
        return multiply(ring, expectation(ring, multiply(ring, value, inside)), scale)
    if len(variables) < len(parts):
        raise OutOfReach("conditioning on an event and a variable at once")
    names = []
    for term in variables:
        if term.head != "sym" or term.name in env or ring.random_marks.get(term.name) != term.name:
            raise OutOfReach("conditioning on what is no scalar random variable")
        names.append(term.name)
    return conditional_expectation(ring, value, tuple(sorted(names)))
