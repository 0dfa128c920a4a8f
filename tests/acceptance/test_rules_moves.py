"""Rules 1, 3, 4 and 10 of the field (domain.md 6.0): history, the order of work, freshness, hold, and time."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.support.raw import RawHistory
from tests.support.remedies import ROAD_START, Project, roads


def void(project: Project) -> set[str]:
    """The sets of which some approval is void."""
    return {s["set"] for s in project.shown["signoffs"] if s["void"]}


def standing(project: Project) -> set[str]:
    """The sets of which every approval counts."""
    signoffs = project.shown["signoffs"]
    return {s["set"] for s in signoffs} - {s["set"] for s in signoffs if not s["counts"]}


# Rule 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE event SET actor = 'x'", "UPDATE event SET body = x'00' WHERE seq = 1", "DELETE FROM event"],
)
def test_rule_1_history_is_append_only(statement: str) -> None:
    """The database itself refuses to change or to delete an event; mofflow has no command for either."""
    project = roads().at("small", "building")
    events = project.events()
    with closing(sqlite3.connect(project.mofflow.database)) as connection, pytest.raises(sqlite3.Error):
        connection.execute(statement)
    assert project.events() == events


def test_rule_1_a_state_is_the_fold_of_history() -> None:
    """Shown at its last event, the case is what it is now; shown after each event, its state is the last target."""
    project = roads().at("normal", "release_review")
    shown = project.shown
    then = project.mofflow("history", "P-1", "--at", shown["last_at"], "--json").json
    assert then == shown
    project.mofflow.now = "2026-03-01T09:00:00Z"
    project.advance("no_go_fix", "sol", reason="One blocker")
    assert project.state() == "stabilizing"
    assert (
        project.mofflow("history", "P-1", "--at", "2026-02-28T09:00:00Z", "--json").json["state"]
        == "release_review"
    )


def test_rule_1_events_carry_actor_roles_times_and_the_digests_of_definition_and_policy() -> None:
    """Each event says who, in which role, for whom, when and really when, and by which rules; it is chained."""
    project = roads().at("small", "building")
    definition = project.mofflow("workflow", "list", "--json").json["items"][0]["digest"]
    policy = project.mofflow("policy", "list", "--json").json["items"][0]["digest"]
    events = project.events()
    for earlier, later in zip([None, *events], events, strict=False):
        assert later["actor"]
        assert later["entered_by"] == "root"
        assert (later["definition"], later["policy"]) == (definition, policy)
        assert later["at"] == "2026-01-05T09:00:00.000000Z"
        assert later["recorded_at"] > later["at"]
        assert later["prev"] == (earlier["hash"] if earlier else None)
    fired = [e for e in events if e["kind"] == "transition" and e["outcome"] == "done"]
    roles = {"pam": "program_manager", "sol": "solution_manager", "portia": "portfolio_manager"}
    assert [e["roles"] for e in fired] == [[roles[e["actor"]]] for e in fired]
    raw = RawHistory(project.mofflow.database)
    raw.refresh()
    for event, told in zip(raw.cases["P-1"], events, strict=True):
        assert hashlib.sha256(b"\0" + event.bytes).hexdigest() == told["hash"]


# Rule 3


def test_rule_3_a_backward_move_voids_what_stands_at_its_target_or_later() -> None:
    """From plan_review back to envisioning: service agreement, vision and plan, which stand there or later, are void."""
    project = roads().at("normal", "plan_review")
    project.sign("plan", "cust")
    project.sign("plan", "ops")
    assert standing(project) == {"service_agreement", "vision", "plan"}
    project.advance("rethink", "sol", reason="Another market")
    assert void(project) == {"service_agreement", "vision", "plan"}
    assert standing(project) == set()


def test_rule_3_what_stands_before_the_target_stays() -> None:
    """From plan_review back to planning: the plan's sign-offs are void, those of vision and service agreement stand."""
    project = roads().at("normal", "plan_review")
    project.sign("plan", "cust")
    project.sign("plan", "ops")
    project.advance("rework", "sol", reason="Costs are missing")
    assert void(project) == {"plan"}
    assert standing(project) == {"service_agreement", "vision"}
    project.go("submit_plan")
    project.attach("plan_minutes")
    assert project.code("approve.plan") == "SIGNOFF_VOID"


@pytest.mark.parametrize(
    ("trigger", "gone"),
    [
        ("no_go_fix", {"uat", "pilot"}),
        ("no_go_rebuild", {"scope", "uat", "pilot"}),
        ("no_go_replan", {"plan", "scope", "uat", "pilot"}),
    ],
)
def test_rule_3_a_signoff_stands_at_the_first_state_that_asks_for_it(trigger: str, gone: set[str]) -> None:
    """Each way back from the release review voids exactly the sets of the states that are done again."""
    project = roads().at("normal", "release_review")
    everything = {"service_agreement", "vision", "plan", "scope", "uat", "pilot"}
    assert standing(project) == everything
    project.advance(trigger, "sol", reason="Not yet")
    assert void(project) == gone
    assert standing(project) == everything - gone


def test_rule_3_evidence_and_history_stay_after_a_backward_move() -> None:
    """Nothing of the documents or of the history is lost by going back."""
    project = roads().at("normal", "release_review")
    documents, events = project.shown["evidence"], project.events()
    project.advance("no_go_replan", "sol", reason="Not yet")
    assert project.shown["evidence"] == documents
    assert project.events()[: len(events)] == events
    assert len(project.events()) == len(events) + 1


def test_rule_3_a_scope_change_is_asked_for_anew_each_time() -> None:
    """The sign-off that let the scope change once does not let it change again: the move back voided it."""
    project = roads().at("small", "building")
    project.sign("scope_change", "cust")
    project.advance("scope_change", "pam", reason="More sites")
    for trigger in ("submit_plan", "approve"):
        project.go(trigger)
    assert project.state() == "building"
    assert project.code("scope_change.scope_change") == "SIGNOFF_VOID"


def test_rule_3_leaving_on_hold_is_measured_from_the_remembered_state() -> None:
    """Resuming where the project stood voids nothing; resuming into planning, from building, is a move back."""
    project = roads().at("normal", "stabilizing")
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    project.advance("resume", "pam")
    assert void(project) == set()
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    project.attach("master_schedule")
    project.advance("resume", "pam")
    assert project.state() == "planning"
    assert void(project) == {"plan", "scope"}
    assert standing(project) == {"service_agreement", "vision"}


def test_rule_3_a_fresh_document_was_attached_since_the_state_was_entered() -> None:
    """Minutes from before the plan review are stale; minutes from within it are fresh."""
    project = roads().at("normal", "planning")
    project.attach("plan_minutes")
    project.go("submit_plan")
    assert project.code("approve.plan_minutes") == "EVIDENCE_STALE"
    project.attach("plan_minutes")
    assert project.code("approve.plan_minutes") is None


def test_rule_3_a_state_that_is_entered_again_asks_for_fresh_documents_again() -> None:
    """After going back and coming again, the minutes of the first review are stale."""
    project = roads().at("normal", "plan_review")
    project.attach("plan_minutes")
    assert project.code("approve.plan_minutes") is None
    project.advance("rework", "sol", reason="Costs are missing")
    project.go("submit_plan")
    assert project.code("approve.plan_minutes") == "EVIDENCE_STALE"


def test_rule_3_holding_and_resuming_is_no_entering() -> None:
    """What was fresh before a hold is fresh after it."""
    project = roads().at("normal", "plan_review")
    project.attach("plan_minutes")
    project.mofflow.now = "2026-01-06T09:00:00Z"
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    project.mofflow.now = "2026-02-06T09:00:00Z"
    project.advance("resume", "pam")
    assert project.state() == "plan_review"
    assert project.code("approve.plan_minutes") is None
    assert project.shown["entered"] == "2026-01-05T09:00:00.000000Z"


def test_rule_3_a_transition_to_the_same_state_is_no_entering() -> None:
    """A deployment impact that is there before the last site is done stays fresh."""
    project = roads().at("normal", "release_review")
    project.mofflow("set", "P-1", "sites=core,branch", as_="pam")
    project.go("go")
    project.attach("site_record", site="core")
    project.advance("site_done", "pam", site="core")
    project.attach("deployment_impact")
    project.mofflow.now = "2026-01-07T09:00:00Z"
    project.attach("site_record", site="branch")
    project.advance("site_done", "pam", site="branch")
    assert project.code("deployed.deployment_impact") is None
    project.advance("deployed", "pam")
    project.advance(
        "hold", "pam", expect=1, reason="x", review_date="2026-02-01"
    )  # live change is in progress


# Rule 4


def test_rule_4_on_hold_remembers_where_to_return_and_why() -> None:
    """The held project shows the state that it came from; the reason stands in the history; resume goes back there."""
    project = roads().at("normal", "scope_review")
    project.advance("hold", "sol", reason="The budget is frozen", review_date="2026-02-01")
    shown = project.shown
    assert (shown["state"], shown["remembered"], shown["stage"]) == ("on_hold", "scope_review", "build")
    event = project.events("--trigger", "hold")[0]
    assert "The budget is frozen" in event["texts"]["inputs"]
    project.advance("hold", "sol", expect=1, reason="again", review_date="2026-02-01")
    project.advance("resume", "sol")
    assert project.state() == "scope_review"


def test_rule_4_clocks_keep_running_on_hold() -> None:
    """A cancellation that was signed before a long hold is no longer valid at its end; a plan's review grows old."""
    project = roads().at("normal", "planning")
    for document in ("acceptance_criteria", "master_plan", "master_schedule", "continuity_review"):
        project.attach(document)
    project.mofflow("set", "P-1", "discipline=msf", "deliverable=service", as_="pam")
    project.sign("cancellation", "cust")
    assert project.codes("submit_plan") == {}
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    project.mofflow.now = "2027-02-05T09:00:00Z"
    assert project.code("cancel.cancellation") == "SIGNOFF_VOID"
    project.advance("resume", "pam")
    assert project.codes("submit_plan") == {"submit_plan.continuity_review": "EVIDENCE_TOO_OLD"}


# Rule 10


def test_rule_10_at_decides_and_recorded_at_is_the_real_time() -> None:
    """The stated time stands in `at`, the real one in `recorded_at`; findings are dated by `at`."""
    before = datetime.now(UTC)
    project = roads().at("normal", "release_review")
    project.mofflow.now = "2026-01-09T10:00:00+02:00"
    ran = project.mofflow(
        *(
            "waive",
            "P-1",
            "go.support_handover",
            "--reason",
            "Training is late",
            "--until",
            "2026-01-20",
            "--json",
        ),
        as_="sol",
    )
    assert ran.json["at"] == "2026-01-09T08:00:00.000000Z"
    assert before <= datetime.fromisoformat(ran.json["recorded_at"]) <= datetime.now(UTC)
    found = project.mofflow("audit", "findings", "--json", expect=1).json["items"]
    assert [f["first_seen"] for f in found] == ["2026-01-09T08:00:00.000000Z"]


def test_rule_10_at_never_decreases_within_a_case() -> None:
    """A time before the last event of the case is wrong usage, for every act, and leaves nothing behind."""
    project = roads().at("small", "envisioning")
    project.mofflow.now = "2026-01-08T09:00:00Z"
    project.mofflow("note", "P-1", "Later", as_="pam")
    project.mofflow.now = "2026-01-08T08:59:59Z"
    events = project.events()
    for words in (
        ("note", "P-1", "Earlier"),
        ("set", "P-1", "discipline=msf"),
        ("assign", "P-1", "developer", "dev"),
        ("advance", "P-1", "hold", "--reason", "x", "--set", "review_date=2026-02-01"),
        ("sign", "P-1", "vision"),
    ):
        ran = project.mofflow(*words, "--json", as_="pam", expect=2)
        assert ran.error["code"] == "usage"
        assert "2026-01-08" in ran.error["message"]
    assert project.events() == events
    project.mofflow.now = "2026-01-08T09:00:00Z"  # the same time again is fine
    project.mofflow("note", "P-1", "At the same time", as_="pam")


def test_rule_10_among_events_of_one_time_the_sequence_says_what_came_after() -> None:
    """Attached at the very time of the entry, but before it, a document is stale; after it, it is fresh."""
    project = roads().at("normal", "planning")
    project.mofflow.now = "2026-01-10T09:00:00Z"
    project.attach("plan_minutes")
    project.go("submit_plan")
    assert project.mofflow.now == "2026-01-10T09:00:00Z"
    assert project.code("approve.plan_minutes") == "EVIDENCE_STALE"
    project.attach("plan_minutes")
    assert project.code("approve.plan_minutes") is None
    times = [(e["at"], e["seq"]) for e in project.events()]
    assert times == sorted(times)


def test_rule_10_filters_of_the_history_use_at() -> None:
    """`--from` and `--to` are stated times: the real time at which all was entered selects nothing."""
    project = roads().at("small", "envisioning")
    project.mofflow.now = "2026-02-10T12:00:00Z"
    project.mofflow("note", "P-1", "February", as_="pam")
    project.mofflow.now = "2026-03-10T12:00:00Z"
    project.mofflow("note", "P-1", "March", as_="pam")

    def texts(*filters: str) -> list[str]:
        return [e["texts"]["text"] for e in project.events("--kind", "note", *filters)]

    assert texts("--from", "2026-02-10") == ["February", "March"]
    assert texts("--from", "2026-02-10T12:00:00Z", "--to", "2026-02-10T12:00:00Z") == ["February"]
    assert texts("--to", "2026-03-09") == ["February"]
    assert texts("--from", "2026-03-11") == []
    assert texts("--from", datetime.now(UTC).isoformat()) == []


def test_rule_10_deadlines_use_at() -> None:
    """Whether a duty is overdue is told by the stated time."""
    project = roads().at("normal", "release_review")
    ready_for_a_condition(project)
    due = "2026-01-20"
    project.advance(
        "conditional_go", "sol", conditions=[{"guard": "support_handover", "owner": "sup", "due": due}]
    )
    for now, late in ((ROAD_START, 0), ("2026-01-20T23:59:59Z", 0), ("2026-01-21T00:00:00Z", 1)):
        project.mofflow.now = now
        found = project.mofflow("project", "list", "--overdue", "--json").json["items"]
        assert len(found) == late


def ready_for_a_condition(project: Project) -> None:
    """All but the hand-over is ready for a conditional go."""
    for kind in ("configuration_baseline", "back_out_plan", "security_assessment", "continuity_review"):
        project.attach(kind)
    project.attach("release_signoff_form", outcome="conditional")
    project.sign("provider_acceptance", "ops")
    project.sign("release", "ops")
    assert project.codes("conditional_go") in ({}, {"conditional_go.support_handover": "EVIDENCE_MISSING"})
