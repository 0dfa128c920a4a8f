"""Rules 8 and 9 of the field (domain.md 6.0): separation of duties, grants and assignments."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.remedies import Project, roads

POLICIES = Path(__file__).parents[2] / "policies"


def assign(project: Project, role: str, person: str, expect: int = 0) -> None:
    """Staff a role, with the grant that it needs."""
    project.mofflow("assign", "P-1", role, person, "--grant", expect=expect)


def grant(project: Project, person: str, *roles: str) -> None:
    """Give roles everywhere."""
    for role in roles:
        project.mofflow("person", "grant", person, role)


def barred(project: Project, name: str, person: str, because: str) -> None:
    """He may not sign, and is told why; `why` names him among the barred."""
    ran = project.sign(name, person, expect=4)
    assert ran.codes == ["SEPARATION"]
    assert because in ran.error["message"]
    assert project.counting(name) == set()


# Rule 8: approval


@pytest.mark.parametrize("role", ["program_manager", "developer", "release_manager"])
def test_rule_8_approval_bars_program_manager_developer_and_release_manager(role: str) -> None:
    """A customer who has one of these roles on the project does not approve it."""
    project = roads().at("normal", "vision_review")
    assign(project, role, "cust")
    barred(project, "vision", "cust", role)
    assert "cust" in project.guard("approve.vision")["who"]["barred"]
    project.sign("vision", "cleo")


@pytest.mark.parametrize(
    "role", ["solution_manager", "product_manager", "tester", "user_experience", "support_manager"]
)
def test_rule_8_approval_bars_no_other_role_of_the_project(role: str) -> None:
    """The rest of the team may approve where it has a seat."""
    project = roads().at("small", "vision_review")
    assign(project, role, "cust")
    project.sign("vision", "cust")
    project.advance("approve", "sol")


def test_rule_8_approval_bars_who_last_changed_a_covered_document() -> None:
    """The author of the business case does not approve the vision; once somebody else changed it, he may."""
    project = roads().at("normal", "vision_review")
    assign(project, "product_manager", "cust")
    project.attach("business_case", by="cust")
    barred(project, "vision", "cust", "last changed business_case")
    project.attach("business_case", by="pam", benefits=["Other ones."])
    project.sign("vision", "cust")
    assert project.counting("vision") == {"cust"}


def test_rule_8_who_attaches_the_same_document_again_did_not_change_it() -> None:
    """The author stays who wrote the bytes: nobody can bar another by attaching them again, nor clear himself."""
    project = roads().at("small", "vision_review")
    assign(project, "product_manager", "cust")
    same = project.mofflow.write("same.json", project.mofflow("evidence", "get", "P-1", "business_case").out)
    project.mofflow("attach", "P-1", "business_case", str(same), as_="cust")
    assert [e["changed_by"] for e in project.shown["evidence"] if e["name"] == "business_case"] == [["pam"]]
    project.sign("vision", "cust")
    project.advance("approve", "sol")


def test_rule_8_who_opened_or_asked_for_the_project_is_not_barred_for_that() -> None:
    """The customer who opens a project may approve its vision."""
    mofflow = roads().at("small", "proposed").mofflow
    mofflow(
        "project", "create", "Asked for by the customer", "--key", "P-ASK", "--set", "size=small", as_="cust"
    )
    project = Project(mofflow, key="P-ASK")
    for role, person in (("program_manager", "pam"), ("solution_manager", "sol")):
        mofflow("assign", "P-ASK", role, person)
    for trigger in ("charter", "submit_vision"):
        project.go(trigger)
    project.sign("vision", "cust")
    project.advance("approve", "sol")


# Rule 8: acceptance


@pytest.mark.parametrize(
    "role",
    [
        *("solution_manager", "program_manager", "product_manager", "release_manager", "developer", "tester"),
        "user_experience",
    ],
)
def test_rule_8_acceptance_bars_the_whole_project_team(role: str) -> None:
    """The service provider accepts from outside of the team."""
    project = roads().at("small", "release_review")
    assign(project, role, "ops")
    barred(project, "provider_acceptance", "ops", role)
    project.sign("provider_acceptance", "opal")


def test_rule_8_acceptance_bars_whoever_signs_as_customer() -> None:
    """Who signed as customer on this project does not accept for the provider, though he has that role too."""
    project = roads().at("small", "release_review")
    grant(project, "cust", "operations_manager")
    barred(project, "provider_acceptance", "cust", "customer")
    grant(project, "cleo", "operations_manager")  # a customer who signed nothing here
    project.sign("provider_acceptance", "cleo")


def test_rule_8_acceptance_counts_no_more_once_the_provider_joins_the_team() -> None:
    """Judged when deciding, too."""
    project = roads().at("small", "release_review")
    project.sign("provider_acceptance", "ops")
    assert project.code("go.provider_acceptance") is None
    assign(project, "tester", "ops")
    assert project.code("go.provider_acceptance") == "SEPARATION"


# Rule 8: attestation


def test_rule_8_attestation_bars_nobody() -> None:
    """The tester's own statement of the pilot may come from the program manager who wrote the report."""
    project = roads().at("normal", "piloting")
    grant(project, "pam", "tester")
    project.attach("pilot_report")
    project.sign("pilot", "pam")
    assert project.code("pilot_passed.pilot") is None


def test_rule_8_developer_and_tester_of_one_case_are_two_people() -> None:
    """The developer is not assigned as tester, nor does he give the tester's statement; the other way round neither."""
    project = roads().at("normal", "piloting")
    grant(project, "dev", "tester")
    grant(project, "tess", "developer")
    project.mofflow("assign", "P-1", "developer", "dev")
    ran = project.mofflow("assign", "P-1", "tester", "dev", "--json", expect=4)
    assert ran.error["code"] == "not_permitted"
    project.attach("pilot_report")
    barred(project, "pilot", "dev", "developer")
    project.sign("pilot", "tess")
    project.mofflow("assign", "P-1", "tester", "tess")
    ran = project.mofflow("assign", "P-1", "developer", "tess", "--json", expect=4)
    assert ran.error["code"] == "not_permitted"


def test_rule_8_the_build_is_attested_by_developer_and_tester_as_two_people() -> None:
    """Both seats of build_complete want people; one who has both roles fills only one of them."""
    project = roads().at("large", "building")
    project.attach("build_record")
    grant(project, "dev", "tester")
    project.sign("build_complete", "dev", "--role", "developer")
    project.sign("build_complete", "dev", "--role", "tester")
    assert project.code("declare_complete.build_complete") == "SIGNOFF_MISSING"
    project.sign("build_complete", "tess")
    assert project.code("declare_complete.build_complete") == "SIGNOFF_MISSING"  # his last word was as tester
    project.sign("build_complete", "dev", "--role", "developer")
    assert project.code("declare_complete.build_complete") is None


# Rule 8: seats


def test_rule_8_seats_of_one_set_are_filled_by_different_people() -> None:
    """Who is customer and operations manager signs once; a second person is found by matching, whoever signed first."""
    project = roads().at("normal", "vision_review")
    grant(project, "cust", "operations_manager")
    project.sign("vision", "cust", "--role", "operations_manager")
    assert project.code("approve.vision") == "SIGNOFF_MISSING"
    project.sign("vision", "cust", "--role", "customer")
    assert project.code("approve.vision") == "SIGNOFF_MISSING"
    project.sign("vision", "cleo", "--role", "customer")
    assert project.code("approve.vision") == "SIGNOFF_MISSING"  # two customers, nobody for operations
    project.sign("vision", "cust", "--role", "operations_manager")
    assert project.code("approve.vision") is None


def test_rule_8_in_another_set_a_person_may_sign_again() -> None:
    """The operations manager who signed the vision signs the plan as well."""
    project = roads().at("normal", "plan_review")
    signer = next(s["person"] for s in project.shown["signoffs"] if s["role"] == "operations_manager")
    project.sign("plan", signer)
    assert project.counting("plan") == {signer}


def test_rule_8_except_where_a_policy_lists_the_pair_as_distinct() -> None:
    """A policy that says that plan and vision are signed by different people bars who signed the vision."""
    project = roads().at("normal", "plan_review")
    signer = next(s["person"] for s in project.shown["signoffs"] if s["role"] == "operations_manager")
    folder = Path(shutil.copytree(POLICIES, project.mofflow.folder / "policies"))
    signoffs = yaml.safe_load((folder / "signoffs.yaml").read_text(encoding="utf-8"))
    signoffs["rules"]["plan"]["distinct_from"] = ["vision"]
    signoffs["review_after"] = str(signoffs["review_after"])
    (folder / "signoffs.yaml").write_text(yaml.safe_dump(signoffs, sort_keys=False), encoding="utf-8")
    project.mofflow("policy", "adopt", str(folder))
    barred(project, "plan", signer, "signed vision")
    other = {"ops": "opal", "opal": "ops"}[signer]
    project.sign("plan", other)
    assert project.counting("plan") == {other}


# Rule 8: delegates


def delegate(project: Project, role: str, giver: str, receiver: str) -> None:
    """Lend a role until February."""
    project.mofflow("person", "delegate", role, "--from", giver, "--to", receiver, "--until", "2026-02-01")


def test_rule_8_a_delegate_of_somebody_who_is_barred_is_barred() -> None:
    """What the program manager may not approve, nobody approves for him."""
    project = roads().at("small", "vision_review")
    grant(project, "pam", "customer")
    delegate(project, "customer", "pam", "nobody")
    ran = project.sign("vision", "nobody", expect=4)
    assert "pam" in ran.error["message"]


def test_rule_8_a_delegate_who_is_barred_himself_is_barred() -> None:
    """The program manager does not approve for the customer either."""
    project = roads().at("small", "vision_review")
    delegate(project, "customer", "cust", "pam")
    barred(project, "vision", "pam", "program_manager")


def test_rule_8_delegate_and_delegator_fill_one_seat_together() -> None:
    """Who signed as customer cannot fill the other seat through his delegate: both count as persons of a sign-off."""
    project = roads().at("normal", "vision_review")
    grant(project, "cust", "operations_manager")
    delegate(project, "operations_manager", "cust", "nobody")
    project.sign("vision", "cust", "--role", "customer")
    project.sign("vision", "nobody")
    assert project.code("approve.vision") == "SIGNOFF_MISSING"
    project.sign("vision", "ops")
    assert project.code("approve.vision") is None


def test_rule_8_a_delegation_cannot_be_passed_on_and_ends() -> None:
    """What was lent is not lent again, and holds until its end only."""
    project = roads().at("small", "vision_review")
    delegate(project, "customer", "cust", "nobody")
    words = (
        "person",
        "delegate",
        "customer",
        "--from",
        "nobody",
        "--to",
        "dev",
        "--until",
        "2026-02-01",
        "--json",
    )
    assert project.mofflow(*words, expect=2).error["code"] == "usage"
    project.mofflow.now = "2026-02-02T00:00:00Z"
    project.sign("vision", "nobody", expect=4)


# Rule 9


def test_rule_9_assign_needs_a_grant() -> None:
    """Who does not hold a role is not assigned in it; `--grant` gives it for this case alone."""
    project = roads().at("small", "planning")
    ran = project.mofflow("assign", "P-1", "developer", "nobody", "--json", expect=2)
    assert "does not hold the role developer" in ran.error["message"]
    assert "person grant nobody developer" in ran.error["hint"]
    assert "developer" not in project.shown["people"]
    project.mofflow("assign", "P-1", "developer", "nobody", "--grant")
    assert project.shown["people"]["developer"] == ["nobody"]
    found = next(p for p in project.mofflow("person", "list", "--json").json["items"] if p["id"] == "nobody")
    assert [(g["role"], g["case"]) for g in found["grants"]] == [("developer", "P-1")]


def test_rule_9_where_nobody_is_assigned_all_holders_act() -> None:
    """Both operations managers may sign while none is assigned."""
    project = roads().at("normal", "vision_review")
    assert {"ops", "opal"} <= set(project.guard("approve.vision")["who"]["people"])
    project.sign("vision", "ops")


def test_rule_9_where_anybody_is_assigned_only_those_act_when_signing() -> None:
    """Once one of them is assigned, the other has no seat on this case; on another case he still has."""
    project = roads().at("normal", "vision_review")
    project.mofflow("assign", "P-1", "operations_manager", "opal")
    project.sign("vision", "ops", expect=4)
    project.sign("vision", "opal")
    project.mofflow("unassign", "P-1", "operations_manager", "opal")
    project.sign("vision", "ops")


def test_rule_9_where_anybody_is_assigned_only_those_fire_triggers() -> None:
    """Another program manager cannot move the project; a delegate of the assigned one can."""
    project = roads().at("small", "vision_review")
    grant(project, "nobody", "program_manager")
    assert project.advance("rework", "nobody", expect=4, reason="x").error["code"] == "not_permitted"
    assert project.mofflow.why("P-1", "rework")["by"]["people"] == ["pam", "sol", "cust", "cleo"]
    delegate(project, "program_manager", "pam", "dev")
    project.advance("rework", "dev", reason="On behalf of pam")
    event = project.events()[-1]
    assert (event["actor"], event["acting_for"]) == ("dev", "pam")


def test_rule_9_where_nobody_is_assigned_any_holder_fires() -> None:
    """Either customer may send a vision back."""
    project = roads().at("small", "vision_review")
    project.advance("rework", "cleo", reason="Not what we want")


def test_rule_9_an_evidence_kind_may_say_who_attaches_it() -> None:
    """A portfolio decision is the portfolio manager's, though he is not assigned; nobody of the team writes it."""
    project = roads().at("normal", "proposed")
    for person in ("pam", "sol", "root"):
        ran = project.attach("portfolio_decision", by=person, expect=4)
        assert "portfolio_manager" in ran.error["message"]
    project.attach("portfolio_decision", by="portia")
    assert [e["by"] for e in project.shown["evidence"]] == ["portia"]


def test_rule_9_by_default_anybody_assigned_attaches() -> None:
    """Whoever works on the case adds documents, nobody else does, and not any more once he left."""
    project = roads().at("small", "envisioning")
    project.attach("vision_scope", by="dev", expect=4)
    assert project.events()[-1]["kind"] == "denied"
    project.mofflow("assign", "P-1", "developer", "dev")
    project.attach("vision_scope", by="dev")
    project.mofflow("unassign", "P-1", "developer", "dev")
    project.attach("business_case", by="dev", expect=4)


def test_rule_9_nobody_grants_himself_a_role_nor_is_administrator_and_auditor() -> None:
    """The founding administrator gives roles to others; the two exclusive roles are never one person's."""
    mofflow = roads().at("small", "proposed").mofflow
    assert mofflow("person", "grant", "root", "customer", "--json", expect=4).error["code"] == "not_permitted"
    assert mofflow("person", "grant", "root", "auditor", "--json", expect=4).error["code"] == "not_permitted"
    mofflow("person", "grant", "nobody", "auditor")
    assert (
        mofflow("person", "grant", "nobody", "administrator", "--json", expect=4).error["code"]
        == "not_permitted"
    )
    assert (
        mofflow("person", "grant", "nobody", "tester", "--json", as_="cust", expect=4).error["code"]
        == "not_permitted"
    )


def test_rule_9_a_remark_may_come_from_anybody_who_is_known_and_active() -> None:
    """`*` in the permission policy: also from people without any role, and from auditors; not once deactivated."""
    mofflow = roads().at("small", "planning").mofflow
    mofflow("note", "P-1", "I heard of it.", as_="nobody")
    mofflow("person", "add", "audra", "--grant", "auditor")
    mofflow("note", "P-1", "Sampled.", as_="audra")
    mofflow("person", "deactivate", "nobody")
    ran = mofflow("note", "P-1", "Still here?", "--json", as_="nobody", expect=4)
    assert "deactivated" in ran.error["message"]
