"""What an equality is conditional on: never less than is needed, and nothing that follows from the rest."""

from __future__ import annotations

import pytest
from identities.table import step_of

from derive.language.budget import Budget
from derive.language.decision import Proof
from derive.language.printing import plain
from derive.procedures.identity import PROCEDURE

REAL = (r"x, c, a \in \mathbb{R}", r"n \in \mathbb{N}, n \ge 1")
NOT_NEGATIVE = (r"x \in \mathbb{R}", r"x \ge 0")
DEFINED = (r"x \in \mathbb{R}", "u = x^2", "f = x^4", "g = u^2")
VECTORS = (r"u, v \in \mathbb{R}^{d}", r"u \ne 0", r"A \in \mathbb{R}^{n \times d}")
APPLIED = (r"v, c \in \mathbb{R}", "v > 0", r"f(v) = \frac{v}{v}", r"g(v) = \log v")

CASES: list[tuple[tuple[str, ...], str, list[str] | None]] = [
    (REAL, r"\frac{x}{x} = 1", []),
    (REAL, r"1 = \frac{x}{x}", ["x ≠ 0"]),
    (REAL, r"\frac{d}{dx} |x| = \operatorname{sign}(x)", ["x ≠ 0"]),
    (REAL, r"\frac{d}{dx} \log |x| = \frac{1}{x}", []),
    # under |x| = x, the logarithm's own need must not stand in for the assumption
    (REAL, r"\frac{d}{dx} \log |x| = \frac{1}{|x|}", ["x > 0"]),
    # a kink at the end of a domain: a derivative is taken inside
    (NOT_NEGATIVE, r"\frac{d}{dx} |x| = 1", ["x > 0"]),
    (NOT_NEGATIVE, r"\sqrt{x^2} = x", []),
    # a norm has no gradient at 0, its square and its cube have
    (VECTORS, r"\nabla_v \|v\| = \frac{v}{\|v\|}", ["v ≠ 0"]),
    (VECTORS, r"\nabla_u \|u\| = \frac{u}{\|u\|}", []),
    (VECTORS, r"\nabla_v \|v\|^3 = 3 \|v\| v", []),
    (VECTORS, r"\frac{\partial}{\partial A} \|A\|_F = \frac{A}{\|A\|_F}", ["A ≠ 0"]),
    (REAL, r"\sqrt{x^2} = x", ["x ≥ 0"]),
    # powers have values at some places where their rules do not hold
    (REAL, r"c^a = e^{a \log c}", ["c > 0"]),
    # a need under an index whose range may be empty is no fact
    (REAL, r"\sum_{i=3}^{n} \log c = (n - 2) \log c", ["c > 0", "n − 2 ≥ 0"]),
    # a sum read backwards: powers of 0 have no value where they are negative
    (REAL, r"\sum_{k=0}^{n-1} c^k = c^{n-1} \sum_{k=0}^{n-1} c^{-k}", ["c ≠ 0"]),
    (REAL, r"\sum_{k=0}^{n-1} c^k = \sum_{k=1}^{n} c^{n-k}", []),
    # what a function needs at an argument is said of the argument, not of the parameter, whatever that is outside
    (APPLIED, r"1 = f(c)", ["c ≠ 0"]),
    (APPLIED, r"1 = f(v)", []),
    (APPLIED, r"f(c) = 1", []),
    (APPLIED, r"c = \exp(g(c))", ["c > 0"]),
    (DEFINED, r"\frac{\partial g}{\partial u} = 2 u", []),
    (DEFINED, r"\frac{\partial f}{\partial u} = 0", None),
]


@pytest.mark.parametrize(("given", "text", "conditions"), CASES, ids=[c[1] for c in CASES])
def test_conditions(given: tuple[str, ...], text: str, conditions: list[str] | None) -> None:
    outcome = PROCEDURE.decide(step_of(given, text), Budget(10.0))
    if conditions is None:
        assert not isinstance(outcome, Proof)
    else:
        assert isinstance(outcome, Proof)
        assert [plain(c) for c in outcome.conditions] == conditions
