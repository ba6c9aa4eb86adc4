"""Rewriting products of a summand by inverses and hypotheses.

A rule says that a pattern of factors with bound indices equals a normal form: Σ_k A[a,k]·inv{A}[k,b] = δ_ab, or a
hypothesis such as Aᵀ A = I, A u = λ u, Σ_k y_k = 1. The pattern is matched on the index graph: its bound indices must
be summed over the same full range and occur nowhere else. For an inverse of a sum the largest term of M is rewritten:
inv·LT → (δ − inv·rest)/coefficient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flint import fmpq

from derive.language.affine import Affine, variable
from derive.normal_form.atom import Atom, Exponent, Monomial, Pair, Poly, monomial_key
from derive.normal_form.density import total
from derive.normal_form.matrix import (
    Matrix,
    identity_entry,
    inverse_entry,
    inverse_indices,
    open_matrix,
)
from derive.normal_form.polynomial import merge, monomial_poly, multiply
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import is_nonzero
from derive.normal_form.summation import open_all, sum_over

Factors = list[tuple[Atom, Exponent]]
Ends = tuple[Affine, Affine]

MOST_REWRITES = 400


@dataclass(frozen=True, slots=True)
class Rule:
    """`factors` summed over `bound` equal `replacement`, for all values of `parameters`."""

    name: str
    parameters: tuple[str, ...]
    bound: dict[str, Ends]
    factors: tuple[tuple[Atom, Exponent], ...]
    replacement: Poly


def rewrite_component(ring: Ring, factors: Factors, names: list[str]) -> Poly | None:
    """One rewriting of a connected summand: the closed sum of the result over what is left of `names`, or None."""
    if ring.densities:
        whole = total(ring, factors, names)
        if whole is not None:
            return whole
    for rule in _rules(ring, factors):
        match = _match(ring, rule, factors, names)
        if match is None:
            continue
        mapping, used, rest = match
        ring.count_rewrites += 1
        if ring.count_rewrites > MOST_REWRITES:
            raise OutOfReach("rewriting by the hypotheses does not end")
        ring.used_rules.add(rule.name)
        replacement = rename(ring, rule.replacement, {p: mapping[p] for p in rule.parameters if p in mapping})
        whole = multiply(ring, monomial_poly(ring, rest), replacement)
        return sum_over(ring, whole, [n for n in names if n not in used])
    return None


def rewrite_monomials(ring: Ring, poly: Poly) -> Poly:
    """Rules without bound indices, applied to the top-level monomials until none applies."""
    rules = [r for r in ring.rules if not r.bound]
    if not rules:
        return poly
    for _ in range(MOST_REWRITES):
        changed = False
        result = Poly({})
        for mono, c in poly.terms.items():
            for rule in rules:
                match = _match(ring, rule, list(mono), [])
                if match is None:
                    continue
                mapping, _, rest = match
                replacement = rename(ring, rule.replacement, {p: mapping[p] for p in rule.parameters if p in mapping})
                result = result + multiply(ring, monomial_poly(ring, rest, c), replacement)
                ring.used_rules.add(rule.name)
                changed = True
                break
            else:
                result = result + Poly({mono: c})
        poly = result
        if not changed:
            return poly
        ring.budget.spend()
    raise OutOfReach("rewriting by the hypotheses does not end")


# --- rules ------------------------------------------------------------------------------------------------------------


def _rules(ring: Ring, factors: Factors) -> Iterator[Rule]:
    for atom, e in factors:
        if atom.kind == "inv" and isinstance(e, int) and e > 0:
            yield from inverse_rules(ring, inverse_indices(atom)[0])
    yield from ring.rules


def inverse_rules(ring: Ring, matrix: Matrix) -> tuple[Rule, ...]:
    """M·inv{M} = I and inv{M}·M = I as rules on the largest term of M."""
    key = matrix[3].key
    known: tuple[Rule, ...] | None = ring.inverse_rules.get(key)
    if known is not None:
        return known
    ring.inverse_rules[key] = ()  # no recursion while they are made
    sizes = matrix[2]
    rules: list[Rule] = []
    for left in (True, False):
        rows, columns, body = open_matrix(ring, matrix)
        free = [ring.fresh(Affine(1), s) for s in sizes]
        outer, inner = (rows, columns) if left else (columns, rows)
        inner_index, outer_index = tuple(map(variable, inner)), tuple(map(variable, outer))
        free_index = tuple(map(variable, free))
        # left: Σ_inner M[outer, inner] inv[inner, free] = δ(outer, free)
        inverse = (
            inverse_entry(ring, matrix, inner_index, free_index)
            if left
            else inverse_entry(ring, matrix, free_index, inner_index)
        )
        lead = _largest(ring, body, frozenset(inner))
        if lead is None:
            continue
        mono, c = lead
        scalars, hanging = _parted(mono)
        names, opened = open_all(ring, hanging)
        single = opened.single()
        inverse_single = inverse.single()
        if single is None or inverse_single is None:
            continue
        unit = identity_entry(ring, outer_index, free_index)
        others = Poly({m: k for m, k in body.terms.items() if m != mono})
        rest = sum_over(ring, multiply(ring, others, inverse), inner)
        scale = monomial_poly(ring, [(a, -e) for a, e in scalars], 1 / (c * single[1] * inverse_single[1]))
        bound: dict[str, Ends] = {n: (Affine(1), s) for n, s in zip(inner, sizes, strict=True)}
        for n in names:
            low, high = ring.ranges.ends[n]
            assert high is not None
            bound[n] = (low, high)
        pattern = _join(single[0], inverse_single[0])
        replacement = multiply(ring, unit - rest, scale)
        rules.append(Rule("inverse", (*outer, *free), bound, pattern, replacement))
    found = tuple(rules)
    ring.inverse_rules[key] = found
    return found


def _join(a: Monomial, b: Monomial) -> Monomial:
    return merge(a, b)[0]


def _size(mono: Monomial) -> int:
    total = 0
    for a, e in mono:
        weight = 1
        if a.kind == "sum":
            weight = _size(a.data[1]) + 1
        elif a.kind in ("delta", "sym"):
            weight = 0
        elif a.kind == "inv":
            weight = 2
        elif a.kind == "moment":
            weight = 1 + _size(a.data[0]) ** 2  # E[X²] is larger than E[X]²
        total += weight * max(1, abs(int(e)))
    return total


def _largest(ring: Ring, body: Poly, inner: frozenset[str]) -> tuple[Monomial, fmpq] | None:
    """The term to rewrite: the longest one whose factors all hang on the summed index (an outer product does not)."""
    best: tuple[tuple[int, int, str], Monomial, fmpq] | None = None
    for mono, c in body.terms.items():
        scalars, hanging = _parted(mono)
        if not hanging or any(a.free.isdisjoint(inner) for a, _ in hanging):
            continue
        if scalars and not is_nonzero(ring, Poly({scalars: fmpq(1)})):
            continue
        rank = (_size(mono), -len(scalars), monomial_key(mono))
        if best is None or rank > best[0]:
            best = (rank, mono, c)
    return None if best is None else (best[1], best[2])


def _parted(mono: Monomial) -> tuple[Monomial, Monomial]:
    """The scalar factors of an entry, free of open indices, and the others."""
    scalars = tuple((a, e) for a, e in mono if not any(n.startswith("%") for n in a.free))
    return scalars, tuple(f for f in mono if f not in scalars)


def rule_from(ring: Ring, name: str, residual: Poly, parameters: Iterable[str]) -> Rule | None:
    """The rule that a hypothesis `residual = 0` gives: its largest term is rewritten by the rest."""
    params = tuple(parameters)
    residual = _without_divisors(ring, residual)
    ranked: list[tuple[tuple[bool, int, int, str], Monomial, fmpq]] = []
    for mono, c in residual.terms.items():
        if not mono or any(not isinstance(e, int) or e < 0 for _, e in mono):
            continue
        degree = sum(int(e) for _, e in mono)
        if any(a.kind in ("delta", "step") for a, _ in mono):
            continue
        ranked.append(((_hangs_together(mono), _size(mono), degree, monomial_key(mono)), mono, c))
    if not ranked:
        return None
    _, mono, c = max(ranked)
    if any(m != mono and _contains(m, mono) for m in residual.terms):
        return None
    if not params and len(mono) > 1 and any(a.kind == "sum" for a, _ in mono):
        # factors that share no index never meet inside one sum: λ uᵀv is met as a product of scalars only
        others = Poly({m: k for m, k in residual.terms.items() if m != mono})
        return Rule(name, (), {}, mono, others.scale(fmpq(-1) / c))
    names, opened = open_all(ring, mono)
    single = opened.single()
    if single is None:
        return None
    bound: dict[str, Ends] = {}
    for n in names:
        low, high = ring.ranges.ends[n]
        assert high is not None
        bound[n] = (low, high)
    used = frozenset(n for a, _ in single[0] for n in a.free)
    rest = Poly({m: k for m, k in residual.terms.items() if m != mono})
    idle = [p for p in params if p not in used]
    if any(p in rest.free or not _nonempty(ring, p) for p in idle):
        return None
    params = tuple(p for p in params if p in used)
    return Rule(name, params, bound, single[0], rest.scale(fmpq(-1) / (c * single[1])))


def _hangs_together(mono: Monomial) -> bool:
    """Whether a product is one closed sum, or holds none: an outer product with a sum falls apart under other sums."""
    tensors = [(a, e) for a, e in mono if a.kind != "sym"]
    if any(a.kind == "sum" and e != 1 for a, e in tensors):
        return False
    return len(tensors) <= 1 or not any(a.kind == "sum" for a, _ in tensors)


def _without_divisors(ring: Ring, residual: Poly) -> Poly:
    """The residual times the scalars it is divided by (they are not 0 where it has a value)."""
    lowest: dict[Atom, Exponent] = {}
    for mono in residual.terms:
        for a, e in mono:
            if e < 0 and a.kind in ("sym", "exp"):
                lowest[a] = min(lowest.get(a, 0), e)
    if not lowest:
        return residual
    up = monomial_poly(ring, [(a, -e) for a, e in sorted(lowest.items(), key=lambda p: p[0].key)])
    return multiply(ring, residual, up)


def _nonempty(ring: Ring, name: str) -> bool:
    low, high = ring.ranges.ends[name]
    return high is None or ring.ranges.at_least_zero(high - low)


def _contains(mono: Monomial, part: Monomial) -> bool:
    table = dict(mono)
    return all(a in table and table[a] >= e for a, e in part)


# --- matching ---------------------------------------------------------------------------------------------------------

Mapping = dict[str, Affine]


def _match(ring: Ring, rule: Rule, factors: Factors, names: list[str]) -> tuple[Mapping, list[str], Factors] | None:
    pattern = sorted(rule.factors, key=lambda f: (_rank(f[0]), f[0].key))
    available = dict(factors)
    kinds = {(a.kind, a.data[0] if a.kind in ("entry", "call") else None) for a in available}
    for a, _ in pattern:
        if (a.kind, a.data[0] if a.kind in ("entry", "call") else None) not in kinds:
            return None
    variables = frozenset(rule.parameters) | frozenset(rule.bound)
    for mapping, left in _assign(ring, pattern, available, {}, variables):
        used: list[str] = []
        fine = True
        for name, (low, high) in rule.bound.items():
            value = mapping.get(name)
            if value is None or value.constant or len(value.parts) != 1 or value.parts[0][1] != 1:
                fine = False
                break
            target = value.parts[0][0]
            if target not in names or target in used:
                fine = False
                break
            ends = ring.ranges.ends[target]
            if ends != (low.substitute(mapping), high.substitute(mapping)):
                fine = False
                break
            used.append(target)
        if not fine:
            continue
        gone = frozenset(used)
        if any(not a.free.isdisjoint(gone) for a in left):
            continue
        if any(not mapping[p].names.isdisjoint(gone) for p in rule.parameters if p in mapping):
            continue
        if any(p not in mapping for p in rule.parameters):
            continue
        others = [n for n in names if n not in gone]
        if any(not (ring.ranges.ends[n][0].names | _names(ring, n)).isdisjoint(gone) for n in others):
            continue
        if not _parameters_in_range(ring, rule, mapping):
            continue
        return mapping, used, list(left.items())
    return None


def _names(ring: Ring, name: str) -> frozenset[str]:
    high = ring.ranges.ends[name][1]
    return high.names if high is not None else frozenset()


def _parameters_in_range(ring: Ring, rule: Rule, mapping: Mapping) -> bool:
    """A rule that holds for an index in a range may be used only where the index is shown to be in it."""
    for p in rule.parameters:
        low, high = ring.ranges.ends[p]
        if high is None or not ring.ranges.in_range(mapping[p], low.substitute(mapping), high.substitute(mapping)):
            return False
    return True


def _rank(atom: Atom) -> int:
    return {"inv": 0, "entry": 1}.get(atom.kind, 2)


def _assign(
    ring: Ring,
    pattern: list[tuple[Atom, Exponent]],
    available: dict[Atom, Exponent],
    mapping: Mapping,
    variables: frozenset[str],
) -> Iterator[tuple[Mapping, dict[Atom, Exponent]]]:
    if not pattern:
        yield mapping, available
        return
    ring.budget.spend()
    (atom, e), *rest = pattern
    for candidate, f in list(available.items()):
        if candidate.kind != atom.kind or not isinstance(f, int) or (f < e if e > 0 else f > e):
            continue
        for extended in _unify(ring, atom, candidate, mapping, variables):
            left = dict(available)
            remaining = f - e
            if remaining:
                left[candidate] = remaining
            else:
                del left[candidate]
            # the same pattern atom may need another copy of what another pattern atom became
            yield from _assign(ring, rest, left, extended, variables)


def _unify(ring: Ring, atom: Atom, candidate: Atom, mapping: Mapping, variables: frozenset[str]) -> Iterator[Mapping]:
    if atom.kind == "entry":
        if atom.data[0] != candidate.data[0] or len(atom.data[1]) != len(candidate.data[1]):
            return
        yield from _unify_indices(atom.data[1], candidate.data[1], mapping, variables)
        return
    if atom.kind == "inv":
        a_matrix, i, j, symmetric = inverse_indices(atom)
        b_matrix, p, q, _ = inverse_indices(candidate)
        if a_matrix[3].key != b_matrix[3].key or len(i) != len(p):
            return
        yield from _unify_indices((*i, *j), (*p, *q), mapping, variables)
        if symmetric:
            yield from _unify_indices((*i, *j), (*q, *p), mapping, variables)
        return
    # anything else must become the candidate under what is mapped by now
    if atom is candidate:
        yield mapping
        return
    wanted = {v: mapping[v] for v in variables if v in mapping and v in atom.free}
    if any(v in atom.free and v not in mapping for v in variables):
        yield from _unify_nested(ring, atom, candidate, mapping, variables)
        return
    if _becomes(ring, atom, wanted, candidate):
        yield mapping


def _becomes(ring: Ring, atom: Atom, mapping: Mapping, candidate: Atom) -> bool:
    """Whether an atom is the candidate after renaming (a kernel's own value would be expanded)."""
    if atom.kind == "kernel":
        renamed: Poly = rename(ring, atom.data[0], mapping)
        return bool(renamed == candidate.data[0])
    return rename(ring, ring.value(atom), mapping) == ring.value(candidate)


def _unify_nested(
    ring: Ring, atom: Atom, candidate: Atom, mapping: Mapping, variables: frozenset[str]
) -> Iterator[Mapping]:
    """An unmapped variable inside a nested atom: try every index of the candidate for it."""
    missing = sorted(v for v in variables if v in atom.free and v not in mapping)
    if len(missing) > 2:
        return
    options = sorted(n for n in candidate.free if n in ring.ranges.ends)

    def extend(position: int, current: Mapping) -> Iterator[Mapping]:
        if position == len(missing):
            wanted = {v: current[v] for v in variables if v in current and v in atom.free}
            if _becomes(ring, atom, wanted, candidate):
                yield current
            return
        for option in options:
            yield from extend(position + 1, {**current, missing[position]: variable(option)})

    yield from extend(0, dict(mapping))


def _unify_indices(
    pattern: tuple[Affine, ...], found: tuple[Affine, ...], mapping: Mapping, variables: frozenset[str]
) -> Iterator[Mapping]:
    extended = _unify_in_order(pattern, found, mapping, variables)
    if extended is not None:
        yield extended
    if isinstance(pattern, Pair):
        extended = _unify_in_order(pattern, found[::-1], mapping, variables)
        if extended is not None:
            yield extended


def _unify_in_order(
    pattern: tuple[Affine, ...], found: tuple[Affine, ...], mapping: Mapping, variables: frozenset[str]
) -> Mapping | None:
    result = dict(mapping)
    for a, b in zip(pattern, found, strict=True):
        value = a.substitute(result)
        unknown = [n for n in a.names if n in variables and n not in result]
        if not unknown:
            if value != b:
                return None
            continue
        if len(unknown) > 1 or abs(a.coefficient(unknown[0])) != 1:
            return None
        name = unknown[0]
        c = a.coefficient(name)
        others = a.without(name).substitute(result)
        result[name] = (b - others).scale(c)
    return result


__all__ = ["Rule", "rewrite_component", "rewrite_monomials", "rule_from"]
