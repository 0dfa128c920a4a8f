"""Plain data that remembers where in its file everything stood, and the builder that both readers feed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from mofflow.errors import InvalidDeclaration, nearest

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_PROBLEMS = 50
MAX_INTEGER = 2**53 - 1  # RFC 8785 knows no larger ones
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The data of one file; `values` and `keys` tell where each value and each mapping key began, by path."""

    name: str
    data: dict[str, object]
    values: dict[Path, Mark]
    keys: dict[Path, Mark]

    def problem(self, path: Path, message: str, *, key: bool = False) -> str:
        """`file:line:column: path: message`, at the value, at its `key`, or at what is around it."""
        mark = self.keys.get(path) if key else None
        around = (path[:end] for end in range(len(path), -1, -1))
        mark = mark or next(self.values[p] for p in around if p in self.values)
        where = f"{dotted(path)}: " if path else ""
        return f"{self.name}:{mark.line}:{mark.column}: {where}{message}"


def dotted(path: Path) -> str:
    """A path as people write it: `costs.direct[0].amount`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def seen(value: object) -> str:
    """A value as a message shows it: its kind, and the value where it is short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "null" if value is None else f"the number {value}"


def instead(word: str, known: Iterable[str]) -> str:
    """How a message about an unknown word ends: the nearest known one, then all of them."""
    words = list(known)
    return f"{nearest(word, words)}. Known: {', '.join(words) or 'none'}."


def refused(name: str, problems: list[str]) -> InvalidDeclaration:
    """The error for a file with these problems."""
    shown = problems[:MAX_PROBLEMS]
    if len(problems) > len(shown):
        shown.append(f"{name}: and {len(problems) - len(shown)} more.")
    return InvalidDeclaration(f"{name} cannot be accepted.", "Correct what is listed, then try again.", shown)


def text_of(content: bytes, name: str) -> str:
    """The text of a file; refuses too many bytes, invalid UTF-8 and control characters."""
    if len(content) > MAX_BYTES:
        raise refused(name, [f"{name}:1:1: more than {MAX_BYTES} bytes."])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace").removeprefix("\ufeff")
        raise refused(
            name, [f"{_place(name, before)}: not UTF-8: byte 0x{content[error.start]:02x}."]
        ) from error
    if found := FORBIDDEN.search(text):
        place = _place(name, text[: found.start()])
        raise refused(name, [f"{place}: the control character U+{ord(found.group()):04X}."])
    return text


def _place(name: str, before: str) -> str:
    return f"{name}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@dataclass(slots=True)
class _Frame:
    container: dict[str, object] | list[object]
    path: Path
    key: str | None = None


@dataclass(slots=True)
class Builder:
    """Takes the parts of a file in their order. What can be noted is noted, what cannot go on raises."""

    name: str
    problems: list[str] = field(default_factory=list)
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    _frames: list[_Frame] = field(default_factory=list)
    _root: list[object] = field(default_factory=list)

    def note(self, mark: Mark, message: str) -> None:
        """A problem that does not keep the rest from being read."""
        self.problems.append(f"{self.name}:{mark.line}:{mark.column}: {message}")

    def stop(self, mark: Mark, message: str) -> InvalidDeclaration:
        """The error to raise where reading cannot go on."""
        self.note(mark, message)
        return refused(self.name, self.problems)

    def open(self, container: dict[str, object] | list[object], mark: Mark) -> None:
        """A mapping or list begins."""
        if len(self._frames) >= MAX_DEPTH:
            raise self.stop(mark, f"nested deeper than {MAX_DEPTH} levels.")
        if self._wants_key():
            raise self.stop(mark, "a key that is no text.")
        self._frames.append(_Frame(container, self._put(container, mark)))

    def close(self) -> None:
        """The innermost mapping or list ends."""
        self._frames.pop()

    def scalar(self, value: object, mark: Mark) -> None:
        """A text, an integer, true, false or null; in a mapping every other one is a key."""
        if isinstance(value, str) and (found := FORBIDDEN.search(value)):
            self.note(mark, f"the control character U+{ord(found.group()):04X}.")
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            self.note(mark, f"the integer is beyond {MAX_INTEGER}: write it as text, in quotes.")
        if self._wants_key():
            self._key(value, mark)
        else:
            self._put(value, mark)

    def document(self) -> Document:
        """What was built; refuses it where anything was noted, or where it is no mapping."""
        data = self._root[0] if self._root else None
        if not isinstance(data, dict):
            self.note(self.values.get((), Mark(1, 1)), "not a mapping: write `key: value` lines.")
        if self.problems or not isinstance(data, dict):
            raise refused(self.name, self.problems)
        return Document(name=self.name, data=data, values=self.values, keys=self.keys)

    def _wants_key(self) -> bool:
        return (
            bool(self._frames)
            and isinstance(self._frames[-1].container, dict)
            and self._frames[-1].key is None
        )

    def _key(self, value: object, mark: Mark) -> None:
        frame = self._frames[-1]
        if not isinstance(value, str):
            self.note(mark, f"{seen(value)} is a key, and no text: put it in quotes.")
        frame.key = str(value)
        path = (*frame.path, frame.key)
        if path in self.keys:
            first = self.keys[path]
            self.note(mark, f"{dotted(path)}: the key stands twice, first in line {first.line}.")
        self.keys.setdefault(path, mark)

    def _put(self, value: object, mark: Mark) -> Path:
        path: Path = ()
        if not self._frames:
            self._root.append(value)
        else:
            frame = self._frames[-1]
            if isinstance(frame.container, dict):
                path = (*frame.path, str(frame.key))
                frame.container[str(frame.key)] = value
                frame.key = None
            else:
                path = (*frame.path, len(frame.container))
                frame.container.append(value)
        self.values.setdefault(path, mark)
        return path
