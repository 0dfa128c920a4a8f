"""What only `init` and the `db` commands do: make, upgrade, examine and back up a database."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mofflow.db import failures
from mofflow.db.failures import NEWEST
from mofflow.db.rights import make_folder, widened
from mofflow.db.sqlite import BUSY_TIMEOUT, connect
from mofflow.db.store import folder_of
from mofflow.domain.case import ADMIN_CASE
from mofflow.errors import Conflict, MofflowError, Unavailable

_MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a database is and how it does. `size` is in bytes; `integrity` is `ok`, or what SQLite found."""

    path: Path
    revision: str
    newest: str
    instance: str
    stated_time: bool
    cases: int
    events: int
    journal_mode: str
    size: int
    integrity: str


def create(path: Path, stated_time: bool) -> None:
    """Make a new database that only its owner may read; Conflict where there is something.

    A failure leaves nothing behind.
    """
    marks = {"instance": secrets.token_hex(16), "stated_time": str(int(stated_time)), "embedded": "1"}
    with _failing(path), _new_folder(path.parent), _beside(path) as part:
        if path.exists() or path.is_symlink():
            hint = "Name another file with `--database`, or move this one away."
            raise Conflict(f"{path} exists already.", hint)
        part.touch(mode=0o600, exist_ok=False)
        part.chmod(widened(part.parent, 0o600))
        connection, _ = connect(part)
        with closing(connection):
            _migrate(connection, marks)
        _move(part, path, overwrite=False)


def upgrade(path: Path) -> tuple[str, str]:
    """Bring the schema to the newest revision, in one transaction; the revision before, and the one after."""
    with _opened(path) as connection:
        revision = _revision(connection, path)
        problem = failures.unfit(revision, path)
        if problem and revision not in failures.REVISIONS:
            raise problem
        if problem:
            _migrate(connection, {})
        return revision, NEWEST


def status(path: Path) -> Status:
    """Examine a database, of whatever schema."""
    with _opened(path) as connection:
        revision = _revision(connection, path)
        connection.execute("BEGIN")
        marks = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        cases = connection.execute('SELECT count(*) FROM "case" WHERE "key" != ?', (ADMIN_CASE,)).fetchone()[
            0
        ]
        events = connection.execute("SELECT count(*) FROM event").fetchone()[0]
        found = [row[0] for row in connection.execute("PRAGMA quick_check(10)")]
        return Status(
            path=path,
            revision=revision,
            newest=NEWEST,
            instance=marks.get("instance", ""),
            stated_time=marks.get("stated_time") == "1",
            cases=cases,
            events=events,
            journal_mode=connection.execute("PRAGMA journal_mode").fetchone()[0],
            size=path.stat().st_size,
            integrity="\n".join(found),
        )


def backup(path: Path, target: Path, overwrite: bool = False) -> None:
    """Copy the database as it is at one moment, while others may write, and its evidence beside the target.

    Conflict where the target exists, unless `overwrite`.
    """
    with _failing(target):
        if target.exists() and not overwrite:
            raise Conflict(
                f"{target} exists already.", "Name another file, or tell it to overwrite this one."
            )
        if target.exists() and path.exists() and target.samefile(path):
            raise Conflict(f"{target} is the database itself.", "Name another file.")
    with _opened(path) as connection, _beside(target) as part:
        _revision(connection, path)
        with _failing(target):
            part.touch(mode=0o600, exist_ok=False)
            part.chmod(widened(part.parent, 0o600))
            with closing(sqlite3.connect(part)) as copy:
                connection.backup(copy)
        _copy_evidence(folder_of(path), folder_of(target))
        with _failing(target):
            _move(part, target, overwrite=overwrite)


def _migrate(connection: sqlite3.Connection, marks: dict[str, str]) -> None:
    """Run the missing migrations and write `marks`, all or nothing."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    connection.execute("PRAGMA foreign_keys = OFF")  # tables are rebuilt; what they refer to is checked below
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.connect() as wrapped:
        connection.execute("BEGIN IMMEDIATE")  # only now: a first connect of SQLAlchemy ends with a rollback
        config.attributes["connection"] = wrapped
        command.upgrade(config, "head")
        connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", list(marks.items()))
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise MofflowError("The upgraded schema breaks references between tables.", "Report this defect.")
        connection.execute("COMMIT")


def _revision(connection: sqlite3.Connection, path: Path) -> str:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if failures.is_missing_table(error):
            raise failures.foreign(path) from error
        raise
    if row is None:
        raise failures.foreign(path)
    return str(row[0])


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    failures.found(path)
    with _failing(path):
        connection, _ = connect(path)
        with closing(connection):
            yield connection


@contextmanager
def _failing(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the file system become Unavailable."""
    try:
        yield
    except sqlite3.Error as error:
        raise failures.failure(error, path, BUSY_TIMEOUT) from error
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}.", "Look at the folder and the disk."
        ) from error


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    """Make the folder, for its owner alone, where it is missing; take it back if the rest fails."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    try:
        for made in reversed(missing):
            made.mkdir(mode=0o700)
        yield
    except BaseException:
        for made in missing:
            if made.is_dir() and not any(made.iterdir()):
                made.rmdir()
        raise


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """The name of a new file in the same folder; it, and what SQLite put beside it, is gone afterwards."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        yield part
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                part.with_name(part.name + suffix).unlink()


def _move(part: Path, target: Path, *, overwrite: bool) -> None:
    """Give a finished file its name, whole or not at all."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if overwrite:
        part.replace(target)
    else:
        try:
            os.link(part, target)  # unlike a rename, it never takes the place of another file
        except FileExistsError as error:
            raise Conflict(f"{target} exists already.", "Name another file.") from error
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_evidence(source: Path, target: Path) -> None:
    """Copy every document into the other store: a link would let one damage spoil both."""
    with _failing(target):
        for file in sorted((source / "sha256").glob("*/*")):
            new = target / "sha256" / file.parent.name / file.name
            if not new.exists():
                make_folder(new.parent)
                with _beside(new) as part:
                    shutil.copyfile(file, part)
                    part.chmod(widened(new.parent, 0o400))
                    part.replace(new)
