"""Examples of documents are templates: `render` fills in what depends on the case, the actor and the time.

Strings that are one placeholder: `@now` (UTC, whole seconds), `@today` (a day in the calendar's zone), each
also with an ISO 8601 duration (`@now-P14D`), `@key`, `@case`, `@actor`, `@revision` (an integer), `@sha256`,
`@digest:KIND`. Inside other text: `@{revision}`, `@{case}`, `@{key}`. `@@` at the start is one plain `@`.
One entry for each entry of another document's list: `{'@each': KIND.PATH, as: TEMPLATE, else: LIST}`;
in TEMPLATE stand `@item` and `@item.FIELD`; a field that the entry lacks is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from mofflow.domain.case import Evidence
from mofflow.domain.durations import parse
from mofflow.domain.facts import Facts
from mofflow.errors import BadInput, nearest

EACH, BODY, ELSE = "@each", "as", "else"
_MOMENT = re.compile(r"@(now|today)(?:([+-])(P\w+))?")
_INSIDE = re.compile(r"@\{([^{}]*)\}")
_KNOWN = ("@now", "@today", "@key", "@case", "@actor", "@revision", "@sha256", "@digest:KIND", "@item.FIELD")
_ABSENT = object()  # what an entry lacks: the key that asks for it is left out
_OUTSIDE = object()  # the entry, where a template is outside every `@each`


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What placeholders stand for. `documents` are the current ones of the case; `key` may be None."""

    case: str
    kind: str
    key: str | None
    actor: str
    revision: int
    now: datetime
    zone: tzinfo
    documents: tuple[Evidence, ...] = ()
    item: object = _OUTSIDE

    def sha256(self, kind: str) -> str:
        """A digest that stands for a file: the same for the same case, kind and revision."""
        return hashlib.sha256(f"{self.case}:{kind}:{self.revision}".encode()).hexdigest()


def render(
    template: object, facts: Facts, *, kind: str, key: str | None, actor: str, revision: int
) -> object:
    """The document that a template describes, as plain data; BadInput where the template is wrong."""
    return fill(
        template,
        Scene(
            case=facts.case.key,
            kind=kind,
            key=key,
            actor=actor,
            revision=revision,
            now=facts.now,
            zone=facts.policies.calendar.zone,
            documents=tuple(facts.case.evidence.values()),
        ),
    )


def fill(template: object, scene: Scene) -> object:
    """The same for a scene of one's own, for whoever has no case yet."""
    if isinstance(template, str):
        return _text(template, scene)
    if isinstance(template, Mapping):
        return _each(template, scene) if EACH in template else _mapping(template, scene)
    if isinstance(template, list | tuple):
        return [found for entry in template if (found := fill(entry, scene)) is not _ABSENT]
    return template


def _mapping(template: Mapping[str, object], scene: Scene) -> dict[str, object]:
    filled = {name: fill(inner, scene) for name, inner in template.items()}
    return {name: value for name, value in filled.items() if value is not _ABSENT}


def _each(template: Mapping[str, object], scene: Scene) -> object:
    source = template[EACH]
    if not isinstance(source, str) or BODY not in template or set(template) - {EACH, BODY, ELSE}:
        raise BadInput(
            f"An example has a wrong `{EACH}`: {dict(template)}.",
            "Write {'@each': KIND.PATH, as: ..., else: [...]}.",
        )
    kind, _, path = source.partition(".")
    entries = [e for d in scene.documents if d.kind == kind for e in _entries(d.fields, path)]
    if not entries:
        return fill(template.get(ELSE, []), scene)
    filled = [fill(template[BODY], replace(scene, item=entry)) for entry in entries]
    return [value for value in filled if value is not _ABSENT]


def _entries(fields: object, path: str) -> list[object]:
    found = _at(fields, path)
    return list(found) if isinstance(found, list | tuple) else []


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return _ABSENT
        value = value[name]
    return value


def _text(text: str, scene: Scene) -> object:
    if text.startswith("@@"):
        return text[1:]
    if not text.startswith("@") or text.startswith("@{"):
        return _INSIDE.sub(lambda found: _inside(found.group(1), scene), text)
    simple = {"@key": scene.key, "@case": scene.case, "@actor": scene.actor, "@revision": scene.revision}
    if text in simple:
        return simple[text]
    if found := _MOMENT.fullmatch(text):
        return _moment(found, scene)
    if text.startswith("@item"):
        return _item(text, scene)
    return _digest(text, scene)


def _inside(name: str, scene: Scene) -> str:
    known = {"revision": str(scene.revision), "case": scene.case, "key": scene.key or ""}
    if name not in known:
        raise BadInput(
            f"An example has an unknown placeholder @{{{name}}}{nearest(name, list(known))}.",
            f"Known: {', '.join(known)}.",
        )
    return known[name]


def _moment(found: re.Match[str], scene: Scene) -> str:
    word, sign, length = found.groups()
    moment = scene.now
    if sign:
        duration = parse(length)
        if word == "today" and duration.seconds:
            raise BadInput(
                f"An example has {found.group()!r}: a day plus hours is no day.", "Use @now, or whole days."
            )
        moment = (duration.add if sign == "+" else duration.subtract)(moment, scene.zone)
    if word == "today":
        return moment.astimezone(scene.zone).date().isoformat()
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _item(text: str, scene: Scene) -> object:
    if scene.item is _OUTSIDE:
        raise BadInput(
            f"An example has {text!r} outside `{EACH}`.", f"Only a template under `{BODY}` has an entry."
        )
    if text == "@item":
        return scene.item
    if not text.startswith("@item."):
        raise _unknown(text)
    return _at(scene.item, text.removeprefix("@item."))


def _digest(text: str, scene: Scene) -> str:
    if text == "@sha256":
        return scene.sha256(scene.kind)
    word, _, kind = text.partition(":")
    if word != "@digest" or not kind:
        raise _unknown(text)
    return next((d.digest for d in scene.documents if d.kind == kind), scene.sha256(kind))


def _unknown(text: str) -> BadInput:
    return BadInput(
        f"An example has an unknown placeholder {text!r}{nearest(text, _KNOWN)}.",
        f"Known: {', '.join(_KNOWN)}. A text that begins with @ is written @@.",
    )
