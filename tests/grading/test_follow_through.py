"""Follow-through: an error costs once, what is right from it keeps its share, a question made easy keeps nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.grading.marking import LEAST_SQUARES, RIGHT, earned, items_of, line_of, marks_of

CARRIED = r"""
$$\nabla L(w) = \frac{1}{n} X^T (Xw + y)$$
$$\nabla L(w) = 0$$
$$X^T X w = -X^T y$$
$$w = -(X^T X)^{-1} X^T y$$
"""


def test_an_error_costs_its_line_and_the_rest_keeps_its_share() -> None:
    items = items_of(CARRIED)
    assert {n: (i.low, i.follow_through) for n, i in items.items()} == {
        "gradient": (0, False),
        "normal": (1, True),
        "reasoning": (Fraction(4, 3), True),
        "answer": (Fraction(3, 2), True),
    }
    first = line_of(CARRIED, "Xw + y")
    assert all(i.place is not None and i.place.line == first for i in items.values())
    steps = marks_of(CARRIED).questions[0].steps
    assert [(s.verdict, s.carried) for s in steps] == [
        ("refuted", False),
        ("stated", False),
        ("proved", True),
        ("conditional", True),
    ]


def test_the_share_is_the_rubrics() -> None:
    key = LEAST_SQUARES.replace("points: 10\n", "points: 10\nfollow_through: 0\n")
    assert earned(CARRIED, key) == {"gradient": "0", "normal": "0", "reasoning": "1.33", "answer": "0"}


def test_the_truth_counts_where_it_is_better() -> None:
    """After a factor that is dropped the answer is right again, and full."""
    text = RIGHT.replace(r"\frac{1}{n} X^T (Xw", r"X^T (Xw")
    assert earned(text) == {"gradient": "0", "normal": "2", "reasoning": "1.33", "answer": "3"}


def test_a_second_error_costs_again() -> None:
    text = CARRIED.replace("w = -(X^T X)^{-1} X^T y", "w = -2 (X^T X)^{-1} X^T y")
    items = items_of(text)
    assert items["answer"].high == 0
    assert items["answer"].place is not None
    assert items["answer"].place.line == line_of(text, "-2 (X")
    assert items["reasoning"].low == Fraction(2, 3)
    assert len(items["reasoning"].remarks) == 2


def test_an_error_in_an_equation_is_carried_too() -> None:
    text = RIGHT.replace("X^T X w = X^T y", "X^T X w = -X^T y").replace("w = (X", "w = -(X")
    items = items_of(text)
    assert (items["gradient"].low, items["normal"].high, items["answer"].low) == (3, 0, Fraction(3, 2))
    assert items["answer"].follow_through


DEGENERATE = {
    "the loss is nothing": r"""
$$L(w) = 0$$
$$\nabla L(w) = 0$$
$$w = 0$$
""",
    "the data are dropped": r"""
$$L(w) = \frac{1}{2n} \|Xw\|^2$$
$$\nabla L(w) = \frac{1}{n} X^T X w$$
$$\nabla L(w) = 0$$
$$X^T X w = 0$$
$$w = 0$$
""",
    "the quantity asked for is dropped": r"""
$$L(w) = \frac{1}{2n} \|y\|^2$$
$$\nabla L(w) = 0$$
$$0 = 0$$
""",
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_a_question_made_easy_keeps_nothing(name: str) -> None:
    items = items_of(DEGENERATE[name])
    assert {n: i.high for n, i in items.items() if i.kind != "steps"} == {"gradient": 0, "normal": 0, "answer": 0}
    assert not any(i.follow_through for i in items.values() if i.kind != "steps")


def test_a_false_premise_carries_nothing() -> None:
    """From an equation that no point meets everything follows, and that earns nothing."""
    text = "$$\\|w\\|^2 + 1 = 0$$\n$$\\Rightarrow w = 3 (X^T X)^{-1} X^T y$$\n"
    assert items_of(text)["answer"].low == 0


def test_a_false_start_of_an_arrow_is_an_error() -> None:
    text = r"$$\nabla L(w) = \frac{1}{n} (X^T X w + X^T y) = 0 \Rightarrow X^T X w = -X^T y$$"
    item = items_of(text)["reasoning"]
    assert item.high == 0
    assert "starts from" in item.remarks[0].reason
