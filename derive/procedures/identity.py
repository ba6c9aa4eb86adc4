"""Equality of two expressions, decided by the index normal form.

Both sides are lowered to normal form and subtracted; the step holds for all values and sizes where the difference is
zero. Where the plain form does not close, splits of logarithms, roots and absolute values are tried under the sign
they need, which makes the step conditional on it. A derivative of a vector by a vector is read in the numerator
layout first, then in the denominator layout. It cannot decide sums of binomials, symbolic matrix powers or anything
that is no equality.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.budget import Budget
from derive.language.decision import Declined, Outcome, Proof
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, rewrite, walk
from derive.normal_form.zero import Equal, decide
from derive.procedures.procedure import Example, Procedure


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    reason = "the normal forms of the two sides differ"
    for statement, layout in _layouts(step.statement):
        left, right = statement.args
        checked = elaborate(left, step.context)
        if not isinstance(checked, Checked):
            continue
        other = elaborate(right, step.context)
        if isinstance(other, Checked) and other.shape != checked.shape and checked.shape.axes and other.shape.axes:
            continue
        conditional: Proof | None = None
        for assuming in (False, True):
            found = decide(left, right, checked.shape, step.context, budget, assuming)
            if not isinstance(found, Equal):
                reason = found.reason if not assuming else reason
                continue
            proof = _proof(found, layout, statement)
            if not proof.conditions:
                return proof
            conditional = conditional or proof
        if conditional is not None:
            return conditional
    return Declined(reason)


def _proof(found: Equal, layout: str, statement: Term) -> Proof:
    evidence = ["both sides have the same index normal form"]
    if found.used:
        evidence.append("used " + ", ".join(found.used))
    note = f"{layout} layout of the derivative of a vector by a vector" if layout else ""
    if any(node.head in ("expect", "variance", "covariance") for node in walk(statement)):
        evidence.append("the moments are assumed to exist")
    return Proof("normal form", found.conditions, evidence=tuple(evidence), note=note)


def _layouts(statement: Term) -> list[tuple[Term, str]]:
    """The statement as it is, and with the other layout where a derivative of a vector by a vector occurs."""
    if not any(node.head == "deriv" and node.value in ("numerator", "denominator") for node in walk(statement)):
        return [(statement, "")]

    def turned(node: Term) -> Term | None:
        return replace(node, value="denominator") if node.head == "deriv" else None

    return [(statement, ""), (rewrite(statement, turned), "denominator")]


PROCEDURE = Procedure(
    "normal form",
    frozenset(["eq"]),
    _decide,
    "equalities of scalars, sums, vectors and matrices of symbolic size, with their derivatives and moments",
    proves=(
        Example((r"X \in \mathbb{R}^{n \times d}", r"w \in \mathbb{R}^d"), r"\nabla_w \|Xw\|^2 = 2 X^T X w"),
        Example((r"n \in \mathbb{N}",), r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}"),
    ),
    declines=(Example((r"A, B \in \mathbb{R}^{n \times n}",), r"AB = BA"),),
)
