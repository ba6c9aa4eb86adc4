"""A condition was forgotten: the step holds only on a part of what is in force.

Of an equivalence one side gets the sign that the other hides (a root is not negative, a divisor is not 0), of an
implication the premise gets the sign of one quantity. A plain equation that lacks a condition is conditional and not
refuted; what it lacks is named in the verdict itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.edits import spots
from derive.language.printing import plain
from derive.language.term import Term, make, num
from derive.mistakes.evidence import Evidence
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_MOST = 12


def _propose(evidence: Evidence) -> Iterator[Mended]:
    return _sided(evidence.statement, 1) if evidence.statement.head == "iff" else iter(())


def _guess(evidence: Evidence) -> Iterator[Mended]:
    statement = evidence.statement
    if statement.head == "iff":
        yield from _sided(statement, 0)
    if statement.head == "implies":
        for condition in _conditions(statement.args[0]):
            wider = make("and", statement.args[0], condition)
            message = f"the step needs {plain(condition)}"
            yield Mended(statement.with_args((wider, statement.args[1])), message, True)


def _sided(statement: Term, side: int) -> Iterator[Mended]:
    """An equivalence, one side of which gets a sign."""
    for value in _quantities(statement):
        for sign in ("ge", "gt", "ne", "le"):
            condition = make(sign, value, num(0))
            both = make("and", statement.args[side], condition)
            pair = (both, statement.args[1]) if side == 0 else (statement.args[0], both)
            yield Mended(statement.with_args(pair), f"the condition {plain(condition)} is forgotten", True)


def _conditions(statement: Term) -> Iterator[Term]:
    for value in _quantities(statement):
        for sign in ("ge", "le", "ne", "gt"):
            yield make(sign, value, num(0))


def _quantities(statement: Term) -> list[Term]:
    """What a root, logarithm, absolute value or quotient is taken of, and the plain scalars."""
    found: dict[Term, None] = {}
    for spot in spots(statement):
        node = spot.node
        if spot.binders:
            continue
        if node.head == "sqrt" and node.args[0].head == "pow":
            found[node.args[0].args[0]] = None
        if node.head == "eq":
            found.update((b, None) for a, b in (node.args, node.args[::-1]) if a.head in ("sqrt", "abs"))
        if node.head in ("abs", "sign"):
            found[node.args[0]] = None
        if node.head == "sym" and not (spot.parent is not None and spot.parent.head == "entry"):
            found[node] = None
    return list(found)[:_MOST]


MISTAKE = Mistake(
    "forgotten condition",
    "the step holds under a condition that was not written",
    _propose,
    accepts=(
        Accepted(("z \\in \\mathbb{R}",), r"\sqrt{z + 2} = z \iff z + 2 = z^2", "√(z + 2) = z ⇔ z + 2 = z² and z ≥ 0"),
    ),
    guess=_guess,
    late=True,
    statements=True,
    declines=(Passed(("z \\in \\mathbb{R}",), r"z + 1 = z"),),
)
