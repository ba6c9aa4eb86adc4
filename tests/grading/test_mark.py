"""Marks: what answers an item and what does not, names of the student's own, places, ranges, what proves nothing."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from derive.grading.mark import mark
from derive.grading.marks import rounded
from derive.targets import Target
from tests.grading.marking import GRADIENT, LEAST_SQUARES, QUICK, RIGHT, earned, items_of, key_of, line_of, marks_of

FULL = {"gradient": "3", "normal": "2", "reasoning": "2", "answer": "3"}


def test_the_keys_own_lines_earn_everything() -> None:
    assert earned(RIGHT) == FULL


EQUAL = {
    "sides exchanged": r"$$\frac{1}{n} X^T (Xw - y) = \nabla L(w)$$",
    "multiplied out": r"$$\frac{\partial L}{\partial w} = \frac{1}{n} X^T X w - \frac{1}{n} X^T y$$",
    "the end of a chain": r"$$\nabla L = \nabla_w \frac{1}{2n} \|Xw - y\|^2 = \frac{1}{n} X^T (Xw - y)$$",
    "across lines": "$$\\nabla L(w)$$\n$$= \\frac{1}{n} (X^T X w - X^T y)$$",
    "entry by entry": r"$$\frac{\partial L}{\partial w_k} = \frac{1}{n} \sum_{i=1}^n \left(\sum_{j=1}^d X_{ij} w_j"
    r" - y_i\right) X_{ik}$$",
    "with a residual": "$$r = y - Xw$$\n$$\\nabla L(w) = -\\frac{1}{n} X^T r$$",
    "the premise of an arrow": r"$$\nabla L(w) = \frac{1}{n} X^T (Xw - y) = 0 \Rightarrow X^T X w = X^T y$$",
    "without the name of the loss": r"$$\nabla_w \frac{1}{2n} \|Xw - y\|^2 = \frac{1}{n} X^T (Xw - y)$$",
}


@pytest.mark.parametrize("name", EQUAL)
def test_every_form_of_what_is_asked_is_reached(name: str) -> None:
    item = items_of(EQUAL[name], GRADIENT)["gradient"]
    assert item.low == item.points
    assert item.place is not None


APART = {
    "the quantity itself": r"$$\nabla L(w) = \frac{\partial L}{\partial w}$$",
    "the derivative left to be done": r"$$\nabla L(w) = \nabla_w \frac{1}{2n} \|Xw - y\|^2$$",
    "two other sides that are equal": r"$$\frac{1}{n} X^T (Xw - y) = \frac{1}{n} (X^T X w - X^T y)$$",
    "nothing": "$$0 = 0$$\n$$1 = 1$$\n$$w = w$$",
    "the value only named": "$$g = \\nabla L(w)$$\n$$\\nabla L(w) = g$$",
    "set to zero": r"$$\nabla L(w) = 0$$",
    "another sign": r"$$\nabla L(w) = \frac{1}{n} X^T (y - Xw)$$",
    "another factor": r"$$\nabla L(w) = X^T (Xw - y)$$",
}


@pytest.mark.parametrize("name", APART)
def test_what_is_true_or_near_is_not_what_is_asked(name: str) -> None:
    item = items_of(APART[name], GRADIENT)["gradient"]
    assert item.high == 0, item


def test_an_equation_is_met_in_any_form_but_a_solution_is_solved() -> None:
    assert earned(r"$$X^T (Xw - y) = 0$$")["normal"] == "2"
    assert earned(r"$$\frac{1}{n} X^T y = \frac{1}{n} X^T X w$$")["normal"] == "2"
    assert earned(r"$$X^T X w = X^T y$$")["answer"] == "0"
    assert earned(r"$$X w = y$$")["normal"] == "0"


def test_the_last_word_on_the_answer_counts() -> None:
    right, wrong = "$$w = (X^T X)^{-1} X^T y$$\n", "$$w = (X^T X)^{-1} y_1 X^T y$$\n"
    assert earned(RIGHT + wrong)["answer"] == "0"
    assert earned(wrong + right)["answer"] == "3"
    assert earned(RIGHT + "$$\\|y\\|^2 = y^T y$$\n")["answer"] == "3", "a remark on something else takes nothing"


def test_steps_share_their_points_and_trifles_do_not_count() -> None:
    wrong = RIGHT.replace("$$X^T X w = X^T y$$", "$$X^T X w = 2 X^T y$$")
    item = items_of(wrong)["reasoning"]
    assert item.low == item.high == Fraction(4, 3)
    assert [(r.place.line, r.lost) for r in item.remarks if r.place] == [(line_of(wrong, "= 2 X^T y"), Fraction(2, 3))]
    assert items_of("$$0 = 0$$\n$$w = w$$")["reasoning"].high == 0


def test_an_equation_of_the_key_needs_no_derivation_of_its_own() -> None:
    assert earned("$$X^T X w = X^T y$$\n$$w = (X^T X)^{-1} X^T y$$") == {**FULL, "gradient": "0"}


# what a student declares

@pytest.mark.parametrize("line", [r"\nabla L(w) = \frac{2}{n} X^T (Xw - y)", r"\nabla L(w) = X^T X w - X^T y"])
def test_a_wrong_gradient_is_wrong_though_it_vanishes_where_the_right_one_does(line: str) -> None:
    text = RIGHT.replace(r"\nabla L(w) = \frac{1}{n} X^T (Xw - y)", line)
    items = items_of(text)
    place = items["reasoning"].place
    assert items["gradient"].high == 0
    assert items["reasoning"].high < items["reasoning"].points
    assert place is not None
    assert place.line == line_of(text, line)


THETA = r"""
Let $X \in \mathbb{R}^{m \times p}$, $y \in \mathbb{R}^m$ and $\theta \in \mathbb{R}^p$.

$$J(\theta) = \frac{1}{2m} (X\theta - y)^T (X\theta - y)$$
$$\nabla J(\theta) = \frac{1}{m} X^T (X\theta - y)$$
$$\nabla J(\theta) = 0$$
$$X^T X \theta = X^T y$$
$$\theta = (X^T X)^{-1} X^T y$$
"""

DRESSED = r"""
$$\mathcal{L}(\mathbf{w}) = \frac{1}{2n} \|\mathbf{X}\mathbf{w} - \mathbf{y}\|_2^2$$
$$\nabla_{\mathbf{w}} \mathcal{L} = \frac{1}{n} \mathbf{X}^\top (\mathbf{X}\mathbf{w} - \mathbf{y}) = 0$$
$$\mathbf{X}^\top \mathbf{X}\hat{\mathbf{w}} = \mathbf{X}^\top \mathbf{y}$$
$$\hat{\mathbf{w}} = (\mathbf{X}^\top \mathbf{X})^{-1} \mathbf{X}^\top \mathbf{y}$$
"""


def test_names_of_the_students_own_are_read_and_shown() -> None:
    assert earned(THETA) == FULL
    (question,) = marks_of(THETA).questions
    assert {(r.key, r.submission) for r in question.renamed} >= {("w", r"\theta"), ("n", "m"), ("d", "p")}
    assert earned(DRESSED) == FULL
    (question,) = marks_of(DRESSED).questions
    assert ("L", r"\mathcal{L}") in {(r.key, r.submission) for r in question.renamed}


def test_a_wrong_line_is_wrong_under_any_names() -> None:
    wrong = THETA.replace(r"\theta = (X", r"\theta = 2 (X").replace(r"\frac{1}{m} X^T", r"\frac{2}{m} X^T")
    found = earned(wrong)
    assert (found["gradient"], found["answer"]) == ("0", "0")
    assert earned(DRESSED.replace(r"\frac{1}{n} \mathbf{X}", r"-\frac{1}{n} \mathbf{X}"))["gradient"] == "0"


def test_nobody_declares_his_way_to_marks() -> None:
    given = "```given\n\\nabla L(w) = 5 X^T y\ny = 0\n0 = 1\nX is invertible\n```\n\n"
    text = given + "$$\\nabla L(w) = 5 X^T y$$\n$$w = 0$$\n"
    assert all(item.low == 0 for item in items_of(text).values())
    assert all(item.high == 0 for item in items_of(text.replace(given, "")).values())


def test_a_loss_defined_anew_is_the_students_mistake() -> None:
    text = "$$L(w) = \\|Xw - y\\|^2$$\n" + RIGHT.replace(r"\frac{1}{n} X^T (Xw", r"2 X^T (Xw")
    assert earned(text) == {"gradient": "1.5", "normal": "2", "reasoning": "1.5", "answer": "3"}


# what cannot be told

def test_unreadable_lines_make_a_range() -> None:
    text = RIGHT.replace(r"\frac{1}{n} X^T (Xw - y)", r"\frac{1}{n} X^T (Xw - y")
    item = items_of(text)["gradient"]
    assert (item.low, item.high, item.for_person) == (0, 3, True)
    assert item.place is not None
    assert item.place.line == line_of(text, "(Xw - y$$")
    assert earned(text)["answer"] == "3"


def test_words_without_formulas_are_for_a_person_and_nothing_is_nothing() -> None:
    told = earned("Please see the photo.\n")
    assert told == {"gradient": "0–3", "normal": "0–2", "reasoning": "0–2", "answer": "0–3"}
    assert earned("It is $w = (X^T X)^{-1} X^T y$.\n")["answer"] == "0–3"
    assert set(earned("").values()) == set(earned("# 1\n\n\n").values()) == {"0"}


def test_a_program_is_no_submission() -> None:
    marks = marks_of("raise SystemExit('run')\n", name="student.py")
    assert "not run" in marks.problem
    assert (marks.low, marks.high, marks.for_person) == (0, 10, True)


def test_a_file_that_cannot_be_read_says_so(tmp_path: object) -> None:
    marks = mark(key_of(LEAST_SQUARES), Target(f"{tmp_path}/none.md"), QUICK)
    assert marks.problem
    assert marks.high == 10


def test_what_belongs_to_no_question_is_listed() -> None:
    key = LEAST_SQUARES + LEAST_SQUARES.replace("# 1 Normal", "# 2 Another")
    marks = marks_of("# 1\n" + RIGHT + "\n# 7\n\n$$a = a$$\n", key)
    assert [q.low for q in marks.questions] == [10, 0]
    assert [(h.title, h.line) for h in marks.unmatched] == [("7", 8)]
    assert marks.questions[1].high == 10, "the part under another heading may be the answer"
    alone = marks_of("# 1\n" + RIGHT, key)
    assert (alone.questions[1].high, alone.unmatched) == (0, ())


@pytest.mark.parametrize("suffix", [".md", ".tex", ".ipynb"])
def test_formats_of_submissions(suffix: str) -> None:
    text = "# Answer\n" + RIGHT
    if suffix == ".tex":
        text = "\\begin{document}\n\\section{Answer}\n" + RIGHT + "\\end{document}\n"
    if suffix == ".ipynb":
        cells = [{"cell_type": "markdown", "source": text, "metadata": {}}]
        cells += [{"cell_type": "code", "source": "raise SystemExit", "outputs": [], "metadata": {}}]
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    assert marks_of(text, name=f"student{suffix}").low == 10


# up_to

FACTORS = r"""
# 1

```given
X \in \mathbb{R}^{n \times d}
y \in \mathbb{R}^n
w \in \mathbb{R}^d
L(w) = \frac{1}{2n} \|Xw - y\|^2
```

$$\nabla L(w) = \frac{1}{n} X^T (Xw - y)$$

```rubric
items:
  - {id: factor, points: 1, reach: '\nabla L(w) = \frac{1}{n} X^T (Xw - y)', up_to: factor}
  - {id: argmax, points: 1, reach: 'L(w) = \frac{1}{2n} \|Xw - y\|^2', up_to: argmax}
```
"""


@pytest.mark.parametrize(
    ("value", "points"),
    [("2 X^T (Xw - y)", "1"), (r"\frac{n}{3} X^T (Xw - y)", "1"), ("-X^T (Xw - y)", "0"), ("X^T (Xw + y)", "0")],
)
def test_up_to_a_positive_factor(value: str, points: str) -> None:
    assert earned(f"$$\\nabla L(w) = {value}$$", FACTORS)["factor"] == points


@pytest.mark.parametrize(
    ("value", "points"),
    [(r"\|Xw - y\|^2", "1"), (r"\|Xw - y\|^2 + 7", "1"), (r"-\|Xw - y\|^2", "0"), (r"\|Xw + y\|^2", "0–1")],
)
def test_up_to_the_maximiser(value: str, points: str) -> None:
    assert earned(f"$$L(w) = {value}$$", FACTORS)["argmax"] == points


# hypotheses

CONDITIONS = LEAST_SQUARES.replace("X^T y'}\n```", "X^T y', conditions: required}\n```")

NAMING = {
    "a sentence": "Suppose that $X^T X$ is invertible.\n",
    "a stronger one": "Here $X$ has full column rank.\n",
    "a given": "```given\nX has full column rank\n```\n\n",
    "a declaration": "```given\nX \\in \\mathbb{R}^{n \\times d}, full column rank\n```\n\n",
}


@pytest.mark.parametrize("name", NAMING)
def test_a_hypothesis_that_is_named(name: str) -> None:
    assert earned(NAMING[name] + RIGHT, CONDITIONS)["answer"] == "3"


def test_a_hypothesis_that_is_not_named_costs_half() -> None:
    item = items_of(RIGHT, CONDITIONS)["answer"]
    assert (item.low, item.high) == (Fraction(3, 2), Fraction(3, 2))
    assert item.place is not None
    assert item.place.line == line_of(RIGHT, "w = (")
    assert "Xᵀ X is invertible" in item.reason


def test_other_hypotheses_and_other_words_are_told_apart() -> None:
    assert earned("Suppose that $X$ is a matrix.\n" + RIGHT, CONDITIONS)["answer"] != "3"
    assert earned("We assume that the inverse exists.\n" + RIGHT, CONDITIONS)["answer"] == "1.5–3"
    assert earned("اگر $X^T X$ وارون‌پذیر باشد.\n" + RIGHT, CONDITIONS)["answer"] == "1.5–3"


def test_points_are_exact_and_rounded_once() -> None:
    shown = [rounded(Fraction(x)) for x in ("1/3", "2/3", "1/200", "3/200", "5/2", "10", "0", "-1/3")]
    assert shown == ["0.33", "0.67", "0.01", "0.02", "2.5", "10", "0", "-0.33"]
    marks = marks_of(RIGHT.replace("$$X^T X w = X^T y$$", "$$X^T X w = 2 X^T y$$"))
    assert marks.low == sum((i.low for q in marks.questions for i in q.items), Fraction(0))
    assert json.loads(json.dumps(marks.to_json()))["low"] == rounded(marks.low)


def test_marks_are_the_same_again() -> None:
    wrong = RIGHT.replace("(Xw - y)", "(Xw + y)")
    one, other = (mark(key_of(LEAST_SQUARES), Target("student.md", text=wrong), QUICK) for _ in range(2))
    assert [q.items for q in one.questions] == [q.items for q in other.questions]


# names that nobody knows, and near misses

MEAN = r"""
# 1

```given
x_i \in \mathbb{R}, i = 1, \dots, n
```

$$\bar x = \frac{1}{n} \sum_{i=1}^n x_i$$
$$S = \sum_{i=1}^n (x_i - \bar x)^2$$
$$S = \sum_{i=1}^n x_i^2 - n \bar x^2$$

```rubric
items:
  - {id: sum, points: 2, reach: 'S = \sum_{i=1}^n x_i^2 - n \bar x^2'}
```
"""

BOUND = r"""
# 1

```given
a, b > 0
```

$$\frac{a}{b} + \frac{b}{a} \ge 2$$
$$a + b > 0$$

```rubric
items:
  - {id: two, points: 1, reach: '\frac{a}{b} + \frac{b}{a} \ge 2'}
  - {id: weak, points: 1, reach: 'a + b \ge 0'}
```
"""


def test_a_defined_name_may_be_another_and_an_unknown_one_is_for_a_person() -> None:
    named = "$$\\mu = \\frac{1}{n} \\sum_{i=1}^n x_i$$\n$$S = \\sum_{i=1}^n x_i^2 - n \\mu^2$$\n"
    assert earned(named, MEAN)["sum"] == "2"
    unnamed = "$$T = 3 Q + \\sum_{i=1}^n x_i^2 - n m^2$$\n$$Q = T m$$\n"
    item = items_of(unnamed, MEAN)["sum"]
    assert (item.low, item.for_person) == (0, True)


def test_a_value_under_another_name_is_for_a_person() -> None:
    item = items_of("$$g = \\frac{1}{n} X^T (Xw - y)$$\n", GRADIENT)["gradient"]
    assert (item.low, item.high, item.for_person) == (0, 3, True)


def test_bounds_in_either_direction_and_stricter_ones() -> None:
    assert earned("$$2 \\le \\frac{b}{a} + \\frac{a}{b}$$", BOUND)["two"] == "1"
    assert earned("$$\\frac{a}{b} + \\frac{b}{a} > 2$$", BOUND)["two"] == "0", "false where a = b"
    assert earned("$$\\frac{a}{b} + \\frac{b}{a} \\le 2$$", BOUND)["two"] == "0"
    assert earned("$$\\frac{a}{b} + \\frac{b}{a} \\ge 1$$", BOUND)["two"] == "0"
    assert earned("$$a + b > 0$$", BOUND)["weak"] == "1"


def test_that_a_gradient_vanishes_is_not_said_by_a_wrong_gradient() -> None:
    key = LEAST_SQUARES.replace("reach: 'X^T X w = X^T y'", r"reach: '\nabla L(w) = 0'")
    assert earned(r"$$\nabla L(w) = \frac{2}{n} X^T (Xw - y)$$", key)["normal"] == "0"
    assert earned(r"$$\nabla L(w) = \frac{1}{n} X^T (Xw - y) = 0$$", key)["normal"] == "2"


CHAIN = r"""
# 1

```given
x \in \mathbb{R}
```

$$(x - 1)^2 + 2x = x^2 + 1 \ge 1$$

```rubric
items:
  - {id: steps, points: 3, steps: valid}
  - {id: value, points: 1, reach: '(x - 1)^2 + 2x = 1'}
  - {id: bound, points: 1, reach: '(x - 1)^2 + 2x \ge 1'}
```
"""


def test_a_chain_says_no_more_than_its_weakest_link() -> None:
    found = earned("$$(x - 1)^2 + 2x = x^2 + 1 \\ge 1$$", CHAIN)
    assert (found["value"], found["bound"]) == ("0", "1")


def test_a_line_that_is_true_from_the_start_is_right_after_a_wrong_one() -> None:
    text = "$$(x - 1)^2 + 2x$$\n$$= x^2 - 1$$\n$$= x^2 + 1$$\n$$\\ge 1$$\n"
    item = items_of(text, CHAIN)["steps"]
    assert [(r.place.line, r.lost) for r in item.remarks if r.place] == [(line_of(text, "x^2 - 1"), Fraction(1))]
