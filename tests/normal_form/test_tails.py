"""P(X > t) of uniform and exponential variables: only where t is known to lie among the values, and never another's."""

from __future__ import annotations

import pytest
from identities.table import step_of

from derive.checking.engines import Settings
from derive.checking.step import check_step

UNIFORM = (r"U \sim \mathcal{U}(a, b)", r"a < b")
WAITING = (r"\lambda > 0", r"T \sim \operatorname{Exp}(\lambda)", "s, u > 0")

UNPROVED = (
    ((*UNIFORM, r"t \in \mathbb{R}"), r"P(U > t) = \frac{b - t}{b - a}"),  # t may lie outside
    ((*UNIFORM, r"t \in (a, b)"), r"P(U > t) = \frac{t - a}{b - a}"),
    ((r"\theta > 0", r"t \in (0, \theta)", r"U \sim \mathcal{U}(0, \theta)"), r"P(U \le t) = t"),
    ((*WAITING, r"t \in \mathbb{R}"), r"P(T > t) = e^{-\lambda t}"),
    (WAITING, r"P(T > s) = 1 - e^{-\lambda s}"),
    (WAITING, r"P(T > s + u \mid T > s) = P(T > s)"),
    (WAITING, r"P(T > -s) = e^{\lambda s}"),
)


@pytest.mark.parametrize(("given", "text"), UNPROVED)
def test_what_does_not_hold_is_not_proved(given: tuple[str, ...], text: str) -> None:
    assert check_step(step_of(given, text), Settings(budget=1.0, search=False)).verdict.name not in ("proved", "tested")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((*UNIFORM, r"t \in (a, b)"), r"P(U > t) = \frac{b - t}{b - a}"),
        ((*UNIFORM, r"t \in (a, b)"), r"P(3 - 2 U \ge 3 - 2 t) = \frac{t - a}{b - a}"),
        (WAITING, r"P(T > s + u \mid T > s) = P(T > u)"),
        (
            ("c > 0", r"X_i, i = 1, \dots, n, are i.i.d. random variables",
             r"X_i \sim \mathcal{U}(0, c)", r"t \in (0, c)"),
            r"P(\max(X_1, \dots, X_n) \le t) = (t / c)^n",
        ),
        (WAITING, r"P(2 T \le s) = 1 - e^{-\lambda s / 2}"),
    ],
)
def test_what_holds_is_proved(given: tuple[str, ...], text: str) -> None:
    assert check_step(step_of(given, text), Settings(budget=2.0, search=False)).verdict.name == "proved"
