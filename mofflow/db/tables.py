"""The tables, as SQLModel classes; `migrations` makes them, and a test holds the two together.

Times are the fixed-width UTC text of the history: it sorts, and is the same on every database.
Structures that no query looks into are JSON text. The key of the case leads every key.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from mofflow.domain.case import Verdict
from mofflow.domain.event import Kind, Outcome

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ASSURANCES = ("signed", "account", "entered")
STRICT = {"sqlite_strict": True}
METADATA = MetaData(naming_convention=NAMES)


class Row(SQLModel, registry=registry(metadata=METADATA)):
    """Base of all rows. They carry no rules: the domain has them, and the database its CHECK constraints."""

    metadata: ClassVar[MetaData] = METADATA


def table(name: str) -> Table:
    """The table by its name, for statements of SQLAlchemy Core."""
    return METADATA.tables[name]


def _text(*, primary_key: bool = False) -> Any:  # noqa: ANN401  # what Field itself is declared to return
    return Field(sa_type=Text, primary_key=primary_key)


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _flag(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN (0, 1)", name=column)


def _of_case() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["case"], ["case.key"])


class MetaRow(Row, table=True):
    """What is said of the database as a whole: instance, stated_time, embedded."""

    __tablename__ = "meta"
    __table_args__ = (STRICT,)
    name: str = _text(primary_key=True)
    value: str = _text()


class CaseRow(Row, table=True):
    """The folded state of a case; `number` is the order of creation, `head` the hash of the last event."""

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("version >= 1 AND seq >= 1 AND iteration >= 1", name="counters"),
        CheckConstraint("length(head) = 64", name="head"),
        _flag("final"),
        Index(None, "number", unique=True),
        Index(None, "kind", "stage", "number"),
        Index(None, "state", "number"),
        STRICT,
    )
    key: str = _text(primary_key=True)
    number: int
    kind: str = _text()
    title: str = _text()
    workflow: str = _text()
    definition: str = _text()
    state: str = _text()
    stage: str = _text()
    final: int
    entered_at: str = _text()
    entered_seq: int
    opened_at: str = _text()
    opened_seq: int
    version: int
    seq: int
    last_at: str = _text()
    opened_by: str = _text()
    iteration: int
    remembered: str | None = _text()
    fields: str = _text()
    fired: str = _text()
    done: str = _text()
    acted: str = _text()
    baseline: str | None = _text()
    marks: str = _text()
    head: str = _text()


class EvidenceRow(Row, table=True):
    """The current document of a kind and key; `id` is `evidence_id(kind, key)`."""

    __tablename__ = "evidence"
    __table_args__ = (_of_case(), CheckConstraint("length(digest) = 64", name="digest"), STRICT)
    case: str = _text(primary_key=True)
    id: str = _text(primary_key=True)
    place: int
    kind: str = _text()
    key: str | None = _text()
    version: int
    digest: str = _text()
    fields: str = _text()
    attached_at: str = _text()
    attached_seq: int
    by: str = _text()
    changed_by: str = _text()
    kind_digest: str = _text()
    seal: str = _text()
    size: int
    name: str = _text()


class SignOffRow(Row, table=True):
    """The latest act of a person on a set; `name` is `set` or `set:key`."""

    __tablename__ = "signoff"
    __table_args__ = (
        _of_case(),
        _one_of("verdict", Verdict),
        _one_of("assurance", ASSURANCES),
        _flag("withdrawn"),
        CheckConstraint("(void_reason IS NULL) = (void_seq IS NULL)", name="void"),
        STRICT,
    )
    case: str = _text(primary_key=True)
    name: str = _text(primary_key=True)
    person: str = _text(primary_key=True)
    place: int
    set: str = _text()
    key: str | None = _text()
    acting_for: str | None = _text()
    role: str = _text()
    verdict: str = _text()
    at: str = _text()
    seq: int
    covers: str = _text()
    material: str = _text()
    assurance: str = _text()
    grants: str = _text()
    void_reason: str | None = _text()
    void_seq: int | None
    withdrawn: int


class StaffingRow(Row, table=True):
    """Who is assigned to a case, in the order of assignment."""

    __tablename__ = "staffing"
    __table_args__ = (_of_case(), STRICT)
    case: str = _text(primary_key=True)
    role: str = _text(primary_key=True)
    person: str = _text(primary_key=True)
    place: int


class ObligationRow(Row, table=True):
    """A dated duty."""

    __tablename__ = "obligation"
    __table_args__ = (
        _of_case(),
        CheckConstraint("(settled_at IS NULL) = (settled_seq IS NULL)", name="settled"),
        STRICT,
    )
    case: str = _text(primary_key=True)
    id: str = _text(primary_key=True)
    place: int
    text: str = _text()
    owner: str = _text()
    due: str = _text()
    guard: str | None = _text()
    at: str = _text()
    seq: int
    settled_at: str | None = _text()
    settled_seq: int | None


class WaiverRow(Row, table=True):
    """A guard that counts as passed for a time."""

    __tablename__ = "waiver"
    __table_args__ = (_of_case(), STRICT)
    case: str = _text(primary_key=True)
    guard: str = _text(primary_key=True)
    place: int
    until: str = _text()
    by: str = _text()
    at: str = _text()
    seq: int


class EventRow(Row, table=True):
    """The history: `body` holds the exact bytes that were chained, the other columns copies out of them."""

    __tablename__ = "event"
    __table_args__ = (
        _of_case(),
        _one_of("kind", Kind),
        _one_of("outcome", Outcome),
        _one_of("assurance", ASSURANCES),
        CheckConstraint("seq >= 1 AND length(hash) = 64", name="link"),
        CheckConstraint("(seq = 1) = (prev IS NULL)", name="prev"),
        CheckConstraint("length(at) = 27 AND length(recorded_at) = 27", name="times"),
        Index(None, "request_id", unique=True, sqlite_where=text("request_id IS NOT NULL")),
        Index(None, "at", "case", "seq"),
        Index(None, "case", "at", "seq"),
        Index(None, "actor", "at", "case", "seq"),
        Index(None, "acting_for", "at", "case", "seq", sqlite_where=text("acting_for IS NOT NULL")),
        Index(None, "entered_by", "at", "case", "seq"),
        Index(None, "kind", "at", "case", "seq"),
        Index(None, "outcome", "at", "case", "seq", sqlite_where=text("outcome = 'refused'")),
        Index(None, "trigger", "at", "case", "seq", sqlite_where=text('"trigger" IS NOT NULL')),
        Index(None, "source", "at", "case", "seq", sqlite_where=text("source IS NOT NULL")),
        Index(None, "target", "at", "case", "seq", sqlite_where=text("target IS NOT NULL")),
        Index("ix_event_denied", "case", "actor", "trigger", "at", sqlite_where=text("kind = 'denied'")),
        STRICT,
    )
    case: str = _text(primary_key=True)
    seq: int = Field(primary_key=True)
    at: str = _text()
    recorded_at: str = _text()
    actor: str = _text()
    acting_for: str | None = _text()
    entered_by: str = _text()
    assurance: str = _text()
    kind: str = _text()
    outcome: str = _text()
    trigger: str | None = _text()
    source: str | None = _text()
    target: str | None = _text()
    definition: str = _text()
    policy: str = _text()
    request_id: str | None = _text()
    hash: str = _text()
    prev: str | None = _text()
    body: bytes = Field(sa_type=LargeBinary)


class TextRow(Row, table=True):
    """A text of an event, kept beside the history so that it can be erased (both columns become NULL)."""

    __tablename__ = "text"
    __table_args__ = (
        ForeignKeyConstraint(["case", "seq"], ["event.case", "event.seq"]),
        CheckConstraint("(salt IS NULL) = (content IS NULL)", name="erased"),
        STRICT,
    )
    case: str = _text(primary_key=True)
    seq: int = Field(primary_key=True)
    name: str = _text(primary_key=True)
    salt: str | None = _text()
    content: str | None = _text()


class PersonRow(Row, table=True):
    """A natural person."""

    __tablename__ = "person"
    __table_args__ = (_flag("active"), STRICT)
    id: str = _text(primary_key=True)
    name: str = _text()
    email: str = _text()
    zone: str = _text()
    active: int


class AccountRow(Row, table=True):
    """An account, which is one person's."""

    __tablename__ = "account"
    __table_args__ = (ForeignKeyConstraint(["person"], ["person.id"]), Index(None, "person"), STRICT)
    account: str = _text(primary_key=True)
    person: str = _text()
    place: int


class GrantRow(Row, table=True):
    """A role given to a person, or lent by one."""

    __tablename__ = "grant"
    __table_args__ = (
        ForeignKeyConstraint(["person"], ["person.id"]),
        ForeignKeyConstraint(["from_person"], ["person.id"]),
        _flag("for_cause"),
        Index(None, "role"),
        Index(None, "person"),
        STRICT,
    )
    id: str = _text(primary_key=True)
    person: str = _text()
    role: str = _text()
    by: str = _text()
    starts: str = _text()
    case: str | None = _text()
    ends: str | None = _text()
    from_person: str | None = _text()
    revoked: str | None = _text()
    for_cause: int


class DefinitionRow(Row, table=True):
    """An adopted workflow or policy set; at most one of a kind and name is in force."""

    __tablename__ = "definition"
    __table_args__ = (
        _one_of("kind", ("workflow", "policy")),
        _flag("in_force"),
        Index("uq_definition_in_force", "kind", "name", unique=True, sqlite_where=text("in_force = 1")),
        STRICT,
    )
    digest: str = _text(primary_key=True)
    kind: str = _text()
    name: str = _text()
    version: str = _text()
    content: str = _text()
    adopted_at: str = _text()
    adopted_by: str = _text()
    in_force: int


class OutboxRow(Row, table=True):
    """What must be told once the commit is done."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "created_at"), STRICT)
    case: str = _text(primary_key=True)
    id: str = _text(primary_key=True)
    kind: str = _text()
    payload: str = _text()
    created_at: str = _text()
