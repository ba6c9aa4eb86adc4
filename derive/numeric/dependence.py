"""Random values whose distribution depends on the outcome of others.

Members are attached to a group: in each of its outcomes each of them gets a small table of its own, so that they depend
on the group and are independent of one another given its outcome. That makes values that are independent given a
variable and not altogether, and values with different expectations on an event and off it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from flint import fmpq

from derive.language.term import Term
from derive.numeric.draw import Draw
from derive.numeric.model import Model
from derive.numeric.number import ONE, ZERO
from derive.numeric.point import Group, Member
from derive.numeric.tensor import Value

MOST_OUTCOMES = 64
Given = tuple[frozenset[str], str]


def given_variables(model: Model, facts: Sequence[Term]) -> Iterator[Given]:
    """The facts that scalars are independent given one scalar random variable."""
    for fact in facts:
        if fact.head != "independent" or fact.value != "conditional" or any(a.head != "sym" for a in fact.args):
            continue
        symbols = [model.context.symbols.get(a.name) for a in fact.args]
        if all(s is not None and s.role == "variable" and not s.family and not s.shape.axes for s in symbols):
            *names, given = (a.name for a in fact.args)
            yield frozenset(names), given


def attached(
    group: Group,
    members: Sequence[Member],
    value: Callable[[Member], Value],
    draw: Draw,
    mean: Callable[[Member, tuple[Value, ...]], fmpq | None] = lambda member, outcome: None,
) -> Group | None:
    """The group with members added that depend on its outcome; None where the table would grow too long.

    `value` draws a value of a member, `mean` says which mean a member must have in an outcome of the group.
    """
    outcomes: list[tuple[fmpq, tuple[Value, ...]]] = []
    for p, values in group.outcomes:
        tables = []
        for member in members:
            count = draw.rng.choice((1, 2))
            table = [(q, value(member)) for q in draw.shares(count)]
            wanted = mean(member, values)
            if wanted is not None:
                shift = wanted - sum((q * v for q, v in table), ZERO)
                table = [(q, v + shift) for q, v in table]
            tables.append(table)
        for chosen in product(*tables):
            weight = p
            for q, _ in chosen:
                weight = weight * q
            outcomes.append((weight, (*values, *(v for _, v in chosen))))
    if len(outcomes) > MOST_OUTCOMES:
        return None
    return Group((*group.members, *members), tuple(outcomes))


def independent_given(names: frozenset[str], given: str, groups: Sequence[Group]) -> bool | None:
    """Whether members are independent given a variable's value; None where they do not all stand in one group."""
    home = [g for g in groups if any(m[0] in names for m in g.members)]
    if len(home) != 1 or (given, None) not in home[0].members:
        return None
    group = home[0]
    place = group.members.index((given, None))
    mine = [k for k, m in enumerate(group.members) if m[0] in names]
    for value in dict.fromkeys(repr(v[place]) for _, v in group.outcomes):
        if not is_product([(p, tuple(v[k] for k in mine)) for p, v in group.outcomes if repr(v[place]) == value]):
            return False
    return True


def is_product(outcomes: Sequence[tuple[fmpq, tuple[Value, ...]]]) -> bool:
    """Whether a table (of any total above 0) is the product of its margins."""
    total = sum((p for p, _ in outcomes), ZERO)
    if total == 0:
        return False
    joint: dict[tuple[str, ...], fmpq] = {}
    margins: list[dict[str, fmpq]] = [{} for _ in outcomes[0][1]]
    for p, values in outcomes:
        key = tuple(map(repr, values))
        joint[key] = joint.get(key, ZERO) + p / total
        for margin, value in zip(margins, key, strict=True):
            margin[value] = margin.get(value, ZERO) + p / total
    for key in product(*margins):
        expected = ONE
        for margin, value in zip(margins, key, strict=True):
            expected = expected * margin[value]
        if joint.get(key, ZERO) != expected:
            return False
    return True


__all__ = ["attached", "given_variables", "independent_given", "is_product"]
