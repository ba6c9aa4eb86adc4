"""Fixed seeds for Hypothesis and, where verdicts need most of their time, budgets with time to spare: the same run on
every machine, also a slow or busy one."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from derive.language.budget import set_pace

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


@pytest.fixture(scope="module")
def patient() -> Iterator[None]:
    """Budgets of three times the processor time."""
    set_pace(3)
    yield
    set_pace(1)
