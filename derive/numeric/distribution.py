"""Finite joint distributions that honour what is declared of random variables.

Each scalar member gets a table of two or three rational outcomes with the declared domain, mean and variance; members
that must be independent stand in different groups; members of one group are coupled, half independently and half by
rank, which keeps their tables and makes them dependent. A statement about random values that is in force holds in every
outcome: the joint table is conditioned on it. Continuous distributions (normal, …) have no finite stand-in: such names
are marked obscure, and only their values are drawn, within the support.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from flint import fmpq

from derive.language.context import Symbol
from derive.language.term import Term, is_num, sym
from derive.numeric.density import law_by_chances, law_by_function, support_of
from derive.numeric.dependence import attached, given_variables
from derive.numeric.draw import Draw, NoDraw
from derive.numeric.events import Events, given_event, is_event, is_structured
from derive.numeric.frame import Frame, Scope, pick
from derive.numeric.model import Loop, Model, strip
from derive.numeric.moment import cases
from derive.numeric.number import ONE, ZERO, NoValue, Scalar, integer_of, unsupported
from derive.numeric.point import Family, Group, Law, Member, Point, with_members
from derive.numeric.properties import distributed_like
from derive.numeric.tensor import Tensor, Value

Table = list[tuple[fmpq, Value]]
_MOST_IN_GROUP = 400


@dataclass(slots=True)
class Wanted:
    """What the facts ask of one scalar member."""

    mean: Scalar | None = None
    variance: Scalar | None = None
    second: Scalar | None = None
    law: Law | None = None
    params: tuple[Value, ...] = ()


@dataclass(slots=True)
class Joint:
    """The random symbols of a point, while their distribution is being made."""

    model: Model
    point: Point
    frame: Frame
    draw: Draw
    symbols: tuple[Symbol, ...]
    facts: tuple[Term, ...]
    alone: bool = False
    """Make all members independent, which is always allowed."""
    wanted: dict[Member, Wanted] = field(default_factory=dict)
    apart: set[frozenset[str]] = field(default_factory=set)
    scattered: set[str] = field(default_factory=set)
    """Families whose members must be independent of one another."""
    uncorrelated: set[frozenset[str]] = field(default_factory=set)
    obscure: set[str] = field(default_factory=set)

    given_means: dict[Member, list[tuple[Term, fmpq]]] = field(default_factory=dict)
    """Means that members must have on events."""
    laws: dict[Member, Law] = field(default_factory=dict)
    small: bool = True
    """Few enough members for tables of three outcomes."""

    def make(self) -> None:
        """Put values, groups and obscure names into the point."""
        members = 0
        for symbol in self.symbols:
            whole = self.point.values.get(symbol.name)
            members += len(_indices(whole)) if isinstance(whole, (Tensor, Family)) else 1
        self.small = members <= 4
        self._read_facts()
        tables: dict[Member, Table] = {}
        events = tuple(s for s in self.symbols if s.role == "event")
        if len(events) < len(self.symbols) and not is_structured(self.model, events, self.facts):
            events = ()  # they may depend on the other random values
        for symbol in self.symbols:
            if symbol not in events:
                self._symbol(symbol, tables)
        groups = Events(
            self.model, self.point, self.frame, self.draw, events, self.facts, self.apart, self.scattered
        ).groups()
        groups = [*self._attached_to_events(groups, tables), *self._given_variables(tables)]
        self.point.arrange((*groups, *self._groups(tables)), frozenset(self.obscure), self.laws)
        self._condition()
        for group in self.point.groups:
            _, values = self.draw.rng.choice(group.outcomes)
            for (name, index), value in zip(group.members, values, strict=True):
                if index is None:
                    self.point.values[name] = value
                else:
                    self.point.values[name] = with_members(self.point.values[name], {index: value})

    # facts

    def _read_facts(self) -> None:
        linked: list[tuple[Term, Term, Scope]] = []
        for fact in self.facts:
            loops, body = strip(fact, self.model.context)
            chances = law_by_chances(self.model, fact)
            if chances is not None:
                self.wanted.setdefault(chances[0], Wanted()).law = chances[1]
            elif body.head == "independent":
                self._read_independence(body)
            elif body.head == "distributed":
                for scope in self._scopes(loops):
                    self._read_law(body, scope)
            elif body.head == "eq":
                for left, right in ((body.left, body.right), (body.right, body.left)):
                    if left.head in ("expect", "variance", "covariance"):
                        for scope in self._scopes(loops):
                            if left.head == right.head:
                                linked.append((left, right, scope))
                            else:
                                self._read_moment(left, right, scope)
                        break
        for left, right, where in linked:
            self._link(left, right, where)

    def _scopes(self, loops: tuple[Loop, ...]) -> Iterator[dict[str, Value]]:
        scopes: list[dict[str, Value]] = [{}]
        for loop in loops:
            spans = [(s, self.frame.integer(loop.low, s), self.frame.last(loop.high, s)) for s in scopes]
            scopes = [{**s, loop.name: fmpq(i)} for s, low, high in spans for i in range(low, high + 1)]
        yield from scopes

    def _read_independence(self, body: Term) -> None:
        if given_event(self.model, body) is not None or any(True for _ in given_variables(self.model, [body])):
            return  # `events.py` and `_given_variables` make these
        sets = [self.model.names_of(a) for a in body.args]
        if body.value == "conditional" or len(sets) == 1:
            # independence altogether implies independence given another variable
            self.scattered.update(*sets)
        target = self.uncorrelated if body.value == "uncorrelated" else self.apart
        for i, one in enumerate(sets):
            for other in sets[:i]:
                target.update(frozenset((a, b)) for a in one for b in other if a != b)

    def _member(self, term: Term, scope: Scope) -> Member | None:
        random_names = {s.name for s in self.symbols}
        if term.head == "sym" and term.value in random_names and term.value not in scope:
            return (term.value, None)
        if term.head == "entry" and term.args[0].head == "sym" and term.args[0].value in random_names:
            try:
                return (term.args[0].value, tuple(self.frame.integer(i, scope) for i in term.args[1:]))
            except NoValue:
                return None
        return None

    def _read_moment(self, left: Term, right: Term, scope: Scope) -> None:
        inside = left.args[0]
        if left.head == "covariance":
            if is_num(right, 0) and len(left.args) == 2:
                one, other = (self.model.names_of(a) for a in left.args[:2])
                self.uncorrelated.update(frozenset((a, b)) for a in one for b in other if a != b)
            return
        squared = left.head == "expect" and inside.head == "pow" and is_num(inside.args[1], 2)
        member = self._member(inside.args[0] if squared else inside, scope)
        if member is None:
            return
        if len(left.args) > 1 and is_event(self.model, left.args[1]):
            if left.head == "expect" and not squared and not self._depend_on_chance(right):
                value = self.frame.value(right, scope)
                if type(value) is fmpq and not scope:
                    self.given_means.setdefault(member, []).append((left.args[1], value))
            return
        if len(left.args) > 1:
            for name in self.model.names_of(left.args[1]) - {member[0]}:
                self.apart.add(frozenset((name, member[0])))
        if self._depend_on_chance(right):
            return
        try:
            value = self.frame.value(right, scope)
        except NoValue:
            return
        for m, part in self._spread(member, value, left.head == "variance"):
            wanted = self.wanted.setdefault(m, Wanted())
            if squared:
                wanted.second = part
            elif left.head == "variance":
                wanted.variance = part
            else:
                wanted.mean = part

    def _link(self, left: Term, right: Term, scope: Scope) -> None:
        """Two members with one mean, or one variance: what one of them is asked for, the other is too."""
        if left.head == "covariance" or len(left.args) > 1 or len(right.args) > 1:
            return
        ends = [self._member(side.args[0], scope) for side in (left, right)]
        if None in ends or any(not self._is_scalar(m) for m in ends if m is not None):
            return
        known = "variance" if left.head == "variance" else "mean"
        found = [self._wanted(m) for m in ends if m is not None]
        value = next((v for w in found if (v := getattr(w, known)) is not None), None)
        if value is None:
            value = self.draw.positive() if known == "variance" else self.draw.number()
        for m in ends:
            if m is not None:
                setattr(self.wanted.setdefault(m, Wanted()), known, value)

    def _is_scalar(self, member: Member) -> bool:
        symbol = self.model.context.symbols[member[0]]
        return not symbol.shape.axes and (member[1] is not None or not symbol.family)

    def _depend_on_chance(self, *terms: Term) -> bool:
        """Whether formulas depend on random symbols, whose values are not fixed yet."""
        names = {s.name for s in self.symbols}
        return any(self.model.names_of(t) & names for t in terms)

    def _spread(self, member: Member, value: Value, diagonal: bool) -> Iterator[tuple[Member, Scalar]]:
        """A moment of a vector as the moments of its entries."""
        name, index = member
        if not isinstance(value, Tensor):
            symbol = self.model.context.symbols[name]
            if index is None and (symbol.family or symbol.shape.axes):
                for i in _indices(self.point.values[name]):
                    yield (name, i), value
            else:
                yield member, value
            return
        for k in range(1, len(value.data) + 1):
            part = pick(value, (k, k)) if diagonal and value.rank == 2 else None
            if value.rank == 1:
                part = pick(value, (k,))
            if part is not None:
                yield (name, (*(index or ()), k)), part

    def _read_law(self, body: Term, scope: Scope) -> None:
        member = self._member(body.args[0], scope)
        if member is None:
            self.obscure |= self.model.names_of(body.args[0])
            return
        if body.value in ("density", "mass", "categorical"):
            law = law_by_function(self.model, self.point, body, member, scope)
            names = self.model.names_of(body.args[1]) - {member[0]}
            if law is None or names & {s.name for s in self.symbols}:
                self.obscure.add(member[0])
            else:
                self.wanted.setdefault(member, Wanted()).law = law
            return
        if self._depend_on_chance(*body.args[1:]):
            self.obscure.add(member[0])
            return
        params = tuple(self.frame.value(a, scope) for a in body.args[1:])
        wanted = self.wanted.setdefault(member, Wanted())
        wanted.law, wanted.params = Law(str(body.value), body.args[1:], scope), params

    # tables

    def _symbol(self, symbol: Symbol, tables: dict[Member, Table]) -> None:
        """Draw the whole symbol, and a table for each of its members."""
        name, words = symbol.name, symbol.properties
        alike = bool(words & {"iid", "identically distributed"})
        if symbol.role == "event" or symbol.shape.statement:
            p = self.draw.proper()
            if symbol.family:
                raise unsupported("a family of events")
            self.point.values[name] = True
            tables[(name, None)] = [(p, True), (1 - p, False)]
            return
        whole = self.point.values[name]
        if not symbol.family and not symbol.shape.axes:
            tables[(name, None)] = self._like_another(symbol, tables) or self._scalar_table((name, None), symbol)
            return
        if symbol.shape.axes and not symbol.family and self._law((name, None)) is not None:
            tables[(name, None)] = self._law_table((name, None), whole)
            return
        first: Table | None = None
        for index in _indices(whole):
            member: Member = (name, index)
            part = pick(whole, index)
            if alike and self._wanted(member).params != self._wanted((name, _indices(whole)[0])).params:
                raise unsupported("members of one distribution with different parameters")
            if isinstance(part, Tensor) and self._law(member) is not None:
                table = self._law_table(member, part)
            elif alike and first is not None and self._law(member) is None:
                table = first
            elif isinstance(part, Tensor):
                table = self._tensor_table(member, symbol, part)
            else:
                table = self._scalar_table(member, symbol)
            first = first or table
            tables[member] = table

    def _like_another(self, symbol: Symbol, tables: dict[Member, Table]) -> Table | None:
        """The table of the scalar that this one is distributed like."""
        bodies = [strip(fact, self.model.context)[1] for fact in self.facts]
        found = [distributed_like(b) for b in bodies if b.head == "has" and b.args[0] == sym(symbol.name)]
        member, others = (symbol.name, None), [(name, None) for name in found if name]
        if not others or (member in self.wanted and self.wanted[member] != self.wanted.get(others[0])):
            return None
        if others[0] in self.wanted:
            self.wanted[member] = self.wanted[others[0]]
        return None if self._law(member) is not None else tables.get(others[0])

    def _wanted(self, member: Member) -> Wanted:
        """What is asked of a member, itself or with its whole family."""
        return self.wanted.get(member) or self.wanted.get((member[0], None)) or Wanted()

    def _law(self, member: Member) -> Law | None:
        return self._wanted(member).law

    def _tensor_table(self, member: Member, symbol: Symbol, template: Tensor) -> Table:
        """Three outcomes of a vector with a wanted mean."""
        count = self.draw.rng.choice((2, 3))
        weights = self.draw.shares(count)
        name, index = member
        rows = [[self.draw.from_domain(symbol.domain, self.frame) for _ in template.entries()] for _ in range(count)]
        for k, entry_index in enumerate(_indices(template)):
            wanted = self.wanted.get((name, (*(index or ()), *entry_index)), self.wanted.get((name, index)))
            if wanted is not None and wanted.mean is not None:
                shift = wanted.mean - sum((w * r[k] for w, r in zip(weights, rows, strict=True)), ZERO)
                for row in rows:
                    row[k] = row[k] + shift
        return [(w, template.refill(row)) for w, row in zip(weights, rows, strict=True)]

    def _scalar_table(self, member: Member, symbol: Symbol) -> Table:
        wanted = self._wanted(member)
        if wanted.law is not None:
            return self._law_table(member, None)
        mean, variance = wanted.mean, wanted.variance
        if wanted.second is not None:
            mean = ZERO if mean is None and variance is None else mean
            if variance is None and mean is not None:
                variance = wanted.second - mean * mean
        if any(x is not None and type(x) is not fmpq for x in (mean, variance)):
            raise unsupported("a moment that is not rational")
        if symbol.domain.kind == "finite":
            return self._finite_table(symbol, mean)
        if variance is not None and variance < 0:
            raise NoDraw
        if symbol.domain.kind != "real":
            return self._bounded_table(symbol, mean, variance)
        return self._free_table(mean, variance)

    def _free_table(self, mean: fmpq | None, variance: fmpq | None) -> Table:
        if variance is not None:
            centre = self.draw.number() if mean is None else mean
            return [(p, centre + x) for p, x in self._centred(variance)]
        count = self.draw.rng.choice((2, 2, 3)) if self.small else 2
        weights = self.draw.shares(count)
        values: list[fmpq] = []
        while len(values) < count:
            x = self.draw.number()
            if x not in values:
                values.append(x)
        if mean is not None:
            shift = mean - sum((w * x for w, x in zip(weights, values, strict=True)), ZERO)
            values = [x + shift for x in values]
        return list(zip(weights, values, strict=True))

    def _centred(self, variance: fmpq) -> Table:
        """Mean 0 and a given variance t: a with probability t/(a(a+b)), −b with t/(b(a+b)), else 0 (ab ≥ t)."""
        if variance == 0:
            return [(ONE, ZERO)]
        a = fmpq(self.draw.rng.randint(1, 3), self.draw.rng.choice((1, 2)))
        b = variance / a if not self.small or self.draw.rng.random() < 0.5 else variance / a + self.draw.positive()
        table = [(variance / (a * (a + b)), a), (variance / (b * (a + b)), -b)]
        rest = 1 - table[0][0] - table[1][0]
        return [*table, (rest, ZERO)] if rest != 0 else table

    def _bounded_table(self, symbol: Symbol, mean: fmpq | None, variance: fmpq | None) -> Table:
        for _ in range(40):
            a, b = (self.draw.from_domain(symbol.domain, self.frame) for _ in range(2))
            if mean is None:
                if a != b and variance is None:
                    p = self.draw.proper()
                    return [(p, a), (1 - p, b)]
                continue
            if a == mean and variance in (None, ZERO):
                return [(ONE, a)]
            if not a < mean:
                continue
            if variance is not None:
                b = mean + variance / (mean - a)
            if b > mean:
                p = (b - mean) / (b - a)
                return [(p, a), (1 - p, b)]
        raise NoDraw

    def _finite_table(self, symbol: Symbol, mean: fmpq | None) -> Table:
        values = [self.frame.value(v, {}) for v in symbol.domain.values]
        if mean is not None:
            if len(values) != 2:
                raise NoDraw
            p = (mean - values[1]) / (values[0] - values[1])
            if not 0 <= p <= 1:
                raise NoDraw
            return [(q, v) for q, v in ((p, values[0]), (1 - p, values[1])) if q != 0]
        return list(zip(self.draw.shares(len(values)), values, strict=True))

    def _law_table(self, member: Member, part: Tensor | None) -> Table:
        """The exact table of a finite distribution; one value within the support of any other."""
        law, params = self._law(member), self._wanted(member).params
        assert law is not None
        name = law.name
        if part is not None:
            if name == "normal" and len(params) == 2:
                self.laws[member] = law
            else:
                self.obscure.add(member[0])
            return [(ONE, part)]
        if any(isinstance(p, Tensor) for p in params):
            raise unsupported("a distribution with a vector of parameters")
        if name == "bernoulli" and type(params[0]) is fmpq:
            p = params[0]
            self.point.tabled[member] = name, params
            if not 0 <= p <= 1:
                raise NoDraw
            return [(q, v) for q, v in ((p, ONE), (1 - p, ZERO)) if q != 0]
        if name == "binomial" and type(params[1]) is fmpq:
            n, p = integer_of(params[0]), params[1]
            self.point.tabled[member] = name, params
            if not 0 <= p <= 1 or not 0 <= n <= 6:
                raise NoDraw
            table: Table = []
            weight = ONE
            for k in range(n + 1):
                q = weight * p**k * (1 - p) ** (n - k)
                if q != 0:
                    table.append((q, fmpq(k)))
                weight = weight * fmpq(n - k, k + 1)
            return table
        self.laws[member] = law
        if name in ("density", "mass"):
            return [(ONE, self.draw.from_domain(support_of(law), self.frame))]
        if name in ("normal", "laplace"):
            return [(ONE, self.draw.number())]
        if name in ("exponential", "gamma"):
            return [(ONE, self.draw.positive())]
        if name == "beta":
            return [(ONE, self.draw.proper())]
        if name == "poisson":
            return [(ONE, fmpq(self.draw.rng.randint(0, 3)))]
        if name == "uniform" and len(params) == 2 and all(type(x) is fmpq for x in params):
            return [(ONE, params[0] + (params[1] - params[0]) * self.draw.proper())]
        raise unsupported(f"the distribution {name}")

    # groups

    def _given_variables(self, tables: dict[Member, Table]) -> list[Group]:
        """Scalars that are independent given another: attached to it, or independent of it and altogether."""
        found: list[Group] = []
        for names, given in given_variables(self.model, self.facts):
            members = [(name, None) for name in sorted(names)]
            group = None
            base = tables.get((given, None))
            free = all(self._has_own_table(m, tables) and self._may_depend(m, (given, None)) for m in members)
            if base is not None and free and not self.alone and (given, None) not in self.laws:
                plain = Group(((given, None),), tuple((p, (v,)) for p, v in base))
                group = attached(plain, members, self._value_of, self.draw)
            if group is None:
                self.scattered.update(names, {given})
                self.apart.update(frozenset(pair) for pair in combinations(sorted({*names, given}), 2))
                continue
            for member in group.members:
                del tables[member]
            found.append(group)
        return found

    def _attached_to_events(self, groups: list[Group], tables: dict[Member, Table]) -> list[Group]:
        """Up to two scalars depend on the first events that they may depend on."""
        if self.alone or not groups:
            return groups
        for k, group in enumerate(groups):
            members: list[Member] = []
            for member in tables:
                near = [*group.members, *members]
                free = self._has_own_table(member, tables) and all(self._may_depend(member, m) for m in near)
                bound = any(member[0] in (*names, g) for names, g in given_variables(self.model, self.facts))
                if free and not bound and len(members) < 2:
                    members.append(member)
            asked = self._mean_in(group)
            joined = attached(group, members, self._value_of, self.draw, asked) if members else None
            if joined is not None:
                for member in members:
                    del tables[member]
                return [*groups[:k], joined, *groups[k + 1 :]]
        return groups

    def _mean_in(self, group: Group) -> Callable[[Member, tuple[Value, ...]], fmpq | None]:
        """The mean that facts such as E[X | A] = α ask of a member in an outcome of some events."""
        self.point.arrange((group,), frozenset(), {})

        def mean(member: Member, outcome: tuple[Value, ...]) -> fmpq | None:
            known = dict(zip(group.members, outcome, strict=True))
            for condition, value in self.given_means.get(member, ()):
                found = list(cases(lambda inner, c=condition: inner.truth(c, {}), self.frame, known))  # type: ignore[misc]
                if len(found) == 1 and found[0][0]:
                    return value
            return None

        return mean

    def _has_own_table(self, member: Member, tables: dict[Member, Table]) -> bool:
        """Whether a scalar's distribution is free but for its domain."""
        wanted = self._wanted(member)
        asked = (wanted.mean, wanted.variance, wanted.second, wanted.law)
        return member in tables and member[1] is None and all(x is None for x in asked)

    def _value_of(self, member: Member) -> Value:
        return self.draw.from_domain(self.model.context.symbols[member[0]].domain, self.frame)

    def _groups(self, tables: dict[Member, Table]) -> list[Group]:
        groups: list[list[Member]] = []
        pairs: list[Group] = []
        for member in tables:
            if any(member in g.members for g in pairs):
                continue
            partner = self._partner(member, tables)
            if partner is not None and not any(partner in g.members for g in pairs):
                pairs.append(self._uncorrelated_pair(member, partner, tables))
                groups = [[m for m in g if m != partner] for g in groups]
                groups = [g for g in groups if g]
                continue
            home = next((g for g in groups if all(self._may_depend(member, other) for other in g)), None)
            size = len(tables[member])
            for other in home or ():
                size *= len(tables[other])
            if home is None or size > _MOST_IN_GROUP:
                groups.append([member])
            else:
                home.append(member)
        return [*pairs, *(self._coupled(g, tables) for g in groups)]

    def _partner(self, member: Member, tables: dict[Member, Table]) -> Member | None:
        """A member that must be uncorrelated with this one and may otherwise depend on it; only for plain scalars."""
        if self.alone or not self._plain(member, tables):
            return None
        for other in tables:
            pair = frozenset((member[0], other[0]))
            if pair in self.uncorrelated and pair not in self.apart and self._plain(other, tables):
                return other
        return None

    def _plain(self, member: Member, tables: dict[Member, Table]) -> bool:
        symbol = self.model.context.symbols[member[0]]
        numbers = all(type(v) is fmpq for _, v in tables[member])
        wanted = self._wanted(member)
        free = symbol.domain.kind == "real" and member[1] is None
        return free and numbers and wanted.law is None and wanted.variance is None and wanted.second is None

    def _uncorrelated_pair(self, a: Member, b: Member, tables: dict[Member, Table]) -> Group:
        """Two independent signs times one common size: uncorrelated, and not independent."""
        centres = []
        for m in (a, b):
            centres.append(sum((p * v for p, v in tables[m]), ZERO))
        scales = [self.draw.positive() for _ in range(2)]
        outcomes = [
            (fmpq(1, 8), (centres[0] + s * size * scales[0], centres[1] + t * size * scales[1]))
            for size in (ONE, fmpq(2))
            for s in (1, -1)
            for t in (1, -1)
        ]
        return Group((a, b), tuple(outcomes))

    # statements about values

    def _condition(self) -> None:
        """Leave only the outcomes in which the statements about random values hold."""
        for fact in self.facts:
            loops, body = strip(fact, self.model.context)
            if body.head in ("independent", "distributed", "has") or self.model.takes_moments(body):
                continue
            for scope in self._scopes(loops):
                self._keep(body, scope)

    def _keep(self, body: Term, scope: Scope) -> None:
        def holds(inner: Frame) -> bool:
            return inner.truth(body, scope)

        try:
            found = list(cases(holds, self.frame))
            if all(true for true, _ in found):
                return
            asked = {m for _, chosen in found for m in chosen}
            touched = [g for g in self.point.groups if asked & set(g.members)]
            joint = self._product(touched)
            known = [dict(zip(joint.members, values, strict=True)) for _, values in joint.outcomes]
            kept = [
                outcome
                for outcome, members in zip(joint.outcomes, known, strict=True)
                if all(true for true, _ in cases(holds, self.frame, members))
            ]
        except NoValue:
            return  # whether it holds is asked again of the whole point
        total = sum((p for p, _ in kept), ZERO)
        if total == 0 or any(m in self.point.tabled for m in joint.members):
            raise NoDraw
        conditioned = Group(joint.members, tuple((p / total, values) for p, values in kept))
        groups = tuple(g for g in self.point.groups if g not in touched)
        self.point.arrange((*groups, conditioned), frozenset(self.obscure), self.laws)
        if not all(self._still_alike(s) for s in self.symbols):
            raise NoDraw

    def _product(self, groups: Sequence[Group]) -> Group:
        """Some groups as one, where their members may depend on one another."""
        size = 1
        for k, group in enumerate(groups):
            size *= len(group.outcomes)
            others = [m for g in groups[:k] for m in g.members]
            if size > _MOST_IN_GROUP or not all(self._may_depend(a, b) for a in group.members for b in others):
                raise NoDraw
        outcomes: list[tuple[fmpq, tuple[Value, ...]]] = [(ONE, ())]
        for group in groups:
            outcomes = [(p * q, (*a, *b)) for p, a in outcomes for q, b in group.outcomes]
        return Group(tuple(m for g in groups for m in g.members), tuple(outcomes))

    def _still_alike(self, symbol: Symbol) -> bool:
        """Whether the members of an identically distributed family have one table."""
        if not symbol.properties & {"iid", "identically distributed"}:
            return True
        tables = []
        for member, group in self.point.group_of.items():
            if member[0] == symbol.name and member not in self.point.laws:
                place = group.members.index(member)
                table: dict[str, fmpq] = {}
                for p, values in group.outcomes:
                    key = repr(values[place])
                    table[key] = table.get(key, ZERO) + p
                tables.append(table)
        return all(t == tables[0] for t in tables)

    def _may_depend(self, a: Member, b: Member) -> bool:
        if self.alone:
            return False
        if a[0] == b[0]:
            words = self.model.context.symbols[a[0]].properties
            return a[0] not in self.scattered and not words & {"iid", "independent", "uncorrelated"}
        pair = frozenset((a[0], b[0]))
        return pair not in self.apart and pair not in self.uncorrelated

    def _coupled(self, members: Sequence[Member], tables: dict[Member, Table]) -> Group:
        """A joint table with the members' own tables: a mixture of independence and of coupling by rank."""
        own = [tables[m] for m in members]
        if len(own) == 1:
            return Group(tuple(members), tuple((p, (v,)) for p, v in own[0]))
        share = fmpq(1, self.draw.rng.choice((2, 3)))
        joint: list[tuple[fmpq, tuple[Value, ...]]] = []
        for outcome in product(*own):
            p = 1 - share
            for q, _ in outcome:
                p = p * q
            joint.append((p, tuple(v for _, v in outcome)))
        joint.extend((p * share, values) for p, values in _by_rank(own))
        return Group(tuple(members), tuple(joint))


def _by_rank(tables: Sequence[Table]) -> Iterator[tuple[fmpq, tuple[Value, ...]]]:
    """All tables read off one uniform variable."""
    places = [0] * len(tables)
    left = [t[0][0] for t in tables]
    done = ZERO
    while done < 1:
        step = min(left)
        yield step, tuple(t[i][1] for t, i in zip(tables, places, strict=True))
        done = done + step
        for k, table in enumerate(tables):
            left[k] = left[k] - step
            if left[k] == 0 and places[k] + 1 < len(table):
                places[k] += 1
                left[k] = table[places[k]][0]


def _indices(whole: Value) -> list[tuple[int, ...]]:
    if isinstance(whole, Family):
        return sorted(whole.values)
    if len(whole.sizes) == 1:
        return [(i,) for i in range(1, whole.sizes[0] + 1)]
    return [(i, j) for i in range(1, whole.sizes[0] + 1) for j in range(1, whole.sizes[1] + 1)]
