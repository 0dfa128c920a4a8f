"""Logs go to stderr, and keep secrets."""

from __future__ import annotations

import io
import json
import subprocess
import sys

from mofflow.logs import Log


def test_json_entries_have_an_action_and_a_sentence() -> None:
    """One object a line."""
    stream = io.StringIO()
    Log("info", "json", stream).info("case.opened", "A case was opened.", case="P-1")
    entry = json.loads(stream.getvalue())
    assert (
        entry.items()
        >= {"action": "case.opened", "event": "A case was opened.", "case": "P-1", "level": "info"}.items()
    )


def test_secrets_are_never_logged() -> None:
    """Neither by name nor inside an address."""
    stream = io.StringIO()
    book = Log("debug", "json", stream)
    book.debug(
        "db.open", "Opened.", url="postgresql://me:hunter2@host/db", password="hunter2", api_token="hunter2"
    )
    book.error("db.fail", "Could not open postgresql://me:hunter2@host/db.")
    assert "hunter2" not in stream.getvalue()
    assert "P-1" not in stream.getvalue()


def test_nobodys_text_begins_a_line_of_its_own() -> None:
    """A title with a line break cannot forge an entry on the console."""
    stream = io.StringIO()
    book = Log("warning", "console", stream)
    book.warning("case.odd", "Odd.", title="x\n2026 [error] forged \x1b[2J")
    book.info("case.quiet", "Below the level.")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
    assert "quiet" not in stream.getvalue()


def test_structlog_is_imported_by_the_first_entry() -> None:
    """A quiet run does not pay for it."""
    code = (
        "import sys; from mofflow.logs import Log; Log().debug('a', 'b');"
        "assert 'structlog' not in sys.modules; Log('debug').debug('a', 'b'); assert 'structlog' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
