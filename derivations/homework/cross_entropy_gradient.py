"""The gradient of the cross-entropy through a softmax and two linear layers."""

from derive.script import D, Eq, Script, Sum, derivation, dot, grad, jacobian, log, softmax


@derivation("Cross-entropy through two layers", source="deep-learning homework, question 4.2")
def cross_entropy_gradient(d: Script) -> None:
    K, m, p = d.sizes("K m p")
    W, V = d.matrix("W", p, m), d.matrix("V", m, K)
    x, h, u, y = d.vector("x", p), d.vector("h", m), d.vector("u", K), d.vector("y", K)
    q = d.family("q", K, positive=True)
    i = d.index("i", K)
    d.given(Eq(Sum(y[i], (i, 1, K)), 1))

    d.equal(D(-Sum(y[i] * log(q[i]), (i, 1, K)), q[i]), -y[i] / q[i], because="by each predicted probability")
    loss = d.function("L", u, value=-dot(y, log(softmax(u))), because="the cross-entropy of softmax(u) and y")
    d.equal(loss(u), -Sum(y[i] * log(softmax(u)[i]), (i, 1, K)), because="an inner product, written out")

    d.equal(jacobian(V.T * h, h, "denominator"), V, because="the output layer is linear")
    d.equal(jacobian(W.T * x, x, "denominator"), W, because="so is the hidden layer")
    d.equal(grad(loss(u), u), softmax(u) - y, because="the labels sum to 1")
    d.equal(grad(loss(V.T * h), h), V * (softmax(V.T * h) - y), because="the chain rule through u = Vᵀh")
    d.equal(
        grad(loss(V.T * W.T * x), x),
        W * V * (softmax(V.T * W.T * x) - y),
        because="the chain rule again, through h = Wᵀx",
    )
