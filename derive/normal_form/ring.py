"""The ring in which one step is decided: its atoms, ranges, rewriting rules and collected needs.

Constructors all over this package take the `Ring` first. It interns atoms, hands out fresh index names, knows which
domain a symbol has, and collects `needs` (what must hold for a written term to have a value) and `assumed` (what a
rewriting step took for granted beyond the givens, only while `assuming` is set). `generic` holds quantities off whose
zeros a closed form was used (1 − r of a geometric sum).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flint import fmpq

from derive.language.affine import Affine
from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.term import Term, free_names, walk
from derive.normal_form.atom import Atom, Name, Poly, _body, free_of, height_of, pair, short, tensor_mark
from derive.normal_form.index import Ranges


class OutOfReach(Exception):
    """A term has no normal form; `reason` says why, for the report. Caught by `zero.decide` and never seen by users."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must hold: `kind` is nonzero, positive, nonnegative, invertible, range, exists (a derivative),
    converges (a series) or a property.

    `poly` is the quantity (None for matrices, whose normal form is `matrix`), `statement` says it in the user's terms.
    `certain` is unset where it arises under an index whose range may be empty: the term may then do without it.
    """

    kind: str
    statement: Term
    poly: Poly | None = None
    matrix: Any = None
    certain: bool = True


@dataclass
class Ring:
    """See the module's docstring."""

    context: Context
    budget: Budget
    ranges: Ranges = field(default_factory=Ranges)
    assuming: bool = False
    needs: list[Need] = field(default_factory=list)
    assumed: list[Need] = field(default_factory=list)
    generic: list[Poly] = field(default_factory=list)
    rules: list[Any] = field(default_factory=list)
    known: list[tuple[str, Poly]] = field(default_factory=list)
    domains: dict[str, Any] = field(default_factory=dict)
    intervals: dict[Atom, Any] = field(default_factory=dict)
    table: dict[str, Atom] = field(default_factory=dict)
    symbols: dict[tuple[str, Any], Atom] = field(default_factory=dict)
    inverse_rules: dict[str, Any] = field(default_factory=dict)
    count_rewrites: int = 0
    entry_rules: dict[str, list[Callable[[tuple[Affine, ...]], Poly | None]]] = field(default_factory=dict)
    symbol_rules: dict[str, Poly] = field(default_factory=dict)
    ties: dict[str, frozenset[str]] = field(default_factory=dict)
    recurrences: dict[str, list[Any]] = field(default_factory=dict)
    known_for_all: list[tuple[str, Poly, str]] = field(default_factory=list)
    moduli_as_bits: bool = False
    event_rules: list[tuple[frozenset[Atom], Poly]] = field(default_factory=list)
    moment_rules: list[Callable[[Atom], Poly | None]] = field(default_factory=list)
    random_marks: dict[str, str] = field(default_factory=dict)
    tainted: frozenset[str] = frozenset()
    randomness: Any = None
    densities: dict[str, Any] = field(default_factory=dict)
    laws: dict[str, Any] = field(default_factory=dict)
    vector_laws: dict[str, Any] = field(default_factory=dict)
    moment_ties: dict[str, frozenset[str]] = field(default_factory=dict)
    density_value: Any = None
    function_signs: dict[str, list[Any]] = field(default_factory=dict)
    integers: set[str] = field(default_factory=set)
    invertible: list[Any] = field(default_factory=list)
    definite: list[Any] = field(default_factory=list)
    full_rank: list[tuple[Affine, Affine, Callable[[Affine, Affine], Poly]]] = field(default_factory=list)
    symmetric: set[str] = field(default_factory=set)
    held: int = 0
    count: int = 0
    used_rules: set[str] = field(default_factory=set)

    def fresh(self, low: Affine, high: Affine | None) -> str:
        """A new index name with a range (without an end where `high` is None)."""
        self.count += 1
        name = f"%{self.count}"
        self.ranges.set(name, low, high)
        return name

    def atom(self, kind: str, *data: Any, bound: Iterable[str] = ()) -> Atom:
        """The atom of a kind with this data; names in `bound` are its own."""
        key = short(kind, _body(kind, data, {}))
        found = self.table.get(key)
        if found is None:
            free = free_of(data)
            if bound:
                free = free - frozenset(bound)
            if kind in ("entry", "call"):
                free = free | {tensor_mark(data[0])}
            nested = kind in ("sum", "inv", "det", "prod", "call", "extreme", "moment", "cmoment")
            found = Atom(kind, data, key, free, height_of(data) + nested)
            self.table[key] = found
        return found

    def symbol(self, name: str) -> Atom:
        """The atom of a scalar symbol, size or index."""
        found = self.symbols.get((name, None))
        if found is None:
            found = self.symbols[(name, None)] = self.atom("sym", Name(name))
        return found

    def entry(self, name: str, indices: tuple[Affine, ...]) -> Atom:
        """The atom of an entry of a tensor or member of a family."""
        if name in self.symmetric and len(indices) == 2:
            indices = pair(*indices)
        found = self.symbols.get((name, indices))
        if found is None:
            found = self.symbols[(name, indices)] = self.atom("entry", name, indices)
        return found

    @property
    def half_line(self) -> str:
        """What |x| = x is assumed under: x ≥ 0, but x > 0 where a derivative is taken (there is a kink at 0)."""
        return "positive" if self.held else "nonnegative"

    def know(self, kind: str, poly: Poly) -> None:
        """Take `poly` to be positive, nonnegative or nonzero from here on."""
        self.known.append((kind, poly))
        self.intervals.clear()

    def is_integer(self, name: str) -> bool:
        """Whether a scalar symbol takes integer values only."""
        return self.is_index_like(name) or name in self.integers

    def is_index_like(self, name: str) -> bool:
        """Whether a name is a size or an index."""
        return name in self.ranges.ends or name in self.ranges.least

    def in_equation(self, name: str) -> bool:
        """Whether a fact may confine a name, or what stands for it, to a set without inner points."""
        written = name.strip("[]").split("′")[0]
        return any(
            written in free_names(fact) and any(node.head == "eq" for node in walk(fact)) for fact in self.context.facts
        )

    def inherit(self, raw: str, name: str) -> None:
        """Give a stand-in the open part of the domain of the name it stands for: derivatives are taken inside."""
        if name in self.domains:
            self.domains[raw] = self.domains[name].interior

    def value(self, atom: Atom) -> Poly:
        """An atom as a polynomial."""
        return Poly({((atom, 1),): fmpq(1)})

    def affine(self, term: Affine) -> Poly:
        """An affine index term as a scalar."""
        terms: dict[Any, fmpq] = {((self.symbol(name), 1),): fmpq(c) for name, c in term.parts}
        if term.constant:
            terms[()] = fmpq(term.constant)
        return Poly(terms)
