"""Frames: where names get their values while a formula is evaluated.

The root frame reads the point; a frame above it replaces some names (a variable that is being differentiated by, an
outcome of random variables, the point of an evaluation bar), and every definition that depends on a replaced name is
computed again there, once. `scope` holds bound variables and function parameters, which hide the context's names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import fmpq

from derive.language.affine import Affine
from derive.language.context import SCALAR, Range, Shape, Symbol
from derive.language.term import Term
from derive.numeric.model import Model, Rule
from derive.numeric.number import NoValue, Scalar, integer_of, undefined, unsupported
from derive.numeric.point import ENDLESS, Family, Index, Point, with_members
from derive.numeric.tensor import Tensor, Value

Scope = Mapping[str, Value]
Row = Callable[[Term, Scope, "Frame"], Value]

_DEEPEST = 60


class Frame:
    """Values of names, on top of a parent's; see the module."""

    __slots__ = ("_busy", "_memo", "members", "model", "parent", "point", "replaced", "rows", "touched")

    def __init__(
        self,
        model: Model,
        point: Point,
        rows: Mapping[str, Row],
        parent: Frame | None = None,
        replaced: Mapping[str, Value] | None = None,
        members: Mapping[str, Mapping[Index, Value]] | None = None,
    ) -> None:
        self.model = model
        self.point = point
        self.rows = rows
        self.parent = parent
        self.replaced = replaced or {}
        self.members = members or {}
        self.touched = frozenset(self.replaced) | frozenset(self.members)
        self._memo: dict[object, Value] = {}
        self._busy: set[object] = set()

    def with_values(self, replaced: Mapping[str, Value]) -> Frame:
        """A frame in which some names have other values."""
        return Frame(self.model, self.point, self.rows, self, replaced)

    def with_member(self, name: str, index: Index, value: Value) -> Frame:
        """A frame in which one member of a family has another value."""
        return Frame(self.model, self.point, self.rows, self, None, {name: {index: value}})

    def value(self, term: Term, scope: Scope) -> Value:
        """The value of a formula; `NoValue` where it has none for certain."""
        return self.rows[term.head](term, scope, self)

    def truth(self, term: Term, scope: Scope) -> bool:
        """Whether a statement holds; `NoValue` where that is not certain."""
        result = self.rows[term.head](term, scope, self)
        if result is True or result is False:
            return result
        raise unsupported("a statement is needed")

    def integer(self, term: Term, scope: Scope) -> int:
        """The integer that a formula is."""
        return integer_of(self.value(term, scope))

    def last(self, term: Term, scope: Scope) -> int:
        """The end of a range; a range without an end goes as far as its families are drawn."""
        if term.head == "infinity" and ENDLESS in self.point.sizes:
            return self.point.sizes[ENDLESS]
        return self.integer(term, scope)

    # names

    def name(self, name: str) -> Value:
        """The value of a name of the context, as a whole."""
        if name in self.replaced:
            return self.replaced[name]
        if self.parent is not None and not (self.model.closure(name) & self.touched):
            return self.parent.name(name)
        if not self.model.is_computed(name):
            return self._plain(name)
        if name not in self._memo:
            self._check_not_held(name)
            self._memo[name] = self._guard(name, lambda: self._compute(name))
        return self._memo[name]

    def member(self, name: str, index: Index) -> Value:
        """One member of a family."""
        if name in self.members and index in self.members[name]:
            return self.members[name][index]
        if name in self.replaced:
            return pick(self.replaced[name], index)
        if self.parent is not None and not (self.model.closure(name) & self.touched):
            return self.parent.member(name, index)
        if not self.model.is_computed(name):
            return self._plain_member(name, index)
        key = (name, index)
        if key not in self._memo:
            self._check_not_held(name)
            self._memo[key] = self._guard(key, lambda: self._compute_member(name, index))
        return self._memo[key]

    def _check_not_held(self, name: str) -> None:
        """Refuse to compute a name that a frame further down holds independent of its definition."""
        above = self.parent
        while above is not None:
            if name in above.touched:
                raise unsupported(f"{name} is held fixed, and depends on another variable")
            above = above.parent

    def _guard(self, key: object, compute: Callable[[], Value]) -> Value:
        if key in self._busy:
            raise unsupported("a definition that refers to itself")
        if len(self._busy) > _DEEPEST:
            raise unsupported("definitions nested too deeply")
        self._busy.add(key)
        try:
            return compute()
        finally:
            self._busy.discard(key)

    def _plain(self, name: str) -> Value:
        if name in self.members and self.parent is not None:
            return with_members(self.parent.name(name), self.members[name])
        if self.parent is not None:
            return self.parent.name(name)
        if name in self.point.sizes:
            return fmpq(self.point.sizes[name])
        if name in self.point.values:
            return self.point.values[name]
        raise unsupported(f"{name} has no value")

    def _plain_member(self, name: str, index: Index) -> Value:
        if self.parent is not None:
            return self.parent.member(name, index)
        if name in self.point.values:
            return pick(self.point.values[name], index)
        raise unsupported(f"{name} has no value")

    def _compute(self, name: str) -> Value:
        definition = self.model.context.definitions.get(name)
        if definition is not None:
            if definition.ranges:
                return self._whole(name, definition.ranges)
            if definition.params:
                raise unsupported(f"{name} is a function")
            return self.value(definition.body, {})
        rules = self.model.rules[name]
        if not rules[0].indices:
            return self.value(rules[0].body, {})
        return self._whole(name, ranges_of(self.model.context.symbols[name]))

    def _compute_member(self, name: str, index: Index) -> Value:
        definition = self.model.context.definitions.get(name)
        if definition is not None:
            if not definition.ranges:
                return pick(self.name(name), index)
            for r, i in zip(definition.ranges, index, strict=True):
                if not self.affine(r.low) <= i <= self.affine(r.high):
                    raise undefined(f"an index of {name} out of its range")
            scope = {p: fmpq(i) for p, i in zip(definition.params, index, strict=True)}
            return self.value(definition.body, scope)
        rules = self.model.rules[name]
        if not rules[0].indices:
            return pick(self.name(name), index)
        matches = [(rule, found) for rule in rules if (found := self._match(rule, index)) is not None]
        if len(matches) > 1:
            raise unsupported(f"two rules for one member of {name}")
        if matches:
            rule, scope = matches[0]
            return self.value(rule.body, scope)
        root = self
        while root.parent is not None:
            root = root.parent
        return root._plain_member(name, index)

    def _match(self, rule: Rule, index: Index) -> dict[str, Value] | None:
        scope: dict[str, Value] = {}
        own = {loop.name for loop in rule.loops}
        for wanted, i in zip(rule.indices, index, strict=True):
            variable = next((n for n in wanted.names if n in own), None)
            if variable is None:
                if self.affine(wanted) != i:
                    return None
            else:
                scope[variable] = fmpq(i - self.affine(wanted.without(variable)))
        for loop in rule.loops:
            here = integer_of(scope[loop.name])
            if not self.integer(loop.low, scope) <= here <= self.integer(loop.high, scope):
                return None
        return scope

    def _whole(self, name: str, ranges: tuple[Range, ...]) -> Value:
        spans = [range(self.affine(r.low), self.affine(r.high) + 1) for r in ranges]
        indices: list[Index] = [()]
        for span in spans:
            indices = [(*i, k) for i in indices for k in span]
        values = {i: self.member(name, i) for i in indices}
        symbol = self.model.context.symbols.get(name)
        # a matrix may be defined entry by entry: its members are then scalars
        shape = symbol.shape if symbol is not None and symbol.family else SCALAR
        return family_value(values, spans, ranges, shape)

    def affine(self, size: Affine) -> int:
        """The integer that a size or index term is."""
        try:
            return size.value(self.point.sizes)
        except KeyError:
            return size.constant + sum(c * integer_of(self.name(n)) for n, c in size.parts)

    def unit(self, size: Affine) -> bool:
        """Whether a size is 1 by declaration."""
        return size.is_constant and size.constant == 1


def ranges_of(symbol: Symbol) -> tuple[Range, ...]:
    """The ranges of a family's indices, or of the indices of a vector's or matrix's entries."""
    if symbol.family:
        return symbol.family
    if any(len(axis) != 1 for axis in symbol.shape.axes):
        raise unsupported("entries of a composite axis")
    return tuple(Range(Affine(1), axis[0]) for axis in symbol.shape.axes)


def pick(whole: Value, index: Index) -> Value:
    """An entry of a tensor (indices count from 1) or a member, or an entry of a member, of a family."""
    if isinstance(whole, Family):
        if index in whole.values:
            return whole.values[index]
        for cut in range(len(index) - 1, 0, -1):
            if index[:cut] in whole.values:
                return pick(whole.values[index[:cut]], index[cut:])
        raise undefined("an index out of its range")
    if not isinstance(whole, Tensor) or len(index) != whole.rank:
        raise unsupported("an index of a value that has none")
    if any(not 1 <= i <= size for i, size in zip(index, whole.sizes, strict=True)):
        raise undefined("an index out of its range")
    return whole.data[index[0] - 1] if len(index) == 1 else whole.data[index[0] - 1][index[1] - 1]


def family_value(values: Mapping[Index, Value], spans: list[range], ranges: tuple[Range, ...], shape: Shape) -> Value:
    """A family as a tensor where its name may be used bare, else as a `Family`."""
    bare = not shape.axes and not shape.statement and len(spans) <= 2 and all(r.low == Affine(1) for r in ranges)
    if not bare or any(len(s) == 0 for s in spans):
        return Family(dict(values))
    units = tuple(r.high == Affine(1) for r in ranges)
    if len(spans) == 1:
        return Tensor([values[(i,)] for i in spans[0]], units)
    return Tensor([[values[(i, j)] for j in spans[1]] for i in spans[0]], units)


def bare(family: Family, symbol: Symbol | None) -> Value:
    """A family of scalars as the vector or matrix that its bare name is, whatever its indices start at."""
    if symbol is None or symbol.bare_shape is None or not family.values:
        return family
    firsts = [min(index[axis] for index in family.values) for axis in range(len(symbol.family))]
    lasts = [max(index[axis] for index in family.values) for axis in range(len(symbol.family))]
    spans = [range(1, last - first + 2) for first, last in zip(firsts, lasts, strict=True)]
    moved = {
        tuple(i - first + 1 for i, first in zip(index, firsts, strict=True)): value
        for index, value in family.values.items()
    }
    ranges = tuple(Range(Affine(1), r.high - r.low + 1) for r in symbol.family)
    return family_value(moved, spans, ranges, symbol.shape)


def attempt(compute: Callable[[], Value]) -> Value | NoValue:
    """The value, or the reason why there is none, as a value."""
    try:
        return compute()
    except NoValue as reason:
        return reason


def scalar(value: Value) -> Scalar:
    """A value that must be a scalar."""
    if isinstance(value, (Tensor, Family, bool)):
        raise unsupported("a scalar is needed")
    return value
