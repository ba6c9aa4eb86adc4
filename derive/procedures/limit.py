"""Limits, by exact asymptotic series.

Branches of piecewise parts are chosen by the sign that their conditions have in the end, on each side, before
anything else; sums of powers are closed; then the leading term of the series is the limit. Where it depends on the
sign of a constant with parameters the claim is tried for each sign, and holds under those for which it does. A limit
from both sides needs both to agree, within the declared domain of the variable.

No limit of an unknown function is found, nor of iterated exponentials; a limit in several variables is not meant
here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.language.affine import affine_of
from derive.language.budget import Budget
from derive.language.context import Context, Domain, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.heads import RELATIONS
from derive.language.statement import Step
from derive.language.term import Term, bound_scope, free_names, fresh_name, make, num, substitute, sym, walk
from derive.procedures.asymptotic import (
    Approach,
    ConditionNeeded,
    Limit,
    Side,
    SignNeeded,
    eventual_sign,
    find_limit,
)
from derive.procedures.elementary import Elem, Field, monomials, rational_value
from derive.procedures.expand import OutOfReach, expand, open_derivatives
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import Shown, plainest, prove
from derive.procedures.region import ZERO, hypotheses, needs, negate, plain_form, plain_roots

INFINITY = make("infinity")
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Path:
    """How a variable runs: its name, the point (None: infinity) and the side from which it is reached."""

    name: str
    point: Term | None
    side: Side


class Walk:
    """Questions about formulas of one variable in the end of its path, given premises on everything else."""

    def __init__(self, path: Path, premises: Sequence[Term], context: Context, budget: Budget) -> None:
        self.path = path
        self.context = context
        self.budget = budget
        x = sym(path.name)
        kept = [p for p in premises if path.name not in free_names(p)]
        # where the variable is in the end
        start = num(0) if path.point is None else path.point
        ahead = path.side == "+"
        kept.append(make("gt" if ahead else "lt", x, start))
        value = rational_value(start)
        if path.point is None:
            kept.append(make("gt" if ahead else "lt", x, num(3 if ahead else -3)))
        elif value is not None:
            kept.append(make("lt" if ahead else "gt", x, num(value + Fraction(1 if ahead else -1, 1000))))
        self.premises = tuple(kept)

    def lower(self, *terms: Term) -> tuple[Field, Approach, list[Elem]]:
        """Formulas over one field, with the approach in it."""
        field = Field(self.context, [p for p in self.premises if p.head in RELATIONS])
        point = self.path.point if self.path.point is not None else ZERO
        x, target, *lowered = field.lower(sym(self.path.name), point, *terms)
        where = None if self.path.point is None else target
        return field, Approach(field.direct(x.num)[0], where, self.path.side), lowered

    def sign(self, term: Term) -> int:
        """The sign of a formula without piecewise parts, in the end."""
        field, approach, (element,) = self.lower(term)
        return eventual_sign(field, element, approach, self.budget)

    def truth(self, statement: Term) -> bool:
        """Whether a condition holds in the end (or fails in the end)."""
        head, args = statement.head, statement.args
        if head == "true":
            return True
        if head in ("and", "or"):
            parts = [self.truth(a) for a in args]
            return all(parts) if head == "and" else any(parts)
        if head == "not":
            return not self.truth(args[0])
        if head == "implies":
            return not self.truth(args[0]) or self.truth(args[1])
        if head not in RELATIONS or head in ("approx", "propto"):
            raise OutOfReach("a condition that is no relation")
        sign = self.sign(self.smooth(make("add", args[0], make("neg", args[1]))))
        return {"eq": sign == 0, "ne": sign != 0, "lt": sign < 0, "le": sign <= 0, "gt": sign > 0, "ge": sign >= 0}[
            head
        ]

    def smooth(self, term: Term) -> Term:
        """The formula that a piecewise one is in the end."""
        if not term.args or term.head in ("entry", "norm", "expect", "limit"):
            return term
        if term.head == "cases":
            for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
                if self.truth(condition):
                    if value.head == "undefined":
                        raise OutOfReach("no value along the way")
                    return self.smooth(value)
            raise OutOfReach("no value along the way")
        if term.head == "indicator":
            return num(int(self.truth(term.args[0])))
        args = tuple(self.smooth(a) for a in term.args)
        if term.head == "abs":
            return args[0] if self.sign(args[0]) >= 0 else make("neg", args[0])
        if term.head == "sign":
            return num(self.sign(args[0]))
        if term.head == "delta":
            return num(int(self.sign(make("add", args[0], make("neg", args[1]))) == 0))
        if term.head in ("max", "min"):
            best = args[0]
            for other in args[1:]:
                sign = self.sign(make("add", other, make("neg", best)))
                if (sign > 0) == (term.head == "max") and sign:
                    best = other
            return best
        return term.with_args(args)

    def defined(self, body: Term) -> None:
        """Raise unless a formula has a value in the end; what that needs of other quantities must follow."""
        for need in needs(body, self.context):
            if self.path.name not in free_names(need):
                if prove(need, self.premises, self.context, self.budget) is None:
                    raise ConditionNeeded(need)
            elif not self.truth(need):
                raise OutOfReach("no value along the way")

    def limit(self, body: Term) -> Term:
        """The limit of a formula; `infinity` and its negative where it is infinite."""
        body = self.smooth(plain_roots(body))
        self.defined(body)
        field, approach, (element,) = self.lower(body)
        found: Limit = find_limit(field, element, approach, self.budget)
        if found.value is None:
            return INFINITY if found.infinite > 0 else make("neg", INFINITY)
        result = field.term(found.value)
        if self.path.name in free_names(result):
            raise OutOfReach("a limit that still varies")
        return result


def paths(name: str, point: Term, side: str, context: Context) -> tuple[Path, ...]:
    """The paths of a limit: one at infinity or for a one-sided limit, else those within the variable's domain."""
    if point.head == "infinity":
        return (Path(name, None, "+"),)
    if point.head == "neg" and point.args[0].head == "infinity":
        return (Path(name, None, "-"),)
    if any(n.head == "infinity" for n in walk(point)):
        raise OutOfReach("a point that is not a number")
    if side in ("+", "-"):
        return (Path(name, point, "+" if side == "+" else "-"),)
    symbol = context.symbols.get(name)
    both = (Path(name, point, "+"), Path(name, point, "-"))
    if symbol is None or symbol.domain.kind != "interval":
        return both
    if symbol.domain.high is not None and symbol.domain.high == point:
        return both[1:]
    if symbol.domain.low is not None and symbol.domain.low == point:
        return both[:1]
    return both


def close_sums(term: Term, premises: Sequence[Term], context: Context, budget: Budget) -> Term:
    """Sums of a constant, of i and of c·r^(±i + m) in closed form, where r ≠ 1 follows."""
    if not term.args or term.head == "entry":
        return term
    binder = bound_scope(term)
    args = tuple(a if binder and i == 0 else close_sums(a, premises, context, budget) for i, a in enumerate(term.args))
    term = term.with_args(args)
    if term.head != "sum" or len(args) != 4:
        return term
    var, low, high, body = args
    if high.head == "infinity":
        name = fresh_name("N", set(context.symbols) | free_names(term))
        partial = close_sums(make("sum", var, low, sym(name), body), premises, context, budget)
        return term if partial.head == "sum" else make("limit", sym(name), INFINITY, partial, value="")
    count = make("add", high, make("neg", low), num(1))
    if var.name not in free_names(body):
        return make("mul", count, body)
    if body == var:
        return make("div", make("mul", make("add", low, high), count), num(2))
    factors = list(body.args) if body.head == "mul" else [body]
    varying = [f for f in factors if var.name in free_names(f)]
    constant = [f for f in factors if var.name not in free_names(f)]
    if len(varying) != 1 or varying[0].head != "pow" or var.name in free_names(varying[0].args[0]):
        return term
    ratio, exponent = varying[0].args
    affine = affine_of(exponent)
    if affine is None or abs(affine.coefficient(var.name)) != 1:
        return term
    # Σ r^(i + m) and, reversed, Σ r^(m − i) both run over consecutive exponents
    first, last = (low, high) if affine.coefficient(var.name) == 1 else (high, low)
    start, stop = (substitute(exponent, {var.name: end}) for end in (first, last))
    if prove(make("ne", ratio, num(1)), premises, context, budget) is None:
        raise ConditionNeeded(make("ne", ratio, num(1)))
    powers = make("add", make("pow", ratio, start), make("neg", make("pow", ratio, make("add", stop, num(1)))))
    quotient = make("div", powers, make("add", num(1), make("neg", ratio)))
    return make("mul", *constant, quotient) if constant else quotient


def evaluate_limits(term: Term, premises: Sequence[Term], context: Context, budget: Budget) -> Term:
    """The term with every limit replaced by its value. Raises `OutOfReach` (`SignNeeded`, `ConditionNeeded`)."""
    if not term.args:
        return term
    if term.head == "limit":
        var, point, body = term.args
        point = evaluate_limits(point, premises, context, budget)
        inner = context if var.name in context.symbols else context.declare(Symbol(var.name))
        if _counts(body, var.name):
            inner = inner.declare_only(Symbol(var.name, domain=Domain("natural")))
        body = evaluate_limits(body, premises, inner, budget)
        values = []
        for path in paths(var.name, point, str(term.value or ""), context):
            walker = Walk(path, premises, inner, budget)
            closed = close_sums(body, walker.premises, inner, budget)
            values.append(walker.limit(evaluate_limits(closed, walker.premises, inner, budget)))
        for value in values[1:]:
            if not _same(values[0], value, premises, context, budget):
                raise OutOfReach("the limits from both sides are not shown to agree")
        return values[0]
    binder = bound_scope(term)
    if binder and not any(n.head == "limit" for n in walk(term)):
        return term
    return term.with_args(tuple(evaluate_limits(a, premises, context, budget) for a in term.args))


def _counts(body: Term, name: str) -> bool:
    """Whether a variable ends the range of a sum or product, and so is a natural number."""
    return any(n.head in ("sum", "prod") and name in free_names(n.args[1]) | free_names(n.args[2]) for n in walk(body))


def _infinite(term: Term) -> int:
    if term.head == "infinity":
        return 1
    return -_infinite(term.args[0]) if term.head == "neg" else 0


def _same(left: Term, right: Term, premises: Sequence[Term], context: Context, budget: Budget) -> bool:
    if _infinite(left) or _infinite(right):
        return _infinite(left) == _infinite(right)
    return prove(make("eq", left, right), premises, context, budget) is not None


@dataclass(frozen=True, slots=True)
class Holds:
    """A claim that holds under conditions (none: always)."""

    shown: Shown
    conditions: tuple[Term, ...] = ()


def by_signs(
    attempt: Callable[[tuple[Term, ...]], Shown | None],
    premises: tuple[Term, ...],
    context: Context,
    budget: Budget,
    depth: int = _DEPTH,
) -> Holds | None:
    """Run an attempt; where it asks for the sign of a quantity, try each sign and say for which the claim holds."""
    try:
        shown = attempt(premises)
        return None if shown is None else Holds(shown)
    except SignNeeded as needed:
        if depth == 0:
            raise
        branches = sign_relations(needed.element)
    except ConditionNeeded as needed_condition:
        if depth == 0:
            raise
        branches = (needed_condition.condition,)
    held: list[tuple[Term, Holds]] = []
    failed = 0
    for condition in branches:
        if prove(negate(condition), premises, context, budget) is not None:
            continue  # this cannot be
        try:
            result = by_signs(attempt, (*premises, *plain_form(condition)), context, budget, depth - 1)
        except OutOfReach:
            result = None
        if result is None:
            failed += 1
        else:
            held.append((condition, result))
    if not held:
        return None
    plain = [h for h in held if not h[1].conditions] or held[:1]  # one sign, with its own conditions, is enough
    shown = plain[0][1].shown
    for _, h in plain[1:]:
        shown = shown.join(h.shown)
    if failed == 0 and len(plain) == len(held) and len(branches) > 1:
        return Holds(shown)
    joined = _union([c for c, _ in plain])
    return None if joined is None else Holds(shown, (joined, *plain[0][1].conditions))


def sign_relations(element: Elem) -> tuple[Term, ...]:
    """The conditions that an element is positive, zero or negative, in the plainest form."""
    left, right = _sides(element)
    if left == ZERO:
        left, right = right, left
    return (make("gt", left, right), make("lt", left, right), make("eq", left, right))


def _sides(element: Elem) -> tuple[Term, Term]:
    field = element.field
    slots = field.direct(element.num)
    if element.den.is_constant() and len(slots) == 1 and element.num == field.gens[slots[0]]:
        kernel = field.kernels[slots[0]]
        if kernel.kind == "log" and kernel.argument is not None:
            return field.term(kernel.argument), num(1)
    if element.den.is_constant():
        positive, negative = field.lift(0), field.lift(0)
        one = field.constant(1)
        for exponents, c in monomials(element.num):
            part = Elem(field, field.ring.from_dict({exponents: c}), one)
            if c > 0:
                positive = positive + part
            else:
                negative = negative - part
        return field.term(positive), field.term(negative)
    return field.term(element), ZERO


def _union(conditions: list[Term]) -> Term | None:
    """One relation for several signs of one difference; None for equality alone, which would be a coincidence."""
    heads = {c.head for c in conditions}
    if len(conditions) == 1:
        return None if heads == {"eq"} else conditions[0]
    joined = {frozenset(["gt", "eq"]): "ge", frozenset(["lt", "eq"]): "le", frozenset(["gt", "lt"]): "ne"}
    head = joined.get(frozenset(heads))
    return None if head is None else make(head, *conditions[0].args)


def decide(step: Step, budget: Budget) -> Outcome:
    """Prove an equality whose sides hold limits, or decline."""
    statement = step.statement
    if statement is None or (not any(n.head == "limit" for n in walk(statement)) and not _has_infinite_sum(statement)):
        return Declined("no limit is taken")
    try:
        opened, smooth = open_derivatives(expand(statement, step.context), step.context)
        facts = hypotheses([opened], step.context)
        assumed = _outer_needs(opened.args[0], step.context, True)
        obliged = [*smooth, *(n for n in _outer_needs(opened.args[1], step.context) if n not in assumed)]
        premises = (*facts, *assumed)

        def attempt(given: tuple[Term, ...]) -> Shown | None:
            for obligation in obliged:
                if prove(obligation, given, step.context, budget) is None:
                    raise ConditionNeeded(obligation)
            sides = []
            for side in opened.args:
                closed = close_sums(side, given, step.context, budget) if _has_infinite_sum(side) else side
                sides.append(evaluate_limits(closed, given, step.context, budget))
            left, right = sides
            if _infinite(left) or _infinite(right):
                if opened.head == "eq" and _infinite(left) == _infinite(right):
                    return Shown(("asymptotic series",))
                return None
            shown = prove(make(opened.head, left, right), given, step.context, budget)
            return None if shown is None else Shown(("asymptotic series",)).join(shown)

        result = by_signs(attempt, premises, step.context, budget)
    except OutOfReach as out:
        return Declined(out.reason)
    if result is None:
        return Declined("the limit is not shown to have this value")
    conditions = tuple(plainest(c, step.context, budget) for c in result.conditions)
    return Proof("limit", conditions=conditions, trusts=result.shown.trusts, evidence=result.shown.methods)


def _outer_needs(term: Term, context: Context, assumed: bool = False) -> tuple[Term, ...]:
    """What a formula needs to have a value; in a limit, what is needed of other quantities than its variable."""
    found = list(needs(_hide(term), context, assumed))
    for node in walk(term):
        if node.head == "limit":
            name = node.args[0].name
            inner = context
            if _counts(node.args[2], name):
                inner = context.declare_only(Symbol(name, domain=Domain("natural")))
            found += [n for n in needs(_hide(node.args[2]), inner, assumed) if name not in free_names(n)]
    return tuple(dict.fromkeys(found))


def _hide(term: Term) -> Term:
    if term.head == "limit" or _is_infinite_sum(term):
        return num(1)  # what the limit itself needs is seen to where it is taken
    return term.with_args(tuple(_hide(a) for a in term.args)) if term.args else term


def _is_infinite_sum(term: Term) -> bool:
    return term.head == "sum" and term.args[2].head == "infinity"


def _has_infinite_sum(term: Term) -> bool:
    return any(_is_infinite_sum(n) for n in walk(term))


PROCEDURE = Procedure(
    name="limit",
    heads=frozenset(["eq", "lt", "le", "gt", "ge"]),
    decide=decide,
    summary="limits by exact asymptotic series, with the signs of parameters they depend on",
    proves=(
        Example((r"\sigma(t) = \frac{1}{1 + e^{-t}}",), r"\lim_{t \to \infty} \sigma(t) = 1"),
        Example((), r"\lim_{x \to 0^+} x \log x = 0"),
        Example((r"p, q \in \mathbb{R}", "p > q"), r"\lim_{t \to \infty} \frac{e^{pt}}{e^{pt} + e^{qt}} = 1"),
    ),
    declines=(
        Example((r"\sigma(t) = \frac{1}{1 + e^{-t}}",), r"\lim_{t \to -\infty} \sigma(t) = -1"),
        Example((), r"\lim_{x \to 0} \frac{|x|}{x} = 1"),
    ),
)
