"""The normal equation: where the mean squared error of a linear model is least."""

from derive.script import Eq, Script, argmin, derivation, grad, hessian, norm2, quad


@derivation("Normal equation", source="deep-learning homework, question 1.2")
def normal_equation(d: Script) -> None:
    n, p = d.sizes("n p")
    X = d.matrix("X", n, p, rank="full column")
    w, v, y = d.vector("w", p), d.vector("v", p), d.vector("y", n)

    L = d.define("L", (X * w - y).T * (X * w - y) / (2 * n), because="the mean squared error, in matrix form")
    J = d.define("J", norm2(X * w - y), because="without the factor 1/2n")
    d.equal(argmin(w, L), argmin(w, J), because="a positive factor moves no minimum")

    d.chain(
        J,
        (w.T * X.T * X * w - w.T * X.T * y - y.T * X * w + y.T * y, "expand the product"),
        (w.T * X.T * X * w - 2 * (X * w).T * y + y.T * y, "a number equals its transpose: the cross terms agree"),
    )
    d.equal(grad(J, w), 2 * X.T * X * w - 2 * X.T * y, because="differentiate a quadratic form and a linear one")
    d.equal(hessian(J, w), 2 * X.T * X, because="differentiate once more")
    d.equal(quad(hessian(J, w), v), 2 * norm2(X * v), because="along any direction v")
    d.at_most(0, 2 * norm2(X * v), because="so J is convex, and a stationary point is a minimum")

    d.state(Eq(grad(J, w), 0), because="at a minimum the gradient vanishes")
    d.iff(Eq(grad(J, w), 0), Eq(X.T * X * w, X.T * y), because="divide by 2 and bring Xᵀy to the other side")
    solution = (X.T * X).inverse() * X.T * y
    d.implies(Eq(X.T * X * w, X.T * y), Eq(w, solution), because="XᵀX is invertible: X has full column rank")
    d.equal(argmin(w, J), solution, because="the only stationary point of a convex function")
