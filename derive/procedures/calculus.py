"""Equalities whose sides hold definite integrals.

An antiderivative is proposed by SymPy and accepted only where its own exact derivative lowers to the integrand, on
the open interval of integration, where both must have values; its limits at the ends then give the integral, improper
ones included. Polynomials times Gaussians over the whole line are integrated by the recurrence of their moments.
Derivatives of integrals are carried out first (`leibniz.py`); an integral without a formula that stands on the left too
is left as it stands.

It finds no integral of an unknown function, of several branches with parameters, or by contour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.heads import RELATIONS
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, bound_scope, free_names, fresh_name, make, num, substitute, sym, walk
from derive.normal_form import zero as equality
from derive.procedures.asymptotic import ConditionNeeded, SignNeeded, known_sign
from derive.procedures.averages import as_integrals
from derive.procedures.elementary import Elem, Field, monomials, to_fraction
from derive.procedures.expand import OutOfReach, differentiate, expand, open_derivatives
from derive.procedures.leibniz import carry_out
from derive.procedures.limit import Path, Walk, by_signs, evaluate_limits
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import Shown, prove
from derive.procedures.region import PIECEWISE, hypotheses, needs, plain_roots

_METHOD = "an antiderivative, checked by differentiation"


def decide(step: Step, budget: Budget) -> Outcome:
    """Prove an equality or inequality whose sides hold integrals, or decline."""
    context = step.context
    statement = None if step.statement is None else as_integrals(step.statement, context)
    if statement is None:
        return Declined("nothing is claimed")
    defined = (d.body for d in context.definitions.values())
    if not any(n.head == "integral" for body in (statement, *defined) for n in walk(body)):
        return Declined("no integral is taken")
    try:
        expanded = expand(statement, context)
        if not any(n.head == "integral" for n in walk(expanded)):
            return Declined("no integral is taken")
        moved = carry_out(expanded, context, budget.part(0.3))
        method = _METHOD if moved == expanded else "Leibniz's rule"
        opened, smooth = open_derivatives(moved, context)
        opened = plain_roots(opened)
        facts = hypotheses([opened], context)
        assumed = needs(_hide(opened.args[0]), context, True)
        obliged = [*smooth, *(n for n in needs(_hide(opened.args[1]), context) if n not in assumed)]

        # what the left side holds has a value, whether or not there is a formula for it
        held = [frozenset(n for n in walk(side) if n.head == "integral") for side in opened.args]
        kept = held[0] & held[1]

        def attempt(given: tuple[Term, ...]) -> Shown | None:
            for obligation in obliged:
                if prove(obligation, given, context, budget) is None:
                    raise ConditionNeeded(obligation)
            sides = [_evaluate(side, given, context, budget, kept) for side in opened.args]
            if any(n.head == "infinity" for s in sides for n in walk(_hide(s))):
                raise OutOfReach("an integral that does not converge")
            shown = prove(make(opened.head, *sides), given, context, budget) or _by_normal_form(
                make(opened.head, *sides), context, budget
            )
            return None if shown is None else Shown((method,)).join(shown)

        result = by_signs(attempt, (*facts, *assumed), context, budget)
    except OutOfReach as out:
        return Declined(out.reason)
    if result is None:
        return Declined("the integral is not shown to have this value")
    return Proof("calculus", conditions=result.conditions, trusts=result.shown.trusts, evidence=result.shown.methods)


def _by_normal_form(statement: Term, context: Context, budget: Budget) -> Shown | None:
    """An equality whose integrals are gone and that holds moments or sums."""
    checked = elaborate(statement, context)
    if statement.head != "eq" or not isinstance(checked, Checked):
        return None
    left, right = checked.term.args
    found = equality.decide(left, right, SCALAR, context, budget)
    if not isinstance(found, equality.Equal) or found.conditions:
        return None
    return Shown(("both sides have the same index normal form",))


def _hide(term: Term) -> Term:
    if term.head in ("integral", "limit"):
        return num(1)
    return term.with_args(tuple(_hide(a) for a in term.args)) if term.args else term


def _evaluate(
    term: Term, premises: Sequence[Term], context: Context, budget: Budget, kept: frozenset[Term] = frozenset()
) -> Term:
    """The formula with its integrals and limits found; those in `kept` may stay."""
    if not term.args:
        return term
    if term.head == "integral":
        try:
            return integrate(term, premises, context, budget)
        except (ConditionNeeded, SignNeeded):
            raise
        except OutOfReach:
            if term in kept:
                return term
            raise
    if term.head == "limit":
        return evaluate_limits(term, premises, context, budget)
    if bound_scope(term) and not any(n.head == "integral" for n in walk(term)):
        return term
    return term.with_args(tuple(_evaluate(a, premises, context, budget, kept) for a in term.args))


def integrate(term: Term, premises: Sequence[Term], context: Context, budget: Budget) -> Term:
    """The value of a definite integral; raises `OutOfReach` where it is not found and shown."""
    var, low, high, body = term.args
    low, high = (_evaluate(e, premises, context, budget) for e in (low, high))
    name = fresh_name(var.name, set(context.symbols) | free_names(low) | free_names(high) | _names(premises))
    x = sym(name)
    inner = context.declare(Symbol(name))
    body = substitute(body, {var.name: x})
    between = _between(x, low, high, premises, context, budget)
    inside = (*premises, *between)
    body = plain_roots(_evaluate(body, inside, inner, budget))
    if low == high:
        return num(0)
    if any(n.head in PIECEWISE for n in walk(body)):
        return _in_pieces(x, low, high, body, premises, inner, budget)
    for need in needs(body, inner):
        if prove(need, inside, inner, budget) is None:
            raise OutOfReach("an integrand without a value inside the interval")
    if _infinite(low) == -1 and _infinite(high) == 1:
        gaussian = _gaussian(x, body, premises, inner, budget)
        if gaussian is not None:
            return gaussian
    budget.spend()
    for primitive in _proposals(body, name):
        if not _is_primitive(primitive, body, name, inside, inner, budget):
            continue
        upper = _end(primitive, name, high, "-" if between_up(between, x) else "+", premises, inner, budget)
        lower = _end(primitive, name, low, "+" if between_up(between, x) else "-", premises, inner, budget)
        if _infinite(upper) or _infinite(lower):
            raise OutOfReach("an integral that does not converge")
        return make("add", upper, make("neg", lower))
    raise OutOfReach("no antiderivative was found")


def _names(terms: Sequence[Term]) -> set[str]:
    return {n for t in terms for n in free_names(t)}


def _infinite(term: Term) -> int:
    if term.head == "infinity":
        return 1
    return -_infinite(term.args[0]) if term.head == "neg" else 0


def _between(
    x: Term, low: Term, high: Term, premises: Sequence[Term], context: Context, budget: Budget
) -> tuple[Term, ...]:
    """x lies strictly between the ends, whichever is larger."""
    if (
        _infinite(high) == 1
        or _infinite(low) == -1
        or (not _infinite(low) and not _infinite(high) and prove(make("le", low, high), premises, context, budget))
    ):
        ends = [make("gt", x, low)] if not _infinite(low) else []
        return (*ends, *([make("lt", x, high)] if not _infinite(high) else []))
    if _infinite(low) or _infinite(high):
        raise OutOfReach("ends of an integral in the wrong order")
    if prove(make("ge", low, high), premises, context, budget):
        return (make("lt", x, low), make("gt", x, high))
    field = Field(context, [p for p in premises if p.head in RELATIONS])
    start, stop = field.lower(low, high)
    raise SignNeeded(stop - start)


def between_up(between: tuple[Term, ...], x: Term) -> bool:
    """Whether the lower end is the smaller one."""
    return not between or not (len(between) == 2 and between[0].head == "lt")


def _is_primitive(
    primitive: Term, body: Term, name: str, inside: Sequence[Term], context: Context, budget: Budget
) -> bool:
    """Whether a function has values inside and its derivative is the integrand there."""
    try:
        conditions: list[Term] = []
        slope = differentiate(primitive, sym(name), conditions)
        for need in (*needs(primitive, context), *conditions):
            if prove(need, inside, context, budget) is None:
                return False
        return prove(make("eq", slope, body), inside, context, budget) is not None
    except OutOfReach:
        return False


def _end(
    primitive: Term, name: str, end: Term, side: str, premises: Sequence[Term], context: Context, budget: Budget
) -> Term:
    """The limit of an antiderivative at an end, from inside."""
    if not _infinite(end):
        value = substitute(primitive, {name: end})
        # continuous up to the end where every part has a value there
        strict = [_interior(n) for n in needs(value, context)]
        if all(prove(n, premises, context, budget) for n in strict):
            return value
        path = Path(name, end, "+" if side == "+" else "-")
    else:
        path = Path(name, None, "+" if _infinite(end) > 0 else "-")
    return Walk(path, premises, context, budget).limit(primitive)


def _interior(need: Term) -> Term:
    return make("gt", *need.args) if need.head == "ge" else need


def _in_pieces(
    x: Term, low: Term, high: Term, body: Term, premises: Sequence[Term], context: Context, budget: Budget
) -> Term:
    """An integrand with branches, cut at rational places where the branch changes."""
    from derive.procedures.line import Line
    from derive.procedures.region import branches

    ends = [e for e in (low, high) if not _infinite(e)]
    pieces: list[tuple[Term, Term, Term]] = []
    inner = _between(x, low, high, premises, context, budget)
    if not between_up(inner, x):
        raise OutOfReach("a piecewise integrand backwards")
    for guards, (formula,) in branches([body]):
        if any(free_names(g) - {x.name} for g in (*guards, *ends)):
            raise OutOfReach("a piecewise integrand with parameters")
        line = Line(x, (*guards, *inner), (make("eq", x, x),), context, budget)
        for cell in line.cells():
            if cell.point is not None:
                continue
            sides: list[Term] = []
            for end, whole in ((cell.low, low), (cell.high, high)):
                if end is None:
                    sides.append(whole)
                elif end.value is not None:
                    sides.append(line.field.term(end.value))
                else:
                    raise OutOfReach("a branch that changes at a place without a formula")
            pieces.append((sides[0], sides[1], formula))
    values = [integrate(make("integral", x, a, b, f), premises, context, budget) for a, b, f in pieces]
    return make("add", *values) if values else num(0)


# Gaussians


def _gaussian(x: Term, body: Term, premises: Sequence[Term], context: Context, budget: Budget) -> Term | None:
    """∫ polynomial · exp(−a x² + b x + c) over the line, by m_k = μ m_{k−1} + (k−1) s² m_{k−2}."""
    field = Field(context, [p for p in premises if p.head in RELATIONS])
    variable, element = field.lower(x, body)
    slot = field.direct(variable.num)[0]
    if field.closure(element.den) & {slot} and len(monomials(element.den)) != 1:
        return None
    total = field.lift(0)
    zero = field.lift(0)
    for exponents, c in monomials(element.num):
        below = monomials(element.den)[0][0] if slot in field.closure(element.den) else ()
        constant = field.lift(to_fraction(c))
        exponent, power = field.lift(0), 0
        for i, e in enumerate(exponents):
            net = e - (below[i] if below else 0)
            if not net:
                continue
            if i == slot:
                power = net
            elif slot not in field.within[i]:
                constant = constant * field.generator(i).power(net)
            elif field.kernels[i].kind == "exp":
                inner = field.kernels[i].argument
                assert inner is not None
                exponent = exponent + inner * net
            else:
                return None
        if below:
            constant = constant / to_fraction(element.den.leading_coefficient())
        if power < 0:
            return None
        first = field.derivative(exponent, slot)
        second = field.derivative(first, slot)
        if second.has(slot) or second.is_zero:
            return None
        a = second * Fraction(-1, 2)
        b = field.put(first, slot, zero)
        sign = known_sign(field, a)
        if sign is None:
            raise SignNeeded(a)
        if sign <= 0:
            raise OutOfReach("an integral that does not converge")
        mean, spread = b / (a * 2), field.lift(1) / (a * 2)
        moments = [field.lift(1), mean]
        for k in range(2, power + 1):
            moments.append(mean * moments[k - 1] + spread * moments[k - 2] * (k - 1))
        peak = field.put(exponent, slot, mean)
        pi = field.more(make("pi"))
        total = total + constant * field.root(pi / a, Fraction(1, 2)) * field.exp(peak) * moments[power]
    if not element.den.is_constant() and slot not in field.closure(element.den):
        total = total / Elem(field, element.den, field.constant(1))
    elif element.den.is_constant():
        total = total / to_fraction(element.den.leading_coefficient())
    return field.term(total)


# antiderivatives that SymPy proposes


@lru_cache(maxsize=256)
def _proposals(body: Term, name: str) -> tuple[Term, ...]:
    """Antiderivatives to check."""
    simple = _primitive(body, name)
    found: list[Term] = [simple] if simple is not None else []
    try:
        bridge = _Bridge(name)
        found += bridge.antiderivatives(bridge.there(body))
    except (OutOfReach, ValueError, TypeError, NotImplementedError, RecursionError, ZeroDivisionError):
        pass
    return tuple(found)


def _primitive(body: Term, name: str) -> Term | None:
    """Antiderivatives of constants, powers and their sums."""
    x = sym(name)
    if name not in free_names(body):
        return make("mul", body, x)
    if body == x:
        return make("div", make("pow", x, num(2)), num(2))
    if body.head == "add":
        parts = [_primitive(a, name) for a in body.args]
        return None if any(p is None for p in parts) else make("add", *(p for p in parts if p is not None))
    if body.head == "neg":
        inner = _primitive(body.args[0], name)
        return None if inner is None else make("neg", inner)
    if body.head == "div" and name not in free_names(body.args[1]):
        inner = _primitive(body.args[0], name)
        return None if inner is None else make("div", inner, body.args[1])
    if body.head == "mul":
        varying = [f for f in body.args if name in free_names(f)]
        if len(varying) == 1:
            inner = _primitive(varying[0], name)
            return None if inner is None else make("mul", *(f for f in body.args if f is not varying[0]), inner)
        return None
    if body.head == "pow" and body.args[0] == x and body.args[1].head == "num" and body.args[1].value not in (-1,):
        power = body.args[1].value + 1
        return make("div", make("pow", x, num(power)), num(power))
    return None


class _Bridge:
    """Terms to SymPy expressions and back; only proposals cross it, never proofs: parameters count as positive."""

    def __init__(self, name: str) -> None:
        import sympy

        self.sympy = sympy
        self.x = sympy.Symbol("x", real=True)
        self.names: dict[Term, Any] = {sym(name): self.x}
        self.back: dict[Any, Term] = {self.x: sym(name)}

    def there(self, term: Term) -> Any:
        """The SymPy expression of a scalar formula."""
        sp = self.sympy
        if term.head == "num":
            return sp.Rational(term.value.numerator, term.value.denominator)
        if term in self.names:
            return self.names[term]
        functions: dict[str, Callable[..., Any]] = {
            "add": sp.Add,
            "mul": sp.Mul,
            "neg": lambda a: -a,
            "div": lambda a, b: a / b,
            "pow": lambda a, b: a**b,
            "exp": sp.exp,
            "log": sp.log,
            "sqrt": sp.sqrt,
            "sin": sp.sin,
            "cos": sp.cos,
            "tan": sp.tan,
            "arctan": sp.atan,
            "sinh": sp.sinh,
            "cosh": sp.cosh,
            "tanh": sp.tanh,
        }
        if term.head == "pi":
            return sp.pi
        if term.head in functions:
            return functions[term.head](*(self.there(a) for a in term.args))
        if free_names(term) & {self.back[self.x].name}:
            raise OutOfReach("an unknown function of the variable of integration")
        symbol = sp.Dummy("c", positive=True)
        self.names[term], self.back[symbol] = symbol, term
        return symbol

    def antiderivatives(self, expression: Any) -> list[Term]:
        """What SymPy proposes, as terms."""
        sp = self.sympy
        from sympy.integrals.manualintegrate import manualintegrate

        found: list[Term] = []
        for form in (expression, sp.expand(expression)):
            result = manualintegrate(form, self.x)
            for candidate in self._leaves(result):
                try:
                    term = self.home(candidate)
                except OutOfReach:
                    continue
                if term not in found:
                    found.append(term)
        return found

    def _leaves(self, result: Any) -> list[Any]:
        """A piecewise proposal offers each of its branches."""
        if isinstance(result, self.sympy.Piecewise):
            return [leaf for value, _ in result.args for leaf in self._leaves(value)]
        if result.has(self.sympy.Piecewise):
            folded = self.sympy.piecewise_fold(result)
            return self._leaves(folded) if isinstance(folded, self.sympy.Piecewise) else []
        return [result]

    def home(self, expression: Any) -> Term:
        """The term of a SymPy expression."""
        sp = self.sympy
        if expression.is_Rational:
            return num(Fraction(int(expression.p), int(expression.q)))
        if expression in self.back:
            return self.back[expression]
        if expression is sp.pi:
            return make("pi")
        if expression is sp.E:
            return make("exp", num(1))
        args = [self.home(a) for a in expression.args]
        if expression.is_Add:
            return make("add", *args)
        if expression.is_Mul:
            return make("mul", *args)
        if expression.is_Pow:
            return make("pow", *args)
        heads = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.atan: "arctan"}
        heads |= {sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.Abs: "abs"}
        head = heads.get(expression.func)
        if head is None:
            raise OutOfReach("a function outside the language")
        return make(head, *args)


PROCEDURE = Procedure(
    name="calculus",
    heads=frozenset(["eq", "lt", "le", "gt", "ge"]),
    decide=decide,
    summary="definite integrals by antiderivatives that are checked, and Gaussian integrals",
    proves=(
        Example(("a > 0",), r"\int_{-a}^{a} \frac{w^2}{2a} \, dw = \frac{a^2}{3}"),
        Example((r"\lambda > 0",), r"\int_0^\infty x \lambda e^{-\lambda x} \, dx = \frac{1}{\lambda}"),
    ),
    declines=(Example(("a > 0",), r"\int_{-a}^{a} \frac{w^2}{a} \, dw = \frac{a^2}{3}"),),
)
