"""Cases: opening one, explaining it, advancing it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mofflow.domain import acts
from mofflow.domain.decide import Refused, decide
from mofflow.domain.event import Event, Kind
from mofflow.domain.explain import Answer, answer, why
from mofflow.domain.facts import Facts
from mofflow.domain.fold import evolve
from mofflow.domain.permits import ADMINISTRATOR, permitted
from mofflow.errors import BadInput, Conflict, NotPermitted
from mofflow.services import fields as case_fields
from mofflow.services.documents import Draft, attach_stored, stored
from mofflow.services.ports import Alert, Reading, Recorded
from mofflow.services.recording import Written, record, refused_too_often, unit
from mofflow.services.world import World, caller, facts_of, moment, require_real_case, roles_needed

_KEY = re.compile(r"[A-Z][A-Z0-9]{0,15}-[A-Za-z0-9][A-Za-z0-9._-]{0,47}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """A transition that was taken. `repeated`: an earlier call with the same request id took it.

    `hash` is that of the event; None on a dry run. `obligations` are the ids that it left behind.
    """

    event: Event
    hash: str | None
    version: int
    obligations: tuple[str, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A transition that was refused, and the answer of `why` for it, as the actor would see it."""

    facts: Facts
    refused: Refused
    answer: Answer


def create(
    world: World,
    title: str,
    *,
    workflow: str,
    kind: str = "project",
    key: str | None = None,
    fields: Mapping[str, object] | None = None,
    dry_run: bool = False,
) -> Written:
    """Open a case in the initial state of a workflow in force; in an embedded database its administrator may, too.

    BadInput for a bad key, title or field; NotFound for an unknown workflow; Conflict where the key is taken.
    """
    if not title.strip():
        raise BadInput("A case needs a title.", "Say in a few words what it is about.")
    if key is not None and not _KEY.fullmatch(key):
        raise BadInput(
            f"{key!r} is no key.", "A key is like P-7 or P-CRM: capitals, a hyphen, letters or digits."
        )
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        declared = reading.workflow_in_force(workflow)
        if declared.kind != kind:  # the mandates of its kind are what a case must not get around
            message = f"{workflow} is a workflow of kind {declared.kind}; this opens a {kind}."
            raise BadInput(message, "See: mofflow workflow list")
        policies = reading.policies()
        people = reading.people(roles_needed(declared, policies))
        now = moment(world, reading)
        given = case_fields.parsed(declared, fields or {})
        act = acts.open_case(declared, title.strip(), given)
        event = Event(
            case=key or f"{declared.prefix}-{reading.next_number(declared.prefix)}",
            seq=1,
            at=now,
            recorded_at=world.clock.real(),
            actor=who.actor,
            entered_by=who.entered_by,
            assurance=who.assurance,
            act=replace(act, roles=tuple(sorted(people.roles_of(who.actor, now, None)))),
            definition=declared.digest,
            policy=policies.digest,
        )
        opened = evolve(None, event)
        facts = Facts(case=opened, workflow=declared, policies=policies, people=people, now=now)
        if not (reading.embedded and ADMINISTRATOR in people.roles_of(who.actor, now, None)):
            _require_creator(facts, who.actor)
        return Written(
            case=opened, recorded=writing.append(event, None, opened) if writing else None, event=event
        )


def _require_creator(facts: Facts, actor: str) -> None:
    """Not a denial in the history: there is no case yet that it could stand in."""
    kind = facts.workflow.kind
    if permitted(facts, actor, f"create_{kind}") is None:
        roles = ", ".join(facts.policies.permissions.get(f"create_{kind}", ())) or "nobody"
        raise NotPermitted(f"{actor} may not open a {kind}.", f"That is for: {roles}.")


def explain(world: World, key: str, trigger: str | None = None) -> tuple[Facts, str, tuple[Answer, ...]]:
    """(facts, the person who asks, the answers): why the case can, or cannot, leave its state. Changes nothing."""
    with world.database.reading() as reading:
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        return facts, who.actor, why(facts, who.actor, trigger)


def advance(
    world: World,
    key: str,
    trigger: str,
    *,
    inputs: Mapping[str, object] | None = None,
    documents: Sequence[Draft] = (),
    expect_version: int | None = None,
    request_id: str | None = None,
    dry_run: bool = False,
) -> Advanced | Refusal:
    """Fire a trigger, after attaching `documents` in the same transaction.

    A refusal is a value, and stands in the history; nothing else is kept of it. Conflict where the case is not at
    `expect_version`, or the request id served something else. The same request id again gives the first result.
    """
    files = stored(world, key, documents, dry_run=dry_run) if documents else ()
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        if request_id and (earlier := reading.by_request(request_id)):
            return _repeated(earlier, key, trigger, request_id)
        facts = facts_of(world, reading, key, who, inputs)
        if expect_version is not None and facts.case.version != expect_version:
            found = f"{key} is at version {facts.case.version}, not {expect_version}."
            raise Conflict(found, f"Look at it again (mofflow show {key}), then retry.")
        judged = attach_stored(world, None, who, facts, files) if files else facts
        decision = decide(judged, trigger, who.actor)
        if isinstance(decision, Refused):
            if writing and not refused_too_often(reading, facts, decision.act, who.actor):
                record(world, writing, who, facts, decision.act)
            return Refusal(
                facts=judged, refused=decision, answer=answer(replace(judged, inputs={}), who.actor, trigger)
            )
        if files and writing:
            judged = attach_stored(world, writing, who, facts, files)
        written = record(world, writing, who, judged, decision.act, request_id)
        if writing and written.recorded:
            writing.enqueue(_alert(written))
        return _advanced(written)


def _advanced(written: Written) -> Advanced:
    return Advanced(
        event=written.event,
        hash=written.recorded.hash if written.recorded else None,
        version=written.case.version,
        obligations=_obligations(written.event),
    )


def _obligations(event: Event) -> tuple[str, ...]:
    left = event.act.data.get("obligations", ())
    return tuple(str(item["id"]) for item in left) if isinstance(left, list | tuple) else ()


def _repeated(earlier: Recorded, key: str, trigger: str, request_id: str) -> Advanced:
    event = earlier.event
    if event.case != key or event.act.kind is not Kind.TRANSITION or event.act.trigger != trigger:
        done = f"{event.act.trigger or event.act.kind.value} on {event.case}"
        raise Conflict(
            f"The request id {request_id!r} was used already, for {done}.", "Use a new id for a new request."
        )
    version = event.act.data.get("version")
    return Advanced(
        event=event,
        hash=earlier.hash,
        version=version if isinstance(version, int) else 0,
        obligations=_obligations(event),
        repeated=True,
    )


def _alert(written: Written) -> Alert:
    """What the outbox tells about a transition; its id is that of the event."""
    event = written.event
    told = {
        "trigger": event.act.trigger,
        "from": event.act.source,
        "to": event.act.target,
        "actor": event.actor,
    }
    return Alert(
        id=f"{event.case}:{event.seq}", case=event.case, kind="transition", payload=told, created_at=event.at
    )


def load(world: World, key: str) -> Facts:
    """A case with the world around it, for showing."""
    with world.database.reading() as reading:
        caller(world, reading)
        return facts_of_any(world, reading, key)


def facts_of_any(world: World, reading: Reading, key: str) -> Facts:
    """As `facts_of`, but a clock that runs behind does not keep anybody from reading."""
    case = reading.case(key)
    require_real_case(case)
    policies = reading.policies()
    workflow = reading.workflow(case.definition).for_size(case.size)
    people = reading.people(None)
    now = max(moment(world, reading), case.last_at)
    return Facts(case=case, workflow=workflow, policies=policies, people=people, now=now)
