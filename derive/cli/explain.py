"""`derive explain`: why one step has its verdict."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli.checked import checked
from derive.cli.options import budget_option, given_option, library_option, seed_option
from derive.cli.output import CommandError, console

if TYPE_CHECKING:
    from rich.console import Console

    from derive.reports.report import DerivationReport, DocumentReport, StepReport


@click.command()
@click.argument("place", metavar="NAME:STEP | FILE:LINE")
@library_option
@given_option
@budget_option
@seed_option
def explain(place: str, library: Path | None, given: Path | None, budget: float, seed: int) -> None:
    """Explain why a step has its verdict."""
    name, where = _split(place)
    report = checked([name], given, library, budget, 1, seed, True)
    every = [(doc, d, s) for doc in report.documents for d in doc.all_derivations for s in d.steps]
    found = _steps_at(every, where, by_line=Path(name).is_file())
    if not found:
        known = ", ".join(s.id for _, _, s in every) or "none"
        raise CommandError(f"{name} has no step at {where}; its steps are {known}")
    out = console()
    for document, derivation, step in found:
        _explain(out, document, derivation, step)


def _split(place: str) -> tuple[str, str]:
    """The name or file, and the step, line, or cell and line of a notebook."""
    inside = re.fullmatch(r"(.+\.ipynb):(\d+:\d+)", place)
    name, where = (inside[1], inside[2]) if inside else (place.rpartition(":")[0], place.rpartition(":")[2])
    if not name or not where:
        raise CommandError(f"{place} names no step: write NAME:STEP or FILE:LINE (of a notebook, FILE:CELL:LINE)")
    return name, where


Found = tuple["DocumentReport", "DerivationReport", "StepReport"]


def _steps_at(every: list[Found], place: str, by_line: bool) -> list[Found]:
    """The steps on a line of a file; or the step with an id, the last part of an id, or a number."""
    from derive.reports.wording import cell_and_line

    if by_line and ":" in place:
        return [(doc, d, s) for doc, d, s in every if "{}:{}".format(*cell_and_line(doc.cells, s.line)) == place]
    if by_line and place.isdigit():
        found = [(doc, d, s) for doc, d, s in every if s.line <= int(place) <= s.end_line]
        if found:
            return found
    exact = [(doc, d, s) for doc, d, s in every if s.id == place or s.id.rpartition("/")[2] == place]
    if exact:
        return exact
    if place.isdigit():
        return [(doc, d, s) for doc, d, s in every if d.steps.index(s) == int(place) - 1]
    return []


def _explain(out: Console, document: DocumentReport, derivation: DerivationReport, step: StepReport) -> None:
    from rich.text import Text

    from derive.reports.spelling import assignment
    from derive.reports.terminal import STYLES
    from derive.reports.wording import line_in_words

    mark, style = STYLES[step.verdict]
    rows: list[tuple[str, Any]] = [
        ("step", f"{step.id} of {derivation.title or derivation.name}, {line_in_words(document.cells, step.line)}"),
        ("written", " ".join(step.source.split())),
        ("read as", step.reading),
        ("that is", step.spoken),
        ("inferred", "; ".join(derivation.inferred)),
        ("reason given", step.because),
        ("verdict", Text(f"{mark} {step.verdict}", style)),
        ("method", step.method),
        ("trusts", ", ".join(step.trusts)),
        ("holds if", "; ".join(step.spoken_conditions)),
        ("direction", step.direction or ""),
        ("because", step.reason),
        ("carried", "valid from the wrong line before it, wrong in itself" if step.carried else ""),
        ("spot checks", str(step.spot_checks) if step.verdict in ("proved", "conditional", "tested") else ""),
    ]
    rows += [("trace", line) for line in step.evidence]
    if step.counterexample is not None:
        values = ", ".join(assignment(*pair) for pair in step.counterexample.values)
        rows += [("at", values), ("left side", step.counterexample.left), ("right side", step.counterexample.right)]
    if step.diagnosis is not None:
        rows += [("likely", step.diagnosis.message), ("mended", step.diagnosis.suggestion)]
    for label, value in rows:
        if value:
            line = Text(f"{label:>12}  ", "dim")
            line.append(value if isinstance(value, Text) else Text(str(value), "default"))
            out.print(line, soft_wrap=True, highlight=False)
    out.print()
