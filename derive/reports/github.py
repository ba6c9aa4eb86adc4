"""A report as GitHub annotations: workflow commands that mark lines of changed files, one for each step worth a look.

Refuted and unreadable steps are errors, undecided ones warnings, conditional and tested ones notices; what is proved or
stated is not mentioned. Text is escaped as the runner's toolkit does, so no formula can start a command of its own. A
notebook's annotations name the file and the cell, since their lines are lines of its Markdown cells.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.checking.verdict import VerdictName
from derive.reports.report import DerivationReport, DocumentReport, Report, StepReport
from derive.reports.sarif import message

_COMMANDS: dict[VerdictName, str] = {
    "refuted": "error",
    "unreadable": "error",
    "undecided": "warning",
    "conditional": "notice",
    "tested": "notice",
}


def render(report: Report) -> str:
    """The annotations, one a line; a last line, which is no annotation, counts the verdicts."""
    lines = [line for document in report.documents for line in _annotations(document)]
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items() if count) or "nothing to check"
    total = len(report.steps)
    return "\n".join([*lines, f"derive: {total} step{'' if total == 1 else 's'}: {counts}"]) + "\n"


def _annotations(document: DocumentReport) -> Iterator[str]:
    for derivation in document.all_derivations:
        for step in derivation.steps:
            command = _COMMANDS.get(step.verdict)
            if command is not None:
                yield _annotation(command, document, derivation, step)


def _annotation(command: str, document: DocumentReport, derivation: DerivationReport, step: StepReport) -> str:
    places = {"file": document.path}
    if not document.path.endswith(".ipynb"):
        places |= {"line": str(step.line), "endLine": str(step.end_line)}
        if step.line == step.end_line and step.column < step.end_column:  # columns are allowed on one line only
            places |= {"col": str(step.column), "endColumn": str(step.end_column)}
    places["title"] = f"{step.verdict}: {derivation.title or derivation.name}"
    if document.cells:
        places["title"] += f" ({document.place(step)})"
    inside = ",".join(f"{name}={_property(value)}" for name, value in places.items())
    return f"::{command} {inside}::{_data(message(step))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
