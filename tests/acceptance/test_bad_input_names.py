"""Unknown names, missing rights, conflicts and wrong times: a clear answer that says what, why and what next."""

from __future__ import annotations

import os

import pytest

from mofflow import bootstrap
from tests.support.command import Mofflow
from tests.support.remedies import Project, roads

UNKNOWN = [
    # what is said, as whom, code, what the answer must tell
    (("show", "P-9"), "pam", "not_found", ["P-9", "mofflow project list"]),
    (("why", "P-9"), "pam", "not_found", ["P-9"]),
    (("history", "P-9"), "pam", "not_found", ["P-9"]),
    (("advance", "P-9", "hold"), "pam", "not_found", ["P-9"]),
    (("attach", "P-9", "vision_scope", "--set", "vision=x"), "pam", "not_found", ["P-9"]),
    (("audit", "findings", "--case", "P-9"), "pam", "not_found", ["P-9"]),
    (("why", "P-1", "aprove"), "pam", "usage", ["did you mean 'approve'"]),
    (
        ("advance", "P-1", "declare_complet"),
        "pam",
        "usage",
        ["did you mean 'declare_complete'", "From building"],
    ),
    (("set", "P-1", "siz=large"), "pam", "usage", ["no field 'siz'", "did you mean 'size'"]),
    (("set", "P-1", "deliverable=servce"), "pam", "usage", ["did you mean 'service'", "infrastructure"]),
    (("set", "P-1", "sites=a,a"), "pam", "usage", ["sites"]),
    (("set", "P-1", "size"), "pam", "usage", ["FIELD=VALUE"]),
    (("attach", "P-1", "vision_scop", "--set", "vision=x"), "pam", "usage", ["did you mean 'vision_scope'"]),
    (("evidence", "get", "P-1", "busines_case"), "pam", "usage", ["did you mean 'business_case'"]),
    (("evidence", "get", "P-1", "closure_note"), "pam", "not_found", ["mofflow evidence list P-1"]),
    (("evidence", "get", "P-1", "business_case", "--version", "7"), "pam", "not_found", ["no version 7"]),
    (("evidence", "template", "pilot_repor"), "pam", "usage", ["did you mean 'pilot_report'"]),
    (("sign", "P-1", "visio"), "cust", "usage", ["did you mean 'vision'"]),
    (("sign", "P-1", "vision:main"), "cust", "usage", ["Write just vision"]),
    (("sign", "P-1"), "cust", "usage", ["--all"]),
    (("withdraw", "P-1", "scope", "--reason", "x"), "cust", "not_found", ["He has:"]),
    (("assign", "P-1", "develper", "dev"), "pam", "usage", ["did you mean 'developer'"]),
    (("assign", "P-1", "developer", "devi"), "pam", "usage", ["devi", "mofflow person list"]),
    (("unassign", "P-1", "developer", "dev"), "pam", "not_found", ["dev is not developer"]),
    (("person", "grant", "devi", "tester"), None, "usage", ["devi"]),
    (("person", "grant", "dev", "testr"), None, "usage", ["did you mean 'tester'"]),
    (("person", "revoke", "dev", "tester"), None, "not_found", ["He has: developer"]),
    (("person", "add", "Jane Doe"), None, "usage", ["jane.doe"]),
    (("person", "add", "jane", "--zone", "Mars/Olympus"), None, "usage", ["Europe/Berlin"]),
    (("person", "add", "jane", "--email", "jane"), None, "usage", ["jane@example.org"]),
    (("person", "list", "--role", "custmer"), None, "usage", ["did you mean 'customer'"]),
    (
        ("obligation", "settle", "P-1-O9", "--reason", "x"),
        "pam",
        "not_found",
        ["mofflow obligation list P-1"],
    ),
    (("obligation", "settle", "nonsense", "--reason", "x"), "pam", "usage", ["mofflow obligation list"]),
    (("obligation", "list", "P-9"), "pam", "not_found", ["P-9"]),
    (
        ("waive", "P-1", "go.releas", "--reason", "x", "--until", "2026-01-20"),
        "sol",
        "usage",
        ["did you mean"],
    ),
    (("history", "--person", "pamm"), "pam", "usage", ["did you mean 'pam'"]),
    (("history", "--trigger", "aprove"), "pam", "usage", ["did you mean 'approve'"]),
    (("history", "--state", "planing"), "pam", "usage", ["did you mean 'planning'"]),
    (("history", "--kind", "transitio"), "pam", "usage", ["transition"]),
    (("history", "--cursor", "nonsense"), "pam", "usage", ["next_cursor"]),
    (("history", "P-1", "--limit", "1001"), "pam", "usage", ["--limit", "1001"]),
    (("project", "list", "--cursor", "nonsense"), "pam", "usage", ["next_cursor"]),
    (("project", "list", "--state", "planing"), "pam", "usage", ["did you mean 'planning'"]),
    (("project", "list", "--stage", "envison"), "pam", "usage", ["did you mean 'envision'"]),
    (("project", "create", " "), None, "usage", ["title"]),
    (("project", "create", "x", "--key", "p 1"), None, "usage", ["P-7"]),
    (("project", "create", "x", "--workflow", "delver-project"), None, "not_found", ["deliver-project"]),
    (("project", "create", "x", "--set", "size=huge"), None, "usage", ["small, normal, large"]),
    (("project", "create", "x", "--set", "size=small", "--set", "size=large"), None, "usage", ["twice"]),
    (("workflow", "show", "delver-project"), None, "not_found", ["did you mean 'deliver-project'"]),
    (("workflow", "show", "deliver-project", "--size", "smal"), None, "usage", ["small, normal, large"]),
    (("policy", "show", "rols"), None, "not_found", ["did you mean 'roles'"]),
    (("showw", "P-1"), None, "usage", ["did you mean 'show'"]),
    (("project", "lst"), None, "usage", ["ist'?"]),
    (("show", "P-1", "--formt", "json"), None, "usage", ["--format"]),
    (("find", " "), None, "usage", ["mofflow find"]),
    (("note", "P-1", "  "), "pam", "usage", ["remark"]),
    (("show", "_admin"), None, "usage", ["_admin"]),
    (("note", "_admin", "x"), None, "usage", ["_admin"]),
]


@pytest.fixture(scope="module")
def project() -> Project:
    """A project in building; nothing in this file changes it."""
    return roads().at("normal", "building")


@pytest.mark.parametrize(
    ("words", "as_", "code", "told"), UNKNOWN, ids=[" ".join(u[0])[:60] for u in UNKNOWN]
)
def test_an_unknown_name_gets_a_clear_answer_and_changes_nothing(
    project: Project, words: tuple[str, ...], as_: str | None, code: str, told: list[str]
) -> None:
    """Exit 2, what was found, the nearest known name or where to look; nothing is written."""
    project.mofflow.refuses(*words, code=code, told=told, as_=as_)


def test_global_options_that_cannot_be_meant(project: Project) -> None:
    """An unknown person, database address or log level is wrong usage."""
    mofflow = project.mofflow
    mofflow.refuses("--as", "pamm", "show", "P-1", code="usage", told=["pamm", "mofflow person list"])
    mofflow.refuses("--database", "mysql://x:secret@y/z", "show", "P-1", code="usage", told=["sqlite:///"])
    ran = mofflow("--database", "mysql://x:secret@y/z", "show", "P-1", expect=2)
    assert "secret" not in ran.err
    mofflow.refuses("--log-level", "loud", "show", "P-1", code="usage", told=["debug"])


def test_an_argument_that_is_no_utf_8_is_wrong_usage(project: Project) -> None:
    """A real process is given bytes that are no text."""
    ran = project.mofflow.process("--as", "pam", "note", "P-1", os.fsdecode(b"caf\xe9"), "--json")
    assert ran.code == 2
    assert ran.error["code"] == "usage"
    assert "UTF-8" in ran.error["message"]


# Rights


def test_who_lacks_the_role_gets_exit_4_and_the_attempt_is_kept_as_denied() -> None:
    """For every act on a case; nothing else changes."""
    project = roads().at("normal", "building")
    before = project.shown
    for number, words in enumerate(
        (
            ("advance", "P-1", "declare_complete"),
            ("set", "P-1", "discipline=msf"),
            ("assign", "P-1", "developer", "dev"),
            ("unassign", "P-1", "program_manager", "pam"),
            ("waive", "P-1", "go.support_handover", "--reason", "x", "--until", "2026-01-20"),
            (
                "attach",
                "P-1",
                "closure_note",
                "--set",
                "reason=x",
                "--set",
                "disposition=y",
                "--set",
                "revision=1",
            ),
        )
    ):
        project.mofflow.now = f"2026-01-06T09:{number:02}:00Z"
        ran = project.mofflow(*words, "--json", as_="nobody", expect=4)
        assert ran.error["code"] == "not_permitted"
        assert ran.error["hint"]
        event = project.events()[-1]
        assert (event["kind"], event["outcome"], event["actor"]) == ("denied", "refused", "nobody")
    after = project.shown
    assert {name for name in before if before[name] != after[name]} == {"seq", "last_at"}


def test_denied_attempts_are_kept_at_most_once_a_minute_for_each_person_case_and_trigger() -> None:
    """By the stated time; another person or another trigger has a minute of its own."""
    project = roads().at("small", "building")

    def denied() -> int:
        return len(project.events("--kind", "denied"))

    def attempt(now: str, person: str = "nobody", trigger: str = "declare_complete") -> None:
        project.mofflow.now = f"2026-01-06T09:{now}Z"
        project.mofflow("advance", "P-1", trigger, "--reason", "x", as_=person, expect=None)
        project.mofflow("advance", "P-1", trigger, as_=person, expect=None)

    kept = denied()
    for now, more in (("00:00", 1), ("00:30", 1), ("00:59", 1), ("01:01", 2), ("01:59", 2), ("02:02", 3)):
        attempt(now)
        assert denied() == kept + more, now
    attempt("02:03", person="ops")
    assert denied() == kept + 4
    project.mofflow("set", "P-1", "discipline=msf", as_="nobody", expect=4)
    assert denied() == kept + 5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_only_an_administrator_acts_as_somebody_else() -> None:
    """`--as` of another person needs the role; an account that nobody knows may do nothing."""
    project = roads().at("small", "building")
    mofflow = project.mofflow
    mofflow("person", "add", "nemo", "--account", "nobody")
    mofflow.folder.chmod(0o777)
    for file in mofflow.folder.rglob("*"):
        file.chmod(0o777)
    mofflow.folder.parent.chmod(0o755)
    ran = mofflow.as_nobody("--as", "sol", "advance", "P-1", "hold", "--json")
    assert (ran.code, ran.error["code"]) == (4, "not_permitted"), ran
    assert "administrators" in ran.error["message"]
    mofflow("person", "deactivate", "nemo")
    ran = mofflow.as_nobody("show", "P-1", "--json")
    assert (ran.code, ran.error["code"]) == (4, "not_permitted")
    assert "--account nobody" in ran.error["hint"]


# Conflicts


def test_a_stale_expected_version_is_a_conflict() -> None:
    """Exit 3, both versions, and what to do; the right version goes through."""
    project = roads().at("small", "building")
    version = project.shown["version"]
    hold = ("advance", "P-1", "hold", "--reason", "x", "--set", "review_date=2026-02-01", "--expect-version")
    told = [f"version {version}, not {version - 1}", "mofflow show P-1"]
    project.mofflow.refuses(*hold, str(version - 1), code="conflict", told=told, as_="pam")
    assert project.mofflow(*hold, str(version), "--json", as_="pam").json["version"] == version + 1


def test_a_remark_does_not_make_a_version_stale() -> None:
    """What no guard can see leaves the version as it is."""
    project = roads().at("small", "building")
    version = project.shown["version"]
    project.mofflow("note", "P-1", "x", as_="pam")
    project.mofflow("set", "P-1", "discipline=msf", as_="nobody", expect=4)
    assert project.shown["version"] == version


def test_the_same_request_id_gives_the_first_result_and_changes_nothing() -> None:
    """Twice the same call: the same record; also where the case has moved on since."""
    project = roads().at("small", "building")
    words = (
        "advance",
        "P-1",
        "hold",
        "--reason",
        "x",
        "--set",
        "review_date=2026-02-01",
        "--request-id",
        "r-1",
        "--json",
    )
    first = project.mofflow(*words, as_="pam").json
    assert first["request_id"] == "r-1"
    with project.mofflow.unchanged():
        assert project.mofflow(*words, as_="pam").json == first
    project.advance("resume", "pam")
    with project.mofflow.unchanged():
        again = project.mofflow(*words, as_="pam")
    assert again.json == first
    assert "served before" in again.err
    assert project.state() == "building"


def test_a_request_id_that_served_something_else_is_a_conflict() -> None:
    """The same id for another trigger or another case: exit 3, and it says what it served."""
    project = roads().at("small", "building")
    project.mofflow("project", "create", "Another", "--set", "size=small")
    hold = ("--reason", "x", "--set", "review_date=2026-02-01", "--request-id", "r-1")
    project.mofflow("advance", "P-1", "hold", *hold, as_="pam")
    told = ["r-1", "hold on P-1"]
    project.mofflow.refuses(
        "advance", "P-1", "resume", "--request-id", "r-1", code="conflict", told=told, as_="pam"
    )
    project.mofflow.refuses("advance", "P-2", "hold", *hold, code="conflict", told=told, as_="pam")


def test_a_request_that_was_refused_may_be_tried_again_with_the_same_id() -> None:
    """Only what was done is remembered."""
    project = roads().at("small", "building")
    words = ("advance", "P-1", "declare_complete", "--request-id", "r-2", "--json")
    project.mofflow(*words, as_="pam", expect=1)
    project.attach("acceptance_environment")
    assert project.mofflow(*words, as_="pam").json["to"] == "scope_review"


def test_what_is_taken_is_a_conflict() -> None:
    """A key, an id of a person, an account, a role that is held, a settled seat: exit 3."""
    mofflow = roads().at("small", "building").mofflow
    mofflow.refuses("project", "create", "x", "--key", "P-1", code="conflict", told=["P-1", "--key"])
    mofflow.refuses("person", "add", "pam", code="conflict", told=["pam"])
    mofflow("person", "add", "jane", "--account", "jd")
    mofflow.refuses("person", "add", "john", "--account", "jd", code="conflict")
    mofflow.refuses("person", "grant", "pam", "program_manager", code="conflict", told=["already"])
    mofflow.refuses("assign", "P-1", "program_manager", "pam", code="conflict", told=["already"])
    mofflow.refuses("person", "revoke", "root", "administrator", code="conflict", told=["only administrator"])
    mofflow.refuses("person", "deactivate", "root", code="conflict", told=["only administrator"])


# Times


def test_a_time_without_a_zone_is_wrong_usage() -> None:
    """It could mean many times: for --now and for every option that takes a time."""
    mofflow = roads().at("small", "building").mofflow
    for words in (
        ("--now", "2026-02-01T09:00:00", "show", "P-1"),
        ("history", "--from", "2026-02-01T09:00:00"),
        ("history", "--to", "2026-02-01T09:00"),
        ("history", "P-1", "--at", "2026-02-01 09:00"),
        ("person", "grant", "dev", "tester", "--until", "2026-02-01T09:00:00"),
        ("person", "delegate", "customer", "--from", "cust", "--to", "dev", "--until", "2026-02-01T09:00:00"),
    ):
        mofflow.refuses(*words, code="usage", told=["zone"])
    waiver = ("waive", "P-1", "go.support_handover", "--reason", "x", "--until", "2026-02-01T09:00:00")
    roads().at("normal", "building").mofflow.refuses(*waiver, code="usage", told=["zone"], as_="sol")


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-29",
        "2027-02-29T09:00:00Z",
        "2026-13-01",
        "2026-04-31",
        "29.2.2028",
        "1900-01-01",
        "9999-12-31",
        "tomorrow",
        "",
    ],
)
def test_a_day_that_does_not_exist_is_wrong_usage(text: str) -> None:
    """The 29th of February of a year that has none, and what is no day at all."""
    mofflow = roads().at("small", "building").mofflow
    mofflow.refuses("history", "--from", text, code="usage")
    mofflow.refuses("person", "grant", "dev", "tester", "--until", text, code="usage")


def test_the_29th_of_february_of_a_leap_year_is_a_day() -> None:
    """2028 has one: as a filter, an end, an input and a stated time."""
    project = roads().at("small", "building")
    project.mofflow("history", "--from", "2028-02-29", "--to", "2028-02-29")
    project.mofflow("person", "grant", "dev", "tester", "--until", "2028-02-29")
    grants = next(p for p in project.mofflow("person", "list", "--json").json["items"] if p["id"] == "dev")[
        "grants"
    ]
    assert "2028-03-01T00:00:00.000000Z" in [g["ends"] for g in grants]
    project.advance("hold", "pam", reason="x", review_date="2028-02-29")
    project.mofflow.now = "2028-02-29T09:00:00Z"
    project.advance("resume", "pam")


def test_stated_time_needs_a_database_that_was_marked_for_it() -> None:
    """In another database `--now` is not permitted (exit 4), for reading and for acting, whatever is set."""
    folder = roads().folder / f"unmarked-{os.urandom(4).hex()}"
    folder.mkdir()
    mofflow = Mofflow(folder).init({"pam": ("program_manager",)})
    mofflow("project", "create", "Real time", "--set", "size=small")
    for env in ({}, {"MOFFLOW_ALLOW_STATED_TIME": "1"}):
        mofflow.env = env
        for words in (("note", "P-1", "x"), ("why", "P-1"), ("advance", "P-1", "hold")):
            ran = mofflow.refuses("--now", "2026-02-01T09:00:00Z", *words, code="not_permitted")
            assert "MOFFLOW_ALLOW_STATED_TIME=1" in ran.error["hint"]


def test_stated_time_needs_the_variable_while_it_is_stated() -> None:
    """In a marked database without the variable: exit 4, and it says what to set; the real time goes without it."""
    mofflow = roads().at("small", "building").mofflow
    mofflow.env = {"MOFFLOW_ALLOW_STATED_TIME": ""}
    mofflow.refuses("note", "P-1", "x", code="not_permitted", told=["MOFFLOW_ALLOW_STATED_TIME=1"], as_="pam")
    mofflow.now = None
    mofflow("note", "P-1", "in real time", as_="pam")


def test_a_stated_time_before_the_last_event_is_wrong_usage() -> None:
    """Exit 2, with both times."""
    mofflow = roads().at("small", "building").mofflow
    mofflow.now = "2026-01-05T08:59:59Z"
    told = ["2026-01-05T08:59:59", "2026-01-05T09:00:00"]
    mofflow.refuses("note", "P-1", "x", code="usage", told=told, as_="pam")
    assert mofflow("show", "P-1", "--json").json["state"] == "building"  # reading stays possible


def test_a_clock_that_went_backwards_is_told_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The machine's clock stands before the last event: no act goes through (exit 5); reading still works."""
    from datetime import UTC, datetime

    class Behind(bootstrap.SystemClock):
        def real(self) -> datetime:
            return datetime(2001, 1, 1, tzinfo=UTC)

    folder = roads().folder / f"behind-{os.urandom(4).hex()}"
    folder.mkdir()
    mofflow = Mofflow(folder).init({"pam": ("program_manager",)})
    mofflow("project", "create", "Real time", "--set", "size=small")
    monkeypatch.setattr(bootstrap, "SystemClock", Behind)
    for words in (("note", "P-1", "x"), ("person", "add", "x"), ("advance", "P-1", "hold", "--reason", "x")):
        mofflow.refuses(*words, code="unavailable", told=["2001-01-01", "clock"])
    assert mofflow("show", "P-1", "--json").json["state"] == "proposed"
    assert mofflow("history", "P-1", "--json").json["events"]
