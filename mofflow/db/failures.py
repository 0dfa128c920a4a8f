"""What SQLite's errors mean for the person at the command line: never a raw driver error."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

from mofflow.errors import BadInput, Conflict, MofflowError, NotFound, Unavailable

REVISIONS = ("0001",)  # of the schema, oldest first; a test compares them with the migrations
NEWEST = REVISIONS[-1]

_MEANING = {
    "SQLITE_FULL": ("The disk is full", "Free some space, then try again; nothing was changed."),
    "SQLITE_IOERR": (
        "The file system failed",
        "Look at the disk, its quota and the system's log; nothing was changed.",
    ),
    "SQLITE_READONLY": ("It cannot be written", "Ask for the right to write the file and its folder."),
    "SQLITE_PERM": ("It may not be opened", "Ask for the right to read and write the file and its folder."),
    "SQLITE_CANTOPEN": ("It cannot be opened", "Look at the rights of the file and of its folder."),
    "SQLITE_NOTADB": (
        "It is not a database",
        "Name another file with `--database`; `mofflow init` makes a new one.",
    ),
    "SQLITE_CORRUPT": ("It is damaged", "Keep a copy of it, then `mofflow db restore` a backup."),
    "SQLITE_NOMEM": ("The memory is full", "End other programs, then try again; nothing was changed."),
}
_CONSTRAINTS = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}


def failure(error: Exception, path: Path, timeout: float) -> MofflowError:
    """What to raise in place of an error of the driver; a lock was waited for during `timeout` seconds."""
    if isinstance(error, UnicodeError | OverflowError):
        return BadInput(f"A value cannot be stored: {error}.", "Use valid Unicode text and 64-bit integers.")
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Unavailable(
            f"Another process has held {path} locked for longer than {timeout:g} seconds.",
            f"Try again; if it stays locked, find out who holds it, for example with `fuser {path}`.",
        )
    if name.startswith("SQLITE_CONSTRAINT"):
        return _broken_rule(error, name)
    for start, (meaning, hint) in _MEANING.items():
        if name.startswith(start):
            return Unavailable(
                f"The database {path} failed: {meaning[0].lower()}{meaning[1:]} ({error}).", hint
            )
    return Unavailable(f"The database {path} failed: {error}.", "See `mofflow db status`.")


def _broken_rule(error: Exception, name: str) -> MofflowError:
    if name in _CONSTRAINTS:
        return Conflict(f"Already in use: {error}.", "Read it again, then retry with another key.")
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return NotFound("Something that is referred to does not exist.", "Add it first.")
    return MofflowError(f"The database refused it: {error}.")


def found(path: Path) -> os.stat_result:
    """The file at `path`; Unavailable where there is none that could be opened."""
    try:
        here = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "Run `mofflow init`, or name another with `--database`."
        raise Unavailable(f"There is no database at {path}.", hint) from error
    except OSError as error:
        hint = "Look at the rights of its folder."
        raise Unavailable(f"{path} cannot be reached: {error.strerror}.", hint) from error
    if not stat.S_ISREG(here.st_mode):
        raise Unavailable(f"{path} is not a file.", "Name the database file with `--database`.")
    return here


def unfit(revision: str, path: Path, known: Sequence[str] = REVISIONS) -> MofflowError | None:
    """Why this version of mofflow cannot work with a schema of `revision`; None where it can."""
    if revision == known[-1]:
        return None
    if revision in known:
        return Unavailable(
            f"The database {path} has the older schema {revision}; this mofflow needs {known[-1]}.",
            "Run `mofflow db backup FILE`, then `mofflow db upgrade`.",
        )
    return Unavailable(
        f"The database {path} has the schema {revision}, which a newer mofflow made.", "Install that mofflow."
    )


def foreign(path: Path) -> MofflowError:
    """It is an SQLite file, yet none of mofflow's."""
    return Unavailable(
        f"{path} is an SQLite file, but not a database of mofflow.",
        "Name another file with `--database`; `mofflow init` makes a new one.",
    )


def is_missing_table(error: sqlite3.Error) -> bool:
    """Whether a statement failed because a table is not there."""
    return isinstance(error, sqlite3.OperationalError) and "no such table" in str(error)
