"""The chain rule or the product rule was forgotten.

Where the left side is a derivative, the right side, its summands and bodies of sums are multiplied by each inner
derivative, and each half of each product or quotient rule is added. Inner functions of vectors are not opened.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.printing import plain
from derive.language.term import free_names
from derive.mistakes.evidence import Evidence, negated, plus, times
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed
from derive.mistakes.slopes import differentiated, inner_slopes, product_terms


def _propose(evidence: Evidence) -> Iterator[Mended]:
    context = evidence.context
    for body, variable in differentiated(evidence.left, context):
        for inner, factor in inner_slopes(body, variable, context):
            message = f"the chain rule: the inner derivative {plain(factor)} of {plain(inner)} is missing"
            for spot in evidence.spots:
                head = spot.parent.head if spot.parent is not None else "add"
                if head not in ("add", "sum") or (head == "sum" and spot.position != 3):
                    continue
                if free_names(factor) <= set(context.symbols) | set(spot.bound):
                    yield Mended(evidence.with_right(spot.put(times(factor, spot.node))), message)
        for product, half in product_terms(body, variable, context):
            if not free_names(half) <= set(context.symbols):
                continue
            rule = "quotient rule" if product.head == "div" else "product rule"
            message = f"the {rule}: the term {plain(half)} is missing"
            yield Mended(evidence.with_right(plus(evidence.right, half)), message)
            yield Mended(evidence.with_right(plus(evidence.right, negated(half))), message)


MISTAKE = Mistake(
    "chain or product rule",
    "an inner derivative, or one half of a product rule, is missing",
    _propose,
    accepts=(
        Accepted(("u \\in \\mathbb{R}",), r"\frac{d}{du} \sin(u^2) = \cos(u^2)", "∂/∂u sin(u²) = 2 u cos(u²)"),
        Accepted(("u \\in \\mathbb{R}",), r"\frac{d}{du} (u e^u) = e^u", "∂/∂u (u e^u) = e^u + u e^u"),
    ),
    declines=(Passed(("u \\in \\mathbb{R}",), r"\frac{d}{du} u^3 = 3 u"),),
)
