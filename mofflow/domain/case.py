"""The records of one case: what is folded from its history, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ADMIN_CASE = "_admin"  # the case whose history holds people, grants and definitions


class Verdict(StrEnum):
    """What a sign-off says."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Moment:
    """A point in a case's history: the time that decides, and the event's number among events of one time."""

    at: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """The last time that a trigger was fired, and the size that the case had then."""

    moment: Moment
    source: str
    size: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The current document of a kind (and key, where the kind is kept once for each of something).

    `digest` is the SHA-256 of the file, `seal` that of file and fields together: what sign-offs, baselines and marks
    bind to. `changed_by` are the natural persons behind the last change of either; attaching the same again renews
    `attached` and leaves them.
    """

    kind: str
    key: str | None
    version: int
    digest: str
    fields: Mapping[str, object]
    attached: Moment
    by: str
    changed_by: tuple[str, ...]
    kind_digest: str
    size: int
    name: str
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """Why and when a sign-off stopped counting."""

    reason: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """The latest act of one person on one sign-off set.

    `covers` maps every covered document present at signing to its digest, `material` the material fields to their
    values. `acting_for` is the person who delegated the role; `grants` are the ids of what the role rested on.
    """

    set: str
    key: str | None
    person: str
    acting_for: str | None
    role: str
    verdict: Verdict
    moment: Moment
    covers: Mapping[str, str]
    material: Mapping[str, object]
    assurance: str
    grants: tuple[str, ...] = ()
    void: Void | None = None
    withdrawn: bool = False

    @property
    def persons(self) -> frozenset[str]:
        """The natural persons behind it: the signer and whoever delegated to him."""
        return frozenset({self.person} | ({self.acting_for} if self.acting_for else set()))

    @property
    def name(self) -> str:
        """`set` or `set:key`, as the command line writes it."""
        return f"{self.set}:{self.key}" if self.key else self.set


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A dated duty that a decision left behind."""

    id: str
    text: str
    owner: str
    due: str
    guard: str | None
    moment: Moment
    settled: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A guard that counts as passed until `until`."""

    guard: str
    until: datetime
    by: str
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Where a case on hold came from, and when it had entered there."""

    state: str
    entered: Moment
    done: Mapping[str, tuple[str, ...]]


def evidence_id(kind: str, key: str | None) -> str:
    """The one name of a document on a case: `kind`, or `kind:key`."""
    return f"{kind}:{key}" if key else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One running instance of a workflow, folded from its events.

    `evidence` is keyed by `evidence_id`. `signoffs` holds the latest act of each person on each set and key.
    `fired` holds the last firing of each trigger, and of each `trigger source`.
    `acted` holds, by role, the natural persons who fired a trigger in it, so that leaving a role undoes nothing.
    `done` holds the lists that transitions record since the present state was entered. `baseline` is None before
    there is one. `version` rises with every event that a guard can see, `seq` with every event.
    """

    key: str
    kind: str
    title: str
    workflow: str
    definition: str
    state: str
    entered: Moment
    opened: Moment
    version: int
    seq: int
    last_at: datetime
    opened_by: str
    iteration: int = 1
    remembered: Remembered | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    fired: Mapping[str, Firing] = field(default_factory=dict)
    done: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline: Mapping[str, str] | None = None
    marks: frozenset[tuple[str, str, str]] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    signoffs: tuple[SignOff, ...] = ()
    staffing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    obligations: tuple[Obligation, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def size(self) -> str | None:
        """The value of the field `size`, where the workflow has one."""
        value = self.fields.get("size")
        return value if isinstance(value, str) else None

    def documents(self, kind: str) -> tuple[Evidence, ...]:
        """Every current document of a kind: one, or one for each key."""
        return tuple(e for e in self.evidence.values() if e.kind == kind)
