"""What a guard finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a guard found. `saw` are the facts that it rests on; `not_before` is set where time must pass first."""

    passed: bool
    code: str | None = None
    message: str = ""
    hint: str = ""
    saw: Mapping[str, object] = field(default_factory=dict)
    not_before: datetime | None = None


def passed(message: str, **saw: object) -> Verdict:
    """A guard that allows."""
    return Verdict(passed=True, message=message, saw=saw)


def failed(code: str, message: str, hint: str, **saw: object) -> Verdict:
    """A guard that refuses."""
    return Verdict(passed=False, code=code, message=message, hint=hint, saw=saw)
