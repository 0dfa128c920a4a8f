"""Random walks over one project: every verb, by anybody, through the real services on SQLite.

`ProjectWalk` only walks. Test modules derive a machine from it and add what must always be true.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from mofflow.domain.case import Case, SignOff, Verdict
from mofflow.domain.decide import leaving
from mofflow.domain.duties import acting, sets_asked
from mofflow.domain.example import render
from mofflow.domain.facts import Facts
from mofflow.domain.people import Person
from mofflow.domain.permits import attachers
from mofflow.errors import BadInput, Conflict, NotFound, NotPermitted
from mofflow.services import cases, documents, fields, people, remarks, signoffs, staffing
from mofflow.services import grants as granting
from mofflow.services.documents import Draft
from mofflow.services.world import World
from tests.support.follow import KEY, MAIN_ROAD, ask, fire, follow, travelled
from tests.support.raw import ADMIN, RawEvent, RawHistory
from tests.support.worlds import ROOT, Trial, opened

T = TypeVar("T")

SKIPPED = (*MAIN_ROAD[:7], "skip_pilot", "go", "back_out", "restored")
CONDITIONAL = (*MAIN_ROAD[:9], "conditional_go", "deployed", "end_quiet", "refuse")
HELD = (*MAIN_ROAD[:6], "hold")
ROADS = (MAIN_ROAD[:-1], SKIPPED, CONDITIONAL, HELD)
SIZES = ("small", "normal", "large")
PACES = (timedelta(0), timedelta(seconds=1), timedelta(minutes=7))
JUMPS = (
    *(timedelta(seconds=1), timedelta(hours=5), timedelta(days=1), timedelta(days=15)),
    *(timedelta(days=30), timedelta(days=31), timedelta(days=370)),
)
DOING = (
    *("program_manager", "developer", "release_manager", "tester"),
    *("solution_manager", "product_manager", "user_experience"),
)
UNDERMINED = (
    *("take_back", "revoke", "grant_again", "make_a_doer", "lend_a_doers_role", "lend_the_role"),
    *("let_the_signer_write", "sign_elsewhere", "reject_it", "sign_it_again", "change_the_size"),
)
FORWARD = frozenset(MAIN_ROAD) | {"resume", "skip_pilot", "conditional_go", "restored", "retry"}

_verdicts = st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.APPROVE, Verdict.REJECT])


class ProjectWalk(RuleBasedStateMachine):
    """One project P-1 and what people do to it. `last` is what the last verb gave; None where it was an error."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.trial: Trial
        self.raw: RawHistory
        self.new: list[RawEvent] = []
        self.last: object = None

    @initialize(
        data=st.data(),
        cast=st.sampled_from([True, True, False]),
        size=st.sampled_from(SIZES),
        pace=st.sampled_from(PACES),
    )
    def begin(self, data: st.DataObject, cast: bool, size: str, pace: timedelta) -> None:
        """Begin somewhere on a road of the project's life, with or without people around."""
        roads = [road for road in ROADS if size != "small" or road is not CONDITIONAL]
        road = data.draw(st.sampled_from(roads), "road")
        length = data.draw(st.integers(0, len(road)), "length")
        snapshot = travelled(cast=cast, size=size, road=tuple(road[:length]))
        self.trial = self._stack.enter_context(opened(snapshot, pace))
        self.raw = RawHistory(self.trial.path)
        self.look_back()

    def teardown(self) -> None:
        """Leave nothing behind."""
        self._stack.close()

    # What the walk knows

    def look_back(self) -> None:
        """Read on in the raw history."""
        self.new = self.raw.refresh()

    def facts(self) -> Facts:
        """Everything around the project now."""
        return cases.load(self.trial.seen_by(), KEY)

    def case(self) -> Case:
        """The project now."""
        return self.facts().case

    @property
    def events(self) -> list[RawEvent]:
        """The raw history of the project."""
        return self.raw.of(KEY)

    @property
    def admin(self) -> list[RawEvent]:
        """The raw history of people."""
        return self.raw.of(ADMIN)

    # Acting

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Do it, or be told that it cannot be done; every other error is a defect."""
        try:
            done = act()
        except (BadInput, Conflict, NotFound, NotPermitted):
            self.last = None
            return None
        finally:
            self.look_back()
        self.last = done
        return done

    def someone(self, data: st.DataObject, facts: Facts, likely: Iterable[str], label: str = "who") -> str:
        """Mostly one of those who are likely to succeed, now and then anybody."""
        everybody = sorted(p for p in facts.people.persons if facts.people.active(p))
        fit = sorted({p for p in likely if p in everybody})
        if not fit or data.draw(st.integers(0, 9), "odd one") == 9:
            fit = everybody
        return data.draw(st.sampled_from(fit), label)

    def holders(self, facts: Facts, roles: Iterable[str]) -> list[str]:
        """Who acts in one of these roles."""
        return [h.person for role in roles for h in acting(facts, role)]

    def permitted(self, facts: Facts, act: str) -> list[str]:
        """Whom the permission policy lets do this."""
        return self.holders(facts, facts.policies.permissions[act])

    def likely_kinds(self, facts: Facts) -> list[str]:
        """The kinds of document that matter in this state; else all."""
        edges = [t for t in facts.workflow.transitions if t.source == facts.case.state]
        asked = [k for t in edges for g in t.guards for k in g.rule.names().get("evidence", ())]
        covered = [
            kind
            for signoff in facts.case.signoffs
            for kind in facts.policies.signoffs[signoff.set].covers
            if facts.case.documents(kind)
        ]
        return list(dict.fromkeys([*asked, *covered])) or list(facts.policies.evidence)

    def likely_sets(self, facts: Facts) -> list[str]:
        """The sign-off sets that matter in this state; else all that are ever asked for."""
        edges = [t for t in facts.workflow.transitions if t.source == facts.case.state]
        asked = [name for t in edges for g in t.guards for name in g.rule.names().get("signoff", ())]
        return list(dict.fromkeys(asked)) or sorted(sets_asked(facts.workflow))

    # Rules: documents

    @rule(
        data=st.data(), odd=st.booleans(), how=st.sampled_from(["example", "perturbed", "again", "as_signed"])
    )
    def attach(self, data: st.DataObject, odd: bool, how: str) -> None:
        """Attach a document: its rendered example, that with something else in it, or the same bytes again."""
        facts = self.facts()
        kinds = list(facts.policies.evidence) if odd else self.likely_kinds(facts)
        kind = data.draw(st.sampled_from(kinds), "kind")
        actor = self.someone(data, facts, [h.person for h in attachers(facts, kind)])
        content = self._content(data, facts, kind, actor, how)
        self.attempt(lambda: documents.attach(self.trial.as_(actor), KEY, [Draft(kind=kind, fields=content)]))

    def _content(
        self, data: st.DataObject, facts: Facts, kind: str, actor: str, how: str
    ) -> Mapping[str, object]:
        present = facts.case.documents(kind)
        if present and how == "again":
            return data.draw(st.sampled_from(present), "document").fields
        if present and how == "as_signed":
            earlier = [e for e in self.events if e.is_("evidence") and e.data["kind"] == kind]
            chosen = data.draw(st.sampled_from(earlier), "earlier version")
            content: dict[str, object] = json.loads(chosen.text("fields"))
            return content
        declared = facts.policies.evidence[kind]
        sites = facts.case.fields["sites"]
        assert isinstance(sites, list | tuple)
        key = str(data.draw(st.sampled_from(list(sites)), "key")) if declared.keyed_by else None
        revision = max((d.version for d in present), default=0) + 1
        example = render(declared.example, facts, kind=kind, key=key, actor=actor, revision=revision)
        assert isinstance(example, dict)
        return perturbed(data, example) if how == "perturbed" else example

    # Rules: sign-offs

    @rule(data=st.data(), odd=st.booleans(), verdict=_verdicts, named=st.booleans())
    def sign(self, data: st.DataObject, odd: bool, verdict: Verdict, named: bool) -> None:
        """Sign or reject one set."""
        facts = self.facts()
        names = sorted(sets_asked(facts.workflow)) if odd else self.likely_sets(facts)
        if not names:
            return
        name = data.draw(st.sampled_from(names), "set")
        roles = [r for seat in facts.policies.signoffs[name].seats_for(facts.case.size) for r in seat.roles]
        actor = self.someone(data, facts, self.holders(facts, roles))
        role = data.draw(st.sampled_from(roles), "role") if named and roles else None
        shown = f"{name}:main" if name == "site" else name
        self.attempt(lambda: signoffs.sign(self.trial.as_(actor), KEY, (shown,), role=role, verdict=verdict))

    @rule(data=st.data())
    def sign_all(self, data: st.DataObject) -> None:
        """Sign everything that waits for somebody."""
        facts = self.facts()
        waiting = [p for p in facts.people.persons if list(signoffs.waiting(facts, p))]
        actor = self.someone(data, facts, waiting)
        self.attempt(lambda: signoffs.sign(self.trial.as_(actor), KEY, ()))

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """Take a sign-off back."""
        facts = self.facts()
        own = [(s.person, s.name) for s in facts.case.signoffs if not s.withdrawn] or [(ROOT, "vision")]
        person, name = data.draw(st.sampled_from(own), "sign-off")
        self.attempt(lambda: signoffs.withdraw(self.trial.as_(person), KEY, name, "I was wrong."))

    # Rules: people

    @rule(data=st.data(), odd=st.booleans(), grant=st.booleans())
    def assign(self, data: st.DataObject, odd: bool, grant: bool) -> None:
        """Staff a role with somebody who has it, or not."""
        facts = self.facts()
        role = data.draw(st.sampled_from(_roles_at_work(facts)), "role")
        held = [g.person for g in facts.people.grants if g.role == role]
        person = self.someone(data, facts, () if odd else held, "whom")
        actor = self.someone(data, facts, self.permitted(facts, "assign"))
        self.attempt(lambda: staffing.assign(self.trial.as_(actor), KEY, role, person, grant=grant))

    @rule(data=st.data())
    def unassign(self, data: st.DataObject) -> None:
        """End an assignment."""
        facts = self.facts()
        seats = [(r, p) for r, named in facts.case.staffing.items() for p in named] or [("tester", ROOT)]
        role, person = data.draw(st.sampled_from(seats), "seat")
        actor = self.someone(data, facts, self.permitted(facts, "assign"))
        self.attempt(lambda: staffing.unassign(self.trial.as_(actor), KEY, role, person))

    @rule(data=st.data(), local=st.booleans())
    def grant(self, data: st.DataObject, local: bool) -> None:
        """Give a role, everywhere or here."""
        facts = self.people_change()
        role = data.draw(st.sampled_from(_roles_at_work(facts)), "role")
        person = self.someone(data, facts, (), "whom")
        case = KEY if local else None
        self.attempt(lambda: granting.grant(self.trial.as_(), person, role, case=case))

    @rule(data=st.data(), for_cause=st.booleans(), signed=st.booleans())
    def revoke(self, data: st.DataObject, for_cause: bool, signed: bool) -> None:
        """Take a role back, for cause or not."""
        facts = self.people_change()
        signers = {(s.person, s.role) for s in facts.case.signoffs}
        grants = [g for g in facts.people.grants if g.person != ROOT and g.revoked is None]
        likely = [g for g in grants if not signed or (g.person, g.role) in signers] or grants
        if likely:
            grant = data.draw(st.sampled_from(likely), "grant")
            self.attempt(
                lambda: granting.revoke(
                    self.trial.as_(), grant.person, grant.role, case=grant.case, for_cause=for_cause
                )
            )

    @rule(data=st.data(), days=st.sampled_from([1, 40]), local=st.booleans(), self_made=st.booleans())
    def delegate(self, data: st.DataObject, days: int, local: bool, self_made: bool) -> None:
        """Lend a role for a while."""
        facts = self.people_change()
        own = [g for g in facts.people.grants if not g.from_person and g.person != ROOT and g.revoked is None]
        if own:
            grant = data.draw(st.sampled_from(own), "grant")
            receiver = self.someone(data, facts, (), "to")
            ends = self.trial.clock.at + timedelta(days=days)
            giver = grant.person if self_made and facts.people.active(grant.person) else None
            self.attempt(
                lambda: granting.delegate(
                    self.trial.as_(giver),
                    grant.person,
                    receiver,
                    [grant.role],
                    ends=ends,
                    case=KEY if local else None,
                )
            )

    @rule(data=st.data())
    def deactivate(self, data: st.DataObject) -> None:
        """Let somebody act no more; while enough are left, so that a walk goes on."""
        facts = self.people_change()
        others = sorted(p for p in facts.people.persons if p != ROOT and facts.people.active(p))
        if len(others) > 4:
            person = data.draw(st.sampled_from(others), "whom")
            self.attempt(lambda: people.deactivate(self.trial.as_(), person))

    def add_person(self, data: st.DataObject) -> None:
        """Somebody new, with a role or two."""
        facts = self.people_change()
        roles = data.draw(st.lists(st.sampled_from(_roles_at_work(facts)), max_size=2, unique=True), "roles")
        name = f"new-{len(facts.people.persons)}"
        self.attempt(lambda: people.add(self.trial.as_(), Person(id=name), roles))

    def people_change(self) -> Facts:
        """Between what happens to a case and what happens to people some time passes: no rule orders equal times
        of two histories."""
        self.trial.clock.at += timedelta(seconds=1)
        return self.facts()

    # Rules: the case itself

    @rule(data=st.data(), size=st.sampled_from(SIZES))
    def set_size(self, data: st.DataObject, size: str) -> None:
        """Change the one material field."""
        facts = self.facts()
        actor = self.someone(data, facts, self.permitted(facts, "set_fields"))
        self.attempt(lambda: fields.change(self.trial.as_(actor), KEY, {"size": size}))

    @rule(
        data=st.data(),
        given=st.sampled_from(
            [
                {"discipline": "agile"},
                {"deliverable": "service"},
                {"sites": ["main", "harbour"]},
                {"sites": ["core", "main"]},
                {"sites": ["main"]},
                {"size": "huge"},
                {"colour": "red"},
            ]
        ),
    )
    def set_fields(self, data: st.DataObject, given: Mapping[str, object]) -> None:
        """Change the others, or try what is not declared."""
        facts = self.facts()
        actor = self.someone(data, facts, self.permitted(facts, "set_fields"))
        self.attempt(lambda: fields.change(self.trial.as_(actor), KEY, given))

    @rule(data=st.data(), odd=st.booleans(), days=st.sampled_from([1, 29, 31]))
    def waive(self, data: st.DataObject, odd: bool, days: int) -> None:
        """Set a guard aside, where that is allowed, or try where it is not."""
        facts = self.facts()
        guards = {g.name: g for edge in facts.workflow.transitions for g in edge.guards}
        names = (
            sorted(guards) if odd else sorted(n for n, g in guards.items() if g.waivable) or sorted(guards)
        )
        name = data.draw(st.sampled_from(names), "guard")
        waivable = guards[name].waivable
        actor = self.someone(data, facts, self.holders(facts, [waivable.by] if waivable else []))
        until = self.trial.clock.at + timedelta(days=days)
        self.attempt(
            lambda: remarks.waive(self.trial.as_(actor), KEY, name, reason="It can wait.", until=until)
        )

    def settle(self, data: st.DataObject) -> None:
        """Report that a duty is done."""
        facts = self.facts()
        known = facts.case.obligations
        owed = data.draw(st.sampled_from(known), "obligation").id if known else f"{KEY}-O1"
        owners = [o.owner for o in known if o.id == owed]
        actor = self.someone(data, facts, [*owners, *self.permitted(facts, "settle")])
        self.attempt(lambda: remarks.settle(self.trial.as_(actor), owed, reason="Done."))

    def note(self, data: st.DataObject) -> None:
        """Leave a remark."""
        actor = self.someone(data, self.facts(), ())
        self.attempt(lambda: remarks.note(self.trial.as_(actor), KEY, "Somebody said something."))

    @rule(by=st.sampled_from(JUMPS))
    def wait(self, by: timedelta) -> None:
        """Time passes."""
        self.trial.clock.at += by

    def turn_back_the_clock(self, data: st.DataObject) -> None:
        """A time before the last event is refused, and changes nothing."""
        case, now = self.case(), self.trial.clock.at
        self.trial.clock.at = case.last_at - timedelta(microseconds=1)
        facts = cases.load(self.trial.seen_by(), KEY)
        actor = self.someone(data, facts, ())
        done = self.attempt(lambda: remarks.note(self.trial.seen_by(actor), KEY, "From the past."))
        self.trial.clock.at = now
        assert done is None
        assert self.new == []

    @rule(data=st.data(), what=st.sampled_from(["add_person", "settle", "note", "turn_back_the_clock"]))
    def do_little(self, data: st.DataObject, what: str) -> None:
        """What hardly ever matters to anybody's decision."""
        getattr(self, what)(data)

    # Rules: what endangers a sign-off

    @precondition(lambda self: bool(self.case().signoffs))
    @rule(data=st.data(), how=st.sampled_from(UNDERMINED))
    def undermine(self, data: st.DataObject, how: str) -> None:
        """Choose a sign-off, and do something to it, its signer, or what it rests on."""
        facts = self.people_change()
        signoff = data.draw(st.sampled_from(facts.case.signoffs), "sign-off")
        self.attempt(lambda: getattr(self, f"_{how}")(data, facts, signoff))

    def _take_back(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        signoffs.withdraw(self.trial.as_(signoff.person), KEY, signoff.name, "I was wrong.")

    def _revoke(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        lost = data.draw(st.sampled_from(sorted(signoff.persons)), "from")
        grants = [
            g for g in facts.people.grants if (g.person, g.role) == (lost, signoff.role) and not g.revoked
        ]
        if grants:
            case, cause = (
                data.draw(st.sampled_from(grants), "grant").case,
                data.draw(st.booleans(), "for cause"),
            )
            granting.revoke(self.trial.as_(), lost, signoff.role, case=case, for_cause=cause)

    def _grant_again(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        granting.grant(self.trial.as_(), signoff.person, signoff.role, case=KEY)

    def _make_a_doer(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        role = data.draw(st.sampled_from(DOING), "role")
        whom = data.draw(st.sampled_from(sorted(signoff.persons)), "whom")
        has = role in facts.people.roles_of(whom, facts.now, KEY)
        staffing.assign(self.trial.as_(), KEY, role, whom, grant=not has)

    def _lend_a_doers_role(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        seats = [(r, p) for r, named in facts.case.staffing.items() for p in named if r in DOING]
        if seats:
            role, giver = data.draw(st.sampled_from(seats), "seat")
            ends = self.trial.clock.at + timedelta(days=data.draw(st.sampled_from([1, 40]), "days"))
            granting.delegate(self.trial.as_(), giver, signoff.person, [role], ends=ends)

    def _lend_the_role(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        receiver = self.someone(data, facts, (), "to")
        ends = self.trial.clock.at + timedelta(days=40)
        granting.delegate(self.trial.as_(), signoff.person, receiver, [signoff.role], ends=ends)
        signoffs.sign(self.trial.as_(receiver), KEY, (signoff.name,), role=signoff.role)

    def _let_the_signer_write(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        kinds = facts.policies.signoffs[signoff.set].covers
        if kinds:
            kind = data.draw(st.sampled_from(kinds), "kind")
            if signoff.person not in {h.person for h in attachers(facts, kind)}:
                staffing.assign(self.trial.as_(), KEY, "user_experience", signoff.person, grant=True)
            how = data.draw(st.sampled_from(["example", "as_signed", "again"]), "how")
            content = self._content(data, facts, kind, signoff.person, how)
            documents.attach(self.trial.as_(signoff.person), KEY, [Draft(kind=kind, fields=content)])

    def _sign_elsewhere(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        role = data.draw(st.sampled_from(["customer", "developer", "tester", "operations_manager"]), "role")
        with_seat = [
            s.name
            for s in facts.policies.signoffs.values()
            if any(role in seat.roles for seat in s.seats_for(facts.case.size))
            and s.name in sets_asked(facts.workflow)
        ]
        name = data.draw(st.sampled_from(with_seat or [signoff.set]), "set")
        if role not in facts.people.roles_of(signoff.person, facts.now, KEY):
            granting.grant(self.trial.as_(), signoff.person, role)
        signoffs.sign(self.trial.as_(signoff.person), KEY, (name,), role=role)

    def _reject_it(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        signoffs.sign(
            self.trial.as_(signoff.person), KEY, (signoff.name,), role=signoff.role, verdict=Verdict.REJECT
        )

    def _sign_it_again(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        signoffs.sign(self.trial.as_(signoff.person), KEY, (signoff.name,))

    def _change_the_size(self, data: st.DataObject, facts: Facts, signoff: SignOff) -> None:
        size = data.draw(st.sampled_from(SIZES), "size")
        actor = self.someone(data, facts, self.permitted(facts, "set_fields"))
        fields.change(self.trial.as_(actor), KEY, {"size": size})

    # Rules: triggers

    @rule(data=st.data(), odd=st.booleans(), mangled=st.booleans())
    def advance(self, data: st.DataObject, odd: bool, mangled: bool) -> None:
        """Fire any trigger, ready or not, with fitting inputs or others."""
        facts = self.facts()
        names = facts.workflow.triggers if odd else leaving(facts) or facts.workflow.triggers
        trigger = data.draw(st.sampled_from(names), "trigger")
        self.fire_as_it_is(data, facts, trigger, mangled=mangled)

    @precondition(lambda self: self.case().state not in ("closed", "rejected", "cancelled"))
    @rule(
        data=st.data(),
        trigger=st.sampled_from(["hold", "resume", "back_out", "approve", "go", "conditional_go"]),
    )
    def advance_one(self, data: st.DataObject, trigger: str) -> None:
        """Fire one of those that matter most to the invariants."""
        self.fire_as_it_is(data, self.facts(), trigger, mangled=False)

    def fire_as_it_is(self, data: st.DataObject, facts: Facts, trigger: str, *, mangled: bool) -> None:
        """Fire a trigger without helping it."""
        _, answer = ask(self.trial, KEY, trigger)
        inputs: dict[str, object] = {need.name: example for need, _, example in answer.needs}
        if mangled:
            inputs = data.draw(
                st.sampled_from([{}, {**inputs, "extra": "x"}, dict.fromkeys(inputs, "")]), "inputs"
            )
        actor = self.someone(data, facts, answer.people)
        self.attempt(lambda: self.advanced(self.trial.as_(actor), trigger, inputs))

    def advanced(
        self, world: World, trigger: str, inputs: Mapping[str, object]
    ) -> cases.Advanced | cases.Refusal:
        """Fire a trigger; machines that look at refusals override this."""
        return cases.advance(world, KEY, trigger, inputs=inputs)

    @precondition(lambda self: self.case().state not in ("closed", "rejected", "cancelled"))
    @rule(data=st.data(), forward=st.booleans())
    def go_on(self, data: st.DataObject, forward: bool) -> None:
        """Follow the remedies of a trigger, then fire it: what random acts alone hardly ever reach."""
        names = leaving(self.facts())
        chosen = [n for n in names if n in FORWARD] if forward else names
        trigger = data.draw(st.sampled_from(chosen or names), "trigger")
        answer = follow(self.trial, KEY, trigger)
        actor = data.draw(st.sampled_from(answer.people), "actor")
        self.last = fire(self.trial, KEY, answer, actor)
        self.look_back()


def _roles_at_work(facts: Facts) -> Sequence[str]:
    """The roles that a project can ask about."""
    asked = {
        r
        for s in facts.policies.signoffs.values()
        for seats in s.seats.values()
        for seat in seats
        for r in seat.roles
    }
    firing = {by.role for edge in facts.workflow.transitions for by in edge.by if by.role}
    return sorted(asked | firing | {"product_manager", "business_interface"})


def perturbed(data: st.DataObject, document: Mapping[str, object]) -> dict[str, object]:
    """The document with one value changed somewhere inside it, mostly still of its type."""
    copy: Any = json.loads(json.dumps(document))
    target: Any = copy
    while True:
        places = list(range(len(target))) if isinstance(target, list) else sorted(target)
        place = data.draw(st.sampled_from(places), "place")
        inner = target[place]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 3), "deeper"):
            target = inner
            continue
        target[place] = data.draw(st.sampled_from(_others(inner)), "value")
        return dict(copy)


def _others(value: object) -> list[object]:
    """Values that stand in for one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, 0]
    if isinstance(value, list):
        return [[], ["another"]]
    if isinstance(value, str) and value[:4].isdigit():
        return ["2024-01-01T00:00:00Z", "2027-12-01T00:00:00Z", "2024-01-01", "2027-12-01"]
    if isinstance(value, str):
        return [f"{value} again", "failed", "reject", "no_go", "done"]
    return ["another"]
