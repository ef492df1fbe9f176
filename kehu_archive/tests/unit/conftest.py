"""Unit tests run without a site: nothing here or below may need one."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
	"unit", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unit")
