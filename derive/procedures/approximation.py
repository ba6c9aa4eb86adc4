"""`A ≈ B` in a named limit: the error is of smaller order than the smallest term that B writes down.

Both sides are expanded in exact asymptotic series along the limit that the context names (`z → 0`, `n → ∞`); the
claim holds where A − B = o(the smallest explicit term of B), on each side of the point. So `e^z ≈ 1 + z + z²` is not
shown, though its relative error tends to 0.
"""

from __future__ import annotations

from derive.language.budget import Budget
from derive.language.context import Context, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.printing import plain
from derive.language.statement import Step
from derive.language.term import Term, free_names, make, names_order, num, sym
from derive.procedures.asymptotic import Approach, Expansion, Imprecise, Monomial, Series
from derive.procedures.elementary import Elem, Field
from derive.procedures.expand import OutOfReach, expand, open_derivatives
from derive.procedures.limit import Path, Walk, by_signs, close_sums, paths
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import Shown, plainest
from derive.procedures.region import hypotheses, plain_roots


def decide(step: Step, budget: Budget) -> Outcome:
    """Prove an approximation in the limit that is in force, or decline."""
    statement = step.statement
    if statement is None or statement.head != "approx":
        return Declined("no approximation is claimed")
    if names_order(statement):
        return Declined("no approximation is claimed, but an order")
    names = free_names(statement)
    towards = [f for f in step.context.facts if f.head == "tends" and f.args[0].head == "sym"]
    try:
        opened, smooth = open_derivatives(expand(statement, step.context), step.context)
        mine = [f for f in towards if f.args[0].name in names | free_names(opened)]
        if not mine:
            return Declined("no limit is named to judge ≈ in")
        if len(mine) > 1:
            return Declined("several limits are named to judge ≈ in")
        if smooth:
            return Declined("a derivative that need not exist")
        opened = plain_roots(opened)
        fact = mine[0]
        variable, point = fact.args
        context = step.context if variable.name in step.context.symbols else step.context.declare(Symbol(variable.name))
        facts = tuple(f for f in hypotheses([opened], context))
        notes: list[str] = []

        def attempt(given: tuple[Term, ...]) -> Shown | None:
            for path in paths(variable.name, point, str(fact.value or ""), context):
                note = _close(opened, path, given, context, budget)
                if note is None:
                    return None
                notes.append(note)
            return Shown(("asymptotic series",))

        result = by_signs(attempt, facts, context, budget)
    except OutOfReach as out:
        return Declined(out.reason)
    if result is None:
        return Declined("the error is not shown to be smaller than the last term written")
    note = notes[0] if notes and all(n == notes[0] for n in notes) else ""
    return Proof(
        "approximation",
        conditions=tuple(plainest(c, context, budget) for c in result.conditions),
        trusts=result.shown.trusts,
        evidence=result.shown.methods,
        note=note,
    )


def _close(statement: Term, path: Path, premises: tuple[Term, ...], context: Context, budget: Budget) -> str | None:
    """The order of the error in words, where it is smaller than the smallest explicit term of the right side."""
    walker = Walk(path, premises, context, budget)
    left, right = (walker.smooth(close_sums(side, walker.premises, context, budget)) for side in statement.args)
    for side in (left, right):
        walker.defined(side)
    terms = _explicit(right)
    field, approach, (f, *lowered) = walker.lower(left, *terms)
    g = lowered[0]
    for term in lowered[1:]:
        g = g + term
    difference = f - g
    if difference.is_zero:
        return "no error"
    note: str | None = None
    smallest: Monomial | None = None
    for count in (4, 8, 16):
        expansion = Expansion(field, approach, count, budget)
        try:
            smallest = None
            for element in lowered:
                monomial = _order(expansion, element)
                if monomial is not None and (smallest is None or expansion.compare(monomial, smallest) < 0):
                    smallest = monomial
            if smallest is None:
                return None
            series = expansion.of(difference)
            if series.terms and expansion.compare(series.terms[0][0], smallest) < 0:
                return _words(field, series.terms[0][0], path, approach)
            order = _leading(expansion, series)
            if order is None:
                return "no error"
            known = any(expansion.sign(c) for _, c in series.terms)
            if expansion.compare(order, smallest) < 0:
                note = _words(field, order, path, approach) if known else ""
                if known:
                    return note
            elif known:
                return None
        except Imprecise:
            continue
    return note


def _explicit(term: Term) -> list[Term]:
    """The terms of a sum, signs and nested sums opened."""
    if term.head == "add":
        return [t for a in term.args for t in _explicit(a)]
    if term.head == "neg":
        return [make("neg", t) for t in _explicit(term.args[0])]
    return [term]


def _order(expansion: Expansion, element: Elem) -> Monomial | None:
    """The leading monomial of an element, None where it is 0."""
    if element.is_zero:
        return None
    series = expansion.of(element)
    if not series.terms and series.error is None:
        return None
    try:
        return expansion.lead(series)[0]
    except Imprecise:
        raise
    except OutOfReach:
        if series.error is None and all(expansion.sign(c) == 0 for _, c in series.terms):
            return None
        raise


def _leading(expansion: Expansion, series: Series) -> Monomial | None:
    """The leading monomial, or that of the error; None where the series is exactly 0."""
    for monomial, c in series.terms:
        if expansion.sign(c):
            return monomial
    return series.error


def _words(field: Field, order: Monomial, path: Path, approach: Approach) -> str:
    """The order of the error in the user's variable."""
    x = sym(path.name)
    base = x
    sign = 1
    if approach.point is not None:
        base = x if approach.point.is_zero else make("add", x, make("neg", field.term(approach.point)))
        sign = -1
    parts: list[Term] = []
    for (degree, logs), c in order.tower:
        if logs:
            return ""
        value = field.term(c)
        exponent = make("mul", value, make("pow", base, num(degree * sign)) if degree * sign != 1 else base)
        if degree * sign == 1 and c.rational == -1:
            exponent = make("neg", base)
        elif degree * sign == 1 and c.rational == 1:
            exponent = base
        if path.point is None and path.side == "-":
            return ""
        parts.append(make("exp", exponent))
    power = order.power * sign
    if not power.is_zero:
        parts.append(base if power.rational == 1 else make("pow", base, field.term(power)))
    if order.logs:
        logarithm = make("log", base)
        parts.append(logarithm if order.logs == 1 else make("pow", logarithm, num(order.logs)))
    if not parts:
        return ""
    return f"error of order {plain(parts[0] if len(parts) == 1 else make('mul', *parts))}"


PROCEDURE = Procedure(
    name="approximation",
    heads=frozenset(["approx"]),
    decide=decide,
    summary="≈ in a named limit, by exact asymptotic series, with the order of the error",
    proves=(
        Example((r"z \to 0",), r"e^z \approx 1 + z"),
        Example((r"x \to \infty",), r"\log(1 + e^x) \approx x"),
    ),
    declines=(
        Example((r"z \to 0",), r"e^z \approx 1 + z + z^2"),
        Example((r"z \in \mathbb{R}",), r"e^z \approx 1 + z"),
    ),
)
