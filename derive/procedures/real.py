"""Proofs of statements about real scalars: the engines in their order, behind one function.

`prove` splits a statement into branches and tries, in each, exact certificates (`space`), a table of signs where only
one quantity is free (`line`), and Z3. A formula in one inner expression u only (`σ(wx + b)(1 − σ(wx + b))`) is proved
for every real u. `prove_sign` is the door for other procedures that have a condition such as `1 + e^{-t} ≠ 0` to
discharge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.language.budget import Budget
from derive.language.context import Context, Domain, Symbol
from derive.language.decision import Proof
from derive.language.heads import MIRROR, RELATIONS
from derive.language.term import Term, free_names, fresh_name, make, num, substitute, sym, walk
from derive.procedures.elementary import Elem, Field, Poly, SignUnknown
from derive.procedures.expand import WHOLE, OutOfReach, expand, open_derivatives
from derive.procedures.line import Line
from derive.procedures.region import PIECEWISE, branches, hypotheses, needs, negate, plain_roots
from derive.procedures.space import Space

_OPAQUE = WHOLE | {"sym", "entry", "call", "dcall", "limit", "binomial"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a statement was shown, and by which engines beyond the exact core."""

    methods: tuple[str, ...]
    trusts: tuple[str, ...] = ()

    def join(self, other: Shown) -> Shown:
        """Both together."""
        return Shown(
            tuple(dict.fromkeys(self.methods + other.methods)), tuple(dict.fromkeys(self.trusts + other.trusts))
        )


NOTHING = Shown(())


def variables(term: Term) -> Iterator[Term]:
    """The outermost quantities that a scalar formula is made of: symbols, entries, unknown calls, sums…"""
    if term.head in _OPAQUE:
        yield term
        return
    for a in term.args:
        yield from variables(a)


def prove(claim: Term, premises: Sequence[Term], context: Context, budget: Budget, search: bool = True) -> Shown | None:
    """A proof that the claim holds wherever the premises do, or None. Definitions must have been opened.

    Without `search`, Z3 is not asked.
    """
    if claim.head == "true":
        return NOTHING
    if claim.head == "and":
        total = NOTHING
        for part in claim.args:
            shown = prove(part, premises, context, budget, search)
            if shown is None:
                return None
            total = total.join(shown)
        return total
    if claim.head == "implies":
        return prove(claim.args[1], [*premises, claim.args[0]], context, budget, search)
    if claim.head == "forall":
        return _prove_for_all(claim, premises, context, budget)
    if claim in premises:
        return Shown(("a hypothesis",))
    try:
        general = _generalise(claim, premises)
        if general is not None:
            shown = _prove_branches(*general, context, budget, search)
            if shown is not None:
                return shown
        return _prove_branches(claim, premises, context, budget, search)
    except OutOfReach:
        return None


def _prove_for_all(claim: Term, premises: Sequence[Term], context: Context, budget: Budget) -> Shown | None:
    var, low, high, body = claim.args
    name = fresh_name(var.name, set(context.symbols) | free_names(claim))
    body = substitute(body, {var.name: sym(name)})
    end = None if high.head == "infinity" else high
    inner = context.declare(Symbol(name, role="index", domain=Domain("integer", low, end)))
    return prove(body, [*premises, *hypotheses([body], inner)], inner, budget)


def _prove_branches(
    claim: Term, premises: Sequence[Term], context: Context, budget: Budget, search: bool
) -> Shown | None:
    total = NOTHING
    claim = plain_roots(claim)
    near = _near(claim, premises)
    rest = tuple(p for p in premises if p not in near and not any(n.head in PIECEWISE for n in walk(p)))
    for guards, (goal, *kept) in branches([claim, *(plain_roots(p) for p in near)]):
        shown = _prove_plain(goal, (*kept, *guards, *rest), context, budget, 3, search)
        if shown is None:
            return None
        total = total.join(shown)
    return total


def _near(claim: Term, premises: Sequence[Term]) -> tuple[Term, ...]:
    """Premises that share a quantity with the claim, directly or through others."""
    reached = set(variables(claim))
    kept: list[Term] = []
    rest = list(premises)
    for _ in range(3):
        found = [p for p in rest if reached & set(variables(p))]
        if not found:
            break
        kept += found
        rest = [p for p in rest if p not in found]
        for p in found:
            reached |= set(variables(p))
    piecewise = [p for p in kept if any(n.head in PIECEWISE for n in walk(p))]
    if len(piecewise) > 4:
        kept = [p for p in kept if p not in piecewise[4:]]
    return tuple(kept)


def _prove_plain(
    claim: Term, premises: tuple[Term, ...], context: Context, budget: Budget, depth: int, search: bool
) -> Shown | None:
    """A claim and premises without piecewise parts."""
    budget.spend()
    try:
        return _try_engines(claim, premises, context, budget, 2, search)
    except SignUnknown as unknown:
        if depth == 0:
            return None
        total = NOTHING
        for guard in (make("ge", unknown.term, num(0)), make("lt", unknown.term, num(0))):
            shown = _prove_plain(claim, (*premises, guard), context, budget, depth - 1, search)
            if shown is None:
                return None
            total = total.join(shown)
        return total
    except OutOfReach:
        return None


def _try_engines(
    claim: Term, premises: tuple[Term, ...], context: Context, budget: Budget, depth: int, search: bool
) -> Shown | None:
    free = set(variables(claim))
    space: Space | None = None
    problem: OutOfReach | None = None
    try:
        space = Space(premises, (claim,), context, budget)
        method = space.certified(claim)
        if method is not None:
            return Shown((method,))
    except SignUnknown:
        raise
    except OutOfReach as found:
        problem = found
    if len(free) <= 1:
        try:
            verdict = _on_line(claim, premises, free, context, budget)
            if verdict:
                return Shown(("tables of signs",))
            if verdict is False and all(set(variables(p)) <= free for p in premises):
                return None  # the claim fails somewhere
        except SignUnknown:
            raise
        except OutOfReach as found:
            problem = found
    if space is not None and _by_factors(claim, space, premises, context, budget):
        return Shown(("signs of the factors",))
    if len(free) == 2 and depth:
        shown = _by_ratio(claim, premises, free, context, budget, search)
        if shown is not None:
            return shown
    if space is not None and depth:
        other = space.through_monotone(claim)
        if other is not None and other != claim:
            shown = _try_engines(other, premises, context, budget, depth - 1, search)
            if shown is not None:
                return shown
    if space is not None and space.contradictory():
        return Shown(("a branch that cannot occur",))
    if search and space is not None and space.refuted_by_z3((claim,)):
        return Shown(("the negation has no solution",), ("z3",))
    if problem is not None and space is None:
        raise problem
    return None


def _by_factors(claim: Term, space: Space, premises: tuple[Term, ...], context: Context, budget: Budget) -> bool:
    """Whether each factor of the difference has a sign, by bounds or on the line of its only quantity."""
    f = space.functions.get(claim)
    if f is None or claim.head not in ("lt", "le", "gt", "ge") or f.num.is_constant():
        return False
    sign = -1 if claim.head in ("lt", "le") else 1
    strict = claim.head in ("lt", "gt")
    field = space.field
    one = field.constant(1)
    parts = [(e, int(m), strict) for e, m in _factors(field, f.num)] + [
        (e, int(m), False) for e, m in _factors(field, f.den)
    ]
    if len(parts) < 2 and len(f.used()) > 1 and len(set(variables(field.term(f)))) != 1:
        return False
    for poly in (f.num, f.den):
        content = poly.leading_coefficient() if poly.is_constant() else poly.factor()[0]
        if content < 0:
            sign = -sign
    for element, multiplicity, need in parts:
        if multiplicity % 2 == 0 and not need:
            continue
        found = _factor_sign(Elem(field, element, one), need, space, premises, context, budget)
        if found == 0:
            return False
        sign *= found if multiplicity % 2 else 1
    return sign > 0


def _factors(field: Field, poly: Poly) -> list[tuple[Poly, int]]:
    return [] if poly.is_constant() else list(poly.factor()[1])


def _factor_sign(
    element: Elem, strict: bool, space: Space, premises: tuple[Term, ...], context: Context, budget: Budget
) -> int:
    field = space.field
    for sign in (1, -1):
        signed = element if sign > 0 else -element
        if field.positive(signed) if strict else field.non_negative(signed):
            return sign
    term = field.term(element)
    free = set(variables(term))
    if len(free) != 1:
        return 0
    for sign, head in ((1, "gt" if strict else "ge"), (-1, "lt" if strict else "le")):
        try:
            if _on_line(make(head, term, num(0)), premises, free, context, budget):
                return sign
        except OutOfReach:
            return 0
    return 0


def _by_ratio(
    claim: Term, premises: tuple[Term, ...], free: set[Term], context: Context, budget: Budget, search: bool
) -> Shown | None:
    """A claim about two positive quantities x and y with logarithms, in y and the ratio u = x/y."""
    if not any(n.head == "log" for n in walk(claim)):
        return None
    zero = num(0)
    if not all(make("gt", v, zero) in premises or make("lt", zero, v) in premises for v in free):
        return None
    y, x = sorted(free, key=repr)
    ratio = sym(fresh_name("?r", free_names(claim) | {n for p in premises for n in free_names(p)}))
    place = make("mul", y, ratio)
    moved = [_swap(t, x, place) for t in (claim, *premises)]
    return _try_engines(moved[0], (*moved[1:], make("gt", ratio, zero)), context, budget, 0, search)


def _on_line(claim: Term, premises: tuple[Term, ...], free: set[Term], context: Context, budget: Budget) -> bool | None:
    node = next(iter(free), None)
    x = sym("?x")

    def swap(term: Term) -> Term:
        if node is not None and term == node:
            return x
        if not term.args or term.head in _OPAQUE:
            return term
        return term.with_args(tuple(swap(a) for a in term.args))

    mine = [swap(p) for p in premises if set(variables(p)) <= free and _is_plain(p)]
    return Line(x, mine, (swap(claim),), context, budget).holds()


def _is_plain(statement: Term) -> bool:
    return statement.head in RELATIONS or statement.head in ("and", "or", "not", "implies", "iff", "true")


def _generalise(claim: Term, premises: Sequence[Term]) -> tuple[Term, Sequence[Term]] | None:
    """A claim in one inner expression, as a claim about any real number in its place."""
    free = set(variables(claim))
    if len(free) <= 1:
        return None
    candidates = [
        n
        for n in dict.fromkeys(walk(claim))
        if n.head in ("add", "mul", "div", "pow", "neg") and set(variables(n)) == free
    ]
    fresh = sym(fresh_name("?u", free_names(claim) | {n for p in premises for n in free_names(p)}))
    for node in candidates:
        swapped = _swap(claim, node, fresh)
        if set(variables(swapped)) == {fresh}:
            moved = [_swap(p, node, fresh) for p in premises]
            return swapped, [p for p in moved if set(variables(p)) <= {fresh}]
    return None


def _swap(term: Term, node: Term, value: Term) -> Term:
    if term == node:
        return value
    if not term.args or term.head in _OPAQUE:
        return term
    return term.with_args(tuple(_swap(a, node, value) for a in term.args))


# statements of a step


@dataclass(frozen=True, slots=True)
class Posed:
    """A statement opened up: what it claims, what may be assumed, and what its right side needs besides."""

    claim: Term
    premises: tuple[Term, ...]
    obligations: tuple[Term, ...]


def pose(statement: Term, context: Context) -> Posed:
    """Open definitions and derivatives, and sort out where both sides have values."""
    expanded = expand(statement, context)
    opened, smooth = open_derivatives(expanded, context)
    opened = plain_roots(opened)
    assumed: list[Term] = []
    obliged: list[Term] = [_tidy(c) for c in smooth]
    if opened.head in ("implies", "iff") or opened.head in RELATIONS:
        assumed += needs(opened.args[0], context, True)
        obliged += needs(opened.args[1], context)
    else:
        obliged += needs(opened, context)
    premises = (*hypotheses([opened], context), *assumed)
    own = [n for p in premises for n in _own_needs(p, context)]
    return Posed(
        opened, tuple(dict.fromkeys((*own, *premises))), tuple(o for o in dict.fromkeys(obliged) if o not in assumed)
    )


def _tidy(condition: Term) -> Term:
    """A condition with its number on the right."""
    if condition.head in MIRROR and condition.args[0].head == "num" and condition.args[1].head != "num":
        return mirrored(condition)
    return condition


def _own_needs(premise: Term, context: Context) -> tuple[Term, ...]:
    """A fact in force has values on both sides."""
    if premise.head not in RELATIONS:
        return ()
    try:
        return needs(premise, context, True)
    except OutOfReach:
        return ()


@dataclass(frozen=True, slots=True)
class Discharged:
    """Obligations that follow (how), and those that do not."""

    shown: Shown
    open: tuple[Term, ...]
    impossible: bool = False


def discharge(posed: Posed, context: Context, budget: Budget) -> Discharged:
    """Prove the obligations from the premises; what is left becomes a condition, unless it can never hold."""
    total = NOTHING
    left: list[Term] = []
    premises = list(posed.premises)
    for obligation in posed.obligations:
        given = [*premises, *left, *([posed.claim.args[0]] if posed.claim.head == "implies" else [])]
        shown = prove(obligation, given, context, budget)
        if shown is not None:
            total = total.join(shown)
            continue
        if prove(negate(obligation), premises, context, budget) is not None:
            return Discharged(total, (obligation,), True)
        left.append(plainest(obligation, context, budget))
    return Discharged(total, tuple(left))


def plainest(condition: Term, context: Context, budget: Budget) -> Term:
    """A condition on one quantity as `x ≠ a`, `x > a`, …, where it amounts to that."""
    free = set(variables(condition))
    if len(free) != 1 or condition.head not in ("ne", "gt", "ge", "lt", "le"):
        return condition
    x = next(iter(free))
    if condition.args[0] == x and condition.args[1].head == "num":
        return condition
    try:
        base = needs(condition, context, True)
        for value in (num(0), num(1), num(-1)):
            for head in ("ne", "gt", "ge", "lt", "le"):
                simple = make(head, x, value)
                if prove(condition, [simple], context, budget, False) and prove(
                    simple, [condition, *base], context, budget, False
                ):
                    return simple
    except OutOfReach:
        pass
    return condition


def prove_sign(term: Term, relation: str, context: Context, budget: Budget) -> Proof | None:
    """A proof of `term relation 0` (`gt`, `ge`, `lt`, `le`, `ne`, `eq`) from the facts and domains in force, or None.

    The term is taken where it has a value.
    """
    statement = make(relation, term, num(0))
    try:
        posed = pose(statement, context)
        if any(prove(o, posed.premises, context, budget) is None for o in posed.obligations):
            return None
        shown = prove(posed.claim, posed.premises, context, budget)
    except OutOfReach:
        return None
    return None if shown is None else Proof("bound", trusts=shown.trusts, evidence=shown.methods)


def prove_statement(statement: Term, context: Context, budget: Budget) -> Proof | None:
    """A proof of a relation between scalars that needs no condition, or None."""
    try:
        posed = pose(statement, context)
        done = discharge(posed, context, budget)
        if done.open:
            return None
        shown = prove(posed.claim, posed.premises, context, budget)
    except OutOfReach:
        return None
    if shown is None:
        return None
    shown = done.shown.join(shown)
    return Proof("bound", trusts=shown.trusts, evidence=shown.methods)


def mirrored(statement: Term) -> Term:
    """The relation read from right to left."""
    return replace(statement, head=MIRROR[statement.head], args=statement.args[::-1])
