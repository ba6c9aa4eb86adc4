"""What the command line does, as function calls.

`check` reads a text, a file or a folder and gives a `Report`; `check_step` decides one relation between two formulas;
`grade` marks submissions against a key and gives a `ClassResult`; `render` writes a report in a format. Results are
plain frozen dataclasses with `to_json()`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from derive.checking.engines import Settings
from derive.classroom.grade import KeyRefused, check_key, grade, gradescope_bundle
from derive.parallel import Progress, check_targets
from derive.reports.formats import FORMATS, format_named
from derive.reports.report import Report, StepReport
from derive.targets import Target, find_targets

__all__ = ["KeyRefused", "check", "check_key", "check_step", "check_words", "grade", "gradescope_bundle", "render"]


def check(
    text_or_path: str | Path,
    given: str | Sequence[str] = (),
    *,
    seed: int = 0,
    budget: float = 5.0,
    workers: int = 1,
    pictures: bool = False,
) -> Report:
    """Check a Markdown text, or the file or folder at a path.

    `given` holds lines of a given block (`"X \\in \\mathbb{R}^{n \\times d}"`); a document's own givens come on top. A
    one-line string that names an existing file is a path; any other string is a text. A `Path` that names nothing
    raises `derive.targets.NotFound`; whatever a document holds is a verdict.
    """
    if isinstance(text_or_path, Path) or _names_file(text_or_path):
        targets = find_targets([str(text_or_path)])
    else:
        targets = [Target("<text>", text=text_or_path)]
    return _run(targets, _givens(given), Settings(seed=seed, budget=budget), workers, None, pictures)


def check_words(
    words: list[str],
    *,
    library: Path | None = None,
    given: Sequence[str] = (),
    settings: Settings | None = None,
    workers: int = 0,
    progress: Progress | None = None,
    text: str | None = None,
    pictures: bool = False,
) -> Report:
    """Check what the words of a command name: `all`, names, paths, and `-` for `text`."""
    targets = [Target("<stdin>", text=text)] if text is not None else []
    targets += find_targets([w for w in words if w != "-"], library)
    return _run(targets, tuple(given), settings or Settings(), workers, progress, pictures)


def check_step(
    left: str,
    relation: str,
    right: str,
    given: str | Sequence[str] = (),
    *,
    seed: int = 0,
    budget: float = 5.0,
    pictures: bool = False,
) -> StepReport:
    """Decide one relation between two LaTeX formulas.

    The result has the verdict's `name`, and all that a report says of a step: conditions, counterexample, likely
    mistake. `given` is as for `check`.

    >>> check_step("(a+b)^2", "=", "a^2 + 2ab + b^2").name
    'proved'
    """
    report = check(f"$$\n{left} {relation} {right}\n$$\n", given, seed=seed, budget=budget, pictures=pictures)
    if len(report.steps) == 1:
        return report.steps[0]
    source = f"{left} {relation} {right}"
    if not report.steps:
        return StepReport("1", 1, 1, 1, 1, source, "unreadable", reason="there is no formula here")
    return StepReport("1", 1, 1, 1, 1, source, "undecided", reason="this is more than one step")


def render(report: Report, format: str = "text") -> str:
    """A report as text in a format of `check --format`: `text`, `json`, `html`, `sarif` or `github`."""
    chosen = format_named(format)
    if chosen is None:
        raise ValueError(f"no such format: {format}; there are {', '.join(f.name for f in FORMATS)}")
    return chosen.render(report)


def _run(
    targets: list[Target],
    givens: tuple[str, ...],
    settings: Settings,
    workers: int,
    progress: Progress | None,
    pictures: bool,
) -> Report:
    start = time.perf_counter()
    documents = check_targets(targets, givens, settings, workers, progress, pictures)
    return Report(tuple(documents), settings.seed, time.perf_counter() - start)


def _givens(given: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,) if given else ()
    return ("\n".join(given),) if given else ()


def _names_file(text: str) -> bool:
    if "\n" in text or len(text) > 1000 or not text:
        return False
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False
