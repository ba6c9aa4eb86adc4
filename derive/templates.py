"""The files that `derive new` starts: a proof script or a Markdown document, each a small derivation that checks."""

from __future__ import annotations

import re
from pathlib import Path

_SCRIPT = '''"""{title}: say in one line what is derived."""

from derive.script import Script, derivation, grad


@derivation("{title}", source="where the result comes from")
def {name}(d: Script) -> None:
    n, p = d.sizes("n p")
    X = d.matrix("X", n, p)
    w, y = d.vector("w", p), d.vector("y", n)

    L = d.define("L", (X * w - y).T * (X * w - y), because="what is to be differentiated")
    d.equal(grad(L, w), 2 * X.T * (X * w - y), because="the chain rule")
'''

_DOCUMENT = r"""# {title}

Say in a sentence what is derived. Formulas between double dollars are checked; prose is skipped.

```given
X \in \mathbb{{R}}^{{n \times d}}
w \in \mathbb{{R}}^d
y \in \mathbb{{R}}^n
```

$$
L(w) = \|X w - y\|^2
$$

$$
\nabla L(w) = 2 X^T (X w - y)
$$
"""


def starting_text(path: Path) -> str:
    """The text of a new file, chosen by its suffix."""
    title = re.sub(r"[_\W]+", " ", path.stem).strip().capitalize() or "Derivation"
    if path.suffix == ".md":
        return _DOCUMENT.format(title=title)
    name = re.sub(r"\W+", "_", path.stem).strip("_").lower()
    if not name or not name.isidentifier():
        name = f"derivation_{name}"
    return _SCRIPT.format(title=title, name=name)
