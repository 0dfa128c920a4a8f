"""`mofflow demo` tells the whole life of a real project, and leaves a database to explore."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import Mofflow


def test_the_demo_tells_refusals_a_failed_pilot_and_an_early_acceptance_and_closes(tmp_path: Path) -> None:
    """Its story holds what it promises, in the order of the public dates; its history says the same."""
    mofflow = Mofflow(tmp_path)
    told = mofflow("demo", "--output", str(mofflow.database)).out
    moments = [
        "fires charter, and is refused",
        "EVIDENCE_MISSING  There is no business_case.",
        "2022-03-14  sofia    fires approve: plan_review -> building",
        "2023-01-12  sofia    fires declare_complete",
        "fires pilot_failed: piloting -> stabilizing",
        "SIGNOFF_TOO_EARLY",
        "2023-06-10  sofia    fires deployed: deploying -> quiet_period",
        "2023-06-20  otto     fires end_quiet, and is refused",
        "2023-07-22  otto     fires end_quiet: quiet_period -> completion_review",
        "fires accept: completion_review -> closed",
        "export MOFFLOW_DATABASE=",
    ]
    places = [told.index(moment) for moment in moments]
    assert places == sorted(places)
    shown = mofflow("show", "P-1", "--json").json
    assert shown["state"] == "closed"
    assert shown["final"] is True
    refused = mofflow("history", "P-1", "--outcome", "refused", "--json").json["events"]
    assert [e["trigger"] or e["kind"] for e in refused] == [
        "charter",
        "submit_vision",
        "signoff",
        "end_quiet",
    ]


def test_what_the_demo_prints_at_its_end_runs_as_printed(tmp_path: Path) -> None:
    """Each command under its last heading works on its database."""
    mofflow = Mofflow(tmp_path)
    told = mofflow("demo", "--output", str(mofflow.database)).out
    commands = [line.strip() for line in told.splitlines() if line.startswith("  mofflow ")]
    assert len(commands) >= 5
    for command in commands:
        ran = mofflow(*command.split()[1:], expect=None)
        assert ran.code in (0, 1), ran  # `why` and `findings` answer with 1
    assert mofflow("show", "P-2", "--json").json["state"] == "planning"


def test_the_demo_takes_no_database_that_is_there(tmp_path: Path) -> None:
    """Nobody's file is overwritten."""
    mofflow = Mofflow(tmp_path).init()
    before = mofflow.database.read_bytes()
    assert mofflow("demo", "--output", str(mofflow.database), expect=3).err
    assert mofflow.database.read_bytes() == before
