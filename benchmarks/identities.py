"""Identities decided by derive, by `sympy.simplify(a - b) == 0` and by `.equals`: `python -m benchmarks.identities`.

Every statement is read from LaTeX and decided whole (proof or certified counterexample), for all sizes. SymPy's side is
built with its own `Sum` and symbols of symbolic size where it can say the statement, with explicit 3×3 matrices or
three numbers where it cannot (its answer is then about that size only, and counted as one about the statement), and not
at all where neither helps. SymPy has a time limit for each question. `simplify` not giving 0 counts as undecided; a
wrong answer is "equal" for a false statement, or `.equals` saying False of a true one.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from derive.checking.engines import Settings
from derive.checking.step import check_step
from tests.identities.table import step_of

n, m, i, j, k = sp.symbols("n m i j k", integer=True, positive=True)
a, b, c, t = sp.symbols("a b c t", real=True)
p, q = sp.symbols("p q", positive=True)
xs, ys = sp.IndexedBase("x"), sp.IndexedBase("y")
f, g = sp.Function("f"), sp.Function("g")
SIZE = 3
S = sp.Sum


def matrix(name: str, rows: int = SIZE, columns: int = SIZE) -> sp.Matrix:
    """A matrix of symbols."""
    return sp.Matrix(rows, columns, lambda r, s: sp.Symbol(f"{name}{r + 1}{s + 1}", real=True))


def column(name: str, rows: int = SIZE) -> sp.Matrix:
    """A vector of symbols."""
    return sp.Matrix(rows, 1, lambda r, _: sp.Symbol(f"{name}{r + 1}", real=True))


def gradient(body: sp.Expr, by: sp.Matrix) -> sp.Matrix:
    """The derivatives by every entry, in the variable's shape."""
    return by.applyfunc(lambda entry: sp.diff(body, entry))


A, B, C, M = matrix("A"), matrix("B"), matrix("C"), matrix("M", 3, 2)
x, y, u = column("x"), column("y"), column("u", 2)
I3 = sp.eye(SIZE)


@dataclass(frozen=True)
class Item:
    """A statement, whether it holds, and SymPy's way to say it (None: it has none)."""

    given: tuple[str, ...]
    text: str
    true: bool
    said: str = ""
    build: Callable[[], tuple[Any, Any]] | None = None


SUM, SMALL, PLAIN, NONE = "Sum", "size 3", "as it is", "cannot"
N = (r"x_i, y_i \in \mathbb{R}, i = 1, \dots, n", r"c \in \mathbb{R}")
SCALARS = (r"a, b, c, t \in \mathbb{R}", r"p, q > 0")
SQUARE = (
    r"A, B, C \in \mathbb{R}^{n \times n}",
    r"x, y \in \mathbb{R}^n",
    r"M \in \mathbb{R}^{n \times m}",
    r"u \in \mathbb{R}^m",
)
REGULAR = (*SQUARE, "A and B are invertible")
FUNCTIONS = (r"a, t \in \mathbb{R}", r"f, g : \mathbb{R} \to \mathbb{R}", "f and g are differentiable")
COUNT = (r"n \in \mathbb{N}", r"n \ge 1", r"q \in (0, 1)")
SIGMA = (r"t \in \mathbb{R}", r"\sigma(t) = \frac{1}{1 + e^{-t}}")
SOFT = (
    r"x_i \in \mathbb{R}, i = 1, \dots, n",
    r"p_i = \frac{e^{x_i}}{\sum_{j=1}^{n} e^{x_j}}, i = 1, \dots, n",
    r"k, l \in \{1, \dots, n\}",
)
MOMENTS = (r"X, Y are random variables", "X and Y are independent", r"a, b \in \mathbb{R}")
sigma = 1 / (1 + sp.exp(-t))
unit = 1 / (1 + q)  # every number in (0, 1), which SymPy's assumptions cannot say
soft = [sp.exp(v) / sum(sp.exp(w) for w in x) for v in x]


def total(body: Any, index: Any = i) -> Any:
    """SymPy's sum over 1 … n."""
    return S(body, (index, 1, n))


ITEMS = (
    # one variable
    Item(
        SCALARS,
        r"(a + b)^3 = a^3 + 3 a^2 b + 3 a b^2 + b^3",
        True,
        PLAIN,
        lambda: ((a + b) ** 3, a**3 + 3 * a**2 * b + 3 * a * b**2 + b**3),
    ),
    Item(SCALARS, r"(a + b)^3 = a^3 + b^3", False, PLAIN, lambda: ((a + b) ** 3, a**3 + b**3)),
    Item(
        SCALARS, r"\log(p^2 q) = 2 \log p + \log q", True, PLAIN, lambda: (sp.log(p**2 * q), 2 * sp.log(p) + sp.log(q))
    ),
    Item(SCALARS, r"\log(p + q) = \log p + \log q", False, PLAIN, lambda: (sp.log(p + q), sp.log(p) + sp.log(q))),
    Item(
        SCALARS, r"\tanh t = \frac{2}{1 + e^{-2t}} - 1", True, PLAIN, lambda: (sp.tanh(t), 2 / (1 + sp.exp(-2 * t)) - 1)
    ),
    Item(
        SCALARS,
        r"\frac{1}{1 + e^{-t}} + \frac{1}{1 + e^{t}} = 1",
        True,
        PLAIN,
        lambda: (1 / (1 + sp.exp(-t)) + 1 / (1 + sp.exp(t)), sp.Integer(1)),
    ),
    Item(
        SIGMA, r"\sigma'(t) = \sigma(t)(1 - \sigma(t))", True, PLAIN, lambda: (sp.diff(sigma, t), sigma * (1 - sigma))
    ),
    Item(
        SIGMA, r"\sigma'(t) = \sigma(t)(1 + \sigma(t))", False, PLAIN, lambda: (sp.diff(sigma, t), sigma * (1 + sigma))
    ),
    Item(
        SIGMA,
        r"\sigma''(t) = \sigma(t)(1 - \sigma(t))(1 - 2\sigma(t))",
        True,
        PLAIN,
        lambda: (sp.diff(sigma, t, 2), sigma * (1 - sigma) * (1 - 2 * sigma)),
    ),
    Item(
        SCALARS,
        r"\log(1 + e^t) - \log(1 + e^{-t}) = t",
        True,
        PLAIN,
        lambda: (sp.log(1 + sp.exp(t)) - sp.log(1 + sp.exp(-t)), t),
    ),
    Item(
        FUNCTIONS,
        r"\frac{d}{dt} f(g(t)) = f'(g(t)) g'(t)",
        True,
        PLAIN,
        lambda: (sp.diff(f(g(t)), t), sp.Subs(sp.Derivative(f(a), a), a, g(t)) * sp.diff(g(t), t)),
    ),
    Item(
        FUNCTIONS,
        r"\frac{d}{dt} \frac{f(t)}{1 + t^2} = \frac{f'(t)}{1 + t^2} - \frac{2 t f(t)}{(1 + t^2)^2}",
        True,
        PLAIN,
        lambda: (sp.diff(f(t) / (1 + t**2), t), sp.diff(f(t), t) / (1 + t**2) - 2 * t * f(t) / (1 + t**2) ** 2),
    ),
    # sums of symbolic length
    Item(
        N,
        r"\sum_{i=1}^{n} (x_i + y_i)^2 = \sum_{i=1}^{n} x_i^2 + 2 \sum_{i=1}^{n} x_i y_i + \sum_{i=1}^{n} y_i^2",
        True,
        SUM,
        lambda: (total((xs[i] + ys[i]) ** 2), total(xs[i] ** 2) + 2 * total(xs[i] * ys[i]) + total(ys[i] ** 2)),
    ),
    Item(
        N,
        r"\left(\sum_{i=1}^{n} x_i\right)^2 = \sum_{i=1}^{n} \sum_{j=1}^{n} x_i x_j",
        True,
        SUM,
        lambda: (total(xs[i]) ** 2, S(xs[i] * xs[j], (j, 1, n), (i, 1, n))),
    ),
    Item(
        N,
        r"\left(\sum_{i=1}^{n} x_i\right)^2 = \sum_{i=1}^{n} x_i^2",
        False,
        SUM,
        lambda: (total(xs[i]) ** 2, total(xs[i] ** 2)),
    ),
    Item(N, r"\sum_{i=1}^{n} x_i = \sum_{j=1}^{n} x_j", True, SUM, lambda: (total(xs[i]), total(xs[j], j))),
    Item(N, r"\sum_{i=1}^{n} x_i = \sum_{i=1}^{n} x_{n+1-i}", True, SUM, lambda: (total(xs[i]), total(xs[n + 1 - i]))),
    Item(
        N,
        r"\sum_{i=1}^{n} (x_i - \frac{1}{n}\sum_{j=1}^{n} x_j)^2"
        r" = \sum_{i=1}^{n} x_i^2 - \frac{1}{n}\left(\sum_{i=1}^{n} x_i\right)^2",
        True,
        SUM,
        lambda: (total((xs[i] - total(xs[j], j) / n) ** 2), total(xs[i] ** 2) - total(xs[i]) ** 2 / n),
    ),
    Item(
        N,
        r"\sum_{i=1}^{n} \sum_{j=1}^{n} (x_i - x_j)^2 = 2n \sum_{i=1}^{n} x_i^2 - 2 \left(\sum_{i=1}^{n} x_i\right)^2",
        True,
        SUM,
        lambda: (S((xs[i] - xs[j]) ** 2, (j, 1, n), (i, 1, n)), 2 * n * total(xs[i] ** 2) - 2 * total(xs[i]) ** 2),
    ),
    Item(
        N,
        r"\sum_{i=1}^{n} \sum_{j=1}^{i} x_i y_j = \sum_{j=1}^{n} \sum_{i=j}^{n} x_i y_j",
        True,
        SUM,
        lambda: (S(xs[i] * ys[j], (j, 1, i), (i, 1, n)), S(xs[i] * ys[j], (i, j, n), (j, 1, n))),
    ),
    Item(
        COUNT,
        r"\sum_{i=1}^{n} i^2 = \frac{n(n+1)(2n+1)}{6}",
        True,
        SUM,
        lambda: (total(i**2), n * (n + 1) * (2 * n + 1) / 6),
    ),
    Item(
        COUNT,
        r"\sum_{i=1}^{n} i^2 = \frac{n(n+1)(2n-1)}{6}",
        False,
        SUM,
        lambda: (total(i**2), n * (n + 1) * (2 * n - 1) / 6),
    ),
    Item(
        COUNT,
        r"\sum_{i=0}^{n} q^i = \frac{1 - q^{n+1}}{1 - q}",
        True,
        SUM,
        lambda: (S(unit**i, (i, 0, n)), (1 - unit ** (n + 1)) / (1 - unit)),
    ),
    Item(
        (*N, r"k \in \{1, \dots, n\}"),
        r"\frac{\partial}{\partial x_k} \sum_{i=1}^{n} x_i^2 y_i = 2 x_k y_k",
        True,
        SUM,
        lambda: (sp.diff(total(xs[i] ** 2 * ys[i]), xs[k]), 2 * xs[k] * ys[k]),
    ),
    # matrices
    Item(
        SQUARE,
        r"\operatorname{tr}(A B C) = \operatorname{tr}(C A B)",
        True,
        SMALL,
        lambda: ((A * B * C).trace(), (C * A * B).trace()),
    ),
    Item(
        SQUARE,
        r"\operatorname{tr}(A B C) = \operatorname{tr}(B A C)",
        False,
        SMALL,
        lambda: ((A * B * C).trace(), (B * A * C).trace()),
    ),
    Item(SQUARE, r"(A B)^T = B^T A^T", True, SMALL, lambda: ((A * B).T, B.T * A.T)),
    Item(
        SQUARE, r"(A + B)^2 = A^2 + A B + B A + B^2", True, SMALL, lambda: ((A + B) ** 2, A**2 + A * B + B * A + B**2)
    ),
    Item(
        SQUARE,
        r"\|x - M u\|^2 = x^T x - 2 x^T M u + u^T M^T M u",
        True,
        SMALL,
        lambda: (((x - M * u).T * (x - M * u))[0], (x.T * x - 2 * x.T * M * u + u.T * M.T * M * u)[0]),
    ),
    Item(
        SQUARE,
        r"A^2 - \operatorname{tr}(A) A + \det(A) I = 0",
        False,
        "size 2",
        lambda: (A[:2, :2] ** 2 - A[:2, :2].trace() * A[:2, :2] + A[:2, :2].det() * sp.eye(2), sp.zeros(2)),
    ),
    Item(
        SQUARE,
        r"\nabla_u \|M u - x\|^2 = 2 M^T (M u - x)",
        True,
        SMALL,
        lambda: (gradient(((M * u - x).T * (M * u - x))[0], u), 2 * M.T * (M * u - x)),
    ),
    Item(
        SQUARE,
        r"\nabla_u \|M u - x\|^2 = M^T (M u - x)",
        False,
        SMALL,
        lambda: (gradient(((M * u - x).T * (M * u - x))[0], u), M.T * (M * u - x)),
    ),
    Item(
        SQUARE, r"\nabla_x (x^T A x) = (A + A^T) x", True, SMALL, lambda: (gradient((x.T * A * x)[0], x), (A + A.T) * x)
    ),
    Item(
        SQUARE,
        r"\frac{\partial}{\partial A} \operatorname{tr}(A B A^T C) = C^T A B^T + C A B",
        True,
        SMALL,
        lambda: (gradient((A * B * A.T * C).trace(), A), C.T * A * B.T + C * A * B),
    ),
    Item(
        SQUARE,
        r"\operatorname{tr}(A^T B) = \sum_{i=1}^{n} \sum_{j=1}^{n} A_{ij} B_{ij}",
        True,
        SMALL,
        lambda: ((A.T * B).trace(), sum(A[r, s] * B[r, s] for r in range(3) for s in range(3))),
    ),
    # inverses
    Item(
        REGULAR,
        r"(A B)^{-1} = B^{-1} A^{-1}",
        True,
        "size 2",
        lambda: ((A[:2, :2] * B[:2, :2]).inv(), B[:2, :2].inv() * A[:2, :2].inv()),
    ),
    Item(
        REGULAR,
        r"A^{-1} - B^{-1} = A^{-1} (B - A) B^{-1}",
        True,
        "size 2",
        lambda: (A[:2, :2].inv() - B[:2, :2].inv(), A[:2, :2].inv() * (B[:2, :2] - A[:2, :2]) * B[:2, :2].inv()),
    ),
    Item(
        (*SQUARE, r"q > 0"),
        r"(M^T M + q I)^{-1} M^T = M^T (M M^T + q I)^{-1}",
        True,
        SMALL,
        lambda: ((M.T * M + q * sp.eye(2)).inv() * M.T, M.T * (M * M.T + q * I3).inv()),
    ),
    Item(
        REGULAR,
        r"\frac{\partial}{\partial A} \log \det(A A^T) = 2 A^{-T}",
        True,
        "size 2",
        lambda: (gradient(sp.log((A[:2, :2] * A[:2, :2].T).det()), A[:2, :2]), 2 * A[:2, :2].inv().T),
    ),
    # softmax
    Item(
        SOFT,
        r"\frac{\partial p_k}{\partial x_l} = p_k (\delta_{kl} - p_l)",
        True,
        SMALL,
        lambda: (sp.diff(soft[0], x[1]), -soft[0] * soft[1]),
    ),
    Item(
        SOFT,
        r"\frac{\partial p_k}{\partial x_l} = p_k (\delta_{kl} + p_l)",
        False,
        SMALL,
        lambda: (sp.diff(soft[0], x[1]), soft[0] * soft[1]),
    ),
    Item(
        SOFT,
        r"\frac{\partial}{\partial x_k} \log \sum_{i=1}^{n} e^{x_i} = p_k",
        True,
        SMALL,
        lambda: (sp.diff(sp.log(sum(sp.exp(v) for v in x)), x[0]), soft[0]),
    ),
    Item(SOFT, r"\sum_{i=1}^{n} p_i = 1", True, SMALL, lambda: (sum(soft), sp.Integer(1))),
    # moments
    Item(MOMENTS, r"\operatorname{Var}(a X + b) = a^2 \operatorname{Var}(X)", True, NONE),
    Item(MOMENTS, r"\operatorname{Var}(X Y) = \operatorname{Var}(X) \operatorname{Var}(Y)", False, NONE),
    Item(MOMENTS, r"\operatorname{Var}(X + Y) = \operatorname{Var}(X) + \operatorname{Var}(Y)", True, NONE),
)


class OutOfTime(Exception):
    """SymPy's time for one question is over."""


def limited(work: Callable[[], Any], seconds: float) -> tuple[Any, float]:
    """An answer and the seconds it took; `timeout` or an error's name in its place."""

    def stop(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    start = time.perf_counter()
    try:
        return work(), time.perf_counter() - start
    except OutOfTime:
        return "timeout", time.perf_counter() - start
    except Exception as error:
        return type(error).__name__, time.perf_counter() - start
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def by_simplify(left: Any, right: Any) -> bool | None:
    """True where the difference simplifies to 0, else None."""
    difference = left - right
    if isinstance(difference, sp.MatrixBase):
        return True if all(sp.simplify(e) == 0 for e in difference) else None
    return True if sp.simplify(difference) == 0 else None


def by_equals(left: Any, right: Any) -> bool | None:
    """What `.equals` says, entry by entry for matrices."""
    if isinstance(left, sp.MatrixBase):
        answers = [a.equals(b) for a, b in zip(left, right, strict=True)]
        return False if False in answers else True if all(answers) else None
    return sp.sympify(left).equals(sp.sympify(right))


def by_derive(item: Item) -> tuple[bool | None, float]:
    """The verdict as an answer, and the median of warm times."""
    step = step_of(item.given, item.text)
    settings = Settings(search=False)
    check_step(step, settings)
    times = []
    answer: bool | None = None
    for _ in range(3):
        start = time.perf_counter()
        verdict = check_step(step, settings).verdict
        times.append(time.perf_counter() - start)
        answer = {"proved": True, "refuted": False}.get(verdict.name)
    return answer, statistics.median(times)


@dataclass
class Tally:
    """What one way of deciding achieved."""

    decided: int = 0
    wrong: int = 0
    asked: int = 0
    times: list[float] = field(default_factory=list)

    def note(self, answer: Any, seconds: float, true: bool) -> str:
        """Count an answer and print it."""
        self.asked += 1
        self.times.append(seconds)
        if answer in (True, False):
            self.decided += 1
            self.wrong += answer is not true
        word = {True: "equal", False: "differ", None: "?"}.get(answer, str(answer))
        mark = " WRONG" if answer in (True, False) and answer is not true else ""
        return f"{word}{mark} {seconds * 1000:.0f} ms"


def main() -> int:
    """Decide every statement three ways and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identities", description=__doc__)
    parser.add_argument("--limit", type=float, default=2.0, help="seconds for each question to SymPy")
    limit = parser.parse_args().limit
    ways = {name: Tally() for name in ("derive", "simplify", "equals")}
    print(f"{'statement':<66} {'truth':<6} {'derive':<18} {'SymPy says it':<14} {'simplify':<18} equals")
    for item in ITEMS:
        answer, seconds = by_derive(item)
        cells = [ways["derive"].note(answer, seconds, item.true)]
        for name, ask in (("simplify", by_simplify), ("equals", by_equals)):
            if item.build is None:
                cells.append("–")
                continue
            build = item.build
            found, seconds = limited(lambda ask=ask, build=build: ask(*build()), limit)
            cells.append(ways[name].note(found, seconds, item.true))
        text = item.text if len(item.text) <= 64 else item.text[:61] + "…"
        first = f"{text:<66} {'true' if item.true else 'false':<6} {cells[0]:<18}"
        print(f"{first} {item.said:<14} {cells[1]:<18} {cells[2]}", flush=True)
    base = statistics.median(ways["derive"].times)
    print(f"\n{'':<10} {'statements':>10} {'decided':>8} {'wrong':>6} {'median':>10} {'ratio':>7}")
    for name, tally in ways.items():
        middle = statistics.median(tally.times)
        counts = f"{tally.asked:>10} {tally.decided:>8} {tally.wrong:>6}"
        print(f"{name:<10} {counts} {middle * 1000:>7.1f} ms {middle / base:>7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
