"""Equation to equation, closed forms of recurrences, sets of optimisers: what is proved, and what never may be."""

from __future__ import annotations

import pytest
from identities.table import step_of

from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved, Refuted
from derive.language.printing import plain

SEQUENCE = (
    r"\gamma \in (0, 1)",
    r"h_t \in \mathbb{R}, t = 1, \dots, T",
    "s_0 = 0",
    r"s_t = \gamma s_{t-1} + (1 - \gamma) h_t, t = 1, \dots, T",
)
SUM = (r"h_t \in \mathbb{R}, t = 1, \dots, T", r"s_0 \in \mathbb{R}", r"s_t = s_{t-1} - h_t, t = 1, \dots, T")
REGRESSION = (
    r"A \in \mathbb{R}^{m \times k}",
    r"u \in \mathbb{R}^k",
    r"b \in \mathbb{R}^m",
    r"\rho > 0",
)
SCALARS = (r"p, q, r, x \in \mathbb{R}",)
FUNCTIONS = (r"f : \mathbb{R} \to \mathbb{R}", r"g : \mathbb{R} \to \mathbb{R}", r"g(t) > 0 for all t", r"c > 0")

PROVED = [
    (SEQUENCE, r"s_t = (1 - \gamma) \sum_{j=1}^{t} \gamma^{t-j} h_j"),
    (SEQUENCE, r"s_2 = (1 - \gamma)(\gamma h_1 + h_2)"),
    (SUM, r"s_t = s_0 - \sum_{j=1}^{t} h_j"),
    (REGRESSION, r"A^T (A u - b) + \rho u = 0 \iff u = (A^T A + \rho I)^{-1} A^T b"),
    ((*REGRESSION, "A has full column rank"), r"A^T A u = A^T b \iff u = (A^T A)^{-1} A^T b"),
    (SCALARS, r"2 p x - 4 q = 0 \iff p x = 2 q"),
    ((*SCALARS, r"p \ne 0"), r"p x = q \iff x = \frac{q}{p}"),
    (SCALARS, r"x = p \Rightarrow x^2 = p^2"),
    (SCALARS, r"x^2 - p^2 = 0 \iff (x - p)(x + p) = 0"),
    (FUNCTIONS, r"\arg\max_{t} f(t) = \arg\min_{t} (3 - 2 f(t))"),
    (FUNCTIONS, r"\arg\max_{t} g(t) = \arg\max_{t} \log g(t)"),
    (FUNCTIONS, r"\arg\min_{t} c g(t) = \arg\max_{t} \frac{1}{g(t)}"),
    (REGRESSION, r"\arg\min_u \|A u - b\|^2 = \arg\min_u \left( u^T A^T A u - 2 b^T A u \right)"),
    (REGRESSION, r"\arg\min_u \left( \|A u - b\|^2 + \rho \|u\|^2 \right) = (A^T A + \rho I)^{-1} A^T b"),
    (SCALARS, r"\arg\min_x \left( x^2 - 2 p x + q \right) = p"),
]

CONDITIONAL = [
    (SCALARS, r"p x = p q \Rightarrow x = q", "p ≠ 0"),
    (REGRESSION, r"A^T A u = A^T b \Rightarrow u = (A^T A)^{-1} A^T b", "invertible"),
]

FALSE = [
    (SEQUENCE, r"s_t = (1 - \gamma) \sum_{j=1}^{t} \gamma^{t-j+1} h_j"),
    (SEQUENCE, r"s_t = \sum_{j=1}^{t} \gamma^{t-j} h_j"),
    (SEQUENCE, r"s_2 = (1 - \gamma)(h_1 + \gamma h_2)"),
    (SUM, r"s_t = s_0 + \sum_{j=1}^{t} h_j"),
    (SUM, r"s_t = s_0 - \sum_{j=1}^{t-1} h_j"),
    (REGRESSION, r"A^T (A u - b) + \rho u = 0 \iff u = (A^T A - \rho I)^{-1} A^T b"),
    (REGRESSION, r"A^T (A u - b) + \rho u = 0 \Rightarrow u = (A^T A + 2 \rho I)^{-1} A^T b"),
    (SCALARS, r"2 p x - 4 q = 0 \iff p x = 4 q"),
    ((*SCALARS, r"p \ne 0"), r"p x = q \iff x = \frac{p}{q}"),
    (SCALARS, r"x = p \Rightarrow x^2 = 2 p"),
    (FUNCTIONS, r"\arg\max_{t} f(t) = \arg\max_{t} (3 - 2 f(t))"),
    (REGRESSION, r"\arg\min_u \|A u - b\|^2 = \arg\min_u \left( u^T A^T A u + 2 b^T A u \right)"),
    (REGRESSION, r"\arg\min_u \left( \|A u - b\|^2 + \rho \|u\|^2 \right) = (A^T A + 2 \rho I)^{-1} A^T b"),
    (SCALARS, r"\arg\min_x \left( x^2 - 2 p x + q \right) = -p"),
]


@pytest.mark.parametrize(("given", "text"), PROVED)
def test_true_statements_are_proved(given: tuple[str, ...], text: str) -> None:
    verdict = check_step(step_of(given, text)).verdict
    assert isinstance(verdict, Proved), verdict


@pytest.mark.parametrize(("given", "text", "condition"), CONDITIONAL)
def test_the_missing_hypothesis_is_named(given: tuple[str, ...], text: str, condition: str) -> None:
    verdict = check_step(step_of(given, text)).verdict
    assert isinstance(verdict, Conditional), verdict
    assert condition in ", ".join(plain(c) for c in verdict.proof.conditions)


@pytest.mark.parametrize(("given", "text"), FALSE)
def test_false_statements_are_refuted(given: tuple[str, ...], text: str) -> None:
    verdict = check_step(step_of(given, text)).verdict
    assert isinstance(verdict, Refuted), verdict


def test_equivalence_and_mere_implication_are_told_apart() -> None:
    both = check_step(step_of(SCALARS, r"2 x = 4 p \Rightarrow x = 2 p")).verdict
    one = check_step(step_of(SCALARS, r"x = p \Rightarrow x^2 = p^2")).verdict
    assert isinstance(both, Proved)
    assert both.proof.direction == "equivalent"
    assert isinstance(one, Proved)
    assert one.proof.direction == "implies"
