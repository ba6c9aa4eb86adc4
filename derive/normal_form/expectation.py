"""Expectations of polynomials in random variables.

Closed sums are opened, and the expectation of each monomial is taken under the sums: for entries of an independent
family every pair of indices is split into equal (a delta) and different, then the monomial factors over independent
groups. What is left of a group is a moment atom; moments of identically distributed variables drop their index. That
the moments exist is an assumption of every expectation (CONTRACT.md section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from derive.language.affine import Affine
from derive.language.context import Symbol
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly, tensor_mark
from derive.normal_form.functions import delta
from derive.normal_form.polynomial import monomial_poly, multiply, power
from derive.normal_form.renaming import rename_monomial
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.summation import open_all, sum_over

Instance = tuple[str, tuple[Affine, ...]]
"""A random variable: its name and indices."""

MOST_INSTANCES = 8


@dataclass(frozen=True, slots=True)
class Randomness:
    """Which names are random, which sets of them are mutually independent or uncorrelated, and named distributions."""

    symbols: dict[str, Symbol]
    independent: tuple[frozenset[str], ...]
    uncorrelated: tuple[frozenset[str], ...]
    distributions: dict[str, tuple[str, tuple[Poly, ...]]]

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
    total = ZERO
    for mono, c in poly.terms.items():
        fixed = [(a, e) for a, e in mono if not _is_random(ring, a)]
        moving = tuple((a, e) for a, e in mono if _is_random(ring, a))
        if not moving:
            total = total + Poly({mono: c})
            continue
        names, body = open_all(ring, moving)
        inner = ZERO
        for m, k in body.terms.items():
            inner = inner + _split(ring, m, frozenset()).scale(k)
        total = total + multiply(ring, monomial_poly(ring, fixed, c), sum_over(ring, inner, names))
    return total


def conditional_expectation(ring: Ring, poly: Poly, given: tuple[str, ...]) -> Poly:
    """E[poly | the random variables named in `given`]: what depends on them alone comes out."""
    total = ZERO
    for mono, c in poly.terms.items():
        fixed = [(a, e) for a, e in mono if not _is_random(ring, a)]
        names, body = open_all(ring, tuple((a, e) for a, e in mono if _is_random(ring, a)))
        inner = ZERO
        for m, k in body.terms.items():
            inner = inner + _conditional(ring, m, given).scale(k)
        total = total + multiply(ring, monomial_poly(ring, fixed, c), sum_over(ring, inner, names))
    return total


def _conditional(ring: Ring, mono: Monomial, given: tuple[str, ...]) -> Poly:
    known = [(a, e) for a, e in mono if {name for name, _ in _instances(ring, a)} <= set(given)]
    rest = tuple((a, e) for a, e in mono if (a, e) not in known)
    outside = monomial_poly(ring, known)
    if not rest:
        return outside
    names = frozenset(name for a, _ in rest for name, _ in _instances(ring, a))
    if _mutual(names | frozenset(given), ring.randomness.independent):
        return multiply(ring, outside, _split(ring, rest, frozenset()))
    ordered: Monomial = tuple(sorted(rest, key=lambda f: f[0].key))
    return multiply(ring, outside, ring.value(ring.atom("cmoment", ordered, given)))


def _tower(ring: Ring, mono: Monomial) -> Poly | None:
    """E[h(X) E[Y | X]] = E[h(X) Y] as a monomial to take the expectation of; None where that does not apply."""
    inner = [(a, e) for a, e in mono if a.kind == "cmoment"]
    if len(inner) != 1 or inner[0][1] != 1:
        return None
    atom = inner[0][0]
    others = [(a, e) for a, e in mono if a is not atom]
    if any({name for name, _ in _instances(ring, a)} - set(atom.data[1]) for a, _ in others if _is_random(ring, a)):
        return None
    return multiply(ring, monomial_poly(ring, others), Poly({atom.data[0]: fmpq(1)}))


def _is_random(ring: Ring, atom: Atom) -> bool:
    if atom.kind == "moment":
        return False
    if atom.kind == "cmoment":
        return True
    if any(mark in atom.free for mark in ring.tainted):
        raise OutOfReach("the expectation of what a hypothesis ties to a random variable")
    return any(mark in atom.free for mark in ring.random_marks.values())


def _instances(ring: Ring, atom: Atom) -> list[Instance]:
    """The random variables that an atom depends on."""
    if atom.kind == "cmoment":
        return [(name, ()) for name in atom.data[1]]
    if atom.kind == "entry" and atom.data[0] in ring.random_marks:
        return [(atom.data[0], tuple(atom.data[1]))]
    if atom.kind == "sym" and atom.data[0].text in ring.random_marks:
        return [(atom.data[0].text, ())]
    found: dict[Instance, None] = {}
    _collect(ring, atom.data, found)
    return list(found)


def _collect(ring: Ring, data: object, found: dict[Instance, None]) -> None:
    if isinstance(data, Atom):
        if data.kind in ("sum", "prod", "extreme", "inv", "det") and _is_random(ring, data):
            raise OutOfReach("the expectation of a function of a sum of random variables")
        if data.kind in ("entry", "sym", "cmoment"):
            if _is_random(ring, data):
                for i in _instances(ring, data):
                    found[i] = None
        elif data.kind != "moment":
            _collect(ring, data.data, found)
    elif isinstance(data, Poly):
        for mono in data.terms:
            _collect(ring, mono, found)
    elif isinstance(data, tuple):
        for d in data:
            _collect(ring, d, found)


def _split(ring: Ring, mono: Monomial, different: frozenset[str]) -> Poly:
    """E of a monomial without open sums; `different` lists pairs known to have different indices."""
    ring.budget.spend()
    tower = _tower(ring, mono)
    if tower is not None:
        return expectation(ring, tower)
    fixed = [(a, e) for a, e in mono if not _is_random(ring, a)]
    moving = [(a, e) for a, e in mono if _is_random(ring, a)]
    seen: dict[Instance, None] = {}
    for a, _ in moving:
        for i in _instances(ring, a):
            seen[i] = None
    instances = list(seen)
    if len(instances) > MOST_INSTANCES:
        raise OutOfReach("a moment of too many variables")
    for x in range(len(instances)):
        for y in range(x + 1, len(instances)):
            p, q = instances[x], instances[y]
            if not _comparable(ring, p, q):
                continue
            if _pair_key(p, q) in different or any(
                ring.ranges.never_zero(a - b) for a, b in zip(p[1], q[1], strict=True)
            ):
                continue
            equal = ONE
            for here, there in zip(p[1], q[1], strict=True):
                equal = multiply(ring, equal, delta(ring, here - there))
            merged = multiply(ring, equal, Poly({mono: fmpq(1)}))
            same = ZERO
            for m, c in merged.terms.items():
                same = same + _split(ring, m, different).scale(c)
            apart = _split(ring, mono, different | {_pair_key(p, q)})
            return same + apart - multiply(ring, equal, apart)
    result = monomial_poly(ring, fixed)
    for group in _groups(ring, moving, instances):
        result = multiply(ring, result, _moment(ring, group))
    return result


def _pair_key(p: Instance, q: Instance) -> str:
    return "|".join(sorted((str(p), str(q))))


def _comparable(ring: Ring, p: Instance, q: Instance) -> bool:
    """Whether two variables may be the same one, in a family whose members are independent (or merely uncorrelated)."""
    if p[0] != q[0] or not p[1]:
        return False
    return bool(ring.randomness.symbols[p[0]].properties & {"iid", "independent", "uncorrelated"})


def _family_independent(ring: Ring, name: str) -> bool:
    return bool(ring.randomness.symbols[name].properties & {"iid", "independent"})


def _mutual(names: frozenset[str], facts: tuple[frozenset[str], ...]) -> bool:
    """Whether one fact covers all the names: pairwise facts would not make three of them mutually independent."""
    return any(names <= fact for fact in facts)


def _dependent(ring: Ring, p: Instance, q: Instance, names: frozenset[str]) -> bool:
    if p[0] == q[0]:
        return p == q or not _family_independent(ring, p[0])
    return not _mutual(names, ring.randomness.independent)


def _groups(
    ring: Ring, moving: list[tuple[Atom, Exponent]], instances: list[Instance]
) -> list[list[tuple[Atom, Exponent]]]:
    """Factors that hang together by dependent variables."""
    parent = {i: i for i in instances}

    def root(i: Instance) -> Instance:
        while parent[i] != i:
            i = parent[i]
        return i

    names = frozenset(name for name, _ in instances)
    for x, p in enumerate(instances):
        for q in instances[x + 1 :]:
            if _dependent(ring, p, q, names):
                parent[root(q)] = root(p)
    for a, _ in moving:
        mine = _instances(ring, a)
        for i in mine[1:]:
            parent[root(i)] = root(mine[0])
    groups: dict[Instance, list[tuple[Atom, Exponent]]] = {}
    for a, e in moving:
        groups.setdefault(root(_instances(ring, a)[0]), []).append((a, e))
    result: list[list[tuple[Atom, Exponent]]] = []
    for group in groups.values():
        result += _uncorrelated(ring, group)
    return result


def _uncorrelated(ring: Ring, group: list[tuple[Atom, Exponent]]) -> list[list[tuple[Atom, Exponent]]]:
    """E[XY] = E[X]E[Y] for two uncorrelated variables to the first power."""
    if len(group) != 2 or any(e != 1 or a.kind not in ("sym", "entry") for a, e in group):
        return [group]
    (p,), (q,) = _instances(ring, group[0][0]), _instances(ring, group[1][0])
    if p[0] == q[0]:
        apart = "uncorrelated" in ring.randomness.symbols[p[0]].properties and p != q
    else:
        apart = _mutual(frozenset((p[0], q[0])), ring.randomness.uncorrelated)
    return [[group[0]], [group[1]]] if apart else [group]


def _moment(ring: Ring, group: list[tuple[Atom, Exponent]]) -> Poly:
    """E of a product of dependent factors."""
    instances = {i for a, _ in group for i in _instances(ring, a)}
    mono: Monomial = tuple(sorted(group, key=lambda f: f[0].key))
    if len(instances) == 1:
        name, indices = next(iter(instances))
        symbol = ring.randomness.symbols[name]
        if len(mono) == 1 and mono[0][0].kind in ("sym", "entry") and isinstance(mono[0][1], int):
            known = _known_moment(ring, name, indices, mono[0][1])
            if known is not None:
                return known
        if indices and symbol.properties & {"iid", "identically distributed"} and symbol.family:
            count = len(symbol.family)
            first = tuple(r.low for r in symbol.family)
            if indices[:count] != first:
                mapping: dict[str, Affine] = {}
                renamed = None
                single = _only_entry(mono, name)
                if single is not None:
                    moved = ring.entry(name, first + indices[count:])
                    renamed = Poly({((moved, single),): fmpq(1)})
                else:
                    for i, f in zip(indices[:count], first, strict=True):
                        if i.constant == 0 and len(i.parts) == 1 and i.parts[0][1] == 1:
                            mapping[i.parts[0][0]] = f
                    used = {n for a, _ in mono for n in a.free}
                    if len(mapping) == count and used & set(mapping):
                        renamed = _rename_if_plain(ring, mono, mapping, name)
                if renamed is not None:
                    one = renamed.single()
                    if one is not None:
                        return _named(ring, ring.atom("moment", one[0])).scale(one[1])
    return _named(ring, ring.atom("moment", mono))


def _named(ring: Ring, atom: Atom) -> Poly:
    """A moment, or the value that a hypothesis gives it."""
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
            if data.kind == "entry" and data.data[0] == name:
                return False
            if data.kind in ("entry", "sym", "delta", "step"):
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


def _known_moment(ring: Ring, name: str, indices: tuple[Affine, ...], k: int) -> Poly | None:
    """E[X^k] of a variable with a named distribution."""
    found = ring.randomness.distributions.get(name)
    if found is None or k < 1:
        return None
    kind: str = found[0]
    parameters: tuple[Poly, ...] = found[1]
    if kind == "normal":
        mean, variance = parameters
        previous, current = ONE, mean
        for order in range(2, k + 1):
            following = multiply(ring, mean, current) + multiply(ring, variance, previous).scale(order - 1)
            previous, current = current, following
        return current
    if kind == "bernoulli":
        return parameters[0]
    if kind == "uniform":
        a, b = parameters
        total = ZERO
        for j in range(k + 1):
            total = total + multiply(ring, power(ring, a, j), power(ring, b, k - j))
        return total.scale(fmpq(1, k + 1))
    if kind == "exponential":
        from math import factorial

        return power(ring, parameters[0], -k).scale(factorial(k))
    if kind == "poisson":
        rate = parameters[0]
        stirling = [fmpq(1)]
        for n in range(1, k + 1):
            row = [fmpq(0)] * (n + 1)
            for j in range(1, n + 1):
                row[j] = (stirling[j] * j if j < n else fmpq(0)) + stirling[j - 1] * (1 if n > 1 or j == 1 else 0)
            stirling = row
        total = ZERO
        for j, s in enumerate(stirling):
            if s:
                total = total + power(ring, rate, j).scale(s)
        return total
    return None
