"""Independence, or no correlation, was assumed where it is not given.

Covariances of the random variables of the step are added to the right side as often as the points ask for, and
products of expectations or probabilities are written as the expectation or probability of the product. What more than
one covariance would mend is not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from derive.language.context import SCALAR
from derive.language.printing import plain
from derive.language.term import Term, make, num, sym, walk
from derive.mistakes.evidence import Evidence, plus
from derive.mistakes.factor import scaled
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed


def _propose(evidence: Evidence) -> Iterator[Mended]:
    if not evidence.mentions("variance", "covariance", "expect", "prob"):
        return
    for spot in evidence.spots:
        node = spot.node
        if node.head == "mul" and len(node.args) >= 2:
            for k, (a, b) in enumerate(zip(node.args, node.args[1:], strict=False)):
                joined = _joined(a, b)
                if joined is None:
                    continue
                rest = (*node.args[:k], joined, *node.args[k + 2 :])
                new = rest[0] if len(rest) == 1 else node.with_args(rest)
                message = f"independence was assumed: {plain(joined)} is no product in general"
                yield Mended(evidence.with_right(spot.put(new)), message)
    for covariance in _covariances(evidence):
        c = evidence.multiple(evidence.left, evidence.right, covariance) if evidence.relation.head == "eq" else None
        for factor in (c,) if c is not None else (2, -2, 1, -1) if not evidence.screen.points else ():
            term = scaled(num(factor).value, covariance)
            message = f"independence was assumed: the term {plain(term)} is missing"
            yield Mended(evidence.with_right(plus(evidence.right, term)), message)


def _joined(a: Term, b: Term) -> Term | None:
    if a.head == b.head == "expect" and a.args[1:] == b.args[1:]:
        return make("expect", make("mul", a.args[0], b.args[0]), *a.args[1:])
    if a.head == b.head == "prob" and len(a.args) == len(b.args) == 1:
        return make("prob", make("and", a.args[0], b.args[0]))
    return None


def _covariances(evidence: Evidence) -> Iterator[Term]:
    table = evidence.context.symbols
    names = [n for n in sorted(evidence.nearby) if table[n].random and not table[n].family and table[n].shape == SCALAR]
    for one, other in combinations(names, 2):
        yield make("covariance", sym(one), sym(other))
    if any(n.head == "variance" and n.args[0].head == "add" for n in walk(evidence.left)):
        for one in names:
            yield make("variance", sym(one))


MISTAKE = Mistake(
    "independence assumed",
    "independence or no correlation was assumed without being given",
    _propose,
    accepts=(
        Accepted(
            ("X is a random variable", "Y = 3 X"),
            r"\operatorname{Var}(X + Y) = \operatorname{Var}(X) + \operatorname{Var}(Y)",
            "Var(X + Y) = Var(X) + Var(Y) + 2 Cov(X, Y)",
        ),
    ),
    declines=(Passed(("X is a random variable",), r"\operatorname{Var}(2 X) = 2 \operatorname{Var}(X)"),),
)
