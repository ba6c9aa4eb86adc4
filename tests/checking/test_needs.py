"""What a formula needs to have a value, and what it plainly does not."""

from __future__ import annotations

from derive.checking.needs import closed, needs
from derive.language.context import Context, Domain, Symbol, matrix_shape
from derive.language.term import Term, make, num, sym

i, n, r, x, sigma, big = sym("i"), sym("n"), sym("r"), sym("x"), sym("σ"), sym("A")
CONTEXT = Context().declare(
    Symbol("n", role="size"),
    Symbol("r"),
    Symbol("x"),
    Symbol("σ", domain=Domain("interval", num(0), low_open=True)),
    Symbol("A", matrix_shape("n", "n")),
    Symbol("k", role="index", domain=Domain("integer", num(1), n)),
)


def found(term: Term) -> set[Term]:
    return set(needs(term, CONTEXT))


def test_divisors_logarithms_roots_inverses_and_negative_powers() -> None:
    one_minus = make("add", num(1), make("neg", r))
    assert found(make("div", x, one_minus)) == {make("ne", one_minus, num(0))}
    assert found(make("log", x)) == {make("gt", x, num(0))}
    assert found(make("sqrt", x)) == {make("ge", x, num(0))}
    assert found(make("inverse", big)) == {make("has", big, value="invertible")}
    assert found(make("pow", x, num(-1))) == {make("ne", x, num(0))}
    assert found(make("pow", x, num(2))) == set()


def test_what_is_plain_is_left_out() -> None:
    logistic = make("div", num(1), make("add", num(1), make("exp", make("neg", x))))
    assert found(logistic) == set()
    assert found(make("div", x, make("mul", num(2), n, make("pow", sigma, num(2))))) == set()
    assert found(make("log", sigma)) == set()


def test_inside_a_sum_for_every_index_and_inside_cases_not_at_all() -> None:
    inside = make("div", num(1), make("entry", x, i))
    total = make("sum", i, num(1), n, inside)
    assert found(total) == {make("forall", i, num(1), n, make("ne", make("entry", x, i), num(0)))}
    from_zero = make("sum", i, num(2), n, make("div", i, x))
    assert found(from_zero) == set()
    assert found(make("cases", make("div", num(1), x), make("ne", x, num(0)), num(0), make("true"))) == set()


def test_index_symbols_are_closed_over() -> None:
    k = sym("k")
    statement = make("ne", make("entry", x, k), num(0))
    assert closed(statement, CONTEXT) == make("forall", k, num(1), n, statement)
    assert closed(make("ne", x, num(0)), CONTEXT) == make("ne", x, num(0))
