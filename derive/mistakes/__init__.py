"""Likely mistakes: what one small change makes a refuted step true.

`MISTAKES` is the ordered list of kinds, one file each; `diagnose` asks them in turn and keeps the first mended
statement that is proved. A diagnosis explains a verdict and never changes one.
"""

from __future__ import annotations

from derive.mistakes import (
    chain_rule,
    condition,
    derivative,
    dimension,
    direction,
    dropped_term,
    exponent,
    factor,
    independence,
    index,
    jensen,
    misplaced,
    optimiser,
    sign,
    solution,
    transpose,
    value,
    variance,
)
from derive.mistakes.mistake import Mistake

MISTAKES: tuple[Mistake, ...] = (
    dimension.MISTAKE,
    direction.MISTAKE,
    condition.MISTAKE,
    solution.MISTAKE,
    variance.MISTAKE,
    optimiser.MISTAKE,
    value.MISTAKE,
    sign.MISTAKE,
    transpose.MISTAKE,
    chain_rule.MISTAKE,
    derivative.MISTAKE,
    independence.MISTAKE,
    factor.MISTAKE,
    exponent.MISTAKE,
    index.MISTAKE,
    dropped_term.MISTAKE,
    misplaced.MISTAKE,
    jensen.MISTAKE,
)
"""Asked in this order, the specific before the general; the first proved mending is offered."""
