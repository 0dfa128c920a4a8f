"""How long a random walk searches, by the profile of the run (see `tests/conftest.py`)."""

from __future__ import annotations

import os

from hypothesis import settings

DEEP = os.environ.get("MOFFLOW_PROFILE") == "deep"


def walks(quick: int, *, steps: int, deep: int = 1000) -> settings:
    """Settings of a state machine: so many walks of so many steps, or the long search of the deep profile."""
    if DEEP:
        return settings(max_examples=deep, stateful_step_count=2 * steps)
    return settings(max_examples=quick, stateful_step_count=steps)
