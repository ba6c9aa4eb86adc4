"""A report for people at a terminal: one line a step, and under it what anything but a proof needs.

The renderer builds rich `Text` lines; a console with or without colour prints them. The same report gives the same
lines, but for times.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from derive.checking.verdict import VerdictName
from derive.reports.report import Counterexample, DerivationReport, DocumentReport, Report, StepReport
from derive.reports.spelling import assignment
from derive.reports.wording import Cells, cell_and_line

STYLES: dict[VerdictName, tuple[str, str]] = {
    "proved": ("✓", "green"),
    "conditional": ("◐", "yellow"),
    "tested": ("~", "cyan"),
    "refuted": ("✗", "bold red"),
    "undecided": ("?", "magenta"),
    "unreadable": ("!", "bold magenta"),
    "stated": ("·", "dim"),
}
_SOURCE_WIDTH = 60
_INDENT = " " * 6


def render(report: Report, console: Console, quiet: bool = False, times: bool = True) -> None:
    """Print a report. `quiet`: only what is not proved or stated, and the summary."""
    for document in report.documents:
        for line in document_lines(document, quiet, times):
            console.print(line, soft_wrap=True, highlight=False)
    console.print(summary_line(report, times), soft_wrap=True, highlight=False)


def document_lines(document: DocumentReport, quiet: bool = False, times: bool = True) -> Iterator[Text]:
    """The lines of one document."""
    derivations = document.all_derivations
    if quiet:
        derivations = tuple(d for d in derivations if any(s.worth_a_look for s in d.steps))
        if not derivations:
            return
    head = Text(document.path, "bold")
    if document.cells:
        head.append("  (cell:line)", "not bold dim")
    yield head
    formulas = document.path.endswith(".py")  # a script is shown by its formulas, not by its code
    for derivation in derivations:
        yield from derivation_lines(derivation, quiet, times, formulas, document.cells)
    yield Text("")


def derivation_lines(
    derivation: DerivationReport,
    quiet: bool = False,
    times: bool = True,
    formulas: bool = False,
    cells: Cells = (),
) -> Iterator[Text]:
    """The lines of one derivation."""
    head = Text("  ")
    head.append(derivation.title or derivation.name, "bold")
    if derivation.title and derivation.name and derivation.name != derivation.title:
        head.append(f"  ({derivation.name})", "dim")
    yield head
    for note in derivation.inferred:
        yield Text(f"{_INDENT}inferred: {note}", "dim")
    for step in derivation.steps:
        if not quiet or step.worth_a_look:
            yield from step_lines(step, times, formulas, cells)


def step_lines(
    step: StepReport, times: bool = True, formulas: bool = False, cells: Cells = ()
) -> Iterator[Text]:
    """The line of one step (its formula as read with `formulas`, else as written), and what there is to say.

    Its place is a line, or in a notebook with these `cells` the cell and the line in it.
    """
    mark, style = STYLES[step.verdict]
    line = Text("  ")
    line.append(f"{mark} {step.verdict:<11}", style)
    cell, inside = cell_and_line(cells, step.line)
    line.append(f" {f'{cell}:{inside}' if cell else inside:>4}  ")
    written = step.spoken if formulas and step.spoken else step.source
    line.append(_short(written))
    if step.method:
        line.append(f"  {step.method}", "dim")
    if step.trusts:
        line.append(f" (trusts {', '.join(step.trusts)})", "dim")
    if times:
        line.append(f"  {_time(step.seconds)}", "dim")
    yield line
    if step.carried:
        yield _detail("carried", step.reason or "valid from the wrong line before it, wrong in itself")
    elif step.reason and step.verdict in ("proved", "stated"):
        yield _detail("note", step.reason)
    if step.verdict in ("proved", "stated"):
        return
    if step.spoken and not (formulas and step.spoken == _short(step.spoken)):
        yield _detail("read as", step.spoken)
    for condition in step.spoken_conditions:
        yield _detail("if", condition)
    if step.reason and not step.carried and step.verdict != "conditional":
        yield _detail("because", step.reason)
    if step.counterexample is not None:
        yield from counterexample_lines(step.counterexample)
    if step.diagnosis is not None:
        yield _detail("likely", step.diagnosis.message)
        yield _detail("mended", step.diagnosis.spoken or step.diagnosis.suggestion)


def counterexample_lines(counterexample: Counterexample) -> Iterator[Text]:
    """Where the two sides differ, and what they are there."""
    if counterexample.values:
        yield _detail("at", ", ".join(assignment(*pair) for pair in counterexample.values))
    yield _detail("left", counterexample.left)
    yield _detail("right", counterexample.right)


def summary_line(report: Report, times: bool = True) -> Text:
    """How many steps have which verdict."""
    total = len(report.steps)
    line = Text(f"{total} step{'' if total == 1 else 's'}: ")
    parts = [(name, count) for name, count in report.counts.items() if count]
    for position, (name, count) in enumerate(parts):
        line.append(", " if position else "")
        line.append(f"{count} {name}", STYLES[name][1])
    if not parts:
        line.append("nothing to check")
    if times:
        line.append(f"  ({report.seconds:.1f} s)", "dim")
    return line


def _detail(label: str, text: str) -> Text:
    line = Text(f"{_INDENT}{label:>10}  ", "dim")
    line.append(text, "default")
    return line


def _short(source: str) -> str:
    one_line = " ".join(source.split())
    return one_line if len(one_line) <= _SOURCE_WIDTH else one_line[: _SOURCE_WIDTH - 1] + "…"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
