"""The sign of a term as it was written.

The normal form expands squares and merges terms, and so loses that Σ (x_i − μ)² + ε is positive. This walk keeps the
structure: squares, absolute values, norms and exponentials, sums and products of what has a sign, definitions included.
Where the structure says nothing, the interval of the normal form is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.language.affine import variable
from derive.language.term import Term
from derive.normal_form.ring import OutOfReach
from derive.normal_form.sign import Sign, sign_of

if TYPE_CHECKING:
    from derive.normal_form.lowering.core import Env, Lowering

_MIRROR: dict[Sign, Sign] = {"+": "-", "0+": "0-", "0": "0", "0-": "0+", "-": "+", "?": "?"}


def written_sign(low: Lowering, term: Term, env: Env, depth: int = 0) -> Sign:
    """The sign of a scalar term that its structure shows, `?` where it shows none."""
    if depth > 40:
        return "?"
    rule = _RULES.get(term.head)
    found: Sign = rule(low, term, env, depth + 1) if rule is not None else "?"
    if found != "?":
        return found
    try:
        if low.shape(term, env).axes:
            return "?"
        with low.silent():
            return sign_of(low.ring, low.lower(term, (), env))
    except OutOfReach:
        return "?"


def _add(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    signs = [written_sign(low, a, env, depth) for a in term.args]
    pairs: tuple[tuple[Sign, Sign], ...] = (("+", "0+"), ("-", "0-"))
    for up, zero_up in pairs:
        if all(s in (up, zero_up, "0") for s in signs):
            if up in signs:
                return up
            return zero_up if zero_up in signs else "0"
    return "?"


def _negation(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    return _MIRROR[written_sign(low, term.args[0], env, depth)]


def _product(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    if any(low.shape(a, env).axes for a in term.args):
        return "?"
    result: Sign = "+"
    for arg in term.args:
        result = _times(result, written_sign(low, arg, env, depth))
    return result


def _quotient(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    top, bottom = (written_sign(low, a, env, depth) for a in term.args)
    below: Sign = {"0+": "+", "0-": "-"}.get(bottom, bottom)  # type: ignore[assignment]
    return _times(top, below)  # where it has a value, the divisor is not 0


def _times(a: Sign, b: Sign) -> Sign:
    if "?" in (a, b):
        return "?"
    if "0" in (a, b):
        return "0"
    negative = (a in ("-", "0-")) != (b in ("-", "0-"))
    strict = a in ("+", "-") and b in ("+", "-")
    return ("-" if negative else "+") if strict else ("0-" if negative else "0+")


def _power(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    base, exponent = term.args
    if low.shape(base, env).axes:
        return "?"
    sign = written_sign(low, base, env, depth)
    if sign == "+":
        return "+"
    if exponent.head == "num" and exponent.value.denominator == 1:
        if exponent.value % 2 == 0:
            return "+" if sign == "-" or exponent.value == 0 else "0+"
        return sign if exponent.value > 0 else {"0+": "+", "0-": "-"}.get(sign, sign)  # type: ignore[return-value]
    return "0+" if exponent.head == "num" else "?"


def _exponential(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    return "?" if low.shape(term, env).axes else "+"


def _absolute(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    if low.shape(term.args[0], env).axes:
        return "?" if term.head == "abs" else "0+"
    return "+" if written_sign(low, term.args[0], env, depth) in ("+", "-") else "0+"


def _sum(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    try:
        first, last = low.affine(term.args[1], env), low.affine(term.args[2], env)
    except OutOfReach:
        return "?"
    name = term.args[0].name
    index = low.ring.fresh(first, last)
    inner = {**env, name: low.index_binding(name, variable(index))}
    sign = written_sign(low, term.args[3], inner, depth)
    if term.head == "prod":
        return sign if sign in ("+", "0+") else "?"
    nonempty = len(term.args) == 4 and low.ring.ranges.at_least_zero(last - first)
    if sign in ("+", "-") and not nonempty:
        return "0+" if sign == "+" else "0-"
    return sign


def _symbol(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    definition = low.context.definitions.get(term.name)
    if term.name in env or term.name in low.frozen or definition is None or definition.params:
        return "?"
    return written_sign(low, definition.body, {}, depth)


def _entry(low: Lowering, term: Term, env: Env, depth: int) -> Sign:
    base = term.args[0]
    if base.head != "sym" or base.name in env or base.name in low.frozen:
        return "?"
    definition = low.context.definitions.get(base.name)
    if definition is None or not definition.ranges or len(definition.ranges) != len(term.args) - 1:
        return "?"
    try:
        at = [low.affine(i, env) for i in term.args[1:]]
    except OutOfReach:
        return "?"
    inner = {p: low.index_binding(p, i) for p, i in zip(definition.params, at, strict=True)}
    return written_sign(low, definition.body, inner, depth)


_RULES = {
    "add": _add,
    "neg": _negation,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "exp": _exponential,
    "cosh": _exponential,
    "sqrt": _absolute,
    "abs": _absolute,
    "norm": _absolute,
    "sum": _sum,
    "prod": _sum,
    "sym": _symbol,
    "entry": _entry,
}
