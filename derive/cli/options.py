"""Options that several commands take, and how an option that takes one of a few words is declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from derive.cli.parser import integer, number, one_of

Function = TypeVar("Function", bound=Callable[..., Any])

library_option = click.option("--library", type=Path, metavar="DIR", help="The folder of the library.")
budget_option = click.option("--budget", type=number, default=5.0, metavar="SECONDS", help="Seconds for each step.")
seed_option = click.option("--seed", type=integer, default=0, metavar="<int>", help="Seed of the sampled points.")
workers_option = click.option("--workers", type=integer, default=0, metavar="N", help="Processes (0: one per core).")
given_option = click.option("--given", type=Path, metavar="FILE", help="Markdown file with given blocks for documents.")


def choice_option(
    name: str, choices: tuple[str, ...], help: str, default: str | None = None
) -> Callable[[Function], Function]:
    """An option that takes one of a few words."""
    return click.option(name, type=one_of(choices), default=default, metavar=f"<{'|'.join(choices)}>", help=help)
