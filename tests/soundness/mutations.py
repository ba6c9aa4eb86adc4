"""Single changes of a statement, by kind: the slips that an author makes, applied wherever they fit.

`mutants` gives changed statements of a step, the kinds in turn, each elaborated and different from the step. A change
may keep a statement true (`dropped factor` of a 1): whether a mutant is false is for an exact evaluation to say. Where
single changes are too few, changes of changed statements follow.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain

from derive.language.context import SCALAR, Context, Symbol
from derive.language.edits import Spot, flat, spots, without
from derive.language.heads import RELATIONS
from derive.language.shape import Checked, elaborate, shape_of
from derive.language.statement import Problem, Step
from derive.language.term import Term, is_num, make, num, sym

Change = Callable[["Place"], Iterator[Term]]

CHANGES: dict[str, list[Change]] = {}

_FUNCTIONS = ("exp", "log", "sqrt", "abs", "sign", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "softmax")
_MARKS = ("transpose", "inverse", "trace", "det", "diag", "vec", "expect", "variance", "factorial", "norm")
_PARTNERS = {
    "exp": ("log",),
    "log": ("exp",),
    "sin": ("cos",),
    "cos": ("sin",),
    "sinh": ("cosh",),
    "cosh": ("sinh",),
    "tanh": ("arctan",),
    "max": ("min",),
    "min": ("max",),
    "maxover": ("minover",),
    "minover": ("maxover",),
    "sum": ("prod",),
    "prod": ("sum",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "expect": ("variance",),
    "variance": ("expect",),
    "trace": ("det",),
    "det": ("trace",),
    "inner": ("hadamard",),
}
_RELATIONS = {
    "lt": ("gt", "ge", "eq"),
    "gt": ("lt", "le", "eq"),
    "le": ("ge", "lt", "eq"),
    "ge": ("le", "gt", "eq"),
    "ne": ("eq",),
    "eq": ("ne", "lt"),
    "propto": ("eq",),
    "implies": ("iff",),
    "and": ("or",),
    "or": ("and",),
}


@dataclass(frozen=True)
class Place:
    """A place of a statement, and the symbols that may stand there."""

    spot: Spot
    context: Context

    @property
    def node(self) -> Term:
        """What stands there."""
        return self.spot.node

    @property
    def in_statement(self) -> bool:
        """Whether a statement stands there, of which no value can be taken."""
        return self.node.head in RELATIONS or self.node.head in ("forall", "true", "not", "has", "distributed")

    @property
    def is_tensor(self) -> bool:
        """Whether a vector or matrix stands there, as far as that can be told."""
        if self.in_statement:
            return False
        shape = shape_of(self.node, self.context)
        return not isinstance(shape, Problem) and shape != SCALAR

    def others(self, *roles: str) -> list[Symbol]:
        """Other symbols of the context with one of these roles."""
        symbols = (self.context.symbols[name] for name in sorted(self.context.symbols))
        return [s for s in symbols if s.role in roles and s.name != self.node.value]


def change(kind: str) -> Callable[[Change], Change]:
    """Enter a change in the table."""

    def enter(function: Change) -> Change:
        CHANGES.setdefault(kind, []).append(function)
        return function

    return enter


@change("sign")
def _other_sign(place: Place) -> Iterator[Term]:
    node, parent = place.node, place.spot.parent
    if node.head == "neg":
        yield node.args[0]
    elif parent is not None and parent.head in ("add", "eq", "lt", "le", "exp", "inner") and not place.in_statement:
        yield make("neg", node)


@change("factor")
def _other_factor(place: Place) -> Iterator[Term]:
    parent = place.spot.parent
    if parent is not None and parent.head in ("add", "eq", "lt", "le", "gt", "ge", "exp") and not place.in_statement:
        yield make("mul", num(2), place.node)
        yield make("mul", num(Fraction(1, 2)), place.node)


@change("constant")
def _other_number(place: Place) -> Iterator[Term]:
    if place.node.head == "num":
        value = place.node.value
        yield from (num(v) for v in (value + 1, value - 1, 2 * value) if v != value and v >= 0)
    if place.node.head == "pi":
        yield num(3)


@change("dropped term")
def _dropped_term(place: Place) -> Iterator[Term]:
    if place.node.head == "add" and len(place.node.args) > 1:
        yield from (without(place.node, k) for k in range(len(place.node.args)))


@change("dropped factor")
def _dropped_factor(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head in ("mul", "hadamard") and len(node.args) > 1:
        yield from (without(node, k) for k in range(len(node.args)))
    if node.head == "div":
        yield node.args[0]


@change("doubled term")
def _doubled(place: Place) -> Iterator[Term]:
    if place.node.head == "add":
        yield from (place.node.with_args((*place.node.args, a)) for a in place.node.args)


@change("brackets")
def _lost_brackets(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head == "mul" and node.args[-1].head == "add" and len(node.args[-1].args) > 1:
        first, *rest = node.args[-1].args
        yield make("add", node.with_args((*node.args[:-1], first)), *rest)
    if node.head == "sum" and node.args[3].head == "add":
        first, *rest = node.args[3].args
        yield make("add", node.with_args((*node.args[:3], first, *node.args[4:])), *rest)


@change("exponent")
def _other_exponent(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head == "pow":
        base, exponent = node.args
        yield base
        yield node.with_args((base, make("add", exponent, num(1))))
        yield node.with_args((base, make("neg", exponent)))
        if not is_num(exponent):
            yield node.with_args((base, make("add", exponent, make("neg", num(1)))))
    elif node.head == "sum" and node.args[3].head == "pow":
        variable, low, high, body, *rest = node.args
        yield make("pow", node.with_args((variable, low, high, body.args[0], *rest)), body.args[1])
    elif place.spot.parent is not None and place.spot.parent.head in ("mul", "div") and not place.in_statement:
        yield make("pow", node, num(2))


@change("index")
def _other_index(place: Place) -> Iterator[Term]:
    node, parent = place.node, place.spot.parent
    if parent is not None and parent.head == "entry" and place.spot.position > 0:
        yield make("add", node, num(1))
        yield make("add", node, make("neg", num(1)))
        yield from (sym(name) for name in place.spot.bound if sym(name) != node)
        yield from (sym(s.name) for s in place.others("index"))
    if node.head == "entry" and len(node.args) > 2:
        yield node.with_args((node.args[0], *node.args[:0:-1]))


@change("range")
def _other_range(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head in ("sum", "prod", "maxover", "minover", "integral"):
        variable, low, high, *rest = node.args
        yield node.with_args((variable, make("add", low, num(1)), high, *rest))
        yield node.with_args((variable, low, make("add", high, make("neg", num(1))), *rest))
        if node.head != "integral":
            yield node.with_args((variable, make("add", low, make("neg", num(1))), high, *rest))
            if variable.name not in {v for t in rest for v in _names(t)}:
                yield rest[0]


@change("order")
def _swapped_product(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head == "mul":
        for k in range(len(node.args) - 1):
            yield node.with_args((*node.args[:k], node.args[k + 1], node.args[k], *node.args[k + 2 :]))
    if node.head in ("div", "pow", "covariance"):
        yield node.with_args((node.args[1], node.args[0], *node.args[2:]))


@change("transpose")
def _other_transpose(place: Place) -> Iterator[Term]:
    node, parent = place.node, place.spot.parent
    if node.head == "transpose":
        yield node.args[0]
    elif parent is not None and parent.head in ("mul", "add", "trace", "inverse", "eq") and place.is_tensor:
        yield make("transpose", node)


@change("inverse")
def _other_inverse(place: Place) -> Iterator[Term]:
    node, parent = place.node, place.spot.parent
    if node.head == "inverse":
        yield node.args[0]
    elif parent is not None and parent.head == "mul" and not place.in_statement:
        yield make("inverse", node) if place.is_tensor else make("div", num(1), node)


@change("function")
def _other_function(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head in _FUNCTIONS or node.head in _MARKS:
        yield node.args[0]
    yield from (replace(node, head=head) for head in _PARTNERS.get(node.head, ()))


@change("derivative")
def _other_derivative(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head in ("deriv", "hessian"):
        yield node.args[0]
        yield from (node.with_args((node.args[0], sym(s.name))) for s in place.others("variable")[:6])
    if node.head == "dcall":
        name, orders = node.value
        yield make("call", *node.args, value=name)
        if sum(orders) < 2 and len(orders) == 1:
            yield replace(node, value=(name, (orders[0] + 1,)))


@change("symbol")
def _other_symbol(place: Place) -> Iterator[Term]:
    node, parent = place.node, place.spot.parent
    if node.head == "sym" and not (parent is not None and parent.head == "entry" and place.spot.position > 0):
        symbol = place.context.symbols.get(node.value)
        if symbol is not None:
            alike = [s for s in place.others(symbol.role) if s.shape == symbol.shape]
            yield from (sym(s.name) for s in alike if len(s.family) == len(symbol.family))


@change("relation")
def _other_relation(place: Place) -> Iterator[Term]:
    node = place.node
    yield from (replace(node, head=head) for head in _RELATIONS.get(node.head, ()))
    if node.head == "implies":
        yield node.with_args((node.right, node.left))


@change("branch")
def _other_branch(place: Place) -> Iterator[Term]:
    node = place.node
    if node.head == "cases" and len(node.args) >= 4:
        first, condition, second, *rest = node.args
        yield node.with_args((second, condition, first, *rest))
    if node.head == "limit" and node.value in ("+", "-"):
        yield replace(node, value="-" if node.value == "+" else "+")
    if node.head == "limit":
        yield node.with_args((node.args[0], make("neg", node.args[1]), node.args[2]))


def _names(term: Term) -> set[str]:
    found = {term.value} if term.head == "sym" else set()
    return found.union(*map(_names, term.args)) if term.args else found


@dataclass(frozen=True)
class Mutant:
    """A changed statement as a step, and the kind of the change."""

    step: Step
    kind: str


def single_changes(statement: Term, context: Context, rng: random.Random) -> Iterator[tuple[str, Term]]:
    """Every single change of a statement, the kinds in turn and each in random order."""
    places = [Place(spot, context) for spot in spots(flat(statement))]
    pools: list[list[tuple[str, Term]]] = []
    for kind, changes in CHANGES.items():
        pool = [(kind, p.spot.put(new)) for p in places for c in changes for new in c(p)]
        rng.shuffle(pool)
        pools.append(pool)
    rng.shuffle(pools)
    while pools:
        pools = [pool for pool in pools if pool]
        for pool in pools:
            yield pool.pop()


def mutants(step: Step, seed: int, count: int) -> Iterator[Mutant]:
    """Up to `count` different mutants of a step that conform."""
    assert step.statement is not None
    rng = random.Random(f"{seed} {step.id}")
    seen = {flat(step.statement)}
    once: list[Term] = []
    singles = single_changes(step.statement, step.context, rng)
    twice = ((f"{kind}, twice", t) for statement in once for kind, t in single_changes(statement, step.context, rng))
    for kind, changed in chain(singles, twice):
        if changed in seen:
            continue
        seen.add(changed)
        checked = elaborate(changed, step.context)
        if not isinstance(checked, Checked) or (checked.term != changed and checked.term in seen):
            continue
        seen.add(checked.term)
        once.append(checked.term)
        yield Mutant(replace(step, statement=checked.term, origin=None, spot=None), kind)
        count -= 1
        if not count:
            return
