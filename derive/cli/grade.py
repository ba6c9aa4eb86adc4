"""`derive grade`: submissions against a key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.cli.options import BudgetOption, SeedOption
from derive.cli.output import CommandError, console

if TYPE_CHECKING:
    from derive.classroom.marking import Hints
    from derive.classroom.run import ClassResult, Tally


class HintsChoice(StrEnum):
    """How much feedback tells of a mistake."""

    none = "none"
    place = "place"
    kind = "kind"
    full = "full"


class BookChoice(StrEnum):
    """The platforms of a grade book."""

    plain = "plain"
    canvas = "canvas"
    moodle = "moodle"


def grade(
    key: Annotated[Path, typer.Argument(metavar="KEY", help="The key: a document with rubric blocks.")],
    submissions: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SUBMISSION…", help="Files and folders, one per student; or one folder that holds them."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The folder for everything written.", metavar="DIR")] = None,
    check_key: Annotated[bool, typer.Option("--check-key", help="Only check the key.")] = False,
    gradescope_bundle: Annotated[
        bool, typer.Option("--gradescope-bundle", help="Only write an autograder for Gradescope, a zip file.")
    ] = False,
    hints: Annotated[
        HintsChoice, typer.Option(help="What feedback tells of a mistake beyond the verdict and a counterexample.")
    ] = HintsChoice.kind,
    gradebook: Annotated[BookChoice, typer.Option(help="The platform that imports gradebook.csv.")] = BookChoice.plain,
    assignment: Annotated[
        str, typer.Option(help="The assignment's column on the platform, as 'Title (number)'.", metavar="NAME")
    ] = "",
    roster: Annotated[
        Path | None, typer.Option(help="The grade book that the platform exported, to be filled in.", metavar="FILE")
    ] = None,
    classes: Annotated[
        bool | None,
        typer.Option(
            "--classes/--students", help="Folders are classes, or one student's each. A folder named alone is a class."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes (0: one per core).", metavar="N")] = 0,
    seed: SeedOption = 0,
    budget: BudgetOption = 5.0,
    time: Annotated[
        float, typer.Option(help="Seconds of processor time for each submission.", metavar="SECONDS")
    ] = 120.0,
    memory: Annotated[int, typer.Option(help="Megabytes of memory for each submission.", metavar="MB")] = 2048,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no bar and no table.")] = False,
) -> None:
    """Grade submissions against a key: marks, feedback, grade book, summary of the class."""
    for name, value in (("--budget", budget), ("--time", time), ("--memory", memory)):
        if value <= 0:
            raise CommandError(f"{name} must be more than 0")
    if workers < 0:
        raise CommandError("--workers must not be negative")
    if check_key:
        if submissions:
            raise CommandError("--check-key takes the key only")
        raise typer.Exit(_check_key(key))
    from derive.api import KeyRefused
    from derive.classroom.folder import CannotWrite

    try:
        if gradescope_bundle:
            if submissions:
                raise CommandError("--gradescope-bundle takes the key only")
            _bundle(key, out, hints=hints.value, seed=seed, budget=budget, seconds=time, megabytes=memory)
            return
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
                hints=hints.value,
                gradebook=gradebook.value,
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
    raise typer.Exit(1 if result.for_person or result.unknown or result.doubts else 0)


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
