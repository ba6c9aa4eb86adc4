"""Small keys and what submissions earn by them, for the tests of marking."""

from __future__ import annotations

from functools import lru_cache

from derive.checking.engines import Settings
from derive.grading.key import Key, read_key_text
from derive.grading.mark import mark
from derive.grading.marks import ItemMarks, Marks, rounded
from derive.targets import Target

LEAST_SQUARES = r"""
# 1 Normal equation

```given
X \in \mathbb{R}^{n \times d}
y \in \mathbb{R}^n
w \in \mathbb{R}^d
L(w) = \frac{1}{2n} \|Xw - y\|^2
```

$$\nabla L(w) = \frac{1}{n} X^T (Xw - y)$$
$$\nabla L(w) = 0$$
$$X^T X w = X^T y$$
$$w = (X^T X)^{-1} X^T y$$

```rubric
points: 10
items:
  - {id: gradient, points: 3, reach: '\frac{\partial L}{\partial w} = \frac{1}{n} X^T (Xw - y)'}
  - {id: normal, points: 2, reach: 'X^T X w = X^T y'}
  - {id: reasoning, points: 2, steps: valid}
  - {id: answer, points: 3, final: 'w = (X^T X)^{-1} X^T y'}
```
"""
"""One question: everything in a submission answers it."""

GRADIENT = LEAST_SQUARES[: LEAST_SQUARES.index("$$\\nabla L(w) = 0$$")] + r"""
```rubric
items:
  - {id: gradient, points: 3, reach: '\frac{\partial L}{\partial w} = \frac{1}{n} X^T (Xw - y)'}
```
"""
"""Its first line only."""

RIGHT = r"""
$$\nabla L(w) = \frac{1}{n} X^T (Xw - y)$$
$$\nabla L(w) = 0$$
$$X^T X w = X^T y$$
$$w = (X^T X)^{-1} X^T y$$
"""


QUICK = Settings(points=2)
"""Two spot checks for each proof, to save time."""


@lru_cache(maxsize=32)
def key_of(text: str) -> Key:
    """A key that is known to be well written."""
    found = read_key_text("key.md", text)
    assert isinstance(found, Key), found
    return found


@lru_cache(maxsize=64)
def marks_of(text: str, key: str = LEAST_SQUARES, name: str = "student-1.md") -> Marks:
    """What a submission earns."""
    return mark(key_of(key), Target(name, text=text), QUICK)


def items_of(text: str, key: str = LEAST_SQUARES) -> dict[str, ItemMarks]:
    """The items of the first question."""
    return {i.id: i for i in marks_of(text, key).questions[0].items}


def earned(text: str, key: str = LEAST_SQUARES) -> dict[str, str]:
    """What each item of the first question earns: `3`, or `0–3` where a person has to look."""
    return {name: span(item) for name, item in items_of(text, key).items()}


def span(item: ItemMarks) -> str:
    """The points of an item, as a range where it is one."""
    return rounded(item.low) if item.low == item.high else f"{rounded(item.low)}–{rounded(item.high)}"


def line_of(text: str, part: str) -> int:
    """The line of a submission that holds a piece of text."""
    return next(n for n, line in enumerate(text.split("\n"), 1) if part in line)
