"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

library_option = click.option("--library", type=Path, metavar="DIR", help="The folder of the library.")
budget_option = click.option("--budget", type=float, default=5.0, metavar="SECONDS", help="Seconds for each step.")
seed_option = click.option("--seed", type=int, default=0, help="Seed of the sampled points.")
workers_option = click.option("--workers", type=int, default=0, metavar="N", help="Processes (0: one per core).")
given_option = click.option("--given", type=Path, metavar="FILE", help="Markdown file with given blocks for documents.")
