"""Named nonconformities, found by rules over history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mofflow.domain.event import Event, Kind, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A nonconformity. severity: major, minor or observation; `events` are the numbers of the events that show it."""

    code: str
    severity: str
    case: str
    clauses: tuple[str, ...]
    message: str
    events: tuple[int, ...]
    first_seen: datetime
    state: str = "open"


def findings(events: Iterable[Event], guard_clauses: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Every finding in the history of one case, in the order in which it arose.

    guard_clauses: the clauses that each guard of its workflow serves, by guard name.
    """
    for event in events:
        if event.act.outcome is Outcome.DONE:
            for rule in _RULES:
                found = rule(event, guard_clauses)
                if found:
                    yield found


def _waived(event: Event, guard_clauses: Mapping[str, tuple[str, ...]]) -> Finding | None:
    """A guard was waived: allowed, and always told (domain rule 7)."""
    if event.act.kind is not Kind.WAIVER:
        return None
    guard, until = str(event.act.data["guard"]), str(event.act.data["until"])
    return Finding(
        code="WAIVED_GUARD",
        severity="minor",
        case=event.case,
        clauses=guard_clauses.get(guard, ()),
        message=f"{event.actor} waived {guard} until {until}: {event.act.texts.get('reason', '(reason erased)')}",
        events=(event.seq,),
        first_seen=event.at,
    )


def _excused(event: Event, guard_clauses: Mapping[str, tuple[str, ...]]) -> Finding | None:
    """A finding that a transition raises by its declaration, such as PILOT_SKIPPED."""
    code = event.act.data.get("finding")
    if event.act.kind is not Kind.TRANSITION or not isinstance(code, str):
        return None
    return Finding(
        code=code,
        severity="minor",
        case=event.case,
        clauses=("D4",) if code == "PILOT_SKIPPED" else (),
        message=f"{event.actor} fired {event.act.trigger}: {event.act.source} to {event.act.target}.",
        events=(event.seq,),
        first_seen=event.at,
    )


_RULES: tuple[Callable[[Event, Mapping[str, tuple[str, ...]]], Finding | None], ...] = (_waived, _excused)
