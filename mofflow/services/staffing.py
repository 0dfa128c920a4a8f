"""Who works on a case: assignments."""

from __future__ import annotations

from mofflow.domain import acts
from mofflow.domain.duties import staffing_conflict
from mofflow.domain.facts import Facts
from mofflow.domain.permits import permitted
from mofflow.errors import BadInput, Conflict, NotFound, nearest
from mofflow.services.grants import grant_within
from mofflow.services.ports import Reading
from mofflow.services.recording import Denied, Written, record, require, unit
from mofflow.services.world import World, caller, facts_of, require_open


def assign(
    world: World, key: str, role: str, person: str, *, grant: bool = False, dry_run: bool = False
) -> Written:
    """Staff a role of a case with somebody who holds it; `grant`: give him the role for this case along with it.

    BadInput where role or person is unknown, or he lacks the role; NotPermitted for separation of duties.
    """
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        _known(facts, reading, role, person)
        require_open(facts, "assigning")
        require(facts, who, "assign", f"assign people on {key}")
        if grant:
            grant_within(world, reading, writing, who, person, role, key)
            if writing:
                facts = facts_of(world, reading, key, who)
        elif role not in reading.people([role]).roles_of(person, facts.now, key):
            raise BadInput(
                f"{person} does not hold the role {role}.",
                f"First: mofflow person grant {person} {role} (or assign with --grant).",
            )
        if against := staffing_conflict(facts, role, person):
            message = f"Separation of duties: {against}."
            raise Denied(
                message, "Assign another person.", case=key, who=who, act="assign", refusal="SEPARATION"
            )
        if person in facts.case.staffing.get(role, ()):
            raise Conflict(f"{person} is {role} of {key} already.", f"See: mofflow show {key}")
        return record(world, writing, who, facts, acts.assign(role, person))


def unassign(world: World, key: str, role: str, person: str, *, dry_run: bool = False) -> Written:
    """End an assignment; NotFound where there is none."""
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require_open(facts, "unassigning")
        if permitted(facts, who.actor, "assign") is None and who.actor != person:
            require(facts, who, "assign", f"unassign people on {key}")
        if person not in facts.case.staffing.get(role, ()):
            told = ", ".join(facts.case.staffing.get(role, ())) or "nobody"
            raise NotFound(f"{person} is not {role} of {key}.", f"Assigned as {role}: {told}.")
        return record(world, writing, who, facts, acts.unassign(role, person))


def _known(facts: Facts, reading: Reading, role: str, person: str) -> None:
    roles = list(facts.policies.roles)
    if role not in roles:
        raise BadInput(
            f"There is no role {role!r}{nearest(role, roles)}.", "All roles: mofflow policy show roles"
        )
    found = reading.person(person)
    if found is None:
        raise BadInput(f"Nobody is called {person!r}.", "See: mofflow person list")
    if not found.active:
        raise BadInput(f"{person} was deactivated.", "See: mofflow person list")
