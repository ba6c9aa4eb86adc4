"""Scripts become documents: contexts, places and reasons are right, and what is wrong in them is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy

from derive.language.affine import variable
from derive.language.context import Range, matrix_shape, vector_shape
from derive.language.printing import plain
from derive.language.statement import Document, Step
from derive.reader.script import load_script

HEAD = (
    "from derive.script import *\nimport sympy\n\n"
    "@derivation('Title', source='notes')\ndef result(d: Script) -> None:\n"
)


def load(body: str) -> Document:
    return load_script("notes.py", HEAD + "".join(f"    {line}\n" for line in body.splitlines()))


def steps(body: str) -> tuple[Step, ...]:
    document = load(body)
    assert document.problem is None
    return document.derivations[0].steps


def line_of(document: Document, step: Step) -> int:
    assert step.span is not None
    return document.source.place(step.span.start)[0]


def test_a_step_carries_claim_reason_place_and_source() -> None:
    document = load("x = d.scalar('x')\nd.equal((x + 1)**2,\n    x**2 + 2*x + 1, because='square')")
    derivation = document.derivations[0]
    (step,) = derivation.steps
    assert (derivation.name, derivation.title, derivation.reference) == ("result", "Title", "notes")
    assert step.id == "result/1"
    assert step.statement is not None and plain(step.statement) == "(x + 1)² = x² + 2 x + 1"
    assert step.because == "square"
    assert line_of(document, step) == 7
    assert step.source.startswith("d.equal((x + 1)**2,") and step.source.endswith("because='square')")


def test_a_chain_has_one_step_a_line() -> None:
    body = "x = d.scalar('x')\nd.chain(\n  x + x,\n  (2*x, 'twice'),\n  (3*x - x, 'so'),\n)"
    document = load(body)
    first, second = document.derivations[0].steps
    assert [plain(s.statement) for s in (first, second) if s.statement] == ["2 x = 2 x", "2 x = 2 x"]
    assert (first.because, second.because) == ("twice", "so")
    assert (line_of(document, first), line_of(document, second)) == (9, 10)
    assert first.source == "2*x"
    assert first.statement is not None and second.origin == first.statement.left


def test_declarations() -> None:
    body = (
        "n, p = d.sizes('n p', minimum=2)\n"
        "X = d.matrix('X', n, p, rank='full column', properties='random')\n"
        "w = d.vector('w', p)\n"
        "x = d.family('x', n, member=(p,))\n"
        "m = d.family('m', n, low=0)\n"
        "s = d.scalar('s', positive=True)\n"
        "b = d.scalar('b', between=(0, 1))\n"
        "e = d.random('e', n, mean=0, variance=s**2, properties='iid')\n"
        "u = d.random('u')\n"
        "d.independent(e, u)\n"
        "d.distributed(u, 'normal', 0, s**2)\n"
        "i = d.index('i', n)\n"
        "d.given(Gt(x[i][1], 0))\n"
        "d.equal(w[1], w[1])"
    )
    (step,) = steps(body)
    symbols = step.context.symbols
    assert symbols["n"].role == "size" and symbols["n"].minimum == 2
    assert symbols["X"].shape == matrix_shape("n", "p") and "full column rank" in symbols["X"].properties
    assert symbols["w"].shape == vector_shape("p")
    assert symbols["x"].shape == vector_shape("p") and symbols["x"].family[0].high == variable("n")
    assert isinstance(symbols["m"].family[0], Range) and symbols["m"].family[0].low.constant == 0
    assert symbols["s"].domain.low_open and symbols["b"].domain.high is not None
    assert symbols["e"].random and "iid" in symbols["e"].properties and symbols["u"].random
    assert [plain(f) for f in step.context.facts] == [
        "E[e_i] = 0 for i = 1, …, n",
        "Var(e_i) = s² for i = 1, …, n",
        "e and u are independent",
        "u ~ normal(0, s²)",
        "x_i1 > 0 for i = 1, …, n",
    ]


def test_definitions_are_in_force_after_their_step() -> None:
    body = (
        "n = d.size('n')\nt = d.scalar('t')\nk = d.index('k', n)\nw = d.vector('w', n)\n"
        "s = d.function('sigma', t, value=1/(1 + exp(-t)))\n"
        "L = d.define('L', norm2(w))\n"
        "q = d.define('q', s(w[k]), over=k)\n"
        "d.equal(L + q[1], L + s(w[1]))"
    )
    *defined, claim = steps(body)
    assert [s.kind for s in defined] == ["definition"] * 3 and claim.kind == "claim"
    definitions = claim.context.definitions
    assert definitions["σ"].params == ("t",) and plain(definitions["σ"].body) == "1/(1 + e^(−t))"
    assert plain(definitions["L"].body) == "‖w‖²"
    assert definitions["q"].params == ("k",) and definitions["q"].ranges[0].high == variable("n")
    assert "L" not in defined[0].context.definitions


def test_conditions_updates_and_recurrences() -> None:
    body = (
        "T = d.size('T')\nt = d.index('t', T)\nx, a = d.scalars('x a')\n"
        "m = d.family('m', T, low=0)\n"
        "d.recurrence(Eq(m[t], a * m[t - 1] + 1), start=0)\n"
        "d.state(Eq(x**2, 4), because='imposed')\n"
        "d.update(x, x - a)\n"
        "d.update(x, x + 1)\n"
        "d.implies(Eq(x, 2), Eq(x**2, 4))"
    )
    condition, first, second, implication = steps(body)
    assert (condition.kind, first.kind, second.kind) == ("condition", "update", "claim")
    assert second.statement is not None and plain(second.statement) == "x − a = x + 1"
    assert implication.statement is not None and implication.statement.head == "implies"
    facts = [plain(f) for f in implication.context.facts]
    assert facts == ["m_t = a m_{t − 1} + 1 for t = 1, …, T", "m_0 = 0", "x² = 4"]


def test_plain_sympy_objects_declare_themselves() -> None:
    body = (
        "n = sympy.Symbol('n', integer=True, positive=True)\n"
        "A = sympy.MatrixSymbol('A', n, n)\ny = sympy.Symbol('y', positive=True)\n"
        "d.equal(sympy.Trace(A) * y, y * sympy.Trace(A.T))"
    )
    (step,) = steps(body)
    symbols = step.context.symbols
    assert symbols["n"].role == "size" and symbols["A"].shape == matrix_shape("n", "n")
    assert symbols["y"].domain.low_open


UNREADABLE = [
    ("x = d.scalar('x')\nd.equal(0.5 * x, x / 2)", "script-float", 7),
    ("x = d.scalar('x')\nd.equal(sympy.gamma(x), x)", "script-unsupported", 7),
    ("x = d.scalar('x')\nd.follows(sympy.Eq(x, x))", "script-bool", 7),
    ("x = d.scalar('x')\nd.follows(x)", "script-no-statement", 7),
    (
        "n, p = d.sizes('n p')\nX = d.matrix('X', n, p)\nw = d.vector('w', n)\nd.equal(X * w, w)",
        "product-does-not-conform",
        9,
    ),
    ("n, p = d.sizes('n p')\nw = d.vector('w', n)\nv = d.vector('v', p)\nd.equal(w, v)", "shapes-differ", 9),
    ("i, = d.indices('i')\nx = d.scalar('x')\nd.equal(i, x)", "script-index-outside", 8),
    ("x = d.scalar('x')\nx = d.scalar('x')", "script-declared-twice", 7),
    ("x = d.scalar('x')\nv = d.vector('v', x)", "script-size", 7),
    ("a = sympy.IndexedBase('a')\nd.equal(a[1], 1)", "script-undeclared", 7),
    ("x = d.scalar('x')\nd.equal(x, x)\n1 / 0", "script-raised", 8),
    ("x = d.scalar('x')\nd.equal(sympy.sqrt(sympy.Symbol('x', positive=True)**2), x)", "script-other-symbol", 7),
    ("x = d.scalar('x', positive=True)\nd.function('f', x, value=sqrt(x**2))", "script-parameter", 7),
    (
        "n = d.size('n')\nj = d.index('j', n)\nd.equal(Sum(sympy.Symbol('j'), (j, 1, n)), n)",
        "script-other-symbol",
        8,
    ),
    ("x = d.scalar('x')\nd.equal(x)", "script-one-side", 7),
    ("raise SystemExit", "script-raised", 6),
    ("x = d.scalar('x')", "script-without-step", None),
]


@pytest.mark.parametrize(
    ("body", "code", "line"), UNREADABLE, ids=[f"{c}-{k}" for k, (_, c, _) in enumerate(UNREADABLE)]
)
def test_what_goes_wrong_is_one_problem_with_its_line(body: str, code: str, line: int | None) -> None:
    document = load(body)
    assert document.problem is None
    last = document.derivations[0].steps[-1]
    assert last.problem is not None and last.problem.code == code
    if line is not None:
        assert line_of(document, last) == line


def test_an_unreadable_step_does_not_stop_the_next() -> None:
    first, second = steps("x = d.scalar('x')\nd.equal(0.5 * x, x)\nd.equal(x, x)")
    assert first.problem is not None and second.statement is not None


def test_one_broken_derivation_leaves_the_others() -> None:
    text = (
        HEAD
        + "    oops\n\n@derivation('Other')\ndef other(d: Script) -> None:\n    x = d.scalar('x')\n    d.equal(x, x)\n"
    )
    broken, other = load_script("notes.py", text).derivations
    assert broken.steps[-1].problem is not None and other.steps[0].problem is None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("x = (1\n", "script-syntax", 1),
        ("import no_such_module_anywhere\n", "script-raised", 1),
        ("\n\nraise ValueError('boom')\n", "script-raised", 3),
        ("x = 1\n", "script-without-derivation", 1),
        ("", "script-without-derivation", 1),
        ("x = '\0'\n", "script-syntax", 1),
    ],
)
def test_a_file_that_cannot_run_is_one_problem(text: str, code: str, line: int) -> None:
    document = load_script("notes.py", text)
    assert document.problem is not None and document.problem.code == code
    assert document.problem.span is not None
    assert document.source.place(document.problem.span.start)[0] == line


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert load_script(tmp_path / "none.py").problem is not None


def test_a_script_prints_nothing_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    load("print('hello')\nx = d.scalar('x')\nd.equal(x, x)")
    assert capsys.readouterr().out == ""


def test_a_step_keeps_what_its_author_wrote_for_spot_checks() -> None:
    body = (
        "n = d.size('n')\nw = d.vector('w', n)\nt = d.scalar('t')\nj, = d.indices('j')\n"
        "s = d.function('sigma', t, value=1/(1 + exp(-t)))\n"
        "L = d.define('L', norm2(w))\n"
        "d.equal(L, Sum(w[j]**2, (j, 1, n)))\n"
        "d.equal(s.prime(t), s(t) * (1 - s(t)))"
    )
    length, slope = steps(body)[-2:]
    assert length.spot is not None and slope.spot is not None
    n, t = sympy.Symbol("n", integer=True, positive=True), sympy.Symbol("t", real=True)
    left, right = (side.subs(n, 3).doit() for side in length.spot)
    assert left != 0 and sympy.expand(left - right) == 0
    assert slope.spot[0].subs(t, 0) == sympy.Rational(1, 4)
    assert sympy.simplify(slope.spot[0] - slope.spot[1]) == 0


def test_no_spot_check_where_facts_tie_the_data() -> None:
    body = "n = d.size('n')\ny = d.vector('y', n)\nj, = d.indices('j')\ntotal = Sum(y[j], (j, 1, n))\n"
    (step,) = steps(body + "d.given(Eq(total, 1))\nd.equal(total, 1)")
    assert step.spot is None


def test_no_spot_check_where_sympy_has_no_object() -> None:
    (step,) = steps("x = d.random('x')\nd.equal(E(x), E(x))")
    assert step.spot is None


def test_a_script_may_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "script_neighbour.py").write_text("from sympy import Integer\nTWO = Integer(2)\n")
    path = tmp_path / "a.py"
    path.write_text("from script_neighbour import TWO\n" + HEAD + "    d.equal(TWO, TWO)\n")
    document = load_script(path)
    assert document.problem is None and document.derivations[0].steps[0].statement is not None
