"""`unknown_name` and `schema`: every name in the shipped workflow, misspelt, is found, with the nearest known one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mofflow.domain.check import Problem, check
from mofflow.domain.guards.expression import ExpressionRule
from mofflow.domain.guards.group import GroupRule
from mofflow.domain.guards.role import RoleRule
from mofflow.domain.workflow import Guard, Workflow
from tests.unit.test_check_shipped import policies, shipped, tiny, told, transition

Content = dict[str, Any]


def _found(workflow: Workflow) -> list[Problem]:
    return [p for p in check(workflow, policies()).problems if p.check in ("unknown_name", "schema")]


def _guard(content: Content, gate: str, family: str, value: object) -> dict[str, Any]:
    """A guard of the shared list, or of the transition `trigger source`, by its family and what it is about."""
    trigger, _, start = gate.partition(" ")
    guards = transition(content, trigger, start)["guards"] if start else content["shared"][gate]
    found: dict[str, Any] = next(g for g in guards if g.get(family) == value)
    return found


def _set(gate: str, family: str, value: object, **change: Any) -> Callable[[Content], None]:
    return lambda content: _guard(content, gate, family, value).update(change)


def _move(trigger: str, start: str, **change: Any) -> Callable[[Content], None]:
    return lambda content: transition(content, trigger, start).update(change)


GUARDS: list[tuple[Callable[[Content], None], str]] = [
    (
        _set("release_gate", "evidence", "back_out_plan", evidence="backout_plan"),
        "guard go.backout_plan: there is no evidence kind 'backout_plan' (did you mean 'back_out_plan'?)",
    ),
    (
        _set("approve vision_review", "signoff", "vision", signoff="visoin"),
        "guard approve.visoin: there is no sign-off set 'visoin' (did you mean 'vision'?)",
    ),
    (
        _set("charter_gate", "role", "solution_manager", role="solution_manger"),
        "guard charter.solution_manger: there is no role 'solution_manger' (did you mean 'solution_manager'?)",
    ),
    (
        _set("release_gate", "evidence", "back_out_plan", clauses=["M11", "M111"]),
        "guard go.back_out_plan: there is no clause 'M111' (did you mean 'M11'?)",
    ),
    (
        _set("release_gate", "evidence", "back_out_plan", matches={"testd": True}),
        "guard go.back_out_plan: back_out_plan.testd: there is no field 'testd' (did you mean 'tested'?)",
    ),
    (
        _set("release_gate", "evidence", "back_out_plan", matches={"tested": "true"}),
        "guard go.back_out_plan: back_out_plan.tested: it is of type boolean, so it is never true.",
    ),
    (
        _set("approve plan_review", "evidence", "plan_minutes", matches={"outcome": "go_on"}),
        "guard approve.plan_minutes: plan_minutes.outcome: there is no value 'go_on' (did you mean 'no_go'?)",
    ),
    (
        _set("end_quiet quiet", "evidence", "monitoring_report", matches={"open_severity_1": -1}),
        "guard end_quiet.monitoring_report: monitoring_report.open_severity_1: it is never -1: "
        "its bounds are 0 and nothing.",
    ),
    (
        _set("release_gate", "evidence", "security_assessment", matches={"bypassed": [1]}),
        "guard go.security_assessment: security_assessment.bypassed: it is of type string, so it is never 1.",
    ),
    (
        _set("release_gate", "evidence", "security_assessment", never={"controls.effect": "bypased"}),
        "guard go.security_assessment: security_assessment.controls.effect: "
        "there is no value 'bypased' (did you mean 'bypassed'?)",
    ),
    (
        _set("plan_gate", "evidence", "acceptance_criteria", some={"criteria.deploy": True}),
        "guard submit_plan.acceptance_criteria: acceptance_criteria.criteria.deploy: "
        "there is no field 'deploy' (did you mean 'deployment'?)",
    ),
    (
        _set(
            "plan_gate_larger",
            "name",
            "requirements_served",
            each={"criteria.serve": "requirements.items.id"},
        ),
        "guard submit_plan.requirements_served: acceptance_criteria.criteria.serve: "
        "there is no field 'serve' (did you mean 'serves'?)",
    ),
    (
        _set(
            "plan_gate_larger",
            "name",
            "requirements_served",
            each={"criteria.serves": "requirements.items.ide"},
        ),
        "guard submit_plan.requirements_served: requirements.items.ide: there is no field 'ide' (did you mean 'id'?)",
    ),
    (
        _set("plan_gate_larger", "evidence", "continuity_review", max_age="continuity_revue"),
        "guard submit_plan.continuity_review: there is no duration 'continuity_revue' (did you mean 'continuity_review'?)",
    ),
    (
        _set("plan_gate_larger", "evidence", "master_plan", max_age="P1M"),
        "guard submit_plan.master_plan: master_plan has no `dated` field, so `max_age` would ask nothing.",
    ),
    (
        _set("start_pilot stabilizing", "evidence", "release_candidate", unmarked="faild"),
        "guard start_pilot.release_candidate: no transition marks release_candidate: "
        "there is no mark 'faild' (did you mean 'failed'?)",
    ),
    (
        _set("site_done deploying", "evidence", "site_record", key="sit"),
        "guard site_done.site_record: there is no input 'sit' (did you mean 'site'?)",
    ),
    (
        lambda content: _guard(content, "site_done deploying", "evidence", "site_record").pop("key"),
        "guard site_done.site_record: site_record is kept by site: say by `key` which input names it.",
    ),
    (
        _set("site_done deploying", "signoff", "site", key="sit"),
        "guard site_done.site: there is no input 'sit' (did you mean 'site'?)",
    ),
    (
        _set("release_gate", "evidence", "back_out_plan", key="site"),
        "guard go.back_out_plan: back_out_plan is not kept by a key, so `key` has no meaning.",
    ),
    (
        _set("release_gate", "signoff", "provider_acceptance", after={"pilot_pased": []}),
        "guard go.provider_acceptance: there is no trigger 'pilot_pased' (did you mean 'pilot_passed'?)",
    ),
    (
        _set(
            "release_gate", "signoff", "provider_acceptance", after={"skip_pilot": ["pilot_report.outcome"]}
        ),
        "guard go.provider_acceptance: pilot_report.outcome is no date.",
    ),
    (
        _set(
            "release_gate", "name", "requirements_met", results={"pilot_passed": "pilot_report.workarounds"}
        ),
        "guard go.requirements_met: pilot_report.workarounds: there is no field 'criterion'.",
    ),
    (
        _set("release_gate", "name", "requirements_met", through="requirements.items"),
        "guard go.requirements_met: requirements.items: there is no field 'serves'.",
    ),
    (
        _set("plan_gate", "name", "declared", fields=["disciplin"]),
        "guard submit_plan.declared: there is no field 'disciplin' (did you mean 'discipline'?)",
    ),
    (
        _set("plan_gate", "name", "declared", fields=["discipline"], one_of=["agil"]),
        "guard submit_plan.declared: there is no value of discipline 'agil' (did you mean 'agile'?)",
    ),
    (
        _set("plan_gate", "name", "declared", fields=["discipline"], at_least=3),
        "guard submit_plan.declared: discipline is of kind enum, so it has no at least.",
    ),
    (
        _set("deployed deploying", "name", "every_site", trigger="site_dun"),
        "guard deployed.every_site: there is no trigger 'site_dun' (did you mean 'site_done'?)",
    ),
    (
        _set("deployed deploying", "name", "every_site", done="sites_dun"),
        "guard deployed.every_site: there is no list recorded by site_done 'sites_dun' (did you mean 'sites_done'?)",
    ),
    (
        _set("deployed deploying", "name", "every_site", each="discipline"),
        "guard deployed.every_site: discipline is of kind enum, and a list is wanted.",
    ),
    (
        _set("site_done deploying", "name", "core_first", need="sit"),
        "guard site_done.core_first: there is no input of site_done 'sit' (did you mean 'site'?)",
    ),
    (
        _set("pilot_passed piloting", "name", "pilot_dates", order=["pilot_report.strt", "now"]),
        "guard pilot_passed.pilot_dates: pilot_report.strt: there is no field 'strt' (did you mean 'start'?)",
    ),
    (
        _set("pilot_passed piloting", "name", "pilot_dates", order=["pilot_report", "now"]),
        "guard pilot_passed.pilot_dates: 'pilot_report' names a kind, and no field of it.",
    ),
    (
        _set("pilot_passed piloting", "name", "pilot_dates", order=["pilot_report.outcome", "now"]),
        "guard pilot_passed.pilot_dates: pilot_report.outcome is no date.",
    ),
    (
        _set("end_quiet quiet", "name", "quiet_days", since="site_records.finished"),
        "guard end_quiet.quiet_days: there is no evidence kind 'site_records' (did you mean 'site_record'?)",
    ),
    (
        _set("end_quiet quiet", "name", "quiet_days", elapsed="15 days"),
        "guard end_quiet.quiet_days: there is no duration '15 days'.",
    ),
    (
        _set(
            "release_gate",
            "evidence",
            "support_handover",
            waivable={"by": "solution_manger", "at_most": "P30D"},
        ),
        "guard go.support_handover: there is no role 'solution_manger' (did you mean 'solution_manager'?)",
    ),
    (
        _set("vision_gate_larger", "evidence", "risk_assessment", sizes=["normall"]),
        "guard submit_vision.risk_assessment: there is no size 'normall' (did you mean 'normal'?)",
    ),
]


@pytest.mark.parametrize(("change", "message"), GUARDS, ids=[m.partition(": ")[2][:60] for _, m in GUARDS])
def test_what_a_guard_names_must_be_there(change: Callable[[Content], None], message: str) -> None:
    """Roles, kinds, fields of documents, values, durations, sets, triggers, inputs and marks."""
    found = _found(shipped(change))
    assert message in [p.message for p in found if p.check == "unknown_name"]
    assert all(p.trigger and p.state for p in found)


def test_a_trigger_that_a_guard_catches_up_with_must_be_there() -> None:
    """Else it would be asked always, or never."""

    def misspell(content: Content) -> None:
        transition(content, "submit_plan", "planning")["guards"][0]["catches_up"] = "chartr"

    assert "there is no trigger 'chartr' (did you mean 'charter'?)" in _found(shipped(misspell))[0].message


TRANSITIONS: list[tuple[Callable[[Content], None], str]] = [
    (_move("charter", "proposed", by=["clerk"]), "charter: there is no role 'clerk'."),
    (
        _move("charter", "proposed", by={"all": ["portfolio_manager"], "smal": ["customer"]}),
        "charter: there is no size 'smal' (did you mean 'small'?)",
    ),
    (
        _move("back_out", "deploying", by=[{"person": "back_out_plan.decision_makr"}]),
        "back_out: back_out_plan.decision_makr: there is no field 'decision_makr' (did you mean 'decision_maker'?)",
    ),
    (_move("conditional_go", "release", sizes=["huge"]), "conditional_go: there is no size 'huge'."),
    (
        _move("pilot_failed", "piloting", effects={"marks": {"candidate": "failed"}}),
        "pilot_failed: there is no evidence kind 'candidate' (did you mean 'release_candidate'?)",
    ),
    (
        _move("approve", "plan_review", effects={"baselines": ["requirement"]}),
        "approve: there is no evidence kind 'requirement' (did you mean 'requirements'?)",
    ),
    (
        _move("site_done", "deploying", effects={"records": {"sites_done": "sit"}}),
        "site_done: there is no input 'sit' (did you mean 'site'?)",
    ),
    (
        _move(
            "site_done",
            "deploying",
            needs=[{"name": "site", "kind": "choice", "of": "site", "beside": "sites_done"}],
        ),
        "site_done: input site: there is no list field 'site' (did you mean 'sites'?)",
    ),
    (
        _move(
            "site_done",
            "deploying",
            needs=[{"name": "site", "kind": "choice", "of": "sites", "beside": "sites_don"}],
        ),
        "site_done: input site: there is no recorded list 'sites_don' (did you mean 'sites_done'?)",
    ),
    (
        _move("decline", "proposed", needs=[{"name": "reason", "kind": "texts"}]),
        "decline: there is no kind of input 'texts' (did you mean 'text'?)",
    ),
    (
        _move("conditional_go", "release", effects={"obligations": "condition"}),
        "conditional_go: there is no input of conditions 'condition' (did you mean 'conditions'?)",
    ),
    (
        lambda c: c.update(baseline_from="bilding"),
        "baseline_from: there is no state 'bilding' (did you mean 'building'?)",
    ),
    (
        lambda c: c["fields"]["size"].update(set_in=["propsed"]),
        "field size: there is no state 'propsed' (did you mean 'proposed'?)",
    ),
    (
        lambda c: c["fields"]["size"].update(rises_after={"trigger": "approve", "from": "planning"}),
        "field size: there is no transition 'approve from planning' (did you mean 'approve from plan_review'?)",
    ),
    (
        lambda c: c["fields"]["sites"].update(rises_after={"trigger": "approve", "from": "plan_review"}),
        "field sites: it is of kind list, and only an enum can rise.",
    ),
    (
        lambda c: c["fields"]["size"].update(default="norml"),
        "field size: there is no value 'norml' (did you mean 'normal'?)",
    ),
]


@pytest.mark.parametrize(("change", "message"), TRANSITIONS, ids=[m[:60] for _, m in TRANSITIONS])
def test_what_a_field_or_transition_names_must_be_there(
    change: Callable[[Content], None], message: str
) -> None:
    """Roles, sizes, states, triggers, inputs, lists and evidence kinds; each told once, not once a source state."""
    assert [p.message for p in _found(shipped(change)) if p.check == "unknown_name"].count(message) == 1


def test_a_mistake_of_a_transition_from_many_states_is_told_once() -> None:
    """`cancel` leaves eleven states."""
    assert len(_found(shipped(_move("cancel", "before_release", by=["clerk"])))) == 1


def test_the_clock_may_fire() -> None:
    """The scheduler fires in its name; it is no role type."""
    report = tiny(
        "begin: draft -> work",
        {"trigger": "end", "move": "work -> done", "by": ["clock"]},
        "no: work -> dropped",
    )
    assert report.ok
    assert report.people[""].people == (("solution_manager",),)


def test_a_guard_that_serves_a_clause_nobody_waives_is_not_waivable() -> None:
    """Domain rule 7: D1 to D6, M6, M11 and M15. `schema`, for the name is known and the declaration is bad."""
    change = _set(
        "release_gate", "evidence", "back_out_plan", waivable={"by": "solution_manager", "at_most": "P1D"}
    )
    found = [p for p in _found(shipped(change)) if p.check == "schema"]
    assert [p.message for p in found] == [
        f"guard {trigger}.back_out_plan: it serves M11, so nobody may waive it."
        for trigger in ("go", "conditional_go", "redeploy")
    ]


@pytest.mark.parametrize(
    ("at_most", "fault"),
    [
        ("P90D", ""),
        ("P2M", ""),
        ("P91D", "a waiver of P91D is longer than the policy allows, which is P90D."),
        ("P3M", "a waiver of P3M is longer than the policy allows, which is P90D."),
        ("a month", "Not a duration: 'a month'."),
    ],
)
def test_a_waiver_is_no_longer_than_the_policy_allows(at_most: str, fault: str) -> None:
    """Three months can be 92 days."""
    change = _set(
        "release_gate",
        "evidence",
        "support_handover",
        waivable={"by": "solution_manager", "at_most": at_most},
    )
    found = [p for p in _found(shipped(change)) if p.trigger == "go"]
    assert [p.message for p in found] == ([f"guard go.support_handover: {fault}"] if fault else [])


def test_two_different_guards_of_one_name_are_a_problem() -> None:
    """A waiver names a guard, so the name says which; one guard of a transition from many states is the same one."""
    workflow = shipped()
    first = workflow.transitions[0]
    twin = Guard(name="submit_vision.business_case", rule=first.guards[0].rule)
    doubled = replace(first, guards=(*first.guards, twin))
    broken = replace(workflow, transitions=(doubled, *workflow.transitions[1:]))
    assert [(p.check, p.message) for p in check(broken, policies()).problems if p.check == "schema"] == [
        ("schema", "guard submit_vision.business_case: another guard has the same name.")
    ]


def test_a_transition_that_nobody_may_fire_is_a_problem() -> None:
    """In the sizes for which `by` names nobody."""
    change = _move("charter", "proposed", by={"small": ["solution_manager"], "large": ["portfolio_manager"]})
    assert told(check(shipped(change), policies()), "schema") == [
        "schema: charter: nobody may fire it in size normal."
    ]


def test_conditions_need_a_guard_that_they_can_stand_in_for() -> None:
    """A small project has no waivable guard at its release."""

    def everywhere(content: Content) -> None:
        del transition(content, "conditional_go", "release")["sizes"]

    assert told(check(shipped(everywhere), policies()), "schema") == [
        "schema: conditional_go: it needs conditions, and has no waivable guard in size small."
    ]


def test_the_parts_of_a_group_and_the_remedy_of_an_expression_are_judged_too() -> None:
    """`all_of` and `any_of` hold rules; an expression names what its author says would satisfy it."""
    expression = ExpressionRule(
        source="true",
        says="It is so.",
        program=lambda _: True,
        attach={"back_out_plan": {"tested": 1}, "back_out_pla": {}},
        fields={"size": "tiny", "siz": "small"},
    )
    inner = GroupRule(mode="all_of", rules=(RoleRule(role="clerk", mode="filled"), expression))
    workflow = shipped()
    guard = Guard(name="charter.ours", rule=GroupRule(mode="any_of", rules=(inner,)))
    first = replace(workflow.transitions[0], guards=(guard,))
    broken = replace(workflow, transitions=(first, *workflow.transitions[1:]))
    assert [p.message.removeprefix("guard charter.ours: ") for p in _found(broken)] == [
        "there is no role 'clerk'.",
        "there is no evidence kind 'back_out_pla' (did you mean 'back_out_plan'?)",
        "there is no field 'siz' (did you mean 'size'?)",
        "back_out_plan.tested: it is of type boolean, so it is never 1.",
        "there is no value of size 'tiny'.",
    ]
