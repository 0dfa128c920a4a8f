"""State as the fold of history: `evolve(case, event)` is the only thing that makes a new state of a case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mofflow.domain.case import (
    Case,
    Evidence,
    Firing,
    Moment,
    Obligation,
    Remembered,
    SignOff,
    Verdict,
    Void,
    Waiver,
    evidence_id,
)
from mofflow.domain.event import Event, Kind, Outcome

UNSEEN = frozenset({Kind.NOTE, Kind.DENIED})  # what no guard can see: it leaves the version as it is


def replay(events: Iterable[Event]) -> Case | None:
    """The state of a case after these events, in their order; None where there are none."""
    case: Case | None = None
    for event in events:
        case = evolve(case, event)
    return case


def evolve(case: Case | None, event: Event) -> Case:
    """The case after one more event."""
    if case is None:
        return _opened(event)
    after = replace(case, seq=event.seq, last_at=event.at)
    if event.act.outcome is Outcome.REFUSED:
        return after
    if event.act.kind not in UNSEEN:
        after = replace(after, version=case.version + 1)
    handler = _HANDLERS.get(event.act.kind)
    return handler(after, event) if handler else after


def _moment(event: Event) -> Moment:
    return Moment(at=event.at, seq=event.seq)


def _opened(event: Event) -> Case:
    data: Mapping[str, Any] = event.act.data
    return Case(
        key=event.case,
        kind=data["kind"],
        title=event.act.texts.get("title", ""),
        workflow=data["workflow"],
        definition=event.definition,
        state=data["state"],
        entered=_moment(event),
        opened=_moment(event),
        version=1,
        seq=event.seq,
        last_at=event.at,
        opened_by=event.actor,
        fields=dict(data["fields"]),
    )


def _transition(case: Case, event: Event) -> Case:
    act = event.act
    data: Mapping[str, Any] = act.data
    firing = Firing(moment=_moment(event), source=str(act.source), size=case.size)
    named = {str(act.trigger): firing, f"{act.trigger} {act.source}": firing}
    after = replace(case, fired={**case.fired, **named}, acted=_acted(case, event))
    after = _move(after, event)
    after = _void(after, data.get("voids", ()), event.seq)
    if data.get("backward"):
        after = replace(after, iteration=after.iteration + 1)
    if "baseline" in data:
        after = replace(after, baseline=dict(data["baseline"]))
    marks = {(kind, digest, mark) for kind, digest, mark in data.get("marks", ())}
    done = dict(after.done)
    for name, value in data.get("records", {}).items():
        done[name] = tuple(dict.fromkeys((*done.get(name, ()), value)))
    left = tuple(_obligation(item, event) for item in data.get("obligations", ()))
    return replace(after, marks=after.marks | marks, done=done, obligations=after.obligations + left)


def _acted(case: Case, event: Event) -> dict[str, tuple[str, ...]]:
    """Who has acted in each role by now."""
    persons = (event.actor, *((event.act.acting_for,) if event.act.acting_for else ()))
    own = {role: tuple(dict.fromkeys((*case.acted.get(role, ()), *persons))) for role in event.act.roles}
    return {**case.acted, **own}


def _move(case: Case, event: Event) -> Case:
    """Enter the target; `entry` says how: same (no entering), held, restored, or new."""
    target, entry = str(event.act.target), event.act.data["entry"]
    if entry == "same":
        return case
    if entry == "held":
        memory = Remembered(state=case.state, entered=case.entered, done=case.done)
        return replace(case, state=target, entered=_moment(event), done={}, remembered=memory)
    if entry == "restored" and case.remembered:
        back = case.remembered
        return replace(case, state=target, entered=back.entered, done=back.done, remembered=None)
    return replace(case, state=target, entered=_moment(event), done={}, remembered=None)


def _obligation(item: Mapping[str, Any], event: Event) -> Obligation:
    return Obligation(
        id=item["id"],
        text=event.act.texts.get(f"obligation {item['id']}", ""),
        owner=item["owner"],
        due=item["due"],
        guard=item.get("guard"),
        moment=_moment(event),
    )


def _void(case: Case, voids: Iterable[Mapping[str, Any]], seq: int) -> Case:
    named = {(v["set"], v["key"], v["person"]): v["reason"] for v in voids}
    if not named:
        return case

    def after(signoff: SignOff) -> SignOff:
        reason = named.get((signoff.set, signoff.key, signoff.person))
        return replace(signoff, void=Void(reason=reason, seq=seq)) if reason else signoff

    return replace(case, signoffs=tuple(after(s) for s in case.signoffs))


def _evidence(case: Case, event: Event) -> Case:
    data: Mapping[str, Any] = event.act.data
    evidence = Evidence(
        kind=data["kind"],
        key=data["key"],
        version=data["version"],
        digest=data["digest"],
        fields=json.loads(event.act.texts.get("fields", "{}")),
        attached=_moment(event),
        by=event.actor,
        changed_by=tuple(data["changed_by"]),
        kind_digest=data["kind_digest"],
        size=data["size"],
        name=event.act.texts.get("name", ""),
        seal=data.get("seal", data["digest"]),
    )
    attached = {**case.evidence, evidence_id(evidence.kind, evidence.key): evidence}
    return _void(replace(case, evidence=attached), data.get("voids", ()), event.seq)


def _signoff(case: Case, event: Event) -> Case:
    data: Mapping[str, Any] = event.act.data
    signoff = SignOff(
        set=data["set"],
        key=data["key"],
        person=event.actor,
        acting_for=event.act.acting_for,
        role=data["role"],
        verdict=Verdict(data["verdict"]),
        moment=_moment(event),
        covers=dict(data["covers"]),
        material=dict(data["material"]),
        assurance=event.assurance,
        grants=tuple(data.get("grants", ())),
    )
    same = (signoff.set, signoff.key, signoff.person)
    others = tuple(s for s in case.signoffs if (s.set, s.key, s.person) != same)
    return replace(case, signoffs=(*others, signoff))


def _withdrawal(case: Case, event: Event) -> Case:
    data: Mapping[str, Any] = event.act.data
    own = (data["set"], data["key"], event.actor)

    def after(signoff: SignOff) -> SignOff:
        mine = (signoff.set, signoff.key, signoff.person) == own
        return replace(signoff, withdrawn=True) if mine else signoff

    return replace(case, signoffs=tuple(after(s) for s in case.signoffs))


def _assignment(case: Case, event: Event) -> Case:
    role, person = str(event.act.data["role"]), str(event.act.data["person"])
    people = tuple(dict.fromkeys((*case.staffing.get(role, ()), person)))
    return replace(case, staffing={**case.staffing, role: people})


def _unassignment(case: Case, event: Event) -> Case:
    role, person = str(event.act.data["role"]), event.act.data["person"]
    left = tuple(p for p in case.staffing.get(role, ()) if p != person)
    staffing = {r: people for r, people in case.staffing.items() if r != role}
    return replace(case, staffing={**staffing, role: left} if left else staffing)


def _fields(case: Case, event: Event) -> Case:
    data: Mapping[str, Any] = event.act.data
    changed = replace(case, fields={**case.fields, **data["changes"]})
    return _void(changed, data.get("voids", ()), event.seq)


def _waiver(case: Case, event: Event) -> Case:
    data: Mapping[str, Any] = event.act.data
    until = datetime.fromisoformat(data["until"])
    waiver = Waiver(guard=data["guard"], until=until, by=event.actor, moment=_moment(event))
    others = tuple(w for w in case.waivers if w.guard != waiver.guard)
    return replace(case, waivers=(*others, waiver))


def _settlement(case: Case, event: Event) -> Case:
    settled = event.act.data["obligation"]

    def after(obligation: Obligation) -> Obligation:
        return replace(obligation, settled=_moment(event)) if obligation.id == settled else obligation

    return replace(case, obligations=tuple(after(o) for o in case.obligations))


_HANDLERS: Mapping[Kind, Callable[[Case, Event], Case]] = {
    Kind.TRANSITION: _transition,
    Kind.EVIDENCE: _evidence,
    Kind.SIGNOFF: _signoff,
    Kind.WITHDRAWAL: _withdrawal,
    Kind.ASSIGNMENT: _assignment,
    Kind.UNASSIGNMENT: _unassignment,
    Kind.FIELDS: _fields,
    Kind.WAIVER: _waiver,
    Kind.SETTLEMENT: _settlement,
}
