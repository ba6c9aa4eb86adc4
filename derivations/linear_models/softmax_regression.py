"""Softmax regression: the gradient of the cross-entropy by the weights of a linear classifier with several classes."""

from derive.script import D, Eq, Script, Sum, derivation, dot, exp, grad, log, ones, softmax


@derivation("Gradient of softmax regression", source="generalised linear models, several classes")
def softmax_regression(d: Script) -> None:
    K, p = d.sizes("K p")
    W = d.matrix("W", K, p)
    x, z, y = d.vector("x", p), d.vector("z", K), d.vector("y", K)
    c = d.scalar("c")
    i, k = d.indices("i k", K)
    j = d.index("j", p)
    d.given(Eq(Sum(y[i], (i, 1, K)), 1))

    d.equal(softmax(z + c * ones(K)), softmax(z), because="a constant cancels in the quotient")
    loss = d.function("L", z, value=log(Sum(exp(z[i]), (i, 1, K))) - dot(y, z), because="the loss in terms of logits")
    d.equal(loss(z), -Sum(y[i] * log(softmax(z)[i]), (i, 1, K)), because="the labels sum to 1")
    d.equal(D(loss(z), z[k]), softmax(z)[k] - y[k], because="prediction minus label")
    d.equal(grad(loss(W * x), W), (softmax(W * x) - y) * x.T, because="the logits are linear in the weights")
    d.equal(D(loss(W * x), W[k, j]), (softmax(W * x)[k] - y[k]) * x[j], because="the same, entry by entry")
    d.equal(grad(loss(W * x), x), W.T * (softmax(W * x) - y), because="what goes back to the layer below")
    d.equal(Sum(D(loss(z), z[k]), (k, 1, K)), 0, because="the pulls on the classes balance")
