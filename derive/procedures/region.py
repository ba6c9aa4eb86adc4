"""Where formulas have values, what is assumed of their atoms, and the branches of piecewise formulas.

`needs` lists the conditions under which a scalar formula has a value; `hypotheses` the facts and domains in force
that speak of its atoms; `branches` takes `abs`, `max`, `min`, `sign`, `cases`, indicators and deltas apart, innermost
first, into formulas without them, each under its guards. Guards of one split cover all cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.language.affine import Affine, affine_of
from derive.language.context import Context, Domain, Symbol
from derive.language.heads import NEGATION, ORDER_RELATIONS, RELATIONS
from derive.language.term import Term, bound_scope, conjuncts, free_names, make, num, substitute, sym, walk
from derive.procedures.elementary import rational_value
from derive.procedures.expand import WHOLE, OutOfReach, expand, open_derivatives

ZERO, ONE = num(0), num(1)
PIECEWISE = frozenset(["abs", "max", "min", "sign", "cases", "indicator", "delta"])
_CLOSED = WHOLE | {"limit", "argmax", "argmin", "entry"}
MOST_BRANCHES = 96


def negate(statement: Term) -> Term:
    """The statement that holds where this one does not (both sides having values)."""
    if statement.head in NEGATION:
        return make(NEGATION[statement.head], *statement.args)
    if statement.head == "not":
        return statement.args[0]
    if statement.head == "and":
        return make("or", *(negate(a) for a in statement.args))
    if statement.head == "or":
        return make("and", *(negate(a) for a in statement.args))
    return make("not", statement)


def both(*statements: Term) -> Term:
    """The conjunction, flat and without `true`."""
    parts = tuple(p for s in statements for p in conjuncts(s) if p.head != "true")
    return make("true") if not parts else parts[0] if len(parts) == 1 else make("and", *parts)


# where a formula has a value


def needs(term: Term, context: Context, assumed: bool = False) -> tuple[Term, ...]:
    """Conditions under which a scalar formula has a value; raises `OutOfReach` for infinite sums.

    A power with real exponent has a value for a positive base; at 0 it may have one, so where its value is `assumed`,
    the base is only known not to be negative.
    """
    found: list[Term] = []
    _collect_needs(term, context, found, assumed)
    return tuple(dict.fromkeys(found))


def _collect_needs(term: Term, context: Context, found: list[Term], assumed: bool) -> None:
    head, args = term.head, term.args
    if head == "cases":
        earlier: list[Term] = []
        for value, condition in zip(args[::2], args[1::2], strict=True):
            _collect_needs(condition, context, found, assumed)
            guard = both(*earlier, condition)
            if value.head == "undefined":
                found.append(negate(guard))
            else:
                inner: list[Term] = []
                _collect_needs(value, context, inner, assumed)
                found.extend(n if guard.head == "true" else make("implies", guard, n) for n in inner)
            earlier.append(negate(condition))
        if args[-1].head != "true":
            found.append(make("or", *args[1::2]))
        return
    binder = bound_scope(term)
    if binder is not None:
        inner = []
        inside = context
        if head in ("sum", "prod", "maxover", "minover", "forall"):
            low, high = (None if _unbounded(e) else e for e in args[1:3])
            inside = context.declare_only(Symbol(binder[0], role="index", domain=Domain("integer", low, high)))
        for position, a in enumerate(args[1:], 1):
            if position in binder[1]:
                _collect_needs(a, inside, inner, assumed)
            else:
                _collect_needs(a, context, found, assumed)
        for need in inner:
            if binder[0] not in free_names(need):
                found.append(_unless_empty(need, head, args, context))
            elif head in ("sum", "prod", "maxover", "minover", "forall") and len(args) == 4:
                found.append(make("forall", args[0], args[1], args[2], need))
            else:
                raise OutOfReach("a condition inside a binder")
        if head in ("sum", "prod") and "infinity" in (args[1].head, args[2].head):
            raise OutOfReach("an infinite sum")
        return
    for a in args:
        _collect_needs(a, context, found, assumed)
    if head == "div":
        if rational_value(args[1]) in (None, 0):
            found.append(make("ne", args[1], ZERO))
    elif head == "log":
        found.append(make("gt", args[0], ZERO))
    elif head == "sqrt":
        found.append(make("ge", args[0], ZERO))
    elif head == "tan":
        found.append(make("ne", make("cos", args[0]), ZERO))
    elif head == "pow":
        _power_needs(args[0], args[1], context, found, assumed)
    elif head == "factorial":
        found.append(make("ge", args[0], ZERO))


def _unless_empty(need: Term, head: str, args: tuple[Term, ...], context: Context) -> Term:
    """A need under an index that does not mention it: an empty range does without it."""
    if head not in ("sum", "prod", "maxover", "minover", "forall") or _unbounded(args[1]) or _unbounded(args[2]):
        return need
    if len(args) == 4 and _in_range(args[2], args[1], make("infinity"), context):
        return need
    return make("implies", make("le", args[1], args[2]), need)


def _unbounded(end: Term) -> bool:
    return any(n.head == "infinity" for n in walk(end))


def _power_needs(base: Term, exponent: Term, context: Context, found: list[Term], assumed: bool) -> None:
    value = rational_value(exponent)
    if value is not None:
        if value.denominator == 1:
            if value < 0:
                found.append(make("ne", base, ZERO))
        else:
            found.append(make("gt" if value < 0 else "ge", base, ZERO))
        return
    known = rational_value(base)
    if base.head == "exp" or (known is not None and known > 0):
        return
    affine = affine_of(exponent)
    if affine is not None and all(is_integer(n, context) for n in affine.names):
        if not _in_range(exponent, ZERO, make("infinity"), context):
            nonzero = make("ne", base, ZERO)
            # a value that is there may be one of a power that is not negative
            found.append(make("or", nonzero, make("ge", exponent, ZERO)) if assumed else nonzero)
        return
    found.append(make("ge" if assumed else "gt", base, ZERO))


def is_integer(name: str, context: Context) -> bool:
    """Whether a name stands for an integer."""
    symbol = context.symbols.get(name)
    return symbol is not None and (symbol.role in ("size", "index") or symbol.domain.kind in ("natural", "integer"))


# what is assumed


def hypotheses(terms: Sequence[Term], context: Context) -> tuple[Term, ...]:
    """Facts and domains in force about the atoms of these terms, families at the indices that occur."""
    facts: list[Term] = []
    pending = list(terms)
    seen: set[Term] = set()
    opened = _opened_facts(context)
    for _ in range(2):
        atoms = [a for t in pending for a in _atoms(t) if a not in seen]
        seen.update(atoms)
        pending = []
        for atom in dict.fromkeys(atoms):
            facts.extend(_domain_facts(atom, context))
            for fact in opened:
                pending.extend(_instances(fact, atom, context))
        facts.extend(pending)
    facts.extend(f for f in opened if f.head != "forall")
    facts.extend(_domains_through(seen, [f for f in opened if f.head != "forall"], context))
    result: list[Term] = []
    for fact in facts:
        for part in conjuncts(fact):
            result.extend(plain_form(part))
    return tuple(dict.fromkeys(result))


def _domains_through(reached: set[Term], facts: Sequence[Term], context: Context) -> list[Term]:
    """The domains of atoms that facts tie to those reached (λ > 0, where a λ > 0 speaks of a)."""
    found: list[Term] = []
    known = set(reached)
    for _ in range(2):
        tied = [a for f in facts for atoms in [set(_atoms(f))] if atoms & known for a in atoms - known]
        for atom in dict.fromkeys(sorted(tied, key=repr)):
            known.add(atom)
            found += _domain_facts(atom, context)
    return found


def _opened_facts(context: Context) -> list[Term]:
    result = []
    for fact in context.facts:
        if fact.head not in RELATIONS | {"and", "or", "not", "implies", "iff", "forall"}:
            continue
        try:
            opened = expand(fact, context)
            opened, conditions = open_derivatives(opened, context)
        except OutOfReach:
            continue
        if not conditions:
            result.append(opened)
    return result


def plain_form(fact: Term) -> list[Term]:
    """|u| < c as −c < u < c, which bounds u plainly; the fact itself stays."""
    result = [fact]
    if fact.head in ("gt", "ge"):
        fact = make({"gt": "lt", "ge": "le"}[fact.head], fact.args[1], fact.args[0])
    if fact.head in ("lt", "le") and fact.args[0].head == "abs":
        inner, bound = fact.args[0].args[0], fact.args[1]
        result.append(make(fact.head, inner, bound))
        result.append(make(fact.head, make("neg", bound), inner))
    return result


def _atoms(term: Term) -> Iterator[Term]:
    if term.head in ("sym", "entry", "call"):
        yield term
    if term.head != "entry":
        binder = bound_scope(term)
        for position, a in enumerate(term.args):
            if binder and position == 0:
                continue
            for atom in _atoms(a):
                if not (binder and position in binder[1] and binder[0] in free_names(atom)):
                    yield atom


def _domain_facts(atom: Term, context: Context) -> list[Term]:
    if atom.head == "call":
        return []
    name = atom.name if atom.head == "sym" else atom.args[0].name if atom.args[0].head == "sym" else ""
    symbol = context.symbols.get(name)
    if symbol is None or (atom.head == "sym" and (symbol.family or symbol.shape.rank)):
        return []
    return domain_relations(atom, symbol)


def domain_relations(atom: Term, symbol: Symbol) -> list[Term]:
    """What the declaration of a symbol says of it, or of one member or entry."""
    domain: Domain = symbol.domain
    found: list[Term] = []
    if symbol.role == "size":
        found.append(make("ge", atom, num(symbol.minimum)))
    if domain.kind == "natural" and domain.low is None:
        found.append(make("ge", atom, ZERO))
    if domain.kind in ("interval", "natural", "integer", "real"):
        if domain.low is not None:
            found.append(make("gt" if domain.low_open else "ge", atom, domain.low))
        if domain.high is not None and domain.high.head != "infinity":
            found.append(make("lt" if domain.high_open else "le", atom, domain.high))
    if domain.kind == "finite" and domain.values:
        equal = [make("eq", atom, v) for v in domain.values]
        found.append(equal[0] if len(equal) == 1 else make("or", *equal))
        values = [rational_value(v) for v in domain.values]
        if None not in values:
            known = [v for v in values if v is not None]
            found += [make("ge", atom, num(min(known))), make("le", atom, num(max(known)))]
    return [f for f in found if not any(n.head == "infinity" for n in walk(f))]


def _instances(fact: Term, atom: Term, context: Context) -> list[Term]:
    """A fact for all indices, at those of an atom; a fact about a function at any argument, at that of a call."""
    if fact.head == "forall":
        if atom.head != "entry":
            return []
        var, low, high, body = fact.args
        result = []
        patterns = [
            n for n in walk(body) if n.head == "entry" and len(n.args) == len(atom.args) and n.args[0] == atom.args[0]
        ]
        for pattern in dict.fromkeys(patterns):
            for mine, theirs in zip(pattern.args[1:], atom.args[1:], strict=True):
                if mine == var and _in_range(theirs, low, high, context):
                    inner = substitute(body, {var.name: theirs})
                    result += _instances(inner, atom, context) if inner.head == "forall" else [inner]
        return result
    if atom.head == "call" and fact.head in ORDER_RELATIONS:
        for node in walk(fact):
            alike = node.head == "call" and node.value == atom.value and len(node.args) == len(atom.args)
            if not alike or any(a.head != "sym" for a in node.args):
                continue
            names = {a.name for a in node.args}
            known = all(context.symbols.get(n) is not None for n in names)
            if len(names) == len(node.args) and known and _unconstrained(names, context):
                return [substitute(fact, {a.name: b for a, b in zip(node.args, atom.args, strict=True)})]
    return []


def _unconstrained(names: set[str], context: Context) -> bool:
    """Whether names are declared nowhere, so that a fact about them holds at any argument: of a declared name a fact
    may speak alone."""
    for name in names:
        symbol = context.symbols[name]
        if symbol.role != "variable" or not symbol.inferred or symbol.domain != Domain():
            return False
        if name in context.definitions:
            return False
        calls_only = all(
            name not in free_names(f) or any(n.head == "call" and sym(name) in n.args for n in walk(f))
            for f in context.facts
        )
        if not calls_only:
            return False
    return True


def _in_range(index: Term, low: Term, high: Term, context: Context) -> bool:
    position, start, stop = affine_of(index), affine_of(low), affine_of(high)
    if position is None or start is None:
        return False

    def at_least(difference: Affine) -> bool:
        total = difference.constant
        for name, c in difference.parts:
            symbol = context.symbols.get(name)
            if symbol is None:
                return False
            least: int | None = symbol.minimum if symbol.role == "size" else None
            if symbol.role in ("index", "variable") and symbol.domain.kind in ("natural", "integer"):
                ends = [affine_of(e) if e is not None else None for e in (symbol.domain.low, symbol.domain.high)]
                if ends[0] is None and symbol.domain.low is None and symbol.domain.kind == "natural":
                    ends[0] = Affine(0)
                end = ends[0] if c > 0 else ends[1]
                if end is None:
                    return False
                rest = difference.without(name) + end.scale(c)
                return rest != difference and at_least(rest)
            for fact in context.facts:
                if (
                    fact.head == "ge"
                    and fact.args[0] == sym(name)
                    and rational_value(fact.args[1]) is not None
                    and c > 0
                ):
                    value = rational_value(fact.args[1])
                    assert value is not None
                    least = max(least or 0, -(-value.numerator // value.denominator))
            if c < 0 or least is None:
                return False
            total += c * least
        return total >= 0

    if not at_least(position - start):
        return False
    return high.head == "infinity" or (stop is not None and at_least(stop - position))


# branches


def plain_roots(term: Term) -> Term:
    """√(u²ᵏ) written as |u|ᵏ, which it is."""
    if not term.args:
        return term
    term = term.with_args(tuple(plain_roots(a) for a in term.args))
    inner = term.args[0]
    if term.head == "sqrt" and inner.head == "pow" and inner.args[1].head == "num":
        power = inner.args[1].value
        if power.denominator == 1 and power > 0 and power % 2 == 0:
            base = make("abs", inner.args[0])
            return base if power == 2 else make("pow", base, num(power / 2))
    return term


def branches(
    terms: Sequence[Term], guards: tuple[Term, ...] = ()
) -> Iterator[tuple[tuple[Term, ...], tuple[Term, ...]]]:
    """Every way to choose the branches of piecewise parts: the guards, and the formulas without them."""
    stack = [(guards, tuple(terms))]
    made = 0
    while stack:
        current_guards, current = stack.pop()
        node = next((n for t in (*current, *current_guards) for n in [_innermost(t)] if n is not None), None)
        if node is None:
            yield tuple(g for g in current_guards if g.head != "true"), current
            continue
        for guard, value in reversed(_options(node)):
            made += 1
            if made > MOST_BRANCHES:
                raise OutOfReach("too many branches")
            replaced = tuple(_replace(t, node, value) for t in current)
            kept = tuple(_replace(g, node, value) for g in current_guards)
            if value.head == "undefined" and any(_has_undefined(t) for t in replaced):
                continue  # a need says that this branch is not taken
            stack.append(((*kept, guard), replaced))


def _has_undefined(term: Term) -> bool:
    return any(n.head == "undefined" for n in walk(term))


def _innermost(term: Term) -> Term | None:
    if term.head in _CLOSED:
        return None
    for a in term.args:
        found = _innermost(a)
        if found is not None:
            return found
    return term if term.head in PIECEWISE else None


def _replace(term: Term, node: Term, value: Term) -> Term:
    if term == node:
        return value
    if not term.args or term.head in _CLOSED:
        return term
    return term.with_args(tuple(_replace(a, node, value) for a in term.args))


def _options(node: Term) -> list[tuple[Term, Term]]:
    args = node.args
    if node.head == "abs":
        return [(make("ge", args[0], ZERO), args[0]), (make("lt", args[0], ZERO), make("neg", args[0]))]
    if node.head == "sign":
        return [
            (make("gt", args[0], ZERO), ONE),
            (make("eq", args[0], ZERO), ZERO),
            (make("lt", args[0], ZERO), num(-1)),
        ]
    if node.head in ("max", "min"):
        relation = "ge" if node.head == "max" else "le"
        return [
            (
                both(
                    *(
                        make(relation if j > i else NEGATION[_flip(relation)], a, b)
                        for j, b in enumerate(args)
                        if j != i
                    )
                ),
                a,
            )
            for i, a in enumerate(args)
        ]
    if node.head == "indicator":
        return [(args[0], ONE), (negate(args[0]), ZERO)]
    if node.head == "delta":
        return [(make("eq", *args), ONE), (make("ne", *args), ZERO)]
    options: list[tuple[Term, Term]] = []
    earlier: list[Term] = []
    for value, condition in zip(args[::2], args[1::2], strict=True):
        options.append((both(*earlier, condition), value))
        earlier.append(negate(condition))
    return options


def _flip(relation: str) -> str:
    return {"ge": "le", "le": "ge"}[relation]
