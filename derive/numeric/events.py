"""Joint distributions of events that meet what is said of their probabilities.

The probabilities of the cells (which events happen and which do not) satisfy linear equations: P(A) = v, and
P(A | B) = v as P(A ∩ B) − v P(B) = 0. A random solution is one point of a polytope. Events that are independent given
H are drawn one by one together with H, and joined by the product on H, on Hᶜ, or on both, as is given. What else is in
force is checked by the sampler afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from flint import fmpq

from derive.language.context import Symbol
from derive.language.term import Term, make, walk
from derive.numeric.dependence import is_product
from derive.numeric.draw import Draw, NoDraw
from derive.numeric.frame import Frame, Scope
from derive.numeric.model import Model, strip
from derive.numeric.moment import cases
from derive.numeric.number import ONE, ZERO, NoValue, unsupported
from derive.numeric.point import Family, Group, Member, Point, range_of
from derive.numeric.simplex import feasible
from derive.numeric.tensor import Value

Cell = tuple[bool, ...]
Outcomes = list[tuple[fmpq, tuple[Value, ...]]]

_MOST_TOGETHER = 4
_MOST_GIVEN = 8


@dataclass(frozen=True, slots=True)
class Given:
    """Names that are independent where an event happens (or where it does not)."""

    names: frozenset[str]
    event: Member
    happens: bool


def is_structured(model: Model, symbols: Sequence[Symbol], facts: Sequence[Term]) -> bool:
    """Whether events are declared in families, or something is said of their probabilities or their independence."""
    names = {s.name for s in symbols if s.role == "event"}
    if any(s.role == "event" and s.family for s in symbols):
        return True
    return any(
        node.head == "prob"
        or (node.head == "independent" and node.value == "conditional")
        or (node.head in ("expect", "variance", "covariance") and is_event(model, node.args[-1]))
        for f in facts
        if model.names_of(f) & names
        for node in walk(f)
    )


def is_event(model: Model, term: Term) -> bool:
    """Whether a formula is true or false."""
    if term.head in ("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "implies", "iff", "forall"):
        return True
    base = term.args[0] if term.head == "entry" else term
    symbol = model.context.symbols.get(base.name) if base.head == "sym" else None
    return symbol is not None and symbol.role == "event"


def given_event(model: Model, body: Term) -> Given | None:
    """What `… are conditionally independent given H` says, H an event or its complement."""
    if body.head != "independent" or body.value != "conditional":
        return None
    given, happens = body.args[-1], True
    while given.head == "not":
        given, happens = given.args[0], not happens
    symbol = model.context.symbols.get(given.name) if given.head == "sym" else None
    if symbol is None or symbol.role != "event" or symbol.family or model.is_computed(symbol.name):
        return None
    names = frozenset(n for a in body.args[:-1] for n in model.names_of(a))
    return Given(frozenset(n for n in names if _is_random(model, n)), (symbol.name, None), happens)


def _is_random(model: Model, name: str) -> bool:
    symbol = model.context.symbols.get(name)
    return symbol is not None and symbol.random


def conditionally_independent(given: Given, point: Point) -> bool:
    """Whether the members of the given names are independent where the event happens."""
    members = [m for m in point.group_of if m[0] in given.names]
    if given.event not in point.group_of:
        raise unsupported("independence given an event that has no probability here")
    touched: list[Group] = []
    for m in (*members, given.event):
        if point.group_of[m] not in touched:
            touched.append(point.group_of[m])
    for group in touched:
        mine = [group.members.index(m) for m in members if m in group.members]
        if len(mine) < 2:
            continue
        outcomes = list(group.outcomes)
        if given.event in group.members:
            place = group.members.index(given.event)
            outcomes = [(p, v) for p, v in outcomes if v[place] is given.happens]
        if not is_product([(p, tuple(v[k] for k in mine)) for p, v in outcomes]):
            return False
    return True


@dataclass(slots=True)
class Events:
    """The events of a point, while their distribution is being made; `apart` are names that must be independent."""

    model: Model
    point: Point
    frame: Frame
    draw: Draw
    symbols: tuple[Symbol, ...]
    facts: tuple[Term, ...]
    apart: set[frozenset[str]]
    scattered: set[str]

    def groups(self) -> list[Group]:
        """Groups of dependent events with their joint outcomes."""
        members = [m for s in self.symbols for m in self._members(s)]
        even = ((fmpq(1, 2), (True,)), (fmpq(1, 2), (False,)))
        self.point.arrange(tuple(Group((m,), even) for m in members), frozenset(), {})
        rules = [g for f in self.facts if (g := given_event(self.model, strip(f, self.model.context)[1])) is not None]
        found: list[Group] = []
        done: set[Member] = set()
        for head in dict.fromkeys(rule.event for rule in rules):
            mine = [rule for rule in rules if rule.event == head]
            names = frozenset(n for rule in mine for n in rule.names)
            kids = [m for m in members if m[0] in names and m != head]
            if {head, *kids} & done or len(kids) > _MOST_GIVEN or not names <= {m[0] for m in members}:
                raise unsupported("independence given several events")
            done.update((head, *kids))
            found.append(self._tree(head, kids, mine))
        clusters: list[list[Member]] = []
        for member in members:
            if member in done:
                continue
            home = next((c for c in clusters if self._may_join(member, c)), None)
            if home is None:
                clusters.append([member])
            else:
                home.append(member)
        return [*found, *(Group(tuple(c), tuple(self._cells(c))) for c in clusters)]

    def _members(self, symbol: Symbol) -> list[Member]:
        name = symbol.name
        if not symbol.family:
            self.point.values[name] = True
            return [(name, None)]
        spans = [range_of(r, self.point.sizes) for r in symbol.family]
        indices = list(product(*spans))
        self.point.values[name] = Family(dict.fromkeys(indices, True))
        return [(name, index) for index in indices]

    def _may_join(self, member: Member, cluster: list[Member]) -> bool:
        # of disjoint events one happens at most: they count as one
        if len({m if not self._is_apart(m[0]) else m[0] for m in cluster}) >= _MOST_TOGETHER:
            return member[0] in {m[0] for m in cluster if self._is_apart(m[0])}
        for other in cluster:
            if other[0] == member[0]:
                words = self.model.context.symbols[other[0]].properties
                if words & {"iid", "independent"} or other[0] in self.scattered:
                    return False
            elif frozenset((other[0], member[0])) in self.apart:
                return False
        return True

    def _is_apart(self, name: str) -> bool:
        return "disjoint" in self.model.context.symbols[name].properties

    # one table

    def _cells(self, members: Sequence[Member], known: Mapping[Member, fmpq] | None = None) -> Outcomes:
        """A random joint table of a few events, some of them with a known probability."""
        cells = [c for c in product((True, False), repeat=len(members)) if self._allowed(members, c)]
        if not cells:
            raise NoDraw
        rows = [[ONE] * len(cells)]
        values = [ONE]
        for member, p in (known or {}).items():
            place = list(members).index(member)
            rows.append([fmpq(int(c[place])) for c in cells])
            values.append(p)
        for row, value in self._equations(members, cells):
            rows.append(row)
            values.append(value)
        if len(rows) == 1:
            return list(zip(self.draw.shares(len(cells)), cells, strict=True))
        found = feasible(rows, values, self.draw.rng)
        if found is None:
            raise NoDraw
        return [(p, cell) for p, cell in zip(found, cells, strict=True) if p != 0]

    def _allowed(self, members: Sequence[Member], cell: Cell) -> bool:
        """Whether the statements about events that are in force hold in a cell, and disjoint ones are."""
        for name in {m[0] for m in members if self._is_apart(m[0])}:
            count = sum(happens for m, happens in zip(members, cell, strict=True) if m[0] == name)
            if count > 1 or (count == 0 and "exhaustive" in self.model.context.symbols[name].properties):
                return False
        for body, scope in self._about(members):
            plain = body.head in ("implies", "iff", "or", "and", "not") and not self.model.takes_moments(body)
            if plain and self._holds(body, scope, members, cell) is False:
                return False
        return True

    def _equations(self, members: Sequence[Member], cells: Sequence[Cell]) -> Iterator[tuple[list[fmpq], fmpq]]:
        for body, scope in self._about(members):
            if body.head != "eq":
                continue
            for left, right in ((body.left, body.right), (body.right, body.left)):
                if left.head != "prob" or self.model.takes_moments(right):
                    continue
                value = self._number(right, scope)
                row = [self._weight(left, value, scope, members, c) for c in cells]
                if value is not None and all(w is not None for w in row):
                    yield [w for w in row if w is not None], value if len(left.args) == 1 else ZERO
                break

    def _number(self, term: Term, scope: Scope) -> fmpq | None:
        try:
            value = self.frame.value(term, scope)
        except NoValue:
            return None
        return value if type(value) is fmpq else None

    def _weight(
        self, chance: Term, value: fmpq | None, scope: Scope, members: Sequence[Member], cell: Cell
    ) -> fmpq | None:
        """The coefficient of a cell's probability in P(A) = v, or in P(A ∩ B) − v P(B) = 0."""
        inside = self._holds(make("and", *chance.args), scope, members, cell)
        if inside is None or value is None:
            return None
        if len(chance.args) == 1:
            return fmpq(int(inside))
        condition = self._holds(make("and", *chance.args[1:]), scope, members, cell)
        return None if condition is None else fmpq(int(inside)) - value * int(condition)

    def _about(self, members: Sequence[Member]) -> Iterator[tuple[Term, dict[str, Value]]]:
        """The facts, for every index in their ranges, that speak of no other events than these."""
        mine = {m[0] for m in members}
        random_names = {s.name for s in self.symbols}
        for fact in self.facts:
            loops, body = strip(fact, self.model.context)
            spoken = {n for n in self.model.names_of(body) if n in random_names or _is_random(self.model, n)}
            if not spoken or not spoken <= mine:
                continue
            scopes: list[dict[str, Value]] = [{}]
            for loop in loops:
                ends = [(s, self.frame.integer(loop.low, s), self.frame.last(loop.high, s)) for s in scopes]
                scopes = [{**s, loop.name: fmpq(i)} for s, low, high in ends for i in range(low, high + 1)]
            for scope in scopes:
                yield body, scope

    def _holds(self, body: Term, scope: Scope, members: Sequence[Member], cell: Cell) -> bool | None:
        """Whether a statement holds in a cell; None where it asks for other events."""
        known = dict(zip(members, cell, strict=True))
        found = list(cases(lambda inner: inner.truth(body, scope), self.frame, known))
        return bool(found[0][0]) if len(found) == 1 and set(found[0][1]) == set(known) else None

    # events independent given another

    def _tree(self, head: Member, kids: Sequence[Member], rules: Sequence[Given]) -> Group:
        chance = sum((p for p, (happens,) in self._cells([head]) if happens), ZERO)
        if any((chance if rule.happens else 1 - chance) == 0 for rule in rules):
            raise NoDraw
        shares: dict[bool, list[fmpq]] = {True: [], False: []}
        for kid in kids:
            table = self._cells([head, kid], {head: chance})
            for happens, whole in ((True, chance), (False, 1 - chance)):
                part = sum((p for p, cell in table if cell == (happens, True)), ZERO)
                shares[happens].append(part / whole if whole != 0 else ZERO)
        outcomes: Outcomes = []
        for happens, whole in ((True, chance), (False, 1 - chance)):
            if whole == 0:
                continue
            free = any(rule.happens is happens for rule in rules)
            for p, cell in self._joined(shares[happens], free):
                outcomes.append((whole * p, (happens, *cell)))
        return Group((head, *kids), tuple(outcomes))

    def _joined(self, shares: Sequence[fmpq], independent: bool) -> Iterator[tuple[fmpq, Cell]]:
        """Events of given probabilities, independent or partly read off one uniform variable."""
        weight = ONE if independent else fmpq(1, self.draw.rng.choice((2, 3)))
        for cell in product((True, False), repeat=len(shares)):
            p = weight
            for happens, share in zip(cell, shares, strict=True):
                p = p * (share if happens else 1 - share)
            if p != 0:
                yield p, cell
        if independent:
            return
        cuts = sorted({ZERO, ONE, *shares})
        for low, high in pairwise(cuts):
            yield (1 - weight) * (high - low), tuple(low < share for share in shares)


__all__ = ["Events", "Given", "conditionally_independent", "given_event", "is_event", "is_structured"]
