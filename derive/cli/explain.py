"""`derive explain`: why one step has its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.cli.checked import checked
from derive.cli.options import BudgetOption, GivenOption, LibraryOption, SeedOption
from derive.cli.output import CommandError, console

if TYPE_CHECKING:
    from rich.console import Console

    from derive.reports.report import DerivationReport, StepReport


def explain(
    place: Annotated[str, typer.Argument(metavar="NAME:STEP | FILE:LINE", help="Which step.")],
    library: LibraryOption = None,
    given: GivenOption = None,
    budget: BudgetOption = 5.0,
    seed: SeedOption = 0,
) -> None:
    """Explain why a step has its verdict."""
    name, colon, rest = place.rpartition(":")
    if not colon or not name or not rest:
        raise CommandError(f"{place} names no step: write NAME:STEP or FILE:LINE")
    report = checked([name], given, library, budget, 1, seed, True)
    derivations = [d for document in report.documents for d in document.all_derivations]
    found = _steps_at(derivations, rest, by_line=Path(name).is_file())
    if not found:
        known = ", ".join(s.id for d in derivations for s in d.steps) or "none"
        raise CommandError(f"{name} has no step at {rest}; its steps are {known}")
    out = console()
    for derivation, step in found:
        _explain(out, derivation, step)


def _steps_at(
    derivations: list[DerivationReport], place: str, by_line: bool
) -> list[tuple[DerivationReport, StepReport]]:
    """The steps on a line of a file; or the step with an id, the last part of an id, or a number."""
    steps = [(d, s) for d in derivations for s in d.steps]
    if by_line and place.isdigit():
        found = [(d, s) for d, s in steps if s.line <= int(place) <= s.end_line]
        if found:
            return found
    exact = [(d, s) for d, s in steps if s.id == place or s.id.rpartition("/")[2] == place]
    if exact:
        return exact
    if place.isdigit():
        return [(d, d.steps[int(place) - 1]) for d in derivations if 0 < int(place) <= len(d.steps)]
    return []


def _explain(out: Console, derivation: DerivationReport, step: StepReport) -> None:
    from rich.text import Text

    from derive.reports.spelling import assignment
    from derive.reports.terminal import STYLES

    mark, style = STYLES[step.verdict]
    rows: list[tuple[str, Any]] = [
        ("step", f"{step.id} of {derivation.title or derivation.name}, line {step.line}"),
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
