"""A hard limit for engines that never look at the clock.

`Budget.spend` is cooperative; SymPy does not call it. `alarm` makes the operating system interrupt the main thread
after the time, again and again until the block is left, so that an engine that swallows the exception does not hang.
Where there are no such signals (another thread, another system) it does nothing, and the cooperative limit alone holds.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from derive.language.budget import BudgetSpent, processor_seconds

_FINALISERS = frozenset(["__del__", "gc_callback", "_gc_callback"])
_AGAIN = 0.2  # seconds between two interruptions


def _in_finaliser(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in _FINALISERS:
            return True
        frame = frame.f_back
    return False


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `BudgetSpent` inside the block when it has taken `seconds` of a budget's processor time."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    inside = True

    def ring(number: int, frame: FrameType | None) -> None:
        # what is raised inside a finaliser, or what it calls, is lost with a warning: wait for the next time
        if inside and not _in_finaliser(frame):
            raise BudgetSpent

    before = signal.signal(signal.SIGPROF, ring)
    try:
        signal.setitimer(signal.ITIMER_PROF, max(processor_seconds(seconds), 0.001), _AGAIN)
        yield
    finally:
        inside = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
