"""What is known of a refuted step when its mistake is looked for.

The relation that is to be mended (inside an implication, a statement for every index or a conjunction), its right side
place by place, values of both sides at a few points, and the formulas from which a missing piece may be taken: parts
of the left side, of the premises and of the definitions involved. Nothing here proposes or judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from derive.language.affine import affine_of, term_of
from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Shape, Symbol
from derive.language.edits import Spot, flat, spots
from derive.language.heads import CONNECTIVES, ORDER_RELATIONS, RELATIONS
from derive.language.shape import shape_of
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, free_names, make, num, substitute, sym, walk

if TYPE_CHECKING:
    from derive.numeric.screen import Screen

_MOST_SPOTS = 80
_MOST_ATOMS = 40
_LARGEST_ATOM = 9
_NO_VALUE = frozenset(["has", "independent", "distributed", "tends", "infinity", "argmax", "argmin"])
_WHOLE = frozenset(["limit", "integral", "deriv", "dcall", "hessian", "at"])
"""Heads of what a step computes: to borrow one of these from the left side would mend any step, and say nothing."""
_INDEXING = frozenset(["sum", "prod", "maxover", "minover", "tabulate", "forall"])


@dataclass(frozen=True, slots=True)
class Goal:
    """A relation inside a statement, what was supposed before it, and how to put another in its place."""

    relation: Term
    premises: tuple[Term, ...]
    put: Callable[[Term], Term]


def goals(statement: Term) -> Iterator[Goal]:
    """The relations that a statement claims."""
    head = statement.head
    if head in ("implies", "iff"):
        for goal in goals(statement.args[1]):
            yield Goal(
                goal.relation,
                (*conjuncts(statement.args[0]), *goal.premises),
                lambda new, put=goal.put: statement.with_args((statement.args[0], put(new))),  # type: ignore[misc]
            )
    elif head == "and":
        for k, part in enumerate(statement.args):
            for goal in goals(part):
                yield Goal(
                    goal.relation,
                    goal.premises,
                    lambda new, k=k, put=goal.put: statement.with_args(  # type: ignore[misc]
                        (*statement.args[:k], put(new), *statement.args[k + 1 :])
                    ),
                )
    elif head == "forall":
        for goal in goals(statement.args[3]):
            if not goal.premises:
                yield Goal(
                    goal.relation,
                    (),
                    lambda new, put=goal.put: statement.with_args((*statement.args[:3], put(new))),  # type: ignore[misc]
                )
    elif head in RELATIONS:
        yield Goal(statement, (), lambda new: new)


class Evidence:
    """One refuted step, seen from the relation that is to be mended."""

    def __init__(self, step: Step, goal: Goal, seed: int, budget: Budget, raw: bool = False) -> None:
        """`raw`: the shapes of the statement do not fit, so it has no values."""
        assert step.statement is not None
        self.step = step
        self.statement = step.statement
        self.goal = goal
        self.context: Context = step.context.assume(*goal.premises)
        self.relation = goal.relation.with_args(tuple(flat(a) for a in goal.relation.args))
        self.raw = raw
        self._seed, self._budget = seed, budget

    @property
    def left(self) -> Term:
        """The left side, sums and products flat."""
        return self.relation.args[0]

    @property
    def equation(self) -> bool:
        """Whether the relation is no inequality: of those a wrong number has many mendings, and none is the one."""
        return self.relation.head not in ORDER_RELATIONS

    @property
    def right(self) -> Term:
        """The right side, sums and products flat."""
        return self.relation.args[1]

    @cached_property
    def screen(self) -> Screen:
        """Points at which edited statements can be tried; without any where the statement has no numeric form."""
        from derive.numeric.screen import Screen

        free = free_names(self.relation) <= set(self.context.symbols)
        unspoken = self.relation.head in ("approx", "propto") or self.raw or not free
        also = tuple(sym(n) for n in sorted(self.nearby)) if self.nearby else ()
        return Screen(
            self.relation,
            self.context,
            self._seed + 17,
            self._budget.part(0.4),
            self.goal.premises,
            also,
            0 if unspoken else 5,
        )

    def multiple(
        self, of: Term, less: Term | None, base: Term, by: Term | None = None, over: Term | None = None
    ) -> Fraction | None:
        """The one rational c with `of − less = c·base·by/over` at every point; None where there is none."""
        from derive.numeric.screen import difference, multiple

        a, b = self.screen.column(of), self.screen.column(base)
        if a is None or b is None:
            return None
        if less is not None:
            minus = self.screen.column(less)
            a = difference(a, minus) if minus is not None else None
        up = self.screen.column(by) if by is not None else None
        down = self.screen.column(over) if over is not None else None
        if a is None or (by is not None and up is None) or (over is not None and down is None):
            return None
        return multiple(a, b, up, down)

    @cached_property
    def nearby(self) -> frozenset[str]:
        """Names of plain symbols that formulas close by use, beyond the statement's own."""
        names = {n for t in self.sources for n in free_names(t)}
        table = self.context.symbols
        return frozenset(n for n in names if n in table and table[n].role in ("variable", "size", "index"))

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """The places of the right side, outermost first."""
        found = []
        for spot in spots(self.right):
            found.append(spot)
            if len(found) >= _MOST_SPOTS:
                break
        return tuple(found)

    def with_right(self, right: Term) -> Term:
        """The whole statement with another right side."""
        return self.goal.put(self.relation.with_args((self.left, right)))

    def with_relation(self, relation: Term) -> Term:
        """The whole statement with another relation."""
        return self.goal.put(relation)

    @cached_property
    def sources(self) -> tuple[Term, ...]:
        """Formulas from which a missing piece may come: left side, premises, first expression, definitions used."""
        found = [self.left, *self.goal.premises]
        if self.step.origin is not None:
            found.append(flat(self.step.origin))
        definitions = self.context.definitions
        todo = sorted({n for t in (*found, self.right) for n in free_names(t)})
        seen: set[str] = set()
        while todo:
            name = todo.pop(0)
            if name in seen or name not in definitions:
                continue
            seen.add(name)
            body = flat(definitions[name].body)
            found.append(body)
            todo += sorted(free_names(body))
        return tuple(dict.fromkeys(found))

    @cached_property
    def pieces(self) -> tuple[tuple[Term, tuple[str, ...]], ...]:
        """Small subterms of both sides and the sources that have a scalar value, with the bound variables in them."""
        found: dict[tuple[Term, tuple[str, ...]], None] = {}
        for source in (self.right, *self.sources):
            for spot in spots(source):
                node = spot.node
                if node.head in ("num", "pi") or not _is_value(node) or _size(node) > _LARGEST_ATOM:
                    continue
                if node.head in _WHOLE and source is not self.right:
                    continue
                if node == self.left and node.head not in ("sym", "entry"):
                    continue
                inner = tuple(n for n in spot.bound if n in free_names(node))
                if self.shape(node, spot) == SCALAR:
                    found[node, inner] = None
        table = self.context.symbols
        named = {n for t in (self.right, *self.sources) for n in free_names(t)}
        for name in sorted(table):
            if table[name].role == "size" and (name in named or self._measures(name, named)):
                found[sym(name), ()] = None
        ranked = sorted(found, key=lambda pair: _size(pair[0]))
        return tuple(ranked[:_MOST_ATOMS])

    @cached_property
    def atoms(self) -> tuple[Term, ...]:
        """The pieces that have a value outside every sum."""
        known = set(self.context.symbols)
        return tuple(t for t, inner in self.pieces if not inner and free_names(t) <= known)

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """Sizes that the step mentions or that count something it mentions."""
        return tuple(t.name for t in self.atoms if t.head == "sym" and self.context.symbols[t.name].role == "size")

    @cached_property
    def quantities(self) -> tuple[Term, ...]:
        """The atoms, and 1 − q and q − 1 for the simple ones among them."""
        found = dict.fromkeys((*self.atoms, *self._first_powers()))
        for atom in tuple(found):
            if atom.head in ("sym", "entry", "call", "pow"):
                size = atom.head == "sym" and self.context.symbols[atom.name].role in ("size", "index")
                complement = [plus(num(1), make("neg", atom))]
                one_off = [plus(atom, make("neg", num(1))), plus(atom, num(1))] if size else complement
                found.update(dict.fromkeys(one_off))
        return tuple(found)

    def _first_powers(self) -> list[Term]:
        """`β^t` where `β^(t−i)` stands in a sum over i: what a geometric sum leaves."""
        known = set(self.context.symbols)
        found: dict[Term, None] = {}
        for term, inner in self.pieces:
            if term.head == "pow" and len(inner) == 1:
                least = substitute(term, {inner[0]: num(0)})
                exponent = affine_of(least.args[1])
                if exponent is not None and exponent.parts and free_names(least) <= known:
                    found[make("pow", least.args[0], term_of(exponent))] = None
        return list(found)

    def parts_like(self, shape: Shape) -> tuple[Term, ...]:
        """Closed subterms of a shape in the left side and the sources, small ones first."""
        if shape == SCALAR:
            return self.atoms
        known = set(self.context.symbols)
        found: dict[Term, None] = {}
        for source in (self.right, *self.sources):
            for spot in spots(source):
                node = spot.node
                if node == self.left or (node.head in _WHOLE and source is not self.right):
                    continue
                small = _is_value(node) and _size(node) <= 2 * _LARGEST_ATOM
                if small and free_names(node) <= known and self.shape(node, spot) == shape:
                    found[node] = None
        return tuple(sorted(found, key=_size)[:_MOST_ATOMS])

    def mentions(self, *heads: str) -> bool:
        """Whether the left side, the first expression or a premise is formed with one of some heads."""
        origin = (self.step.origin,) if self.step.origin is not None else ()
        return any(n.head in heads for t in (self.left, *origin, *self.goal.premises) for n in walk(t))

    def _measures(self, name: str, named: set[str]) -> bool:
        """Whether a size is the number of entries or members of something that is mentioned."""
        for other in named:
            symbol = self.context.symbols.get(other)
            if symbol is None:
                continue
            sizes = [s for axis in symbol.shape.axes for s in axis] + [r.high for r in symbol.family]
            if any(name in s.names for s in sizes):
                return True
        return False

    def shape(self, term: Term, spot: Spot | None = None) -> Shape | None:
        """The shape of a formula in a place, where it has one."""
        table = self.context.symbols
        scope = {
            b.args[0].name: Symbol(b.args[0].name, role="index")
            if b.head in _INDEXING
            else table.get(b.args[0].name, Symbol(b.args[0].name))
            for b in (spot.binders if spot else ())
        }
        for name in free_names(term):
            if name not in table and name not in scope:
                scope[name] = Symbol(name)
        found = shape_of(term, self.context, scope)
        return found if isinstance(found, Shape) else None


def _is_value(term: Term) -> bool:
    return term.head not in RELATIONS | CONNECTIVES | _NO_VALUE


def _size(term: Term) -> int:
    return sum(1 for _ in walk(term))


def negated(term: Term) -> Term:
    """Minus a term, written as one would: −(−a) is a, −(a − b) is b − a."""
    if term.head == "neg":
        return term.args[0]
    if term.head == "num":
        return make("neg", term) if term.value > 0 else num(-term.value)
    if term.head == "mul" and (term.args[0].head == "neg" or (term.args[0].head == "num" and term.args[0].value < 0)):
        first = negated(term.args[0])
        rest = term.args[1:]
        if first.head == "num" and first.value == 1:
            return rest[0] if len(rest) == 1 else term.with_args(rest)
        return term.with_args((first, *rest))
    if term.head == "div" and term.args[0].head == "neg":
        return term.with_args((term.args[0].args[0], term.args[1]))
    if term.head == "add":
        turned = [negated(a) for a in term.args]
        turned.sort(key=lambda a: a.head == "neg")  # stable: what is added stands first
        return term.with_args(tuple(turned))
    return make("neg", term)


def times(*parts: Term) -> Term:
    """A product, without factors 1 and with one sign in front."""
    kept: list[Term] = []
    minus = False
    for part in parts:
        for factor in part.args if part.head == "mul" else (part,):
            if factor.head == "neg":
                minus, factor = not minus, factor.args[0]
            if factor.head == "num" and factor.value == 1:
                continue
            kept += factor.args if factor.head == "mul" else (factor,)
    product = kept[0] if len(kept) == 1 else make("mul", *kept) if kept else num(1)
    return make("neg", product) if minus else product


def plus(*parts: Term) -> Term:
    """A sum, flat."""
    kept = [a for p in parts for a in (p.args if p.head == "add" else (p,))]
    return kept[0] if len(kept) == 1 else make("add", *kept)


def shifted(index: Term, step: int) -> Term:
    """An index or exponent moved by a whole number, its own numbers put together: `n − 1` moved by 1 is `n`."""
    affine = affine_of(index)
    if affine is not None and (affine.constant or affine.is_constant):
        return term_of(affine + step)
    return plus(index, num(step) if step > 0 else make("neg", num(-step)))


def over(term: Term, divisor: Term) -> Term:
    """A quotient, written as one fraction."""
    if term.head == "neg":
        return make("neg", over(term.args[0], divisor))
    if term.head == "div":
        return term.with_args((term.args[0], times(divisor, term.args[1])))
    if term.head == "mul" and term.args[0].head == "div":
        return times(over(term.args[0], divisor), *term.args[1:])
    return make("div", term, divisor)
