"""Densities that an unknown function of their parameters normalises, as in p(x; η) = h(x) e^{ηT(x) − A(η)}.

That p sums to 1 for every η is an equation about A, and so are its first two derivatives: Σ h e^{ηT} = e^A, and
Σ T h e^{ηT} = A′ e^A. They become rewriting rules. Only a parameter that stands in the argument list of p and alone in
that of an undefined function is differentiated by: a constant c in p(x) = c x² is fixed by its equation, and no family.
For integrals the derivatives need that they may be taken under the integral sign, and are left out where they may not.
"""

from __future__ import annotations

from derive.language.context import SCALAR, Context
from derive.language.term import Term, make, num, substitute, sym, walk
from derive.normal_form.atom import ONE
from derive.normal_form.density import INTERCHANGE, Density, total_term
from derive.normal_form.lowering import Lowering
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.words import rule_from

_ORDERS = 2


def use_normalisers(ring: Ring, lowering: Lowering) -> None:
    """Take the totals of defined densities, and their derivatives by the parameters of a normaliser, as rules."""
    for name, density in ring.densities.items():
        if density.function or density.indices:
            continue
        total = total_term(ring.context, name, density)
        parameters = _normalised(ring.context, density)
        if total is None or not parameters:
            continue
        equations = [make("add", total, num(-1))]
        if density.kind == "mass" or INTERCHANGE in ring.context.facts:
            for parameter in parameters:
                slope = total
                for _ in range(_ORDERS):
                    slope = make("deriv", slope, sym(parameter), value=ring.context.layout)
                    equations.append(slope)
        for equation in equations:
            try:
                rule = rule_from(ring, f"the law of {name} sums to 1", lowering.lower(equation), [])
            except OutOfReach:
                continue
            if rule is not None and rule.replacement != ONE:
                ring.rules.append(rule)


def _normalised(context: Context, density: Density) -> list[str]:
    """Parameters in the argument list of a defined density that an undefined function takes alone."""
    call = density.value
    definition = context.definitions.get(call.name) if call.head == "call" else None
    if definition is None or len(definition.params) != len(call.args):
        return []
    body = substitute(definition.body, dict(zip(definition.params, call.args, strict=True)))
    alone = {n.args[0].name for n in walk(body) if _is_unknown_of_one(context, n)}
    found = []
    for arg in call.args[1:]:
        symbol = context.symbols.get(arg.name) if arg.head == "sym" else None
        if symbol is None or symbol.shape != SCALAR or symbol.family or symbol.random or arg.name not in alone:
            continue
        if symbol.role == "variable" and symbol.domain.kind in ("real", "interval"):
            found.append(arg.name)
    return found if all(arg.name not in context.definitions for arg in call.args[1:] if arg.head == "sym") else []


def _is_unknown_of_one(context: Context, node: Term) -> bool:
    return (
        node.head == "call"
        and node.name not in context.definitions
        and len(node.args) == 1
        and node.args[0].head == "sym"
    )
