"""Points that satisfy everything in force: concrete sizes, exact values, functions and distributions.

`Sampler` finds the names that a statement needs, and the facts tied to them; each attempt draws values by domain and
property, makes random variables with the declared moments and independence, solves equations, and then evaluates every
fact, domain, property and definition exactly. A point at which one of them fails, or cannot be decided, is discarded;
facts about names that nothing here depends on are left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Set
from dataclasses import replace

from flint import fmpq

from derive.language.budget import Budget
from derive.language.context import REAL, Context, Shape, Symbol
from derive.language.optimum import is_optimiser
from derive.language.term import Term, free_names, is_num, make, num, sym, walk
from derive.numeric import formal, properties
from derive.numeric.density import is_law
from derive.numeric.dependence import given_variables, independent_given
from derive.numeric.distribution import Joint
from derive.numeric.draw import Draw, NoDraw
from derive.numeric.evaluate import root_frame
from derive.numeric.events import conditionally_independent, given_event
from derive.numeric.frame import Frame, family_value, scalar
from derive.numeric.model import Model, definition_names, model_of, strip
from derive.numeric.moment import cases
from derive.numeric.number import NoValue, Scalar, certain_sign, order, unsupported
from derive.numeric.point import ENDLESS, Family, Member, Point, range_of
from derive.numeric.properties import distributed_like
from derive.numeric.sizes import assignments
from derive.numeric.solve import Solver
from derive.numeric.special import choose, read_special
from derive.numeric.tensor import Tensor, Value
from derive.numeric.threshold import place_thresholds, thresholds
from derive.numeric.truth import equal

_PARTIAL = frozenset(["div", "inverse", "log", "sqrt", "pow", "entrydiv", "tan", "softmax", "norm", "deriv", "dcall"])
_CHANCE = frozenset(["iid", "independent", "identically distributed", "uncorrelated"])
_REDRAWS = 12
_ENOUGH = 6
"""How far a family without an end is drawn; members beyond have no value."""


class Sampler:
    """Draws points for a statement; `reason` says why an attempt gave none."""

    def __init__(self, context: Context, statement: Term, seed: int, also: tuple[Term, ...] = ()) -> None:
        """`also`: facts of the context that must be satisfied although the statement may not mention their names."""
        self.context = context
        self.model: Model = model_of(context)
        self.seed = seed
        self.reason = ""
        self._alone = False
        self.by_construction: frozenset[Term] = frozenset()
        """Facts that the choice of a function satisfies (see `special.py`)."""
        self._attained = False
        self.thresholds = thresholds(statement, self.model)
        self.peaks: dict[str, str] = {}
        """Unknown functions that should be `bump`, `concave` or `convex`, for optimisers."""
        self.names: frozenset[str] = frozenset()
        self.facts = self._collect((statement, *also))
        self.chance = any(self.model.takes_moments(t) for t in (statement, *also, *self.facts))
        """Whether it is asked how values are distributed: what is in force then holds in every outcome."""
        self.size_names = tuple(sorted(n for n in self.names if self._is_size(n)))
        plain = tuple(fact for fact in self.facts if self._mentions_only_sizes(fact))
        self.facts = tuple(fact for fact in self.facts if fact not in plain)
        self.sizes = assignments(context, self.size_names, plain, seed)
        if not self.sizes:
            self.reason = "no small sizes satisfy the givens"

    # what is needed

    def _collect(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        """Find the names that matter; the facts that are tied to them."""
        names = self._with_shapes({n for t in terms for n in self.model.names_of(t)})
        pending = {f: self.model.names_of(f) for f in self.model.constraints if f.head != "tends"}
        checked = {n: self.model.closure(n) for n in sorted(self._restricting())}
        facts: list[Term] = []
        changed = True
        while changed:
            changed = False
            for fact, own in list(pending.items()):
                values = {n for n in own if not self._is_size(n)}
                among = self.context.orders_indices(fact) and self._with_shapes(own) & names  # it may bound a size
                if not values or values & names or among:
                    facts.append(fact)
                    del pending[fact]
                    names |= self._with_shapes(own)
                    changed = True
            for name, own in list(checked.items()):
                if {n for n in own if not self._is_size(n)} & names:
                    del checked[name]
                    if not own <= names:
                        names |= self._with_shapes(own)
                        changed = True
        self.names = frozenset(names)
        self.computed = tuple(sorted(n for n in names if self._must_have_value(n)))
        return tuple(facts)

    def _restricting(self) -> set[str]:
        """Computed names whose own domain, properties or definedness restrict what they are computed from."""
        return {n for n in (*self.context.definitions, *self.model.rules) if self._must_have_value(n)}

    def _must_have_value(self, name: str) -> bool:
        definition = self.context.definitions.get(name)
        symbol = self.context.symbols.get(name)
        restricted = symbol is not None and (symbol.domain != REAL or bool(properties.restricting(symbol.properties)))
        if definition is not None:
            if (definition.params and not definition.ranges) or is_optimiser(definition):
                return False
            return restricted or any(t.head in _PARTIAL for t in walk(definition.body))
        if name in self.model.rules:
            return restricted or any(t.head in _PARTIAL for r in self.model.rules[name] for t in walk(r.body))
        return False

    def _with_shapes(self, names: frozenset[str] | set[str]) -> set[str]:
        """Names, and those in the shapes, ranges and domains of their symbols."""
        result: set[str] = set()
        stack = list(names)
        while stack:
            name = stack.pop()
            if name in result:
                continue
            result.add(name)
            symbol = self.context.symbols.get(name)
            if symbol is not None:
                stack.extend(self._shape_names(symbol))
            if self.model.is_computed(name):
                stack.extend(self.model.closure(name))
        return result

    def _shape_names(self, symbol: Symbol) -> set[str]:
        names: set[str] = set()
        shapes: list[Shape] = [symbol.shape, *symbol.arguments]
        for shape in shapes:
            for axis in shape.axes:
                for size in axis:
                    names |= size.names
        for r in symbol.family:
            names |= r.low.names | r.high.names
        for end in (symbol.domain.low, symbol.domain.high, *symbol.domain.values):
            if end is not None:
                names |= free_names(end)
        definition = self.context.definitions.get(symbol.name)
        return names | (definition_names(definition) if definition is not None else set())

    def _is_size(self, name: str) -> bool:
        symbol = self.context.symbols.get(name)
        return symbol is not None and symbol.role == "size" and not self.model.is_computed(name)

    def _mentions_only_sizes(self, fact: Term) -> bool:
        return all(self._is_size(n) for n in self.model.names_of(fact))

    # points

    def point(self, attempt: int, budget: Budget | None = None) -> tuple[Point, Frame] | None:
        """A point that satisfies everything, and its frame; None where this attempt gave none."""
        if not self.sizes:
            return None
        rng = random.Random(self.seed * 1_000_003 + attempt)
        self._alone = attempt % 3 == 2
        self._attained = attempt % 2 == 1 and bool(self.thresholds)
        draw = Draw(rng, attempt % 4)
        sizes = self.sizes[attempt % len(self.sizes)]
        try:
            return self._point(dict(sizes), draw, budget)
        except NoDraw:
            self.reason = self.reason or "no values with the declared properties were found"
        except NoValue as reason:
            self.reason = reason.reason
        return None

    def _point(self, sizes: dict[str, int], draw: Draw, budget: Budget | None) -> tuple[Point, Frame] | None:
        point = Point(sizes={**sizes, ENDLESS: _ENOUGH} if ENDLESS in self.names else sizes)
        chance: list[Symbol] = []
        waiting: list[Symbol] = []
        laws = self._subjects()
        for name in sorted(self.names):
            symbol = self.context.symbols.get(name)
            if symbol is None or symbol.role == "size":
                continue
            if self.model.is_computed(name):
                if symbol.family and name in self.model.rules:
                    # members that no rule gives, as the first of a recurrence, are free
                    waiting.append(symbol)
                continue
            if symbol.role == "set":
                raise unsupported("a set has no value")
            if symbol.role == "function":
                if symbol.random:
                    raise unsupported("a random function")
                continue
            if symbol.random or symbol.properties & _CHANCE or symbol.role == "event" or name in laws:
                chance.append(symbol)
            if symbol.role != "event":
                waiting.append(symbol)
        self._draw_all(waiting, point, draw)
        self._functions(point, draw)
        if chance:
            random_names = frozenset(s.name for s in chance)
            self._joint(point, draw, tuple(chance), random_names, budget)
            if self._attained:
                place_thresholds(self.thresholds, self.model, point, root_frame(self.context, point), draw)
        else:
            random_names = frozenset()
        frame = self._satisfied(point, draw, random_names, budget)
        return None if frame is None else (point, frame)

    def _subjects(self) -> frozenset[str]:
        """Names that some fact gives a distribution."""
        names: set[str] = set()
        for fact in self.facts:
            body = strip(fact, self.context)[1]
            if body.head == "distributed":
                names |= free_names(body.args[0])
        return frozenset(n for n in names if n in self.context.symbols and self.context.symbols[n].role == "variable")

    def _draw_all(self, waiting: list[Symbol], point: Point, draw: Draw) -> None:
        """Draw every symbol, those whose domain mentions others after them."""
        while waiting:
            later: list[Symbol] = []
            for symbol in waiting:
                frame = root_frame(self.context, point)
                try:
                    point.values[symbol.name] = self._draw_symbol(symbol, frame, draw)
                except NoValue as reason:
                    if reason.kind != "unsupported":
                        raise
                    later.append(symbol)
                    self.reason = reason.reason
            if len(later) == len(waiting):
                raise unsupported(self.reason)
            waiting = later

    def _draw_symbol(self, symbol: Symbol, frame: Frame, draw: Draw) -> Value:
        if not symbol.family:
            return draw.value(symbol, frame)
        try:
            spans = [range_of(r, frame.point.sizes) for r in symbol.family]
        except KeyError:
            spans = [range(frame.affine(r.low), frame.affine(r.high) + 1) for r in symbol.family]
        indices: list[tuple[int, ...]] = [()]
        for span in spans:
            indices = [(*i, k) for i in indices for k in span]
        return family_value({i: draw.value(symbol, frame) for i in indices}, spans, symbol.family, symbol.shape)

    # functions

    def _functions(self, point: Point, draw: Draw) -> None:
        unknown = [
            self.context.symbols[n]
            for n in sorted(self.names)
            if n in self.context.symbols
            and self.context.symbols[n].role == "function"
            and n not in self.context.definitions
        ]
        if not unknown:
            return
        names = frozenset(s.name for s in unknown)
        positive: set[str] = set()
        special = read_special(self.context, self.facts, names)
        self.by_construction = frozenset(f for s in special.values() for f in s.facts)
        curved: dict[str, str] = {}
        for fact in self.facts:
            self._read_function_fact(fact, names, positive, curved)
        frame = root_frame(self.context, point)
        for symbol in unknown:
            if symbol.name in curved:
                symbol = replace(symbol, properties=symbol.properties | {curved[symbol.name]})
            if symbol.name in special:
                chosen = choose(symbol, special[symbol.name], point.sizes, draw, symbol.name in positive)
                if chosen is None:
                    raise unsupported(f"the function {symbol.name}")
                point.functions[symbol.name] = chosen
            elif symbol.name in self.peaks and symbol.shape == Shape():
                point.functions[symbol.name] = draw.peak(
                    symbol, frame, self.peaks[symbol.name], symbol.name in positive
                )
            else:
                point.functions[symbol.name] = draw.function(symbol, frame, symbol.name in positive)

    def _read_function_fact(
        self, fact: Term, names: frozenset[str], positive: set[str], curved: dict[str, str]
    ) -> None:
        """A fact about unknown functions must say that one is positive, or give the sign of its first or second
        derivative, or speak of bound or constant arguments only.

        Whether a fact with a free argument is meant for one argument or for all cannot be told here: what has a sign
        is drawn with it everywhere, other such facts are not understood."""
        loops, body = strip(fact, self.context)
        sloped = _sloped(body)
        if sloped is not None and sloped[0] in names and self.context.symbols[sloped[0]].shape == Shape():
            curved.setdefault(*sloped)
            return
        for relation, one, zero in ((("gt", "ge", "ne"), 0, 1), (("lt", "le", "ne"), 1, 0)):
            if body.head in relation and body.args[one].head == "call" and is_num(body.args[zero], 0):
                name = body.args[one].name
                if name in names and self.context.symbols[name].shape == Shape():
                    positive.add(name)
                    if not _letters(body.args[one]) <= set(self.context.symbols):
                        self.by_construction |= {fact}  # an argument that is declared nowhere is any argument
                    return
        if body.head == "distributed" or fact in self.by_construction:
            return
        for node in walk(body):
            letters = free_names(body) & _letters(node) - {loop.name for loop in loops}
            if node.head in ("call", "dcall") and node.name in names and letters:
                raise unsupported(f"a hypothesis on the function {node.name}")

    # random variables

    def _joint(
        self, point: Point, draw: Draw, chance: tuple[Symbol, ...], names: frozenset[str], budget: Budget | None
    ) -> None:
        facts = tuple(f for f in self.facts if self.model.names_of(f) & names)
        for attempt in range(_REDRAWS):
            if budget is not None:
                budget.spend()
            try:
                Joint(self.model, point, root_frame(self.context, point), draw, chance, facts, self._alone).make()
                return
            except NoDraw:
                if attempt + 1 == _REDRAWS:
                    raise
                others = [self.context.symbols[n] for n in sorted(self._scalars_in(facts) - names)]
                for symbol in others:
                    point.values[symbol.name] = self._draw_symbol(symbol, root_frame(self.context, point), draw)

    def _scalars_in(self, facts: tuple[Term, ...]) -> set[str]:
        found = {n for f in facts for n in self.model.names_of(f)}
        return {n for n in found if n in self.context.symbols and not self.model.is_computed(n) and self._is_drawn(n)}

    def _is_drawn(self, name: str) -> bool:
        return self.context.symbols[name].role in ("variable", "index")

    # facts

    def _satisfied(self, point: Point, draw: Draw, random_names: frozenset[str], budget: Budget | None) -> Frame | None:
        """Change the point until everything holds; the frame over it, or None."""
        symbols = self.context.symbols
        solver = Solver(
            self.model,
            point,
            draw,
            random_names,
            lambda n: self._fits_quietly(symbols[n], root_frame(self.context, point)),
        )
        for _ in range(_REDRAWS):
            if budget is not None:
                budget.spend()
            frame = root_frame(self.context, point)
            broken = self._broken(frame, point, solver.settled)
            if broken is None:
                return frame
            if not self._mend(broken, solver, point, draw):
                return None
        self.reason = "no point that satisfies the givens was found"
        return None

    def admits(self, point: Point) -> bool:
        """Whether a point certainly satisfies everything in force."""
        try:
            return self._broken(root_frame(self.context, point), point) is None
        except NoValue:
            return False

    def _fits_quietly(self, symbol: Symbol, frame: Frame) -> bool:
        try:
            return self.fits(symbol, frame)
        except NoValue:
            return False

    def _broken(self, frame: Frame, point: Point, settled: Set[Term] = frozenset()) -> Term | Symbol | None:
        """The first fact or symbol that fails at the point; None where everything holds for certain."""
        equations_last = sorted(self.facts, key=lambda f: strip(f, self.context)[1].head != "eq")
        for fact in equations_last:
            if fact in self.by_construction:
                continue
            if self._fails(fact, frame, point) if fact in settled else not self.holds(fact, frame, point):
                return fact
        for name in sorted(self.names):
            symbol = self.context.symbols.get(name)
            if symbol is not None and symbol.role in ("variable", "index") and not self.fits(symbol, frame):
                return symbol
        for name in self.computed:
            frame.name(name)
        return None

    def _fails(self, fact: Term, frame: Frame, point: Point) -> bool:
        """Whether a fact that was settled, at a number known by an interval, certainly fails by now."""
        try:
            return not self.holds(fact, frame, point)
        except NoValue as reason:
            if reason.kind != "undecidable":
                raise
            return False

    def holds(self, fact: Term, frame: Frame, point: Point) -> bool:
        """Whether a fact certainly holds."""
        loops, body = strip(fact, self.context)
        given = given_event(self.model, body)
        if given is not None:
            return conditionally_independent(given, point)
        if body.head == "has" and (other := distributed_like(body)) and self.chance:
            return self._alike(body.args[0].name, other, point)
        if body.head == "independent":
            return self._independent(body, point) or (body.value == "uncorrelated" and self._uncorrelated(body, frame))
        scopes: list[dict[str, Value]] = [{}]
        for loop in loops:
            if loop.high.head == "infinity" and not _of_members(body, loop.name):
                raise unsupported("a statement about infinitely many values at once")
            spans = [(s, frame.integer(loop.low, s), frame.last(loop.high, s)) for s in scopes]
            scopes = [{**s, loop.name: fmpq(i)} for s, low, high in spans for i in range(low, high + 1)]
        if body.head == "distributed":
            return all(self._has_law(body, s, frame, point) for s in scopes)
        return all(self._in_every_outcome(lambda inner, s=s: inner.truth(body, s), frame) for s in scopes)  # type: ignore[misc]

    def _in_every_outcome(self, work: Callable[[Frame], bool], frame: Frame) -> bool:
        """Whether something holds; where it is asked how values are distributed, in every outcome."""
        if not self.chance or not frame.point.groups:
            return work(frame)
        return all(true for true, _ in cases(work, frame))

    def _has_law(self, body: Term, scope: dict[str, Value], frame: Frame, point: Point) -> bool:
        """Whether the member that a fact gives a distribution has it in the point."""
        member = self._member(body.args[0], scope, frame)
        params = body.args[1:]
        if member in point.tabled:
            name, made_for = point.tabled[member]
            values = [frame.value(p, scope) for p in params]
            return name == body.value and all(equal(a, b) for a, b in zip(values, made_for, strict=True))
        if member is not None and member in point.laws:
            law = point.laws[member]
            if law.name in ("density", "mass") and is_law(law, body):
                return certain_sign(scalar(frame.value(law.params[0], scope))) > 0
            if law.name != body.value or law.params != params:
                return False
            value = frame.value(body.args[0], scope)
            return formal.in_support(law.name, [frame.value(p, scope) for p in params], value)
        members = [m for m in point.group_of if member is not None and m[0] == member[0]]
        if members and all(m in point.laws or m in point.tabled for m in members):
            name, indices = members[0][0], [m[1] for m in members if m[1] is not None]
            entries = [make("entry", sym(name), *map(num, i)) for i in indices]
            return all(self._has_law(body.with_args((e, *params)), scope, frame, point) for e in entries)
        if body.value in ("normal", "laplace"):
            return True
        raise unsupported(f"the distribution {body.value} of this")

    def _member(self, term: Term, scope: dict[str, Value], frame: Frame) -> Member | None:
        if term.head == "sym":
            return (term.value, None)
        if term.head == "entry" and term.args[0].head == "sym":
            return (term.args[0].value, tuple(frame.integer(i, scope) for i in term.args[1:]))
        return None

    def _independent(self, body: Term, point: Point) -> bool:
        """Whether no group of the distribution holds members of two of the arguments."""
        for names, given in given_variables(self.model, [body]):
            known = independent_given(names, given, point.groups)
            if known is not None:
                return known
        sets = [self.model.names_of(a) for a in body.args]
        if body.value == "conditional" or len(sets) == 1:
            alone = frozenset(n for s in sets for n in s)
            if any(len([m for m in g.members if m[0] in alone]) > 1 for g in point.groups):
                return False
        for group in point.groups:
            if sum(1 for s in sets if any(m[0] in s for m in group.members)) > 1:
                same = {m[0] for m in group.members}
                words = [self.context.symbols[n].properties for n in same]
                if len(same) > 1 or len(group.members) > 1 or not all(w & {"iid", "independent"} for w in words):
                    return False
        return True

    def _alike(self, name: str, other: str, point: Point) -> bool:
        """Whether two random scalars have one distribution."""
        tables = []
        for member in ((name, None), (other, None)):
            group = point.group_of.get(member)
            if group is None or len(group.members) != 1:
                raise unsupported(f"whether {name} and {other} have one distribution")
            tables.append((point.laws.get(member), None if member in point.laws else group.outcomes))
        return tables[0] == tables[1]

    def _uncorrelated(self, body: Term, frame: Frame) -> bool:
        """Whether the covariances of the arguments, which must be numbers, are all 0."""
        pairs = [(a, b) for i, a in enumerate(body.args) for b in body.args[:i]]
        return all(frame.truth(make("eq", make("covariance", a, b), num(0)), {}) for a, b in pairs)

    def fits(self, symbol: Symbol, frame: Frame) -> bool:
        """Whether a symbol's value certainly has its domain and properties."""
        if self.model.is_computed(symbol.name) and symbol.properties & _CHANCE:
            raise unsupported(f"whether {symbol.name} is distributed as declared")
        words = properties.restricting(symbol.properties)
        if symbol.domain == REAL and not words:
            return True
        if any(m[0] == symbol.name for m in frame.point.laws):
            return self._value_fits(symbol, words, frame)  # every law has its own support
        return self._in_every_outcome(lambda inner: self._value_fits(symbol, words, inner), frame)

    def _value_fits(self, symbol: Symbol, words: list[str], frame: Frame) -> bool:
        value = frame.name(symbol.name)
        members = [value.values[i] for i in sorted(value.values)] if isinstance(value, Family) else [value]
        for member in members:
            entries = member.entries() if isinstance(member, Tensor) else [member]
            if not all(self._in_domain(x, symbol, frame) for x in entries):
                return False
            if not all(properties.holds(w, member) for w in words):
                return False
        return True

    def _in_domain(self, x: Scalar, symbol: Symbol, frame: Frame) -> bool:
        domain = symbol.domain
        if domain.kind == "finite":
            return any(order(x, frame.value(v, {})) == 0 for v in domain.values)
        if domain.kind in ("integer", "natural") and not (type(x) is fmpq and x.q == 1):
            if type(x) is fmpq:
                return False
            raise unsupported("an integer that is not rational")
        if domain.low is not None:
            sign = order(x, frame.value(domain.low, {}))
            if sign < 0 or (sign == 0 and domain.low_open):
                return False
        elif domain.kind == "natural" and certain_sign(x) < 0:
            return False
        if domain.high is not None:
            sign = order(x, frame.value(domain.high, {}))
            if sign > 0 or (sign == 0 and domain.high_open):
                return False
        return True

    def _mend(self, broken: Term | Symbol, solver: Solver, point: Point, draw: Draw) -> bool:
        if isinstance(broken, Term):
            if strip(broken, self.context)[1].head == "eq":
                others = [f for f in self.facts if f is not broken and strip(f, self.context)[1].head == "eq"]
                names = self.model.names_of(broken)
                held = [f for f in others if self.model.names_of(f) & names and solver.met([f])]
                if solver.solve(broken, held):
                    return True
            involved = self.model.names_of(broken)
        else:
            involved = self.model.closure(broken.name)
        drawn = [n for n in sorted(involved) if n in point.values and n not in solver.fixed]
        if not drawn:
            self.reason = "no point that satisfies the givens was found"
            return False
        for name in drawn:
            point.values[name] = self._draw_symbol(self.context.symbols[name], root_frame(self.context, point), draw)
        return True


def _sloped(body: Term) -> tuple[str, str] | None:
    """The function of one number whose derivative has a sign in a statement, and what makes it so: `f''(x) > 0`."""
    words = {1: ("increasing", "decreasing"), 2: ("convex", "concave")}
    for one, zero in ((0, 1), (1, 0)):
        if body.head not in ("gt", "ge", "ne", "lt", "le") or not is_num(body.args[zero], 0):
            continue
        call = body.args[one]
        if call.head != "dcall" or len(call.args) != 1 or call.value[1][0] not in words:
            continue
        above = body.head == "ne" or (body.head in ("gt", "ge")) == (one == 0)
        return str(call.value[0]), words[call.value[1][0]][0 if above else 1]
    return None


def _letters(call: Term) -> frozenset[str]:
    return frozenset(n for a in call.args for n in free_names(a))


def _of_members(body: Term, index: str) -> bool:
    """Whether an index occurs as the index of members only: what holds for some of them can hold for all."""
    if body.head == "entry":
        return all(a == sym(index) or index not in free_names(a) for a in body.args[1:])
    return body != sym(index) and all(_of_members(a, index) for a in body.args)


def sample(context: Context, statement: Term, sizes: Mapping[str, int] | None, seed: int, attempt: int) -> Point | None:
    """An exact point that satisfies the givens tied to a statement, at some sizes or at the attempt's own."""
    sampler = Sampler(context, statement, seed)
    if sizes is not None:
        sampler.sizes = ({**dict.fromkeys(sampler.size_names, 1), **sizes},)
    found = sampler.point(attempt)
    return None if found is None else found[0]
