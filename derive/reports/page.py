"""Pages of HTML: one template engine for all of them, in which everything that comes from outside is escaped.

A page extends `base.html`, which carries the style sheet in itself: no script, no network, light and dark, screen and
paper. Templates get `formula`, `prose` and `code` (see `formula.py`) and the verdicts' marks and words; a folder of
further templates may extend the same base.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from derive import __version__
from derive.checking.verdict import VerdictName
from derive.reports.formula import code, formula, prose
from derive.reports.spelling import assignment, shown

TEMPLATES = Path(__file__).parent / "templates"

MARKS: dict[VerdictName, str] = {
    "refuted": "✗",
    "unreadable": "!",
    "undecided": "?",
    "tested": "~",
    "conditional": "◐",
    "proved": "✓",
    "stated": "·",
}

MEANINGS: dict[VerdictName, str] = {
    "refuted": "false: a counterexample with exact values, or two shapes that cannot agree",
    "unreadable": "not understood; the place is given",
    "undecided": "neither proved nor refuted; the reason is given",
    "tested": "not proved; it held at every one of the points counted",
    "conditional": "proved under the hypotheses named, which are not among the givens",
    "proved": "true for all values and all sizes",
    "stated": "a definition, update rule or imposed condition: nothing to verify",
}


def environment(*folders: Path) -> Environment:
    """The template engine, with the templates of `folders` beside the package's own."""
    engine = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.globals.update(
        formula=formula,
        code=code,
        prose=prose,
        shown=shown,
        assignment=assignment,
        marks=MARKS,
        meanings=MEANINGS,
        version=__version__,
    )
    return engine


def render_page(template: str, *folders: Path, **values: Any) -> str:
    """The text of a page."""
    return environment(*folders).get_template(template).render(**values)
