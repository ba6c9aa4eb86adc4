"""A constant left a variance, or a product of two covariances, without being squared.

Where the left side takes a variance, every scalar factor and divisor next to a moment on the right is squared, alone
and together with the others of its product. Correlated terms are the business of another mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.context import SCALAR
from derive.language.printing import plain
from derive.language.term import Term, is_num, make, num, walk
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_MOMENTS = frozenset(["variance", "covariance", "expect"])


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if not evidence.mentions("variance", "covariance"):
        return
    for spot in evidence.spots:
        node = spot.node
        parts = node.args if node.head == "mul" else (node,) if node.head == "div" else ()
        for k, factor in enumerate(parts):
            squared = _square(factor, evidence)
            if squared is None:
                continue
            new = squared if node.head == "div" else node.with_args((*node.args[:k], squared, *node.args[k + 1 :]))
            message = f"the constant {plain(_constant(factor))} leaves the variance squared"
            yield Mended(evidence.with_right(spot.put(new)), message)
    for spare in (True, False):
        whole = _all_squared(evidence.right, evidence, spare)
        yield Mended(evidence.with_right(whole), "constants leave the variance squared")


def _constant(factor: Term) -> Term:
    return factor.args[1] if factor.head == "div" and not _is_constant(factor) else factor


def _is_constant(term: Term) -> bool:
    return not any(n.head in _MOMENTS for n in walk(term))


def _square(factor: Term, evidence: Evidence) -> Term | None:
    """The factor with its constant squared."""
    if factor.head == "div":
        above, below = factor.args
        top = above if is_num(above, 1) else make("pow", above, num(2))
        if not _is_constant(above):
            top = above
        return make("div", top, make("pow", below, num(2))) if _is_constant(below) else None
    if factor.head == "num":
        return num(factor.value**2)
    if factor.head == "neg":
        return _square(factor.args[0], evidence)
    if not _is_constant(factor):
        return None
    if factor.head == "pow":
        return make("pow", factor.args[0], make("mul", num(2), factor.args[1]))
    return make("pow", factor, num(2))


def _all_squared(term: Term, evidence: Evidence, spare: bool) -> Term:
    """Every constant factor squared; with `spare`, squares stay (a `σ²` is a variance)."""
    if term.head != "mul":
        return term
    parts: list[Term] = []
    for factor in term.args:
        if factor.head == "sum":
            inside = _all_squared(factor.args[3], evidence, spare)
            parts.append(factor.with_args((*factor.args[:3], inside, *factor.args[4:])))
            continue
        kept = spare and factor.head == "pow" and is_num(factor.args[1], 2)
        scalar = evidence.shape(factor) == SCALAR
        squared = _square(factor, evidence) if scalar and not kept else None
        parts.append(squared if squared is not None else factor)
    return make("mul", *parts)


MISTAKE = Mistake(
    "constant not squared in a variance",
    "a constant factor leaves a variance unsquared",
    _propose,
    accepts=(
        Accepted(
            ("X is a random variable", "c \\in \\mathbb{R}"),
            r"\operatorname{Var}(c X + 3) = c \operatorname{Var}(X)",
            "Var(c X + 3) = c² Var(X)",
        ),
    ),
    declines=(Passed(("X is a random variable",), r"\operatorname{Var}(X + 1) = \operatorname{Var}(X) + 1"),),
)
