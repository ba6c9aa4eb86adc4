"""Momentum: the velocity is a fading sum of gradients, and a constant gradient is amplified by 1/(1 − β)."""

from derive.script import Eq, Script, Sum, derivation, lim, oo


@derivation("Momentum", source="Polyak (1964)")
def momentum(d: Script) -> None:
    N = d.size("N", minimum=3)
    beta = d.scalar("beta", between=(0, 1))
    eta = d.scalar("eta", positive=True)
    G = d.scalar("G")
    g = d.family("g", N)
    v = d.family("v", N, low=0)
    t = d.index("t", N)
    i, k = d.indices("i k")
    n = d.size("n")
    d.recurrence(Eq(v[t], beta * v[t - 1] + g[t]), start=0)

    d.equal(v[1], g[1], because="the first velocity is the first gradient")
    d.equal(v[3], beta**2 * g[1] + beta * g[2] + g[3], because="three steps")
    d.equal(v[t], Sum(beta ** (t - i) * g[i], (i, 1, t)), because="by induction")
    d.equal(
        Sum(beta ** (n - i) * G, (i, 1, n)), G * (1 - beta**n) / (1 - beta), because="a gradient that stays the same"
    )
    d.equal(lim(G * (1 - beta**n) / (1 - beta), n, oo), G / (1 - beta), because="the largest velocity")
    d.equal(
        eta * (1 - beta) * Sum(beta**k * G, (k, 0, oo)),
        eta * G,
        because="so a rate scaled by 1 − β moves as far as without momentum",
    )
