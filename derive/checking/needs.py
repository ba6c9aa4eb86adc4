"""What a formula needs in order to have a value: divisors not 0, arguments of logarithms positive, inverses that exist.

A claim is made where everything written before it has a value, and a definition or imposed condition brings its own
needs into force; `needs` reads them off the formula as it was written, without judging any. What is plain from the kind
of a symbol (a size is not 0) is left out. The existence of limits, moments and derivatives is not treated here.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.language.affine import term_of
from derive.language.context import Context, Definition, Symbol
from derive.language.heads import HEADS
from derive.language.term import Term, bound_scope, free_names, is_num, make, num, sym


def needs(term: Term, context: Context) -> tuple[Term, ...]:
    """The statements that hold wherever the formula has a value."""
    return tuple(dict.fromkeys(_needs(term, context)))


def definition_needs(definition: Definition, context: Context) -> tuple[Term, ...]:
    """What the value of a definition needs, for every index of a family; a function's arguments are its own."""
    if definition.params and not definition.ranges:
        return ()
    found: list[Term] = []
    for need in needs(definition.body, context):
        for name, span in reversed(list(zip(definition.params, definition.ranges, strict=False))):
            if name in free_names(need):
                need = make("forall", sym(name), term_of(span.low), term_of(span.high), need)
        if free_names(need) <= set(context.symbols):
            found.append(need)
    return tuple(found)


def assume(context: Context, facts: Iterable[Term]) -> Context:
    """A context with more in force; a property of a declared name is kept with its symbol."""
    for fact in facts:
        if fact.head == "has" and fact.args[0].head == "sym" and fact.args[0].name in context.symbols:
            context = context.with_properties(fact.args[0].name, [str(fact.value)])
        else:
            context = context.assume(fact)
    return context


def in_force(statement: Term, context: Context) -> bool:
    """Whether a statement is one of the facts, or a property that its symbol has."""
    if statement.head == "has" and statement.args[0].head == "sym":
        symbol = context.symbols.get(statement.args[0].name)
        if symbol is not None and statement.value in symbol.properties:
            return True
    return statement in context.facts


def closed(statement: Term, context: Context) -> Term:
    """A statement for every value of the index symbols that it leaves free."""
    for name in sorted(free_names(statement), reverse=True):
        symbol = context.symbols.get(name)
        if (
            symbol is not None
            and symbol.role == "index"
            and symbol.domain.low is not None
            and symbol.domain.high is not None
        ):
            statement = make("forall", sym(name), symbol.domain.low, symbol.domain.high, statement)
    return statement


def _needs(term: Term, context: Context) -> list[Term]:
    found: list[Term] = []
    binder = bound_scope(term)
    if term.head in ("cases", "integral", "limit", "expect", "variance", "covariance", "prob", "deriv", "hessian"):
        return found  # a branch, or a value at a point, that the whole may do without
    for position, arg in enumerate(term.args):
        inside = _needs(arg, context)
        if binder and position in binder[1]:
            inside = [_over(term, n, binder[0]) for n in inside] if term.head in _RANGED else []
        found += [n for n in inside if n.head != "true"]
    own = _own(term, context)
    return found + (_parts(own) if own is not None else [])


def _parts(need: Term) -> list[Term]:
    """`a b ≠ 0` as a ≠ 0 and b ≠ 0, `√a ≠ 0` as a > 0, `a^k ≠ 0` as a ≠ 0."""
    if need.head != "ne":
        return [need]
    value = need.args[0]
    if value.head == "mul":
        return [part for a in value.args for part in _parts(make("ne", a, num(0)))]
    if value.head == "sqrt":
        return [make("gt", value.args[0], num(0))]
    if value.head in ("pow", "neg", "div"):
        return _parts(make("ne", value.args[0], num(0)))
    return [need] if value.head != "num" else []


_RANGED = frozenset(["sum", "prod", "maxover", "minover", "tabulate", "forall"])


def _over(binder: Term, need: Term, name: str) -> Term:
    """A need inside a sum, for every index of its range; sums with a condition are left out."""
    if name not in free_names(need):
        # an empty range would need nothing
        return need if binder.args[1] == num(1) and binder.args[2].head == "sym" else make("true")
    if len(binder.args) > 4 or binder.args[2].head == "infinity":
        return make("true")
    return make("forall", binder.args[0], binder.args[1], binder.args[2], need)


def _own(term: Term, context: Context) -> Term | None:
    head = term.head
    if head == "div":
        return _unless(_plainly_nonzero(term.args[1], context), make("ne", term.args[1], num(0)))
    if head == "log":
        return _unless(_plainly_positive(term.args[0], context), make("gt", term.args[0], num(0)))
    if head == "sqrt":
        return _unless(_plainly_positive(term.args[0], context), make("ge", term.args[0], num(0)))
    if head == "inverse":
        return make("has", term.args[0], value="invertible")
    if head == "pow" and is_num(term.args[1]) and term.args[1].value < 0:
        return _unless(_plainly_nonzero(term.args[0], context), make("ne", term.args[0], num(0)))
    return None


def _unless(plain: bool, need: Term) -> Term | None:
    return None if plain else need


def _plainly_nonzero(term: Term, context: Context) -> bool:
    if term.head == "num":
        return bool(term.value != 0)
    if term.head in ("neg", "abs"):
        return _plainly_nonzero(term.args[0], context)
    if term.head in ("mul", "pow", "div"):
        args = term.args[:1] if term.head == "pow" else term.args
        return all(_plainly_nonzero(a, context) for a in args)
    return _plainly_positive(term, context)


def _plainly_positive(term: Term, context: Context) -> bool:
    if term.head == "num":
        return bool(term.value > 0)
    if term.head in ("exp", "pi", "cosh", "softmax"):
        return True
    if term.head in ("add", "mul", "div", "sqrt"):
        return all(_plainly_positive(a, context) for a in term.args)
    if term.head == "pow":
        return _plainly_positive(term.args[0], context)
    name = term.args[0].name if term.head == "entry" and term.args[0].head == "sym" else ""
    symbol = context.symbols.get(term.name if term.head == "sym" else name)
    return symbol is not None and symbol.name not in context.definitions and _positive_symbol(symbol)


def _positive_symbol(symbol: Symbol) -> bool:
    if symbol.role == "size":
        return symbol.minimum >= 1
    domain = symbol.domain
    if domain.low is None or not is_num(domain.low):
        return False
    return bool(domain.low.value > 0 or (domain.low.value == 0 and domain.low_open))


assert set(HEADS) >= _RANGED
