"""How single values are stored: times, moments and plain data."""

from __future__ import annotations

import json
from datetime import datetime

from mofflow.domain.case import Moment
from mofflow.domain.ledger import utc_text, utc_time

Values = dict[str, object]
Key = tuple[str, ...]


def dumps(value: object) -> str:
    """JSON text of plain data, in the order that it has."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=dict)


def optional_text(moment: datetime | None) -> str | None:
    """The stored form of a time that may be missing."""
    return None if moment is None else utc_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """The inverse of `optional_text`."""
    return None if text is None else utc_time(text)


def pair(moment: Moment) -> list[object]:
    """A moment inside JSON."""
    return [utc_text(moment.at), moment.seq]


def moment_of(at: str, seq: int) -> Moment:
    """A moment out of its two columns."""
    return Moment(at=utc_time(at), seq=seq)
