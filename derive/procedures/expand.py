"""Definitions opened up, and derivatives carried out: a statement as a formula in free symbols.

`expand` replaces calls of defined functions, members of defined families and defined names by their bodies, without
capture; `differentiate` is the exact derivative of a scalar formula by one symbol, with the conditions (`w ≠ 0` for
`|w|`) under which it exists; `open_derivatives` applies it to every `deriv` of scalars. Tensors are left as they
stand: a function of a scalar that is applied entry by entry to a vector is not opened.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.language.context import SCALAR, Context, Symbol
from derive.language.heads import HEADS, ORDER_RELATIONS
from derive.language.letters import is_labelled_by
from derive.language.optimum import is_optimiser
from derive.language.sequence import recurrences
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, bound_scope, free_names, make, num, substitute, sym
from derive.normal_form.distributions import shapes_moments

_DEPTH = 12

# heads that a procedure for real scalars takes as they stand, without looking inside
WHOLE = frozenset(
    [
        "sum", "prod", "norm", "inner", "expect", "variance", "covariance", "prob", "trace", "det", "maxover",
        "minover", "integral", "maxvalue", "minvalue",
    ]
)  # fmt: skip


class OutOfReach(Exception):
    """A formula that this engine cannot treat; procedures turn it into `Declined`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def expand(term: Term, context: Context, scope: Mapping[str, Symbol] | None = None) -> Term:
    """The term with the definitions in force put in place of what they define."""
    return _expand(term, context, dict(scope or {}), _DEPTH)


def _expand(term: Term, context: Context, scope: dict[str, Symbol], depth: int) -> Term:
    if depth == 0:
        raise OutOfReach("definitions refer to one another")
    head = term.head
    if head == "sym":
        definition = context.definitions.get(term.name)
        if definition is None or term.name in scope or definition.params or definition.ranges:
            return term
        if is_optimiser(definition):
            return term  # the name is the optimiser, its definition a set
        return _expand(definition.body, context, {}, depth - 1)
    if head == "deriv":
        # the variable of a derivative stays a name: opening it would differentiate by an expression
        body = _expand(term.args[0], context, scope, depth)
        return term.with_args((body, term.args[1]))
    binder = bound_scope(term)
    if binder is not None:
        name, positions = binder
        inner = {**scope, name: _bound_symbol(term, context, scope)}
        opened = [
            a if i == 0 else _expand(a, context, inner if i in positions else scope, depth)
            for i, a in enumerate(term.args)
        ]
        return term.with_args(tuple(opened))
    if head == "entry" and term.args[0].head == "sym" and term.args[0].name not in scope:
        base, *indices = term.args
        settled = [_expand(i, context, scope, depth) for i in indices]
        definition = context.definitions.get(base.name)
        if definition is None or not definition.ranges or len(definition.params) != len(indices):
            return term.with_args((base, *settled))
        body = substitute(definition.body, dict(zip(definition.params, settled, strict=True)))
        return _expand(body, context, scope, depth - 1)
    args = tuple(_expand(a, context, scope, depth) for a in term.args)
    term = term.with_args(args) if args else term
    if head not in ("call", "dcall") or term.name in scope:
        return term
    definition = context.definitions.get(term.name)
    if definition is None or definition.ranges or len(definition.params) != len(args):
        return term
    symbol = context.symbols.get(term.name)
    wanted = symbol.arguments if symbol and symbol.arguments else (SCALAR,) * len(args)
    if not all(_fits(a, w, context, scope) for a, w in zip(args, wanted, strict=True)):
        return term
    body = definition.body
    if any(a != sym(p) and shapes_moments(context, p, body) for p, a in zip(definition.params, args, strict=True)):
        return term  # the distribution is another one where its parameter has another value
    if head == "dcall":
        for param, order in zip(definition.params, term.value[1], strict=True):
            for _ in range(order):
                body = make("deriv", body, sym(param))
        if len(args) > 1 and any(p in free_names(a) for p in definition.params for a in args):
            return term  # the parameters would capture one another
        for param, arg in zip(definition.params, args, strict=True):
            body = make("at", sym(param), arg, body)  # keeps the variable of differentiation apart from the point
        return _expand(body, context, scope, depth - 1)
    return _expand(substitute(body, dict(zip(definition.params, args, strict=True))), context, scope, depth - 1)


def _bound_symbol(term: Term, context: Context, scope: Mapping[str, Symbol]) -> Symbol:
    name = term.args[0].name
    if term.head in ("limit", "argmax", "argmin", "maxvalue", "minvalue", "at"):
        known = scope.get(name) or context.symbols.get(name)
        if known is not None and term.head != "at":
            return known
        return Symbol(name)
    return Symbol(name, role="variable" if term.head == "integral" else "index")


def _fits(arg: Term, wanted: object, context: Context, scope: Mapping[str, Symbol]) -> bool:
    checked = elaborate(arg, context, scope)
    return isinstance(checked, Checked) and checked.shape == wanted


# derivatives


def open_derivatives(term: Term, context: Context) -> tuple[Term, tuple[Term, ...]]:
    """Carry out every derivative of a scalar by a scalar symbol or entry, and every `at` of a scalar.

    Returns the formula and the conditions under which the derivatives exist. Raises `OutOfReach` for other derivatives.
    """
    needs: list[Term] = []
    return _open(term, context, needs), tuple(dict.fromkeys(needs))


def _open(term: Term, context: Context, needs: list[Term]) -> Term:
    if term.head == "at":
        inner: list[Term] = []
        body = _open(term.args[2], context, inner)
        if shapes_moments(context, term.args[0].name, body):
            raise OutOfReach("the value of a moment where its distribution is another one")
        value = _open(term.args[1], context, needs)
        needs.extend(substitute(n, {term.args[0].name: value}) for n in inner)
        return substitute(body, {term.args[0].name: value})
    if term.head == "hessian":
        raise OutOfReach("a second derivative by a vector")
    if term.head == "deriv":
        body = _open(term.args[0], context, needs)
        defined = context.definitions.get(term.args[1].name) if term.args[1].head == "sym" else None
        if defined is not None and defined.name not in free_names(body) and free_names(defined.body) & free_names(body):
            raise OutOfReach("a derivative by a defined quantity that the formula is not written in")
        if free_names(body) & {recurrence.name for recurrence in recurrences(context)}:
            raise OutOfReach("a derivative through a recurrence")
        if any(is_labelled_by(n, _name_of(term.args[1])) for n in free_names(body)):
            raise OutOfReach("a derivative by the label of a name")
        if shapes_moments(context, _name_of(term.args[1]), body):
            raise OutOfReach("a derivative through a moment whose distribution depends on the variable")
        return differentiate(body, term.args[1], needs)
    if not term.args:
        return term
    binder = bound_scope(term)
    inner = []
    args = tuple(a if binder and i == 0 else _open(a, context, inner) for i, a in enumerate(term.args))
    if binder and any(binder[0] in free_names(n) for n in inner):
        raise OutOfReach("a derivative inside a binder that does not exist everywhere")
    needs.extend(inner)
    return term.with_args(args)


def _name_of(by: Term) -> str:
    base = by.args[0] if by.head == "entry" else by
    return base.name if base.head == "sym" else ""


def differentiate(term: Term, by: Term, needs: list[Term] | None = None) -> Term:
    """The derivative of a scalar formula by a scalar symbol or an entry; `needs` collects where it exists."""
    found: list[Term] = []
    result = _derive(term, by, found)
    if needs is not None:
        needs.extend(found)
    return result


_ZERO, _ONE = num(0), num(1)


def _plus(parts: list[Term]) -> Term:
    kept = [p for p in parts if p != _ZERO]
    return _ZERO if not kept else kept[0] if len(kept) == 1 else make("add", *kept)


def _times(*parts: Term) -> Term:
    if any(p == _ZERO for p in parts):
        return _ZERO
    kept = [p for p in parts if p != _ONE]
    return _ONE if not kept else kept[0] if len(kept) == 1 else make("mul", *kept)


def _minus(part: Term) -> Term:
    return _ZERO if part == _ZERO else make("neg", part)


def _mentions(term: Term, by: Term) -> bool:
    name = by.name if by.head == "sym" else by.args[0].name
    return name in free_names(term)


def _derive(term: Term, by: Term, needs: list[Term]) -> Term:
    if by.head not in ("sym", "entry"):
        raise OutOfReach("a derivative by something that is neither a symbol nor an entry")
    if term == by:
        return _ONE
    if not _mentions(term, by):
        return _ZERO
    head, args = term.head, term.args
    if head in ("sym", "entry"):
        raise OutOfReach("a derivative by one entry of a family")
    if head == "add":
        return _plus([_derive(a, by, needs) for a in args])
    if head == "neg":
        return _minus(_derive(args[0], by, needs))
    if head == "mul":
        return _plus([_times(*args[:i], _derive(a, by, needs), *args[i + 1 :]) for i, a in enumerate(args)])
    if head == "div":
        top, bottom = args
        slope = _derive(bottom, by, needs)
        first = make("div", _derive(top, by, needs), bottom)
        if slope == _ZERO:
            return first
        return make("add", first, _minus(make("div", _times(top, slope), make("pow", bottom, num(2)))))
    if head == "pow":
        base, exponent = args
        if not _mentions(exponent, by):
            lower = _exponent_less_one(exponent)
            if (exponent.head == "num" and exponent.value < 1) or exponent.head != "num":
                needs.append(make("ne", base, _ZERO))
            power = base if lower == _ONE else _ONE if lower == _ZERO else make("pow", base, lower)
            return _times(exponent, power, _derive(base, by, needs))
        needs.append(make("gt", base, _ZERO))
        inner = _times(exponent, make("log", base))
        return _times(term, _derive(inner, by, needs))
    if head in _SLOPES:
        slope = _derive(args[0], by, needs)
        if head == "sqrt":
            needs.append(make("gt", args[0], _ZERO))
        return _times(_SLOPES[head](args[0]), slope)
    if head == "abs":
        needs.append(make("ne", args[0], _ZERO))
        return _times(make("sign", args[0]), _derive(args[0], by, needs))
    if head == "sign":
        needs.append(make("ne", args[0], _ZERO))
        return _ZERO
    if head in ("max", "min"):
        return _derive(_as_cases(term), by, needs)
    if head == "cases":
        parts: list[Term] = []
        for value, condition in zip(args[::2], args[1::2], strict=True):
            _needs_no_edge(condition, by, needs)
            guarded: list[Term] = []
            slope = value if value.head == "undefined" else _derive(value, by, guarded)
            needs.extend(make("implies", condition, n) for n in guarded)
            parts += [slope, condition]
        return make("cases", *parts)
    if head == "indicator":
        _needs_no_edge(args[0], by, needs)
        return _ZERO
    if head in ("call", "dcall"):
        name, orders = (term.value, (0,) * len(args)) if head == "call" else term.value
        parts = []
        for i, arg in enumerate(args):
            slope = _derive(arg, by, needs)
            if slope != _ZERO:
                raised = tuple(o + (i == j) for j, o in enumerate(orders))
                parts.append(_times(make("dcall", *args, value=(name, raised)), slope))
        return _plus(parts)
    if head == "sum" and len(args) == 4 and args[2].head != "infinity":
        if args[0].name in free_names(by):
            raise OutOfReach("a derivative by a variable that a sum binds")
        within: list[Term] = []
        body = _derive(args[3], by, within)
        if any(args[0].name in free_names(n) for n in within) or _mentions(args[1], by) or _mentions(args[2], by):
            raise OutOfReach("the derivative of a sum that does not exist everywhere")
        needs.extend(within)
        return _ZERO if body == _ZERO else term.with_args((*args[:3], body))
    raise OutOfReach(f"the derivative of {HEADS[head].doc}")


def _exponent_less_one(exponent: Term) -> Term:
    if exponent.head == "num":
        return num(exponent.value - 1)
    return make("add", exponent, num(-1))


def _needs_no_edge(condition: Term, by: Term, needs: list[Term]) -> None:
    """A derivative of a branch is that of the whole only off the edges of its condition."""
    if condition.head in ORDER_RELATIONS or condition.head in ("eq", "ne"):
        if _mentions(condition, by):
            needs.append(make("ne", *condition.args))
    elif condition.head in ("and", "or", "not"):
        for part in condition.args:
            _needs_no_edge(part, by, needs)
    elif condition.head != "true":
        raise OutOfReach("a condition that is no relation")


def _as_cases(term: Term) -> Term:
    """A maximum or minimum as `cases`."""
    relation = "ge" if term.head == "max" else "le"
    first, *rest = term.args
    if len(rest) == 1:
        return make("cases", first, make(relation, first, rest[0]), rest[0], make("true"))
    tail = make(term.head, *rest)
    return make("cases", first, make("and", *(make(relation, first, r) for r in rest)), tail, make("true"))


_SLOPES = {
    "exp": lambda u: make("exp", u),
    "log": lambda u: make("div", _ONE, u),
    "sqrt": lambda u: make("div", _ONE, make("mul", num(2), make("sqrt", u))),
    "sin": lambda u: make("cos", u),
    "cos": lambda u: make("neg", make("sin", u)),
    "tan": lambda u: make("div", _ONE, make("pow", make("cos", u), num(2))),
    "arctan": lambda u: make("div", _ONE, make("add", _ONE, make("pow", u, num(2)))),
    "sinh": lambda u: make("cosh", u),
    "cosh": lambda u: make("sinh", u),
    "tanh": lambda u: make("add", _ONE, make("neg", make("pow", make("tanh", u), num(2)))),
}
