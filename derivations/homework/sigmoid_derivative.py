"""The derivative of the sigmoid, and how large it can be."""

from derive.script import D, Rational, Script, derivation, exp


@derivation("Derivative of the sigmoid and its bound", source="deep-learning homework, question 2.1")
def sigmoid_derivative(d: Script) -> None:
    t = d.scalar("t")
    sigma = d.function("sigma", t, value=1 / (1 + exp(-t)), because="the logistic function")

    d.chain(
        D(sigma(t), t),
        (exp(-t) / (1 + exp(-t)) ** 2, "the chain rule for a reciprocal"),
        (sigma(t) * (1 - sigma(t)), "1 − σ(t) = e⁻ᵗ / (1 + e⁻ᵗ)"),
    )
    d.less(0, sigma(t), 1, because="the denominator exceeds 1")
    d.less(0, 1 - sigma(t), 1, because="1 − σ(t) is σ(−t)")
    d.equal(1 - sigma(t), sigma(-t), because="the graph is symmetric about (0, 1/2)")

    d.at_most(0, sigma(t) * (1 - sigma(t)), 1, because="a product of numbers between 0 and 1; not the best bound")
    d.at_most(0, D(sigma(t), t), Rational(1, 4), because="u(1 − u) is largest at u = 1/2")
    d.equal(sigma(0) * (1 - sigma(0)), Rational(1, 4), because="so the bound 1/4 is attained, at t = 0")
