"""Sums of products of entries: the normal forms are equal exactly where the values are.

The oracle is a plain loop over all index values in integers, of its own. A form with at most four index vertices that
vanishes at size 4 for generic data vanishes at every size, so equality of values at one random point of large integers
is equality (but for a chance below 1e-6).
"""

from __future__ import annotations

import random
from itertools import product
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Symbol, matrix_shape, vector_shape
from derive.language.term import Term, make, num, sym
from derive.normal_form.zero import Equal, decide

CONTEXT = Context().declare(
    Symbol("n", role="size"),
    *(Symbol(name, matrix_shape("n", "n")) for name in "AB"),
    *(Symbol(name, vector_shape("n")) for name in "xy"),
)
SIZE = 4

Factor = tuple[str, tuple[int, ...]]
Graph = tuple[int, int, tuple[Factor, ...]]
"""A coefficient, the number of summed indices, and the factors with the indices they stand at."""


def term_of(graph: Graph, names: str) -> Term:
    """The graph as nested sums, its indices named in an order of their own."""
    coefficient, count, factors = graph
    entries = [make("entry", sym(base), *(sym(names[i]) for i in at)) for base, at in factors]
    body = make("mul", num(abs(coefficient)), *entries)
    for i in range(count):
        body = make("sum", sym(names[i]), num(1), sym("n"), body)
    return body if coefficient > 0 else make("neg", body)


def value_of(graph: Graph, data: dict[str, list]) -> int:
    """The graph's value, index by index."""
    coefficient, count, factors = graph

    def factor(base: str, at: tuple[int, ...], values: tuple[int, ...]) -> int:
        if len(at) == 1:
            return data[base][values[at[0]]]
        return data[base][values[at[0]]][values[at[1]]]

    return coefficient * sum(
        prod(factor(base, at, values) for base, at in factors) for values in product(range(SIZE), repeat=count)
    )


def data_of(rng: random.Random) -> dict[str, list]:
    """Large random integers."""
    draw = lambda: rng.randint(-(10**6), 10**6)  # noqa: E731
    return {
        **{name: [[draw() for _ in range(SIZE)] for _ in range(SIZE)] for name in "AB"},
        **{name: [draw() for _ in range(SIZE)] for name in "xy"},
    }


@st.composite
def graphs(drawing: st.DrawFn) -> Graph:
    """Up to four indices and four factors."""
    count = drawing(st.integers(1, 4))
    index = st.integers(0, count - 1)
    pairs = st.tuples(st.sampled_from("AB"), st.tuples(index, index))
    singles = st.tuples(st.sampled_from("xy"), st.tuples(index))
    factors = drawing(st.lists(st.one_of(pairs, singles), min_size=1, max_size=4))
    return drawing(st.sampled_from((1, 1, 2, -1))), count, tuple(factors)


@st.composite
def pairs_of_graphs(drawing: st.DrawFn) -> tuple[Graph, Graph]:
    """A graph and one like it: its indices renamed and its factors in another order, at times one factor turned."""
    graph = drawing(graphs())
    coefficient, count, factors = graph
    order = drawing(st.permutations(range(count)))
    moved = [(base, tuple(order[i] for i in at)) for base, at in factors]
    shuffled = drawing(st.permutations(moved))
    if drawing(st.booleans()):
        k = drawing(st.integers(0, len(shuffled) - 1))
        base, at = shuffled[k]
        shuffled[k] = (base, at[::-1]) if len(at) == 2 else ("y" if base == "x" else "x", at)
    return graph, (coefficient, count, tuple(shuffled))


def equal(left: Term, right: Term) -> bool:
    """Whether the normal form shows equality (nothing here needs a condition)."""
    found = decide(left, right, SCALAR, CONTEXT, Budget(10))
    assert not isinstance(found, Equal) or not found.conditions
    return isinstance(found, Equal)


@settings(max_examples=400)
@given(pairs_of_graphs(), st.integers(0, 10**6))
def test_one_graph_is_another_exactly_where_the_values_agree(pair: tuple[Graph, Graph], seed: int) -> None:
    left, right = pair
    data = data_of(random.Random(seed))
    same = value_of(left, data) == value_of(right, data)
    assert equal(term_of(left, "ijkl"), term_of(right, "pqrs")) == same


@settings(max_examples=150)
@given(graphs(), graphs(), pairs_of_graphs(), st.integers(0, 10**6))
def test_combinations(a: Graph, b: Graph, pair: tuple[Graph, Graph], seed: int) -> None:
    data = data_of(random.Random(seed))
    c, d = pair
    left = make("add", term_of(a, "ijkl"), term_of(c, "ijkl"), term_of(b, "jikl"))
    right = make("add", term_of(b, "pqrs"), term_of(d, "lkji"), term_of(a, "srqp"))
    same = value_of(c, data) == value_of(d, data)
    assert equal(left, right) == same


@settings(max_examples=60)
@given(graphs(), graphs(), graphs(), st.integers(0, 10**6))
def test_products_distribute(a: Graph, b: Graph, c: Graph, seed: int) -> None:
    one, two, three = term_of(a, "ijkl"), term_of(b, "ijkl"), term_of(c, "ijkl")
    left = make("mul", one, make("add", two, three))
    right = make("add", make("mul", term_of(c, "pqrs"), one), make("mul", two, term_of(a, "pqrs")))
    assert equal(left, right)
    data = data_of(random.Random(seed))
    square = make("pow", make("add", one, two), num(2))
    wrong = make("add", make("pow", one, num(2)), make("pow", two, num(2)))
    assert equal(square, wrong) == (value_of(a, data) * value_of(b, data) == 0)
