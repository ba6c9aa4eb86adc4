"""derive checks mathematical derivations step by step.

`check` reads a document or proof script and gives a `Report`, which `render` writes in a format; `check_step` decides
one relation; `grade` marks submissions against a key. Importing this module loads nothing else: the names below are
loaded when they are first used.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.api import check, check_step, grade, render
    from derive.reports.report import Report

logging.getLogger("derive").addHandler(logging.NullHandler())

__version__ = "0.1.0"

__all__ = ["Report", "__version__", "check", "check_step", "grade", "render"]

_HOMES = {
    "check": "derive.api",
    "check_step": "derive.api",
    "grade": "derive.api",
    "render": "derive.api",
    "Report": "derive.reports.report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
