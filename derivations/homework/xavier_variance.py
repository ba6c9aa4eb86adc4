"""Xavier initialisation: which variance of the weights keeps the variance of the activations."""

from derive.script import E, Eq, Ne, Script, Sum, Var, both, derivation, tanh


@derivation("Xavier variance", source="deep-learning homework, question 2.1")
def xavier_variance(d: Script) -> None:
    n = d.size("n")
    j = d.index("j", n)
    w = d.random("w", n, properties="iid", mean=0)
    a = d.random("a", n, properties="iid", mean=0)
    d.independent(w, a)
    X, Y = d.random("X"), d.random("Y")
    d.independent(X, Y)
    x = d.scalar("x")

    d.approximate(tanh(x), x, x, 0, because="near 0 the activation is linear, so it keeps the variance")
    z = d.define("z", Sum(w[j] * a[j], (j, 1, n)), because="the neuron's input")
    d.equal(
        Var(X * Y),
        E(X) ** 2 * Var(Y) + Var(X) * E(Y) ** 2 + Var(X) * Var(Y),
        because="moments of independent factors multiply",
    )
    d.chain(
        Var(z),
        (Sum(Var(w[j] * a[j]), (j, 1, n)), "the terms are independent"),
        (Sum(Var(w[j]) * Var(a[j]), (j, 1, n)), "the formula for a product, with both means 0"),
        (n * Var(w[1]) * Var(a[1]), "all weights, and all inputs, are distributed alike"),
    )
    d.implies(
        both(Eq(Var(z), Var(a[1])), Ne(Var(a[1]), 0)),
        Eq(Var(w[1]), 1 / n),
        because="the variance shall pass through the layer unchanged",
    )
