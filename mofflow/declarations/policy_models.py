"""What each policy file may hold, one model a kind; the JSON Schemas come from the same models."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mofflow.declarations.document import seen
from mofflow.declarations.evidence_models import EvidenceRule
from mofflow.declarations.models import Name, Strict, Text
from mofflow.declarations.text_formats import is_date, is_duration


def _day(text: str) -> str:
    if not is_date(text):
        raise ValueError(f"{seen(text)} is not a day such as {date(2027, 12, 1).isoformat()}.")
    return text


def _length(text: str) -> str:
    if not is_duration(text):
        raise ValueError(
            f"{seen(text)} is not an ISO 8601 duration in whole numbers, such as P30D, P12M or PT2H."
        )
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{seen(text)} is not a time zone such as UTC or Europe/Berlin.") from error
    return text


Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Length = Annotated[str, AfterValidator(_length), WithJsonSchema({"type": "string", "format": "duration"})]
Zone = Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string"})]
ClauseId = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9_.-]{0,31}$")]
SetClassName = Literal["approval", "acceptance", "attestation"]
Pair = Annotated[list[Name], Field(min_length=2, max_length=2)]


class PolicyFile(Strict):
    """What every policy file says of itself: its meaning, who owns it, who agreed, when to look again."""

    statement: Text
    owner: Name
    agreed_by: list[Name] = Field(min_length=1)
    review_after: Day


class RoleRule(Strict):
    """A role type; where nobody holds it, the holders of `stands_in` do, the first that has any."""

    title: Text
    accountability: Literal[
        "support", "operations", "service", "compliance", "architecture", "solution", "management", "customer"
    ]
    unique: bool = False
    filled: bool = False
    stands_in: list[Name] = Field(default=[])


class RolesFile(PolicyFile):
    """The role types."""

    policy: Literal["roles"]
    rules: dict[Name, RoleRule] = Field(min_length=1)


class AnyOf(Strict):
    """One seat for somebody who acts in any of these roles."""

    any_of: list[Name] = Field(min_length=1)


class Quorum(Strict):
    """`at_least` people of the roles `of`, one in each role of `including`. A role in `veto` can block."""

    of: list[Name] = Field(min_length=1)
    at_least: Annotated[int, Field(ge=1, le=50)]
    including: list[Name] = Field(default=[])
    veto: list[Name] = Field(default=[])

    @model_validator(mode="after")
    def _fits(self) -> Quorum:
        if len(self.including) > self.at_least:
            raise ValueError(f"`including` names {len(self.including)} roles, more than `at_least`.")
        if missing := set(self.veto) - set(self.including):
            raise ValueError(f"only a role in `including` can have a veto: {', '.join(sorted(missing))}.")
        return self


class QuorumSeats(Strict):
    """The seats of a board that decides by quorum."""

    quorum: Quorum


class NoneNeeded(Strict):
    """No approval is needed, for this reason."""

    none: Text


def _seat_form(value: Any) -> str:  # noqa: ANN401  # whatever stands in the file
    if isinstance(value, list):
        return "seats"
    if isinstance(value, dict | Strict):
        keys = value if isinstance(value, dict) else type(value).model_fields
        return next((form for form in ("quorum", "none") if form in keys), "any_of")
    return "role"


Role = Annotated[Name, Tag("role")]
One = Annotated[AnyOf, Tag("any_of")]
Board = Annotated[QuorumSeats, Tag("quorum")]
Seat = Annotated[Role | One | Board, Discriminator(_seat_form)]
Seats = Annotated[Annotated[list[Seat], Field(min_length=1)], Tag("seats")]
SizeSeats = Annotated[Seats | One | Board | Annotated[NoneNeeded, Tag("none")], Discriminator(_seat_form)]


class Assurance(Strict):
    """The lowest assurance that a sign-off needs, in an embedded database and elsewhere."""

    embedded: Literal["entered", "account", "signed"]
    elsewhere: Literal["entered", "account", "signed"]


class SignoffRule(Strict):
    """A sign-off set: its class, the documents that it covers, and the seats of each size (`all`: any)."""

    title: Text
    set_class: SetClassName = Field(alias="class")
    covers: list[Name]
    seats: dict[Name, SizeSeats] = Field(min_length=1)
    valid_for: Length | None = None
    assurance: Assurance | None = None
    distinct_from: list[Name] = Field(default=[])


class SignoffsFile(PolicyFile):
    """The sign-off sets."""

    policy: Literal["signoffs"]
    rules: dict[Name, SignoffRule] = Field(min_length=1)


class EvidenceFile(PolicyFile):
    """Evidence kinds; several files may hold some."""

    policy: Literal["evidence"]
    rules: dict[Name, EvidenceRule] = Field(min_length=1)


class BarredRule(Strict):
    """Barred from a class: people `assigned` in roles, authors of what is covered, `signers` in roles."""

    assigned: list[Name] = Field(default=[])
    authors: bool = False
    signers: list[Name] = Field(default=[])


class SeparationRules(Strict):
    """Separation of duties."""

    classes: dict[SetClassName, BarredRule]
    distinct_roles: list[Pair] = Field(default=[])
    exclusive_grants: list[Pair] = Field(default=[])


class SeparationFile(PolicyFile):
    """Separation of duties."""

    policy: Literal["separation"]
    rules: SeparationRules


class WaiverRule(Strict):
    """Clauses whose guards are never waived, and the longest waiver."""

    never: Annotated[list[ClauseId], Field(min_length=1)]
    at_most: Length


class WaiversFile(PolicyFile):
    """Waivers."""

    policy: Literal["waivers"]
    rules: WaiverRule


class ClauseRule(Strict):
    """An adjustment for ISO/IEC 20000 with its clause numbers by edition."""

    title: Text
    smf: Text
    editions: dict[Annotated[str, Field(pattern=r"^[0-9]{4}$")], list[Text]]
    confirmed: bool
    from_memory: list[Text] = Field(default=[])


class ClausesFile(PolicyFile):
    """The clause map."""

    policy: Literal["clauses"]
    rules: dict[ClauseId, ClauseRule] = Field(min_length=1)


class MandateRule(Strict):
    """A clause that must be served before a state."""

    clause: ClauseId
    before: Name
    mode: Literal["passed", "at_entry"]
    by: Name


class MandatoryFile(PolicyFile):
    """What a workflow must prove."""

    policy: Literal["mandatory"]
    rules: Annotated[list[MandateRule], Field(min_length=1)]


class CalendarRule(Strict):
    """The organisation's zone, and durations by the names that guards use."""

    zone: Zone
    durations: dict[Name, Length]


class CalendarFile(PolicyFile):
    """Zone and durations."""

    policy: Literal["calendar"]
    rules: CalendarRule


class PermissionsFile(PolicyFile):
    """Acts that are no transitions, and the roles that may do them; `*` is everybody known and active."""

    policy: Literal["permissions"]
    rules: dict[Name, list[Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_]{0,63})$")]]]


MODELS: dict[str, type[PolicyFile]] = {
    "roles": RolesFile,
    "signoffs": SignoffsFile,
    "evidence": EvidenceFile,
    "separation": SeparationFile,
    "waivers": WaiversFile,
    "clauses": ClausesFile,
    "mandatory": MandatoryFile,
    "calendar": CalendarFile,
    "permissions": PermissionsFile,
}
