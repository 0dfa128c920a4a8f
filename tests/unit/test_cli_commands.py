"""What commands print, on a small database of their own."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from mofflow.cli.main import main
from mofflow.declarations.yaml import read_data
from mofflow.domain.ledger import canonical
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


LISTS = (
    ("project", "list"),
    ("person", "list"),
    ("workflow", "list"),
    ("policy", "list"),
    ("obligation", "list"),
    ("evidence", "list", "P-1"),
    ("audit", "findings"),
    ("find", "mail"),
    ("history",),
)


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_a_limit_is_from_1_to_1000(mofflow: Mofflow, words: tuple[str, ...]) -> None:
    """Of every list; anything else is wrong usage, told in plain words."""
    for limit in ("1", "1000"):
        mofflow(*words, "--limit", limit, "--json")
    for limit in ("0", "1001", "-1", "x", ""):
        told = [f"'{limit}' is no whole number from 1 to 1000"]
        mofflow.refuses(*words, "--limit", limit, code="usage", told=told)
    mofflow.refuses(*words, "--cursor", "", code="usage")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("history", "--from", ""), "--from: '' is no time"),
        (("history", "--to", ""), "--to: '' is no time"),
        (("history", "P-1", "--at", ""), "--at: '' is no time"),
        (("history", "--person", ""), "Nobody is called ''"),
        (("person", "grant", "cust", "tester", "--until", ""), "--until: '' is no time"),
        (("person", "delegate", "customer", "--from", "", "--to", "ops", "--until", "P1D"), "customer"),
        (("person", "delegate", "customer", "--from", "cust", "--to", "", "--until", "P1D"), "called ''"),
        (("person", "list", "--role", ""), "no role ''"),
        (("person", "list", "--role", "custmer"), "(did you mean 'customer'?)."),
        (("advance", "P-1", "charter", "--request-id", ""), "1 to 200 printable ASCII"),
        (("advance", "P-1", "charter", "--request-id", "x" * 201), "1 to 200 printable ASCII"),
        (("advance", "P-1", "charter", "--request-id", "a\x1bb"), "1 to 200 printable ASCII"),
        (("advance", "P-1", "charter", "--request-id", "\u00e9"), "1 to 200 printable ASCII"),
        (("obligation", "settle", "P-1-O1", "--evidence", ""), "--evidence names"),
        (("show", "P-9"), "There is no case P-9 (did you mean 'P-1'?)."),
    ],
)
def test_what_is_empty_or_no_name_is_wrong_usage(mofflow: Mofflow, words: tuple[str, ...], told: str) -> None:
    """Never taken for nothing given: a script with an unset variable must not grant for ever."""
    code = "not_found" if words[0] == "show" else "usage"
    mofflow.refuses(*words, code=code, told=[told])


def test_a_request_id_may_have_200_characters(mofflow: Mofflow) -> None:
    """And is told back."""
    longest = "x" * 200
    done = mofflow("advance", "P-1", "charter", "--request-id", longest, "--json", as_="pam").json
    assert done["request_id"] == longest


def test_history_cites_clauses_as_why_does(mofflow: Mofflow) -> None:
    """As references of the clause map, in every format for programs."""
    mofflow("advance", "P-1", "charter", as_="pam")
    mofflow("advance", "P-1", "submit_vision", as_="pam", expect=1)
    guard = "submit_vision.business_case"
    (asked,) = (g for g in mofflow.why("P-1", "submit_vision")["guards"] if g["guard"] == guard)
    words = ("history", "P-1", "--trigger", "submit_vision")
    (event,) = mofflow(*words, "--json").json["events"]
    (kept,) = (g for g in event["guards"] if g["guard"] == guard)
    assert kept["clauses"] == asked["clauses"]
    assert "seed D1" in kept["clauses"]
    for form in ("ndjson", "csv"):
        assert "seed D1" in mofflow(*words, "--format", form).out


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


def test_the_fields_of_a_file_can_be_read(mofflow: Mofflow, tmp_path: Path) -> None:
    """As YAML that is read back as it is, and in records with digest and seal, of every version."""
    file = tmp_path / "vision.pdf"
    file.write_bytes(b"%PDF")
    given = {"vision": "Line \u202e\n: #", "in_scope": ["- a", "yes", "2026-01-01"], "revision": 3}
    fields = mofflow.write("fields.json", json.dumps(given))
    mofflow("attach", "P-1", "vision_scope", str(file), "--from", str(fields), as_="pam")
    told = mofflow("evidence", "get", "P-1", "vision_scope", "--fields").out
    assert "\u202e" not in told
    assert read_data(told.encode(), "stdout") == given
    record = mofflow("evidence", "get", "P-1", "vision_scope", "--fields", "--json").json
    assert (record["file"], record["fields"], record["version"]) == ("vision.pdf", given, 2)
    assert record["digest"] == hashlib.sha256(b"%PDF").hexdigest()
    sealed = canonical({"file": record["digest"], "fields": given})
    assert record["seal"] == hashlib.sha256(sealed).hexdigest()
    (listed,) = mofflow("evidence", "list", "P-1", "--json").json["items"]
    assert (listed["fields"], listed["seal"]) == (given, record["seal"])
    first = mofflow("evidence", "get", "P-1", "vision_scope", "--version", "1", "--json").json
    assert first["fields"] == {"vision": "Faster", "in_scope": ["orders"]}
    assert first["seal"] != record["seal"]
    with_file = mofflow("evidence", "get", "P-1", "vision_scope", "--json").json
    assert with_file == {**record, "content": "%PDF", "encoding": "utf-8"}
    both = ("evidence", "get", "P-1", "vision_scope", "--fields", "--output", str(tmp_path / "x"))
    mofflow.refuses(*both, code="usage")


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
    (document,) = mofflow("evidence", "list", "P-1", "--json").json["items"]
    digest, seal = document["digest"], document["seal"]
    assert f"vision_scope version 1, SHA-256 {digest}, seal {seal[:12]}\n" in tried.out
    assert "cust would approve vision as customer" in tried.out
    signed = mofflow("sign", "P-1", "vision", "--reject", "--comment", "No", "--json", as_="cust").json
    (one,) = signed["signoffs"]
    assert (one["name"], one["verdict"], one["documents"][0]["kind"]) == ("vision", "reject", "vision_scope")
    assert (one["documents"][0]["digest"], one["documents"][0]["seal"]) == (digest, seal)
    denied = mofflow("sign", "P-1", "vision", "--json", as_="ops", expect=4)
    assert denied.codes == ["SEPARATION"]
    (refusal,) = denied.error["refusals"]
    assert refusal["who"] == {"roles": ["customer"], "people": ["cust"], "barred": {}}
    early = mofflow("sign", "P-1", "plan", "--json", as_="cust", expect=1)
    assert early.codes == ["EVIDENCE_MISSING"]
    withdrawn = mofflow("withdraw", "P-1", "vision", "--reason", "x", as_="cust").out
    assert withdrawn == "cust's sign-off of vision on P-1 is withdrawn.\n"
    assert mofflow("show", "P-1", "--json").json["signoffs"][0]["withdrawn"] is True


def test_a_refused_sign_off_is_told_as_why_tells_it(mofflow: Mofflow) -> None:
    """With the clauses that it serves, who may give it, and the commands that help."""
    mofflow("person", "grant", "pam", "customer")
    mofflow("advance", "P-1", "charter", as_="pam")
    mofflow("evidence", "template", "business_case", "--case", "P-1")
    form = mofflow.write("form.yaml", mofflow("evidence", "template", "business_case").out)
    mofflow("attach", "P-1", "business_case", str(form), as_="pam")
    mofflow("advance", "P-1", "submit_vision", as_="pam")
    (refusal,) = mofflow("sign", "P-1", "vision", "--json", as_="pam", expect=4).error["refusals"]
    (asked,) = mofflow("why", "P-1", "approve", "--json", as_="pam", expect=None).json["triggers"]
    guard = next(g for g in asked["guards"] if g["guard"] == "approve.vision")
    assert (
        refusal["remedy"]
        == guard["remedy"]
        == [["--as", "cust", "sign", "P-1", "vision", "--role", "customer"]]
    )
    assert (refusal["guard"], refusal["clauses"]) == ("vision", guard["clauses"])
    assert refusal["who"]["people"] == ["cust"]
    assert "program_manager" in refusal["who"]["barred"]["pam"]
    early = mofflow("sign", "P-1", "provider_acceptance", "--json", as_="ops", expect=1)
    (later,) = early.error["refusals"]
    assert "seed D4" in later["clauses"]
    assert (later["who"]["people"], later["remedy"]) == (["ops"], [])  # no trigger asks for it yet


def test_an_act_that_is_denied_lists_one_refusal(mofflow: Mofflow) -> None:
    """For attach, set, assign and waive alike."""
    waive = ("waive", "P-1", "go.support_handover", "--reason", "r", "--until", "P3D")
    mofflow("project", "create", "Another", "--key", "P-W")
    for act, words in (
        ("attach", ("attach", "P-1", "closure_note", "--set", "reason=r", "--set", "disposition=d")),
        ("set_fields", ("set", "P-1", "discipline=agile")),
        ("assign", ("assign", "P-1", "tester", "ops")),
        ("waive", (waive[0], "P-W", *waive[2:])),
    ):
        denied = mofflow(*words, "--json", as_="cust", expect=4)
        assert [(r["guard"], r["code"]) for r in denied.error["refusals"]] == [(act, "NOT_PERMITTED")]


def test_a_diagram_can_stand_in_a_record(mofflow: Mofflow) -> None:
    """With --json; otherwise it is printed as it is. A schema is JSON either way."""
    plain = mofflow("workflow", "diagram", "deliver-project", "--format", "dot").out
    told = mofflow("workflow", "diagram", "deliver-project", "--format", "dot", "--json").json
    assert told == {"workflow": "deliver-project", "size": None, "format": "dot", "diagram": plain}
    assert mofflow("policy", "schema", "roles").json == mofflow("policy", "schema", "roles", "--json").json


def test_the_list_of_policies_fits_a_screen(mofflow: Mofflow) -> None:
    """What each says is shown by `policy show`, and to programs."""
    table = mofflow("policy", "list").out
    assert max(len(line) for line in table.splitlines()) < 100
    items = mofflow("policy", "list", "--json").json["items"]
    said = next(i["statement"] for i in items if i["name"] == "mandatory")
    assert " ".join(said.split()) in mofflow("policy", "show", "mandatory").out


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
