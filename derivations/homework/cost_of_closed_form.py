"""What the closed form costs: elimination on an N × N matrix against one step of gradient descent."""

from derive.script import Rational, Script, Sum, derivation, lim, oo


@derivation("Cost of the closed form", source="deep-learning homework, question 1.3")
def cost_of_closed_form(d: Script) -> None:
    N, n, p = d.sizes("N n p")
    k, i, j = d.indices("k i j")

    # Clearing column k below its pivot: one division and N − k multiplications in each of the N − k rows.
    elimination = d.define(
        "C", Sum((N - k) * (N - k + 1), (k, 1, N)), because="multiplications and divisions, column by column"
    )
    count = d.chain(
        elimination,
        (Sum(k * (k - 1), (k, 1, N)), "count the columns from the last to the first"),
        ((N**3 - N) / 3, "the sums of the first squares and of the first numbers: a polynomial of degree 3"),
    )
    d.at_most(count, N**3 / 3, because="the elimination is O(N³)")
    d.equal(lim(count / N**3, N, oo), Rational(1, 3), because="and no slower power of N will do")

    # One step of gradient descent: the residuals Xw − y, then Xᵀ times them.
    descent = d.define(
        "G", Sum(Sum(1, (j, 1, p)), (i, 1, n)) + Sum(Sum(1, (i, 1, n)), (j, 1, p)), because="two products with X"
    )
    d.equal(descent, 2 * n * p, because="each entry of X is used once in each product: O(nd)")
