"""Terms that may have no value, rewrites that hold only under a condition, and what a proof may then claim.

A proof without conditions must hold wherever the left side has a value: at such a point the right side has a value,
too, and the same one. A proof with conditions must do so wherever they hold as well. Nothing is positive by
construction here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from flint import ctx

from derive.checking.needs import assume
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context
from derive.language.printing import plain
from derive.language.term import Term, free_names, is_num, make, num, substitute, sym
from derive.numeric.contest import Differs, contest
from derive.numeric.evaluate import HIGH_PRECISION
from derive.numeric.frame import Frame
from derive.numeric.number import NoValue
from derive.numeric.sample import Sampler

from .oppose import Outcome, ask, statement
from .rewrites import change_once, places, put
from .terms import add, mul, neg, power
from .worlds import PARTIAL

SIZES = (1, 2, 3, 1, 4, 2, 5, 1, 3, 2)
NUMBERS = ("a", "b", "c", "p", "q", "d", "h", "e", "z", "r", "n")


class Wild:
    """Makes terms that may be undefined."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0

    def pick(self, options):
        """One of some options."""
        return options[self.rng.randrange(len(options))]

    def leaf(self, scope: tuple[str, ...] = ()) -> Term:
        """A number, a symbol or an entry."""
        kind = self.rng.randrange(6)
        if kind == 0:
            return self.pick((num(0), num(1), num(2), neg(num(1)), num(3), num("1/2")))
        if kind == 1:
            return make("entry", sym(self.pick(("x", "y", "s"))), self.place(scope))
        if kind == 2 and scope:
            return sym(self.pick(scope))
        return sym(self.pick(NUMBERS))

    def place(self, scope: tuple[str, ...]) -> Term:
        """An index, often at an end of the axis, now and then beyond it."""
        options = [sym(i) for i in scope] * 3 + [
            sym("k"),
            sym("l"),
            num(1),
            num(2),
            sym("n"),
            add(sym("n"), neg(num(1))),
        ]
        options += [add(sym(i), num(1)) for i in scope] + [add(sym("k"), num(1))]
        return self.pick(options)

    def scalar(self, depth: int, scope: tuple[str, ...] = ()) -> Term:
        """A number."""
        if depth <= 0:
            return self.leaf(scope)
        down = depth - 1
        kind = self.rng.randrange(24)
        one = lambda: self.scalar(down, scope)  # noqa: E731
        if kind < 3:
            return add(one(), neg(one()) if self.rng.randrange(2) else one())
        if kind < 6:
            return mul(one(), one())
        if kind < 9:
            return make("div", one(), one())
        if kind < 11:
            exponent = self.pick((2, 3, -1, -2, Fraction(1, 2), Fraction(-1, 2), Fraction(1, 3), Fraction(3, 2)))
            return power(one(), exponent)
        if kind == 11:
            return make(
                "pow",
                one(),
                self.pick((sym("n"), sym("k"), sym("r"), sym("z"), sym("a"), add(sym("n"), neg(num(1))), num(2))),
            )
        if kind == 12:
            return make("log", one())
        if kind == 13:
            return make("sqrt", one())
        if kind == 14:
            return make(self.pick(("abs", "abs", "sign", "exp", "tan", "arctan", "tanh", "cos", "sin")), one())
        if kind == 15:
            return make(self.pick(("max", "min")), one(), one())
        if kind == 16:
            return make("indicator", make(self.pick(("gt", "le", "lt", "ge")), one(), num(0)))
        if kind == 17:
            return make(
                "cases", one(), make(self.pick(("gt", "le", "eq")), self.leaf(scope), num(0)), one(), make("true")
            )
        if kind == 18:
            return make("deriv", one(), sym(self.pick(("a", "b", "p"))))
        if kind == 19:
            return self.tensor_scalar(down, scope)
        if kind == 20:
            return make(self.pick(("factorial",)), sym(self.pick(("n", "r", "k"))))
        if kind == 21:
            return make("call", one(), value="f")
        return self.sum(depth, scope)

    def sum(self, depth: int, scope: tuple[str, ...]) -> Term:
        """A sum or product, often over a range that may be empty."""
        i = ("i", "j", "w", "o", "i'", "j'", "w'")[self.count % 7]
        self.count += 1
        lows = [num(1), num(1), num(1), num(0), num(2), num(3), add(sym("k"), num(1)), sym("k"), *map(sym, scope)]
        highs = [sym("n"), sym("n"), add(sym("n"), neg(num(1))), add(sym("n"), neg(num(2))), sym("k"), num(2), sym("r")]
        highs += [add(sym("k"), neg(num(1))), add(sym("l"), neg(num(1))), *map(sym, scope)]
        head = "prod" if self.rng.randrange(5) == 0 else "sum"
        return make(head, sym(i), self.pick(lows), self.pick(highs), self.scalar(depth - 1, (*scope, i)))

    def tensor_scalar(self, depth: int, scope: tuple[str, ...]) -> Term:
        """A number made of vectors and matrices, inverses of what may be singular among them."""
        x, y = (sym(self.pick("xy")) for _ in range(2))
        kind = self.rng.randrange(7)
        if kind == 0:
            return make("inner", x, y)
        if kind == 1:
            return make("norm", x, value="2")
        if kind == 2:
            return make("entry", mul(self.matrix(depth), x), self.place(scope))
        if kind == 3:
            return make("det", self.matrix(depth))
        if kind == 4:
            return make("trace", self.matrix(depth))
        if kind == 5:
            return mul(mul(make("transpose", x), self.matrix(depth)), y)
        return make("entry", make("hadamard", x, y), self.place(scope))

    def matrix(self, depth: int) -> Term:
        """A square matrix."""
        letter = sym(self.pick("AB"))
        kind = self.rng.randrange(7)
        if depth <= 0 or kind == 0:
            return letter
        if kind < 3:
            return make("inverse", self.matrix(depth - 1))
        if kind == 3:
            return mul(self.matrix(depth - 1), self.matrix(depth - 1))
        if kind == 4:
            return add(self.matrix(depth - 1), self.matrix(depth - 1))
        if kind == 5:
            return make("transpose", self.matrix(depth - 1))
        return mul(self.leaf(), self.matrix(depth - 1))


def tempting(t: Term, rng: random.Random) -> list[Term]:
    """What a node is often, but not always, replaced by."""
    found: list[Term] = []
    head, args = t.head, t.args
    if head == "sqrt":
        found.append(power(args[0], Fraction(1, 2)))
        if args[0].head == "pow":
            found += [args[0].args[0], make("abs", args[0].args[0])]
        if args[0].head in ("mul", "div"):
            found.append(args[0].with_args(tuple(make("sqrt", a) for a in args[0].args)))
    if head == "pow" and is_num(args[1]):
        exponent = args[1].value
        if args[0].head in ("pow", "sqrt"):
            inner = Fraction(1, 2) if args[0].head == "sqrt" else args[0].args[1].value
            if isinstance(inner, Fraction):
                found.append(power(args[0].args[0], inner * exponent))
        if args[0].head in ("mul", "div"):
            found.append(args[0].with_args(tuple(make("pow", a, args[1]) for a in args[0].args)))
        if exponent == 2:
            found += [power(make("abs", args[0]), 2), mul(args[0], args[0])]
        if exponent != 1:  # a power 0 of what may be 0 is a matter of convention
            found.append(mul(args[0], power(args[0], exponent - 1)))
    if head == "pow" and not is_num(args[1]):
        found.append(make("exp", mul(args[1], make("log", args[0]))))
        found.append(make("div", make("pow", args[0], add(args[1], num(1))), args[0]))
        if args[0].head == "mul":
            found.append(mul(*(make("pow", a, args[1]) for a in args[0].args)))
    if head == "log":
        if args[0].head in ("mul", "prod", "div", "pow", "sqrt", "det", "inverse"):
            inner = args[0]
            if inner.head == "mul":
                found.append(add(*(make("log", a) for a in inner.args)))
            elif inner.head == "div":
                found.append(add(make("log", inner.args[0]), neg(make("log", inner.args[1]))))
            elif inner.head == "pow":
                found.append(mul(inner.args[1], make("log", inner.args[0])))
            elif inner.head == "prod":
                found.append(make("sum", *inner.args[:3], make("log", inner.args[3])))
            elif inner.head == "sqrt":
                found.append(make("div", make("log", inner.args[0]), num(2)))
        if args[0].head == "exp":
            found.append(args[0].args[0])
    if head == "exp":
        if args[0].head == "log":
            found.append(args[0].args[0])
        if args[0].head == "add":
            found.append(mul(*(make("exp", a) for a in args[0].args)))
    if head == "abs":
        found.append(neg(args[0]))
        found += [
            args[0],
            make("sqrt", power(args[0], 2)),
            make("max", args[0], neg(args[0])),
            mul(args[0], make("sign", args[0])),
        ]
        if args[0].head == "mul":
            found.append(mul(*(make("abs", a) for a in args[0].args)))
    if head == "sign":
        found += [make("div", args[0], make("abs", args[0])), num(1), neg(num(1))]
    if head in ("max", "min") and len(args) == 2:
        a, b = args
        gap = make("abs", add(a, neg(b)))
        found.append(make("div", add(a, b, gap if head == "max" else neg(gap)), num(2)))
        found.append(make("cases", a, make("gt" if head == "max" else "lt", a, b), b, make("true")))
        found += [a, b]
    if head == "indicator":
        found.append(add(num(1), neg(make("indicator", make("not", args[0])))))
        found.append(make("cases", num(1), args[0], num(0), make("true")))
        found += [num(0), num(1)]
    if head == "div":
        top, below = args
        if top == below:
            found.append(num(1))
        if below.head == "div":
            found.append(make("div", mul(top, below.args[1]), below.args[0]))
        if top.head == "mul" and below in top.args:
            rest = list(top.args)
            rest.remove(below)
            found.append(mul(*rest) if rest else num(1))
        if top.head == "add":
            found.append(add(*(make("div", a, below) for a in top.args)))
        factor = sym(rng.choice(("a", "b", "p", "h", "d")))
        found.append(make("div", mul(top, factor), mul(below, factor)))
        found.append(mul(top, power(below, -1)))
    if head == "mul":
        if len(args) == 2 and args[0].head == "inverse" and args[0].args[0] == args[1]:
            found.append(make("identity"))
        if len(args) == 2 and all(a.head in ("sym", "entry", "num") for a in args):
            found.append(mul(args[1], args[0]))
        if any(is_num(a, 0) for a in args):
            found.append(num(0))
        if len(args) == 2 and args[1].head == "add":
            found.append(add(*(mul(args[0], a) for a in args[1].args)))
    if head == "add":
        found.append(add(*reversed(args)))
    if head == "deriv":
        body, by = args
        if body == by:
            found.append(num(1))
        if body.head == "abs":
            found.append(mul(make("sign", body.args[0]), make("deriv", body.args[0], by)))
        if body.head == "log":
            found.append(make("div", make("deriv", body.args[0], by), body.args[0]))
        if body.head == "sqrt":
            found.append(make("div", make("deriv", body.args[0], by), mul(num(2), body)))
        if body.head in ("add", "neg"):
            found.append(body.with_args(tuple(make("deriv", a, by) for a in body.args)))
        if body.head == "mul" and len(body.args) == 2:
            a, b = body.args
            found.append(add(mul(make("deriv", a, by), b), mul(a, make("deriv", b, by))))
        if body.head == "max":
            indicators = (make("indicator", make("gt", *body.args)), make("indicator", make("le", *body.args)))
            found.append(add(*(mul(i, make("deriv", a, by)) for i, a in zip(indicators, body.args, strict=True))))
        if body.head == "cases":
            v, c, w, o = body.args
            found.append(make("cases", make("deriv", v, by), c, make("deriv", w, by), o))
        if body.head in ("sign", "indicator"):
            found.append(num(0))
    if head in ("sum", "prod"):
        found += _of_range(t)
    if head == "det":
        inner = args[0]
        if inner.head == "mul" and len(inner.args) == 2:
            found.append(mul(*(make("det", a) for a in inner.args)))
        if inner.head == "inverse":
            found.append(make("div", num(1), make("det", inner.args[0])))
        if inner.head == "transpose":
            found.append(make("det", inner.args[0]))
    if head == "inverse":
        inner = args[0]
        if inner.head == "mul" and len(inner.args) == 2:
            found.append(mul(make("inverse", inner.args[1]), make("inverse", inner.args[0])))
        if inner.head == "inverse":
            found.append(inner.args[0])
        if inner.head == "transpose":
            found.append(make("transpose", make("inverse", inner.args[0])))
        if inner.head == "add":
            found.append(add(*(make("inverse", a) for a in inner.args)))
    if head == "norm":
        found.append(make("sqrt", make("inner", args[0], args[0])))
    if head == "factorial":
        found.append(mul(args[0], make("factorial", add(args[0], neg(num(1))))))
        found.append(make("prod", sym("i"), num(1), args[0], sym("i")))
    if head == "tan":
        found.append(make("div", make("sin", args[0]), make("cos", args[0])))
    if head == "cases":
        found.append(args[0])
        found.append(args[2])
    if head == "call":
        found.append(make("call", mul(args[0], num(1)), value=t.value))
    return found


def _of_range(t: Term) -> list[Term]:
    """What is said of sums and products, true or not where the range is empty."""
    i, low, high, body = t.args
    found = []
    length = add(high, neg(low), num(1))
    join, zero = (add, num(0)) if t.head == "sum" else (mul, num(1))
    free = i.name not in free_names(body)
    if free and t.head == "sum":
        found.append(mul(length, body))
    if free and t.head == "prod":
        found.append(make("pow", body, length))
    if body == i and t.head == "sum":
        found.append(make("div", mul(length, add(low, high)), num(2)))
    if body.head == "add" and t.head == "sum":
        found.append(add(*(t.with_args((i, low, high, a)) for a in body.args)))
    if body.head == "mul":
        if t.head == "prod":
            found.append(mul(*(t.with_args((i, low, high, a)) for a in body.args)))
        elif len(body.args) == 2 and i.name not in free_names(body.args[0]):
            found.append(mul(body.args[0], t.with_args((i, low, high, body.args[1]))))
    if body.head == "pow" and body.args[1] == i and i.name not in free_names(body.args[0]) and t.head == "sum":
        base = body.args[0]
        top = add(make("pow", base, low), neg(make("pow", base, add(high, num(1)))))
        found.append(make("div", top, add(num(1), neg(base))))
    found.append(join(t.with_args((i, low, add(high, neg(num(1))), body)), substitute(body, {i.name: high})))
    found.append(join(substitute(body, {i.name: low}), t.with_args((i, add(low, num(1)), high, body))))
    found.append(t.with_args((i, add(low, num(1)), add(high, num(1)), substitute(body, {i.name: add(i, neg(num(1)))}))))
    found.append(t.with_args((i, low, high, substitute(body, {i.name: add(low, high, neg(i))}))))
    if body.head == "exp" and t.head == "prod":
        found.append(make("exp", make("sum", i, low, high, body.args[0])))
    if body.head == "sum" and t.head == "sum" and i.name not in free_names(body.args[1]) | free_names(body.args[2]):
        j, first, last, inner = body.args
        found.append(make("sum", j, first, last, make("sum", i, low, high, inner)))
    found.append(zero)
    return found


@dataclass(frozen=True)
class Tried:
    """A claim that was made, what the normal form says of it, and what is wrong with that."""

    claim: Term
    outcome: Outcome
    wrong: str = ""
    agreed: int = 0

    def __str__(self) -> str:
        conditions = "; ".join(plain(c) for c in self.outcome.conditions)
        return f"{plain(self.claim)}\n    {self.outcome.verdict} [{conditions}] {self.wrong}"


def make_claim(rng: random.Random) -> Term | None:
    """`t = t'` where t' is t with tempting replacements, sometimes changed outright, sometimes turned round."""
    wild = Wild(rng)
    left = wild.scalar(rng.choice((1, 2, 2, 3, 3)))
    right, done = left, 0
    for _ in range(8):
        spots = list(places(right))
        spot = spots[rng.randrange(len(spots))]
        options = tempting(spot.node, rng)
        if options:
            right = put(right, spot.path, options[rng.randrange(len(options))])
            done += 1
        if done >= rng.choice((1, 1, 2, 3)):
            break
    if rng.randrange(4) == 0:
        changed = change_once(right, PARTIAL, rng)
        right, done = (changed[0], 1) if changed else (right, done)
    if not done:
        return None
    if rng.randrange(2):
        left, right = right, left
    return statement(left, right, PARTIAL.context)


def inspect(claim: Term, seed: int = 0, seconds: float = 2.0) -> Tried:
    """Ask the normal form about a claim, and oppose a proof at points where the left side has a value."""
    outcome = ask(claim, PARTIAL.context, seconds)
    if outcome.verdict not in ("equal", "conditional"):
        return Tried(claim, outcome)
    context = assume(PARTIAL.context, outcome.conditions)
    agreed, wrong = oppose(claim, context, seed, outcome.conditions)
    return Tried(claim, outcome, wrong, agreed)


def oppose(claim: Term, context: Context, seed: int, conditions: tuple[Term, ...] = ()) -> tuple[int, str]:
    """Points at which a claim holds, and the first at which it does not although its left side has a value."""
    sampler = Sampler(context, claim, seed)
    budget = Budget(3.0)
    agreed = 0
    try:
        for attempt, n in enumerate(SIZES):
            sampler.sizes = (dict.fromkeys(sampler.size_names, n),)
            budget.spend()
            found = sampler.point(attempt, budget)
            if found is None:
                continue
            point, frame = found
            if not all(_holds(c, frame) for c in conditions):
                continue
            before = ctx.prec
            ctx.prec = HIGH_PRECISION
            try:
                frame.value(claim.left, {})
            except NoValue:
                continue
            finally:
                ctx.prec = before
            try:
                frame.value(claim.right, {})
            except NoValue as reason:
                if reason.kind == "undefined" and "differentiable" not in reason.reason:
                    # dual numbers see a kink in √(0·p) or max(p, p) where there is none
                    return agreed, f"NO VALUE ON THE RIGHT ({reason.reason}) at {point.sizes} {_values(point)}"
                continue
            finding = contest(claim, context, point, frame)
            if isinstance(finding, Differs):
                return agreed, f"DIFFERS at {point.sizes} {_values(point)}: {finding.left} against {finding.right}"
            agreed += 1
    except BudgetSpent:
        pass
    return agreed, ""


def _holds(condition: Term, frame: Frame) -> bool:
    """Whether a condition holds at a point (facts about sizes alone are not met by drawing)."""
    try:
        return frame.truth(condition, {})
    except NoValue:
        return False


def _values(point) -> dict[str, str]:
    return {name: str(value) for name, value in point.values.items()}
