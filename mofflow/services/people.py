"""People: each change is an event of the case `_admin`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mofflow.domain.event import Act, Kind
from mofflow.domain.people import People, Person
from mofflow.domain.permits import ADMINISTRATOR
from mofflow.errors import BadInput, Conflict
from mofflow.services.grants import (
    active_person,
    grant_within,
    keep_an_administrator,
    require_administrator,
    require_role,
)
from mofflow.services.paging import every_case
from mofflow.services.ports import Reading
from mofflow.services.recording import record_admin, unit
from mofflow.services.world import World, caller, moment

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSeat:
    """An assignment that a deactivated person leaves behind."""

    case: str
    role: str


def checked(person: Person) -> Person:
    """BadInput for an id, a zone or an address that cannot be one."""
    if not _ID.fullmatch(person.id):
        raise BadInput(
            f"{person.id!r} is no id of a person.", "Use small letters, digits, dots, hyphens: jane.doe"
        )
    if person.zone:
        try:
            ZoneInfo(person.zone)
        except (ValueError, OSError, KeyError):
            raise BadInput(
                f"There is no time zone {person.zone!r}.", "Write it as in Europe/Berlin."
            ) from None
    if person.email and not re.fullmatch(r"[^@\s]+@[^@\s]+", person.email):
        raise BadInput(f"{person.email!r} is no e-mail address.", "Write it as in jane@example.org.")
    return person


def add(world: World, person: Person, roles: Sequence[str] = (), *, dry_run: bool = False) -> Person:
    """Make a person known, with these roles everywhere. Conflict where the id or an account is taken."""
    checked(person)
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        require_administrator(world, reading, who, "add people")
        if reading.person(person.id):
            raise Conflict(f"There is a person {person.id!r} already.", "See: mofflow person list")
        for account in person.accounts:
            if owner := reading.person_of(account):
                raise Conflict(
                    f"The account {account!r} belongs to {owner.id}.", "One account is of one person."
                )
        told = {"person": person.id, "zone": person.zone, "accounts": list(person.accounts)}
        texts = {name: text for name, text in (("name", person.name), ("email", person.email)) if text}
        record_admin(world, reading, writing, who, Act(kind=Kind.PERSON, data=told, texts=texts))
        if writing:
            writing.add_person(person)
            for role in roles:
                grant_within(world, reading, writing, who, person.id, role, None)
        else:
            for role in roles:
                require_role(reading.policies(), role)
        return person


def listed(world: World) -> tuple[People, datetime]:
    """Everybody with every grant, and the time to read them by."""
    with world.database.reading() as reading:
        caller(world, reading)
        return reading.people(None), moment(world, reading)


def deactivate(
    world: World, person: str, *, reason: str = "", dry_run: bool = False
) -> tuple[Person, list[OpenSeat]]:
    """Let a person act no more; tells the assignments on open cases that somebody else must take over."""
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        require_administrator(world, reading, who, "deactivate people")
        found = active_person(reading, person)
        keep_an_administrator(reading.people(None), person, ADMINISTRATOR, moment(world, reading))
        seats = list(_seats(reading, person))
        texts = {"reason": reason} if reason else {}
        record_admin(
            world, reading, writing, who, Act(kind=Kind.DEACTIVATION, data={"person": person}, texts=texts)
        )
        ended = replace(found, active=False)
        if writing:
            writing.change_person(ended)
        return ended, seats


def _seats(reading: Reading, person: str) -> list[OpenSeat]:
    return [
        OpenSeat(case=case.key, role=role)
        for case in every_case(reading, final=False)
        for role, people in case.staffing.items()
        if person in people
    ]
