"""A Gaussian prior on the weights is an L2 penalty: the posterior's maximum is ridge regression."""

from derive.script import Expression, Product, Script, Sum, argmax, argmin, derivation, dot, exp, log, pi, sqrt


def normal(error: Expression, deviation: Expression) -> Expression:
    """The density of a normal error with mean 0."""
    return exp(-(error**2) / (2 * deviation**2)) / (deviation * sqrt(2 * pi))


@derivation("From the posterior's maximum to L2 regularisation", source="deep-learning homework, question 3.2")
def map_to_l2(d: Script) -> None:
    n, p = d.sizes("n p")
    w, y = d.vector("w", p), d.vector("y", n)
    x = d.family("x", n, member=(p,))
    sigma, tau, evidence = d.scalars("sigma tau P_y", positive=True)
    i, j = d.indices("i j")

    error = y[i] - dot(w, x[i])
    errors, weights = Sum(error**2, (i, 1, n)), Sum(w[j] ** 2, (j, 1, p))
    likelihood = d.function("ℓ", w, value=Product(normal(error, sigma), (i, 1, n)), because="independent errors")
    prior = d.function("π_w", w, value=Product(normal(w[j], tau), (j, 1, p)), because="independent weights")
    lam = d.define("lambda", sigma**2 / tau**2, because="the strength of the penalty")

    d.chain(
        argmax(w, likelihood(w) * prior(w) / evidence),
        (argmax(w, likelihood(w) * prior(w)), "the evidence P(y) is positive and does not depend on w"),
        (argmax(w, log(likelihood(w) * prior(w))), "the logarithm increases"),
        (argmax(w, log(likelihood(w)) + log(prior(w))), "the logarithm of a product"),
        (argmax(w, -errors / (2 * sigma**2) - weights / (2 * tau**2)), "what is free of w is dropped"),
        (argmin(w, errors + sigma**2 / tau**2 * weights), "a negative factor turns the maximum into a minimum"),
        (argmin(w, errors + lam * weights), "this is L2 regularisation with λ = σ²/τ²"),
    )
