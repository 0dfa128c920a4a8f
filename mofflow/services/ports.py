"""What the use cases need from the outside, as protocols; `bootstrap` hands in the adapters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

from mofflow.domain.case import Case
from mofflow.domain.event import Event
from mofflow.domain.people import Grant, People, Person
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow

T = TypeVar("T")


class Clock(Protocol):
    """The only source of time."""

    def real(self) -> datetime:
        """The real time, aware, in UTC."""

    def stated(self) -> datetime | None:
        """The time to decide by where one was stated, else None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file in the evidence store: its SHA-256 (lower-case hexadecimal) and its size in bytes."""

    digest: str
    size: int


class EvidenceStore(Protocol):
    """Files addressed by SHA-256. Streams: a file is never held in memory."""

    def put(self, source: Path) -> Stored:
        """Take in a file; refuses one that is missing, unreadable, no regular file, or changes while it is read."""

    def look(self, source: Path) -> Stored:
        """What `put` would say of a file, without taking it in."""

    def put_bytes(self, content: bytes) -> Stored:
        """Take in a small document."""

    def open(self, digest: str) -> BinaryIO:
        """Open for reading; NotFound where the store lacks it, Unavailable where its bytes have another digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An adopted workflow or policy set: `content` is the plain data that it was read from."""

    digest: str
    kind: str  # workflow | policy
    name: str
    version: str
    content: Mapping[str, object]
    adopted_at: datetime
    adopted_by: str
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it is stored: with its hash, and its body as the history keeps it."""

    event: Event
    hash: str
    prev: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Filters of the history; every one that is set must hold. `after` is the opaque cursor of the last page."""

    case: str | None = None
    person: str | None = None  # as actor, on whose behalf, or who entered it
    since: datetime | None = None
    until: datetime | None = None
    trigger: str | None = None
    state: str | None = None  # entered or left
    kind: str | None = None
    outcome: str | None = None
    limit: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Filters of a list of cases; `text` looks into titles, evidence fields and remarks."""

    kind: str | None = None
    stage: str | None = None
    state: str | None = None
    text: str | None = None
    final: bool | None = None
    limit: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list, and the cursor of the next part; None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What must be told once the commit is done: `id` is stable, so that a receiver can drop repeats."""

    id: str
    case: str
    kind: str
    payload: Mapping[str, object]
    created_at: datetime


class Declarations(Protocol):
    """Reads and checks files of workflows and policies; what it returns is plain data."""

    def workflow_file(self, path: Path) -> Mapping[str, object]:
        """The content of a workflow file; InvalidDeclaration with every fault and its place."""

    def policy_folder(self, path: Path) -> Mapping[str, object]:
        """The content of a folder of policy files, as one bundle; InvalidDeclaration likewise."""

    def workflow(self, content: Mapping[str, object], digest: str) -> Workflow:
        """The workflow that checked content means."""

    def policies(self, content: Mapping[str, object], digest: str) -> Policies:
        """The policies that checked content means."""

    def shipped_workflows(self) -> Sequence[Path]:
        """The workflow files that come with mofflow."""

    def shipped_policies(self) -> Path:
        """The folder of policies that comes with mofflow."""

    def require_expressions(self, workflow: Workflow) -> None:
        """InvalidDeclaration where a CEL rule cannot be compiled, or what evaluates it is not installed."""


class Reading(Protocol):
    """One consistent view of the database. A fixed number of queries a call, whatever the length of the history."""

    @property
    def stated_time(self) -> bool:
        """Whether the database was marked for stated time when it was made."""

    @property
    def embedded(self) -> bool:
        """Whether it is an SQLite database of its own."""

    def case(self, key: str) -> Case:
        """A case with all its records; NotFound, with the nearest keys, where there is none."""

    def head(self, key: str) -> str | None:
        """The hash of the last event of a case."""

    def people(self, roles: Iterable[str] | None = None) -> People:
        """Everybody who has a grant for one of `roles` (None: everybody known), with these grants."""

    def person_of(self, account: str) -> Person | None:
        """The person whose account this is."""

    def person(self, person_id: str) -> Person | None:
        """A person by id, also a deactivated one."""

    def workflow(self, digest: str) -> Workflow:
        """An adopted workflow."""

    def workflow_in_force(self, name: str) -> Workflow:
        """The version that new cases are opened with; NotFound with the nearest name."""

    def policies(self) -> Policies:
        """The policies in force."""

    def definitions(self, kind: str | None = None) -> Sequence[Definition]:
        """Everything adopted, newest last."""

    def next_number(self, prefix: str) -> int:
        """The lowest number above all keys `PREFIX-<number>` in use."""

    def cases(self, query: CaseQuery) -> Page[Case]:
        """Cases by key order of creation."""

    def history(self, query: HistoryQuery) -> Page[Recorded]:
        """Events, oldest first by (`at`, case, seq); texts included where they were not erased."""

    def events(self, key: str) -> Iterator[Recorded]:
        """Every event of a case in order, streamed."""

    def by_request(self, request_id: str) -> Recorded | None:
        """The event that an earlier call with this request id made."""

    def denied_since(self, key: str, actor: str, trigger: str, since: datetime) -> bool:
        """Whether a `denied` event of this person, case and trigger exists with `at` >= since."""

    def find(self, text: str, limit: int) -> Sequence[tuple[str, str, str]]:
        """(case, where, excerpt) for titles, evidence fields and remarks that contain the text, any case."""


class Writing(Reading, Protocol):
    """One transaction that may write; everything in it is rolled back unless it ends without an error."""

    def append(self, event: Event, before: Case | None, after: Case) -> Recorded:
        """Chain the event and bring the rows of its case from `before` to `after`.

        Conflict where the version (or last event) of the case is no longer that of `before`, or where the key or
        the request id is taken.
        """

    def add_person(self, person: Person) -> None:
        """A new person; Conflict where the id or an account is taken."""

    def change_person(self, person: Person) -> None:
        """Replace the data of a person."""

    def add_grant(self, grant: Grant) -> None:
        """A new grant or delegation."""

    def change_grant(self, grant: Grant) -> None:
        """Replace a grant (a revocation)."""

    def adopt(self, definition: Definition) -> None:
        """Store a definition by digest and put it in force in place of the one of the same kind and name."""

    def enqueue(self, alert: Alert) -> None:
        """Write an alert into the outbox."""


class Database(Protocol):
    """Where state and history live."""

    def reading(self) -> AbstractContextManager[Reading]:
        """A consistent view."""

    def writing(self) -> AbstractContextManager[Writing]:
        """A transaction that is alone among writers from its start (`BEGIN IMMEDIATE`), committed at a clean end."""
