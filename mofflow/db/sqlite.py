"""SQLite: connections, a pool of them, transactions that own their BEGIN, sessions that run statements."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mofflow.db import failures
from mofflow.db.prepared import SQL
from mofflow.errors import MofflowError, Unavailable

BUSY_TIMEOUT = 10.0  # seconds
UNIT = (  # what every unit of work asks first: whether the schema fits, and what the database is
    "SELECT (SELECT version_num FROM alembic_version) AS revision,"
    " (SELECT value FROM meta WHERE name = 'stated_time') AS stated_time,"
    " (SELECT value FROM meta WHERE name = 'embedded') AS embedded"
)
_DRIVER_ERRORS = (sqlite3.Error, UnicodeError, OverflowError)


class Session:
    """Runs the prepared statements on one connection. Every failure leaves as a `MofflowError`.

    After a write has failed, the unit of work cannot be committed any more: `failed` says why.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, timeout: float) -> None:
        self.connection = connection
        self.failed: MofflowError | None = None
        self._path = path
        self._timeout = timeout
        self._streams: list[sqlite3.Cursor] = []

    def fetch(self, name: str, where: Sequence[str] = (), /, **values: object) -> list[sqlite3.Row]:
        """All rows of a statement; `where` names the clauses that take the place of `{where}` in it."""
        with self._translated():
            return self._execute(name, where, values).fetchall()

    def stream(self, name: str, where: Sequence[str] = (), /, **values: object) -> Iterator[sqlite3.Row]:
        """The rows of a statement, one by one, until the unit of work ends."""
        with self._translated():
            cursor = self._execute(name, where, values)
            self._streams.append(cursor)
            yield from cursor

    def close(self) -> None:
        """End what still streams: an open cursor would hold its old snapshot in the pooled connection."""
        for cursor in self._streams:
            cursor.close()

    def _execute(self, name: str, where: Sequence[str], values: Mapping[str, object]) -> sqlite3.Cursor:
        clauses = " AND ".join(f"({SQL[clause]})" for clause in where) or "1"
        return self.connection.execute(SQL[name].replace("{where}", clauses), values)

    def run(self, name: str, values: Mapping[str, object]) -> int:
        """Run a statement that writes; how many rows it touched."""
        return self._write(self.connection.execute, name, values)

    def run_many(self, name: str, values: Sequence[Mapping[str, object]]) -> None:
        """Run a statement that writes, once for each."""
        if values:
            self._write(self.connection.executemany, name, values)

    def _write(self, execute: Callable[[str, Any], sqlite3.Cursor], name: str, values: object) -> int:
        if self.failed:
            raise self.failed
        try:
            with self._translated():
                return execute(SQL[name], values).rowcount
        except MofflowError as error:
            self.failed = error
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _DRIVER_ERRORS as error:
            raise failures.failure(error, self._path, self._timeout) from error


class SqliteFile:
    """The connections to one database file. A writer waits for another during `busy_timeout` seconds."""

    def __init__(self, path: Path, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self.busy_timeout = busy_timeout
        self._idle: list[tuple[tuple[int, int], sqlite3.Connection]] = []

    def close(self) -> None:
        """Close every connection that is not in use."""
        while self._idle:
            self._idle.pop()[1].close()

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, sqlite3.Row]]:
        """A snapshot that nobody's writing changes, and the row of `UNIT`."""
        with self._unit("BEGIN", query_only=True) as opened:
            yield opened

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, sqlite3.Row]]:
        """A transaction alone among writers from its start; committed at a clean end, else rolled back."""
        with self._unit("BEGIN IMMEDIATE", query_only=False) as opened:
            yield opened

    @contextmanager
    def _unit(self, begin: str, *, query_only: bool) -> Iterator[tuple[Session, sqlite3.Row]]:
        try:
            with self._connection() as connection:
                connection.execute(f"PRAGMA query_only = {int(query_only)}")
                connection.execute(begin)
                session = Session(connection, self.path, self.busy_timeout)
                with closing(session):
                    yield session, self._fit(connection)
                if session.failed:
                    raise session.failed
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise failures.failure(error, self.path, self.busy_timeout) from error

    def _fit(self, connection: sqlite3.Connection) -> sqlite3.Row:
        try:
            row: sqlite3.Row = connection.execute(UNIT).fetchone()
        except sqlite3.Error as error:
            if failures.is_missing_table(error):
                raise failures.foreign(self.path) from error
            raise
        if row["revision"] is None:
            raise failures.foreign(self.path)
        if problem := failures.unfit(row["revision"], self.path):
            raise problem
        return row

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection from the pool, and back into it; one to a file that was replaced is closed."""
        found = failures.found(self.path)
        file = found.st_dev, found.st_ino
        connection, reusable = self._take(file)
        try:
            yield connection
        finally:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            if reusable and not connection.in_transaction:
                self._idle.append((file, connection))
            else:
                connection.close()

    def _take(self, file: tuple[int, int]) -> tuple[sqlite3.Connection, bool]:
        while self._idle:
            known, connection = self._idle.pop()
            if known == file:
                return connection, True
            connection.close()
        return connect(self.path, self.busy_timeout)


def connect(path: Path, timeout: float = BUSY_TIMEOUT) -> tuple[sqlite3.Connection, bool]:
    """A connection to an existing file, and whether it may be kept for later units.

    Where file and folder cannot be written, SQLite cannot read a WAL database in the usual way. The file
    alone is then read as unchangeable, which is right while no `-wal` file with newer data lies beside it.
    """
    connection = _open(path, "mode=rw", timeout)
    try:
        _prepare(connection)
    except sqlite3.Error as error:
        connection.close()
        if not getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
            raise
    else:
        return connection, True
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise Unavailable(
            f"{path} cannot be read: its folder is read-only, and newer data lies in {wal.name}.",
            "Copy both files into a folder of yours, or ask for the right to write the folder.",
        )
    connection = _open(path, "mode=ro&immutable=1", timeout)
    try:
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection, False


def _open(path: Path, options: str, timeout: float) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path.absolute()))}?{options}"
    connection = sqlite3.connect(
        address, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    if mode != "wal":
        with suppress(sqlite3.Error):  # a read-only file keeps the mode that it has
            connection.execute("PRAGMA journal_mode = WAL")


def _casefold(value: object) -> str | None:
    return None if value is None else str(value).casefold()
