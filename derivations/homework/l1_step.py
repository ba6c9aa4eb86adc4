"""A gradient step with an L1 penalty pulls every weight towards 0 by the same amount."""

from derive.script import D, Eq, Gt, Script, absolute, derivation, sign


@derivation("Gradient step with an L1 penalty", source="deep-learning homework, question 3.1")
def l1_step(d: Script) -> None:
    w = d.scalar("w", nonzero=True)
    lam, eps = d.scalars("lambda epsilon", positive=True)
    cost = d.function("C", properties="differentiable")

    J = d.define("J", cost(w) + lam * absolute(w), because="the cost of one weight, with its penalty")
    d.equal(D(absolute(w), w), sign(w), because="away from 0")
    d.equal(D(J, w), cost.prime(w) + lam * sign(w), because="the penalty has slope ±λ, whatever the weight's size")
    d.update(w, w - eps * D(J, w), because="gradient descent")
    d.update(w, w - eps * (cost.prime(w) + lam * sign(w)), because="insert the slope")
    d.implies(
        Gt(w, 0),
        Eq(w - eps * D(J, w), w - eps * (cost.prime(w) + lam)),
        because="for a positive weight the sign is 1",
    )
