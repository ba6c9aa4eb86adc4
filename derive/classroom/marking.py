"""One submission, from its files to its paper and the files that are written of it.

This runs in a worker. The files are read again here, marked one by one, and put together as a paper; what is rendered
of the paper goes back as text, so that a worker writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import derive
from derive import __version__
from derive.checking.engines import Settings
from derive.grading.handed_in import Unread, decode, read_bytes
from derive.grading.key import Key
from derive.grading.mark import mark
from derive.grading.marks import Marks
from derive.grading.paper import Paper, timeless
from derive.grading.record import SCHEMA, write_record
from derive.grading.submissions import Submission
from derive.grading.unmarked import unmarked
from derive.pool import Failed
from derive.reports import feedback, github_classroom, gradescope
from derive.reports.feedback_markdown import markdown
from derive.targets import Target

Hints = Literal["none", "place", "kind", "full"]
"""What feedback tells of a mistake: nothing, where it is, also what kind it is, also the mended line."""

REPORT = "report.json"
FILES = (REPORT, "feedback.html", "feedback.md", "results.json", "github_classroom.json")
"""What is written of a student; the report last, because it says that the others are there."""


@dataclass(frozen=True, slots=True)
class Marking:
    """How a class is marked: everything but the submissions that the marks and the feedback depend on."""

    key: Key
    settings: Settings
    hints: Hints = "kind"


@dataclass(frozen=True, slots=True)
class Job:
    """One submission to mark."""

    submission: Submission
    fingerprint: str


def fingerprint(marking: Marking, submission: Submission) -> str:
    """The hash of everything that the files of a student depend on."""
    digest = hashlib.sha256()
    settings = marking.settings
    for part in (
        SCHEMA,
        __version__,
        _package(),
        marking.key.text,
        f"{settings.seed} {settings.budget} {settings.points} {settings.search}",
        marking.hints,
        submission.student,
        submission.folder,
        *submission.ids,
        *submission.notes,
    ):
        digest.update(hashlib.sha256(part.encode("utf8", "surrogateescape")).digest())
    for path, name in submission.files:
        content = read_bytes(path)
        digest.update(hashlib.sha256(name.encode("utf8", "surrogateescape")).digest())
        held = content.reason.encode() if isinstance(content, Unread) else content
        digest.update(bytes([isinstance(content, Unread)]) + hashlib.sha256(held).digest())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _package() -> str:
    """The hash of this package's files: marks of another checker are not taken for this one's."""
    root = Path(derive.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".html", ".css", ".json") and path.relative_to(root).parts[0] != "library":
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


_marking: Marking | None = None  # of this worker


def begin(marking: Marking) -> None:
    """Prepare a worker."""
    global _marking
    _marking = marking


def mark_job(job: Job) -> dict[str, str]:
    """The files of a student, by their names."""
    assert _marking is not None
    return files_of(mark_submission(_marking, job.submission, job.fingerprint), _marking.hints)


def mark_submission(marking: Marking, submission: Submission, print_of_it: str = "") -> Paper:
    """The paper of a submission."""
    parts = tuple(_part(marking, submission.student, path, name) for path, name in submission.files)
    if not parts:
        nothing = "there is no document that can be read"
        parts = (unmarked(marking.key, submission.student, "", nothing),)
    return Paper(submission.student, submission.folder, parts, submission.ids, submission.notes, print_of_it)


def failed_paper(marking: Marking, submission: Submission, failure: Failed) -> Paper:
    """The paper of a submission that went over its limits or took its worker down: all of it for a person.

    It has no fingerprint: the next run marks the submission again.
    """
    name = ", ".join(name for _, name in submission.files)
    parts = (unmarked(marking.key, submission.student, name, _told(failure)),)
    return Paper(submission.student, submission.folder, parts, submission.ids, submission.notes)


def _told(failure: Failed) -> str:
    match failure.cause:
        case "wall" | "processor":
            return "marking it did not end within its time"
        case "memory":
            return "marking it needed more memory than it may have"
        case "died":
            return f"marking it ended abruptly ({failure.detail}), perhaps for want of memory"
        case "raised":
            return f"the checker failed on it ({failure.detail}); please report this"


def _part(marking: Marking, student: str, path: str, name: str) -> Marks:
    """The marks of one document."""
    content = read_bytes(path)
    text = content if isinstance(content, Unread) else decode(content)
    if isinstance(text, Unread):
        return unmarked(marking.key, student, name, f"it {text.reason}")
    marks = mark(marking.key, Target(name, text=text), marking.settings)
    return timeless(replace(marks, student=student, path=name))


def files_of(paper: Paper, hints: Hints) -> dict[str, str]:
    """What is written of a paper, by the names of the files."""
    text = markdown(paper, hints)
    return {
        "feedback.html": feedback.html(paper, hints),
        "feedback.md": text,
        "results.json": _json(gradescope.results(paper, text)),
        "github_classroom.json": _json(github_classroom.result(paper)),
        REPORT: write_record(paper),
    }


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
