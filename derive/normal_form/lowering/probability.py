"""Expectations, variances and covariances, by raw moments."""

from __future__ import annotations

from derive.language.term import Term
from derive.normal_form.atom import Poly
from derive.normal_form.lowering.core import Env, Index, Lowering
from derive.normal_form.polynomial import multiply
from derive.normal_form.ring import OutOfReach


def expectation(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    from derive.normal_form.expectation import expectation

    if len(term.args) > 1:
        raise OutOfReach("a conditional expectation")
    return expectation(low.ring, low.lower(term.args[0], indices, env))


def variance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    if len(term.args) > 1:
        raise OutOfReach("a conditional variance")
    half = len(indices) // 2
    return covariance_of(low, term.args[0], term.args[0], indices[:half], indices[half:], env)


def covariance(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    if len(term.args) > 2:
        raise OutOfReach("a conditional covariance")
    left = low.shape(term.args[0], env)
    rows = len(left.axes[0]) if left.axes else 0
    return covariance_of(low, term.args[0], term.args[1], indices[:rows], indices[rows:], env)


def covariance_of(low: Lowering, left: Term, right: Term, i: Index, j: Index, env: Env) -> Poly:
    from derive.normal_form.expectation import expectation

    ring = low.ring
    a, b = low.lower(left, i, env), low.lower(right, j, env)
    mean = multiply(ring, expectation(ring, a), expectation(ring, b))
    return expectation(ring, multiply(ring, a, b)) - mean
