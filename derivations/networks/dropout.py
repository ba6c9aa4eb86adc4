"""Dropout: the kept activations are scaled up so that the mean stays, and the noise acts like a penalty."""

from derive.script import E, Script, Sum, Var, derivation


@derivation("Dropout", source="Srivastava et al. (2014); Wager, Wang and Liang (2013)")
def dropout(d: Script) -> None:
    n = d.size("n")
    p = d.scalar("p", between=(0, 1))
    b = d.random("b", n, properties="iid", mean=p, variance=p * (1 - p))
    w, a = d.family("w", n), d.family("a", n)
    y = d.scalar("y")
    j = d.index("j", n)

    z = d.define("z", Sum(w[j] * a[j] * b[j] / p, (j, 1, n)), because="each input is kept with probability p")
    d.equal(E(b[j] ** 2), p, because="b is 0 or 1, so its square is b")
    d.equal(E(b[j] / p), 1, because="dividing by p keeps the mean")
    d.equal(Var(b[j] / p), (1 - p) / p, because="and brings noise")
    d.equal(E(z), Sum(w[j] * a[j], (j, 1, n)), because="so the whole input keeps its mean")
    d.equal(Var(z), (1 - p) / p * Sum(w[j] ** 2 * a[j] ** 2, (j, 1, n)), because="the masks are independent")
    d.equal(
        E((y - z) ** 2),
        (y - Sum(w[j] * a[j], (j, 1, n))) ** 2 + (1 - p) / p * Sum(w[j] ** 2 * a[j] ** 2, (j, 1, n)),
        because="the mean squared error is that without dropout plus a weighted L2 penalty",
    )
