"""The command line: one file for each command, what they share beside them.

Each command is a thin shell around a function of `api`; what is heavy (SymPy, flint, z3) is loaded only when a command
needs it. A command that cannot be carried out says so in one line on standard error and ends with status 2.
"""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end with its status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Carry out a command; gives its status."""
    try:
        from derive.cli.app import carry_out

        return carry_out(arguments)
    except ModuleNotFoundError as error:
        needed = f"the package {error.name} is not installed"
        print(f"derive: {needed}; install derive with what it needs, for example: pip install .", file=sys.stderr)
        return 2


__all__ = ["main", "run"]
