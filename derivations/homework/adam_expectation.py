"""Adam's running mean starts at 0 and is too small at first; dividing by 1 − βᵗ mends it."""

from derive.script import E, Eq, Script, Sum, derivation


@derivation("Adam's first moment and its bias", source="deep-learning homework, question 3.4")
def adam_expectation(d: Script) -> None:
    T = d.size("T", minimum=4)
    t = d.index("t", T)
    (i,) = d.indices("i")
    beta = d.scalar("beta", between=(0, 1))
    f = d.random("f", T, properties="identically distributed")
    m = d.family("m", T, low=0, random=True)
    d.recurrence(Eq(m[t], beta * m[t - 1] + (1 - beta) * f[t]), start=0)

    d.equal(m[1], (1 - beta) * f[1], because="the running mean starts at 0")
    d.chain(
        m[2],
        (beta * m[1] + (1 - beta) * f[2], "the recurrence"),
        ((1 - beta) * (beta * f[1] + f[2]), "insert m₁"),
    )
    d.chain(
        m[3],
        (beta * m[2] + (1 - beta) * f[3], "the recurrence"),
        ((1 - beta) * (beta**2 * f[1] + beta * f[2] + f[3]), "insert m₂"),
    )
    d.equal(m[4], beta * m[3] + (1 - beta) * f[4], because="the recurrence")
    d.equal(m[t], (1 - beta) * Sum(beta ** (t - i) * f[i], (i, 1, t)), because="by induction on t")
    d.chain(
        E(m[t]),
        ((1 - beta) * Sum(beta ** (t - i) * E(f[i]), (i, 1, t)), "expectation is linear"),
        (E(f[1]) * (1 - beta) * Sum(beta ** (t - i), (i, 1, t)), "all gradients are distributed alike"),
        (E(f[1]) * (1 - beta**t), "a geometric sum"),
    )
    d.equal(E(m[t] / (1 - beta**t)), E(f[1]), because="so dividing by 1 − βᵗ removes the bias")
