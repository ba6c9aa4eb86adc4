"""Ask the procedures, in their order, for a proof.

The first proof without conditions wins; else the one with the fewest. Conditions that a procedure leaves are themselves
given to the procedures, and drop out where they follow from what is in force. A conjunction is proved part by part, a
statement for every index for an index that stands for any, an implication from its premise.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from derive.checking.engines import Engines
from derive.checking.needs import assume, in_force, needs
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Domain, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.heads import NEGATION
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, free_names, make, num, walk

OUT_OF_TIME = "the time was not enough"

_log = logging.getLogger(__name__)

_DISCHARGEABLE = frozenset([*NEGATION, "not"])


def prove(step: Step, engines: Engines, budget: Budget, lemmas: tuple[Term, ...] = ()) -> Outcome:
    """A proof of the step, if need be from `lemmas` (statements proved before), or the most telling refusal."""
    statement = step.statement
    assert statement is not None
    if statement.head == "and":
        return _every(step, conjuncts(statement), engines, budget, lemmas)
    outcome = _prove(step, statement, engines, budget, lemmas)
    if isinstance(outcome, Proof) and statement.head in ("implies", "iff"):
        outcome = _with_values(step, outcome, statement.left, statement.right, engines, budget)
        if statement.head == "iff":
            outcome = _with_values(step, outcome, statement.right, statement.left, engines, budget)
    return _with_odd_roots(step, outcome, engines, budget) if isinstance(outcome, Proof) else outcome


def _prove(step: Step, statement: Term, engines: Engines, budget: Budget, lemmas: tuple[Term, ...]) -> Outcome:
    outcome = _ask(step, engines, budget)
    if isinstance(outcome, Proof) and not outcome.conditions:
        return outcome
    attempts: list[Outcome] = [outcome]
    if lemmas:
        attempts.append(_ask(replace(step, context=assume(step.context, lemmas)), engines, budget))
    if statement.head == "forall":
        attempts.append(_for_each(step, engines, budget, lemmas))
    if statement.head in ("implies", "iff"):
        attempts.append(_from_premise(step, engines, budget, lemmas))
    proofs = [a for a in attempts if isinstance(a, Proof)]
    if proofs:
        return min(proofs, key=lambda p: len(p.conditions))
    return next((a for a in reversed(attempts) if isinstance(a, Declined) and a.reason), outcome)


def _with_values(
    step: Step, proof: Proof, premise: Term, conclusion: Term, engines: Engines, budget: Budget
) -> Proof:
    """A proof of premise ⇒ conclusion, conditional too on what the conclusion needs to have a value at all: a solution
    of the premise at which it has none does not satisfy it."""
    parts = conjuncts(conclusion)
    if any(part.head not in NEGATION for part in parts):
        return proof
    whole = replace(step, context=assume(step.context, (*conjuncts(premise), *needs(premise, step.context))))
    asked = [n for part in parts for n in needs(part, whole.context) if n.head in NEGATION]
    asked = [n for n in dict.fromkeys(asked) if n not in proof.conditions]
    for need in asked:
        under = replace(whole, context=assume(whole.context, proof.conditions))
        left = discharge(replace(proof, conditions=(need,)), under, engines, budget)
        proof = replace(proof, conditions=(*proof.conditions, *left.conditions), trusts=left.trusts)
    return proof


def _with_odd_roots(step: Step, proof: Proof, engines: Engines, budget: Budget) -> Outcome:
    """A proof about odd roots, conditional on radicands that are not negative: the cube root of −8 is −2 to some
    authors and nothing to others, and here it has no value."""
    assert step.statement is not None
    roots = [n for n in walk(step.statement) if n.head == "pow" and _is_odd_root(n.args[1])]
    for base in dict.fromkeys(n.args[0] for n in roots):
        need = make("ge", base, num(0))
        if not free_names(base) <= set(step.context.symbols):
            return Declined("an odd root of what may be negative")
        under = replace(step, context=assume(step.context, proof.conditions))
        left = discharge(replace(proof, conditions=(need,)), under, engines, budget)
        proof = replace(proof, conditions=(*proof.conditions, *left.conditions), trusts=left.trusts)
    return proof


def _is_odd_root(exponent: Term) -> bool:
    if exponent.head == "div" and all(a.head == "num" for a in exponent.args) and exponent.args[1].value != 0:
        value = exponent.args[0].value / exponent.args[1].value
    elif exponent.head == "num":
        value = exponent.value
    else:
        return False
    return bool(value.denominator > 1 and value.denominator % 2 == 1)


def _from_premise(step: Step, engines: Engines, budget: Budget, lemmas: tuple[Term, ...]) -> Outcome:
    """The conclusion, with the premise taken as true; and for the direction, the other way round."""
    statement = step.statement
    assert statement is not None
    forward = _assuming(step, statement.left, statement.right, engines, budget.part(0.7), lemmas)
    if isinstance(forward, Declined):
        return forward
    back = _assuming(step, statement.right, statement.left, engines, budget.part(0.7), lemmas)
    if statement.head == "iff":
        if isinstance(back, Declined):
            return back
        return replace(merge([forward, back]), direction="equivalent")
    equivalent = isinstance(back, Proof) and set(back.conditions) <= set(forward.conditions)
    return replace(forward, direction="equivalent" if equivalent else "implies")


def _assuming(
    step: Step, premise: Term, conclusion: Term, engines: Engines, budget: Budget, lemmas: tuple[Term, ...]
) -> Outcome:
    context = assume(step.context, conjuncts(premise))
    try:
        return prove(replace(step, statement=conclusion, context=context, origin=None), engines, budget, lemmas)
    except BudgetSpent:
        return Declined(OUT_OF_TIME)


def _for_each(step: Step, engines: Engines, budget: Budget, lemmas: tuple[Term, ...]) -> Outcome:
    """A statement for every index of a range, proved for an index symbol that stands for any of them."""
    statement = step.statement
    assert statement is not None
    variable, low, high, body = statement.args
    if variable.name in step.context.symbols:
        return Declined("the index of this statement has another meaning outside")
    index = Symbol(variable.name, role="index", domain=Domain("integer", low, high))
    context = step.context.declare(index)
    outcome = prove(replace(step, statement=body, context=context, origin=None), engines, budget, lemmas)
    if isinstance(outcome, Declined):
        return outcome
    conditions = tuple(
        make("forall", variable, low, high, c) if variable.name in free_names(c) else c for c in outcome.conditions
    )
    return replace(outcome, conditions=conditions)


def _every(step: Step, parts: tuple[Term, ...], engines: Engines, budget: Budget, lemmas: tuple[Term, ...]) -> Outcome:
    proofs: list[Proof] = []
    for part in parts:
        outcome = prove(replace(step, statement=part), engines, budget, lemmas)
        if isinstance(outcome, Declined):
            return outcome
        proofs.append(outcome)
    return merge(proofs)


def merge(proofs: list[Proof]) -> Proof:
    """One proof of several statements."""
    methods = dict.fromkeys(p.method for p in proofs)
    return Proof(
        ", ".join(methods),
        tuple(dict.fromkeys(c for p in proofs for c in p.conditions)),
        tuple(dict.fromkeys(t for p in proofs for t in p.trusts)),
        tuple(e for p in proofs for e in p.evidence),
        note="; ".join(dict.fromkeys(p.note for p in proofs if p.note)),
    )


def _ask(step: Step, engines: Engines, budget: Budget) -> Outcome:
    statement = step.statement
    assert statement is not None
    best: Proof | None = None
    reasons: list[tuple[int, str]] = []
    for procedure in engines.procedures:
        if statement.head not in procedure.heads:
            continue
        budget.spend()
        part = budget.part(0.5)
        try:
            outcome = procedure.decide(step, part)
        except BudgetSpent:
            reasons.append((0, f"{procedure.name}: {OUT_OF_TIME}"))
            continue
        except Exception as error:
            # a fault in one procedure is no answer; the others are still asked
            _log.warning("procedure %s failed on step %s", procedure.name, step.id, exc_info=True)
            reasons.append((1, f"{procedure.name} failed ({type(error).__name__}); please report this step"))
            continue
        if isinstance(outcome, Declined):
            reasons.append((len(procedure.heads), outcome.reason))
            continue
        proof = discharge(outcome, step, engines, budget) if outcome.conditions else outcome
        if not _sayable(proof, step):
            reasons.append((len(procedure.heads), "it would hold only under a condition that cannot be met or said"))
            continue
        if not proof.conditions:
            return proof
        if best is None or len(proof.conditions) < len(best.conditions):
            best = proof
    if best is not None:
        return best
    if not reasons:
        return Declined("no procedure answers for this kind of statement")
    # "no limit is taken" says that a procedure had no business here: another's reason tells more
    telling = [pair for pair in reasons if not pair[1].startswith("no ")] or reasons
    return Declined(min(telling, key=lambda pair: pair[0])[1])


def _sayable(proof: Proof, step: Step) -> bool:
    """Whether the conditions speak of the step's own symbols, and are neither the step itself nor plainly false."""
    known = step.context.symbols
    for condition in proof.conditions:
        if condition == step.statement or not free_names(condition) <= set(known):
            return False
        if condition.head in NEGATION and _plainly_false(condition):
            return False
    return True


def _plainly_false(condition: Term) -> bool:
    """Whether two numbers are compared wrongly."""
    left, right = condition.args
    if left.head != "num" or right.head != "num":
        return False
    a, b = left.value, right.value
    return not {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[condition.head]


def impossible(condition: Term, step: Step, engines: Engines, budget: Budget) -> bool:
    """Whether the contrary of a condition follows from what is in force."""
    if condition.head not in NEGATION:
        return False
    contrary = make(NEGATION[condition.head], *condition.args)
    return _plainly(replace(step, statement=contrary, kind="claim", origin=None), engines, budget) is not None


def contrary(step: Step, engines: Engines, budget: Budget) -> Proof | None:
    """A proof that a comparison of two scalars fails for all values, if the procedures know one."""
    statement = step.statement
    assert statement is not None
    if statement.head == "eq":
        heads = ["lt", "gt"]
    elif statement.head in ("lt", "le", "gt", "ge"):
        heads = [NEGATION[statement.head]]
    elif statement.head == "approx":
        return _plainly(replace(step, statement=make("not", statement), kind="claim", origin=None), engines, budget)
    else:
        return None
    for head in heads:
        claim = make(head, *statement.args)
        if not isinstance(elaborate(claim, step.context), Checked):
            return None
        found = _plainly(replace(step, statement=claim, kind="claim", origin=None), engines, budget)
        if found is not None:
            return found
    return None


def discharge(proof: Proof, step: Step, engines: Engines, budget: Budget) -> Proof:
    """Drop the conditions that follow from what is in force."""
    left: list[Term] = []
    used: list[Proof] = []
    context = step.context
    for condition in proof.conditions:
        if in_force(condition, context):
            continue
        found = _plainly(replace(step, statement=condition, kind="claim", origin=None), engines, budget)
        if found is None:
            left.append(condition)
        else:
            used.append(found)
    if len(left) == len(proof.conditions):
        return proof
    trusts = tuple(dict.fromkeys([*proof.trusts, *(t for p in used for t in p.trusts)]))
    return replace(proof, conditions=tuple(left), trusts=trusts)


def _plainly(step: Step, engines: Engines, budget: Budget) -> Proof | None:
    """An unconditional proof of a condition, in a small share of the time."""
    statement = step.statement
    assert statement is not None
    if statement.head not in _DISCHARGEABLE:
        return None
    for procedure in engines.procedures:
        if statement.head not in procedure.heads:
            continue
        try:
            outcome = procedure.decide(step, budget.part(0.15))
        except BudgetSpent:
            continue
        except Exception:
            _log.warning("procedure %s failed on a condition of step %s", procedure.name, step.id, exc_info=True)
            continue
        if isinstance(outcome, Proof) and not outcome.conditions:
            return outcome
    return None
