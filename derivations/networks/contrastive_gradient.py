"""The gradient of the contrastive loss InfoNCE by the embeddings of the query and of its candidates."""

from derive.script import D, KroneckerDelta, Script, Sum, derivation, dot, exp, grad, log


@derivation("Gradient of the contrastive loss", source="van den Oord, Li and Vinyals (2018)")
def contrastive_gradient(d: Script) -> None:
    n, m = d.sizes("n m")
    q = d.vector("q", m)
    c = d.family("c", n, member=(m,))
    s = d.vector("s", n)
    T = d.scalar("T", positive=True)
    i, k = d.indices("i k", n)
    (j,) = d.indices("j")

    p = d.define("p", exp(s[k] / T) / Sum(exp(s[j] / T), (j, 1, n)), over=k, because="the softmax of similarities")
    loss = d.define("ℓ", -log(exp(s[i] / T) / Sum(exp(s[j] / T), (j, 1, n))), over=i, because="candidate i is right")
    d.equal(loss[i], log(Sum(exp(s[j] / T), (j, 1, n))) - s[i] / T, because="the logarithm of a quotient")
    d.equal(D(loss[i], s[k]), (p[k] - KroneckerDelta(i, k)) / T, because="pull the right one, push the others")
    d.equal(Sum(D(loss[i], s[k]), (k, 1, n)), 0, because="the forces balance")

    total = Sum(exp(dot(q, c[j]) / T), (j, 1, n))
    d.equal(
        grad(log(total) - dot(q, c[i]) / T, q),
        Sum(exp(dot(q, c[j]) / T) / total * (c[j] - c[i]), (j, 1, n)) / T,
        because="by the query: how far the candidates lie, in the mean, from the right one",
    )
    d.equal(
        grad(log(total) - dot(q, c[i]) / T, c[k]),
        (exp(dot(q, c[k]) / T) / total - KroneckerDelta(i, k)) / T * q,
        because="by a candidate",
    )
