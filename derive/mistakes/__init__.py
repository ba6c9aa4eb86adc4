"""Likely mistakes: what one small change makes a refuted step true.

`MISTAKES` is the ordered list of kinds, one file each; `diagnose` asks them in turn and keeps the first mended statement
that is proved. A diagnosis explains a verdict and never changes one.
"""

from __future__ import annotations

from derive.mistakes import sign
from derive.mistakes.mistake import Mistake

MISTAKES: tuple[Mistake, ...] = (sign.MISTAKE,)
"""Asked in this order; the first proved mending is offered."""
