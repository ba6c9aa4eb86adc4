"""Statements about several real variables: exact certificates first, Z3 on the negation last.

A relation is read as the sign of a fraction of kernel polynomials. Certificates are: it lowers to 0, its coefficients
in distances from the kernels' bounds have one sign, it is a fact plus something of one sign, or it is a quadratic
form with an exact LDLᵀ of one sign (over the monomials that occur). What is left goes to Z3's decision procedure for
real polynomials, with kernels as real variables and true bounds on them; its `unsat` is a proof that trusts `z3`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from typing import Any

from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.term import Term, make, num, walk
from derive.procedures.elementary import SLOTS, Elem, Field, monomials, to_fraction
from derive.procedures.expand import OutOfReach

_RELATIONS = frozenset(["eq", "ne", "lt", "le", "gt", "ge"])
_Z3_SECONDS = 3.0


class Space:
    """Premises and claims lowered over one field."""

    def __init__(self, premises: Sequence[Term], claims: Sequence[Term], context: Context, budget: Budget) -> None:
        self.budget = budget
        self.claims = tuple(claims)
        self.context = context
        plain = [p for p in premises if p.head in _RELATIONS]
        self.field = Field(context, plain)
        relations = [n for s in claims for n in walk(s) if n.head in _RELATIONS]
        self.relations = tuple(dict.fromkeys(relations))
        lowered = self.field.lower(*(side for r in self.relations for side in r.args))
        self.functions: dict[Term, Elem] = {
            r: lowered[2 * i] - lowered[2 * i + 1] for i, r in enumerate(self.relations)
        }
        self.premises = tuple(premises)

    # certificates

    def certified(self, claim: Term) -> str | None:
        """A method that shows a claim exactly, or None."""
        if claim.head == "true":
            return "nothing to show"
        if claim.head == "and":
            methods = [self.certified(a) for a in claim.args]
            return methods[0] if None not in methods else None
        if claim.head == "or":
            return next((m for a in claim.args if (m := self.certified(a))), None)
        if claim.head not in _RELATIONS:
            return None
        f = self.functions[claim]
        if claim.head in ("lt", "le"):
            f = -f
        if f.is_zero:
            return "both sides are the same" if claim.head in ("eq", "le", "ge") else None
        if claim.head == "eq":
            if self.field.vanishes(f):
                return "a hypothesis"
            return "bounds from both sides" if self.field.non_negative(f) and self.field.non_negative(-f) else None
        if claim.head == "ne":
            if self.field.positive(f) or self.field.positive(-f):
                return "signs of the terms"
            return "a hypothesis" if self._nonzero(f) else None
        strict = claim.head in ("lt", "gt")
        if self.field.positive(f) if strict else self.field.non_negative(f):
            return "signs of the terms"
        if strict and self.field.non_negative(f) and self._nonzero(f):
            return "signs of the terms"
        if not strict and self.sum_of_squares(f):
            return "a sum of squares"
        return None

    def through_monotone(self, claim: Term) -> Term | None:
        """The claim with the exponential, or the logarithm, of both sides taken, where that removes functions."""
        if claim.head not in _RELATIONS:
            return None
        f, field = self.functions[claim], self.field
        terms = monomials(f.num)
        kinds = [{field.kernels[i].kind for i, e in enumerate(exponents) if e} for exponents, _ in terms]
        if f.den.is_constant() and {"log"} in kinds:
            single = all("log" not in k or sum(e) == 1 for k, (e, _) in zip(kinds, terms, strict=True))
            if single and all(k <= {"log"} or k == {"atom"} for k in kinds):
                return make(claim.head, field.term(field.exp(f)), num(1))
        if len(terms) == 2 and any("exp" in k for k in kinds) and field.positive(Elem(field, f.den, field.constant(1))):
            one = field.constant(1)
            first, second = (Elem(field, field.ring.from_dict({e: c}), one) for e, c in terms)
            if field.positive(second):
                first, second = second, first
                # first + second rel 0 for first > 0 > second: log first rel log(−second)
            if field.positive(first) and field.positive(-second):
                return make(claim.head, field.term(field.log(first) - field.log(-second)), num(0))
        return None

    def contradictory(self) -> bool:
        """Whether a premise is shown false by the others."""
        for p in self.premises[:16]:
            if p.head not in ("lt", "gt", "ne", "le", "ge"):
                continue
            try:
                f = self.field.more(p.args[0]) - self.field.more(p.args[1])
            except OutOfReach:
                continue
            if p.head in ("lt", "le"):
                f = -f
            if p.head == "ne":
                if f.is_zero or self.field.vanishes(f):
                    return True
            elif self.field.non_negative(-f) if p.head in ("lt", "gt") else self.field.positive(-f):
                return True
        return False

    def _nonzero(self, f: Elem) -> bool:
        """Whether a hypothesis says that f, or each factor of its numerator, is not 0."""
        known: list[Elem] = []
        for p in self.premises:
            if p.head in ("ne", "lt", "gt"):
                try:
                    known.append(self.field.more(p.args[0]) - self.field.more(p.args[1]))
                except OutOfReach:
                    continue
        if f.num.is_constant():
            return not f.is_zero
        _, factors = f.num.factor()
        one = self.field.constant(1)
        for factor, _ in factors:
            element = Elem(self.field, factor, one)
            if self.field.positive(element) or self.field.positive(-element):
                continue
            # factor · (a polynomial) = a numerator that is not 0
            if not any(not k.is_zero and (Elem(self.field, k.num, one) / element).den.is_constant() for k in known):
                return False
        return True

    def sum_of_squares(self, f: Elem) -> bool:
        """Whether f·den² is a nonnegative quadratic form in monomials, by exact LDLᵀ."""
        poly = f.num if f.den.is_constant() and to_fraction(f.den.leading_coefficient()) > 0 else None
        if poly is None:
            if not self.field.non_negative(Elem(self.field, f.den, self.field.constant(1))):
                return False
            poly = f.num
        content, factors = poly.factor()
        rest = self.field.constant(1) * content
        for factor, multiplicity in factors:
            if int(multiplicity) % 2:
                rest = rest * factor
        if rest.is_constant():
            return bool(rest.leading_coefficient() > 0)
        return self._gram(rest)

    def _gram(self, poly: Any) -> bool:
        degree = int(poly.total_degree())
        if degree % 2 or degree > 4:
            return False
        slots = self.field.direct(poly)
        if len(slots) > 6:
            return False
        table = {e: to_fraction(c) for e, c in monomials(poly)}
        degrees = {sum(e) for e in table}
        low = min(degrees)
        basis: list[tuple[int, ...]] = []
        for d in range((low + 1) // 2, degree // 2 + 1):
            for choice in combinations_with_replacement(slots, d):
                basis.append(tuple(choice.count(i) for i in range(SLOTS)))
        # keep monomials whose square can occur: the others have a zero diagonal
        for _ in range(3):
            basis = [
                b
                for b in basis
                if tuple(2 * e for e in b) in table
                or any(a != b and c != b and _sum(a, c) == _sum(b, b) for a in basis for c in basis)
            ]
        size = len(basis)
        if size == 0 or size > 14:
            return False
        pairs: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for i in range(size):
            for j in range(i, size):
                pairs.setdefault(_sum(basis[i], basis[j]), []).append((i, j))
        if any(e not in pairs for e in table):
            return False
        gram = [[Fraction(0)] * size for _ in range(size)]
        for e, places in pairs.items():
            value = table.get(e, Fraction(0))
            diagonal = [p for p in places if p[0] == p[1]]
            i, j = diagonal[0] if diagonal else places[0]
            gram[i][j] = gram[j][i] = value if i == j else value / 2
        return semidefinite(gram)

    # Z3

    def refuted_by_z3(self, claims: Sequence[Term]) -> bool:
        """Whether Z3 shows that premises and the negation of the claims have no common solution."""
        import z3

        self.budget.spend()
        solver = z3.Tactic("qfnra-nlsat").solver()
        solver.set("timeout", max(1, int(1000 * min(_Z3_SECONDS, self.budget.left * 0.8))))
        variables = z3.RealVector("k", SLOTS)

        def poly(p: Any) -> Any:
            total: Any = z3.RealVal(0)
            for exponents, c in monomials(p):
                part: Any = z3.RealVal(str(to_fraction(c)))
                for i, e in enumerate(exponents):
                    for _ in range(e):
                        part = part * variables[i]
                total = total + part
            return total

        used: set[int] = set()

        def relation(r: Term, f: Elem) -> Any:
            used.update(f.used())
            top = poly(f.num if f.den.is_constant() else f.num * f.den)
            if f.den.is_constant() and to_fraction(f.den.leading_coefficient()) < 0:
                top = -top
            zero = z3.RealVal(0)
            # a relation without a value is taken as false: this weakens premises and strengthens claims
            told = {
                "eq": lambda: top == zero,
                "ne": lambda: top != zero,
                "lt": lambda: top < zero,
                "le": lambda: top <= zero,
                "gt": lambda: top > zero,
                "ge": lambda: top >= zero,
            }[r.head]()
            return told if f.den.is_constant() else z3.And(poly(f.den) != zero, told)

        def formula(s: Term) -> Any:
            if s.head in _RELATIONS:
                f = self.functions.get(s)
                if f is None:
                    f = self.field.more(s.args[0]) - self.field.more(s.args[1])
                return relation(s, f)
            if s.head == "true":
                return z3.BoolVal(True)
            if s.head not in ("and", "or", "not", "implies", "iff"):
                raise OutOfReach("a statement that is no combination of relations")
            inner = [formula(a) for a in s.args]
            if s.head == "and":
                return z3.And(*inner)
            if s.head == "or":
                return z3.Or(*inner)
            if s.head == "not":
                return z3.Not(inner[0])
            return z3.Implies(*inner) if s.head == "implies" else inner[0] == inner[1]

        goal = z3.Not(z3.And(*(formula(c) for c in claims)))
        for p in self.premises:
            try:
                solver.add(formula(p))
            except OutOfReach:
                continue
        solver.add(goal)
        self._axioms(solver, variables, poly, used)
        return bool(solver.check() == z3.unsat)

    def _axioms(self, solver: Any, variables: Any, poly: Any, used: set[int]) -> None:
        """True bounds on kernels, and the relations of roots and sines; none excludes a place without a value."""
        import z3

        field = self.field
        done: set[int] = set()
        while used - done:
            slot = min(used - done)
            done.add(slot)
            v = variables[slot]
            bounds = field.bounds(slot)
            if bounds.low is not None:
                solver.add(v > str(bounds.low) if bounds.low_open else v >= str(bounds.low))
            if bounds.high is not None:
                solver.add(v < str(bounds.high) if bounds.high_open else v <= str(bounds.high))
            kernel = field.kernels[slot]
            if slot in field.relations:
                order, value = field.relations[slot]
                power = v
                for _ in range(order - 1):
                    power = power * v
                solver.add(z3.Implies(poly(value) >= 0, power == poly(value)))
                used.update(field.direct(value))
            if kernel.argument is not None and kernel.argument.den.is_constant():
                c = str(to_fraction(kernel.argument.den.leading_coefficient()))
                inner = poly(kernel.argument.num) / c
                if kernel.kind == "exp":
                    solver.add(v >= 1 + inner)
                    solver.add(v * (1 - inner) <= 1)  # e^u (1 − u) ≤ 1
                elif kernel.kind == "log":
                    solver.add(v <= inner - 1)
                    solver.add(v * inner >= inner - 1)  # u log u ≥ u − 1
                else:
                    continue
                used.update(field.direct(kernel.argument.num))
        logs = [i for i in sorted(done) if field.kernels[i].kind == "log"][:6]
        for i, j in permutations(logs, 2):
            a, b = field.kernels[i].argument, field.kernels[j].argument
            assert a is not None and b is not None
            if a.den.is_constant() and b.den.is_constant():
                # log A − log B ≤ A/B − 1 for positive A and B
                top, bottom = poly(a.num), poly(b.num)
                solver.add(z3.Implies(bottom > 0, (variables[i] - variables[j]) * bottom <= top - bottom))


def _sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def semidefinite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Whether a symmetric rational matrix is positive semidefinite, by exact elimination."""
    a = [list(row) for row in matrix]
    n = len(a)
    for k in range(n):
        if a[k][k] < 0:
            return False
        if a[k][k] == 0:
            if any(a[k][j] for j in range(k + 1, n)):
                return False
            continue
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
    return True
