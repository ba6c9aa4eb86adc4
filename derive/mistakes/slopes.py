"""Derivatives written out the way a student would, as guesses.

`slope` differentiates a scalar formula by a symbol, or by one member of a family inside sums, with the rules of school;
`inner_slopes` gives the inner derivatives that a chain rule would multiply with, `product_terms` the two halves of each
product rule. What it cannot differentiate is None. Nothing here is trusted: every guess is proved elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.language.context import Context
from derive.language.edits import flat, without
from derive.language.term import Term, free_names, is_num, make, num, substitute, walk
from derive.mistakes.evidence import negated, over, plus, times

ZERO, ONE, TWO = num(0), num(1), num(2)

_OUTER: dict[str, Callable[[Term], Term]] = {
    "exp": lambda u: make("exp", u),
    "log": lambda u: make("div", ONE, u),
    "sqrt": lambda u: make("div", ONE, times(TWO, make("sqrt", u))),
    "abs": lambda u: make("sign", u),
    "sin": lambda u: make("cos", u),
    "cos": lambda u: make("neg", make("sin", u)),
    "tan": lambda u: make("div", ONE, make("pow", make("cos", u), TWO)),
    "arctan": lambda u: make("div", ONE, plus(ONE, make("pow", u, TWO))),
    "sinh": lambda u: make("cosh", u),
    "cosh": lambda u: make("sinh", u),
    "tanh": lambda u: plus(ONE, make("neg", make("pow", make("tanh", u), TWO))),
}


def slope(term: Term, variable: Term, context: Context) -> Term | None:
    """The derivative of a scalar formula by a symbol or an entry; None where no rule is known."""
    try:
        return _slope(flat(term), variable, context)
    except _NoRule:
        return None


class _NoRule(Exception):
    """A formula that is not differentiated here."""


def _base(variable: Term) -> str:
    return variable.name if variable.head == "sym" else variable.args[0].name


def _depends(term: Term, variable: Term, context: Context) -> bool:
    names = set(free_names(term))
    todo = list(names)
    while todo:
        definition = context.definitions.get(todo.pop())
        if definition is not None:
            new = free_names(definition.body) - set(definition.params) - names
            names |= new
            todo += new
    return _base(variable) in names


def _slope(term: Term, variable: Term, context: Context) -> Term:
    if term == variable:
        return ONE
    if not _depends(term, variable, context):
        return ZERO

    def d(part: Term) -> Term:
        return _slope(part, variable, context)

    head, args = term.head, term.args
    if head == "entry" and variable.head == "entry" and args[0] == variable.args[0] and len(args) == len(variable.args):
        deltas = [make("delta", a, b) for a, b in zip(args[1:], variable.args[1:], strict=True) if a != b]
        return times(*deltas) if deltas else ONE
    if head == "sym" and term.name in context.definitions:
        definition = context.definitions[term.name]
        if not definition.params:
            return d(flat(definition.body))
    if head == "neg":
        inner = d(args[0])
        return ZERO if inner == ZERO else negated(inner)
    if head == "add":
        parts = [p for p in (d(a) for a in args) if p != ZERO]
        return plus(*parts) if parts else ZERO
    if head == "mul":
        parts = []
        for k, factor in enumerate(args):
            inner = d(factor)
            if inner != ZERO:
                parts.append(times(*args[:k], inner, *args[k + 1 :]))
        return plus(*parts) if parts else ZERO
    if head == "div":
        top, bottom = args
        if not _depends(bottom, variable, context):
            return over(d(top), bottom)
        second = over(times(top, d(bottom)), make("pow", bottom, TWO))
        first = d(top)
        return negated(second) if first == ZERO else plus(over(first, bottom), negated(second))
    if head == "pow" and not _depends(args[1], variable, context):
        base, exponent = args
        lower = num(exponent.value - 1) if exponent.head == "num" else plus(exponent, make("neg", ONE))
        power = base if is_num(lower, 1) else ONE if is_num(lower, 0) else make("pow", base, lower)
        return times(exponent, power, d(base))
    if head in _OUTER:
        return times(_OUTER[head](args[0]), d(args[0]))
    if head == "call" and len(args) == 1:
        return times(make("dcall", args[0], value=(term.name, (1,))), d(args[0]))
    if head == "sum":
        return _slope_of_sum(term, variable, context)
    raise _NoRule


def _slope_of_sum(term: Term, variable: Term, context: Context) -> Term:
    """Inside a sum, the members at the variable's index only."""
    index, low, high, body, *condition = term.args
    if condition or _depends(low, variable, context) or _depends(high, variable, context):
        raise _NoRule
    if variable.head == "entry" and index.name not in free_names(variable):
        base = variable.args[0]
        own = [n for n in walk(body) if n.head == "entry" and n.args[0] == base]
        if own and all(n.args[1:] == (index,) for n in own) and len(variable.args) == 2:
            return substitute(_slope(body, own[0], context), {index.name: variable.args[1]})
    inner = _slope(body, variable, context)
    return ZERO if inner == ZERO else make("sum", index, low, high, inner)


def differentiated(left: Term, context: Context) -> Iterator[tuple[Term, Term]]:
    """The formulas of which a left side takes a derivative, and by what; definitions are opened."""
    for node in walk(left):
        if node.head == "deriv":
            yield _opened(node.args[0], context), node.args[1]
        elif node.head == "dcall" and len(node.args) == 1 and node.name in context.definitions:
            definition = context.definitions[node.name]
            if len(definition.params) == 1 and node.args[0].head in ("sym", "entry"):
                yield flat(substitute(definition.body, {definition.params[0]: node.args[0]})), node.args[0]


def _opened(term: Term, context: Context) -> Term:
    if term.head == "sym" and term.name in context.definitions and not context.definitions[term.name].params:
        return flat(context.definitions[term.name].body)
    if term.head == "call" and term.name in context.definitions:
        definition = context.definitions[term.name]
        if len(definition.params) == len(term.args):
            return flat(substitute(definition.body, dict(zip(definition.params, term.args, strict=True))))
    return flat(term)


def inner_slopes(body: Term, variable: Term, context: Context) -> Iterator[tuple[Term, Term]]:
    """Every inner function in a formula that depends on the variable, and its derivative; bound indices stay."""
    for node in walk(body):
        if node.head in _OUTER or node.head in ("pow", "call", "norm") or (node.head == "div"):
            inner = node.args[1] if node.head == "div" else node.args[0]
            if inner == variable or not _depends(inner, variable, context):
                continue
            found = slope(inner, variable, context)
            if found is not None and found not in (ZERO, ONE):
                yield inner, found


def product_terms(body: Term, variable: Term, context: Context) -> Iterator[tuple[Term, Term]]:
    """For every factor of every product: the product and the term that differentiates this factor only."""
    for node in walk(body):
        if node.head not in ("mul", "div"):
            continue
        if node.head == "div":
            top, bottom = node.args
            if not _depends(top, variable, context) or not _depends(bottom, variable, context):
                continue
            below = slope(bottom, variable, context)
            if below is not None and below != ZERO:
                yield node, negated(over(times(top, below), make("pow", bottom, TWO)))
            above = slope(top, variable, context)
            if above is not None and above != ZERO:
                yield node, over(above, bottom)
            continue
        if sum(_depends(f, variable, context) for f in node.args) < 2:
            continue
        for k, factor in enumerate(node.args):
            inner = slope(factor, variable, context)
            if inner is not None and inner != ZERO:
                yield node, times(without(node, k), inner)
