"""Relations and connectives. They join what stands on both sides; the levels are in `latex/parser.py`."""

from __future__ import annotations

from derive.reader.notation.table import Row

_XY = ("x, y \\in \\mathbb{R}",)

ROWS: tuple[Row, ...] = (
    Row(("=",), "eq", "x = y", "x = y", _XY),
    Row(("\\equiv",), "eq", "x \\equiv y", "x = y", _XY),
    Row((":=", "\\triangleq"), "eq", "x := y", "x = y", _XY),
    Row(("\\ne", "\\neq"), "ne", "x \\neq y", r"x \ne y", _XY),
    Row(("<", "\\lt"), "lt", "x < y", "x < y", _XY),
    Row(("\\le", "\\leq", "\\leqslant", "\\leqq"), "le", "x \\leqslant y", r"x \le y", _XY),
    Row((">", "\\gt"), "gt", "x > y", "x > y", _XY),
    Row(("\\ge", "\\geq", "\\geqslant", "\\geqq"), "ge", "x \\geq y", r"x \ge y", _XY),
    Row(("\\approx", "\\simeq"), "approx", "x \\approx y", r"x \approx y", _XY),
    Row(("\\propto",), "propto", "x \\propto y", r"x \propto y", _XY),
    Row(("\\in",), "and", "x \\in (0, 1]", r"x > 0 \land x \le 1", _XY),
    Row(("\\to", "\\rightarrow", "\\longrightarrow"), "tends", "x \\to 0^+", r"x \to 0^{+}", _XY),
    Row(
        ("\\sim",),
        "distributed",
        "X \\sim \\mathcal{N}(0, 1)",
        r"X \sim \mathcal{N}\left(0, 1\right)",
        ("X is a random variable",),
    ),
    Row(("\\land", "\\wedge"), "and", "x > 0 \\land y > 0", r"x > 0 \land y > 0", _XY),
    Row(("\\lor", "\\vee"), "or", "x = 3 \\lor x = -1", r"x = 3 \lor x = -1", _XY),
    Row(("\\lnot", "\\neg"), "not", "\\lnot x = 1", r"\lnot \left(x = 1\right)", _XY),
    Row(
        ("\\Rightarrow", "\\implies", "\\Longrightarrow", "\\therefore"),
        "implies",
        "x = 1 \\implies x > 0",
        r"x = 1 \Rightarrow x > 0",
        _XY,
    ),
    Row(("\\iff", "\\Leftrightarrow", "\\Longleftrightarrow"), "iff", "x = y \\iff y = x", r"x = y \iff y = x", _XY),
    Row(("\\cap",), "and", "\\Pr(A \\cap B)", r"\mathbb{P}\left(A \land B\right)", ("A, B are events",)),
    Row(("\\cup",), "or", "\\Pr(A \\cup B)", r"\mathbb{P}\left(A \lor B\right)", ("A, B are events",)),
    Row(
        ("\\forall",),
        "forall",
        "\\forall i \\in \\{1, \\dots, n\\} : x_i > 0",
        r"\forall i \in \{1, \dots, n\} : \left(x_{i} > 0\right)",
        ("x_i \\in \\mathbb{R}, i = 1, \\dots, n",),
    ),
)
