"""Names, ranges and sizes: nothing is captured, and what fails only at larger sizes is not proved."""

from __future__ import annotations

import pytest
from identities.table import step_of

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Refuted
from derive.language.affine import Affine, variable
from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Range, Symbol, vector_shape
from derive.language.term import Term, make, num, sym
from derive.normal_form.zero import Equal, decide

QUICK = Settings(search=False)
"""No search for missing hypotheses: only proof and counterexample."""

CONTEXT = Context().declare(
    Symbol("n", role="size"),
    Symbol("m", role="size"),
    Symbol("a"),
    Symbol("x", vector_shape("n")),
    Symbol("s", family=(Range(Affine(0), variable("n")),)),
)


def total(name: str, low: Term, high: Term, body: Term) -> Term:
    """Σ over an index."""
    return make("sum", sym(name), low, high, body)


def entry(base: str, index: Term) -> Term:
    """A member."""
    return make("entry", sym(base), index)


def equal(left: Term, right: Term) -> bool:
    """Whether the normal form shows equality without a condition."""
    found = decide(left, right, SCALAR, CONTEXT, Budget(10))
    return isinstance(found, Equal) and not found.conditions


i, j, n, m, one = sym("i"), sym("j"), sym("n"), sym("m"), num(1)


def test_an_inner_index_hides_an_outer_one_of_the_same_name() -> None:
    nested = total("i", one, n, total("i", one, n, entry("x", i)))
    assert equal(nested, make("mul", n, total("j", one, n, entry("x", j))))
    assert not equal(nested, total("j", one, n, entry("x", j)))


def test_a_range_lies_outside_the_scope_of_its_index() -> None:
    outer = total("i", one, n, total("i", one, i, entry("x", i)))
    assert equal(outer, total("j", one, n, total("i", one, j, entry("x", i))))
    assert not equal(outer, total("j", one, n, total("i", one, n, entry("x", i))))


def test_bound_names_of_factors_are_kept_apart() -> None:
    one_sum = total("i", one, n, entry("x", i))
    product = make("mul", one_sum, one_sum)
    assert equal(product, total("i", one, n, total("j", one, n, make("mul", entry("x", i), entry("x", j)))))
    assert not equal(product, total("i", one, n, make("pow", entry("x", i), num(2))))


def test_a_bound_index_may_be_named_like_a_symbol() -> None:
    hidden = total("a", one, n, entry("x", sym("a")))
    assert equal(hidden, total("i", one, n, entry("x", i)))
    assert not equal(hidden, make("mul", n, sym("a")))


def test_substituting_in_a_power_of_a_sum_captures_nothing() -> None:
    inner = total("i", one, n, make("mul", entry("x", i), entry("x", j)))
    left = total("j", one, n, make("pow", inner, num(2)))
    squares = total("i", one, n, make("pow", entry("x", i), num(2)))
    right = make("mul", make("pow", total("i", one, n, entry("x", i)), num(2)), squares)
    assert equal(left, right)


def test_sizes_are_told_apart() -> None:
    assert not equal(total("i", one, n, one), total("i", one, m, one))
    assert equal(total("i", one, n, total("j", one, m, one)), make("mul", m, n))


def test_shifted_and_turned_ranges() -> None:
    whole = total("i", num(0), n, entry("s", i))
    shifted = total("i", one, make("add", n, one), entry("s", make("add", i, make("neg", one))))
    turned = total("i", num(0), n, entry("s", make("add", n, make("neg", i))))
    assert equal(whole, shifted)
    assert equal(whole, turned)
    assert not equal(whole, total("i", one, n, entry("s", i)))


POWER_SUMS = (
    # the elementary symmetric polynomial of degree 3 vanishes for one and two numbers, not for three
    r"P^3 - 3 P Q + 2 R = 0",
    # of degree 4: for up to three numbers
    r"P^4 - 6 P^2 Q + 3 Q^2 + 8 P R - 6 W = 0",
)
GIVEN = (
    r"x_i \in \mathbb{R}, i = 1, \dots, n",
    r"P = \sum_{i=1}^{n} x_i",
    r"Q = \sum_{i=1}^{n} x_i^2",
    r"R = \sum_{i=1}^{n} x_i^3",
    r"W = \sum_{i=1}^{n} x_i^4",
)


@pytest.mark.parametrize("text", POWER_SUMS)
def test_what_holds_for_few_numbers_only_is_not_proved(text: str) -> None:
    step = step_of(GIVEN, text)
    assert step.statement is not None
    assert not isinstance(decide(*step.statement.args, SCALAR, step.context, Budget(10)), Equal)
    assert check_step(step, QUICK).verdict.name != "proved"


def test_what_holds_for_two_numbers_only_is_refuted() -> None:
    verdict = check_step(step_of(GIVEN, POWER_SUMS[0]), QUICK).verdict
    assert isinstance(verdict, Refuted)
    assert verdict.counterexample is not None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((r"A \in \mathbb{R}^{n \times n}",), r"A^2 - \operatorname{tr}(A) A + \det(A) I = 0"),
        ((r"A, B, C \in \mathbb{R}^{n \times n}",), r"\operatorname{tr}(A B C) = \operatorname{tr}(A C B)"),
        ((r"x_i \in \mathbb{R}, i = 1, \dots, n",), r"\sum_{i=1}^{n} x_i = n x_1"),
        ((r"A \in \mathbb{R}^{n \times n}",), r"\operatorname{tr}(A)^2 - \operatorname{tr}(A^2) = 2 \det A"),
    ],
)
def test_what_holds_at_small_sizes_only_is_not_proved(given: tuple[str, ...], text: str) -> None:
    assert check_step(step_of(given, text), QUICK).verdict.name == "refuted"
