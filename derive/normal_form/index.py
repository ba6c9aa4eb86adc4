"""Ranges of indices and sizes, and what follows from them.

Every question "is this index term in range", "are these two indices never equal" is the question whether an affine
term is at least 0. It is decided by putting the end of its range for each index, innermost first, until only sizes
remain, and then their least values; declared inequalities between sizes may be used. The answer "not shown" is no
answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.language.affine import Affine, variable

ENDLESS = variable("∞")
"""The end of a range without an end."""


@dataclass(slots=True)
class Ranges:
    """`ends` maps an index to its first and last value; `least` maps a size to its least value.

    `facts` are affine terms known to be at least 0 (`n - d`). Bound indices are added as they are opened.
    """

    ends: dict[str, tuple[Affine, Affine | None]] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)
    facts: list[Affine] = field(default_factory=list)
    apart: list[Affine] = field(default_factory=list)
    """Affine terms known not to be 0 (`i - j`)."""
    cache: dict[Affine, bool] = field(default_factory=dict)

    def set(self, name: str, low: Affine, high: Affine | None) -> None:
        """Record the range of an index."""
        self.ends[name] = (low, high)

    def at_least_zero(self, term: Affine) -> bool:
        """Whether `term >= 0` is shown for all values in range."""
        known = self.cache.get(term)
        if known is None:
            known = self._decide(term, 0) or any(
                (rest := term - fact).is_constant and rest.constant >= 0 for fact in self.facts
            )
            if not any(name.startswith("%") for name in term.names):
                self.cache[term] = known
        return known

    def positive(self, term: Affine) -> bool:
        """Whether `term > 0` is shown."""
        return self.at_least_zero(term + (-1))

    def never_zero(self, term: Affine) -> bool:
        """Whether `term = 0` is impossible."""
        if term.is_constant:
            return term.constant != 0
        if len(term.parts) > 0:
            common = 0
            for _, c in term.parts:
                common = _gcd(common, abs(c))
            if term.constant % common:
                return True
        if term in self.apart or -term in self.apart:
            return True
        return self.positive(term) or self.positive(-term)

    def in_range(self, term: Affine, low: Affine, high: Affine) -> bool:
        """Whether `low <= term <= high` is shown."""
        return self.at_least_zero(term - low) and self.at_least_zero(high - term)

    def low_end(self, term: Affine) -> Affine | None:
        """A lower end of the term that holds no index with a range, only sizes; None where there is none."""
        for _ in range(64):
            inner = self._innermost(term)
            if inner is None:
                return term
            coefficient = term.coefficient(inner)
            low, high = self.ends[inner]
            end = low if coefficient > 0 else high
            if end is None:
                return None
            term = term.without(inner) + end.scale(coefficient)
        return None

    def _innermost(self, term: Affine) -> str | None:
        """An index of the term on which the range of no other index of the term depends."""
        names = [n for n, _ in term.parts if n in self.ends]
        for name in names:
            low, high = self.ends[name]
            depends = low.names | (high.names if high else frozenset())
            # substitute first the index whose own ends mention the others
            if any(other in depends for other in names):
                return name
        return names[0] if names else None

    def _decide(self, term: Affine, depth: int) -> bool:
        lower = self.low_end(term)
        if lower is None:
            return False
        endless = lower.coefficient("∞")
        if endless:
            return endless > 0
        value = lower.constant
        open_sizes = False
        for name, c in lower.parts:
            if c > 0 and name in self.least:
                value += c * self.least[name]
            else:
                open_sizes = True
        if not open_sizes and value >= 0:
            return True
        if depth >= 2:
            return False
        return any(self._decide(lower - fact, depth + 1) for fact in self.facts if fact.names & lower.names)


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def solve(term: Affine, names: list[str]) -> tuple[str, Affine] | None:
    """A name of `names` with coefficient ±1 in `term = 0`, and what it equals; None where there is none."""
    for name in names:
        c = term.coefficient(name)
        if abs(c) == 1:
            return name, term.without(name).scale(-c)
    return None


def simplify_delta(term: Affine) -> Affine:
    """`term` divided by the common divisor of its parts, with the first coefficient positive (for δ(term = 0))."""
    common = 0
    for _, c in term.parts:
        common = _gcd(common, abs(c))
    if common > 1 and term.constant % common == 0:
        term = Affine(term.constant // common, tuple((n, c // common) for n, c in term.parts))
    return -term if term.parts and term.parts[0][1] < 0 else term


__all__ = ["ENDLESS", "Ranges", "simplify_delta", "solve", "variable"]
