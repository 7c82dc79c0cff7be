"""Settings of hypothesis: first draws are slow on a loaded machine, and that is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("loaded", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loaded")
