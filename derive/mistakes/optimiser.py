"""A maximiser was written for a minimiser, or the function was turned without turning the optimiser.

`argmax` and `argmin` are exchanged on the right side; and the function under them is negated. Functions that have
another optimiser altogether are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.printing import plain
from derive.language.term import make
from derive.mistakes.evidence import Evidence, negated
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_PAIRS = (("argmax", "argmin"), ("maxover", "minover"), ("max", "min"))
_OTHER = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


def _propose(evidence: Evidence) -> Iterator[Mended]:
    for spot in evidence.spots:
        node = spot.node
        if node.head in _OTHER:
            other = _OTHER[node.head]
            new = make(other, *node.args, value=node.value, span=node.span)
            short = {"maxover": "max", "minover": "min"}
            yield Mended(
                evidence.with_right(spot.put(new)),
                f"{short.get(other, other)} belongs where {short.get(node.head, node.head)} stands",
            )
        if node.head in ("argmax", "argmin"):
            turned = node.with_args((node.args[0], negated(node.args[1]), *node.args[2:]))
            yield Mended(evidence.with_right(spot.put(turned)), f"the sign of the function {plain(node.args[1])}")


MISTAKE = Mistake(
    "argmax for argmin",
    "the maximiser was taken for the minimiser, or the other way round",
    _propose,
    accepts=(
        Accepted(
            ("g : \\mathbb{R} \\to \\mathbb{R}",),
            r"\arg\max_{u} (-g(u)) = \arg\max_{u} g(u)",
            "argmax_{u} (−g(u)) = argmin_{u} g(u)",
        ),
    ),
    declines=(Passed(("g : \\mathbb{R} \\to \\mathbb{R}",), r"\arg\max_{u} (g(u) + u) = \arg\max_{u} g(u)"),),
)
