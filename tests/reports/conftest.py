"""One report with every verdict: a small document that is checked, and two steps that no short document has."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from derive.api import check
from derive.reports.report import DerivationReport, Report, StepReport

DOCUMENT = r"""# Squares, <script>alert("title")</script> & more

```given
a, b \in \mathbb{R}
```

\begin{align}
(a+b)^2 &= a^2 + 2ab + b^2 \\
        &= a^2 + 2ab - b^2 \tag{3}
\end{align}

## یک تابع: سینوس

```given
x \in \mathbb{R}
g(t) = t^2
```

$$ \frac{d}{dx} \sin(x^2) = \cos(x^2) $$
$$ \sqrt{x^2} = x $$
$$ x + \frac{1}{<script>alert(1)</script> $$
$$ h(t) = t + 1 $$
"""

LONG = "x" * 200
SUM = " + ".join(f"c_{{{k}}}^{{2}}" for k in range(60))
UNDECIDED = StepReport("further/1", 40, 1, 40, 9, f"a = 100%::{LONG}", "undecided", reason="out of\nreach: 50%, or so")
TESTED = StepReport("further/2", 41, 1, 41, 9, f"b \\le {SUM}", "tested", reason="not proved; it holds at 8 points")


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as a file."""
    path = tmp_path_factory.mktemp("documents") / "my squares.md"
    path.write_text(DOCUMENT, encoding="utf8")
    return path


@pytest.fixture(scope="session")
def report(document: Path) -> Report:
    """The report on it, as of a file in the folder at hand, with the two further steps, and with curves."""
    checked = check(document, pictures=True)
    (found,) = checked.documents
    further = DerivationReport("further", "Further", (UNDECIDED, TESTED))
    found = replace(found, path="notes/my squares.md", derivations=(*found.derivations, further))
    checked = replace(checked, documents=(found,))
    assert {s.verdict for s in checked.steps} == {
        "proved", "refuted", "conditional", "unreadable", "stated", "undecided", "tested",
    }  # fmt: skip
    return checked


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on a notebook with steps in its second and fourth cell; the second step is refuted."""
    cells = [
        ("code", "import numpy"),
        ("markdown", "# Squares\n\n$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n$$ (a-b)^2 = a^2 - b^2 $$"),
        ("code", "numpy.pi"),
        ("markdown", "$$ \\frac{x}{ $$"),
    ]
    made = [
        {"id": f"c{n}", "cell_type": kind, "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for n, (kind, source) in enumerate(cells)
    ]
    path = tmp_path_factory.mktemp("notebooks") / "one.ipynb"
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}
    path.write_text(json.dumps(book), encoding="utf8")
    return check(path)
