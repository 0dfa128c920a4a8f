"""The calendar never loses a day, the bytes of the history are canonical, and no byte of it changes unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st

from mofflow.domain import ledger
from mofflow.domain.durations import Duration, parse
from mofflow.domain.event import Act, Event, Kind, Outcome
from mofflow.errors import BadInput
from tests.support import declared
from tests.support.follow import KEY, MAIN_ROAD, travelled
from tests.support.raw import RawEvent, RawHistory, chain_faults
from tests.support.worlds import opened

VECTORS = declared.ROOT.parent / "shared" / "data" / "vectors" / "jcs"

zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
).map(ZoneInfo)
moments = st.datetimes(
    datetime.fromisoformat("1975-01-01"), datetime.fromisoformat("2095-01-01"), timezones=st.just(UTC)
)
durations = st.builds(
    Duration,
    years=st.integers(0, 30),
    months=st.integers(0, 40),
    days=st.integers(0, 800),
    seconds=st.integers(0, 10**6),
)
# Any text that UTF-8 can carry, and numbers that every reader of JSON holds exactly.
texts = st.text()
leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=25)


# The calendar


def slow_add(moment: datetime, duration: Duration, zone: ZoneInfo) -> datetime:
    """A second opinion: month by month, day by day, in wall time; then absolute seconds."""
    wall = moment.astimezone(zone).replace(tzinfo=None)
    year, month = wall.year, wall.month
    for _ in range(12 * duration.years + duration.months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = wall.day
    while not _exists(year, month, day):
        day -= 1
    wall = wall.replace(year=year, month=month, day=day)
    for _ in range(duration.days):
        wall += timedelta(days=1)
    local = wall if duration.years or duration.months or duration.days else None
    start = local.replace(tzinfo=zone, fold=0) if local else moment
    return start.astimezone(UTC) + timedelta(seconds=duration.seconds)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@given(moment=moments, duration=durations, zone=zones)
def test_adding_agrees_with_counting_on_the_fingers(
    moment: datetime, duration: Duration, zone: ZoneInfo
) -> None:
    """Months end at the last day of a shorter month, days count in wall time, seconds in absolute time."""
    assert duration.add(moment, zone) == slow_add(moment, duration, zone)


@given(moment=moments, later=st.timedeltas(timedelta(0), timedelta(days=900)), duration=durations, zone=zones)
def test_a_later_start_never_ends_earlier(
    moment: datetime, later: timedelta, duration: Duration, zone: ZoneInfo
) -> None:
    """Neither across a change of the clock, nor at the end of a month; except within the hour that a clock repeats,
    where both starts are the same wall time."""
    first, second = duration.add(moment, zone), duration.add(moment + later, zone)
    assert second >= first - timedelta(hours=1)
    if later >= timedelta(hours=1) or zone.key in ("UTC", "Asia/Kolkata"):
        assert second >= first


@given(moment=moments, duration=durations, zone=zones)
def test_what_was_added_can_be_taken_away_within_the_days_that_a_month_lacks(
    moment: datetime, duration: Duration, zone: ZoneInfo
) -> None:
    """Taking away is adding backward: only a shorter month, or a clock that jumped, keeps it from being exact."""
    back = duration.subtract(duration.add(moment, zone), zone)
    assert abs(back - moment) <= timedelta(days=3, hours=2)
    if not (duration.years or duration.months or duration.days):
        assert back == moment


@given(duration=durations)
def test_a_duration_means_what_its_text_says(duration: Duration) -> None:
    """Every length can be written, and is read as itself."""
    text = f"P{duration.years}Y{duration.months}M{duration.days}DT{duration.seconds}S"
    assert parse(text) == duration


# The ledger


def utf16(name: str) -> bytes:
    """What RFC 8785 sorts names by."""
    return name.encode("utf-16-be")


def slow_canonical(value: object) -> str:
    """RFC 8785 by the book, for values without fractions: sorted names, no white space, the shortest escapes."""
    if isinstance(value, Mapping):
        names = sorted(value, key=utf16)
        return "{" + ",".join(f"{slow_text(name)}:{slow_canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(slow_canonical(inner) for inner in value) + "]"
    if isinstance(value, str):
        return slow_text(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else json.dumps(value)


def slow_text(text: str) -> str:
    """A JSON string with only the escapes that must be."""
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    shown = (short.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 else c) for c in text)
    return '"' + "".join(shown) + '"'


@given(value=values)
def test_the_bytes_of_the_history_are_canonical(value: object) -> None:
    """As RFC 8785 writes them, by two opinions; reading and writing them again changes nothing."""
    found = ledger.canonical(value)
    assert found == slow_canonical(value).encode()
    assert found == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert ledger.canonical(json.loads(found)) == found


@given(value=values, number=st.floats(allow_nan=True, allow_infinity=True))
def test_a_fraction_has_no_place_in_the_history(value: object, number: float) -> None:
    """Wherever it stands: no two systems agree on the digits of all of them."""
    for holder in (number, [value, number], {"a": {"b": [number]}}):
        with pytest.raises(BadInput):
            ledger.canonical(holder)


def vectors() -> list[Path]:
    """The public test vectors of RFC 8785, where they lie beside the repository."""
    return sorted(VECTORS.glob("*.input.json"))


@pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no vectors of RFC 8785 in {VECTORS}")
def test_there_are_vectors() -> None:
    """The folder holds the six files that the authors of RFC 8785 publish."""
    assert len(vectors()) == 6


@pytest.mark.parametrize("file", vectors(), ids=lambda file: file.name.partition(".")[0])
def test_the_public_vectors_of_rfc_8785(file: Path) -> None:
    """Each is written as published, or refused because it holds a fraction."""
    value = json.loads(file.read_text("utf-8"))
    expected = file.with_name(file.name.replace("input", "output")).read_bytes()
    assert rfc8785.dumps(value) == expected
    whole = without_fractions(value)
    if whole == value and not has_fraction(value):
        assert ledger.canonical(value) == expected
    else:
        with pytest.raises(BadInput):
            ledger.canonical(value)
        assert ledger.canonical(whole) == rfc8785.dumps(whole)  # type: ignore[arg-type]


def has_fraction(value: object) -> bool:
    """Whether a floating point number stands anywhere in it."""
    if isinstance(value, dict):
        return any(map(has_fraction, value.values()))
    return any(map(has_fraction, value)) if isinstance(value, list) else isinstance(value, float)


def without_fractions(value: object) -> object:
    """The same with each fraction as text."""
    if isinstance(value, dict):
        return {name: without_fractions(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_fractions(inner) for inner in value]
    return str(value) if isinstance(value, float) else value


names = st.text(min_size=1, max_size=8)
acts = st.builds(
    Act,
    kind=st.sampled_from(Kind),
    data=st.dictionaries(texts, values, max_size=3),
    texts=st.dictionaries(texts, texts, max_size=3),
    outcome=st.sampled_from(Outcome),
    trigger=st.none() | names,
    source=st.none() | names,
    target=st.none() | names,
    guards=st.lists(st.dictionaries(texts, values, max_size=2), max_size=2).map(tuple),
    roles=st.lists(names, max_size=2).map(tuple),
    acting_for=st.none() | names,
)
events = st.builds(
    Event,
    case=names,
    seq=st.integers(1, 10**6),
    at=moments,
    recorded_at=moments,
    actor=names,
    entered_by=names,
    assurance=names,
    act=acts,
    definition=names,
    policy=names,
    request_id=st.none() | names,
)


@given(event=events, prev=st.none() | names)
def test_an_event_comes_back_out_of_its_bytes(event: Event, prev: str | None) -> None:
    """Whatever it holds; an erased text is missing, and nothing else."""
    digests = {name: ledger.salted("salt", text) for name, text in event.act.texts.items()}
    stored = ledger.canonical(ledger.body(event, prev, digests))
    assert ledger.event(stored, event.act.texts) == event
    assert ledger.event(stored, {}) == replace(event, act=replace(event.act, texts={}))


@given(moment=st.datetimes(timezones=zones), other=moments)
def test_times_of_the_history_sort_as_texts(moment: datetime, other: datetime) -> None:
    """One fixed form in UTC: it says the same moment, and its order is that of time."""
    assume(datetime(2, 1, 1, tzinfo=UTC) < moment < datetime(9998, 1, 1, tzinfo=UTC))
    text, after = ledger.utc_text(moment), ledger.utc_text(other)
    assert ledger.utc_time(text) == moment.astimezone(UTC)
    assert (text < after) == (moment < other)


def a_chain() -> list[RawEvent]:
    """The history of a project that went live, as it lies in the database."""
    with opened(travelled(cast=True, size="normal", road=MAIN_ROAD[:11])) as trial:
        raw = RawHistory(trial.path)
        raw.refresh()
        return raw.of(KEY)


@given(data=st.data())
def test_any_single_byte_that_changes_breaks_the_chain(data: st.DataObject) -> None:
    """Of any event of a real history: found by its hash, or where the forger mends that, by the link after it."""
    chain = a_chain()
    assert chain_faults(chain) == []
    place = data.draw(st.integers(0, len(chain) - 1), "event")
    original = chain[place].bytes
    at = data.draw(st.integers(0, len(original) - 1), "byte")
    flipped = bytes(
        [*original[:at], original[at] ^ data.draw(st.integers(1, 255), "bits"), *original[at + 1 :]]
    )
    forged = [*chain[:place], replace(chain[place], bytes=flipped), *chain[place + 1 :]]
    assert chain_faults(forged)
    mended = [
        *chain[:place],
        replace(chain[place], bytes=flipped, hash=ledger.leaf(flipped)),
        *chain[place + 1 :],
    ]
    assert chain_faults(mended) or place == len(chain) - 1, "only the newest event can be forged whole"


@given(data=st.data())
def test_an_event_that_is_missing_doubled_or_moved_breaks_the_chain(data: st.DataObject) -> None:
    """But for the newest, which only an anchor outside can miss."""
    chain = a_chain()
    place = data.draw(st.integers(0, len(chain) - 2), "event")
    other = data.draw(st.integers(0, len(chain) - 2).filter(lambda n: n != place), "other")
    swapped = list(chain)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    assert chain_faults([*chain[:place], *chain[place + 1 :]])
    assert chain_faults([*chain[: place + 1], *chain[place:]])
    assert chain_faults(swapped)


@given(data=st.data())
def test_a_text_that_was_changed_beside_the_history_is_found(data: st.DataObject) -> None:
    """Its salted digest stands in the chain; one that was erased leaves the chain whole."""
    chain = a_chain()
    place = data.draw(st.sampled_from([n for n, event in enumerate(chain) if event.texts]), "event")
    name = data.draw(st.sampled_from(sorted(chain[place].texts)), "text")
    salt, content = chain[place].texts[name]
    said = data.draw(texts.filter(lambda text: text != content), "said instead")
    for told, whole in (((salt, said), False), ((salt, None), True)):
        changed = replace(chain[place], texts={**chain[place].texts, name: told})
        faults = chain_faults([*chain[:place], changed, *chain[place + 1 :]])
        assert (faults == []) == whole


def test_hash_and_link_are_those_of_the_ledger() -> None:
    """The reader of these tests and the ledger of mofflow compute the same leaf, and each event links to the last."""
    chain = a_chain()
    assert [event.hash for event in chain] == [ledger.leaf(event.bytes) for event in chain]
    assert [after.prev for _, after in pairwise(chain)] == [before.hash for before, _ in pairwise(chain)]
    assert all(ledger.canonical(event.body) == event.bytes for event in chain)
