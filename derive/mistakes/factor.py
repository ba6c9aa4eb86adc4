"""A constant factor is missing, is one too many, or is another number.

Where the two sides have one ratio at every point, that ratio (times or over one or two quantities of the step) is the
factor. Else every number is doubled and halved, every factor and divisor dropped, and every summand, argument and body
of a sum multiplied and divided by 2, by sizes and by quantities of the step. Factors that are themselves sums not
written anywhere are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.language.context import SCALAR
from derive.language.edits import Spot, without
from derive.language.printing import plain
from derive.language.term import Term, free_names, make, num, sym
from derive.mistakes.evidence import Evidence, negated, over, times
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_MOST_PAIRED = 14
_INSIDE_PRODUCT = frozenset(["mul", "neg", "div"])
_NO_VALUES = frozenset(["entry", "delta", "distributed", "independent"])
_LARGEST_NUMBER = 1000


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if evidence.relation.head == "eq":
        constant = evidence.multiple(evidence.left, None, evidence.right)
        if constant is not None and constant != 1:
            yield Mended(evidence.with_right(scaled(constant, evidence.right)), _words(constant, None, None))
        yield from _numbers(evidence)
        yield from _superfluous(evidence)
        return
    yield from _numbers(evidence)
    yield from _superfluous(evidence)


def _guess(evidence: Evidence) -> Iterator[Mended]:
    if evidence.relation.head == "eq":
        yield from _ratio(evidence)
    yield from _missing(evidence)


def _ratio(evidence: Evidence) -> Iterator[Mended]:
    """One ratio of the sides at every point, up to quantities of the step."""
    left, right = evidence.left, evidence.right
    quantities = evidence.quantities
    for u in quantities:
        square = make("pow", u, num(2))
        for by, under in ((u, None), (None, u), (square, None), (None, square)):
            if by is not None and right.head == "div" and by == right.args[1]:
                continue  # would only undo the division
            c = evidence.multiple(left, None, right, by, under)
            if c is not None:
                yield Mended(evidence.with_right(_with_factor(right, c, by, under)), _words(c, by, under))
    for u in quantities[:_MOST_PAIRED]:
        for v in quantities[:_MOST_PAIRED]:
            if u == v or (right.head == "div" and u == right.args[1]):
                continue
            c = evidence.multiple(left, None, right, u, v)
            if c is not None:
                yield Mended(evidence.with_right(_with_factor(right, c, u, v)), _words(c, u, v))


def _numbers(evidence: Evidence) -> Iterator[Mended]:
    """A number in a product, quotient or sum that should be twice, half or one more or less."""
    for spot in evidence.spots:
        if spot.node.head == "div" and spot.node.args[0].head == "num" and evidence.equation:
            for c in (Fraction(1, 2), Fraction(2), Fraction(1, 4)):
                new = scaled(c, spot.node)
                yield Mended(evidence.with_right(spot.put(new)), f"{plain(spot.node)} should be {plain(new)}")
        if spot.node.head != "num" or spot.parent is None or not _counts(spot):
            continue
        if spot.parent.head == "div" and spot.position == 0:
            continue
        value = spot.node.value
        whole = value.denominator == 1
        near = (value - 1, value + 1) if whole else ()
        nearest = (*near, 2 * value, value / 2, 4 * value, value / 4)
        for other in dict.fromkeys(nearest):
            if not evidence.equation and not (whole and other.denominator == 1):
                continue
            if other > 0 and not (other == 1 and spot.parent.head in ("add", "mul")):
                new = _number(other) if whole else num(other)
                message = f"the number {plain(spot.node)} should be {plain(new)}"
                yield Mended(evidence.with_right(spot.put(new)), message)


def _superfluous(evidence: Evidence) -> Iterator[Mended]:
    for spot in evidence.spots:
        node = spot.node
        if node.head == "mul":
            for k, factor in enumerate(node.args):
                if evidence.shape(factor, spot) == SCALAR:
                    message = f"the factor {plain(factor)} is one too many"
                    yield Mended(evidence.with_right(spot.put(without(node, k))), message)
        elif node.head == "div":
            message = f"the divisor {plain(node.args[1])} is one too many"
            yield Mended(evidence.with_right(spot.put(node.args[0])), message)
            if node.args[1].head == "mul":
                for k, factor in enumerate(node.args[1].args):
                    rest = node.with_args((node.args[0], without(node.args[1], k)))
                    message = f"the divisor {plain(factor)} is one too many"
                    yield Mended(evidence.with_right(spot.put(rest)), message)


def _missing(evidence: Evidence) -> Iterator[Mended]:
    """A factor or divisor that one summand, argument or body lacks."""
    two = num(2)
    if not evidence.equation:
        if not free_names(evidence.right):
            return  # a numeric bound that is wrong has no one mending
        for factor in (two, *(sym(n) for n in evidence.sizes)):
            for spot in evidence.spots[:1]:
                yield from _factor_at(evidence, spot, factor)
        return
    places = [s for s in evidence.spots if _takes_factor(s)]
    for factor in (two, *(sym(n) for n in evidence.sizes)):
        for spot in places:
            yield from _factor_at(evidence, spot, factor)
    yield from _missing_matrix(evidence)
    for factor, inner in evidence.pieces:
        if factor.head == "sym" and factor.name in evidence.sizes:
            continue
        for spot in places:
            if set(inner) <= set(spot.bound):
                yield from _factor_at(evidence, spot, factor)


def _missing_matrix(evidence: Evidence) -> Iterator[Mended]:
    """A matrix that a product lacks, in every place of it."""
    table = evidence.context.symbols
    named = [n for n in sorted(evidence.nearby) if table[n].shape.rank == 2 and not table[n].family]
    for spot in evidence.spots:
        args = spot.node.args if spot.node.head == "mul" else (spot.node,)
        if spot.node.head != "mul" and not (spot.node.head == "add" and evidence.shape(spot.node, spot) != SCALAR):
            continue
        for name in named:
            for factor in (sym(name), make("transpose", sym(name)), make("inverse", sym(name))):
                for k in range(len(args) + 1):
                    new = make("mul", *args[:k], factor, *args[k:])
                    message = f"the factor {plain(factor)} is missing"
                    yield Mended(evidence.with_right(spot.put(new)), message)


def _factor_at(evidence: Evidence, spot: Spot, factor: Term) -> Iterator[Mended]:
    where = f" at {plain(spot.node)}" if spot.parent is not None else ""
    times_it = evidence.with_right(spot.put(times(factor, spot.node)))
    yield Mended(times_it, f"the factor {plain(factor)} is missing{where}")
    divided = evidence.with_right(spot.put(over(spot.node, factor)))
    yield Mended(divided, f"the divisor {plain(factor)} is missing{where}")


def _takes_factor(spot: Spot) -> bool:
    if spot.parent is None:
        return True
    if spot.parent.head in _INSIDE_PRODUCT and not (spot.parent.head == "div" and spot.position == 1):
        return False
    if spot.parent.head in _NO_VALUES or (spot.parent.head == "pow" and spot.position == 1):
        return spot.parent.head == "pow"
    if spot.parent.head in ("sum", "prod", "integral", "maxover", "minover") and spot.position in (1, 2):
        return False
    return spot.node.head not in ("true",)


def _counts(spot: Spot) -> bool:
    parent = spot.parent
    assert parent is not None
    if parent.head in _NO_VALUES or (parent.head == "pow" and spot.position == 1):
        return False
    if parent.head in ("sum", "prod") and spot.position in (1, 2):
        return False
    return bool(0 < abs(spot.node.value) < _LARGEST_NUMBER)


def scaled(constant: Fraction, term: Term) -> Term:
    """A rational times a term, put together with the number that the term begins with."""
    if constant == 1:
        return term
    if constant < 0:
        return negated(scaled(-constant, term))
    if term.head == "neg":
        return make("neg", scaled(constant, term.args[0]))
    if term.head == "num":
        return _number(term.value * constant)
    if term.head == "mul" and term.args[0].head in ("num", "div"):
        first = scaled(constant, term.args[0])
        if term.args[0].head == "num" and first.head != "num":
            return make("div", times(first.args[0], *term.args[1:]), first.args[1])
        return times(first, *term.args[1:])
    if term.head == "div":
        return _scaled_quotient(constant, *term.args)
    if constant.numerator == 1:
        return over(term, num(constant.denominator))
    return times(_number(constant), term)


def _number(value: Fraction) -> Term:
    return num(value) if value.denominator == 1 else make("div", num(value.numerator), num(value.denominator))


def _leading(term: Term) -> tuple[Fraction, tuple[Term, ...]]:
    """The number that a term begins with, and its other factors."""
    parts = term.args if term.head == "mul" else (term,)
    return (parts[0].value, parts[1:]) if parts[0].head == "num" else (Fraction(1), parts)


def _scaled_quotient(constant: Fraction, above: Term, below: Term) -> Term:
    """A quotient whose numbers take up a factor."""
    top, others = _leading(above)
    bottom, rest = _leading(below)
    ratio = top * constant / bottom
    up = times(num(ratio.numerator), *others)
    down = times(num(ratio.denominator), *rest)
    return up if down == num(1) else make("div", up, down)


def _with_factor(term: Term, constant: Fraction, by: Term | None, under: Term | None) -> Term:
    result = term
    if by is not None:
        result = times(by, result)
    if under is not None:
        result = over(result, under)
    return scaled(constant, result) if constant != 1 else result


def _words(constant: Fraction, by: Term | None, under: Term | None) -> str:
    factor = scaled(constant, by if by is not None else num(1))
    if under is not None:
        factor = over(factor, under)
    return f"the factor {plain(factor)} is missing"


MISTAKE = Mistake(
    "constant factor",
    "a factor or divisor is missing, one too many, or another number",
    _propose,
    accepts=(
        Accepted(("r \\in \\mathbb{R}",), r"\frac{d}{dr} (3 r^2) = 3 r", "∂/∂r (3 r²) = 6 r"),
        Accepted(
            ("p_k \\in \\mathbb{R}, k = 1, \\dots, m", "c \\in \\mathbb{R}"),
            r"\sum_{k=1}^{m} (p_k + c) = \sum_{k=1}^{m} p_k + c",
            "Σ_{k=1}^{m} (p_k + c) = Σ_{k=1}^{m} p_k + m c",
        ),
    ),
    guess=_guess,
    declines=(Passed(("a, b \\in \\mathbb{R}",), r"(a - b)^2 = a^2 - b^2"),),
)
