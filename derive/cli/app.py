"""The command `derive`: which commands there are, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from derive.cli.check import check
from derive.cli.explain import explain
from derive.cli.grade import grade
from derive.cli.library import list_library, show
from derive.cli.new import new
from derive.cli.output import CommandError

app = typer.Typer(
    name="derive",
    help="Checks mathematical derivations step by step.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)
app.command()(check)
app.command()(grade)
app.command(name="list")(list_library)
app.command()(show)
app.command()(explain)
app.command()(new)


def main() -> NoReturn:
    """Run the command line and end with its status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Carry out a command; gives its status."""
    from derive.targets import NotFound

    try:
        status = app(arguments, standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except (CommandError, NotFound) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if hasattr(error, "format_message"):  # the option parser's own complaints
            return _refuse(error.format_message())
        if type(error).__name__ in ("Abort", "Exit"):
            return int(getattr(error, "exit_code", 1))
        return _refuse(f"internal fault ({type(error).__name__}: {error}); please report it")


def _refuse(message: str) -> int:
    print(f"derive: {' '.join(message.split())}", file=sys.stderr)
    return 2
