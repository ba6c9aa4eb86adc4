"""Saturation: far from 0 the sigmoid is flat, and its gradient vanishes."""

from derive.script import Script, derivation, exp, lim, oo


@derivation("Saturation of the sigmoid", source="deep-learning homework, questions 2.1 and 2.2")
def sigmoid_saturation(d: Script) -> None:
    t = d.scalar("t")
    sigma = d.function("sigma", t, value=1 / (1 + exp(-t)), because="the logistic function")

    d.equal(lim(sigma(t), t, oo), 1, because="e⁻ᵗ tends to 0")
    d.equal(lim(sigma(t), t, -oo), 0, because="e⁻ᵗ grows without bound")
    d.equal(sigma.prime(t), sigma(t) * sigma(-t), because="σ′ = σ(1 − σ), and 1 − σ(t) = σ(−t)")
    d.equal(lim(sigma.prime(t), t, oo), 0, because="the second factor tends to 0")
    d.equal(lim(sigma.prime(t), t, -oo), 0, because="the first factor tends to 0")
    d.equal(lim(sigma.prime(t) * exp(t), t, oo), 1, because="the gradient decays like e⁻ᵗ")
    d.equal(lim(sigma.prime(t) * exp(-t), t, -oo), 1, because="and like eᵗ on the other side")
