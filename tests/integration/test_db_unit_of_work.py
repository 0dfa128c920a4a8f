"""The contract of the unit of work, on real SQLite files."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from mofflow.db.admin import backup
from mofflow.db.unit_of_work import Database
from mofflow.domain import ledger
from mofflow.domain.event import Act, Kind
from mofflow.domain.fold import evolve, replay
from mofflow.errors import BadInput, Conflict, MofflowError, NotFound
from mofflow.services.ports import Alert, HistoryQuery
from tests.integration.test_db_support import FULL, event, made, note, opening, play, step

WRITER = """
import sys
from pathlib import Path
from tests.integration.test_db_support import note, opened, step
database = opened(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    step(database, note(f"{sys.argv[2]} {n}"))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mofflow.db"


@pytest.fixture
def database(path: Path) -> Database:
    return made(path)


def test_a_case_comes_back_as_the_replay_of_its_events(database: Database) -> None:
    """After every single event the stored case equals the fold of the stored history, every field filled."""
    for seq, (act, actor) in enumerate(FULL, 1):
        with database.writing() as unit:
            before = unit.case("P-1") if seq > 1 else None
            happened = event(act, seq, actor=actor)
            unit.append(happened, before, evolve(before, happened))
        with database.reading() as view:
            assert view.case("P-1") == replay(r.event for r in view.events("P-1"))
    with database.reading() as view:
        case = view.case("P-1")
    assert list(case.staffing.items()) == [("owner", ("zoe", "ada")), ("tester", ("bob",))]
    assert all(getattr(case, name) not in (None, (), {}, frozenset()) for name in case.__slots__)


def test_events_come_back_whole_and_chained(database: Database) -> None:
    """Each event equals what was appended, and its stored bytes hash to what the next one names as `prev`."""
    recorded = play(database)
    with database.reading() as view:
        assert list(view.events("P-1")) == recorded
        assert view.head("P-1") == recorded[-1].hash
        assert view.head("P-9") is None
    assert recorded[0].prev is None
    assert [r.prev for r in recorded[1:]] == [r.hash for r in recorded[:-1]]


def test_the_stored_bytes_are_those_that_were_hashed(database: Database, path: Path) -> None:
    """`body` holds the canonical bytes; the columns are copies; texts are only proved by a salted digest."""
    play(database, FULL[:1])
    with closing(sqlite3.connect(path)) as raw:
        body, leaf, actor = raw.execute("SELECT body, hash, actor FROM event").fetchone()
        salt, content = raw.execute("SELECT salt, content FROM text").fetchone()
    assert leaf == ledger.leaf(body)
    assert actor == "ada"
    assert ledger.salted(salt, content) in body.decode()
    assert len(salt) == 32
    assert "Dächer" not in body.decode()


def test_a_stale_version_is_a_conflict(database: Database) -> None:
    """Who decided on a case that has moved on since gets a conflict with a hint, and nothing is written."""
    play(database, FULL[:2])
    with database.reading() as view:
        stale = view.case("P-1")
    step(database, note())
    late = event(note(), stale.seq + 1)
    with pytest.raises(Conflict) as caught, database.writing() as unit:
        unit.append(late, stale, evolve(stale, late))
    assert "retry" in caught.value.hint
    with database.reading() as view:
        assert len(list(view.events("P-1"))) == 3


def test_a_taken_key_is_a_conflict(database: Database) -> None:
    """Two cases cannot have one key."""
    play(database, FULL[:1])
    with pytest.raises(Conflict, match="P-1"):
        play(database, FULL[:1])


def test_a_request_id_is_used_once(database: Database) -> None:
    """The second act with a request id is a conflict; the first can be found by it."""
    play(database, FULL[:1])
    first = step(database, note(), request_id="r-1")
    with database.reading() as view:
        assert view.by_request("r-1") == first
        assert view.by_request("r-2") is None
    with pytest.raises(Conflict, match="r-1"):
        step(database, note(), request_id="r-1")


def test_an_error_rolls_everything_back(database: Database) -> None:
    """An exception after an append leaves no trace of it."""
    play(database, FULL[:9])
    with database.reading() as view:
        before = view.case("P-1")

    def fail() -> None:
        with database.writing() as unit:
            happened = event(FULL[9][0], 10, actor="bob")
            unit.append(happened, before, evolve(before, happened))
            assert len(unit.case("P-1").signoffs) == 2
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.reading() as view:
        assert view.case("P-1") == before
        assert len(list(view.events("P-1"))) == 9


def test_a_write_that_failed_cannot_be_committed(database: Database) -> None:
    """Who swallows the error of a write inside the unit gets it again at its end: no half write is kept."""
    play(database, FULL[:1])

    def swallow() -> None:
        with database.writing() as unit:
            before = unit.case("P-1")
            happened = replace(event(note(), 2), assurance="hearsay")
            with pytest.raises(MofflowError, match="assurance"):
                unit.append(happened, before, evolve(before, happened))

    with pytest.raises(MofflowError, match="refused"):
        swallow()
    with database.reading() as view:
        assert view.case("P-1").seq == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'eve'",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "DELETE FROM text",
    ],
)
def test_history_refuses_changes(database: Database, path: Path, statement: str) -> None:
    """Even a plain SQL client cannot change or delete an event by accident."""
    play(database, [*FULL[:1], (Act(kind=Kind.NOTE), "ada")])
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)


def test_a_text_can_be_erased_but_not_changed(database: Database, path: Path) -> None:
    """An erased text is missing from its event, whose hash still holds; any other change is refused."""
    play(database, FULL[:2])
    with closing(sqlite3.connect(path)) as raw:
        for change in ("content = 'else'", "salt = 'else'", "name = 'else', salt = NULL, content = NULL"):
            with pytest.raises(sqlite3.IntegrityError, match="erased"):
                raw.execute(f"UPDATE text SET {change}")
        with raw:
            raw.execute("UPDATE text SET salt = NULL, content = NULL")
    with database.reading() as view:
        first = next(view.events("P-1"))
    assert first.event.act.texts == {}
    assert first.event.act.data["state"] == "draft"


def test_two_processes_and_two_threads_lose_nothing(database: Database, path: Path) -> None:
    """Read-then-write units of several writers at once: each waits for its turn, and every event is there."""
    play(database, FULL[:1])
    command = [sys.executable, "-c", WRITER, str(path)]
    processes = [subprocess.Popen([*command, f"process {n}", "40"], stderr=subprocess.PIPE) for n in range(2)]
    errors: list[Exception] = []

    def write(name: str) -> None:
        try:
            for n in range(40):
                step(database, note(f"{name} {n}"))
        except Exception as error:  # noqa: BLE001  # handed to the main thread
            errors.append(error)

    threads = [Thread(target=write, args=(f"thread {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = [process.communicate()[1].decode() for process in processes]
    assert (errors, said) == ([], ["", ""])
    with database.reading() as view:
        events = list(view.events("P-1"))
    assert [r.event.seq for r in events] == list(range(1, 162))
    assert len({r.event.act.texts.get("text") for r in events}) == 161
    assert all(later.prev == earlier.hash for earlier, later in pairwise(events))


def test_a_reader_sees_one_moment(database: Database) -> None:
    """What another unit commits meanwhile stays unseen until the next reading begins."""
    play(database, FULL[:1])
    with database.reading() as view:
        assert view.case("P-1").seq == 1
        step(database, note())
        assert view.case("P-1").seq == 1
    with database.reading() as view:
        assert view.case("P-1").seq == 2


def test_an_abandoned_stream_does_not_hold_the_next_reader_back(database: Database) -> None:
    """A stream of events that nobody read to its end does not keep its old snapshot alive."""
    play(database, FULL[:3])
    with database.reading() as view:
        stream = view.events("P-1")
        next(stream)
    step(database, note())
    with database.reading() as view:
        assert view.case("P-1").seq == 4
    with pytest.raises(MofflowError):
        list(stream)


def test_a_reading_unit_cannot_write(database: Database, path: Path) -> None:
    """The transaction of a reader is closed to writes, not only its Python class."""
    from mofflow.db.sqlite import SqliteFile

    file = SqliteFile(path)
    with pytest.raises(MofflowError), file.reading() as (session, _):
        session.run("delete_accounts", {"id": "ada"})
    with file.writing() as (session, _):
        assert session.run("delete_accounts", {"id": "ada"}) == 0
    file.close()


@pytest.mark.parametrize(
    "act", [note("\ud800"), Act(kind=Kind.NOTE, data={"n": 1.5}), Act(kind=Kind.NOTE, data={"n": 2**60})]
)
def test_what_has_no_place_in_history_is_bad_input(database: Database, act: Act) -> None:
    """Broken Unicode, floating point numbers and integers beyond 2**53 are refused."""
    play(database, FULL[:1])
    with pytest.raises(BadInput):
        step(database, act)


def test_an_unknown_definition_is_not_found(database: Database) -> None:
    """A case cannot be opened under a workflow that was never adopted."""
    happened = replace(event(opening(), 1), definition="c" * 64)
    with pytest.raises(NotFound, match="cccc"), database.writing() as unit:
        unit.append(happened, None, evolve(None, happened))


def test_the_admin_case_needs_no_workflow(database: Database) -> None:
    """The case that holds people, grants and definitions has history like any other, and no list shows it."""
    from mofflow.services.ports import CaseQuery

    happened = replace(event(opening("people"), 1, key="_admin"), definition="")
    with database.writing() as unit:
        unit.append(happened, None, evolve(None, happened))
    with database.reading() as view:
        assert view.case("_admin").seq == 1
        assert view.cases(CaseQuery()).items == []
        assert view.find("people", 10) == []
        assert len(view.history(HistoryQuery(case="_admin")).items) == 1


def test_an_alert_is_written_once(database: Database, path: Path) -> None:
    """The outbox keeps the first alert of an id, in the transaction of its cause."""
    alert = Alert(id="a-1", case="P-1", kind="due", payload={"rung": "due"}, created_at=event(note(), 1).at)
    for kind in ("due", "overdue"):
        with database.writing() as unit:
            unit.enqueue(replace(alert, kind=kind))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT kind, payload FROM outbox").fetchall() == [("due", '{"rung":"due"}')]


def test_the_marks_of_the_database(database: Database) -> None:
    """Stated time and embedding are told by the database itself."""
    with database.reading() as view:
        assert (view.stated_time, view.embedded) == (True, True)


def test_a_replaced_file_is_noticed(database: Database, path: Path, tmp_path: Path) -> None:
    """A long-lived process does not go on writing into a file that was removed and replaced."""
    play(made(tmp_path / "source.db"), FULL[:5])
    other = tmp_path / "other.db"
    backup(tmp_path / "source.db", other)
    play(database, FULL[:1])
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()
    other.rename(path)
    with database.reading() as view:
        assert view.case("P-1").seq == 5


def test_times_come_back_aware(database: Database) -> None:
    """Every time that is read has a zone, and is the same instant as the one stored."""
    play(database)
    with database.reading() as view:
        case = view.case("P-1")
    assert case.last_at.utcoffset() == timedelta(0)
    assert case.last_at == event(note(), len(FULL)).at
