"""Options and environment become one immutable value."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mofflow import settings
from mofflow.errors import BadInput


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///a.db", "a.db"),
        ("sqlite:////srv/a b.db", "/srv/a b.db"),
        ("sqlite:///data/x%20y.db", "data/x%20y.db"),
    ],
)
def test_an_address_names_a_file(url: str, path: str) -> None:
    """Three slashes: from here; four: from the root."""
    assert settings.database_path(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?mode=ro", "a.db", "sqlite:///a\0b"],
)
def test_other_addresses_are_refused(url: str) -> None:
    """With the form that would do."""
    with pytest.raises(BadInput) as error:
        settings.database_path(url)
    assert "sqlite:///" in error.value.hint


def test_postgresql_is_not_there_yet() -> None:
    """It says so, and tells no password."""
    with pytest.raises(BadInput, match="no PostgreSQL yet") as error:
        settings.database_path("postgresql://user:secret@host/db")
    assert "secret" not in str(error.value) + error.value.hint


def test_the_default_lies_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the user, not where the command happens to run."""
    monkeypatch.setenv("XDG_DATA_HOME", "/data/of/user")
    assert settings.read({}).path.name == "mofflow.db"
    assert settings.read({}).path.is_absolute()


def test_the_account_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never what a variable claims."""
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert settings.account() != "somebody-else"
    monkeypatch.setattr(pwd, "getpwuid", dict[int, object]().__getitem__)
    assert settings.account() == f"uid-{os.getuid()}"


def test_a_stated_time_is_aware_and_in_utc() -> None:
    """Any zone will do, but one must be there."""
    wanted = datetime(2026, 3, 31, 7, tzinfo=UTC)
    assert settings.moment("2026-03-31T09:00:00+02:00", "--now") == wanted
    assert settings.moment(" 2026-03-31T07:00Z ", "--now") == wanted
    assert settings.read({}, now="2026-03-31T07:00Z").stated == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-03-31T09:00:00", "has no zone"),
        (
            "2026-03-31T09:00:00+25:00",
            r"^--now: '2026-03-31T09:00:00\+25:00' is no time: no zone is [^.]*\.$",
        ),
        ("2026-03-31", "has no zone"),
        ("2023-02-29T10:00:00Z", "is no time"),
        ("tomorrow", "is no time"),
        ("", "is no time"),
        ("0001-01-01T00:00:00+14:00", "not between"),
        ("9999-12-31T23:59:59-12:00", "not between"),
    ],
)
def test_other_times_are_refused(text: str, told: str) -> None:
    """Each with what to write instead."""
    with pytest.raises(BadInput, match=told) as error:
        settings.moment(text, "--now")
    assert "2026-03-31T09:00:00+02:00" in error.value.hint


@pytest.mark.parametrize(("value", "allowed"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_stating_must_be_allowed_by_the_environment(value: str, allowed: bool) -> None:
    """A variable that says no is no permission."""
    assert settings.read({settings.ALLOW_STATED_TIME: value}).stating_allowed is allowed
