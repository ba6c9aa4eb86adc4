"""From one equation to another: does every solution of the first satisfy the second, and conversely?

First the two sides' differences are compared as polynomials over their atoms: if one is the other times a factor, the
factor tells the direction (nonzero: equivalent; else it is the condition, or says which solutions are added); both
sides' logarithm or exponential may be taken before (`inversion.py`). Else the
premise is taken as a fact and the conclusion is proved by normal form, which covers multiplying by matrices and by
inverses that exist. Inequalities and systems with several unknowns are left to other procedures.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.affine import Affine, variable
from derive.language.budget import Budget
from derive.language.decision import Declined, Direction, Outcome, Proof
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, make
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import Poly
from derive.normal_form.lowering import Lowering
from derive.normal_form.quotient import divide_exactly, factors, numerator
from derive.normal_form.renaming import Substitution, substitute
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import is_nonzero
from derive.normal_form.spelling import spell, tidy_indices
from derive.normal_form.zero import Equal, decide, learn, side_conditions
from derive.procedures.inversion import solved_forms
from derive.procedures.procedure import Example, Procedure


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    premise, conclusion = step.statement.args
    forward = _follows(step, premise, conclusion, budget)
    if isinstance(forward, Declined):
        return forward
    backward = _follows(step, conclusion, premise, budget)
    if step.statement.head == "iff":
        if isinstance(backward, Declined):
            return backward
        conditions = tuple(dict.fromkeys([*forward.conditions, *backward.conditions]))
        return replace(forward, conditions=conditions, direction="equivalent")
    both = isinstance(backward, Proof) and set(backward.conditions) <= set(forward.conditions)
    direction: Direction = "equivalent" if both else "implies"
    return replace(forward, direction=direction)


def _follows(step: Step, premise: Term, conclusion: Term, budget: Budget) -> Proof | Declined:
    """Whether every solution of the premise satisfies the conclusion."""
    best: Proof | None = None
    reason = "no way from the first statement to the second was found"
    for attempt in (_by_factor, _by_fact):
        try:
            outcome = attempt(step, premise, conclusion, budget)
        except OutOfReach as out:
            outcome = Declined(f"{out.reason} is out of reach")
        if isinstance(outcome, Declined):
            reason = outcome.reason
            continue
        if not outcome.conditions:
            return outcome
        if best is None or len(outcome.conditions) < len(best.conditions):
            best = outcome
    return best or Declined(reason)


# --- by a factor ------------------------------------------------------------------------------------------------------


def _by_factor(step: Step, premise: Term, conclusion: Term, budget: Budget) -> Proof | Declined:
    equations = [p for p in conjuncts(premise) if p.head == "eq"]
    if len(equations) != 1 or conclusion.head != "eq":
        return Declined("no pair of equations")
    others = [p for p in conjuncts(premise) if p is not equations[0]]
    step = replace(step, context=step.context.assume(*others))
    premise = equations[0]
    shapes = [elaborate(s.args[0], step.context) for s in (premise, conclusion)]
    if not all(isinstance(s, Checked) for s in shapes):
        return Declined("the shapes do not conform")
    first, second = (s.shape for s in shapes if isinstance(s, Checked))
    if first != second:
        return Declined("equations of different shape")
    ring = assemble(step.context, budget)
    lowering = Lowering(ring)
    indices = tuple(variable(ring.fresh(Affine(1), size)) for axis in first.axes for size in axis)
    p = _difference(lowering, premise, indices)
    needs_premise = list(ring.needs)
    ring.needs.clear()
    q = _difference(lowering, conclusion, indices)
    needs_conclusion = list(ring.needs)
    ring.needs.clear()
    for need in needs_premise:
        if need.certain:
            learn(ring, need)
    bottom = numerator(ring, q)
    tops = [numerator(ring, p), *(() if first.axes else solved_forms(ring, p))]
    top = next((f for f in tops if f and (divide_exactly(bottom, f) or divide_exactly(f, bottom))), tops[0])
    for need in needs_conclusion:
        if need.kind == "nonzero" and need.poly is not None and _excludes_zero(ring, top, need.poly):
            learn(ring, need)
    if not top:
        return Declined("the first statement holds always, the second is no identity")
    conditions: list[Term] = []
    quotient = divide_exactly(bottom, top)
    if quotient is None:
        factor = divide_exactly(top, bottom)
        if factor is None:
            return Declined("neither equation is a multiple of the other")
        if any(not _is_scalar(f) for f, _ in factors(factor)):
            return Declined("the equations differ by a factor with open indices")
        conditions += [
            tidy_indices(spell(ring, part, "nonzero")) for part, _ in factors(factor) if not is_nonzero(ring, part)
        ]
    sides = (make("add", *premise.args), make("add", *conclusion.args))
    conditions += side_conditions(ring, needs_premise, needs_conclusion, sides)
    evidence = ("the second equation is the first times a factor",)
    if top is not tops[0]:
        evidence = ("the second equation is the first, solved for what stands in an exponential or logarithm",)
    return Proof("equation", tuple(dict.fromkeys(conditions)), evidence=evidence)


def _difference(lowering: Lowering, statement: Term, indices: tuple[Affine, ...]) -> Poly:
    left, right = statement.args
    return lowering.lower(left, indices) - lowering.lower(right, indices)


def _excludes_zero(ring: Ring, equation: Poly, quantity: Poly) -> bool:
    """Whether an equation fails wherever a scalar is 0, as n = λπ does at λ = 0 for n > 0."""
    single = quantity.single()
    if single is None or len(single[0]) != 1 or single[0][0][0].kind != "sym":
        return False
    name = single[0][0][0].data[0].text
    return is_nonzero(ring, substitute(ring, equation, Substitution(scalars={name: Poly({})})))


def _is_scalar(poly: Poly) -> bool:
    return not any(n.startswith("%") for n in poly.free)


# --- by taking the premise as a fact ----------------------------------------------------------------------------------


def _by_fact(step: Step, premise: Term, conclusion: Term, budget: Budget) -> Proof | Declined:
    if any(part.head != "eq" for part in conjuncts(conclusion)):
        return Declined("the second statement is no equation")
    context = step.context.assume(*conjuncts(premise))
    conditions: list[Term] = []
    for part in conjuncts(conclusion):
        left, right = part.args
        checked = elaborate(left, context)
        if not isinstance(checked, Checked):
            return Declined("the shapes do not conform")
        found = decide(left, right, checked.shape, context, budget, premises=conjuncts(premise))
        if not isinstance(found, Equal):
            return Declined("the second statement does not follow from the first by rewriting")
        conditions += found.conditions
    return Proof(
        "equation", tuple(dict.fromkeys(conditions)), evidence=("rewriting the second statement by the first",)
    )


PROCEDURE = Procedure(
    "equation",
    frozenset(["implies", "iff"]),
    _decide,
    "equation to equation: multiples, divisions, transposes, products with matrices and inverses, with the direction",
    proves=(
        Example(
            (r"X \in \mathbb{R}^{n \times d}, full column rank", r"w \in \mathbb{R}^d", r"y \in \mathbb{R}^n"),
            r"X^T X w = X^T y \iff w = (X^T X)^{-1} X^T y",
        ),
        Example((r"a, b, x \in \mathbb{R}", r"a \ne 0"), r"a x = b \iff x = \frac{b}{a}"),
    ),
    declines=(Example((r"x, y \in \mathbb{R}",), r"x = y \Rightarrow x = 2 y"),),
)
