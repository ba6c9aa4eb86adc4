"""The sum constructor: Σ of symbolic length in normal form.

A summand falls into components that share no bound index, and each component closes into an atom of its own, so the top
level stays a commutative polynomial. In order: open closed sums that touch the bound indices, contract deltas, drop
indices that nothing uses, apply closed forms Σ kᵃ rᵏ, make ranges independent by order brackets, apply rewriting rules
(inverses and hypotheses), hold the indices of a denominator fixed and sum the rest first, and close what is left under
canonical shifts and names.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from flint import fmpq

from derive.language.affine import Affine, term_of, variable
from derive.language.term import make, num
from derive.normal_form.atom import ONE, ZERO, Atom, Exponent, Monomial, Poly, free_of
from derive.normal_form.index import solve
from derive.normal_form.labelling import Bounds, canonical_order
from derive.normal_form.polynomial import merge, monomial_poly, multiply, power, primitive_part
from derive.normal_form.renaming import Substitution, rename, rename_monomial
from derive.normal_form.ring import Need, OutOfReach, Ring

Factors = list[tuple[Atom, Exponent]]

MOST_INDICES = 12


def sum_over(ring: Ring, poly: Poly, names: Sequence[str]) -> Poly:
    """Σ over the indices `names` (ranges in `ring.ranges`, outer first) of a polynomial."""
    if not names:
        return poly
    total = ZERO
    for mono, c in poly.terms.items():
        total = total + _sum_monomial(ring, mono, list(names)).scale(c)
    return total


def _sum_monomial(ring: Ring, mono: Monomial, names: list[str]) -> Poly:
    if not names:
        return monomial_poly(ring, mono)
    if len(names) > MOST_INDICES:
        raise OutOfReach("a sum over too many indices at once")
    ring.budget.spend()
    bound = frozenset(names)
    outside = [(a, e) for a, e in mono if a.free.isdisjoint(bound)]
    inside = [(a, e) for a, e in mono if not a.free.isdisjoint(bound)]
    for step in (_few, _open, _contract, _unused, _counted, _closed_form, _independent_ranges):
        result = step(ring, inside, names)
        if result is not None:
            return multiply(ring, monomial_poly(ring, outside), result)
    total = monomial_poly(ring, outside)
    for component, members in _components(inside, names):
        total = multiply(ring, total, _close(ring, component, members))
    return total


FEW = 12  # sums over a known number of values, at most so many, are written out


def _few(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    """Ranges that are empty, or hold a small number of values whatever the sizes are."""
    for name in reversed(names):
        low, high = ring.ranges.ends[name]
        assert high is not None
        count = high - low + 1
        if ring.ranges.at_least_zero(-count):
            return ZERO
        if not count.is_constant or count.constant > FEW or not low.names.isdisjoint(names):
            continue
        body = monomial_poly(ring, inside)
        total = ZERO
        for k in range(count.constant):
            left = [n for n in names if n != name]
            total = total + _at_value(ring, body, name, low + k, left)
        return total
    return None


def _at_value(ring: Ring, body: Poly, name: str, value: Affine, left: list[str]) -> Poly:
    """The sum over `left` with one index fixed (ranges that depend on it follow)."""
    mapping = {name: value}
    for position, n in enumerate(left):
        if _depends_on(ring, n, name):
            low, high = ring.ranges.ends[n]
            assert high is not None
            left[position] = ring.fresh(low.substitute({name: value}), high.substitute({name: value}))
            mapping[n] = variable(left[position])
    return sum_over(ring, rename(ring, body, mapping), left)


# --- opening ----------------------------------------------------------------------------------------------------------


def open_block(ring: Ring, atom: Atom) -> tuple[list[str], Poly]:
    """A closed sum as fresh indices and its summand."""
    bounds, body = atom.data
    names = [ring.fresh(low, high) for _, low, high in bounds]
    mapping = {old: variable(new) for (old, _, _), new in zip(bounds, names, strict=True)}
    return names, rename_monomial(ring, body, mapping)


def _open(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    if not any(a.kind == "sum" and isinstance(e, int) and e > 0 for a, e in inside):
        return None
    result = ONE
    added: list[str] = []
    for a, e in inside:
        if a.kind == "sum" and isinstance(e, int) and e > 0:
            if e > 6:
                raise OutOfReach("a high power of a sum")
            for _ in range(e):
                fresh, body = open_block(ring, a)
                added += fresh
                result = multiply(ring, result, body)
        else:
            result = multiply(ring, result, monomial_poly(ring, [(a, e)]))
    return sum_over(ring, result, [*names, *added])


def open_all(ring: Ring, mono: Monomial) -> tuple[list[str], Poly]:
    """All closed sums with positive integer exponents opened: indices and summand."""
    result = ONE
    added: list[str] = []
    for a, e in mono:
        if a.kind == "sum" and isinstance(e, int) and e > 0:
            for _ in range(e):
                fresh, body = open_block(ring, a)
                added += fresh
                result = multiply(ring, result, body)
        else:
            result = multiply(ring, result, monomial_poly(ring, [(a, e)]))
    if any(a.kind == "sum" and isinstance(e, int) and e > 0 for m in result.terms for a, e in m):
        single = result.single()
        if single is None:
            raise OutOfReach("a nested sum that does not open")
        more, inner = open_all(ring, single[0])
        return [*added, *more], inner.scale(single[1])
    return added, result


# --- deltas -----------------------------------------------------------------------------------------------------------


def _depends_on(ring: Ring, name: str, on: str) -> bool:
    low, high = ring.ranges.ends[name]
    return on in low.names or (high is not None and on in high.names)


def _contract(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    for position, (atom, _) in enumerate(inside):
        if atom.kind != "delta":
            continue
        term: Affine = atom.data[0]
        candidates = [n for n in reversed(names) if n in term.names]
        candidates.sort(key=lambda n: any(_depends_on(ring, m, n) for m in names if m != n))
        solved = solve(term, candidates)
        if solved is None:
            continue
        name, value = solved
        low, high = ring.ranges.ends[name]
        assert high is not None
        brackets = _bracket(ring, value - low) + _bracket(ring, high - value)
        rest = inside[:position] + inside[position + 1 :]
        mapping = {name: value}
        left = [n for n in names if n != name]
        for n in list(left):
            if _depends_on(ring, n, name):
                lo, hi = ring.ranges.ends[n]
                assert hi is not None
                fresh = ring.fresh(lo.substitute({name: value}), hi.substitute({name: value}))
                mapping[n] = variable(fresh)
                left[left.index(n)] = fresh
        mapping[name] = value.substitute({k: v for k, v in mapping.items() if k != name})
        renamed = rename(ring, monomial_poly(ring, rest), mapping)
        for b in brackets:
            renamed = multiply(ring, renamed, ring.value(b))
        return sum_over(ring, renamed, left)
    return None


def _bracket(ring: Ring, at_least_zero: Affine) -> list[Atom]:
    """[term ≥ 0] as a list of no or one order bracket."""
    if ring.ranges.at_least_zero(at_least_zero):
        return []
    return [ring.atom("step", at_least_zero + 1)]


# --- unused indices and closed forms ----------------------------------------------------------------------------------


def length(ring: Ring, low: Affine, high: Affine) -> Poly:
    """The number of values in a range; that it is not negative is a need where it is not shown."""
    count = high - low + 1
    need_range(ring, count)
    return ring.affine(count)


def need_range(ring: Ring, count: Affine) -> None:
    """Require that a range is not shorter than empty."""
    if ring.ranges.at_least_zero(count):
        return
    if any(n.startswith(("%", "@")) for n in count.names):
        raise OutOfReach("an inner sum whose range may be empty")
    ring.assumed.append(Need("range", make("ge", term_of(count), num(0)), ring.affine(count)))


def _unused(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    for name in reversed(names):
        if any(name in a.free for a, _ in inside) or any(_depends_on(ring, n, name) for n in names if n != name):
            continue
        low, high = ring.ranges.ends[name]
        assert high is not None
        left = [n for n in names if n != name]
        count = high - low + 1
        if count.names.isdisjoint(left):
            factor = length(ring, low, high)
        elif ring.ranges.at_least_zero(count):
            factor = ring.affine(count)
        else:
            continue
        return sum_over(ring, multiply(ring, monomial_poly(ring, inside), factor), left)
    return None


def _counted(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    """An index that stands in one order bracket only: the number of its values that the bracket lets through."""
    for name in reversed(names):
        touching = [a for a, _ in inside if name in a.free]
        if (
            len(touching) != 1
            or touching[0].kind != "step"
            or any(_depends_on(ring, n, name) for n in names if n != name)
        ):
            continue
        term: Affine = touching[0].data[0]
        low, high = ring.ranges.ends[name]
        assert high is not None
        c, rest = term.coefficient(name), term.without(name)
        # c·v + rest > 0: v from 1 − rest upwards, or up to rest − 1
        first, last = (rest.scale(-1) + 1, high) if c == 1 else (low, rest + (-1))
        if abs(c) != 1 or not all(ring.ranges.at_least_zero(x) for x in (first - low, high - last, last - first + 1)):
            continue
        others = [(a, e) for a, e in inside if a is not touching[0]]
        count = ring.affine(last - first + 1)
        return sum_over(ring, multiply(ring, monomial_poly(ring, others), count), [n for n in names if n != name])
    return None


def _closed_form(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    """Σ_v v^k r^v, where nothing else depends on v."""
    for name in reversed(names):
        if any(_depends_on(ring, n, name) for n in names if n != name):
            continue
        touching = [(a, e) for a, e in inside if name in a.free]
        split = geometric(ring, touching, name)
        if split is None:
            continue
        k, ratio = split
        low, high = ring.ranges.ends[name]
        assert high is not None
        left = [n for n in names if n != name]
        if not ring.ranges.at_least_zero(high - low + 1):
            if not (high - low).names.isdisjoint(left) or any(n.startswith(("%", "@")) for n in (high - low).names):
                continue
            need_range(ring, high - low + 1)
        closed = _faulhaber(ring, k, low, high) if ratio == ONE else _power_sum(ring, k, ratio, low, high)
        if closed is None:
            continue
        rest = [(a, e) for a, e in inside if name not in a.free]
        return sum_over(ring, multiply(ring, monomial_poly(ring, rest), closed), left)
    return None


def geometric(ring: Ring, touching: Factors, name: str) -> tuple[int, Poly] | None:
    """The exponent k and the ratio r where the factors are v^k r^v."""
    from derive.normal_form.functions import exponential, symbolic_power

    k = 0
    ratio = ONE
    for a, e in touching:
        if a.kind == "sym" and isinstance(e, int) and e > 0:
            k += e
            continue
        if a.kind not in ("pow", "exp"):
            return None
        exponent: Monomial = a.data[1] if a.kind == "pow" else a.data[0]
        if a.kind == "pow" and name in a.data[0].free:
            return None
        index = ring.symbol(name)
        others = tuple((b, f) for b, f in exponent if b is not index)
        if (index, 1) not in exponent or any(name in b.free for b, _ in others):
            return None
        rest = Poly({others: fmpq(1)})
        one = symbolic_power(ring, a.data[0], rest) if a.kind == "pow" else exponential(ring, rest)
        ratio = multiply(ring, ratio, power(ring, one, e))
    return k, ratio


def _faulhaber(ring: Ring, k: int, low: Affine, high: Affine) -> Poly:
    """Σ_{v=low}^{high} v^k as a polynomial in the ends."""
    if k > 12:
        raise OutOfReach("a high power sum")
    # coefficients of the polynomial P with P(x) − P(x−1) = x^k and P(0) = 0
    degree = k + 1
    p = [fmpq(0)] * (degree + 1)
    target = [fmpq(0)] * (k + 1)
    target[k] = fmpq(1)
    for d in range(degree, 0, -1):
        p[d] = target[d - 1] / d
        for j in range(d - 1):
            # x^d − (x−1)^d has coefficient −C(d, j)(−1)^(d−j) at x^j
            target[j] -= p[d] * (-comb(d, j) * (-1) ** (d - j))

    def at(x: Affine) -> Poly:
        value = ZERO
        for d in range(degree, -1, -1):
            value = multiply(ring, value, ring.affine(x)) + Poly({(): p[d]} if p[d] else {})
        return value

    return at(high) - at(low + (-1))


def _power_sum(ring: Ring, k: int, ratio: Poly, low: Affine, high: Affine) -> Poly | None:
    """Σ v^k r^v by the telescoped recurrence in k; r ≠ 1 is shown or recorded as generic."""
    if k > 6:
        return None
    one_minus = ONE - ratio
    if not one_minus or ratio.constant == 0:
        return None
    note_generic(ring, one_minus)
    inverse = power(ring, one_minus, -1)
    from derive.normal_form.functions import symbolic_power

    def r_to(x: Affine) -> Poly:
        return symbolic_power(ring, ratio, ring.affine(x))

    first, after = r_to(low), r_to(high + 1)
    sums: list[Poly] = []
    for j in range(k + 1):
        a, b = ring.affine(low), ring.affine(high)
        value = multiply(ring, power(ring, a, j), first) - multiply(ring, power(ring, b, j), after)
        for i in range(j):
            c = -comb(j, i) * (-1) ** (j - i)
            value = value + (sums[i] - multiply(ring, power(ring, a, i), first)).scale(fmpq(c))
        sums.append(multiply(ring, value, inverse))
    return sums[k]


def note_generic(ring: Ring, poly: Poly) -> None:
    """Record that a rewriting is valid where `poly` is not zero, unless that is shown."""
    from derive.normal_form.sign import is_nonzero

    if is_nonzero(ring, poly):
        return
    if any(n.startswith(("%", "@")) for n in poly.free):
        raise OutOfReach("a geometric sum whose ratio depends on an index")
    ring.generic.append(poly)


# --- dependent ranges -------------------------------------------------------------------------------------------------


def _independent_ranges(ring: Ring, inside: Factors, names: list[str]) -> Poly | None:
    for name in reversed(names):
        low, high = ring.ranges.ends[name]
        assert high is not None
        others = [n for n in names if n != name]
        if low.names.isdisjoint(others) and high.names.isdisjoint(others):
            continue
        hull_low, hull_high = _hull(ring, low, others, False), _hull(ring, high, others, True)
        if hull_low is None or hull_high is None:
            raise OutOfReach("a range that depends on another index")
        fresh = ring.fresh(hull_low, hull_high)
        renamed = rename(ring, monomial_poly(ring, inside), {name: variable(fresh)})
        for at_least in (variable(fresh) - low, high - variable(fresh)):
            for b in _bracket(ring, at_least):
                renamed = multiply(ring, renamed, ring.value(b))
        return sum_over(ring, renamed, [fresh if n == name else n for n in names])
    return None


def _hull(ring: Ring, end: Affine, others: list[str], upper: bool) -> Affine | None:
    for _ in range(16):
        inner = next((n for n, _ in end.parts if n in others), None)
        if inner is None:
            return end
        c = end.coefficient(inner)
        low, high = ring.ranges.ends[inner]
        value = high if (c > 0) == upper else low
        if value is None:
            return None
        end = end.without(inner) + value.scale(c)
    return None


# --- components and closing -------------------------------------------------------------------------------------------


def _components(inside: Factors, names: list[str]) -> list[tuple[Factors, list[str]]]:
    parent = {n: n for n in names}

    def root(n: str) -> str:
        while parent[n] != n:
            n = parent[n]
        return n

    for a, _ in inside:
        touched = [n for n in names if n in a.free]
        for n in touched[1:]:
            parent[root(n)] = root(touched[0])
    groups: dict[str, list[str]] = {}
    for n in names:
        groups.setdefault(root(n), []).append(n)
    return [([(a, e) for a, e in inside if not a.free.isdisjoint(g)], g) for g in groups.values()]


def _close(ring: Ring, factors: Factors, names: list[str]) -> Poly:
    from derive.normal_form.words import rewrite_component

    rewritten = rewrite_component(ring, factors, names)
    if rewritten is not None:
        return rewritten
    for attempt in (_hold_denominator, _orient):
        result = attempt(ring, factors, names)
        if result is not None:
            return result
    return block(ring, factors, names)


def _hold_denominator(ring: Ring, factors: Factors, names: list[str]) -> Poly | None:
    """Where a negative power depends on some indices only: sum over the others first; if it cancels, go on with
    that.
    """
    if len(names) < 2:
        return None
    bound = frozenset(names)
    for atom, e in factors:
        if isinstance(e, int) and e > 0:
            continue
        held = atom.free & bound
        if not held or held == bound:
            continue
        rest = [n for n in names if n not in held]
        inner = _sum_monomial(ring, monomial_only(f for f in factors if f[0] is not atom), rest)
        if any(a is atom for m in inner.terms for a, _ in m):
            whole = multiply(ring, inner, monomial_poly(ring, [(atom, e)]))
            return sum_over(ring, whole, [n for n in names if n in held])
    return None


def monomial_only(factors: object) -> Monomial:
    """Factors as a monomial, without reduction."""
    mono: Monomial = ()
    for factor in factors:  # type: ignore[attr-defined]
        mono, _ = merge(mono, (factor,))
    return mono


def _orient(ring: Ring, factors: Factors, names: list[str]) -> Poly | None:
    """Give one order bracket [i − j > 0] between two bound indices its canonical direction.

    [j > i] = 1 − [i > j] − δ_ij; where the rest is symmetric, Σ[i > j] is half of (Σ − diagonal).
    """
    brackets = [a for a, _ in factors if a.kind == "step"]
    if len(brackets) != 1:
        return None
    bracket = brackets[0]
    term: Affine = bracket.data[0]
    if len(term.parts) != 2 or any(n not in names for n, _ in term.parts) or term.constant not in (0, 1):
        return None
    (p, cp), (q, cq) = term.parts
    if cp * cq == -1:
        widened = _widen(ring, factors, names, term)
        if widened is not None:
            return widened
    if cp * cq != -1 or ring.ranges.ends[p] != ring.ranges.ends[q]:
        return None
    rest = [(a, e) for a, e in factors if a is not bracket]
    if term.constant == 1:  # [i ≥ j] = [i > j] + δ_ij
        strict = ring.atom("step", term + (-1))
        equal = ring.atom("delta", _positive_first(term + (-1)))
        split = ring.value(strict) + ring.value(equal)
        return sum_over(ring, multiply(ring, monomial_poly(ring, rest), split), names)
    here, _ = canonical_order(ring, monomial_only(factors), _bounds(ring, names))
    back = ring.atom("step", -term)
    there, _ = canonical_order(ring, monomial_only([*rest, (back, 1)]), _bounds(ring, names))
    if here < there:
        return None
    whole = _sum_monomial(ring, monomial_only(rest), names)
    diagonal = _sum_monomial(ring, monomial_only([*rest, (ring.atom("delta", _positive_first(term)), 1)]), names)
    if here == there:
        return (whole - diagonal).scale(fmpq(1, 2))
    return whole - diagonal - block(ring, [*rest, (back, 1)], names)


def _widen(ring: Ring, factors: Factors, names: list[str], term: Affine) -> Poly | None:
    """[p − q > 0]: q may run up to the end of p, and p down to the start of q, where the bracket is 0 beyond."""
    if term.constant != 0:
        return None
    (a, ca), (b, _) = term.parts
    p, q = (a, b) if ca > 0 else (b, a)
    (p_low, p_high), (q_low, q_high) = _bounds(ring, [p])[p], _bounds(ring, [q])[q]
    mapping: dict[str, Affine] = {}
    if q_high == p_high + (-1):
        mapping[q] = variable(ring.fresh(q_low, p_high))
    if p_low == q_low + 1:
        mapping[p] = variable(ring.fresh(q_low, p_high))
    if not mapping:
        return None
    moved = rename_monomial(ring, monomial_only(factors), mapping)
    return sum_over(ring, moved, [str(mapping[n]) if n in mapping else n for n in names])


def _positive_first(term: Affine) -> Affine:
    return -term if term.parts and term.parts[0][1] < 0 else term


def _bounds(ring: Ring, names: list[str]) -> Bounds:
    result: Bounds = {}
    for n in names:
        low, high = ring.ranges.ends[n]
        assert high is not None
        result[n] = (low, high)
    return result


def block(ring: Ring, factors: Factors, names: list[str]) -> Poly:
    """The closed sum of a connected summand: canonical shifts, canonical names."""
    mono = monomial_only(factors)
    names = list(names)
    coefficient = fmpq(1)
    outside: Factors = []
    best: tuple[str, list[str]] | None = None
    for position in range(len(names)):
        # one slot ±v + c in which the index stands becomes the index itself: the one that gives the least string
        name = names[position]
        choices: list[tuple[str, list[str], Monomial, list[str], fmpq, Factors]] = []
        views = _views(mono, name, names)
        for target in views or [variable(name)]:
            if target == variable(name):
                trial, moved, factor = names, mono, fmpq(1)
            else:
                low, high = _bounds(ring, [name])[name]
                sign, shift = target.coefficient(name), target.without(name)
                fresh = ring.fresh(*((low + shift, high + shift) if sign > 0 else (shift - high, shift - low)))
                single = rename_monomial(ring, mono, {name: (variable(fresh) - shift).scale(sign)}).single()
                if single is None:
                    continue
                trial, (moved, factor) = [fresh if n == name else n for n in names], single
            # βᵏ moved to β^(T−k) leaves β^T outside
            constant = [f for f in moved if f[0].free.isdisjoint(trial)]
            moved = tuple(f for f in moved if f not in constant)
            text, order = canonical_order(ring, moved, _bounds(ring, trial))
            choices.append((text, order, moved, trial, factor, constant))
        if choices:
            text, order, mono, names, factor, constant = min(choices, key=lambda c: c[0])
            coefficient *= factor
            outside += constant
            best = (text, order)
    if best is None:
        best = canonical_order(ring, mono, _bounds(ring, names))
    closed = _closed(ring, mono, _bounds(ring, names), best[1], coefficient)
    return multiply(ring, monomial_poly(ring, outside), closed) if outside else closed


def _closed(ring: Ring, mono: Monomial, ends: Bounds, order: list[str], coefficient: fmpq) -> Poly:
    """The atom of a block whose bound indices are in canonical order."""
    height = 1 + max((a.height for a, _ in mono), default=0)
    final = {n: f"@{height}.{i}" for i, n in enumerate(order)}
    if any(n != f for n, f in final.items()):
        renamed = rename_monomial(ring, mono, {n: variable(f) for n, f in final.items()}).single()
        if renamed is None:
            raise OutOfReach("a sum whose terms do not keep their form")
        mono, coefficient = renamed[0], coefficient * renamed[1]
    bounds = tuple((final[n], *ends[n]) for n in order)
    return Poly({((ring.atom("sum", bounds, mono, bound=final.values()), 1),): coefficient})


def renamed_block(ring: Ring, atom: Atom, values: Substitution) -> Poly | None:
    """A closed sum under a mere renaming of free indices: only the order of its bound indices may change.

    None where more may happen: a target that meets a name already in it, several slots for an index.
    """
    if not values.injective or not _apart(atom, values):
        return None
    bounds, body = atom.data
    names = [name for name, _, _ in bounds]
    if any(_views(body, name, names) != [variable(name)] for name in names):
        return None
    single = rename_monomial(ring, body, values.indices).single()
    if single is None:
        return None
    ends = {name: (low.substitute(values.indices), high.substitute(values.indices)) for name, low, high in bounds}
    return _closed(ring, single[0], ends, canonical_order(ring, single[0], ends)[1], single[1])


def _apart(atom: Atom, values: Substitution) -> bool:
    """Whether the names that come in are new to the atom."""
    incoming = {str(v) for k, v in values.indices.items() if k in atom.free}
    return not any(name in atom.free and name not in values.indices for name in incoming)


def _views(mono: Monomial, name: str, names: list[str]) -> list[Affine]:
    """Index terms ±name + c (c free of bound indices) in slots of the factors."""
    found: dict[str, Affine] = {}
    for a, _ in mono:
        if name in a.free:
            _slots(a, name, frozenset(names), found)
    return [found[k] for k in sorted(found)]


def _slots(data: object, name: str, names: frozenset[str], found: dict[str, Affine]) -> None:
    if isinstance(data, Affine):
        c = data.coefficient(name)
        if abs(c) == 1 and not any(n in names or n.startswith("@") for n, _ in data.parts if n != name):
            found[str(data)] = data
    elif isinstance(data, Atom):
        if name in data.free and data.kind not in ("delta", "step"):
            for d in data.data:
                _slots(d, name, names, found)
    elif isinstance(data, Poly):
        if name in free_of(data):
            for m in data.terms:
                _slots(m, name, names, found)
    elif isinstance(data, tuple):
        for d in data:
            _slots(d, name, names, found)


SumGroup = dict[tuple[Monomial, Affine, Affine], list[tuple[Atom, fmpq]]]


def group_sums(poly: Poly) -> tuple[SumGroup, Poly]:
    """The sums over one index by what stands outside and their range, each with its coefficient; and the rest."""
    groups: SumGroup = {}
    rest = ZERO
    for mono, c in poly.terms.items():
        sums = [a for a, e in mono if a.kind == "sum" and len(a.data[0]) == 1 and e == 1]
        if len(sums) != 1:
            rest = rest + Poly({mono: c})
            continue
        outside = tuple(f for f in mono if f[0] is not sums[0])
        low, high = sums[0].data[0][0][1:]
        groups.setdefault((outside, low, high), []).append((sums[0], c))
    return groups, rest


# --- products ---------------------------------------------------------------------------------------------------------


def indexed_product(ring: Ring, body: Poly, name: str) -> Poly:
    """∏ over an index: products of powers split, exponentials become sums, telescoping is left to logarithms."""
    from derive.normal_form.functions import exponential, symbolic_power

    low, high = ring.ranges.ends[name]
    assert high is not None
    if low.is_constant and high.is_constant and high.constant - low.constant < 32:
        result = ONE
        for value in range(low.constant, high.constant + 1):
            result = multiply(ring, result, rename(ring, body, {name: Affine(value)}))
        return result
    single = body.single()
    rest = ONE
    if single is None:
        from derive.normal_form.sign import is_nonnegative

        content, outside, primitive = primitive_part(ring, body, fractional=is_nonnegative(ring, body))
        if not outside and content == 1:
            if name not in body.free:
                return symbolic_power(ring, body, length(ring, low, high))
            return _product_atom(ring, body, name, low, high)
        single = (outside, content)
        rest = indexed_product(ring, primitive, name)
    mono, c = single
    count = length(ring, low, high)
    result = symbolic_power(ring, Poly({(): c}), count) if c != 1 else ONE
    for a, e in mono:
        if name not in a.free:
            part = symbolic_power(ring, power(ring, ring.value(a), e), count)
        elif a.kind == "exp":
            part = exponential(ring, sum_over(ring, Poly({a.data[0]: fmpq(e.numerator, e.denominator)}), [name]))
        elif a.kind == "pow" and name not in a.data[0].free:
            exponent = sum_over(ring, Poly({a.data[1]: fmpq(e.numerator, e.denominator)}), [name])
            part = symbolic_power(ring, a.data[0], exponent)
        else:
            part = power(ring, _product_atom(ring, ring.value(a), name, low, high), e)
        result = multiply(ring, result, part)
    return multiply(ring, result, rest)


def _product_atom(ring: Ring, body: Poly, name: str, low: Affine, high: Affine) -> Poly:
    from derive.normal_form.atom import height_of

    best: tuple[str, Affine, Affine, Poly] | None = None
    views: dict[str, Affine] = {name: variable(name)}
    for m in body.terms:
        _slots(m, name, frozenset([name]), views)
    for target in (views[k] for k in sorted(views)):
        sign, shift = target.coefficient(name), target.without(name)
        ends = (low + shift, high + shift) if sign > 0 else (shift - high, shift - low)
        fresh = ring.fresh(*ends)
        moved = rename(ring, body, {name: (variable(fresh) - shift).scale(sign)})
        mark = f"@{height_of(moved) + 1}p"
        final = rename(ring, moved, {fresh: variable(mark)})
        text = f"{ends[0]}:{ends[1]}:{final.key}"
        if best is None or text < best[0]:
            best = (text, ends[0], ends[1], final)
    assert best is not None
    _, lo, hi, final = best
    mark = next((n for n in sorted(final.free) if n.startswith("@") and n.endswith("p")), "@1p")
    return ring.value(ring.atom("prod", mark, lo, hi, final, bound=[mark]))


__all__ = ["block", "indexed_product", "length", "open_all", "open_block", "sum_over"]
