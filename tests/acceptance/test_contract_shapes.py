"""The contract of the command line (cli.md): JSON keys, exit codes, formats, pages, dry runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from mofflow.cli.main import main
from tests.support.command import Mofflow, clear
from tests.support.remedies import Project, roads

ROOT = Path(__file__).parents[2]
EVENT = {
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
        "outcome",
    ),
    *("guards", "definition", "policy", "hash", "prev"),
}
GUARD = {"guard", "code", "passed", "clauses", "message", "hint", "who", "remedy", "not_before"}
CASE = {
    *(
        "key",
        "title",
        "kind",
        "workflow",
        "category",
        "state",
        "stage",
        "version",
        "final",
        "people",
        "evidence",
        "signoffs",
    ),
    *("links", "deadlines"),
}
PLACEHOLDER = {"placeholder", "kind", "schema", "example", "statement", "prefix"}


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command, by the words that call it."""

    def inside(
        words: tuple[str, ...], found: click.Command
    ) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        if not isinstance(found, click.Group):
            yield words, found
            return
        context = click.Context(found)
        for name in found.list_commands(context):
            inner = found.get_command(context, name)
            assert inner is not None
            yield from inside((*words, name), inner)

    yield from inside((), main)


COMMANDS = dict(commands())
NO_RECORD = {
    ("workflow", "diagram"),
    ("completion",),
    ("demo",),
}  # what they print is no record
READING: dict[tuple[str, ...], tuple[str, ...]] = {
    ("show",): ("P-1",),
    ("why",): ("P-1",),
    ("history",): ("P-1",),
    ("find",): ("project",),
    ("evidence", "list"): ("P-1",),
    ("evidence", "get"): ("P-1", "business_case"),
    ("evidence", "template"): ("pilot_report", "--case", "P-1"),
    ("obligation", "list"): ("P-1",),
    ("project", "list"): (),
    ("project", "board"): (),
    ("person", "list"): (),
    ("workflow", "list"): (),
    ("workflow", "show"): ("deliver-project",),
    ("workflow", "check"): (str(ROOT / "workflows" / "deliver-project.yaml"),),
    ("workflow", "diff"): ("deliver-project", str(ROOT / "workflows" / "deliver-project.yaml")),
    ("policy", "list"): (),
    ("policy", "show"): ("roles",),
    ("policy", "check"): (str(ROOT / "policies"),),
    ("policy", "schema"): ("roles",),
    ("audit", "findings"): (),
    ("db", "status"): (),
    ("version",): (),
}


def test_every_command_is_known_to_these_tests_as_reading_or_changing() -> None:
    """A new command has to be put into one of the lists below."""
    assert set(COMMANDS) - NO_RECORD == set(READING) | {words for words, _ in CHANGING}


# Formats


@pytest.fixture(scope="module")
def conditional() -> Project:
    """A normal project in deploying with an open condition, a waiver, and things to show everywhere."""
    project = roads().at("normal", "release_review")
    for kind in ("configuration_baseline", "back_out_plan", "security_assessment"):
        project.attach(kind)
    project.attach("release_signoff_form", outcome="conditional")
    project.sign("provider_acceptance", "ops")
    project.sign("release", "ops")
    project.mofflow(
        "waive", "P-1", "go.support_handover", "--reason", "x", "--until", "2026-01-20", as_="sol"
    )
    given = [{"guard": "support_handover", "owner": "sup", "due": "2026-01-31"}]
    project.advance("conditional_go", "sol", conditions=given)
    return project


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_prints_table_json_ndjson_and_csv(
    conditional: Project, words: tuple[str, ...]
) -> None:
    """Each is well formed and says the same; `--json` is `--format json`; nothing is written."""
    mofflow, given = conditional.mofflow, READING[words]
    with mofflow.unchanged():
        table = mofflow(*words, *given, expect=None)
        assert table.code in (0, 1), table
        assert table.out or table.err
        runs = {
            form: mofflow(*words, *given, "--format", form, expect=table.code).out
            for form in ("json", "ndjson", "csv")
        }
        assert mofflow(*words, *given, "--json", expect=table.code).out == runs["json"]
        assert mofflow(*words, *given, "--format", "table", expect=table.code).out == table.out
    whole = json.loads(runs["json"])
    lines = [json.loads(line) for line in runs["ndjson"].splitlines()]
    rows = list(csv.reader(io.StringIO(runs["csv"])))
    name = "events" if words == ("history",) else "items"
    items = whole[name] if set(whole) == {name, "next_cursor"} else [whole]
    assert lines == items
    assert len(rows) == 1 + len(items)
    if items:
        assert rows[0] == list(items[0])
    assert len({len(row) for row in rows}) == 1


def test_an_unknown_format_is_wrong_usage(conditional: Project) -> None:
    """The known ones are named."""
    conditional.mofflow.refuses("show", "P-1", "--format", "xml", code="usage", told=["ndjson"])


def test_times_are_utc_in_json_and_local_with_the_zone_in_tables() -> None:
    """A person's zone decides what tables show; JSON is ISO 8601 in UTC."""
    mofflow = roads().at("small", "building").mofflow
    mofflow("person", "add", "jane", "--zone", "Asia/Tokyo")
    assert "2026-01-05 18:00 JST" in mofflow("history", "P-1", as_="jane").out
    assert "2026-01-05 09:00 UTC" in mofflow("history", "P-1").out
    assert {e["at"] for e in mofflow("history", "P-1", "--json", as_="jane").json["events"]} == {
        "2026-01-05T09:00:00.000000Z"
    }


# Shapes


@pytest.mark.parametrize("size", ["small", "normal", "large"])
@pytest.mark.parametrize(
    "state", ["proposed", "envisioning", "planning", "building", "stabilizing", "release_review", "deploying"]
)
def test_why_has_its_keys(size: str, state: str) -> None:
    """Case, state, stage, version, final, triggers; each guard and each placeholder with all of its keys."""
    project = roads().at(size, state)
    ran = project.mofflow("why", "P-1", "--json", expect=None)
    answer = ran.json
    assert set(answer) == {"case", "state", "stage", "version", "final", "triggers"}
    assert (answer["case"], answer["state"], answer["final"]) == ("P-1", state, False)
    assert ran.code == (0 if any(t["available"] for t in answer["triggers"]) else 1)
    known = {p["id"] for p in project.mofflow("person", "list", "--json").json["items"]}
    for trigger in answer["triggers"]:
        assert set(trigger) == {"trigger", "target", "available", "needs", "by", "guards"}
        assert set(trigger["by"]) == {"roles", "people"}
        assert set(trigger["by"]["people"]) <= known
        assert all(set(need) == {"name", "schema", "example"} for need in trigger["needs"])
        for guard in trigger["guards"]:
            assert set(guard) >= GUARD
            assert set(guard["who"]) >= {"roles", "people"}
            assert guard["passed"] or (guard["code"] and guard["message"] and guard["hint"])
            assert isinstance(guard["remedy"], list)
            for word in (word for line in guard["remedy"] for word in line):
                if isinstance(word, dict):
                    person = {"not", "distinct_from"} if word["kind"] == "person" else set()
                    assert set(word) == PLACEHOLDER | person
                    assert word["kind"] in ("file", "value", "person")
                else:
                    assert isinstance(word, str)


def test_guards_of_why_stand_in_the_order_that_is_safe_to_follow() -> None:
    """Roles, fields, documents, dates, obligations, sign-offs, then `by`."""
    project = roads().at("large", "planning")
    families = [g["guard"].partition(".")[2] for g in project.mofflow.why("P-1", "submit_plan")["guards"]]
    assert (
        families.index("product_manager") < families.index("declared") < families.index("acceptance_criteria")
    )
    assert families[-1] == "service_agreement_signed"


def test_why_of_one_trigger_says_whether_it_is_available_by_its_exit_code() -> None:
    """0 if that trigger can be fired, else 1; never a side effect."""
    project = roads().at("small", "building")
    with project.mofflow.unchanged():
        project.mofflow("why", "P-1", "hold", expect=0)
        project.mofflow("why", "P-1", "declare_complete", expect=1)
        project.mofflow("why", "P-1", "go", expect=1)  # it does not leave the state


def test_nobody_may_fire_is_told_last() -> None:
    """Where no role is held, the last entry is `by` with NOBODY_MAY_FIRE and a remedy."""
    project = roads().at("normal", "proposed")
    project.mofflow("person", "deactivate", "portia")
    answer = project.mofflow.why("P-1", "decline")
    assert answer["available"] is False
    assert answer["by"]["people"] == []
    assert (answer["guards"][-1]["guard"], answer["guards"][-1]["code"]) == ("by", "NOBODY_MAY_FIRE")
    assert answer["guards"][-1]["remedy"]


def test_advance_has_its_keys(conditional: Project) -> None:
    """Also on a dry run, which says so and has no event."""
    keys = {
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
    }
    project = roads().at("small", "building")
    dry = project.mofflow(
        *(
            "advance",
            "P-1",
            "hold",
            "--reason",
            "x",
            "--set",
            "review_date=2026-02-01",
            "--dry-run",
            "--json",
        ),
        as_="pam",
    ).json
    assert set(dry) >= keys
    assert (dry["event"], dry["from"], dry["to"]) == (None, "building", "on_hold")
    done = project.advance("hold", "pam", reason="x", review_date="2026-02-01").json
    assert set(done) >= keys
    assert done["event"] == project.events()[-1]["hash"]
    assert done["obligations"] == []
    assert conditional.events("--trigger", "conditional_go")[-1]["data"]["obligations"][0]["id"] == "P-1-O1"


def test_history_has_its_keys_and_is_oldest_first(conditional: Project) -> None:
    """`events` and `next_cursor`; every event with all keys; ids are texts, versions and numbers are numbers."""
    answer = conditional.mofflow("history", "--json").json
    assert set(answer) == {"events", "next_cursor"}
    assert all(set(e) >= EVENT for e in answer["events"])
    times = [e["at"] for e in answer["events"]]
    assert times == sorted(times)
    assert {e["outcome"] for e in answer["events"]} <= {"done", "refused"}
    verdicts = [g for e in answer["events"] for g in e["guards"]]
    assert all({"guard", "passed", "code", "clauses", "message"} <= set(g) for g in verdicts)


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        (("--person", "cust"), lambda e: "cust" in (e["actor"], e["acting_for"], e["entered_by"])),
        (("--trigger", "approve"), lambda e: e["trigger"] == "approve"),
        (("--state", "building"), lambda e: "building" in (e["from"], e["to"])),
        (("--kind", "signoff"), lambda e: e["kind"] == "signoff"),
        (("--outcome", "refused"), lambda e: e["outcome"] == "refused"),
        (
            ("--kind", "transition", "--person", "sol"),
            lambda e: e["kind"] == "transition" and e["actor"] == "sol",
        ),
    ],
)
def test_filters_of_the_history(filters: tuple[str, ...], fits: Callable[[Any], bool]) -> None:
    """Each shows exactly what fits."""
    project = roads().at("small", "release_review")
    project.advance("go", "sol", expect=1)
    everything = project.events()
    assert project.events(*filters) == [e for e in everything if fits(e)]
    assert project.events(*filters)


def test_lists_have_items_and_a_cursor(conditional: Project) -> None:
    """project, person, workflow, policy, evidence and obligation lists, findings and search."""
    for words in (
        ("project", "list"),
        ("person", "list"),
        ("workflow", "list"),
        ("policy", "list"),
        ("evidence", "list", "P-1"),
        ("obligation", "list"),
        ("audit", "findings"),
        ("find", "project"),
        ("project", "board"),
    ):
        answer = conditional.mofflow(*words, "--json", expect=None).json
        assert set(answer) == {"items", "next_cursor"}, words
        assert answer["items"], words


def test_show_and_project_list_have_the_keys_of_a_case(conditional: Project) -> None:
    """The same keys in both; `show` has more."""
    assert set(conditional.shown) >= CASE
    (item,) = conditional.mofflow("project", "list", "--json").json["items"]
    assert set(item) >= CASE
    assert all(item[name] == conditional.shown[name] for name in CASE - {"signoffs"})
    assert (item["key"], item["kind"], item["stage"], item["category"]) == ("P-1", "project", "deploy", None)


def test_project_list_filters_by_stage_and_state(conditional: Project) -> None:
    """One fits, the others do not."""
    mofflow = conditional.mofflow
    for words, many in (
        (("--stage", "deploy"), 1),
        (("--stage", "build"), 0),
        (("--state", "deploying"), 1),
        (("--state", "closed"), 0),
    ):
        assert len(mofflow("project", "list", *words, "--json").json["items"]) == many


def test_audit_findings_has_its_keys_and_exit_codes(conditional: Project) -> None:
    """1 where there are findings, 0 where there are none; clauses as people cite them."""
    answer = conditional.mofflow("audit", "findings", "--json", expect=1).json
    assert all(
        set(f) == {"code", "severity", "case", "clauses", "message", "events", "first_seen", "state"}
        for f in answer["items"]
    )
    assert [f["code"] for f in answer["items"]] == ["WAIVED_GUARD"]
    none = roads().at("small", "building").mofflow("audit", "findings", "--json", expect=0)
    assert none.json == {"items": [], "next_cursor": None}


def test_workflow_check_has_its_keys_and_exit_codes(tmp_path: Path) -> None:
    """0 and ok for the shipped ones, without any database; several files make a list."""
    mofflow = Mofflow(tmp_path)
    file = str(ROOT / "workflows" / "deliver-project.yaml")
    answer = mofflow("workflow", "check", file, "--json").json
    assert set(answer) >= {"workflow", "ok", "problems"}
    assert (answer["workflow"], answer["ok"], answer["problems"]) == ("deliver-project", True, [])
    assert {size: crew["fewest"] for size, crew in answer["people"].items()}["small"] == 3
    many = mofflow("workflow", "check", file, file, "--json").json
    assert [item["ok"] for item in many["items"]] == [True, True]
    assert not mofflow.database.exists()


def test_person_list_tells_who_holds_what(conditional: Project) -> None:
    """Ids, names, roles, accounts; nobody who was deactivated unless asked for."""
    mofflow = roads().at("small", "building").mofflow
    mofflow("person", "deactivate", "nobody")
    items = mofflow("person", "list", "--json").json["items"]
    assert all(set(p) >= {"id", "name", "email", "zone", "accounts", "active", "roles"} for p in items)
    assert "nobody" not in {p["id"] for p in items}
    assert "nobody" in {p["id"] for p in mofflow("person", "list", "--all", "--json").json["items"]}
    assert [p["id"] for p in mofflow("person", "list", "--role", "customer", "--json").json["items"]] == [
        "cleo",
        "cust",
    ]


def test_deactivating_lists_the_open_seats() -> None:
    """The assignments that somebody else must take."""
    mofflow = roads().at("small", "building").mofflow
    answer = mofflow("person", "deactivate", "pam", "--json").json
    assert answer["open_seats"] == [{"case": "P-1", "role": "program_manager"}]


# Errors


def test_the_error_object_is_the_last_line_of_stderr_and_stdout_stays_empty() -> None:
    """For each code; what is data goes to stdout, what is said to people to stderr."""
    project = roads().at("small", "building")
    for words, as_, code in (
        (("advance", "P-1", "declare_complete"), "pam", "refused"),
        (("advance", "P-1", "declare_complete"), "nobody", "not_permitted"),
        (("sign", "P-1", "provider_acceptance"), "ops", "refused"),
        (("sign", "P-1", "scope_change"), "pam", "not_permitted"),
        (("show", "P-9"), None, "not_found"),
        (("show",), None, "usage"),
        (("project", "create", "x", "--key", "P-1"), None, "conflict"),
    ):
        for flag in (("--json",), ("--format", "json"), ("--format=json",)):
            ran = project.mofflow(*words, *flag, as_=as_, expect=None)
            clear(ran, code)
            assert ran.out == ""
    ran = project.mofflow("advance", "P-1", "declare_complete", "--json", as_="pam", expect=1)
    assert all(set(r) >= GUARD for r in ran.error["refusals"])
    ran = project.mofflow("sign", "P-1", "provider_acceptance", "--json", as_="ops", expect=1)
    assert [(r["guard"], r["code"]) for r in ran.error["refusals"]] == [
        ("provider_acceptance", "EVIDENCE_MISSING")
    ] or ran.codes


def test_a_refusal_for_people_lists_every_guard_with_its_commands() -> None:
    """Without --json: each failing guard, its code and clauses, and what to type."""
    project = roads().at("normal", "envisioning")
    ran = project.mofflow("advance", "P-1", "submit_vision", as_="pam", expect=1)
    assert ran.out == ""
    for words in (
        "submit_vision.business_case",
        "EVIDENCE_MISSING",
        "seed D1",
        "mofflow attach P-1 business_case",
    ):
        assert words in ran.err


def test_a_traceback_is_shown_only_at_log_level_debug(tmp_path: Path) -> None:
    """For failures of the infrastructure."""
    mofflow = Mofflow(tmp_path)
    assert "Traceback" not in mofflow("show", "P-1", expect=5).err
    assert "Traceback" in mofflow("--log-level", "debug", "show", "P-1", expect=5).err


# Pages


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_of_the_history_make_up_the_whole(limit: int) -> None:
    """Every event once, in order, also while somebody adds more; filters hold on every page."""
    project = roads().at("small", "planning")
    for filters in ((), ("--kind", "evidence"), ("--outcome", "done")):
        whole = project.events(*filters)
        pages, cursor = [], None
        while True:
            words = (
                "history",
                "P-1",
                *filters,
                "--limit",
                str(limit),
                *(("--cursor", cursor) if cursor else ()),
                "--json",
            )
            page = project.mofflow(*words).json
            assert len(page["events"]) <= limit
            pages += page["events"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert pages == whole


def test_pages_of_a_list_make_up_the_whole() -> None:
    """25 projects in pages of ten; a table says on stderr that there is more."""
    mofflow = roads().at("small", "proposed").mofflow
    for number in range(2, 26):
        mofflow("project", "create", f"Number {number}", "--set", "size=small")
    keys, cursor = [], None
    while True:
        page = mofflow(
            "project", "list", "--limit", "10", *(("--cursor", cursor) if cursor else ()), "--json"
        ).json
        keys += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert keys == [f"P-{number}" for number in range(1, 26)]
    assert "--cursor" in mofflow("project", "list", "--limit", "10").err
    last = mofflow("project", "list", "--limit", "25", "--json").json
    assert len(last["items"]) == 25


# Dry runs


def _file(project: Project, name: str, content: object) -> str:
    return str(project.mofflow.write(name, json.dumps(content)))


def _founded(project: Project) -> tuple[str, ...]:
    return ("--people", _file(project, "people.json", {"people": [{"id": "jane", "roles": ["customer"]}]}))


def _changed_workflow(project: Project) -> str:
    text = (ROOT / "workflows" / "deliver-project.yaml").read_text(encoding="utf-8")
    return str(project.mofflow.write("w.yaml", text.replace('version: "1"', 'version: "2"')))


Given = Callable[[Project], tuple[str, ...]]
CHANGING: list[tuple[tuple[str, ...], Given]] = [
    (("advance",), lambda p: ("P-1", "hold", "--reason", "x", "--set", "review_date=2026-02-01")),
    (
        ("attach",),
        lambda p: (
            "P-1",
            "closure_note",
            _file(p, "n.json", {"reason": "x", "disposition": "y", "revision": 1}),
        ),
    ),
    (("sign",), lambda p: ("P-1", "scope_change")),
    (("withdraw",), lambda p: ("P-1", "plan", "--reason", "x")),
    (("assign",), lambda p: ("P-1", "developer", "dev")),
    (("unassign",), lambda p: ("P-1", "program_manager", "pam")),
    (("set",), lambda p: ("P-1", "discipline=scrum")),
    (("waive",), lambda p: ("P-1", "go.support_handover", "--reason", "x", "--until", "2026-01-20")),
    (("note",), lambda p: ("P-1", "x")),
    (("obligation", "settle"), lambda p: ("P-1-O1", "--reason", "x")),
    (("project", "create"), lambda p: ("x", "--set", "size=small")),
    (("person", "add"), lambda p: ("jane", "--grant", "customer")),
    (("person", "grant"), lambda p: ("dev", "tester")),
    (("person", "revoke"), lambda p: ("dev", "developer")),
    (
        ("person", "delegate"),
        lambda p: ("customer", "--from", "cust", "--to", "dev", "--until", "2026-02-01"),
    ),
    (("person", "deactivate"), lambda p: ("dev",)),
    (("workflow", "adopt"), lambda p: (_changed_workflow(p),)),
    (("policy", "adopt"), lambda p: (str(ROOT / "policies"),)),
    (("db", "upgrade"), lambda p: ()),
    (("db", "backup"), lambda p: (str(p.mofflow.folder / "backup.db"),)),
    (("init",), _founded),
]
ACTORS = {
    "advance": "pam",
    "attach": "pam",
    "sign": "cleo",
    "withdraw": "cust",
    "set": "pam",
    "waive": "sol",
    "obligation": "sup",
}


@pytest.mark.parametrize(("words", "given"), CHANGING, ids=[" ".join(words) for words, _ in CHANGING])
def test_every_changing_command_has_a_dry_run_that_writes_nothing(
    conditional: Project, words: tuple[str, ...], given: Given
) -> None:
    """It says what would come of it, in every format, and neither the database nor the store nor a file changes."""
    assert any("--dry-run" in option.opts for option in COMMANDS[words].params)
    project = conditional if words[0] == "obligation" else roads().at("normal", "building")
    mofflow, as_ = project.mofflow, ACTORS.get(words[0])
    extra = given(project)
    if words == ("init",):
        extra = ("--people", extra[1])
        mofflow.env = {"MOFFLOW_DATABASE": f"sqlite:///{mofflow.folder}/new.db"}
    before = names(mofflow.folder)
    with mofflow.unchanged():
        table = mofflow(*words, *extra, "--dry-run", as_=as_)
        assert table.out
        for form in ("json", "ndjson", "csv"):
            ran = mofflow(*words, *extra, "--dry-run", "--format", form, as_=as_)
            if form != "csv":
                assert json.loads(ran.out)["dry_run"] is True
    assert names(mofflow.folder) == before


def names(folder: Path) -> list[str]:
    """The files of a folder, but for those that SQLite keeps while it reads."""
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(("-shm", "-wal")))


DOING = [(words, given) for words, given in CHANGING if words[0] not in ("obligation", "policy", "db")]


@pytest.mark.parametrize(("words", "given"), DOING, ids=[" ".join(words) for words, _ in DOING])
def test_what_a_dry_run_says_is_what_is_done(words: tuple[str, ...], given: Given) -> None:
    """The record of the act has the same keys, and but for event, times and ids the same values."""
    project = roads().at("normal", "building")
    mofflow, as_, extra = project.mofflow, ACTORS.get(words[0]), given(project)
    if words == ("init",):
        mofflow.env = {"MOFFLOW_DATABASE": f"sqlite:///{mofflow.folder}/new.db"}
    dry = mofflow(*words, *extra, "--dry-run", "--json", as_=as_).json
    done = mofflow(*words, *extra, "--json", as_=as_).json
    assert set(dry) == set(done)
    moving = {"event", "recorded_at", "dry_run", "signoffs", "evidence"}
    assert {k: v for k, v in dry.items() if k not in moving} == {
        k: v for k, v in done.items() if k not in moving
    }
