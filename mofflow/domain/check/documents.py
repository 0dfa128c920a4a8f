"""Paths and values inside evidence kinds, judged by their JSON Schemas (the closed part that policies may use)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from mofflow.domain.check.report import unknown
from mofflow.domain.paths import same, shown

Schema = Mapping[str, object]
_DATES = ("date", "date-time")
_TYPES = {str: "string", bool: "boolean", int: "integer", list: "array", tuple: "array", dict: "object"}


def find(schema: Schema, path: str) -> Schema | str:
    """The schema at a dotted path, a list on the way standing for its entries; a message where a step is not there."""
    here = schema
    for step in path.split("."):
        known = _properties(_entry(here))
        if step not in known:
            return unknown("field", step, known)
        here = cast("Schema", known[step])
    return here


def _entry(schema: Schema) -> Schema:
    while "properties" not in schema and isinstance(schema.get("items"), Mapping):
        schema = cast("Schema", schema["items"])
    return schema


def _properties(schema: Schema) -> Mapping[str, object]:
    return cast("Mapping[str, object]", schema.get("properties", {}))


def fields_of(schema: Schema) -> tuple[str, ...]:
    """The fields of a mapping, or of the entries of a list."""
    return tuple(_properties(_entry(schema)))


def is_date(schema: Schema) -> bool:
    """Whether a schema is that of a date or a moment."""
    return schema.get("format") in _DATES


def refusals(schema: Schema, value: object) -> Iterator[str]:
    """Why no document of this schema can have this value; nothing where one can."""
    if "const" in schema and not same(schema["const"], value):
        yield f"it is always {shown(schema['const'])}, never {shown(value)}."
    allowed = schema.get("enum")
    if isinstance(allowed, list | tuple) and not any(same(a, value) for a in allowed):
        yield unknown("value", shown(value), allowed)
    types = schema.get("type")
    known = (types,) if isinstance(types, str) else tuple(cast("list[str]", types or ()))
    if known and _TYPES.get(type(value), "null") not in known:
        yield f"it is of type {' or '.join(known)}, so it is never {shown(value)}."
    elif isinstance(value, list | tuple) and isinstance(schema.get("items"), Mapping):
        for entry in value:
            yield from refusals(cast("Schema", schema["items"]), entry)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _out_of_bounds(schema, value)


def _out_of_bounds(schema: Schema, value: int) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if (isinstance(least, int) and value < least) or (isinstance(most, int) and value > most):
        yield f"it is never {value}: its bounds are {shown(least)} and {shown(most)}."
