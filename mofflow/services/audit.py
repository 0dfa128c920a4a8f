"""What auditors ask: the history, a case as it was, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from mofflow.domain.case import Case
from mofflow.domain.findings import Finding, findings
from mofflow.domain.fold import replay
from mofflow.domain.policy import Policies
from mofflow.errors import BadInput, NotFound, nearest
from mofflow.services.paging import every_case
from mofflow.services.ports import CaseQuery, HistoryQuery, Page, Reading, Recorded
from mofflow.services.world import World, caller


def history(world: World, query: HistoryQuery) -> Page[Recorded]:
    """Events, oldest first; NotFound where the case is unknown, BadInput for another name that nothing has."""
    with world.database.reading() as reading:
        caller(world, reading)
        if query.case is not None:
            reading.head(query.case) or reading.case(query.case)
        _require_known(reading, query)
        return reading.history(query)


def _require_known(reading: Reading, query: HistoryQuery) -> None:
    """An auditor who mistypes a name must not read that nothing happened."""
    if query.person is not None and reading.person(query.person) is None:
        people = list(reading.people(None).persons)
        raise BadInput(
            f"Nobody is called {query.person!r}{nearest(query.person, people)}.", "See: mofflow person list"
        )
    if query.trigger is None and query.state is None:
        return
    adopted = [reading.workflow(d.digest) for d in reading.definitions("workflow")]
    acts = {
        "attach",
        "waive",
        *reading.policies().permissions,
    }  # what a denied event may name beside triggers
    triggers = {name for workflow in adopted for name in workflow.triggers} | acts
    states = {name for workflow in adopted for name in workflow.states}
    for what, name, known in (("trigger", query.trigger, triggers), ("state", query.state, states)):
        if name is not None and name not in known:
            hint = "See: mofflow workflow list, and mofflow workflow show NAME"
            raise BadInput(f"There is no {what} {name!r}{nearest(name, sorted(known))}.", hint)


def case_at(world: World, key: str, at: datetime) -> Case:
    """The case as it was at a time, from its history."""
    with world.database.reading() as reading:
        caller(world, reading)
        reading.case(key)
        before = [r.event for r in reading.events(key) if r.event.at <= at]
    found = replay(before)
    if found is None:
        raise NotFound(f"{key} was not there at {at.isoformat()}.", f"Its history: mofflow history {key}")
    return found


def found(world: World, case: str | None = None) -> Iterator[Finding]:
    """Every finding, by case; clauses as references of the clause map."""
    with world.database.reading() as reading:
        caller(world, reading)
        policies = reading.policies()
        keys = [case] if case is not None else [c.key for c in every_case(reading)]
        for key in keys:
            definition = reading.case(key).definition
            workflow = reading.workflow(definition)
            clauses = {g.name: g.clauses for edge in workflow.transitions for g in edge.guards}
            for finding in findings((r.event for r in reading.events(key)), clauses):
                yield replace(finding, clauses=references(policies, finding.clauses))


def references(policies: Policies, clauses: tuple[str, ...]) -> tuple[str, ...]:
    """Clause ids as people cite them: `20000-1:2018 8.5.2`, ..., `seed D4`."""
    return tuple(
        text
        for name in clauses
        for text in (policies.clauses[name].references if name in policies.clauses else (name,))
    )


def cases(world: World, query: CaseQuery) -> Page[Case]:
    """Cases that fit."""
    with world.database.reading() as reading:
        caller(world, reading)
        return reading.cases(query)


def find(world: World, text: str, limit: int) -> list[tuple[str, str, str]]:
    """(case, where, excerpt) wherever titles, evidence fields or remarks hold the text."""
    with world.database.reading() as reading:
        caller(world, reading)
        return list(reading.find(text, limit))
