"""Rewrites that keep the value of a term, and changes that usually do not.

Every rewrite is an equation of a textbook, applied at one node; it returns None where it does not fit. The rules know
the shape of the node and which indices are bound around it. Rules that divide or take logarithms are applied to
quantities that are positive by their form only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derive.language.context import SCALAR, Shape, Symbol
from derive.language.shape import shape_of
from derive.language.statement import Problem
from derive.language.term import Term, bound_scope, free_names, fresh_name, is_num, make, num, substitute, sym

from .terms import Scope, Writer, add, mul, neg, power
from .worlds import World

Path = tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """A node of a term, with the indices bound around it."""

    node: Term
    path: Path
    bound: tuple[str, ...]


@dataclass
class Hand:
    """What a rule may use: the world, chance, and the shapes of parts."""

    world: World
    rng: random.Random
    bound: tuple[str, ...]
    writer: Writer

    def shape(self, term: Term) -> Shape | None:
        """The shape of a part, None where it does not stand alone."""
        found = shape_of(term, self.world.context, {n: Symbol(n, role="index") for n in self.bound})
        if isinstance(found, Problem) or any("?" in str(s) for a in found.axes for s in a):
            return None
        return found

    def fresh(self, *terms: Term) -> str:
        """An index name that none of the terms uses."""
        taken = set(self.bound) | set(self.world.context.symbols) | {n for t in terms for n in _names(t)}
        return fresh_name(self.rng.choice(("i", "j", "e", "w", "o")), taken)

    def inside(self, name: str) -> Hand:
        """The hand within a binder of `name`."""
        return replace(self, bound=(*self.bound, name))


Rule = Callable[[Hand, Term, Shape], "Term | None"]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Enter a rewrite in the list."""
    RULES[function.__name__.strip("_")] = function
    return function


def _names(term: Term) -> set[str]:
    """Every name in a term, bound ones too."""
    found = {str(term.value)} if term.head == "sym" else set()
    if term.head in ("call", "dcall"):
        found.add(term.name)
    return found.union(*(_names(a) for a in term.args)) if term.args else found


def places(term: Term, path: Path = (), bound: tuple[str, ...] = ()) -> Iterator[Place]:
    """Every node at which something may be put in its stead (bound variables and what one derives by are no such)."""
    yield Place(term, path, bound)
    binder = bound_scope(term)
    skip = {0} if binder else {1} if term.head == "deriv" else set()
    if term.head == "entry":
        skip |= set(range(1, len(term.args)))
        if term.args[0].head == "sym":
            skip.add(0)
    if term.head == "delta":
        skip |= {0, 1}
    for position, arg in enumerate(term.args):
        if position in skip:
            continue
        if binder and position in (1, 2):
            continue
        inner = (*bound, binder[0]) if binder and position in binder[1] else bound
        yield from places(arg, (*path, position), inner)


def put(term: Term, path: Path, new: Term) -> Term:
    """The term with another part at a path."""
    if not path:
        return new
    args = list(term.args)
    args[path[0]] = put(args[path[0]], path[1:], new)
    return term.with_args(tuple(args))


def rewrite_once(term: Term, world: World, rng: random.Random) -> tuple[Term, str] | None:
    """One random rewrite at a random node, and its name."""
    spots = list(places(term))
    for _ in range(12):
        spot = spots[rng.randrange(len(spots))]
        hand = Hand(world, rng, spot.bound, Writer(rng, world))
        shape = hand.shape(spot.node)
        if shape is None or shape.statement:
            continue
        names = list(RULES)
        start = rng.randrange(len(names))
        for offset in range(len(names)):
            name = names[(start + offset * 7) % len(names)]
            new = RULES[name](hand, spot.node, shape)
            if new is not None and new != spot.node:
                return put(term, spot.path, new), name
    return None


# algebra of numbers


def _scalar(shape: Shape) -> bool:
    return shape == SCALAR


@rule
def _commute_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "add" or len(t.args) < 2:
        return None
    args = list(t.args)
    hand.rng.shuffle(args)
    return t.with_args(tuple(args))


@rule
def _commute_product(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "mul" or any(hand.shape(a) != SCALAR for a in t.args):
        return None
    args = list(t.args)
    hand.rng.shuffle(args)
    return t.with_args(tuple(args))


@rule
def _commute_hadamard(hand: Hand, t: Term, shape: Shape) -> Term | None:
    return t.with_args(tuple(reversed(t.args))) if t.head == "hadamard" else None


@rule
def _commute_inner(hand: Hand, t: Term, shape: Shape) -> Term | None:
    return t.with_args(tuple(reversed(t.args))) if t.head == "inner" else None


@rule
def _associate_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "add":
        return None
    if len(t.args) > 2:
        return make("add", t.args[0], make("add", *t.args[1:]))
    for position, arg in enumerate(t.args):
        if arg.head == "add":
            return make("add", *t.args[:position], *arg.args, *t.args[position + 1 :])
    return None


@rule
def _distribute(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "mul" or len(t.args) != 2:
        return None
    left, right = t.args
    if right.head == "add":
        return make("add", *(mul(left, part) for part in right.args))
    if left.head == "add":
        return make("add", *(mul(part, right) for part in left.args))
    return None


@rule
def _distribute_minus(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "neg" and t.args[0].head == "add":
        return make("add", *(neg(a) for a in t.args[0].args))
    if t.head == "neg" and t.args[0].head == "mul":
        first, *rest = t.args[0].args
        return mul(neg(first), *rest)
    if t.head == "neg" and t.args[0].head == "neg":
        return t.args[0].args[0]
    return None


@rule
def _minus_as_factor(hand: Hand, t: Term, shape: Shape) -> Term | None:
    return mul(neg(num(1)), t.args[0]) if t.head == "neg" else None


@rule
def _add_and_take_away(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if not _scalar(shape):
        return None
    other = hand.writer._leaf(_scope(hand))
    return add(t, other, neg(other))


@rule
def _square_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "pow" or not is_num(t.args[1], 2) or t.args[0].head != "add" or not _scalar(shape):
        return None
    a, *rest = t.args[0].args
    b = add(*rest)
    return add(power(a, 2), mul(num(2), a, b), power(b, 2))


@rule
def _power_as_product(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "pow" or not is_num(t.args[1]) or t.args[1].value.denominator != 1 or t.args[1].value < 2:
        return None
    if not _scalar(shape):
        return None
    k = int(t.args[1].value)
    return mul(t.args[0], t.args[0] if k == 2 else power(t.args[0], k - 1))


@rule
def _product_as_power(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "mul" and len(t.args) == 2 and t.args[0] == t.args[1] and hand.shape(t.args[0]) == SCALAR:
        return power(t.args[0], 2)
    return None


@rule
def _quotient_as_power(hand: Hand, t: Term, shape: Shape) -> Term | None:
    return mul(power(t.args[1], -1), t.args[0]) if t.head == "div" else None


@rule
def _quotient_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "div" and t.args[0].head == "add":
        return make("add", *(make("div", a, t.args[1]) for a in t.args[0].args))
    return None


@rule
def _widen_fraction(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "div" or not _scalar(shape):
        return None
    factor = sym(hand.rng.choice(hand.world.positive))
    return make("div", mul(t.args[0], factor), mul(factor, t.args[1]))


# exponentials and logarithms


@rule
def _exp_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "exp" and t.args[0].head == "add" and _scalar(shape):
        return mul(*(make("exp", a) for a in t.args[0].args))
    if t.head == "mul" and len(t.args) == 2 and all(a.head == "exp" for a in t.args) and _scalar(shape):
        return make("exp", add(t.args[0].args[0], t.args[1].args[0])) if hand.shape(t.args[0]) == SCALAR else None
    return None


@rule
def _exp_of_minus(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "exp" and t.args[0].head == "neg" and _scalar(shape):
        return make("div", num(1), make("exp", t.args[0].args[0]))
    return None


@rule
def _log_of_product(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "log" and t.args[0].head == "mul" and all(_surely_positive(hand, a) for a in t.args[0].args):
        return make("add", *(make("log", a) for a in t.args[0].args))
    if t.head == "log" and t.args[0].head == "prod" and _surely_positive(hand, t.args[0].args[3]):
        i, low, high, body = t.args[0].args
        return make("sum", i, low, high, make("log", body))
    if t.head == "log" and t.args[0].head == "exp":
        return t.args[0].args[0]
    return None


@rule
def _exp_of_log(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if _scalar(shape) and _surely_positive(hand, t) and t.head in ("sym", "entry", "sum", "add"):
        return make("exp", make("log", t))
    return None


@rule
def _sigmoid(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "call" and t.value == "σ" and _scalar(shape):
        if hand.rng.randrange(2):
            return add(num(1), neg(make("call", neg(t.args[0]), value="σ")))
        return make("div", num(1), add(num(1), make("exp", neg(t.args[0]))))
    if t.head == "tanh" and _scalar(shape):
        return add(mul(num(2), make("call", mul(num(2), t.args[0]), value="σ")), neg(num(1)))
    return None


@rule
def _root(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "sqrt" and _scalar(shape):
        return power(t.args[0], Fraction(1, 2))
    if t.head == "pow" and is_num(t.args[1]) and t.args[1].value.denominator == 2:
        return power(make("sqrt", t.args[0]), t.args[1].value.numerator)
    return None


def _surely_positive(hand: Hand, t: Term) -> bool:
    if t.head == "sym":
        return t.name in hand.world.positive or t.name in hand.world.sizes
    if t.head == "entry" and t.args[0].head == "sym":
        return any(t.args[0].name in names for names in hand.world.positive_members.values())
    if t.head in ("add", "mul"):
        return all(_surely_positive(hand, a) for a in t.args)
    if t.head == "num":
        return t.value > 0
    if t.head == "exp":
        return True
    if t.head == "sum":
        # a range that may be empty gives 0
        return (
            is_num(t.args[1], 1)
            and t.args[2].head == "sym"
            and t.args[2].name in hand.world.sizes
            and _surely_positive(hand, t.args[3])
        )
    if t.head == "prod":
        return _surely_positive(hand, t.args[3])
    if t.head in ("pow", "div"):
        return _surely_positive(hand, t.args[0]) and (t.head == "pow" or _surely_positive(hand, t.args[1]))
    return t.head == "call" and t.value == "σ"


# sums


@rule
def _rename(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head not in ("sum", "prod", "tabulate"):
        return None
    i, low, high, body = t.args
    new = hand.fresh(t)
    return t.with_args((sym(new), low, high, substitute(body, {i.name: sym(new)})))


@rule
def _shift(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head not in ("sum", "prod"):
        return None
    i, low, high, body = t.args
    by = num(hand.rng.choice((1, 2)))
    return t.with_args((i, add(low, by), add(high, by), substitute(body, {i.name: add(i, neg(by))})))


@rule
def _reverse(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head not in ("sum", "prod"):
        return None
    i, low, high, body = t.args
    return t.with_args((i, low, high, substitute(body, {i.name: add(low, high, neg(i))})))


@rule
def _split_last(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """Σ to n is Σ to n − 1 and the last, where n is at least the first."""
    if t.head != "sum" or not is_num(t.args[1], 1) or t.args[2].head != "sym":
        return None
    i, low, high, body = t.args
    return add(make("sum", i, low, add(high, neg(num(1))), body), substitute(body, {i.name: high}))


@rule
def _split_first(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "sum" or not is_num(t.args[1], 1) or t.args[2].head != "sym":
        return None
    i, low, high, body = t.args
    return add(substitute(body, {i.name: low}), make("sum", i, add(low, num(1)), high, body))


@rule
def _split_at_index(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """Σ over 1 … n in two parts at an index in that range."""
    if t.head != "sum" or not is_num(t.args[1], 1) or t.args[2].head != "sym":
        return None
    found = [
        k for k, size in hand.world.indices if size == t.args[2].name and k not in hand.bound and k not in _names(t)
    ]
    if not found:
        return None
    i, low, high, body = t.args
    k = sym(found[0])
    return add(make("sum", i, low, k, body), make("sum", i, add(k, num(1)), high, body))


@rule
def _exchange(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "sum" or t.args[3].head != "sum":
        return None
    i, low, high, inner = t.args
    j, first, last, body = inner.args
    if i.name in free_names(first) | free_names(last) or i == j or j.name in free_names(low) | free_names(high):
        return None
    return make("sum", j, first, last, make("sum", i, low, high, body))


@rule
def _sum_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "sum" and t.args[3].head == "add":
        return make("add", *(t.with_args((*t.args[:3], part)) for part in t.args[3].args))
    return None


@rule
def _factor_out(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "sum" or t.args[3].head != "mul":
        return None
    i, low, high, body = t.args
    if any(hand.inside(i.name).shape(a) != SCALAR for a in body.args):
        return None
    out = [a for a in body.args if i.name not in free_names(a)]
    rest = [a for a in body.args if i.name in free_names(a)]
    if not out:
        return None
    return mul(*out, make("sum", i, low, high, mul(*rest) if rest else num(1)))


@rule
def _factor_in(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "mul" or len(t.args) != 2 or t.args[1].head != "sum":
        return None
    i, low, high, body = t.args[1].args
    if hand.shape(t.args[0]) != SCALAR or hand.shape(t.args[1]) != SCALAR:
        return None
    new = hand.fresh(t)
    return make("sum", sym(new), low, high, mul(t.args[0], substitute(body, {i.name: sym(new)})))


@rule
def _product_of_sums(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """A square of a sum is a double sum."""
    if t.head != "pow" or not is_num(t.args[1], 2) or t.args[0].head != "sum" or not _scalar(shape):
        return None
    i, low, high, body = t.args[0].args
    new = hand.fresh(t)
    other = substitute(body, {i.name: sym(new)})
    return make("sum", i, low, high, make("sum", sym(new), low, high, mul(body, other)))


@rule
def _insert_delta(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "entry" or t.args[0].head != "sym" or len(t.args) != 2:
        return None
    size = _size_of(hand, t.args[0].name)
    if size is None:
        return None
    new = hand.fresh(t)
    picked = make("entry", t.args[0], sym(new))
    return make("sum", sym(new), num(1), sym(size), mul(make("delta", t.args[1], sym(new)), picked))


def _size_of(hand: Hand, name: str) -> str | None:
    for size, names in (*hand.world.vectors.items(), *hand.world.members.items()):
        if name in names:
            return size
    return None


# tensors


def _size(axis: tuple) -> Term | None:
    """The size of a plain axis as a term."""
    if len(axis) != 1 or axis[0].constant or len(axis[0].parts) != 1 or axis[0].parts[0][1] != 1:
        return None
    return sym(axis[0].parts[0][0])


@rule
def _inner_as_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "inner":
        found = hand.shape(t.args[0]) or hand.shape(t.args[1])
        if found is None or found.rank != 1:
            return None
        if hand.rng.randrange(2):
            return mul(make("transpose", t.args[0]), t.args[1])
        size = _size(found.axes[0])
        i = hand.fresh(t)
        if size is None or any(a.head in ("ones", "zeros") for a in t.args):
            return None
        return make("sum", sym(i), num(1), size, mul(*(make("entry", a, sym(i)) for a in t.args)))
    return None


@rule
def _norm(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "pow" or t.args[0].head != "norm" or not is_num(t.args[1], 2):
        return None
    body = t.args[0].args[0]
    if t.args[0].value == "F":
        return make("trace", mul(make("transpose", body), body))
    return mul(make("transpose", body), body)


@rule
def _trace(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "trace":
        return None
    body = t.args[0]
    found = hand.shape(body)
    if found is None or found.rank != 2:
        return None
    kind = hand.rng.randrange(3)
    if kind == 0:
        return make("trace", make("transpose", body))
    if kind == 1 and body.head == "mul" and len(body.args) == 2:
        shapes = [hand.shape(a) for a in body.args]
        return make("trace", mul(body.args[1], body.args[0])) if all(s and s.rank == 2 for s in shapes) else None
    size = _size(found.axes[0])
    i = hand.fresh(t)
    return make("sum", sym(i), num(1), size, make("entry", body, sym(i), sym(i))) if size is not None else None


@rule
def _trace_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "trace" and t.args[0].head == "add":
        return make("add", *(make("trace", a) for a in t.args[0].args))
    return None


@rule
def _transpose(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "transpose":
        return None
    body = t.args[0]
    if body.head == "transpose":
        return body.args[0]
    if body.head == "add":
        return make("add", *(make("transpose", a) for a in body.args))
    if body.head == "mul" and len(body.args) == 2:
        a, b = body.args
        shapes = [hand.shape(a), hand.shape(b)]
        if shapes[0] == SCALAR:
            return mul(a, make("transpose", b))
        if all(s and s.rank for s in shapes):
            return mul(make("transpose", b), make("transpose", a))
    if body.head == "hadamard":
        return make("hadamard", *(make("transpose", a) for a in body.args))
    if body.head == "inverse":
        return make("inverse", make("transpose", body.args[0]))
    if body.head == "sym" and body.name in hand.world.symmetric:
        return body
    return None


@rule
def _symmetric(hand: Hand, t: Term, shape: Shape) -> Term | None:
    return make("transpose", t) if t.head == "sym" and t.name in hand.world.symmetric else None


@rule
def _transpose_number(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """A product that is a number is its own transpose: aᵀ M b = bᵀ Mᵀ a."""
    if t.head != "mul" or not _scalar(shape) or len(t.args) != 3 or t.args[0].head != "transpose":
        return None
    a, middle, b = t.args[0].args[0], t.args[1], t.args[2]
    shapes = [hand.shape(p) for p in (a, middle, b)]
    if [s.rank if s else None for s in shapes] != [1, 2, 1]:
        return None
    return mul(make("transpose", b), make("transpose", middle), a)


@rule
def _associate_product(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """(A B) C = A (B C) for matrices, and with a vector at the right."""
    if t.head != "mul" or len(t.args) != 2:
        return None
    a, b = t.args
    ranks = [s.rank if (s := hand.shape(p)) else None for p in (a, b)]
    if a.head == "mul" and len(a.args) == 2 and ranks[0] == 2:
        inner = [s.rank if (s := hand.shape(p)) else None for p in a.args]
        if inner == [2, 2]:
            return mul(a.args[0], mul(a.args[1], b))
        if inner[0] == 0:
            return mul(a.args[0], mul(a.args[1], b))
    if b.head == "mul" and len(b.args) == 2 and ranks[0] == 2 and ranks[1]:
        inner = [s.rank if (s := hand.shape(p)) else None for p in b.args]
        if inner[0] == 2 and inner[1] in (1, 2):
            return mul(mul(a, b.args[0]), b.args[1])
    return None


@rule
def _outer_times_vector(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """(a bᵀ) c = (bᵀ c) a."""
    if t.head != "mul" or len(t.args) != 2 or t.args[0].head != "mul" or len(t.args[0].args) != 2:
        return None
    a, row = t.args[0].args
    if row.head != "transpose":
        return None
    ranks = [s.rank if (s := hand.shape(p)) else None for p in (a, row.args[0], t.args[1])]
    return mul(mul(row, t.args[1]), a) if ranks == [1, 1, 1] else None


@rule
def _entry_of(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """An entry of a combination in entries of its parts."""
    if t.head != "entry" or t.args[0].head == "sym":
        return None
    base, *at = t.args
    if base.head == "add":
        return (
            make("add", *(make("entry", a, *at) for a in base.args)) if all(hand.shape(a) for a in base.args) else None
        )
    if base.head == "hadamard":
        return mul(*(make("entry", a, *at) for a in base.args))
    if base.head == "neg":
        return neg(make("entry", base.args[0], *at))
    if base.head == "transpose" and len(at) == 2:
        found = hand.shape(base.args[0])
        return make("entry", base.args[0], at[1], at[0]) if found and found.rank == 2 else None
    if base.head == "tabulate":
        return substitute(base.args[3], {base.args[0].name: at[0]})
    if base.head == "diag" and len(at) == 1:
        return make("entry", base.args[0], at[0], at[0])
    if base.head == "diag":
        return mul(make("delta", *at), make("entry", base.args[0], at[0]))
    if base.head == "mul" and len(base.args) == 2:
        a, b = base.args
        shapes = [hand.shape(a), hand.shape(b)]
        if shapes[0] == SCALAR:
            return mul(a, make("entry", b, *at))
        if shapes[0] and shapes[1] and shapes[0].rank == 2 and shapes[1].rank in (1, 2):
            size = _size(shapes[0].axes[1])
            if size is None:
                return None
            s = hand.fresh(t)
            return make(
                "sum", sym(s), num(1), size, mul(make("entry", a, at[0], sym(s)), make("entry", b, sym(s), *at[1:]))
            )
    if base.head == "deriv" and len(at) == 1 and base.args[1].head == "sym" and _by_entry(hand, base, at):
        return make("deriv", base.args[0], make("entry", base.args[1], *at))
    if base.head == "deriv" and len(at) == 2 and hand.shape(base.args[0]) == SCALAR and _by_entry(hand, base, at):
        return make("deriv", base.args[0], make("entry", base.args[1], *at))
    return None


def _by_entry(hand: Hand, t: Term, at: list[Term]) -> bool:
    """Whether an entry of a gradient is the derivative by that entry: the index must not run inside."""
    return hand.shape(t.args[0]) == SCALAR and not {n for i in at for n in free_names(i)} & _binders(t.args[0])


def _binders(t: Term) -> set[str]:
    found = {b[0]} if (b := bound_scope(t)) else set()
    return found.union(*(_binders(a) for a in t.args)) if t.args else found


@rule
def _as_table(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if shape.rank != 1 or t.head in ("ones", "zeros", "tabulate"):
        return None
    size = _size(shape.axes[0])
    if size is None:
        return None
    i = hand.fresh(t)
    return make("tabulate", sym(i), num(1), size, make("entry", t, sym(i)))


@rule
def _by_identity(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if shape.rank != 2 or (shape.axes[0] == shape.axes[1] and t.head == "identity"):
        return None
    names = hand.world.invertible
    square = shape.axes[0] == shape.axes[1] and str(shape.axes[0][0]) == "n"
    if names and square and hand.rng.randrange(2):
        k = sym(hand.rng.choice(names))
        return mul(mul(t, k), make("inverse", k))
    return mul(t, make("identity")) if hand.rng.randrange(2) else mul(make("identity"), t)


@rule
def _inverse(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "mul" and len(t.args) == 2 and all(a.head == "inverse" for a in t.args) and shape.rank == 2:
        return make("inverse", mul(t.args[1].args[0], t.args[0].args[0]))
    if t.head == "sym" and t.name in hand.world.invertible:
        return make("inverse", make("inverse", t))
    return None


@rule
def _push_through(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """(M Mᵀ + p I)⁻¹ = (I − M (Mᵀ M + p I)⁻¹ Mᵀ)/p."""
    if t.head != "inverse" or t.args[0].head != "add" or len(t.args[0].args) != 2:
        return None
    gram, scaled = t.args[0].args
    if gram.head != "mul" or len(gram.args) != 2 or gram.args[1] != make("transpose", gram.args[0]):
        return None
    if scaled.head != "mul" or scaled.args[0].head != "sym":
        return None
    m, p = gram.args[0], scaled.args[0]
    found = hand.shape(m)
    if found is None or found.rank != 2:
        return None
    inner = make("inverse", add(mul(make("transpose", m), m), mul(p, make("identity"))))
    return mul(make("div", num(1), p), add(make("identity"), neg(mul(mul(m, inner), make("transpose", m)))))


@rule
def _diag_times(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "hadamard" and len(t.args) == 2 and shape.rank == 1:
        return mul(make("diag", t.args[0]), t.args[1])
    return None


# derivatives


@rule
def _derivative_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "deriv" and t.args[0].head == "add" and hand.shape(t.args[0]) == SCALAR:
        return make("add", *(make("deriv", a, t.args[1]) for a in t.args[0].args))
    if t.head == "deriv" and t.args[0].head == "neg" and hand.shape(t.args[0]) == SCALAR:
        return neg(make("deriv", t.args[0].args[0], t.args[1]))
    return None


@rule
def _derivative_of_indexed_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "deriv" or t.args[0].head != "sum" or not _scalar(shape):
        return None
    i, low, high, body = t.args[0].args
    if i.name in _names(t.args[1]):
        return None
    return make("sum", i, low, high, make("deriv", body, t.args[1]))


@rule
def _derivative_of_product(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "deriv" or t.args[0].head != "mul" or len(t.args[0].args) != 2 or not _scalar(shape):
        return None
    a, b = t.args[0].args
    if hand.shape(a) != SCALAR or hand.shape(b) != SCALAR:
        return None
    return add(mul(make("deriv", a, t.args[1]), b), mul(a, make("deriv", b, t.args[1])))


@rule
def _chain(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "deriv" or hand.shape(t.args[0]) != SCALAR:
        return None
    body, by = t.args
    if body.head == "exp":
        return mul(body, make("deriv", body.args[0], by))
    if body.head == "call" and body.value in hand.world.functions:
        return mul(make("dcall", body.args[0], value=(body.value, (1,))), make("deriv", body.args[0], by))
    if body.head == "call" and body.value == "σ":
        return mul(body, add(num(1), neg(body)), make("deriv", body.args[0], by))
    if body.head == "pow" and is_num(body.args[1], 2):
        return mul(num(2), body.args[0], make("deriv", body.args[0], by))
    if body.head == "log" and _surely_positive(hand, body.args[0]):
        return mul(make("div", num(1), body.args[0]), make("deriv", body.args[0], by))
    return None


# moments


@rule
def _expectation_of_sum(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "expect" or len(t.args) != 1:
        return None
    body = t.args[0]
    if body.head == "add":
        return make("add", *(make("expect", a) for a in body.args))
    if body.head == "sum":
        return body.with_args((*body.args[:3], make("expect", body.args[3])))
    if body.head == "mul":
        random = [a for a in body.args if _names(a) & set(hand.world.random)]
        fixed = [a for a in body.args if not _names(a) & set(hand.world.random)]
        if fixed:
            return mul(*fixed, make("expect", mul(*random) if random else num(1)))
        if len(random) == 2 and not _names(random[0]) & _names(random[1]) & set(hand.world.random):
            return mul(*(make("expect", a) for a in random))
    return None


@rule
def _variance(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "variance":
        body = t.args[0]
        return add(make("expect", power(body, 2)), neg(power(make("expect", body), 2)))
    if t.head == "covariance":
        a, b = t.args[:2]
        if hand.rng.randrange(2):
            return make("covariance", b, a)
        return add(make("expect", mul(a, b)), neg(mul(make("expect", a), make("expect", b))))
    return None


# --- changes ----------------------------------------------------------------------------------------------------------


def change_once(term: Term, world: World, rng: random.Random) -> tuple[Term, str] | None:
    """One random change of meaning (most often) at a random node, and its name."""
    spots = list(places(term))
    names = list(CHANGES)
    for _ in range(16):
        spot = spots[rng.randrange(len(spots))]
        hand = Hand(world, rng, spot.bound, Writer(rng, world))
        start = rng.randrange(len(names))
        for offset in range(len(names)):
            name = names[(start + offset * 5) % len(names)]
            new = CHANGES[name](hand, spot.node, SCALAR)
            if new is not None and new != spot.node:
                return put(term, spot.path, new), name
    return None


CHANGES: dict[str, Rule] = {}


def change(function: Rule) -> Rule:
    """Enter a change in the list."""
    CHANGES[function.__name__.strip("_")] = function
    return function


@change
def _flip_sign(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "neg":
        return t.args[0]
    if t.head == "add":
        k = hand.rng.randrange(len(t.args))
        return t.with_args((*t.args[:k], neg(t.args[k]), *t.args[k + 1 :]))
    return None


@change
def _other_factor(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head in ("mul", "sum", "entry", "trace", "inner", "deriv"):
        return mul(num(hand.rng.choice((2, 3))), t)
    return None


@change
def _drop(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "add" and len(t.args) > 1:
        k = hand.rng.randrange(len(t.args))
        return add(*t.args[:k], *t.args[k + 1 :])
    if t.head == "mul" and len(t.args) > 1 and any(hand.shape(a) == SCALAR for a in t.args):
        drop = [k for k, a in enumerate(t.args) if hand.shape(a) == SCALAR]
        k = hand.rng.choice(drop)
        return mul(*t.args[:k], *t.args[k + 1 :])
    return None


@change
def _double_term(hand: Hand, t: Term, shape: Shape) -> Term | None:
    return make("add", *t.args, t.args[hand.rng.randrange(len(t.args))]) if t.head == "add" else None


@change
def _exponent(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "pow" and is_num(t.args[1]):
        return make("pow", t.args[0], num(t.args[1].value + 1))
    return None


@change
def _other_index(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head not in ("entry", "delta"):
        return None
    first = 0 if t.head == "delta" else 1
    names = [*hand.bound, *(n for n, _ in hand.world.indices)]
    if not names:
        return None
    k = hand.rng.randrange(first, len(t.args))
    return t.with_args((*t.args[:k], sym(hand.rng.choice(names)), *t.args[k + 1 :]))


@change
def _swap_indices(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "entry" and len(t.args) == 3:
        return t.with_args((t.args[0], t.args[2], t.args[1]))
    return None


@change
def _transposed(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "transpose":
        return t.args[0]
    if t.head in ("sym", "mul", "inverse", "deriv"):
        found = hand.shape(t)
        if found is not None and found.rank == 2:
            return make("transpose", t)
    return None


@change
def _swapped(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "mul" and len(t.args) == 2 and all((s := hand.shape(a)) and s.rank == 2 for a in t.args):
        return t.with_args((t.args[1], t.args[0]))
    return None


@change
def _other_symbol(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head != "sym" or t.name in hand.bound:
        return None
    lists = [hand.world.scalars, hand.world.positive, *hand.world.vectors.values(), *hand.world.matrices.values()]
    for names in lists:
        if t.name in names and len(names) > 1:
            return sym(hand.rng.choice(names))
    return None


@change
def _range(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head not in ("sum", "prod"):
        return None
    i, low, high, body = t.args
    if hand.rng.randrange(2):
        return t.with_args((i, add(low, num(1)), high, body))
    return t.with_args((i, low, add(high, neg(num(1))), body))


@change
def _lost_function(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head in ("exp", "tanh", "sqrt", "inverse") or (t.head == "call" and t.value != "F"):
        return t.args[0]
    if t.head == "deriv" and t.args[1].head != "sym" and hand.shape(t.args[0]) == SCALAR:
        return t.args[0]
    return None


@change
def _sum_inside(hand: Hand, t: Term, shape: Shape) -> Term | None:
    """A function and a sum trade places."""
    if t.head in ("exp", "log", "call") and t.args[0].head == "sum" and t.value != "F":
        inner = t.args[0]
        return inner.with_args((*inner.args[:3], t.with_args((inner.args[3],))))
    if t.head == "pow" and t.args[0].head == "sum":
        inner = t.args[0]
        return inner.with_args((*inner.args[:3], t.with_args((inner.args[3], t.args[1]))))
    return None


@change
def _other_derivative(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "deriv":
        return make("deriv", t.args[0], hand.writer._variable(_scope(hand)))
    if t.head == "dcall":
        return t.with_args(t.args) if t.value[1] != (1,) else replace(t, value=(t.value[0], (2,)))
    return None


@change
def _expectation(hand: Hand, t: Term, shape: Shape) -> Term | None:
    if t.head == "expect" and t.args[0].head in ("mul", "pow"):
        body = t.args[0]
        if body.head == "pow":
            return make("pow", make("expect", body.args[0]), body.args[1])
        return mul(*(make("expect", a) for a in body.args))
    if t.head == "variance":
        return make("expect", power(t.args[0], 2))
    return None


def _scope(hand: Hand) -> Scope:
    """The declared indices; bound ones may run over a part of an axis only, and are left alone."""
    return tuple((sym(k), size) for k, size in hand.world.indices)
