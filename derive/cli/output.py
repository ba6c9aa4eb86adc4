"""What commands write: to a console, to a file that is whole or not there, a bar while they work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


class CommandError(Exception):
    """The command itself cannot be carried out."""


def console() -> Console:
    """The console on standard output: coloured where that is a terminal, plain elsewhere."""
    from rich.console import Console

    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return Console()
    return Console(color_system=None, width=None if sys.stdout.isatty() else 100)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: aside first, then renamed."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_text(text, encoding="utf8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise CommandError(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error while documents are checked, where that is a terminal; it leaves no trace."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking", total=None)
        yield lambda done: bar.update(task, advance=done)
