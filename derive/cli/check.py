"""`derive check`: documents and proof scripts, step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.checked import checked
from derive.cli.options import BudgetOption, GivenOption, LibraryOption, SeedOption, VerdictChoice
from derive.cli.output import CommandError, console, write_whole

if TYPE_CHECKING:
    from derive.reports.report import Report

_LATER = ("html", "sarif", "github")


def check(
    what: Annotated[list[str], typer.Argument(metavar="all | NAME… | PATH… | -", help="What to check.")],
    format: Annotated[str, typer.Option("--format", help="text, json, html, sarif or github.")] = "text",
    output: Annotated[Path | None, typer.Option("--output", help="Write the report here.", metavar="FILE")] = None,
    given: GivenOption = None,
    library: LibraryOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Conditional and tested fail too.")] = False,
    budget: BudgetOption = 5.0,
    workers: Annotated[int, typer.Option(help="Processes (0: one per core).", metavar="N")] = 0,
    seed: SeedOption = 0,
    only: Annotated[VerdictChoice | None, typer.Option("--only", help="Show steps of this verdict only.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only what is not proved or stated.")] = False,
    second_reader: Annotated[
        bool, typer.Option("--second-reader", help="Compare the reading of simple formulas with another reader's.")
    ] = False,
) -> None:
    """Check documents and proof scripts, step by step."""
    if second_reader:
        from derive.reader.second import PACKAGE, available

        if not available():
            raise CommandError(f"--second-reader needs {PACKAGE}: install derivation-checker[latex2sympy2]")
    if format in _LATER:
        raise CommandError(f"--format {format} is not available yet; use text or json")
    if format not in ("text", "json"):
        raise CommandError(f"--format {format} is unknown; use text or json")
    if budget <= 0:
        raise CommandError("--budget must be more than 0 seconds")
    if workers < 0:
        raise CommandError("--workers must not be negative")
    report = checked(what, given, library, budget, workers, seed, quiet, second_reader)
    shown = report.only([only.value]) if only is not None else report
    _write(shown, format, output, quiet)
    raise typer.Exit(0 if report.passes(strict) else 1)


def _write(report: Report, format: str, output: Path | None, quiet: bool) -> None:
    if format == "json":
        from derive.reports.json import render as render_json

        text = render_json(report)
        if output is None:
            sys.stdout.write(text)
        else:
            write_whole(output, text)
        return
    from derive.reports.terminal import render

    if output is None:
        render(report, console(), quiet)
        return
    import io

    from rich.console import Console

    stream = io.StringIO()
    render(report, Console(file=stream, color_system=None, width=100), quiet)
    write_whole(output, stream.getvalue())
