"""The log-sum-exp: shifting it is safe, its gradient is the softmax, its curvature a variance."""

from derive.script import D, KroneckerDelta, Script, Sum, derivation, exp, log


@derivation("Log-sum-exp", source="numerically stable softmax")
def log_sum_exp(d: Script) -> None:
    n = d.size("n")
    x, v = d.vector("x", n), d.vector("v", n)
    c = d.scalar("c")
    i, k = d.indices("i k", n)
    (j,) = d.indices("j")

    F = d.define("F", log(Sum(exp(x[j]), (j, 1, n))), because="a smooth maximum")
    s = d.define("s", exp(x[k]) / Sum(exp(x[j]), (j, 1, n)), over=k, because="the softmax")
    d.equal(c + log(Sum(exp(x[j] - c), (j, 1, n))), F, because="with c the largest entry nothing overflows")
    d.equal(log(Sum(exp(x[j] + c), (j, 1, n))), F + c, because="a shift of all entries shifts it")
    d.equal(D(F, x[k]), s[k], because="its gradient is the softmax")
    d.equal(exp(x[k] - F), s[k], because="which can be computed from it")
    d.equal(D(F, x[k], x[i]), s[k] * (KroneckerDelta(i, k) - s[i]), because="its Hessian")
    mean = Sum(s[j] * v[j], (j, 1, n))
    d.chain(
        Sum(Sum(v[i] * s[i] * (KroneckerDelta(i, j) - s[j]) * v[j], (j, 1, n)), (i, 1, n)),
        (Sum(s[j] * v[j] ** 2, (j, 1, n)) - mean**2, "along a direction v"),
        (Sum(s[j] * (v[j] - mean) ** 2, (j, 1, n)), "a variance"),
    )
    d.at_most(0, Sum(s[j] * (v[j] - mean) ** 2, (j, 1, n)), because="so the log-sum-exp is convex")
