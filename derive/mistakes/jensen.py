"""An inequality was written as an equation: `𝔼[log X] = log 𝔼[X]`.

The equation is replaced by `≤` and by `≥`. This is the last thing tried, since most false equations have a mending that
is an equation.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.term import make
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed


def _propose(evidence: Evidence) -> Iterator[Mended]:
    return iter(())


def _guess(evidence: Evidence) -> Iterator[Mended]:
    if evidence.relation.head != "eq":
        return
    for head, sign in (("le", "≤"), ("ge", "≥")):
        turned = make(head, *evidence.relation.args, span=evidence.relation.span)
        yield Mended(evidence.with_relation(turned), f"in general only {sign} holds, not =")


MISTAKE = Mistake(
    "inequality taken for an equation",
    "only an inequality holds",
    _propose,
    accepts=(
        Accepted(
            ("X is a positive random variable",), r"\mathbb{E}[\log X] = \log \mathbb{E}[X]", "E[log(X)] ≤ log(E[X])"
        ),
    ),
    guess=_guess,
    late=True,
    declines=(Passed(("a \\in \\mathbb{R}",), r"a = a + 1 + a^3"),),
)
