"""Many documents at once, in processes that can be killed.

Documents are checked one after the other in this process where that is quicker, else by a pool of workers; results come
in any order and are put back into the order of the documents, so the report does not depend on the number of workers. A
worker that dies or hangs costs its own document only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.checking.engines import Settings
from derive.pool import Done, Failed, Limits, cores, run_jobs
from derive.reports.report import DocumentReport
from derive.targets import Target

if TYPE_CHECKING:
    from derive.checking.verdict import StepResult
    from derive.mistakes.mistake import Diagnosis

_WORTHWHILE = 6  # fewer documents than this are checked sooner than workers are started
_DEAD_SECONDS = 60.0  # a document that takes this long beyond its steps' budgets hangs

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """A document to check and how."""

    target: Target
    givens: tuple[str, ...]
    settings: Settings
    pictures: bool = False


def check_target(job: Job) -> DocumentReport:
    """Check one document."""
    from dataclasses import replace

    from derive.checking.derivation import check_document
    from derive.loading import load
    from derive.reports.report import report_document

    document = load(job.target, job.givens)
    if job.target.only is not None:
        document = replace(document, derivations=tuple(d for d in document.derivations if d.name == job.target.only))
    results = check_document(document, job.settings)

    def explain(result: StepResult) -> Diagnosis | None:
        from derive.mistakes.diagnose import diagnose  # only for a refuted step

        return diagnose(result, settings=job.settings)

    return report_document(document, results, explain, job.pictures)


def check_targets(
    targets: list[Target],
    givens: tuple[str, ...],
    settings: Settings,
    workers: int = 0,
    progress: Progress | None = None,
    pictures: bool = False,
) -> list[DocumentReport]:
    """Check documents, in order; `workers` 0 means as many as there are cores. `progress` is told each one done."""
    jobs = [Job(target, givens, settings, pictures) for target in targets]
    workers = min(workers or cores(), len(jobs))
    if workers <= 1 or len(jobs) < _WORTHWHILE:
        reports = []
        for job in jobs:
            reports.append(check_target(job))
            if progress:
                progress(1)
        return reports
    return _in_processes(jobs, workers, progress)


def _in_processes(jobs: list[Job], workers: int, progress: Progress | None) -> list[DocumentReport]:
    from derive.checking.engines import default_engines

    if any(job.target.path.endswith(".py") for job in jobs):
        # loaded once, and shared by the workers that are forked
        import numpy  # noqa: F401

        import derive.reader.script  # noqa: F401

    default_engines()
    reports: dict[int, DocumentReport] = {}
    for number, outcome in run_jobs(check_target, jobs, workers, lambda job: Limits(wall=_limit(job))):
        reports[number] = outcome.value if isinstance(outcome, Done) else _failed(jobs[number], outcome)
        if progress:
            progress(1)
    return [reports[number] for number in range(len(jobs))]


def _limit(job: Job) -> float:
    """A time that no sound document takes: every line a step that spends its whole budget."""
    try:
        lines = job.target.text.count("\n") if job.target.text is not None else os.path.getsize(job.target.path) // 20
    except OSError:
        lines = 1
    return _DEAD_SECONDS + job.settings.budget * (lines + 1)


def _failed(job: Job, failure: Failed) -> DocumentReport:
    """The report on a document that could not be checked: this file only."""
    if failure.cause == "wall":
        reason = "checking this file did not end within its time"
    else:
        told = failure.detail or failure.cause
        reason = f"the checker failed on this file ({told}); please report it"
    return DocumentReport(job.target.path, "", (), reason)
