"""Values inside documents: dotted paths, comparing, showing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def values_at(fields: object, path: str) -> Iterator[object]:
    """Every value at a dotted path; a list on the way stands for each of its entries."""
    if not path:
        yield fields
    elif isinstance(fields, Mapping):
        head, _, rest = path.partition(".")
        if head in fields:
            yield from values_at(fields[head], rest)
    elif isinstance(fields, Sequence) and not isinstance(fields, str):
        for entry in fields:
            yield from values_at(entry, path)


def flat(values: Iterator[object]) -> Iterator[object]:
    """The same values, with each list among them opened."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def shown(value: object) -> str:
    """A field value as a message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(shown(v) for v in value) or "an empty list"
    return str(value)


def same(found: object, wanted: object) -> bool:
    """Equality that tells true from 1."""
    return type(found) is type(wanted) and found == wanted
