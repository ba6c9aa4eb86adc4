"""A term was dropped or is counted twice.

Where the difference of the two sides is one multiple of a quantity of the step, or of a product of two, at every
point, that multiple is the missing term. Else every summand anywhere is left out in turn, and quantities of the step
are added to and subtracted from factors, arguments and bodies of sums. Two dropped terms are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.language.context import SCALAR
from derive.language.edits import summands, without
from derive.language.printing import plain
from derive.language.term import Term, make, num
from derive.mistakes.evidence import Evidence, negated, plus, times
from derive.mistakes.factor import scaled
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_MOST_PAIRED = 16
_MOST_MATRICES = 8
_GROUPS = frozenset(
    ["mul", "div", "pow", "call", "exp", "log", "sqrt", "sum", "prod", "neg", "expect", "argmax", "argmin"]
)


def _propose(evidence: Evidence) -> Iterator[Mended]:
    yield from _superfluous(evidence)
    if evidence.relation.head == "eq":
        yield from _difference(evidence)
    if evidence.left.head == evidence.right.head in ("argmax", "argmin"):
        yield from _objective(evidence)


def _guess(evidence: Evidence) -> Iterator[Mended]:
    if evidence.equation:
        yield from _inside(evidence, ((num(1), ()),))
    if evidence.relation.head == "eq":
        yield from _products(evidence)
    if evidence.equation:
        yield from _inside(evidence, evidence.pieces)


def _superfluous(evidence: Evidence) -> Iterator[Mended]:
    for spot in evidence.spots:
        if spot.node.head == "add":
            for k, term in enumerate(spot.node.args):
                message = f"the term {plain(term)} is one too many"
                yield Mended(evidence.with_right(spot.put(without(spot.node, k))), message)


def _difference(evidence: Evidence) -> Iterator[Mended]:
    """The difference of the sides is a multiple of one thing."""
    left, right = evidence.left, evidence.right
    shape = evidence.shape(right)
    if shape is None:
        return
    own = summands(right)
    for k, term in enumerate(own):
        c = evidence.multiple(left, right, term)
        if c is not None and c > -1:
            kept = [*own[:k], scaled(1 + c, term), *own[k + 1 :]]
            words = f"the term {plain(term)} should be counted {_often(1 + c)}"
            yield Mended(evidence.with_right(plus(*kept)), words)
    yield from _multiples(evidence, (*((num(1),) if shape == SCALAR else ()), *evidence.parts_like(shape)))


def _products(evidence: Evidence) -> Iterator[Mended]:
    """The difference of the sides is a multiple of a product or quotient of two quantities."""
    shape = evidence.shape(evidence.right)
    if shape is None:
        return
    pairs: list[Term] = []
    parts = evidence.parts_like(shape)
    scalars = evidence.quantities[:_MOST_PAIRED]
    if shape == SCALAR:
        pairs += [times(u, v) if u != v else make("pow", u, num(2)) for i, u in enumerate(scalars) for v in scalars[i:]]
        pairs += [make("div", u, v) for u in scalars for v in scalars if u != v]
    else:
        pairs += [times(u, v) for u in scalars for v in parts[:_MOST_PAIRED]]
        pairs += [make("mul", u, v) for u in parts[:_MOST_MATRICES] for v in parts[:_MOST_MATRICES]]
    yield from _multiples(evidence, tuple(pairs))


def _multiples(evidence: Evidence, parts: tuple[Term, ...]) -> Iterator[Mended]:
    """The right side and the multiple of a part that it lacks."""
    left, right = evidence.left, evidence.right
    for part in parts:
        c = evidence.multiple(left, right, part)
        if c is not None and part not in summands(right):
            missing = scaled(c, part)
            yield Mended(evidence.with_right(plus(right, missing)), f"the term {plain(missing)} is missing")


def _often(count: Fraction) -> str:
    return {Fraction(1, 2): "half", Fraction(2): "twice"}.get(count, f"{count} times")


def _objective(evidence: Evidence) -> Iterator[Mended]:
    """A term of the function on the left that was left out on the right although it depends on the variable."""
    variable, body, *rest = evidence.right.args
    for term in summands(evidence.left.args[1]):
        if term not in summands(body):
            mended = evidence.right.with_args((variable, plus(body, term), *rest))
            yield Mended(evidence.with_right(mended), f"the term {plain(term)} is missing")


def _inside(evidence: Evidence, pieces: tuple[tuple[Term, tuple[str, ...]], ...]) -> Iterator[Mended]:
    """A quantity is missing inside a factor, an argument or the body of a sum."""
    for piece, inner in pieces:
        for spot in evidence.spots:
            parent = spot.parent
            if parent is None or parent.head not in _GROUPS or not set(inner) <= set(spot.bound):
                continue
            if parent.head in ("sum", "prod") and spot.position in (1, 2):
                continue
            if spot.node.head in ("neg", "num") or spot.node == piece:
                continue
            for term in (piece, negated(piece)):
                message = f"the term {plain(term)} is missing next to {plain(spot.node)}"
                yield Mended(evidence.with_right(spot.put(plus(spot.node, term))), message)


MISTAKE = Mistake(
    "dropped or doubled term",
    "a term was left out, is one too many or is counted twice",
    _propose,
    accepts=(
        Accepted(("a, b \\in \\mathbb{R}",), r"(a + b)^2 = a^2 + b^2", "(a + b)² = a² + b² + 2 a b"),
        Accepted(("s, t \\in \\mathbb{R}",), r"(s + 1)(t + 1) = st + s + 1", "(s + 1) (t + 1) = s t + s + 1 + t"),
    ),
    guess=_guess,
    declines=(Passed(("a \\in \\mathbb{R}",), r"\sin(2a) = \sin(a)"),),
)
