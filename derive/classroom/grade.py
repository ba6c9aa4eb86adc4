"""Grading as function calls: what the command line does, for notebooks and programs.

`grade` marks submissions and gives the class; `check_key` says what is wrong with a key; `gradescope_bundle` packs an
autograder. What is written is the same as on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derive.checking.engines import Settings
from derive.targets import NotFound

if TYPE_CHECKING:
    from derive.classroom.marking import Hints
    from derive.classroom.run import ClassResult, Platform, Progress
    from derive.grading.key import Key, KeyProblem
    from derive.reports.roster import Roster


class KeyRefused(Exception):
    """A key that cannot grade; `problems` are everything that is wrong with it."""

    def __init__(self, problems: Sequence[KeyProblem]) -> None:
        first = problems[0]
        super().__init__(f"line {first.line}: {first.message}")
        self.problems = tuple(problems)


def grade(
    key: str | Path,
    submissions: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    hints: Hints = "kind",
    gradebook: Platform = "plain",
    assignment: str = "",
    roster: str | Path | None = None,
    classes: bool | None = None,
    seed: int = 0,
    budget: float = 5.0,
    workers: int = 0,
    seconds: float = 120.0,
    megabytes: int = 2048,
    progress: Progress | None = None,
) -> ClassResult:
    """Grade submissions against a key.

    `submissions` are files and folders, one per student, or one folder with a file or a folder for each (`classes` says
    of folders which of the two they are); a string of several lines is the text of a submission. What is written goes
    to the folder `out`, nothing where there is none. `seconds` of processor time and `megabytes` of memory are what one
    submission may take. Raises `KeyRefused` for a key that cannot grade, and `NotFound` for what is not there.
    """
    import tempfile

    from derive.classroom.marking import Marking
    from derive.classroom.run import Book, run_class
    from derive.grading.submissions import find_submissions
    from derive.pool import Limits

    if isinstance(submissions, str | Path):
        submissions = [submissions]
    settings = Settings(seed=seed, budget=budget)
    read, doubts = _key(Path(key), settings)
    marking = Marking(read, settings, hints)
    book = Book(gradebook, assignment, _roster(roster))
    limits = Limits(wall=30.0 + 3 * seconds, processor=seconds, memory=megabytes * 2**20)
    with tempfile.TemporaryDirectory() as aside:
        words = [_as_file(word, Path(aside), number) for number, word in enumerate(submissions)]
        folder = Path(out) if out is not None else Path(aside) / "out"
        found = find_submissions(words, classes=classes, aside=[Path(key), folder])
        if not found:
            raise NotFound("there is no submission in what was named")
        result = run_class(marking, found, folder, limits=limits, workers=workers, book=book, progress=progress)
    return replace(result, doubts=doubts)


def check_key(key: str | Path, *, seed: int = 0, budget: float = 5.0) -> tuple[KeyProblem, ...]:
    """Everything that is wrong with a key; nothing where it can grade."""
    from derive.grading.check_key import check_key as problems_of

    _found(Path(key))
    return tuple(problems_of(Path(key), Settings(seed=seed, budget=budget)))


def gradescope_bundle(
    key: str | Path,
    *,
    hints: Hints = "kind",
    seed: int = 0,
    budget: float = 5.0,
    seconds: float = 120.0,
    megabytes: int = 2048,
) -> bytes:
    """An autograder for Gradescope as the bytes of a zip file. Raises `KeyRefused` for a key that cannot grade."""
    from derive.classroom.bundle import bundle

    settings = Settings(seed=seed, budget=budget)
    read, _ = _key(Path(key), settings)
    return bundle(read, hints=hints, seed=seed, budget=budget, seconds=seconds, megabytes=megabytes)


def _key(path: Path, settings: Settings) -> tuple[Key, tuple[KeyProblem, ...]]:
    """A key that can grade, and what is doubtful about it."""
    from derive.grading.key import Key, read_key

    problems = check_key(path, seed=settings.seed, budget=settings.budget)
    certain = [p for p in problems if not p.doubt]
    if certain:
        raise KeyRefused(certain)
    key = read_key(path)
    if not isinstance(key, Key):
        raise KeyRefused(key)
    return key, problems


def _found(path: Path) -> None:
    if not path.is_file():
        raise NotFound(f"no such file: {path}")


def _roster(path: str | Path | None) -> Roster | None:
    if path is None:
        return None
    from derive.grading.handed_in import Unread, decode, read_bytes
    from derive.reports.roster import Roster, read_roster

    _found(Path(path))
    content = read_bytes(str(path))
    text = content if isinstance(content, Unread) else decode(content)
    roster = text.reason if isinstance(text, Unread) else read_roster(text)
    if not isinstance(roster, Roster):
        raise NotFound(f"{path} {roster}")
    return roster


def _as_file(word: str | Path, folder: Path, number: int) -> str | Path:
    """A submission that is given as a text, as a file."""
    if isinstance(word, Path) or "\n" not in word:
        return word
    path = folder / ("submission.md" if number == 0 else f"submission-{number + 1}.md")
    path.write_text(word, encoding="utf8")
    return path
