"""The givens under which random statements are made, written in the language itself (no reader between)."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.language.affine import Affine, variable
from derive.language.context import (
    REAL,
    SCALAR,
    Context,
    Definition,
    Domain,
    Range,
    Symbol,
    matrix_shape,
    vector_shape,
)
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, make, num, sym

POSITIVE = Domain("interval", num(0), None, True, True)


@dataclass(frozen=True)
class World:
    """A context, and the names in it that a random term may use, by shape.

    `members` are families of scalars by size, `positive` scalars that are greater than 0, `random` families of random
    variables over `n` that are independent of one another, `inverses` invertible matrices.
    """

    name: str
    context: Context
    scalars: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    vectors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    positive_members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    matrices: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    invertible: tuple[str, ...] = ()
    symmetric: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    random: tuple[str, ...] = ()
    indices: tuple[tuple[str, str], ...] = ()
    sizes: tuple[str, ...] = ("n", "m")
    least: int = 1


def _index(name: str, high: str) -> Symbol:
    return Symbol(name, role="index", domain=Domain("integer", num(1), sym(high)))


def _family(name: str, high: str, domain: Domain = REAL, random: bool = False, words: tuple[str, ...] = ()) -> Symbol:
    return Symbol(
        name,
        SCALAR,
        family=(Range(Affine(1), variable(high)),),
        domain=domain,
        random=random,
        properties=frozenset(words),
    )


def _fact(context: Context, statement: Term) -> Context:
    checked = elaborate(statement, context)
    assert isinstance(checked, Checked), checked
    return context.assume(checked.term)


def _define(context: Context, name: str, body: Term, params: tuple[str, ...] = ()) -> Context:
    checked = elaborate(body, context, {p: Symbol(p) for p in params})
    assert isinstance(checked, Checked), checked
    shape = checked.shape
    symbol = Symbol(name, shape, "function", arguments=(SCALAR,) * len(params)) if params else Symbol(name, shape)
    return context.declare(symbol).define(Definition(name, checked.term, params))


def _sigma(context: Context) -> Context:
    body = make("div", num(1), make("add", num(1), make("exp", make("neg", sym("t")))))
    return _define(context, "σ", body, ("t",))


def _sum(index: str, high: str, body: Term) -> Term:
    return make("sum", sym(index), num(1), sym(high), body)


def _entry(base: str, *indices: str) -> Term:
    return make("entry", sym(base), *map(sym, indices))


def plain(least: int = 1) -> World:
    """Vectors, matrices and families over two sizes, with functions."""
    smooth = frozenset(["differentiable", "twice differentiable"])
    context = Context().declare(
        *(Symbol(s, role="size", minimum=least) for s in "nm"),
        *(Symbol(s) for s in "abct"),
        *(Symbol(s, domain=POSITIVE) for s in "pq"),
        _index("k", "n"),
        _index("l", "m"),
        *(Symbol(s, vector_shape("n")) for s in "xy"),
        *(Symbol(s, vector_shape("m")) for s in "uv"),
        _family("s", "n"),
        _family("r", "n", POSITIVE),
        *(Symbol(s, matrix_shape("n", "n")) for s in "AB"),
        Symbol("M", matrix_shape("n", "m")),
        Symbol("N", matrix_shape("m", "n")),
        Symbol("K", matrix_shape("n", "n"), properties=frozenset(["invertible"])),
        Symbol("S", matrix_shape("n", "n"), properties=frozenset(["symmetric", "positive definite"])),
        *(Symbol(s, SCALAR, "function", arguments=(SCALAR,), properties=smooth) for s in "fg"),
        Symbol("F", SCALAR, "function", arguments=(vector_shape("n"),), properties=smooth),
    )
    context = _sigma(context)
    return World(
        "plain" if least == 1 else f"plain, sizes from {least}",
        context,
        tuple("abct"),
        tuple("pq"),
        {"n": ("x", "y"), "m": ("u", "v")},
        {"n": ("s",)},
        {"n": ("r",)},
        {("n", "n"): ("A", "B", "K", "S"), ("n", "m"): ("M",), ("m", "n"): ("N",)},
        ("K", "S"),
        ("S",),
        ("f", "g"),
        ("F",),
        indices=(("k", "n"), ("l", "m")),
        least=least,
    )


def constrained() -> World:
    """Matrices and vectors tied by equations: rotations, projections, eigenvectors, weights that sum to 1."""
    context = Context().declare(
        *(Symbol(s, role="size") for s in "nm"),
        *(Symbol(s) for s in "abct"),
        *(Symbol(s, domain=POSITIVE) for s in "pq"),
        _index("k", "n"),
        *(Symbol(s, vector_shape("n")) for s in "xy"),
        Symbol("u", vector_shape("m")),
        _family("s", "n"),
        Symbol("A", matrix_shape("n", "n")),
        Symbol("P", matrix_shape("n", "n"), properties=frozenset(["symmetric"])),
        Symbol("Q", matrix_shape("n", "n"), properties=frozenset(["orthogonal"])),
        Symbol("S", matrix_shape("n", "n"), properties=frozenset(["symmetric", "positive definite"])),
        Symbol("D", matrix_shape("n", "n"), properties=frozenset(["diagonal"])),
        Symbol("M", matrix_shape("n", "m")),
        Symbol("N", matrix_shape("m", "n")),
    )
    context = _sigma(context)
    context = _fact(context, make("eq", make("pow", sym("P"), num(2)), sym("P")))
    context = _fact(context, make("eq", _sum("i", "n", _entry("s", "i")), num(1)))
    context = _fact(context, make("eq", make("mul", sym("A"), sym("y")), make("mul", sym("c"), sym("y"))))
    return World(
        "constrained",
        context,
        tuple("abct"),
        tuple("pq"),
        {"n": ("x", "y"), "m": ("u",)},
        {"n": ("s",)},
        {"n": ()},
        {("n", "n"): ("A", "P", "Q", "S", "D"), ("n", "m"): ("M",), ("m", "n"): ("N",)},
        ("S", "Q"),
        ("S", "P", "D"),
        indices=(("k", "n"),),
    )


def network() -> World:
    """A chain of definitions, as in a network: z = M u + x, h = f(z), E = ½‖h − y‖²."""
    world = plain()
    context = world.context
    context = _define(context, "z", make("add", make("mul", sym("M"), sym("u")), sym("x")))
    context = _define(context, "h", make("call", sym("z"), value="f"))
    gap = make("add", sym("h"), make("neg", sym("y")))
    context = _define(
        context, "E", make("mul", make("div", num(1), num(2)), make("pow", make("norm", gap, value="2"), num(2)))
    )
    return World(
        "network",
        context,
        ("a", "b", "E", "E"),
        ("p", "q"),
        {"n": ("x", "y", "z", "h"), "m": ("u", "v")},
        {"n": ("s",)},
        {"n": ("r",)},
        {("n", "n"): ("A", "S"), ("n", "m"): ("M",), ("m", "n"): ("N",)},
        ("S",),
        ("S",),
        ("f", "g"),
        (),
        indices=(("k", "n"), ("l", "m")),
    )


def chance() -> World:
    """Independent families of random variables."""
    iid = ("iid", "independent", "identically distributed")
    context = Context().declare(
        Symbol("n", role="size"),
        *(Symbol(s) for s in "abct"),
        *(Symbol(s, domain=POSITIVE) for s in "pq"),
        _index("k", "n"),
        _family("X", "n", random=True, words=iid),
        _family("Y", "n", random=True, words=("independent",)),
        _family("s", "n"),
        _family("r", "n", POSITIVE),
        Symbol("x", vector_shape("n")),
        Symbol("A", matrix_shape("n", "n")),
    )
    context = _sigma(context)
    context = _fact(context, make("independent", sym("X"), sym("Y"), value="independent"))
    mean = make("eq", make("expect", _entry("X", "i")), sym("t"))
    context = _fact(context, make("forall", sym("i"), num(1), sym("n"), mean))
    return World(
        "chance",
        context,
        tuple("abct"),
        tuple("pq"),
        {"n": ("x",)},
        {"n": ("s",)},
        {"n": ("r",)},
        {("n", "n"): ("A",)},
        random=("X", "Y"),
        indices=(("k", "n"),),
        sizes=("n",),
    )


WORLDS = (plain(), plain(2), constrained(), network(), chance())
"""All of them; a size is at least 1, or at least 2 in the second."""


def partial() -> World:
    """Numbers of many domains and matrices that may be singular, for terms that need not have a value."""
    context = Context().declare(
        *(Symbol(s, role="size") for s in "nm"),
        *(Symbol(s) for s in "abc"),
        Symbol("p", domain=POSITIVE),
        Symbol("q", domain=Domain("interval", num(0), num(1), True, True)),
        Symbol("d", domain=Domain("interval", num(0), None, False, True)),
        Symbol("h", domain=Domain("interval", None, num(0), True, True)),
        Symbol("z", domain=Domain("integer")),
        Symbol("r", domain=Domain("natural", num(0))),
        Symbol("e", domain=Domain("finite", values=(make("neg", num(1)), num(1)))),
        _index("k", "n"),
        _index("l", "n"),
        *(Symbol(s, vector_shape("n")) for s in "xy"),
        _family("s", "n"),
        *(Symbol(s, matrix_shape("n", "n")) for s in "AB"),
        Symbol("f", SCALAR, "function", arguments=(SCALAR,)),
    )
    return World(
        "partial",
        context,
        tuple("abc"),
        tuple("pq"),
        {"n": ("x", "y"), "m": ()},
        {"n": ("s",)},
        {"n": ()},
        {("n", "n"): ("A", "B")},
        indices=(("k", "n"), ("l", "n")),
    )


PARTIAL = partial()
