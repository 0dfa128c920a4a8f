"""The formats that a text field of a document can have. Each check says whether a text has the format."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from mofflow.domain.durations import parse
from mofflow.errors import BadInput

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,29})(?:\.\d{1,20})?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PERSON = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def is_date(text: str) -> bool:
    """A day that the calendar has, such as 2024-02-29."""
    return bool(_DATE.fullmatch(text)) and _accepts(date.fromisoformat, text)


def is_date_time(text: str) -> bool:
    """RFC 3339 with seconds and a zone, such as 2024-02-29T12:00:00Z; no leap seconds."""
    return bool(_DATE_TIME.fullmatch(text)) and _accepts(datetime.fromisoformat, text)


def is_decimal(text: str) -> bool:
    """A number in decimal notation: no exponent, no separators, no plus sign."""
    return bool(_DECIMAL.fullmatch(text))


def is_sha256(text: str) -> bool:
    """64 lower-case hexadecimal digits."""
    return bool(_SHA256.fullmatch(text))


def is_duration(text: str) -> bool:
    """An ISO 8601 duration in whole numbers (see `domain.durations`)."""
    return _accepts(parse, text)


def is_person(text: str) -> bool:
    """The id of a person: up to 64 lower-case letters, digits, dots, underscores and hyphens."""
    return bool(_PERSON.fullmatch(text))


FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "date": (is_date, "a day such as 2024-02-29"),
    "date-time": (is_date_time, "a time with seconds and zone, such as 2024-02-29T12:00:00Z"),
    "decimal": (is_decimal, "a decimal number such as 3500.50"),
    "sha256": (is_sha256, "a SHA-256 in 64 lower-case hexadecimal digits"),
    "duration": (is_duration, "an ISO 8601 duration such as P14D"),
    "person": (is_person, "the id of a person, in lower-case letters, digits, `.`, `_` and `-`"),
}


def _accepts(reader: Callable[[str], object], text: str) -> bool:
    try:
        reader(text)
    except (ValueError, OverflowError, BadInput):
        return False
    return True
