"""Vectors and matrices of scalars at concrete sizes.

A `Tensor` knows which of its axes has size 1 by declaration (and not merely here, where a symbolic size happens to be
1), because products drop exactly those axes. Inverses and determinants of rationals are flint's exact ones, of
intervals flint's certified ones, of duals plain elimination with pivots that are certainly not 0. At most two axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from derive.numeric.number import (
    ONE,
    ZERO,
    Dual,
    FormalNumber,
    NoValue,
    Scalar,
    certain_sign,
    divide,
    interval,
    primal,
    reciprocal,
    sqrt,
    undecidable,
    undefined,
    unsupported,
)


class Tensor:
    """A vector (`data` is a list of scalars) or a matrix (`data` is a list of rows); never changed once made.

    `units[k]` says that axis k has size 1 by declaration.
    """

    __slots__ = ("data", "units")

    def __init__(self, data: list[Any], units: tuple[bool, ...]) -> None:
        self.data = data
        self.units = units

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.units)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the axes here."""
        if len(self.units) == 1:
            return (len(self.data),)
        return (len(self.data), len(self.data[0]) if self.data else 0)

    def entries(self) -> list[Scalar]:
        """All entries, row by row."""
        return list(self.data) if len(self.units) == 1 else [x for row in self.data for x in row]

    def rows(self) -> list[list[Scalar]]:
        """The rows of a matrix; a vector is a column."""
        return [[x] for x in self.data] if len(self.units) == 1 else self.data

    def map(self, function: Callable[[Scalar], Scalar]) -> Tensor:
        """The same shape, with every entry mapped."""
        if len(self.units) == 1:
            return Tensor([function(x) for x in self.data], self.units)
        return Tensor([[function(x) for x in row] for row in self.data], self.units)

    def refill(self, values: Iterable[Scalar]) -> Tensor:
        """The same shape, with other entries, given row by row."""
        rest = iter(values)
        return self.map(lambda _: next(rest))

    def __repr__(self) -> str:
        return f"Tensor({self.data})"


Value = Any
"""A scalar, a `Tensor`, or a `Family` of either."""


def vector(values: Iterable[Scalar], unit: bool = False) -> Tensor:
    """A column vector."""
    return Tensor(list(values), (unit,))


def matrix(rows: Iterable[Iterable[Scalar]], units: tuple[bool, bool] = (False, False)) -> Tensor:
    """A matrix from its rows."""
    return Tensor([list(r) for r in rows], units)


def assembled(grid: list[list[Value]]) -> Tensor:
    """A matrix from rows of blocks (scalars are 1 × 1, vectors are columns); a vector where all is one column."""
    rows: list[list[Scalar]] = []
    for blocks in grid:
        parts = [block.rows() if isinstance(block, Tensor) else [[block]] for block in blocks]
        if len({len(part) for part in parts}) != 1:
            raise unsupported("blocks of different heights")
        rows += [[x for part in line for x in part] for line in zip(*parts, strict=True)]
    if len({len(row) for row in rows}) > 1:
        raise unsupported("blocks of different widths")
    units = tuple(
        len(line) == 1 and all(not isinstance(b, Tensor) or (*b.units, True)[axis] for b in line)
        for axis, line in enumerate(([blocks[0] for blocks in grid], grid[0]))
    )
    return vector([row[0] for row in rows], units[0]) if units[1] else Tensor(rows, units)


def is_zero_literal(value: Value) -> bool:
    """A plain 0, which may stand for a tensor of zeros."""
    return type(value) is fmpq and bool(value == 0)


def zip_map(function: Callable[[Scalar, Scalar], Scalar], a: Value, b: Value) -> Value:
    """Entry by entry over two values of one shape; a plain 0 fits every shape."""
    if not isinstance(a, Tensor) and not isinstance(b, Tensor):
        return function(a, b)
    if not isinstance(a, Tensor):
        if is_zero_literal(a):
            return b.map(lambda y: function(ZERO, y))
        raise unsupported("shapes differ")
    if not isinstance(b, Tensor):
        if is_zero_literal(b):
            return a.map(lambda x: function(x, ZERO))
        raise unsupported("shapes differ")
    if a.sizes != b.sizes:
        raise unsupported("shapes differ")
    if len(a.units) == 1:
        return Tensor([function(x, y) for x, y in zip(a.data, b.data, strict=True)], a.units)
    pairs = zip(a.data, b.data, strict=True)
    return Tensor([[function(x, y) for x, y in zip(r, s, strict=True)] for r, s in pairs], a.units)


def add(a: Value, b: Value) -> Value:
    """Sum of two values of one shape."""
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return zip_map(lambda x, y: x + y, a, b)
    return a + b


def negate(a: Value) -> Value:
    """Minus a value."""
    return a.map(lambda x: -x) if isinstance(a, Tensor) else -a


def scale(factor: Scalar, a: Value) -> Value:
    """A scalar times a value."""
    return a.map(lambda x: factor * x) if isinstance(a, Tensor) else factor * a


def multiply(a: Value, b: Value) -> Value:
    """The product: of scalars, of a scalar and a tensor, or of matrices; 1×1 products are scalars."""
    if not isinstance(a, Tensor):
        return scale(a, b)
    if not isinstance(b, Tensor):
        return scale(b, a)
    left, right = a.rows(), b.rows()
    if not left or not right or len(left[0]) != len(right):
        raise unsupported("a product that does not conform")
    columns = list(zip(*right, strict=True))
    data = [[_dot(row, column) for column in columns] for row in left]
    return _reshape(data, a.units[0], b.units[1] if len(b.units) == 2 else True)


def _reshape(rows: list[list[Scalar]], unit_rows: bool, unit_columns: bool) -> Value:
    if not unit_columns:
        return Tensor(rows, (unit_rows, False))
    return rows[0][0] if unit_rows else Tensor([row[0] for row in rows], (False,))


def _dot(a: Iterable[Scalar], b: Iterable[Scalar]) -> Scalar:
    total: Scalar = ZERO
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total


def transpose(a: Value) -> Value:
    """Transpose; a vector becomes a matrix of one row, a matrix of one row a vector."""
    if not isinstance(a, Tensor):
        return a
    if a.units[0]:
        return Tensor(list(a.data if len(a.units) == 1 else a.data[0]), (len(a.units) == 1 or a.units[1],))
    if len(a.units) == 1:
        return Tensor([list(a.data)], (True, a.units[0]))
    return Tensor([list(column) for column in zip(*a.data, strict=True)], (a.units[1], a.units[0]))


def identity(size: int, unit: bool = False) -> Tensor:
    """The identity matrix."""
    return Tensor([[ONE if i == j else ZERO for j in range(size)] for i in range(size)], (unit, unit))


def zeros(sizes: tuple[int, ...], units: tuple[bool, ...]) -> Tensor:
    """A vector or matrix of zeros."""
    if len(sizes) == 1:
        return Tensor([ZERO] * sizes[0], units)
    return Tensor([[ZERO] * sizes[1] for _ in range(sizes[0])], units)


def diagonal(a: Tensor) -> Tensor:
    """The diagonal matrix of a vector, or the diagonal of a matrix."""
    if len(a.units) == 2:
        return Tensor([row[i] for i, row in enumerate(a.data)], (a.units[0],))
    n = len(a.data)
    return Tensor([[a.data[i] if i == j else ZERO for j in range(n)] for i in range(n)], (a.units[0], a.units[0]))


def stack(a: Tensor) -> Tensor:
    """Columns stacked into one vector."""
    if len(a.units) == 1:
        return a
    return Tensor([x for column in zip(*a.data, strict=True) for x in column], (False,))


def kronecker(factors: list[Tensor]) -> Tensor:
    """Kronecker product, its axes flattened in the order of the factors."""
    rows: list[list[Scalar]] = [[ONE]]
    for f in factors:
        rows = [[x * y for x in r for y in s] for r in rows for s in f.rows()]
    if all(len(f.units) == 1 or f.units[1] for f in factors):
        return Tensor([row[0] for row in rows], (False,))
    return Tensor(rows, (False, False))


def trace(a: Value) -> Scalar:
    """Sum of the diagonal."""
    if not isinstance(a, Tensor):
        return a
    total: Scalar = ZERO
    for i, row in enumerate(a.data):
        total = total + row[i]
    return total


def _kinds(a: Tensor) -> type:
    kind: type = fmpq
    for row in a.data:
        for x in row:
            if type(x) is Dual or isinstance(x, FormalNumber):
                return Dual
            if type(x) is arb:
                kind = arb
    return kind


def determinant(a: Value) -> Scalar:
    """Determinant, without division (so that it can be differentiated at singular matrices)."""
    if not isinstance(a, Tensor):
        return a
    if _kinds(a) is fmpq:
        return fmpq_mat(a.data).det()
    if len(a.data) > 7:
        raise unsupported("a determinant too large")
    return _expand(a.data, 0, tuple(range(len(a.data))), {})


def _expand(
    rows: list[list[Scalar]], first: int, columns: tuple[int, ...], memo: dict[tuple[int, ...], Scalar]
) -> Scalar:
    if not columns:
        return ONE
    if columns in memo:
        return memo[columns]
    total: Scalar = ZERO
    for k, column in enumerate(columns):
        part = rows[first][column] * _expand(rows, first + 1, columns[:k] + columns[k + 1 :], memo)
        total = total - part if k % 2 else total + part
    memo[columns] = total
    return total


def inverse(a: Value) -> Value:
    """Inverse of a square matrix; undefined where it is singular."""
    if not isinstance(a, Tensor):
        return reciprocal(a)
    kind = _kinds(a)
    n = len(a.data)
    if kind is fmpq:
        m = fmpq_mat(a.data)
        if m.det() == 0:
            raise undefined("a singular matrix")
        return Tensor(m.inv().table() if n else [], a.units)
    if kind is arb:
        try:
            return Tensor(arb_mat([[interval(x) for x in row] for row in a.data]).inv().table(), a.units)
        except ZeroDivisionError:
            raise undecidable("a matrix may be singular") from None
    return Tensor(
        _eliminate([list(row) + list(e) for row, e in zip(a.data, identity(n).data, strict=True)], n), a.units
    )


def _eliminate(rows: list[list[Scalar]], n: int) -> list[list[Scalar]]:
    for k in range(n):
        pivot = next((i for i in range(k, n) if _surely_nonzero(rows[i][k])), None)
        if pivot is None:
            exact = all(type(primal(rows[i][k])) is fmpq for i in range(k, n))
            raise undefined("a singular matrix") if exact else undecidable("a matrix may be singular")
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [divide(x, rows[k][k]) for x in rows[k]]
        for i in range(n):
            if i != k:
                factor = rows[i][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[n:] for row in rows]


def _surely_nonzero(x: Scalar) -> bool:
    try:
        return certain_sign(x) != 0
    except NoValue:
        return False


def cholesky(a: Tensor) -> Tensor:
    """The lower triangular L with LLᵀ = a, for a positive definite matrix."""
    n = len(a.data)
    rows: list[list[Scalar]] = [[ZERO] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a.data[i][j] - _dot(rows[i][:j], rows[j][:j])
            if i == j and certain_sign(rest) <= 0:
                raise undefined("a covariance matrix that is not positive definite")
            rows[i][j] = sqrt(rest) if i == j else divide(rest, rows[j][j])
    return Tensor(rows, a.units)


def positive_definite(a: Tensor, strictly: bool = True) -> bool:
    """Whether a symmetric matrix is certainly positive definite (or semidefinite), by its principal minors."""
    n = len(a.data)
    if any(certain_sign(a.data[i][j] - a.data[j][i]) for i in range(n) for j in range(i)):
        return False
    if strictly:
        return all(certain_sign(determinant(_minor(a, tuple(range(k + 1))))) > 0 for k in range(n))
    subsets = (tuple(i for i in range(n) if mask >> i & 1) for mask in range(1, 1 << n))
    return all(certain_sign(determinant(_minor(a, s))) >= 0 for s in subsets)


def _minor(a: Tensor, chosen: tuple[int, ...]) -> Tensor:
    return Tensor([[a.data[i][j] for j in chosen] for i in chosen], a.units)


def rank_of(a: Tensor) -> int:
    """Rank of a matrix of rationals."""
    if _kinds(a) is not fmpq:
        raise unsupported("rank of a matrix that is not rational")
    return int(fmpq_mat(a.data).rank())
