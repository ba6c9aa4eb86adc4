"""A delta, logarithm, sum or power was dropped, or stands outside what it should stand in.

`log Σ` and `Σ log`, `E[f(X)]` and `f(E[X])`, `(Σ a)²` and `Σ a²` are exchanged, sums and products too; functions are
dropped from and put around every place, deltas of two indices in scope are multiplied on, factors move into sums. Two
misplaced signs at once are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from derive.language.context import SCALAR
from derive.language.edits import Spot, without
from derive.language.heads import ELEMENTWISE
from derive.language.printing import plain
from derive.language.term import Term, free_names, make, num, rewrite, sym, walk
from derive.mistakes.evidence import Evidence, times
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_WRAPPED = ("log", "exp", "abs", "sign", "sqrt", "trace", "det", "diag")
_OUTSIDE = frozenset(["sum", "expect", "prod"])


def _propose(evidence: Evidence) -> Iterator[Mended]:
    for spot in evidence.spots:
        if spot.parent is not None and (
            spot.parent.head in ("entry", "delta") or (spot.parent.head in _OUTSIDE and spot.position in (1, 2))
        ):
            continue
        for new, message in _edits(spot, evidence):
            yield Mended(evidence.with_right(spot.put(new)), message)


def _guess(evidence: Evidence) -> Iterator[Mended]:
    known = {n.head for t in (evidence.left, evidence.right, *evidence.sources) for n in walk(t)}
    functions = sorted({n.name for t in (evidence.left, *evidence.sources) for n in walk(t) if n.head == "call"})
    wrappers = [h for h in _WRAPPED if h in known or h in ("abs", "log")]
    for spot in evidence.spots:
        if spot.node.head == "num" or (spot.parent is not None and spot.parent.head in ("entry", "delta")):
            continue
        node = spot.node
        scalar = evidence.shape(node, spot) == SCALAR
        for head in wrappers:
            if node.head != head and scalar == (head not in ("trace", "det", "diag")):
                yield Mended(evidence.with_right(spot.put(make(head, node))), f"{head} is missing around {plain(node)}")
        for name in functions:
            if node.head != "call" and scalar:
                new = make("call", node, value=name)
                yield Mended(evidence.with_right(spot.put(new)), f"{name} is missing around {plain(node)}")
        if scalar and spot.parent is not None and spot.parent.head == "mul" and not isinstance(node.value, str):
            yield Mended(
                evidence.with_right(spot.put(times(make("sign", node), node))), f"the sign of {plain(node)} is missing"
            )
    for spot in evidence.spots:
        yield from _deltas(spot, evidence)


def _edits(spot: Spot, evidence: Evidence) -> Iterator[tuple[Term, str]]:
    node = spot.node
    head, args = node.head, node.args
    if head in ELEMENTWISE or (head == "call" and len(args) == 1):
        name = node.name if head == "call" else head
        inner = args[0]
        if inner.head in _OUTSIDE:
            yield _pushed(node, inner), f"{name} belongs inside"
        yield inner, f"{name} should not stand around {plain(inner)}"
    if head in _OUTSIDE:
        place = 3 if head != "expect" else 0
        inner = args[place]
        if inner.head in ELEMENTWISE or (inner.head == "call" and len(inner.args) == 1):
            moved = inner.with_args((node.with_args((*args[:place], inner.args[0], *args[place + 1 :])),))
            yield moved, f"{inner.name if inner.head == 'call' else inner.head} belongs outside"
        if inner.head in ("pow", "div") and (inner.head == "pow" or inner.args[0].head == "num"):
            at = 0 if inner.head == "pow" else 1
            body = node.with_args((*args[:place], inner.args[at], *args[place + 1 :]))
            yield inner.with_args((*inner.args[:at], body, *inner.args[at + 1 :])), "the power belongs outside"
    if head == "pow" and args[0].head in _OUTSIDE:
        yield _pushed(node, args[0]), "the power belongs inside"
    if head == "pow" and args[0].head == "log":
        yield times(args[1], args[0]), "the exponent comes out of the logarithm as a factor"
    if head == "div" and args[1].head in _OUTSIDE and args[0].head == "num":
        body = args[1]
        place = 3 if body.head != "expect" else 0
        under = make("div", args[0], body.args[place])
        yield body.with_args((*body.args[:place], under, *body.args[place + 1 :])), "the quotient belongs inside"
    if head in ("sum", "prod"):
        other = "prod" if head == "sum" else "sum"
        yield make(other, *args), f"a {'product' if head == 'sum' else 'sum'} belongs where the other stands"
        yield args[3], "the sum is one too many"
    if head == "add" and len(args) == 2 and spot.parent is not None and "neg" not in (args[0].head, args[1].head):
        yield make("mul", *args), f"{plain(args[0])} and {plain(args[1])} are multiplied, not added"
    if head == "mul":
        yield from _within_products(node)
        if len(args) == 2:
            for a, b in (args, args[::-1]):
                yield make("pow", a, b), f"{plain(a)} should be raised to the power {plain(b)}, not multiplied by it"
    if head == "mul" and len(args) == 2 and args[0].head == args[1].head == "trace":
        yield make("trace", make("mul", args[0].args[0], args[1].args[0])), "the trace of a product is no product"


def _within_products(node: Term) -> Iterator[tuple[Term, str]]:
    """A factor in front of a sum that belongs inside, with the running index."""
    for k, part in enumerate(node.args):
        if part.head != "sum":
            continue
        index, low, high, body = part.args[:4]
        for j, factor in enumerate(node.args):
            if j == k:
                continue
            entries = {n.args[-1] for n in walk(factor) if n.head == "entry" and n.args[-1].head == "sym"}
            for old in sorted(entries, key=lambda t: t.name):
                inside = rewrite(factor, lambda n, old=old, index=index: index if n == old else None)  # type: ignore[misc]
                summed = part.with_args((index, low, high, times(inside, body), *part.args[4:]))
                rest = without(node.with_args((*node.args[:k], summed, *node.args[k + 1 :])), j)
                yield rest, f"the factor {plain(factor)} belongs inside the sum, with its index"


def _pushed(node: Term, inner: Term) -> Term:
    """A function of a sum or expectation, as the sum or expectation of the function."""
    place = 3 if inner.head != "expect" else 0
    body = node.with_args((inner.args[place], *node.args[1:]))
    return inner.with_args((*inner.args[:place], body, *inner.args[place + 1 :]))


def _deltas(spot: Spot, evidence: Evidence) -> Iterator[Mended]:
    if spot.parent is not None and spot.parent.head not in ("add", "sum", "neg"):
        return
    if spot.parent is not None and spot.parent.head == "sum" and spot.position != 3:
        return
    table = evidence.context.symbols
    indices = {n for n in free_names(evidence.relation) if n in table and table[n].role == "index"} | set(spot.bound)
    for a, b in combinations(sorted(indices), 2):
        delta = make("delta", sym(a), sym(b))
        new = times(delta, spot.node) if spot.node != num(1) else delta
        yield Mended(evidence.with_right(spot.put(new)), f"{plain(delta)} is missing")


MISTAKE = Mistake(
    "misplaced delta, log or sum",
    "a delta, function, sum or power was dropped, or stands inside instead of outside",
    _propose,
    accepts=(
        Accepted(
            ("p, q > 0", "m \\in \\mathbb{N}"), r"\log(p q^m) = \log p + (\log q)^m", "log(p q^m) = log(p) + m log(q)"
        ),
        Accepted(
            ("c_i > 0, i = 1, \\dots, n",),
            r"\log \prod_{i=1}^{n} c_i = \log \sum_{i=1}^{n} c_i",
            "log(Π_{i=1}^{n} c_i) = Σ_{i=1}^{n} log(c_i)",
        ),
    ),
    guess=_guess,
    declines=(Passed(("x \\in \\mathbb{R}",), r"(x + 1)^2 = x^2 + 1"),),
)
