"""Equations between block matrices, block by block.

Definitions are opened, and sums, products, transposes, traces, determinants and inverses of matrices put together from
blocks are carried out on the blocks: `(AB)_{rc} = Σ_k A_{rk} B_{kc}` where the partitions conform. A determinant or an
inverse of 2 × 2 blocks goes through the Schur complement of a block that is invertible (Horn and Johnson, Matrix
Analysis, 0.8.5); that of a triangular one needs no such block. What is left are equations between the blocks, which
the index normal form decides. Other partitions of one matrix are out of reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from derive.language.affine import Affine
from derive.language.budget import Budget
from derive.language.context import SCALAR, Context, Shape
from derive.language.decision import Declined, Outcome, Proof
from derive.language.heads import HEADS
from derive.language.shape import ONE, Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, is_num, make, num, walk
from derive.normal_form.definite import INVERTIBLE
from derive.normal_form.zero import Equal, decide
from derive.procedures.expand import OutOfReach, expand
from derive.procedures.procedure import Example, Procedure


@dataclass(frozen=True, slots=True)
class _Grid:
    """A matrix as rows of blocks, with the heights of the rows and the widths of the columns."""

    rows: tuple[tuple[Term, ...], ...]
    heights: tuple[Affine, ...]
    widths: tuple[Affine, ...]

    @property
    def square(self) -> bool:
        return self.heights == self.widths

    def empty(self, side: int) -> bool:
        """Whether all blocks below (1) or above (-1) the diagonal are 0."""
        size = range(len(self.rows))
        return all(_is_zero(self.rows[r][c]) for r in size for c in size if side * (r - c) > 0)

    @property
    def triangular(self) -> bool:
        return self.empty(1) or self.empty(-1)

    @property
    def diagonal(self) -> bool:
        return self.empty(1) and self.empty(-1)


_Value = Term | _Grid


def _decide(step: Step, budget: Budget) -> Outcome:
    assert step.statement is not None
    left, right = step.statement.args
    try:
        sides = [expand(side, step.context) for side in (left, right)]
        if not any(node.head == "blocks" for side in sides for node in walk(side)):
            return Declined("")
        checked = elaborate(make("eq", *sides), step.context)
        if not isinstance(checked, Checked):
            return Declined("the shapes do not conform when definitions are opened")
    except OutOfReach as out:
        return Declined(f"{out.reason} is out of reach of block by block")
    found: Proof | None = None
    reason = ""
    choices = ((0, 1) if any(n.head in ("det", "inverse") for n in walk(s)) else (0,) for s in checked.term.args)
    for pivots in product(*choices):
        outcome = _compare(checked.term, step.context, budget, pivots)
        if isinstance(outcome, Declined):
            reason = reason or outcome.reason
        elif not outcome.conditions:
            return outcome
        elif found is None or len(outcome.conditions) < len(found.conditions):
            found = outcome
    return found or Declined(reason)


def _compare(statement: Term, context: Context, budget: Budget, pivots: tuple[int, ...]) -> Proof | Declined:
    """An equation through the Schur complements of the pivots on its two sides."""
    conditions: dict[Term, None] = {}
    try:
        sides = []
        for side, pivot in zip(statement.args, pivots, strict=True):
            blockwise = _Blockwise(context, pivot)
            sides.append(blockwise.value(side))
            conditions.update(dict.fromkeys(blockwise.needs))
        pairs = _pairs(sides[0], sides[1], context)
        conditions.update(dict.fromkeys(_needs_of_dropped(blockwise.dropped, pairs)))
    except OutOfReach as out:
        return Declined(f"{out.reason} is out of reach of block by block")
    for a, b, shape in pairs:
        found = decide(a, b, shape, context, budget)
        if not isinstance(found, Equal):
            return Declined(f"two blocks differ: {found.reason}")
        conditions.update(dict.fromkeys(found.conditions))
    evidence = f"block by block: {len(pairs)} equation{'s' if len(pairs) > 1 else ''}, each by the index normal form"
    return Proof("block by block", tuple(conditions), evidence=(evidence,))


def _needs_of_dropped(dropped: list[Term], pairs: list[tuple[Term, Term, Shape]]) -> Iterator[Term]:
    """What blocks of the right side need that fell away, as those times 0 do: the side has no value without them."""
    kept = {node for a, b, _ in pairs for side in (a, b) for node in walk(side)}
    for node in (n for block in dropped for n in walk(block)):
        if node in kept or node.head in _TOTAL or (node.head == "pow" and is_num(node.args[1], 2)):
            continue
        if node.head == "inverse":
            yield make("has", node.args[0], value="invertible")
        elif node.head == "div":
            yield make("ne", node.args[1], num(0))
        else:
            raise OutOfReach(f"a block that falls away and needs a value of `{node.head}`")


def _pairs(one: _Value, other: _Value, context: Context) -> list[tuple[Term, Term, Shape]]:
    """The equations between the blocks."""
    if isinstance(one, Term) and isinstance(other, Term):
        checked = elaborate(one, context)
        if not isinstance(checked, Checked):
            raise OutOfReach("a side whose size is not known")
        return [(one, other, checked.shape)]
    grid = one if isinstance(one, _Grid) else other
    assert isinstance(grid, _Grid)
    a, b = _like(one, grid), _like(other, grid)
    shapes = [_block_shape(height, width) for height in grid.heights for width in grid.widths]
    flat = [[block for row in side.rows for block in row] for side in (a, b)]
    return list(zip(*flat, shapes, strict=True))


def _block_shape(height: Affine, width: Affine) -> Shape:
    axes = ((height,), (width,))
    if axes[1] == ONE:
        return SCALAR if axes[0] == ONE else Shape(axes[:1])
    return Shape(axes)


def _zero(height: Affine, width: Affine) -> Term:
    shape = _block_shape(height, width)
    return num(0) if shape == SCALAR else make("zeros", value=shape)


def _one(size: Affine) -> Term:
    return num(1) if (size,) == ONE else make("identity", value=size)


def _is_zero(block: Term) -> bool:
    return block.head == "zeros" or is_num(block, 0)


def _like(value: _Value, grid: _Grid) -> _Grid:
    """A value in the partition of a grid."""
    if isinstance(value, _Grid):
        if (value.heights, value.widths) != (grid.heights, grid.widths):
            raise OutOfReach("another partition of a matrix")
        return value
    if value.head not in ("identity", "zeros") or (value.head == "identity" and not grid.square):
        raise OutOfReach("a matrix whose blocks are not known")
    rows = tuple(
        tuple(
            _one(height) if value.head == "identity" and r == c else _zero(height, width)
            for c, width in enumerate(grid.widths)
        )
        for r, height in enumerate(grid.heights)
    )
    return _Grid(rows, grid.heights, grid.widths)


def _sum(terms: list[Term], height: Affine, width: Affine) -> Term:
    left = [term for term in terms if not _is_zero(term)]
    if not left:
        return _zero(height, width)
    return make("add", *left) if len(left) > 1 else left[0]


def _minus(block: Term) -> Term:
    return block if _is_zero(block) else make("neg", block)


@dataclass(slots=True)
class _Blockwise:
    """Carries out operations on grids.

    `pivot` is the place on the diagonal of the block whose Schur complement is taken, `needs` are the blocks that must
    be invertible for it, `dropped` those that the result does not speak of.
    """

    context: Context
    pivot: int
    needs: list[Term] = field(default_factory=list)
    dropped: list[Term] = field(default_factory=list)

    def value(self, term: Term) -> _Value:
        """The value of an elaborated term as a grid, or as a term without blocks."""
        if not any(node.head == "blocks" for node in walk(term)):
            return term
        if term.head == "blocks":
            return self.written(term)
        if term.head == "det" and term.args[0].head == "mul":
            return self.determinant_of_product(term)
        if term.head == "pow" and term.args[0].head == "norm" and is_num(term.args[1], 2):
            return self.squares(term)
        values = [self.value(a) for a in term.args]
        operation = _OPERATIONS.get(term.head)
        if operation is not None and any(isinstance(v, _Grid) for v in values):
            return _collapsed(operation(self, values))
        parts = [v for v in values if isinstance(v, Term)]
        if len(parts) < len(values) or HEADS[term.head].scope or term.head in _OVER_ALL:
            raise OutOfReach(f"`{term.head}` of a matrix of blocks")
        return term.with_args(tuple(parts))

    def written(self, term: Term) -> _Value:
        columns = term.value[1]
        parts = [self.value(a) for a in term.args]
        blocks = [p for p in parts if isinstance(p, Term)]
        if len(blocks) < len(parts):
            raise OutOfReach("blocks within blocks")
        rows = tuple(tuple(blocks[k : k + columns]) for k in range(0, len(blocks), columns))
        sizes = [[self.size(block) for block in row] for row in rows]
        return _Grid(rows, tuple(row[0][0] for row in sizes), tuple(width for _, width in sizes[0]))

    def size(self, block: Term) -> tuple[Affine, Affine]:
        checked = elaborate(block, self.context)
        if not isinstance(checked, Checked):
            raise OutOfReach("a block whose size is not known")
        axes = [axis[0] for axis in checked.shape.axes if len(axis) == 1]
        if len(axes) < checked.shape.rank:
            raise OutOfReach("a block with a composite axis")
        height, width = (*axes, Affine(1), Affine(1))[:2]
        return height, width

    def add(self, values: list[_Value]) -> _Grid:
        grid = next(v for v in values if isinstance(v, _Grid))
        parts = [_like(v, grid) for v in values]
        rows = tuple(
            tuple(_sum([p.rows[r][c] for p in parts], h, w) for c, w in enumerate(grid.widths))
            for r, h in enumerate(grid.heights)
        )
        return _Grid(rows, grid.heights, grid.widths)

    def negate(self, values: list[_Value]) -> _Grid:
        (grid,) = values
        assert isinstance(grid, _Grid)
        return _Grid(tuple(tuple(map(_minus, row)) for row in grid.rows), grid.heights, grid.widths)

    def multiply(self, values: list[_Value]) -> _Value:
        result = values[0]
        for other in values[1:]:
            result = self.product(result, other)
        return result

    def product(self, left: _Value, right: _Value) -> _Value:
        if isinstance(left, Term) and isinstance(right, Term):
            return make("mul", left, right)
        for factor, grid in ((left, right), (right, left)):
            if isinstance(factor, Term) and isinstance(grid, _Grid):
                if factor.head == "identity":
                    return grid
                if self.size(factor) != (Affine(1), Affine(1)):
                    raise OutOfReach("a matrix whose blocks are not known")
                rows = tuple(
                    tuple(self.times(factor, b, h, w) for w, b in zip(grid.widths, row, strict=True))
                    for h, row in zip(grid.heights, grid.rows, strict=True)
                )
                return _Grid(rows, grid.heights, grid.widths)
        assert isinstance(left, _Grid)
        assert isinstance(right, _Grid)
        if left.widths != right.heights:
            raise OutOfReach("another partition of a matrix")
        rows = tuple(
            tuple(
                _sum([self.times(left.rows[r][k], right.rows[k][c], h, w) for k in range(len(left.widths))], h, w)
                for c, w in enumerate(right.widths)
            )
            for r, h in enumerate(left.heights)
        )
        return _collapsed(_Grid(rows, left.heights, right.widths))

    def times(self, left: Term, right: Term, height: Affine, width: Affine) -> Term:
        """The product of two blocks, in sight of what is 0 or 1."""
        if _is_zero(left) or _is_zero(right):
            self.dropped += [left, right]
            return _zero(height, width)
        if left.head == "identity" or is_num(left, 1):
            return right
        return left if right.head == "identity" or is_num(right, 1) else make("mul", left, right)

    def divide(self, values: list[_Value]) -> _Value:
        grid, by = values
        if not isinstance(grid, _Grid) or not isinstance(by, Term):
            raise OutOfReach("a quotient of matrices")
        inverse = make("div", num(1), by)
        return self.product(inverse, grid)

    def transpose(self, values: list[_Value]) -> _Grid:
        (grid,) = values
        assert isinstance(grid, _Grid)
        rows = tuple(
            tuple(self.transposed(grid.rows[r][c], h, w) for r, h in enumerate(grid.heights))
            for c, w in enumerate(grid.widths)
        )
        return _Grid(rows, grid.widths, grid.heights)

    def transposed(self, block: Term, height: Affine, width: Affine) -> Term:
        if _is_zero(block):
            return _zero(width, height)
        return (
            block if block.head == "identity" or (height, width) == (Affine(1), Affine(1)) else make("transpose", block)
        )

    def trace(self, values: list[_Value]) -> Term:
        grid = self.square(values)
        blocks = [(grid.rows[k][k], size) for k, size in enumerate(grid.heights)]
        self.drop_beside_diagonal(grid)
        traces = [b if (size,) == ONE else make("trace", b) for b, size in blocks]
        return _sum(traces, Affine(1), Affine(1))

    def square(self, values: list[_Value]) -> _Grid:
        (grid,) = values
        assert isinstance(grid, _Grid)
        if not grid.square:
            raise OutOfReach("a matrix whose blocks on the diagonal are not square")
        return grid

    def determinant(self, values: list[_Value]) -> Term:
        grid = self.square(values)
        if grid.triangular:
            self.drop_beside_diagonal(grid)
            return _product([_det(grid.rows[k][k], size) for k, size in enumerate(grid.heights)])
        pivot, rest, size = self.schur(grid)
        return _product([_det(pivot, grid.heights[size]), _det(rest, grid.heights[1 - size])])

    def drop_beside_diagonal(self, grid: _Grid) -> None:
        self.dropped += [b for r, row in enumerate(grid.rows) for c, b in enumerate(row) if r != c]

    def determinant_of_product(self, term: Term) -> Term:
        """det(AB) = det A · det B for square factors."""
        written = term.args[0].args
        found = []
        for factor in written:
            height, width = self.size(factor)
            if height != width or (height,) == ONE:
                value = self.multiply([self.value(f) for f in written])
                return self.determinant([value]) if isinstance(value, _Grid) else make("det", value)
            nested = self.value(make("det", factor))
            assert isinstance(nested, Term)
            found.append(nested)
        return _product(found)

    def schur(self, grid: _Grid) -> tuple[Term, Term, int]:
        """The pivot, its Schur complement, and its place; a need where the pivot is not known to be invertible."""
        if len(grid.rows) != 2:
            raise OutOfReach("more than 2 × 2 blocks")
        place, other = self.pivot, 1 - self.pivot
        pivot = grid.rows[place][place]
        if not self.invertible(pivot):
            self.need(pivot, grid.heights[place])
        size = grid.heights[other]
        middle = self.times(_inverse(pivot, grid.heights[place]), grid.rows[place][other], grid.heights[place], size)
        rest = self.times(grid.rows[other][place], middle, size, size)
        return pivot, _sum([grid.rows[other][other], _minus(rest)], size, size), place

    def invertible(self, block: Term) -> bool:
        symbol = self.context.symbols.get(block.name) if block.head == "sym" else None
        known = symbol is not None and bool(symbol.properties & INVERTIBLE)
        return known or block.head == "identity" or make("has", block, value="invertible") in self.context.facts

    def need(self, block: Term, size: Affine) -> None:
        self.needs.append(make("ne", block, num(0)) if (size,) == ONE else make("has", block, value="invertible"))

    def inverse(self, values: list[_Value]) -> _Grid:
        """The inverse; where it exists, so do those of the diagonal blocks of a triangular matrix, or of the Schur
        complement."""
        grid = self.square(values)
        if grid.diagonal:
            rows = tuple(
                tuple(_inverse(b, grid.heights[r]) if r == c else b for c, b in enumerate(row))
                for r, row in enumerate(grid.rows)
            )
            return _Grid(rows, grid.heights, grid.widths)
        if len(grid.rows) != 2:
            raise OutOfReach("an inverse of more than 2 × 2 blocks")
        if grid.triangular:
            pivot, rest, p = grid.rows[0][0], grid.rows[1][1], 0
        else:
            pivot, rest, p = self.schur(grid)
        q = 1 - p
        m, n = grid.heights[p], grid.heights[q]
        a, s = _inverse(pivot, m), _inverse(rest, n)
        over = self.times(a, grid.rows[p][q], m, n)  # A⁻¹ B
        under = self.times(grid.rows[q][p], a, n, m)  # C A⁻¹
        blocks = {
            (p, p): _sum([a, self.times(self.times(over, s, m, n), under, m, m)], m, m),
            (p, q): _minus(self.times(over, s, m, n)),
            (q, p): _minus(self.times(s, under, n, m)),
            (q, q): s,
        }
        return _Grid(tuple(tuple(blocks[r, c] for c in (0, 1)) for r in (0, 1)), grid.heights, grid.widths)

    def inner(self, values: list[_Value]) -> _Value:
        left, right = values
        return self.product(self.transpose([left]) if isinstance(left, _Grid) else make("transpose", left), right)

    def squares(self, term: Term) -> Term:
        """‖·‖² of a vector, or of a matrix in the Frobenius norm, is the sum over its blocks."""
        norm = term.args[0]
        grid = self.value(norm.args[0])
        if not isinstance(grid, _Grid) or norm.value not in ("2", "F") or (norm.value == "2" and len(grid.widths) > 1):
            raise OutOfReach("a norm of a matrix of blocks")
        found = []
        for row, height in zip(grid.rows, grid.heights, strict=True):
            for block, width in zip(row, grid.widths, strict=True):
                shape = _block_shape(height, width)
                size = block if shape == SCALAR else make("norm", block, value="F" if shape.rank == 2 else "2")
                found.append(num(0) if _is_zero(block) else make("pow", size, num(2)))
        return _sum(found, Affine(1), Affine(1))


def _collapsed(value: _Value) -> _Value:
    return value.rows[0][0] if isinstance(value, _Grid) and len(value.rows) == len(value.rows[0]) == 1 else value


def _det(block: Term, size: Affine) -> Term:
    return block if (size,) == ONE else make("det", block)


def _inverse(block: Term, size: Affine) -> Term:
    if block.head == "identity" or is_num(block, 1):
        return block
    return make("div", num(1), block) if (size,) == ONE else make("inverse", block)


def _product(factors: list[Term]) -> Term:
    return make("mul", *factors) if len(factors) > 1 else factors[0]


_TOTAL = frozenset(
    [
        "sym",
        "num",
        "zeros",
        "ones",
        "identity",
        "add",
        "neg",
        "mul",
        "transpose",
        "entry",
        "diag",
        "trace",
        "det",
        "norm",
        "inner",
        "hadamard",
        "exp",
        "abs",
        "max",
        "min",
    ]
)
"""What has a value wherever its arguments have one."""

_OVER_ALL = frozenset(["deriv", "hessian", "expect", "variance", "covariance", "prob"])  # not a function of values

_OPERATIONS = {
    "add": _Blockwise.add,
    "neg": _Blockwise.negate,
    "mul": _Blockwise.multiply,
    "div": _Blockwise.divide,
    "transpose": _Blockwise.transpose,
    "trace": _Blockwise.trace,
    "det": _Blockwise.determinant,
    "inverse": _Blockwise.inverse,
    "inner": _Blockwise.inner,
}

_BLOCKS = (
    r"A \in \mathbb{R}^{p \times p}, invertible",
    r"B \in \mathbb{R}^{p \times q}",
    r"C \in \mathbb{R}^{q \times p}",
    r"D \in \mathbb{R}^{q \times q}",
)

PROCEDURE = Procedure(
    "block by block",
    frozenset(["eq"]),
    _decide,
    "equalities of matrices put together from blocks, with their products, determinants and inverses",
    proves=(
        Example(_BLOCKS, r"\det \begin{pmatrix} A & B \\ C & D \end{pmatrix} = \det(A) \det(D - C A^{-1} B)"),
        Example(
            _BLOCKS,
            r"\begin{pmatrix} A & 0 \\ C & I \end{pmatrix}^{-1} ="
            r" \begin{pmatrix} A^{-1} & 0 \\ -C A^{-1} & I \end{pmatrix}",
        ),
    ),
    declines=(Example(_BLOCKS, r"\det \begin{pmatrix} A & B \\ C & D \end{pmatrix} = \det(A) \det(D - C B)"),),
)
