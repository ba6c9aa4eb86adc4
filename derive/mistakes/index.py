"""An index is shifted or is the wrong one, a range has a wrong end, or a letter stands where another belongs.

Indices and ends of ranges are moved by one, indices replaced by the others in scope, reversed in their range and
exchanged, and every letter is replaced by another of the same kind that the step or its definitions know. Two wrong
indices are found only where they are exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.context import Symbol
from derive.language.edits import Spot
from derive.language.printing import plain
from derive.language.term import Term, free_names, make, num, rewrite, sym, walk
from derive.mistakes.evidence import Evidence, plus, shifted
from derive.mistakes.mistake import Accepted, Mended, Mistake, Passed

_RANGED = frozenset(["sum", "prod", "maxover", "minover", "tabulate"])


def _propose(evidence: Evidence) -> Iterator[Mended]:
    for spot in evidence.spots:
        for new, message in _edits(spot, evidence):
            yield Mended(evidence.with_right(spot.put(new)), message)
    yield from _exchanged(evidence)
    for step in (1, -1):
        moved = rewrite(evidence.right, lambda n, step=step: _all_moved(n, step))  # type: ignore[misc]
        way = "up" if step > 0 else "down"
        yield Mended(evidence.with_right(moved), f"all indices should be moved {way} by one")


def _guess(evidence: Evidence) -> Iterator[Mended]:
    for spot in evidence.spots if evidence.equation else ():
        for new, message in _letters(spot, evidence):
            yield Mended(evidence.with_right(spot.put(new)), message)


def _edits(spot: Spot, evidence: Evidence) -> Iterator[tuple[Term, str]]:
    node, parent = spot.node, spot.parent
    if parent is None:
        return
    indexing = (parent.head == "entry" and spot.position > 0) or parent.head == "delta"
    ranging = parent.head in _RANGED and spot.position in (1, 2)
    if indexing:
        others = [*spot.bound, *(n for n in sorted(evidence.nearby) if _is_index(evidence.context.symbols[n]))]
        for name in dict.fromkeys(others):
            if sym(name) != node:
                yield sym(name), f"the index {plain(node)} should be {name}"
    if indexing or ranging:
        for new in (shifted(node, 1), shifted(node, -1)):
            what = "the index" if indexing else "the end of the range,"
            yield new, f"{what} {plain(node)} should be {plain(new)}"
    if ranging:
        for name in evidence.sizes:
            if sym(name) != node:
                yield sym(name), f"the end of the range, {plain(node)}, should be {name}"
    for binder in spot.binders:
        if binder.head in _RANGED and node == binder.args[0] and parent is not binder:
            low, high = binder.args[1], binder.args[2]
            if high.head == "infinity":
                continue
            backwards = plus(high, make("neg", node)) if low == num(0) else plus(high, low, make("neg", node))
            for new in (plus(high, make("neg", node)), backwards, shifted(node, 1), shifted(node, -1)):
                yield new, f"the index {plain(node)} should be {plain(new)} here"
    if parent.head == "entry" and spot.position == 1 and len(parent.args) == 3 and parent.args[1] != parent.args[2]:
        return
    if node.head == "entry" and len(node.args) == 3 and node.args[1] != node.args[2]:
        swapped = node.with_args((node.args[0], node.args[2], node.args[1]))
        yield swapped, f"the indices of {plain(node)} are exchanged"


def _all_moved(node: Term, step: int) -> Term | None:
    if node.head != "entry" or node.args[0].head != "sym":
        return None
    return node.with_args((node.args[0], *(shifted(i, step) for i in node.args[1:])))


def _is_index(symbol: Symbol) -> bool:
    return symbol.role in ("index", "size")


def _exchanged(evidence: Evidence) -> Iterator[Mended]:
    """Two members of one family, or two letters of one kind, each where the other belongs."""
    nodes = list(dict.fromkeys(n for n in walk(evidence.right) if n.head in ("entry", "sym")))
    table = evidence.context.symbols
    for i, a in enumerate(nodes):
        for b in nodes[:i]:
            if a.head != b.head or not _alike(a, b, evidence):
                continue
            if not (free_names(a) | free_names(b)) <= set(table):
                continue
            swapped = rewrite(evidence.right, lambda n, a=a, b=b: b if n == a else a if n == b else None)  # type: ignore[misc]
            yield Mended(evidence.with_right(swapped), f"{plain(b)} and {plain(a)} are exchanged")


def _alike(a: Term, b: Term, evidence: Evidence) -> bool:
    table = evidence.context.symbols
    if a.head == "entry":
        return a.args[0] == b.args[0]
    one, other = table.get(a.name), table.get(b.name)
    return one is not None and other is not None and _kind(one) == _kind(other)


def _kind(symbol: Symbol) -> tuple[object, ...]:
    role = "whole number" if symbol.role in ("size", "index") else symbol.role
    return role, symbol.shape, symbol.family, symbol.arguments, symbol.random


def _letters(spot: Spot, evidence: Evidence) -> Iterator[tuple[Term, str]]:
    """Another letter of the same kind."""
    node = spot.node
    table = evidence.context.symbols
    if node.head in ("sym", "call") and node.name in table and node.name not in spot.bound:
        mine = table[node.name]
        near = evidence.nearby if node.head == "sym" else frozenset(table)
        for name in sorted(near):
            if name != node.name and _kind(table[name]) == _kind(mine):
                new = sym(name) if node.head == "sym" else make("call", *node.args, value=name)
                yield new, f"{name} belongs where {node.name} stands"


MISTAKE = Mistake(
    "index shift or wrong index",
    "an index or the end of a range is one off, or another letter belongs there",
    _propose,
    accepts=(
        Accepted(
            ("a_k \\in \\mathbb{R}, k = 0, \\dots, n",),
            r"\sum_{k=1}^{n} (a_k - a_{k-1}) = a_n - a_1",
            "Σ_{k=1}^{n} (a_k − a_{k − 1}) = a_n − a_0",
        ),
        Accepted(
            ("M \\in \\mathbb{R}^{n \\times m}", "u \\in \\mathbb{R}^{n}", "v \\in \\mathbb{R}^{m}"),
            r"u^T M v = \sum_{i=1}^{n} \sum_{j=1}^{m} u_i M_{ij} v_i",
            "uᵀ M v = Σ_{i=1}^{n} Σ_{j=1}^{m} u_i M_ij v_j",
        ),
    ),
    guess=_guess,
    declines=(Passed(("a_k \\in \\mathbb{R}, k = 1, \\dots, n",), r"\sum_{k=1}^{n} 2 a_k = \sum_{k=1}^{n} a_k"),),
)
