"""A database that is missing, foreign, newer, read-only or locked, and a full disk: exit 5, a clear answer, nothing changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from mofflow import bootstrap
from mofflow.db.unit_of_work import Database
from tests.support.command import Mofflow, clear
from tests.support.remedies import roads

READS: tuple[tuple[str, ...], ...] = (
    ("show", "P-1"),
    ("why", "P-1"),
    ("history", "P-1"),
    ("project", "list"),
    ("audit", "findings"),
    ("person", "list"),
)
WRITES: tuple[tuple[str, ...], ...] = (
    ("note", "P-1", "x"),
    ("advance", "P-1", "hold", "--reason", "x", "--set", "review_date=2999-01-01"),
    ("project", "create", "x"),
    ("person", "add", "jane"),
)


def unavailable(mofflow: Mofflow, words: tuple[str, ...], *told: str) -> None:
    """Exit 5, `unavailable`, and these words in the answer; for people too."""
    ran = mofflow(*words, "--json", expect=5)
    clear(ran, "unavailable", told)
    plain = mofflow(*words, expect=5)
    assert plain.err.startswith("Error: ")
    assert "Traceback" not in plain.err


def test_a_missing_database_is_told_and_not_made(tmp_path: Path) -> None:
    """No command but `init` and `demo` makes a file."""
    mofflow = Mofflow(tmp_path)
    for words in (
        *READS,
        *WRITES,
        ("db", "status"),
        ("db", "upgrade"),
        ("db", "backup", str(tmp_path / "b.db")),
    ):
        unavailable(mofflow, words, str(mofflow.database), "mofflow init")
    mofflow.env = {"MOFFLOW_DATABASE": f"sqlite:///{tmp_path}/no/such/folder/x.db"}
    unavailable(mofflow, ("show", "P-1"), "no/such/folder")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"This is no database.\n" * 100, b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    """Text, zeros, a forged header: told, and left as it is."""
    mofflow = Mofflow(tmp_path)
    mofflow.database.write_bytes(content)
    for words in (*READS, *WRITES, ("db", "status"), ("db", "upgrade")):
        unavailable(mofflow, words, str(mofflow.database))
    assert mofflow.database.read_bytes() == content
    assert mofflow("init", "--json", expect=3).error["code"] == "conflict"
    assert mofflow.database.read_bytes() == content


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """Nor a device."""
    mofflow = Mofflow(tmp_path)
    mofflow.database.mkdir()
    for words in (*READS, *WRITES):
        unavailable(mofflow, words, "not a file")
    mofflow.env = {"MOFFLOW_DATABASE": "sqlite:////dev/null"}
    unavailable(mofflow, ("show", "P-1"), "not a file")


def test_a_database_of_another_program_is_told(tmp_path: Path) -> None:
    """An SQLite file without the tables of mofflow, with and without others; it is left as it is."""
    mofflow = Mofflow(tmp_path)
    with closing(sqlite3.connect(mofflow.database)) as connection:
        connection.execute("CREATE TABLE other (x)")
        connection.commit()
    for words in (*READS, *WRITES, ("db", "status"), ("db", "upgrade")):
        unavailable(mofflow, words, "not a database of mofflow")
    with closing(sqlite3.connect(mofflow.database)) as connection:
        assert [r[0] for r in connection.execute("SELECT name FROM sqlite_master")] == ["other"]


def test_a_database_of_a_newer_version_is_told_and_left_alone() -> None:
    """Neither read nor upgraded: install that mofflow."""
    mofflow = roads().at("small", "building").mofflow
    with closing(sqlite3.connect(mofflow.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with mofflow.unchanged():
        for words in (*READS, *WRITES, ("db", "upgrade")):
            unavailable(mofflow, words, "9999", "newer")


def test_a_damaged_database_is_told() -> None:
    """Pages of it were overwritten: exit 5, no traceback, for whoever meets them."""
    mofflow = roads().at("small", "building").mofflow
    with closing(sqlite3.connect(mofflow.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(mofflow.database.read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    mofflow.database.write_bytes(content)
    for words in (*READS, *WRITES):
        unavailable(mofflow, words, str(mofflow.database))


def test_a_read_only_database_can_be_read_and_not_written() -> None:
    """Somebody who may only read the file and its folder: reading works, every act is refused (exit 5)."""
    mofflow = roads().at("small", "building").mofflow
    mofflow("person", "add", "nemo", "--account", "nobody", "--grant", "administrator")
    with closing(sqlite3.connect(mofflow.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in mofflow.folder.glob("mofflow.db-*"):
        file.unlink()
    mofflow.folder.parent.chmod(0o755)
    for path in (*mofflow.folder.rglob("*"), mofflow.folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for words in READS:
        assert mofflow.as_nobody(*words, "--json").code in (0, 1), words
    for words in (WRITES[0], WRITES[3]):
        ran = mofflow.as_nobody(*words, "--json")
        assert ran.code == 5, ran
        clear(ran, "unavailable", [str(mofflow.database)])
    ran = mofflow.as_nobody("init", "--json")
    assert ran.code == 3


def test_an_unreadable_database_is_told() -> None:
    """Somebody without any right to the file."""
    mofflow = roads().at("small", "building").mofflow
    mofflow.folder.parent.chmod(0o755)
    mofflow.folder.chmod(0o755)
    mofflow.database.chmod(0)
    ran = mofflow.as_nobody("show", "P-1", "--json")
    assert ran.code == 5, ran
    clear(ran, "unavailable", [str(mofflow.database)])


def test_a_database_that_stays_locked_is_told_and_one_that_is_released_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A writer waits for the timeout, then exit 5, nothing written; readers do not wait for a writer at all."""
    mofflow = roads().at("small", "building").mofflow
    monkeypatch.setattr(bootstrap, "Database", partial(Database, busy_timeout=0.3))
    with closing(sqlite3.connect(mofflow.database, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        for words in WRITES:
            unavailable(mofflow, words, "locked", "0.3 seconds")
        for words in READS:
            assert mofflow(*words, "--json", expect=None).code in (0, 1)
        other.execute("ROLLBACK")
        before = mofflow.contents()
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(bootstrap, "Database", partial(Database, busy_timeout=30))
        timer = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        timer.start()
        mofflow("note", "P-1", "after a while", as_="pam")
        timer.join()
    after = mofflow.contents()
    assert len(after["event"]) == len(before["event"]) + 1


SCRIPT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))
"""


def test_a_file_that_cannot_grow_changes_nothing() -> None:
    """A real process that may write no more bytes (as on a full disk): exit 5 for acts and documents, all or nothing."""
    mofflow = roads().at("small", "building").mofflow
    with closing(sqlite3.connect(mofflow.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = SCRIPT.format(size=2048)
    big = mofflow.folder / "big.bin"
    big.write_bytes(b"x" * 10_000)
    fields = ("--set", "reason=x", "--set", "disposition=y", "--set", "revision=1")
    for words in (
        ("--as", "pam", "note", "P-1", "x" * 5000),
        ("--as", "pam", "attach", "P-1", "closure_note", str(big), *fields),
        ("project", "create", "x", "--set", "size=small"),
    ):
        with mofflow.unchanged():
            ran = mofflow.process(*words, "--json", before=before)
        assert ran.code == 5, ran
        clear(ran, "unavailable")
    mofflow("note", "P-1", "now it works", as_="pam")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A file system of one mebibyte; skipped where none can be mounted."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    return folder


def test_a_full_disk_changes_nothing(tiny: Path) -> None:
    """On a real file system without space: documents, remarks and a new database are refused (exit 5), nothing is half done."""
    try:
        mofflow = Mofflow(tiny).init({"pam": ("program_manager",)})
        mofflow("project", "create", "Full", "--set", "size=small")
        mofflow("assign", "P-1", "program_manager", "pam")
        with closing(sqlite3.connect(mofflow.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (tiny / "filler").write_bytes(b"")
        with (tiny / "filler").open("ab", buffering=0) as filler:
            filled = 0
            while True:
                try:
                    filled += filler.write(b"x" * 4096)
                except OSError:
                    break
        assert filled
        fields = ("--set", "reason=x", "--set", "disposition=y", "--set", "revision=1")
        for words in (
            ("--as", "pam", "attach", "P-1", "closure_note", *fields),
            ("--as", "pam", "note", "P-1", "x" * 100_000),
            ("db", "backup", str(tiny / "backup.db")),
        ):
            with mofflow.unchanged():
                ran = mofflow(*words, "--json", expect=5)
            clear(ran, "unavailable")
        ran = mofflow("--database", f"sqlite:///{tiny}/second.db", "init", "--json", expect=5)
        clear(ran, "unavailable")
        names = sorted(path.name for path in tiny.iterdir())
        assert not [name for name in names if "part" in name or "second" in name or "backup" in name], names
        assert mofflow("show", "P-1", "--json").json["state"] == "proposed"
        (tiny / "filler").unlink()
        mofflow("note", "P-1", "There is space again.", as_="pam")
    finally:
        subprocess.run(["umount", "-l", str(tiny)], check=False)


def test_output_to_a_full_device_is_told(tmp_path: Path) -> None:
    """What cannot be printed is an error of the infrastructure, and no traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    mofflow = roads().at("small", "building").mofflow
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "mofflow", "history", "P-1", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=mofflow.process_environment(),
            check=False,
        )
    assert ran.returncode == 5
    assert "Traceback" not in ran.stderr
    assert "no space left" in ran.stderr.lower()
