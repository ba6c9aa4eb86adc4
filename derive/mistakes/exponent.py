"""An exponent is wrong: one more or less, doubled, halved, dropped or added, or a quotient is upside down.

Every power gets neighbouring exponents or none, every other scalar factor is squared, rooted or raised to a size or
index of the step, `𝔼[X²]` and `𝔼[X]²` are exchanged, and quotients are inverted. Exponents that are neither near nor
named in the step are not found.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.context import SCALAR
from derive.language.edits import Spot
from derive.language.printing import plain
from derive.language.term import Term, is_num, make, num, sym
from derive.mistakes.evidence import Evidence, negated, plus, shifted
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_RAISED = frozenset(
    [
        "sym",
        "entry",
        "call",
        "expect",
        "variance",
        "norm",
        "inner",
        "add",
        "abs",
        "div",
        "exp",
        "log",
        "sum",
        "deriv",
        "mul",
        "inverse",
    ]
)


def _propose(evidence: Evidence) -> Iterator[Mended]:
    table = evidence.context.symbols
    named = [sym(n) for n in sorted({*evidence.sizes, *evidence.nearby}) if table[n].role in ("size", "index")]
    for spot in evidence.spots:
        parent = spot.parent
        if parent is not None and (
            parent.head in ("entry", "delta") or (parent.head in ("sum", "prod") and spot.position in (1, 2))
        ):
            continue
        if not evidence.equation and spot.node.head != "pow":
            continue
        for new, message in _edits(spot, evidence, named):
            yield Mended(evidence.with_right(spot.put(new)), message)


def _edits(spot: Spot, evidence: Evidence, named: list[Term]) -> Iterator[tuple[Term, str]]:
    node = spot.node
    if node.head == "pow":
        base, exponent = node.args
        for other in _near(exponent):
            new = base if is_num(other, 1) else make("pow", base, other)
            yield new, f"the exponent of {plain(base)} should be {plain(other)}"
        yield base, f"{plain(base)} should not be raised to a power"
        if base.head == "add" and len(base.args) == 2:
            one, other = base.args
            raised = make("pow", other, exponent)
            if other.head == "neg":
                raised = negated(make("pow", negated(other), exponent))
            yield plus(one, raised), f"the power belongs to {plain(_bare(other))}, not to {plain(base)}"
        if base.head == "expect":
            inner = make("pow", base.args[0], exponent)
            yield base.with_args((inner, *base.args[1:])), "the power belongs inside the expectation"
    if node.head == "expect" and node.args[0].head == "pow":
        base, exponent = node.args[0].args
        yield make("pow", node.with_args((base, *node.args[1:])), exponent), "the power belongs outside the expectation"
    if node.head == "sqrt":
        yield node.args[0], f"the root of {plain(node.args[0])} is one too many"
    if node.head == "div":
        yield make("div", node.args[1], node.args[0]), f"the quotient {plain(node)} is upside down"
    if node.head in _RAISED and not (spot.parent is not None and spot.parent.head in ("pow", "neg")):
        if evidence.shape(node, spot) == SCALAR:
            for other in (num(2), *named, num(3)):
                yield make("pow", node, other), f"{plain(node)} should be raised to the power {plain(other)}"
            yield make("sqrt", node), f"the root of {plain(node)} is missing"
            if node.head != "div":
                yield make("div", num(1), node), f"{plain(node)} should stand below the line"
        elif node.head == "inverse":
            yield make("pow", node.args[0], num(-2)), f"{plain(node)} should be squared"
        elif node.head == "sym":
            yield make("pow", node, num(2)), f"{plain(node)} should be squared"


def _bare(term: Term) -> Term:
    return term.args[0] if term.head == "neg" else term


def _near(exponent: Term) -> list[Term]:
    if exponent.head == "num":
        e = exponent.value
        return [num(v) for v in dict.fromkeys((2 * e, e / 2, e + 1, e - 1, e + 2, e - 2)) if v > 0]
    return [shifted(exponent, 1), shifted(exponent, -1), make("mul", num(2), exponent)]


MISTAKE = Mistake(
    "exponent",
    "an exponent is one off, doubled, halved, missing or one too many; a quotient is upside down",
    _propose,
    accepts=(
        Accepted(("x > 0",), r"x^2 \cdot x^3 = x^6", "x² x³ = x⁵"),
        Accepted(
            ("q \\in (0, 1)", "n \\in \\mathbb{N}"),
            r"\sum_{i=0}^{n} q^i = \frac{1 - q^n}{1 - q}",
            "Σ_{i=0}^{n} qⁱ = (1 − q^(n + 1))/(1 − q)",
        ),
    ),
    declines=(Passed(("x \\in \\mathbb{R}",), r"2 (x + 3) = 2x + 3"),),
)
