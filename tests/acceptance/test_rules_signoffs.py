"""Rule 2 of the field (domain.md 6.0): what a sign-off binds to, when it lapses, and what lifts a rejection."""

from __future__ import annotations

import json

import pytest

from tests.support.remedies import Project, roads

APPROVE = "approve.vision"


def signed_vision(size: str = "normal") -> Project:
    """A project in vision_review whose vision is signed, so that it could be approved."""
    project = roads().at(size, "vision_review")
    project.sign("vision", "cust")
    if size != "small":
        project.sign("vision", "ops")
    assert project.code(APPROVE) is None
    return project


def refused(project: Project, code: str, trigger: str = "approve", guard: str = APPROVE) -> None:
    """The gate refuses with this code, and the case stays where it is."""
    state = project.state()
    ran = project.advance(trigger, "sol", expect=1)
    assert {r["guard"]: r["code"] for r in ran.error["refusals"]}[guard] == code
    assert project.state() == state


def test_rule_2_a_signoff_stores_the_digests_of_all_covered_documents_and_the_material_fields() -> None:
    """The sign-off names each covered document that is present, by digest, and the material fields in its event."""
    project = signed_vision()
    seals = project.seals()
    covered = ("vision_scope", "business_case", "risk_assessment", "requirements")
    for signoff in (s for s in project.shown["signoffs"] if s["name"] == "vision"):
        assert signoff["covers"] == {name: seals[name] for name in covered}
    event = project.events("--kind", "signoff")[-1]
    assert event["data"]["material"] == {"size": "normal"}
    assert event["data"]["covers"] == {name: seals[name] for name in covered}


@pytest.mark.parametrize("kind", ["vision_scope", "business_case", "risk_assessment", "requirements"])
def test_rule_2_a_signoff_lapses_when_a_covered_document_changes(kind: str) -> None:
    """Any covered document with other content voids every sign-off of the set, and the gate refuses."""
    project = signed_vision()
    project.attach(kind)
    assert project.counting("vision") == set()
    refused(project, "SIGNOFF_VOID")


def test_rule_2_a_lapsed_signoff_does_not_come_back_with_the_former_document() -> None:
    """The map has to stay unchanged: putting the signed bytes back revives nothing."""
    project = signed_vision("small")
    before = project.mofflow("evidence", "get", "P-1", "business_case").out
    project.attach("business_case")
    old = project.mofflow.write("old.json", before)
    project.mofflow("attach", "P-1", "business_case", str(old), as_="pam")
    digests = [
        e["data"]["digest"]
        for e in project.events("--kind", "evidence")
        if e["data"]["kind"] == "business_case"
    ]
    assert digests[0] == digests[2] != digests[1]
    refused(project, "SIGNOFF_VOID")
    project.sign("vision", "cust")
    project.advance("approve", "sol")


def test_rule_2_the_same_document_again_is_no_change() -> None:
    """A document whose bytes did not change gets another version, and no sign-off lapses."""
    project = signed_vision("small")
    same = project.mofflow.write("same.json", project.mofflow("evidence", "get", "P-1", "business_case").out)
    ran = project.mofflow("attach", "P-1", "business_case", str(same), "--json", as_="pam")
    assert ran.json["evidence"][0]["version"] == 2
    assert project.counting("vision") == {"cust"}
    project.advance("approve", "sol")


def test_rule_2_the_fields_of_a_document_are_bound_as_well_as_its_file() -> None:
    """The same file with other fields is another document; the same of both is none."""
    project = roads().at("small", "vision_review")
    form = project.mofflow("evidence", "template", "vision_scope", "--case", "P-1", "--json").json["example"]
    report = project.mofflow.write("vision.pdf", "%PDF-1.7")
    fields = project.mofflow.write("vision.json", json.dumps(form))
    attach = ("attach", "P-1", "vision_scope", str(report), "--from", str(fields), "--json")
    first = project.mofflow(*attach, as_="pam").json["evidence"][0]
    project.sign("vision", "cust")
    project.mofflow(*attach, as_="pam")
    assert project.counting("vision") == {"cust"}
    second = project.mofflow(*attach, "--set", "vision=Something else", as_="pam").json["evidence"][0]
    assert first["digest"] == second["digest"]
    refused(project, "SIGNOFF_VOID")


def test_rule_2_a_covered_document_that_is_added_later_is_a_change() -> None:
    """A small project signs without a risk assessment; one that comes afterwards voids what was signed."""
    project = signed_vision("small")
    project.attach("risk_assessment")
    refused(project, "SIGNOFF_VOID")
    project.sign("vision", "cust")
    project.advance("approve", "sol")


@pytest.mark.parametrize(("size", "other"), [("normal", "large"), ("normal", "small"), ("small", "normal")])
def test_rule_2_a_signoff_lapses_when_a_material_field_changes(size: str, other: str) -> None:
    """Every change of the size voids every sign-off of the case, whichever way it goes."""
    project = signed_vision(size)
    project.mofflow("set", "P-1", f"size={other}", as_="pam")
    assert [s["person"] for s in project.shown["signoffs"] if s["counts"]] == []
    project.mofflow("set", "P-1", f"size={size}", as_="pam")
    refused(project, "SIGNOFF_VOID")


def test_rule_2_a_material_field_that_is_set_to_what_it_is_changes_nothing() -> None:
    """Saying the same size again leaves the sign-offs alone."""
    project = signed_vision()
    project.mofflow("set", "P-1", "size=normal", as_="pam")
    assert project.counting("vision") == {"cust", "ops"}
    project.advance("approve", "sol")


def test_rule_2_a_signoff_lapses_when_the_role_is_revoked_for_cause() -> None:
    """What was signed under a grant counts no more once that grant was taken back for cause, even with a new grant."""
    project = signed_vision()
    project.mofflow("person", "revoke", "cust", "customer", "--for-cause", "--reason", "Conflict of interest")
    assert project.counting("vision") == {"ops"}
    refused(project, "SIGNOFF_VOID")
    project.mofflow("person", "grant", "cust", "customer")
    refused(project, "SIGNOFF_VOID")
    project.sign("vision", "cleo")
    project.advance("approve", "sol")


def test_rule_2_an_ordinary_revocation_leaves_what_was_signed() -> None:
    """Whoever held the role when signing has signed, also where the role ended since."""
    project = signed_vision()
    project.mofflow("person", "revoke", "cust", "customer", "--reason", "Changed the department")
    assert project.counting("vision") == {"cust", "ops"}
    project.advance("approve", "sol")


def test_rule_2_a_delegates_signoff_lapses_with_the_role_of_whom_it_was_given_for() -> None:
    """A delegate signs on somebody's behalf; that person's role, revoked for cause, takes it back."""
    project = roads().at("normal", "vision_review")
    project.mofflow(
        "person", "delegate", "customer", "--from", "cust", "--to", "nobody", "--until", "2026-02-01"
    )
    project.sign("vision", "nobody")
    project.sign("vision", "ops")
    assert [s["acting_for"] for s in project.shown["signoffs"] if s["person"] == "nobody"] == ["cust"]
    assert project.code(APPROVE) is None
    project.mofflow.now = "2026-02-03T09:00:00Z"  # the delegation has ended; what was signed under it stands
    assert project.code(APPROVE) is None
    project.mofflow("person", "revoke", "cust", "customer", "--for-cause", "--reason", "Bribed")
    refused(project, "SIGNOFF_VOID")


def test_rule_2_only_a_holder_of_the_role_may_sign() -> None:
    """Somebody without a seat is told so: not permitted, and the attempt stands in the history."""
    project = roads().at("normal", "vision_review")
    ran = project.sign("vision", "nobody", expect=4)
    assert ran.error["code"] == "not_permitted"
    assert ran.codes == ["SEPARATION"]
    assert project.counting("vision") == set()
    assert project.events()[-1]["outcome"] == "refused"


def test_rule_2_separation_holds_when_signing_and_when_deciding() -> None:
    """Who becomes a developer of the project after he signed does not count any more, and counts again once he is not."""
    project = signed_vision()
    project.mofflow("assign", "P-1", "developer", "cust", "--grant")
    assert project.counting("vision") == {"ops"}
    refused(project, "SEPARATION")
    project.mofflow("unassign", "P-1", "developer", "cust")
    assert project.counting("vision") == {"cust", "ops"}
    project.advance("approve", "sol")


def test_rule_2_separation_bars_him_when_signing_too() -> None:
    """The same person is refused at once where he is barred already."""
    project = roads().at("normal", "vision_review")
    project.mofflow("assign", "P-1", "developer", "cust", "--grant")
    ran = project.sign("vision", "cust", expect=4)
    assert ran.codes == ["SEPARATION"]
    assert "developer" in ran.error["message"]


def test_rule_2_later_events_of_other_kinds_do_not_void_it() -> None:
    """Remarks, staffing, other documents, other fields, refused attempts, hold and resume leave a sign-off alone."""
    project = signed_vision()
    mofflow = project.mofflow
    mofflow("note", "P-1", "The steering board asked for news.", as_="nobody")
    mofflow("assign", "P-1", "user_experience", "nobody", "--grant")
    mofflow("set", "P-1", "deliverable=service", "discipline=agile", as_="pam")
    project.attach("master_schedule")
    project.attach("service_agreement")
    project.advance("submit_vision", "pam", expect=1)
    project.sign("vision", "nobody", expect=4)
    project.advance("hold", "pam", reason="Budget", review_date="2026-02-01")
    project.advance("resume", "pam")
    mofflow("person", "add", "newcomer", "--grant", "customer")
    assert project.counting("vision") == {"cust", "ops"}
    project.advance("approve", "sol")


def test_rule_2_a_withdrawn_signoff_does_not_count_and_the_history_keeps_both() -> None:
    """One's own sign-off can be taken back, nobody else's; both acts stand in the history."""
    project = signed_vision()
    ran = project.mofflow("withdraw", "P-1", "vision", "--reason", "x", "--json", as_="cleo", expect=2)
    assert ran.error["code"] == "not_found"
    project.mofflow("withdraw", "P-1", "vision", "--reason", "The costs are not what I was told.", as_="cust")
    refused(project, "SIGNOFF_MISSING")
    kinds = [(e["kind"], e["actor"]) for e in project.events() if e["kind"] in ("signoff", "withdrawal")]
    assert kinds[-3:] == [("signoff", "cust"), ("signoff", "ops"), ("withdrawal", "cust")]
    project.sign("vision", "cust")
    project.advance("approve", "sol")


def rejected() -> Project:
    """Every seat of the vision is filled, and a second operations manager rejects it."""
    project = signed_vision()
    project.sign("vision", "opal", "--reject", "--comment", "Nobody can run this.")
    refused(project, "SIGNOFF_REJECTED")
    return project


def test_rule_2_a_standing_rejection_blocks_a_set_that_is_complete() -> None:
    """One rejection blocks although every seat has an approval; the guard names who rejected."""
    project = rejected()
    assert project.counting("vision") == {"cust", "ops"}
    assert "opal" in project.guard(APPROVE)["message"]


def test_rule_2_the_rejecters_approval_lifts_a_rejection() -> None:
    """He who rejected approves."""
    project = rejected()
    project.sign("vision", "opal")
    project.advance("approve", "sol")


def test_rule_2_the_rejecters_withdrawal_lifts_a_rejection() -> None:
    """He who rejected takes it back; the approvals of the others stand."""
    project = rejected()
    project.mofflow("withdraw", "P-1", "vision", "--reason", "It was explained to me.", as_="opal")
    project.advance("approve", "sol")


def test_rule_2_a_changed_document_lifts_a_rejection() -> None:
    """Other content is another question: the rejection is gone, and so are the approvals."""
    project = rejected()
    project.attach("vision_scope")
    refused(project, "SIGNOFF_VOID")
    project.sign("vision", "cust")
    project.sign("vision", "ops")
    project.advance("approve", "sol")


def test_rule_2_nothing_else_lifts_a_rejection() -> None:
    """Not somebody else's approval, a field, a move back and forth, a revoked role, nor that he acts no more."""
    project = rejected()
    for person in ("ops", "cust", "cleo"):
        project.sign("vision", person)
        refused(project, "SIGNOFF_REJECTED")
    project.advance("rework", "sol", reason="Talk to operations")
    project.go("submit_vision")
    project.sign("vision", "cust")
    project.sign("vision", "ops")
    refused(project, "SIGNOFF_REJECTED")
    project.mofflow("set", "P-1", "size=large", as_="pam")
    project.mofflow("set", "P-1", "size=normal", as_="pam")
    project.sign("vision", "cust")
    project.sign("vision", "ops")
    refused(project, "SIGNOFF_REJECTED")
    project.mofflow("person", "revoke", "opal", "operations_manager")
    refused(project, "SIGNOFF_REJECTED")
    project.mofflow("person", "deactivate", "opal")
    refused(project, "SIGNOFF_REJECTED")
    project.attach("vision_scope")
    project.sign("vision", "cust")
    project.sign("vision", "ops")
    project.advance("approve", "sol")


def test_rule_2_only_who_has_a_seat_may_reject() -> None:
    """A rejection needs the same right as an approval."""
    project = signed_vision()
    project.sign("vision", "nobody", "--reject", expect=4)
    project.sign("vision", "pam", "--reject", expect=4)
    assert project.code(APPROVE) is None


def test_rule_2_a_rejection_after_ones_own_approval_replaces_it() -> None:
    """The last word of a person counts: he who approved may still reject."""
    project = signed_vision()
    project.sign("vision", "cust", "--reject")
    refused(project, "SIGNOFF_REJECTED")
    project.sign("vision", "cust")
    project.advance("approve", "sol")


def test_rule_2_a_set_with_a_validity_lapses_when_that_is_over() -> None:
    """A cancellation is approved for 30 days; a day later it counts no more."""
    project = roads().at("normal", "building")
    project.sign("cancellation", "cust")
    project.mofflow.now = "2026-02-04T08:59:59Z"
    assert project.code("cancel.cancellation") is None
    project.mofflow.now = "2026-02-04T09:00:00Z"
    assert project.code("cancel.cancellation") == "SIGNOFF_VOID"


def test_rule_2_sign_all_gives_what_waits_and_helps() -> None:
    """`sign --all` gives every sign-off that waits for the actor, and nothing that would not help."""
    project = roads().at("normal", "vision_review")
    signed = project.mofflow("sign", "P-1", "--all", "--json", as_="ops").json["signoffs"]
    assert [s["name"] for s in signed] == ["vision"]
    ran = project.mofflow("sign", "P-1", "--all", "--json", as_="opal", expect=2)
    assert ran.error["code"] == "not_found"
