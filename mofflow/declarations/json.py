"""JSON with positions: the standard library says whether it is JSON, then its tokens are walked."""

from __future__ import annotations

import json
import re

from mofflow.declarations.document import MAX_DEPTH, Builder, Document, Mark, text_of

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\],:"]+')
_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


def parse_json(content: bytes, name: str) -> Document:
    """The document in these bytes of JSON. A number that is no integer is kept as its text."""
    text = text_of(content, name)
    builder = Builder(name)
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise builder.stop(Mark(error.lineno, error.colno), f"not JSON: {error.msg}.") from error
    except RecursionError as error:
        raise builder.stop(Mark(1, 1), f"nested deeper than {MAX_DEPTH} levels.") from error
    line, start, last = 1, 0, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", last, found.start())
        start = max(start, text.rfind("\n", last, found.start()) + 1)
        last = found.start()
        _take(found.group(), builder, Mark(line, last - start + 1))
    return builder.document()


def _take(part: str, builder: Builder, mark: Mark) -> None:
    if part == "{":
        builder.open({}, mark)
    elif part == "[":
        builder.open([], mark)
    elif part in "}]":
        builder.close()
    else:
        builder.scalar(_value(part, builder, mark), mark)


def _value(part: str, builder: Builder, mark: Mark) -> object:
    if part.startswith('"'):
        return json.loads(part)
    if part in _WORDS:
        return _WORDS[part]
    if part.lstrip("-") in ("NaN", "Infinity"):
        builder.note(mark, f"not JSON: {part}.")
    if _INTEGER.fullmatch(part):
        return int(part)
    if part.lstrip("-").isdigit():
        builder.note(mark, "a very long integer: write it as text, in quotes.")
    return part
