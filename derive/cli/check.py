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
    from derive.reports.formats import Format
    from derive.reports.report import Report


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
    from derive.reports.formats import FORMATS, format_named

    chosen = format_named(format)
    if chosen is None:
        raise CommandError(f"--format {format} is unknown; use {', '.join(f.name for f in FORMATS)}")
    if budget <= 0:
        raise CommandError("--budget must be more than 0 seconds")
    if workers < 0:
        raise CommandError("--workers must not be negative")
    report = checked(what, given, library, budget, workers, seed, quiet, second_reader, chosen.pictures)
    shown = report.only([only.value]) if only is not None else report
    _write(shown, chosen, output, quiet)
    raise typer.Exit(0 if report.passes(strict) else 1)


def _write(report: Report, format: Format, output: Path | None, quiet: bool) -> None:
    if output is not None:
        write_whole(output, format.render(report, quiet))
    elif format.name == "text":
        from derive.reports.terminal import render

        render(report, console(), quiet)
    else:
        sys.stdout.write(format.render(report, quiet))
