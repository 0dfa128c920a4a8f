"""Files of people, read safely: a YAML of texts, integers, `true`, `false` and null only, and JSON.

What looks like a number with a fraction, a date, a time, `on` or `no` is text. Anchors, aliases, tags, merge
keys, directives, a second document, doubled keys and keys that are no text are refused, with line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mofflow.declarations.document import MAX_BYTES, Builder, Document, Mark, text_of
from mofflow.declarations.json import parse_json
from mofflow.errors import BadInput, InvalidDeclaration

_LIKE_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*["}]')  # a YAML mapping may begin like this too
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(path: Path) -> Document:
    """A declaration file. InvalidDeclaration, with `problems`, where it cannot be read or accepted."""
    try:
        content = _bytes_of(path)
    except BadInput as error:
        raise InvalidDeclaration(error.message, error.hint) from error
    return parse_yaml(content, str(path))


def read_data(source: Path | bytes, name: str = "input") -> dict[str, object]:
    """The mapping in a user's YAML or JSON file, or in bytes called `name`; BadInput lists what is wrong.

    A `Path` names itself. A fraction in JSON is kept as the text that it was, as in YAML.
    """
    try:
        if isinstance(source, Path):
            return parse(_bytes_of(source), str(source)).data
        return parse(source, name).data
    except InvalidDeclaration as error:
        raise BadInput(error.message, error.hint) from error


def parse(content: bytes, name: str) -> Document:
    """JSON where the name ends in `.json` or the content is JSON, else YAML."""
    if name.lower().endswith(".json"):
        return parse_json(content, name)
    if not _LIKE_JSON.match(content):
        return parse_yaml(content, name)
    try:
        return parse_json(content, name)
    except InvalidDeclaration as error:
        first = error
    try:
        return parse_yaml(content, name)
    except InvalidDeclaration:
        raise first from None


def parse_yaml(content: bytes, name: str) -> Document:
    """The document in these bytes of YAML; `name` is the file as problems show it."""
    text = text_of(content, name)
    builder = Builder(name)
    try:
        for event in _events(text):
            _take(event, builder)
    except yaml.YAMLError as error:
        raise builder.stop(_mark(getattr(error, "problem_mark", None)), _reason(error)) from error
    except (ValueError, OverflowError) as error:  # the parser in Python, on an escape beyond Unicode
        raise builder.stop(Mark(1, 1), f"not YAML: {error}.") from error
    return builder.document()


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_dir() and path.exists() and not path.is_file():  # a FIFO without a writer would hang
            raise BadInput(f"{path} is not a regular file.", "Name a file, or give - for standard input.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{path} cannot be read: {reason}.", "Check the path and its permissions.") from error


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


def _mark(mark: Any) -> Mark:  # noqa: ANN401  # the C parser has a Mark class of its own
    return Mark(mark.line + 1, mark.column + 1) if mark is not None else Mark(1, 1)


def _reason(error: yaml.YAMLError) -> str:
    parts = [getattr(error, "problem", None), getattr(error, "context", None)]
    return "not YAML: " + (", ".join(p for p in parts if p) or " ".join(str(error).split())) + "."


def _take(event: Any, builder: Builder) -> None:  # noqa: ANN401  # events have no common typed base
    mark = _mark(event.start_mark)
    if isinstance(event, yaml.NodeEvent):
        _refuse_marvels(event, builder, mark)
    if isinstance(event, yaml.DocumentStartEvent):
        _begin(event, builder, mark)
    elif isinstance(event, yaml.MappingStartEvent):
        builder.open({}, mark)
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.open([], mark)
    elif isinstance(event, yaml.CollectionEndEvent):
        builder.close()
    elif isinstance(event, yaml.ScalarEvent):
        builder.scalar(_value(event, builder, mark), mark)


def _refuse_marvels(event: Any, builder: Builder, mark: Mark) -> None:  # noqa: ANN401  # as above
    if isinstance(event, yaml.AliasEvent):
        raise builder.stop(mark, f"an alias (*{event.anchor}): write the value out.")
    if event.anchor is not None:
        builder.note(mark, f"an anchor (&{event.anchor}): write values out where they are needed.")
    if event.tag is not None:
        builder.note(mark, f"a tag ({event.tag}): leave it away.")


def _begin(event: Any, builder: Builder, mark: Mark) -> None:  # noqa: ANN401  # as above
    if builder.values:
        raise builder.stop(mark, "a second document: one file holds one.")
    if event.tags or event.version:
        builder.note(mark, "a directive (%): leave it away.")


def _value(event: Any, builder: Builder, mark: Mark) -> object:  # noqa: ANN401  # as above
    text: str = event.value
    if not event.implicit[0] or event.tag is not None:
        return text
    if text == "<<":
        builder.note(mark, "a merge key (<<): write the keys out.")
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) and len(text) <= 20:
        return int(text)
    if _INTEGER.fullmatch(text):
        builder.note(mark, "a very long integer: write it as text, in quotes.")
    return text
