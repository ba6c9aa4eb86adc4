"""Optimal values: min F = v over a variable that is no index.

Candidates for the optimum are where the slope vanishes: of F, or of F with its one |g| or max(g, h) taken one way or
the other, joined at the kink. One that `minimiser.py` shows to be the only optimum has the optimal value, which must
be v. A quadratic of a vector with a definite second derivative H has the least value F(0) − ½ gᵀ H⁻¹ g, with g the
gradient at 0 (Boyd & Vandenberghe, Convex Optimization, appendix A.5.5). An optimum that is not attained, or at
several places, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, free_names, make, num, replace_node, substitute, sym, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import ZERO, Atom, Monomial, Poly, constant_poly, tensor_mark
from derive.normal_form.definite import is_positive_definite
from derive.normal_form.functions import logarithm
from derive.normal_form.lowering import Lowering
from derive.normal_form.matrix import make_matrix
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.quotient import numerator
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.spelling import spell_poly
from derive.normal_form.zero import Equal
from derive.normal_form.zero import decide as equal
from derive.procedures.expand import OutOfReach as NoFormula
from derive.procedures.expand import differentiate, expand
from derive.procedures.minimiser import decide_closed_form
from derive.procedures.procedure import Example, Procedure
from derive.procedures.real import prove_statement

_VALUES = {"minvalue": "argmin", "maxvalue": "argmax"}
_HALF = Fraction(1, 2)
_KINKS = frozenset(["abs", "max", "min"])


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    left, right = step.statement.args
    if left.head not in _VALUES and right.head in _VALUES:
        left, right = right, left
    if left.head not in _VALUES:
        return Declined("no optimal value on a side")
    name = left.args[0].name
    try:
        # what is defined through the variable moves with it under the optimum, and would not outside
        left, right = expand(left, step.context), expand(right, step.context)
    except NoFormula as out:
        return Declined(out.reason)
    if any(_rests_on(n, name, step.context) for n in (*free_names(left), *free_names(right))):
        return Declined("a definition speaks of the variable")
    if name in free_names(right) or any(n.head in _VALUES for side in (left.args[1], right) for n in walk(side)):
        return Declined("the value depends on the variable, or on another optimum")
    optimiser = make(_VALUES[left.head], *left.args)
    try:
        for place in _candidates(left.args[1], name, step.context, budget.part(0.3)):
            found = decide_closed_form(optimiser, place, step.context, budget.part(0.4))
            if isinstance(found, Proof):
                return _at(place, left, right, found, step.context, budget)
        if left.head == "minvalue" and len(left.args) == 2:
            return _by_square(left, right, step.context, budget)
    except (OutOfReach, NoFormula) as out:
        return Declined(f"{out.reason} is out of reach under an optimum")
    return Declined("the optimum was not found")


def _rests_on(name: str, variable: str, context: Context, depth: int = 8) -> bool:
    """Whether a name is defined through the variable."""
    definition = context.definitions.get(name)
    if definition is None or name == variable:
        return False
    inside = free_names(definition.body) - set(definition.params)
    return depth == 0 or variable in inside or any(_rests_on(n, variable, context, depth - 1) for n in inside)


def _at(place: Term, optimum: Term, value: Term, found: Proof, context: Context, budget: Budget) -> Outcome:
    """Whether the objective at the only optimum is the claimed value."""
    here = substitute(optimum.args[1], {optimum.args[0].name: place})
    claim = elaborate(make("eq", here, value), context)
    if not isinstance(claim, Checked):
        return Declined("the optimal value and the claimed one differ in shape")
    one, other = claim.term.args
    same = equal(one, other, SCALAR, context, budget.part(0.3))
    if isinstance(same, Equal):
        conditions = tuple(dict.fromkeys([*found.conditions, *same.conditions]))
        return Proof("optimum", conditions, found.trusts, found.evidence)
    proof = prove_statement(claim.term, context.assume(*found.conditions), budget)
    if proof is None:
        return Declined("the optimal value is not shown to be the claimed one")
    trusts = tuple(dict.fromkeys((*found.trusts, *proof.trusts)))
    return Proof("optimum", found.conditions, trusts, (*found.evidence, *proof.evidence))


def _by_square(optimum: Term, value: Term, context: Context, budget: Budget) -> Outcome:
    """The least value of a quadratic of any vector: the square completed."""
    name = optimum.args[0].name
    symbol = context.symbols.get(name)
    if symbol is None or len(symbol.shape.axes) != 1 or symbol.family or symbol.random or symbol.properties:
        return Declined("the optimum was not found")
    if symbol.domain.kind != "real" or name in context.definitions or any(name in free_names(f) for f in context.facts):
        return Declined("the variable is not any vector")
    body = expand(optimum.args[1], context)
    nothing = make("zeros", value=symbol.shape)
    second = make("hessian", body, sym(name))
    gradient = make("at", sym(name), nothing, make("deriv", body, sym(name), value="numerator"))
    half = make("div", make("inner", gradient, make("mul", make("inverse", second), gradient)), num(2))
    least = make("add", make("at", sym(name), nothing, body), make("neg", half))
    claim = elaborate(make("eq", least, value), context)
    if not isinstance(claim, Checked):
        return Declined("the optimum was not found")
    ring = assemble(context, budget)
    lowering = Lowering(ring)
    matrix = make_matrix(ring, symbol.shape.axes[0], lambda i, j: lowering.lower(second, i + j))
    constant = not any(tensor_mark(name) in a.free for m in matrix[3].terms for a, _ in m)
    if not constant or ring.needs or not is_positive_definite(ring, matrix):
        return Declined("the objective is not shown to be a quadratic with a definite second derivative")
    one, other = claim.term.args
    found = equal(one, other, SCALAR, context, budget)
    if not isinstance(found, Equal):
        return Declined("the least value of the quadratic is not shown to be the claimed one")
    return Proof("optimum", found.conditions, evidence=("the square completed",))


# --- candidates -------------------------------------------------------------------------------------------------------


def _candidates(objective: Term, name: str, context: Context, budget: Budget) -> Iterator[Term]:
    """Places where the optimum may be; nothing rests on them."""
    symbol = context.symbols.get(name) or Symbol(name)
    if symbol.shape.axes or symbol.family:
        yield from (
            sym(other.name)
            for other in context.symbols.values()
            if other.name != name and other.shape == symbol.shape and other.name in context.definitions
        )
        return
    bare = context.declare(Symbol(name, domain=symbol.domain))
    body = expand(objective, bare)
    kinks = [n for n in dict.fromkeys(walk(body)) if n.head in _KINKS and name in free_names(n)]
    if not kinks:
        yield from _roots(differentiate(body, sym(name)), name, bare, budget)
        return
    if len(kinks) > 1 or (kinks[0].head != "abs" and len(kinks[0].args) != 2):
        return
    kink = kinks[0]
    first, second = (kink.args[0], make("neg", kink.args[0])) if kink.head == "abs" else kink.args
    edge = make("add", first, make("neg", second))
    sides = [replace_node(body, kink, side) for side in (first, second)]
    corner = next(_roots(edge, name, bare, budget), None)
    ends = [next(_roots(differentiate(side, sym(name)), name, bare, budget), None) for side in sides]
    if corner is None or all(end is None for end in ends):
        return
    relations = ("lt", "gt") if kink.head == "min" else ("gt", "lt")
    parts: list[Term] = []
    for end, relation in zip(ends, relations, strict=True):
        if end is not None:
            parts += [end, make(relation, substitute(edge, {name: end}), num(0))]
    yield make("cases", *parts, corner, make("true"))


def _roots(formula: Term, name: str, context: Context, budget: Budget) -> Iterator[Term]:
    """Where a formula vanishes that holds one power of the variable, or of e to a multiple of it, beside what is free
    of it."""
    ring = assemble(context, budget)
    try:
        poly = numerator(ring, Lowering(ring).lower(formula))
        yield from (spell_poly(ring, p) for p in _solved(ring, poly, name))
    except OutOfReach:
        return


def _solved(ring: Ring, poly: Poly, name: str) -> Iterator[Poly]:
    parts: dict[Monomial, Poly] = {}
    for mono, c in poly.terms.items():
        moving = tuple(f for f in mono if _depends(f[0], name))
        rest = Poly({tuple(f for f in mono if not _depends(f[0], name)): c})
        parts[moving] = parts.get(moving, ZERO) + rest
    if any(len(m) > 1 for m in parts) or len({m[0][0] for m in parts if m}) != 1:
        return
    atom = next(m[0][0] for m in parts if m)
    powers = sorted((e, p) for m, p in parts.items() for e in [m[0][1] if m else 0])
    if len(powers) == 1 and atom.kind == "sym":
        yield ZERO
    if len(powers) != 2:
        return
    (low, constant), (high, slope) = powers
    ratio = -multiply(ring, constant, power(ring, slope, -1))
    degree = high - low
    if atom.kind == "sym" and degree == 1:
        yield ratio
    elif atom.kind == "sym" and degree == 2:
        root = power(ring, ratio, _HALF)
        yield from (root, -root)
    elif atom.kind == "exp":
        beside = [f for f in atom.data[0] if not _depends(f[0], name)]
        if [(a.kind, e) for a, e in atom.data[0] if _depends(a, name)] == [("sym", 1)]:
            scale = multiply(ring, constant_poly(degree), monomial_poly(ring, beside))
            yield multiply(ring, logarithm(ring, ratio), power(ring, scale, -1))


def _depends(atom: Atom, name: str) -> bool:
    return name in atom.free


PROCEDURE = Procedure(
    "optimum",
    frozenset(["eq"]),
    _decide,
    "optimal values: the objective at the only optimum, quadratics by completing the square",
    proves=(
        Example((r"a > 0", r"b \in \mathbb{R}"), r"\min_{u} \left( a u^2 - b u \right) = -\frac{b^2}{4a}"),
        Example((r"x \in \mathbb{R}^d", r"y \in \mathbb{R}^d"), r"\min_{x} \|x - y\|^2 = 0"),
    ),
    declines=(
        Example((r"a > 0", r"b \in \mathbb{R}"), r"\min_{u} \left( a u^2 - b u \right) = -\frac{b^2}{2a}"),
        Example((), r"\inf_{u} e^u = 0"),
    ),
)
