"""Making, examining and backing up a database, on real files."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest

from mofflow.db.admin import backup, create, status, upgrade
from mofflow.db.store import EvidenceFolder, folder_of
from mofflow.errors import Conflict, Unavailable
from tests.integration.test_db_support import FULL, made, note, opened, play, step

CREATE = """
import sys
from pathlib import Path
from mofflow.db.admin import create
from mofflow.errors import Conflict
try:
    create(Path(sys.argv[1]), stated_time=False)
    print("made")
except Conflict:
    print("conflict")
"""


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    """File mode 0600, missing folders 0700, nothing else beside it."""
    path = tmp_path / "a" / "b" / "mofflow.db"
    create(path, stated_time=False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert list(path.parent.iterdir()) == [path]


def test_what_exists_is_never_overwritten(tmp_path: Path) -> None:
    """Neither a database, nor any other file, nor where a broken link points to."""
    path = tmp_path / "x.db"
    path.write_text("mine")
    with pytest.raises(Conflict, match="exists already"):
        create(path, stated_time=False)
    assert path.read_text() == "mine"
    (tmp_path / "link.db").symlink_to("elsewhere.db")
    with pytest.raises(Conflict):
        create(tmp_path / "link.db", stated_time=False)


def test_a_failed_creation_leaves_nothing_behind(tmp_path: Path) -> None:
    """No file and no folder, whether the disk is full or the folder cannot be made."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(Unavailable, match="failed"):
            create(tmp_path / "a" / "b" / "mofflow.db", stated_time=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be written"):
        create(tmp_path / "file" / "mofflow.db", stated_time=False)


def test_several_at_once_make_one(tmp_path: Path) -> None:
    """Of several processes that create the same database, one wins, and the others get a conflict."""
    command = [sys.executable, "-c", CREATE, str(tmp_path / "mofflow.db")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outcomes = [process.communicate()[0].strip() for process in processes]
    assert sorted(outcomes) == ["conflict", "conflict", "made"]
    assert [path.name for path in tmp_path.iterdir()] == ["mofflow.db"]
    assert status(tmp_path / "mofflow.db").integrity == "ok"


def test_status_tells_what_there_is(tmp_path: Path) -> None:
    """Counts, marks, schema and health; each database has an instance of its own."""
    path = tmp_path / "mofflow.db"
    play(made(path), FULL)
    found = status(path)
    assert (found.cases, found.events, found.stated_time) == (1, len(FULL), True)
    assert (found.revision, found.newest) == ("0001", "0001")
    assert (found.journal_mode, found.integrity) == ("wal", "ok")
    assert found.size == path.stat().st_size
    create(tmp_path / "other.db", stated_time=False)
    other = status(tmp_path / "other.db")
    assert len(other.instance) == 32
    assert other.instance != found.instance
    assert not other.stated_time


def test_status_finds_damage(tmp_path: Path) -> None:
    """An index that lacks an entry is damage that no query would show."""
    path = tmp_path / "mofflow.db"
    play(made(path), FULL)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'meta')"
            " WHERE name = 'outbox'"
        )
    assert status(path).integrity != "ok"


def test_an_upgrade_of_the_newest_schema_changes_nothing(tmp_path: Path) -> None:
    """It says so, and a missing database stays missing."""
    path = tmp_path / "mofflow.db"
    create(path, stated_time=False)
    before = path.read_bytes()
    assert upgrade(path) == ("0001", "0001")
    assert path.read_bytes() == before
    with pytest.raises(Unavailable, match="no database"):
        upgrade(tmp_path / "none.db")


def test_a_newer_schema_is_not_touched(tmp_path: Path) -> None:
    """An upgrade cannot go back."""
    path = tmp_path / "mofflow.db"
    create(path, stated_time=False)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="newer"):
        upgrade(path)


def test_a_backup_is_whole_while_others_write(tmp_path: Path) -> None:
    """A backup taken in the midst of writing is one moment of the history, and a working database."""
    path, target = tmp_path / "mofflow.db", tmp_path / "backup.db"
    database = made(path)
    play(database, FULL[:1])
    started, done = Event(), Event()

    def write() -> None:
        while not done.is_set():
            step(database, note())
            started.set()

    writer = Thread(target=write)
    writer.start()
    started.wait()
    try:
        backup(path, target)
    finally:
        done.set()
        writer.join()
    assert status(target).integrity == "ok"
    assert target.stat().st_mode & 0o777 == 0o600
    with opened(target).reading() as view:
        events = list(view.events("P-1"))
        assert [r.event.seq for r in events] == list(range(1, view.case("P-1").seq + 1))
        assert view.head("P-1") == events[-1].hash
    assert all(later.prev == earlier.hash for earlier, later in pairwise(events))
    assert len(events) >= 2


def test_a_backup_takes_the_evidence_along(tmp_path: Path) -> None:
    """Every document stands in the store beside the backup, and a second backup adds only what is new."""
    path, target = tmp_path / "mofflow.db", tmp_path / "safe.db"
    create(path, stated_time=False)
    store, copy = EvidenceFolder(folder_of(path)), EvidenceFolder(folder_of(target))
    first = store.put_bytes(b"plan")
    backup(path, target)
    second = store.put_bytes(b"report")
    backup(path, target, overwrite=True)
    for stored in (first, second):
        with copy.open(stored.digest) as file:
            assert len(file.read()) == stored.size


def test_a_backup_overwrites_only_when_told(tmp_path: Path) -> None:
    """Never by the way, and never the database itself."""
    path, target = tmp_path / "mofflow.db", tmp_path / "safe.db"
    create(path, stated_time=False)
    target.write_text("mine")
    with pytest.raises(Conflict, match="exists already"):
        backup(path, target)
    assert target.read_text() == "mine"
    with pytest.raises(Conflict, match="itself"):
        backup(path, path, overwrite=True)
    backup(path, target, overwrite=True)
    assert status(target).instance == status(path).instance
    with pytest.raises(Unavailable):
        backup(path, tmp_path / "no" / "folder.db")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize(("folder_mode", "file", "document"), [(0o2770, 0o660, 0o440), (0o700, 0o600, 0o400)])
def test_what_lies_in_a_folder_of_a_group_is_for_the_group(
    tmp_path: Path, folder_mode: int, file: int, document: int
) -> None:
    """In a setgid folder that its group may write, the group can work with database and evidence; else nobody else."""
    folder = tmp_path / "team"
    folder.mkdir()
    folder.chmod(folder_mode)
    path = folder / "mofflow.db"
    create(path, stated_time=False)
    store = EvidenceFolder(folder_of(path))
    stored = store.put_bytes(b"content")
    kept = store.root / "sha256" / stored.digest[:2] / stored.digest
    assert path.stat().st_mode & 0o777 == file
    assert kept.stat().st_mode & 0o777 == document
    assert kept.parent.stat().st_mode & 0o070 == (0o070 if folder_mode == 0o2770 else 0)
