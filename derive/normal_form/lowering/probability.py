"""Expectations, variances and covariances, by raw moments."""

from __future__ import annotations

from derive.language.term import Term
from derive.normal_form.atom import Poly
from derive.normal_form.lowering.core import Env, Index, Lowering
from derive.normal_form.polynomial import multiply
from derive.normal_form.ring import OutOfReach


def expectation(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    return _mean(low, low.lower(term.args[0], indices, env), term.args[1:])


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
    product = multiply(low.ring, _mean(low, a, given), _mean(low, b, given))
    return _mean(low, multiply(low.ring, a, b), given) - product


def _mean(low: Lowering, value: Poly, given: tuple[Term, ...]) -> Poly:
    from derive.normal_form.expectation import conditional_expectation, expectation

    if not given:
        return expectation(low.ring, value)
    names = []
    for term in given:
        if (
            term.head != "sym"
            or term.name not in low.ring.random_marks
            or low.ring.random_marks[term.name] != term.name
        ):
            raise OutOfReach("conditioning on what is no scalar random variable")
        names.append(term.name)
    return conditional_expectation(low.ring, value, tuple(sorted(names)))
