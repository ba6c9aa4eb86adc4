"""Inequalities that hold for every value of a vector: another origin for it, or the square completed.

For x = c + t with a vector c that occurs or is defined, an inequality in t may show its signs term by term where the
one in x did not; and a quadratic with a definite second derivative is at least its value where the gradient vanishes
(Boyd & Vandenberghe, Convex Optimization, appendix A.5.5). A vector that something in force speaks of is not moved.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from derive.language.budget import Budget
from derive.language.context import Context, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, free_names, fresh_name, make, num, substitute, sym
from derive.normal_form.assembly import assemble
from derive.normal_form.atom import Poly, tensor_mark
from derive.normal_form.definite import is_positive_definite
from derive.normal_form.lowering import Lowering
from derive.normal_form.matrix import make_matrix
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.zero import entailed, vanishes
from derive.procedures.expand import expand
from derive.procedures.real import Shown

Show = Callable[[Ring, Poly, Context, Budget], Shown | None]
"""Shows that a normal form is not negative."""


def by_shift(small: Term, large: Term, context: Context, budget: Budget, show: Show) -> Shown | None:
    """The inequality for x = c + t with any t, where x may be any vector and c is another one that occurs or follows.

    ‖y − Xw‖² ≥ ‖y − Xŵ‖² is ‖Xt‖² ≥ 0 for w = ŵ + t, because Xᵀ(y − Xŵ) = 0.
    """
    names = sorted(free_names(small) | free_names(large))
    vectors = [s for n in names if (s := context.symbols.get(n)) and len(s.shape.axes) == 1 and not s.family]
    for moved, centre in permutations(vectors, 2):
        if moved.shape != centre.shape or not _is_any_vector(moved, context):
            continue
        if moved.name in free_names(expand(sym(centre.name), context)):
            continue
        t = fresh_name("t", set(context.symbols) | set(names))
        place = make("add", sym(centre.name), sym(t))
        inner = context.declare(Symbol(t, moved.shape))
        one, other = (substitute(side, {moved.name: place}) for side in (small, large))
        shown = _shown_between(one, other, inner, budget, show)
        if shown is not None:
            return shown
    return _squared(small, large, [v for v in vectors if _is_any_vector(v, context)], context, budget)


def _is_any_vector(symbol: Symbol, context: Context) -> bool:
    """Whether a vector may be any one: nothing in force speaks of it."""
    if symbol.domain.kind != "real" or symbol.properties or symbol.random or symbol.name in context.definitions:
        return False
    return not any(symbol.name in free_names(f) for f in context.facts)


def _shown_between(small: Term, large: Term, context: Context, budget: Budget, show: Show) -> Shown | None:
    """`small ≤ large` by the signs of the terms of the difference."""
    checked = elaborate(make("le", small, large), context)
    if not isinstance(checked, Checked):
        return None
    try:
        ring = assemble(context, budget)
        lowering = Lowering(ring)
        residual = lowering.lower(checked.term.right, ()) - lowering.lower(checked.term.left, ())
        if not all(entailed(ring, need) for need in ring.needs):
            return None
        return show(ring, residual, context, budget)
    except OutOfReach:
        return None


def _squared(small: Term, large: Term, vectors: list[Symbol], context: Context, budget: Budget) -> Shown | None:
    """A quadratic in a vector x with a definite second derivative H is at least its value where the gradient is 0:
    R(x) ≥ R(0) − ½ gᵀ H⁻¹ g with g the gradient at 0 (completing the square)."""
    for vector in vectors:
        x = sym(vector.name)
        difference = make("add", large, make("neg", small))
        second = make("hessian", difference, x)
        nothing = make("zeros", value=vector.shape)
        gradient = make("at", x, nothing, make("deriv", difference, x, value="numerator"))
        half = make("div", make("inner", gradient, make("mul", make("inverse", second), gradient)), num(2))
        checked = elaborate(make("le", half, make("at", x, nothing, difference)), context)
        if not isinstance(checked, Checked):
            continue
        try:
            ring = assemble(context, budget)
            lowering = Lowering(ring)
            matrix = make_matrix(ring, vector.shape.axes[0], lambda i, j: lowering.lower(second, i + j))  # noqa: B023
            constant = not any(tensor_mark(vector.name) in a.free for m in matrix[3].terms for a, _ in m)
            if not constant or not is_positive_definite(ring, matrix):
                continue
            residual = lowering.lower(checked.term.right, ()) - lowering.lower(checked.term.left, ())
            if vanishes(ring, residual) and all(entailed(ring, need) for need in ring.needs):
                return Shown(("the square completed",))
        except OutOfReach:
            continue
    return None
