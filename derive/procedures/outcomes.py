"""Inequalities between expectations and probabilities, outcome by outcome.

The difference of the sides is E[h], and E[h] ≥ 0 where h ≥ 0 in every outcome: Markov's and Boole's inequalities,
monotone probabilities, a union bound. In h every event and relation is an indicator, and each way in which they can
happen or fail is a case, with the relations as premises. A tail P(U ≥ c) is also compared through E[U]/c, E[U²]/c² and
e^{−tc} E[e^{tU}] with what the moments are known to be (Chebyshev, Chernoff). Moments are taken to exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from flint import fmpq

from derive.language.affine import variable
from derive.language.budget import Budget
from derive.language.context import SCALAR, Context
from derive.language.heads import NEGATION
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, free_names, make, num, rewrite, substitute, sym, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import ONE, Atom, Poly
from derive.normal_form.events import is_bit
from derive.normal_form.lowering import Lowering
from derive.normal_form.polynomial import monomial_poly, multiply
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach as NoForm
from derive.normal_form.ring import Ring
from derive.normal_form.sign import interval, is_nonnegative
from derive.normal_form.summation import sum_over
from derive.normal_form.zero import Equal, decide
from derive.procedures.estimate import Estimate, Form, estimate, integrand
from derive.procedures.expand import OutOfReach, expand
from derive.procedures.real import Shown

MOST_BITS = 6
_ORDERS = frozenset(["lt", "le", "gt", "ge"])
_MOMENTS = frozenset(["expect", "prob", "variance", "covariance"])


def by_outcomes(statement: Term, context: Context, budget: Budget) -> Estimate | None:
    """Show `≤` or `≥` between expectations and probabilities; None where that does not succeed."""
    if statement.head not in ("le", "ge") or not any(n.head in ("expect", "prob", "variance") for n in walk(statement)):
        return None
    within = _on_condition(statement, context)
    sides = statement.args if within is None else within[0]
    small, large = (_opened(s, context) for s in (sides if statement.head == "le" else sides[::-1]))
    parts = [(s, t) for s in _parts("max", small) for t in _parts("min", large)]
    total: Shown | None = None
    for one, other in parts:
        shown = _in_every_outcome(one, other, context, budget) or _through_moments(one, other, context, budget)
        if shown is None and len(parts) > 1:
            found = estimate(make("le", one, other), context, budget)
            shown = None if found is None or found.conditions else found.shown
        if shown is None:
            return None
        total = shown if total is None else total.join(shown)
    return None if total is None else Estimate(total, () if within is None else within[1])


def _opened(term: Term, context: Context) -> Term:
    """The term with the definitions of events put in."""

    def value(node: Term) -> Term | None:
        symbol = context.symbols.get(node.name) if node.head == "sym" else None
        definition = context.definitions.get(node.name) if symbol is not None and symbol.role == "event" else None
        return None if definition is None or definition.params else _opened(definition.body, context)

    return rewrite(term, value)


def _parts(head: str, side: Term) -> tuple[Term, ...]:
    """The arguments of a `max` that is to be small, or of a `min` that is to be large; |u| is max(u, −u)."""
    if side.head == "abs" and head == "max":
        return side.args[0], make("neg", side.args[0])
    return side.args if side.head == head else (side,)


def _on_condition(statement: Term, context: Context) -> tuple[tuple[Term, Term], tuple[Term, ...]] | None:
    """The sides of E[u | B] ≤ r as E[u 1_B] and E[r 1_B], and P(B) > 0 where the right side alone needs it."""
    found: list[Term] = []
    for side in statement.args:
        given = side.args[1] if side.head in ("expect", "prob") and len(side.args) == 2 else None
        if given is not None and not _is_variable(given, context):
            found.append(given)
        elif any(n.head in _MOMENTS and len(n.args) > (2 if n.head == "covariance" else 1) for n in walk(side)):
            return None
        else:
            found.append(make("true"))
    events = [f for f in found if f.head != "true"]
    if not events or any(e != events[0] for e in events):
        return None
    inside = make("indicator", events[0])
    sides = []
    for side, given in zip(statement.args, found, strict=True):
        if given.head == "true":
            if _is_random(side, context):
                return None
            sides.append(make("expect", make("mul", side, inside)))
        elif side.head == "prob":
            sides.append(make("prob", make("and", side.args[0], given)))
        else:
            sides.append(make("expect", make("mul", side.args[0], inside)))
    needed = () if found[0].head != "true" else (make("gt", make("prob", events[0]), num(0)),)
    return (sides[0], sides[1]), needed


def _is_variable(term: Term, context: Context) -> bool:
    symbol = context.symbols.get(term.name) if term.head == "sym" else None
    return symbol is not None and symbol.role == "variable"


def _in_every_outcome(small: Term, large: Term, context: Context, budget: Budget) -> Shown | None:
    """E[h] ≥ 0 from h ≥ 0 in every case."""
    try:
        first, second = (integrand(_open(side, context), context) for side in (small, large))
        if first is None or second is None:
            return None
        checked = elaborate(make("add", second, make("neg", first)), context)
        if not isinstance(checked, Checked) or checked.shape.axes:
            return None
        ring = assemble(context, budget)
        h = Lowering(ring).lower(checked.term)
        if ring.needs or ring.assumed or ring.generic:
            return None
        form = Form(ring, context, budget)
        total = Shown(("an inequality in every outcome, under the expectation",))
        for case, given in _cases(ring, h):
            if is_nonnegative(ring, case):
                continue
            shown = form.as_formula(case, False, given)
            if shown is None:
                return None
            total = total.join(shown)
    except (NoForm, OutOfReach, RecursionError):
        return None
    return total


def _open(term: Term, context: Context) -> Term:
    """The term with definitions put in, as far as that can be written."""
    try:
        return expand(term, context)
    except OutOfReach:
        return term


def _cases(ring: Ring, h: Poly) -> Iterator[tuple[Poly, list[tuple[Poly, str]]]]:
    """The values of h where each indicator is 0 or 1, with what then holds."""
    bits = sorted({a for mono in h.terms for a, _ in mono if is_bit(a)}, key=lambda a: a.key)
    if len(bits) > MOST_BITS:
        raise NoForm("an inequality about too many events")
    products = _products(ring, h)
    for values in product((0, 1), repeat=len(bits)):
        happens = dict(zip(bits, values, strict=True))
        occurs = _indicator(ring, happens)
        if not occurs:
            continue
        case = Poly({})
        for mono, c in multiply(ring, h, occurs).terms.items():
            if all(happens.get(a, 1) for a, _ in mono):
                case = case + monomial_poly(ring, tuple(f for f in mono if f[0] not in happens), c)
        given = [(a.data[0], "gt" if v else "le") for a, v in happens.items() if a.kind == "holds"]
        yield case, [*given, *products]


def _indicator(ring: Ring, happens: dict[Atom, int]) -> Poly:
    """The indicator of a case: 0 where it is excluded by thresholds or by what is known of events."""
    case = ONE
    for atom, value in happens.items():
        bit = ring.value(atom)
        case = multiply(ring, case, bit if value else ONE - bit)
    return case


def _products(ring: Ring, h: Poly) -> list[tuple[Poly, str]]:
    """∏ f_i ≥ 1 − Σ (1 − f_i) for factors between 0 and 1 (Weierstrass)."""
    found: list[tuple[Poly, str]] = []
    for atom in sorted({a for mono in h.terms for a, _ in mono if a.kind == "prod"}, key=lambda a: a.key):
        mark, low, high, body = atom.data
        index = ring.fresh(low, high)
        factor = rename(ring, body, {mark: variable(index)})
        if _is_share(ring, factor):
            found.append((ring.value(atom) - ONE + sum_over(ring, ONE - factor, [index]), "ge"))
    return found


def _is_share(ring: Ring, poly: Poly) -> bool:
    """Whether a normal form lies between 0 and 1."""
    bits: set[Atom] = {a for mono in poly.terms for a, _ in mono if is_bit(a)}
    if len(bits) > 2 or any(a not in bits for mono in poly.terms for a, _ in mono):
        known = interval(ring, poly)
        return known.low is not None and known.high is not None and known.low >= 0 and known.high <= 1
    for values in product((0, 1), repeat=len(bits)):
        happens = dict(zip(sorted(bits, key=lambda a: a.key), values, strict=True))
        value = sum((c for mono, c in poly.terms.items() if all(happens[a] for a, _ in mono)), fmpq(0))
        if not 0 <= value <= 1:
            return False
    return True


# --- tails ------------------------------------------------------------------------------------------------------------


def _through_moments(small: Term, large: Term, context: Context, budget: Budget) -> Shown | None:
    """P(U ≥ c) ≤ E[U^k]/c^k ≤ r, P(∪ A_i) ≤ Σ P(A_i) ≤ r, and r ≤ P(U < c) by the complement."""
    if small.head == "prob" and len(small.args) == 1:
        tail, bound = small, large
    elif large.head == "prob" and len(large.args) == 1:
        tail = make("prob", _contrary(large.args[0]))
        bound = make("add", num(1), make("neg", small))
    else:
        return None
    middles = [*_moments(tail.args[0], context), *_exponential_moments(tail.args[0], bound, context)]
    middles.sort(key=lambda m: not _equal(m, bound, context, budget.part(0.2)))
    for middle in middles:
        first = _in_every_outcome(tail, middle, context, budget.part(0.4))
        if first is None:
            continue
        second = estimate(make("le", middle, bound), context, budget.part(0.5))
        if second is not None and not second.conditions:
            return first.join(second.shown)
    return None


def _contrary(event: Term) -> Term:
    """What happens where an event does not."""
    if event.head in NEGATION:
        return make(NEGATION[event.head], *event.args)
    if event.head == "and":
        return make("or", *map(_contrary, event.args))
    return event.args[0] if event.head == "not" else make("not", event)


def _equal(one: Term, other: Term, context: Context, budget: Budget) -> bool:
    """Whether two scalars have the same normal form."""
    checked = [elaborate(t, context) for t in (one, other)]
    if not all(isinstance(c, Checked) for c in checked):
        return False
    return isinstance(decide(one, other, SCALAR, context, budget), Equal)


def _moments(event: Term, context: Context) -> Iterator[Term]:
    """E[U]/c, E[U²]/c² for U ≥ c (U > c, c ≤ U, …), Σ P(A_i) for a union."""
    if event.head == "and":
        yield from (make("prob", a) for a in event.args)
    if event.head == "or":
        yield make("add", *(make("prob", a) for a in event.args))
    if event.head == "not" and event.args[0].head == "forall":
        *span, outside = event.args[0].args
        member = outside.args[0] if outside.head == "not" else make("not", outside)
        yield make("sum", *span, make("prob", member))
    if event.head == "forall":
        index, first, _, member = event.args
        yield make("prob", substitute(member, {index.name: first}))
    if event.head not in _ORDERS:
        return
    large, small = event.args if event.head in ("ge", "gt") else event.args[::-1]
    if _is_random(small, context) or not _is_random(large, context):
        return
    inner = large.args[0] if large.head == "abs" else large
    yield make("div", make("expect", large), small)
    yield make("div", make("expect", make("pow", inner, num(2))), make("pow", small, num(2)))


def _exponential_moments(event: Term, bound: Term, context: Context) -> Iterator[Term]:
    """e^{−tc} E[e^{tU}] for U ≥ c and each scalar t of the exponents in a bound (Chernoff)."""
    if event.head not in _ORDERS or not any(n.head == "exp" for n in walk(bound)):
        return
    large, small = event.args if event.head in ("ge", "gt") else event.args[::-1]
    if _is_random(small, context) or not _is_random(large, context):
        return
    names = {n for node in walk(bound) if node.head == "exp" for n in free_names(node)}
    for name in sorted(names):
        symbol = context.symbols.get(name)
        if symbol is None or symbol.role != "variable" or symbol.random or symbol.bare_shape != SCALAR:
            continue
        t = sym(name)
        moment = make("expect", make("exp", make("mul", t, large)))
        yield make("mul", make("exp", make("neg", make("mul", t, small))), moment)


def _is_random(term: Term, context: Context) -> bool:
    """Whether a formula depends on chance outside expectations."""
    if term.head in ("expect", "prob", "variance", "covariance"):
        return False
    if term.head == "sym":
        symbol = context.symbols.get(term.name)
        definition = context.definitions.get(term.name)
        if definition is not None and not definition.params:
            return _is_random(definition.body, context)
        return symbol is not None and symbol.random
    return any(_is_random(a, context) for a in term.args)


__all__ = ["by_outcomes"]
