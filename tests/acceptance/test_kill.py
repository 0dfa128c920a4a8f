"""A process that is killed at any moment leaves whole acts only."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
from pathlib import Path

from mofflow.db.unit_of_work import Database
from mofflow.declarations.files import DeclarationFiles
from mofflow.domain.fold import replay
from mofflow.domain.ledger import leaf
from tests.support.command import Mofflow

KILLS = 100
VICTIM = """
import sys
from itertools import count
from pathlib import Path
from tests.support.command import Mofflow
mofflow = Mofflow(Path(sys.argv[1]))
held = mofflow("show", "P-1", "--json").json["state"] == "on_hold"
print("ready", flush=True)
for turn in count():
    if turn % 5 == 4:
        ran = mofflow("note", "P-1", "a remark that is not acknowledged", as_="pm")
        continue
    words = ["resume"] if held else ["hold", "--set", "reason=x", "--set", "review_date=2999-01-01"]
    ran = mofflow("advance", "P-1", *words, "--json", as_="pm")
    held = not held
    print(ran.json["event"], flush=True)
"""


def test_sigkill_at_random_moments_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """A hundred kills: each acknowledged advance is in the history, no half of one, and replay gives the state."""
    mofflow = Mofflow(tmp_path).init({"pm": ("program_manager", "solution_manager")})
    mofflow("project", "create", "Victim", "--set", "size=small")
    for role in ("program_manager", "solution_manager"):
        mofflow("assign", "P-1", role, "pm")
    chance = random.Random(20260124)
    acknowledged: list[str] = []
    for turn in range(KILLS):
        acknowledged += _killed(mofflow, at_work=turn % 2 == 0, after=chance.random() * 0.08)
    assert len(acknowledged) >= KILLS / 2
    _whole(mofflow, acknowledged)


def _killed(mofflow: Mofflow, *, at_work: bool, after: float) -> list[str]:
    """Start a process that acts without end, and kill it some seconds after it was ready, or after its first
    acknowledgement; the events that it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(mofflow.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=mofflow.process_environment(),
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    first = process.stdout.readline() if at_work else ""
    try:
        process.wait(timeout=after)
        raise AssertionError("the victim ended by itself")
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    told = first + process.stdout.read()
    process.wait()
    process.stdout.close()
    return [line for line in told.split("\n")[:-1] if line]  # a line without its end was not acknowledged


def _whole(mofflow: Mofflow, acknowledged: list[str]) -> None:
    declarations = DeclarationFiles()
    database = Database(
        mofflow.database, read_workflow=declarations.workflow, read_policies=declarations.policies
    )
    with database.reading() as reading:
        events = list(reading.events("P-1"))
        case = reading.case("P-1")
    assert set(acknowledged) <= {recorded.hash for recorded in events}
    assert replay(recorded.event for recorded in events) == case
    assert [recorded.event.seq for recorded in events] == list(range(1, len(events) + 1))
    for earlier, later in itertools.pairwise(events):
        assert later.prev == earlier.hash
    database.close()
    _bytes_are_chained(mofflow, {recorded.hash for recorded in events})


def _bytes_are_chained(mofflow: Mofflow, hashes: set[str]) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(mofflow.database)) as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM event WHERE \"case\" = 'P-1'")]
    assert {leaf(body) for body in bodies} == hashes
