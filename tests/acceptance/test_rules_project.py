"""What the table of the project (domain.md 6.1) asks beside its gates: sizes, sites, conditions, pilot, back-out, quiet period."""

from __future__ import annotations

import json

import pytest

from tests.support.remedies import Project, roads

RELEASE = ("configuration_baseline", "back_out_plan", "security_assessment")


def set_fields(project: Project, *words: str, expect: int = 0) -> str:
    """Set fields as the program manager; what stderr says."""
    ran = project.mofflow("set", "P-1", *words, "--json", as_="pam", expect=expect)
    return str(ran.error["message"]) if expect else ""


# Sizes


@pytest.mark.parametrize("state", ["proposed", "envisioning", "vision_review", "planning", "plan_review"])
def test_size_is_set_in_proposed_to_plan_review(state: str) -> None:
    """Before the plan is approved the size may go up and down."""
    project = roads().at("normal", state)
    for size in ("large", "small", "normal"):
        set_fields(project, f"size={size}")
    assert project.shown["fields"]["size"] == "normal"


@pytest.mark.parametrize(
    "state", ["building", "scope_review", "stabilizing", "release_review", "deploying", "quiet_period"]
)
def test_size_is_not_set_after_plan_review(state: str) -> None:
    """From building on neither up nor down: wrong usage, and the states where it can be set are named."""
    project = roads().at("normal", state)
    for size in ("large", "small"):
        told = set_fields(project, f"size={size}", expect=2)
        assert "plan_review" in told
        assert state in told
    assert project.shown["fields"]["size"] == "normal"


def test_size_can_only_rise_once_a_plan_was_approved() -> None:
    """Back in planning after an approved plan, normal becomes large but not small; and large not normal again."""
    project = roads().at("normal", "scope_review")
    project.advance("replan", "pam", reason="Twice as many users")
    assert "fall" in set_fields(project, "size=small", expect=2)
    set_fields(project, "size=large")
    assert "fall" in set_fields(project, "size=normal", expect=2)


def test_a_rise_in_planning_asks_for_what_rows_1_and_3_ask_of_the_larger_size() -> None:
    """Small to large in planning: submit_plan asks for the roles and documents that charter and submit_vision would have."""
    project = roads().at("small", "planning")
    set_fields(project, "size=large")
    asked = {name.partition(".")[2]: code for name, code in project.codes("submit_plan").items()}
    assert asked == {
        "product_manager": "ROLE_UNFILLED",
        "declared": "FIELD",
        "service_agreement_signed": "SIGNOFF_MISSING",
        **dict.fromkeys(
            (
                *(
                    "portfolio_decision",
                    "risk_assessment",
                    "requirements",
                    "service_agreement",
                    "project_structure",
                ),
                *(
                    "acceptance_criteria",
                    "requirements_served",
                    "master_plan",
                    "master_schedule",
                    "continuity_review",
                ),
                *("functional_specification", "solution_design", "cost_allocation", "capacity_plan"),
            ),
            "EVIDENCE_MISSING",
        ),
    }
    project.go("submit_plan")
    assert project.state() == "plan_review"


def test_a_rise_in_plan_review_asks_for_the_same_at_the_approval() -> None:
    """Small to normal in plan_review: approve asks for the normal documents of rows 1, 3 and 7."""
    project = roads().at("small", "plan_review")
    set_fields(project, "size=normal")
    asked = {name.partition(".")[2] for name in project.codes("approve")}
    assert asked == {
        *(
            "portfolio_decision",
            "risk_assessment",
            "requirements",
            "service_agreement",
            "service_agreement_signed",
        ),
        *("master_plan", "master_schedule", "continuity_review", "plan_minutes", "plan"),
    }
    project.attach("requirements")
    assert project.code("approve.requirements_served") == "EVIDENCE_INVALID"
    project.go("approve")
    assert project.state() == "building"


def test_without_a_rise_the_next_gate_does_not_ask_again() -> None:
    """A normal project whose portfolio decision changed after charter still submits its plan."""
    project = roads().at("normal", "planning")
    project.attach("portfolio_decision", by="portia", decision="defer")
    assert "submit_plan.portfolio_decision" not in project.codes("submit_plan")


# Sites


def deploying_with_sites(*sites: str, size: str = "normal") -> Project:
    """A project of these sites that goes live."""
    project = roads().at(size, "release_review")
    set_fields(project, f"sites={','.join(sites)}")
    project.go("go")
    return project


def test_the_core_site_comes_before_the_others() -> None:
    """A branch is refused while core is not done, though its record is there."""
    project = deploying_with_sites("branch", "core", "harbour")
    project.attach("site_record", site="branch")
    ran = project.advance("site_done", "pam", expect=1, site="branch")
    assert [r["guard"] for r in ran.error["refusals"]] == ["site_done.core_first"]
    assert project.mofflow.why("P-1", "site_done")["needs"][0]["example"] == "core"
    project.attach("site_record", site="core")
    project.advance("site_done", "pam", site="core")
    project.advance("site_done", "pam", site="branch")


def test_every_declared_site_is_done_before_deployed() -> None:
    """The refusal names those that are missing; once live change is in progress none is added or dropped."""
    project = deploying_with_sites("core", "branch")
    project.attach("deployment_impact")
    project.attach("site_record", site="core")
    project.advance("site_done", "rel", site="core")
    ran = project.advance("deployed", "pam", expect=1)
    assert [r["guard"] for r in ran.error["refusals"]] == ["deployed.every_site"]
    assert "branch" in ran.error["refusals"][0]["message"]
    project.attach("site_record", site="branch")
    for sites in ("core", "core,branch,harbour"):
        assert "deploying" in set_fields(project, f"sites={sites}", expect=2)
    project.advance("site_done", "rel", site="branch")
    project.advance("deployed", "pam")


def test_a_site_whose_record_says_failed_is_not_done() -> None:
    """The record of that very site decides, and one of another site does not stand in for it."""
    project = deploying_with_sites("core", "branch")
    project.attach("site_record", site="core", result="failed")
    assert project.advance("site_done", "pam", expect=1, site="core").codes == ["EVIDENCE_INVALID"]
    project.attach("site_record", site="core")
    project.advance("site_done", "pam", site="core")
    ran = project.advance("site_done", "pam", expect=1, site="branch")
    assert set(ran.codes) == {"EVIDENCE_MISSING"}
    assert "site_record:branch" in ran.error["refusals"][0]["message"]


def test_a_large_project_signs_each_site() -> None:
    """The sign-off is given for one site, and binds to that site's record alone."""
    project = deploying_with_sites("core", "branch", size="large")
    for site in ("core", "branch"):
        project.attach("site_record", site=site)
    project.sign("site:core", "rel")
    assert project.advance("site_done", "pam", expect=1, site="core").codes == ["SIGNOFF_MISSING"]
    project.sign("site:core", "svc")
    project.attach("site_record", site="branch", result="failed")
    project.advance("site_done", "pam", site="core")
    assert project.sign("site", "rel", expect=2).error["code"] == "usage"
    assert project.counting("site:branch") == set()


# Conditional go


def conditional(project: Project, conditions: list[dict[str, str]], expect: int = 0) -> list[str]:
    """All but what the conditions stand for is ready; the ids of the duties left behind."""
    for kind in RELEASE:
        project.attach(kind)
    project.attach("release_signoff_form", outcome="conditional")
    project.sign("provider_acceptance", "ops")
    project.sign("release", "ops")
    ran = project.advance("conditional_go", "sol", expect=expect, conditions=conditions)
    return ran.json["obligations"] if expect == 0 else ran.codes


def to_completion(project: Project) -> None:
    """From deploying to the completion review."""
    for trigger in ("site_done", "deployed", "end_quiet"):
        project.go(trigger)


def test_a_condition_leaves_a_duty_that_blocks_the_acceptance_until_it_is_settled() -> None:
    """The guard counts as passed; the duty has an owner and a due date; accept asks for it; its owner settles it."""
    project = roads().at("normal", "release_review")
    text = "Procedures are handed over."
    given = {"guard": "support_handover", "owner": "sup", "due": "2026-01-31", "text": text}
    (duty,) = conditional(project, [given])
    listed = project.mofflow("obligation", "list", "P-1", "--json").json["items"]
    assert [(o["id"], o["owner"], o["due"], o["text"], o["settled"]) for o in listed] == [
        (duty, "sup", "2026-01-31", text, None)
    ]
    verdict = next(
        g for g in project.events()[-1]["guards"] if g["guard"] == "conditional_go.support_handover"
    )
    assert verdict["passed"]
    assert "sup" in verdict["excused"]
    to_completion(project)
    project.attach("post_implementation_review")
    project.attach("support_handover")
    for person in ("cust", "ops"):
        project.sign("completion", person)
    assert project.codes("accept") == {"accept.obligations": "OBLIGATION_OPEN"}
    project.advance("accept", "sol", expect=1)
    words = ("obligation", "settle", duty, "--json")
    assert project.mofflow(*words, as_="sup", expect=2).error["code"] == "usage"  # says nothing of how
    assert project.mofflow(*words, "--reason", "x", as_="nobody", expect=4).error["code"] == "not_permitted"
    project.mofflow(*words, "--evidence", "support_handover", as_="sup")
    assert project.mofflow(*words, "--reason", "again", as_="sup", expect=3).error["code"] == "conflict"
    project.advance("accept", "sol")
    assert project.state() == "closed"


def test_a_condition_stands_in_only_for_the_guard_that_it_names() -> None:
    """What is not named, or not waivable, still refuses."""
    project = roads().at("normal", "release_review")
    given = [{"guard": "requirements_met", "owner": "sup", "due": "2026-01-31"}]
    assert conditional(project, given, expect=1) == ["EVIDENCE_MISSING"]
    assert project.shown["obligations"] == []


def test_a_conditional_go_wants_a_review_with_that_outcome() -> None:
    """The form says conditional; one that says go is for go."""
    project = roads().at("normal", "release_review")
    project.attach("release_signoff_form", outcome="go")
    assert project.code("conditional_go.release_signoff_form") == "EVIDENCE_INVALID"
    assert project.code("go.release_signoff_form") is None


# Pilot


def test_a_skipped_pilot_leaves_a_finding_and_the_provider_accepts_after_that_moment() -> None:
    """Before the pilot is skipped the provider's acceptance is too early; after it, it counts."""
    project = roads().at("normal", "stabilizing")
    for kind in ("release_candidate", "uat_result"):
        project.attach(kind)
    project.sign("uat", "cust")
    for person in ("cust", "ops"):
        project.sign("pilot_waiver", person)
    ran = project.sign("provider_acceptance", "opal", expect=1)
    assert ran.codes == ["SIGNOFF_TOO_EARLY"]
    assert project.findings() == []
    project.advance("skip_pilot", "sol")
    assert project.findings() == ["PILOT_SKIPPED"]
    assert project.code("go.provider_acceptance") == "SIGNOFF_MISSING"
    project.sign("provider_acceptance", "opal")
    assert project.code("go.provider_acceptance") is None


def test_a_skipped_pilot_wants_the_customer_and_operations_to_agree() -> None:
    """Without their waiver the solution manager alone cannot skip it."""
    project = roads().at("normal", "stabilizing")
    for kind in ("release_candidate", "uat_result"):
        project.attach(kind)
    project.sign("uat", "cust")
    assert project.advance("skip_pilot", "sol", expect=1).codes == ["SIGNOFF_MISSING"]
    assert project.findings() == []


def test_the_provider_accepts_after_the_pilot_and_not_before() -> None:
    """D4: an acceptance in piloting is refused as too early; after pilot_passed it counts; a second pilot asks again."""
    project = roads().at("small", "piloting")
    assert project.sign("provider_acceptance", "ops", expect=1).codes == ["SIGNOFF_TOO_EARLY"]
    project.go("pilot_passed")
    project.sign("provider_acceptance", "ops")
    assert project.code("go.provider_acceptance") is None
    project.advance("no_go_fix", "sol", reason="One more candidate")
    for trigger in ("start_pilot", "pilot_passed"):
        project.go(trigger)
    assert project.code("go.provider_acceptance") == "SIGNOFF_VOID"


def test_a_pilot_that_ends_in_the_future_is_not_over() -> None:
    """The report may not tell of what has not happened, nor end before it begins."""
    project = roads().at("small", "piloting")
    project.attach("pilot_report", end="2026-01-06T09:00:00Z")
    assert project.codes("pilot_passed") == {"pilot_passed.pilot_ended": "TOO_EARLY"}
    assert project.guard("pilot_passed.pilot_ended")["not_before"] == "2026-01-06T09:00:00.000000Z"
    project.attach("pilot_report", start="2026-01-05T08:00:00Z", end="2026-01-05T07:00:00Z")
    assert "pilot_passed.pilot_dates" in project.codes("pilot_passed")


def test_a_pilot_report_has_a_result_for_each_acceptance_criterion() -> None:
    """A criterion without a result fails the gate."""
    project = roads().at("normal", "piloting")
    example = project.mofflow("evidence", "template", "pilot_report", "--case", "P-1", "--json").json[
        "example"
    ]
    assert len(example["results"]) > 1
    project.attach("pilot_report", results=example["results"][1:])
    assert project.code("pilot_passed.pilot_report") == "EVIDENCE_INVALID"
    assert example["results"][0]["criterion"] in project.guard("pilot_passed.pilot_report")["message"]


def failed_candidate() -> Project:
    """The pilot of the candidate failed, and the project is back in stabilizing."""
    project = roads().at("small", "piloting")
    project.attach("pilot_report", outcome="failed")
    project.advance("pilot_failed", "pam")
    return project


def test_a_candidate_that_failed_its_pilot_cannot_be_piloted_again() -> None:
    """Attached again it is fresh, but marked; another candidate is not."""
    project = failed_candidate()
    same = project.mofflow.write(
        "rc.json", project.mofflow("evidence", "get", "P-1", "release_candidate").out
    )
    project.mofflow("attach", "P-1", "release_candidate", str(same), as_="pam")
    project.sign("uat", "cust")
    assert list(project.codes("start_pilot")) == ["start_pilot.release_candidate"]
    assert "failed" in project.guard("start_pilot.release_candidate")["message"]
    project.go("start_pilot")
    versions = [e["version"] for e in project.shown["evidence"] if e["name"] == "release_candidate"]
    assert versions == [3]


def test_a_candidate_that_failed_its_pilot_cannot_skip_the_next() -> None:
    """skip_pilot refuses the marked candidate although everybody signed."""
    project = failed_candidate()
    project.sign("uat", "cust")
    project.sign("pilot_waiver", "cust")
    assert list(project.codes("skip_pilot")) == ["skip_pilot.release_candidate"]
    project.advance("skip_pilot", "sol", expect=1)


# Back-out, quiet period, redeploy


def test_the_person_named_in_the_back_out_plan_may_back_out() -> None:
    """Whoever the plan names decides, without any role; nobody else without one; and he is known to `why`."""
    project = roads().at("small", "release_review")
    project.attach("back_out_plan", decision_maker="nobody")
    project.go("go")
    assert "nobody" in project.mofflow.why("P-1", "back_out")["by"]["people"]
    for person in ("cust", "sol", "pam", "dev"):
        assert project.advance("back_out", person, expect=4, reason="x").error["code"] == "not_permitted"
    project.advance("back_out", "nobody", reason="One order in five fails")
    assert project.state() == "rolling_back"
    event = project.events()[-1]
    assert (event["actor"], event["trigger"], event["roles"]) == (
        "nobody",
        "back_out",
        ["back_out_plan.decision_maker"],
    )


def test_release_and_operations_manager_may_back_out_too() -> None:
    """From deploying and from the quiet period."""
    for state, person in (("deploying", "rel"), ("quiet_period", "ops")):
        project = roads().at("small", state)
        project.advance("back_out", person, reason="Failure")
        assert project.state() == "rolling_back"


def test_hold_and_cancel_are_not_legal_once_live_change_is_in_progress() -> None:
    """In deploying, quiet period and completion review the way is back_out, not hold or cancel."""
    for state in ("deploying", "quiet_period", "completion_review"):
        project = roads().at("small", state)
        for trigger in ("hold", "cancel"):
            ran = project.advance(
                trigger,
                "sol",
                expect=1,
                reason="x",
                **({"review_date": "2026-12-01"} if trigger == "hold" else {}),
            )
            assert ran.codes == ["WRONG_STATE"]


def test_the_quiet_period_lasts_its_days_after_the_latest_site() -> None:
    """15 days after the site was finished, to the second; before that `why` says from when on."""
    project = roads().at("small", "quiet_period")
    assert project.guard("end_quiet.quiet_days")["code"] == "TOO_EARLY"
    assert project.guard("end_quiet.quiet_days")["not_before"] == "2026-01-20T09:00:00.000000Z"
    project.mofflow.now = "2026-01-20T08:59:59Z"
    assert project.code("end_quiet.quiet_days") == "TOO_EARLY"
    ran = project.advance("end_quiet", "ops", expect=1)
    assert "TOO_EARLY" in ran.codes
    project.mofflow.now = "2026-01-20T09:00:00Z"
    assert project.code("end_quiet.quiet_days") is None


def test_the_monitoring_report_covers_the_quiet_period() -> None:
    """One that ends before the quiet period does, or tells of an open severity-1 incident, does not do."""
    project = roads().at("small", "quiet_period")
    project.mofflow.now = "2026-01-25T09:00:00Z"
    project.attach("monitoring_report", period_end="2026-01-19T09:00:00Z")
    assert "end_quiet.monitored_throughout" in project.codes("end_quiet")
    project.attach("monitoring_report", open_severity_1=1)
    assert project.codes("end_quiet") == {"end_quiet.monitoring_report": "EVIDENCE_INVALID"}
    project.attach("monitoring_report")
    project.advance("end_quiet", "ops")


def test_a_restart_of_the_deployment_restarts_the_quiet_period() -> None:
    """After reopen and another release, the days are counted from the new site record."""
    project = roads().at("small", "quiet_period")
    project.mofflow.now = "2026-01-19T09:00:00Z"
    project.advance("reopen", "ops", reason="A defect")
    for trigger in ("start_pilot", "pilot_passed", "go", "site_done", "deployed"):
        project.go(trigger)
    assert project.guard("end_quiet.quiet_days")["not_before"] == "2026-02-03T09:00:00.000000Z"


def test_redeploy_asks_all_of_row_18_again() -> None:
    """Every guard of go is one of redeploy, and what was fresh for go is stale for redeploy."""
    project = roads().at("normal", "completion_review")
    shown = project.mofflow("workflow", "show", "deliver-project", "--json").json["transitions"]
    gates = {t["trigger"]: {g["name"].partition(".")[2] for g in t["guards"]} for t in shown}
    assert gates["redeploy"] == gates["go"]
    ran = project.advance("redeploy", "sol", expect=1, reason="The wrong package went live")
    failing = {r["guard"].partition(".")[2]: r["code"] for r in ran.error["refusals"]}
    assert failing == {"release_signoff_form": "EVIDENCE_STALE", "configuration_baseline": "EVIDENCE_STALE"}
    project.go("redeploy")
    assert project.state() == "deploying"
    assert project.code("site_done.site_record") == "EVIDENCE_STALE"


def test_refuse_goes_back_to_the_quiet_period_and_keeps_the_deployment_impact() -> None:
    """The completion's sign-offs are void, the impact analysis is still there."""
    project = roads().at("small", "completion_review")
    project.attach("post_implementation_review")
    project.sign("completion", "cust")
    project.advance("refuse", "cust", reason="Search is slow")
    assert project.state() == "quiet_period"
    assert project.counting("completion") == set()
    assert "deployment_impact" in {e["name"] for e in project.shown["evidence"]}


# Resume, completion, roles


@pytest.mark.parametrize("kind", ["requirements", "acceptance_criteria", "master_plan", "master_schedule"])
def test_resume_goes_to_planning_when_a_baseline_document_changed(kind: str) -> None:
    """From building on, a document of the baseline with another digest makes planning the target; `why` says so."""
    project = roads().at("normal", "building")
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    assert project.mofflow.why("P-1", "resume")["target"] == "building"
    project.attach(kind)
    assert project.mofflow.why("P-1", "resume")["target"] == "planning"
    assert project.advance("resume", "sol").json["to"] == "planning"
    assert project.shown["iteration"] == 2


def test_resume_goes_back_when_the_baseline_document_is_what_it_was() -> None:
    """The digest decides: the same bytes again are no change, and before building there is no baseline."""
    project = roads().at("normal", "building")
    old = project.mofflow.write("plan.json", project.mofflow("evidence", "get", "P-1", "master_plan").out)
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    project.attach("master_plan")
    project.mofflow("attach", "P-1", "master_plan", str(old), as_="pam")
    assert project.advance("resume", "sol").json["to"] == "building"
    early = roads().at("normal", "plan_review")
    early.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    early.attach("master_plan")
    assert early.advance("resume", "sol").json["to"] == "plan_review"


def test_the_approval_of_the_plan_stores_the_digests_of_the_baseline() -> None:
    """Those of the five documents that are present; a small project has its criteria only."""
    for size, kinds in (
        ("small", {"acceptance_criteria"}),
        ("normal", {"requirements", "master_plan", "master_schedule", "acceptance_criteria"}),
        (
            "large",
            {
                "requirements",
                "functional_specification",
                "master_plan",
                "master_schedule",
                "acceptance_criteria",
            },
        ),
    ):
        project = roads().at(size, "building")
        baseline = project.events("--trigger", "approve")[-1]["data"]["baseline"]
        seals = project.seals()
        assert baseline == {kind: seals[kind] for kind in kinds}


def test_a_control_that_is_bypassed_is_never_authorised() -> None:
    """M15: neither go nor conditional_go passes, and nobody can waive it."""
    project = roads().at("normal", "release_review")
    project.attach("security_assessment", bypassed=["Firewall"])
    for trigger in ("go", "conditional_go"):
        guard = project.guard(f"{trigger}.security_assessment")
        assert guard["code"] == "CONTROL_BYPASSED"
        assert "seed M15" in guard["clauses"]
        words = ("waive", "P-1", guard["guard"], "--reason", "x", "--until", "2026-01-20", "--json")
        assert project.mofflow(*words, as_="sol", expect=4).error["code"] == "not_permitted"
    project.attach(
        "security_assessment", controls=[{"control": "Firewall", "effect": "bypassed", "risk": "x"}]
    )
    assert project.code("go.security_assessment") == "CONTROL_BYPASSED"


def test_exactly_one_person_is_the_business_interface() -> None:
    """M16: two holders are refused; where nobody is named, who stands in serves."""
    project = roads().at("small", "proposed")
    assert "charter.business_interface" not in project.codes("charter")
    for person in ("cust", "cleo"):
        project.mofflow("person", "grant", person, "business_interface")
    assert project.code("charter.business_interface") == "ROLE_NOT_UNIQUE"
    project.mofflow("assign", "P-1", "business_interface", "cleo")
    assert project.code("charter.business_interface") is None


def test_a_project_that_has_ended_changes_no_more() -> None:
    """Closed for good: no document, sign-off, field, staffing or trigger; a remark is still possible."""
    project = roads().at("small", "closed")
    version = project.shown["version"]
    project.attach("vision_scope", expect=2)
    for words in (
        ("sign", "P-1", "vision"),
        ("set", "P-1", "discipline=msf"),
        ("assign", "P-1", "tester", "tess"),
    ):
        assert project.mofflow(*words, "--json", as_="pam", expect=2).error["code"] == "usage"
    assert project.advance("accept", "sol", expect=1).codes == ["WRONG_STATE"]
    project.mofflow("note", "P-1", "Archived.", as_="pam")
    assert project.shown["version"] == version
    assert project.mofflow("why", "P-1", "--json", expect=1).json == {
        "case": "P-1",
        "state": "closed",
        "stage": None,
        "version": version,
        "final": True,
        "triggers": [],
    }
    json.dumps(project.shown)
