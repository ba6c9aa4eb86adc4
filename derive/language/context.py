"""What is in force where a formula stands: symbols, definitions and facts.

A `Context` is immutable; `declare`, `define` and `assume` return an extended one. A section of a document extends its
parent's context, a step sees the context that the lines before it have built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from derive.language.affine import Affine, affine_of, variable
from derive.language.source import Span
from derive.language.term import Term, free_names

Role = Literal["variable", "size", "index", "function", "event", "set"]
"""What a symbol stands for. `index`: an integer within a declared range; `size`: a number of entries."""


@dataclass(frozen=True, slots=True)
class Range:
    """The integers from `low` to `high`, both included."""

    low: Affine
    high: Affine


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a scalar, or every entry of a tensor, lives.

    `kind` is `real`, `integer`, `natural` (from `low`, 0 unless said), `interval` (ends as terms, None: unbounded) or
    `finite` (`values`).
    """

    kind: Literal["real", "integer", "natural", "interval", "finite"] = "real"
    low: Term | None = None
    high: Term | None = None
    low_open: bool = False
    high_open: bool = False
    values: tuple[Term, ...] = ()


REAL = Domain()


@dataclass(frozen=True, slots=True)
class Shape:
    """No axes: a scalar; one: a column vector; two: a matrix.

    An axis is a tuple of sizes: one for a plain axis, several for the pairs that index a Kronecker product or a `vec`.
    `statement` is set for what is true or false, `event` included.
    """

    axes: tuple[tuple[Affine, ...], ...] = ()
    statement: bool = False

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.axes)

    def __str__(self) -> str:
        if self.statement:
            return "statement"
        sizes = ["·".join(f"({s})" if len(a) > 1 and len(s.parts) > 1 else str(s) for s in a) for a in self.axes]
        return ("scalar", f"vector[{', '.join(sizes)}]", f"matrix[{', '.join(sizes)}]")[self.rank]


SCALAR = Shape()
STATEMENT = Shape((), True)


def vector_shape(size: Affine | str) -> Shape:
    """A column vector of a size."""
    return Shape(((variable(size) if isinstance(size, str) else size,),))


def matrix_shape(rows: Affine | str, columns: Affine | str) -> Shape:
    """A matrix of a number of rows and columns."""
    r = variable(rows) if isinstance(rows, str) else rows
    c = variable(columns) if isinstance(columns, str) else columns
    return Shape(((r,), (c,)))


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name and what is known of it.

    `shape` is the shape of one member; `family` holds the ranges of the index axes of an indexed family (`x^{(i)} ∈
    ℝ^d`, i = 1…n has one range and a vector shape). A family of scalars whose ranges start at 1 may be used bare, as
    a vector or matrix. `arguments` are the shapes a function takes, `sources` the domains that they were declared
    with. `properties` are words such as `symmetric`,
    `invertible`, `positive definite`, `full column rank`, `orthogonal`, `diagonal`, `convex`, `increasing`,
    `differentiable`, `iid`, `independent`, `identically distributed`, `constant`. `random` symbols are random
    variables, vectors or families. `inferred` symbols were not declared.
    """

    name: str
    shape: Shape = SCALAR
    role: Role = "variable"
    family: tuple[Range, ...] = ()
    domain: Domain = REAL
    properties: frozenset[str] = frozenset()
    random: bool = False
    arguments: tuple[Shape, ...] = ()
    sources: tuple[Domain, ...] = ()
    minimum: int = 1
    span: Span | None = None
    inferred: bool = False

    @property
    def bare_shape(self) -> Shape | None:
        """The shape of the name used without indices, or None where a family has no such reading."""
        if not self.family:
            return self.shape
        if len(self.family) > 2 or self.shape.rank:
            return None
        return Shape(tuple((r.high - r.low + 1,) for r in self.family))

    def member(self, indices: tuple[Affine, ...]) -> tuple[Affine, ...]:
        """The indices of the family's member that stands at an entry of the bare name, whose indices count from 1."""
        if len(indices) != len(self.family):
            return indices
        return tuple(i + r.low + (-1) for i, r in zip(indices, self.family, strict=True))


def set_of(domain: Domain) -> str:
    """The number of elements (`|𝒳|`) of the finite set whose elements a domain numbers; "" for a domain of numbers."""
    high = domain.high
    return high.name if high is not None and high.head == "sym" and high.name.startswith("|") else ""


@dataclass(frozen=True, slots=True)
class Definition:
    """`name(params) = body` for a function, `name_{params} = body` for a family (`ranges` given), `name = body`
    else.
    """

    name: str
    body: Term
    params: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A name that is declared, and its symbol."""

    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that is not declared, with the declared names most like it."""

    name: str
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Symbols, definitions and facts in force.

    `facts` are statements (terms) taken as true: givens, imposed conditions, conditions named by earlier steps. A
    fact that holds for a range of indices is a `forall`. `layout` says how the derivative of a vector by a vector is
    arranged.
    """

    symbols: Mapping[str, Symbol] = field(default_factory=lambda: MappingProxyType({}))
    definitions: Mapping[str, Definition] = field(default_factory=lambda: MappingProxyType({}))
    facts: tuple[Term, ...] = ()
    layout: Literal["numerator", "denominator"] = "numerator"
    incomplete: bool = False
    """Whether a given line could not be read: a counterexample may then break what it says."""

    def lookup(self, name: str) -> Found | Unknown:
        """The symbol of a name, or the names it may be a slip for."""
        symbol = self.symbols.get(name)
        if symbol is not None:
            return Found(symbol)
        import difflib  # only for a name that is unknown

        return Unknown(name, tuple(difflib.get_close_matches(name, self.symbols, n=3)))

    def orders_indices(self, fact: Term) -> bool:
        """Whether a fact relates indices (and sizes) to each other and nothing else, as `i \\ne j` does.

        It speaks of the indices that these letters stand for, and not of every pair in their ranges.
        """
        if fact.head not in ("ne", "lt", "le", "gt", "ge") or any(affine_of(side) is None for side in fact.args):
            return False
        found = [self.symbols.get(name) for name in free_names(fact)]
        roles = {symbol.role if symbol is not None else "" for symbol in found}
        return "index" in roles and roles <= {"index", "size"}

    def spoken_of(self, names: Iterable[str]) -> frozenset[str]:
        """Names, and those in their definitions, through any number of definitions."""
        seen: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            definition = self.definitions.get(name)
            if definition is not None:
                todo += free_names(definition.body) - set(definition.params)
        return frozenset(seen)

    def declare(self, *symbols: Symbol) -> Context:
        """This, with symbols added (a later declaration of a name replaces an earlier one and its definition)."""
        table = dict(self.symbols)
        definitions = dict(self.definitions)
        for symbol in symbols:
            if symbol.name in table and symbol.name in definitions and table[symbol.name] != symbol:
                del definitions[symbol.name]
            table[symbol.name] = symbol
        return replace(self, symbols=MappingProxyType(table), definitions=MappingProxyType(definitions))

    def define(self, *definitions: Definition) -> Context:
        """This, with definitions added."""
        table = dict(self.definitions)
        table.update((d.name, d) for d in definitions)
        return replace(self, definitions=MappingProxyType(table))

    def assume(self, *facts: Term) -> Context:
        """This, with facts added."""
        new = tuple(f for f in facts if f not in self.facts)
        return replace(self, facts=self.facts + new) if new else self

    def with_properties(self, name: str, properties: Iterable[str]) -> Context:
        """This, with properties added to a declared symbol."""
        symbol = self.symbols[name]
        return self.declare_only(replace(symbol, properties=symbol.properties | frozenset(properties)))

    def declare_only(self, *symbols: Symbol) -> Context:
        """This, with symbols added or replaced; definitions stay."""
        table = dict(self.symbols)
        table.update((s.name, s) for s in symbols)
        return replace(self, symbols=MappingProxyType(table))
