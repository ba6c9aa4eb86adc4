"""Formulas of analysis spelled in Python, for tests: `exp(x) >= 1 + x` is a term, not a truth value."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from derive.language.affine import Affine, variable
from derive.language.budget import Budget
from derive.language.context import Context, Definition, Domain, Range, Shape, Symbol
from derive.language.decision import Outcome
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, make, num, sym
from derive.procedures.procedure import Procedure


@dataclass(frozen=True, eq=False)
class F:
    """A formula with Python's operators."""

    term: Term

    def __add__(self, other):
        return F(make("add", self.term, lift(other)))

    def __radd__(self, other):
        return F(make("add", lift(other), self.term))

    def __sub__(self, other):
        return F(make("add", self.term, make("neg", lift(other))))

    def __rsub__(self, other):
        return F(make("add", lift(other), make("neg", self.term)))

    def __mul__(self, other):
        return F(make("mul", self.term, lift(other)))

    def __rmul__(self, other):
        return F(make("mul", lift(other), self.term))

    def __truediv__(self, other):
        return F(make("div", self.term, lift(other)))

    def __rtruediv__(self, other):
        return F(make("div", lift(other), self.term))

    def __pow__(self, other):
        return F(make("pow", self.term, lift(other)))

    def __neg__(self):
        return F(make("neg", self.term))

    def __le__(self, other):
        return F(make("le", self.term, lift(other)))

    def __lt__(self, other):
        return F(make("lt", self.term, lift(other)))

    def __ge__(self, other):
        return F(make("ge", self.term, lift(other)))

    def __gt__(self, other):
        return F(make("gt", self.term, lift(other)))

    def __and__(self, other):
        return F(make("and", self.term, lift(other)))

    def __rshift__(self, other):
        return F(make("implies", self.term, lift(other)))

    def __getitem__(self, index):
        indices = index if isinstance(index, tuple) else (index,)
        return F(make("entry", self.term, *(lift(i) for i in indices)))


def lift(value) -> Term:
    """A number or formula as a term."""
    if isinstance(value, F):
        return value.term
    if isinstance(value, Term):
        return value
    return num(Fraction(str(value)) if isinstance(value, float) else Fraction(value))


def _function(head):
    return lambda *args: F(make(head, *(lift(a) for a in args)))


exp, log, sqrt, sin, cos, tanh, arctan, cosh = map(
    _function, ["exp", "log", "sqrt", "sin", "cos", "tanh", "arctan", "cosh"]
)
absolute, largest, smallest, sign, indicator = map(_function, ["abs", "max", "min", "sign", "indicator"])
cases, eq, ne, approx, iff, norm_head, inner = map(_function, ["cases", "eq", "ne", "approx", "iff", "norm", "inner"])
pi, infinity, otherwise, undefined = (F(make(h)) for h in ("pi", "infinity", "true", "undefined"))
e = F(make("exp", num(1)))
a, b, c, d, h, k, m, n, p, q, r, s, t, u, v, w, x, y, z = (F(sym(name)) for name in "abcdhkmnpqrstuvwxyz")
beta, lam, eta, delta, mu, L, T, X, Y = (F(sym(name)) for name in ("β", "λ", "η", "δ", "μ", "L", "T", "X", "Y"))


def sigma(value):
    """The logistic function of a formula."""
    return 1 / (1 + exp(-F(lift(value))))


def limit(var, point, body, side=""):
    """A limit."""
    return F(make("limit", var.term, lift(point), lift(body), value=side))


def total(var, low, high, body):
    """A sum."""
    return F(make("sum", var.term, lift(low), lift(high), lift(body)))


def integral(var, low, high, body):
    """A definite integral."""
    return F(make("integral", var.term, lift(low), lift(high), lift(body)))


def derivative(body, var):
    """A derivative."""
    return F(make("deriv", lift(body), var.term))


def norm(body):
    """The Euclidean norm."""
    return F(make("norm", lift(body), value="2"))


def expect(body):
    """An expectation."""
    return F(make("expect", lift(body)))


def variance(body):
    """A variance."""
    return F(make("variance", lift(body)))


def tends(var, point, side=""):
    """The limit in which ≈ is judged."""
    return F(make("tends", var.term, lift(point), value=side))


POSITIVE = Domain("interval", num(0), None, True)
NATURAL = Domain("natural")
REAL = Domain()


def between(low, high) -> Domain:
    """An open interval."""
    return Domain("interval", None if low is None else num(low), None if high is None else num(high), True, True)


def given(*facts, **domains) -> Context:
    """A context of scalars: `x="real"`, `x="positive"`, `n="natural"`, `n="size"`, `s=(0, 1)`; facts are formulas."""
    context = Context()
    for name in "abcdhmnpqrstuvwxyz":
        context = context.declare(Symbol(name))
    for name in ("β", "λ", "η", "δ", "μ", "L"):
        context = context.declare(Symbol(name))
    for name, kind in domains.items():
        name = {"beta": "β", "lam": "λ", "eta": "η", "delta": "δ", "mu": "μ"}.get(name, name)
        if kind == "size":
            context = context.declare(Symbol(name, role="size"))
        else:
            known = {"real": Domain(), "positive": POSITIVE, "natural": NATURAL}
            domain = between(*kind) if isinstance(kind, tuple) else known[kind]
            context = context.declare(Symbol(name, domain=domain))
    return context.assume(*(f.term for f in facts))


def families(context: Context, *names: str, size: str = "n", domain: Domain = REAL) -> Context:
    """The context with families of scalars indexed from 1 to a size."""
    context = context.declare(Symbol(size, role="size"))
    for name in names:
        context = context.declare(Symbol(name, family=(Range(Affine(1), variable(size)),), domain=domain))
    return context


def vectors(context: Context, *names: str, size: str = "n") -> Context:
    """The context with vectors of a size."""
    context = context.declare(Symbol(size, role="size"))
    for name in names:
        context = context.declare(Symbol(name, Shape(((variable(size),),))))
    return context


def define(context: Context, name: str, param: str, body: F) -> Context:
    """The context with a function of one scalar defined."""
    return context.declare(Symbol(name, role="function", arguments=(Shape(),))).define(
        Definition(name, body.term, (param,))
    )


def call(name: str, *args) -> F:
    """A function symbol applied."""
    return F(make("call", *(lift(v) for v in args), value=name))


@dataclass(frozen=True)
class Case:
    """A statement in a context, with a name."""

    name: str
    statement: F
    context: Context = field(default_factory=given)

    def decide(self, procedure: Procedure, seconds: float = 10.0) -> Outcome:
        """What a procedure says of it."""
        checked = elaborate(self.statement.term, self.context)
        assert isinstance(checked, Checked), checked
        return procedure.decide(Step("1", checked.term, self.context), Budget(seconds))
