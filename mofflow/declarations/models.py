"""What the models of all declaration files share: strictness, and errors that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from mofflow.declarations.document import Document, Path, instead, seen

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]

_EXPECTED = re.compile(r"'([^']*)'")
_KINDS = {
    "string_type": "text",
    "int_type": "an integer",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


class Strict(BaseModel):
    """A mapping with known keys only, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, data: Any) -> Any:  # noqa: ANN401  # whatever stands in the file
        empty = [key for key, value in data.items() if value is None] if isinstance(data, dict) else []
        if empty:
            raise ValueError(
                f"null is no value of {' and '.join(map(repr, empty))}: leave the key out, or fill it in."
            )
        return data


M = TypeVar("M", bound=Strict)


def validated(model: type[M], document: Document, problems: list[str]) -> M | None:
    """The document as an instance of `model`; else None, and every breach is added to `problems`.

    A problem reads `file:line:column: path: what was found and what is wanted`, with the nearest known name.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        schema = model.model_json_schema(by_alias=True)
        problems.extend(_problem(found, document, schema) for found in error.errors(include_url=False))
        return None


def _problem(error: Mapping[str, Any], document: Document, schema: Mapping[str, Any]) -> str:
    kind: str = error["type"]
    path = _path(error["loc"], document.data, missing=kind == "missing")
    if kind == "extra_forbidden":
        word = str(path[-1])
        message = f"unknown key {seen(word)}{instead(word, known_keys(schema, path[:-1]))}"
        return document.problem(path, message, key=True)
    if kind == "missing":
        known = known_keys(schema, path[:-1])
        return document.problem(path[:-1], f"the key '{path[-1]}' is missing. Known: {', '.join(known)}.")
    return document.problem(path, _message(kind, error), key=error["loc"][-1:] == ("[key]",))


def _path(loc: Iterable[str | int], data: object, *, missing: bool) -> Path:
    """The steps of a pydantic location that are steps in the data; the rest are names of alternatives."""
    steps = list(loc)
    path: list[str | int] = []
    for number, step in enumerate(steps):
        inside = isinstance(data, dict) and step in data
        if inside or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]  # type: ignore[index]  # one of the two that were tested
            path.append(step)
        elif missing and number == len(steps) - 1:
            path.append(step)
    return tuple(path)


def known_keys(schema: Mapping[str, Any], path: Path) -> list[str]:
    """The keys that a JSON Schema knows for the mapping at `path`, whichever alternative applies."""
    found = _alternatives([schema], schema)
    for step in path:
        found = _alternatives([inner for s in found for inner in _inside(s, step)], schema)
    return sorted({key for s in found for key in s.get("properties", {})})


def _inside(schema: Mapping[str, Any], step: str | int) -> list[Mapping[str, Any]]:
    if isinstance(step, int):
        return [schema["items"]] if isinstance(schema.get("items"), Mapping) else []
    if step in schema.get("properties", {}):
        return [schema["properties"][step]]
    other = schema.get("additionalProperties")
    return [other] if isinstance(other, Mapping) else list(schema.get("patternProperties", {}).values())


def _alternatives(schemas: list[Mapping[str, Any]], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        if "$ref" in schema:
            waiting.append(root["$defs"][schema["$ref"].removeprefix("#/$defs/")])
        for several in ("anyOf", "oneOf", "allOf"):
            waiting.extend(schema.get(several, ()))
        found.append(schema)
    return found


def _message(kind: str, error: Mapping[str, Any]) -> str:
    value, context = error["input"], error.get("ctx", {})
    if kind in _KINDS:
        return f"{seen(value)} was found, {_KINDS[kind]} is wanted."
    if kind in ("literal_error", "enum"):
        return f"unknown value {seen(value)}{instead(str(value), _EXPECTED.findall(context['expected']))}"
    if kind == "string_pattern_mismatch":
        return f"{seen(value)} is no name: use lower-case letters, digits and underscores, a letter first."
    if kind == "value_error":
        return str(context["error"])
    message = str(error["msg"])
    return f"{seen(value)} was found: {message[:1].lower()}{message[1:]}."
