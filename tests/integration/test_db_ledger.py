"""Event bodies: what is chained can be read back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofflow.domain import ledger
from mofflow.domain.event import Act, Event, Kind, Outcome
from mofflow.errors import BadInput
from tests.integration.test_db_support import event, note

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | SAFE | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
ZONES = st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-9, minutes=-30))])
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001
MAYBE = st.none() | WORDS
ACTS = st.builds(
    Act,
    kind=st.sampled_from(Kind),
    data=st.dictionaries(WORDS, VALUES, max_size=4),
    texts=st.dictionaries(WORDS, WORDS, max_size=3),
    outcome=st.sampled_from(Outcome),
    trigger=MAYBE,
    source=MAYBE,
    target=MAYBE,
    guards=st.lists(st.dictionaries(WORDS, VALUES, max_size=3), max_size=3).map(tuple),
    roles=st.lists(WORDS, max_size=3).map(tuple),
    acting_for=MAYBE,
)
EVENTS = st.builds(
    Event,
    case=WORDS,
    seq=st.integers(1, 10**9),
    at=TIMES,
    recorded_at=TIMES,
    actor=WORDS,
    entered_by=WORDS,
    assurance=WORDS,
    act=ACTS,
    definition=WORDS,
    policy=WORDS,
    request_id=MAYBE,
)


@given(EVENTS, st.none() | st.just("f" * 64))
def test_a_chained_event_is_read_back_as_it_was(happened: Event, prev: str | None) -> None:
    """body -> canonical -> event is the identity, for every event that history can hold."""
    texts = happened.act.texts
    chained = ledger.canonical(
        ledger.body(happened, prev, {n: ledger.salted("s", t) for n, t in texts.items()})
    )
    found = ledger.event(chained, texts)
    at, recorded_at = happened.at.astimezone(UTC), happened.recorded_at.astimezone(UTC)
    assert found == replace(happened, at=at, recorded_at=recorded_at)
    assert found.at.tzinfo is UTC


def test_an_erased_text_is_missing() -> None:
    """Texts that are not handed over are left out; those that the event does not name are not taken."""
    happened = event(replace(note(), texts={"a": "1", "b": "2"}), 1)
    chained = ledger.canonical(ledger.body(happened, None, {"a": "x", "b": "y"}))
    assert ledger.event(chained, {"b": "2", "c": "3"}).act.texts == {"b": "2"}


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_an_unknown_format_is_refused(version: object) -> None:
    """A body of a later format is not guessed at."""
    content = ledger.body(event(note(), 1), None, {"text": "x"}) | {"format": version}
    with pytest.raises(BadInput, match="format"):
        ledger.event(json.dumps(content).encode(), {})
