"""`A ∝ B` as claims that the procedures and the numeric route know: the ratio is free of the variable, and positive.

The variable is the one that the first expression of the chain is a function of: θ in `L(θ)` and in `p(θ | x)`. That
A = c B with a c free of θ says A(θ) B(θ′) = A(θ′) B(θ) for every θ′, in which definitions are opened and θ′ meets the
same bounds as θ; and c is positive where A/B is. A first line about a function that nothing defines says what it is up
to a factor. Nothing is said where an equation confines the variable, under moments, and for random variables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.language.context import Context, Symbol
from derive.language.heads import ORDER_RELATIONS
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, free_names, fresh_name, make, num, substitute, sym, walk
from derive.procedures.expand import OutOfReach, expand

_MOMENTS = frozenset(["expect", "variance", "covariance", "prob"])


@dataclass(frozen=True, slots=True)
class Proportion:
    """The two claims of `A ∝ B`, and the names of the variable and of its other value."""

    constant: Step
    positive: Step
    variables: dict[str, str]


def is_first_line(step: Step, lemmas: tuple[Term, ...]) -> bool:
    """Whether a proportion says what an unknown function is, up to a factor."""
    assert step.statement is not None
    left, context = step.statement.left, step.context
    if left.head != "call" or left.name in context.definitions or _known(left, lemmas) is not None:
        return False
    return not any(left.name in free_names(fact) for fact in (*context.facts, *lemmas))


def as_claims(step: Step, lemmas: tuple[Term, ...]) -> Proportion | str:
    """The claims of a proportion, or why there are none."""
    assert step.statement is not None
    context = step.context
    variables = _variables(step.origin if step.origin is not None else step.statement.left, context)
    if not variables:
        return "what the proportion is in is not told: write its left side as a function of it"
    sides = []
    for side in step.statement.args:
        known = _known(side, lemmas)
        try:
            sides.append(expand(side if known is None else known, context))
        except OutOfReach as error:
            return error.reason
    if any(n.head in _MOMENTS or _is_unknown_call(n, context) for s in sides for n in walk(s)):
        return "a proportion of moments or of unknown functions is out of reach"
    other = {n: fresh_name(f"{n}_other", frozenset(context.symbols)) for n in variables}
    facts = _facts_about(context, other)
    if facts is None:
        return "an equation confines what the proportion is in"
    renamed = {n: sym(o) for n, o in other.items()}
    there = [substitute(s, renamed) for s in sides]
    symbols = [replace(context.symbols[n], name=o) for n, o in other.items()]
    wider = context.declare_only(*symbols)
    wider = replace(wider, facts=(*wider.facts, *facts))
    equation = make("eq", make("mul", sides[0], there[1]), make("mul", there[0], sides[1]))
    ratio = make("gt", make("div", *sides), num(0))
    claims = []
    for claim, where in ((equation, wider), (ratio, context)):
        checked = elaborate(claim, where)
        if not isinstance(checked, Checked):
            return "a proportion of what is no number"
        claims.append(replace(step, statement=checked.term, context=where, kind="claim", origin=None, spot=None))
    return Proportion(claims[0], claims[1], other)


def at_the_variable(conditions: tuple[Term, ...], proportion: Proportion) -> tuple[Term, ...] | None:
    """Conditions as ones about the variable; None where one ties its two values together."""
    found: dict[Term, None] = {}
    for condition in conditions:
        names = free_names(condition)
        both = any(n in names and o in names for n, o in proportion.variables.items())
        if both:
            return None
        found[substitute(condition, {o: sym(n) for n, o in proportion.variables.items()})] = None
    return tuple(found)


def _known(side: Term, lemmas: tuple[Term, ...]) -> Term | None:
    """What an unknown function was said to be proportional to."""
    if side.head != "call":
        return None
    return next((f.right for f in lemmas if f.head == "propto" and f.left == side), None)


def _variables(first: Term, context: Context) -> tuple[str, ...]:
    """The scalar or vector variables before the bar in `p(θ | x)`, all of them in `L(θ)`; () where that is unclear."""
    if first.head != "call":
        return ()
    pattern = str(first.value)
    count = pattern.split("|")[0].split(";")[0].count("·") if "(" in pattern else len(first.args)
    args = first.args[:count]
    if not args or any(a.head != "sym" or not _is_plain(context.symbols.get(a.name), context) for a in args):
        return ()
    return tuple(dict.fromkeys(a.name for a in args))


def _is_plain(symbol: Symbol | None, context: Context) -> bool:
    if symbol is None or symbol.role != "variable" or symbol.family or symbol.random:
        return False
    return symbol.name not in context.definitions


def _is_unknown_call(node: Term, context: Context) -> bool:
    return node.head in ("call", "dcall") and node.name not in context.definitions


def _facts_about(context: Context, other: dict[str, str]) -> list[Term] | None:
    """What bounds the variable, said of its other value; None where an equation is about it."""
    renamed = {n: sym(o) for n, o in other.items()}
    found = []
    for fact in context.facts:
        for part in conjuncts(fact):
            if not free_names(part) & set(other) or part.head in ("distributed", "independent"):
                continue
            inner = part
            while inner.head == "forall":
                inner = inner.args[3]
            if inner.head not in ORDER_RELATIONS and inner.head not in ("ne", "has"):
                return None
            found.append(substitute(part, renamed))
    return found


__all__ = ["Proportion", "as_claims", "at_the_variable", "is_first_line"]
