"""The command `derive`: which commands there are, and what becomes of their errors."""

from __future__ import annotations

import os
import sys

import click

from derive.cli.check import check
from derive.cli.explain import explain
from derive.cli.grade import grade
from derive.cli.library import list_library, show
from derive.cli.new import new
from derive.cli.output import CommandError

app = click.Group(
    "derive", help="Checks mathematical derivations step by step.", context_settings={"show_default": True}
)
for command in (check, grade, list_library, show, explain, new):
    app.add_command(command)


def carry_out(arguments: list[str]) -> int:
    """Carry out a command; gives its status. Raises `ModuleNotFoundError` where a package is not installed."""
    from derive.targets import NotFound

    try:
        status = app(arguments or ["--help"], standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except (CommandError, NotFound) as error:
        return _refuse(str(error))
    except click.ClickException as error:
        return _refuse(error.format_message())
    except BrokenPipeError:
        # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, click.Abort):
        return 130
    except ModuleNotFoundError:
        raise
    except Exception as error:
        return _refuse(f"internal fault ({type(error).__name__}: {error}); please report it")


def _refuse(message: str) -> int:
    print(f"derive: {' '.join(message.split())}", file=sys.stderr)
    return 2
