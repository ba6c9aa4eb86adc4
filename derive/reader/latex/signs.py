"""The signs that join, relate and close, and the lookup of those that begin a factor in the notation tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.reader.notation.table import Row


DEEPEST = 40
RELATIONS: dict[str, str] = {
    "=": "eq",
    "\\equiv": "eq",
    ":=": "define",
    "\\triangleq": "define",
    "\\ne": "ne",
    "\\neq": "ne",
    "<": "lt",
    "\\lt": "lt",
    "\\le": "le",
    "\\leq": "le",
    "\\leqslant": "le",
    "\\leqq": "le",
    ">": "gt",
    "\\gt": "gt",
    "\\ge": "ge",
    "\\geq": "ge",
    "\\geqslant": "ge",
    "\\geqq": "ge",
    "\\approx": "approx",
    "\\simeq": "approx",
    "\\propto": "propto",
    "\\sim": "distributed",
    "\\to": "tends",
    "\\rightarrow": "tends",
    "\\longrightarrow": "tends",
    "\\in": "in",
    "\\subset": "implies",
    "\\subseteq": "implies",
}
ARROWS: dict[str, str] = {
    "\\Rightarrow": "implies",
    "\\implies": "implies",
    "\\Longrightarrow": "implies",
    "\\therefore": "implies",
    "\\iff": "iff",
    "\\Leftrightarrow": "iff",
    "\\Longleftrightarrow": "iff",
}
DOTS = frozenset(["\\dots", "\\ldots", "\\cdots", "\\dotsc", "\\dotsb", "\\dotsm", "\\dotsi", "\\dotso", "\\vdots"])
CLOSING = frozenset([")", "]", "}", "\\}", "\\rangle", "\\rvert", "\\rVert", "\\rfloor", "\\rceil", "\\end"])
FUNCTION_HEADS = frozenset(
    [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "sign",
        "det",
        "trace",
        "diag",
        "vec",
        "rank",
        "softmax",
        "max",
        "min",
        "variance",
        "covariance",
        "expect",
        "prob",
        "logbase",
    ]
)
ENTRYWISE = {"\\odot": "hadamard", "\\circ": "hadamard", "\\otimes": "kron", "\\oslash": "entrydiv"}


def prefixes() -> dict[str, Row]:
    """The rows of the notation tables by the sign that begins a factor."""
    from derive.reader.notation import PREFIX

    return PREFIX


def known_commands() -> frozenset[str]:
    """Commands that are understood somewhere."""
    from derive.reader.notation import KNOWN

    return KNOWN
