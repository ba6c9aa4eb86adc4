"""Majorants: what is at least a scalar formula, by the inequalities of norms, sums, products and powers.

|x + y| ≤ |x| + |y| and the same for norms and for sums over an index, |u·v| ≤ ‖u‖ ‖v‖, ‖A B‖_F ≤ ‖A‖_F ‖B‖_F,
Σ f g ≤ √(Σ f²) √(Σ g²), Π f ≤ exp Σ (f − 1), and bounds in force such as ‖g_t‖ ≤ G for every t, are put in place of
parts of the formula in which it is increasing; minorants rest on Bernoulli's inequality and eˣ ≥ 1 + x. Whether one is
good enough is for the caller to judge; what it needs for its value, the formula needs too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, product

from derive.language.affine import affine_of
from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Domain, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, factors, free_names, fresh_name, make, num, substitute, sym
from derive.normal_form.assembly import assemble
from derive.normal_form.lowering import Lowering
from derive.normal_form.ring import OutOfReach
from derive.normal_form.sign import is_nonnegative

_MOST = 12
_MOST_FACTORS = 5
_INCREASING = frozenset(["norm", "abs", "sqrt", "pow"])


def majorants(term: Term, context: Context, budget: Budget) -> list[Term]:
    """Formulas that are at least a scalar formula wherever it has a value; without the formula itself.

    Definitions must have been opened.
    """
    return [m for m in _Majorants(budget).over(term, context) if m != term]


def minorants(term: Term, context: Context, budget: Budget) -> list[Term]:
    """Formulas that are at most a scalar formula wherever it has a value; without the formula itself."""
    return [m for m in _Majorants(budget).under(term, context) if m != term]


class _Majorants:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def over(self, term: Term, context: Context) -> list[Term]:
        """What is at least a scalar, the scalar itself first."""
        self.budget.spend()
        head, args = term.head, term.args
        found: Iterable[Term] = ()
        if head == "add":
            found = self._combined("add", [self.over(a, context) for a in args])
        elif head == "neg":
            found = [*self._products(args[0], context), *(make("neg", m) for m in self.under(args[0], context)[1:])]
        elif head == "mul":
            scalars, tensors = self._sorted(term, context)
            found = self._products(term, context) if tensors else self._product(scalars, context)
        elif head == "div" and self._nonnegative(args[1], context):
            found = [make("div", a, args[1]) for a in self.over(args[0], context)]
        elif head == "pow" and args[1].head == "num" and args[1].value > 0:
            if args[1].value.denominator == 1 and args[1].value % 2 == 0:
                found = [make("pow", a, args[1]) for a in self.size(args[0], context)]
            elif self._nonnegative(args[0], context):
                found = [make("pow", a, args[1]) for a in self.over(args[0], context)]
        elif head == "pow" and all(self._nonnegative(a, context) for a in args):
            found = [make("exp", make("mul", args[1], _less_one(args[0])))]
        elif head == "prod" and len(args) == 4 and args[2].head != "infinity":
            around, body, inner = _opened(term, context)
            if self._nonnegative(body, inner):
                found = [make("prod", *around, b) for b in self.over(body, inner)[1:]]
                found.append(make("exp", make("sum", *around, _less_one(body))))
        elif head == "sqrt":
            found = [make("sqrt", a) for a in self.over(args[0], context)]
        elif head == "sum" and len(args) == 4 and args[2].head != "infinity":
            around, body, inner = _opened(term, context)
            found = [make("sum", *around, b) for b in self.over(body, inner)] + self._cauchy(around, body, inner)
        elif head == "abs":
            found = self.size(args[0], context)
        elif head == "norm":
            found = self.norm(args[0], term.value, context)
        elif head == "inner":
            found = [make("mul", _norm(args[0]), _norm(args[1]))]
        return list(dict.fromkeys([term, *islice(found, _MOST)]))

    def under(self, term: Term, context: Context) -> list[Term]:
        """What is at most a scalar, the scalar itself first."""
        self.budget.spend()
        head, args = term.head, term.args
        found: Iterable[Term] = ()
        if head == "add":
            found = self._combined("add", [self.under(a, context) for a in args])
        elif head == "neg":
            found = [make("neg", m) for m in self.over(args[0], context)[1:]]
        elif head == "mul":
            scalars, tensors = self._sorted(term, context)
            rest = [f for f in scalars if f.head not in ("pow", "exp")]
            if not tensors and len(rest) == len(scalars) - 1 and all(self._nonnegative(f, context) for f in rest):
                rows = [self.under(f, context) if f.head in ("pow", "exp") else [f] for f in scalars]
                found = self._combined("mul", rows)
        elif head == "exp":
            found = [make("add", num(1), args[0])]
        elif head == "pow" and self._nonnegative(args[0], context) and self._nonnegative(_less_one(args[1]), context):
            found = [make("add", num(1), make("mul", args[1], _less_one(args[0])))]
        return list(dict.fromkeys([term, *islice(found, _MOST)]))

    def size(self, term: Term, context: Context) -> list[Term]:
        """What is at least the absolute value of a scalar."""
        self.budget.spend()
        head, args = term.head, term.args
        found: Iterable[Term]
        if head == "add":
            found = self._combined("add", [self.size(a, context) for a in args])
        elif head == "neg":
            found = self.size(args[0], context)
        elif head == "mul":
            scalars, tensors = self._sorted(term, context)
            rows = [self.size(a, context) for a in scalars]
            if tensors:
                rows.append(self._splits(tensors, context))
            found = self._combined("mul", rows)
        elif head == "div":
            bottom = args[1] if self._nonnegative(args[1], context) else make("abs", args[1])
            found = [make("div", a, bottom) for a in self.size(args[0], context)]
        elif head == "inner":
            found = [make("mul", _norm(args[0]), _norm(args[1]))]
        elif head == "sum" and len(args) == 4 and args[2].head != "infinity":
            around, body, inner = _opened(term, context)
            found = [make("sum", *around, b) for b in self.size(body, inner)] + self._cauchy(around, body, inner)
        elif self._nonnegative(term, context):
            return self.over(term, context) if head in _INCREASING else [term]
        else:
            found = self._known(make("abs", term), context)
        return list(dict.fromkeys([make("abs", term), *islice(found, _MOST)]))

    def norm(self, term: Term, kind: object, context: Context) -> list[Term]:
        """What is at least the norm of a vector or matrix."""
        self.budget.spend()
        head, args = term.head, term.args
        found: Iterable[Term] = ()
        if head == "add":
            found = self._combined("add", [self.norm(a, kind, context) for a in args])
        elif head == "neg":
            found = self.norm(args[0], kind, context)
        elif head == "div":
            bottom = args[1] if self._nonnegative(args[1], context) else make("abs", args[1])
            found = [make("div", a, bottom) for a in self.norm(args[0], kind, context)]
        elif head == "sum" and len(args) == 4 and args[2].head != "infinity":
            around, body, inner = _opened(term, context)
            found = [make("sum", *around, b) for b in self.norm(body, kind, inner)]
        elif head == "mul":
            scalars, tensors = self._sorted(term, context)
            if scalars and tensors:
                sizes = [self.size(s, context) for s in scalars]
                found = self._combined("mul", [*sizes, self.norm(_product_of(tensors), kind, context)])
            elif len(tensors) > 1 and kind in ("2", "F"):
                found = self._of_product(tensors, term, context)
        else:
            found = self._known(make("norm", term, value=kind), context)
        return list(dict.fromkeys([make("norm", term, value=kind), *islice(found, _MOST)]))

    def _of_product(self, factors: Sequence[Term], whole: Term, context: Context) -> list[Term]:
        """‖A B‖ ≤ ‖A‖_F ‖B‖ for a matrix A and a matrix or vector B."""
        axes = self._axes(whole, context)
        found = []
        for k in range(1, len(factors)):
            left, right = _product_of(factors[:k]), _product_of(factors[k:])
            if self._axes(left, context) == 2 and self._axes(right, context) == axes:
                last = make("norm", right, value="2" if axes == 1 else "F")
                found.append(make("mul", make("norm", left, value="F"), last))
        return found

    def _product(self, factors: Sequence[Term], context: Context) -> Iterable[Term]:
        """A product that is increasing in its factors: all are ≥ 0, or all but the one that is replaced."""
        unsigned = [f for f in factors if not self._nonnegative(f, context)]
        if len(unsigned) > 1:
            return ()
        rows = [self.over(f, context) if f in unsigned or not unsigned else [f] for f in factors]
        return self._combined("mul", rows)

    def _products(self, term: Term, context: Context) -> list[Term]:
        """What is at least −x for an x that holds a product of vectors."""
        return [m for m in self.size(term, context) if m.head != "abs"]

    def _cauchy(self, around: tuple[Term, ...], body: Term, inner: Context) -> list[Term]:
        """Σ f g ≤ √(Σ f²) √(Σ g²), for g = 1 and for two factors."""
        factors, tensors = self._sorted(body, inner)
        if tensors:
            return []

        def root(f: Term) -> Term:
            return make("sqrt", make("sum", *around, make("pow", f, num(2))))

        found = [make("mul", root(num(1)), root(body))]
        if len(factors) == 2:
            found.append(make("mul", root(factors[0]), root(factors[1])))
        return found

    def _sorted(self, term: Term, context: Context) -> tuple[list[Term], list[Term]]:
        """The factors of a product: scalars, and vectors and matrices in their order."""
        parts = factors(term)
        scalars = [self._axes(p, context) == 0 for p in parts]
        return (
            [p for p, scalar in zip(parts, scalars, strict=True) if scalar],
            [p for p, scalar in zip(parts, scalars, strict=True) if not scalar],
        )

    def _splits(self, chain: Sequence[Term], context: Context) -> list[Term]:
        """|a·b| ≤ ‖a‖ ‖b‖ at every place of a chain of vectors and matrices that is a scalar."""
        if not 2 <= len(chain) <= _MOST_FACTORS or self._axes(_product_of(chain), context) != 0:
            return []
        found = []
        for k in range(1, len(chain)):
            left, right = _turned(chain[:k]), _product_of(chain[k:])
            if self._axes(left, context) == self._axes(right, context) == 1:
                found.append(make("mul", _norm(left), _norm(right)))
        return found

    def _known(self, part: Term, context: Context) -> list[Term]:
        """Bounds in force for a norm or absolute value."""
        found = []
        for fact in context.facts:
            body, ends = fact, None
            if fact.head == "forall" and len(fact.args) == 4:
                var, low, high, body = fact.args
                ends = var.name, low, high
            if body.head in ("ge", "gt"):
                body = make("le", body.args[1], body.args[0])
            if body.head not in ("le", "lt") or body.args[0].head != part.head:
                continue
            if ends is None:
                if body.args[0] == part:
                    found.append(body.args[1])
                continue
            place = _place(body.args[0], part, ends[0])
            if place is not None and self._in_range(place, ends[1], ends[2], context):
                found.append(substitute(body.args[1], {ends[0]: place}))
        return found

    def _in_range(self, place: Term, low: Term, high: Term, context: Context) -> bool:
        affine = [affine_of(t) for t in (place, low, high)]
        if any(a is None for a in affine):
            return False
        at, first, last = (a for a in affine if a is not None)
        return assemble(context, self.budget).ranges.in_range(at, first, last)

    def _combined(self, head: str, rows: Sequence[Sequence[Term]]) -> Iterable[Term]:
        """One of each row, the last of every row first: they are the furthest opened."""
        return (make(head, *parts) if len(parts) > 1 else parts[0] for parts in product(*(r[::-1] for r in rows)))

    def _nonnegative(self, term: Term, context: Context) -> bool:
        if term.head in ("norm", "abs", "sqrt", "exp"):
            return True
        checked = elaborate(term, context)
        if not isinstance(checked, Checked) or checked.shape != SCALAR:
            return False
        try:
            ring = assemble(context, self.budget)
            return is_nonnegative(ring, Lowering(ring).lower(checked.term, ()))
        except OutOfReach:
            return False

    def _axes(self, term: Term, context: Context) -> int | None:
        checked = elaborate(term, context)
        return len(checked.shape.axes) if isinstance(checked, Checked) else None


def _opened(term: Term, context: Context) -> tuple[tuple[Term, ...], Term, Context]:
    """A sum's index and range, its summand, and what is in force there; the index gets a name of its own."""
    var, low, high, body = term.args
    index = sym(fresh_name(var.name, set(context.symbols) | free_names(body)))
    inner = context.declare(Symbol(index.name, role="index", domain=Domain("integer", low, high)))
    return (index, low, high), substitute(body, {var.name: index}), inner


def _less_one(term: Term) -> Term:
    return make("add", term, num(-1))


def _product_of(factors: Sequence[Term]) -> Term:
    return factors[0] if len(factors) == 1 else make("mul", *factors)


def _turned(factors: Sequence[Term]) -> Term:
    """A row as a column."""
    if len(factors) == 1 and factors[0].head == "transpose":
        return factors[0].args[0]
    return make("transpose", _product_of(factors))


def _norm(vector: Term) -> Term:
    return make("norm", vector, value="2")


def _place(pattern: Term, part: Term, var: str) -> Term | None:
    """The value of the index at which a pattern is the part."""
    if var not in free_names(pattern):
        return None
    found: list[Term] = []

    def match(one: Term, other: Term) -> bool:
        if one == sym(var):
            found.append(other)
            return True
        if one.head != other.head or one.value != other.value or len(one.args) != len(other.args):
            return False
        return all(match(a, b) for a, b in zip(one.args, other.args, strict=True))

    if not match(pattern, part) or any(f != found[0] for f in found):
        return None
    return found[0] if substitute(pattern, {var: found[0]}) == part else None
