"""Entry-wise derivatives of normal forms.

∂T[i]/∂T[k] is a product of deltas; everything else is the chain rule, one row per kind of atom. The claimed matrix
answer of a gradient is lowered to entries too, so no matrix differential is ever needed. Entries of a symmetric
matrix count as independent variables (the unconstrained derivative).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.normal_form.atom import ONE, ZERO, Atom, Poly, tensor_mark
from derive.normal_form.functions import Argument, call, delta
from derive.normal_form.matrix import inverse_indices, open_matrix
from derive.normal_form.polynomial import merge, monomial_poly, multiply, power
from derive.normal_form.renaming import rename
from derive.normal_form.ring import Need, OutOfReach, Ring
from derive.normal_form.summation import open_block, sum_over


@dataclass(frozen=True, slots=True)
class Target:
    """What is differentiated by: a scalar symbol (no indices) or an entry of a tensor."""

    name: str
    indices: tuple[Affine, ...] | None = None

    @property
    def mark(self) -> str:
        """How dependence on it shows in `Atom.free`."""
        return self.name if self.indices is None else tensor_mark(self.name)


def differentiate(ring: Ring, poly: Poly, target: Target) -> Poly:
    """∂poly/∂target."""
    total = ZERO
    for mono, c in poly.terms.items():
        for position, (atom, e) in enumerate(mono):
            if target.mark not in atom.free:
                continue
            inner = _atom(ring, atom, target)
            if not inner:
                continue
            if e < 1 and not isinstance(e, int):
                _kink(ring, atom.data[0] if atom.kind == "kernel" else ring.value(atom))
            factor = fmpq(Fraction(e).numerator, Fraction(e).denominator)
            rest = mono[:position] + mono[position + 1 :]
            if e != 1:
                rest, _ = merge(rest, ((atom, e - 1),))
            total = total + multiply(ring, monomial_poly(ring, rest, c * factor), inner)
    ring.budget.spend()
    return total


def _atom(ring: Ring, atom: Atom, target: Target) -> Poly:
    rule = _RULES.get(atom.kind)
    if rule is None:
        raise OutOfReach(f"the derivative of {atom.kind}")
    return rule(ring, atom, target)


def _sym(ring: Ring, atom: Atom, target: Target) -> Poly:
    return ONE if target.indices is None and atom.data[0].text == target.name else ZERO


def _entry(ring: Ring, atom: Atom, target: Target) -> Poly:
    name, indices = atom.data
    if target.indices is None or name != target.name:
        return ZERO
    result = ONE
    for i, k in zip(indices, target.indices, strict=True):
        result = multiply(ring, result, delta(ring, i - k))
    return result


def _exp(ring: Ring, atom: Atom, target: Target) -> Poly:
    return multiply(ring, ring.value(atom), differentiate(ring, Poly({atom.data[0]: fmpq(1)}), target))


def _pow(ring: Ring, atom: Atom, target: Target) -> Poly:
    from derive.normal_form.functions import logarithm

    base, mono = atom.data
    exponent = Poly({mono: fmpq(1)})
    result = ZERO
    by_base = differentiate(ring, base, target)
    if by_base:
        result = multiply(ring, multiply(ring, exponent, by_base), power(ring, base, -1))
    by_exponent = differentiate(ring, exponent, target)
    if by_exponent:
        result = result + multiply(ring, by_exponent, logarithm(ring, base))
    return multiply(ring, ring.value(atom), result)


def _log(ring: Ring, atom: Atom, target: Target) -> Poly:
    return multiply(ring, power(ring, atom.data[0], -1), differentiate(ring, atom.data[0], target))


def _kernel(ring: Ring, atom: Atom, target: Target) -> Poly:
    return differentiate(ring, atom.data[0], target)


def _kink(ring: Ring, inner: Poly) -> None:
    from derive.normal_form.sign import is_nonzero
    from derive.normal_form.spelling import spell

    if not is_nonzero(ring, inner):
        ring.needs.append(Need("exists", spell(ring, inner, "nonzero"), inner))


def _abs(ring: Ring, atom: Atom, target: Target) -> Poly:
    from derive.normal_form.functions import signum

    inner: Poly = atom.data[0]
    _kink(ring, inner)
    return multiply(ring, signum(ring, inner), differentiate(ring, inner, target))


def _sign(ring: Ring, atom: Atom, target: Target) -> Poly:
    _kink(ring, atom.data[0])
    return ZERO


def _sin(ring: Ring, atom: Atom, target: Target) -> Poly:
    cosine = ring.value(ring.atom("cos", atom.data[0]))
    return multiply(ring, cosine, differentiate(ring, atom.data[0], target))


def _cos(ring: Ring, atom: Atom, target: Target) -> Poly:
    sine = ring.value(ring.atom("sin", atom.data[0]))
    return -multiply(ring, sine, differentiate(ring, atom.data[0], target))


def _arctan(ring: Ring, atom: Atom, target: Target) -> Poly:
    inner: Poly = atom.data[0]
    return multiply(ring, power(ring, ONE + power(ring, inner, 2), -1), differentiate(ring, inner, target))


def _call(ring: Ring, atom: Atom, target: Target) -> Poly:
    name, slots, arguments = atom.data
    if target.indices is not None and name == target.name:
        raise OutOfReach("a derivative with respect to a function")
    opened = []
    for low, high, mark, body in arguments:
        if not mark:
            opened.append(Argument(None, None, None, body))
        else:
            index = ring.fresh(low, high)
            opened.append(Argument(low, high, index, rename(ring, body, {mark: variable(index)})))
    total = ZERO
    for position, argument in enumerate(opened):
        if argument.index is None:
            inner = differentiate(ring, argument.body, target)
            if inner:
                total = total + multiply(ring, call(ring, name, [*slots, (position, ())], opened), inner)
            continue
        assert argument.low is not None and argument.high is not None
        index = ring.fresh(argument.low, argument.high)
        body = rename(ring, argument.body, {argument.index: variable(index)})
        inner = differentiate(ring, body, target)
        if inner:
            outer = call(ring, name, [*slots, (position, (variable(index),))], opened)
            total = total + sum_over(ring, multiply(ring, outer, inner), [index])
    return total


def _inverse(ring: Ring, atom: Atom, target: Target) -> Poly:
    from derive.normal_form.matrix import inverse_entry

    matrix, i, j, _ = inverse_indices(atom)
    rows, columns, body = open_matrix(ring, matrix)
    inner = differentiate(ring, body, target)
    left = inverse_entry(ring, matrix, i, tuple(map(variable, rows)))
    right = inverse_entry(ring, matrix, tuple(map(variable, columns)), j)
    return -sum_over(ring, multiply(ring, multiply(ring, left, inner), right), [*rows, *columns])


def log_determinant_derivative(ring: Ring, atom: Atom, target: Target) -> Poly:
    """Σ inv[q, p] ∂M[p, q], the derivative of log det M."""
    from derive.normal_form.matrix import inverse_entry

    matrix = atom.data[0]
    rows, columns, body = open_matrix(ring, matrix)
    inner = differentiate(ring, body, target)
    inverse = inverse_entry(ring, matrix, tuple(map(variable, columns)), tuple(map(variable, rows)))
    return sum_over(ring, multiply(ring, inverse, inner), [*rows, *columns])


def _note_generic(ring: Ring, atom: Atom, inner: Poly | None) -> None:
    """A rule that divides by a factor holds beyond its zeros by continuity, but not where an equation confines it."""
    from derive.normal_form.functions import assume
    from derive.normal_form.spelling import spell

    if not any(ring.in_equation(name) for name in atom.free):
        return
    if inner is not None:
        assume(ring, "nonzero", inner)
    else:
        ring.assumed.append(Need("nonzero", spell(ring, ring.value(atom), "nonzero"), ring.value(atom)))


def _determinant(ring: Ring, atom: Atom, target: Target) -> Poly:
    _note_generic(ring, atom, None)
    return multiply(ring, ring.value(atom), log_determinant_derivative(ring, atom, target))


def _product(ring: Ring, atom: Atom, target: Target) -> Poly:
    mark, low, high, body = atom.data
    index = ring.fresh(low, high)
    inner = rename(ring, body, {mark: variable(index)})
    _note_generic(ring, atom, inner)
    ratio = multiply(ring, differentiate(ring, inner, target), power(ring, inner, -1))
    return multiply(ring, ring.value(atom), sum_over(ring, ratio, [index]))


def _sum(ring: Ring, atom: Atom, target: Target) -> Poly:
    names, body = open_block(ring, atom)
    return sum_over(ring, differentiate(ring, body, target), names)


def _moment(ring: Ring, atom: Atom, target: Target) -> Poly:
    """E of the derivative: that it may go under the expectation is noted where a formula is differentiated."""
    from derive.normal_form.expectation import expectation

    return expectation(ring, differentiate(ring, Poly({atom.data[0]: fmpq(1)}), target))


def _constant(ring: Ring, atom: Atom, target: Target) -> Poly:
    return ZERO


_RULES: dict[str, Callable[[Ring, Atom, Target], Poly]] = {
    "sym": _sym,
    "entry": _entry,
    "exp": _exp,
    "pow": _pow,
    "log": _log,
    "kernel": _kernel,
    "abs": _abs,
    "sign": _sign,
    "sin": _sin,
    "cos": _cos,
    "arctan": _arctan,
    "call": _call,
    "inv": _inverse,
    "det": _determinant,
    "prod": _product,
    "sum": _sum,
    "moment": _moment,
    "delta": _constant,
    "step": _constant,
    "number": _constant,
    "constant": _constant,
}

__all__ = ["Target", "differentiate"]
