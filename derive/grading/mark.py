"""Marks a submission against a key."""

from __future__ import annotations

from derive.checking.engines import Settings
from derive.grading.key import Key
from derive.grading.marks import Marks
from derive.targets import Target


def mark(key: Key, target: Target, settings: Settings) -> Marks:
    """What a submission earns. Never raises for what a submission holds; same seed, same marks."""
    raise NotImplementedError
