"""Logistic regression: the gradient and the Hessian of its loss, and why the loss is convex."""

from derive.script import D, Script, Sum, derivation, dot, exp, grad, hessian, log, quad


@derivation("Gradient and Hessian of logistic regression", source="generalised linear models, logit link")
def logistic_regression(d: Script) -> None:
    n, p = d.sizes("n p")
    w, v, y = d.vector("w", p), d.vector("v", p), d.vector("y", n)
    x = d.family("x", n, member=(p,))
    t, u = d.scalars("t u")
    (i,) = d.indices("i")
    k = d.index("k", p)
    sigma = d.function("sigma", t, value=1 / (1 + exp(-t)), because="the logistic function")

    d.equal(D(sigma(t), t), sigma(t) * (1 - sigma(t)), because="its slope")
    d.chain(
        -u * log(sigma(t)) - (1 - u) * log(1 - sigma(t)),
        (log(1 + exp(t)) - u * t, "the cross-entropy of a label u, in terms of the logit t"),
    )
    d.equal(D(log(1 + exp(t)) - u * t, t), sigma(t) - u, because="prediction minus label")

    L = d.define(
        "L", Sum(log(1 + exp(dot(w, x[i]))) - y[i] * dot(w, x[i]), (i, 1, n)), because="the loss of all examples"
    )
    d.equal(D(L, w[k]), Sum((sigma(dot(w, x[i])) - y[i]) * x[i][k], (i, 1, n)), because="the chain rule")
    d.equal(grad(L, w), Sum((sigma(dot(w, x[i])) - y[i]) * x[i], (i, 1, n)), because="all of them at once")
    d.equal(
        quad(hessian(L, w), v),
        Sum(sigma(dot(w, x[i])) * (1 - sigma(dot(w, x[i]))) * dot(v, x[i]) ** 2, (i, 1, n)),
        because="differentiate once more, along a direction v",
    )
    d.less(0, sigma(t) * (1 - sigma(t)), because="each example has a positive weight")
    d.at_most(
        0,
        Sum(sigma(dot(w, x[i])) * (1 - sigma(dot(w, x[i]))) * dot(v, x[i]) ** 2, (i, 1, n)),
        because="a sum of squares with such weights: the loss is convex",
    )
