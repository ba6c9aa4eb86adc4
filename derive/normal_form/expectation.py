"""Expectations of polynomials in random variables.

Closed sums are opened, and the expectation of each monomial is taken under the sums: for entries of an independent
family every pair of indices is split into equal (a delta) and different, then the monomial factors over independent
groups. What is left of a group is a moment atom; moments of identically distributed variables drop their index. That
the moments exist is an assumption of every expectation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.language.context import Symbol
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Name, Poly, tensor_mark
from derive.normal_form.density import nested_atoms
from derive.normal_form.distributions import known_moment
from derive.normal_form.events import event_name, two_values
from derive.normal_form.functions import delta, exponential
from derive.normal_form.gaussian import vector_moment
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import Substitution, rename, rename_monomial, substitute
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.summation import indexed_product, open_all, open_block, sum_over

Instance = tuple[str, tuple[Affine, ...] | None]
"""A random variable: its name and indices; without indices (None) a whole family, or an unknown part of one."""

MOST_INSTANCES = 8


@dataclass(frozen=True, slots=True)
class Conditional:
    """Names that are mutually independent (one family: its members) given a variable, an event, or its complement."""

    names: frozenset[str]
    given: str
    happens: bool = True


@dataclass(frozen=True, slots=True)
class Randomness:
    """Which names are random, and which sets of them are mutually independent or uncorrelated."""

    symbols: dict[str, Symbol]
    independent: tuple[frozenset[str], ...]
    conditional: tuple[Conditional, ...]
    uncorrelated: tuple[frozenset[str], ...]

    def marks(self) -> dict[str, str]:
        """How dependence on each random name shows in `Atom.free`."""
        return {name: tensor_mark(name) if s.family or s.shape.axes else name for name, s in self.symbols.items()}


def expectation(ring: Ring, poly: Poly) -> Poly:
    """E[poly]."""
    total = ZERO
    for mono, c in poly.terms.items():
        total = total + expectation_of_monomial(ring, Poly({mono: fmpq(1)})).scale(c)
    return total


def expectation_of_monomial(ring: Ring, poly: Poly) -> Poly:
    """E of a polynomial whose monomials may hold closed sums of random variables."""
    from derive.normal_form.conditioning import by_number_of_terms

    total = ZERO
    for mono, c in poly.terms.items():
        fixed = [(a, e) for a, e in mono if not is_random(ring, a)]
        moving = tuple((a, e) for a, e in mono if is_random(ring, a))
        if not moving:
            total = total + Poly({mono: c})
            continue
        stops = tuple(sorted({name for a, _ in moving for name in random_ends(ring, a)}))
        if stops:
            inside = by_number_of_terms(ring, moving, stops)
        else:
            names, body = open_all(ring, moving)
            inner = ZERO
            for m, k in body.terms.items():
                inner = inner + split(ring, m).scale(k)
            inside = sum_over(ring, inner, names)
        total = total + multiply(ring, monomial_poly(ring, fixed, c), inside)
    return total


def random_ends(ring: Ring, atom: Atom) -> frozenset[str]:
    """The random variables that say how far a closed sum or product goes."""
    if atom.kind == "sum":
        ends = [end for _, low, high in atom.data[0] for end in (low, high)]
    elif atom.kind == "prod":
        ends = list(atom.data[1:3])
    else:
        return frozenset()
    return frozenset(n for end in ends for n in end.names if n in ring.random_marks)


def is_random(ring: Ring, atom: Atom) -> bool:
    """Whether an atom depends on chance (under an expectation, on what is not held fixed)."""
    if atom.kind == "moment":
        return False
    if atom.kind == "cmoment":
        return True
    if any(mark in atom.free for mark in ring.tainted):
        raise OutOfReach("the expectation of what a hypothesis ties to a random variable")
    marks = frozenset(ring.random_marks.values())
    if not atom.free & marks:
        return False
    return all(a.kind != "moment" for a in nested_atoms(atom)) or _varies(ring, atom, marks)


def _varies(ring: Ring, data: object, marks: frozenset[str]) -> bool:
    """Whether a random variable occurs outside moments."""
    if isinstance(data, Affine):
        return any(n in ring.random_marks for n in data.names)
    if isinstance(data, Name):
        return data.text in marks
    if isinstance(data, Poly):
        return any(_varies(ring, mono, marks) for mono in data.terms)
    if isinstance(data, tuple):
        return any(_varies(ring, part, marks) for part in data)
    if not isinstance(data, Atom) or data.kind == "moment" or not data.free & marks:
        return False
    if data.kind in ("sym", "entry", "event", "cmoment") or (data.kind == "call" and data.data[0] in ring.random_marks):
        return True
    return _varies(ring, data.data, marks)


def instances(ring: Ring, atom: Atom) -> list[Instance]:
    """The random variables that an atom depends on."""
    if atom.kind == "cmoment":
        return [(name, ()) for name in atom.data[1]]
    found: dict[Instance, None] = {}
    _collect(ring, atom, found)
    return list(
        dict.fromkeys(
            (name, None) if at is not None and any(n not in atom.free for i in at for n in i.names) else (name, at)
            for name, at in found
        )
    )


def _collect(ring: Ring, data: object, found: dict[Instance, None]) -> None:
    if isinstance(data, Affine):
        for name in data.names:
            if ring.random_marks.get(name) == name:
                found[(name, ())] = None
    elif isinstance(data, Atom):
        if data.kind == "moment":
            return
        name = _variable_of(data)
        if name in ring.random_marks:
            found[(name, tuple(data.data[1]) if data.kind != "sym" else ())] = None
        if data.kind == "cmoment":
            for other in data.data[1]:
                found[(other, ())] = None
        elif data.kind != "sym":
            _collect(ring, data.data, found)
        if data.kind == "call" and data.data[0] in ring.random_marks:
            raise OutOfReach("the expectation of a random function")
    elif isinstance(data, Poly):
        for mono in data.terms:
            _collect(ring, mono, found)
    elif isinstance(data, tuple):
        for d in data:
            _collect(ring, d, found)


def _variable_of(atom: Atom) -> str:
    """The symbol that an atom is, or is a member of; "" for anything else."""
    if atom.kind == "event":
        return event_name(atom)
    if atom.kind == "sym":
        text: str = atom.data[0].text
        return text
    return str(atom.data[0]) if atom.kind == "entry" else ""


def split(ring: Ring, mono: Monomial, different: frozenset[str] = frozenset()) -> Poly:
    """E of a monomial without open sums; `different` lists pairs known to have different indices."""
    from derive.normal_form.conditioning import tower

    ring.budget.spend()
    outer = tower(ring, mono)
    if outer is not None:
        return expectation(ring, outer)
    fixed = [(a, e) for a, e in mono if not is_random(ring, a)]
    moving = [(a, e) for a, e in mono if is_random(ring, a)]
    seen: dict[Instance, None] = {}
    for a, _ in moving:
        for i in instances(ring, a):
            seen[i] = None
    present = list(seen)
    if len(present) > MOST_INSTANCES:
        raise OutOfReach("a moment of too many variables")
    for x in range(len(present)):
        for y in range(x + 1, len(present)):
            p, q = present[x], present[y]
            if not _comparable(ring, p, q):
                continue
            p, q = owner(ring, p), owner(ring, q)
            here, there = p[1] or (), q[1] or ()
            if p == q or _pair_key(p, q) in different or any(
                ring.ranges.never_zero(a - b) for a, b in zip(here, there, strict=True)
            ):
                continue
            if any(n in ring.random_marks for a in (*here, *there) for n in a.names):
                raise OutOfReach("a member of a family at a random index")
            equal = ONE
            for one, other in zip(here, there, strict=True):
                equal = multiply(ring, equal, delta(ring, one - other))
            merged = multiply(ring, equal, Poly({mono: fmpq(1)}))
            same = ZERO
            for m, c in merged.terms.items():
                same = same + split(ring, m, different).scale(c)
            apart = split(ring, mono, different | {_pair_key(p, q)})
            return same + apart - multiply(ring, equal, apart)
    result = monomial_poly(ring, fixed)
    for group in _groups(ring, moving, present):
        result = multiply(ring, result, _moment(ring, group))
    return result


def owner(ring: Ring, instance: Instance) -> Instance:
    """What independence is about: a scalar variable, or the whole vector that an entry x_{ij} of a member x_i is of."""
    symbol = ring.randomness.symbols.get(instance[0])
    if symbol is None or instance[1] is None or not (symbol.family and symbol.shape.axes):
        return instance
    return instance[0], instance[1][: len(symbol.family)]


def _pair_key(p: Instance, q: Instance) -> str:
    return "|".join(sorted((str(p), str(q))))


def _comparable(ring: Ring, p: Instance, q: Instance) -> bool:
    """Whether two variables may be the same one, in a family whose members are independent (or merely uncorrelated)."""
    if p[0] != q[0] or not p[1] or not q[1]:
        return False
    if any(p[0] in c.names for c in ring.randomness.conditional):
        return True
    return bool(ring.randomness.symbols[p[0]].properties & {"iid", "independent", "uncorrelated"})


def _family_independent(ring: Ring, name: str) -> bool:
    return bool(ring.randomness.symbols[name].properties & {"iid", "independent"})


def mutual(names: frozenset[str], facts: tuple[frozenset[str], ...]) -> bool:
    """Whether one fact covers all the names: pairwise facts would not make three of them mutually independent."""
    return any(names <= fact for fact in facts)


def _dependent(ring: Ring, p: Instance, q: Instance, names: frozenset[str]) -> bool:
    if p[0] == q[0]:
        return owner(ring, p) == owner(ring, q) or None in (p[1], q[1]) or not _family_independent(ring, p[0])
    return not mutual(names, ring.randomness.independent)


def _groups(
    ring: Ring, moving: list[tuple[Atom, Exponent]], present: list[Instance]
) -> list[list[tuple[Atom, Exponent]]]:
    """Factors that hang together by dependent variables."""
    names = frozenset(name for name, _ in present)
    result: list[list[tuple[Atom, Exponent]]] = []
    for group in connected(ring, moving, lambda p, q: _dependent(ring, p, q, names)):
        result += _uncorrelated(ring, group)
    return result


def connected(
    ring: Ring, moving: list[tuple[Atom, Exponent]], tied: Callable[[Instance, Instance], bool]
) -> list[list[tuple[Atom, Exponent]]]:
    """The factors in groups: two whose variables are the same or tied stand in one."""
    owned = {a: instances(ring, a) for a, _ in moving}
    present = list(dict.fromkeys(i for mine in owned.values() for i in mine))
    parent = {i: i for i in present}

    def root(i: Instance) -> Instance:
        while parent[i] != i:
            i = parent[i]
        return i

    for x, p in enumerate(present):
        for q in present[x + 1 :]:
            if tied(p, q):
                parent[root(q)] = root(p)
    for mine in owned.values():
        for i in mine[1:]:
            parent[root(i)] = root(mine[0])
    groups: dict[Instance, list[tuple[Atom, Exponent]]] = {}
    for a, e in moving:
        groups.setdefault(root(owned[a][0]), []).append((a, e))
    return list(groups.values())


def _uncorrelated(ring: Ring, group: list[tuple[Atom, Exponent]]) -> list[list[tuple[Atom, Exponent]]]:
    """E[XY] = E[X]E[Y] for two uncorrelated variables to the first power."""
    if len(group) != 2 or any(e != 1 or a.kind not in ("sym", "entry") for a, e in group):
        return [group]
    first, second = instances(ring, group[0][0]), instances(ring, group[1][0])
    if len(first) != 1 or len(second) != 1:
        return [group]
    (p,), (q,) = first, second
    if p[0] == q[0]:
        apart = "uncorrelated" in ring.randomness.symbols[p[0]].properties and owner(ring, p) != owner(ring, q)
    else:
        apart = mutual(frozenset((p[0], q[0])), ring.randomness.uncorrelated)
    return [[group[0]], [group[1]]] if apart else [group]


def _moment(ring: Ring, group: list[tuple[Atom, Exponent]]) -> Poly:
    """E of a product of dependent factors."""
    from derive.normal_form.conditioning import by_partition, given_event, given_variable

    for attempt in (_member_by_member, given_event, given_variable, by_partition):
        found = attempt(ring, group)
        if found is not None:
            return found
    lowered = _powers_of_two_values(ring, group)
    if lowered is not None:
        return expectation(ring, lowered)
    gaussian = vector_moment(ring, group)
    if gaussian is not None:
        return gaussian
    present = {i for a, _ in group for i in instances(ring, a)}
    mono: Monomial = tuple(sorted(group, key=lambda f: f[0].key))
    if len(present) == 1:
        name, indices = next(iter(present))
        symbol = ring.randomness.symbols[name]
        if indices is None:
            return moment_of(ring, ring.atom("moment", mono))
        other = _twin(symbol)
        if other and not indices and other in ring.random_marks:
            return expectation(ring, substitute(ring, Poly({mono: fmpq(1)}), _in_place(ring, name, other)))
        known = known_moment(ring, mono, name, indices)
        if known is not None:
            return known
        if indices and symbol.properties & {"iid", "identically distributed"} and symbol.family:
            dropped = _without_index(ring, mono, name, indices)
            if dropped is not None:
                return dropped
    return moment_of(ring, ring.atom("moment", mono))


def _twin(symbol: Symbol) -> str:
    """The variable that a scalar is declared to be distributed like; "" where there is none."""
    words = [p for p in symbol.properties if p.startswith("distributed like ")]
    return words[0].removeprefix("distributed like ") if len(words) == 1 and not symbol.shape.axes else ""


def _in_place(ring: Ring, name: str, other: str) -> Substitution:
    return Substitution(scalars={name: ring.value(ring.symbol(other))})


def _powers_of_two_values(ring: Ring, group: list[tuple[Atom, Exponent]]) -> Poly | None:
    """X² = (a + b) X − a b for a factor with the values a and b."""
    for a, e in group:
        values = two_values(ring, a) if isinstance(e, int) and e > 1 else None
        if values is None or not isinstance(e, int):
            continue
        low, high = values
        square = ring.value(a).scale(low + high) - ONE.scale(low * high)
        rest = monomial_poly(ring, [f for f in group if f[0] is not a])
        return multiply(ring, multiply(ring, rest, square), power(ring, ring.value(a), e - 2))
    return None


def _without_index(ring: Ring, mono: Monomial, name: str, indices: tuple[Affine, ...]) -> Poly | None:
    """The moment of the first member of an identically distributed family in place of any other member's."""
    symbol = ring.randomness.symbols[name]
    count = len(symbol.family)
    first = tuple(r.low for r in symbol.family)
    if indices[:count] == first:
        return None
    renamed = None
    single = _only_entry(mono, name)
    if single is not None:
        renamed = Poly({((ring.entry(name, first + indices[count:]), single),): fmpq(1)})
    else:
        mapping: dict[str, Affine] = {}
        for i, f in zip(indices[:count], first, strict=True):
            if i.constant == 0 and len(i.parts) == 1 and i.parts[0][1] == 1:
                mapping[i.parts[0][0]] = f
        used = {n for a, _ in mono for n in a.free}
        if len(mapping) == count and used & set(mapping):
            renamed = _rename_if_plain(ring, mono, mapping, name)
    one = renamed.single() if renamed is not None else None
    return None if one is None else moment_of(ring, ring.atom("moment", one[0])).scale(one[1])


def _member_by_member(ring: Ring, group: list[tuple[Atom, Exponent]]) -> Poly | None:
    """E[∏_i f_i] = ∏_i E[f_i], also for e^{Σ_i g_i}, where f_i depends on the i-th members of independent families."""
    atom, e = group[0]
    if len(group) != 1 or not isinstance(e, int) or e < 1:
        return None
    if atom.kind == "prod":
        mark, low, high, body = atom.data
        index = ring.fresh(low, high)
        factor = power(ring, rename(ring, body, {mark: variable(index)}), e)
    elif atom.kind == "exp":
        sums = [(a, k) for a, k in atom.data[0] if is_random(ring, a)]
        if len(sums) != 1 or sums[0][0].kind != "sum" or sums[0][1] != 1 or len(sums[0][0].data[0]) != 1:
            return None
        (index,), summand = open_block(ring, sums[0][0])
        outside = monomial_poly(ring, tuple(f for f in atom.data[0] if f[0] is not sums[0][0])).scale(e)
        factor = exponential(ring, multiply(ring, outside, summand))
    else:
        return None
    here = (variable(index),)
    members = {i for mono in factor.terms for a, _ in mono if is_random(ring, a) for i in instances(ring, a)}
    names = frozenset(name for name, _ in members)
    if any(at != here or not _family_independent(ring, name) for name, at in members):
        return None
    if len(names) > 1 and not mutual(names, ring.randomness.independent):
        return None
    return indexed_product(ring, expectation(ring, factor), index)


def moment_of(ring: Ring, atom: Atom) -> Poly:
    """A `moment` atom, or the value that a hypothesis gives it."""
    for rule in ring.moment_rules:
        found = rule(atom)
        if found is not None:
            return found
    return ring.value(atom)


def _only_entry(mono: Monomial, name: str) -> Exponent | None:
    if len(mono) == 1 and mono[0][0].kind == "entry" and mono[0][0].data[0] == name:
        return mono[0][1]
    return None


def _rename_if_plain(ring: Ring, mono: Monomial, mapping: dict[str, Affine], name: str) -> Poly | None:
    """The index of an identically distributed variable dropped, where it occurs in that variable only."""
    from derive.normal_form.atom import free_of

    def elsewhere(data: object) -> bool:
        if isinstance(data, Atom):
            if data.kind in ("entry", "event") and _variable_of(data) == name:
                return False
            if data.kind in ("entry", "event", "sym", "delta", "step"):
                return bool(data.free & set(mapping))
            return elsewhere(data.data)
        if isinstance(data, Poly):
            return any(elsewhere(m) for m in data.terms)
        if isinstance(data, tuple):
            return any(elsewhere(d) for d in data)
        return bool(free_of(data) & set(mapping))

    if any(elsewhere(a) for a, _ in mono):
        return None
    return rename_monomial(ring, mono, mapping)
