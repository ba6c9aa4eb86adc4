"""The hard time limit interrupts what never looks at the clock, but nothing whose exceptions would be lost."""

from __future__ import annotations

import sys
import time

import pytest

from derive.checking.alarm import alarm
from derive.language.budget import BudgetSpent


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_it_rings_inside_what_never_asks() -> None:
    with pytest.raises(BudgetSpent), alarm(0.05):
        busy(60)


def test_it_waits_for_the_end_of_what_a_finaliser_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        done = False

        def __del__(self) -> None:
            busy(0.2)
            Slow.done = True

    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    with pytest.raises(BudgetSpent), alarm(0.05):
        slow = Slow()
        del slow
        busy(60)
    assert Slow.done
    assert not lost
