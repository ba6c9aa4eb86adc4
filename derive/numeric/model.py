"""What a context computes: definitions, and facts that read as definitions.

A fact `z = body`, or `m_t = body` for a range of t with its base `m_0 = c`, fixes the values of a name; such a name
is computed, not sampled, and the fact then holds by construction. A `Model` also knows which names each computed name
depends on. Facts that fix nothing this way are left to `sample.py` to satisfy and to check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from derive.language.affine import Affine, affine_of, term_of
from derive.language.context import Context, Definition
from derive.language.term import Term, free_names, make, sym, walk

_MOMENTS = frozenset(["expect", "variance", "covariance", "prob"])


@dataclass(frozen=True, slots=True)
class Loop:
    """An index variable that runs over a range."""

    name: str
    low: Term
    high: Term


@dataclass(frozen=True, slots=True)
class Rule:
    """`name[indices] = body` for every value of the loops; no indices: the whole of `name`."""

    name: str
    indices: tuple[Affine, ...]
    loops: tuple[Loop, ...]
    body: Term


@dataclass(slots=True)
class Model:
    """A context with its facts sorted into rules and constraints."""

    context: Context
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    constraints: tuple[Term, ...] = ()
    _closures: dict[str, frozenset[str]] = field(default_factory=dict)
    _captured: frozenset[str] | None = None

    def is_computed(self, name: str) -> bool:
        """Whether the name's value comes from a definition or a rule."""
        return name in self.context.definitions or name in self.rules

    def closure(self, name: str) -> frozenset[str]:
        """The name and every name that its value depends on through definitions and rules."""
        found = self._closures.get(name)
        if found is None:
            seen: set[str] = set()
            stack = [name]
            while stack:
                current = stack.pop()
                if current in seen:
                    continue
                seen.add(current)
                stack.extend(self._direct(current))
            found = frozenset(seen)
            self._closures[name] = found
        return found

    def names_of(self, term: Term) -> frozenset[str]:
        """Every context name that the value of a formula depends on."""
        names: set[str] = set()
        for name in mentioned(term):
            names |= self.closure(name)
        return frozenset(names)

    @property
    def captured(self) -> frozenset[str]:
        """Names that some computed name mentions."""
        if self._captured is None:
            names = [*self.context.definitions, *self.rules]
            self._captured = frozenset(n for name in names for n in self._direct(name))
        return self._captured

    def hidden_names(self, term: Term) -> frozenset[str]:
        """The names that a formula depends on only through definitions and rules."""
        return frozenset(n for name in mentioned(term) for n in self.closure(name) if n != name)

    def takes_moments(self, term: Term) -> bool:
        """Whether an expectation, variance or probability occurs in a formula, or in a definition that it uses."""
        bodies = [term]
        for name in sorted(self.names_of(term)):
            definition = self.context.definitions.get(name)
            bodies += [definition.body] if definition is not None else [r.body for r in self.rules.get(name, ())]
        return any(node.head in _MOMENTS for body in bodies for node in walk(body))

    def _direct(self, name: str) -> frozenset[str]:
        definition = self.context.definitions.get(name)
        if definition is not None:
            return definition_names(definition)
        names: set[str] = set()
        for rule in self.rules.get(name, ()):
            bound = {loop.name for loop in rule.loops}
            names |= mentioned(rule.body) - bound
            for loop in rule.loops:
                names |= (mentioned(loop.low) | mentioned(loop.high)) - bound
            for index in rule.indices:
                names |= index.names - bound
        return frozenset(names)


def definition_names(definition: Definition) -> frozenset[str]:
    """The names that a definition's body mentions."""
    names = set(mentioned(definition.body)) - set(definition.params)
    for r in definition.ranges:
        names |= (r.low.names | r.high.names) - set(definition.params)
    return frozenset(names)


def mentioned(term: Term) -> frozenset[str]:
    """Free names of a formula, those in the sizes of its `I`, `1` and `0` included."""
    names = set(free_names(term))
    for node in walk(term):
        if node.head in ("identity", "ones") and isinstance(node.value, Affine):
            names |= node.value.names
        elif node.head == "zeros" and node.value is not None:
            for axis in node.value.axes:
                for size in axis:
                    names |= size.names
    return frozenset(names)


def strip(fact: Term, context: Context) -> tuple[tuple[Loop, ...], Term]:
    """The loops around a fact and what holds inside them; free index symbols of the context count as loops,
    but for an order of indices, which is about these."""
    loops: list[Loop] = []
    while fact.head == "forall":
        loops.append(Loop(fact.args[0].name, fact.args[1], fact.args[2]))
        fact = fact.args[3]
    taken = {loop.name for loop in loops}
    if not loops and context.orders_indices(fact):
        return (), fact
    for name in sorted(free_names(fact)):
        symbol = context.symbols.get(name)
        if name in taken or symbol is None or symbol.role != "index":
            continue
        if symbol.domain.low is not None and symbol.domain.high is not None:
            loops.insert(0, Loop(name, symbol.domain.low, symbol.domain.high))
    return tuple(loops), fact


def _rule_of(fact: Term, context: Context) -> Rule | None:
    """The rule that an equation spells with its left side, if any."""
    loops, body = strip(fact, context)
    if body.head != "eq" or body.right.head in _MOMENTS:
        return None
    left = body.left
    if left.head == "sym" and not loops:
        symbol = context.symbols.get(left.name)
        if symbol is None or symbol.role != "variable" or symbol.family:
            return None
        return Rule(left.name, (), (), body.right)
    if left.head != "entry" or left.args[0].head != "sym":
        return None
    symbol = context.symbols.get(left.args[0].name)
    count = len(left.args) - 1
    if symbol is None or symbol.role != "variable" or count != (len(symbol.family) or symbol.shape.rank):
        return None
    indices: list[Affine] = []
    used: set[str] = set()
    names = {loop.name for loop in loops}
    for arg in left.args[1:]:
        index = affine_of(arg)
        if index is None:
            return None
        own = [n for n in index.names if n in names]
        if len(own) > 1 or (own and (index.coefficient(own[0]) != 1 or own[0] in used)):
            return None
        used.update(own)
        indices.append(index)
    if used != names:
        return None
    return Rule(left.args[0].name, tuple(indices), loops, body.right)


@dataclass(frozen=True, slots=True)
class _Box:
    """A context compared by identity."""

    context: Context

    def __hash__(self) -> int:
        return id(self.context)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Box) and other.context is self.context


@lru_cache(maxsize=64)
def _remembered(box: _Box) -> Model:
    return _build(box.context)


def model_of(context: Context) -> Model:
    """The model of a context; remembered for the contexts used last."""
    return _remembered(_Box(context))


def _build(context: Context) -> Model:
    model = Model(context)
    rules: dict[str, list[Rule]] = {}
    rest: list[Term] = []
    for fact in context.facts:
        rule = _rule_of(fact, context)
        if rule is None and fact.head == "eq" and fact.right.head == "sym":
            rule = _rule_of(fact.with_args((fact.right, fact.left)), context)
        if rule is None or rule.name in context.definitions or not _fits(rule, rules, model):
            rest.append(fact)
            continue
        rules.setdefault(rule.name, []).append(rule)
        model.rules = {name: tuple(group) for name, group in rules.items()}
        model._closures.clear()
    _drop_lone_bases(rules, rest, context)
    model.rules = {name: tuple(group) for name, group in rules.items()}
    model._closures.clear()
    model.constraints = tuple(rest)
    return model


def _fits(rule: Rule, rules: dict[str, list[Rule]], model: Model) -> bool:
    """Whether a rule can be added without two rules for one name as a whole, or a circle of names."""
    if not rule.indices and rule.name in rules:
        return False
    bound = {loop.name for loop in rule.loops}
    for name in mentioned(rule.body) - bound:
        if name == rule.name and rule.indices:
            continue
        if rule.name in model.closure(name):
            return False
    return True


def _drop_lone_bases(rules: dict[str, list[Rule]], rest: list[Term], context: Context) -> None:
    """A base case alone (`x_1 = 0` and no recurrence) is an ordinary constraint."""
    for name in sorted(rules):
        if all(rule.indices and not rule.loops for rule in rules[name]):
            for rule in rules.pop(name):
                left = make("entry", sym(name), *(term_of(i) for i in rule.indices))
                rest.append(make("eq", left, rule.body))
