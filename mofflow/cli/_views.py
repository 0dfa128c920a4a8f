"""Domain records as programs read them: the keys here are the contract of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mofflow.domain.case import Case, Evidence, Obligation, SignOff, Verdict, evidence_id
from mofflow.domain.event import Event
from mofflow.domain.facts import Facts
from mofflow.domain.people import Grant, Person
from mofflow.domain.policy import Policies
from mofflow.domain.signoffs import unfit
from mofflow.domain.workflow import Workflow

if TYPE_CHECKING:
    from mofflow.services.ports import Recorded
    from mofflow.services.recording import Written
    from mofflow.services.world import World

View = dict[str, Any]


def stage_of(case: Case, workflow: Workflow) -> str | None:
    """The stage in which a case stands; on hold it is that of the remembered state. None once it has ended."""
    state = case.remembered.state if workflow.states[case.state].hold and case.remembered else case.state
    return workflow.states[state].stage or None


def case_view(case: Case, workflow: Workflow) -> View:
    """A case as lists show it."""
    return {
        "key": case.key,
        "title": case.title,
        "kind": case.kind,
        "workflow": case.workflow,
        "category": None,
        "state": case.state,
        "stage": stage_of(case, workflow),
        "version": case.version,
        "final": workflow.states[case.state].final,
        "people": {role: list(people) for role, people in case.staffing.items()},
        "evidence": [evidence_view(document) for document in case.evidence.values()],
        "signoffs": [signoff_view(signoff) for signoff in case.signoffs],
        "links": [],
        "deadlines": [],
    }


def full_view(facts: Facts) -> View:
    """A case with everything about it."""
    case = facts.case
    return {
        **case_view(case, facts.workflow),
        "signoffs": [{**signoff_view(s), "counts": counts(facts, s)} for s in case.signoffs],
        "workflow_version": facts.workflow.version,
        "definition": case.definition,
        "fields": dict(case.fields),
        "obligations": [obligation_view(case.key, o) for o in case.obligations],
        "waivers": [
            {"guard": w.guard, "until": w.until, "by": w.by, "at": w.moment.at} for w in case.waivers
        ],
        "iteration": case.iteration,
        "remembered": case.remembered.state if case.remembered else None,
        "opened": case.opened.at,
        "opened_by": case.opened_by,
        "entered": case.entered.at,
        "last_at": case.last_at,
        "seq": case.seq,
    }


def counts(facts: Facts, signoff: SignOff) -> bool:
    """Whether an approval counts now, as far as that can be told without a transition that asks for it."""
    signoffs = facts.policies.signoffs.get(signoff.set)
    if signoffs is None or signoff.withdrawn or signoff.verdict is not Verdict.APPROVE:
        return False
    return unfit(facts, signoff, signoffs) is None


def evidence_view(document: Evidence) -> View:
    """A document, without its content."""
    return {
        "name": evidence_id(document.kind, document.key),
        "kind": document.kind,
        "key": document.key,
        "version": document.version,
        "digest": document.digest,
        "seal": document.seal,
        "size": document.size,
        "file": document.name,
        "attached": document.attached.at,
        "by": document.by,
        "changed_by": list(document.changed_by),
    }


def signoff_view(signoff: SignOff) -> View:
    """What somebody said of a sign-off set."""
    return {
        "name": signoff.name,
        "set": signoff.set,
        "key": signoff.key,
        "person": signoff.person,
        "acting_for": signoff.acting_for,
        "role": signoff.role,
        "verdict": signoff.verdict,
        "at": signoff.moment.at,
        "assurance": signoff.assurance,
        "covers": dict(signoff.covers),
        "void": signoff.void.reason if signoff.void else None,
        "withdrawn": signoff.withdrawn,
    }


def obligation_view(case: str, obligation: Obligation) -> View:
    """A duty."""
    return {
        "id": obligation.id,
        "case": case,
        "text": obligation.text,
        "owner": obligation.owner,
        "due": obligation.due,
        "guard": obligation.guard,
        "at": obligation.moment.at,
        "settled": obligation.settled.at if obligation.settled else None,
    }


def event_view(recorded: Recorded, policies: Policies | None = None) -> View:
    """An event of the history; with policies its guards tell clauses as people cite them, else by id."""
    event, act = recorded.event, recorded.event.act
    return {
        "case": event.case,
        "seq": event.seq,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "acting_for": act.acting_for,
        "entered_by": event.entered_by,
        "kind": act.kind,
        "trigger": act.trigger,
        "from": act.source,
        "to": act.target,
        "outcome": act.outcome,
        "guards": [_guard_view(guard, policies) for guard in act.guards],
        "definition": event.definition,
        "policy": event.policy,
        "hash": recorded.hash,
        "prev": recorded.prev,
        "assurance": event.assurance,
        "roles": list(act.roles),
        "data": dict(act.data),
        "texts": dict(act.texts),
        "request_id": event.request_id,
    }


def _guard_view(guard: Mapping[str, Any], policies: Policies | None) -> View:
    if policies is None:
        return dict(guard)
    from mofflow.services.audit import references

    return {**guard, "clauses": list(references(policies, tuple(guard.get("clauses", ()))))}


def person_view(person: Person) -> View:
    """A person, as programs read it."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "zone": person.zone,
        "accounts": list(person.accounts),
        "active": person.active,
    }


def grant_view(grant: Grant) -> View:
    """A grant or a delegation, as programs read it."""
    return {
        "id": grant.id,
        "person": grant.person,
        "role": grant.role,
        "case": grant.case,
        "by": grant.by,
        "starts": grant.starts,
        "ends": grant.ends,
        "from_person": grant.from_person,
        "revoked": grant.revoked,
        "for_cause": grant.for_cause,
    }


def change_view(written: Written) -> View:
    """What an act did to a case; `event` is its hash, null on a dry run."""
    return {
        "case": written.case.key,
        "version": written.case.version,
        **act_view(written.event, written.recorded),
    }


def act_view(event: Event, recorded: Recorded | None) -> View:
    """The event of an act; without one that was recorded it was a dry run."""
    return {
        "event": recorded.hash if recorded else None,
        "kind": event.act.kind,
        "actor": event.actor,
        "acting_for": event.act.acting_for,
        "entered_by": event.entered_by,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "dry_run": recorded is None,
    }


def workflows_of(world: World, cases: Iterable[Case]) -> Mapping[str, Workflow]:
    """The workflow of each case, by digest."""
    digests = {case.definition for case in cases}
    if not digests:
        return {}
    with world.database.reading() as reading:
        return {digest: reading.workflow(digest) for digest in digests}
