"""Optimisers: equal ones agree where they are known exactly, different ones are told apart exactly."""

from __future__ import annotations

import pytest
from spelling import IDENTITY, POSITIVE, UNIT, call, functions, h, matrices, s, scalars, sizes, step, vectors, world

from derive.numeric.certify import agree, refute

X, w, y, lam, sig, tau, th, p, k = s("X w y lam sig tau th p k")
n = s("n")
DATA = world(
    sizes("n d"), matrices("X", "n", "d"), vectors("y", "n"), vectors("w", "d"), scalars("lam sig tau", POSITIVE)
)
OPAQUE = world(functions("L P f"), scalars("th"), facts=[call("L", th).gt(0), call("P", th).gt(0)])
RATE = world(scalars("p", UNIT), scalars("k", POSITIVE))
L, P, f = call("L", th), call("P", th), call("f", th)


def square(e):
    return h("norm", e, value="2") ** 2


def least(e, by=w):
    return h("argmin", by, e)


def most(e, by=w):
    return h("argmax", by, e)


def log(e):
    return h("log", e)


POSTERIOR = h("exp", -square(X @ w - y) / (2 * sig**2)) * h("exp", -square(w) / (2 * tau**2))
RIDGE = square(X @ w - y) + lam * square(w)

TRUE = {
    "ridge": (least(RIDGE).eq(h("inverse", ~X @ X + lam * IDENTITY) @ ~X @ y), DATA, 8),
    "posterior": (most(POSTERIOR).eq(least(square(X @ w - y) + sig**2 / tau**2 * square(w))), DATA, 8),
    "logarithm": (most(POSTERIOR).eq(most(log(POSTERIOR))), DATA, 8),
    "opaque likelihood": (most(L * P, th).eq(most(log(L) + log(P), th)), OPAQUE, 1),
    "sign": (most(L, th).eq(least(-log(L), th)), OPAQUE, 1),
    "frequency": (most(k * log(p) + log(1 - p), p).eq(k / (k + 1)), RATE, 0),
}
FALSE = {
    "ridge with n": (least(RIDGE).eq(h("inverse", ~X @ X + n * lam * IDENTITY) @ ~X @ y), DATA),
    "ratio upside down": (most(POSTERIOR).eq(least(square(X @ w - y) + tau**2 / sig**2 * square(w))), DATA),
    "direction": (most(POSTERIOR).eq(most(square(X @ w - y) + sig**2 / tau**2 * square(w))), DATA),
    "sum for product": (most(L * P, th).eq(most(L + P, th)), OPAQUE),
    "prior left out": (most(L * P, th).eq(most(L, th)), OPAQUE),
    "direction of an opaque": (most(L, th).eq(least(log(L), th)), OPAQUE),
    "square of a signed function": (most(f, th).eq(most(f**2, th)), OPAQUE),
    "frequency of the other": (most(k * log(p) + log(1 - p), p).eq(1 / (k + 1)), RATE),
}


@pytest.mark.parametrize("name", sorted(TRUE))
def test_equal_optimisers_are_not_opposed(name):
    statement, context, known = TRUE[name]
    claim = step(statement, context)
    assert refute(claim, 0) is None
    found = agree(claim, 0)
    assert found.against is None
    assert found.count >= known


@pytest.mark.parametrize("name", sorted(FALSE))
def test_different_optimisers_are_refuted(name):
    statement, context = FALSE[name]
    for seed in (0, 1):
        found = refute(step(statement, context), seed)
        assert found is not None and found.left != found.right


def test_parallel_gradients_are_no_reason_to_refute_or_agree():
    # f' and g' have a positive ratio on [-1.9, 1.9] and the maximisers differ: nothing is known exactly here
    one = -(th**4 / 4 - th**2 / 2) * 2
    claim = step(most(one, th).eq(most(one + 1, th)), OPAQUE)
    assert refute(claim, 0) is None
    assert agree(claim, 0).count == 0
