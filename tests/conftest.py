"""Fixed seeds for Hypothesis and budgets with time to spare: the same run on every machine, also a slow or busy one."""

from hypothesis import HealthCheck, settings

from derive.language.budget import set_pace

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

set_pace(3)
