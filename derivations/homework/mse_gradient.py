"""The gradient of the mean squared error of a linear model, entry by entry and as a matrix formula."""

from derive.script import D, Script, Sum, derivation, entry, grad, norm2, ones


@derivation("Gradient of the mean squared error", source="deep-learning homework, question 1.1")
def mse_gradient(d: Script) -> None:
    n, p = d.sizes("n p")
    X = d.matrix("X", n, p)
    w, y = d.vector("w", p), d.vector("y", n)
    b, alpha = d.scalars("b alpha")
    i = d.index("i", n)
    j, k = d.indices("j k", p)

    y_hat = d.define("ŷ", Sum(X[i, j] * w[j], (j, 1, p)) + b, over=i, because="the model's prediction for example i")
    L = d.define("L", Sum((y[i] - y_hat[i]) ** 2, (i, 1, n)) / (2 * n), because="half the mean squared error")

    d.equal(D(y_hat[i], w[k]), X[i, k], because="only the term j = k of the sum depends on w_k")
    slope = d.chain(
        D(L, w[k]),
        (
            Sum((y[i] - y_hat[i]) * D(-y_hat[i], w[k]), (i, 1, n)) / n,
            "chain rule: the square gives 2, the inner term −ŷ",
        ),
        (-Sum((y[i] - y_hat[i]) * X[i, k], (i, 1, n)) / n, "the derivative of the prediction"),
    )
    d.equal(D(L, b), -Sum(y[i] - y_hat[i], (i, 1, n)) / n, because="the prediction has slope 1 in b")

    r = d.define("r", X * w + b * ones(n) - y, because="all residuals at once")
    d.equal(L, norm2(r) / (2 * n), because="a sum of squares is a squared length")
    gradient = d.equal(grad(L, w), X.T * r / n, because="the gradient in matrix form")
    d.equal(slope, entry(gradient, k), because="both forms are the same numbers")

    d.update(w[k], w[k] - alpha * D(L, w[k]), because="gradient descent goes downhill")
    d.update(w[k], w[k] + alpha / n * Sum((y[i] - y_hat[i]) * X[i, k], (i, 1, n)), because="insert the gradient")
