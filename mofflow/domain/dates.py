"""The dates that declarations name: `now`, `entry`, or `kind.path` of a document."""

from __future__ import annotations

from datetime import UTC, datetime

from mofflow.domain.facts import Facts
from mofflow.domain.paths import values_at


def moment_of(value: object, facts: Facts) -> datetime | None:
    """A date-time text as it stands; a date as the start of that day in the organisation's zone."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=facts.policies.calendar.zone)).astimezone(UTC)


def latest(name: str, facts: Facts, key: str | None = None) -> datetime | None:
    """`now`, `entry` into the present state, or the latest date at `kind.path` over the documents of the kind; with
    a key only that of the document which it keys."""
    if name == "now":
        return facts.now
    if name == "entry":
        return facts.case.entered.at
    kind, _, path = name.partition(".")
    documents = [d for d in facts.case.documents(kind) if key in (None, d.key)]
    found = [moment_of(v, facts) for d in documents for v in values_at(d.fields, path)]
    return max((m for m in found if m is not None), default=None)
