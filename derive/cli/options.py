"""Options that several commands take, and the verdicts as a choice."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class VerdictChoice(StrEnum):
    """The verdicts that `--only` takes."""

    proved = "proved"
    conditional = "conditional"
    tested = "tested"
    refuted = "refuted"
    undecided = "undecided"
    unreadable = "unreadable"
    stated = "stated"


LibraryOption = Annotated[Path | None, typer.Option("--library", help="The folder of the library.", metavar="DIR")]
BudgetOption = Annotated[float, typer.Option(help="Seconds for each step.", metavar="SECONDS")]
SeedOption = Annotated[int, typer.Option(help="Seed of the sampled points.")]
GivenOption = Annotated[
    Path | None, typer.Option("--given", help="Markdown file with given blocks for documents.", metavar="FILE")
]
