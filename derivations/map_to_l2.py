"""A Gaussian prior on the weights is an L2 penalty: the posterior's maximum is ridge regression."""

from derive.script import Product, Script, Sum, argmax, argmin, derivation, dot, exp, log, pi, sqrt


@derivation("From the posterior's maximum to L2 regularisation", source="deep-learning homework, question 3.2")
def map_to_l2(d: Script) -> None:
    n, p = d.sizes("n p")
    w = d.vector("w", p)
    x = d.family("x", n, member=(p,))
    y = d.vector("y", n)
    sigma, tau, evidence = d.scalars("sigma tau P_y", positive=True)
    i, j = d.indices("i j")

    def normal(error, deviation):
        return exp(-(error**2) / (2 * deviation**2)) / (deviation * sqrt(2 * pi))

    residual = y[i] - dot(w, x[i])
    likelihood = d.function(
        "ℓ", w, value=Product(normal(residual, sigma), (i, 1, n)), because="independent normal errors"
    )
    prior = d.function("π_w", w, value=Product(normal(w[j], tau), (j, 1, p)), because="independent normal weights")

    ridge = d.chain(
        argmax(w, likelihood(w) * prior(w) / evidence),
        (argmax(w, likelihood(w) * prior(w)), "the evidence P(y) is positive and does not depend on w"),
        (argmax(w, log(likelihood(w) * prior(w))), "the logarithm increases"),
        (argmax(w, log(likelihood(w)) + log(prior(w))), "the logarithm of a product"),
        (
            argmax(w, -Sum(residual**2, (i, 1, n)) / (2 * sigma**2) - Sum(w[j] ** 2, (j, 1, p)) / (2 * tau**2)),
            "products become sums; what is free of w is dropped",
        ),
        (
            argmin(w, Sum(residual**2, (i, 1, n)) + sigma**2 / tau**2 * Sum(w[j] ** 2, (j, 1, p))),
            "a negative factor, −1/2σ², turns the maximum into a minimum",
        ),
    )
    lam = d.define("lambda", sigma**2 / tau**2, because="the strength of the penalty")
    d.equal(
        ridge,
        argmin(w, Sum(residual**2, (i, 1, n)) + lam * Sum(w[j] ** 2, (j, 1, p))),
        because="this is L2 regularisation with λ = σ²/τ²",
    )
