"""A bound points the wrong way.

The relation is turned or made weak; both sides stay as they are. A bound that holds in neither direction is the
business of other mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.term import make
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_OTHERS = {
    "le": ("ge",),
    "ge": ("le",),
    "lt": ("gt", "le", "ge"),
    "gt": ("lt", "ge", "le"),
}
_SIGNS = {"le": "≤", "ge": "≥", "lt": "<", "gt": ">"}


def _propose(evidence: Evidence) -> Iterator[Mended]:
    head = evidence.relation.head
    for other in _OTHERS.get(head, ()):
        message = f"the direction of the bound: {_SIGNS[other]}, not {_SIGNS[head]}"
        yield Mended(evidence.with_relation(make(other, *evidence.relation.args, span=evidence.relation.span)), message)


MISTAKE = Mistake(
    "direction of a bound",
    "the inequality points the other way",
    _propose,
    accepts=(
        Accepted(("a, b \\in \\mathbb{R}",), r"a^2 + b^2 \le 2 a b", "a² + b² ≥ 2 a b"),
        Accepted(("X is a random variable",), r"\mathbb{E}[X^2] \le \mathbb{E}[X]^2", "E[X²] ≥ (E[X])²"),
    ),
    declines=(Passed(("a \\in \\mathbb{R}",), r"a^2 \ge 1"),),
)
