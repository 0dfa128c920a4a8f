"""What a run was told: global options and environment, read once into one immutable value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mofflow.errors import BadInput

ALLOW_STATED_TIME = "MOFFLOW_ALLOW_STATED_TIME"

_SQLITE = "sqlite:///"
_FIRST_YEAR, _LAST_YEAR = 1970, 8999  # durations can be added to and taken from every time in between
_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+psycopg://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run. `path` is the SQLite file, `account` the one that runs the command, `actor` the person of `--as`.

    `stated` is the time to decide by where one was given; `stating_allowed`, whether the environment allows it.
    """

    path: Path
    account: str
    actor: str | None = None
    stated: datetime | None = None
    stating_allowed: bool = False
    log_level: str = "warning"
    log_format: str = "console"


def read(
    environ: Mapping[str, str],
    *,
    database: str | None = None,
    actor: str | None = None,
    now: str | None = None,
    log_level: str = "warning",
    log_format: str = "console",
) -> Settings:
    """The settings of these options; BadInput where one of them cannot be meant."""
    return Settings(
        path=database_path(database) if database is not None else default_path(),
        account=account(),
        actor=actor,
        stated=moment(now, "--now") if now is not None else None,
        stating_allowed=environ.get(ALLOW_STATED_TIME, "").strip().lower() in ("1", "true", "yes", "on"),
        log_level=log_level,
        log_format=log_format,
    )


def database_path(url: str) -> Path:
    """The file of `sqlite:///relative` or `sqlite:////absolute`; BadInput for any other address."""
    if url.startswith(_POSTGRESQL):
        raise BadInput(
            "This version of mofflow has no PostgreSQL yet.",
            f"Use an SQLite file: --database {_SQLITE}FILE, or leave --database out.",
        )
    if not url.startswith(_SQLITE):
        told = f"--database is an address that begins with {_SQLITE}, not {_without_password(url)!r}."
        hint = f"For a file: {_SQLITE}{url}" if "://" not in url else f"Write {_SQLITE}FILE."
        raise BadInput(told, hint)
    name = url.removeprefix(_SQLITE)
    if not name or name == ":memory:" or "\0" in name or "?" in name:
        raise BadInput(
            f"--database {_without_password(url)!r} names no file.",
            f"Write {_SQLITE}FILE, or {_SQLITE}/FOLDER/FILE for a path from the root.",
        )
    return Path(name)


def default_path() -> Path:
    """The database in the user's data folder."""
    import platformdirs

    return platformdirs.user_data_path("mofflow", appauthor=False) / "mofflow.db"


def _without_password(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if slashes and "@" in rest else url


def moment(text: str, what: str) -> datetime:
    """The aware time, in UTC, that an ISO 8601 text with zone says; `what` names it in the error."""
    hint = "Write date, time and zone, as in 2026-03-31T09:00:00+02:00 or 2026-03-31T07:00:00Z."
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(f"{what}: {text!r} is no time{_reason(str(error))}.", hint) from error
    if found.tzinfo is None:
        raise BadInput(f"{what}: {text!r} has no zone, so it could mean many times.", hint)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise BadInput(f"{what}: {text!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}.", hint)
    return found.astimezone(UTC)


def _reason(told: str) -> str:
    """What Python says of a text that is no time, where a person can read it."""
    if "offset" in told:
        return ": no zone is a day or more away from UTC"
    return f": {told.removesuffix('.')}" if " must be in " in told or "out of range" in told else ""


def account() -> str:
    """The account of the operating system that runs this process; never what the environment claims it to be."""
    if os.name == "nt":
        return os.getlogin()
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid-{number}"
