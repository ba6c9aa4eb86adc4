"""The procedures, in the order in which a step is shown to them.

Cheap and exact ones first. Each stands in a file of its own (see `procedure.py` for what it looks like), and declines
what is not its business.
"""

from __future__ import annotations

from derive.procedures import (
    approximation,
    blocks,
    bound,
    calculus,
    equation,
    identity,
    limit,
    optimiser,
    optimum,
    order,
    piecewise,
    recurrence,
    telescope,
    unfolding,
)
from derive.procedures.procedure import Procedure

PROCEDURES: tuple[Procedure, ...] = (
    identity.PROCEDURE,
    blocks.PROCEDURE,
    recurrence.PROCEDURE,
    unfolding.PROCEDURE,
    equation.PROCEDURE,
    optimiser.PROCEDURE,
    optimum.PROCEDURE,
    piecewise.PROCEDURE,
    limit.PROCEDURE,
    calculus.PROCEDURE,
    bound.PROCEDURE,
    telescope.PROCEDURE,
    approximation.PROCEDURE,
    order.PROCEDURE,
)
