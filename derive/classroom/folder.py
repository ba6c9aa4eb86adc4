"""The folder of the output: files that are whole or not there, and nothing outside of it.

A file is written aside and renamed, so whatever stops a run leaves no half file. The folders of students are made here
and are never links, so nothing that lies in the folder can lead out of it.
"""

from __future__ import annotations

import os
from pathlib import Path


class CannotWrite(Exception):
    """A file or folder of the output that cannot be written, and why."""


def make_folder(path: Path) -> None:
    """Make a folder where there is none, and take out what a run that was killed left half written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        for left in path.glob(".*.part"):
            left.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"cannot make the folder {path}: {error.strerror or error}") from None


def student_folder(out: Path, name: str) -> Path:
    """The folder of a student in the output folder."""
    path = out / name
    if path.parent != out or path.is_symlink():
        raise CannotWrite(f"{path} is no folder of the output")
    make_folder(path)
    return path


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, flags, 0o644), "w", encoding="utf8", newline="") as file:
            file.write(text)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}") from None


def read_text(path: Path) -> str | None:
    """The text of a file of the output; None where there is none that can be read."""
    try:
        return path.read_text(encoding="utf8")
    except (OSError, UnicodeDecodeError):
        return None
