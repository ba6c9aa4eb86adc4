"""The derivative of a known function is another one.

Functions are exchanged with those that are mistaken for their derivatives (sine and cosine, a logarithm and a
reciprocal, 1 + tanh² and 1 − tanh²), and where the left side is one derivative the right side is replaced by what the
rules of school give, and by the standard gradients of traces, determinants and quadratic forms. Longer matrix calculus
is not tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.printing import plain
from derive.language.term import Term, make, num
from derive.mistakes.evidence import Evidence, negated, over, times
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed
from derive.mistakes.slopes import ZERO, differentiated, slope

_CONFUSED = {
    "sin": ("cos",),
    "cos": ("sin",),
    "sinh": ("cosh",),
    "cosh": ("sinh",),
    "tan": ("tanh",),
    "tanh": ("tan",),
    "abs": ("sign",),
    "sign": ("abs",),
}


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if not evidence.mentions("deriv", "dcall", "hessian"):
        return
    for spot in evidence.spots:
        node = spot.node
        for other in _CONFUSED.get(node.head, ()):
            new = make(other, *node.args)
            message = f"the derivative: {plain(new)} belongs where {plain(node)} stands"
            yield Mended(evidence.with_right(spot.put(new)), message)
            yield Mended(evidence.with_right(spot.put(negated(new))), message)
        if node.head == "log":
            yield Mended(
                evidence.with_right(spot.put(make("div", num(1), node.args[0]))),
                f"the derivative of the logarithm: 1/{plain(node.args[0])}",
            )
    for body, variable in differentiated(evidence.left, evidence.context):
        if slope(body, variable, evidence.context) == ZERO:
            message = f"the derivative: {plain(body)} does not change with {plain(variable)}"
            yield Mended(evidence.with_right(ZERO), message)


def _guess(evidence: Evidence) -> Iterator[Mended]:
    if evidence.left.head not in ("deriv", "dcall") or evidence.relation.head != "eq":
        return
    for body, variable in list(differentiated(evidence.left, evidence.context))[:1]:
        for right in _known(body, variable, evidence):
            yield Mended(evidence.with_right(right), f"the derivative of {plain(body)} is {plain(right)}")


def _known(body: Term, variable: Term, evidence: Evidence) -> Iterator[Term]:
    found = slope(body, variable, evidence.context)
    if found is not None:
        yield found if found != ZERO else num(0)
    yield from _matrix(body, variable)


def _matrix(body: Term, by: Term) -> Iterator[Term]:
    """Gradients of the textbook's list, by a whole vector or matrix."""
    if by.head != "sym":
        return
    inverse = make("transpose", make("inverse", by))
    if body.head == "log" and body.args[0] == make("det", by):
        yield inverse
    if body == make("det", by):
        yield times(body, inverse)
    if body.head == "norm" and body.args[0] == by:
        yield over(by, body)
    if body.head == "pow" and body.args[0].head == "norm" and body.args[0].args[0] == by:
        yield times(num(2), by)
    if body.head == "trace":
        inner = body.args[0]
        if inner == by:
            yield make("identity")
        if inner.head == "mul" and len(inner.args) == 2:
            a, b = inner.args
            if b == by:
                yield make("transpose", a)
            if a == by:
                yield make("transpose", b)
    if body.head == "mul" and len(body.args) == 3 and body.args[2] == by and body.args[0] == make("transpose", by):
        middle = body.args[1]
        yield make("mul", make("add", middle, make("transpose", middle)), by)
    if body.head == "mul" and len(body.args) == 2:
        a, b = body.args
        if b == by and a.head == "transpose":
            yield a.args[0]
        if a == make("transpose", by):
            yield b


MISTAKE = Mistake(
    "wrong derivative",
    "the derivative of a known function is another one",
    _propose,
    accepts=(
        Accepted(("u \\in \\mathbb{R}",), r"\frac{d}{du} \cosh(u) = \cos(u)", "∂/∂u cosh(u) = sinh(u)"),
        Accepted(
            ("S \\in \\mathbb{R}^{n \\times n}", "S is positive definite"),
            r"\nabla_S \log\det S = \frac{1}{\det S} I",
            "∂/∂S log(det(S)) = S⁻¹ᵀ",
        ),
    ),
    guess=_guess,
    late=True,
    declines=(Passed(("u \\in \\mathbb{R}",), r"2 u = u"),),
)
