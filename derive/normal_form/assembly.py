"""From a context to a ring: ranges of indices and sizes, domains, what is random, hypotheses as rewriting rules.

Each fact of the context is put to use in the one way its form allows: an order between sizes, a sign of a symbol or
quantity, an equation as a rule that rewrites its largest term, a property of a matrix. A fact that fits no way is not
used.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from flint import fmpq

from derive.language.affine import Affine, affine_of, variable
from derive.language.budget import Budget
from derive.language.context import Context, Domain, Symbol
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, conjuncts, make, num, sym, walk
from derive.normal_form.atom import ONE, Poly, pair, tensor_mark
from derive.normal_form.chances import conditional_independence, know_counts, use_chances
from derive.normal_form.clearing import cleared
from derive.normal_form.definite import INVERTIBLE
from derive.normal_form.density import read_densities
from derive.normal_form.distributions import moment_ties, read_laws
from derive.normal_form.expectation import Randomness
from derive.normal_form.gaussian import read_vector_laws
from derive.normal_form.index import ENDLESS
from derive.normal_form.lowering import Lowering
from derive.normal_form.matrix import determinant, identity_entry, make_matrix
from derive.normal_form.normalisation import use_normalisers
from derive.normal_form.opaque import read_function_signs
from derive.normal_form.polynomial import multiply
from derive.normal_form.quotient import factors, numerator
from derive.normal_form.renaming import rename
from derive.normal_form.ring import OutOfReach, Ring
from derive.normal_form.sign import ALL, Interval, is_nonzero
from derive.normal_form.summation import sum_over
from derive.normal_form.words import Rule, rule_from

SYMMETRIC = frozenset(["symmetric", "positive definite", "positive semidefinite"])


def assemble(context: Context, budget: Budget) -> Ring:
    """The ring of a context."""
    facts = [part for fact in context.facts for part in conjuncts(fact)]
    for fact in facts:
        if fact.head == "has" and fact.args[0].head == "sym" and fact.args[0].name in context.symbols:
            context = context.with_properties(fact.args[0].name, [str(fact.value)])
    for fact in facts:
        context = _with_projection(context, fact)
    ring = Ring(context, budget)
    for name, symbol in context.symbols.items():
        _declare(ring, name, symbol)
    ring.randomness = _randomness(context)
    ring.random_marks = ring.randomness.marks()
    know_counts(ring)
    _use_ties(ring, facts)
    ring.laws, ring.densities = read_laws(context), read_densities(context)
    ring.vector_laws = read_vector_laws(context)
    ring.function_signs = read_function_signs(context)
    ring.moment_ties = moment_ties(context)
    lowering = Lowering(ring)
    for name, symbol in context.symbols.items():
        _use_ends(ring, lowering, name, symbol)
    for fact in facts:
        _use_order(ring, lowering, fact)
    use_chances(ring, lowering, facts, _unquantified)
    for name, symbol in context.symbols.items():
        _use_symbol(ring, lowering, name, symbol)
        _use_two_values(ring, name, symbol)
    use_normalisers(ring, lowering)
    for number, fact in enumerate(facts):
        _use_equation(ring, lowering, fact, number)
        _use_property(ring, lowering, fact)
    _use_symmetry(ring)
    lowering.memo.clear()
    for name, symbol in context.symbols.items():
        _use_rank(ring, lowering, name, symbol)
    for fact in facts:
        _use_order(ring, lowering, fact)  # again: the equations may simplify what has a known sign
    ring.needs.clear()
    ring.assumed.clear()
    ring.generic.clear()
    ring.intervals.clear()
    return ring


def _with_projection(context: Context, fact: Term) -> Context:
    """A symmetric P with P² = P is positive semidefinite: xᵀPx = ‖Px‖²."""
    if fact.head != "eq":
        return context
    for square, p in (fact.args, fact.args[::-1]):
        if p.head != "sym" or square not in (make("pow", p, num(2)), make("mul", p, p)):
            continue
        symbol = context.symbols.get(p.name)
        if symbol is not None and not symbol.family and symbol.properties & SYMMETRIC:
            return context.with_properties(p.name, ["positive semidefinite"])
    return context


def _use_symmetry(ring: Ring) -> None:
    """From A u = r and A v = s with a symmetric A: vᵀr = uᵀs, as (λ − μ) uᵀv = 0 for two eigenvectors."""
    images: list[tuple[str, str, str, Poly, str]] = []
    for rule in ring.rules:
        if len(rule.parameters) != 1 or len(rule.bound) != 1 or len(rule.factors) != 2:
            continue
        (row,), (column,) = rule.parameters, tuple(rule.bound)
        entries = {a.data[1]: a.data[0] for a, e in rule.factors if a.kind == "entry" and e == 1}
        matrix = entries.get(pair(variable(row), variable(column)))
        vector = entries.get((variable(column),))
        if matrix not in ring.symmetric or vector is None or len(entries) != 2:
            continue
        whole = (Affine(1), ring.context.symbols[matrix].shape.axes[0][0])
        if ring.ranges.ends[row] == whole and rule.bound[column] == whole:
            images.append((matrix, vector, row, rule.replacement, rule.name))
    for (matrix, u, i, r, one), (other, v, j, s, two) in combinations(images, 2):
        if matrix != other or u == v:
            continue
        left = sum_over(ring, multiply(ring, ring.value(ring.entry(v, (variable(i),))), r), [i])
        right = sum_over(ring, multiply(ring, ring.value(ring.entry(u, (variable(j),))), s), [j])
        rule = rule_from(ring, f"{one} and {two.split()[-1]}", _without_nonzero_factors(ring, left - right), [])
        if rule is not None:
            ring.rules.append(rule)


def _declare(ring: Ring, name: str, symbol: Symbol) -> None:
    if symbol.role == "size":
        ring.ranges.least[name] = symbol.minimum
        return
    low = affine_of(symbol.domain.low) if symbol.domain.low is not None else None
    high = affine_of(symbol.domain.high) if symbol.domain.high is not None else None
    if symbol.role == "index":
        if low is not None or symbol.domain.kind == "natural":
            ring.ranges.set(name, low if low is not None else Affine(0), high)
        return
    ring.domains[name] = domain_interval(symbol.domain)
    if symbol.domain.kind in ("natural", "integer"):
        ring.integers.add(name)
    if symbol.properties & SYMMETRIC and symbol.shape.rank == 2 and not symbol.family:
        ring.symmetric.add(name)
    if "nonzero" in symbol.properties and not symbol.shape.axes and not symbol.family:
        ring.know("nonzero", ring.value(ring.symbol(name)))


def domain_interval(domain: Domain) -> Interval:
    """A domain as an interval with rational ends (wider where an end is symbolic)."""
    if domain.kind == "finite":
        values = [_rational(v) for v in domain.values]
        if values and all(v is not None for v in values):
            numbers = sorted(v for v in values if v is not None)
            return Interval(numbers[0], numbers[-1], False, False)
        return ALL
    low, high = _rational(domain.low), _rational(domain.high)
    if domain.kind == "natural" and low is None:
        low = fmpq(0)
    return Interval(
        low, high, low is None or (domain.low_open if low is not None else True), high is None or domain.high_open
    )


def _use_ends(ring: Ring, lowering: Lowering, name: str, symbol: Symbol) -> None:
    """A scalar lies above and below the ends of its domain that are no numbers, as t in (0, θ)."""
    domain = symbol.domain
    if symbol.role != "variable" or domain.kind != "interval" or symbol.family or symbol.shape.axes or symbol.random:
        return
    for end, is_open, sign in ((domain.low, domain.low_open, 1), (domain.high, domain.high_open, -1)):
        if end is None or _rational(end) is not None:
            continue
        try:
            apart = ring.value(ring.symbol(name)) - lowering.lower(end)
        except OutOfReach:
            continue
        ring.know("positive" if is_open else "nonnegative", apart.scale(sign))


def _rational(term: Term | None) -> fmpq | None:
    if term is None:
        return None
    if term.head == "num":
        return fmpq(term.value.numerator, term.value.denominator)
    if term.head == "neg":
        inner = _rational(term.args[0])
        return None if inner is None else -inner
    if term.head == "div":
        top, bottom = _rational(term.args[0]), _rational(term.args[1])
        return None if top is None or not bottom else top / bottom
    return None


def _randomness(context: Context) -> Randomness:
    independent: list[frozenset[str]] = []
    uncorrelated: list[frozenset[str]] = []
    for fact in context.facts:
        for part in conjuncts(fact):
            if part.head == "independent" and part.value != "conditional":
                names = frozenset(_head_name(a) for a in part.args)
                if "" not in names:
                    (uncorrelated if part.value == "uncorrelated" else independent).append(names)
    symbols = {n: s for n, s in context.symbols.items() if s.random}
    conditional = tuple(conditional_independence(context))
    return Randomness(symbols, tuple(independent), conditional, tuple(uncorrelated))


def _head_name(term: Term) -> str:
    if term.head == "sym":
        return term.name
    if term.head == "entry":
        return _head_name(term.args[0])
    return ""


def _unquantified(ring: Ring, lowering: Lowering, fact: Term) -> tuple[Term, dict[str, str]]:
    """A fact without its quantifiers, and a fresh index for each variable (ranges set)."""
    names: dict[str, str] = {}
    while fact.head == "forall":
        env = {n: lowering.index_binding(n, variable(i)) for n, i in names.items()}
        endless = fact.args[2].head == "infinity"
        low, high = lowering.affine(fact.args[1], env), ENDLESS if endless else lowering.affine(fact.args[2], env)
        names[fact.args[0].name] = ring.fresh(low, high)
        fact = fact.args[3]
    return fact, names


def _use_order(ring: Ring, lowering: Lowering, fact: Term) -> None:
    """lt, le, gt, ge, ne: an order of sizes, or a known sign."""
    try:
        inner, names = _unquantified(ring, lowering, fact)
        if inner.head not in ("lt", "le", "gt", "ge", "ne"):
            return
        left, right = inner.args if inner.head in ("gt", "ge", "ne") else inner.args[::-1]
        sizes = affine_of(left), affine_of(right)
        if inner.head != "ne" and sizes[0] is not None and sizes[1] is not None:
            difference = sizes[0] - sizes[1]
            if all(ring.is_index_like(n) for n in difference.names):
                known = difference + (-1) if inner.head in ("lt", "gt") else difference
                if known not in ring.ranges.facts:
                    ring.ranges.facts.append(known)
                    ring.ranges.cache.clear()
                return
        if ring.context.orders_indices(fact) and sizes[0] is not None and sizes[1] is not None:
            ring.ranges.apart.append(sizes[0] - sizes[1])
            return
        env = {n: lowering.index_binding(n, variable(i)) for n, i in names.items()}
        if right.head == "zeros":  # a vector or matrix is not 0: its entries' squares sum up to more than 0
            inside = [ring.fresh(Affine(1), axis[0]) for axis in right.value.axes]
            entry = lowering.lower(left, tuple(map(variable, inside)), env)
            ring.know("nonzero", sum_over(ring, multiply(ring, entry, entry), inside))
            return
        poly = lowering.lower(left, (), env) - lowering.lower(right, (), env)
    except OutOfReach:
        return
    kind = {"lt": "positive", "gt": "positive", "le": "nonnegative", "ge": "nonnegative", "ne": "nonzero"}[inner.head]
    _learn_sign(ring, poly, kind, names)


def _learn_sign(ring: Ring, poly: Poly, kind: str, names: dict[str, str]) -> None:
    """A sign of one symbol or family narrows its domain; of anything else it is looked up."""
    narrowed = False
    if kind != "nonzero":
        for mono, c in poly.terms.items():
            if len(mono) == 1 and mono[0][1] == 1 and mono[0][0].kind in ("sym", "entry"):
                rest = Poly({m: k for m, k in poly.terms.items() if m != mono})
                number = rest.constant
                atom = mono[0][0]
                whole = atom.kind == "sym" or _covers_family(ring, atom.data, names)
                if number is None or not whole:
                    continue
                name = atom.data[0].text if atom.kind == "sym" else atom.data[0]
                if ring.is_index_like(name):
                    continue
                narrow(ring, name, -number / c, c > 0, kind == "positive")
                narrowed = True
    if not narrowed:
        ring.know(kind, poly)


def _covers_family(ring: Ring, data: tuple[str, tuple[Affine, ...]], names: dict[str, str]) -> bool:
    """Whether an entry at the quantified indices stands for every member of its family or tensor."""
    name, indices = data
    symbol = ring.context.symbols.get(name)
    if symbol is None:
        return False
    ends = [(r.low, r.high) for r in symbol.family] + [(Affine(1), axis[0]) for axis in symbol.shape.axes]
    if len(ends) != len(indices) or len({str(i) for i in indices}) != len(indices):
        return False
    for index, (low, high) in zip(indices, ends, strict=True):
        fresh = str(index)
        if fresh not in names.values() or ring.ranges.ends[fresh] != (low, high):
            return False
    return True


def narrow(ring: Ring, name: str, end: fmpq, lower: bool, strict: bool) -> None:
    """Cut the domain of a symbol at an end."""
    old = ring.domains.get(name, ALL)
    if lower and (old.low is None or end > old.low or (end == old.low and strict)):
        old = Interval(end, old.high, strict, old.high_open)
    if not lower and (old.high is None or end < old.high or (end == old.high and strict)):
        old = Interval(old.low, end, old.low_open, strict)
    ring.domains[name] = old
    ring.intervals.clear()


def _use_equation(ring: Ring, lowering: Lowering, fact: Term, number: int) -> None:
    """An equation of scalars, vectors or matrices as a rewriting rule."""
    try:
        inner, names = _unquantified(ring, lowering, fact)
        if inner.head != "eq":
            return
        if _is_recurrence(inner):
            _use_recurrence(ring, lowering, inner, names)
            return
        env = {n: lowering.index_binding(n, variable(i)) for n, i in names.items()}
        scope = {n: b.symbol for n, b in env.items()}
        checked = elaborate(inner.args[0], ring.context, scope)
        if not isinstance(checked, Checked):
            return
        shape = checked.shape
        indices = [ring.fresh(Affine(1), size) for axis in shape.axes for size in axis]
        at = tuple(map(variable, indices))
        left, right = lowering.lower(inner.args[0], at, env), lowering.lower(inner.args[1], at, env)
    except OutOfReach:
        return
    free = left == named_entry(ring, inner.args[0], names, indices)  # no earlier fact says what the left side is
    if free and _use_as_definition(ring, inner, names, right, indices):
        return
    if len(indices) == 1 and not names and _solve_for_a_vector(ring, inner, left - right, indices):
        return
    parameters = [*names.values(), *indices]
    residual = left - right if parameters else _without_nonzero_factors(ring, left - right)
    for implied in (_without_root(ring, residual), cleared(ring, residual, parameters)):
        rule = rule_from(ring, f"hypothesis {number + 1}", implied, parameters) if implied is not None else None
        if rule is not None:
            ring.rules.append(rule)
    rule = rule_from(ring, f"hypothesis {number + 1}", residual, parameters)
    if rule is None:
        return
    ring.rules.append(rule)
    if len(rule.factors) == 1 and rule.factors[0][1] == 1 and not rule.bound:
        atom = rule.factors[0][0]
        if atom.kind == "moment" and not rule.parameters:
            replacement = rule.replacement
            ring.moment_rules.append(lambda a: replacement if a is atom else None)
    if _square_identity(ring, inner, shape.rank):
        # AᵀA = I for a square A gives AAᵀ = I
        first, second = inner.args[0].args
        try:
            swapped = lowering.lower(inner.args[0].with_args((second, first)), at)
            other = rule_from(ring, f"hypothesis {number + 1}", swapped - right, indices)
        except OutOfReach:
            return
        if other is not None:
            ring.rules.append(other)


def named_entry(ring: Ring, target: Term, names: dict[str, str], indices: list[str]) -> Poly | None:
    """`s`, `s_i` or the entry of `s` at fresh indices, as it stands without any fact about it."""
    if target.head == "sym":
        at = tuple(map(variable, indices))
        return ring.value(ring.entry(target.name, at) if at else ring.symbol(target.name))
    written = [affine_of(i) for i in target.args[1:]] if target.head == "entry" else []
    if target.head != "entry" or target.args[0].head != "sym" or indices or None in written:
        return None
    renamed = {n: variable(i) for n, i in names.items()}
    return ring.value(ring.entry(target.args[0].name, tuple(w.substitute(renamed) for w in written if w is not None)))


def _without_root(ring: Ring, residual: Poly) -> Poly | None:
    """c² a − p² of c √a + p, or c √a + d √b, which vanishes with it: of ‖u‖ = 1 it makes uᵀu = 1.

    None where there are other roots, or none.
    """
    rooted = [(m, c) for m, c in residual.terms.items() if any(e.denominator != 1 for _, e in m)]
    if not rooted:
        return None
    halves = all((2 * e).denominator == 1 for mono, _ in rooted for _, e in mono)
    if not halves or len(rooted) not in (1, len(residual.terms)) or len(rooted) > 2:
        return None
    root = Poly(dict(rooted[:1]))
    rest = root - residual
    return multiply(ring, root, root) - multiply(ring, rest, rest)


def _without_nonzero_factors(ring: Ring, residual: Poly) -> Poly:
    """The equation divided by its factors that are not 0."""
    try:
        parts = factors(numerator(ring, residual))
    except OutOfReach:
        return residual
    left = [p for p, _ in parts if not is_nonzero(ring, p)]
    return left[0] if len(left) == 1 and len(parts) > 1 else residual


def _use_as_definition(ring: Ring, statement: Term, names: dict[str, str], value: Poly, indices: list[str]) -> bool:
    """`name = value` and `name_i = value` (every index a variable of its own) are put in wherever the name occurs."""
    target = statement.args[0]
    if target.head == "sym" and not names and not indices:
        name = target.name
        symbol = ring.context.symbols.get(name)
        if name in value.free or symbol is None or symbol.role != "variable":
            return False
        if any(name in rule.free for rule in ring.symbol_rules.values()) or any(
            n in ring.symbol_rules for n in value.free
        ):
            return False
        ring.symbol_rules[name] = value
        return True
    if target.head == "sym" and indices and not names:
        return _define_tensor(ring, target.name, value, indices)
    if (
        target.head != "entry"
        or target.args[0].head != "sym"
        or indices
        or tensor_mark(target.args[0].name) in value.free
    ):
        return False
    name = target.args[0].name
    symbol = ring.context.symbols.get(name)
    if symbol is None or name in ring.context.definitions:
        return False
    written = [affine_of(i) for i in target.args[1:]]
    places = []
    for w in written:
        if w is None:
            return False
        places.append(w.substitute({n: variable(i) for n, i in names.items()}))
    variables = [str(p) for p in places if not all(n in ring.ranges.least for n in p.names)]
    known = {*names.values(), *(n for n in ring.ranges.ends if not n.startswith("%"))}
    if len(set(variables)) != len(variables) or any(v not in known for v in variables):
        return False
    rules = ring.entry_rules.setdefault(name, [])
    if any(n.startswith("[") and n.strip("[]") in ring.entry_rules for n in value.free):
        return False
    rules.append(lambda at: _instance(ring, places, variables, value, at))
    return True


def _define_tensor(ring: Ring, name: str, value: Poly, indices: list[str]) -> bool:
    """`name = value` for a whole vector or matrix, whose entry at the indices is the value."""
    symbol = ring.context.symbols.get(name)
    if symbol is None or symbol.family or tensor_mark(name) in value.free or name in ring.entry_rules:
        return False
    if any(n.startswith("[") and n.strip("[]") in ring.entry_rules for n in value.free):
        return False
    places = [variable(i) for i in indices]
    ring.entry_rules[name] = [lambda at: _instance(ring, places, indices, value, at)]
    return True


def _solve_for_a_vector(ring: Ring, statement: Term, residual: Poly, indices: list[str]) -> bool:
    """`x − a + λ c = 0` says what the vector x is: one that occurs once, by itself."""
    for node in dict.fromkeys(n for n in walk(statement) if n.head == "sym"):
        symbol = ring.context.symbols.get(node.name)
        if symbol is None or symbol.role != "variable" or symbol.shape.rank != 1 or symbol.random:
            continue
        entry = ring.value(ring.entry(node.name, tuple(map(variable, indices))))
        single = entry.single()
        if single is None or single[0] not in residual.terms:
            continue
        value = entry - residual.scale(single[1] / residual.terms[single[0]])
        if _define_tensor(ring, node.name, value, indices):
            return True
    return False


def _instance(
    ring: Ring, places: list[Affine], variables: list[str], value: Poly, at: tuple[Affine, ...]
) -> Poly | None:
    """The value at given indices, where they are shown to be in range."""
    mapping: dict[str, Affine] = {}
    for place, here in zip(places, at, strict=True):
        if all(n in ring.ranges.least for n in place.names):  # a fixed place: a number, or the last index
            if place != here:
                return None
            continue
        low, high = ring.ranges.ends[str(place)]
        if high is None or not ring.ranges.in_range(here, low, high):
            return None
        mapping[str(place)] = here
    return rename(ring, value, {v: mapping[v] for v in variables})


def _use_recurrence(ring: Ring, lowering: Lowering, statement: Term, names: dict[str, str]) -> None:
    """m_t = F(m_{t−1}, t) unrolls where the index is a number in range."""
    target = statement.args[0]
    if len(names) != 1 or len(target.args) < 2 or target.args[1] != sym(next(iter(names))):
        return
    ((written, fresh),) = names.items()
    low, high = ring.ranges.ends[fresh]
    name, body = target.args[0].name, statement.args[1]
    rank = len(target.args) - 2
    if rank:
        return
    symbol = ring.context.symbols[name]
    # beyond the last index of the recurrence a member has no value, or is free where the family goes on
    ends = symbol.family[0].high if symbol.family else None
    ring.recurrences.setdefault(name, []).append(MembersOf(written, low, high, body, ends == high))


@dataclass(frozen=True, slots=True)
class MembersOf:
    """x_t = F(x_{t−1}, …) for t from `low` to `high` (None: for all); `body` is F, with `letter` for t.

    `whole`: the family has no members beyond `high`.
    """

    letter: str
    low: Affine
    high: Affine | None
    body: Term
    whole: bool

    def covers(self, ring: Ring, index: Affine) -> bool:
        """Whether it is shown that the recurrence gives the member at an index, if there is one."""
        beyond = self.whole or self.high is None or "∞" in self.high.names
        above = beyond or (self.high is not None and ring.ranges.at_least_zero(self.high - index))
        return above and ring.ranges.at_least_zero(index - self.low)

    def unrolls(self, ring: Ring, index: Affine) -> bool:
        """Whether the member at an index is written out: the index is a small number."""
        return index.is_constant and self.low.is_constant and index.constant <= UNROLLED and self.covers(ring, index)


UNROLLED = 12  # steps of a recurrence that are written out


def _use_ties(ring: Ring, facts: list[Term]) -> None:
    """Which names depend on random variables through equations, and which on others through a recurrence.

    A hypothesis that is no recurrence holds at a point: a derivative holds the other symbols fixed all the same.
    """
    groups: list[tuple[set[str], set[str]]] = []  # names, and those of them that the equation gives by the others
    sequences: list[tuple[set[str], set[str]]] = []
    for fact in facts:
        for node in walk(fact):
            if node.head != "eq":
                continue
            names = {n for n in _outside_moments(node) if not _is_index(ring, n)}
            given = {_base_name(node.args[0])} & names
            if len(names) > 1:
                groups.append((names, given))
                if _is_recurrence(node):
                    sequences.append((names, given))
    random = set(ring.random_marks)
    tainted: set[str] = set()
    changed = True
    while changed:
        changed = False
        for names, given in groups:
            if names & (random | tainted) and not given <= (random | tainted):
                tainted |= given - random
                changed = True
    marks = set()
    for name in tainted:
        symbol = ring.context.symbols.get(name)
        if symbol is not None and symbol.role == "variable" and name not in ring.context.definitions:
            marks.add(tensor_mark(name) if symbol.family or symbol.shape.axes else name)
    ring.tainted = frozenset(marks)
    for names, given in sequences:
        for name in names:
            others = names if name in given else given
            ring.ties[name] = ring.ties.get(name, frozenset()) | (others - {name})


def _base_name(term: Term) -> str:
    """The symbol of `s` or `s_i`, "" for anything else."""
    if term.head == "entry":
        term = term.args[0]
    return term.name if term.head == "sym" else ""


def _is_index(ring: Ring, name: str) -> bool:
    symbol = ring.context.symbols.get(name)
    return symbol is None or symbol.role in ("index", "size", "function")


def _outside_moments(term: Term) -> frozenset[str]:
    """Free names outside expectations."""
    if term.head in ("expect", "variance", "covariance", "prob", "independent", "distributed", "has", "tends"):
        return frozenset()
    if term.head == "sym":
        return frozenset([term.name])
    inner: frozenset[str] = frozenset()
    for arg in term.args:
        inner |= _outside_moments(arg)
    return inner


def _square_identity(ring: Ring, statement: Term, rank: int) -> bool:
    left, right = statement.args
    if rank != 2 or right.head != "identity" or left.head != "mul" or len(left.args) != 2:
        return False
    first = elaborate(left.args[0], ring.context)
    return isinstance(first, Checked) and first.shape.rank == 2 and first.shape.axes[0] == first.shape.axes[1]


def _is_recurrence(statement: Term) -> bool:
    """Whether one family occurs at different indices, as in m_t = β m_{t−1} + g_t."""
    seen: dict[str, set[tuple[Term, ...]]] = {}
    for node in walk(statement):
        if node.head == "entry" and node.args[0].head == "sym":
            seen.setdefault(node.args[0].name, set()).add(node.args[1:])
    left = statement.args[0]
    return left.head == "entry" and left.args[0].head == "sym" and len(seen.get(left.args[0].name, ())) > 1


def _use_symbol(ring: Ring, lowering: Lowering, name: str, symbol: Symbol) -> None:
    """A matrix symbol declared invertible, or orthogonal (QᵀQ = I = QQᵀ)."""
    if symbol.shape.rank != 2 or symbol.family or name in ring.context.definitions:
        return
    axis = symbol.shape.axes[0]
    if axis != symbol.shape.axes[1] or not symbol.properties & INVERTIBLE:
        return
    q = sym(name)
    ring.invertible.append(make_matrix(ring, axis, lambda i, j: lowering.lower(q, i + j)))
    if "orthogonal" not in symbol.properties:
        return
    squared = determinant(ring, ring.invertible[-1]).single()
    if squared is not None and len(squared[0]) == 1 and squared[1] == 1:
        ring.rules.append(Rule(f"{name} is orthogonal", (), {}, ((squared[0][0][0], 2),), ONE))
    turned = make("transpose", q)
    for product in (make("mul", turned, q), make("mul", q, turned)):
        at = [ring.fresh(Affine(1), size) for size in axis * 2]
        indices = tuple(map(variable, at))
        half = len(axis)
        residual = lowering.lower(product, indices) - identity_entry(ring, indices[:half], indices[half:])
        rule = rule_from(ring, f"{name} is orthogonal", residual, at)
        if rule is not None:
            ring.rules.append(rule)


def _use_rank(ring: Ring, lowering: Lowering, name: str, symbol: Symbol) -> None:
    """A matrix symbol of full column rank, or of full row rank; its entries are lowered as they are by now."""
    axes = symbol.shape.axes
    if symbol.shape.rank != 2 or symbol.family or any(len(axis) != 1 for axis in axes):
        return
    (rows,), (columns,) = axes
    x = sym(name)
    square = bool(symbol.properties & INVERTIBLE)
    if square or "full column rank" in symbol.properties:
        ring.full_rank.append((rows, columns, lambda i, j: lowering.lower(x, (i, j))))
    if square or "full row rank" in symbol.properties:
        ring.full_rank.append((columns, rows, lambda i, j: lowering.lower(x, (j, i))))


def _use_two_values(ring: Ring, name: str, symbol: Symbol) -> None:
    """y² = (a + b) y − ab for y with values in {a, b}."""
    values = [_rational(v) for v in symbol.domain.values]
    if symbol.domain.kind != "finite" or len(values) != 2 or None in values or symbol.shape.axes or symbol.random:
        return
    a, b = (fmpq(v) for v in values if v is not None)
    at = [ring.fresh(r.low, r.high) for r in symbol.family]
    atom = ring.entry(name, tuple(map(variable, at))) if at else ring.symbol(name)
    replacement = ring.value(atom).scale(a + b) - Poly({(): a * b} if a * b else {})
    ring.rules.append(Rule(f"{name} takes two values", tuple(at), {}, ((atom, 2),), replacement))


def _use_property(ring: Ring, lowering: Lowering, fact: Term) -> None:
    """`has` facts about a matrix expression."""
    if fact.head != "has":
        return
    target = fact.args[0]
    if target.head == "sym" and target.name not in ring.context.definitions:
        return  # a property of the symbol by now
    checked = elaborate(target, ring.context)
    if not isinstance(checked, Checked) or checked.shape.rank != 2 or checked.shape.axes[0] != checked.shape.axes[1]:
        return
    try:
        matrix = make_matrix(ring, checked.shape.axes[0], lambda i, j: lowering.lower(checked.term, i + j))
    except OutOfReach:
        return
    if fact.value in ("invertible", "nonsingular", "positive definite", "orthogonal"):
        ring.invertible.append(matrix)
    if fact.value == "positive definite":
        ring.definite.append(matrix)


__all__ = ["assemble"]
