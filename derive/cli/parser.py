"""How the words of a command are read: click, with the wording that help and complaints have here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click


class Argument(click.Argument):
    """An argument that help lists with what it is for: `{NAME}`, or `[NAME]` where it can be left out."""

    def __init__(self, *declarations: Any, metavar: str, kind: str, summary: str, **settings: Any) -> None:
        super().__init__(*declarations, metavar=metavar, **settings)
        self.shown = metavar
        required = "  [required]" if self.required else ""
        self.row = (f"{metavar} <{kind}>", f"{summary}{required}")

    def make_metavar(self, ctx: click.Context) -> str:
        word = f"{{{self.shown}}}" if self.required else f"[{self.shown}]"
        return word if self.nargs == 1 else f"{word}..."

    def get_error_hint(self, ctx: click.Context | None) -> str:
        return f"'{self.shown}'"


class Command(click.Command):
    """A command whose help lists its arguments before its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        extra = super().parse_args(ctx, args)
        if extra:
            ctx.fail(f"Got unexpected extra argument(s) ({' '.join(extra)})")
        return extra

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [parameter.row for parameter in self.params if isinstance(parameter, Argument)]
        if rows:
            with formatter.section("Arguments"):
                formatter.write_dl(rows)
        super().format_options(ctx, formatter)


class Group(click.Group):
    """Commands in the order in which they were added."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # click itself would print an empty line
            raise click.exceptions.Exit(130) from None


def integer(value: str | int) -> int:
    """A whole number; `1.0` is one."""
    try:
        return int(re.sub(r"(?<=\d)\.0+$", "", str(value).strip()))
    except ValueError:
        raise click.BadParameter("Input should be a valid integer, unable to parse string as an integer") from None


def number(value: str | float) -> float:
    """A number."""
    try:
        return float(value)
    except ValueError:
        raise click.BadParameter("Input should be a valid number, unable to parse string as a number") from None


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """One of these words."""

    def chosen(value: str) -> str:
        if value not in choices:
            known = ", ".join(f"'{choice}'" for choice in choices)
            raise click.BadParameter(f"Value error, '{value}' is not one of {known}.")
        return value

    return chosen


def complaint(error: click.ClickException) -> str:
    """What is wrong with the words of a command."""
    if isinstance(error, click.NoSuchOption):
        near = f" (Possible options: {', '.join(sorted(error.possibilities))})" if error.possibilities else ""
        return f"No such option: {error.option_name}{near}"
    return error.format_message()
