"""Rules 5, 6, 7 and 11 of the field (domain.md 6.0): refusals, choice of targets, waivers, inputs of transitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import Mofflow, Ran
from tests.support.remedies import CREW, Project, new_project, roads

SHIPPED = Path(__file__).parents[2] / "workflows" / "deliver-project.yaml"


def declared(size: str, source: str, trigger: str) -> list[str]:
    """The guards that the workflow declares for a trigger of a size, as `workflow show` tells them."""
    shown = (
        roads()
        .at(size, "proposed")
        .mofflow("workflow", "show", "deliver-project", "--size", size, "--json")
        .json
    )
    return [
        guard["name"]
        for edge in shown["transitions"]
        if (edge["from"], edge["trigger"]) == (source, trigger)
        for guard in edge["guards"]
    ]


# Rule 5


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_rule_5_a_refusal_reports_every_failing_guard(size: str) -> None:
    """Nothing is there yet: each guard of submit_vision is in the refusal, with code, clauses, hint and remedy."""
    project = roads().at(size, "envisioning")
    ran = project.advance("submit_vision", "pam", expect=1)
    refusals = ran.error["refusals"]
    assert sorted(r["guard"] for r in refusals) == sorted(declared(size, "envisioning", "submit_vision"))
    for refusal in refusals:
        assert set(refusal) >= {"guard", "code", "clauses", "message", "hint", "who", "remedy"}
        expected = "SIGNOFF_MISSING" if refusal["guard"].endswith("_signed") else "EVIDENCE_MISSING"
        assert refusal["code"] == expected
        assert refusal["message"]
        assert refusal["hint"]
        assert refusal["remedy"]
    case = next(r for r in refusals if r["guard"] == "submit_vision.business_case")
    assert "seed D1" in case["clauses"]
    assert any(clause.startswith("20000-1:2018 8.5.2") for clause in case["clauses"])


def test_rule_5_the_history_keeps_every_guards_verdict_of_an_attempt() -> None:
    """A refused attempt is an event; it holds the verdict of each guard, of those that passed too."""
    project = roads().at("normal", "envisioning")
    project.attach("vision_scope")
    project.advance("submit_vision", "pam", expect=1)
    event = project.events()[-1]
    assert (event["kind"], event["trigger"], event["outcome"]) == ("transition", "submit_vision", "refused")
    verdicts = {g["guard"]: g["passed"] for g in event["guards"]}
    assert sorted(verdicts) == sorted(declared("normal", "envisioning", "submit_vision"))
    assert [name for name, passed in verdicts.items() if passed] == ["submit_vision.vision_scope"]


def test_rule_5_who_may_not_fire_still_hears_of_every_failing_guard() -> None:
    """Not permitted wins over refused (exit 4), and the failing guards are listed all the same."""
    project = roads().at("normal", "envisioning")
    ran = project.advance("submit_vision", "ops", expect=4)
    assert ran.error["code"] == "not_permitted"
    assert sorted(r["guard"] for r in ran.error["refusals"]) == sorted(
        declared("normal", "envisioning", "submit_vision")
    )
    assert project.events()[-1]["kind"] == "denied"


def test_rule_5_a_trigger_that_does_not_leave_the_state_is_answered_no() -> None:
    """It is no error: exit 1 with WRONG_STATE, and the hint names what can be fired."""
    project = roads().at("normal", "envisioning")
    ran = project.advance("go", "sol", expect=1)
    assert ran.codes == ["WRONG_STATE"]
    assert "submit_vision" in ran.error["hint"]


# Rule 6


def test_rule_6_a_trigger_that_a_size_has_not_is_refused_with_no_route() -> None:
    """A small project has no conditional go."""
    project = roads().at("small", "release_review")
    given = [{"guard": "support_handover", "owner": "sol", "due": "2026-02-01"}]
    assert project.advance("conditional_go", "sol", expect=1, conditions=given).codes == ["NO_ROUTE"]


def edited(mofflow: Mofflow, change: Any, name: str = "changed.yaml") -> Path:
    """The shipped workflow as a version 2 with something changed in it."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    content["version"] = "2"
    change(content)
    return mofflow.write(name, yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def test_rule_6_guards_never_choose_a_target_overlapping_transitions_are_a_bad_declaration(
    tmp_path: Path,
) -> None:
    """Two transitions of one trigger from one state that disagree on no fact of `when` are not accepted."""
    mofflow = Mofflow(tmp_path).init()

    def overlap(content: dict[str, Any]) -> None:
        content["transitions"].append(
            {"trigger": "rework", "move": "plan_review -> envisioning", "by": ["customer"]}
        )

    file = edited(mofflow, overlap)
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert {p["check"] for p in checked["problems"]} == {"overlap"}
    assert checked["ok"] is False
    ran = mofflow("workflow", "adopt", str(file), "--json", expect=2)
    assert ran.error["code"] == "invalid_declaration"


def test_rule_6_a_combination_that_nobody_covers_refuses_with_no_route() -> None:
    """`when` chooses the target by finite facts; where none is declared for the facts of a case, it is NO_ROUTE."""

    def choosing(content: dict[str, Any]) -> None:
        content["transitions"] += [
            {
                "trigger": "reshape",
                "by": ["program_manager"],
                "move": move,
                "when": {"deliverable": deliverable},
            }
            for move, deliverable in (
                ("planning -> envisioning", "service"),
                ("planning -> planning", "package"),
            )
        ]

    project = roads().at("small", "proposed")
    mofflow = project.mofflow
    mofflow("workflow", "adopt", str(edited(mofflow, choosing)))
    mofflow("project", "create", "Under version 2", "--set", "size=small")
    second = Project(mofflow, key="P-2")
    for role, person in (("program_manager", "pam"), ("solution_manager", "sol")):
        mofflow("assign", "P-2", role, person)
    for trigger in ("charter", "submit_vision", "approve"):
        second.go(trigger)
    for deliverable, target in (
        ("package", "planning"),
        ("service", "envisioning"),
        ("infrastructure", None),
    ):
        mofflow("set", "P-2", f"deliverable={deliverable}", as_="pam")
        ran = mofflow(
            "advance", "P-2", "reshape", "--dry-run", "--json", as_="pam", expect=0 if target else 1
        )
        assert (ran.json["to"] == target) if target else (ran.codes == ["NO_ROUTE"])
    assert project.shown["workflow_version"] == "1"  # the case from before keeps its workflow
    assert second.shown["workflow_version"] == "2"


# Rule 7


def waiting_for_handover() -> Project:
    """All of row 18 is there but the hand-over to support, which may be waived."""
    project = roads().at("normal", "release_review")
    for kind in ("configuration_baseline", "back_out_plan", "security_assessment", "release_signoff_form"):
        project.attach(kind)
    project.sign("provider_acceptance", "ops")
    project.sign("release", "ops")
    assert project.codes("go") == {"go.support_handover": "EVIDENCE_MISSING"}
    return project


def waive(project: Project, guard: str, until: str, by: str = "sol", expect: int = 0) -> Ran:
    """Waive a guard with a reason."""
    words = ("waive", "P-1", guard, "--reason", "Training is booked", "--until", until, "--json")
    return project.mofflow(*words, as_=by, expect=expect)


def test_rule_7_a_waived_guard_counts_as_passed_and_always_leaves_a_finding() -> None:
    """With a reason and an end, by the role that the workflow names; the finding stands before it is even used."""
    project = waiting_for_handover()
    assert project.findings() == []
    waive(project, "go.support_handover", "2026-01-20")
    assert project.findings() == ["WAIVED_GUARD"]
    guard = project.guard("go.support_handover")
    assert guard["passed"]
    assert "sol" in guard["excused"]
    project.advance("go", "sol")
    verdict = next(g for g in project.events()[-1]["guards"] if g["guard"] == "go.support_handover")
    assert verdict["passed"]
    assert verdict["code"] == "EVIDENCE_MISSING"
    found = project.mofflow("audit", "findings", "--json", expect=1).json["items"]
    assert [f["code"] for f in found] == ["WAIVED_GUARD"]
    assert "Training is booked" in found[0]["message"]
    assert any("seed O4" in c for c in found[0]["clauses"])


def test_rule_7_a_waiver_ends_when_it_says() -> None:
    """At its end, not a moment later, the guard fails again; the finding stays."""
    project = waiting_for_handover()
    waive(project, "go.support_handover", "2026-01-20T12:00:00Z")
    project.mofflow.now = "2026-01-20T11:59:59Z"
    assert project.code("go.support_handover") is None
    project.mofflow.now = "2026-01-20T12:00:00Z"
    assert project.code("go.support_handover") == "EVIDENCE_MISSING"
    project.advance("go", "sol", expect=1)
    assert project.findings() == ["WAIVED_GUARD"]


def test_rule_7_the_workflow_bounds_how_long_a_waiver_lasts() -> None:
    """30 days at most, and never into the past: wrong usage, and no waiver."""
    project = waiting_for_handover()
    for until in ("2026-02-05", "2026-02-04T09:00:01Z", "2026-01-05T09:00:00Z", "2025-12-31"):
        assert waive(project, "go.support_handover", until, expect=2).error["code"] == "usage"
    assert project.shown["waivers"] == []
    waive(project, "go.support_handover", "2026-02-04T09:00:00Z")
    assert len(project.shown["waivers"]) == 1


def test_rule_7_only_the_named_role_waives() -> None:
    """The solution manager may; the program manager, the operations manager and the administrator may not."""
    project = waiting_for_handover()
    for person in ("pam", "ops", "root"):
        assert (
            waive(project, "go.support_handover", "2026-01-20", by=person, expect=4).error["code"]
            == "not_permitted"
        )
        denied = project.events()[-1]
        assert (denied["kind"], denied["actor"], denied["trigger"]) == ("denied", person, "waive")
    assert project.shown["waivers"] == []
    assert project.findings() == []


@pytest.mark.parametrize(
    "guard", ["go.provider_acceptance", "go.configuration_baseline", "go.back_out_plan", "go.release"]
)
def test_rule_7_what_is_not_marked_waivable_nobody_may_waive(guard: str) -> None:
    """Not even the solution manager; the answer names what is waivable here."""
    project = waiting_for_handover()
    ran = waive(project, guard, "2026-01-20", expect=4)
    assert "go.support_handover" in ran.error["hint"]
    assert project.findings() == []


def test_rule_7_a_waiver_needs_a_reason_and_a_known_guard() -> None:
    """An empty reason, no reason, an unknown guard: wrong usage; the nearest name is offered."""
    project = waiting_for_handover()
    ran = waive(project, "go.suport_handover", "2026-01-20", expect=2)
    assert "go.support_handover" in ran.error["message"]
    for words in (("--reason", " "), ("--reason", ""), ()):
        ran = project.mofflow(
            "waive",
            "P-1",
            "go.support_handover",
            *words,
            "--until",
            "2026-01-20",
            "--json",
            as_="sol",
            expect=2,
        )
        assert "reason" in ran.error["message"].lower()
    assert project.shown["waivers"] == []


def test_rule_7_a_waiver_is_of_one_guard_of_one_transition() -> None:
    """Guard names are unique: what is waived for go is not waived for a conditional go."""
    project = waiting_for_handover()
    waive(project, "go.support_handover", "2026-01-20")
    project.attach("release_signoff_form", outcome="conditional")
    other = [{"guard": "requirements_met", "owner": "sup", "due": "2026-02-01"}]
    ran = project.advance("conditional_go", "sol", expect=1, conditions=other)
    assert [r["guard"] for r in ran.error["refusals"]] == ["conditional_go.support_handover"]
    assert project.code("go.support_handover") is None


@pytest.mark.parametrize(
    ("clause", "guard"),
    [
        ("D1", {"evidence": "business_case"}),
        ("D2", {"evidence": "acceptance_criteria"}),
        ("D3", {"evidence": "acceptance_environment"}),
        ("D4", {"signoff": "provider_acceptance"}),
        ("D5", {"evidence": "deployment_impact"}),
        ("D6", {"evidence": "post_implementation_review"}),
        ("M6", {"evidence": "configuration_baseline"}),
        ("M11", {"evidence": "back_out_plan"}),
        ("M15", {"evidence": "security_assessment"}),
    ],
)
def test_rule_7_a_waivable_guard_that_serves_d1_to_d6_m6_m11_or_m15_is_a_bad_declaration(
    tmp_path: Path, clause: str, guard: dict[str, str]
) -> None:
    """`workflow check` says so, `workflow adopt` refuses it, and nothing is adopted."""
    mofflow = Mofflow(tmp_path).init()

    def waivable(content: dict[str, Any]) -> None:
        gates = [*content["shared"].values(), *(t.get("guards", []) for t in content["transitions"])]
        found = [
            g for gate in gates for g in gate if clause in g.get("clauses", ()) and guard.items() <= g.items()
        ]
        assert found
        found[0]["waivable"] = {"by": "solution_manager", "at_most": "P30D"}

    file = edited(mofflow, waivable)
    checked = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert not checked["ok"]
    assert any(clause in p["message"] and "waiv" in p["message"] for p in checked["problems"])
    before = mofflow("workflow", "list", "--json").json
    ran = mofflow("workflow", "adopt", str(file), "--json", expect=2)
    assert ran.error["code"] == "invalid_declaration"
    assert clause in ran.error["message"]
    assert mofflow("workflow", "list", "--json").json == before


# Rule 11


@pytest.mark.parametrize(
    ("state", "trigger", "by", "names"),
    [
        ("proposed", "decline", "portia", ["reason"]),
        ("vision_review", "rework", "pam", ["reason"]),
        ("plan_review", "reject", "cust", ["reason"]),
        ("building", "hold", "pam", ["reason", "review_date"]),
        ("building", "cancel", "sol", ["reason"]),
        ("release_review", "conditional_go", "sol", ["conditions"]),
        ("deploying", "site_done", "pam", ["site"]),
        ("quiet_period", "reopen", "ops", ["reason"]),
    ],
)
def test_rule_11_a_missing_input_is_wrong_usage_and_no_guard(
    state: str, trigger: str, by: str, names: list[str]
) -> None:
    """Exit code 2, with what is missing; no event, and no guard of that name."""
    project = roads().at("normal", state)
    events = project.events()
    ran = project.advance(trigger, by, expect=2)
    assert ran.error["code"] == "usage"
    assert ran.error["refusals"] == []
    for name in names:
        assert f"{trigger} needs {name}" in ran.error["message"]
        assert not any(
            g["guard"] == f"{trigger}.{name}" for g in project.mofflow.why("P-1", trigger)["guards"]
        )
    assert project.events() == events


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"reason": " ", "review_date": "2026-02-01"}, "reason"),
        ({"reason": "x", "review_date": "soon"}, "review_date"),
        ({"reason": "x", "review_date": "2026-01-04"}, "passed"),
        ({"reason": "x", "review_date": "2027-02-29"}, "review_date"),
        ({"reason": "x", "review_date": "2026-02-01T09:00:00Z"}, "review_date"),
        ({"reason": "x", "review_date": "2026-02-01", "until": "x"}, "until"),
        ({"reason": "x", "review_data": "2026-02-01"}, "did you mean 'review_date'"),
        ({"reason": "x", "review_date": ["2026-02-01"]}, "review_date"),
    ],
)
def test_rule_11_inputs_are_validated(inputs: dict[str, object], told: str) -> None:
    """An empty text, a date that is none or has passed, an input that nobody asked for: exit 2, nothing changed."""
    project = roads().at("small", "building")
    events = project.events()
    ran = project.advance("hold", "pam", expect=2, **inputs)
    assert told in ran.error["message"]
    assert project.events() == events


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ([], "needs conditions"),
        ("later", "list"),
        ([{"guard": "support_handover", "owner": "sup"}], "due"),
        ([{"guard": "support_handover", "owner": "sup", "due": "2026-02-01", "x": 1}], "conditions[0]"),
        ([{"guard": "support_hand", "owner": "sup", "due": "2026-02-01"}], "did you mean 'support_handover'"),
        ([{"guard": "back_out_plan", "owner": "sup", "due": "2026-02-01"}], "no waivable guard"),
        ([{"guard": "support_handover", "owner": "somebody", "due": "2026-02-01"}], "somebody"),
        ([{"guard": "support_handover", "owner": "sup", "due": "2026-01-04"}], "passed"),
        ([{"guard": "support_handover", "owner": "sup", "due": "2026-02-01", "text": " "}], "text"),
    ],
)
def test_rule_11_conditions_are_validated_each_with_its_place(conditions: object, told: str) -> None:
    """Each condition names a waivable guard, an owner who exists and a due date that lies ahead."""
    project = roads().at("normal", "release_review")
    events = project.events()
    ran = project.advance("conditional_go", "sol", expect=2, conditions=conditions)
    assert told in ran.error["message"]
    assert project.events() == events


def test_rule_11_an_owner_of_a_condition_needs_no_role() -> None:
    """Anybody who is known and active may own a duty, and settle his own."""
    project = roads().at("normal", "release_review")
    for kind in ("configuration_baseline", "back_out_plan", "security_assessment"):
        project.attach(kind)
    project.attach("release_signoff_form", outcome="conditional")
    project.sign("provider_acceptance", "ops")
    project.sign("release", "ops")
    given = [{"guard": "support_handover", "owner": "nobody", "due": "2026-02-01"}]
    left = project.advance("conditional_go", "sol", conditions=given).json["obligations"]
    project.mofflow("obligation", "settle", left[0], "--reason", "Done", as_="nobody")


def test_rule_11_a_site_is_one_of_those_declared() -> None:
    """The choice of a list: another value is wrong usage."""
    project = roads().at("small", "deploying")
    ran = project.advance("site_done", "pam", expect=2, site="man")
    assert "did you mean 'main'" in ran.error["message"]


def test_rule_11_the_inputs_stand_in_the_event() -> None:
    """Reason and review date of a hold are kept with it, and `why` tells what is needed with a schema and example."""
    project = roads().at("small", "building")
    needs = project.mofflow.why("P-1", "hold")["needs"]
    assert [n["name"] for n in needs] == ["reason", "review_date"]
    assert needs[1]["schema"] == {"type": "string", "format": "date"}
    project.advance("hold", "pam", reason="Budget „frozen“", review_date="2028-02-29")
    event = project.events()[-1]
    assert json.loads(event["texts"]["inputs"]) == {"reason": "Budget „frozen“", "review_date": "2028-02-29"}


def test_the_crew_can_staff_any_size(tmp_path: Path) -> None:
    """The roads of these tests need nobody else than the crew: no remedy on them adds a person."""
    project = roads().at("large", "closed")
    people = {p["id"] for p in project.mofflow("person", "list", "--json").json["items"]}
    assert people == {"root", *CREW}
    assert new_project(Mofflow(tmp_path).init(), "small").state() == "proposed"
