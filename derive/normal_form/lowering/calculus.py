"""Derivatives, and values at a point.

The variable is held opaque while the body is lowered, the normal form is differentiated entry-wise, and the variable's
own value (its definition, or what it is bound to) is put back afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

from flint import fmpq

from derive.language.affine import Affine
from derive.language.context import Shape
from derive.language.letters import is_labelled_by
from derive.language.term import Term, free_names
from derive.normal_form.atom import Poly, tensor_mark
from derive.normal_form.density import goes_under
from derive.normal_form.derivative import Target, differentiate
from derive.normal_form.distributions import refuse_hidden
from derive.normal_form.lowering.core import Binding, Env, Index, Lowering, bind_value, member, named_value
from derive.normal_form.matrix import substitute_matrix
from derive.normal_form.polynomial import multiply, power
from derive.normal_form.renaming import Substitution, substitute
from derive.normal_form.ring import OutOfReach
from derive.normal_form.sign import is_positive
from derive.normal_form.spelling import spell
from derive.normal_form.summation import FEW


@contextmanager
def held(low: Lowering, name: str, env: Env) -> Iterator[tuple[str, dict[str, Binding]]]:
    """A name held opaque: the raw name that stands for it meanwhile, and the environment to use."""
    low.ring.count += 1
    raw = f"{name}′{low.ring.count}"
    low.ring.inherit(raw, name)
    frozen, inner = dict(low.frozen), dict(env)
    if name in env:

        def entry(indices: Index) -> Poly:
            return low.ring.value(low.ring.entry(raw, indices) if indices else low.ring.symbol(raw))

        inner[name] = Binding(env[name].symbol, entry=entry, written=env[name].written)
    else:
        low.frozen[name] = raw
    low.ring.held += 1
    rules = low.ring.moment_rules
    if name not in env and name in low.ring.moment_ties:
        low.ring.moment_rules = []  # what a hypothesis says of a moment holds at a point, not around it
    try:
        yield raw, inner
    finally:
        low.ring.held -= 1
        low.ring.moment_rules = rules
        low.frozen = frozen


def target_of(low: Lowering, var: Term, env: Env) -> tuple[str, Index | None, Shape]:
    """The name that is differentiated by, its written indices (None: as a whole), and the shape of what is left.

    A name defined as a symbol or an entry (`z = x_i`) is a second name for that.
    """
    while var.head == "sym" and var.name not in env:
        definition = low.context.definitions.get(var.name)
        if definition is None or definition.params or definition.body.head not in ("sym", "entry"):
            break
        var = definition.body
    if var.head == "sym":
        return var.name, None, low.shape(var, env)
    if var.head == "entry" and var.args[0].head == "sym":
        return var.args[0].name, tuple(low.affine(i, env) for i in var.args[1:]), low.shape(var, env)
    raise OutOfReach("a derivative with respect to an expression")


def put_back(low: Lowering, poly: Poly, raw: str, name: str, env: Env) -> Poly:
    """Replace the held name by its value."""
    values = value_of(low, raw, name, env)
    if raw in poly.free:
        values = replace(values, scalars={raw: values.tensors[raw](())})
    return substitute(low.ring, poly, values)


def value_of(low: Lowering, raw: str, name: str, env: Env) -> Substitution:
    """The substitution of the held name (as a tensor) by its value."""

    def value(indices: Index) -> Poly:
        binding = env.get(name)
        if binding is not None:
            assert binding.entry is not None
            return binding.entry(indices)
        return named_value(low, name, indices)

    return Substitution(tensors={raw: value})


def derivative(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    body, var = term.args
    if var.head == "pow" and var.args[0].head == "sym" and var.args[1].head == "num":
        return by_power(low, body, var, indices, env)
    shape = low.shape(body, env)
    name, written, by = target_of(low, var, env)
    if not by.axes:
        at, target = indices, written
    elif not shape.axes:
        at, target = (), _entry_of(low, name, written, indices, env)
    else:
        rows = len(shape.axes[0])
        if (term.value or low.context.layout) == "numerator":
            at, target = indices[:rows], _entry_of(low, name, written, indices[rows:], env)
        else:
            columns = len(by.axes[0])
            at, target = indices[columns:], _entry_of(low, name, written, indices[:columns], env)
    return differentiate_term(low, body, at, name, [target], env)


def _entry_of(low: Lowering, name: str, written: Index | None, indices: Index, env: Env) -> Index:
    """The entry that is differentiated by, where a whole name or one member of a family is."""
    return written + indices if written is not None else member(low, name, indices, env)


def differentiate_term(low: Lowering, body: Term, at: Index, name: str, targets: list[Index | None], env: Env) -> Poly:
    notes = _Notes(low)
    with held(low, name, env) as (raw, inner):
        value = low.lower(body, at, inner)
        refuse_ties(low, value, name, env)
        refuse_unwritten(low, value, raw, name, env)
        if name not in env:
            refuse_hidden(low.ring, value, name)
            if any(is_labelled_by(n, name) for n in value.free):
                raise OutOfReach("a derivative by the label of a name")
        value = written_in_earlier(low, value, raw, name, targets)
        goes_under(low.ring, value, raw)
        for target in targets:
            value = differentiate(low.ring, value, Target(raw, target or None))
    notes.put_back(low, raw, name, env)
    return put_back(low, value, raw, name, env)


class _Notes:
    """Needs and assumptions noted while a name was held: they speak of its stand-in until the value is put back."""

    def __init__(self, low: Lowering) -> None:
        ring = low.ring
        self.lists = [(ring.needs, len(ring.needs)), (ring.assumed, len(ring.assumed))]
        self.generic = len(ring.generic)

    def put_back(self, low: Lowering, raw: str, name: str, env: Env) -> None:
        """Replace the stand-in in everything noted since."""
        marks = {raw, tensor_mark(raw)}
        for noted, start in self.lists:
            for position in range(start, len(noted)):
                need = noted[position]
                if need.matrix is not None and tensor_mark(raw) in need.matrix[3].free:
                    matrix = substitute_matrix(low.ring, need.matrix, value_of(low, raw, name, env))
                    noted[position] = replace(need, matrix=matrix)
                elif need.poly is not None and need.poly.free & marks:
                    poly = put_back(low, need.poly, raw, name, env)
                    kind = "nonzero" if need.kind == "exists" else need.kind
                    statement = spell(low.ring, poly, kind) if kind != "range" else need.statement
                    noted[position] = replace(need, poly=poly, statement=statement)
        for position in range(self.generic, len(low.ring.generic)):
            if low.ring.generic[position].free & marks:
                low.ring.generic[position] = put_back(low, low.ring.generic[position], raw, name, env)


def refuse_ties(low: Lowering, value: Poly, name: str, env: Env) -> None:
    """A recurrence between the variable and something else in the body defines the one by the other."""
    if name in env:
        return
    tied = low.ring.ties.get(name, frozenset()) & {n.strip("[]") for n in value.free}
    if name in low.ring.recurrences:
        tied &= low.ring.recurrences.keys()  # a sequence does not give what its recurrence is written in
    if any(not _is_initial(low, value, n) for n in tied):
        raise OutOfReach("a derivative through a recurrence")


def _is_initial(low: Lowering, value: Poly, name: str) -> bool:
    """Whether only members from before the first index of its recurrence stand in a value: nothing gives them."""
    lows = [recurrence.low for recurrence in low.ring.recurrences.get(name, ())]
    if not lows or not all(first.is_constant for first in lows):
        return False
    seen: list[Affine] = []

    def note(indices: Index) -> Poly:
        seen.append(indices[0])
        return low.ring.value(low.ring.entry(name, indices))

    substitute(low.ring, value, Substitution(tensors={name: note}))
    return all(index.is_constant and index.constant < first.constant for index in seen for first in lows)


def written_in_earlier(low: Lowering, value: Poly, raw: str, name: str, targets: list[Index | None]) -> Poly:
    """The members of a sequence a few places after the one that is differentiated by, written in it by its recurrence;
    those before it stay."""
    ring = low.ring
    if name not in ring.recurrences:
        return value
    target = targets[0]
    if not target or any(other != target for other in targets):
        raise OutOfReach("a derivative through a recurrence")

    def member_at(indices: Index) -> Poly:
        ahead = indices[0] - target[0]
        if ahead.is_constant and ahead.constant <= 0:
            return ring.value(ring.entry(raw, indices))
        near = ahead.is_constant and ahead.constant <= FEW
        recurrence = next((r for r in ring.recurrences[name] if near and r.covers(ring, indices[0])), None)
        if recurrence is None:
            raise OutOfReach("a derivative through a recurrence")
        with low.silent():
            bound = {recurrence.letter: low.index_binding(recurrence.letter, indices[0])}
            given = low.lower(recurrence.body, indices[1:], bound)
        return substitute(ring, given, Substitution(tensors={raw: member_at}))

    return substitute(ring, value, Substitution(tensors={raw: member_at}))


def refuse_unwritten(low: Lowering, value: Poly, raw: str, name: str, env: Env) -> None:
    """∂f/∂z for a defined z has a meaning only where f is written in z."""
    definition = low.context.definitions.get(name)
    if name in env or definition is None or value.free & {raw, tensor_mark(raw)}:
        return
    parts = free_names(definition.body) - set(definition.params)
    if any(p in value.free or tensor_mark(p) in value.free for p in parts):
        raise OutOfReach("a derivative by a defined quantity that the expression is not written in")


def by_power(low: Lowering, body: Term, var: Term, indices: Index, env: Env) -> Poly:
    """∂/∂(s^k) = ∂/∂s divided by k s^(k−1), for s > 0."""
    base, exponent = var.args
    ring = low.ring
    s = low.lower(base, (), env)
    if not is_positive(ring, s):
        raise OutOfReach("a derivative with respect to a power of what may be no positive number")
    inner = differentiate_term(low, body, indices, base.name, [None], env)
    k = Fraction(exponent.value)
    slope = power(ring, s, k - 1).scale(fmpq(k.numerator, k.denominator))
    return multiply(ring, inner, power(ring, slope, -1))


def hessian(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    body, var = term.args
    name, written, by = target_of(low, var, env)
    if not by.axes:
        return differentiate_term(low, body, (), name, [written, written], env)
    half = len(by.axes[0])
    first, second = (_entry_of(low, name, written, part, env) for part in (indices[:half], indices[half:]))
    return differentiate_term(low, body, (), name, [first, second], env)


def value_at(low: Lowering, term: Term, indices: Index, env: Env) -> Poly:
    var, value, body = term.args
    name = var.name
    binding = bind_value(low, name, low.shape(value, env), value, None, env)
    if name in env or name not in low.context.symbols:
        return low.lower(body, indices, {**env, name: binding})
    # definitions in the body may depend on the variable: hold it, and put the value in for it at the end
    notes, there = _Notes(low), {**env, name: binding}
    with held(low, name, env) as (raw, inner):
        result = low.lower(body, indices, inner)
        refuse_hidden(low.ring, result, name)
    notes.put_back(low, raw, name, there)
    return put_back(low, result, raw, name, there)
