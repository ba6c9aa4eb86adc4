"""Terms that may have no value: a proof holds wherever its conditions hold and the left side has a value."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from identities.table import step_of

from derive.checking.engines import default_engines
from derive.checking.prove import prove
from derive.language.budget import Budget
from derive.language.decision import Proof
from derive.language.term import free_names

from .oppose import ask
from .partial import inspect, make_claim

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


@settings(max_examples=700, suppress_health_check=QUIET)
@given(st.randoms(use_true_random=False))
def test_a_proof_holds_wherever_it_may_be_used(rng: random.Random) -> None:
    claim = make_claim(rng)
    if claim is not None:
        tried = inspect(claim)
        assert not tried.wrong, str(tried)


CONDITIONAL = (
    (("x \\in \\mathbb{R}",), r"\sqrt{x^2} = x"),
    (("x \\in \\mathbb{R}",), r"1 = \frac{x}{x}"),
    (("x, y \\in \\mathbb{R}",), r"\frac{1}{y} = \frac{x}{x y}"),
    (("a \\in \\mathbb{R}", "n \\in \\mathbb{N}"), r"\sum_{i=0}^{n} a^i = \frac{1 - a^{n+1}}{1 - a}"),
    (("x, y \\in \\mathbb{R}",), r"\log(x^2 y^2) = 2 \log(x y)"),
    (("x \\in \\mathbb{R}",), r"x = e^{\log x}"),
    (("x \\in \\mathbb{R}^n",), r"1 = \frac{x^T x}{\|x\|^2}"),
    (("A \\in \\mathbb{R}^{n \\times n}",), r"I = A^{-1} A"),
    (("A, B \\in \\mathbb{R}^{n \\times n}", "B is invertible"), r"B = A A^{-1} B"),
    (("x_i \\in \\mathbb{R}, i = 1, \\dots, n",), r"\sum_{i=1}^{n} x_i = x_1 + x_2 + \sum_{i=3}^{n} x_i"),
    (("x \\in \\mathbb{R}",), r"|x| = x"),
    (("x, y \\in \\mathbb{R}",), r"\sqrt{x y} = \sqrt{x} \sqrt{y}"),
)


@pytest.mark.parametrize(("given", "text"), CONDITIONAL, ids=lambda x: x if isinstance(x, str) else "")
def test_what_needs_a_condition_is_not_proved_without_one(given: tuple[str, ...], text: str) -> None:
    step = step_of(given, text)
    assert step.statement is not None
    assert ask(step.statement, step.context).verdict in ("conditional", "open")


def test_a_real_power_needs_a_positive_base() -> None:
    step = step_of(("c, a \\in \\mathbb{R}",), r"c^a = e^{a \log c}")
    assert step.statement is not None
    assert ask(step.statement, step.context).verdict == "conditional"


def test_an_empty_sum_needs_nothing() -> None:
    """At n = 2 the left side is 0 whatever b is, and the right side has no value where b is negative."""
    step = step_of(("b \\in \\mathbb{R}", "n \\in \\mathbb{N}", "n \\ge 2"), r"\sum_{i=3}^{n} \log b = (n - 2) \log b")
    assert step.statement is not None
    found = ask(step.statement, step.context)
    assert found.verdict == "open" or any("b" in free_names(c) for c in found.conditions)


def test_a_root_is_no_natural_power() -> None:
    """Factors of polynomials are found for natural exponents only."""
    step = step_of(("p > 0", "d \\ge 0", "q \\in (0, 1)"), r"\operatorname{sign}(\frac{1}{\sqrt{p}} - q \sqrt{d}) = 1")
    assert step.statement is not None
    assert ask(step.statement, step.context).verdict == "open"


def test_roots_of_quotients_end() -> None:
    step = step_of(("a, b, z \\in \\mathbb{R}",), r"\sqrt[3]{\frac{a + b}{\tan z}} = \sqrt[3]{(a + b) (\tan z)^{-1}}")
    assert step.statement is not None
    start = time.process_time()
    ask(step.statement, step.context, 2.0)
    assert time.process_time() - start < 10


def test_a_branch_that_occurs_at_one_point_occurs() -> None:
    text = r"\begin{cases} b & d \le 0 \\ p & \text{otherwise} \end{cases} > 0"
    step = step_of(("d \\ge 0", "p > 0", "b \\in \\mathbb{R}"), text)
    found = prove(step, default_engines(), Budget(5))
    assert not isinstance(found, Proof) or found.conditions
