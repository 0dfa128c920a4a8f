"""What policy files name in each other: roles, clauses, evidence kinds and sign-off sets must be declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mofflow.declarations.document import Document, Path
from mofflow.errors import nearest

_WORDS = {"roles": "role", "clauses": "clause", "evidence": "evidence kind", "signoffs": "sign-off set"}
_ANY = "*"  # a step over every key or entry; as a role of a permission it is everybody
_EVERYWHERE = (("roles", "owner"), ("roles", "agreed_by.*"))
_BY_KIND: dict[str, tuple[tuple[str, str], ...]] = {
    "roles": (("roles", "rules.*.stands_in.*"),),
    "signoffs": (
        ("evidence", "rules.*.covers.*"),
        ("signoffs", "rules.*.distinct_from.*"),
        ("roles", "rules.*.seats.*.*"),
        *(("roles", f"rules.*.seats.*.{way}any_of.*") for way in ("", "*.")),
        *(
            ("roles", f"rules.*.seats.*.{way}quorum.{part}.*")
            for way in ("", "*.")
            for part in ("of", "including", "veto")
        ),
    ),
    "separation": (
        ("roles", "rules.classes.*.assigned.*"),
        ("roles", "rules.classes.*.signers.*"),
        ("roles", "rules.distinct_roles.*.*"),
        ("roles", "rules.exclusive_grants.*.*"),
    ),
    "waivers": (("clauses", "rules.never.*"),),
    "mandatory": (("clauses", "rules.*.clause"),),
    "evidence": (("roles", "rules.*.by.*"), ("clauses", "rules.*.clauses.*")),
    "permissions": (("roles", "rules.*.*"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A name at `path` that must be declared by a policy of kind `wanted`."""

    path: Path
    wanted: str
    name: str


def unknown_names(kind: str, document: Document, known: Mapping[str, list[str]]) -> Iterator[str]:
    """A problem for each name in a file of `kind` that nobody declares; `known`: names by declaring kind."""
    for reference in _references(kind, document.data):
        names = known.get(reference.wanted)
        if names is None or reference.name in names:
            continue
        word = _WORDS[reference.wanted]
        message = f"there is no {word} '{reference.name}'{nearest(reference.name, names)}."
        yield document.problem(reference.path, message)


def _references(kind: str, data: Mapping[str, object]) -> Iterator[Reference]:
    for wanted, pattern in (*_EVERYWHERE, *_BY_KIND.get(kind, ())):
        for path, value in _matches(data, pattern.split("."), ()):
            if isinstance(value, str) and not (kind == "permissions" and value == _ANY):
                if pattern.endswith("seats.*.*") and path[-1] == "none":
                    continue
                yield Reference(path=path, wanted=wanted, name=value)


def _matches(data: object, steps: list[str], path: Path) -> Iterator[tuple[Path, object]]:
    if not steps:
        yield path, data
        return
    entries: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        entries = list(data.items())
    elif isinstance(data, list):
        entries = list(enumerate(data))
    for name, inner in entries:
        if steps[0] in (_ANY, name):
            yield from _matches(inner, steps[1:], (*path, name))
