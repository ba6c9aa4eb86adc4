"""`derive new`: a proof script or document to start from."""

from __future__ import annotations

from pathlib import Path

import click

from derive.cli.output import CommandError, console, write_whole


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a starting proof script (NAME or NAME.py) or document (NAME.md) to fill in."""
    from derive.templates import starting_text

    path = Path(name)
    if not path.suffix:
        folder = Path("derivations")
        path = (folder if folder.is_dir() and path.name == name else Path()) / f"{name}.py"
    if path.suffix not in (".py", ".md"):
        raise CommandError(f"{name} should end in .py (a proof script) or .md (a document)")
    if path.exists():
        raise CommandError(f"{path} exists already")
    if not path.parent.is_dir():
        raise CommandError(f"there is no folder {path.parent}")
    write_whole(path, starting_text(path))
    console().print(f"wrote {path}; check it with: derive check {path}", highlight=False, soft_wrap=True)
