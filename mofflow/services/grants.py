"""Roles: grants, revocations and delegations. Each is an event of the case `_admin`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mofflow.domain.event import Act, Kind
from mofflow.domain.ledger import utc_text
from mofflow.domain.people import Grant, People, Person
from mofflow.domain.permits import ADMINISTRATOR
from mofflow.domain.policy import Policies
from mofflow.errors import BadInput, Conflict, NotFound, NotPermitted, nearest
from mofflow.services.ports import Reading, Writing
from mofflow.services.recording import record_admin, unit
from mofflow.services.world import Caller, World, caller, moment


def require_administrator(world: World, reading: Reading, who: Caller, told: str) -> None:
    """NotPermitted unless the actor is an administrator."""
    people = reading.people([ADMINISTRATOR])
    if ADMINISTRATOR not in people.roles_of(who.actor, moment(world, reading), None):
        admins = sorted({g.person for g in people.grants if people.active(g.person)})
        raise NotPermitted(f"{who.actor} may not {told}.", f"Administrators: {', '.join(admins)}.")


def grant(
    world: World,
    person: str,
    role: str,
    *,
    case: str | None = None,
    ends: datetime | None = None,
    dry_run: bool = False,
) -> Grant:
    """Give a role, everywhere or for one case. Nobody grants himself a role, or is administrator and auditor at once."""
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        return grant_within(world, reading, writing, who, person, role, case, ends)


def grant_within(
    world: World,
    reading: Reading,
    writing: Writing | None,
    who: Caller,
    person: str,
    role: str,
    case: str | None,
    ends: datetime | None = None,
) -> Grant:
    """The same inside a transaction that somebody else began."""
    policies, now = reading.policies(), moment(world, reading)
    require_role(policies, role)
    require_administrator(world, reading, who, f"grant the role {role}")
    target = active_person(reading, person)
    if target.id in (who.actor, who.entered_by):
        raise NotPermitted(f"{person} cannot grant himself a role.", "Another administrator must do it.")
    people = reading.people(None)
    _exclusive(policies, people, person, role, now)
    if case is not None:
        reading.case(case)
    if any(
        g.person == person and g.role == role and g.case == case and not g.from_person and g.holds(now, case)
        for g in people.grants
    ):
        raise Conflict(f"{person} holds the role {role} already.", "See: mofflow person list")
    given = Grant(
        id=_next_id(people), person=person, role=role, by=who.actor, starts=now, case=case, ends=ends
    )
    act = Act(kind=Kind.GRANT, data=_told(given))
    record_admin(world, reading, writing, who, act)
    if writing:
        writing.add_grant(given)
    return given


def _told(given: Grant) -> dict[str, object]:
    return {
        "grant": given.id,
        "person": given.person,
        "role": given.role,
        "case": given.case,
        "starts": utc_text(given.starts),
        "ends": utc_text(given.ends) if given.ends else None,
        "from_person": given.from_person,
    }


def _next_id(people: People) -> str:
    return f"G-{max((int(g.id.removeprefix('G-')) for g in people.grants), default=0) + 1}"


def _exclusive(policies: Policies, people: People, person: str, role: str, now: datetime) -> None:
    """NotPermitted where the person holds a role that this one excludes."""
    for pair in policies.separation.exclusive_grants:
        other = pair[1 - pair.index(role)] if role in pair else None
        if other and any(g.person == person and g.role == other and g.revoked is None for g in people.grants):
            raise NotPermitted(
                f"Nobody is {role} and {other} at once; {person} is {other}.", "Choose another person."
            )


def revoke(
    world: World,
    person: str,
    role: str,
    *,
    case: str | None = None,
    for_cause: bool = False,
    reason: str = "",
    dry_run: bool = False,
) -> list[Grant]:
    """End a person's grants of a role, delegated ones too; `for_cause`: what he signed under them counts no more."""
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        require_administrator(world, reading, who, "revoke roles")
        now = moment(world, reading)
        people = reading.people(None)
        known_person(reading, person)
        hit = [  # one that ended already can still be found to have ended for cause
            g
            for g in people.grants
            if g.person == person
            and g.role == role
            and g.case == case
            and (not g.revoked or for_cause > g.for_cause)
        ]
        if not hit:
            held = sorted({g.role for g in people.grants if g.person == person and not g.revoked})
            raise NotFound(f"{person} has no grant of {role}.", f"He has: {', '.join(held) or 'none'}.")
        keep_an_administrator(people, person, role, now)
        ended = [replace(g, revoked=g.revoked or now, for_cause=for_cause) for g in hit]
        told: dict[str, object] = {
            "grants": [g.id for g in ended],
            "person": person,
            "role": role,
            "for_cause": for_cause,
        }
        texts = {"reason": reason} if reason else {}
        record_admin(world, reading, writing, who, Act(kind=Kind.REVOCATION, data=told, texts=texts))
        for given in ended if writing else ():
            writing.change_grant(given)  # type: ignore[union-attr]  # only where there is a transaction
        return ended


def keep_an_administrator(people: People, person: str, role: str, now: datetime) -> None:
    """Conflict where the person is the last one who could change anything."""
    others = [
        h for h in people.holdings(ADMINISTRATOR, now, None) if h.person != person and h.acting_for is None
    ]
    if role == ADMINISTRATOR and not others:
        raise Conflict(f"{person} is the only administrator.", "Grant the role to somebody else first.")


def delegate(
    world: World,
    giver: str,
    receiver: str,
    roles: Sequence[str],
    *,
    ends: datetime,
    case: str | None = None,
    dry_run: bool = False,
) -> list[Grant]:
    """Lend roles until `ends`: by their holder himself, or by an administrator for him. What was lent cannot be lent on."""
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        if who.actor != giver:
            require_administrator(world, reading, who, f"delegate for {giver}")
        active_person(reading, receiver)
        now = moment(world, reading)
        _may_lend(who, giver, receiver, ends, now)
        given: list[Grant] = []
        for role in roles:
            people = reading.people(None)
            _lendable(reading.policies(), people, giver, receiver, role, case, now)
            number = int(_next_id(people).removeprefix("G-")) + (0 if writing else len(given))
            one = Grant(
                id=f"G-{number}",
                person=receiver,
                role=role,
                by=who.actor,
                starts=now,
                case=case,
                ends=ends,
                from_person=giver,
            )
            record_admin(world, reading, writing, who, Act(kind=Kind.DELEGATION, data=_told(one)))
            if writing:
                writing.add_grant(one)
            given.append(one)
        return given


def _may_lend(who: Caller, giver: str, receiver: str, ends: datetime, now: datetime) -> None:
    if giver == receiver:
        raise BadInput("A delegation is to somebody else.", "Name another person with --to.")
    if receiver in (who.actor, who.entered_by):
        message = f"{receiver} cannot give himself the roles of {giver}."
        raise NotPermitted(message, f"{giver} must do it from his own account.")
    if ends <= now:
        raise BadInput(f"The end {ends.isoformat()} has passed already.", "Give an end that lies ahead.")


def _lendable(
    policies: Policies, people: People, giver: str, receiver: str, role: str, case: str | None, now: datetime
) -> None:
    require_role(policies, role)
    if not any(h.person == giver and h.acting_for is None for h in people.holdings(role, now, case)):
        raise BadInput(f"{giver} does not hold {role} himself.", "Only one's own roles can be delegated.")
    _exclusive(policies, people, receiver, role, now)


def require_role(policies: Policies, role: str) -> None:
    """BadInput, with the nearest name, where there is no such role."""
    if role not in policies.roles:
        known = list(policies.roles)
        raise BadInput(
            f"There is no role {role!r}{nearest(role, known)}.", "All roles: mofflow policy show roles"
        )


def active_person(reading: Reading, person: str) -> Person:
    """The person; BadInput where nobody is called so, or he was deactivated."""
    found = reading.person(person)
    if found is None:
        raise BadInput(f"Nobody is called {person!r}.", "See: mofflow person list")
    if not found.active:
        raise BadInput(f"{person} was deactivated.", "See: mofflow person list")
    return found


def known_person(reading: Reading, person: str) -> Person:
    """The person, also a deactivated one; BadInput where nobody is called so."""
    found = reading.person(person)
    if found is None:
        raise BadInput(f"Nobody is called {person!r}.", "See: mofflow person list")
    return found
