"""Checks what the words of a command name, and reads what else it names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.output import CommandError, progress

if TYPE_CHECKING:
    from derive.reports.report import Report


def checked(
    what: list[str],
    given: Path | None,
    library: Path | None,
    budget: float,
    workers: int,
    seed: int,
    quiet: bool,
    second_reader: bool = False,
    pictures: bool = False,
) -> Report:
    """The report on all that `what` names, with a progress bar unless `quiet`."""
    from derive.api import check_words
    from derive.checking.engines import Settings

    text = _standard_input() if "-" in what else None
    givens = (_read_text(given),) if given is not None else ()
    with progress(quiet) as advance:
        report = check_words(
            what,
            library=library,
            given=givens,
            settings=Settings(seed=seed, budget=budget),
            workers=workers,
            progress=advance,
            text=text,
            pictures=pictures,
        )
    return _with_second_reader(report, what, library, givens, text) if second_reader else report


def _with_second_reader(
    report: Report, what: list[str], library: Path | None, givens: tuple[str, ...], text: str | None
) -> Report:
    """The report with the second reader's notes; where the readers differ, a line on standard error."""
    from derive.loading import load
    from derive.reports.second_reader import annotate
    from derive.targets import Target, find_targets

    targets = [Target("<stdin>", text=text)] if text is not None else []
    targets += find_targets([w for w in what if w != "-"], library)
    noted, warnings = annotate(report, [load(target, givens) for target in targets])
    for warning in warnings:
        print(f"derive: {warning}", file=sys.stderr)
    return noted


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"standard input is not UTF-8 text (byte {error.start})") from None


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text") from None
