"""The shapes do not fit: a transpose is missing, or factors stand in the wrong order.

Where a product does not conform or the two sides have different shapes, transposes are added and dropped and
neighbours exchanged until the formula conforms; the first that is then proved is offered. Wrong quantities that happen
to have another shape are not found.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.checking.slips import matrix_slips
from derive.language.edits import Spot
from derive.language.printing import plain
from derive.language.term import Term, make
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed
from derive.mistakes.transpose import message

_SCALAR_SAFE = frozenset(["sym", "entry", "call"])


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if not evidence.raw:
        return
    for spot in evidence.spots:
        for new in (*matrix_slips(spot, evidence.context), *_orders(spot)):
            words = f"the shapes do not fit; {message(spot.node, new)}"
            yield Mended(evidence.with_right(spot.put(new)), words)
    for spot in evidence.spots:
        if spot.node.head in ("identity", "ones") and spot.node.value is not None:
            new = make(spot.node.head)
            yield Mended(evidence.with_right(spot.put(new)), f"the size of {plain(spot.node)} does not fit")


def _orders(spot: Spot) -> Iterator[Term]:
    """Transposes of vectors, and of all factors at once; every order of three factors."""
    node = spot.node
    if node.head in _SCALAR_SAFE and not (spot.parent is not None and spot.parent.head in ("transpose", "entry")):
        yield make("transpose", node)
    if node.head == "mul":
        turned = [f.args[0] if f.head == "transpose" else f for f in node.args]
        for k, factor in enumerate(turned):
            yield node.with_args((*turned[:k], make("transpose", factor), *turned[k + 1 :]))
        for k in range(len(node.args)):
            for j in range(len(node.args)):
                if abs(k - j) > 1:
                    rest = [*node.args[:k], *node.args[k + 1 :]]
                    rest.insert(j, node.args[k])
                    yield node.with_args(tuple(rest))


MISTAKE = Mistake(
    "dimension mismatch",
    "the shapes do not fit",
    _propose,
    accepts=(
        Accepted(
            ("M \\in \\mathbb{R}^{n \\times m}", "u \\in \\mathbb{R}^m", "z \\in \\mathbb{R}^n"),
            r"\nabla_u \|M u - z\|^2 = 2 M (M u - z)",
            "∂/∂u ‖M u − z‖² = 2 Mᵀ (M u − z)",
        ),
    ),
    declines=(
        Passed(("M \\in \\mathbb{R}^{n \\times m}", "u \\in \\mathbb{R}^m", "z \\in \\mathbb{R}^n"), r"M u = z^T"),
    ),
)
