"""The sign of one term, factor or argument is wrong.

The whole right side, each summand, argument and exponent is negated in turn; `−(a − b)` is offered as `b − a`. A
product of two wrong signs, or a sign that is right in one branch only, is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.edits import Spot
from derive.language.printing import plain
from derive.language.term import walk
from derive.mistakes.evidence import Evidence, negated
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_PLACES = frozenset(["add", "exp", "pow", "call", "sin", "cos", "tanh", "argmax", "argmin", "sum", "cases"])


def _propose(evidence: Evidence) -> Iterator[Mended]:
    return _signs(evidence) if evidence.equation else iter(())


def _guess(evidence: Evidence) -> Iterator[Mended]:
    return iter(()) if evidence.equation else _signs(evidence)


def _signs(evidence: Evidence) -> Iterator[Mended]:
    reason = ""
    if any(n.head in ("deriv", "hessian", "dcall") for n in walk(evidence.left)):
        reason = "; an inner derivative may give the factor −1"
    for spot in evidence.spots:
        parent = spot.parent
        if parent is None:
            if not evidence.equation and not any(a.head == "neg" for a in evidence.right.args):
                continue  # that the right side is negative makes most bounds true
            message = f"the sign: the right side is the negative of what it should be{reason}"
        elif parent.head in _PLACES and not _is_plain_place(spot):
            what = {"add": "the term", "pow": "the exponent"}.get(parent.head, "the part")
            message = f"the sign of {what} {plain(spot.node)}{reason}"
        elif parent.head in ("mul", "neg") and spot.node.head == "add":
            message = f"the sign of the factor {plain(spot.node)}{reason}"
        else:
            continue
        if spot.node.head != "num" or spot.node.value != 0:
            yield Mended(evidence.with_right(spot.put(negated(spot.node))), message)


def _is_plain_place(spot: Spot) -> bool:
    """A base, a numeric exponent or an end of a range: no one mistakes the sign there."""
    assert spot.parent is not None
    if spot.parent.head == "pow":
        return spot.position == 0 or spot.node.head == "num"
    return spot.parent.head == "sum" and spot.position != 3


MISTAKE = Mistake(
    "sign",
    "the sign of one term, factor or argument",
    _propose,
    accepts=(
        Accepted(("a, b, c \\in \\mathbb{R}",), r"a (b - c) = ab + ac", "a (b − c) = a b − a c"),
        Accepted(("u \\in \\mathbb{R}",), r"\frac{d}{du} e^{-u} = e^{-u}", "∂/∂u e^(−u) = −e^(−u)"),
    ),
    guess=_guess,
    declines=(Passed(("a, b \\in \\mathbb{R}",), r"(a + b)^2 = a^2 + b^2"),),
)
