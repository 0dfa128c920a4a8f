"""The decision: a workflow, a case, a trigger and the facts give a transition or a refusal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mofflow.domain import inputs as needs
from mofflow.domain.duties import acting
from mofflow.domain.event import Act, Kind, Outcome
from mofflow.domain.facts import Facts
from mofflow.domain.guards import look
from mofflow.domain.guards.base import Verdict
from mofflow.domain.machine import machine
from mofflow.domain.people import Holding
from mofflow.domain.taken import taken
from mofflow.domain.workflow import Guard, Transition
from mofflow.errors import BadInput, nearest

BY = "by"  # the name of the entry that tells who may fire


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A guard and what it found. `excused` says why a failing guard counts as passed: a waiver or a condition."""

    name: str
    guard: Guard | None
    verdict: Verdict
    excused: str = ""

    @property
    def passed(self) -> bool:
        """Whether it lets the case pass."""
        return self.verdict.passed or bool(self.excused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The transition may be taken: `act` is what the history will say."""

    transition: Transition
    judged: tuple[Judged, ...]
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It may not. `permitted` is false where the actor may not fire the trigger at all; `judged` holds every guard."""

    trigger: str
    state: str
    permitted: bool
    judged: tuple[Judged, ...]
    message: str
    hint: str
    act: Act


def leaving(facts: Facts) -> tuple[str, ...]:
    """The triggers that leave the present state."""
    return machine(facts.workflow).triggers(facts.case.state)


def route(facts: Facts, trigger: str) -> Transition | Verdict:
    """The edge that the route facts choose; a failing verdict (WRONG_STATE, NO_ROUTE) where there is none."""
    whole = facts.workflow.whole or facts.workflow
    if trigger not in whole.triggers:
        raise BadInput(
            f"{whole.name} has no trigger {trigger!r}{nearest(trigger, whole.triggers)}",
            f"From {facts.case.state}: {', '.join(leaving(facts)) or 'none, the case is closed'}.",
        )
    state = facts.case.state
    if trigger not in leaving(facts):
        if whole.leaving(state, trigger):
            message = f"{trigger} is not there for a case of size {facts.case.size}."
            return Verdict(passed=False, code="NO_ROUTE", message=message, hint=_instead(facts))
        message = f"{trigger} does not leave {state}."
        return Verdict(passed=False, code="WRONG_STATE", message=message, hint=_instead(facts))
    facts_now = facts.routes()
    for edge in facts.workflow.leaving(state, trigger):
        if edge.applies(facts_now):
            return edge
    told = ", ".join(f"{name} is {value}" for name, value in sorted(facts_now.items()))
    message = f"No target of {trigger} is declared for this case: {told}."
    return Verdict(
        passed=False, code="NO_ROUTE", message=message, hint="Mend the workflow: `workflow check` tells."
    )


def _instead(facts: Facts) -> str:
    others = leaving(facts)
    return (
        f"From {facts.case.state} there are: {', '.join(others)}."
        if others
        else "The case is closed for good."
    )


def firers(facts: Facts, edge: Transition) -> tuple[tuple[Holding, str], ...]:
    """Everybody who may fire it, each with the role that he does it in."""
    found: list[tuple[Holding, str]] = []
    for by in edge.by:
        if by.role:
            found += [(holding, by.role) for holding in acting(facts, by.role)]
        elif by.person:
            kind, _, path = by.person.partition(".")
            document = facts.case.evidence.get(kind)
            person = str(document.fields.get(path)) if document else ""
            if facts.people.active(person):
                found.append((Holding(person=person), by.person))
    return tuple(dict.fromkeys(found))


def judge(facts: Facts, edge: Transition) -> tuple[Judged, ...]:
    """Every guard of an edge, in the order of declaration; none is left out because another failed."""
    named = _conditions(facts, edge)
    return tuple(_judged(guard, facts, named) for guard in edge.guards)


def judge_one(facts: Facts, edge: Transition, guard: Guard) -> Judged:
    """One guard of an edge."""
    return _judged(guard, facts, _conditions(facts, edge))


def _conditions(facts: Facts, edge: Transition) -> dict[str, Mapping[str, object]]:
    """The conditions among the inputs, by the guard that each stands in for."""
    given = facts.inputs.get("conditions") if any(n.kind == "conditions" for n in edge.needs) else None
    return {needs.short(str(c["guard"])): c for c in given} if isinstance(given, list | tuple) else {}


def _judged(guard: Guard, facts: Facts, conditions: Mapping[str, Mapping[str, object]]) -> Judged:
    if guard.catches_up and not _rose(facts, guard.catches_up):
        message = f"Asked for by {guard.catches_up} already; the size did not rise since."
        return Judged(name=guard.name, guard=guard, verdict=Verdict(passed=True, message=message))
    verdict = look(guard.rule, facts)
    if verdict.passed or guard.waivable is None:
        return Judged(name=guard.name, guard=guard, verdict=_renamed(verdict, guard))
    condition = conditions.get(needs.short(guard.name))
    if condition is not None:
        excuse = f"condition of {condition['owner']}, due {condition['due']}"
        return Judged(name=guard.name, guard=guard, verdict=verdict, excused=excuse)
    for waiver in facts.case.waivers:
        if waiver.guard == guard.name and facts.now < waiver.until:
            excuse = f"waived by {waiver.by} until {waiver.until.isoformat()}"
            return Judged(name=guard.name, guard=guard, verdict=verdict, excused=excuse)
    return Judged(name=guard.name, guard=guard, verdict=_renamed(verdict, guard))


def _renamed(verdict: Verdict, guard: Guard) -> Verdict:
    if verdict.passed or guard.fails_as is None or verdict.code != "EVIDENCE_INVALID":
        return verdict
    return Verdict(
        passed=False, code=guard.fails_as, message=verdict.message, hint=verdict.hint, saw=verdict.saw
    )


def _rose(facts: Facts, trigger: str) -> bool:
    """Whether the size is larger than when the trigger was fired last."""
    fired, sizes = facts.case.fired.get(trigger), facts.workflow.sizes
    if fired is None or fired.size not in sizes or facts.case.size not in sizes:
        return True
    return sizes.index(str(facts.case.size)) > sizes.index(str(fired.size))


def decide(facts: Facts, trigger: str, actor: str) -> Decision | Refused:
    """Judge one trigger for one actor, with the inputs in `facts.inputs`.

    BadInput where the trigger is unknown or an input is wrong (domain rule 11); everything else is a value.
    """
    edge = route(facts, trigger)
    if isinstance(edge, Verdict):
        nowhere = (Judged(name=trigger, guard=None, verdict=edge),)
        return _refused(facts, trigger, nowhere, permitted=True, message=edge.message, hint=edge.hint)
    needs.check(edge, facts.inputs, facts)
    judged = judge(facts, edge)
    holding = next(((h, role) for h, role in firers(facts, edge) if h.person == actor), None)
    failing = [j for j in judged if not j.passed]
    if holding is None:
        roles = ", ".join(by.role or f"the person in {by.person}" for by in edge.by)
        people = ", ".join(dict.fromkeys(h.person for h, _ in firers(facts, edge))) or "nobody at present"
        message = f"{actor} may not fire {trigger} on {facts.case.key}."
        hint = f"It is for {roles}; here: {people}."
        return _refused(facts, trigger, judged, permitted=False, message=message, hint=hint)
    if failing:
        message = f"{trigger} is refused: {len(failing)} of {len(judged)} guards fail."
        hint = f"What would satisfy each: mofflow why {facts.case.key} {trigger}"
        return _refused(facts, trigger, judged, permitted=True, message=message, hint=hint)
    return Decision(transition=edge, judged=judged, act=taken(facts, edge, recorded(judged), *holding))


def _refused(
    facts: Facts, trigger: str, judged: tuple[Judged, ...], *, permitted: bool, message: str, hint: str
) -> Refused:
    act = Act(
        kind=Kind.TRANSITION if permitted else Kind.DENIED,
        outcome=Outcome.REFUSED,
        trigger=trigger,
        source=facts.case.state,
        guards=recorded(judged),
    )
    state = facts.case.state
    return Refused(
        trigger=trigger, state=state, permitted=permitted, judged=judged, message=message, hint=hint, act=act
    )


def recorded(judged: tuple[Judged, ...]) -> tuple[dict[str, object], ...]:
    """What the history keeps of each guard's verdict: with what it saw."""
    return tuple(
        {
            "guard": j.name,
            "family": j.guard.rule.family if j.guard else "",
            "clauses": list(j.guard.clauses) if j.guard else [],
            "passed": j.passed,
            "code": j.verdict.code,
            "message": j.verdict.message,
            "saw": dict(j.verdict.saw),
            "excused": j.excused,
        }
        for j in judged
    )
