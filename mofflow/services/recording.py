"""Units of work, and how an act gets its place in the history of its case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mofflow.domain.case import ADMIN_CASE, Case
from mofflow.domain.event import Act, Event, Kind, Outcome
from mofflow.domain.facts import Facts
from mofflow.domain.fold import evolve
from mofflow.domain.permits import permitted
from mofflow.errors import NotPermitted
from mofflow.services.ports import Reading, Recorded, Writing
from mofflow.services.world import Caller, World, facts_of, moment, not_backward, tell_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The case after an act, and the event that made it so; None where it was only tried (`--dry-run`)."""

    case: Case
    recorded: Recorded | None
    event: Event


def record(
    world: World, writing: Writing | None, who: Caller, facts: Facts, act: Act, request_id: str | None = None
) -> Written:
    """Give an act its place in the history of its case; without a transaction it is only tried."""
    if not act.roles:  # acts that no single role decided carry every role that the actor has here
        act = replace(act, roles=tuple(sorted(facts.people.roles_of(who.actor, facts.now, facts.case.key))))
    return _record(world, writing, who, facts.case, facts.now, facts.policies.digest, act, request_id)


def record_admin(world: World, reading: Reading, writing: Writing | None, who: Caller, act: Act) -> Written:
    """The same for people, grants and definitions, whose history is that of the case `_admin`."""
    case = reading.case(ADMIN_CASE)
    now = not_backward(world, case, moment(world, reading))
    return _record(world, writing, who, case, now, reading.policies().digest, act, None)


def _record(
    world: World,
    writing: Writing | None,
    who: Caller,
    case: Case,
    now: datetime,
    policy: str,
    act: Act,
    request_id: str | None,
) -> Written:
    event = Event(
        case=case.key,
        seq=case.seq + 1,
        at=now,
        recorded_at=world.clock.real(),
        actor=who.actor,
        entered_by=who.entered_by,
        assurance=who.assurance,
        act=act,
        definition=case.definition,
        policy=policy,
        request_id=request_id,
    )
    after = evolve(case, event)
    recorded = writing.append(event, case, after) if writing else None
    return Written(case=after, recorded=recorded, event=event)


class Denied(NotPermitted):
    """An act on a case that the actor may not do: the attempt stands in the history as `denied`."""

    def __init__(
        self, message: str, hint: str, *, case: str, who: Caller, act: str, refusal: str = "NOT_PERMITTED"
    ) -> None:
        super().__init__(message, hint)
        self.refusal = refusal  # the code of what stands against it
        self.case = case
        self.who = who
        self.act = act


@contextmanager
def unit(world: World, dry_run: bool) -> Iterator[tuple[Reading, Writing | None]]:
    """A transaction that may write; on a dry run only a view, and nothing to write with."""
    try:
        if dry_run:
            with world.database.reading() as reading:
                yield reading, None
        else:
            with world.database.writing() as writing:
                yield writing, writing
    except NotPermitted as error:
        with world.database.reading() as reading:
            tell_clock(world, reading)
        if isinstance(error, Denied) and not dry_run:
            with world.database.writing() as writing:
                _keep_denied(world, writing, error)
        raise


def _keep_denied(world: World, writing: Writing, denied: Denied) -> None:
    """At most once a minute for each person, case and act; what the act wrote before was rolled back."""
    facts = facts_of(world, writing, denied.case, denied.who)
    act = Act(kind=Kind.DENIED, outcome=Outcome.REFUSED, trigger=denied.act, source=facts.case.state)
    if not refused_too_often(writing, facts, act, denied.who.actor):
        record(world, writing, denied.who, facts, act)


def refused_too_often(reading: Reading, facts: Facts, act: Act, actor: str) -> bool:
    """Denied attempts are kept at most once a minute of `at` for each person, case and trigger."""
    if act.kind is not Kind.DENIED or act.outcome is not Outcome.REFUSED:
        return False
    since = facts.now - timedelta(minutes=1)
    return reading.denied_since(facts.case.key, actor, act.trigger or "", since)


def require(facts: Facts, who: Caller, permission: str, told: str) -> None:
    """Denied unless the permission policy lets the actor do it."""
    if permitted(facts, who.actor, permission) is None:
        roles = ", ".join(facts.policies.permissions.get(permission, ())) or "nobody"
        message, hint = f"{who.actor} may not {told}.", f"That is for: {roles}."
        raise Denied(message, hint, case=facts.case.key, who=who, act=permission)
