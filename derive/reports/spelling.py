"""Values of counterexamples on one line."""

from __future__ import annotations

from typing import Any


def shown(value: Any) -> str:
    """A value on one line: nested tuples in brackets; `f(t) = …` as it is."""
    if isinstance(value, tuple | list):
        return "(" + ", ".join(shown(v) for v in value) + ")"
    return str(value)


def assignment(name: str, value: Any) -> str:
    """A name and its value: `n = 2`; a function says its own name, `f(t) = 1 + 2 t`."""
    text = shown(value)
    return text if text.startswith(f"{name}(") and " = " in text else f"{name} = {text}"
