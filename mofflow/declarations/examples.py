"""Tests the example of every evidence kind: known placeholders, which make a valid document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mofflow.declarations.document import Document, dotted
from mofflow.declarations.evidence import FaultFinder, evidence_schema
from mofflow.domain.example import EACH, Scene, fill
from mofflow.errors import BadInput, nearest

_NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
_DIGEST = "@digest:"


def example_problems(document: Document, kinds: Mapping[str, Any] | None) -> Iterator[str]:
    """A problem for each wrong example; `kinds` are those of all files, None where some are unknown."""
    rules: Mapping[str, Any] = document.data["rules"]  # type: ignore[assignment]  # valid by its model
    for name, rule in rules.items():
        sources = () if kinds is None else _sources(rule["example"], kinds)
        for message in (*sources, *_faults(name, rule)):
            yield document.problem(("rules", name, "example"), message)


def _faults(name: str, rule: Mapping[str, Any]) -> Iterator[str]:
    key = "main" if rule.get("keyed_by") else None
    scene = Scene(case="PRJ-1", kind=name, key=key, actor="ann", revision=1, now=_NOW, zone=UTC)
    try:
        filled: Any = fill(rule["example"], scene)
    except BadInput as error:
        yield f"{error.message} {error.hint}"
        return
    for fault in FaultFinder(evidence_schema(rule))(filled):
        yield f"its own fields refuse it: {fault.path}: {fault.message}"


def _sources(template: object, kinds: Mapping[str, Any]) -> Iterator[str]:
    """What placeholders name in other kinds, and is not there."""
    if isinstance(template, str) and template.startswith(_DIGEST):
        yield from _missing_kind(template.removeprefix(_DIGEST), kinds)
    elif isinstance(template, Mapping):
        if EACH in template:
            yield from _missing_list(str(template[EACH]), kinds)
        for inner in template.values():
            yield from _sources(inner, kinds)
    elif isinstance(template, list):
        for inner in template:
            yield from _sources(inner, kinds)


def _missing_kind(kind: str, kinds: Mapping[str, Any]) -> Iterator[str]:
    if kind not in kinds:
        yield f"there is no evidence kind '{kind}'{nearest(kind, list(kinds))}."


def _missing_list(source: str, kinds: Mapping[str, Any]) -> Iterator[str]:
    kind, *path = source.split(".")
    if kind not in kinds:
        yield from _missing_kind(kind, kinds)
        return
    fields: Any = kinds[kind]["fields"]
    found: Any = {}
    for step in path:
        found = fields.get(step, {})
        fields = found.get("properties", {})
    if "items" not in found:
        yield f"`{EACH}` names no list of {kind}: {dotted(tuple(path)) or 'nothing'}."
