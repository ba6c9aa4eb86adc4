"""Terms: what a formula says, exactly as it was written.

A term is a head (a row of `heads.HEADS`), its arguments and, for leaves, a value. Nothing simplifies on construction:
`x/x` stays a division. Two terms are equal when they are written alike; the span does not count.

Binders (`sum`, `prod`, `integral`, `limit`, `argmax`, …) keep their variable as a `sym` argument in front; which
argument positions lie in its scope is said by the table of heads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from derive.language.source import Span


@dataclass(frozen=True, slots=True)
class Term:
    """One node of a formula. `value` is the payload of a leaf or of a head that needs one (see `heads.HEADS`)."""

    head: str
    args: tuple[Term, ...] = ()
    value: Any = None
    span: Span | None = field(default=None, compare=False)

    def with_span(self, span: Span | None) -> Term:
        """The same term, standing at `span`."""
        return replace(self, span=span)

    def with_args(self, args: tuple[Term, ...]) -> Term:
        """The same head over other arguments."""
        return replace(self, args=args)

    @property
    def left(self) -> Term:
        """The left side of a relation."""
        return self.args[0]

    @property
    def right(self) -> Term:
        """The right side of a relation."""
        return self.args[1]

    @property
    def name(self) -> str:
        """The name of a `sym`, `call` or `dcall`."""
        return str(self.value[0] if isinstance(self.value, tuple) else self.value)


def num(value: int | Fraction | str, span: Span | None = None) -> Term:
    """A rational number."""
    return Term("num", (), Fraction(value), span)


def sym(name: str, span: Span | None = None) -> Term:
    """A reference to a symbol of the context, or to a variable bound further out."""
    return Term("sym", (), name, span)


def make(head: str, *args: Term, value: Any = None, span: Span | None = None) -> Term:
    """A term with positional arguments."""
    return Term(head, args, value, span)


def is_num(term: Term, value: int | Fraction | None = None) -> bool:
    """Whether the term is a number (that number)."""
    return term.head == "num" and (value is None or term.value == value)


def walk(term: Term) -> Iterator[Term]:
    """The term and everything inside it, outermost first."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.args))


def bound_scope(term: Term) -> tuple[str, frozenset[int]] | None:
    """For a binder: its variable's name and the argument positions in the variable's scope."""
    from derive.language.heads import HEADS

    scope = HEADS[term.head].scope
    if not scope or not term.args or term.args[0].head != "sym":
        return None
    return term.args[0].name, scope


def free_names(term: Term) -> frozenset[str]:
    """Names of the symbols and functions that occur free."""
    if term.head == "sym":
        return frozenset([term.name])
    names: set[str] = set()
    if term.head in ("call", "dcall"):
        names.add(term.name)
    binder = bound_scope(term)
    for position, arg in enumerate(term.args):
        if binder and position == 0:
            continue
        inner = free_names(arg)
        if binder and position in binder[1]:
            inner = inner - {binder[0]}
        names |= inner
    return frozenset(names)


def fresh_name(base: str, taken: frozenset[str] | set[str]) -> str:
    """`base`, or `base` with primes marks until it is not taken."""
    name = base
    while name in taken:
        name += "′"
    return name


def substitute(term: Term, values: dict[str, Term]) -> Term:
    """Replace free symbols by terms; bound variables are renamed where they would capture."""
    if not values:
        return term
    if term.head == "sym":
        return values.get(term.name, term)
    binder = bound_scope(term)
    if binder is None:
        return term.with_args(tuple(substitute(a, values) for a in term.args)) if term.args else term
    name, scope = binder
    inner = {key: value for key, value in values.items() if key != name}
    incoming: set[str] = set()
    for value in inner.values():
        incoming |= free_names(value)
    variable = term.args[0]
    args = list(term.args)
    if name in incoming:
        taken = incoming | {n for a in term.args for n in free_names(a)}
        fresh = sym(fresh_name(name, taken), variable.span)
        for position in scope:
            if position < len(args):
                args[position] = substitute(args[position], {name: fresh})
        args[0] = fresh
    for position in range(1, len(args)):
        args[position] = substitute(args[position], inner if position in scope else values)
    return term.with_args(tuple(args))


def rewrite(term: Term, rule: Callable[[Term], Term | None]) -> Term:
    """Apply `rule` to every node, innermost first; None keeps the node."""
    if term.args:
        args = tuple(rewrite(a, rule) for a in term.args)
        if any(new is not old for new, old in zip(args, term.args, strict=True)):
            term = term.with_args(args)
    changed = rule(term)
    return term if changed is None else changed


def replace_node(term: Term, node: Term, value: Term) -> Term:
    """The term with a value in every place where a node stands."""
    return rewrite(term, lambda t: value if t == node else None)


def factors(term: Term) -> tuple[Term, ...]:
    """The factors of a product, nested products opened; the term alone if it is none."""
    return tuple(f for a in term.args for f in factors(a)) if term.head == "mul" else (term,)


def names_order(statement: Term) -> bool:
    """Whether an `approx` claims the order of an error: `A = B + O(x^2)`."""
    return statement.head == "approx" and any(node.head == "order" for node in walk(statement))


def conjuncts(statement: Term) -> tuple[Term, ...]:
    """The parts of an `and`, or the statement alone."""
    if statement.head == "and":
        return tuple(part for a in statement.args for part in conjuncts(a))
    return (statement,)
