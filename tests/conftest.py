"""Hypothesis profiles: `quick` for every run, `deep` (MOFFLOW_PROFILE=deep) for a long search."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("quick", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile(
    "deep", deadline=None, max_examples=1000, print_blob=True, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("MOFFLOW_PROFILE", "quick"))
