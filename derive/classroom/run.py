"""Marks a class: what is not marked yet, in workers, and then the files of the class.

A submission is marked already where its `report.json` carries the hash of everything its marks depend on. Papers are
read back from these records, so a run that was stopped and resumed gives what an undisturbed one gives, with any number
of workers and in any order. Within one run each submission is marked once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from derive import __version__
from derive.classroom.folder import make_folder, read_text, student_folder, write_whole
from derive.classroom.marking import FILES, REPORT, Job, Marking, begin, failed_paper, files_of, fingerprint, mark_job
from derive.grading.key import KeyProblem
from derive.grading.marks import rounded
from derive.grading.paper import Paper
from derive.grading.record import SCHEMA, read_record
from derive.grading.submissions import Submission
from derive.pool import Done, Failed, Limits, cores, run_jobs
from derive.reports import class_summary, gradebook
from derive.reports.roster import Roster

Platform = Literal["plain", "canvas", "moodle"]

LIMITS = Limits(wall=300.0, processor=120.0, memory=2 * 1024**3)
"""What one submission may take unless the lecturer says otherwise."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run is: submissions in all, done, of these taken from an earlier run, and for a person to look at."""

    total: int
    done: int = 0
    earlier: int = 0
    for_person: int = 0


Progress = Callable[[Tally], None]


@dataclass(frozen=True, slots=True)
class Book:
    """The grade book: its platform, the assignment's column there, and the platform's own table where there is one."""

    platform: Platform = "plain"
    assignment: str = ""
    roster: Roster | None = None


@dataclass(frozen=True, slots=True)
class ClassResult:
    """The papers of a class in the order of the students' names.

    `unknown` are students that the roster lacks, `doubts` what the checker could not tell about the key.
    """

    title: str
    papers: tuple[Paper, ...]
    tally: Tally
    unknown: tuple[str, ...] = ()
    doubts: tuple[KeyProblem, ...] = ()
    version: str = field(default=__version__)

    @property
    def for_person(self) -> bool:
        """Whether a person has to look at something."""
        return any(p.for_person for p in self.papers)

    def to_json(self) -> dict[str, Any]:
        """The JSON form: totals and questions of every student; each student's `report.json` has the rest."""
        return {
            "schema": SCHEMA,
            "version": self.version,
            "title": self.title,
            "students": [_student(p) for p in self.papers],
        }

    def _repr_html_(self) -> str:
        return class_summary.fragment(self.papers, self.title)


def run_class(
    marking: Marking,
    submissions: Sequence[Submission],
    out: Path,
    *,
    limits: Limits = LIMITS,
    workers: int = 0,
    book: Book | None = None,
    progress: Progress | None = None,
) -> ClassResult:
    """Mark submissions into the folder `out`, and give the class; `workers` 0 means as many as there are cores."""
    book = book or Book()
    make_folder(out)
    jobs = [Job(s, fingerprint(marking, s)) for s in submissions]
    papers: dict[str, Paper] = {}
    to_do = []
    tally = Tally(len(jobs))
    if progress:
        progress(tally)
    for job in jobs:
        paper = _recorded(out, job)
        if paper is None:
            to_do.append(job)
            continue
        papers[job.submission.student] = paper
        tally = replace(tally, earlier=tally.earlier + 1)
        tally = _after(tally, paper, progress)
    if to_do:
        workers = min(workers or cores(), len(to_do))
        _prepare(marking)
        for number, outcome in run_jobs(mark_job, to_do, workers, lambda _: limits, begin, (marking,)):
            submission = to_do[number].submission
            paper = _write(marking, submission, outcome, out)
            papers[submission.student] = paper
            tally = _after(tally, paper, progress)
    title = book.assignment or marking.key.title
    result = ClassResult(title, tuple(papers[s.student] for s in submissions), tally)
    return _write_class(result, out, replace(book, assignment=title))


def _after(tally: Tally, paper: Paper, progress: Progress | None) -> Tally:
    tally = replace(tally, done=tally.done + 1, for_person=tally.for_person + paper.for_person)
    if progress:
        progress(tally)
    return tally


def _prepare(marking: Marking) -> None:
    """Load and judge once what every worker needs: workers are forks."""
    from derive.grading.model import model_of
    from derive.reports import feedback

    for question in marking.key.questions:
        model_of(question, marking.settings)
    feedback.page("feedback.html")


def _recorded(out: Path, job: Job) -> Paper | None:
    """The paper of an earlier run, where all its files are there."""
    folder = out / job.submission.folder
    if folder.is_symlink() or not all((folder / name).is_file() for name in FILES):
        return None
    text = read_text(folder / REPORT)
    return None if text is None else read_record(text, job.fingerprint)


def _write(marking: Marking, submission: Submission, outcome: Done[dict[str, str]] | Failed, out: Path) -> Paper:
    """Write the files of a student; gives the paper as it is on record."""
    if isinstance(outcome, Done):
        files = outcome.value
    else:
        files = files_of(failed_paper(marking, submission, outcome), marking.hints)
    folder = student_folder(out, submission.folder)
    (folder / REPORT).unlink(missing_ok=True)  # until all are written there is no record of them
    for name in (*FILES[1:], REPORT):
        write_whole(folder / name, files[name])
    paper = read_record(files[REPORT])
    assert paper is not None, "a record that was just written reads"
    return paper


def _write_class(result: ClassResult, out: Path, book: Book) -> ClassResult:
    """The grade book and the summary of the class."""
    papers = result.papers
    plain = gradebook.plain(papers)
    if book.platform == "plain":
        write_whole(out / "gradebook.csv", plain.text)
    else:
        fill = gradebook.canvas if book.platform == "canvas" else gradebook.moodle
        table = fill(papers, book.assignment, book.roster)
        write_whole(out / "gradebook.csv", table.text)
        write_whole(out / "gradebook-plain.csv", plain.text)
        result = replace(result, unknown=table.unknown)
    write_whole(out / "summary.html", class_summary.html(papers, result.title))
    return result


def _student(paper: Paper) -> dict[str, Any]:
    return {
        "student": paper.student,
        "folder": paper.folder,
        "low": rounded(paper.low),
        "high": rounded(paper.high),
        "points": rounded(paper.points),
        "for_person": paper.for_person,
        "reasons": list(paper.reasons),
        "questions": {
            a.question.id: {"low": rounded(a.question.low), "high": rounded(a.question.high)} for a in paper.answers
        },
    }
