"""Normal forms back as formulas, for the conditions that a proof names."""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq

from derive.language.affine import Affine, term_of, variable
from derive.language.term import Term, make, num, sym, walk
from derive.normal_form.atom import Atom, Monomial, Poly
from derive.normal_form.events import event_name
from derive.normal_form.matrix import inverse_indices, open_matrix
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Ring
from derive.normal_form.summation import open_block

_RELATION = {"nonzero": "ne", "positive": "gt", "nonnegative": "ge", "zero": "eq"}


def spell(ring: Ring, poly: Poly, kind: str) -> Term:
    """The statement `poly ≠ 0`, `> 0`, `≥ 0`, `= 0`, for all values of the bound indices in it."""
    single = poly.single()
    if single is not None and kind in ("nonzero", "positive", "nonnegative"):
        mono, c = single
        poly = Poly({mono: fmpq(1) if c > 0 or kind == "nonzero" else fmpq(-1)})
    tensor = _square_norm_of(ring, poly) if kind in ("nonzero", "positive") else None
    if tensor is not None:
        statement = make("ne", tensor, make("zeros", value=ring.context.symbols[_name_of(tensor)].shape))
    else:
        statement = make(_RELATION[kind], spell_poly(ring, poly), num(0))
    for name in sorted(n for n in poly.free if n.startswith("%")):
        low, high = ring.ranges.ends[name]
        assert high is not None
        statement = make("forall", sym(name), term_of(low), term_of(high), statement)
    return tidy_indices(statement)


def _square_norm_of(ring: Ring, poly: Poly) -> Term | None:
    """The vector or matrix x, or the member of a family, whose entries' squares `poly` sums up; None otherwise.

    That sum is not 0 exactly where x is not.
    """
    single = poly.single()
    if single is None or len(single[0]) != 1 or single[0][0][0].kind != "sum" or single[0][0][1] != 1:
        return None
    names, body = open_block(ring, single[0][0][0])
    inner = body.single()
    if inner is None or len(inner[0]) != 1 or inner[0][0][0].kind != "entry" or inner[0][0][1] != 2:
        return None
    name, indices = inner[0][0][0].data
    symbol = ring.context.symbols.get(name)
    if symbol is None or any(len(axis) != 1 for axis in symbol.shape.axes):
        return None
    member, entries = indices[: len(symbol.family)], indices[len(symbol.family) :]
    whole = [(variable(n), ring.ranges.ends[n]) for n in names]
    every = [(Affine(1), axis[0]) for axis in symbol.shape.axes]
    if len(every) != len(whole) or any((e, ends) not in whole for e, ends in zip(entries, every, strict=True)):
        return None
    if len(set(map(str, entries))) != len(entries):
        return None
    return make("entry", sym(name), *map(term_of, member)) if member else sym(name)


def _name_of(tensor: Term) -> str:
    return tensor.args[0].name if tensor.head == "entry" else tensor.name


def tidy_indices(term: Term) -> Term:
    """Give internal index names (`%3`) the letters i, j, k, … that are not taken."""
    internal: list[str] = []
    taken: set[str] = set()
    for node in walk(term):
        if node.head == "sym":
            if node.name.startswith("%"):
                if node.name not in internal:
                    internal.append(node.name)
            else:
                taken.add(node.name)
    letters = iter(
        x for x in ["i", "j", "k", "l", "m", "p", "q", "r", "s", *(f"i_{n}" for n in range(99))] if x not in taken
    )
    renamed = {name: sym(next(letters)) for name in internal}

    def rename_all(node: Term) -> Term:
        if node.head == "sym":
            return renamed.get(node.name, node)
        return node.with_args(tuple(rename_all(a) for a in node.args))

    return rename_all(term)


def spell_poly(ring: Ring, poly: Poly) -> Term:
    """A polynomial as a formula."""
    parts: list[Term] = []
    for mono, c in poly.sorted_terms():
        body = _spell_monomial(ring, mono, abs(c))
        parts.append(make("neg", body) if c < 0 else body)
    parts.sort(key=lambda t: t.head == "neg")
    if not parts:
        return num(0)
    return parts[0] if len(parts) == 1 else make("add", *parts)


def _spell_monomial(ring: Ring, mono: Monomial, c: fmpq) -> Term:
    top: list[Term] = []
    bottom: list[Term] = []
    coefficient = Fraction(int(c.p), int(c.q))
    if coefficient.numerator != 1:
        top.append(num(coefficient.numerator))
    if coefficient.denominator != 1:
        bottom.append(num(coefficient.denominator))
    for atom, e in mono:
        target = top if e > 0 else bottom
        base = _spell_atom(ring, atom)
        size = e if e > 0 else -e
        target.append(base if size == 1 else make("pow", base, num(size)))
    upper = num(1) if not top else top[0] if len(top) == 1 else make("mul", *top)
    if not bottom:
        return upper
    return make("div", upper, bottom[0] if len(bottom) == 1 else make("mul", *bottom))


def _spell_atom(ring: Ring, atom: Atom) -> Term:
    kind, data = atom.kind, atom.data
    if kind == "sym":
        return sym(data[0].text)
    if kind == "number":
        return num(data[0])
    if kind == "constant":
        return make(data[0])
    if kind == "entry":
        return make("entry", sym(data[0]), *(term_of(i) for i in data[1]))
    if kind == "exp":
        return make("exp", _spell_monomial(ring, data[0], fmpq(1)))
    if kind == "pow":
        return make("pow", spell_poly(ring, data[0]), _spell_monomial(ring, data[1], fmpq(1)))
    if kind in ("log", "abs", "sign", "sin", "cos", "arctan", "factorial"):
        return make(kind, spell_poly(ring, data[0]))
    if kind == "kernel":
        return spell_poly(ring, data[0])
    if kind == "delta":
        term = data[0]
        name = sorted(term.names)[-1]
        c = term.coefficient(name)
        return make("delta", sym(name), term_of(term.without(name).scale(-1 if c > 0 else 1)))
    if kind == "step":
        return make("indicator", make("gt", term_of(data[0]), num(0)))
    if kind == "holds":
        return make("indicator", make("gt", spell_poly(ring, data[0]), num(0)))
    if kind == "event":
        name = sym(event_name(atom))
        return make("indicator", make("entry", name, *(term_of(i) for i in data[1])) if data[1] else name)
    if kind == "sum":
        names, body = open_block(ring, atom)
        term = spell_poly(ring, body)
        for name in reversed(names):
            low, high = ring.ranges.ends[name]
            assert high is not None
            term = make("sum", sym(name), term_of(low), term_of(high), term)
        return term
    if kind == "prod":
        mark, low, high, body = data
        index = ring.fresh(low, high)
        return make(
            "prod",
            sym(index),
            term_of(low),
            term_of(high),
            spell_poly(ring, rename(ring, body, {mark: variable(index)})),
        )
    if kind == "moment":
        return make("expect", _spell_monomial(ring, data[0], fmpq(1)))
    if kind == "cmoment":
        return make("expect", _spell_monomial(ring, data[0], fmpq(1)), *(sym(name) for name in data[1]))
    if kind == "inv":
        matrix, i, j, _ = inverse_indices(atom)
        return make("entry", make("inverse", _spell_matrix(ring, matrix)), *(term_of(x) for x in (*i, *j)))
    if kind == "det":
        return make("det", _spell_matrix(ring, data[0]))
    if kind == "call":
        name, slots, arguments = data
        args = []
        for low, high, mark, body in arguments:
            if not mark:
                args.append(spell_poly(ring, body))
            else:
                index = ring.fresh(low, high)
                inner = spell_poly(ring, rename(ring, body, {mark: variable(index)}))
                args.append(make("tabulate", sym(index), term_of(low), term_of(high), inner))
        return make("call", *args, value=name) if not slots else make("dcall", *args, value=(name, (len(slots),)))
    if kind == "extreme":
        which, mark, low, high, body = data
        index = ring.fresh(low, high)
        inner = spell_poly(ring, rename(ring, body, {mark: variable(index)}))
        return make("maxover" if which == "max" else "minover", sym(index), term_of(low), term_of(high), inner)
    return sym(f"({atom!r})")


def _spell_matrix(ring: Ring, matrix: tuple[tuple[str, ...], tuple[str, ...], tuple[Affine, ...], Poly]) -> Term:
    """A matrix that is one symbol or a sum of symbols by name; else by its entry."""
    _, _, body = open_matrix(ring, matrix)
    single = body.single()
    if single is not None and len(single[0]) == 1 and single[0][0][0].kind == "entry":
        return sym(single[0][0][0].data[0])
    return spell_poly(ring, body)
