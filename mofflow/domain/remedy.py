"""The plan of a remedy: steps, and the world as it will be after them.

Each step is performed on the plan's own facts by the very acts and fold that real commands use, so that a later guard
is judged in the world that the earlier steps leave behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from mofflow.domain import acts, staffing
from mofflow.domain.case import Obligation, Verdict
from mofflow.domain.event import Act, Event
from mofflow.domain.example import render
from mofflow.domain.facts import Facts
from mofflow.domain.fold import evolve
from mofflow.domain.ledger import canonical, sha256
from mofflow.domain.people import Holding
from mofflow.domain.permits import as_holder, attachers, permitted
from mofflow.domain.signoffs import After, covered, standing
from mofflow.domain.steps import Advance, Attach, Proposal, SetFields, Settle, Sign, Step, Withdraw

DOERS = ("program_manager", "developer", "release_manager", "solution_manager", "product_manager", "tester")


@dataclass
class Plan:
    """Steps so far, and `facts` after them. `asker` is the person who wants to know; `fire` satisfies the guards of
    another trigger and takes it (it is handed in, since guards build on plans)."""

    facts: Facts
    asker: str
    fire: Callable[[Plan, str, Mapping[str, object]], None]
    steps: list[Step] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)

    def copy(self) -> Plan:
        """Another plan from the same point."""
        return replace(self, steps=list(self.steps), proposals=dict(self.proposals))

    def take(self, other: Plan) -> None:
        """Go on as the other plan did."""
        self.facts, self.steps, self.proposals = other.facts, other.steps, other.proposals

    def perform(self, act: Act, actor: str, step: Step | None) -> None:
        """Add a step, and let its act happen in the plan's world."""
        case = self.facts.case
        event = Event(
            case=case.key,
            seq=case.seq + 1,
            at=self.facts.now,
            recorded_at=self.facts.now,
            actor=actor,
            entered_by=actor,
            assurance="account",
            act=act,
            definition=case.definition,
            policy=self.facts.policies.digest,
        )
        self.facts = self.facts.with_case(evolve(case, event))
        if step is not None:
            self.steps.append(step)

    def fill(
        self, roles: tuple[str, ...], *, assign: bool = False, avoid: Mapping[str, str] | None = None
    ) -> str:
        """Somebody who acts in one of the roles and is none of `avoid`; steps that make it so where nobody does."""
        return staffing.fill(self, roles, assign=assign, avoid=avoid or {})

    def single_out(self, role: str) -> None:
        """Make exactly one person act in a role."""
        staffing.single_out(self, role)

    def attach(self, kind: str, key: str | None, wanted: Mapping[str, object], *, differs: bool) -> None:
        """Attach a document of the kind whose fields hold `wanted`; `differs`: other content than the present one."""
        by = self._attacher(kind)
        before = next((d for d in self.facts.case.documents(kind) if d.key == key), None)
        declared = self.facts.policies.evidence[kind]
        revision = before.version + 1 if before else 1
        example = render(declared.example, self.facts, kind=kind, key=key, actor=by.person, revision=revision)
        assert isinstance(example, dict)  # noqa: S101 - a template of a document is a mapping
        fields = overlay(example, wanted)
        if differs and before and fields == before.fields:
            fields["revision"] = revision
        content = canonical(fields)
        document = acts.Document(
            kind=kind, key=key, fields=fields, digest=sha256(content), size=len(content), name=f"{kind}.json"
        )
        step = Attach(actor=by.person, kind=kind, key=key, example=fields)
        self.perform(acts.attach(self.facts, by, document), by.person, step)

    def _attacher(self, kind: str) -> Holding:
        """Somebody who may attach it: preferably one who is barred from approving anyway."""
        found = attachers(self.facts, kind)
        if not found:
            roles = self.facts.policies.evidence[kind].by
            return Holding(person=self.fill(roles or ("program_manager",), assign=not roles))
        staffed = self.facts.case.staffing

        def rank(holding: Holding) -> tuple[int, bool, bool]:
            place = next(
                (n for n, role in enumerate(DOERS) if holding.person in staffed.get(role, ())), len(DOERS)
            )
            return (place, holding.acting_for is not None, holding.person != self.asker)

        return min(found, key=rank)

    def complete(self, name: str, key: str | None, after: After | None) -> None:
        """Lift the rejections of a sign-off set, then fill its open seats; nobody signs where there is nothing to sign."""
        for person in standing(self.facts, name, key, after).rejected_by:
            self._lift(name, key, person)
        signoffs = self.facts.policies.signoffs[name]
        if signoffs.covers and not covered(self.facts, signoffs, key):
            kind = self.facts.policies.evidence[signoffs.covers[0]]
            self.attach(kind.name, key if kind.keyed_by else None, {}, differs=False)
        while (found := standing(self.facts, name, key, after)).open_seats:
            seat = found.open_seats[0]
            avoid = {p: "sits in another seat" for s in found.counting for p in s.persons}
            avoid |= staffing.barred_from(self.facts, signoffs, key, seat.roles)
            avoid |= staffing.undone(self.facts, signoffs, seat.roles)
            person = self.fill(seat.roles, avoid=avoid)
            role = next(r for r in seat.roles if as_holder(self.facts, person, r))
            self._sign(name, key, role, person)
            if len(standing(self.facts, name, key, after).open_seats) >= len(found.open_seats):
                return  # it cannot count yet (a date lies ahead): waiting comes first

    def _sign(self, name: str, key: str | None, role: str, person: str) -> None:
        holding = as_holder(self.facts, person, role)
        assert holding is not None  # noqa: S101 - chosen because he acts in the role
        step = Sign(actor=person, set=name, key=key, role=role)
        self.perform(acts.sign(self.facts, holding, role, name, key, Verdict.APPROVE, ""), person, step)

    def _lift(self, name: str, key: str | None, person: str) -> None:
        """His approval where he may still give it; else his withdrawal; else a changed document."""
        act = next(s for s in self.facts.case.signoffs if (s.set, s.key, s.person) == (name, key, person))
        signoffs = self.facts.policies.signoffs[name]
        holding = as_holder(self.facts, person, act.role)
        seated = any(act.role in seat.roles for seat in signoffs.seats_for(self.facts.workflow.size))
        against = staffing.barred_from(self.facts, signoffs, key, (act.role,))
        if holding and seated and not holding.persons & set(against):
            self._sign(name, key, act.role, person)
        elif self.facts.people.active(person):
            self.perform(acts.withdraw(name, key, ""), person, Withdraw(actor=person, set=name, key=key))
        else:
            kind = next((k for k in signoffs.covers if self.facts.case.documents(k)), None)
            if kind is not None:
                self.attach(kind, self.facts.case.documents(kind)[0].key, {}, differs=True)

    def set_fields(self, wanted: Mapping[str, object]) -> None:
        """Set fields; None stands for a value that a person chooses."""
        examples = {name: self._value(name) if value is None else value for name, value in wanted.items()}
        allowed = permitted(self.facts, self.asker, "set_fields")
        actor = self.asker if allowed else self.fill(self.facts.policies.permissions["set_fields"])
        given = frozenset(name for name, value in wanted.items() if value is not None)
        step = SetFields(actor=actor, values=examples, given=given)
        self.perform(acts.set_fields(self.facts, examples), actor, step)

    def _value(self, name: str) -> object:
        declared = self.facts.workflow.fields[name]
        fallback: dict[str, object] = {"integer": 1, "list": ["main"]}
        return declared.values[0] if declared.values else fallback.get(declared.kind, f"the {name}")

    def settle(self, obligation: Obligation) -> None:
        """Settle an obligation: its owner does, or whom the permissions name."""
        owner = obligation.owner
        actor = (
            owner if self.facts.people.active(owner) else self.fill(self.facts.policies.permissions["settle"])
        )
        step = Settle(actor=actor, obligation=obligation.id)
        self.perform(acts.settle(obligation.id, None, ""), actor, step)

    def advance(self, trigger: str, inputs: Mapping[str, object]) -> None:
        """Fire another trigger of the case first, with what that needs."""
        self.fire(self, trigger, inputs)

    def fired(self, act: Act, actor: str, trigger: str, inputs: Mapping[str, object]) -> None:
        """Note that a trigger was taken in the plan's world."""
        self.perform(act, actor, Advance(actor=actor, trigger=trigger, inputs=inputs))


def overlay(example: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """A deep copy of the example with `wanted` (dotted path -> value) put in; lists get it in every entry."""
    copy: dict[str, object] = json.loads(json.dumps(example))
    for path, value in wanted.items():
        _put(copy, path.split("."), value)
    return copy


def _put(target: object, path: list[str], value: object) -> None:
    if isinstance(target, list):
        for entry in target:
            _put(entry, path, value)
    elif isinstance(target, dict):
        if len(path) == 1:
            target[path[0]] = value
        else:
            _put(target.setdefault(path[0], {}), path[1:], value)
