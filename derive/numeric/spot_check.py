"""Float checks of a proof script's own SymPy expressions: a spot check that can veto a proof, never a verdict.

Sizes are replaced by small integers and the expressions expanded to explicit matrices and sums first, since SymPy's
`lambdify` prints sums, indexed symbols and matrix expressions as they stand wrongly or not at all; then both sides are
lambdified with NumPy and compared at random points of the declared domains. What SymPy cannot expand is not checked.
"""

from __future__ import annotations

import random
from typing import Any

from derive.language.context import Context, Symbol
from derive.language.statement import Step

_SIZES = ((2, 3, 4), (3, 2, 2))
_POINTS = 2
_MOST_TERMS = 400
_GENERIC = frozenset(
    ["differentiable", "constant", "fixed", "nonzero", "invertible", "full column rank", "full row rank"]
)
"""Properties that random data have."""


def spot_check_step(step: Step, seed: int) -> int | None:
    """The number of points at which the two sides that a step carries agree; None where they do not."""
    if step.spot is None:
        return 0
    left, right = step.spot
    return spot_check(left, right, step.context, seed)


def spot_check(left: Any, right: Any, context: Context, seed: int) -> int | None:
    """Compare two SymPy expressions; `context` gives sizes and domains of the symbols by name."""
    count = 0
    for number, sizes in enumerate(_SIZES):
        try:
            found = _compare(left, right, context, sizes, random.Random(seed * 31 + number))
        except Exception:  # SymPy raises many kinds of errors; a check that cannot be made checks nothing
            continue
        if found is None:
            return None
        count += found
    return count


def _compare(left: Any, right: Any, context: Context, sizes: tuple[int, ...], rng: random.Random) -> int | None:
    import numpy
    import sympy

    explicit = _explicit([left, right], context, sizes, rng)
    if explicit is None:
        return 0
    arguments = sorted({s for side in explicit for s in side.free_symbols}, key=str)
    both = sympy.lambdify(arguments, explicit, "numpy", cse=True)
    agreed = 0
    for _ in range(_POINTS):
        values = [_draw(str(a), context, rng) for a in arguments]
        if any(v is None for v in values):
            return 0
        with numpy.errstate(all="ignore"):
            a, b = (numpy.asarray(value, dtype=complex) for value in both(*values))
        if not (numpy.isfinite(a).all() and numpy.isfinite(b).all()) or _not_real(a) or _not_real(b):
            continue
        if a.shape != b.shape and a.size == b.size == 1:
            a, b = a.reshape(()), b.reshape(())
        if a.shape != b.shape:
            return 0
        if not numpy.allclose(a, b, rtol=1e-6, atol=1e-8):
            return None
        agreed += 1
    return agreed


def _not_real(values: Any) -> bool:
    import numpy

    return bool((numpy.abs(values.imag) > 1e-9 * (1 + numpy.abs(values.real))).any())


def _explicit(sides: list[Any], context: Context, sizes: tuple[int, ...], rng: random.Random) -> list[Any] | None:
    """Both sides with concrete sizes, sums written out, and one plain symbol for every entry."""
    import sympy

    names = {s for side in sides for s in side.free_symbols}
    matrices = {m for side in sides for m in side.atoms(sympy.MatrixSymbol)}
    names |= {s for m in matrices for size in m.shape for s in getattr(size, "free_symbols", ())}
    free = sorted(names, key=str)
    concrete: dict[Any, Any] = {}
    number = 0
    for s in free:
        symbol = context.symbols.get(str(s))
        if symbol is not None and symbol.role == "size":
            concrete[s] = sympy.Integer(max(sizes[number % len(sizes)], symbol.minimum))
            number += 1
    for s in free:
        symbol = context.symbols.get(str(s))
        if symbol is not None and symbol.role == "index":
            low, high = symbol.domain.low, symbol.domain.high
            ends = [_end(e, {str(k): int(v) for k, v in concrete.items()}) for e in (low, high)]
            if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
                return None
            concrete[s] = sympy.Integer(rng.randint(ends[0], ends[1]))
    return [_written_out(side, concrete) for side in sides]


class _NotExplicit(Exception):
    """Something that is not written out here."""


def _written_out(node: Any, values: dict[Any, Any]) -> Any:
    """An expression with numbers for sizes and indices, explicit matrices, and sums and products as such."""
    import sympy
    from sympy.core.function import AppliedUndef
    from sympy.matrices.expressions import applyfunc
    from sympy.matrices.expressions.matexpr import MatrixElement

    if isinstance(node, sympy.Symbol):
        return values.get(node, node)
    if isinstance(node, sympy.Indexed):
        return sympy.Symbol(_name(node.base, [_written_out(i, values) for i in node.indices]))
    if isinstance(node, MatrixElement):
        i, j = (_written_out(k, values) for k in node.args[1:])
        if isinstance(node.args[0], sympy.MatrixSymbol):
            return sympy.Symbol(_name(node.args[0].name, [i, j]))
        return _written_out(node.args[0], values)[int(i), int(j)]
    if isinstance(node, sympy.MatrixSymbol):
        rows, columns = (int(_written_out(size, values)) for size in node.shape)
        return sympy.ImmutableMatrix(rows, columns, lambda i, j: sympy.Symbol(_name(node.name, [i, j])))
    if isinstance(node, sympy.Sum | sympy.Product):
        return _terms(node, values)
    if isinstance(node, sympy.Integral | sympy.Derivative | sympy.Subs | AppliedUndef):
        raise _NotExplicit
    if not node.args:
        return node
    if isinstance(node, sympy.MatMul | sympy.MatAdd | sympy.HadamardProduct):
        parts = [_written_out(a, values) for a in node.args]
        total = parts[0]
        for part in parts[1:]:
            if isinstance(node, sympy.MatAdd):
                total = total + part
            else:
                total = total * part if isinstance(node, sympy.MatMul) else total.multiply_elementwise(part)
        return total
    if isinstance(node, applyfunc.ElementwiseApplyFunction):
        return _written_out(node.expr, values).applyfunc(node.function)
    result = node.func(*(_written_out(a, values) for a in node.args))
    if isinstance(result, sympy.MatrixExpr):
        result = result.doit().as_explicit()
    return result


def _name(base: Any, indices: list[Any]) -> str:
    return f"{base}|{','.join(map(str, indices))}"


def _terms(node: Any, values: dict[Any, Any]) -> Any:
    import sympy

    body, *limits = node.args
    scopes = [dict(values)]
    for variable, low, high in reversed(limits):
        scopes = [
            {**scope, variable: sympy.Integer(k)}
            for scope in scopes
            for k in range(int(_written_out(low, scope)), int(_written_out(high, scope)) + 1)
        ]
    if len(scopes) > _MOST_TERMS:
        raise _NotExplicit
    parts = [_written_out(body, scope) for scope in scopes]
    if isinstance(node, sympy.Product):
        return sympy.prod(parts)
    return sum(parts[1:], parts[0]) if parts else sympy.Integer(0)


def _end(term: Any, sizes: dict[str, int]) -> int | None:
    from derive.language.affine import affine_of

    affine = None if term is None else affine_of(term)
    try:
        return None if affine is None else affine.value(sizes)
    except KeyError:
        return None


def _draw(name: str, context: Context, rng: random.Random) -> float | None:
    """A random value of a symbol's domain; None where the domain is not a plain interval."""
    symbol = context.symbols.get(name.split("|")[0])
    if symbol is None:
        return rng.uniform(-2, 2)
    if symbol.properties - _GENERIC or symbol.domain.values:
        return None
    if symbol.domain.kind in ("integer", "natural"):
        return float(rng.randint(1, 5))
    return _within(symbol, rng)


def _within(symbol: Symbol, rng: random.Random) -> float | None:
    low, high = symbol.domain.low, symbol.domain.high
    for end in (low, high):
        if end is not None and end.head != "num":
            return None
    least = -2.0 if low is None else float(low.value)
    most = least + 4.0 if high is None else float(high.value)
    if low is None and high is not None:
        least = most - 4.0
    return rng.uniform(least + 1e-3, most - 1e-3)
