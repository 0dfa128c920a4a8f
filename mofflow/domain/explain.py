"""Why: every trigger that leaves the present state, each guard with what it found and what would satisfy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mofflow.domain import inputs as needs
from mofflow.domain.decide import BY, Judged, firers, judge, judge_one, leaving, route
from mofflow.domain.duties import acting, named
from mofflow.domain.facts import Facts
from mofflow.domain.guards import mend
from mofflow.domain.guards.base import Verdict
from mofflow.domain.permits import attachers
from mofflow.domain.remedy import Plan
from mofflow.domain.staffing import barred_from
from mofflow.domain.steps import Attach, Proposal, Sign, Step
from mofflow.domain.taken import taken
from mofflow.domain.workflow import Need, Transition

_LAPSE = "SIGNOFF_WILL_LAPSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who can satisfy a guard: roles, the people who can now, and who is barred, and why."""

    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    barred: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One guard as `why` tells it. `not_before`: wait until then, and ask again."""

    judged: Judged
    who: Who
    steps: tuple[Step, ...] = ()
    not_before: datetime | None = None
    lapses: bool = False

    @property
    def code(self) -> str | None:
        """The code of the failure; a guard that passes but will lapse says so."""
        if self.lapses:
            return _LAPSE
        return None if self.judged.passed else self.judged.verdict.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One trigger: whether it can be fired now, by whom, and what stands against it, in the order to follow."""

    trigger: str
    target: str | None
    available: bool
    roles: tuple[str, ...]
    people: tuple[str, ...]
    needs: tuple[tuple[Need, object, object], ...]
    entries: tuple[Entry, ...]
    proposals: Mapping[str, Proposal]


def why(facts: Facts, asker: str, trigger: str | None = None) -> tuple[Answer, ...]:
    """The answer for one trigger, or for each that leaves the present state.

    BadInput where the trigger is unknown. A trigger that does not leave the state gets an answer that says so.
    """
    names = leaving(facts) if trigger is None else (trigger,)
    return tuple(answer(facts, asker, name) for name in names)


def answer(facts: Facts, asker: str, trigger: str) -> Answer:
    """Judge a trigger with its example inputs, and plan what is missing."""
    edge = route(facts, trigger)
    if isinstance(edge, Verdict):
        entry = Entry(judged=Judged(name=trigger, guard=None, verdict=edge), who=Who())
        return Answer(
            trigger=trigger,
            target=None,
            available=False,
            roles=(),
            people=(),
            needs=(),
            entries=(entry,),
            proposals={},
        )
    given = needs.examples(edge, facts)
    facts = replace(facts, inputs=given)
    judged = judge(facts, edge)
    may = firers(facts, edge)
    plan = Plan(facts=facts, asker=asker, fire=fire)
    entries = (*_entries(plan, edge, judged), *_by_entry(plan, edge, bool(may)))
    return Answer(
        trigger=trigger,
        target=edge.target,
        available=all(j.passed for j in judged) and bool(may),
        roles=tuple(by.role or str(by.person) for by in edge.by),
        people=tuple(dict.fromkeys(h.person for h, _ in may)),
        needs=tuple((need, needs.schema(need, edge, facts), given[need.name]) for need in edge.needs),
        entries=entries,
        proposals=plan.proposals,
    )


def _in_safe_order(judged: tuple[Judged, ...]) -> list[Judged]:
    """Roles, fields, documents, dates, obligations, sign-offs: nothing undoes what came before."""
    return sorted(judged, key=lambda j: j.guard.rule.rank if j.guard else 0)


def _entries(plan: Plan, edge: Transition, judged: tuple[Judged, ...]) -> list[Entry]:
    waits = [j.verdict.not_before for j in judged if not j.passed and j.verdict.not_before]
    until = max(waits, default=None)
    if until is not None and until > plan.facts.now:
        plan.facts = replace(plan.facts, now=until)
    return [_entry(plan, edge, found, until) for found in _in_safe_order(judged)]


def _entry(plan: Plan, edge: Transition, found: Judged, until: datetime | None) -> Entry:
    assert found.guard is not None  # noqa: S101 - guards of an edge
    before, who = len(plan.steps), _who(plan, found)
    later = judge_one(plan.facts, edge, found.guard)
    if not later.passed:
        mend(found.guard.rule, later.verdict, plan)
    steps = tuple(plan.steps[before:])
    found = _with_barred(found, who)
    lapses = found.passed and bool(steps) and any(isinstance(s, Sign) for s in steps)
    if found.passed and not lapses:
        return Entry(judged=found, who=who, steps=steps)
    timed = until if until is not None and any(isinstance(s, Attach | Sign) for s in steps) else None
    return Entry(
        judged=found, who=who, steps=steps, not_before=timed or found.verdict.not_before, lapses=lapses
    )


def _with_barred(found: Judged, who: Who) -> Judged:
    """The hint of a failing guard tells which holders cannot help, and why."""
    if found.passed or not who.barred:
        return found
    told = "; ".join(f"{person} {why}" for person, why in who.barred.items())
    return replace(found, verdict=replace(found.verdict, hint=f"{found.verdict.hint} Not by them: {told}."))


def _by_entry(plan: Plan, edge: Transition, anybody: bool) -> list[Entry]:
    """The last entry, where nobody may fire the trigger; without steps where the earlier remedies change that."""
    if anybody:
        return []
    before = len(plan.steps)
    roles = tuple(by.role for by in edge.by if by.role)
    if roles and not firers(plan.facts, edge):
        plan.fill(roles)
    message = f"Nobody may fire {edge.trigger}: it is for {', '.join(roles)}."
    verdict = Verdict(passed=False, code="NOBODY_MAY_FIRE", message=message, hint="Grant one of these roles.")
    judged = Judged(name=BY, guard=None, verdict=verdict)
    return [Entry(judged=judged, who=Who(roles=roles), steps=tuple(plan.steps[before:]))]


def fire(plan: Plan, trigger: str, inputs: Mapping[str, object]) -> None:
    """Satisfy another trigger of the plan's case with these inputs, and take it in the plan's world."""
    edge = route(plan.facts, trigger)
    if isinstance(edge, Verdict):
        return
    outer = plan.facts.inputs
    plan.facts = replace(plan.facts, inputs=inputs)
    for guard in sorted(edge.guards, key=lambda guard: guard.rule.rank):
        later = judge_one(plan.facts, edge, guard)
        if not later.passed:
            mend(guard.rule, later.verdict, plan)
    _by_entry(plan, edge, anybody=bool(firers(plan.facts, edge)))
    may = firers(plan.facts, edge)
    if may:
        holding, role = next((pair for pair in may if pair[0].person == plan.asker), may[0])
        act = taken(plan.facts, edge, (), holding, role)
        plan.fired(act, holding.person, trigger, inputs)
    plan.facts = replace(plan.facts, inputs=outer)


def _who(plan: Plan, found: Judged) -> Who:
    """Roles and people for what a guard asks; people whom separation of duties bars are named with the reason."""
    assert found.guard is not None  # noqa: S101 - guards of an edge
    rule, facts = found.guard.rule, plan.facts
    roles: list[str] = []
    people: list[str] = []
    against: dict[str, str] = {}
    for name in named(rule, "signoff"):
        signoffs = facts.policies.signoffs[name]
        for seat in signoffs.seats_for(facts.workflow.size):
            roles += seat.roles
            no = barred_from(facts, signoffs, None, seat.roles)
            holders = [h.person for role in seat.roles for h in acting(facts, role)]
            people += [p for p in holders if p not in no]
            against |= {p: no[p] for p in holders if p in no}
    for kind in named(rule, "evidence"):
        roles += facts.policies.evidence[kind].by
        people += [h.person for h in attachers(facts, kind)]
    for role in named(rule, "role"):
        roles.append(role)
        people += [h.person for h in acting(facts, role)]
    shown = tuple(p for p in dict.fromkeys(people) if p not in plan.proposals)
    return Who(roles=tuple(dict.fromkeys(roles)), people=shown, barred=against)
