"""Batch normalisation backwards: each input acts on a result directly, through the mean and through the variance."""

from derive.script import D, KroneckerDelta, Script, Sum, derivation, sqrt


@derivation("Batch normalisation, backwards", source="Ioffe and Szegedy (2015)")
def batch_norm_backward(d: Script) -> None:
    n = d.size("n")
    x, g = d.family("x", n), d.family("g", n)
    v, eps = d.scalars("v epsilon", positive=True)
    gamma, beta, m, t = d.scalars("gamma beta m t")
    i, k = d.indices("i k", n)
    (j,) = d.indices("j")

    mu = d.define("mu", Sum(x[j], (j, 1, n)) / n, because="the mean of the batch")
    s = d.define("s", Sum((x[j] - mu) ** 2, (j, 1, n)) / n, because="its variance")
    d.equal(D(mu, x[k]), 1 / n, because="every example has the same share")
    d.equal(Sum(x[j] - mu, (j, 1, n)), 0, because="the deviations balance")
    d.equal(D(s, x[k]), 2 * (x[k] - mu) / n, because="what comes through the mean is 0")
    d.equal(D(x[i] - mu, x[k]), KroneckerDelta(i, k) - 1 / n, because="directly, and through the mean")

    d.equal(D((t - m) / sqrt(v + eps), t), 1 / sqrt(v + eps), because="a result as a function of its own input")
    d.equal(D((t - m) / sqrt(v + eps), m), -1 / sqrt(v + eps), because="of the mean")
    d.equal(D((t - m) / sqrt(v + eps), v), -(t - m) / (2 * sqrt(v + eps) ** 3), because="of the variance")
    d.equal(
        D(Sum(g[j] * (gamma * (x[j] - mu) / sqrt(v + eps) + beta), (j, 1, n)), gamma),
        Sum(g[j] * (x[j] - mu) / sqrt(v + eps), (j, 1, n)),
        because="the gradient by the scale",
    )
    d.equal(
        D(Sum(g[j] * (gamma * (x[j] - mu) / sqrt(v + eps) + beta), (j, 1, n)), beta),
        Sum(g[j], (j, 1, n)),
        because="and by the shift",
    )
