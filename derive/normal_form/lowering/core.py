"""Lowering one term: names, bindings, needs.

A tensor term is lowered at given indices to the scalar that stands there, so matrices, sums and derivatives all
become the same thing. Definitions are expanded as they are met; a symbol that something is differentiated by is held
opaque meanwhile. What a written term needs to have a value is collected in `ring.needs`; needs of a value's own
definition are in force already. The rules stand in the modules beside this one, one per head, and are gathered in
`lowering/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from derive.language.affine import Affine, affine_of, term_of, variable
from derive.language.context import Definition, Shape, Symbol
from derive.language.optimum import is_optimiser
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, free_names, make, num, substitute, sym
from derive.normal_form.atom import Poly
from derive.normal_form.functions import (
    delta,
)
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive
from derive.normal_form.spelling import spell
from derive.normal_form.written import written_sign

_HOLDS = {"nonzero": is_nonzero, "positive": is_positive, "nonnegative": is_nonnegative}
_SIGNS = {"nonzero": ("+", "-"), "positive": ("+",), "nonnegative": ("+", "0+", "0")}
_RELATIONS = {"nonzero": "ne", "positive": "gt", "nonnegative": "ge"}

Index = tuple[Affine, ...]
UNIT: Index = (Affine(1),)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name bound in the term stands for: an index term, or the entries of a value and, where it was written, the
    value as a term outside."""

    symbol: Symbol
    index: Affine | None = None
    entry: Callable[[Index], Poly] | None = None
    written: Term | None = None


Env = Mapping[str, Binding]
Rule = Callable[["Lowering", Term, Index, Env], Poly]

ROWS: dict[str, Rule] = {}  # filled by the package, one row per head


class Lowering:
    """Lowers terms in one ring."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.context = ring.context
        self.frozen: dict[str, str] = {}
        self.quiet = 0
        self.depth = 0
        self.memo: dict[tuple[str, Index], Poly] = {}
        self.binders: list[tuple[str, Affine, Affine]] = []
        self.random_scope = 0
        ring.density_value = self.value_with

    # entry points

    def lower(self, term: Term, indices: Index = (), env: Env | None = None) -> Poly:
        """The scalar that stands at `indices` of the term (no indices: the term is a scalar)."""
        self.depth += 1
        if self.depth > 300:
            raise OutOfReach("a formula nested too deeply")
        self.ring.budget.spend()
        try:
            return ROWS[term.head](self, term, indices, env or {})
        finally:
            self.depth -= 1

    def shape(self, term: Term, env: Env) -> Shape:
        """The shape of a (sub)term."""
        checked = elaborate(term, self.context, {name: b.symbol for name, b in env.items()}, argument=True)
        if not isinstance(checked, Checked):
            raise OutOfReach(f"a part whose shape does not fit ({checked.code})")
        return checked.shape

    def affine(self, term: Term, env: Env) -> Affine:
        """An index term."""
        found = affine_of(term)
        if found is None:
            raise OutOfReach("an index that is not an integer combination")
        values: dict[str, Affine] = {}
        for name in found.names:
            binding = env.get(name)
            if binding is not None:
                if binding.index is None:
                    raise OutOfReach("an index that is a value")
                values[name] = binding.index
        return found.substitute(values)

    def sign_needed(self, kind: str, poly: Poly, written: Term, env: Env) -> None:
        """Record that a written scalar must be nonzero, positive or nonnegative, unless that is shown."""
        if self.quiet or _HOLDS[kind](self.ring, poly) or written_sign(self, written, env) in _SIGNS[kind]:
            return
        self.need(kind, poly, self.sign_of(kind, poly, written, env))

    def sign_of(self, kind: str, poly: Poly, written: Term, env: Env) -> Term:
        """The statement that a scalar is nonzero, positive or nonnegative: as it was written, or by its normal form."""
        said = self.spelled(written, env)
        return make(_RELATIONS[kind], said, num(0)) if said is not None else spell(self.ring, poly, kind)

    def need(self, kind: str, poly: Poly | None, statement: Term, matrix: object = None) -> None:
        """Record what the term needs to have a value, unless its definition brought it into force."""
        if self.quiet:
            return
        for name, low, high in reversed(self.binders):
            if (poly is None or name in poly.free) and name in free_names(statement):
                statement = make("forall", sym(name), term_of(low), term_of(high), statement)
        certain = all(self.ring.ranges.at_least_zero(high - low) for _, low, high in self.binders)
        self.ring.needs.append(Need(kind, statement, poly, matrix, certain))

    def assume(self, kind: str, poly: Poly, written: Term, env: Env) -> None:
        """Record that a rule was used that holds only where a scalar has a sign (the term may have a value beyond)."""
        statement = self.sign_of(kind, poly, written, env)
        for name, low, high in reversed(self.binders):
            if name in poly.free and name in free_names(statement):
                statement = make("forall", sym(name), term_of(low), term_of(high), statement)
        self.ring.assumed.append(Need(kind, statement, poly))

    @contextmanager
    def bound(self, name: str) -> Iterator[None]:
        """While a body under a bound index is lowered (its needs hold for every value)."""
        low, high = self.ring.ranges.ends[name]
        assert high is not None
        self.binders.append((name, low, high))
        try:
            yield
        finally:
            self.binders.pop()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """While the body of a value's definition is lowered."""
        self.quiet += 1
        try:
            yield
        finally:
            self.quiet -= 1

    def index_binding(self, name: str, value: Affine) -> Binding:
        """A bound index."""
        return Binding(Symbol(name, role="index"), index=value)

    def value_binding(self, name: str, value: Poly) -> Binding:
        """A bound scalar."""
        return Binding(Symbol(name), entry=lambda _: value)

    def value_with(
        self, term: Term, values: Mapping[str, Poly], indices: Mapping[str, Affine], place: Index = ()
    ) -> Poly:
        """A density, or a parameter at a place, as it is now: what is differentiated by is what holds its place."""
        env = {name: self.value_binding(name, value) for name, value in values.items()}
        env.update((name, self.index_binding(name, at)) for name, at in indices.items())
        with self.silent():
            return self.lower(term, place, env)

    def spelled(self, term: Term, env: Env) -> Term | None:
        """The term with bound names replaced by what they stand for; None where one stands for nothing that was written
        (its own name may mean something else outside)."""
        values: dict[str, Term] = {}
        for name in free_names(term) & env.keys():
            bound = env[name]
            written = term_of(bound.index) if bound.index is not None else bound.written
            if written is None:
                return None
            values[name] = written
        return substitute(term, values)


def member(low: Lowering, name: str, indices: Index, env: Env) -> Index:
    """The indices of the member of a family that an entry of its bare name is."""
    symbol = low.context.symbols.get(name) if name not in env else None
    return symbol.member(indices) if symbol is not None and symbol.family else indices


def named_value(low: Lowering, name: str, indices: Index) -> Poly:
    """The value of a name of the context at (family and tensor) indices."""
    ring = low.ring
    if name in low.frozen:
        raw = low.frozen[name]
        return ring.value(ring.entry(raw, indices) if indices else ring.symbol(raw))
    definition = low.context.definitions.get(name)
    if definition is not None and (definition.ranges or not definition.params) and not is_optimiser(definition):
        return defined(low, definition, indices)
    symbol = low.context.symbols.get(name)
    if symbol is None:
        raise OutOfReach(f"a name without a declaration ({name})")
    if symbol.role == "event":
        raise OutOfReach("an event as a number")
    if symbol.role in ("index", "size") and not symbol.family:
        return ring.affine(variable(name))
    if not indices:
        return ring.symbol_rules.get(name) or ring.value(ring.symbol(name))
    if "diagonal" in symbol.properties and len(indices) == 2:
        return multiply(ring, delta(ring, indices[0] - indices[1]), ring.value(ring.entry(name, indices)))
    for recurrence in ring.recurrences.get(name, ()):
        at, rest = indices[0], indices[1:]
        if recurrence.unrolls(ring, at) and (rest or not symbol.shape.axes):
            with low.silent():
                return low.lower(recurrence.body, rest, {recurrence.letter: low.index_binding(recurrence.letter, at)})
    for rule in ring.entry_rules.get(name, ()):
        value = rule(indices)
        if value is not None:
            return value
    return ring.value(ring.entry(name, indices))


def defined(low: Lowering, definition: Definition, indices: Index) -> Poly:
    key = (definition.name, indices)
    if not low.frozen and key in low.memo:
        return low.memo[key]
    count = len(definition.ranges)
    env = {p: low.index_binding(p, i) for p, i in zip(definition.params, indices[:count], strict=True)}
    with low.silent():
        value = low.lower(definition.body, indices[count:], env)
    if not low.frozen:
        low.memo[key] = value
    return value


def reciprocal(low: Lowering, value: Poly, written: Term, env: Env) -> Poly:
    if not value:
        raise OutOfReach("a division by zero")
    low.sign_needed("nonzero", value, written, env)
    return power(low.ring, value, -1)


def is_integer(low: Lowering, poly: Poly) -> bool:
    """Whether a normal form takes integer values only: integer combinations of products of integer symbols."""
    for mono, c in poly.terms.items():
        if c.q != 1:
            return False
        for a, e in mono:
            if a.kind not in ("sym", "entry") or not isinstance(e, int) or e < 0:
                return False
            if not low.ring.is_integer(a.data[0].text if a.kind == "sym" else a.data[0]):
                return False
    return True


def bind_value(low: Lowering, name: str, want: Shape, arg: Term, at: Index | None, env: Env) -> Binding:
    """A function's parameter bound to an argument (entry-wise at fixed indices where `at` is given)."""
    if arg.head == "sym" and arg.name in env and at is None:
        return replace(env[arg.name], symbol=replace(env[arg.name].symbol, name=name))
    cache: dict[Index, Poly] = {}

    def entry(indices: Index) -> Poly:
        where = at if at is not None else indices
        if where not in cache:
            cache[where] = low.lower(arg, where, env)
        return cache[where]

    written = low.spelled(arg, env) if at is None else None
    return Binding(Symbol(name, want), entry=entry, written=written)
