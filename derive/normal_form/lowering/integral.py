"""Definite integrals with fixed ends (see `density.py`).

The bound variable stands for a formal point between the ends while the integrand is lowered, so that algebra, and
derivatives by anything that is not in the ends, go through the integral sign.
"""

from __future__ import annotations

from derive.language.term import Term
from derive.normal_form.atom import Poly
from derive.normal_form.density import between, refuse_ends
from derive.normal_form.density import integral as integral_over
from derive.normal_form.lowering.core import Env, Index, Lowering


def integral(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    """∫ as the sum over formal points."""
    variable, *ends, body = term.args
    values = [None if _infinite(end) else low.lower(end, (), env) for end in ends]
    for value in values:
        if value is not None:
            refuse_ends(value)
    turned = _infinite(ends[0]) > 0 or _infinite(ends[1]) < 0
    place = between(low.ring, *(values[::-1] if turned else values))
    inner = {**env, variable.name: low.value_binding(variable.name, place.point)}
    result = integral_over(low.ring, place, low.lower(body, indices, inner))
    return -result if turned else result


def _infinite(end: Term) -> int:
    if end.head == "infinity":
        return 1
    return -_infinite(end.args[0]) if end.head == "neg" else 0
