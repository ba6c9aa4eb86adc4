"""`derive check`: documents and proof scripts, step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli.checked import checked
from derive.cli.options import (
    budget_option,
    given_option,
    library_option,
    seed_option,
    workers_option,
)
from derive.cli.output import CommandError, console, write_whole

if TYPE_CHECKING:
    from derive.reports.formats import Format
    from derive.reports.report import Report

VERDICTS = ("proved", "conditional", "tested", "refuted", "undecided", "unreadable", "stated")


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="all | NAME… | PATH… | -")
@click.option("--format", default="text", metavar="FORMAT", help="text, json, html, sarif or github.")
@click.option("--output", type=Path, metavar="FILE", help="Write the report here.")
@given_option
@library_option
@click.option("--strict", is_flag=True, help="Conditional and tested fail too.")
@budget_option
@workers_option
@seed_option
@click.option("--only", type=click.Choice(VERDICTS), help="Show steps of this verdict only.")
@click.option("--quiet", is_flag=True, help="Show only what is not proved or stated.")
@click.option("--second-reader", is_flag=True, help="Compare the reading of simple formulas with another reader's.")
def check(
    what: tuple[str, ...],
    format: str,
    output: Path | None,
    given: Path | None,
    library: Path | None,
    strict: bool,
    budget: float,
    workers: int,
    seed: int,
    only: str | None,
    quiet: bool,
    second_reader: bool,
) -> int:
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
    report = checked(list(what), given, library, budget, workers, seed, quiet, second_reader, chosen.pictures)
    shown = report.only([only]) if only is not None else report
    _write(shown, chosen, output, quiet)
    return 0 if report.passes(strict) else 1


def _write(report: Report, format: Format, output: Path | None, quiet: bool) -> None:
    if output is not None:
        write_whole(output, format.render(report, quiet))
    elif format.name == "text":
        from derive.reports.terminal import render

        render(report, console(), quiet)
    else:
        sys.stdout.write(format.render(report, quiet))
