"""What commands print, on a small database of their own."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from mofflow.cli.main import main
from tests.support.command import Mofflow

PEOPLE = {
    "pam": ("program_manager", "solution_manager"),
    "cust": ("customer",),
    "ops": ("operations_manager",),
}
START = "2026-01-05T09:00:00Z"
HOLD = ("--reason", "wait", "--set", "review_date=2026-02-01")


@pytest.fixture
def mofflow(tmp_path: Path) -> Mofflow:
    """A project with its managers, and one document."""
    made = Mofflow(tmp_path, now=START).init(PEOPLE)
    made("project", "create", "Replace \u202email", "--set", "size=small")
    for role in PEOPLE["pam"]:
        made("assign", "P-1", role, "pam")
    made("attach", "P-1", "vision_scope", "--set", "vision=Faster", "--set", 'in_scope=["orders"]', as_="pam")
    return made


def test_show_and_lists_have_the_keys_of_the_contract(mofflow: Mofflow) -> None:
    """The same for the record and for items."""
    keys = {
        *("key", "title", "kind", "workflow", "category", "state", "stage", "version", "final"),
        *("people", "evidence", "signoffs", "links", "deadlines"),
    }
    shown = mofflow("show", "P-1", "--json").json
    (item,) = mofflow("project", "list", "--json").json["items"]
    assert keys <= set(shown)
    assert keys <= set(item)
    assert (shown["stage"], shown["final"], shown["category"], shown["links"]) == (
        "envision",
        False,
        None,
        [],
    )
    assert shown["people"] == {"program_manager": ["pam"], "solution_manager": ["pam"]}


def test_a_title_cannot_steer_the_terminal(mofflow: Mofflow) -> None:
    """In every table; JSON keeps it, escaped."""
    for words in (
        ("show", "P-1"),
        ("project", "list"),
        ("project", "board"),
        ("history", "P-1"),
        ("find", "mail"),
    ):
        assert "\u202e" not in mofflow(*words).out
    assert mofflow("show", "P-1", "--json").json["title"] == "Replace \u202email"
    assert "\\u202e" in mofflow("show", "P-1", "--json").out


def test_history_has_the_keys_of_the_contract(mofflow: Mofflow) -> None:
    """And pages, oldest first."""
    page = mofflow("history", "P-1", "--limit", "2", "--json").json
    assert set(page["events"][0]) >= {
        *(
            "case",
            "seq",
            "at",
            "recorded_at",
            "actor",
            "acting_for",
            "entered_by",
            "kind",
            "trigger",
            "from",
            "to",
        ),
        *("outcome", "guards", "definition", "policy", "hash", "prev"),
    }
    rest = mofflow("history", "P-1", "--cursor", page["next_cursor"], "--json").json
    assert [e["seq"] for e in page["events"] + rest["events"]] == [1, 2, 3, 4]
    assert rest["next_cursor"] is None
    assert len(mofflow("history", "P-1", "--format", "ndjson").out.splitlines()) == 4


def test_every_list_pages(mofflow: Mofflow) -> None:
    """Page by page it gives the whole, and a cursor that is none is wrong usage."""
    whole = mofflow("person", "list", "--json").json["items"]
    parts: list[object] = []
    cursor: list[str] = []
    for _ in whole:
        page = mofflow("person", "list", "--limit", "1", *cursor, "--json").json
        parts += page["items"]
        cursor = ["--cursor", page["next_cursor"]] if page["next_cursor"] else []
    assert parts == whole
    assert cursor == []
    mofflow.refuses("person", "list", "--cursor", "x", code="usage", told=["next_cursor"])
    assert mofflow("find", "mail", "--limit", "1", "--json").json["next_cursor"] is None


def test_the_state_at_a_time_is_shown(mofflow: Mofflow) -> None:
    """As it was; before the first event there was nothing."""
    mofflow.now = "2026-01-06T09:00:00Z"
    mofflow("note", "P-1", "later")
    assert mofflow("history", "P-1", "--at", START, "--json").json["seq"] == 4
    assert mofflow("history", "P-1", "--at", "2026-01-06", "--json").json["seq"] == 5
    mofflow.refuses("history", "P-1", "--at", "2025-01-06", code="not_found")
    mofflow.refuses("history", "--at", "2025-01-06", code="usage", told=["history KEY --at"])


def test_advance_prints_the_transition(mofflow: Mofflow) -> None:
    """With the keys of the contract; on a dry run without an event."""
    tried = mofflow("advance", "P-1", "charter", "--dry-run", "--json", as_="pam").json
    done = mofflow("advance", "P-1", "charter", "--json", as_="pam").json
    assert set(done) >= {
        *(
            "case",
            "trigger",
            "from",
            "to",
            "version",
            "event",
            "at",
            "recorded_at",
            "request_id",
            "obligations",
        ),
    }
    assert (done["from"], done["to"], done["at"]) == (
        "proposed",
        "envisioning",
        "2026-01-05T09:00:00.000000Z",
    )
    assert (tried["event"], tried["dry_run"], tried["version"]) == (None, True, done["version"])
    assert "would go" in mofflow("advance", "P-1", "hold", *HOLD, "--dry-run", as_="pam").out


def test_a_refusal_lists_every_failing_guard(mofflow: Mofflow) -> None:
    """Exit 1 for whom the trigger is for, 4 for another; a person reads the commands that help."""
    mofflow("advance", "P-1", "charter", as_="pam")
    refused = mofflow("advance", "P-1", "submit_vision", "--json", as_="pam", expect=1).error
    (refusal,) = refused["refusals"]
    assert refused["code"] == "refused"
    assert set(refusal) >= {
        "guard",
        "code",
        "clauses",
        "message",
        "hint",
        "who",
        "remedy",
        "not_before",
        "passed",
    }
    assert (refusal["guard"], refusal["code"]) == ("submit_vision.business_case", "EVIDENCE_MISSING")
    assert "seed D1" in refusal["clauses"]
    denied = mofflow("advance", "P-1", "submit_vision", as_="cust", expect=4)
    assert denied.out == ""
    assert "Not permitted: cust may not fire submit_vision" in denied.err
    assert "$ mofflow --as pam attach P-1 business_case <business_case>" in denied.err


def test_a_wrong_state_is_refused(mofflow: Mofflow) -> None:
    """Exit 1, code WRONG_STATE, and what there is instead."""
    refused = mofflow("advance", "P-1", "go", "--json", as_="pam", expect=1).error
    assert [r["code"] for r in refused["refusals"]] == ["WRONG_STATE"]
    answer = mofflow("why", "P-1", "go", "--json", expect=1).json
    assert answer["triggers"][0]["guards"][0]["code"] == "WRONG_STATE"


def test_why_reads_pleasantly(mofflow: Mofflow) -> None:
    """Each trigger, who may fire it, what it needs, and under it the guards that fail."""
    mofflow("advance", "P-1", "charter", as_="pam")
    lines = mofflow("why", "P-1").out.splitlines()
    assert lines[0] == "P-1 is in envisioning (envision), version 5."
    assert "✗ submit_vision → vision_review  not yet" in lines
    assert "    by program_manager: pam" in lines
    assert "  ✓ submit_vision.vision_scope" in lines
    assert any(line.startswith("  ✗ submit_vision.business_case EVIDENCE_MISSING [") for line in lines)
    assert "      $ mofflow --as pam attach P-1 business_case <business_case>" in lines
    assert "    needs --set 'reason=Why hold is right now.'" in lines


def test_a_date_ahead_is_told_in_local_time(mofflow: Mofflow) -> None:
    """Of the person who asks."""
    mofflow("person", "add", "tok", "--zone", "Asia/Tokyo")
    assert "2026-01-05 18:00 JST" in mofflow("history", "P-1", as_="tok").out
    assert "2026-01-05 09:00 UTC" in mofflow("history", "P-1").out


def test_a_document_comes_back_as_it_went_in(mofflow: Mofflow, tmp_path: Path) -> None:
    """To stdout, into a file that was not there, or inside a record."""
    file = tmp_path / "picture.bin"
    file.write_bytes(b"\xff\x00 picture")
    fields = mofflow.write("fields.json", json.dumps({"vision": "Drawn", "in_scope": ["all"]}))
    attached = mofflow(
        "attach", "P-1", "vision_scope", str(file), "--from", str(fields), "--json", as_="pam"
    ).json
    assert attached["evidence"][0]["file"] == "picture.bin"
    assert attached["evidence"][0]["version"] == 2
    target = tmp_path / "copy.bin"
    got = mofflow("evidence", "get", "P-1", "vision_scope", "--output", str(target), "--json").json
    assert target.read_bytes() == file.read_bytes()
    assert (got["size"], got["version"]) == (10, 2)
    mofflow.refuses("evidence", "get", "P-1", "vision_scope", "--output", str(target), code="conflict")
    nowhere = str(tmp_path / "no" / "folder")
    mofflow.refuses("evidence", "get", "P-1", "vision_scope", "--output", nowhere, code="usage")
    inside = mofflow("evidence", "get", "P-1", "vision_scope", "--json").json
    assert (inside["encoding"], base64.b64decode(inside["content"])) == ("base64", file.read_bytes())
    first = mofflow("evidence", "get", "P-1", "vision_scope", "--version", "1").out
    assert json.loads(first)["vision"] == "Faster"


def test_a_bundle_attaches_several_kinds_from_standard_input(mofflow: Mofflow) -> None:
    """All or none."""
    bundle = "vision_scope: {vision: x, in_scope: [y]}\nclosure_note: {reason: r, disposition: d}\n"
    ran = CliRunner(env=mofflow.environment).invoke(
        main, ["--as", "pam", "attach", "P-1", "--from", "-", "--json"], input=bundle
    )
    assert [e["name"] for e in json.loads(ran.stdout)["evidence"]] == ["vision_scope", "closure_note"]
    mofflow.refuses("attach", "P-1", code="usage", as_="pam")
    mofflow.refuses("attach", "P-1", "vision_scope", code="usage", told=["evidence template"], as_="pam")


@pytest.mark.parametrize(
    "kind", ["vision_scope", "acceptance_criteria", "site_record", "pilot_report", "back_out_plan"]
)
def test_a_form_is_accepted_as_it_is(mofflow: Mofflow, kind: str) -> None:
    """Commented YAML that the schema of its kind accepts."""
    form = mofflow("evidence", "template", kind, "--case", "P-1").out
    assert form.startswith("# ")
    file = mofflow.write("form.yaml", form)
    mofflow("attach", "P-1", kind, str(file), as_="pam")
    without = mofflow("evidence", "template", kind, "--json").json
    assert {"kind", "title", "purpose", "schema", "example", "statement"} <= set(without)


def test_sign_shows_what_it_binds_to(mofflow: Mofflow) -> None:
    """The documents and their digests; a refusal has an entry of its own."""
    tried = mofflow("sign", "P-1", "vision", "--dry-run", as_="cust")
    assert "vision_scope version 1, SHA-256 " in tried.out
    assert "cust would approve vision as customer" in tried.out
    signed = mofflow("sign", "P-1", "vision", "--reject", "--comment", "No", "--json", as_="cust").json
    (one,) = signed["signoffs"]
    assert (one["name"], one["verdict"], one["documents"][0]["kind"]) == ("vision", "reject", "vision_scope")
    denied = mofflow("sign", "P-1", "vision", "--json", as_="ops", expect=4)
    assert denied.codes == ["SEPARATION"]
    early = mofflow("sign", "P-1", "plan", "--json", as_="cust", expect=1)
    assert early.codes == ["EVIDENCE_MISSING"]
    withdrawn = mofflow("withdraw", "P-1", "vision", "--reason", "x", as_="cust").out
    assert withdrawn == "cust's sign-off of vision on P-1 is withdrawn.\n"
    assert mofflow("show", "P-1", "--json").json["signoffs"][0]["withdrawn"] is True


def test_projects_that_owe_something_are_found(mofflow: Mofflow) -> None:
    """Nothing is owed here, and an unknown stage is told."""
    assert mofflow("project", "list", "--overdue", "--json").json == {"items": [], "next_cursor": None}
    assert mofflow("project", "list", "--stage", "envision", "--format", "csv").out.count("\n") == 2
    board = mofflow("project", "board", "--json").json["items"]
    assert [entry["stage"] for entry in board][:2] == ["envision", "project_planning"]
    assert board[0]["cases"][0]["key"] == "P-1"


def test_a_workflow_that_differs_is_compared(mofflow: Mofflow, tmp_path: Path) -> None:
    """Part by part, a file against the one in force."""
    from mofflow.declarations.files import DeclarationFiles

    text = DeclarationFiles().shipped_workflows()[0].read_text()
    file = tmp_path / "changed.yaml"
    file.write_text(
        text.replace('version: "1"', 'version: "2"').replace("values: [msf, ", "values: [msf, lean, ")
    )
    items = mofflow("workflow", "diff", "deliver-project", str(file), "--json").json["items"]
    assert {(i["change"], i["what"], i["name"]) for i in items} == {
        ("changed", "workflow", "version"),
        ("changed", "field", "discipline"),
    }
    adopted = mofflow("workflow", "adopt", str(file), "--json").json
    assert (adopted["version"], adopted["touches"], adopted["unchanged"]) == ("2", ["P-1"], False)
    assert [d["in_force"] for d in mofflow("workflow", "list", "--json").json["items"]] == [False, True]
    mofflow.refuses("workflow", "adopt", "shipped:nothing", code="not_found", told=["deliver-project"])


def test_a_file_that_is_no_workflow_has_problems_of_schema(mofflow: Mofflow) -> None:
    """On stdout, as an answer: exit 1."""
    file = mofflow.write("bad.yaml", "workflow: x\nbogus: 1\n")
    answer = mofflow("workflow", "check", str(file), "--json", expect=1).json
    assert set(answer) >= {"workflow", "ok", "problems"}
    assert answer["ok"] is False
    assert {p["check"] for p in answer["problems"]} == {"schema"}
    assert set(answer["problems"][0]) >= {"check", "message", "state", "trigger", "path"}


def test_findings_are_an_answer_with_exit_code_1(mofflow: Mofflow) -> None:
    """On stdout, whatever they are."""
    mofflow("project", "create", "Another", "--key", "P-W")
    for role in ("program_manager", "solution_manager"):
        mofflow("assign", "P-W", role, "pam")
    assert mofflow("audit", "findings", "--json").json["items"] == []
    mofflow("waive", "P-W", "go.support_handover", "--reason", "r", "--until", "P3D", as_="pam")
    (finding,) = mofflow("audit", "findings", "--json", expect=1).json["items"]
    assert set(finding) >= {"code", "severity", "case", "clauses", "message", "events", "first_seen", "state"}
    assert finding["code"] == "WAIVED_GUARD"
    assert "waivers" in mofflow("show", "P-W").out


def test_the_database_is_told_and_copied(mofflow: Mofflow, tmp_path: Path) -> None:
    """The mark for stated time stands in its status."""
    status = mofflow("db", "status", "--json").json
    assert (status["stated_time"], status["integrity"], status["cases"]) == (True, "ok", 1)
    assert "already" in mofflow("db", "upgrade").out
    copy = tmp_path / "copy.db"
    mofflow("db", "backup", str(copy), "--dry-run")
    assert not copy.exists()
    mofflow("db", "backup", str(copy))
    assert copy.exists()
    mofflow.refuses("db", "backup", str(copy), code="conflict")


def test_people_are_delegated_for_and_deactivated(mofflow: Mofflow) -> None:
    """Each with what it leaves behind."""
    mofflow("person", "add", "dep", "--name", "Deputy")
    lent = mofflow(
        "person", "delegate", "customer", "--from", "cust", "--to", "dep", "--until", "P7D", "--json"
    ).json
    assert lent["until"] == "2026-01-12T09:00:00.000000Z"
    listed = mofflow("person", "list", "--role", "customer", "--json").json["items"]
    assert {p["id"]: p["roles"] for p in listed} == {"cust": ["customer"], "dep": ["customer for cust"]}
    gone = mofflow("person", "deactivate", "pam", "--json").json
    assert gone["open_seats"] == [
        {"case": "P-1", "role": "program_manager"},
        {"case": "P-1", "role": "solution_manager"},
    ]
    assert "pam" not in [p["id"] for p in mofflow("person", "list", "--json").json["items"]]
    assert "pam" in mofflow("person", "list", "--all").out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["show"], {"P-1"}),
        (["advance", "P-1"], {"charter", "decline", "hold", "cancel"}),
        (["attach", "P-1"], {"vision_scope"}),
        (["sign", "P-1"], {"vision"}),
        (["assign", "P-1"], {"tester"}),
        (["assign", "P-1", "tester"], {"pam"}),
        (["workflow", "show"], {"deliver-project"}),
        (["advance", "P-9"], set()),
    ],
)
def test_a_shell_completes_names(
    mofflow: Mofflow, words: list[str], wanted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of the database; where there is no answer, nothing is offered."""
    for name, value in mofflow.environment.items():
        monkeypatch.setenv(name, value)
    offered = {item.value for item in BashComplete(main, {}, "mofflow", "_X").get_completions(words, "")}
    assert wanted <= offered if wanted else not offered
