"""Why attention divides by √d: the inner product of a random query and key has variance d."""

from derive.script import E, Script, Sum, Var, derivation, sqrt


@derivation("Scaling of attention", source="Vaswani et al. (2017), section 3.2.1")
def attention_scaling(d: Script) -> None:
    n = d.size("d")
    q = d.random("q", n, properties="iid", mean=0, variance=1)
    k = d.random("k", n, properties="iid", mean=0, variance=1)
    d.independent(q, k)
    j = d.index("j", n)

    z = d.define("z", Sum(q[j] * k[j], (j, 1, n)), because="how well a query matches a key")
    d.equal(E(q[j] * k[j]), 0, because="a product of independent factors with mean 0")
    d.equal(E(q[j] ** 2), 1, because="variance 1 and mean 0")
    d.equal(Var(q[j] * k[j]), 1, because="the second moments multiply")
    d.equal(E(z), 0, because="a sum of such products")
    d.chain(
        Var(z),
        (Sum(Var(q[j] * k[j]), (j, 1, n)), "the terms are independent"),
        (n, "each has variance 1"),
    )
    d.equal(Var(z / sqrt(n)), 1, because="so the logits keep their size, however long the vectors are")
