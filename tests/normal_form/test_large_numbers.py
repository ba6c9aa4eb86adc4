"""Numbers that nobody can write down cost no time and decide nothing wrongly."""

import pytest

import derive


@pytest.mark.parametrize(
    "formula",
    [r"9^{9^{9^{9}}} = a", r"e^{9^{9^9}} = a", r"2^{10^{12}} = a", r"(-3)^{10^{12}} = a", r"(99999999999)! = a"],
)
def test_a_number_that_is_too_large_is_told(formula: str) -> None:
    step = derive.check(f"$$ {formula} $$\n").steps[0]
    assert step.verdict in ("undecided", "refuted")
    assert step.counterexample is None or step.counterexample.left != step.counterexample.right


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"2^{100} = 1267650600228229401496703205376", "proved"),
        (r"2^{100} = 1267650600228229401496703205377", "refuted"),
        (r"(-1)^{10^{12}} = 1", "proved"),
        (r"(-1)^{10^{12} + 1} = 1", "refuted"),
    ],
)
def test_numbers_that_can_be_written_down_are_exact(formula: str, verdict: str) -> None:
    assert derive.check(f"$$ {formula} $$\n").steps[0].verdict == verdict
