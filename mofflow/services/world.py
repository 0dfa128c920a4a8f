"""What every use case is given: the ports, and on whose behalf it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mofflow.domain.case import ADMIN_CASE, Case
from mofflow.domain.duties import named
from mofflow.domain.facts import Facts
from mofflow.domain.paths import values_at
from mofflow.domain.people import People
from mofflow.domain.permits import ADMINISTRATOR
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow
from mofflow.errors import BadInput, NotPermitted, Unavailable
from mofflow.services.ports import Clock, Database, Declarations, EvidenceStore, Reading

STATED_TIME = "MOFFLOW_ALLOW_STATED_TIME"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports, the account that runs the command, and the person whom `--as` names."""

    database: Database
    store: EvidenceStore
    clock: Clock
    declarations: Declarations
    account: str
    acting_as: str | None = None
    stating_allowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts, who entered it, and how surely: `account` (his own account) or `entered` (by an administrator)."""

    actor: str
    entered_by: str
    assurance: str


def moment(world: World, reading: Reading) -> datetime:
    """The time to decide by. A stated one needs a database marked for it, and the variable that allows it."""
    stated = world.clock.stated()
    if stated is None:
        return world.clock.real()
    if not reading.stated_time:
        raise NotPermitted(
            "This database decides by the real time: it was not marked for stated time when it was made.",
            f"For a trial, make another one: {STATED_TIME}=1 mofflow init",
        )
    if not world.stating_allowed:
        raise NotPermitted(
            "A stated time was given, but stating is not allowed here.", f"Set {STATED_TIME}=1."
        )
    return stated


def caller(world: World, reading: Reading) -> Caller:
    """The person whose account runs the command, or the one whom its administrator acts as."""
    own = reading.person_of(world.account)
    if own is None or not own.active:
        raise NotPermitted(
            f"The account {world.account} belongs to nobody who may act here.",
            f"An administrator can change that: mofflow person add ID --account {world.account}",
        )
    if world.acting_as in (None, own.id):
        return Caller(actor=own.id, entered_by=own.id, assurance="account")
    other = reading.person(str(world.acting_as))
    if other is None:
        raise BadInput(f"Nobody is called {world.acting_as!r}.", "See: mofflow person list")
    admin = ADMINISTRATOR in reading.people([ADMINISTRATOR]).roles_of(own.id, moment(world, reading), None)
    if not admin:
        tell_clock(world, reading)
        raise NotPermitted(
            f"{own.id} may not act as {other.id}: that is for administrators.", "Leave --as out."
        )
    if not other.active:
        raise NotPermitted(f"{other.id} was deactivated and can no longer act.", "See: mofflow person list")
    return Caller(actor=other.id, entered_by=own.id, assurance="entered")


def roles_needed(workflow: Workflow, policies: Policies) -> frozenset[str]:
    """Every role that a decision on a case of this workflow can ask about."""
    found = {
        ADMINISTRATOR,
        *(role for roles in policies.permissions.values() for role in roles if role != "*"),
    }
    for edge in workflow.transitions:
        found |= {by.role for by in edge.by if by.role}
        for guard in edge.guards:
            found |= set(named(guard.rule, "role"))
            for name in named(guard.rule, "signoff"):
                for seats in policies.signoffs[name].seats.values():
                    found |= {role for seat in seats for role in seat.roles}
            for kind in named(guard.rule, "evidence"):
                found |= set(policies.evidence[kind].by)
    stand_ins = {
        other for role in found if role in policies.roles for other in policies.roles[role].stands_in
    }
    return frozenset(found | stand_ins)


def require_real_case(case: Case) -> None:
    """BadInput for the case that only holds the history of people and definitions."""
    if case.key == ADMIN_CASE:
        raise BadInput(
            f"{case.key} is no project or change: it holds the history of people and definitions.",
            f"See: mofflow history {case.key}",
        )


def facts_of(
    world: World, reading: Reading, key: str, who: Caller, inputs: Mapping[str, object] | None = None
) -> Facts:
    """Everything that a decision on the case sees, in a fixed number of queries."""
    case = reading.case(key)
    require_real_case(case)
    policies = reading.policies()
    workflow = reading.workflow(case.definition).for_size(case.size)
    staffed = frozenset(case.staffing)
    people = reading.people(roles_needed(workflow, policies) | staffed)
    others = (who.actor, *_named_persons(case, workflow, inputs or {}))
    people = with_persons(reading, people, others)
    now = not_backward(world, case, moment(world, reading))
    return Facts(case=case, workflow=workflow, policies=policies, people=people, now=now, inputs=inputs or {})


def with_persons(reading: Reading, people: People, ids: Iterable[str]) -> People:
    """The same people, and those of `ids` who exist although they have no role that matters here."""
    found = {i: person for i in ids if i not in people.persons and (person := reading.person(i)) is not None}
    return replace(people, persons={**people.persons, **found}) if found else people


def _named_persons(case: Case, workflow: Workflow, inputs: Mapping[str, object]) -> Iterator[str]:
    """People whom documents, obligations and inputs name, and who signed."""
    yield from (signoff.person for signoff in case.signoffs)
    for kind, _, path in {
        by.person.partition(".") for edge in workflow.transitions for by in edge.by if by.person
    }:
        yield from (
            str(value) for document in case.documents(kind) for value in values_at(document.fields, path)
        )
    yield from (obligation.owner for obligation in case.obligations if obligation.settled is None)
    conditions = inputs.get("conditions")
    for entry in conditions if isinstance(conditions, list | tuple) else ():
        if isinstance(entry, Mapping):
            yield str(entry.get("owner"))


def not_backward(world: World, case: Case, now: datetime) -> datetime:
    """`now`, unless it is earlier than the last event of the case: within a case time never decreases."""
    if now >= case.last_at:
        return now
    told = f"{now.isoformat()} is earlier than the last event of {case.key}, at {case.last_at.isoformat()}."
    if world.clock.stated() is not None:
        raise BadInput(told, "State a time at or after that.")
    raise Unavailable(told, "The clock of this machine went backwards: set it right, then try again.")


def require_open(facts: Facts, told: str) -> None:
    """BadInput on a case that has ended."""
    state = facts.workflow.states[facts.case.state]
    if state.final:
        raise BadInput(
            f"{facts.case.key} is {state.name}: {told} changes nothing any more.", "Open a new case."
        )


def tell_clock(world: World, reading: Reading) -> None:
    """Before the founding nobody has any right: then the clock is to blame, and is told instead."""
    founded, now = reading.case(ADMIN_CASE), moment(world, reading)
    if now < founded.opened.at:
        not_backward(world, founded, now)
