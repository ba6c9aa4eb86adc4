"""A translated term has the value that SymPy's expression has: random expressions, evaluated on both sides exactly."""

from __future__ import annotations

from fractions import Fraction

import sympy
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from derive.language.context import Context, Symbol
from derive.language.shape import Checked, elaborate
from derive.numeric.evaluate import Undefined, evaluate
from derive.numeric.point import Point
from derive.reader.script.sympy_terms import translate

x, y = sympy.symbols("x y", real=True)
i, j = sympy.symbols("i j", integer=True)
CONTEXT = Context().declare(Symbol("x"), Symbol("y"))

rationals = st.fractions(min_value=-3, max_value=3, max_denominator=4)
leaves = st.one_of(st.sampled_from([x, y, i, j]), rationals.map(lambda q: sympy.Rational(q.numerator, q.denominator)))


def grown(inner: st.SearchStrategy[sympy.Expr]) -> st.SearchStrategy[sympy.Expr]:
    ends = st.tuples(st.integers(0, 2), st.integers(2, 4))
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] - p[1] / 3),
        st.tuples(inner, st.integers(-2, 3)).map(lambda p: (p[0] ** 2 + 1) ** p[1]),
        inner.map(abs),
        st.tuples(inner, inner).map(lambda p: sympy.Max(*p)),
        st.tuples(inner, st.sampled_from([i, j]), ends).map(lambda p: sympy.Sum(p[0], (p[1], *p[2]))),
        st.tuples(inner, inner).map(lambda p: sympy.Piecewise((p[0], x < y), (p[1], True))),
        st.just(sympy.KroneckerDelta(i, j)),
    )


expressions = st.recursive(leaves, grown, max_leaves=8)


@given(expressions, rationals, rationals)
def test_the_term_has_the_expressions_value(expression: sympy.Expr, a: Fraction, b: Fraction) -> None:
    closed = sympy.Sum(expression, (i, 1, 2), (j, 1, 3))
    term = elaborate(translate(closed), CONTEXT)
    assert isinstance(term, Checked)
    point = Point(values={"x": fmpq(a.numerator, a.denominator), "y": fmpq(b.numerator, b.denominator)})
    found = evaluate(term.term, CONTEXT, point)
    wanted = sympy.nsimplify(
        closed.subs(
            {x: sympy.Rational(a.numerator, a.denominator), y: sympy.Rational(b.numerator, b.denominator)}
        ).doit()
    )
    if isinstance(found, Undefined):
        assert not wanted.is_finite
    else:
        assert isinstance(found, fmpq) and Fraction(int(found.p), int(found.q)) == Fraction(wanted.p, wanted.q)
