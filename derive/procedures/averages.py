"""Moments of one variable with a known density, as integrals.

E[g(X)] is ∫ g(x) p(x) dx over where X lives, for a density p that is defined or belongs to a named distribution, and
Var g(X) is E[g(X)²] − E[g(X)]². The integrals are then for `calculus.py`. Moments of several variables at once, and
conditional ones, stay as they are.
"""

from __future__ import annotations

from derive.language.context import Context, Domain
from derive.language.term import Term, conjuncts, free_names, fresh_name, make, num, rewrite, substitute, sym
from derive.normal_form.density import VALUE, read_densities, support

_INFINITY = make("infinity")
_X = sym(VALUE)


def as_integrals(statement: Term, context: Context) -> Term:
    """The statement with every moment of one variable with a known density written as an integral."""
    densities = _known(context)
    return rewrite(statement, lambda node: _opened(node, context, densities)) if densities else statement


Density = tuple[Term, Domain]
"""A density in the variable `VALUE`, and where it lives."""


def _opened(node: Term, context: Context, densities: dict[str, Density]) -> Term | None:
    head, args = node.head, node.args
    if head == "expect" and len(args) == 1:
        return _integral(args[0], context, densities)
    if head == "variance" and len(args) == 1:
        square = _integral(make("pow", args[0], num(2)), context, densities)
        mean = _integral(args[0], context, densities)
        if square is None or mean is None:
            return None
        return make("add", square, make("neg", make("pow", mean, num(2))))
    return None


def _integral(body: Term, context: Context, densities: dict[str, Density]) -> Term | None:
    random = [n for n in _names(body, context) if n in context.symbols and context.symbols[n].random]
    if len(random) != 1 or random[0] not in densities or random[0] not in free_names(body):
        return None
    value, domain = densities[random[0]]
    letter = sym(fresh_name("x", free_names(body) | free_names(value) | frozenset(context.symbols)))
    low = domain.low if domain.low is not None else make("neg", _INFINITY)
    high = domain.high if domain.high is not None else _INFINITY
    inside = substitute(body, {random[0]: letter})
    return make("integral", letter, low, high, make("mul", inside, substitute(value, {VALUE: letter})))


def _names(body: Term, context: Context) -> list[str]:
    """The names that a formula depends on, through definitions."""
    found: dict[str, None] = {}
    waiting = [body]
    while waiting:
        for name in sorted(free_names(waiting.pop())):
            if name in found:
                continue
            found[name] = None
            definition = context.definitions.get(name)
            if definition is not None:
                waiting.append(definition.body)
    return list(found)


def _known(context: Context) -> dict[str, Density]:
    found: dict[str, Density] = {}
    for name, density in read_densities(context).items():
        domain = support(context, name, density)
        if density.kind == "density" and not density.function and not density.indices and domain is not None:
            found[name] = density.value, domain
    for fact in context.facts:
        for part in conjuncts(fact):
            if part.head == "distributed" and part.args[0].head == "sym":
                named = _named(str(part.value), part.args[1:])
                symbol = context.symbols.get(part.args[0].name)
                if named is not None and symbol is not None and not symbol.shape.axes and not symbol.family:
                    found[part.args[0].name] = named
    return found


def _named(law: str, parameters: tuple[Term, ...]) -> Density | None:
    if law == "normal":
        mean, variance = parameters
        away = make("pow", make("add", _X, make("neg", mean)), num(2))
        scale = make("sqrt", make("mul", num(2), make("pi"), variance))
        return make("div", make("exp", make("neg", make("div", away, make("mul", num(2), variance)))), scale), Domain()
    if law == "uniform":
        low, high = parameters
        return make("div", num(1), make("add", high, make("neg", low))), Domain("interval", low, high)
    if law == "exponential":
        (rate,) = parameters
        return make("mul", rate, make("exp", make("neg", make("mul", rate, _X)))), Domain("interval", num(0))
    return None
