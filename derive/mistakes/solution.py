"""A solution was lost, or one was added.

Where an equation leads to its solutions, each of them is left out in turn, the negative of each, 0 and the small
rationals that satisfy the premise are added, and `⇔` is weakened to `⇒`. Solutions that are no numbers and no negatives
of others are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.language.edits import without
from derive.language.printing import plain
from derive.language.term import Term, free_names, make, num, sym
from derive.mistakes.evidence import Evidence, negated
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_TRIED = tuple(Fraction(p, q) for q in (1, 2, 3) for p in range(-12, 13))


def _propose(evidence: Evidence) -> Iterator[Mended]:
    statement = evidence.statement
    if statement.head not in ("implies", "iff"):
        return
    premise, conclusion = statement.args
    if conclusion.head == "or":
        for k, part in enumerate(conclusion.args):
            shorter = without(conclusion, k)
            yield Mended(statement.with_args((premise, shorter)), f"{plain(part)} is no solution")
    if statement.head == "iff":
        yield from _added(evidence)
        message = "the step holds in this direction only: it may add solutions"
        yield Mended(make("implies", premise, conclusion, span=statement.span), message)
        message = "the step holds in the other direction only: it loses solutions"
        yield Mended(make("implies", conclusion, premise, span=statement.span), message)


def _guess(evidence: Evidence) -> Iterator[Mended]:
    return _added(evidence) if evidence.statement.head == "implies" else iter(())


def _added(evidence: Evidence) -> Iterator[Mended]:
    """One more solution of an unknown that is a name."""
    statement = evidence.statement
    premise, conclusion = statement.args
    parts = conclusion.args if conclusion.head == "or" else (conclusion,)
    unknown = parts[0].args[0] if parts[0].head == "eq" else conclusion
    if unknown.head not in ("sym", "entry") or not all(p.head == "eq" and p.args[0] == unknown for p in parts):
        return
    for value in _values(premise, unknown, parts):
        more = make("eq", unknown, value)
        wider = make("or", *parts, more)
        yield Mended(statement.with_args((premise, wider)), f"the solution {plain(more)} is lost")


def _values(premise: Term, unknown: Term, parts: tuple[Term, ...]) -> Iterator[Term]:
    written = {p.args[1] for p in parts}
    for part in parts:
        other = negated(part.args[1])
        if other not in written:
            yield other
    yield num(0)
    for name in sorted(free_names(premise) - free_names(unknown)):
        yield from (t for t in (sym(name), make("neg", sym(name))) if t not in written)
    if free_names(premise) <= free_names(unknown):
        for value in _TRIED:
            yield num(value) if value >= 0 else make("neg", num(-value))


MISTAKE = Mistake(
    "lost or extraneous solution",
    "a solution was lost or added",
    _propose,
    accepts=(
        Accepted(("z \\in \\mathbb{R}",), r"z^2 = 9 \iff z = 3", "z² = 9 ⇔ z = 3 or z = −3"),
        Accepted(("z \\in \\mathbb{R}",), r"\sqrt{z + 6} = z \iff z = 3 \lor z = -2", "√(z + 6) = z ⇔ z = 3"),
    ),
    guess=_guess,
    late=True,
    statements=True,
    declines=(Passed(("z \\in \\mathbb{R}",), r"2 z = 6 \iff z = 4"),),
)
