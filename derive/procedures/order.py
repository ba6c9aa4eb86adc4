"""`A = B + O(g)` in a limit: the difference of the two sides is at most a multiple of g in the end.

Both sides are expanded in exact asymptotic series along the limit that the context names; where none is named and g is
a power of one variable, the variable goes to 0. The claim holds where the leading term of A − B is no larger than g, on
each side of the point, and fails, in a limit that was named, where a leading term with a coefficient that is never 0 is
larger. Other symbols are
fixed while the limit is taken. Functions of which only derivatives are known are out of reach.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.language.budget import Budget
from derive.language.context import Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.printing import plain
from derive.language.statement import Step
from derive.language.term import Term, free_names, make, names_order, num, walk
from derive.procedures.asymptotic import Approach, Expansion, Imprecise
from derive.procedures.elementary import Elem, Field
from derive.procedures.expand import OutOfReach, expand, open_derivatives
from derive.procedures.limit import Walk, by_signs, close_sums, paths
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import Shown, plainest
from derive.procedures.region import hypotheses, plain_roots

_DEPTH = 2


def decide(step: Step, budget: Budget) -> Outcome:
    """Prove a claim about the order of an error, or that it fails; or decline."""
    statement = step.statement
    if statement is None:
        return Declined("no order is claimed")
    fails = statement.head == "not"
    claim = statement.args[0] if fails else statement
    if not names_order(claim):
        return Declined("no order is claimed")
    sides = [_summands(side) for side in claim.args]
    left, right = ([t.args[0] for t in side if t.head == "order"] for side in sides)
    rest = [_sum([t for t in side if t.head != "order"]) for side in sides]
    if len(right) != 1 or any(node.head == "order" for part in (*rest, *left, *right) for node in walk(part)):
        return Declined("no single order stands in the sum on the right")
    if fails and left:
        return Declined("an order stands on both sides")
    limit = _limit(step, claim, right[0])
    if isinstance(limit, Declined):
        return limit
    name, point, side, inferred = limit
    if inferred and fails:
        return Declined("the limit is inferred, and the claim may be meant in another one")
    if any(name in free_names(f) and any(node.head == "eq" for node in walk(f)) for f in step.context.facts):
        return Declined(f"an equation ties {name} to other quantities, which then move with it")
    context = step.context if name in step.context.symbols else step.context.declare(Symbol(name))
    try:
        opened: list[Term] = []
        for part in (make("add", rest[0], make("neg", rest[1])), *left, *right):
            value, smooth = open_derivatives(expand(part, context), context)
            if smooth:
                return Declined("a derivative that need not exist")
            opened.append(plain_roots(value))
        facts = tuple(hypotheses(opened, context))

        def attempt(given: tuple[Term, ...]) -> Shown | None:
            answers = [
                _larger(opened[:-1], opened[-1], Walk(path, given, context, budget), budget)
                for path in paths(name, point, side, context)
            ]
            holds = any(answers) if fails else answers and not any(answers)
            return Shown(("asymptotic series",)) if holds else None

        result = by_signs(attempt, facts, context, budget, 0 if fails else _DEPTH)
    except OutOfReach as out:
        return Declined(out.reason)
    if result is None or any(fails or c.head == "eq" for c in result.conditions):
        return Declined("the error is not shown to be of this order")
    return Proof(
        "order of the error",
        conditions=tuple(plainest(c, context, budget) for c in result.conditions),
        trusts=result.shown.trusts,
        evidence=result.shown.methods,
        note=f"as {name} → {plain(point)}" if inferred else "",
    )


def _limit(step: Step, claim: Term, gauge: Term) -> tuple[str, Term, str, bool] | Declined:
    """The variable, its point and side, and whether they were inferred from the gauge."""
    names = free_names(claim)
    named = [f for f in step.context.facts if f.head == "tends" and f.args[0].head == "sym"]
    mine = [f for f in named if f.args[0].name in names]
    if len(mine) > 1:
        return Declined("several limits are named to judge the order in")
    if mine:
        return mine[0].args[0].name, mine[0].args[1], str(mine[0].value or ""), False
    base = power_of_name(gauge)
    symbol = step.context.symbols.get(base) if base is not None else None
    whole = symbol is not None and (symbol.role != "variable" or symbol.domain.kind not in ("real", "interval"))
    if base is None or whole:
        return Declined("no limit is named to judge the order in")
    return base, num(0), "", True


def power_of_name(gauge: Term) -> str | None:
    """x, where a formula is x or a power of x with a number from 1 on."""
    if gauge.head == "sym":
        return gauge.name
    if gauge.head == "pow" and gauge.args[0].head == "sym" and gauge.args[1].head == "num" and gauge.args[1].value >= 1:
        return gauge.args[0].name
    return power_of_name(gauge.args[0]) if gauge.head == "abs" else None


def _larger(parts: Sequence[Term], gauge: Term, walker: Walk, budget: Budget) -> bool:
    """Whether one of the parts is larger than the gauge in the end; raises where that is not known."""
    closed = [walker.smooth(close_sums(t, walker.premises, walker.context, budget)) for t in (*parts, gauge)]
    for term in closed:
        walker.defined(term)
    field, approach, (*elements, scale) = walker.lower(*closed)
    return any(_exceeds(element, scale, field, approach, budget) for element in elements if not element.is_zero)


def _exceeds(element: Elem, gauge: Elem, field: Field, approach: Approach, budget: Budget) -> bool:
    """Whether an element is of a larger order than a gauge."""
    for count in (4, 8, 16):
        expansion = Expansion(field, approach, count, budget)
        try:
            bound = expansion.lead(expansion.of(gauge))[0]
            series = expansion.of(element)
            for monomial, c in series.terms:
                if expansion.compare(monomial, bound) <= 0:
                    return False
                if expansion.sign(c):
                    return True
            if series.error is None or expansion.compare(series.error, bound) <= 0:
                return False
        except Imprecise:
            continue
    raise OutOfReach("the terms of the series cancel as far as it was taken")


def _summands(term: Term) -> list[Term]:
    """The terms of a sum, signs and nested sums opened; the order of a quantity has no sign."""
    if term.head == "add":
        return [t for a in term.args for t in _summands(a)]
    if term.head == "neg":
        return [t if t.head == "order" else make("neg", t) for t in _summands(term.args[0])]
    return [term]


def _sum(terms: Sequence[Term]) -> Term:
    return num(0) if not terms else terms[0] if len(terms) == 1 else make("add", *terms)


PROCEDURE = Procedure(
    name="order",
    heads=frozenset(["approx", "not"]),
    decide=decide,
    summary="the order of an error, O(x^k), in a limit, by exact asymptotic series; also that an error is larger",
    proves=(
        Example((r"x \to 0",), r"\log(1 + x) = x - \frac{x^2}{2} + O(x^3)"),
        Example((r"x \to \infty",), r"\sqrt{x^2 + 1} = x + O(1/x)"),
        Example((r"h \in \mathbb{R}",), r"\sin h = h + O(h^3)"),
    ),
    declines=(
        Example((r"x \to 0",), r"\log(1 + x) = x + \frac{x^2}{2} + O(x^3)"),
        Example((r"x \to 0",), r"e^x = 1 + O(x^2)"),
        Example((r"x, a \in \mathbb{R}", r"x \to 0"), r"e^{a x} = 1 + O(x^2)"),
    ),
)
