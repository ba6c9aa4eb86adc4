"""A softmax with a temperature: from the uniform distribution to the largest entry."""

from derive.script import D, Script, Sum, derivation, exp, lim, log, oo


@derivation("Temperature of a softmax", source="Hinton, Vinyals and Dean (2015)")
def temperature(d: Script) -> None:
    n = d.size("n")
    x = d.vector("x", n)
    T, g = d.scalars("T g", positive=True)
    i, k = d.indices("i k", n)
    (j,) = d.indices("j")

    Z = d.define("Z", Sum(exp(x[j] / T), (j, 1, n)), because="the normalisation")
    p = d.define("p", exp(x[k] / T) / Z, over=k, because="the softmax at temperature T")
    mean = Sum(p[j] * x[j], (j, 1, n))
    d.equal(Sum(p[k], (k, 1, n)), 1, because="probabilities at any temperature")
    d.equal(log(p[i]) - log(p[k]), (x[i] - x[k]) / T, because="the temperature divides differences of logits")
    d.equal(D(p[k], x[k]), p[k] * (1 - p[k]) / T, because="and gradients")
    d.equal(D(log(Z), T), -mean / T**2, because="the mean of the logits")
    d.equal(D(log(p[k]), T), (mean - x[k]) / T**2, because="an entry above the mean loses when it gets warmer")
    d.equal(lim(1 / (1 + exp(-g / T)), T, 0, "+"), 1, because="two classes with gap g: when cold, the larger takes all")
    d.equal(lim(exp(g / T), T, oo), 1, because="and when hot, all are alike")
