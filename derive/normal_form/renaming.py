"""Substitution in normal forms: indices by index terms, scalars and tensors by normal forms.

Every atom is rebuilt by its constructor, so whatever simplifies under the substitution does. Bound indices of closed
sums are opened under fresh names first, and names of closed blocks never meet free ones, so nothing is captured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.normal_form.atom import Atom, Exponent, Monomial, Poly, tensor_mark
from derive.normal_form.polynomial import merge, multiply, power
from derive.normal_form.ring import Ring

TensorValue = Callable[[tuple[Affine, ...]], Poly]


@dataclass(frozen=True, slots=True)
class Substitution:
    """`indices`: names to index terms; `scalars`: names to normal forms; `tensors`: names to entry functions."""

    indices: Mapping[str, Affine] = field(default_factory=dict)
    scalars: Mapping[str, Poly] = field(default_factory=dict)
    tensors: Mapping[str, TensorValue] = field(default_factory=dict)

    def touches(self, atom: Atom) -> bool:
        """Whether the atom may change."""
        free = atom.free
        if any(tensor_mark(name) in free for name in self.tensors):
            return True
        return any(name in free for name in self.indices) or any(name in free for name in self.scalars)

    @property
    def injective(self) -> bool:
        """Whether it only gives index names other names, different ones for different ones."""
        if self.scalars or self.tensors:
            return False
        targets = [
            v.parts[0][0] for v in self.indices.values() if v.constant == 0 and len(v.parts) == 1 and v.parts[0][1] == 1
        ]
        return len(set(targets)) == len(self.indices)


def rename(ring: Ring, poly: Poly, indices: Mapping[str, Affine]) -> Poly:
    """Replace index names by index terms."""
    if not indices:
        return poly
    return substitute(ring, poly, Substitution(indices))


def rename_monomial(ring: Ring, mono: Monomial, indices: Mapping[str, Affine]) -> Poly:
    """Replace index names in one monomial."""
    return _monomial(ring, mono, Substitution(indices))


def substitute(ring: Ring, poly: Poly, values: Substitution) -> Poly:
    """Apply a substitution."""
    kept: dict[Monomial, fmpq] = {}
    changed: list[tuple[Monomial, fmpq]] = []
    for mono, c in poly.terms.items():
        if any(values.touches(a) for a, _ in mono):
            changed.append((mono, c))
        else:
            kept[mono] = c
    total = Poly(kept)
    for mono, c in changed:
        total = total + _monomial(ring, mono, values).scale(c)
    return total


def _monomial(ring: Ring, mono: Monomial, values: Substitution) -> Poly:
    kept: list[tuple[Atom, Exponent]] = []
    result = None
    for atom, e in mono:
        if not values.touches(atom):
            kept.append((atom, e))
            continue
        new = _atom(ring, atom, values)
        part = power(ring, new, e)
        result = part if result is None else multiply(ring, result, part)
    if result is None:
        return Poly({mono: fmpq(1)})
    if not kept:
        return result
    base: Monomial = ()
    for factor in kept:
        base, _ = merge(base, (factor,))
    return multiply(ring, Poly({base: fmpq(1)}), result)


def _atom(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    return _REBUILD[atom.kind](ring, atom, values)


def _aff(term: Affine, values: Substitution) -> Affine:
    return term.substitute(values.indices)


def _sym(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    name = atom.data[0].text
    if name in values.indices:
        return ring.affine(values.indices[name])
    return values.scalars[name] if name in values.scalars else ring.value(atom)


def _entry(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    name, indices = atom.data
    moved = tuple(_aff(i, values) for i in indices)
    if name in values.tensors:
        return values.tensors[name](moved)
    if moved != indices and all(i.is_constant for i in moved):  # a member by number may be given by a hypothesis
        for rule in ring.entry_rules.get(name, ()):
            value = rule(moved)
            if value is not None:
                return value
    return ring.value(ring.entry(name, moved))


def _fixed(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    return ring.value(atom)


def _delta(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import delta

    return delta(ring, _aff(atom.data[0], values))


def _step(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import step

    return step(ring, _aff(atom.data[0], values))


def _exp(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import exponential

    return exponential(ring, _monomial(ring, atom.data[0], values))


def _pow(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import symbolic_power

    return symbolic_power(ring, substitute(ring, atom.data[0], values), _monomial(ring, atom.data[1], values))


def _function(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import apply

    return apply(ring, atom.kind, *(substitute(ring, p, values) for p in atom.data))


def _kernel(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    return substitute(ring, atom.data[0], values)


def _call(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import Argument, call

    name, slots, arguments = atom.data
    moved = []
    for low, high, mark, body in arguments:
        if not mark:
            moved.append(Argument(None, None, None, substitute(ring, body, values)))
            continue
        lo, hi = _aff(low, values), _aff(high, values)
        index = ring.fresh(lo, hi)
        inner = rename(ring, body, {mark: variable(index)})
        moved.append(Argument(lo, hi, index, substitute(ring, inner, values)))
    orders = tuple((position, tuple(_aff(i, values) for i in indices)) for position, indices in slots)
    return call(ring, name, orders, moved)


def _inverse(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.matrix import inverse_entry, inverse_indices, substitute_matrix

    matrix, i, j, _ = inverse_indices(atom)
    moved = substitute_matrix(ring, matrix, values)
    return inverse_entry(ring, moved, tuple(_aff(x, values) for x in i), tuple(_aff(x, values) for x in j))


def _determinant(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.matrix import determinant, substitute_matrix

    return determinant(ring, substitute_matrix(ring, atom.data[0], values))


def _product(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.summation import indexed_product

    mark, low, high, body = atom.data
    lo, hi = _aff(low, values), _aff(high, values)
    index = ring.fresh(lo, hi)
    inner = substitute(ring, rename(ring, body, {mark: variable(index)}), values)
    return indexed_product(ring, inner, index)


def _sum(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.summation import open_block, renamed_block, sum_over

    quick = renamed_block(ring, atom, values)
    if quick is not None:
        return quick
    names, body = open_block(ring, atom)
    for name in names:
        low, high = ring.ranges.ends[name]
        assert high is not None
        ring.ranges.set(name, _aff(low, values), _aff(high, values))
    return sum_over(ring, substitute(ring, body, values), names)


def _extreme(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.functions import extreme

    which, mark, low, high, body = atom.data
    lo, hi = _aff(low, values), _aff(high, values)
    index = ring.fresh(lo, hi)
    inner = substitute(ring, rename(ring, body, {mark: variable(index)}), values)
    return extreme(ring, which, inner, index)


def _event(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.events import event, event_name

    return event(ring, event_name(atom), tuple(_aff(i, values) for i in atom.data[1]))


def _relation(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.events import positive_bit

    return positive_bit(ring, substitute(ring, atom.data[0], values))


def _moment(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.expectation import expectation_of_monomial

    return expectation_of_monomial(ring, _monomial(ring, atom.data[0], values))


def _conditional_moment(ring: Ring, atom: Atom, values: Substitution) -> Poly:
    from derive.normal_form.conditioning import conditional_expectation

    return conditional_expectation(ring, _monomial(ring, atom.data[0], values), atom.data[1])


_REBUILD: dict[str, Callable[[Ring, Atom, Substitution], Poly]] = {
    "sym": _sym,
    "entry": _entry,
    "number": _fixed,
    "constant": _fixed,
    "delta": _delta,
    "step": _step,
    "exp": _exp,
    "pow": _pow,
    "kernel": _kernel,
    "call": _call,
    "inv": _inverse,
    "det": _determinant,
    "prod": _product,
    "sum": _sum,
    "extreme": _extreme,
    "event": _event,
    "holds": _relation,
    "moment": _moment,
    "cmoment": _conditional_moment,
    **dict.fromkeys(
        ("log", "abs", "sign", "zero", "sin", "cos", "tan", "arctan", "factorial", "binomial", "max", "min"), _function
    ),
}
