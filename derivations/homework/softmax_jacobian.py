"""The Jacobian of the softmax, for any number of classes."""

from derive.script import D, KroneckerDelta, Script, Sum, derivation, exp


@derivation("Jacobian of the softmax", source="deep-learning homework, question 4.2")
def softmax_jacobian(d: Script) -> None:
    N = d.size("N")
    x = d.vector("x", N)
    i, k = d.indices("i k", N)
    (j,) = d.indices("j")
    delta = KroneckerDelta(i, k)

    total = d.define("g", Sum(exp(x[j]), (j, 1, N)), because="the denominator")
    s = d.define("s", exp(x[k]) / total, over=k, because="the softmax")

    d.equal(D(exp(x[k]), x[i]), exp(x[k]) * delta, because="x_k changes with x_i only if k = i")
    d.equal(D(total, x[i]), exp(x[i]), because="one term of the sum contains x_i")
    d.chain(
        D(s[k], x[i]),
        ((exp(x[k]) * delta * total - exp(x[k]) * exp(x[i])) / total**2, "the quotient rule"),
        (exp(x[k]) / total * delta - exp(x[i]) / total * (exp(x[k]) / total), "split the fraction"),
        (s[k] * delta - s[i] * s[k], "the definition of the softmax"),
        (s[k] * (delta - s[i]), "take out the common factor"),
    )
    d.equal(Sum(s[k], (k, 1, N)), 1, because="probabilities")
    d.equal(Sum(D(s[k], x[i]), (k, 1, N)), 0, because="their sum cannot change")
