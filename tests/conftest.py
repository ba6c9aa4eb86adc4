"""Fixed seeds for Hypothesis: the same run everywhere, and no time limit per example on slow machines."""

from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
