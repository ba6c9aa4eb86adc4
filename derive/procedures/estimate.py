"""Inequalities of sums of symbolic length, norms, quadratic forms and expectations.

The difference of the sides is brought to index normal form. It is not negative where every term is, where sums over
one range merge into a sum whose summand is not negative for every index (facts such as Σ p = Σ q may be added), or
where it is not negative as a formula in its closed sums and moments, of which Cauchy's inequality and the minors of
the moment matrix are known. Expectations are also compared under the expectation: E[h] ≥ 0 where h ≥ 0 everywhere,
after a multiple of X − E[X] is added (Markov, Chebyshev, Jensen). Moments are taken to
exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from flint import fmpq

from derive.language.affine import Affine, affine_of, variable
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, free_names, fresh_name, make, num, substitute, sym, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import ONE, ZERO, Atom, Monomial, Poly, monomial_key
from derive.normal_form.definite import form_sign
from derive.normal_form.events import is_bit
from derive.normal_form.expectation import expectation
from derive.normal_form.functions import exponential
from derive.normal_form.lowering import Lowering
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach as NoForm
from derive.normal_form.ring import Ring
from derive.normal_form.sign import interval, is_nonnegative, is_positive
from derive.normal_form.summation import group_sums, open_block, sum_over
from derive.normal_form.zero import Equal, side_conditions, vanishes
from derive.normal_form.zero import decide as equal
from derive.procedures.expand import OutOfReach, differentiate, expand
from derive.procedures.lipschitz import by_slope
from derive.procedures.majorant import majorants, minorants
from derive.procedures.members import member_bounds, with_members
from derive.procedures.real import Shown, prove
from derive.procedures.region import hypotheses, needs
from derive.procedures.shift import by_shift
from derive.procedures.tangent import lower_bounds

_DEPTH = 3
_MOST_MAJORANTS = 3
_SHARE = 0.15
_NORMS = frozenset(["norm", "abs", "inner", "transpose", "prod", "pow"])

Groups = dict[tuple[Monomial, Affine, Affine], list[tuple[str, Poly]]]
"""Sums over one index by what stands outside and their range: the index and the summand of each."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An inequality that holds, how it was shown, and what only the right side needs."""

    shown: Shown
    conditions: tuple[Term, ...] = ()


def by_signs(statement: Term, context: Context, budget: Budget) -> Estimate | None:
    """Show an order relation between scalars by the signs of the terms of the normal form alone."""
    return _by_form(statement, context, budget, 0)


def estimate(statement: Term, context: Context, budget: Budget) -> Estimate | None:
    """Show an order relation between scalars by its normal form, or under the expectation; None where neither works."""
    left, right = statement.args
    strict = statement.head in ("lt", "gt")
    small, large = (left, right) if statement.head in ("lt", "le") else (right, left)
    if not strict and any(n.head in ("expect", "prob", "variance") for n in walk(statement)):
        shown = _under_expectation(small, large, large is left, context, budget)
        if shown is not None:
            return shown
    if not strict and _triangle(small, large, context, budget):
        return Estimate(Shown(("the triangle inequality",)))
    found = _by_form(statement, context, budget, 0, squared=True)
    if found is None and not strict:
        found = _by_majorants(statement, small, large, context, budget, 0)
        slope = by_slope(small, large, context, budget) if found is None else None
        if slope is not None:
            return Estimate(slope, _conditions(assemble(context, budget), *statement.args)[0])
    if found is None:
        found = _by_form(statement, context, budget, _DEPTH)
    if found is None:
        found = _at_members(statement, context, budget)
    if found is None and not strict:
        found = _by_majorants(statement, small, large, context, budget, 1)
    return found


def _by_majorants(
    statement: Term, small: Term, large: Term, context: Context, budget: Budget, depth: int
) -> Estimate | None:
    """small ≤ M ≤ m ≤ large for a majorant M and a minorant m by the inequalities of norms, products and powers.

    They are many: at depth 0 they may take a small part of the time only.
    """
    budget = budget.part(_SHARE if depth == 0 else 1)
    try:
        if not any(n.head in _NORMS for n in walk(expand(statement, context))):
            return None
        first, last = expand(small, context), expand(large, context)
        above = [(m, last) for m in majorants(first, context, budget)]
        below = [(first, m) for m in minorants(last, context, budget)]
        for sides in above + below if depth == 0 else above[:_MOST_MAJORANTS] + below[:1]:
            claim = elaborate(make("le", *sides), context)
            if not isinstance(claim, Checked):
                continue
            found = _by_form(claim.term, context, budget, depth)
            if found is None or found.conditions:
                continue
            conditions = _conditions(assemble(context, budget), *statement.args)[0]
            return Estimate(Shown(("majorants of norms, sums, products or powers",)).join(found.shown), conditions)
    except (NoForm, OutOfReach, RecursionError):
        return None
    except BudgetSpent:
        if depth:
            raise
    return None


def _conditions(ring: Ring, left: Term, right: Term) -> tuple[tuple[Term, ...], Poly]:
    """What the right side needs for its value that the left does not, and the left side minus the right."""
    lowering = Lowering(ring)
    first = lowering.lower(left, ())
    needs_left = list(ring.needs)
    ring.needs.clear()
    second = lowering.lower(right, ())
    needs_right = list(ring.needs)
    ring.needs.clear()
    return side_conditions(ring, needs_left, needs_right, (left, right)), first - second


def _at_members(statement: Term, context: Context, budget: Budget) -> Estimate | None:
    """A claim about a largest or smallest member, for every member in its place."""
    try:
        moved = with_members(statement, context)
    except OutOfReach:
        return None
    found = None if moved is None else _by_form(*moved, budget, _DEPTH)
    if found is None or found.conditions:
        return None
    return Estimate(Shown(("an extreme is one of the members",)).join(found.shown))


def _by_form(statement: Term, context: Context, budget: Budget, depth: int, squared: bool = False) -> Estimate | None:
    """By the signs of the terms; with `squared` also after a shift of a vector; with a depth also after bounds."""
    left, right = statement.args
    strict = statement.head in ("lt", "gt")
    small, large = (left, right) if statement.head in ("lt", "le") else (right, left)
    try:
        ring = assemble(context, budget)
        form = Form(ring, context, budget)
        conditions, residual = _conditions(ring, left, right)
        form.vectors = list(dict.fromkeys(n.args[0] for n in walk(statement) if n.head == "norm" and n.value == "2"))
        residual = -residual if statement.head in ("lt", "le") else residual
        if strict and ring.generic:
            return None
        shown_form = form.show(residual, strict, 0)
        if shown_form is None and not strict and not conditions and squared:
            shown_form = by_shift(small, large, context, budget.part(0.5), _by_signs)
        if shown_form is None:
            shown_form = form.show(residual, strict, depth)
        if shown_form is None and depth:
            form.search = True
            shown_form = form.show(residual, strict, 1)
    except (NoForm, OutOfReach, RecursionError):
        return None
    return None if shown_form is None else Estimate(shown_form, conditions)


def _by_signs(ring: Ring, residual: Poly, context: Context, budget: Budget) -> Shown | None:
    """Whether a normal form is ≥ 0 by the signs of its terms."""
    return Form(ring, context, budget).show(residual, False, 0)


def _triangle(small: Term, large: Term, context: Context, budget: Budget) -> bool:
    """Whether the sides are ‖x‖ and ‖y₁‖ + ‖y₂‖ + … with x = ±y₁ ± y₂ ± …."""
    parts = large.args if large.head == "add" else (large,)
    if small.head != "norm" or any(p.head != "norm" or p.value != small.value for p in parts) or len(parts) > 4:
        return False
    checked = elaborate(small.args[0], context)
    if not isinstance(checked, Checked):
        return False
    for signs in product((1, -1), repeat=len(parts)):
        terms = [p.args[0] if s > 0 else make("neg", p.args[0]) for p, s in zip(parts, signs, strict=True)]
        whole = terms[0] if len(terms) == 1 else make("add", *terms)
        found = equal(small.args[0], whole, checked.shape, context, budget)
        if isinstance(found, Equal) and not found.conditions:
            return True
    return False


class Form:
    """Signs of normal forms over one ring; atoms that algebra cannot open become real variables."""

    def __init__(self, ring: Ring, context: Context, budget: Budget) -> None:
        self.ring = ring
        self.context = context
        self.budget = budget
        self.names: dict[str, tuple[Term, Atom]] = {}
        self.search = False
        self.vectors: list[Term] = []

    # formulas of atoms

    def formula(self, poly: Poly) -> Term:
        """The polynomial as a formula in symbols, with a fresh symbol for each atom that is not elementary."""
        parts: list[Term] = []
        for mono, c in poly.sorted_terms():
            value = num(Fraction(int(c.p), int(c.q)))
            factors = [self._power(a, e) for a, e in mono]
            parts.append(make("mul", value, *factors) if factors else value)
        return num(0) if not parts else parts[0] if len(parts) == 1 else make("add", *parts)

    def _power(self, atom: Atom, exponent: int | Fraction) -> Term:
        base = self._atom(atom)
        return base if exponent == 1 else make("pow", base, num(exponent))

    def _atom(self, atom: Atom) -> Term:
        kind, data = atom.kind, atom.data
        if kind == "number":
            return num(data[0])
        if kind == "constant":
            return make(data[0])
        if kind == "exp":
            return make("exp", self.formula(monomial_poly(self.ring, data[0])))
        if kind in ("log", "abs", "sign"):
            return make(kind, self.formula(data[0]))
        if kind == "kernel":
            return self.formula(data[0])
        known = self.names.get(atom.key)
        if known is None:
            known = self.names[atom.key] = (sym(f"?a{len(self.names)}"), atom)
        return known[0]

    # signs

    def show(self, poly: Poly, strict: bool, depth: int) -> Shown | None:
        """Whether a scalar normal form is shown to be ≥ 0 (> 0)."""
        self.budget.spend()
        ring = self.ring
        if not poly:
            return None if strict else Shown(("both sides have the same index normal form",))
        if is_positive(ring, poly) if strict else is_nonnegative(ring, poly):
            return Shown(("signs of the terms of the normal form",))
        if not strict and all(c > 0 and self._positive_form(m) for m, c in poly.terms.items()):
            return Shown(("a sum of squares with nonnegative weights",))
        if depth == 0:
            return None
        shown = None if strict else self._by_tangents(poly, depth)
        if shown is not None:
            return shown
        split = self._without_modulus(poly)
        if split is not None:
            one, two = (self.show(p, strict, depth) for p in split)
            if one is not None and two is not None:
                return one.join(two)
        for candidate in self._with_facts(poly) if depth == _DEPTH else (poly,):
            shown = self._merged(candidate, strict, depth)
            if shown is not None:
                return shown
        shown = self.as_formula(poly, strict)
        return shown if shown is not None else self._without_logarithm(poly, strict, depth)

    def _by_tangents(self, poly: Poly, depth: int) -> Shown | None:
        """Whether a lower bound by tangents (Gibbs, Jensen) is ≥ 0."""
        for bound in lower_bounds(self.ring, poly):
            shown = Shown(()) if vanishes(self.ring, bound) else self.show(bound, False, depth - 1)
            if shown is not None:
                return Shown(("tangents under a sum or expectation",)).join(shown)
        for bound in member_bounds(self.ring, poly):
            shown = Shown(()) if vanishes(self.ring, bound) else self.show(bound, False, depth - 1)
            if shown is not None:
                return Shown(("one term of a sum, or the mean of logarithms",)).join(shown)
        return None

    def _without_modulus(self, poly: Poly) -> tuple[Poly, Poly] | None:
        """r − c·|Σ…| ≥ 0 as r − c·Σ… ≥ 0 and r + c·Σ… ≥ 0, for c ≥ 0."""
        for mono, c in poly.sorted_terms():
            for atom, e in mono:
                if atom.kind != "abs" or e != 1 or not any(a.kind == "sum" for m in atom.data[0].terms for a, _ in m):
                    continue
                outside = monomial_poly(self.ring, [f for f in mono if f[0] is not atom], -c)
                rest = poly - Poly({mono: c})
                if is_nonnegative(self.ring, outside) and not any(a is atom for m in rest.terms for a, _ in m):
                    part = multiply(self.ring, outside, atom.data[0])
                    return rest - part, rest + part
        return None

    def _without_logarithm(self, poly: Poly, strict: bool, depth: int) -> Shown | None:
        """r − c log P ≥ 0 as e^(r/c) − P ≥ 0, for c > 0."""
        for mono, c in poly.sorted_terms():
            logs = [a for a, e in mono if a.kind == "log" and e == 1]
            if len(logs) != 1 or c >= 0:
                continue
            inner: Poly = logs[0].data[0]
            outside = monomial_poly(self.ring, [f for f in mono if f[0] is not logs[0]], -c)
            if not any(a.kind == "sum" for m in inner.terms for a, _ in m) or not is_positive(self.ring, outside):
                continue
            rest = multiply(self.ring, poly - Poly({mono: c}), power(self.ring, outside, -1))
            return self.show(exponential(self.ring, rest) - inner, strict, depth - 1)
        return None

    def _positive_form(self, mono: Monomial) -> bool:
        """Whether a term is a product of what is not negative: signs, even powers, sums of squares, definite forms."""
        for atom, e in mono:
            if (isinstance(e, int) and e % 2 == 0) or is_nonnegative(self.ring, self.ring.value(atom)):
                continue
            marks = sorted(n[1:-1] for n in atom.free if n.startswith("["))
            if (
                e != 1
                or atom.kind != "sum"
                or not any(form_sign(self.ring, ((atom, 1),), v) is not None for v in marks)
            ):
                return False
        return True

    def as_formula(self, poly: Poly, strict: bool, given: Sequence[tuple[Poly, str]] = ()) -> Shown | None:
        """Whether a normal form is ≥ 0 (> 0) as a formula in its atoms; `given`: normal forms with known signs."""
        self.names = {}
        claim = make("gt" if strict else "ge", self.formula(poly), num(0))
        premises: list[Term] = [make(relation, self.formula(p), num(0)) for p, relation in given]
        if any(a.kind in ("sum", "moment") for _, a in self.names.values()):
            premises += self._cauchy() + self._moment_minors() + self._parts_of_moments()
        premises += self._bounds() + self._members() + self._extremes() + self._terms() + self._norms()
        premises += hypotheses([claim], self.context)
        return prove(claim, premises, self.context, self.budget.part(0.5), self.search)

    def _bounds(self) -> list[Term]:
        """What the ring knows of the range of each atom that stands for itself."""
        found: list[Term] = []
        for name, atom in self.names.values():
            value = self.ring.value(atom)
            known = interval(self.ring, value)
            if known.low is not None:
                found.append(make("gt" if known.low_open else "ge", name, num(_fraction(known.low))))
            if known.high is not None:
                found.append(make("lt" if known.high_open else "le", name, num(_fraction(known.high))))
            if known.low is None and atom.kind == "sum" and self._positive_form(((atom, 1),)):
                found.append(make("ge", name, num(0)))
        return list(dict.fromkeys(found))

    def _members(self) -> list[Term]:
        """Σ t_i = c with t ≥ 0: no member, and no sum of different members, exceeds c."""
        found: list[Term] = []
        for fact in self.context.facts:
            if fact.head != "eq" or fact.args[0].head != "sum" or fact.args[1].head != "num":
                continue
            var, low, high, body = fact.args[0].args[:4]
            ends = affine_of(low), affine_of(high)
            if len(fact.args[0].args) != 4 or body.head != "entry" or body.args[1:] != (var,) or None in ends:
                continue
            first, last = ends
            assert first is not None and last is not None
            family = body.args[0].name
            index = self.ring.fresh(first, last)
            if not is_nonnegative(self.ring, self.ring.value(self.ring.entry(family, (variable(index),)))):
                continue
            mine = [
                (name, atom.data[1][0])
                for name, atom in self.names.values()
                if atom.kind == "entry"
                and atom.data[0] == family
                and len(atom.data[1]) == 1
                and self.ring.ranges.in_range(atom.data[1][0], first, last)
            ]
            found += [make("le", name, fact.args[1]) for name, _ in mine]
            apart = all(self.ring.ranges.never_zero(a - b) for (_, a), (_, b) in combinations(mine, 2))
            if len(mine) > 1 and apart:
                found.append(make("le", make("add", *(name for name, _ in mine)), fact.args[1]))
        return found

    def _norms(self) -> list[Term]:
        """(u·v)² ≤ ‖u‖² ‖v‖² for the vectors whose norms are written."""
        found: list[Term] = []
        lowering = Lowering(self.ring)
        for u, v in combinations(self.vectors[:4], 2):
            mixed, first, second = (
                self.formula(lowering.lower(make("inner", a, b), ())) for a, b in ((u, v), (u, u), (v, v))
            )
            found.append(make("le", make("pow", mixed, num(2)), make("mul", first, second)))
        self.ring.needs.clear()
        return found

    def _terms(self) -> list[Term]:
        """A sum of what is not negative is at least each of its terms."""
        found: list[Term] = []
        places = {a.data[1][0] for _, a in self.names.values() if a.kind == "entry" and len(a.data[1]) == 1}
        for name, atom in list(self.names.values()):
            if atom.kind != "sum" or len(atom.data[0]) != 1:
                continue
            low, high = atom.data[0][0][1:]
            (index,), body = open_block(self.ring, atom)
            if not is_nonnegative(self.ring, body):
                continue
            for place in sorted(places, key=str):
                if self.ring.ranges.in_range(place, low, high):
                    before = dict(self.names)
                    term = self.formula(rename(self.ring, body, {index: place}))
                    if self.names.keys() == before.keys():
                        found.append(make("ge", name, term))
                    self.names = before
        return found

    def _cauchy(self) -> list[Term]:
        """(Σ w f g)² ≤ Σ w f² Σ w g² for the sums that occur, g = 1 included."""
        ring = self.ring
        split: list[tuple[Atom, tuple[tuple[Affine, Affine], ...]]] = []
        for _, atom in list(self.names.values()):
            if atom.kind == "sum":
                split.append((atom, tuple((low, high) for _, low, high in atom.data[0])))
        found: list[Term] = []
        for i, (atom, ranges) in enumerate(split):
            names, body = open_block(ring, atom)
            one = self._square(body)
            if one is None:
                continue
            weight, f = one
            found += self._pair(names, weight, f, ONE)
            for other, other_ranges in split[i + 1 :]:
                if other_ranges != ranges:
                    continue
                other_names, other_body = open_block(ring, other)
                moved = rename(ring, other_body, {o: variable(n) for o, n in zip(other_names, names, strict=True)})
                two = self._square(moved)
                if two is not None and two[0] == weight:
                    found += self._pair(names, weight, f, two[1])
        return found

    def _pair(self, names: list[str], weight: Poly, f: Poly, g: Poly) -> list[Term]:
        ring = self.ring
        before = len(self.names)
        parts = [
            sum_over(ring, multiply(ring, weight, multiply(ring, a, b)), names) for a, b in ((f, g), (f, f), (g, g))
        ]
        mixed, first, second = (self.formula(p) for p in parts)
        found = [make("le", make("pow", mixed, num(2)), make("mul", first, second))]
        found += [make("ge", first, num(0)), make("ge", second, num(0))]
        if len(self.names) > before + 1:
            return []
        return found

    def _square(self, body: Poly) -> tuple[Poly, Poly] | None:
        """A summand as weight·f² with a weight that is not negative."""
        single = body.single()
        if single is None or single[1] <= 0:
            return None
        weight: list[tuple[Atom, int | Fraction]] = []
        root: list[tuple[Atom, int | Fraction]] = []
        for atom, e in single[0]:
            if not isinstance(e, int):
                return None
            half, odd = divmod(e, 2)
            if half:
                root.append((atom, half))
            if odd:
                if not is_nonnegative(self.ring, self.ring.value(atom)):
                    return None
                weight.append((atom, 1))
        return monomial_poly(self.ring, weight), monomial_poly(self.ring, root)

    def _moment_minors(self) -> list[Term]:
        """E[fg]² ≤ E[f²] E[g²], and the minors of three, for 1 and the monomials that occur."""
        ring = self.ring
        factors: dict[str, Poly] = {"": ONE}
        for _, atom in list(self.names.values()):
            if atom.kind != "moment":
                continue
            mono: Monomial = atom.data[0]
            if all(isinstance(e, int) and e % 2 == 0 for _, e in mono):
                half = tuple((a, e // 2) for a, e in mono if isinstance(e, int))
                factors[monomial_key(half)] = Poly({half: fmpq(1)})
            for a, _ in mono:
                factors[monomial_key(((a, 1),))] = Poly({((a, 1),): fmpq(1)})
        found: list[Term] = []
        polys = list(factors.values())[:6]
        before = set(self.names)

        def moment(f: Poly, g: Poly) -> Term:
            return self.formula(expectation(ring, multiply(ring, f, g)))

        for f, g in combinations(polys, 2):
            entries = moment(f, f), moment(g, g), moment(f, g)
            if set(self.names) - before:
                self.names = {k: v for k, v in self.names.items() if k in before}
                continue
            found.append(make("le", make("pow", entries[2], num(2)), make("mul", entries[0], entries[1])))
            found += [make("ge", entries[0], num(0)), make("ge", entries[1], num(0))]
        for f, g in combinations(polys[1:], 2):
            rows = [[moment(a, b) for b in (ONE, f, g)] for a in (ONE, f, g)]
            if set(self.names) - before:
                self.names = {k: v for k, v in self.names.items() if k in before}
                continue
            found.append(make("ge", _determinant(rows), num(0)))
        return found

    def _parts_of_moments(self) -> list[Term]:
        """E[m 1_A] ≤ E[m] for m ≥ 0, and E[m] − E[m 1_A] − E[m 1_B] + E[m 1_A 1_B] ≥ 0, for the moments that occur."""
        found: list[Term] = []
        known = {frozenset(a.data[0]): name for name, a in self.names.values() if a.kind == "moment"}
        base: dict[frozenset[tuple[Atom, int | Fraction]], Term] = {**known, frozenset(): num(1)}
        for whole, total in base.items():
            if not all(is_bit(a) or is_nonnegative(self.ring, self.ring.value(a)) for a, _ in whole):
                continue
            parts = [(p - whole, t) for p, t in known.items() if whole < p and all(is_bit(a) for a, _ in p - whole)]
            found += [make("le", term, total) for _, term in parts]
            for (one, first), (other, second) in combinations(parts, 2):
                both = known.get(whole | one | other)
                if both is not None and not one & other:
                    found.append(make("le", make("add", first, second), make("add", total, both)))
        return found[:40]

    # sums

    def _with_facts(self, poly: Poly) -> Iterator[Poly]:
        """The polynomial, and it plus differences of sums that the facts equate."""
        yield poly
        ring = self.ring
        pieces: list[tuple[Poly, Fraction]] = []
        for fact in self.context.facts:
            if fact.head != "eq" or fact.args[0].head != "sum" or fact.args[1].head != "num":
                continue
            if len(fact.args[0].args) != 4:
                continue
            low, high, body = fact.args[0].args[1:4]
            try:
                piece = _unruled_sum(ring, fact.args[0].args[0], low, high, body)
            except NoForm:
                continue
            if piece is not None:
                pieces.append((piece, Fraction(fact.args[1].value)))
        for signs in product((0, 1, -1), repeat=min(len(pieces), 3)):
            if not any(signs):
                continue
            total = poly
            for sign, (piece, value) in zip(signs, pieces, strict=False):
                total = total + piece.scale(sign) - _constant(Fraction(value * sign))
            yield total

    def _shared(self, rest: Poly, keys: Iterable[tuple[Monomial, Affine, Affine]]) -> tuple[Poly, Poly]:
        """Terms n·t as Σ_i t, where there is one plain sum over n terms: what stays, and what joins the summand."""
        ranges = list(keys)
        if len(ranges) != 1 or ranges[0][0]:
            return rest, ZERO
        count = _count_atom(self.ring, *ranges[0][1:])
        outside, shares = ZERO, ZERO
        for mono, c in rest.terms.items():
            if count is not None and (count, 1) in mono:
                shares = shares + Poly({tuple(f for f in mono if f[0] is not count): c})
            else:
                outside = outside + Poly({mono: c})
        return outside, shares

    def _extremes(self) -> list[Term]:
        """No member of a family exceeds its maximum over the whole range."""
        found: list[Term] = []
        for top, atom in list(self.names.values()):
            if atom.kind != "extreme":
                continue
            which, mark, low, high, body = atom.data
            for name, other in list(self.names.values()):
                if other.kind != "entry" or len(other.data[1]) != 1:
                    continue
                place = other.data[1][0]
                if self.ring.ranges.in_range(place, low, high) and rename(
                    self.ring, body, {mark: place}
                ) == self.ring.value(other):
                    found.append(make("ge" if which == "max" else "le", top, name))
        return found

    def _merged(self, poly: Poly, strict: bool, depth: int) -> Shown | None:
        """Sums over one range and under one outside factor as one sum, whose summand must be ≥ 0 for every index."""
        for groups, rest in self._groupings(poly):
            shown = self._summands(groups, rest, strict, depth)
            if shown is not None:
                return shown
        return None

    def _groupings(self, poly: Poly) -> Iterator[tuple[Groups, Poly]]:
        """The sums over one index; then, for each range, all sums with an index of that range held, the others inside:
        Σ_ijk s_i X_ij X_ik v_j v_k as Σ_i s_i (Σ_j X_ij v_j)²."""
        plain, rest = group_sums(poly)
        groups: Groups = {}
        for key, members in plain.items():
            groups[key] = [(atom.data[0][0][0], Poly({atom.data[1]: c})) for atom, c in members]
        if groups:
            yield groups, rest
            spread = self._spread(groups, rest)
            if spread is not None:
                yield spread, ZERO
            if any(outside for outside, _, _ in groups):
                inward = self._inward(groups)
                yield inward, rest
                spread = self._spread(inward, rest)
                if spread is not None:
                    yield spread, ZERO
        wide = [a for m in rest.terms for a, e in m if a.kind == "sum" and e == 1 and len(a.data[0]) > 1]
        for low, high in dict.fromkeys((low, high) for a in wide for _, low, high in a.data[0]):
            held, left = self._held(poly, low, high)
            if held:
                yield held, left

    def _inward(self, groups: Groups) -> Groups:
        """The sums over one range as one, with what stood outside inside."""
        found: Groups = {}
        for (outside, low, high), inside in groups.items():
            factor = monomial_poly(self.ring, outside)
            moved = [(name, multiply(self.ring, factor, summand)) for name, summand in inside]
            found.setdefault(((), low, high), []).extend(moved)
        return found

    def _spread(self, groups: Groups, rest: Poly) -> Groups | None:
        """Every other term t as Σ_i t/n, where there is one plain sum over n terms."""
        if len(groups) != 1 or not rest:
            return None
        ((outside, low, high), members), *_ = groups.items()
        count = _count_atom(self.ring, low, high)
        if outside or count is None or not self.ring.ranges.at_least_zero(high - low):
            return None
        share = multiply(self.ring, rest, monomial_poly(self.ring, ((count, -1),)))
        return {(outside, low, high): [*members, (members[0][0], share)]}

    def _held(self, poly: Poly, low: Affine, high: Affine) -> tuple[Groups, Poly]:
        """Every sum that has an index of a range as a sum over that index alone; and the rest."""
        groups: Groups = {}
        rest = ZERO
        for mono, c in poly.terms.items():
            sums = [a for a, e in mono if a.kind == "sum" and e == 1]
            view = self._held_index(sums[0], low, high) if len(sums) == 1 else None
            if view is None:
                rest = rest + Poly({mono: c})
                continue
            outside = tuple(f for f in mono if f[0] is not sums[0])
            groups.setdefault((outside, low, high), []).append((view[0], view[1].scale(c)))
        return groups, rest

    def _held_index(self, atom: Atom, low: Affine, high: Affine) -> tuple[str, Poly] | None:
        """An index of a range, and the summand under it; the one that leaves the fewest factors without a sign."""
        ring = self.ring
        names, body = open_block(ring, atom)
        best: tuple[int, str, Poly] | None = None
        for name in names:
            others = [n for n in names if n != name]
            if ring.ranges.ends[name] != (low, high) or any(name in _ends_of(ring, n) for n in others):
                continue
            summand = sum_over(ring, body, others)
            odd = sum(1 for m in summand.terms for a, e in m if a.kind == "sum" and e % 2)
            if best is None or odd < best[0]:
                best = (odd, name, summand)
        return None if best is None else best[1:]

    def _summands(self, groups: Groups, rest: Poly, strict: bool, depth: int) -> Shown | None:
        ring = self.ring
        rest, shares = self._shared(rest, groups.keys())
        total = Shown(("sums merged, the summand not negative for any index",))
        certain = not strict
        if rest:
            shown = self.show(rest, False, depth - 1)
            if shown is None:
                return None
            total = total.join(shown)
        for (outside, low, high), members in groups.items():
            if not is_nonnegative(ring, monomial_poly(ring, outside)):
                return None
            index = ring.fresh(low, high)
            body = ZERO
            for name, summand in members:
                body = body + rename(ring, summand, {name: variable(index)})
            body = body + shares
            if (
                not certain
                and is_positive(ring, monomial_poly(ring, outside))
                and ring.ranges.at_least_zero(high - low)
            ):
                shown = self.show(body, True, depth - 1)
                if shown is not None:
                    certain = True
                    total = total.join(shown)
                    continue
            shown = self.show(body, False, depth - 1)
            if shown is None:
                return None
            total = total.join(shown)
        return total if certain else None


def _ends_of(ring: Ring, name: str) -> frozenset[str]:
    """Names in the ends of an index's range."""
    low, high = ring.ranges.ends[name]
    return low.names | (high.names if high is not None else frozenset())


def _count_atom(ring: Ring, low: Affine, high: Affine) -> Atom | None:
    """The size that counts a range, where it is one symbol."""
    count = high - low + 1
    if count.constant or len(count.parts) != 1 or count.parts[0][1] != 1:
        return None
    return ring.symbol(count.parts[0][0])


def _constant(value: Fraction) -> Poly:
    return Poly({(): fmpq(value.numerator, value.denominator)}) if value else ZERO


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _unruled_sum(ring: Ring, var: Term, low: Term, high: Term, body: Term) -> Poly | None:
    """Σ x_i as a closed sum that hypotheses do not rewrite to its value."""
    first, last = affine_of(low), affine_of(high)
    if first is None or last is None:
        return None
    if body.head == "entry" and body.args[0].head == "sym" and body.args[1:] == (var,):
        index = ring.fresh(first, last)
        atom = ring.entry(body.args[0].name, (variable(index),))
        saved, ring.rules = ring.rules, []
        entry_rules, ring.entry_rules = ring.entry_rules, {}
        try:
            return sum_over(ring, ring.value(atom), [index])
        finally:
            ring.rules, ring.entry_rules = saved, entry_rules
    return None


def _determinant(m: Sequence[Sequence[Term]]) -> Term:
    def times(*factors: Term) -> Term:
        return make("mul", *factors)

    plus = [times(m[0][i], m[1][(i + 1) % 3], m[2][(i + 2) % 3]) for i in range(3)]
    minus = [times(m[0][i], m[1][(i + 2) % 3], m[2][(i + 1) % 3]) for i in range(3)]
    return make("add", *plus, *(make("neg", t) for t in minus))


# --- under the expectation --------------------------------------------------------------------------------------------


def _under_expectation(small: Term, large: Term, turned: bool, context: Context, budget: Budget) -> Estimate | None:
    """E[h] ≥ 0 from h ≥ 0, where the difference of the sides is E[h]; a multiple of X − E[X] may be added to h."""
    try:
        first, second = (integrand(expand(side, context), context) for side in (small, large))
        if first is None or second is None:
            return None
        h = make("add", second, make("neg", first))
        random = [sym(n) for n in sorted(free_names(h)) if n in context.symbols and context.symbols[n].random]
        if any(context.symbols[r.name].bare_shape != SCALAR for r in random):
            return None
        left, right = (second, first) if turned else (first, second)
        facts = [*hypotheses([h], context), *needs(left, context, True)]
        for x in random:  # what bounds X bounds its mean
            facts += [substitute(f, {x.name: make("expect", x)}) for f in facts if _bounds_alone(f, x)]
        obligations = [n for n in needs(right, context) if n not in facts]
        if any(prove(n, facts, context, budget) is None for n in obligations):
            return None
        shown = prove(make("ge", h, num(0)), facts, context, budget.part(0.5))
        if shown is not None:
            return Estimate(Shown(("an inequality under the expectation",)).join(shown))
        if len(random) == 1:
            shown = _by_tangent(h, random[0], facts, context, budget)
            if shown is not None:
                return Estimate(Shown(("an inequality under the expectation, with a tangent at the mean",)).join(shown))
    except OutOfReach:
        return None
    return None


def _bounds_alone(fact: Term, x: Term) -> bool:
    """Whether a fact is an order between a symbol and a number."""
    return fact.head in ("lt", "le", "gt", "ge") and x in fact.args and any(a.head == "num" for a in fact.args)


def _by_tangent(h: Term, x: Term, facts: Sequence[Term], context: Context, budget: Budget) -> Shown | None:
    """h(x) − h′(m)(x − m) ≥ 0 for all x and m = E[X] in the range of X: Jensen's inequality for a convex h."""
    mean = make("expect", x)
    taken = free_names(h) | {n for f in facts for n in free_names(f)}
    m, u = sym(fresh_name("?m", taken)), sym(fresh_name("?v", taken))
    frozen = _freeze(h, mean, m)
    slope = substitute(differentiate(frozen, x), {x.name: m})
    line = make("mul", slope, make("add", x, make("neg", m)))
    claim = make("ge", make("add", frozen, make("neg", line)), num(0))
    about_x = [f for f in facts if free_names(f) <= {x.name}]
    about_m = [substitute(f, {x.name: m}) for f in about_x if _bounds_alone(f, x)]
    rest = [_freeze(f, mean, m) for f in facts if f not in about_x]
    base = [*about_x, *about_m, *rest]
    for place, extra in ((make("add", m, u), []), (make("mul", m, u), [make("gt", u, num(0))])):
        if extra and not all(make("gt", v, num(0)) in base for v in (x, m)):
            continue
        moved = [substitute(t, {x.name: place}) for t in (claim, *base)]
        shown = prove(moved[0], [*moved[1:], *extra], context, budget.part(0.5))
        if shown is not None:
            return shown
    return None


def _freeze(term: Term, node: Term, value: Term) -> Term:
    if term == node:
        return value
    return term.with_args(tuple(_freeze(a, node, value) for a in term.args)) if term.args else term


_MOMENTS = frozenset(["expect", "prob", "variance", "covariance"])


def integrand(term: Term, context: Context) -> Term | None:
    """A formula linear in expectations as one integrand: E[u] ↦ u, P(S) ↦ 1[S], Var u ↦ (u − E u)²."""
    head, args = term.head, term.args
    if head == "expect" and len(args) == 1:
        return args[0] if not _opaque_expectation(args[0], context) else None
    if head == "prob" and len(args) == 1:
        return make("indicator", args[0])
    if head == "variance" and len(args) == 1:
        return make("pow", make("add", args[0], make("neg", make("expect", args[0]))), num(2))
    if head in _MOMENTS:
        return None
    if not any(n.head in _MOMENTS for n in walk(term)):
        return None if any(context.symbols[n].random for n in free_names(term) if n in context.symbols) else term
    if _constant_here(term, context) and head in ("pow", "exp", "log", "sqrt", "abs"):
        return term
    if head in ("add", "neg"):
        parts = [integrand(a, context) for a in args]
        return None if any(p is None for p in parts) else make(head, *(p for p in parts if p is not None))
    if head == "sum" and len(args) == 4:
        body = integrand(args[3], context)
        return None if body is None else make("sum", *args[:3], body)
    if head == "mul":
        moving = [a for a in args if any(n.head in _MOMENTS for n in walk(a))]
        if len(moving) != 1:
            return term if _constant_here(term, context) else None
        inner = integrand(moving[0], context)
        fixed = [a for a in args if a is not moving[0]]
        if inner is None or not all(_constant_here(a, context) for a in fixed):
            return None
        return make("mul", *fixed, inner) if fixed else inner
    if head == "div":
        if not _constant_here(args[1], context):
            return None
        inner = integrand(args[0], context)
        return None if inner is None else make("div", inner, args[1])
    return None


def _constant_here(term: Term, context: Context) -> bool:
    """Whether random variables occur inside expectations only."""
    if term.head in _MOMENTS:
        return True
    if term.head == "sym":
        symbol = context.symbols.get(term.name)
        return symbol is None or not symbol.random
    return all(_constant_here(a, context) for a in term.args)


def _opaque_expectation(term: Term, context: Context) -> bool:
    return any(n.head in ("call", "dcall") for n in walk(term))
