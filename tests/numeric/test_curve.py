"""Curves of both sides: the values of the formulas, on points that satisfy what is in force, and only there."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from derive.loading import load
from derive.numeric.curve import Curves, curves
from derive.targets import Target

Side = Callable[[float], float]


def drawn(given: str, step: str, **values: object) -> Curves | None:
    document = load(Target("step.md", text=f"```given\n{given}\n```\n\n$$ {step} $$\n"))
    (only,) = document.derivations[0].steps
    assert only.statement is not None, only.problem
    return curves(only.statement, only.context, tuple(values.items()))


@pytest.mark.parametrize(
    ("given", "step", "values", "variable", "left", "right"),
    [
        (
            r"a, b \in \mathbb{R}",
            "(a + b)^2 = a^2 + b^2",
            {"a": "1", "b": "2"},
            "a",
            lambda x: (x + 2) ** 2,
            lambda x: x * x + 4,
        ),
        (r"x > 0", r"\log x \le x - 2", {"x": "1/2"}, "x", math.log, lambda x: x - 2),
        (r"p \in (0, 1)", "p^2 = p", {"p": "1/3"}, "p", lambda x: x * x, lambda x: x),
        (
            "n \\in \\mathbb{N}\nw \\in \\mathbb{R}^n",
            r"\|w\|^2 = \sum_{i=1}^n w_i",
            {"n": "2", "w": ("1", "3")},
            "w_1",
            lambda x: x * x + 9,
            lambda x: x + 3,
        ),
        (
            r"w_i \in \mathbb{R}, i = 0, \dots, d",
            r"\sum_{i=0}^d w_i = w_0",
            {"d": "1", "w": ("2", "5")},
            "w_0",
            lambda x: x + 5,
            lambda x: x,
        ),
    ],
)
def test_curves_are_the_values_of_the_sides(
    given: str, step: str, values: dict[str, object], variable: str, left: Side, right: Side
) -> None:
    found = drawn(given, step, **values)
    assert found is not None
    assert found.variable == variable
    assert found.at in found.xs
    assert len(found.xs) == len(found.left) == len(found.right) >= 20
    for x, y, z in zip(found.xs, found.left, found.right, strict=True):
        assert y == pytest.approx(left(x), abs=1e-9)
        assert z == pytest.approx(right(x), abs=1e-9)


def test_points_satisfy_what_is_in_force() -> None:
    for given, low, high in ((r"x > 0", 0, math.inf), (r"x \in (0, 1)", 0, 1), ("x > 0\nx < 2", 0, 2)):
        found = drawn(given, "x^2 = x + 1", x="1/2")
        assert found is not None
        assert all(low < x < high for x in found.xs)
    symmetric = (("1", "2"), ("2", "3"))
    one = drawn(r"A \in \mathbb{R}^{2 \times 2}, symmetric", r"\operatorname{tr}(A) = A_{12}", A=symmetric)
    assert one is not None and one.variable in ("A_1,1", "A_2,2")  # moving A_12 alone would leave it unsymmetric


def test_a_side_without_a_value_is_a_gap() -> None:
    found = drawn(r"x \in \mathbb{R}", r"\frac{1}{x} = x + 3", x="3/2")
    assert found is not None
    assert found.left[found.xs.index(0.0)] is None
    assert found.right[found.xs.index(0.0)] == 3


@pytest.mark.parametrize(
    ("given", "step", "values"),
    [
        (r"X is a random variable", r"\mathbb{E}[X^2] = \mathbb{E}[X]^2", {"X": "1 with probability 1"}),
        (r"f : \mathbb{R} \to \mathbb{R}", "f(1) = f(2)", {"f": "f(t) = t"}),
        (r"u, v \in \mathbb{R}^n", "u = v", {"n": "1", "u": ("1",), "v": ("2",)}),
        (r"x \in \mathbb{R}", r"x = 1 \Rightarrow x = 2", {"x": "1"}),
        (r"n \in \mathbb{N}", "n^2 = n", {"n": "2"}),
    ],
)
def test_what_has_no_picture(given: str, step: str, values: dict[str, object]) -> None:
    assert drawn(given, step, **values) is None
