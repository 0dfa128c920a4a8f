"""Errors become exit codes and words in one place."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
import pytest
from click.testing import CliRunner, Result

from mofflow.cli._errors import EXIT_CODES, INTERRUPTED, PIPE_CLOSED, Refused, guarded
from mofflow.cli.main import main
from mofflow.errors import (
    BadInput,
    Conflict,
    InvalidDeclaration,
    MofflowError,
    NotFound,
    NotPermitted,
    Unavailable,
    nearest,
)
from mofflow.services.recording import Denied
from mofflow.services.world import Caller


def raising(error: BaseException) -> Callable[[], NoReturn]:
    """A command that fails like this."""

    def call() -> NoReturn:
        raise error

    return call


def run(*args: str, **env: str) -> Result:
    """The command line in this process, without the variables of the person who runs the tests."""
    cleared = {name: None for name in os.environ if name.startswith("MOFFLOW_")}
    return CliRunner(env={**cleared, **env}).invoke(main, args)


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (Refused("no", "", [], permitted=True), "refused", 1),
        (Refused("no", "", [], permitted=False), "not_permitted", 4),
        (BadInput("no"), "usage", 2),
        (NotFound("no"), "not_found", 2),
        (InvalidDeclaration("no"), "invalid_declaration", 2),
        (Conflict("no"), "conflict", 3),
        (NotPermitted("no"), "not_permitted", 4),
        (Unavailable("no"), "unavailable", 5),
        (MofflowError("no"), "internal", 5),
        (click.UsageError("no"), "usage", 2),
        (ValueError("no"), "internal", 5),
        (OSError(errno.ENOSPC, "no"), "unavailable", 5),
    ],
)
def test_each_error_has_its_exit_code_and_object(
    error: Exception, code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json the last line of stderr is one object with the four keys, and stdout stays empty."""
    assert guarded(raising(error), ["show", "P-1", "--json"]) == exit_code == EXIT_CODES[code]
    shown = capsys.readouterr()
    told = json.loads(shown.err.splitlines()[-1])["error"]
    assert shown.out == ""
    assert set(told) == {"code", "message", "hint", "refusals"}
    assert told["code"] == code


def test_a_refusal_lists_its_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    """They stand in the object, and as text for a person."""
    refusal = {"guard": "go.baseline", "code": "EVIDENCE_MISSING"}
    error = Refused("go is refused", "Look.", [refusal], permitted=True, told="the guards")
    guarded(raising(error), ["--format=json"])
    assert json.loads(capsys.readouterr().err)["error"]["refusals"] == [refusal]
    guarded(raising(error), [])
    assert capsys.readouterr().err == "Refused: go is refused\nthe guards\nHint: Look.\n"


def test_what_is_told_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters and bidirectional marks of a message are shown, line breaks are kept."""
    guarded(raising(NotFound("no \x1b[2J\u202ecase", "a\nb")), [])
    assert capsys.readouterr().err == "Error: no \\x1b[2J\\u202ecase\nHint: a\nb\n"


def test_a_defect_shows_its_traceback_only_at_debug(capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise it says how to see it."""
    guarded(raising(ValueError("broken")), ["show"])
    quiet = capsys.readouterr().err
    assert "Traceback" not in quiet
    assert "--log-level debug" in quiet
    guarded(raising(ValueError("broken")), ["--log-level", "debug", "show"])
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), INTERRUPTED), (click.Abort(), INTERRUPTED)]
)
def test_an_interrupt_is_quiet(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever presses Ctrl-C knows that."""
    assert guarded(raising(error), []) == code
    assert capsys.readouterr().err == ""


def test_json_after_two_dashes_is_an_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """`find -- --json` looks for that text; its errors are told to a person."""
    guarded(raising(NotFound("nothing")), ["find", "--", "--json"])
    assert capsys.readouterr().err.startswith("Error: nothing")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["prject"], "There is no command 'prject' (did you mean 'project'?).\n"),
        (["show"], "Missing argument 'KEY'"),
        (["show", "P-1", "--frmat", "json"], "--format"),
        (["history", "--limit", "1001"], "'1001' is no whole number from 1 to 1000."),
        (["evidence", "get", "P-1", "x", "--version", "v1"], "'v1' is no whole number from 1."),
        (["why", "P-1", "x", "y"], "unexpected extra argument"),
        (["--database", "postgresql://u:secret@h/d", "version"], "no PostgreSQL yet"),
        (["--database", "mysql://u:secret@h/d", "version"], "mysql://***@h/d"),
        (["--now", "2026-01-01T10:00", "version"], "no zone"),
        (["--now", "2023-02-29T10:00Z", "version"], "day is out of range"),
        (["--now", "2026-01-01T10:00+25:00", "version"], "is no time: no zone is a day or more away"),
        (["note", "P-1", "bad \udc80 byte"], "not valid UTF-8"),
    ],
)
def test_wrong_usage_is_exit_code_2(args: list[str], told: str) -> None:
    """With a clear sentence, as text and as an object; secrets of an address stay out of it."""
    shown = run(*args)
    assert shown.exit_code == 2
    assert told in shown.stderr
    assert "secret" not in shown.stderr
    error = json.loads(run(*args, "--json").stderr.splitlines()[-1])["error"]
    assert error["code"] == "usage"


def test_a_group_without_a_command_shows_its_help_on_stderr() -> None:
    """It is wrong usage, so stdout stays clean."""
    shown = run("person")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "Commands:" in shown.stderr


def test_a_missing_database_is_unavailable() -> None:
    """And the hint tells how to make one."""
    shown = run("show", "P-1", MOFFLOW_DATABASE="sqlite:////nowhere/at/all.db")
    assert shown.exit_code == 5
    assert "mofflow init" in shown.stderr


COMMAND = [sys.executable, "-m", "mofflow"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_behind_stdout_is_told_once() -> None:
    """Not again by the interpreter when it ends."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [*COMMAND, "version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 5
    assert "no space left" in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_who_leaves_is_no_error() -> None:
    """`mofflow ... | head` ends quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = subprocess.run(
            [*COMMAND, "version"], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_is_no_defect(closed: str, tmp_path: Path) -> None:
    """What would be told goes nowhere, and the exit code is that of the command."""
    for words, wanted in (("version", 0), ("show P-1", 5)):
        program = f'"$0" -m mofflow --database sqlite:///{tmp_path}/none.db {words} {closed}'
        done = subprocess.run(
            ["sh", "-c", program, sys.executable], capture_output=True, text=True, check=False
        )
        assert done.returncode == wanted, done
        assert "defect" not in done.stderr


def test_an_act_that_is_denied_is_a_refusal_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Its entry has the keys of a guard that failed."""
    who = Caller(actor="ann", entered_by="ann", assurance="account")
    guarded(raising(Denied("ann may not", "Ask bob.", case="P-1", who=who, act="waive")), ["--json"])
    (entry,) = json.loads(capsys.readouterr().err)["error"]["refusals"]
    assert (entry["guard"], entry["code"], entry["hint"]) == ("waive", "NOT_PERMITTED", "Ask bob.")
    assert set(entry) >= {"clauses", "message", "who", "remedy", "passed", "not_before"}


def test_the_nearest_name_may_stand_before_a_full_stop() -> None:
    """And nothing stands there where no name is near."""
    assert nearest("visoin", ["vision", "plan"]) == " (did you mean 'vision'?)"
    assert nearest("x", ["vision"]) == ""
