"""The maximum of the likelihood of a coin, and the same with pseudo-counts from a beta prior."""

from derive.script import D, Eq, Script, Sum, argmax, derivation, log


@derivation("Likelihood of a coin", source="maximum likelihood and a conjugate prior")
def bernoulli_likelihood(d: Script) -> None:
    n = d.size("n")
    x = d.family("x", n)
    theta = d.scalar("theta", between=(0, 1))
    h, f, a, b = d.scalars("h f a b", positive=True)
    i = d.index("i", n)
    heads = Sum(x[i], (i, 1, n))

    L = d.define("L", Sum(x[i] * log(theta) + (1 - x[i]) * log(1 - theta), (i, 1, n)), because="independent tosses")
    d.equal(L, heads * log(theta) + (n - heads) * log(1 - theta), because="count the heads")
    d.chain(
        D(L, theta),
        (heads / theta - (n - heads) / (1 - theta), "the slope of each logarithm"),
        ((heads - n * theta) / (theta * (1 - theta)), "one fraction"),
    )
    d.implies(Eq(D(L, theta), 0), Eq(theta, heads / n), because="the share of heads")
    d.equal(
        D(h * log(theta) + f * log(1 - theta), theta, theta),
        -h / theta**2 - f / (1 - theta) ** 2,
        because="with h heads and f tails, the curvature",
    )
    d.less(-h / theta**2 - f / (1 - theta) ** 2, 0, because="negative everywhere: one maximum")
    d.equal(
        argmax(theta, theta**h * (1 - theta) ** f * theta**a * (1 - theta) ** b),
        argmax(theta, (h + a) * log(theta) + (f + b) * log(1 - theta)),
        because="a prior θᵃ(1−θ)ᵇ adds a heads and b tails",
    )
