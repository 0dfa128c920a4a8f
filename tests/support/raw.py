"""The raw history: what lies in the tables, read by SQL and plain JSON, past everything that mofflow makes of it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ADMIN = "_admin"


@dataclass(frozen=True)
class RawEvent:
    """A row of `event`: its exact bytes, what they say, and the texts beside it (name -> salt, content)."""

    case: str
    seq: int
    bytes: bytes
    hash: str
    prev: str | None
    body: dict[str, Any]
    texts: dict[str, tuple[str, str | None]]

    @property
    def at(self) -> datetime:
        """The time that decides."""
        return moment(self.body["at"])

    @property
    def done(self) -> bool:
        """Whether it took effect."""
        return bool(self.body["outcome"] == "done")

    def is_(self, kind: str) -> bool:
        """Whether it is of this kind, and took effect."""
        return self.done and bool(self.body["kind"] == kind)

    @property
    def data(self) -> dict[str, Any]:
        """What it is about."""
        found: dict[str, Any] = self.body["data"]
        return found

    def text(self, name: str) -> str:
        """A text that stands beside it."""
        return self.texts[name][1] or ""

    @property
    def persons(self) -> frozenset[str]:
        """The natural persons who acted: the actor, and for whom he did."""
        return frozenset(p for p in (self.body["actor"], self.body["acting_for"]) if p)


def moment(text: str) -> datetime:
    """A time as the history writes it."""
    return datetime.fromisoformat(text)


class RawHistory:
    """All events of a database, by case. `refresh` takes in what was added since."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.cases: dict[str, list[RawEvent]] = {}

    def refresh(self) -> list[RawEvent]:
        """Read on; the events that are new, in their order of writing."""
        with closing(sqlite3.connect(self._path)) as connection:
            new = list(self._read(connection))
        for event in new:
            self.cases.setdefault(event.case, []).append(event)
        return new

    def _read(self, connection: sqlite3.Connection) -> Iterator[RawEvent]:
        for (case,) in connection.execute('SELECT key FROM "case" ORDER BY number').fetchall():
            after = len(self.cases.get(case, ()))
            rows = connection.execute(
                'SELECT seq, body, hash, prev FROM event WHERE "case" = ? AND seq > ? ORDER BY seq',
                (case, after),
            ).fetchall()
            for seq, body, digest, prev in rows:
                texts = connection.execute(
                    'SELECT name, salt, content FROM text WHERE "case" = ? AND seq = ?', (case, seq)
                ).fetchall()
                yield RawEvent(
                    case=case,
                    seq=seq,
                    bytes=body,
                    hash=digest,
                    prev=prev,
                    body=json.loads(body),
                    texts={name: (salt, content) for name, salt, content in texts},
                )

    def of(self, case: str) -> list[RawEvent]:
        """The events of a case."""
        return self.cases.get(case, [])


def chain_faults(events: Sequence[RawEvent]) -> list[str]:
    """What is wrong with the chain of one case: hashes (RFC 6962 leaves), links, numbers, times, texts."""
    faults: list[str] = []
    before: RawEvent | None = None
    for number, event in enumerate(events, start=1):
        if hashlib.sha256(b"\x00" + event.bytes).hexdigest() != event.hash:
            faults.append(f"{number}: the bytes have another hash")
        if event.body.get("seq") != number or event.body.get("case") != event.case:
            faults.append(
                f"{number}: it says it is event {event.body.get('seq')} of {event.body.get('case')}"
            )
        linked = before.hash if before else None
        if event.body.get("prev") != linked or event.prev != linked:
            faults.append(f"{number}: it is not linked to the event before it")
        if before and event.at < before.at:
            faults.append(f"{number}: time went back")
        faults += [
            f"{number}: the text {name} is another one"
            for name, (salt, content) in event.texts.items()
            if content is not None
            and hashlib.sha256(f"{salt}:{content}".encode()).hexdigest() != event.body["texts"].get(name)
        ]
        if set(event.texts) != set(event.body.get("texts", {})):
            faults.append(f"{number}: it names other texts than lie beside it")
        before = event
    return faults
