"""The shipped policies: complete, accepted by their own schemas, with examples that pass."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mofflow.declarations.policies import digest_of, policies_from, read_policies, schema
from mofflow.declarations.yaml import read_data
from mofflow.domain.case import Case, Evidence, Moment, evidence_id
from mofflow.domain.example import render
from mofflow.domain.facts import Facts
from mofflow.domain.people import People
from mofflow.domain.policy import Policies, SetClass
from mofflow.domain.workflow import State, Workflow

SHIPPED = Path(__file__).parents[2] / "policies"
NOW = datetime(2024, 2, 29, 22, 30, 15, 500_000, tzinfo=UTC)
SMALL = [
    "vision_scope", "business_case", "acceptance_criteria", "acceptance_environment", "release_candidate",
    "pilot_report", "configuration_baseline", "back_out_plan", "security_assessment", "site_record",
    "deployment_impact", "monitoring_report", "post_implementation_review",
]  # fmt: skip
KINDS = [
    "portfolio_decision", "vision_scope", "risk_assessment", "requirements", "project_structure",
    "business_case", "service_agreement", "milestone_report", "functional_specification", "solution_design",
    "master_plan", "master_schedule", "acceptance_criteria", "cost_allocation", "capacity_plan",
    "continuity_review", "plan_minutes", "build_record", "acceptance_environment", "customer_baseline",
    "training_content", "pilot_plan", "deployment_plan", "test_specification", "release_candidate",
    "uat_result", "pilot_report", "release_signoff_form", "configuration_baseline", "back_out_plan",
    "security_assessment", "support_handover", "site_record", "deployment_impact", "monitoring_plan",
    "restoration_audit", "monitoring_report", "post_implementation_review", "project_review",
    "satisfaction_survey", "closure_note",
]  # fmt: skip


@pytest.fixture(scope="module")
def content() -> dict[str, object]:
    """What the shipped files hold."""
    return read_policies(SHIPPED)


@pytest.fixture(scope="module")
def policies(content: dict[str, object]) -> Policies:
    """The shipped policies, built from the JSON that a database would keep."""
    return policies_from(json.loads(json.dumps(content)), digest_of(content))


def facts(policies: Policies, evidence: dict[str, Evidence]) -> Facts:
    moment = Moment(at=NOW, seq=1)
    workflow = Workflow(
        name="w", version="1", title="", kind="project", prefix="PRJ", digest="", initial="open",
        states={"open": State(name="open", stage="envision", order=0)}, transitions=(), fields={},
    )  # fmt: skip
    case = Case(
        key="PRJ-1", kind="project", title="", workflow="w", definition="", state="open", entered=moment,
        opened=moment, version=1, seq=1, last_at=NOW, opened_by="ann", evidence=evidence,
    )  # fmt: skip
    return Facts(case=case, workflow=workflow, policies=policies, people=People(), now=NOW)


def rendered(policies: Policies, kinds: list[str]) -> dict[str, Any]:
    """Every example in the order of the work, each rendered with those before it on the case."""
    evidence: dict[str, Evidence] = {}
    for kind in kinds:
        declared = policies.evidence[kind]
        key = "main" if declared.keyed_by else None
        made: Any = render(
            declared.example, facts(policies, evidence), kind=kind, key=key, actor="ann", revision=2
        )
        evidence[evidence_id(kind, key)] = Evidence(
            kind=kind, key=key, version=1, digest="d" * 64, fields=made, attached=Moment(at=NOW, seq=1), by="ann",
            changed_by=("ann",), kind_digest=declared.digest, size=1, name=f"{kind}.yaml", seal="e" * 64,
        )  # fmt: skip
    return {document.kind: document.fields for document in evidence.values()}


@pytest.mark.parametrize(
    "kinds", [SMALL, KINDS, *([kind] for kind in KINDS)], ids=lambda kinds: "+".join(kinds)[:40]
)
def test_every_example_is_valid_in_every_size(policies: Policies, kinds: list[str]) -> None:
    """A small project has 13 documents, the others requirements to follow; alone, `else` is taken."""
    for kind, fields in rendered(policies, kinds).items():
        assert policies.evidence[kind].faults(fields) == ()
        assert json.loads(json.dumps(fields)) == fields


def test_examples_are_what_passes_the_gates(policies: Policies) -> None:
    """Dates, results for each criterion and requirement, and decisions are those that guards look for."""
    made = rendered(policies, KINDS)
    needs = [item["id"] for item in made["requirements"]["items"]]
    criteria = made["acceptance_criteria"]["criteria"]
    assert [c["serves"] for c in criteria] == [[need] for need in needs]
    assert all(c["deployment"] is True for c in criteria)
    assert [f["id"] for f in made["build_record"]["features"]] == needs
    for kind in ("uat_result", "pilot_report"):
        assert [(r["criterion"], r["met"]) for r in made[kind]["results"]] == [
            (c["id"], True) for c in criteria
        ]
    assert (made["pilot_report"]["start"], made["pilot_report"]["end"]) == (
        "2024-02-15T22:30:15Z",
        "2024-02-29T22:30:15Z",
    )
    assert (
        made["monitoring_report"]["period_end"] == made["site_record"]["finished"] == "2024-02-29T22:30:15Z"
    )
    assert made["site_record"]["site"] == "main"
    assert made["release_candidate"]["version"] == "rc2"
    assert made["security_assessment"]["bypassed"] == []
    assert made["portfolio_decision"]["decision"] == "approve"
    assert "serves" not in rendered(policies, SMALL)["acceptance_criteria"]["criteria"][0]


def test_all_kinds_roles_sets_and_clauses_are_there(policies: Policies) -> None:
    """41 kinds of document, 30 role types, 16 sign-off sets, 36 clauses, 9 mandates."""
    assert sorted(policies.evidence) == sorted(KINDS)
    assert [len(p) for p in (policies.roles, policies.signoffs, policies.clauses, policies.mandates)] == [
        30,
        16,
        36,
        9,
    ]
    interface = policies.roles["business_interface"]
    assert (interface.unique, interface.stands_in) == (True, ("service_level_manager", "solution_manager"))
    assert policies.roles["security_manager"].filled
    assert policies.waivers.never == ("D1", "D2", "D3", "D4", "D5", "D6", "M6", "M11", "M15")
    assert policies.calendar.durations["quiet_period"] == "P15D"
    assert policies.clauses["D4"].references == ("20000-1:2018 8.5.2.3", "seed D4")
    assert policies.statements["evidence-build"]["owner"] == "solution_manager"
    assert policies.permissions["note"] == ("*",)


@pytest.mark.parametrize(
    ("name", "size", "seats"),
    [
        ("plan", "small", ["customer"]),
        ("plan", "large", ["customer", "operations_manager", "finance_manager", "architect"]),
        ("scope", "small", []),
        ("scope", "normal", ["operations_manager"]),
        ("uat", "large", ["customer"]),
        ("provider_acceptance", "small", ["operations_manager or service_owner or service_level_manager"]),
        ("release", "large", ["operations_manager", "customer", "security_manager"]),
        ("completion", "large", ["customer", "operations_manager", "support_manager"]),
    ],
)
def test_seats_are_those_of_the_table(policies: Policies, name: str, size: str, seats: list[str]) -> None:
    """Samples of the table of sign-off sets."""
    assert [seat.label for seat in policies.signoffs[name].seats_for(size)] == seats


def test_separation_bars_whom_it_should(policies: Policies) -> None:
    """Approval bars those who run and build, and authors; acceptance the whole team and whoever signs as customer."""
    separation = policies.separation
    assert separation.barred_roles[SetClass.APPROVAL] == ("program_manager", "developer", "release_manager")
    assert len(separation.barred_roles[SetClass.ACCEPTANCE]) == 7
    assert separation.authors == {SetClass.APPROVAL}
    assert separation.signers[SetClass.ACCEPTANCE] == ("customer",)
    assert separation.barred_roles[SetClass.ATTESTATION] == ()
    assert separation.distinct_roles == (("developer", "tester"),)
    assert separation.exclusive_grants == (("administrator", "auditor"),)


def test_clauses_of_memory_are_not_confirmed(policies: Policies, content: Any) -> None:
    """`confirmed` speaks of the newest edition, `from_memory` of each."""
    rules = content["clauses"]["rules"]
    assert {
        name for name, rule in rules.items() if rule["confirmed"] == ("2018" in rule["from_memory"])
    } == set()
    assert not policies.clauses["M11"].confirmed  # 8.5.1.3 was remembered only
    assert policies.clauses["D4"].confirmed  # 8.5.2.3 was found


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_generated_schemas_accept_the_shipped_files(file: Path) -> None:
    """Editors and users may check files with the schema of their kind; it refuses an unknown key as the reader does."""
    data: Any = read_data(file)
    made = schema(data["policy"])
    Draft202012Validator.check_schema(made)
    assert [e.message for e in Draft202012Validator(made).iter_errors(data)] == []
    assert list(Draft202012Validator(made).iter_errors({**data, "extra": 1}))
    assert "null" not in json.dumps(made)


def test_policies_are_built_in_a_few_milliseconds(content: dict[str, object]) -> None:
    """It happens at every command; the bound leaves room for a slow machine."""
    best = min(_seconds(content) for _ in range(5))
    assert best < 0.02


def _seconds(content: dict[str, object]) -> float:
    begun = time.perf_counter()
    policies_from(content, "")
    return time.perf_counter() - begun


def test_every_document_is_explained_and_says_whether_it_states_facts(policies: Policies) -> None:
    """Titles and purposes are for people; statements are what a remedy asks "if this is so"."""
    assert all(kind.title and kind.purpose.endswith(".") for kind in policies.evidence.values())
    stated = {name for name, kind in policies.evidence.items() if kind.statement}
    assert {"pilot_report", "uat_result", "monitoring_report", "site_record", "security_assessment"} <= stated
    assert not stated & {"vision_scope", "requirements", "master_plan", "back_out_plan"}
    assert all(set(kind.clauses) <= set(policies.clauses) for kind in policies.evidence.values())
