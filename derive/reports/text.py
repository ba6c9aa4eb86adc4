"""A report as plain text: what a terminal shows, without colour and at a fixed width."""

from __future__ import annotations

import io

from rich.console import Console

from derive.reports import terminal
from derive.reports.report import Report

WIDTH = 100


def render(report: Report, quiet: bool = False) -> str:
    """The lines of a report, with line ends. `quiet`: only what is not proved or stated, and the summary."""
    stream = io.StringIO()
    terminal.render(report, Console(file=stream, color_system=None, width=WIDTH), quiet)
    return stream.getvalue()
