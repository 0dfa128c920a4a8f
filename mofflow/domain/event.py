"""Acts, and the events that they become: the append-only history of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an event is about."""

    OPENED = "opened"
    TRANSITION = "transition"
    DENIED = "denied"
    EVIDENCE = "evidence"
    SIGNOFF = "signoff"
    WITHDRAWAL = "withdrawal"
    ASSIGNMENT = "assignment"
    UNASSIGNMENT = "unassignment"
    FIELDS = "fields"
    NOTE = "note"
    WAIVER = "waiver"
    SETTLEMENT = "settlement"
    PERSON = "person"
    GRANT = "grant"
    REVOCATION = "revocation"
    DELEGATION = "delegation"
    DEACTIVATION = "deactivation"
    FOUNDING = "founding"
    WORKFLOW = "workflow"
    POLICY = "policy"


class Outcome(StrEnum):
    """Whether it took effect."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does to a case, before it has a place in the history.

    `data` holds strings, integers, booleans, None, lists and maps of them. `texts` may hold personal data: they are
    kept beside the history, which carries a salted digest of each.
    """

    kind: Kind
    data: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome = Outcome.DONE
    trigger: str | None = None
    source: str | None = None
    target: str | None = None
    guards: tuple[Mapping[str, object], ...] = ()
    roles: tuple[str, ...] = ()
    acting_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An act with its place: `seq` in the case (from 1), `at` that decides, `recorded_at` the real time.

    `definition` and `policy` are the digests of the workflow and the policies that it was judged by. A text that
    was erased is missing from `act.texts`.
    """

    case: str
    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    entered_by: str
    assurance: str
    act: Act
    definition: str
    policy: str
    request_id: str | None = None
