"""Remarks, waivers and obligations of a case."""

from __future__ import annotations

from datetime import datetime

from mofflow.domain import acts
from mofflow.domain.case import Obligation
from mofflow.domain.durations import parse
from mofflow.domain.facts import Facts
from mofflow.domain.permits import as_holder, permitted
from mofflow.domain.workflow import Guard, Waivable
from mofflow.errors import BadInput, Conflict, NotFound, NotPermitted, nearest
from mofflow.services.documents import current
from mofflow.services.paging import every_case
from mofflow.services.recording import Denied, Written, record, require, unit
from mofflow.services.world import World, caller, facts_of, moment, require_open


def note(world: World, key: str, text: str, *, dry_run: bool = False) -> Written:
    """Put a remark into the history of a case, also of one that has ended."""
    if not text.strip():
        raise BadInput("An empty remark says nothing.", f"Write: mofflow note {key} TEXT")
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require(facts, who, "note", f"write remarks on {key}")
        return record(world, writing, who, facts, acts.note(text))


def waive(
    world: World, key: str, name: str, *, reason: str, until: datetime, dry_run: bool = False
) -> Written:
    """Let a guard that its workflow marks waivable count as passed for a while; that always leaves a finding."""
    if not reason.strip():
        raise BadInput("A waiver needs a reason.", "Say why with --reason TEXT.")
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require_open(facts, "a waiver")
        guard, waivable = _waivable(facts, name)
        if as_holder(facts, who.actor, waivable.by) is None:
            message, hint = f"{who.actor} may not waive {guard.name}.", f"That is for: {waivable.by}."
            raise Denied(message, hint, case=key, who=who, act="waive")
        _in_bounds(facts, guard, waivable, until)
        return record(world, writing, who, facts, acts.waive(guard.name, until, reason, waivable.by))


def _waivable(facts: Facts, name: str) -> tuple[Guard, Waivable]:
    guards = {g.name: g for edge in facts.workflow.transitions for g in edge.guards}
    if name not in guards:
        raise BadInput(
            f"No guard is called {name!r}{nearest(name, list(guards))}.", f"See: mofflow why {facts.case.key}"
        )
    guard = guards[name]
    if guard.waivable is None:
        told = ", ".join(sorted(n for n, g in guards.items() if g.waivable)) or "none"
        raise NotPermitted(f"Nobody may waive {name}.", f"Waivable here: {told}.")
    return guard, guard.waivable


def _in_bounds(facts: Facts, guard: Guard, waivable: Waivable, until: datetime) -> None:
    zone, rules = facts.policies.calendar.zone, facts.policies.waivers
    latest = min(parse(waivable.at_most).add(facts.now, zone), parse(rules.at_most).add(facts.now, zone))
    if until <= facts.now:
        raise BadInput(f"The end {until.isoformat()} has passed already.", "Give an end that lies ahead.")
    if until > latest:
        raise BadInput(
            f"{guard.name} can be waived for {waivable.at_most} at most.",
            f"Give an end up to {latest.isoformat()}.",
        )


def obligations(world: World, key: str | None = None) -> list[tuple[str, Obligation]]:
    """(case, obligation) of one case, or the open ones of all, by due date."""
    with world.database.reading() as reading:
        caller(world, reading)
        moment(world, reading)
        if key is not None:
            return [(key, o) for o in reading.case(key).obligations]
        found = [(c.key, o) for c in every_case(reading) for o in c.obligations if o.settled is None]
        return sorted(found, key=lambda pair: (pair[1].due, pair[1].id))


def settle(
    world: World, obligation: str, *, evidence: str | None = None, reason: str = "", dry_run: bool = False
) -> Written:
    """A duty is done: shown by a document of its case, or for a reason. Its owner may, and whom the permissions name."""
    if evidence is None and not reason.strip():
        raise BadInput(
            "Say how it was settled.", "Name a document with --evidence KIND, or write --reason TEXT."
        )
    key = obligation.rpartition("-O")[0]
    if not key:
        raise BadInput(f"{obligation!r} is no id of an obligation.", "See: mofflow obligation list")
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        found = next((o for o in facts.case.obligations if o.id == obligation), None)
        if found is None:
            raise NotFound(f"{key} has no obligation {obligation}.", f"See: mofflow obligation list {key}")
        if found.settled is not None:
            raise Conflict(f"{obligation} is settled already.", f"See: mofflow obligation list {key}")
        if who.actor != found.owner and permitted(facts, who.actor, "settle") is None:
            require(facts, who, "settle", f"settle {obligation}: it is {found.owner}'s")
        document = current(facts.case.evidence, evidence, key) if evidence else None
        return record(world, writing, who, facts, acts.settle(obligation, document, reason))
