"""The shape checker: does every part of a formula conform, and what sizes do its `I`, `1` and `0` have?

`elaborate` walks a term once with a rule per head, unifying symbolic sizes, and returns the same formula in which
every `identity`, `ones` and `zeros` knows its size, a product is a nest of binary products that conform, a literal 0
that stands for a tensor is a `zeros`, and a derivative names its layout. What does not conform comes back as a
`Problem` with both shapes. Nothing is simplified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from derive.language.affine import Affine, affine_of, variable
from derive.language.context import SCALAR, STATEMENT, Context, Domain, Found, Shape, Symbol, set_of
from derive.language.heads import ELEMENTWISE, HEADS
from derive.language.statement import Problem
from derive.language.term import Term, is_num, make, walk

Axis = tuple[Affine, ...]
Scope = Mapping[str, Symbol]

ONE: Axis = (Affine(1),)
_ZERO_LIKE = Shape(((variable("?any"),),))  # a literal 0, of whatever shape its neighbours have


@dataclass(frozen=True, slots=True)
class Checked:
    """A formula that conforms, elaborated, and its shape."""

    term: Term
    shape: Shape


class _Mismatch(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _fail(code: str, term: Term, **details: object) -> _Mismatch:
    return _Mismatch(Problem(code, term.span, tuple((k, str(v)) for k, v in details.items())))


def elaborate(term: Term, context: Context, scope: Scope | None = None, argument: bool = False) -> Checked | Problem:
    """Check that a formula conforms and fill in the sizes it leaves to its surroundings.

    `scope` holds symbols of variables bound further out; an `argument` of a function may be an element of a finite set.
    Names of unknown symbols give a `Problem` with near names.
    """
    checker = _Checker(context)
    try:
        read = checker.member if argument else checker.visit
        result, shape = read(term, dict(scope or {}))
        return Checked(checker.settle(result), checker.resolve(SCALAR if shape is _ZERO_LIKE else shape))
    except _Mismatch as mismatch:
        return replace(mismatch.problem, about=term)


def shape_of(term: Term, context: Context, scope: Scope | None = None) -> Shape | Problem:
    """The shape of a part of a formula; sizes that only its surroundings could tell stay unknown."""
    checker = _Checker(context)
    try:
        shape = checker.visit(term, dict(scope or {}))[1]
        return SCALAR if shape is _ZERO_LIKE else checker.resolve(shape)
    except _Mismatch as mismatch:
        return mismatch.problem


class _Checker:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.sizes: dict[str, Affine] = {}
        self.count = 0
        self.naming = False
        """Whether an element of a finite set may stand here, which is no number."""

    # sizes

    def unknown(self) -> Affine:
        self.count += 1
        return variable(f"?{self.count}")

    def resolve_size(self, size: Affine) -> Affine:
        while any(name in self.sizes for name in size.names):
            size = size.substitute(self.sizes)
        return size

    def resolve(self, shape: Shape) -> Shape:
        if not shape.axes:
            return shape
        return Shape(tuple(tuple(self.resolve_size(s) for s in axis) for axis in shape.axes), shape.statement)

    def unify_size(self, left: Affine, right: Affine) -> bool:
        left, right = self.resolve_size(left), self.resolve_size(right)
        if left == right:
            return True
        for one, other in ((left, right), (right, left)):
            if one.constant == 0 and len(one.parts) == 1 and one.parts[0][0].startswith("?") and one.parts[0][1] == 1:
                self.sizes[one.parts[0][0]] = other
                return True
        return self.solve_size(left - right) or self.solve_size(right - left)

    def solve_size(self, difference: Affine) -> bool:
        """Whether one unknown size makes a difference 0: the rest of a sum, if that is always a size."""
        unknown = [name for name, factor in difference.parts if name.startswith("?")]
        if len(unknown) != 1:
            return False
        rest = variable(unknown[0]) - difference
        least = rest.constant + sum(factor for _, factor in rest.parts)  # where every size is 1
        if unknown[0] in rest.names or least < 1 or any(factor < 0 for _, factor in rest.parts):
            return False
        self.sizes[unknown[0]] = rest
        return True

    def unify_axis(self, left: Axis, right: Axis) -> bool:
        return len(left) == len(right) and all(self.unify_size(a, b) for a, b in zip(left, right, strict=True))

    def unify(self, left: Shape, right: Shape) -> bool:
        if left.statement or right.statement:
            return left.statement == right.statement
        if len(left.axes) != len(right.axes):
            return False
        # one axis may tell a size that the other needs
        differ = [axes for axes in zip(left.axes, right.axes, strict=True) if not self.unify_axis(*axes)]
        return all(self.unify_axis(*axes) for axes in differ)

    def settle(self, term: Term) -> Term:
        """Write the sizes that were found into `identity`, `ones` and `zeros`."""
        args = tuple(self.settle(a) for a in term.args)
        value = term.value
        if term.head in ("identity", "ones") and isinstance(value, Affine):
            value = self.resolve_size(value)
            if any(n.startswith("?") for n in value.names):
                raise _fail("size-unknown", term, what=HEADS[term.head].latex)
        elif term.head == "zeros" and isinstance(value, Shape):
            value = self.resolve(value)
            if any(name.startswith("?") for axis in value.axes for size in axis for name in size.names):
                raise _fail("size-unknown", term, what="0")
        if args == term.args and value is term.value:
            return term
        return replace(term, args=args, value=value)

    # the walk

    def visit(self, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
        rule = _RULES.get(term.head)
        if rule is None:
            raise _fail("head-without-shape", term, head=term.head)
        return rule(self, term, scope)

    def scalar(self, term: Term, scope: dict[str, Symbol]) -> Term:
        result, shape = self.visit(term, scope)
        if shape is _ZERO_LIKE:
            return result
        if shape != SCALAR:
            raise _fail("scalar-expected", term, found=self.resolve(shape))
        return result

    def statement(self, term: Term, scope: dict[str, Symbol]) -> Term:
        result, shape = self.visit(term, scope)
        if not shape.statement:
            raise _fail("statement-expected", term, found=self.resolve(shape))
        return result

    def same(self, terms: list[tuple[Term, Shape]], whole: Term) -> tuple[list[Term], Shape]:
        """Terms of one shape; literal zeros take the shape of the others."""
        shape: Shape | None = None
        for term, found in terms:
            if found is _ZERO_LIKE:
                continue
            if found.statement:
                raise _fail("value-expected", term)
            if shape is None:
                shape = found
            elif not self.unify(shape, found):
                raise _fail("shapes-differ", whole, left=self.resolve(shape), right=self.resolve(found))
        if shape is None:
            return [t for t, _ in terms], _ZERO_LIKE
        settled = [
            make("zeros", value=shape, span=t.span) if found is _ZERO_LIKE and shape.axes else t for t, found in terms
        ]
        return settled, shape

    def index_symbol(self, term: Term, low: Term, high: Term) -> Symbol:
        domain = Domain("natural", low, high)
        return Symbol(term.name, role="index", domain=domain if set_of(domain) else Domain(), span=term.span)

    def element(self, term: Term, scope: dict[str, Symbol]) -> str:
        """The finite set of which a name is an element; "" for anything else."""
        base = term.args[0] if term.head == "entry" else term
        if base.head != "sym":
            return ""
        symbol = scope.get(base.name) or self.context.symbols.get(base.name)
        return set_of(symbol.domain) if symbol is not None and symbol.role in ("index", "variable") else ""

    def member(self, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
        """A value, or an element of a finite set."""
        before, self.naming = self.naming, bool(self.element(term, scope))
        try:
            return self.visit(term, scope)
        finally:
            self.naming = before

    def no_element(self, term: Term, scope: dict[str, Symbol]) -> None:
        """Elements of a finite set are no numbers."""
        found = self.element(term, scope)
        if found and not self.naming:
            base = term.args[0] if term.head == "entry" else term
            raise _fail("element-as-number", term, name=base.name, set=found)


def _leaf(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term, SCALAR


def _number(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term, _ZERO_LIKE if is_num(term, 0) else SCALAR


def _symbol(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    if term.name in scope:
        symbol = scope[term.name]
    else:
        found = checker.context.lookup(term.name)
        if not isinstance(found, Found):
            raise _fail("unknown-symbol", term, name=term.name, nearest=", ".join(found.nearest))
        symbol = found.symbol
    if symbol.role == "function":
        raise _fail("function-without-argument", term, name=term.name)
    if symbol.role == "set":
        raise _fail("value-expected", term)
    if symbol.role == "event":
        return term, STATEMENT
    checker.no_element(term, scope)
    shape = symbol.bare_shape
    if shape is None:
        raise _fail("family-without-index", term, name=term.name)
    return term, shape


def _identity(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    size = term.value if term.value is not None else checker.unknown()
    return replace(term, value=size), Shape(((size,), (size,)))


def _ones(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    size = term.value if term.value is not None else checker.unknown()
    return replace(term, value=size), Shape(((size,),))


def _zeros(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term, term.value


def _add(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    args, shape = checker.same([checker.visit(a, scope) for a in term.args], term)
    return term.with_args(tuple(args)), shape


def _negation(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape.statement:
        raise _fail("value-expected", term)
    return term.with_args((arg,)), shape


def _rows_columns(shape: Shape) -> tuple[Axis, Axis]:
    return (shape.axes[0], ONE) if shape.rank == 1 else (shape.axes[0], shape.axes[1])


def _product_shape(checker: _Checker, left: Shape, right: Shape) -> Shape | None:
    """The shape of a binary product, None where it does not conform."""
    if _ZERO_LIKE in (left, right):
        return _ZERO_LIKE if SCALAR in (left, right) or left is right else None
    if not left.axes:
        return right
    if not right.axes:
        return left
    rows, inner = _rows_columns(left)
    other, columns = _rows_columns(right)
    if not checker.unify_axis(inner, other):
        return None
    if columns == ONE:
        return SCALAR if rows == ONE else Shape((rows,))
    return Shape((rows, columns))


def _product(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    factors = [checker.visit(a, scope) for a in term.args]
    for factor, shape in factors:
        if shape.statement:
            raise _fail("value-expected", factor)
    if all(shape is _ZERO_LIKE or not shape.axes for _, shape in factors):
        return term.with_args(tuple(f for f, _ in factors)), SCALAR
    saved = dict(checker.sizes)
    result = _fold(checker, factors, term)
    if isinstance(result, Problem):
        # a scalar product in the middle, as in u bᵀ vᵀ a: associate from the right
        checker.sizes = saved
        again = _fold_right(checker, factors, term)
        if again is None:
            raise _Mismatch(result)
        return again
    return result


def _pair(left: Term, right: Term) -> Term:
    span = left.span.join(right.span) if left.span else right.span
    return make("mul", left, right, span=span)


def _fold(checker: _Checker, factors: list[tuple[Term, Shape]], whole: Term) -> tuple[Term, Shape] | Problem:
    term, shape = factors[0]
    for factor, other in factors[1:]:
        product = _product_shape(checker, shape, other)
        if product is None:
            details = (("left", str(checker.resolve(shape))), ("right", str(checker.resolve(other))))
            return Problem("product-does-not-conform", whole.span or factor.span, details)
        term, shape = _pair(term, factor), product
    return replace(term, span=whole.span), shape


def _fold_right(checker: _Checker, factors: list[tuple[Term, Shape]], whole: Term) -> tuple[Term, Shape] | None:
    term, shape = factors[-1]
    for factor, other in reversed(factors[:-1]):
        product = _product_shape(checker, other, shape)
        if product is None:
            return None
        term, shape = _pair(factor, term), product
    return replace(term, span=whole.span), shape


def _quotient(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    top, shape = checker.visit(term.args[0], scope)
    if shape.statement:
        raise _fail("value-expected", term.args[0])
    bottom, below = checker.visit(term.args[1], scope)
    if below is not _ZERO_LIKE and below != SCALAR:
        raise _fail("division-by-tensor", term.args[1], found=checker.resolve(below))
    return term.with_args((top, bottom)), shape


def _power(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    base, shape = checker.visit(term.args[0], scope)
    exponent = checker.scalar(term.args[1], scope)
    if shape is _ZERO_LIKE or shape == SCALAR:
        return term.with_args((base, exponent)), SCALAR
    if shape.statement or shape.rank != 2 or not checker.unify_axis(shape.axes[0], shape.axes[1]):
        raise _fail("power-of-tensor", term, found=checker.resolve(shape))
    if exponent.head != "num" or exponent.value.denominator != 1:
        raise _fail("matrix-power-not-integer", term.args[1])
    return term.with_args((base, exponent)), shape


def _entrywise(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape is _ZERO_LIKE:
        shape = SCALAR
    if shape.statement:
        raise _fail("value-expected", term.args[0])
    if shape.rank == 2 and term.head in ("exp", "log", "sqrt", "abs", "factorial"):
        raise _fail("entrywise-of-matrix", term, head=term.head, found=checker.resolve(shape))
    if shape.rank == 1 and term.head == "abs":
        raise _fail("bars-of-vector", term, found=checker.resolve(shape))
    return term.with_args((arg,)), shape


def _scalars(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term.with_args(tuple(checker.scalar(a, scope) for a in term.args)), SCALAR


def _elements(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term.with_args(
        tuple(a if checker.element(a, scope) else checker.scalar(a, scope) for a in term.args)
    ), SCALAR


def _call(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    found = checker.context.lookup(term.name)
    if not isinstance(found, Found):
        raise _fail("unknown-symbol", term, name=term.name, nearest=", ".join(found.nearest))
    symbol = found.symbol
    definition = checker.context.definitions.get(term.name)
    wanted = symbol.arguments or (SCALAR,) * len(definition.params if definition else term.args)
    if len(wanted) != len(term.args):
        raise _fail("argument-count", term, name=term.name, wanted=len(wanted), found=len(term.args))
    args: list[Term] = []
    mapped: Shape | None = None
    for position, (arg, want) in enumerate(zip(term.args, wanted, strict=True)):
        source = symbol.sources[position] if position < len(symbol.sources) else None
        if source is not None and checker.element(arg, scope) != set_of(source):
            _check_element(checker, arg, source, scope)
        result, shape = checker.member(arg, scope)
        if shape is _ZERO_LIKE:
            shape = want
            result = make("zeros", value=want, span=arg.span) if want.axes else result
        if not checker.unify(shape, want):
            entrywise = want == SCALAR and len(wanted) == 1 and symbol.shape == SCALAR and not shape.statement
            if not entrywise:
                raise _fail(
                    "argument-shape", arg, name=term.name, wanted=checker.resolve(want), found=checker.resolve(shape)
                )
            mapped = shape
        args.append(result)
    shape = mapped or symbol.shape
    if term.head == "dcall" and mapped is None and wanted[0].axes:
        if symbol.shape != SCALAR or sum(term.value[1]) != 1:
            raise _fail("derivative-out-of-reach", term, name=term.name)
        shape = wanted[next(i for i, order in enumerate(term.value[1]) if order)]
    return term.with_args(tuple(args)), shape


def _check_element(checker: _Checker, arg: Term, source: Domain, scope: dict[str, Symbol]) -> None:
    """A function on a finite set takes its elements, or a letter that may stand for one; others take no element."""
    found = checker.element(arg, scope)
    if found or (set_of(source) and arg.head not in ("sym", "entry")):
        raise _fail("element-of-another-set", arg, found=found or "number", wanted=set_of(source) or "number")


def _cases(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    if len(term.args) % 2:
        raise _fail("cases-uneven", term)
    values, shape = checker.same([checker.visit(a, scope) for a in term.args[::2] if a.head != "undefined"], term)
    rest = iter(values)
    args: list[Term] = []
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        args += [value if value.head == "undefined" else next(rest), checker.statement(condition, scope)]
    return term.with_args(tuple(args)), shape


def _indicator(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term.with_args((checker.statement(term.args[0], scope),)), SCALAR


def _order(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term.with_args((checker.scalar(term.args[0], scope),)), SCALAR


def _entry(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    base, *indices = term.args
    checker.no_element(term, scope)
    naming, checker.naming = checker.naming, False
    settled = [i if checker.element(i, scope) else checker.scalar(i, scope) for i in indices]
    checker.naming = naming
    for index in indices:
        affine = affine_of(index)
        if affine is None:
            raise _fail("index-not-affine", index)
        for name in affine.names:
            symbol = scope.get(name) or checker.context.symbols[name]
            if symbol.role not in ("index", "size") and symbol.domain.kind not in ("natural", "integer"):
                raise _fail("index-not-integer", index, name=name)
    family = 0
    bound = scope.get(base.name) if base.head == "sym" else None
    if bound is not None and bound.family:
        family, shape, result = len(bound.family), bound.shape, base
    elif base.head == "sym" and bound is None:
        found = checker.context.lookup(base.name)
        if not isinstance(found, Found):
            raise _fail("unknown-symbol", base, name=base.name, nearest=", ".join(found.nearest))
        if found.symbol.role == "function":
            raise _fail("function-without-argument", base, name=base.name)
        family, shape, result = len(found.symbol.family), found.symbol.shape, base
    else:
        result, shape = checker.visit(base, scope)
    if shape.statement:
        shape = SCALAR if not family else shape
    left = len(indices) - family
    if left < 0 or (left and left != shape.rank) or (not left and not family):
        raise _fail("index-count", term, wanted=family + shape.rank, found=len(indices), shape=checker.resolve(shape))
    return term.with_args((result, *settled)), SCALAR if left else shape


def _written(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    """A vector or a matrix written out: of scalars, or of blocks."""
    rows, columns = (len(term.args), 1) if term.head == "vector" else term.value
    entries = [checker.visit(a, scope) for a in term.args]
    if all(shape in (SCALAR, _ZERO_LIKE) for _, shape in entries):
        axes = ((Affine(rows),), (Affine(columns),))
        return term.with_args(tuple(e for e, _ in entries)), Shape(axes[:1] if term.head == "vector" else axes)
    heights: list[Axis] = [(checker.unknown(),) for _ in range(rows)]
    widths: list[Axis] = [(checker.unknown(),) for _ in range(columns)]
    for position, (entry, shape) in enumerate(entries):
        if shape.statement:
            raise _fail("value-expected", entry)
        if shape is _ZERO_LIKE:
            continue
        height, width = _rows_columns(shape) if shape.axes else (ONE, ONE)
        row, column = divmod(position, columns)
        if not (checker.unify_axis(heights[row], height) and checker.unify_axis(widths[column], width)):
            raise _fail("block-does-not-fit", entry, found=checker.resolve(shape), row=row + 1, column=column + 1)
    return _assembled(checker, term, entries, heights, widths)


def _assembled(
    checker: _Checker, term: Term, entries: list[tuple[Term, Shape]], heights: list[Axis], widths: list[Axis]
) -> tuple[Term, Shape]:
    """Blocks that fit; a literal 0 is a block of zeros."""
    (down, across) = ([checker.resolve_size(axis[0]) for axis in axes] for axes in (heights, widths))
    blocks = []
    for position, (entry, shape) in enumerate(entries):
        row, column = divmod(position, len(widths))
        size = ((down[row],), (across[column],))
        if shape is _ZERO_LIKE and size != (ONE, ONE):
            entry = make("zeros", value=Shape(size[:1] if size[1] == ONE else size), span=entry.span)
        blocks.append(entry)
    axes = tuple((sum(sizes, Affine(0)),) for sizes in (down, across))
    whole = make("blocks", *blocks, value=(len(heights), len(widths)), span=term.span)
    return whole, Shape(axes[:1] if axes[1] == ONE else axes)


def _transpose(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape.statement:
        raise _fail("value-expected", term.args[0])
    if shape is _ZERO_LIKE or not shape.axes:
        return term.with_args((arg,)), shape
    rows, columns = _rows_columns(shape)
    return term.with_args((arg,)), _flip(rows, columns)


def _flip(rows: Axis, columns: Axis) -> Shape:
    return Shape((columns,)) if rows == ONE else Shape((columns, rows))


def _square(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape is _ZERO_LIKE or shape == SCALAR:
        return term.with_args((arg,)), SCALAR
    if shape.statement or shape.rank != 2 or not checker.unify_axis(shape.axes[0], shape.axes[1]):
        raise _fail("square-matrix-expected", term, head=term.head, found=checker.resolve(shape))
    return term.with_args((arg,)), shape if term.head == "inverse" else SCALAR


def _diag(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape.statement or not shape.axes:
        raise _fail("tensor-expected", term, found=checker.resolve(shape))
    if shape.rank == 1:
        return term.with_args((arg,)), Shape((shape.axes[0], shape.axes[0]))
    if not checker.unify_axis(shape.axes[0], shape.axes[1]):
        raise _fail("square-matrix-expected", term, head="diag", found=checker.resolve(shape))
    return term.with_args((arg,)), Shape((shape.axes[0],))


def _vec(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape.statement or not shape.axes:
        raise _fail("tensor-expected", term, found=checker.resolve(shape))
    axes = shape.axes[0] if shape.rank == 1 else shape.axes[1] + shape.axes[0]
    return term.with_args((arg,)), Shape((axes,))


def _alike(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    args, shape = checker.same([_entry_by_entry(checker, a, scope) for a in term.args], term)
    return term.with_args(tuple(args)), shape


def _entry_by_entry(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    """An operand of an entry-wise product; in its sums, as in `1 − h ⊙ h`, a number stands in every entry."""
    if term.head != "add":
        return checker.visit(term, scope)
    parts = [checker.visit(a, scope) for a in term.args]
    shape = next((s for _, s in parts if s is not _ZERO_LIKE and s.axes and not s.statement), None)
    if shape is not None and all(len(axis) == 1 for axis in shape.axes):
        parts = [(_everywhere(t, shape), shape) if s == SCALAR and _is_number(t) else (t, s) for t, s in parts]
    args, shape = checker.same(parts, term)
    return term.with_args(tuple(args)), shape


def _is_number(term: Term) -> bool:
    return term.head == "num" or (term.head == "neg" and term.args[0].head == "num")


def _everywhere(number: Term, shape: Shape) -> Term:
    """A vector or matrix with the number in every entry."""
    rows, *columns = [make("ones", value=axis[0], span=number.span) for axis in shape.axes]
    ones = make("mul", rows, make("transpose", columns[0])) if columns else rows
    return ones if is_num(number, 1) else make("mul", number, ones)


def _kron(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    args: list[Term] = []
    rows: Axis = ()
    columns: Axis = ()
    for a in term.args:
        arg, shape = checker.visit(a, scope)
        if shape.statement or not shape.axes:
            raise _fail("tensor-expected", a, found=checker.resolve(shape))
        r, c = _rows_columns(shape)
        rows, columns = rows + r, columns + c
        args.append(arg)
    flat = Shape((rows,)) if all(s == Affine(1) for s in columns) else Shape((rows, columns))
    return term.with_args(tuple(args)), flat


def _inner(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    args, _ = checker.same([checker.visit(a, scope) for a in term.args], term)
    return term.with_args(tuple(args)), SCALAR


def _norm(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape.statement or (term.value in ("2", "1", "inf") and shape.rank == 2):
        raise _fail("norm-of-matrix", term, found=checker.resolve(shape))
    return term.with_args((arg,)), SCALAR


def _softmax(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arg, shape = checker.visit(term.args[0], scope)
    if shape.rank != 1 or shape is _ZERO_LIKE:
        raise _fail("vector-expected", term, found=checker.resolve(shape))
    return term.with_args((arg,)), shape


def _indexed(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    variable_term, low, high, body, *condition = term.args
    ends = [e if e.head in ("infinity", "neg") else checker.scalar(e, scope) for e in (low, high)]
    inner = {**scope, variable_term.name: checker.index_symbol(variable_term, low, high)}
    result, shape = checker.visit(body, inner)
    if shape.statement:
        raise _fail("value-expected", body)
    if shape is _ZERO_LIKE:
        shape = SCALAR
    if term.head != "sum" and shape != SCALAR:
        raise _fail("scalar-expected", body, found=checker.resolve(shape))
    conditions = [checker.statement(c, inner) for c in condition]
    if term.head == "tabulate":
        first, last = affine_of(low), affine_of(high)
        if first is None or last is None:
            raise _fail("index-not-affine", term)
        shape = Shape(((last - first + 1,),))
    return term.with_args((variable_term, *ends, result, *conditions)), shape


def _derivative(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    body, shape = checker.visit(term.args[0], scope)
    var, by = checker.visit(term.args[1], scope)
    if shape is _ZERO_LIKE:
        shape = SCALAR
    if shape.statement or by.statement or by is _ZERO_LIKE:
        raise _fail("value-expected", term)
    if term.head == "hessian":
        if shape != SCALAR or by.rank > 1:
            raise _fail("derivative-shapes", term, left=checker.resolve(shape), right=checker.resolve(by))
        return term.with_args((body, var)), Shape((by.axes[0], by.axes[0])) if by.axes else SCALAR
    layout = term.value or checker.context.layout
    if not by.axes:
        result = shape
    elif not shape.axes:
        result = by
    elif shape.rank == 1 and by.rank == 1:
        axes = (shape.axes[0], by.axes[0])
        result = Shape(axes if layout == "numerator" else axes[::-1])
    else:
        raise _fail("derivative-shapes", term, left=checker.resolve(shape), right=checker.resolve(by))
    return replace(term, args=(body, var), value=layout), result


def _at(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    var, value, body = term.args
    point, shape = checker.visit(value, scope)
    if shape is _ZERO_LIKE:
        known = checker.context.symbols.get(var.name)
        shape = (known.bare_shape or SCALAR) if known else SCALAR
        point = make("zeros", value=shape, span=value.span) if shape.axes else point
    inner = {**scope, var.name: Symbol(var.name, shape, span=var.span)}
    result, found = checker.visit(body, inner)
    return term.with_args((var, point, result)), found


def _scoped_variable(checker: _Checker, var: Term, scope: dict[str, Symbol]) -> Symbol:
    if var.name in scope:
        return replace(scope[var.name], role="variable")
    found = checker.context.lookup(var.name)
    return found.symbol if isinstance(found, Found) else Symbol(var.name, span=var.span)


def _integral(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    var, low, high, body = term.args
    ends = [checker.scalar(e, scope) for e in (low, high)]
    result = checker.scalar(body, {**scope, var.name: Symbol(var.name, span=var.span)})
    return term.with_args((var, *ends, result)), SCALAR


def _limit(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    var, point, body = term.args
    target = checker.scalar(point, scope)
    symbol = _scoped_variable(checker, var, scope)
    result = checker.scalar(body, {**scope, var.name: symbol})
    return term.with_args((var, target, result)), SCALAR


def _moment(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    arity = 2 if term.head == "covariance" else 1
    parts = [checker.visit(a, scope) for a in term.args[:arity]]
    given = [checker.visit(a, scope)[0] for a in term.args[arity:]]
    shapes = [SCALAR if s is _ZERO_LIKE else s for _, s in parts]
    if any(s.statement for s in shapes):
        raise _fail("value-expected", term)
    result = term.with_args((*(t for t, _ in parts), *given))
    if term.head == "expect":
        return result, shapes[0]
    if any(s.rank > 1 for s in shapes):
        raise _fail("moment-of-matrix", term, found=checker.resolve(shapes[0]))
    if all(s == SCALAR for s in shapes):
        return result, SCALAR
    axes = tuple(s.axes[0] for s in (shapes if arity == 2 else shapes * 2) if s.axes)
    return result, Shape(axes)


def _probability(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term.with_args(tuple(checker.visit(a, scope)[0] for a in term.args)), SCALAR


def _optimiser(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    var, body, *constraint = term.args
    symbol = _scoped_variable(checker, var, scope)
    inner = {**scope, var.name: symbol}
    result = checker.scalar(body, inner)
    return term.with_args(
        (var, result, *(checker.statement(c, inner) for c in constraint))
    ), symbol.bare_shape or SCALAR


def _optimum(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return _optimiser(checker, term, scope)[0], SCALAR


def _relation(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    if term.head != "approx" and any(node.head == "order" for node in walk(term)):
        raise _fail("order-of-magnitude", term)
    reads = checker.member if term.head in ("eq", "ne") else checker.visit
    args, shape = checker.same([reads(a, scope) for a in term.args], term)
    if term.head in ("lt", "le", "gt", "ge") and shape.axes and shape is not _ZERO_LIKE:
        raise _fail("order-of-tensors", term, found=checker.resolve(shape))
    return term.with_args(tuple(args)), STATEMENT


def _connective(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term.with_args(tuple(checker.statement(a, scope) for a in term.args)), STATEMENT


def _forall(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    var, low, high, body = term.args
    ends = [checker.scalar(e, scope) for e in (low, high)]
    result = checker.statement(body, {**scope, var.name: checker.index_symbol(var, low, high)})
    return term.with_args((var, *ends, result)), STATEMENT


def _about(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    """A statement about names as wholes (families and functions included)."""

    def part(arg: Term) -> Term:
        if arg.head == "sym" and arg.name not in scope:
            found = checker.context.lookup(arg.name)
            if isinstance(found, Found):
                return arg
        return arg if arg.head == "infinity" else checker.visit(arg, scope)[0]

    return term.with_args(tuple(part(a) for a in term.args)), STATEMENT


def _law(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    """A distribution; the mean 0 of a normal vector, and an identity in its covariance, have the vector's size."""
    subject, *parameters = term.args
    base, written = (subject.args[0], subject.args[1:]) if subject.head == "entry" else (subject, ())
    symbol = checker.context.symbols.get(base.name) if base.head == "sym" else None
    if term.value != "normal" or len(parameters) != 2 or symbol is None or symbol.shape.rank != 1:
        return _about(checker, term, scope)
    if len(written) not in (0, len(symbol.family)):
        return _about(checker, term, scope)
    (size,) = symbol.shape.axes
    spread, found = checker.visit(parameters[1], scope)
    checker.unify(Shape((size, size)), found)
    mean = make("zeros", value=Shape((size,)), span=parameters[0].span) if is_num(parameters[0], 0) else parameters[0]
    rest, shape = _about(checker, term.with_args((subject, mean)), scope)
    return rest.with_args((*rest.args, spread)), shape


def _true(checker: _Checker, term: Term, scope: dict[str, Symbol]) -> tuple[Term, Shape]:
    return term, STATEMENT


Rule = Callable[[_Checker, Term, dict[str, Symbol]], tuple[Term, Shape]]

_RULES: dict[str, Rule] = {
    "num": _number,
    "sym": _symbol,
    "pi": _leaf,
    "infinity": _leaf,
    "undefined": _leaf,
    "identity": _identity,
    "ones": _ones,
    "zeros": _zeros,
    "add": _add,
    "neg": _negation,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "binomial": _scalars,
    "max": _scalars,
    "min": _scalars,
    "delta": _elements,
    "call": _call,
    "dcall": _call,
    "cases": _cases,
    "indicator": _indicator,
    "order": _order,
    "entry": _entry,
    "vector": _written,
    "matrix": _written,
    "blocks": _written,
    "transpose": _transpose,
    "inverse": _square,
    "trace": _square,
    "det": _square,
    "diag": _diag,
    "vec": _vec,
    "hadamard": _alike,
    "entrydiv": _alike,
    "kron": _kron,
    "inner": _inner,
    "norm": _norm,
    "softmax": _softmax,
    "sum": _indexed,
    "prod": _indexed,
    "maxover": _indexed,
    "minover": _indexed,
    "tabulate": _indexed,
    "deriv": _derivative,
    "hessian": _derivative,
    "at": _at,
    "integral": _integral,
    "limit": _limit,
    "expect": _moment,
    "variance": _moment,
    "covariance": _moment,
    "prob": _probability,
    "argmax": _optimiser,
    "argmin": _optimiser,
    "maxvalue": _optimum,
    "minvalue": _optimum,
    "true": _true,
    "interchange": _true,
    "forall": _forall,
    "has": _about,
    "tends": _about,
    "distributed": _law,
    "independent": _about,
    **dict.fromkeys(ELEMENTWISE, _entrywise),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "approx", "propto"), _relation),
    **dict.fromkeys(("and", "or", "not", "implies", "iff"), _connective),
}
