"""A transpose or inverse is missing or one too many, or factors stand in the wrong order.

The slips that the checker already weighs against missing hypotheses (`checking/slips.py`) are tried in every place of
the right side, and transposes over whole products. Two slips at once are not found.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.checking.slips import matrix_slips
from derive.language.printing import plain
from derive.language.term import Term, walk
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if not _has_tensors(evidence):
        return
    for spot in evidence.spots:
        for new in matrix_slips(spot, evidence.context):
            yield Mended(evidence.with_right(spot.put(new)), message(spot.node, new))


def message(old: Term, new: Term) -> str:
    """What a slip was, in words."""
    if new.head == "transpose" and new.args[0] == old:
        return f"{plain(old)} should be transposed"
    if new.head == "inverse" and new.args[0] == old:
        return f"{plain(old)} should be inverted"
    if old.head in ("transpose", "inverse") and new == old.args[0]:
        return f"the {old.head} of {plain(new)} is one too many"
    return f"the order of the factors: {plain(new)}, not {plain(old)}"


def _has_tensors(evidence: Evidence) -> bool:
    table = evidence.context.symbols
    shapes = [table[n.name].bare_shape for n in walk(evidence.relation) if n.head == "sym" and n.name in table]
    return any(shape is not None and shape.axes for shape in shapes)


MISTAKE = Mistake(
    "transposed or swapped product",
    "a transpose or inverse too many or too few, or factors in the wrong order",
    _propose,
    accepts=(
        Accepted(("A, B \\in \\mathbb{R}^{n \\times n}",), r"(A B)^T = A^T B^T", "(A B)ᵀ = Bᵀ Aᵀ"),
        Accepted(
            ("P, Q \\in \\mathbb{R}^{n \\times n}", "P is invertible", "Q is invertible"),
            r"(P Q)^{-1} = P^{-1} Q^{-1}",
            "(P Q)⁻¹ = Q⁻¹ P⁻¹",
        ),
    ),
    declines=(Passed(("A \\in \\mathbb{R}^{n \\times n}",), r"\operatorname{tr}(2 A) = \operatorname{tr}(A)"),),
)
