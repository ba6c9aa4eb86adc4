"""A limit, sum or integral has another value: 0, 1, −1, 2 or a half.

Where the left side is to be worked out and the right side has no name in it, the plainest values are tried. A value
that is no plain number is the business of other mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.printing import plain
from derive.language.term import free_names, make, num
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_WORKED_OUT = frozenset(
    ["limit", "integral", "sum", "prod", "expect", "prob", "variance", "covariance", "det", "trace"]
)


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if evidence.relation.head != "eq" or evidence.left.head not in _WORKED_OUT:
        return
    if any(
        evidence.context.symbols[n].role != "function"
        for n in free_names(evidence.right) & set(evidence.context.symbols)
    ):
        return
    one = num(1)
    for value in (num(0), one, make("neg", one), make("div", one, num(2)), num(2)):
        yield Mended(evidence.with_right(value), f"the value is {plain(value)}")


MISTAKE = Mistake(
    "wrong value",
    "a limit, sum or integral has another plain value",
    _propose,
    accepts=(Accepted((), r"\lim_{u \to \infty} \frac{1}{u} = 1", "lim_{u→∞} 1/u = 0"),),
    declines=(Passed(("a, b \\in \\mathbb{R}",), r"a + b = a b"),),
)
