"""The chain of history: canonical bytes (RFC 8785), leaf hashes (RFC 6962, 2.1), salted digests of texts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import rfc8785

from mofflow.domain.event import Act, Event, Kind, Outcome
from mofflow.errors import BadInput

FORMAT = 1  # of the event body; a later format reads this one too
_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def utc_text(moment: datetime) -> str:
    """An aware time in the one fixed-width form of the history: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def utc_time(text: str) -> datetime:
    """The inverse of `utc_text`; refuses every other form."""
    if not _UTC_TIME.fullmatch(text):
        raise BadInput(f"Not a time of the history: {text!r}.")
    return datetime.fromisoformat(text)


def canonical(value: object) -> bytes:
    """RFC 8785 bytes of a value without floating point numbers."""
    _refuse_floats(value)
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked above, narrower than its type can say


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise BadInput(f"A floating point number ({value}) has no place in the history: write it as text.")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def leaf(event_bytes: bytes) -> str:
    """The RFC 6962 leaf hash of an event, which is also what the next event of the case names as `prev`."""
    return sha256(b"\x00" + event_bytes)


def salted(salt: str, text: str) -> str:
    """What the history holds of a text: it proves the text, and says nothing once text and salt are erased."""
    return sha256(f"{salt}:{text}".encode())


def body(event: Event, prev: str | None, text_digests: Mapping[str, str]) -> dict[str, object]:
    """The event as it is chained; `text_digests` maps each name in `act.texts` to its salted digest."""
    act = event.act
    return {
        "format": FORMAT,
        "case": event.case,
        "seq": event.seq,
        "at": utc_text(event.at),
        "recorded_at": utc_text(event.recorded_at),
        "actor": event.actor,
        "acting_for": act.acting_for,
        "entered_by": event.entered_by,
        "assurance": event.assurance,
        "roles": list(act.roles),
        "kind": act.kind.value,
        "outcome": act.outcome.value,
        "trigger": act.trigger,
        "from": act.source,
        "to": act.target,
        "guards": [dict(g) for g in act.guards],
        "data": _plain(act.data),
        "texts": dict(text_digests),
        "definition": event.definition,
        "policy": event.policy,
        "request_id": event.request_id,
        "prev": prev,
    }


def event(body_bytes: bytes, texts: Mapping[str, str]) -> Event:
    """The event that `body` was made of, out of its canonical bytes; `texts` holds those not yet erased.

    BadInput where the bytes have a format that this version does not know.
    """
    found = json.loads(body_bytes)
    if found.get("format") != FORMAT:
        raise BadInput(
            f"An event of the unknown format {found.get('format')!r}.",
            "A newer mofflow wrote it: use that one.",
        )
    act = Act(
        kind=Kind(found["kind"]),
        data=found["data"],
        texts={name: texts[name] for name in found["texts"] if name in texts},
        outcome=Outcome(found["outcome"]),
        trigger=found["trigger"],
        source=found["from"],
        target=found["to"],
        guards=tuple(found["guards"]),
        roles=tuple(found["roles"]),
        acting_for=found["acting_for"],
    )
    return Event(
        case=found["case"],
        seq=found["seq"],
        at=utc_time(found["at"]),
        recorded_at=utc_time(found["recorded_at"]),
        actor=found["actor"],
        entered_by=found["entered_by"],
        assurance=found["assurance"],
        act=act,
        definition=found["definition"],
        policy=found["policy"],
        request_id=found["request_id"],
    )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
