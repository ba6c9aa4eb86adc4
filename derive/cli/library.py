"""`derive list` and `derive show`: the library, and one derivation of it."""

from __future__ import annotations

from pathlib import Path

import click

from derive.cli.checked import checked
from derive.cli.options import budget_option, given_option, library_option, seed_option
from derive.cli.output import console


@click.command("list")
@library_option
def list_library(library: Path | None) -> None:
    """List the library: name, title, steps, source."""
    from derive.loading import load
    from derive.targets import Target, documents_in, library_folder

    rows = [("name", "title", "steps", "source")]
    for path in documents_in(library_folder(library)):
        document = load(Target(str(path)))
        for derivation in document.derivations:
            source = derivation.reference or str(path)
            rows.append((derivation.name, derivation.title, str(len(derivation.steps)), source))
        if document.problem is not None:
            rows.append((path.stem, "cannot be read: derive check says why", "", str(path)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    out = console()
    for position, (name, title, steps, source) in enumerate(rows):
        line = f"{name:<{widths[0]}}  {title:<{widths[1]}}  {steps:>{widths[2]}}  {source}"
        out.print(line, style=None if position else "bold", soft_wrap=True, highlight=False, markup=False)


@click.command()
@click.argument("name")
@library_option
@given_option
@budget_option
@seed_option
def show(name: str, library: Path | None, given: Path | None, budget: float, seed: int) -> None:
    """Show a derivation, NAME of the library or a file, pretty-printed, with its verdicts."""
    from rich.text import Text

    from derive.reports.terminal import STYLES

    out = console()
    report = checked([name], given, library, budget, 1, seed, True)
    for document in report.documents:
        for derivation in document.all_derivations:
            out.print(Text(derivation.title or derivation.name, "bold"))
            if derivation.reference:
                out.print(Text(derivation.reference, "dim"))
            for step in derivation.steps:
                mark, style = STYLES[step.verdict]
                line = Text(f"  {mark} {step.verdict:<11} ", style)
                line.append(step.spoken or " ".join(step.source.split()), "default")
                out.print(line, soft_wrap=True, highlight=False)
                for condition in step.spoken_conditions:
                    out.print(Text(f"{'':15}if {condition}", "dim"), soft_wrap=True, highlight=False)
                if step.because:
                    out.print(Text(f"{'':15}{step.because}", "dim"), soft_wrap=True, highlight=False)
            out.print()
