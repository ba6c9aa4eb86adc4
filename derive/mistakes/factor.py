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
from derive.language.term import Term, make, num, sym
from derive.mistakes.evidence import Evidence, negated, over, times
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_MOST_PAIRED = 14
_INSIDE_PRODUCT = frozenset(["mul", "neg", "div"])
_NO_VALUES = frozenset(["entry", "delta", "distributed", "independent"])
_LARGEST_NUMBER = 1000


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if evidence.relation.head in ("eq", "approx"):
        yield from _ratio(evidence)
    yield from _numbers(evidence)
    yield from _superfluous(evidence)
    yield from _missing(evidence)


def _ratio(evidence: Evidence) -> Iterator[Mended]:
    """One ratio of the sides at every point."""
    left, right = evidence.left, evidence.right
    constant = evidence.multiple(left, None, right)
    if constant is not None and constant != 1:
        yield Mended(evidence.with_right(scaled(constant, right)), _words(constant, None, None))
        return
    quantities = evidence.quantities
    for u in quantities:
        square = make("pow", u, num(2))
        for by, under in ((u, None), (None, u), (square, None), (None, square)):
            c = evidence.multiple(left, None, right, by, under)
            if c is not None:
                yield Mended(evidence.with_right(_with_factor(right, c, by, under)), _words(c, by, under))
    for u in quantities[:_MOST_PAIRED]:
        for v in quantities[:_MOST_PAIRED]:
            c = evidence.multiple(left, None, right, u, v) if u != v else None
            if c is not None:
                yield Mended(evidence.with_right(_with_factor(right, c, u, v)), _words(c, u, v))


def _numbers(evidence: Evidence) -> Iterator[Mended]:
    """A number in a product, quotient or sum that should be twice, half or one more or less."""
    for spot in evidence.spots:
        if spot.node.head != "num" or spot.parent is None or not _counts(spot):
            continue
        value = spot.node.value
        for new in dict.fromkeys((2 * value, value / 2, value + 1, value - 1, 4 * value, value / 4)):
            if new > 0 and not (new == 1 and spot.parent.head == "add"):
                message = f"the number {plain(num(value))} should be {plain(num(new))}"
                yield Mended(evidence.with_right(spot.put(num(new))), message)


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
    places = [s for s in evidence.spots if _takes_factor(s)]
    for factor in (two, *(sym(n) for n in evidence.sizes)):
        for spot in places:
            yield from _factor_at(evidence, spot, factor)
    for factor, inner in evidence.pieces:
        if factor.head == "sym" and factor.name in evidence.sizes:
            continue
        for spot in places:
            if set(inner) <= set(spot.bound):
                yield from _factor_at(evidence, spot, factor)


def _factor_at(evidence: Evidence, spot: Spot, factor: Term) -> Iterator[Mended]:
    where = f" at {plain(spot.node)}" if spot.parent is not None else ""
    times_it = evidence.with_right(spot.put(times(factor, spot.node)))
    yield Mended(times_it, f"the factor {plain(factor)} is missing{where}")
    yield Mended(evidence.with_right(spot.put(over(spot.node, factor))), f"the divisor {plain(factor)} is missing{where}")


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
    return 0 < abs(spot.node.value) < _LARGEST_NUMBER


def scaled(constant: Fraction, term: Term) -> Term:
    """A rational times a term, put together with the number that the term begins with."""
    if constant < 0:
        return negated(scaled(-constant, term))
    if term.head == "neg":
        return make("neg", scaled(constant, term.args[0]))
    if term.head == "num":
        return num(term.value * constant)
    if term.head == "mul" and term.args[0].head == "num":
        return times(num(term.args[0].value * constant), *term.args[1:])
    if term.head == "mul" and term.args[0].head == "div":
        first = _scaled_quotient(constant, term.args[0])
        if first is not None:
            return times(first, *term.args[1:])
    if term.head == "div":
        quotient = _scaled_quotient(constant, term)
        if quotient is not None:
            return quotient
    if constant.numerator == 1:
        return over(term, num(constant.denominator))
    return times(num(constant) if constant.denominator == 1 else _fraction(constant), term)


def _fraction(value: Fraction) -> Term:
    return make("div", num(value.numerator), num(value.denominator))


def _scaled_quotient(constant: Fraction, term: Term) -> Term | None:
    """A quotient whose numbers take up a factor."""
    above, below = term.args
    numbers = [k for k, f in enumerate(below.args if below.head == "mul" else (below,)) if f.head == "num"]
    if numbers:
        parts = list(below.args if below.head == "mul" else (below,))
        ratio = constant / parts[numbers[0]].value
        parts[numbers[0]] = num(ratio.denominator)
        rest = times(*parts)
        top = times(num(ratio.numerator), above) if above != num(1) else num(ratio.numerator)
        return top if rest == num(1) else make("div", top, rest)
    if above.head == "num":
        value = above.value * constant
        if value.denominator == 1:
            return make("div", num(value), below)
        return make("div", num(value.numerator), times(num(value.denominator), below))
    return None


def _with_factor(term: Term, constant: Fraction, by: Term | None, under: Term | None) -> Term:
    result = term
    if by is not None:
        result = times(by, result)
    if under is not None:
        result = over(result, under)
    return scaled(constant, result) if constant != 1 else result


def _words(constant: Fraction, by: Term | None, under: Term | None) -> str:
    top = [plain(num(abs(constant)))] if abs(constant) != 1 or by is None else []
    text = " ".join(top + ([plain(by)] if by is not None else []))
    if under is not None:
        text = f"{text}/{plain(under)}" if under.head != "add" else f"{text}/({plain(under)})"
    sign = "−" if constant < 0 else ""
    return f"the factor {sign}{text} is missing"


MISTAKE = Mistake(
    "constant factor",
    "a factor or divisor is missing, one too many, or another number",
    _propose,
    accepts=(
        Accepted(("r \\in \\mathbb{R}",), r"\frac{d}{dr} (3 r^2) = 3 r", ""),
        Accepted(("p_k \\in \\mathbb{R}, k = 1, \\dots, m", "c \\in \\mathbb{R}"),
                 r"\sum_{k=1}^{m} (p_k + c) = \sum_{k=1}^{m} p_k + c", ""),
    ),
    declines=(Passed(("a, b \\in \\mathbb{R}",), r"(a - b)^2 = a^2 - b^2"),),
)
