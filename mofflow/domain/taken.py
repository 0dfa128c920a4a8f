"""What a transition that is taken leaves behind: its event, with the new state and all that goes with it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mofflow.domain.acts import grants_behind
from mofflow.domain.case import Verdict
from mofflow.domain.duties import sets_asked
from mofflow.domain.event import Act, Kind
from mofflow.domain.facts import Facts
from mofflow.domain.machine import machine
from mofflow.domain.people import Holding
from mofflow.domain.workflow import Transition


def taken(
    facts: Facts, edge: Transition, guards: tuple[Mapping[str, object], ...], by: Holding, role: str
) -> Act:
    """The event of a transition that is taken: where the case stands then, and what it leaves behind."""
    case, workflow = facts.case, facts.workflow
    target = machine(workflow).move(edge)
    remembered = case.remembered.state if case.remembered else None
    backward = workflow.place(target, case.state) < workflow.place(case.state, remembered) and not (
        workflow.states[target].final or workflow.states[target].hold
    )
    data: dict[str, object] = {
        "entry": _entry(facts, target),
        "backward": backward,
        "version": case.version + 1,
        "grants": list(grants_behind(facts, by, role)),
    }
    if backward:
        data["voids"] = _voided(facts, workflow.states[target].order, f"{edge.trigger} went back to {target}")
    data |= _effects(facts, edge)
    texts = {}
    given = {name: value for name, value in facts.inputs.items() if value is not None}
    if given:
        texts["inputs"] = _json(given)
    conditions = given.get("conditions")
    if edge.effects.obligations and isinstance(conditions, list | tuple):
        left = [_obligation(facts, place, entry) for place, entry in enumerate(conditions)]
        data["obligations"] = [obligation for obligation, _ in left]
        texts |= {f"obligation {obligation['id']}": text for obligation, text in left}
    return Act(
        kind=Kind.TRANSITION,
        data=data,
        texts=texts,
        trigger=edge.trigger,
        source=case.state,
        target=target,
        guards=guards,
        roles=(role,),
        acting_for=by.acting_for,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _entry(facts: Facts, target: str) -> str:
    case, states = facts.case, facts.workflow.states
    if target == case.state:
        return "same"
    if states[target].hold:
        return "held"
    back = case.remembered is not None and case.remembered.state == target
    return "restored" if back and states[case.state].hold else "new"


def _voided(facts: Facts, place: int, reason: str) -> list[dict[str, object]]:
    """The approvals of sets that stand at `place` in the order of work, or later."""
    stands = sets_asked(facts.workflow)
    return [
        {"set": s.set, "key": s.key, "person": s.person, "reason": reason}
        for s in facts.case.signoffs
        if s.verdict is Verdict.APPROVE
        and not s.void
        and not s.withdrawn
        and stands.get(s.set, place) >= place
    ]


def _effects(facts: Facts, edge: Transition) -> dict[str, object]:
    case, effects = facts.case, edge.effects
    data: dict[str, object] = {}
    if effects.marks:
        standing = [
            (
                kind,
                facts.policies.evidence[kind].identify(case.evidence[kind].fields, case.evidence[kind].seal),
                mark,
            )
            for kind, mark in effects.marks.items()
            if kind in case.evidence
        ]
        data["marks"] = [list(mark) for mark in standing]
    if effects.records:
        data["records"] = {name: facts.inputs[need] for name, need in effects.records.items()}
    if effects.baselines:
        data["baseline"] = {k: case.evidence[k].seal for k in effects.baselines if k in case.evidence}
    if effects.finding:
        data["finding"] = effects.finding
    return data


def _obligation(facts: Facts, place: int, entry: Mapping[str, object]) -> tuple[dict[str, object], str]:
    number = len(facts.case.obligations) + place + 1
    told = {
        "id": f"{facts.case.key}-O{number}",
        "owner": entry["owner"],
        "due": entry["due"],
        "guard": entry["guard"],
    }
    return told, str(entry.get("text", f"Complete {entry['guard']}."))
