"""What people write for values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mofflow.cli._documents import drafts_of
from mofflow.cli._values import file_data, last_of, loosely, overlaid, pairs, start_of
from mofflow.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")
SCHEMA = {
    "properties": {
        "outcome": {"enum": ["passed", "failed"]},
        "version": {"type": "string"},
        "count": {"type": "integer"},
        "tested": {"type": "boolean"},
        "items": {"type": "array"},
        "costs": {"type": "object", "properties": {"total": {"type": "integer"}}},
    }
}


def test_words_are_split_at_the_first_equals_sign() -> None:
    """A value may hold more of them."""
    assert pairs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}


@pytest.mark.parametrize("words", [["a"], ["=b"], ["a=1", "a=2"]])
def test_other_words_are_refused(words: list[str]) -> None:
    """A missing sign, a missing name, a field given twice."""
    with pytest.raises(BadInput):
        pairs(words)


def test_lists_and_objects_may_be_json() -> None:
    """Everything else is the text that it is."""
    assert loosely(['a=["x"]', "b=[x", "c=1", "d=true"]) == {"a": ["x"], "b": "[x", "c": "1", "d": "true"}


def test_document_fields_take_the_type_of_the_schema() -> None:
    """And reach inside."""
    words = [
        "outcome=passed",
        "version=1",
        "count=2",
        "tested=true",
        'items=[{"id": "R1"}]',
        "costs.total=3",
        "new=x",
    ]
    assert overlaid({"costs": {"currency": "EUR"}}, words, SCHEMA) == {
        "costs": {"currency": "EUR", "total": 3},
        "outcome": "passed",
        "version": "1",
        "count": 2,
        "tested": True,
        "items": [{"id": "R1"}],
        "new": "x",
    }


def test_a_path_through_a_text_is_refused() -> None:
    """There is nothing inside it."""
    with pytest.raises(BadInput, match="no mapping"):
        overlaid({"version": "1"}, ["version.x=1"], SCHEMA)


def test_days_are_those_of_the_organisation() -> None:
    """From midnight to the last instant before the next; times are taken as they are."""
    assert start_of("2026-03-31", "--from", BERLIN) == datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert last_of("2026-03-31", "--to", BERLIN) == datetime(2026, 3, 31, 21, 59, 59, 999999, tzinfo=UTC)
    assert last_of("2026-03-31T12:00Z", "--to", BERLIN) == datetime(2026, 3, 31, 12, tzinfo=UTC)
    with pytest.raises(BadInput, match="is no day"):
        start_of("2023-02-29", "--from", BERLIN)
    with pytest.raises(BadInput, match="has no zone"):
        start_of("2023-02-28T12:00", "--from", BERLIN)


def test_a_bundle_holds_several_kinds(tmp_path: Path) -> None:
    """And several documents of one kind, as a list."""
    file = tmp_path / "bundle.yaml"
    file.write_text("vision_scope: {vision: x}\nsite_record:\n  - {site: a}\n  - {site: b}\n")
    drafts = drafts_of(file_data(file))
    assert [(d.kind, dict(d.fields)) for d in drafts] == [
        ("vision_scope", {"vision": "x"}),
        ("site_record", {"site": "a"}),
        ("site_record", {"site": "b"}),
    ]
    with pytest.raises(BadInput, match="not the fields"):
        drafts_of({"vision_scope": "x"})
