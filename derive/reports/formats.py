"""The formats of a report, one row each: what `--format` takes and how a report becomes text in it.

Renderers are loaded when they are first used. A new format is a module with `render(report) -> str`, or
`render(report, quiet)`, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from derive.reports.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, what it is for, and the module whose `render` writes it.

    `pictures`: it draws. `shortens`: it can leave out what is proved or stated.
    """

    name: str
    summary: str
    module: str
    pictures: bool = False
    shortens: bool = False

    def render(self, report: Report, quiet: bool = False) -> str:
        """The text of a report in this format, with a line end; `quiet` shortens it where that can be done."""
        write: Callable[..., str] = import_module(self.module).render
        return write(report, quiet) if self.shortens else write(report)


FORMATS: tuple[Format, ...] = (
    Format("text", "lines for a terminal", "derive.reports.text", shortens=True),
    Format("json", "data for programs", "derive.reports.json"),
    Format("html", "one page to open in a browser", "derive.reports.html", pictures=True),
    Format("sarif", "results for code hosts and editors (SARIF 2.1.0)", "derive.reports.sarif", shortens=True),
    Format("github", "annotations of a GitHub workflow", "derive.reports.github"),
)


def format_named(name: str) -> Format | None:
    """The format of a name."""
    return next((f for f in FORMATS if f.name == name), None)
