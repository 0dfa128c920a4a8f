"""Documents that a command is given: a file, fields, or a bundle of several kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mofflow.cli._values import file_data, overlaid
from mofflow.errors import BadInput
from mofflow.services import definitions
from mofflow.services.documents import Draft, kind_named
from mofflow.services.world import World


def drafts_of(bundle: Mapping[str, object]) -> tuple[Draft, ...]:
    """The documents of a bundle: kind -> fields, or a list of fields where the kind is kept for each of something."""
    return tuple(
        Draft(kind=kind, fields=fields) for kind, value in bundle.items() for fields in _each(kind, value)
    )


def _each(kind: str, value: object) -> Iterator[Mapping[str, object]]:
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, Mapping):
            raise BadInput(f"{kind}: not the fields of a document.", "Write: KIND: {FIELD: VALUE, ...}")
        yield entry


def drafts(
    world: World, kind: str | None, file: Path | None, given: tuple[str, ...], source: Path | None
) -> tuple[Draft, ...]:
    """What `attach KEY [KIND] [FILE] [--set ...] [--from YAML]` means.

    Without a kind, YAML is a bundle. With one, fields come from YAML and `--set`; where neither is there, FILE itself
    is YAML or JSON and holds them.
    """
    if kind is None:
        if source is None or given:
            raise BadInput("Say what to attach.", "Write: mofflow attach KEY KIND FILE, or --from BUNDLE.")
        return drafts_of(file_data(source))
    if source is None and not given:
        if file is None:
            hint = f"Name a file, or give its fields with --set or --from. A form: mofflow evidence template {kind}"
            raise BadInput(f"There is no content for {kind}.", hint)
        return (Draft(kind=kind, fields=file_data(file), path=None if str(file) == "-" else file),)
    fields = file_data(source) if source else {}
    if given:
        declared = kind_named(definitions.policies_in_force(world), kind)
        fields = overlaid(fields, given, declared.schema)
    return (Draft(kind=kind, fields=fields, path=file),)
