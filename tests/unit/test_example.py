"""Examples of documents, filled in; and the durations that they and the policies use."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofflow.domain.case import Evidence, Moment
from mofflow.domain.durations import Duration, parse
from mofflow.domain.example import Scene, fill
from mofflow.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2024, 3, 1, 23, 30, 15, 999_999, tzinfo=UTC)


def document(kind: str, fields: dict[str, object], key: str | None = None) -> Evidence:
    return Evidence(
        kind=kind, key=key, version=1, digest="d" * 64, fields=fields, attached=Moment(at=NOW, seq=1),
        by="ann", changed_by=("ann",), kind_digest="", size=1, name="x.yaml", seal="e" * 64,
    )  # fmt: skip


def filled(template: object, *documents: Evidence, zone: tzinfo = UTC, key: str | None = "north") -> object:
    scene = Scene(
        case="PRJ-7",
        kind="site_record",
        key=key,
        actor="ann",
        revision=3,
        now=NOW,
        zone=zone,
        documents=documents,
    )
    return fill(template, scene)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("@now", "2024-03-01T23:30:15Z"),
        ("@now-P14D", "2024-02-16T23:30:15Z"),
        ("@now+PT2H", "2024-03-02T01:30:15Z"),
        ("@today", "2024-03-01"),
        ("@today-P1D", "2024-02-29"),
        ("@today+P1M", "2024-04-01"),
        ("@key", "north"),
        ("@case", "PRJ-7"),
        ("@actor", "ann"),
        ("@revision", 3),
        ("rc@{revision} of @{case}, @{key}", "rc3 of PRJ-7, north"),
        ("@{case}", "PRJ-7"),
        ("mail ann@example.org", "mail ann@example.org"),
        ("@@now", "@now"),
        ("@sha256", hashlib.sha256(b"PRJ-7:site_record:3").hexdigest()),
        ("@digest:plan", "d" * 64),
        ("@digest:other", hashlib.sha256(b"PRJ-7:other:3").hexdigest()),
        (True, True),
        (7, 7),
        (None, None),
    ],
)
def test_each_placeholder_has_its_value(template: object, value: object) -> None:
    """Times are UTC in whole seconds, days are those of the zone, the revision is an integer."""
    result = filled([{"x": template}], document("plan", {}))
    assert result == [{"x": value}]


def test_a_day_is_that_of_the_organisation() -> None:
    """Half past eleven in the evening in UTC is the next day in Berlin."""
    assert filled(["@today", "@now"], zone=BERLIN) == ["2024-03-02", "2024-03-01T23:30:15Z"]


def test_a_list_follows_the_entries_of_another_document() -> None:
    """One entry each, with typed fields of the entry; a field that the entry lacks is left out."""
    template = {
        "@each": "plan.parts.list",
        "as": {"id": "@item.id", "n": "@item.n", "all": ["@item.id", "@item.n"]},
    }
    plan = document("plan", {"parts": {"list": [{"id": "a", "n": 1}, {"id": "b"}]}})
    assert filled(template, plan) == [{"id": "a", "n": 1, "all": ["a", 1]}, {"id": "b", "all": ["b"]}]
    assert filled({"@each": "plan.names", "as": "@item"}, document("plan", {"names": ["x", "y"]})) == [
        "x",
        "y",
    ]


@pytest.mark.parametrize(
    "documents", [(), (document("plan", {"list": []}),), (document("plan", {"list": "x"}),)]
)
def test_without_entries_the_list_is_that_of_else(documents: tuple[Evidence, ...]) -> None:
    """No document, an empty list, or no list at all."""
    assert filled({"@each": "plan.list", "as": "@item", "else": [{"id": "@case"}]}, *documents) == [
        {"id": "PRJ-7"}
    ]
    assert filled({"@each": "plan.list", "as": "@item"}, *documents) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "@nwo",
        "@now-P1",
        "@now-",
        "@today+PT2H",
        "@digest:",
        "@item.id",
        "@itemid",
        "x @{cse}",
        "@now+P9999Y",
        {"@each": 7, "as": 1},
        {"@each": "plan.list"},
        {"@each": "plan.list", "as": 1, "els": []},
    ],
)
def test_a_wrong_template_is_bad_input(wrong: object) -> None:
    """A typing error in an example never becomes a document."""
    with pytest.raises(BadInput):
        filled({"x": wrong}, document("plan", {"list": [1]}))


def test_the_nearest_placeholder_is_suggested() -> None:
    """An unknown placeholder names the known ones."""
    with pytest.raises(BadInput, match="did you mean '@today'"):
        filled("@toady")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P30D", Duration(days=30)),
        ("P1Y2M3W4DT5H6M7S", Duration(years=1, months=2, days=25, seconds=5 * 3600 + 6 * 60 + 7)),
        ("P12M", Duration(months=12)),
        ("PT90M", Duration(seconds=5400)),
        ("P0D", Duration()),
    ],
)
def test_durations_are_read(text: str, duration: Duration) -> None:
    """Weeks are days, hours and minutes are seconds."""
    assert parse(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "1D",
        "P-1D",
        "-P1D",
        "P1.5D",
        "P1D2M",
        "PT1D",
        "p1d",
        "P1D ",
        "P1D\n",
        "P\u0661D",
        "P1H",
        "P9999999D",
    ],
)
def test_other_texts_are_no_durations(text: str) -> None:
    """Signs, fractions, a wrong order and other digits are refused."""
    with pytest.raises(BadInput):
        parse(text)


@pytest.mark.parametrize(
    ("moment", "text", "later"),
    [
        ("2023-01-31T12:00+01:00", "P1M", "2023-02-28T11:00Z"),  # month end
        ("2024-01-31T12:00+01:00", "P1M", "2024-02-29T11:00Z"),  # month end in a leap year
        ("2024-02-29T12:00+01:00", "P1Y", "2025-02-28T11:00Z"),  # leap day
        ("2023-12-31T12:00+01:00", "P2M", "2024-02-29T11:00Z"),  # over the end of a year
        ("2023-01-31T12:00+01:00", "P1M1D", "2023-03-01T11:00Z"),  # months first, then days
        ("2024-03-30T12:00+01:00", "P1D", "2024-03-31T10:00Z"),  # noon stays noon in the short night
        ("2024-03-30T12:00+01:00", "PT24H", "2024-03-31T11:00Z"),  # but 24 hours are 24 hours
        ("2024-03-30T02:30+01:00", "P1D", "2024-03-31T01:30Z"),  # half past two does not exist: half past three
        ("2024-10-26T02:30+02:00", "P1D", "2024-10-27T00:30Z"),  # half past two exists twice: the first
        ("2024-10-27T02:30+01:00", "PT1H", "2024-10-27T02:30Z"),  # the second half past two, and an hour
        ("2024-10-27T02:30+01:00", "P154D", "2025-03-30T01:30Z"),  # from the second half past two into a gap: forward
        ("2024-10-27T02:30+01:00", "P0D", "2024-10-27T01:30Z"),  # nothing added: the second one stays it
    ],
)  # fmt: skip
def test_calendar_units_count_in_wall_time(moment: str, text: str, later: str) -> None:
    """Days and longer units keep the time on the wall of the zone, smaller units count absolutely."""
    assert parse(text).add(datetime.fromisoformat(moment), BERLIN) == datetime.fromisoformat(later)


def test_subtracting_clamps_and_skips_alike() -> None:
    """A month before the 31st is a month's end, and a time that does not exist moves forward."""
    assert parse("P1M").subtract(datetime(2024, 3, 31, 12, tzinfo=UTC), UTC) == datetime(
        2024, 2, 29, 12, tzinfo=UTC
    )
    moved = parse("P1D").subtract(datetime(2024, 4, 1, 0, 30, tzinfo=UTC), BERLIN)
    assert moved == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["P9999Y", "P999999M", "P9000Y999999D"])
def test_beyond_the_calendar_is_bad_input(text: str) -> None:
    """The years 1 to 9999 are all there are."""
    for shift in (parse(text).add, parse(text).subtract):
        with pytest.raises(BadInput):
            shift(NOW, BERLIN)


MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])


@given(MOMENTS, ZONES, st.integers(0, 400))
def test_days_keep_the_wall_time_where_it_exists(moment: datetime, zone: tzinfo, days: int) -> None:
    """The result is aware and in UTC; its wall time is the same, or lies after a gap of at most a few hours."""
    later = Duration(days=days).add(moment, zone)
    assert later.tzinfo is UTC
    wanted = moment.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    assert timedelta() <= later.astimezone(zone).replace(tzinfo=None) - wanted <= timedelta(hours=3)


@given(MOMENTS, ZONES, st.integers(0, 48))
def test_months_land_in_the_month_meant(moment: datetime, zone: tzinfo, months: int) -> None:
    """The month is exact, and the day is the same or the last of the month."""
    start: date = moment.astimezone(zone).date()
    end: date = Duration(months=months).add(moment, zone).astimezone(zone).date()
    assert 12 * end.year + end.month == 12 * start.year + start.month + months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(MOMENTS, ZONES, st.integers(0, 10**6))
def test_seconds_are_absolute(moment: datetime, zone: tzinfo, seconds: int) -> None:
    """They go forth and back whatever the clocks on the wall do."""
    length = Duration(seconds=seconds)
    assert length.subtract(length.add(moment, zone), zone) == moment
