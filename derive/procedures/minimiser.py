"""Closed forms of optimisers: argmin F = v, that v is the only minimiser.

For a smooth F of a scalar or a vector the gradient must vanish at v and the second derivative be positive (definite)
wherever F has a value; under one linear equation in a vector the gradient at v must be a multiple of the coefficients
(Lagrange; Boyd & Vandenberghe, Convex Optimization, sections 3.1 and 5.5). For any formula of one real variable (|w|,
max, cases) F(w) > F(v) is shown for every other admitted w, branch by branch. That v is admitted itself is shown or
becomes a condition; one optimum of several is never proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations

from derive.language.affine import Affine, term_of, variable
from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Domain, Symbol
from derive.language.decision import Declined, Outcome, Proof
from derive.language.heads import MIRROR, ORDER_RELATIONS
from derive.language.optimum import OPTIMISERS
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, conjuncts, free_names, fresh_name, make, num, rewrite, substitute, sym, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import Atom, Poly, tensor_mark
from derive.normal_form.definite import is_positive_definite
from derive.normal_form.lowering import Lowering
from derive.normal_form.matrix import make_matrix
from derive.normal_form.ring import OutOfReach
from derive.normal_form.sign import is_nonnegative, is_nonzero, is_positive
from derive.normal_form.spelling import spell, tidy_indices
from derive.normal_form.zero import Equal, decide, entailed, learn, side_conditions
from derive.procedures.expand import OutOfReach as NoFormula
from derive.procedures.expand import differentiate, expand
from derive.procedures.real import NOTHING, Shown, plainest, prove
from derive.procedures.region import branches, domain_relations, hypotheses, needs

_DERIVATIVES = frozenset(["deriv", "hessian", "dcall"])
_UNRESTRICTING = frozenset(["ne", "tends", "distributed", "independent", "has", "expect", "variance", "covariance"])


@dataclass(frozen=True, slots=True)
class _Problem:
    """min F over the admitted values of a variable, and the value that is claimed.

    `constraints` are those written under the optimiser and the facts that speak of the variable. A fact that sets a
    derivative to something says where the optimum is, and w ≠ 0 where a derivative exists: they restrict nothing.
    """

    context: Context
    symbol: Symbol
    objective: Term
    value: Term
    constraints: tuple[Term, ...]

    @property
    def variable(self) -> Term:
        return sym(self.symbol.name)

    def at_value(self, term: Term) -> Term:
        """A formula at the claimed optimum."""
        return rewrite(substitute(term, {self.symbol.name: self.value}), _written_entry)


def _written_entry(node: Term) -> Term | None:
    """The entry of a vector that is given by its entries."""
    if node.head == "entry" and node.args[0].head == "tabulate" and node.args[0].args[1] == num(1):
        index, _, _, body = node.args[0].args
        return substitute(body, {index.name: node.args[1]})
    return None


def decide_closed_form(one: Term, value: Term, context: Context, budget: Budget) -> Outcome:
    """Whether a set of optimisers holds one value and nothing else."""
    name = one.args[0].name
    if name in free_names(value):
        return Declined("the closed form depends on the variable")
    if any(n.head in OPTIMISERS for n in walk(value)):
        return Declined("an optimiser inside the closed form")
    symbol = context.symbols.get(name) or Symbol(name)
    if symbol.family or symbol.shape.rank > 1 or symbol.domain.kind not in ("real", "interval"):
        return Declined("a closed form over an indexed variable, or one that takes some values only")
    objective = one.args[1] if one.head == "argmin" else make("neg", one.args[1])
    about = tuple(f for f in context.facts if name in free_names(f) and _restricts(f))
    written = tuple(c for constraint in one.args[2:] for c in conjuncts(constraint))
    bare = replace(
        context,
        facts=tuple(f for f in context.facts if name not in free_names(f)),
        definitions={k: v for k, v in context.definitions.items() if k != name},
        symbols={**context.symbols, name: symbol},
    )
    problem = _Problem(bare, symbol, objective, value, tuple(dict.fromkeys((*written, *about))))
    reason = "the value is not shown to be the only optimum"
    for attempt in (_by_convexity, _by_logarithm, _by_comparison):
        try:
            outcome = attempt(problem, budget.part(0.7))
        except (OutOfReach, NoFormula) as out:
            outcome = Declined(f"{out.reason} is out of the optimiser procedure's reach")
        if isinstance(outcome, Proof):
            return outcome
        reason = outcome.reason if attempt is _by_convexity else reason
    return Declined(reason)


def _restricts(fact: Term) -> bool:
    """Whether a fact about the variable says where it may be."""
    heads = {node.head for node in walk(fact)}
    return not heads & (_DERIVATIVES | _UNRESTRICTING)


# --- smooth and strictly convex ---------------------------------------------------------------------------------------


def _by_convexity(problem: _Problem, budget: Budget) -> Outcome:
    equations = [c for c in problem.constraints if c.head == "eq"]
    bounds = [c for c in problem.constraints if c.head != "eq"]
    if not all(_is_bound(c, problem.variable) for c in bounds):
        return Declined("the constraint is none of the kinds that are known to be convex")
    if any(not isinstance(_equal(problem, problem.at_value(c)), Equal) for c in equations):
        return Declined("the closed form is not shown to satisfy the constraint")
    context = problem.context.assume(*bounds)
    convex = _strictly_convex(problem, context, budget)
    if convex is None:
        return Declined("the objective is not shown to be strictly convex")
    stationary = _stationary(problem, context, budget)
    if stationary is None and len(equations) == 1:
        stationary = _stationary_on(problem, context, equations[0], budget)
        how = "the gradient there is a multiple of the constraint's"
    else:
        how = "the gradient vanishes there"
    if stationary is None:
        return Declined("the gradient is not shown to vanish at the closed form")
    admitted = [problem.at_value(c) for c in bounds] + list(_in_domain(problem))
    curved, how_curved = convex
    conditions = dict.fromkeys([*curved, *admitted, *stationary.conditions, *_value_needs(problem, budget)])
    evidence = (how, "the second derivative is positive definite, so the stationary point is the only minimum")
    left, shown = _discharged(tuple(conditions), problem.context, budget)
    return Proof("optimiser", left, trusts=how_curved.join(shown).trusts, evidence=evidence)


def _by_logarithm(problem: _Problem, budget: Budget) -> Outcome:
    """The optimum of a positive objective is that of its logarithm, which is increasing."""
    negated = problem.objective.head == "neg"
    logarithm = make("log", problem.objective.args[0] if negated else problem.objective)
    outcome = _by_convexity(replace(problem, objective=make("neg", logarithm) if negated else logarithm), budget)
    if isinstance(outcome, Declined):
        return outcome
    return replace(outcome, evidence=("the logarithm of the objective has the same optimum", *outcome.evidence))


def _is_bound(constraint: Term, var: Term) -> bool:
    """Whether a constraint is `w rel c`, or says so of every entry: an interval is convex."""
    if constraint.head == "forall":
        return _is_bound(constraint.args[3], var)
    if constraint.head not in ORDER_RELATIONS:
        return False
    for one, other in (constraint.args, constraint.args[::-1]):
        base = one.args[0] if one.head == "entry" else one
        if base == var and var.name not in free_names(other):
            return True
    return False


def _in_domain(problem: _Problem) -> Iterator[Term]:
    """What the declared domain asks of the claimed value."""
    if not problem.symbol.shape.axes:
        yield from domain_relations(problem.value, problem.symbol)
        return
    index = sym(fresh_name("i", set(problem.context.symbols) | free_names(problem.value)))
    entry = problem.at_value(make("entry", problem.variable, index))
    for relation in domain_relations(entry, problem.symbol):
        yield make("forall", index, num(1), term_of(problem.symbol.shape.axes[0][0]), relation)


def _equal(problem: _Problem, equation: Term) -> Equal | None:
    checked = elaborate(equation, problem.context)
    if not isinstance(checked, Checked):
        return None
    left = elaborate(checked.term.args[0], problem.context)
    if not isinstance(left, Checked):
        return None
    one, other = checked.term.args
    found = decide(one, other, left.shape, problem.context, Budget(1.0))
    return found if isinstance(found, Equal) and not found.conditions else None


def _value_needs(problem: _Problem, budget: Budget) -> tuple[Term, ...]:
    """What the claimed value needs to be one, beyond what the objective needs at every place."""
    ring = assemble(problem.context, budget)
    lowering = Lowering(ring)
    lowering.lower(problem.objective)
    given = [n for n in ring.needs if n.poly is not None and not _moves(n.poly, problem.symbol.name)]
    ring.needs.clear()
    indices = tuple(variable(ring.fresh(Affine(1), size)) for axis in problem.symbol.shape.axes for size in axis)
    lowering.lower(problem.value, indices)
    return side_conditions(ring, given, list(ring.needs), (problem.value, problem.value))


def _stationary(problem: _Problem, context: Context, budget: Budget) -> Equal | None:
    """That the gradient vanishes at the claimed value."""
    shape, var = problem.symbol.shape, problem.variable
    gradient = make("deriv", problem.objective, var, value="numerator")
    zero = make("zeros", value=shape) if shape.axes else num(0)
    found = decide(make("at", var, problem.value, gradient), zero, shape, context, budget)
    return found if isinstance(found, Equal) else None


def _stationary_on(problem: _Problem, context: Context, equation: Term, budget: Budget) -> Equal | None:
    """That the gradient at the claimed value is a multiple of the coefficients of one linear equation.

    With a_i ≠ 0 for every i that is so where ∂_i F a_j = ∂_j F a_i for all i and j.
    """
    shape, var = problem.symbol.shape, problem.variable
    if len(shape.axes) != 1:
        return None
    size = shape.axes[0][0]
    taken = set(context.symbols) | free_names(problem.objective) | free_names(equation)
    i, j = sym(fresh_name("i", taken)), sym(fresh_name("j", taken))
    difference = make("add", equation.args[0], make("neg", equation.args[1]))

    def slope(body: Term, index: Term) -> Term:
        by = make("deriv", body, make("entry", var, index))
        return make("at", var, problem.value, by)

    def plain_slope(index: Term) -> Term:
        return make("deriv", difference, make("entry", var, index))

    ends = Domain("integer", num(1), term_of(size))
    inner = context.declare(Symbol(i.name, role="index", domain=ends), Symbol(j.name, role="index", domain=ends))
    ring = assemble(inner, budget)
    coefficient = Lowering(ring).lower(plain_slope(i))
    if _moves(coefficient, var.name) or not is_nonzero(ring, coefficient):
        return None
    left = make("mul", slope(problem.objective, i), plain_slope(j))
    right = make("mul", slope(problem.objective, j), plain_slope(i))
    found = decide(left, right, SCALAR, inner, budget)
    return found if isinstance(found, Equal) and not found.conditions else None


def _depends(atom: Atom, name: str) -> bool:
    return name in atom.free or tensor_mark(name) in atom.free


def _moves(poly: Poly, name: str) -> bool:
    return any(_depends(a, name) for m in poly.terms for a, _ in m)


def _strictly_convex(problem: _Problem, context: Context, budget: Budget) -> tuple[list[Term], Shown] | None:
    """The conditions under which the second derivative is positive (definite) wherever F has a value, and that F has
    one at the claimed value; None where that is not shown, or where F may have values on no convex set."""
    var, shape = problem.variable, problem.symbol.shape
    ring = assemble(context, budget)
    lowering = Lowering(ring)
    lowering.lower(problem.objective)
    conditions: list[Term] = []
    for need in list(ring.needs):
        if need.poly is None or not _moves(need.poly, var.name):
            continue  # what other quantities must be for F to have a value, the left side has
        if entailed(ring, need):
            continue
        if need.kind not in ("positive", "nonnegative") or not _is_affine(need.poly, var.name) or not need.certain:
            return None
        learn(ring, need)
        conditions.append(problem.at_value(tidy_indices(need.statement)))
    ring.needs.clear()
    second = make("hessian", problem.objective, var)
    if shape == SCALAR:
        value = lowering.lower(second)
        if any(n.kind in ("exists", "converges") for n in ring.needs):
            return None
        if is_positive(ring, value):
            return conditions, NOTHING
        shown = _convex_formula(problem, context, budget)
        if shown is not None:
            return conditions, shown
        if value.constant is not None or _moves(value, var.name):
            return None
        return [*conditions, tidy_indices(spell(ring, value, "positive"))], NOTHING
    matrix = make_matrix(ring, shape.axes[0], lambda i, j: lowering.lower(second, i + j))
    if any(n.kind in ("exists", "converges") for n in ring.needs):
        return None
    return (conditions, NOTHING) if is_positive_definite(ring, matrix) else None


def _convex_formula(problem: _Problem, context: Context, budget: Budget) -> Shown | None:
    """That the second derivative of a scalar formula is positive wherever the formula has a value."""
    try:
        body = expand(problem.objective, context)
        missing: list[Term] = []
        second = differentiate(differentiate(body, problem.variable, missing), problem.variable, missing)
        known = [*hypotheses([second], context), *needs(body, context, True)]
        if any(prove(m, known, context, budget.part(0.2)) is None for m in missing):
            return None
        return prove(make("gt", second, num(0)), known, context, budget.part(0.4))
    except NoFormula:
        return None


def _is_affine(poly: Poly, name: str) -> bool:
    """Whether every term holds the variable, or one of its entries, at most once and to the first power."""
    for mono in poly.terms:
        moving = [(a, e) for a, e in mono if _depends(a, name)]
        if len(moving) > 1 or any(e != 1 for _, e in moving):
            return False
        for atom, _ in moving:
            if atom.kind == "sum" and not _is_affine(Poly({atom.data[1]: poly.terms[mono]}), name):
                return False
            if atom.kind not in ("sum", "sym", "entry"):
                return False
    return True


# --- any formula of one real variable ---------------------------------------------------------------------------------


def _by_comparison(problem: _Problem, budget: Budget) -> Outcome:
    """F(w) > F(v) for every admitted w other than v."""
    if problem.symbol.shape.axes:
        return Declined("a comparison over vectors")
    context, name, var = problem.context, problem.symbol.name, problem.variable
    body, value = expand(problem.objective, context), expand(problem.value, context)
    constraints = [expand(c, context) for c in problem.constraints]
    if name in free_names(value):
        return Declined("the closed form depends on the variable")
    here = substitute(body, {name: value})
    facts = hypotheses([body, value, *constraints], context)
    defined = needs(body, context, True)
    apart = [f for f in (*facts, *defined) if name not in free_names(f)]
    obligations = [
        *domain_relations(value, problem.symbol),
        *(substitute(c, {name: value}) for c in constraints),
        *needs(value, context),
        *(n for n in needs(here, context) if n not in defined),
    ]
    left, total = _discharged(tuple(dict.fromkeys(obligations)), context, budget, tuple(apart))
    premises = (*facts, *defined, *constraints, *left)
    shown = None
    curvature = _curvature(body, var, premises, context, budget.part(0.3))
    if curvature is not None:
        # F(w) ≥ F(v) + m/2 (w − v)² is linear in w on every branch
        square = make("pow", make("add", var, make("neg", value)), num(2))
        lowest = make("add", here, make("mul", num(Fraction(1, 2)), curvature, square))
        shown = prove(make("ge", body, lowest), premises, context, budget.part(0.6))
    if shown is None:
        shown = prove(make("gt", body, here), (*premises, make("ne", var, value)), context, budget.part(0.9))
    if shown is None:
        return Declined("the objective is not shown to be larger everywhere else")
    total = total.join(shown)
    evidence = ("the objective is larger at every other admitted value", *total.methods)
    return Proof("optimiser", left, trusts=total.trusts, evidence=evidence)


def _curvature(body: Term, var: Term, premises: tuple[Term, ...], context: Context, budget: Budget) -> Term | None:
    """The second derivative, where it is the same positive quantity on every branch."""
    found: Term | None = None
    for _, (branch,) in branches([body]):
        second = differentiate(differentiate(branch, var), var)
        if found is None:
            found = second
            fixed = [p for p in premises if var.name not in free_names(p)]
            if prove(make("gt", found, num(0)), fixed, context, budget) is None:
                return None
        elif not isinstance(decide(second, found, SCALAR, context, budget), Equal):
            return None
    return found


def _discharged(
    statements: tuple[Term, ...], context: Context, budget: Budget, premises: tuple[Term, ...] | None = None
) -> tuple[tuple[Term, ...], Shown]:
    """The statements that do not follow from what is in force, and how the others were shown."""
    left: list[Term] = []
    total = NOTHING
    for statement in statements:
        if _by_form(statement, context, budget):
            continue
        known: tuple[Term, ...] = premises or ()
        try:
            opened = expand(statement, context)
            known = hypotheses([opened], context) if premises is None else premises
            shown = prove(opened, [*known, *left], context, budget.part(0.2))
        except (NoFormula, OutOfReach):
            shown = None
        if shown is None:
            left.append(_simplest(_tidied(statement), known, context, budget.part(0.2)))
        else:
            total = total.join(shown)
    return tuple(dict.fromkeys(left)), total


def _by_form(statement: Term, context: Context, budget: Budget) -> bool:
    """Whether the sign of a difference, at every index, is shown by its normal form."""
    while statement.head == "forall":
        index, low, high, body = statement.args
        if index.name in context.symbols:
            return False
        context = context.declare(Symbol(index.name, role="index", domain=Domain("integer", low, high)))
        statement = body
    if statement.head not in ORDER_RELATIONS:
        return False
    checked = elaborate(statement, context)
    if not isinstance(checked, Checked):
        return False
    ring = assemble(context, budget)
    lowering = Lowering(ring)
    try:
        left, right = (lowering.lower(side) for side in checked.term.args)
    except OutOfReach:
        return False
    if not all(entailed(ring, need) for need in ring.needs):
        return False
    difference = left - right if statement.head in ("gt", "ge") else right - left
    return is_positive(ring, difference) if statement.head in ("gt", "lt") else is_nonnegative(ring, difference)


def _simplest(condition: Term, known: tuple[Term, ...], context: Context, budget: Budget) -> Term:
    """A condition as `x ≤ y` for two of its quantities, or as `plainest` says it, where it amounts to that."""
    names = sorted(free_names(condition) & set(context.symbols))
    if condition.head in ORDER_RELATIONS and 1 < len(names) < 4:
        for one, other in permutations(names, 2):
            simple = make("le", sym(one), sym(other))
            try:
                if prove(condition, [*known, simple], context, budget) and prove(
                    simple, [*known, condition], context, budget
                ):
                    return simple
            except NoFormula:
                continue
    return plainest(condition, context, budget)


def _tidied(statement: Term) -> Term:
    """An order with its number on the right."""
    if statement.head in MIRROR and statement.args[0].head == "num" and statement.args[1].head != "num":
        return replace(statement, head=MIRROR[statement.head], args=statement.args[::-1])
    return statement
