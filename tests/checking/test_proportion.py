"""Proportions: what is free of the variable and positive is proved, a ratio that moves refuted at two of its values."""

from __future__ import annotations

import pytest

from derive.checking.derivation import check_document
from derive.reader.document import read_document

GAUSS = (
    r"x_i \in \mathbb{R}, i = 1, \dots, n", r"\mu, m \in \mathbb{R}", r"\sigma > 0", r"\tau > 0",
    r"\bar x = \frac{1}{n} \sum_{i=1}^{n} x_i",
)  # fmt: skip
POSTERIOR = r"p(\mu \mid x) \propto e^{-\frac{(\mu - m)^2}{2\tau^2} - \frac{1}{2\sigma^2} \sum_{i=1}^{n} (x_i - \mu)^2}"
QUADRATIC = r"-\frac12 (n/\sigma^2 + 1/\tau^2)"
LINEAR = r"(n \bar x/\sigma^2 + m/\tau^2) \mu"
COINS = (
    r"\theta \in (0, 1)", r"x_i \in \{0, 1\}, i = 1, \dots, n", r"s = \sum_{i=1}^{n} x_i",
    r"L(\theta) = \prod_{i=1}^{n} \theta^{x_i} (1 - \theta)^{1 - x_i}",
)  # fmt: skip

CASES = (
    (GAUSS, (POSTERIOR,), rf"p(\mu \mid x) \propto e^{{{QUADRATIC} \mu^2 + {LINEAR}}}", "proved"),
    (GAUSS, (POSTERIOR,), rf"p(\mu \mid x) \propto e^{{{QUADRATIC} \mu^2 - {LINEAR}}}", "refuted"),
    (GAUSS, (POSTERIOR,), rf"p(\mu \mid x) \propto e^{{{QUADRATIC} (\mu - m)^2}}", "refuted"),
    (COINS, (), r"L(\theta) \propto \theta^s (1 - \theta)^{n - s}", "proved"),
    (COINS, (), r"L(\theta) \propto 3 \theta^s (1 - \theta)^{n - s}", "proved"),
    (COINS, (), r"L(\theta) \propto \theta^s (1 - \theta)^s", "refuted"),
    (COINS, (), r"L(\theta) \propto -\theta^s (1 - \theta)^{n - s}", "refuted"),
    ((r"w, c \in \mathbb{R}", r"f(w) = c e^w"), (), r"f(w) \propto e^w", "conditional"),  # if c > 0
    ((r"w, c \in \mathbb{R}", "c = w", r"f(w) = c e^w"), (), r"f(w) \propto e^w", "refuted"),  # c moves with w
    ((r"w \in \mathbb{R}", "v = w^2", r"f(w) = v e^w"), (), r"f(w) \propto e^w", "refuted"),
    ((r"w \in \mathbb{R}", "w = 3", r"f(w) = w e^w"), (), r"f(w) \propto e^w", "undecided"),
    ((r"w \in \mathbb{R}", r"f(w) = w"), (), r"f(w) \propto 0", "undecided"),
    ((r"w \in \mathbb{R}^d", r"f(w) = e^{-\|w\|^2 - 1}"), (), r"f(w) \propto e^{-\|w\|^2}", "proved"),
    ((r"w \in \mathbb{R}^d", r"f(w) = e^{-\|w\|^2 - 1}"), (), r"f(w) \propto e^{-\|w\|}", "refuted"),
    ((r"X is a random variable", r"f(t) = e^t"), (), r"f(X) \propto e^{X + 1}", "undecided"),
)  # fmt: skip


def verdicts(given: tuple[str, ...], lines: tuple[str, ...]) -> list[str]:
    text = "\n".join(["```given", *given, "```", *(f"\n$${line}$$\n" for line in lines)])
    return [s.verdict.name for d in check_document(read_document("x.md", text)) for s in d.steps]


@pytest.mark.parametrize(("given", "before", "claim", "verdict"), CASES, ids=[f"{c[2]}-{c[3]}" for c in CASES])
def test_proportion(given: tuple[str, ...], before: tuple[str, ...], claim: str, verdict: str) -> None:
    assert verdicts(given, (*before, claim)) == [*("stated" for _ in before), verdict]


def test_a_chain_keeps_its_variable() -> None:
    lines = (
        r"p(\lambda) \propto \lambda^2 e^{-b \lambda}",
        r"\propto \lambda^2 e^{-b (\lambda + 1)}",
        r"\propto \lambda^2 e^{-b}",
    )
    assert verdicts((r"\lambda > 0", "b > 0"), lines) == ["stated", "proved", "refuted"]
