"""The command line: one file for each command, what they share beside them.

Each command is a thin shell around a function of `api`; what is heavy (SymPy, flint, z3) is loaded only when a command
needs it. A command that cannot be carried out says so in one line on standard error and ends with status 2.
"""

from derive.cli.app import main, run

__all__ = ["main", "run"]
