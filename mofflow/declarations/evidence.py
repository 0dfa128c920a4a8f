"""Evidence kinds: from declared fields to a closed JSON Schema, and every breach of it in words.

jsonschema takes 0.1 s to import, so it is imported when a document is first tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from mofflow.declarations.document import Path, dotted, instead, seen
from mofflow.declarations.text_formats import FORMATS
from mofflow.domain.policy import Fault

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import ValidationError

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMON: dict[str, dict[str, object]] = {
    "revision": {"type": "integer", "minimum": 1, "description": "Counts the versions of this document"},
    "remarks": {"type": "string", "minLength": 1},
}
_TYPES = {
    "string": "text",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def evidence_schema(kind: Mapping[str, Any]) -> dict[str, object]:
    """The complete JSON Schema of the documents of a kind, given as the policy file declares it.

    Closed at every level. All fields are required but those in `optional`; `revision` and `remarks` are known
    everywhere. Texts are not empty unless a field says `minLength: 0` or has a format.
    """
    optional = kind.get("optional", ())
    return {
        "$schema": DIALECT,
        "title": kind["title"],
        "description": kind["purpose"],
        "type": "object",
        "properties": {**{name: _closed(inner) for name, inner in kind["fields"].items()}, **COMMON},
        "required": [name for name in kind["fields"] if name not in optional],
        "additionalProperties": False,
    }


def _closed(declared: Mapping[str, Any]) -> dict[str, object]:
    schema = dict(declared)
    if "properties" in declared:
        schema["properties"] = {name: _closed(inner) for name, inner in declared["properties"].items()}
        schema.setdefault("required", list(declared["properties"]))
        schema["additionalProperties"] = False
    if "items" in declared:
        schema["items"] = _closed(declared["items"])
    if "string" in declared.get("type", ()) and not {"format", "enum", "const"} & set(declared):
        schema.setdefault("minLength", 1)
    return schema


@dataclass(frozen=True)
class FaultFinder:
    """Tells every breach of a schema by a document; the validator is made at the first one."""

    schema: Mapping[str, object] = field(repr=False)

    def __call__(self, fields: Mapping[str, object]) -> tuple[Fault, ...]:
        """All faults, in the order of their paths; none where the document is valid."""
        found = dict.fromkeys(_floats(fields, ()))
        inexact = {path for path, _ in found}
        for error in self._validator.iter_errors(fields):
            found.update(dict.fromkeys(f for f in _faults(error) if f[0] not in inexact))
        return tuple(Fault(path=dotted(path), message=text) for path, text in sorted(found, key=_order))

    @cached_property
    def _validator(self) -> Draft202012Validator:
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema, format_checker=_checker())


def _checker() -> FormatChecker:
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, (check, _) in FORMATS.items():
        checker.checks(name)(lambda value, check=check: not isinstance(value, str) or check(value))
    return checker


def _order(found: tuple[Path, str]) -> tuple[tuple[tuple[int, str], ...], str]:
    return tuple((step, "") if isinstance(step, int) else (0, step) for step in found[0]), found[1]


def _floats(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, float):
        yield (
            path,
            f"the floating point number {value} was found: write an integer, or decimal text in quotes.",
        )
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _floats(inner, (*path, name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _floats(inner, (*path, number))


def _faults(error: ValidationError) -> Iterator[tuple[Path, str]]:
    path: Path = tuple(error.absolute_path)
    rule, wanted, value = str(error.validator), cast(Any, error.validator_value), cast(Any, error.instance)
    known = list(error.schema.get("properties", ())) if isinstance(error.schema, Mapping) else []
    if rule == "additionalProperties":
        for name in value:
            if name not in known:
                yield (*path, name), f"unknown key{instead(str(name), known)}"
    elif rule == "required":
        for name in wanted:
            if name not in value:
                yield (*path, name), "is missing."
    else:
        yield path, _message(rule, wanted, value)


def _message(rule: str, wanted: Any, value: Any) -> str:  # noqa: ANN401  # JSON
    if rule == "type":
        types = [wanted] if isinstance(wanted, str) else wanted
        hint = ": put it in quotes" if "string" in types and isinstance(value, int | bool) else ""
        return f"{seen(value)} was found, {' or '.join(_TYPES[t] for t in types)} is wanted{hint}."
    if rule == "enum":
        return f"unknown value {seen(value)}{instead(str(value), map(str, wanted))}"
    if rule == "format":
        return f"{seen(value)} is not {FORMATS[wanted][1]}."
    return _BOUNDS[rule].format(
        wanted=seen(wanted) if rule == "const" else wanted, value=seen(value), size=_size(value)
    )


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | Mapping) else 0


_BOUNDS = {
    "const": "{value} was found, {wanted} is wanted.",
    "minItems": "{size} entries were found, at least {wanted} must be there.",
    "maxItems": "{size} entries were found, at most {wanted} may be there.",
    "uniqueItems": "an entry stands twice.",
    "minLength": "{size} characters were found, at least {wanted} must be there.",
    "maxLength": "{size} characters were found, at most {wanted} may be there.",
    "minimum": "{value} was found, at least {wanted} is wanted.",
    "maximum": "{value} was found, at most {wanted} is wanted.",
}
