"""Policies as objects: role types, sign-off sets, evidence kinds, separation of duties, waivers, clauses, calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum

from mofflow.errors import InvalidDeclaration


class SetClass(StrEnum):
    """What kind of statement a sign-off set makes: it decides whom separation of duties bars."""

    APPROVAL = "approval"
    ACCEPTANCE = "acceptance"
    ATTESTATION = "attestation"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleType:
    """A role type of the MOF Team SMF. Where nobody holds it, the holders of `stands_in` do, the first that has any."""

    name: str
    accountability: str
    title: str
    unique: bool = False
    filled: bool = False
    stands_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One seat of a set: filled by one person who acts in any of `roles`.

    A rejection by somebody of a `blocking` seat blocks the whole set; otherwise it only does not count.
    """

    roles: tuple[str, ...]
    blocking: bool = True

    @property
    def label(self) -> str:
        """How a person reads it."""
        return " or ".join(self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignoffSet:
    """Who must sign what. `seats` by size ("" where cases have no size); `valid_for` is an ISO 8601 duration.

    `none` holds the reason why a size needs no approval; a size with neither seats nor such a reason is not asked.
    """

    name: str
    title: str
    set_class: SetClass
    covers: tuple[str, ...]
    seats: Mapping[str, tuple[Seat, ...]]
    valid_for: str | None = None
    assurance: tuple[str, ...] = ()
    distinct_from: tuple[str, ...] = ()
    none: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        empty = [size for size, seats in self.seats.items() if not seats]
        if empty:
            raise InvalidDeclaration(
                f"Sign-off set {self.name}: no seats for {', '.join(empty)}.",
                "An empty set would pass by itself: name seats, or declare `none: REASON`.",
            )

    def seats_for(self, size: str | None) -> tuple[Seat, ...]:
        """The seats that a case of this size needs; empty where the set is declared `none` or not asked."""
        return self.seats.get(size or "", self.seats.get("all", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One breach of a schema: `path` as in `costs.direct[0].amount`, empty for the document itself."""

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceKind:
    """A kind of document. `faults` tells every breach of its JSON Schema by given fields.

    `by` are the roles that may attach it (empty: anybody assigned to the case). `keyed_by` names the field whose
    value keys it. `dated` is the field that tells its age. `statement`: it reports facts of the world.
    `identity`: the fields that say which thing in the world the document is about. `example` is a template (see
    `domain.example`).
    """

    name: str
    title: str
    purpose: str
    schema: Mapping[str, object]
    faults: Callable[[Mapping[str, object]], tuple[Fault, ...]]
    digest: str
    example: Mapping[str, object]
    by: tuple[str, ...] = ()
    keyed_by: str | None = None
    dated: str | None = None
    statement: bool = False
    clauses: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()

    def identify(self, fields: Mapping[str, object], seal: str) -> str:
        """What a mark on a document hangs on: the values of its `identity` fields, or the whole document."""
        values = [str(fields.get(name)) for name in self.identity]
        return " ".join(values) if values else seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Separation of duties: for each class of set the assigned roles that are barred from signing.

    `authors`: classes that bar whoever last changed a covered document. `signers`: class -> roles whose signers on
    the same case are barred. `distinct_roles`: pairs of roles that no one person has on one case.
    """

    barred_roles: Mapping[SetClass, tuple[str, ...]]
    authors: frozenset[SetClass]
    signers: Mapping[SetClass, tuple[str, ...]]
    distinct_roles: tuple[tuple[str, str], ...]
    exclusive_grants: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """An adjustment of MOF for ISO/IEC 20000, with clause numbers by edition; `confirmed` as in the clause map."""

    id: str
    title: str
    smf: str
    editions: Mapping[str, tuple[str, ...]]
    confirmed: bool

    @property
    def references(self) -> tuple[str, ...]:
        """`20000-1:2018 8.5.2`, ..., and the seed's own id."""
        newest = self.editions.get("2018", ())
        return (*(f"20000-1:2018 {number}" for number in newest), f"seed {self.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A clause that must be served before a state: on every path (`passed`), or by each entry (`at_entry`).

    `by` is the evidence kind or sign-off set that the serving guard must ask for (None: the label of a guard will do;
    policy files always name one).
    """

    clause: str
    before: str
    mode: str
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRules:
    """Clauses whose guards nobody may waive, and the longest waiver of all (an ISO 8601 duration)."""

    never: tuple[str, ...]
    at_most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRules:
    """The organisation's zone, and named durations (ISO 8601) that guards refer to."""

    zone: tzinfo
    zone_name: str
    durations: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Everything adopted, as one value. `digest` names it in every event; `statements` by policy file."""

    digest: str
    roles: Mapping[str, RoleType]
    signoffs: Mapping[str, SignoffSet]
    evidence: Mapping[str, EvidenceKind]
    separation: Separation
    waivers: WaiverRules
    clauses: Mapping[str, Clause]
    mandates: tuple[Mandate, ...]
    calendar: CalendarRules
    permissions: Mapping[str, tuple[str, ...]]
    statements: Mapping[str, Mapping[str, object]]
