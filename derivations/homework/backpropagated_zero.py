"""The error signal is handed down layer by layer; once it is zero it stays zero."""

from derive.script import Eq, Rational, Script, derivation, grad, hadamard, zeros


@derivation("A zero gradient is passed down to every layer", source="deep-learning homework, question 4.1")
def backpropagated_zero(d: Script) -> None:
    m, n = d.sizes("m n")
    W = d.matrix("W", m, n)
    b, z = d.vector("b", m), d.vector("z", n)
    sigma = d.function("sigma", properties="differentiable")
    u = d.vector("u", m)
    loss = d.function("ℓ", u, properties="differentiable")

    above = d.define("v", W * sigma(z) + b, because="the input of the layer above")
    delta = loss.prime(above)
    d.equal(
        grad(loss(above), z),
        hadamard(W.T * delta, sigma.prime(z)),
        because="the chain rule: back through the weights, then through the activation",
    )
    d.implies(
        Eq(delta, zeros(m)),
        Eq(grad(loss(above), z), zeros(n)),
        because="a zero above gives a zero below",
    )
    d.equal(Rational(1, 2) * (Rational(1, 2) - 1) ** 2, Rational(1, 8), because="the error of the example")
