"""Two losses with a kink in their slope or value: Huber's for regression and the hinge for classification."""

from derive.script import (
    D,
    Eq,
    Gt,
    Le,
    Lt,
    Max,
    Min,
    Rational,
    Script,
    absolute,
    both,
    cases,
    derivation,
    otherwise,
    sign,
)


@derivation("Huber's loss and the hinge", source="Huber (1964); support vector machines")
def huber_and_hinge(d: Script) -> None:
    r, t = d.scalars("r t")
    c = d.scalar("c", positive=True)
    half = Rational(1, 2)
    rho = d.function(
        "rho",
        r,
        value=cases((-c * (r + c / 2), Lt(r, -c)), (half * r**2, Le(r, c)), (c * (r - c / 2), otherwise)),
        because="a parabola in the middle, lines outside",
    )
    d.implies(both(Lt(-c, r), Lt(r, c)), Eq(D(rho(r), r), r), because="inside, the slope is the residual")
    d.implies(Gt(absolute(r), c), Eq(rho(r), c * (absolute(r) - c / 2)), because="one formula for both lines")
    d.implies(Gt(r, c), Eq(D(rho(r), r), c), because="outside, it is cut off")
    d.equal(half * c**2, c * (c - c / 2), because="the pieces meet at r = c")
    d.at_most(rho(r), half * r**2, because="an outlier costs less than its square")
    d.equal(rho(-r), rho(r), because="both signs cost the same")
    d.equal(r - Max(-c, Min(c, r)), sign(r) * Max(absolute(r) - c, 0), because="what clipping takes away")

    hinge = d.function("ℓ", t, value=Max(0, 1 - t), because="a margin t of 1 or more costs nothing")
    d.implies(Lt(t, 1), Eq(D(hinge(t), t), -1), because="below the margin, the slope is −1")
    d.implies(Gt(t, 1), Eq(D(hinge(t), t), 0), because="beyond it, 0")
    d.at_most(0, hinge(t), because="it never is negative")
    d.at_most(cases((1, Le(t, 0)), (0, otherwise)), hinge(t), because="it bounds the number of mistakes")
