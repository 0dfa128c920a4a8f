"""Somebody who does what `why` says: every step of a remedy, by the person and with the content that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from mofflow.domain.case import evidence_id
from mofflow.domain.explain import Answer, Entry
from mofflow.domain.facts import Facts
from mofflow.domain.people import Person
from mofflow.domain.steps import (
    AddPerson,
    Advance,
    Assign,
    Attach,
    GrantRole,
    SetFields,
    Settle,
    Sign,
    Step,
    Unassign,
    Withdraw,
)
from mofflow.services import cases, documents, fields, people, remarks, signoffs, staffing
from mofflow.services import grants as granting
from mofflow.services.documents import Draft
from tests.support.worlds import ROOT, Snapshot, Trial, founded, opened

MOST_WAITS = 12  # how often a trigger may ask for patience before it counts as never available


class NotAvailable(AssertionError):
    """The remedies were followed, and still the trigger cannot be fired; the message tells what stands against it."""


def ask(trial: Trial, key: str, trigger: str, asker: str = ROOT) -> tuple[Facts, Answer]:
    """What `why KEY TRIGGER` says to somebody."""
    facts, _, answers = cases.explain(trial.seen_by(asker), key, trigger)
    return facts, answers[0]


def perform(trial: Trial, key: str, step: Step) -> None:
    """Do one step through the use case that its command line calls. Refusals and errors are AssertionErrors."""
    _DOERS[type(step)](trial, key, step)


def _add(trial: Trial, key: str, step: AddPerson) -> None:
    people.add(trial.as_(step.actor), Person(id=step.person), [step.role])


def _grant(trial: Trial, key: str, step: GrantRole) -> None:
    granting.grant(trial.as_(step.actor), step.person, step.role)


def _assign(trial: Trial, key: str, step: Assign) -> None:
    staffing.assign(trial.as_(step.actor), key, step.role, step.person, grant=step.grant)


def _unassign(trial: Trial, key: str, step: Unassign) -> None:
    staffing.unassign(trial.as_(step.actor), key, step.role, step.person)


def _attach(trial: Trial, key: str, step: Attach) -> None:
    draft = Draft(kind=step.kind, fields=step.example)
    _, names = documents.attach(trial.as_(step.actor), key, [draft])
    assert names == [evidence_id(step.kind, step.key)], f"the example of {step.kind} is keyed otherwise"


def _sign(trial: Trial, key: str, step: Sign) -> None:
    name = evidence_id(step.set, step.key)
    done = signoffs.sign(trial.as_(step.actor), key, (name,), role=step.role)
    assert not isinstance(done, signoffs.SignRefusal), f"{step}: {done}"


def _withdraw(trial: Trial, key: str, step: Withdraw) -> None:
    signoffs.withdraw(trial.as_(step.actor), key, evidence_id(step.set, step.key), "It is settled.")


def _set(trial: Trial, key: str, step: SetFields) -> None:
    fields.change(trial.as_(step.actor), key, step.values)


def _settle(trial: Trial, key: str, step: Settle) -> None:
    remarks.settle(trial.as_(step.actor), step.obligation, reason="It was done.")


def _advance(trial: Trial, key: str, step: Advance) -> None:
    done = cases.advance(trial.as_(step.actor), key, step.trigger, inputs=step.inputs)
    assert isinstance(done, cases.Advanced), f"{step}: {done.refused.message}"


_DOERS: Mapping[type[Step], Callable[[Trial, str, Any], None]] = {
    AddPerson: _add,
    GrantRole: _grant,
    Assign: _assign,
    Unassign: _unassign,
    Attach: _attach,
    Sign: _sign,
    Withdraw: _withdraw,
    SetFields: _set,
    Settle: _settle,
    Advance: _advance,
}


def follow(trial: Trial, key: str, trigger: str, asker: str = ROOT) -> Answer:
    """Follow the remedies of a trigger once, again after each `not_before`, and return the answer that then says
    available. NotAvailable where it does not; AssertionError where an entry says nothing that would help."""
    for _ in range(MOST_WAITS):
        _, answer = ask(trial, key, trigger, asker)
        if answer.available:
            return answer
        if waited(trial, answer):
            continue
        for entry in answer.entries:
            _follow_entry(trial, key, trigger, asker, entry)
        _, after = ask(trial, key, trigger, asker)
        if after.available:
            return after
        if not waited(trial, after):
            raise NotAvailable(told(after))
    raise NotAvailable(f"{trigger}: waiting never ends")


def waited(trial: Trial, answer: Answer) -> bool:
    """Jump to the latest `not_before` that lies ahead; false where there is none."""
    ahead = [e.not_before for e in answer.entries if e.not_before and e.not_before > trial.clock.at]
    if ahead:
        trial.clock.at = max(ahead)
    return bool(ahead)


def _follow_entry(trial: Trial, key: str, trigger: str, asker: str, entry: Entry) -> None:
    if entry.code and not entry.steps and entry.not_before is None:
        _, now = ask(trial, key, trigger, asker)
        same = next((e for e in now.entries if e.judged.name == entry.judged.name), None)
        helped = same is None or same.judged.passed
        assert helped, (
            f"{trigger}: nothing is said that would help {entry.judged.name}: {entry.judged.verdict}"
        )
    for step in entry.steps:
        perform(trial, key, step)


def told(answer: Answer) -> str:
    """What stands against a trigger, for the message of a failing test."""
    lines = [f"{answer.trigger} is not available; it is for {', '.join(answer.people) or 'nobody'}."]
    lines += [f"  {e.judged.name} {e.code}: {e.judged.verdict.message}" for e in answer.entries if e.code]
    return "\n".join(lines)


def fire(trial: Trial, key: str, answer: Answer, actor: str | None = None) -> cases.Advanced:
    """Fire an available trigger with its example inputs, as the first who may."""
    inputs = {need.name: example for need, _, example in answer.needs}
    done = cases.advance(trial.as_(actor or answer.people[0]), key, answer.trigger, inputs=inputs)
    assert isinstance(done, cases.Advanced), f"{answer.trigger}: {done.refused.message}"
    return done


MAIN_ROAD = (
    *("charter", "submit_vision", "approve", "submit_plan", "approve", "declare_complete", "approve"),
    *("start_pilot", "pilot_passed", "go", "site_done", "deployed", "end_quiet", "accept"),
)
KEY = "P-1"


@cache
def travelled(*, cast: bool, size: str, road: tuple[str, ...]) -> Snapshot:
    """A database whose project P-1 of this size was brought down a road of triggers, by its remedies alone."""
    before = travelled(cast=cast, size=size, road=road[:-1]) if road else founded(cast=cast)
    with opened(before) as trial:
        if road:
            fire(trial, KEY, follow(trial, KEY, road[-1]))
        else:
            cases.create(trial.as_(), "A project", workflow="deliver-project", fields={"size": size})
        return trial.snapshot()
