"""Notes of the second reader on a report.

Every step whose text lies in the second reader's fragment gets a note that says whether both readers agree; where they
differ there is a warning line as well. Verdicts stay as they are. Steps of proof scripts have no text to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.language.statement import Document, Step
from derive.reader.second import Difference, compare, spoken
from derive.reports.report import DerivationReport, DocumentReport, Report, StepReport


def annotate(report: Report, documents: Sequence[Document]) -> tuple[Report, list[str]]:
    """The report with notes, and the warnings. `documents` are the documents that it reports on, in its order."""
    warnings: list[str] = []
    noted = tuple(_document(r, d, warnings) for r, d in zip(report.documents, documents, strict=True))
    return replace(report, documents=noted), warnings


def _document(report: DocumentReport, document: Document, warnings: list[str]) -> DocumentReport:
    steps = {(d.name, s.id): s for d in document.derivations for s in d.steps}

    def noted(derivation: DerivationReport, step: StepReport) -> StepReport:
        return _step(report.path, step, steps.get((derivation.name, step.id)), warnings)

    derivations = tuple(replace(d, steps=tuple(noted(d, s) for s in d.steps)) for d in report.derivations)
    return replace(report, derivations=derivations)


def _step(path: str, report: StepReport, step: Step | None, warnings: list[str]) -> StepReport:
    if step is None or step.statement is None or step.problem is not None or step.spot is not None:
        return report
    found = compare(step.source, step.statement, step.context)
    note = spoken(found)
    if not note:
        return report
    if isinstance(found, Difference):
        warnings.append(f"{path}:{report.line}: {note}; it is read here as {found.first}")
    return replace(report, reason="; ".join(part for part in (report.reason, note) if part))
