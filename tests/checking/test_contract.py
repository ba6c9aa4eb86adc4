"""The contract's own examples, from text to verdict, with the real engines."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from derive.api import check, check_step
from derive.reports.report import StepReport


def steps(given: tuple[str, ...], *lines: str) -> tuple[StepReport, ...]:
    blocks = "".join(f"$$\n{line}\n$$\n\n" for line in lines)
    text = "# Derivation\n\n```given\n" + "\n".join(given) + "\n```\n\n" + blocks
    return check(text).steps


def verdicts(given: tuple[str, ...], *lines: str) -> list[str]:
    return [s.verdict for s in steps(given, *lines)]


LEAST_SQUARES = (r"X \in \mathbb{R}^{n \times d}", r"w \in \mathbb{R}^d", r"y \in \mathbb{R}^n")


@pytest.mark.parametrize(
    ("given", "line", "verdict", "condition"),
    [
        ((r"x \in \mathbb{R}",), r"\frac{x}{x} = 1", "proved", ""),
        ((r"x \in \mathbb{R}",), r"1 = \frac{x}{x}", "conditional", "x ≠ 0"),
        ((r"w \in \mathbb{R}",), r"\frac{d}{dw} |w| = \operatorname{sign}(w)", "conditional", "w ≠ 0"),
        (
            ("r \\in \\mathbb{R}", "n \\in \\mathbb{N}"),
            r"\sum_{i=0}^n r^i = \frac{1 - r^{n+1}}{1 - r}",
            "conditional",
            "r",
        ),
        ((r"x \in \mathbb{R}",), r"\sqrt{x^2} = x", "conditional", "x ≥ 0"),
        ((r"a, b \in \mathbb{R}",), r"(a+b)^2 = a^2 + b^2", "refuted", ""),
        ((r"a, b \in \mathbb{R}",), r"(a+b)^2 = a^2 + 2ab + b^2", "proved", ""),
        (
            ("X and Y are random variables",),
            r"\operatorname{Var}(X+Y) = \operatorname{Var}(X) + \operatorname{Var}(Y)",
            "conditional",
            "Cov",
        ),
        (LEAST_SQUARES, r"X^T X w = X^T y \Rightarrow w = (X^T X)^{-1} X^T y", "conditional", "invertible"),
        (LEAST_SQUARES, r"\nabla_w \|X w - y\|^2 = 2 X^T (X w - y)", "proved", ""),
        (LEAST_SQUARES, r"\nabla_w \|X w - y\|^2 = 2 X^T (X w + y)", "refuted", ""),
        (
            (r"Z \in \mathbb{R}^{d \times d}", "Z is invertible"),
            r"\frac{\partial}{\partial Z} \log \det Z = Z^{-1}",
            "refuted",
            "",
        ),
    ],
)
def test_single_claims(given: tuple[str, ...], line: str, verdict: str, condition: str) -> None:
    (step,) = steps(given, line)
    assert step.verdict == verdict, step
    assert condition in " ".join(step.spoken_conditions)
    if verdict == "refuted":
        assert step.counterexample is not None
        assert step.counterexample.left != step.counterexample.right


def test_an_equation_that_its_solution_builds_on_is_imposed() -> None:
    given = (r"x \in \mathbb{R}",)
    assert verdicts(given, "x^2 - 5x + 6 = 0", r"\Rightarrow x = 2 \lor x = 3") == ["stated", "proved"]
    assert verdicts(given, "x^2 - 5x + 6 = 0") == ["refuted"]
    assert verdicts(given, "x^2 - 5x + 6 = 0", r"\Rightarrow x = 2")[1] == "refuted"


def test_a_gradient_set_to_zero_is_imposed() -> None:
    loss = r"L(w) = \|X w - y\|^2"
    found = verdicts(LEAST_SQUARES, loss, r"\nabla L(w) = 2 X^T X w - 2 X^T y = 0", r"\Rightarrow X^T X w = X^T y")
    assert found == ["stated", "proved", "stated", "proved"]


def test_a_wrong_gradient_is_a_claim_though_later_lines_build_on_it() -> None:
    loss = r"L(w) = \frac{1}{2n} \|X w - y\|^2"
    lines = (loss, r"\nabla L(w) = \frac{1}{n} X^T (y - X w)", r"\nabla L(w) = 0", r"\Rightarrow X^T X w = X^T y")
    assert verdicts(LEAST_SQUARES, *lines) == ["stated", "refuted", "stated", "proved"]
    assert verdicts(
        LEAST_SQUARES, loss, "L(w) = (X w - y)^T (X w - y)", r"L(w) = w^T X^T X w - 2 w^T X^T y + y^T y"
    ) == [
        "stated",
        "refuted",
        "proved",
    ]


def test_a_hypothesis_against_the_premise_saves_nothing() -> None:
    assert verdicts((r"t \in \mathbb{R}",), r"t < 0 \Rightarrow |t| = t") == ["refuted"]
    assert verdicts(("x, y \\in \\mathbb{R}^d", "c \\in \\mathbb{R}"), r"c x = c y \Rightarrow x = y") == [
        "conditional"
    ]


def test_a_contradiction_is_refuted_and_a_last_line_is_a_claim() -> None:
    assert verdicts((r"x > 0",), "x = -1", "x^2 = 1")[0] == "refuted"
    given = ("X_i, i = 1, \\dots, n, are i.i.d. random variables", r"\bar X = \frac{1}{n} \sum_{i=1}^n X_i")
    assert verdicts(given, r"\mathbb{E}[\bar X] = 0") == ["refuted"]


def test_an_equivalence_is_not_helped_by_the_condition_it_is_about() -> None:
    given = (r"x \in \mathbb{R}",)
    lines = (r"\sqrt{2x + 3} = x", r"\Rightarrow 2x + 3 = x^2", r"\iff (x - 3)(x + 1) = 0")
    assert verdicts(given, *lines, r"\iff x = 3") == ["stated", "proved", "proved", "refuted"]
    assert verdicts(given, *lines, r"\iff x = 3 \lor x = -1") == ["stated", "proved", "proved", "proved"]


def test_lines_from_a_wrong_line_are_carried() -> None:
    given = (r"a, b \in \mathbb{R}",)
    wrong, carried = steps(given, r"(a - b)^2 = a^2 - b^2", "= (a - b)(a + b)")
    assert wrong.verdict == "refuted"
    assert (carried.verdict, carried.carried) == ("proved", True)
    right = steps(given, r"(a - b)^2 = a^2 - b^2", r"(a - b)(a + b) = a^2 - b^2")[1]
    assert (right.verdict, right.carried) == ("proved", False)


def test_a_named_condition_holds_from_there_on() -> None:
    first, second = steps((r"x \in \mathbb{R}",), r"1 = \frac{x}{x}", r"x^{-1} x = \frac{x}{x}")
    assert first.verdict == "conditional"
    assert second.verdict == "proved"


def test_one_relation_as_a_call() -> None:
    assert check_step("(a+b)^2", "=", "a^2 + 2ab + b^2").name == "proved"
    assert check_step("w^T A w", "=", "2w", [r"w \in \mathbb{R}^n", r"A \in \mathbb{R}^{n \times n}"]).name in (
        "refuted",
        "unreadable",
    )


def test_a_loss_that_only_its_derivative_speaks_of_is_defined_by_it() -> None:
    given = (r"w \in \mathbb{R}^d", r"x \in \mathbb{R}^d", r"j \in \{1, \dots, d\}")
    first = r"\frac{\partial L}{\partial w_j} = \frac{\partial}{\partial w_j} (w^T x)^2"
    assert verdicts(given, first, r"= 2 (w^T x) x_j", r"L = (w^T x)^2") == ["stated", "proved", "proved"]
    assert verdicts(given, first, r"= 2 (w^T x) w_j", r"L = w^T x") == ["stated", "refuted", "refuted"]
    # a loss that is defined is no unknown: then the line is a claim
    assert verdicts((*given, r"L(w) = w^T x"), first) == ["refuted"]


def test_values_of_a_function_at_members_are_facts_and_no_definition() -> None:
    family = (r"x_i \in \mathbb{R}, i = 1, \dots, n", r"f : \mathbb{R} \to \mathbb{R}")
    given = (*family, r"f(x_i) = x_i^2, i = 1, \dots, n")
    assert verdicts(given, r"\sum_{i=1}^n f(x_i) = \sum_{i=1}^n x_i^2") == ["proved"]
    assert verdicts((*given, r"a \in \mathbb{R}"), r"f(a) = a^2") != ["proved"]


def test_a_step_that_undoes_the_wrong_line_before_it_is_false_and_told_apart() -> None:
    wrong, undone, after = steps((r"a, b \in \mathbb{R}",), "(a+b)^2 = a^2 + b^2", "= a^2 + 2ab + b^2", "= (b+a)^2")
    assert (wrong.verdict, undone.verdict, after.verdict) == ("refuted", "refuted", "proved")
    assert undone.undoes and not wrong.undoes and not undone.carried
    assert "true from the start" in undone.reason and undone.diagnosis is None and undone.counterexample is not None
    wrong, worse = steps((r"a, b \in \mathbb{R}",), "(a+b)^2 = a^2 + b^2", "= a^2 + 3ab + b^2")
    assert worse.verdict == "refuted" and not worse.undoes


def test_a_name_with_a_part_is_a_new_name() -> None:
    given = (r"a, b \in \mathbb{R}", r"v \in \mathbb{R}^n", r"n \ge 2")
    assert verdicts(given, r"L = a + b", r"L_1 = a - b", r"L_{\text{reg}} = a", r"a_1 = 2 b") == ["stated"] * 4
    assert verdicts(given, r"v_1 = a") == ["refuted"]


def test_a_damaged_formula_is_refused_with_its_evident_repair() -> None:
    given = (r"a, b, c \in \mathbb{R}", "X is a random variable")
    for text, repair in (
        (r"a (b + c)) = ab + ac", r"a (b + c) = ab + ac"),
        (r"2 (a + b = 2a + 2b", r"2 (a + b) = 2a + 2b"),
        (r"ext{Var}(X) = rac{a}{b}", r"\text{Var}(X) = \frac{a}{b}"),
    ):
        (step,) = steps(given, text)
        assert step.verdict == "unreadable"
        assert step.reason.endswith(f"; perhaps it should read {repair}")
    (step,) = steps(given, r"(a) - b) c = a")  # either bracket may be the one too many
    assert step.verdict == "unreadable" and "perhaps" not in step.reason


@pytest.mark.parametrize(
    ("law", "moment", "verdict"),
    [
        (r"\mathrm{Gamma}(k, \text{scale} = \theta)", r"k \theta", "proved"),
        (r"\mathrm{Gamma}(k, \text{rate} = \theta)", r"\frac{k}{\theta}", "proved"),
        (r"\mathrm{Gamma}(k, \text{rate} = \theta)", r"k \theta", "refuted"),
        (r"\mathrm{Exp}(\text{scale} = \theta)", r"\theta", "proved"),
        (r"\mathrm{Exp}(\lambda)", r"\frac{1}{\lambda}", "proved"),
        (r"\mathrm{Gamma}(k, \theta)", r"k \theta", "undecided"),
        (r"\mathrm{Exp}(\theta)", r"\theta", "undecided"),
    ],
)
def test_a_parameter_that_has_two_meanings_in_use_must_be_named(law: str, moment: str, verdict: str) -> None:
    found = steps((r"k, \theta, \lambda > 0", rf"X \sim {law}"), rf"E[X] = {moment}")
    assert found[-1].verdict == verdict, found
    assert (found[0].verdict == "unreadable") is (verdict == "undecided")


@pytest.mark.parametrize(
    ("given", "line", "verdict", "condition"),
    [
        (r"x, y \in \mathbb{R}", r"x = y \Rightarrow \log x = \log y", "conditional", ["x > 0"]),
        (r"x, y \in \mathbb{R}", r"x = y \Rightarrow \frac{1}{x} = \frac{1}{y}", "conditional", ["x ≠ 0"]),
        (r"x, y > 0", r"x = y \Rightarrow \log x = \log y", "proved", []),
        (r"x, y \in \mathbb{R}", r"\log x = \log y \Rightarrow x = y", "proved", []),
        (r"x, y \in \mathbb{R}", r"y = e^x \Rightarrow x = \log y", "proved", []),
        (r"p \in (0,1); z \in \mathbb{R}", r"p = \frac{1}{1 + e^{-z}} \Rightarrow z = \log\frac{p}{1-p}", "proved", ()),
    ],
)
def test_a_conclusion_needs_a_value_at_every_solution(
    given: str, line: str, verdict: str, condition: Sequence[str]
) -> None:
    (step,) = steps(tuple(given.split("; ")), line)
    assert (step.verdict, list(step.spoken_conditions)) == (verdict, list(condition))


def test_nothing_is_refuted_where_a_given_could_not_be_read() -> None:
    false = r"x^2 = 2 x^2"
    assert verdicts((r"x \in \mathbb{R}",), false) == ["refuted"]
    unread, step = steps((r"x \in \mathbb{R}", r"x \bowtie 0"), false)
    assert (unread.verdict, step.verdict) == ("unreadable", "undecided") and "given line" in step.reason
    assert verdicts((r"x \in \mathbb{R}", r"x \bowtie 0"), r"x + x = 2 x") == ["unreadable", "proved"]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (r"x \in \mathbb{R}", r"\sqrt[3]{x} \ge 0", "conditional"),
        (r"x \in \mathbb{R}", r"|\sqrt[3]{x}| = \sqrt[3]{x}", "conditional"),
        (r"x > 0", r"\sqrt[3]{x} \ge 0", "proved"),
        (r"x \in \mathbb{R}", r"\sqrt[3]{x^2} \ge 0", "proved"),
        (r"x > 0", r"\sqrt[3]{x} \sqrt[3]{x} = x^{2/3}", "proved"),
    ],
)
def test_odd_roots_of_what_may_be_negative_prove_nothing(given: str, line: str, verdict: str) -> None:
    assert verdicts((given,), line) == [verdict]
