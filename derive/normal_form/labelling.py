"""Canonical names for the bound indices of a closed sum.

Colours are refined by the factors in which an index stands (Weisfeiler–Leman on the index graph, through nested atoms),
ties are broken by individualising each member of the smallest tied cell, and the least string over the leaves wins.
"""

from __future__ import annotations

from derive.language.affine import Affine
from derive.normal_form.atom import Monomial, serialise, serialise_affine
from derive.normal_form.ring import Ring

Bounds = dict[str, tuple[Affine, Affine]]


def canonical_order(ring: Ring, factors: Monomial, bounds: Bounds) -> tuple[str, list[str]]:
    """The canonical string of a block and its bound indices in canonical order."""
    names = list(bounds)
    if len(names) == 1:
        low, high = bounds[names[0]]
        body = "*".join(sorted(f"{serialise(a, {names[0]: '#0'})}^{e}" for a, e in factors))
        return f"${serialise_affine(low, {})}:{serialise_affine(high, {})}:{body}", names
    initial = {n: f"${serialise_affine(lo, {})}:{serialise_affine(hi, {})}" for n, (lo, hi) in bounds.items()}
    touching = {n: [(a, e) for a, e in factors if n in a.free] for n in names}
    best: tuple[str, list[str]] | None = None

    def refine(colour: dict[str, str]) -> dict[str, str]:
        for _ in range(len(names)):
            fresh = {}
            for n in names:
                view = {**colour, n: "*" + colour[n]}
                fresh[n] = colour[n] + "|" + "&".join(sorted(f"{serialise(a, view)}^{e}" for a, e in touching[n]))
            ranks = {text: f"${i:03d}" for i, text in enumerate(sorted(set(fresh.values())))}
            new = {n: ranks[fresh[n]] for n in names}
            if len(set(new.values())) == len(set(colour.values())):
                return new
            colour = new
        return colour

    def search(colour: dict[str, str]) -> None:
        nonlocal best
        ring.budget.spend()
        colour = refine(colour)
        cells: dict[str, list[str]] = {}
        for n in names:
            cells.setdefault(colour[n], []).append(n)
        tied = sorted(((len(c), k) for k, c in cells.items() if len(c) > 1))
        if not tied:
            order = sorted(names, key=lambda n: colour[n])
            final = {n: f"#{i}" for i, n in enumerate(order)}
            text = "*".join(sorted(f"{serialise(a, final)}^{e}" for a, e in factors))
            text = ",".join(initial[n] for n in order) + ":" + text
            if best is None or text < best[0]:
                best = (text, order)
            return
        for n in cells[tied[0][1]]:
            search({**colour, n: colour[n] + "!"})

    search(initial)
    assert best is not None
    return best
