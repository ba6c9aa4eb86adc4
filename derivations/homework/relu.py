"""The rectifier: its value, its slope on each side of 0, and the kink between them."""

from derive.script import D, Eq, Gt, Lt, Max, Script, absolute, cases, derivation, lim, otherwise


@derivation("ReLU and its derivative", source="deep-learning homework, question 2.1")
def relu(d: Script) -> None:
    t, h = d.scalars("t h")
    f = d.function("f", t, value=cases((0, Lt(t, 0)), (t, otherwise)), because="the rectifier")

    d.equal(f(t), Max(0, t), because="the larger of 0 and t")
    d.equal(f(t), (t + absolute(t)) / 2, because="|t| is t or −t")
    d.implies(Lt(t, 0), Eq(D(f(t), t), 0), because="to the left of 0 it is constant")
    d.implies(Gt(t, 0), Eq(D(f(t), t), 1), because="to the right of 0 it is the identity")
    d.equal(lim((f(h) - f(0)) / h, h, 0, "-"), 0, because="the slope at 0 from the left")
    d.equal(lim((f(h) - f(0)) / h, h, 0, "+"), 1, because="the slope at 0 from the right: no derivative there")
    d.at_most(0, f(t), because="it never is negative")
