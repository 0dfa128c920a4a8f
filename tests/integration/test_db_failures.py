"""What goes wrong with a database file is told in words, with what to do next, never as a driver error."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mofflow.db import failures
from mofflow.db.admin import create, status
from mofflow.db.queries import Reader
from mofflow.errors import MofflowError, Unavailable
from tests.integration.test_db_support import FULL, NOBODY, as_nobody, made, note, opened, play, step


def look(path: Path) -> str:
    """The last event of P-1 that can be read, and what comes of writing; both without the rights of root."""

    def unit() -> str:
        said = []
        database = opened(path)
        try:
            with database.reading() as view:
                said.append(str(view.case("P-1").seq))
            step(database, note())
        except MofflowError as error:
            said.append("|".join((type(error).__name__, error.message, error.hint)))
        return "\n".join(said)

    return as_nobody(unit)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others than its owner can look into: pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def refused(path: Path, *, write: bool = False) -> Unavailable:
    """The error of a unit of work on this file."""
    database = opened(path, busy_timeout=0.05)
    with pytest.raises(Unavailable) as caught, database.writing() if write else database.reading():
        pass
    assert caught.value.hint
    database.close()
    return caught.value


def test_a_missing_database_names_init(tmp_path: Path) -> None:
    """Nothing is made by the way."""
    error = refused(tmp_path / "no" / "such.db", write=True)
    assert "no database" in error.message
    assert "mofflow init" in error.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_pipe_is_no_database(tmp_path: Path) -> None:
    """A FIFO is refused without waiting for its other end."""
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(tmp_path / "pipe").message
    assert "not a file" in refused(tmp_path).message


@pytest.mark.parametrize("write", [False, True])
def test_a_file_that_is_not_a_database(tmp_path: Path, write: bool) -> None:
    """Any other file is refused, and left as it is."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear auditor, " * 500)
    before = path.read_bytes()
    assert "not a database" in refused(path, write=write).message
    assert path.read_bytes() == before


def test_an_sqlite_file_of_another_program(tmp_path: Path) -> None:
    """An empty file, and a database with other tables, are told from a damaged one."""
    (tmp_path / "empty.db").touch()
    assert "not a database of mofflow" in refused(tmp_path / "empty.db").message
    with closing(sqlite3.connect(tmp_path / "other.db")) as raw:
        raw.execute("CREATE TABLE alembic_version (version_num TEXT)")
        raw.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    assert "not a database of mofflow" in refused(tmp_path / "other.db").message
    with pytest.raises(Unavailable, match="not a database of mofflow"):
        status(tmp_path / "other.db")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A revision that this version does not know is that of a newer mofflow; `db status` still answers."""
    path = tmp_path / "new.db"
    create(path, stated_time=False)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer mofflow" in refused(path).message
    assert status(path).revision == "9999"


def test_an_older_schema_names_the_upgrade() -> None:
    """A revision before the newest known one can be upgraded."""
    problem = failures.unfit("0001", Path("x.db"), known=("0001", "0002"))
    assert problem is not None
    assert "mofflow db upgrade" in problem.hint
    assert failures.unfit("0002", Path("x.db"), known=("0001", "0002")) is None


def test_a_lock_held_too_long_tells_how_long_was_waited(tmp_path: Path) -> None:
    """A second writer gives up after the timeout; readers are not held up."""
    path = tmp_path / "busy.db"
    database = made(path)
    play(database, FULL[:1])
    with database.writing():
        error = refused(path, write=True)
        with opened(path).reading() as view:
            assert view.case("P-1").seq == 1
    assert "0.05 seconds" in error.message
    assert "fuser" in error.hint


def test_a_full_disk(tmp_path: Path) -> None:
    """Nothing of the unit is kept, and the database goes on once there is space."""
    database = made(tmp_path / "full.db")
    play(database, FULL[:1])

    def allow(pages: int) -> None:
        with database.reading() as view:
            assert isinstance(view, Reader)
            view._session.connection.execute(f"PRAGMA max_page_count = {pages}")

    allow(1)
    with pytest.raises(Unavailable, match="disk is full") as caught:
        step(database, note("x" * 1_000_000))
    assert "space" in caught.value.hint
    with database.reading() as view:
        assert view.case("P-1").seq == 1
    allow(1_000_000)
    assert step(database, note("x" * 1_000_000)).event.seq == 2


def test_a_failing_file_system(tmp_path: Path) -> None:
    """A write error (here: the size limit of the process) is told as such, and nothing is changed."""
    database = made(tmp_path / "io.db")
    play(database, FULL[:1])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(Unavailable, match="file system failed"):
            step(database, note("x" * 1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with database.reading() as view:
        assert view.case("P-1").seq == 1


def test_a_damaged_database(tmp_path: Path) -> None:
    """Damaged pages are told as damage, with the way to a backup."""
    path = tmp_path / "bad.db"
    database = made(path)
    play(database)
    database.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(MofflowError) as caught, opened(path).reading() as view:
        view.case("P-1")
    assert isinstance(caught.value, Unavailable)
    assert "damaged" in caught.value.message


def test_a_read_only_folder_can_be_read(open_folder: Path) -> None:
    """Without any right to write: reading works, writing says which right is missing."""
    path = open_folder / "mofflow.db"
    database = made(path)
    play(database, FULL[:3])
    database.close()
    path.chmod(0o444)
    open_folder.chmod(0o555)
    said = look(path).splitlines()
    assert said[0] == "3"
    assert said[1].startswith("Unavailable|")
    assert "written" in said[1]


def test_a_read_only_folder_with_unmerged_writes(open_folder: Path) -> None:
    """Where the newest events still lie in the `-wal` file, old ones are never shown as the present."""
    path = open_folder / "mofflow.db"
    database = made(path)
    play(database, FULL[:3])
    copy = open_folder / "copy"
    copy.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", copy)
    for file in copy.iterdir():
        file.chmod(0o444)
    copy.chmod(0o555)
    said = look(copy / path.name)
    copy.chmod(0o755)
    assert said.startswith("Unavailable|")
    assert "-wal" in said
    assert "Copy both files" in said


def test_a_read_only_file_in_a_folder_of_ones_own(open_folder: Path) -> None:
    """The file may only be read: reading works, writing is refused."""
    path = open_folder / "mofflow.db"
    database = made(path)
    play(database, FULL[:3])
    database.close()
    if os.geteuid() == 0:
        os.chown(open_folder, NOBODY, NOBODY)
    path.chmod(0o444)
    said = look(path).splitlines()
    assert said[0] == "3"
    assert "written" in said[1]


def test_a_folder_without_the_right_to_look_into_it(open_folder: Path) -> None:
    """It is told from a missing database, which `mofflow init` would mend."""
    path = open_folder / "mofflow.db"
    made(path).close()
    open_folder.chmod(0)
    said = look(path)
    assert said.startswith("Unavailable|")
    assert "cannot be reached" in said


def test_a_path_of_strange_characters(tmp_path: Path) -> None:
    """Question marks, percent signs, hashes and bytes beyond UTF-8 are characters like any other."""
    path = tmp_path / "a?mode=memory#b%20c \udcff.db"
    play(made(path), FULL[:2])
    assert status(path).events == 2
    with opened(path).reading() as view:
        assert view.case("P-1").seq == 2


def test_a_file_without_the_right_to_read_it(open_folder: Path) -> None:
    """It says that the file cannot be opened, and where to look."""
    path = open_folder / "mofflow.db"
    made(path).close()
    path.chmod(0)
    assert look(path).startswith("Unavailable|")
