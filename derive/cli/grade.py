"""`derive grade`: submissions against a key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli.options import budget_option, seed_option, workers_option
from derive.cli.output import CommandError, console

if TYPE_CHECKING:
    from derive.classroom.marking import Hints
    from derive.classroom.run import ClassResult, Platform, Tally


HINTS = ("none", "place", "kind", "full")
PLATFORMS = ("plain", "canvas", "moodle")


@click.command()
@click.argument("key", type=Path)
@click.argument("submissions", nargs=-1, type=Path)
@click.option("--out", type=Path, metavar="DIR", help="The folder for everything written.")
@click.option("--check-key", is_flag=True, help="Only check the key.")
@click.option("--gradescope-bundle", is_flag=True, help="Only write an autograder for Gradescope, a zip file.")
@click.option(
    "--hints", type=click.Choice(HINTS), default="kind",
    help="What feedback tells of a mistake beyond the verdict and a counterexample.",
)  # fmt: skip
@click.option(
    "--gradebook", type=click.Choice(PLATFORMS), default="plain", help="The platform that imports gradebook.csv."
)
@click.option(
    "--assignment", metavar="NAME", help="The assignment's column on the platform, as 'Title (number)'.",
    default="", show_default=False,
)  # fmt: skip
@click.option("--roster", type=Path, metavar="FILE", help="The grade book that the platform exported, to be filled in.")
@click.option(
    "--classes/--students", default=None,
    help="Folders are classes, or one student's each. A folder named alone is a class.",
)  # fmt: skip
@workers_option
@seed_option
@budget_option
@click.option(
    "--time", type=float, default=120.0, metavar="SECONDS", help="Seconds of processor time for each submission."
)
@click.option("--memory", type=int, default=2048, metavar="MB", help="Megabytes of memory for each submission.")
@click.option("--quiet", is_flag=True, help="Show no bar and no table.")
def grade(
    key: Path,
    submissions: tuple[Path, ...],
    out: Path | None,
    check_key: bool,
    gradescope_bundle: bool,
    hints: Hints,
    gradebook: Platform,
    assignment: str,
    roster: Path | None,
    classes: bool | None,
    workers: int,
    seed: int,
    budget: float,
    time: float,
    memory: int,
    quiet: bool,
) -> int:
    """Grade submissions against a key: marks, feedback, grade book, summary of the class.

    KEY is a document with rubric blocks; SUBMISSIONS are files and folders, one per student, or one folder that holds
    them.
    """
    for name, value in (("--budget", budget), ("--time", time), ("--memory", memory)):
        if value <= 0:
            raise CommandError(f"{name} must be more than 0")
    if workers < 0:
        raise CommandError("--workers must not be negative")
    if check_key:
        if submissions:
            raise CommandError("--check-key takes the key only")
        return _check_key(key)
    from derive.api import KeyRefused
    from derive.classroom.folder import CannotWrite

    try:
        if gradescope_bundle:
            if submissions:
                raise CommandError("--gradescope-bundle takes the key only")
            _bundle(key, out, hints=hints, seed=seed, budget=budget, seconds=time, megabytes=memory)
            return 0
        if not submissions:
            raise CommandError("name at least one submission")
        if out is None:
            raise CommandError("name the folder for everything written: --out DIR")
        from derive.api import grade as grade_submissions

        with _bar(quiet) as progress:
            result = grade_submissions(
                key,
                list(submissions),
                out=out,
                hints=hints,
                gradebook=gradebook,
                assignment=assignment,
                roster=roster,
                classes=classes,
                seed=seed,
                budget=budget,
                workers=workers,
                seconds=time,
                megabytes=memory,
                progress=progress,
            )
    except KeyRefused as refused:
        raise CommandError(f"{key} cannot grade: {refused}; `derive grade --check-key {key}` lists it all") from None
    except CannotWrite as error:
        raise CommandError(str(error)) from None
    if not quiet:
        _show(result, out)
    for student in result.unknown:
        print(f"derive: {student} is not in the roster", file=sys.stderr)
    for doubt in result.doubts:
        print(f"derive: {key}:{doubt.line}: {' '.join(doubt.message.split())}", file=sys.stderr)
    return 1 if result.for_person or result.unknown or result.doubts else 0


def _check_key(key: Path) -> int:
    """Show everything that is wrong with a key; the status."""
    from derive.api import check_key

    problems = check_key(key)
    shell = console()
    for problem in problems:
        question = f"question {problem.question}: " if problem.question else ""
        shell.print(f"{key}:{problem.line}: {question}{problem.message}", highlight=False, markup=False, soft_wrap=True)
    if not problems:
        shell.print(f"{key} is a key that can grade", highlight=False, markup=False, soft_wrap=True)
    return 1 if problems else 0


def _bundle(
    key: Path, out: Path | None, *, hints: Hints, seed: int, budget: float, seconds: float, megabytes: int
) -> None:
    """Write the autograder beside the working folder, or where `out` says."""
    from derive.api import gradescope_bundle

    content = gradescope_bundle(key, hints=hints, seed=seed, budget=budget, seconds=seconds, megabytes=megabytes)
    path = out or Path(f"{key.stem}-gradescope.zip")
    if path.is_dir():
        path = path / f"{key.stem}-gradescope.zip"
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise CommandError(f"cannot write {path}: {error.strerror or error}") from None
    console().print(f"wrote {path}: upload it as the autograder", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[Tally], None] | None]:
    """A bar on standard error with counts and the time left, where that is a terminal; it leaves no trace."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[persons]} for a person"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("grading", total=None, persons=0)
        yield lambda tally: bar.update(task, total=tally.total, completed=tally.done, persons=tally.for_person)


def _show(result: ClassResult, out: Path) -> None:
    """Each student's total, what a person has to look at, and where it all is."""
    from derive.grading.marks import rounded
    from derive.reports.cells import span

    shell = console()
    width = max((len(p.student) for p in result.papers), default=0)
    for paper in result.papers:
        told = f"  for a person: {len(paper.reasons)}" if paper.for_person else ""
        total = f"{span(paper.low, paper.high)} of {rounded(paper.points)}"
        shell.print(f"{paper.student:<{width}}  {total}{told}", highlight=False, markup=False, soft_wrap=True)
    tally = result.tally
    earlier = f", {tally.earlier} of them marked before" if tally.earlier else ""
    shell.print(
        f"{tally.done} submissions{earlier}; {tally.for_person} for a person to look at; see {out / 'summary.html'}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
