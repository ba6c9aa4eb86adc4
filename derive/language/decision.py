"""What a procedure or the numeric route says about a step.

A procedure returns a `Proof` or `Declined`; declining is a value, and "the normal forms differ" is declining. Only
`numeric/certify.py` makes a `Refutation`. Checking turns these into one of the seven verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derive.language.term import Term

Direction = Literal["equivalent", "implies", "implied-by", "neither"]


@dataclass(frozen=True, slots=True)
class Proof:
    """The step holds for all values and sizes, under `conditions` that the givens do not entail (none: proved).

    `conditions` are statements in the user's symbols. `trusts` names engines beyond the exact core (`sympy.limit`,
    `z3`). `evidence` is a short trace in words, one line each; `note` is a remark for the report (a tight bound, a
    layout).
    """

    method: str
    conditions: tuple[Term, ...] = ()
    trusts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    direction: Direction | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """Out of a procedure's reach here, with a reason fit for a report."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refutation:
    """A counterexample that satisfies every given, at which the two sides provably differ.

    `values` maps names to printable exact values (`"1/2"`, nested tuples for tensors, `"f(t) = 1 + 2 t"` for
    functions); `left` and `right` are the two sides there. Values are exact rationals, or disjoint intervals printed
    as decimals. `lost` says which way a statement-to-statement step fails.
    """

    values: tuple[tuple[str, object], ...]
    left: str
    right: str
    exact: bool = True
    direction: Direction | None = None
    note: str = ""


Outcome = Proof | Declined
