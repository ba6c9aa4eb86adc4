"""The hypothesis that a step lacks.

A catalogue of what textbooks state in such places (independence, no correlation, identical distribution, zero mean,
normalisation, invertibility, symmetry, definiteness, sign, range, nonvanishing, a size at least 2, equal parameters,
commuting matrices) is instantiated with the names of the step, weakest first, one at a time and then two. A
candidate must make the counterexample disappear, must leave something to speak about, and the procedures must then
prove the step.
Artificial coincidences (`a = 0`) are not in the catalogue, nor may an equation make the step say 0 = 0, nor a sign
empty a case that the step itself tells apart: a step that only they would save is refuted. What contradicts the givens
saves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from derive.checking.engines import Engines
from derive.checking.needs import assume
from derive.checking.prove import contrary, impossible, prove
from derive.checking.slips import one_slip_away
from derive.language.affine import Affine, term_of
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import SCALAR, Context, Shape, Symbol
from derive.language.decision import Proof, Refutation
from derive.language.heads import ORDER_RELATIONS, RELATIONS
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, conjuncts, free_names, is_num, make, num, substitute, sym, walk

_MOMENTS = frozenset(["expect", "variance", "covariance", "prob"])
_MOST_PAIRS = 60
_SECONDS = 0.5  # for one hypothesis


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A statement to add to what is in force; `weight` orders from weak to strong, `theme` says what may be paired."""

    statement: Term
    theme: str
    weight: int


def search(step: Step, refutation: Refutation | None, engines: Engines, seed: int, budget: Budget) -> Proof | None:
    """A proof under the weakest hypotheses of the catalogue that save the step, or None."""
    assert step.statement is not None
    singles = sorted(candidates(step), key=lambda h: h.weight)
    groups: list[tuple[Hypothesis, ...]] = [(h,) for h in singles]
    groups += sorted(_pairs(singles), key=lambda pair: pair[0].weight + pair[1].weight)[:_MOST_PAIRS]
    for group in groups:
        budget.spend()
        try:
            proof = _under(step, group, refutation, engines, seed, Budget(min(_SECONDS, budget.left)))
        except BudgetSpent:
            continue
        if proof is not None:
            return proof
    return None


def _pairs(singles: list[Hypothesis]) -> Iterator[tuple[Hypothesis, Hypothesis]]:
    for one, other in combinations(singles, 2):
        names = free_names(one.statement), free_names(other.statement)
        if names[0] == names[1] and {one.statement.head, other.statement.head} == {"eq", "ge"}:
            continue  # X ≥ 0 with a mean of 0 is 0
        if _is_commuting(one) != _is_commuting(other) and {one.statement.value, other.statement.value} != {
            None,
            "symmetric",
        }:
            continue  # symmetric matrices that commute are common, orthogonal or diagonal ones that do are not
        apart = names[0].isdisjoint(names[1]) if one.theme == "initial" else names[0] != names[1]
        if (one.theme == other.theme and apart) or (
            one.theme == other.theme == "moment" and one.statement.head != other.statement.head
        ):
            yield one, other


def _is_commuting(hypothesis: Hypothesis) -> bool:
    return hypothesis.theme == "matrix" and hypothesis.statement.head == "eq"


def _under(
    step: Step,
    group: tuple[Hypothesis, ...],
    refutation: Refutation | None,
    engines: Engines,
    seed: int,
    budget: Budget,
) -> Proof | None:
    added = tuple(h.statement for h in group)
    if any(free_names(statement) == _unknown(step) for statement in added):
        return None
    if step.statement in added or any(fact in step.context.facts for fact in added):
        return None
    under = replace(step, context=assume(step.context, added))
    if engines.refute(under, seed, budget) is not None:
        return None
    met = engines.agree(under, seed, budget, 2).count
    if not met and refutation is not None and not is_indirect(step.statement):
        return None
    if not met and (excluded(step, added, engines, budget) or not can_hold(step, added, engines, seed, budget)):
        return None
    outcome = prove(under, engines, budget)
    if not isinstance(outcome, Proof) or coincidental(outcome, step) or _empties(under, group, engines, budget):
        return None
    if any(h.theme == "matrix" for h in group) and (
        _leaves_nothing(under, group, engines, Budget(_SECONDS)) or one_slip_away(step, engines, seed, Budget(_SECONDS))
    ):
        return None
    if any(h.theme == "sign" for h in group) and _decides_a_case(step, under, engines, Budget(_SECONDS)):
        return None
    rest = tuple(c for c in outcome.conditions if c not in added)
    return replace(outcome, conditions=added + rest, method=outcome.method)


def _empties(under: Step, group: tuple[Hypothesis, ...], engines: Engines, budget: Budget) -> bool:
    """Whether an equation among the hypotheses only makes the step say 0 = 0."""
    statement = under.statement
    assert statement is not None
    if statement.head != "eq" or not any(_equation(h.statement) for h in group):
        return False
    vanishes = elaborate(make("eq", statement.left, num(0)), under.context)
    if not isinstance(vanishes, Checked):
        return False
    return isinstance(prove(replace(under, statement=vanishes.term), engines, budget), Proof)


def _leaves_nothing(under: Step, group: tuple[Hypothesis, ...], engines: Engines, budget: Budget) -> bool:
    """Whether a property, with what is in force, leaves a matrix no choice but I: an orthogonal projection."""
    for hypothesis in group:
        matrix = hypothesis.statement.args[0]
        if hypothesis.statement.head != "has" or matrix.head != "sym":
            continue
        if not any(fact.head == "eq" and matrix.name in free_names(fact) for fact in under.context.facts):
            continue
        same = elaborate(make("eq", matrix, make("identity")), under.context)
        if isinstance(same, Checked) and isinstance(prove(replace(under, statement=same.term), engines, budget), Proof):
            return True
    return False


def _decides_a_case(step: Step, under: Step, engines: Engines, budget: Budget) -> bool:
    """Whether hypotheses exclude a case that the step itself tells apart: its author means all of them.

    Who answers with |a| or sign(a) means a of both signs, who differentiates |a| may have meant one.
    """
    assert step.statement is not None
    told = [c for node in walk(step.statement) if node.head == "cases" for c in node.args[1::2]]
    for node in walk(step.statement.args[-1]):
        if node.head in ("abs", "sign") and node.args[0].head == "sym":
            told += [make("lt", node.args[0], num(0)), make("gt", node.args[0], num(0))]
    return any(
        impossible(part, under, engines, budget) and not impossible(part, step, engines, budget)
        for condition in dict.fromkeys(told)
        if free_names(condition) <= set(step.context.symbols)
        for part in conjuncts(condition)
    )


def _equation(statement: Term) -> bool:
    return _equation(statement.args[3]) if statement.head == "forall" else statement.head == "eq"


def can_hold(step: Step, statements: tuple[Term, ...], engines: Engines, seed: int, budget: Budget) -> bool:
    """Whether some point satisfies everything in force where the step stands and these statements."""
    assert step.statement is not None
    symbols = (step.context.symbols.get(n) for n in sorted(free_names(step.statement)))
    drawn = [s.name for s in symbols if s and s.role == "variable" and s.name not in step.context.definitions]
    speaks = [_mentioned(sym(name), step.context) for name in drawn]
    for statement in statements:
        # a function's argument that is declared nowhere stands for any number
        anywhere = {n: num(1) for n in free_names(statement) - set(step.context.symbols)}
        speaks += [substitute(part, anywhere) for part in _values_of(statement, step.context)]
    at = replace(
        step,
        statement=make("and", *speaks) if len(speaks) > 1 else speaks[0] if speaks else make("eq", num(0), num(0)),
        context=assume(step.context, statements),
        kind="claim",
    )
    return engines.agree(at, seed, budget, 1).count > 0


def excluded(step: Step, statements: tuple[Term, ...], engines: Engines, budget: Budget) -> bool:
    """Whether what is in force, with the step's own premise, provably excludes these statements."""
    statement = step.statement
    assert statement is not None
    if statement.head in ("implies", "iff"):
        step = replace(step, context=assume(step.context, conjuncts(statement.left)))
    if any(impossible(s, step, engines, budget) for s in statements):
        return True
    # the other way round: a fact that fails where they hold, as Cov(X, Y) = 1 does for independent X and Y
    names = frozenset().union(*(free_names(s) for s in statements))
    for fact in step.context.facts:
        if fact.head in RELATIONS and free_names(fact) & names:
            others = replace(step.context, facts=tuple(f for f in step.context.facts if f is not fact))
            there = replace(step, statement=fact, context=assume(others, statements), kind="claim", origin=None)
            if contrary(there, engines, budget) is not None:
                return True
    return False


def _values_of(statement: Term, context: Context) -> list[Term]:
    """Something with values that mentions what a statement is about, so that points are drawn for it."""
    if statement.head == "forall":
        return [make("forall", *statement.args[:3], part) for part in _values_of(statement.args[3], context)]
    if statement.head in ("has", "independent", "distributed"):
        return [_mentioned(a, context) for a in statement.args]
    return [] if statement.head == "tends" else [statement]


def _mentioned(term: Term, context: Context) -> Term:
    """An equation that says nothing, about a term or all members of a family."""
    symbol = context.symbols.get(term.name) if term.head == "sym" else None
    if symbol is None or not symbol.family:
        return make("eq", term, term)
    return _every(symbol, "eq", _member(symbol)).statement


def is_indirect(statement: Term | None) -> bool:
    """Whether points may fail to be found though a statement says something: it is about sets of maximisers, which have
    no value to agree on, or has a premise, which is hard to meet."""
    if statement is None:
        return False
    return statement.head in ("implies", "iff") or any(node.head in ("argmax", "argmin") for node in walk(statement))


def coincidental(proof: Proof, step: Step) -> bool:
    """Whether a condition that a procedure left is none that a textbook would state there.

    Such are an equation between quantities that stand on both sides already, and what excludes solutions of the very
    unknown that the step solves for.
    """
    statement = step.statement
    assert statement is not None
    if len(statement.args) < 2:
        return False
    left, right = (_involved(side, step.context)[0] for side in statement.args[:2])
    unknown = _unknown(step)
    return any(
        (_equation(condition) and free_names(condition) <= left & right) or free_names(condition) == unknown
        for condition in proof.conditions
    )


def _unknown(step: Step) -> frozenset[str] | None:
    """What a step from one equation to another solves for."""
    statement = step.statement
    assert statement is not None
    if statement.head not in ("implies", "iff"):
        return None
    names = free_names(statement)
    if len(names) == 1:
        return names
    if statement.right.head == "eq" and statement.right.left.head == "sym":
        return free_names(statement.right.left)
    return None


# the catalogue


def candidates(step: Step) -> list[Hypothesis]:
    """Every entry of the catalogue, instantiated with what the step speaks of."""
    assert step.statement is not None
    context = step.context
    names, terms = _involved(step.statement, context)
    symbols = [context.symbols[n] for n in sorted(names) if n in context.symbols]
    plain = [s for s in symbols if s.name not in context.definitions]
    every, determined = plain, _determined(context)
    plain = [s for s in plain if s.name not in determined]
    found: list[Hypothesis] = []
    sides = [_involved(side, context)[0] for side in step.statement.args]
    shared = sides[0] & sides[1] if len(sides) == 2 else set()
    if any(node.head in _MOMENTS for term in terms for node in walk(term)):
        stated = free_names(step.statement)
        numbers = [s for s in plain if s.name in stated and s.role == "variable" and s.shape == SCALAR]
        found += _moments([s for s in plain if s.random], [s for s in numbers if not s.random and not s.family])
    matrices = [s for s in plain if s.role == "variable" and not s.random and not s.family]
    ordered = step.statement.head in ORDER_RELATIONS
    varied = any(node.head in ("deriv", "hessian") for term in terms for node in walk(term))
    found += _matrices(matrices, ordered, varied)
    scalars = [s for s in plain if s.role == "variable" and not s.random]
    found += [
        h
        for h in _scalars(scalars, shared, step.statement.head == "eq")
        if h.theme != "sign" or not _bound_by_number(step.statement)
    ]
    found += _functions([s for s in plain if s.role == "function"])
    found += [
        Hypothesis(make("ge", sym(s.name), num(2)), "size", 1) for s in plain if s.role == "size" and s.minimum < 2
    ]
    alone = [s for s in scalars if not s.family] if step.statement.head == "eq" else []
    found += _initial_values(every, alone, context)
    return list(dict.fromkeys(found))


def _bound_by_number(statement: Term) -> bool:
    """Whether an inequality states a numeric bound other than 0: it is meant for all values."""
    if statement.head not in ORDER_RELATIONS:
        return False
    return any(not free_names(side) and not is_num(side, 0) for side in statement.args)


def _involved(statement: Term, context: Context) -> tuple[set[str], list[Term]]:
    """Names that the statement speaks of, through definitions too, and the terms that say so."""
    names = set(context.spoken_of(free_names(statement)))
    terms = [statement, *(context.definitions[n].body for n in sorted(names) if n in context.definitions)]
    return names, terms


def _every(
    symbol: Symbol, say: str, right: Term | None, of: str | None = None, weight: int = 1, theme: str = "sign"
) -> Hypothesis:
    """`x say right`, for every member of a family; with `of`, said of a moment of it."""
    member = _member(symbol)
    subject = make(of, member) if of else member
    statement = make(say, subject, right) if right is not None else subject
    for index, span in reversed(list(zip(_LETTERS[: len(symbol.family)], symbol.family, strict=True))):
        statement = make("forall", sym(index), term_of(span.low), term_of(span.high), statement)
    return Hypothesis(statement, theme, weight)


_LETTERS = ("i", "j", "k")


def _member(symbol: Symbol) -> Term:
    """A symbol, or the member of its family at the letters that `_every` quantifies."""
    indices = [sym(letter) for letter in _LETTERS[: len(symbol.family)]]
    return make("entry", sym(symbol.name), *indices) if indices else sym(symbol.name)


def _moments(symbols: list[Symbol], numbers: list[Symbol]) -> list[Hypothesis]:
    found: list[Hypothesis] = []
    for symbol in symbols:
        here = sym(symbol.name)
        if symbol.family:
            if not symbol.properties & {"iid", "independent"}:
                if "uncorrelated" not in symbol.properties:
                    found.append(Hypothesis(make("has", here, value="uncorrelated"), "moment", 2))
                found.append(Hypothesis(make("has", here, value="independent"), "moment", 4))
            if not symbol.properties & {"iid", "identically distributed"}:
                found.append(Hypothesis(make("has", here, value="identically distributed"), "moment", 3))
        if symbol.shape == SCALAR:
            if not _one_sided(symbol):  # a mean of 0 would leave nothing but the constant 0
                found.append(_every(symbol, "eq", num(0), "expect", 5, "moment"))
                found.append(_every(symbol, "ge", num(0), None, 5, "moment"))
            found.append(_every(symbol, "gt", num(0), "variance", 1, "moment"))
            for number in numbers if symbol.family else ():
                found.append(_every(symbol, "eq", sym(number.name), "expect", 6, "moment"))
                square = make("pow", sym(number.name), num(2))
                found.append(_every(symbol, "eq", square, "variance", 6, "moment"))
    for one, other in combinations(symbols, 2):
        pair = (sym(one.name), sym(other.name))
        if one.shape == other.shape == SCALAR and not one.family and not other.family:
            found.append(Hypothesis(make("eq", make("covariance", *pair), num(0)), "moment", 2))
        found.append(Hypothesis(make("independent", *pair, value="independent"), "moment", 4))
    return found


def _one_sided(symbol: Symbol) -> bool:
    """Whether a random variable is declared to have no negative, or no positive, values."""
    low, high = symbol.domain.low, symbol.domain.high
    return (low is not None and low.head == "num" and low.value >= 0) or (
        high is not None and high.head == "num" and high.value <= 0
    )


def _matrices(symbols: list[Symbol], ordered: bool, varied: bool) -> list[Hypothesis]:
    """Definite matrices only for inequalities, elsewhere it is their symmetry that counts; what derivatives are taken
    of is not supposed to be orthogonal or diagonal."""
    found: list[Hypothesis] = []
    square: list[Symbol] = []
    for symbol in symbols:
        if symbol.shape.rank != 2:
            continue
        here = sym(symbol.name)
        if symbol.shape.axes[0] == symbol.shape.axes[1]:
            square.append(symbol)
            known = symbol.properties
            for word, weight in (
                ("invertible", 1),
                ("symmetric", 2),
                ("positive semidefinite", 3),
                ("positive definite", 4),
                ("orthogonal", 5),
                ("diagonal", 5),
            ):
                if word in known or (varied and word in ("orthogonal", "diagonal")):
                    continue
                if ordered or not word.startswith("positive"):
                    found.append(Hypothesis(make("has", here, value=word), "matrix", weight))
        else:
            found.append(Hypothesis(make("has", here, value="full column rank"), "matrix", 1))
            found.append(Hypothesis(make("has", here, value="full row rank"), "matrix", 1))
    for one, other in combinations(square, 2):
        if one.shape == other.shape:
            product = make("mul", sym(one.name), sym(other.name))
            swapped = make("mul", sym(other.name), sym(one.name))
            found.append(Hypothesis(make("eq", product, swapped), "matrix", 3))
    return found


def _scalars(symbols: list[Symbol], shared: set[str], plain_equation: bool) -> list[Hypothesis]:
    found: list[Hypothesis] = []
    alone: list[Symbol] = []
    for symbol in symbols:
        if symbol.shape == SCALAR and symbol.domain.kind in ("real", "interval"):
            signed = symbol.domain.low is not None and is_num(symbol.domain.low) and symbol.domain.low.value >= 0
            if not (signed and symbol.domain.low_open):
                found.append(_every(symbol, "ne", num(0), weight=1))
            if not signed:
                found.append(_every(symbol, "ge", num(0), weight=2))
            if not (signed and symbol.domain.low_open):
                found.append(_every(symbol, "gt", num(0), weight=3))
            if not symbol.family:
                alone.append(symbol)
                if symbol.domain.high is None:
                    found.append(Hypothesis(make("lt", make("abs", sym(symbol.name)), num(1)), "sign", 3))
                    found.append(Hypothesis(make("ne", sym(symbol.name), num(1)), "sign", 1))
        total = _total(symbol)
        if total is not None:
            found.append(Hypothesis(make("eq", total, num(1)), "total", 3))
            if plain_equation:
                found.append(Hypothesis(make("eq", total, num(0)), "total", 3))
    for one, other in combinations(alone, 2):
        pair = (sym(one.name), sym(other.name))
        found.append(Hypothesis(make("gt", make("mul", *pair), num(0)), "sign", 3))
        if one.domain == other.domain and one.domain.kind == "interval":
            if not {one.name, other.name} <= shared:
                found.append(Hypothesis(make("eq", *pair), "equal", 4))
            found.append(Hypothesis(make("gt", *pair), "sign", 3))
            found.append(Hypothesis(make("lt", *pair), "sign", 3))
    return found


def _total(symbol: Symbol) -> Term | None:
    """`Σ y_i` over all entries of a vector or of a family of scalars."""
    index = sym("i")
    body = make("entry", sym(symbol.name), index)
    if len(symbol.family) == 1 and symbol.shape == SCALAR:
        low, high = symbol.family[0].low, symbol.family[0].high
    elif not symbol.family and symbol.shape.rank == 1 and len(symbol.shape.axes[0]) == 1:
        low, high = Affine(1), symbol.shape.axes[0][0]
    else:
        return None
    return make("sum", index, term_of(low), term_of(high), body)


def _functions(symbols: list[Symbol]) -> list[Hypothesis]:
    found: list[Hypothesis] = []
    for symbol in symbols:
        if symbol.shape == Shape() and len(symbol.arguments) == 1 and symbol.arguments[0] == SCALAR:
            here = make("call", sym("θ"), value=symbol.name)
            anywhere = "θ"
            if anywhere in (s.name for s in symbols):
                continue
            found.append(Hypothesis(make("ge", here, num(0)), "function", 3))
            found.append(Hypothesis(make("gt", here, num(0)), "function", 4))
    return found


def _determined(context: Context) -> set[str]:
    """Sequences that a recurrence in force defines: what holds of them is not to be supposed."""
    names: set[str] = set()
    for fact in context.facts:
        inner = fact
        while inner.head == "forall":
            inner = inner.args[3]
        if (
            fact.head == "forall"
            and inner.head == "eq"
            and inner.left.head == "entry"
            and inner.left.args[0].head == "sym"
        ):
            names.add(inner.left.args[0].name)
    return names


def _initial_values(symbols: list[Symbol], numbers: list[Symbol], context: Context) -> list[Hypothesis]:
    """`m_0 = 0` for a sequence whose range starts at 0; and as for an intercept `x_0 = 1`, `w_0 = b`, `w_0 x_0 = b`.

    Where the author has said what one first member is, only the equality of two parameters is left to suppose.
    """
    started = [s for s in symbols if len(s.family) == 1 and s.shape == SCALAR and s.family[0].low == Affine(0)]
    values = [make("entry", sym(s.name), num(0)) for s in started]
    said = [fact for fact in context.facts if any(v in walk(fact) for v in values)]
    first = [v for v in values if not any(v in walk(fact) for fact in said)]
    numbers = [s for s in numbers if not any(s.name in free_names(fact) for fact in said)]
    found = [Hypothesis(make("eq", value, num(0)), "initial", 3) for value in first]
    if numbers and len(first) == len(values):
        found += [Hypothesis(make("eq", value, num(1)), "initial", 3) for value in first]
        first += [make("mul", one, other) for one, other in combinations(first, 2)]
    found += [Hypothesis(make("eq", value, sym(number.name)), "initial", 4) for value in first for number in numbers]
    return found
