"""How long one example of hypothesis takes says what else runs on the machine: no limit but the test's own."""

from hypothesis import HealthCheck, settings

settings.register_profile("beside_others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside_others")
