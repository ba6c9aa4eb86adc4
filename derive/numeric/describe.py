"""A point in print: the values of a counterexample by name, as a report shows them.

Sizes first, then indices, values, functions (`f(t) = 1 + 2 t`) and random variables with their joint outcomes and
probabilities. Computed names are left out, since their definitions say what they are.
"""

from __future__ import annotations

from derive.language.term import Term, free_names, make, num, sym
from derive.numeric.evaluate import Undecidable, Undefined, Unsupported, evaluate
from derive.numeric.point import ENDLESS, Group, Point, spell, spell_text
from derive.numeric.sample import Sampler


def describe(point: Point, sampler: Sampler, statement: Term) -> tuple[tuple[str, object], ...]:
    """The values of the names that a statement and the facts tied to it need."""
    values: list[tuple[str, object]] = [
        (name, str(point.sizes[name])) for name in sorted(point.sizes) if name != ENDLESS
    ]
    random_names = {m[0] for g in point.groups for m in g.members}
    bare = _bare_names(statement)
    symbols = sampler.context.symbols
    plain = [n for n in sorted(point.values) if n not in random_names or n in bare]
    plain.sort(key=lambda n: symbols[n].role != "index" if n in symbols else True)
    for name in plain:
        if name in sampler.model.rules:
            values.extend(_members(name, point, sampler))
        else:
            values.append((name, spell(point.values[name])))
    for name in sorted(point.functions):
        values.append((name, point.functions[name].formula()))
    for group in point.groups:
        laws = [point.laws[m] for m in group.members if m in point.laws]
        if any(law.name in ("density", "mass") for law in laws) or len(laws) == len(group.members):
            continue  # what they are distributed by is among the functions, defined, or given by name
        if any(m[0] not in point.obscure for m in group.members):
            values.append(_distribution(group))
    return tuple(values)


def _members(name: str, point: Point, sampler: Sampler) -> list[tuple[str, object]]:
    """The members of a sequence given by a recurrence, as it gives them."""
    symbol = sampler.context.symbols[name]
    if len(symbol.family) != 1:
        return [(name, spell(point.values[name]))]
    low, high = (end.value(point.sizes) for end in (symbol.family[0].low, symbol.family[0].high))
    found: list[tuple[str, object]] = []
    for k in range(low, high + 1):
        value = evaluate(make("entry", sym(name), num(k)), sampler.context, point)
        if not isinstance(value, Undefined | Undecidable | Unsupported):
            found.append((f"{name}_{k}", spell(value)))
    return found


def _bare_names(statement: Term) -> frozenset[str]:
    """Names that occur outside every expectation, variance and probability."""
    if statement.head in ("expect", "variance", "covariance", "prob"):
        positions = {"expect": 1, "variance": 1, "covariance": 2, "prob": 1}[statement.head]
        return frozenset(n for a in statement.args[positions:] for n in free_names(a))
    if not statement.args:
        return free_names(statement)
    return frozenset(n for a in statement.args for n in _bare_names(a))


def _distribution(group: Group) -> tuple[str, object]:
    names = [name if index is None else f"{name}_{{{','.join(map(str, index))}}}" for name, index in group.members]
    title = names[0] if len(names) == 1 else "(" + ", ".join(names) + ")"
    parts = []
    for probability, outcome in group.outcomes:
        texts = [spell_text(v) for v in outcome]
        what = texts[0] if len(texts) == 1 else "(" + ", ".join(texts) + ")"
        parts.append(f"{what} with probability {probability}")
    return title, "; ".join(parts)
