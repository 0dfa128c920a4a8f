"""Forms: a document of a kind as commented YAML, which its schema accepts as it stands; and its fields as YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mofflow.cli._text import visible
from mofflow.domain.example import Scene, fill
from mofflow.domain.policy import EvidenceKind
from mofflow.services import definitions
from mofflow.services.world import World

Schema = Mapping[str, Any]


def example_without_case(world: World, kind: EvidenceKind, person: str) -> dict[str, object]:
    """An example of the kind where there is no case that it is for."""
    scene = Scene(
        case="P-1",
        kind=kind.name,
        key="main" if kind.keyed_by else None,
        actor=person,
        revision=1,
        now=world.clock.stated() or world.clock.real(),
        zone=definitions.policies_in_force(world).calendar.zone,
    )
    found: Any = fill(kind.example, scene)  # a template of a document is a mapping
    return dict(found)


def form(kind: EvidenceKind, example: Mapping[str, object]) -> str:
    """The YAML: what the document is for, then each field with what it may hold."""
    lines = [f"# {kind.title}: {kind.purpose}"]
    if kind.statement:
        lines.append("# It reports facts: write only what is so.")
    if kind.by:
        lines.append(f"# Attached by: {', '.join(kind.by)}.")
    lines += _mapping(example, kind.schema, "")
    missing = [name for name in kind.schema.get("properties", {}) if name not in example]  # type: ignore[attr-defined]  # JSON
    lines += [f"# {name}: {_rule(_property(kind.schema, name), needed=False)}" for name in missing]
    return "\n".join(visible(line) for line in lines)


def fields_as_yaml(fields: Mapping[str, object]) -> str:
    """The fields of a document, without comments; they are read back as they are."""
    return "\n".join(visible(line) for line in _mapping(fields, None, "")) or "{}"


def _property(schema: Schema, name: str) -> Schema:
    found: Schema = schema.get("properties", {}).get(name, {})
    return found


def _mapping(values: Mapping[str, object], schema: Schema | None, indent: str) -> Iterator[str]:
    """One line or more for each entry; without a schema there are no comments."""
    for name, value in values.items():
        inner = None if schema is None else _property(schema, name)
        required = () if schema is None else schema.get("required", ())
        rule = "" if inner is None else _rule(inner, needed=name in required)
        yield from _entry(f"{indent}{_key(name)}:", value, inner, indent, f"  # {rule}" if rule else "")


def _entry(head: str, value: object, schema: Schema | None, indent: str, comment: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield f"{head}{comment}"
        yield from _mapping(value, schema, f"{indent}  ")
    elif isinstance(value, list) and value:
        yield f"{head}{comment}"
        for entry in value:
            yield from _item(entry, schema.get("items", {}) if schema is not None else None, f"{indent}  ")
    else:
        yield f"{head} {_scalar(value)}{comment}"


def _item(entry: object, schema: Schema | None, indent: str) -> Iterator[str]:
    if isinstance(entry, Mapping) and entry:
        first, *others = _mapping(entry, schema, f"{indent}  ")
        yield f"{indent}- {first.removeprefix(indent + '  ')}"
        yield from others
    else:
        yield f"{indent}- {_scalar(entry)}"


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.isidentifier() and name not in ("true", "false", "null") else _scalar(name)


def _rule(schema: Schema, *, needed: bool) -> str:
    """What a field may hold, in a few words."""
    words = [] if needed else ["optional"]
    if "description" in schema:
        words.append(str(schema["description"]))
    if "enum" in schema:
        words.append("one of " + ", ".join(map(_scalar, schema["enum"])))
    elif "format" in schema:
        words.append(str(schema["format"]))
    elif schema.get("type") not in (None, "string", "object", "array"):
        words.append(str(schema["type"]))
    return "; ".join(words)
