"""What people write for values: FIELD=VALUE, files of them, days and times."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mofflow import settings
from mofflow.errors import BadInput

if TYPE_CHECKING:
    from mofflow.services.world import World

_TICK = timedelta(microseconds=1)  # the history counts in these
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def pairs(words: Iterable[str], option: str = "--set") -> dict[str, str]:
    """FIELD=VALUE words as a mapping; BadInput for one without `=`, or a field given twice."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise BadInput(
                f"{word!r} is no FIELD=VALUE.", " ".join(filter(None, ("Write:", option, "FIELD=VALUE")))
            )
        if name.strip() in found:
            raise BadInput(f"{name.strip()} is given twice.", "Give each field once.")
        found[name.strip()] = value
    return found


def loose(value: str) -> object:
    """The value as data where it is a JSON list or object, else the text."""
    if value.lstrip().startswith(("[", "{")):
        try:
            return json.loads(value, parse_float=str)
        except ValueError:
            return value
    return value


def loosely(words: Iterable[str], option: str = "--set") -> dict[str, object]:
    """FIELD=VALUE words, each value read by `loose`."""
    return {name: loose(value) for name, value in pairs(words, option).items()}


def file_data(path: Path) -> dict[str, object]:
    """The mapping in a YAML or JSON file; `-` is standard input."""
    from mofflow.declarations.yaml import read_data

    if str(path) == "-":
        import sys

        return read_data(sys.stdin.buffer.read(), "standard input")
    return read_data(path)


def overlaid(
    fields: Mapping[str, object], words: Iterable[str], schema: Mapping[str, Any]
) -> dict[str, object]:
    """The fields with FIELD=VALUE words put in, each in the type that the schema wants; `a.b=1` reaches inside."""
    found: dict[str, object] = json.loads(json.dumps(dict(fields)))
    for name, value in pairs(words).items():
        path = name.split(".")
        _put(found, path, _typed(value, _inner(schema, path)))
    return found


def _put(target: dict[str, object], path: Sequence[str], value: object) -> None:
    for step in path[:-1]:
        inside = target.setdefault(step, {})
        if not isinstance(inside, dict):
            raise BadInput(f"{'.'.join(path)}: {step} is no mapping.", "Give the whole of it as JSON.")
        target = inside
    target[path[-1]] = value


def _inner(schema: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    for step in path:
        schema = schema.get("properties", {}).get(step, {})
    return schema


def _typed(value: str, schema: Mapping[str, Any]) -> object:
    """JSON where the schema wants something other than text, and the value is JSON."""
    texts = schema.get("type") == "string" or all(isinstance(v, str) for v in schema.get("enum", (0,)))
    if texts:
        return value
    try:
        return json.loads(value, parse_float=str)
    except ValueError:
        return value


def start_of(text: str, option: str, zone: tzinfo) -> datetime:
    """A time, or the beginning of a day in the organisation's zone."""
    day = _day(text, option)
    return _midnight(day, zone) if day else settings.moment(text, option)


def end_of(text: str, option: str, world: World) -> datetime:
    """A time; the end of a day in the organisation's zone, which is the midnight after it; or a duration from now."""
    from mofflow.domain.durations import parse
    from mofflow.services.world import moment

    with world.database.reading() as reading:
        zone, now = reading.policies().calendar.zone, moment(world, reading)
    if text.strip().startswith("P"):
        return parse(text.strip()).add(now, zone)
    day = _day(text, option)
    return _midnight(day + timedelta(days=1), zone) if day else settings.moment(text, option)


def last_of(text: str, option: str, zone: tzinfo) -> datetime:
    """A time, or the last instant of a day in the organisation's zone."""
    day = _day(text, option)
    return _midnight(day + timedelta(days=1), zone) - _TICK if day else settings.moment(text, option)


def _day(text: str, option: str) -> date | None:
    if not _DAY.fullmatch(text.strip()):
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        reason = str(error).removesuffix(".")
        raise BadInput(f"{option}: {text!r} is no day: {reason}.", "Write it as in 2026-03-31.") from error
    settings.moment(f"{found.isoformat()}T00:00:00Z", option)  # within the years that times may have
    return found


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
