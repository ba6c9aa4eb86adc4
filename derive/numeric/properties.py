"""Properties of matrices, vectors and scalars, by the words of the givens: which hold of a value, exactly.

One test per word. `HARMLESS` words say nothing that a concrete value could violate (differentiability of a sampled
polynomial, `fixed`). A word that stands in neither table is not understood, and `holds` says so by `NoValue`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from derive.language.term import Term
from derive.numeric import tensor as tensors
from derive.numeric.number import Scalar, certain_sign, unsupported
from derive.numeric.tensor import Tensor, Value

_LIKE = "distributed like "

HARMLESS = frozenset(
    [
        "constant",
        "fixed",
        "differentiable",
        "twice differentiable",
        "continuously differentiable",
        "twice continuously differentiable",
        "continuous",
        "smooth",
        "random",
        "iid",
        "independent",
        "identically distributed",
        "uncorrelated",
        "finite",
    ]
)


def distributed_like(body: Term) -> str:
    """The variable that `Y is distributed like X` names; "" for any other property."""
    word = str(body.value)
    return word.removeprefix(_LIKE) if word.startswith(_LIKE) and body.args[0].head == "sym" else ""


def restricting(words: Iterable[str]) -> list[str]:
    """The words that a value could violate, sorted; a word with a colon is a note, not a property."""
    return sorted(w for w in words if w not in HARMLESS and ":" not in w)


def holds(word: str, value: Value) -> bool:
    """Whether a value has a property for certain, or certainly lacks it."""
    if word in HARMLESS or ":" in word:
        return True
    test = _TESTS.get(word)
    if test is None:
        raise unsupported(f"the property {word}")
    return test(value)


def _all_zero(values: list[Scalar]) -> bool:
    return all(certain_sign(x) == 0 for x in values)


def _square(a: Value) -> Tensor:
    if not isinstance(a, Tensor) or a.rank != 2:
        raise unsupported("a property of a matrix")
    return a


def _difference_is_zero(a: Value, b: Value) -> bool:
    difference = tensors.zip_map(lambda x, y: x - y, a, b)
    return _all_zero(difference.entries() if isinstance(difference, Tensor) else [difference])


def _symmetric(a: Value) -> bool:
    m = _square(a)
    n = len(m.data)
    return m.sizes == (n, n) and _all_zero([m.data[i][j] - m.data[j][i] for i in range(n) for j in range(i)])


def _skew(a: Value) -> bool:
    m = _square(a)
    n = len(m.data)
    return m.sizes == (n, n) and _all_zero([m.data[i][j] + m.data[j][i] for i in range(n) for j in range(i + 1)])


def _invertible(a: Value) -> bool:
    if isinstance(a, Tensor):
        m = _square(a)
        return m.sizes[0] == m.sizes[1] and certain_sign(tensors.determinant(a)) != 0
    return certain_sign(a) != 0


def _orthogonal(a: Value) -> bool:
    m = _square(a)
    return m.sizes[0] == m.sizes[1] and _orthonormal_columns(m)


def _orthonormal_columns(a: Value) -> bool:
    columns = list(zip(*_square(a).data, strict=True))
    for i, u in enumerate(columns):
        for j, v in enumerate(columns[: i + 1]):
            total: Scalar = -1 if i == j else 0
            for x, y in zip(u, v, strict=True):
                total = x * y + total
            if certain_sign(total) != 0:
                return False
    return True


def _diagonal(a: Value) -> bool:
    m = _square(a)
    return _all_zero([x for i, row in enumerate(m.data) for j, x in enumerate(row) if i != j])


def _lower(a: Value) -> bool:
    return _all_zero([x for i, row in enumerate(_square(a).data) for j, x in enumerate(row) if i < j])


def _upper(a: Value) -> bool:
    return _all_zero([x for i, row in enumerate(_square(a).data) for j, x in enumerate(row) if i > j])


def _idempotent(a: Value) -> bool:
    return _difference_is_zero(tensors.multiply(a, a), a)


def _definite(sign: int, strictly: bool) -> Callable[[Value], bool]:
    def test(a: Value) -> bool:
        if not isinstance(a, Tensor):
            s = certain_sign(a) * sign
            return s > 0 or (s == 0 and not strictly)
        m = _square(a) if sign > 0 else _square(tensors.negate(a))
        return tensors.positive_definite(m, strictly)

    return test


def _entries(test: Callable[[int], bool]) -> Callable[[Value], bool]:
    def all_entries(a: Value) -> bool:
        return all(test(certain_sign(x)) for x in (a.entries() if isinstance(a, Tensor) else [a]))

    return all_entries


def _rows_sum_to_one(a: Value) -> bool:
    for row in _square(a).data:
        total: Scalar = -1
        for x in row:
            total = x + total
        if certain_sign(total) != 0 or any(certain_sign(x) < 0 for x in row):
            return False
    return True


def _stochastic(a: Value) -> bool:
    if isinstance(a, Tensor) and a.rank == 1:
        return _rows_sum_to_one(Tensor([list(a.data)], (True, False)))
    return _rows_sum_to_one(a)


def _unit(a: Value) -> bool:
    total: Scalar = -1
    for x in a.entries() if isinstance(a, Tensor) else [a]:
        total = x * x + total
    return certain_sign(total) == 0


def _one_hot(a: Value) -> bool:
    entries = a.entries() if isinstance(a, Tensor) else [a]
    return sum(1 for x in entries if certain_sign(x) == 0) == len(entries) - 1 and _unit(a) and _stochastic(a)


def _column_rank(a: Value) -> bool:
    m = _square(a)
    return tensors.rank_of(m) == m.sizes[1]


def _row_rank(a: Value) -> bool:
    m = _square(a)
    return tensors.rank_of(m) == m.sizes[0]


_TESTS: Mapping[str, Callable[[Value], bool]] = {
    "symmetric": _symmetric,
    "skew-symmetric": _skew,
    "antisymmetric": _skew,
    "invertible": _invertible,
    "nonsingular": _invertible,
    "orthogonal": _orthogonal,
    "orthonormal columns": _orthonormal_columns,
    "diagonal": _diagonal,
    "lower triangular": _lower,
    "upper triangular": _upper,
    "idempotent": _idempotent,
    "positive definite": _definite(1, True),
    "positive semidefinite": _definite(1, False),
    "negative definite": _definite(-1, True),
    "negative semidefinite": _definite(-1, False),
    "positive": _entries(lambda s: s > 0),
    "nonnegative": _entries(lambda s: s >= 0),
    "negative": _entries(lambda s: s < 0),
    "nonzero": _entries(lambda s: s != 0),
    "row-stochastic": _rows_sum_to_one,
    "stochastic": _stochastic,
    "simplex": _stochastic,
    "unit": _unit,
    "one-hot": _one_hot,
    "full column rank": _column_rank,
    "full row rank": _row_rank,
}
