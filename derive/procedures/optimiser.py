"""Sets of maximisers and minimisers: argmax f = argmax g, mixtures with argmin, and closed-form minimisers.

Both objectives are lowered with the variable opaque. After an increasing transformation of each (identity, logarithm
of a positive objective, a positive power of a nonnegative one) their parts that depend on the variable must be
proportional: G = c·F + d with c and d free of it, and the sign of c says whether maximisers stay maximisers. Unequal
coefficients give the condition under which they are equal. Parallel gradients alone are never taken as a reason. What
argmin f = v asks is answered in `minimiser.py`. A name defined as a set of optimisers is opened where it is a side.
"""

from __future__ import annotations

from dataclasses import replace

from flint import fmpq

from derive.language.budget import Budget
from derive.language.context import Context, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.optimum import OPTIMISERS, open_sets
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, free_names, make, num, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import Atom, Monomial, Poly, monomial_key, tensor_mark
from derive.normal_form.functions import logarithm
from derive.normal_form.lowering import Lowering
from derive.normal_form.polynomial import clear_kernels, multiply, power
from derive.normal_form.quotient import factors, numerator
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.sign import is_nonnegative, is_positive, sign_of
from derive.normal_form.spelling import spell, spell_poly, tidy_indices
from derive.normal_form.zero import entailed, vanishes
from derive.procedures.minimiser import decide_closed_form
from derive.procedures.monotone import Reduced, reductions
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import NOTHING

Parts = dict[Monomial, Poly]


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    left, right = open_sets(step.statement, step.context).args
    if left.head not in OPTIMISERS and right.head not in OPTIMISERS:
        return Declined("no set of maximisers or minimisers on either side")
    try:
        if left.head in OPTIMISERS and right.head in OPTIMISERS:
            return _same_optimisers(step, left, right, budget)
        one, value = (left, right) if left.head in OPTIMISERS else (right, left)
        return decide_closed_form(one, value, step.context, budget)
    except OutOfReach as out:
        return Declined(f"{out.reason} is out of the optimiser procedure's reach")


def _open_context(context: Context, name: str) -> Context:
    """The context without equations about the variable: under argmax the name is bound, and only its domain counts."""
    kept = tuple(
        fact
        for fact in context.facts
        if name not in free_names(fact) or not any(n.head in ("eq", "ne", "tends", "distributed") for n in walk(fact))
    )
    definitions = {k: v for k, v in context.definitions.items() if k != name}
    symbols = context.symbols
    if name not in symbols:
        symbols = {**symbols, name: Symbol(name)}
    return replace(context, facts=kept, definitions=definitions, symbols=symbols)


# --- two sets of optimisers -------------------------------------------------------------------------------------------


def _same_optimisers(step: Step, left: Term, right: Term, budget: Budget) -> Outcome:
    name = left.args[0].name
    if right.args[0].name != name:
        return Declined("the two sides optimise over different variables")
    if left.args[2:] != right.args[2:]:
        return Declined("the two sides have different constraints")
    context = _open_context(step.context, name)
    for constraint in left.args[2:]:
        context = context.assume(*conjuncts(constraint))
    same = left.head == right.head
    outcome = _compared(left.args[1], right.args[1], name, same, context, budget)
    if isinstance(outcome, Proof) and not outcome.conditions:
        return outcome
    found = _through_monotone(left.args[1], right.args[1], name, same, context, budget)
    return found if found is not None else outcome


def _through_monotone(f: Term, g: Term, name: str, same: bool, context: Context, budget: Budget) -> Proof | None:
    """One or both objectives replaced by what a monotone function is applied to."""
    plain = [[Reduced(side, 1, NOTHING)] for side in (f, g)]
    inner = [list(reductions(side, name, context, budget.part(0.4))) for side in (f, g)]
    for one in (*inner[0], *plain[0]):
        for other in (*inner[1], *plain[1]):
            if one.inner is f and other.inner is g:
                continue
            alike = same == (one.direction == other.direction)
            outcome = _compared(one.inner, other.inner, name, alike, context, budget)
            if isinstance(outcome, Proof) and not outcome.conditions:
                shown = one.shown.join(other.shown)
                evidence = ("a monotone function of the objective has the same optimisers", *outcome.evidence)
                return replace(outcome, trusts=shown.trusts, evidence=evidence)
    return None


def _compared(f: Term, g: Term, name: str, same: bool, context: Context, budget: Budget) -> Outcome:
    """Whether two objectives have the same optimisers (`same`: both are maximised or both minimised)."""
    reason = "no increasing transformation takes one objective to the other"
    for first, second in _TRANSFORMATIONS:
        ring = assemble(context, budget)
        lowering = Lowering(ring)
        try:
            one, other = lowering.lower(f), lowering.lower(g)
        except OutOfReach as out:
            return Declined(f"{out.reason} is out of the optimiser procedure's reach")
        needs = list(ring.needs)
        ring.needs.clear()
        obligations: list[Need] = []
        try:
            a = first(ring, one, obligations)
            b = second(ring, other, obligations)
        except OutOfReach as out:
            reason = f"{out.reason} is out of the optimiser procedure's reach"
            continue
        if a is None or b is None:
            continue
        outcome = _proportional(ring, a, b, name, same)
        if isinstance(outcome, Declined):
            reason = outcome.reason if first is second is _plain else reason
            continue
        # what a transformation took for granted is known to the ring by now, and a condition all the same
        conditions = [*outcome.conditions, *(tidy_indices(n.statement) for n in obligations)]
        conditions += [tidy_indices(n.statement) for n in [*ring.assumed, *needs] if not entailed(ring, n)]
        if any(name in free_names(c) for c in conditions) and not obligations:
            reason = "what the objectives need to have a value depends on the variable"
            continue
        return replace(outcome, conditions=tuple(dict.fromkeys(conditions)))
    return Declined(reason)


def _plain(ring: Ring, poly: Poly, obligations: list[Need]) -> Poly | None:
    return poly


def _log(ring: Ring, poly: Poly, obligations: list[Need]) -> Poly | None:
    """log of an objective that is positive (or must be)."""
    if not is_positive(ring, poly):
        if poly.single() is None:
            return None
        obligations.append(Need("positive", spell(ring, poly, "positive"), poly))
        ring.know("positive", poly)
    saved, ring.assuming = ring.assuming, True
    try:
        return logarithm(ring, poly)
    finally:
        ring.assuming = saved


def _base(ring: Ring, poly: Poly, obligations: list[Need]) -> Poly | None:
    """The base b of an objective c·b^e with e > 0, c > 0: x ↦ c·x^e is increasing for b ≥ 0, everywhere for odd e."""
    single = poly.single()
    if single is None or len(single[0]) != 1 or single[1] <= 0:
        return None
    atom, e = single[0][0]
    if e <= 0 or e == 1:
        return None
    base: Poly = atom.data[0] if atom.kind == "kernel" else ring.value(atom)
    if not is_nonnegative(ring, base) and not (isinstance(e, int) and e % 2):
        obligations.append(Need("nonnegative", spell(ring, base, "nonnegative"), base))
        ring.know("nonnegative", base)
    return base


def _square(ring: Ring, poly: Poly, obligations: list[Need]) -> Poly | None:
    """b² for an objective c·b^e with an even e above 2 and c > 0: x ↦ x^(e/2) is increasing where squares are."""
    single = poly.single()
    if single is None or len(single[0]) != 1 or single[1] <= 0:
        return None
    atom, e = single[0][0]
    return Poly({((atom, 2),): fmpq(1)}) if isinstance(e, int) and e > 2 and e % 2 == 0 else None


_TRANSFORMATIONS = (
    (_plain, _plain),
    (_square, _plain),
    (_plain, _square),
    (_square, _square),
    (_base, _plain),
    (_plain, _base),
    (_base, _base),
    (_log, _log),
    (_log, _plain),
    (_plain, _log),
)


def _depends(atom: Atom, name: str) -> bool:
    return name in atom.free or tensor_mark(name) in atom.free


def _parts(poly: Poly, name: str) -> tuple[Parts, Poly]:
    """Coefficients of the products of factors that depend on the variable; and the part free of it."""
    parts: Parts = {}
    rest = Poly({})
    for mono, c in poly.terms.items():
        moving = tuple(f for f in mono if _depends(f[0], name))
        fixed = Poly({tuple(f for f in mono if not _depends(f[0], name)): c})
        if moving:
            parts[moving] = parts.get(moving, Poly({})) + fixed
        else:
            rest = rest + fixed
    return {m: p for m, p in parts.items() if p}, rest


def _proportional(ring: Ring, f: Poly, g: Poly, name: str, same_kind: bool) -> Proof | Declined:
    first, _ = _parts(f, name)
    second, _ = _parts(g, name)
    if not first and not second:
        return Proof("optimiser", evidence=("neither objective depends on the variable",))
    if first.keys() != second.keys():
        return Declined("the objectives differ by more than a transformation, a factor and a constant")
    # the factor may be read off any part: one that shows its sign, if there is one
    keys = sorted(first, key=monomial_key)
    pivot = next((m for m in keys if _ratio_sign(ring, second[m], first[m]) != "?"), keys[0])
    top, bottom = second[pivot], first[pivot]
    conditions: list[Term] = []
    for mono in sorted(first, key=monomial_key):
        residual = multiply(ring, second[mono], bottom) - multiply(ring, first[mono], top)
        if vanishes(ring, residual):
            continue
        conditions.append(_equal_zero(ring, residual))
    sign = _ratio_sign(ring, top, bottom)
    wanted = "+" if same_kind else "-"
    if sign == "?":
        factor = multiply(ring, top, bottom)
        factor = factor if same_kind else -factor
        conditions.append(tidy_indices(spell(ring, factor, "positive")))
    elif sign != wanted:
        return Declined("the objectives are proportional with a factor of the other sign")
    evidence = (f"the objectives agree in {name} up to an increasing transformation, a factor and a constant",)
    return Proof("optimiser", tuple(dict.fromkeys(conditions)), evidence=evidence)


def _ratio_sign(ring: Ring, top: Poly, bottom: Poly) -> str:
    """The sign of top/bottom: by their signs, or because one is a number times the other."""
    sign = sign_of(ring, multiply(ring, top, bottom))
    if sign in ("+", "-"):
        return sign
    mono = next(iter(bottom.terms))
    if mono not in top.terms:
        return "?"
    number = top.terms[mono] / bottom.terms[mono]
    if top == bottom.scale(number):
        return "+" if number > 0 else "-"
    return "?"


def _equal_zero(ring: Ring, residual: Poly) -> Term:
    """`residual = 0` as its one factor that can vanish, solved for a scalar where it is linear in one."""
    poly, _ = clear_kernels(ring, residual)
    open_factors = [p for p, _ in factors(numerator(ring, poly)) if sign_of(ring, p) not in ("+", "-")]
    if len(open_factors) == 1:
        poly = open_factors[0]
    for mono in sorted(poly.terms, key=monomial_key):
        solved = _solved_for(ring, poly, mono)
        if solved is not None:
            return solved
    return tidy_indices(make("eq", spell_poly(ring, poly), num(0)))


def _solved_for(ring: Ring, poly: Poly, mono: Monomial) -> Term | None:
    """x = … where a term is a positive quantity times a scalar that occurs nowhere else."""
    for atom, e in mono:
        if atom.kind != "sym" or e != 1 or ring.is_index_like(atom.data[0].text):
            continue
        name = atom.data[0].text
        if any(name in a.free for m in poly.terms for a, _ in m if (m, a) != (mono, atom)):
            continue
        slope = Poly({tuple(f for f in mono if f[0] is not atom): poly.terms[mono]})
        if sign_of(ring, slope) not in ("+", "-"):
            continue
        rest = Poly({m: -c for m, c in poly.terms.items() if m != mono})
        value = multiply(ring, rest, power(ring, slope, -1))
        return tidy_indices(make("eq", spell_poly(ring, ring.value(atom)), spell_poly(ring, value)))
    return None


PROCEDURE = Procedure(
    "optimiser",
    frozenset(["eq"]),
    _decide,
    "the same maximisers or minimisers: monotone transformations, factors, constants; closed-form minimisers",
    proves=(
        Example(
            (r"f : \mathbb{R} \to \mathbb{R}", r"a < 0"), r"\arg\max_{\theta} a f(\theta) = \arg\min_{\theta} f(\theta)"
        ),
        Example((r"a \in \mathbb{R}",), r"\arg\min_{x} (x - a)^2 = a"),
        Example((r"a \in \mathbb{R}", r"x \ge 0"), r"\arg\min_{x} (x - a)^2 = \max(a, 0)"),
    ),
    declines=(
        Example((r"f : \mathbb{R} \to \mathbb{R}",), r"\arg\max_{t} (f(t) + t) = \arg\max_{t} f(t)"),
        Example((r"x \in \mathbb{R}",), r"\arg\min_{x} (x^2 - 1)^2 = 1"),
    ),
)
