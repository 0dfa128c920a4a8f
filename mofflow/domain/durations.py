"""ISO 8601 durations: calendar units count in the wall time of a zone, smaller ones in absolute time."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from mofflow.errors import BadInput

_FORM = re.compile(
    r"P(?=[0-9T])(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=[0-9])(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time. Weeks are counted as seven days, hours and minutes as seconds."""

    years: int = 0
    months: int = 0
    days: int = 0
    seconds: int = 0

    def add(self, moment: datetime, zone: tzinfo) -> datetime:
        """The moment that lies this long after an aware one, in UTC.

        Years and months end at the last day of a shorter month (31 January + P1M = 28 February), then days
        are added, all in the wall time of `zone`. A wall time that does not exist there moves on over the
        gap; one that exists twice is the first. Seconds come last, in absolute time.
        BadInput outside the years 1 to 9999.
        """
        return _shift(moment, self, zone, 1)

    def subtract(self, moment: datetime, zone: tzinfo) -> datetime:
        """The moment that lies this long before an aware one, in UTC, by the rules of `add`."""
        return _shift(moment, self, zone, -1)


def parse(text: str) -> Duration:
    """A duration such as `P30D`, `P1Y2M`, `P2W` or `P1DT12H`: whole numbers, no sign; else BadInput."""
    found = _FORM.fullmatch(text)
    if not found:
        raise BadInput(
            f"Not a duration: {text!r}.", "Write ISO 8601 in whole numbers, such as P30D, P12M, P1W or PT2H."
        )
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return Duration(
        years=years, months=months, days=7 * weeks + days, seconds=3600 * hours + 60 * minutes + seconds
    )


def _shift(moment: datetime, duration: Duration, zone: tzinfo, sign: int) -> datetime:
    try:
        if duration.years or duration.months or duration.days:
            wall = moment.astimezone(zone).replace(tzinfo=None)
            wall = _months_later(wall, sign * (12 * duration.years + duration.months))
            moment = (wall + timedelta(days=sign * duration.days)).replace(tzinfo=zone)
        return moment.astimezone(UTC) + timedelta(seconds=sign * duration.seconds)
    except (OverflowError, ValueError) as error:
        raise BadInput(f"No calendar reaches that far: {moment.isoformat()} and {duration}.") from error


def _months_later(wall: datetime, months: int) -> datetime:
    year, month = divmod(12 * wall.year + wall.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))
