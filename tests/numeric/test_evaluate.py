"""Every head is evaluated: small cases against numbers found by other means."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import arb, fmpq
from spelling import (
    IDENTITY,
    ONES,
    PI,
    call,
    every,
    family,
    functions,
    h,
    index,
    matrices,
    s,
    scalars,
    sizes,
    total,
    up_to,
    vectors,
    world,
)

from derive.language.affine import Affine
from derive.language.context import matrix_shape
from derive.language.heads import HEADS
from derive.language.shape import Checked, elaborate
from derive.language.term import make, walk
from derive.numeric.evaluate import ROWS, Undecidable, Undefined, Unsupported, evaluate
from derive.numeric.number import ONE
from derive.numeric.point import FunctionValue, Group, Point
from derive.numeric.tensor import Tensor

A, B, u, v, a, b, c, f, k, n, t, x, y, z = s("A B u v a b c f k n t x y z")
X, Y, E = s("X Y E")
i, j = s("i j")

CONTEXT = world(
    sizes("n d"),
    matrices("A B", "n", "n"),
    matrices("M", "n", "d"),
    vectors("u v", "n"),
    scalars("a b c t"),
    family("x", "n"),
    family("q", "n", low=0),
    index("k", 1, "n"),
    functions("f"),
    scalars("X Y", random=True),
    scalars("E", role="event"),
    facts=[every(i, 1, "n", s("q")[i].eq(s("q")[i - 1] * 2 + 1)), s("q")[0].eq(1)],
    defines=[
        ("σ", ("t",), 1 / (1 + h("exp", -t))),
        ("z", (), a * b + 1),
        ("L", (), z**2),
        ("p", ("i",), h("exp", x[i]) / total(j, 1, "n", h("exp", x[j])), (up_to("n"),)),
    ],
)
POINT = Point(
    sizes={"n": 2, "d": 3},
    values={
        "A": Tensor([[fmpq(1), fmpq(2)], [fmpq(3), fmpq(5)]], (False, False)),
        "B": Tensor([[fmpq(0), fmpq(1)], [fmpq(2), fmpq(-1)]], (False, False)),
        "M": Tensor([[fmpq(1), fmpq(2), fmpq(3)], [fmpq(4), fmpq(5), fmpq(6)]], (False, False)),
        "u": Tensor([fmpq(3), fmpq(-4)], (False,)),
        "v": Tensor([fmpq(1, 2), fmpq(2)], (False,)),
        "x": Tensor([fmpq(1), fmpq(2)], (False,)),
        "a": fmpq(2),
        "b": fmpq(-3),
        "c": fmpq(0),
        "t": fmpq(1, 2),
        "k": fmpq(2),
        "X": fmpq(1),
        "Y": fmpq(5),
        "E": True,
    },
    functions={"f": FunctionValue("f", ((((0,), fmpq(1)), ((3,), fmpq(2))),))},
)
POINT.arrange(
    (
        Group(
            (("X", None), ("Y", None)),
            ((fmpq(1, 2), (fmpq(1), fmpq(5))), (fmpq(1, 4), (fmpq(3), fmpq(5))), (fmpq(1, 4), (fmpq(3), fmpq(1)))),
        ),
        Group((("E", None),), ((fmpq(1, 3), (True,)), (fmpq(2, 3), (False,)))),
    ),
    frozenset(),
    {},
)


def value(term):
    checked = elaborate(term.t, CONTEXT)
    assert isinstance(checked, Checked), checked
    return evaluate(checked.term, CONTEXT, POINT), checked.term


def F(p, q=1):
    return Fraction(p, q)


SOFT = [math.exp(1) / (math.exp(1) + math.exp(2)), math.exp(2) / (math.exp(1) + math.exp(2))]

VALUES = [
    (a + b, F(-1)),
    (-a, F(-2)),
    (a * b, F(-6)),
    (a / b, F(-2, 3)),
    (b**2, F(9)),
    (a ** (-2), F(1, 4)),
    (A**2, [[7, 12], [18, 31]]),
    (h("sqrt", a + 2), F(2)),
    (PI, math.pi),
    *[(h(name, t), getattr(math, name)(0.5)) for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")],
    (h("sqrt", t), math.sqrt(0.5)),
    (h("arctan", t), math.atan(0.5)),
    (h("abs", b), F(3)),
    (h("sign", b), F(-1)),
    (h("sign", c), F(0)),
    (h("factorial", a + 2), F(24)),
    (h("binomial", 5, a), F(10)),
    (h("max", a, b, c), F(2)),
    (h("min", a, b, c), F(-3)),
    (call("f", a), F(17)),
    (call("σ", u), [1 / (1 + math.exp(-3)), 1 / (1 + math.exp(4))]),
    (h("dcall", a, value=("f", (1,))), F(24)),
    (h("dcall", a, value=("f", (2,))), F(24)),
    (h("dcall", c, value=("σ", (1,))), F(1, 4)),
    (h("cases", a, b.gt(0), b, h("true")), F(-3)),
    (h("indicator", a.gt(b)), F(1)),
    (h("delta", k, 2), F(1)),
    (x[k], F(2)),
    (A[1, 2], F(2)),
    (s("q")[2], F(7)),
    (h("vector", a, b), [2, -3]),
    (h("matrix", 1, 2, 3, a, value=(2, 2)), [[1, 2], [3, 2]]),
    (h("blocks", A, v, ~u, 5, value=(2, 2)), [[1, 2, F(1, 2)], [3, 5, 2], [3, -4, 5]]),
    (~u, [[3, -4]]),
    (~u @ v, F(-13, 2)),
    (u @ ~v, [[F(3, 2), 6], [-2, -8]]),
    (A @ u, [-5, -11]),
    (h("inverse", A), [[-5, 2], [3, -1]]),
    (h("trace", A), F(6)),
    (h("det", A), F(-1)),
    (h("diag", u), [[3, 0], [0, -4]]),
    (h("diag", A), [1, 5]),
    (h("vec", s("M")), [1, 4, 2, 5, 3, 6]),
    (h("hadamard", u, v), [F(3, 2), -8]),
    (h("entrydiv", u, v), [6, -2]),
    (h("kron", u, v), [F(3, 2), 6, -2, -8]),
    (h("inner", A, B), F(2 + 6 - 5)),
    (h("norm", u, value="2"), F(5)),
    (h("norm", u, value="1"), F(7)),
    (h("norm", u, value="inf"), F(4)),
    (h("norm", A, value="F"), math.sqrt(39)),
    (h("softmax", x), SOFT),
    (s("p")[2], SOFT[1]),
    (total(i, 1, "n", x[i] * i), F(5)),
    (total(i, 1, "n", i, i.ne(k)), F(1)),
    (total(i, 3, 2, i), F(0)),
    (total(i, 1, make("infinity"), t**i), 1.0),
    (total(i, 2, make("infinity"), (i**2 - 1) * (-t) ** (i + 1)), -7 / 54),
    (total(i, 0, make("infinity"), (i + 1) / h("factorial", i + 2) * a**i), (math.exp(2) + 1) / 4),
    (total(i, 0, make("infinity"), h("exp", -2 * i) * a), 2 / (1 - math.exp(-2))),
    (h("prod", i, 1, 4, i), F(24)),
    (h("prod", i, 3, 2, i), F(1)),
    (h("maxover", i, 1, "n", x[i]), F(2)),
    (h("minover", i, 1, "n", x[i]), F(1)),
    (h("tabulate", i, 1, "n", x[i] ** 2), [1, 4]),
    (h("deriv", a**3 * b, a), F(-36)),
    (h("deriv", s("L"), z), F(-10)),
    (h("deriv", s("L"), a), F(30)),
    (h("deriv", ~u @ A @ u, u), [-14, -25]),
    (h("deriv", A @ u, u), [[1, 2], [3, 5]]),
    (h("deriv", h("det", A), A), [[5, -3], [-2, 1]]),
    (h("deriv", h("deriv", a**3, a), a), F(12)),
    (h("deriv", s("q")[2], s("q")[0]), F(4)),
    (h("hessian", ~u @ A @ u, u), [[2, 5], [5, 10]]),
    (h("at", a, 5, a**2 + b), F(22)),
    (h("at", a, 5, h("deriv", s("L"), a)), F(2 * (-14) * -3)),
    (h("integral", t, 0, 3, t**2), F(9)),
    (h("integral", t, 0, 1, h("exp", t)), math.e - 1),
    (h("expect", X), F(2)),
    (h("expect", X, Y.eq(5)), F(5, 3)),
    (h("expect", X, Y), F(5, 3)),
    (h("variance", X), F(1)),
    (h("covariance", X, Y), F(7) - F(2) * F(4)),
    (h("prob", X.gt(2)), F(1, 2)),
    (h("prob", E), F(1, 3)),
    (h("prob", h("or", E, X.eq(1)), Y.eq(5)), F(7, 9)),
    (h("softmax", h("zeros", value=CONTEXT.symbols["u"].shape)), [F(1, 2), F(1, 2)]),
    (ONES + u, [4, -3]),
    (IDENTITY + A, [[2, 2], [3, 6]]),
]

TRUTHS = [
    (a.eq(2), True),
    (a.ne(2), False),
    (a.lt(b), False),
    (a.le(2), True),
    (a.gt(b), True),
    (a.ge(3), False),
    (h("and", a.eq(2), b.eq(0)), False),
    (h("or", a.eq(3), b.eq(-3)), True),
    (h("not", a.eq(3)), True),
    (a.eq(3).implies(b.eq(7)), True),
    (a.eq(3).iff(b.eq(7)), True),
    (every(i, 1, "n", x[i].gt(0)), True),
    (h("has", A, value="symmetric"), False),
    (h("has", A, value="invertible"), True),
    (h("true"), True),
    (h("interchange"), True),
    (h("exp", a).gt(7), True),
    (h("exp", a).gt(8), False),
]

WITHOUT = [
    (1 / c, Undefined),
    (h("log", c), Undefined),
    (h("log", b), Undefined),
    (h("sqrt", b), Undefined),
    (h("cases", a, a.gt(2), h("undefined"), h("true")), Undefined),
    (h("deriv", h("abs", c), c), Undefined),
    (h("deriv", h("max", c, 0), c), Undefined),
    (x[5], Undefined),
    (h("inverse", A - A), Undefined),
    (c**c, Undefined),
    (h("expect", X, X.eq(9)), Undefined),
    (h("log", h("exp", a) - h("exp", a)), Undecidable),
    (h("limit", a, 0, a, value=""), Unsupported),
    (h("argmax", a, -(a**2)), Unsupported),
    (h("argmin", a, a**2), Unsupported),
    (h("maxvalue", a, -(a**2), value="max"), Unsupported),
    (h("minvalue", a, a**2, value="min"), Unsupported),
    (h("order", a), Unsupported),
    (total(i, 1, make("infinity"), 1 / i), Unsupported),
    (total(i, 1, make("infinity"), (2 * t) ** i), Undefined),
    (total(i, 1, make("infinity"), i * (b + 2) ** i), Undefined),
    (h("tends", a, 0, value=""), Unsupported),
    (h("distributed", X, 0, 1, value="normal"), Unsupported),
    (h("independent", X, Y, value="independent"), Unsupported),
    (h("approx", a, b), Unsupported),
    (h("propto", a, b), Unsupported),
]


def close(found, wanted):
    if isinstance(wanted, list):
        data = found.data if isinstance(found, Tensor) else found
        return len(data) == len(wanted) and all(close(p, q) for p, q in zip(data, wanted, strict=True))
    if isinstance(wanted, float):
        return (
            isinstance(found, arb) and found.overlaps(arb(wanted, abs(wanted) * 1e-14)) and float(found.rad()) < 1e-25
        )
    return isinstance(found, fmpq) and found == fmpq(Fraction(wanted).numerator, Fraction(wanted).denominator)


@pytest.mark.parametrize("number", range(len(VALUES)))
def test_values(number):
    term, wanted = VALUES[number]
    found, _ = value(term)
    assert close(found, wanted), (found, wanted)


@pytest.mark.parametrize("number", range(len(TRUTHS)))
def test_statements(number):
    term, wanted = TRUTHS[number]
    assert value(term)[0] is wanted


@pytest.mark.parametrize("number", range(len(WITHOUT)))
def test_what_has_no_value_says_why(number):
    term, kind = WITHOUT[number]
    found, _ = value(term)
    assert isinstance(found, kind), found
    assert found.reason


def test_every_head_has_a_row_and_a_case_here():
    assert set(ROWS) == set(HEADS)
    seen = {node.head for term, _ in [*VALUES, *TRUTHS, *WITHOUT] for node in walk(value(term)[1])}
    assert set(HEADS) - seen == set()


def test_an_axis_of_symbolic_size_one_stays_an_axis():
    point = Point(sizes={"n": 1, "d": 1}, values={"u": Tensor([fmpq(3)], (False,))})
    checked = elaborate((u @ ~u).t, CONTEXT)
    assert isinstance(checked, Checked)
    found = evaluate(checked.term, CONTEXT, point)
    assert isinstance(found, Tensor) and found.sizes == (1, 1)
    inner = elaborate((~u @ u).t, CONTEXT)
    assert isinstance(inner, Checked)
    assert evaluate(inner.term, CONTEXT, point) == fmpq(9)


def test_a_declared_row_times_a_vector_is_a_scalar():
    context = CONTEXT.declare(*matrices("R", Affine(1), "n"))
    assert context.symbols["R"].shape == matrix_shape(Affine(1), "n")
    point = Point(
        sizes={"n": 2},
        values={"R": Tensor([[fmpq(1), fmpq(2)]], (True, False)), "u": Tensor([fmpq(3), fmpq(-4)], (False,))},
    )
    checked = elaborate((s("R") @ u).t, context)
    assert isinstance(checked, Checked)
    assert evaluate(checked.term, context, point) == fmpq(-5)


def test_duals_keep_derivatives_apart():
    # d/dx (x · d/dy (x + y)) is 1 and not 2
    inner = h("deriv", a + b, b)
    assert value(h("deriv", a * inner, a))[0] == ONE


def test_equal_intervals_are_not_certainly_equal():
    found, _ = value((h("exp", a) * h("exp", b)).eq(h("exp", a + b)))
    assert isinstance(found, Undecidable)
