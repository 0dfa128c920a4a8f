"""Data on stdout: tables for people, JSON, NDJSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofflow.cli._output import Output, plain
from mofflow.cli._text import aligned, local, visible, width, zone_of
from mofflow.domain.event import Kind

MOMENT = datetime(2026, 3, 31, 7, 5, tzinfo=UTC)
ITEMS = [
    {
        "key": "P-1",
        "title": "=HYPERLINK(1)",
        "at": MOMENT,
        "list": ["a", "b"],
        "more": {"x": 1},
        "none": None,
    },
    {"key": "P-2", "title": "tab\there \u202ex", "at": MOMENT, "list": [], "more": {}, "none": None},
]


def test_json_lists_have_items_and_a_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """Times are UTC with Z; what is invisible is escaped."""
    Output("json").items(ITEMS, ["key"], cursor="5")
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["next_cursor"] == "5"
    assert told["items"][0]["at"] == "2026-03-31T07:05:00.000000Z"
    assert "\\u202e" in shown.out
    assert shown.out.isascii()


def test_ndjson_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The cursor is told on stderr."""
    Output("ndjson").items(ITEMS, ["key"], cursor="5")
    shown = capsys.readouterr()
    assert [json.loads(line)["key"] for line in shown.out.splitlines()] == ["P-1", "P-2"]
    assert "--cursor 5" in shown.err


def test_csv_has_every_key_and_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """Nested values are JSON, lists of texts are joined."""
    Output("csv").items(ITEMS, ["key"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == list(ITEMS[0])
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    assert rows[0]["list"] == "a; b"
    assert json.loads(rows[0]["more"]) == {"x": 1}
    assert rows[1]["title"] == "tab\\there \\u202ex"


@given(st.text())
def test_no_text_is_a_formula_in_csv(text: str) -> None:
    """Whatever somebody types into a title: no cell begins like a formula."""
    from mofflow.cli._output import _csv_cell

    cell = str(_csv_cell(text))
    assert not cell.lstrip(" ").startswith(tuple("=+-@\t\r"))
    assert all(c == "\n" or not 0 <= ord(c) < 32 for c in cell)


def test_tables_are_plain_text_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Aligned, local times, and no trailing blanks."""
    Output("table", lambda: timezone(timedelta(hours=2), "CEST")).items(ITEMS, ["key", "at", "title"])
    assert capsys.readouterr().out.splitlines() == [
        "key  at                     title",
        "P-1  2026-03-31 09:05 CEST  =HYPERLINK(1)",
        "P-2  2026-03-31 09:05 CEST  tab\\there \\u202ex",
    ]


def test_an_empty_table_says_so_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found is no data."""
    Output().items([], ["key"], none="No projects.")
    assert capsys.readouterr() == ("", "No projects.\n")
    Output("csv").items([], ["key"])
    assert capsys.readouterr().out == "key\n"


def test_a_record_is_one_object_or_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    """In every format."""
    for form, wanted in (("json", '{\n  "a": true\n}\n'), ("ndjson", '{"a": true}\n'), ("csv", "a\ntrue\n")):
        Output(form).record({"a": True})
        assert capsys.readouterr().out == wanted
    Output().record({"a": True, "long": [1, 2]})
    assert capsys.readouterr().out == "a     yes\nlong  1, 2\n"


def test_a_terminal_gets_a_drawn_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Cells are text: markup in a title is shown as it is."""
    from mofflow.cli._tables import draw

    draw(["key"], [["[bold]P-1[/bold] :smile:"]])
    assert "[bold]P-1[/bold] :smile:" in capsys.readouterr().out


def test_plain_knows_the_values_of_the_domain() -> None:
    """Enumerations by value, sets in order, days as days."""
    assert plain({"a": Kind.NOTE, "b": frozenset({"y", "x"}), "c": date(2026, 1, 2), "d": (1,)}) == {
        "a": "note",
        "b": ["x", "y"],
        "c": "2026-01-02",
        "d": [1],
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller 日本 \U0001f600", "Müller 日本 \U0001f600"),
        ("a\x1b[31mb\x7f", "a\\x1b[31mb\\x7f"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("no\u00a0break", "no\u00a0break"),
        ("\u0646\u200c\u0647", "\u0646\u200c\u0647"),
        ("\ufeff\u200b\U000e0041", "\\ufeff\\u200b\\U000e0041"),
    ],
)
def test_what_is_invisible_is_shown_escaped(text: str, shown: str) -> None:
    """Joiners that scripts need, and spaces, stay."""
    assert visible(text) == shown


def test_wide_and_combining_characters_keep_columns_aligned() -> None:
    """East Asian characters take two columns, combining ones none."""
    assert (width("abc"), width("日本"), width("e\u0301")) == (3, 4, 1)
    assert aligned(["a", "b"], [["日", "x"], ["y", "z"]]).splitlines() == ["a   b", "日  x", "y   z"]


def test_times_are_told_in_the_zone_of_a_person() -> None:
    """An unknown zone is no error: the system's is taken."""
    assert local(MOMENT, zone_of("Europe/Berlin")) == "2026-03-31 09:05 CEST"
    assert zone_of("No/Where") is None
    assert zone_of("") is None
    assert zone_of("../etc/passwd") is None
