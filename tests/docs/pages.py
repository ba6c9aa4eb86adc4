"""Pages of documentation as programs: the files they show, and the commands with what these print.

A fence with `name=FILE` behind its language is a file. A `console` fence holds commands (`$ derive …`), each followed
by what it prints; a line `...` stands for any lines, a last line `[1]` says that the command ends with status 1. Times
count for nothing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

DOCS = Path(__file__).parents[2] / "docs"
_NAME = re.compile(r"\bname=(\S+)")
_STATUS = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, the lines it should print, and its status."""

    line: str
    expected: tuple[str, ...]
    status: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A fence of a page: a file to write (`name`), or commands to run."""

    name: str
    text: str
    commands: tuple[Command, ...] = ()


def fences(page: Path) -> list[Shown]:
    """What a page shows, in order: files and commands."""
    found = []
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf8")):
        if token.type != "fence":
            continue
        name = _NAME.search(token.info)
        if name:
            found.append(Shown(name[1], token.content))
        elif token.info.split()[:1] == ["console"]:
            found.append(Shown("", "", tuple(_commands(token.content))))
    return found


def _commands(text: str) -> list[Command]:
    found = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *lines = part.rstrip("\n").split("\n")
        status = _STATUS.fullmatch(lines[-1]) if lines else None
        if status:
            lines.pop()
        found.append(Command(line, tuple(lines), int(status[1]) if status else 0))
    return found


def without_times(text: str) -> list[str]:
    """Lines without the times at their ends and in summaries."""
    text = re.sub(r"  (?:\d+ ms|\d+\.\d s)$", "", text, flags=re.MULTILINE)
    return [line.rstrip() for line in re.sub(r"  \(\d+\.\d s\)$", "", text, flags=re.MULTILINE).strip("\n").split("\n")]


def matches(expected: tuple[str, ...], printed: str) -> bool:
    """Whether the printed lines are the expected ones, where `...` stands for any."""
    cleaned = without_times("\n".join(expected))
    pattern = "".join("(?:.*\n)*?" if line.strip() == "..." else re.escape(line) + "\n" for line in cleaned)
    return re.fullmatch(pattern, "\n".join(without_times(printed)) + "\n") is not None


def write(shown: Shown) -> None:
    """Write a file that a page shows, here."""
    path = Path(shown.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(shown.text, encoding="utf8")


def play(page: Path, run: Callable[[list[str]], tuple[int, str]]) -> list[str]:
    """Write the page's files here and run its commands; what differs, in words. `run` gives status and output."""
    wrong = []
    for shown in fences(page):
        if shown.name:
            write(shown)
        for command in shown.commands:
            program, *arguments = shlex.split(command.line)
            if program != "derive":
                wrong.append(f"{page.name}: a page's commands are derive's: {command.line}")
                continue
            status, printed = run(arguments)
            if status != command.status or not matches(command.expected, printed):
                wrong.append(f"{page.name}: $ {command.line}\nends with {status} and prints\n{printed}")
    return wrong
