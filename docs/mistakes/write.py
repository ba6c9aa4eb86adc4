"""Writes the pages of this folder from the files in derive/mistakes: one page for each kind, and the list of all.

Run it after a change there (`python docs/mistakes/write.py`); a test says when a page has drifted.
"""

from __future__ import annotations

import sys
from pathlib import Path

from derive.mistakes import MISTAKES
from derive.mistakes.mistake import Mistake

FOLDER = Path(__file__).parent


def pages() -> dict[str, str]:
    """The name and text of every page."""
    found = {f"{_stem(m)}.md": _page(m) for m in MISTAKES}
    found["README.md"] = _list()
    return found


def _stem(mistake: Mistake) -> str:
    return mistake.propose.__module__.rsplit(".", 1)[1]


def _page(mistake: Mistake) -> str:
    doc = (sys.modules[mistake.propose.__module__].__doc__ or "").strip()
    lines = [f"# {mistake.name[0].upper()}{mistake.name[1:]}", "", doc, "", "## Explains", ""]
    for accepted in mistake.accepts:
        lines += _example(accepted.given, accepted.step)
        lines += [f"offered: `{accepted.mended}`", ""]
    lines += ["## Does not explain", ""]
    for passed in mistake.declines:
        lines += _example(passed.given, passed.step)
    return "\n".join(lines).rstrip() + "\n"


def _example(given: tuple[str, ...], step: str) -> list[str]:
    block = ["```given", *given, "```", ""] if given else []
    return [*block, "```math", step, "```", ""]


def _list() -> str:
    lines = [
        "# Likely mistakes",
        "",
        "Where one small change makes a refuted step true, the report names the mistake and offers the mended formula.",
        "Only statements that are proved are offered, in this order of kinds:",
        "",
    ]
    lines += [f"- [{m.name}]({_stem(m)}.md): {m.summary}" for m in MISTAKES]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf8")
