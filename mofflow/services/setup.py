"""The founding of a database: its first people, policies and workflows, before anybody could permit it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mofflow.domain.case import ADMIN_CASE, Case
from mofflow.domain.event import Act, Event, Kind
from mofflow.domain.fold import evolve
from mofflow.domain.ledger import canonical, sha256
from mofflow.domain.people import Grant, Person
from mofflow.domain.permits import ADMINISTRATOR
from mofflow.domain.policy import Policies
from mofflow.errors import BadInput, nearest
from mofflow.services.definitions import prove
from mofflow.services.people import checked
from mofflow.services.ports import Definition, Writing
from mofflow.services.world import World

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = ("id", "name", "email", "zone", "accounts", "roles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """A person of the first hour, and the roles that he is given."""

    person: Person
    roles: tuple[str, ...]


def founders(data: Mapping[str, object], policies: Policies, account: str) -> list[Founder]:
    """The people of a founding file (`people: [{id, name, email, zone, accounts, roles}]`), the account's own person
    among them as administrator. BadInput with everything that is wrong."""
    listed = data.get("people", [])
    if set(data) - {"people"} or not isinstance(listed, list):
        raise BadInput(
            "A founding file has one key, `people`, with a list.", f"Each entry has: {', '.join(_FIELDS)}."
        )
    found = [_founder(entry, policies) for entry in listed]
    ids = [f.person.id for f in found]
    accounts = [a for f in found for a in f.person.accounts]
    doubled = sorted({name for names in (ids, accounts) for name in names if names.count(name) > 1})
    if doubled:
        raise BadInput(f"Given twice: {', '.join(doubled)}.", "Each id and each account is of one person.")
    own = next((f for f in found if account in f.person.accounts), None)
    if own is None:
        found.insert(0, Founder(person=_own_person(account, ids), roles=(ADMINISTRATOR,)))
    else:
        found[found.index(own)] = replace(own, roles=tuple(dict.fromkeys((*own.roles, ADMINISTRATOR))))
    for founder in found:
        for pair in policies.separation.exclusive_grants:
            if set(pair) <= set(founder.roles):
                raise BadInput(f"{founder.person.id} cannot be {' and '.join(pair)} at once.", "Choose one.")
    return found


def _own_person(account: str, taken: Sequence[str]) -> Person:
    stem = re.sub(r"[^a-z0-9._-]+", "-", account.lower()).strip("-._")[:60] or "founder"
    name = stem if stem not in taken else f"{stem}-admin"
    return Person(id=name, name=account, accounts=(account,))


def _founder(entry: object, policies: Policies) -> Founder:
    if not isinstance(entry, Mapping):
        raise BadInput(f"No person: {entry!r}.", f"Each entry has: {', '.join(_FIELDS)}.")
    for name in entry:
        if name not in _FIELDS:
            raise BadInput(
                f"A person has no {name!r}{nearest(str(name), _FIELDS)}.", f"There are: {', '.join(_FIELDS)}."
            )
    roles, accounts = entry.get("roles", []), entry.get("accounts", [])
    if not isinstance(roles, list) or not isinstance(accounts, list):
        raise BadInput(f"{entry.get('id')}: roles and accounts are lists.", "Write: roles: [customer]")
    for role in roles:
        if role not in policies.roles:
            raise BadInput(
                f"{entry.get('id')}: there is no role {role!r}{nearest(str(role), list(policies.roles))}."
            )
    person = Person(
        id=str(entry.get("id", "")),
        name=str(entry.get("name", "")),
        email=str(entry.get("email", "")),
        zone=str(entry.get("zone", "")),
        accounts=tuple(str(a) for a in accounts),
    )
    return Founder(person=checked(person), roles=tuple(roles))


def shipped(
    world: World,
) -> tuple[Mapping[str, object], Policies, list[tuple[Mapping[str, object], Definition]]]:
    """(policy content, policies, workflows) as they come with mofflow; every workflow is proved under the policies."""
    content = world.declarations.policy_folder(world.declarations.shipped_policies())
    policies = world.declarations.policies(content, sha256(canonical(content)))
    now = world.clock.real()
    workflows = []
    for path in world.declarations.shipped_workflows():
        told = world.declarations.workflow_file(path)
        workflow = world.declarations.workflow(told, sha256(canonical(told)))
        prove(workflow, policies)
        workflows.append(
            (told, _definition("workflow", workflow.name, workflow.version, workflow.digest, told, now))
        )
    return content, policies, workflows


def _definition(
    kind: str, name: str, version: str, digest: str, content: Mapping[str, object], now: datetime
) -> Definition:
    return Definition(
        digest=digest,
        kind=kind,
        name=name,
        version=version,
        content=content,
        adopted_at=now,
        adopted_by="",
        in_force=True,
    )


def found(world: World, people: Sequence[Founder], *, stated_time: bool) -> None:
    """Write the first events of a new database: that it was made, its people, and the shipped definitions."""
    content, policies, workflows = shipped(world)
    own = next(f.person.id for f in people if world.account in f.person.accounts)
    now = _founded_at(world, stated_time=stated_time)
    with world.database.writing() as writing:
        chain = _Chain(world=world, writing=writing, actor=own, now=now, policy=policies.digest)
        chain.add(
            Act(
                kind=Kind.OPENED,
                data={
                    "kind": "admin",
                    "workflow": "",
                    "state": "open",
                    "fields": {},
                    "stated_time": stated_time,
                },
                texts={"title": "People and definitions"},
                target="open",
            )
        )
        grants = _grants(people, own, now)
        told = [
            {"person": f.person.id, "accounts": list(f.person.accounts), "roles": list(f.roles)}
            for f in people
        ]
        chain.add(Act(kind=Kind.FOUNDING, data={"people": told, "grants": [g.id for g in grants]}))
        for founder in people:
            writing.add_person(founder.person)
        for grant in grants:
            writing.add_grant(grant)
        policy = _definition("policy", "policies", policies.digest[:12], policies.digest, content, now)
        for definition in (policy, *(d for _, d in workflows)):
            writing.adopt(replace(definition, adopted_by=own, adopted_at=now))
            kind = Kind.POLICY if definition.kind == "policy" else Kind.WORKFLOW
            chain.add(Act(kind=kind, data={"name": definition.name, "digest": definition.digest}))


def _founded_at(world: World, *, stated_time: bool) -> datetime:
    """The real time; where time is stated, what was stated, or else the earliest time that can be: any later
    command may then state any time."""
    return (world.clock.stated() or EARLIEST) if stated_time else world.clock.real()


def _grants(people: Sequence[Founder], by: str, now: datetime) -> list[Grant]:
    pairs = [(f.person.id, role) for f in people for role in f.roles]
    return [
        Grant(id=f"G-{number}", person=person, role=role, by=by, starts=now)
        for number, (person, role) in enumerate(pairs, start=1)
    ]


@dataclass(slots=True, kw_only=True)
class _Chain:
    """The first events of the case `_admin`, one after the other."""

    world: World
    writing: Writing
    actor: str
    now: datetime
    policy: str
    case: Case | None = None

    def add(self, act: Act) -> None:
        event = Event(
            case=ADMIN_CASE,
            seq=self.case.seq + 1 if self.case else 1,
            at=self.now,
            recorded_at=self.world.clock.real(),
            actor=self.actor,
            entered_by=self.actor,
            assurance="account",
            act=act,
            definition="",
            policy=self.policy,
        )
        after = evolve(self.case, event)
        self.writing.append(event, self.case, after)
        self.case = after
