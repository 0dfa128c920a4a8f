"""The guards of a declaration -> `domain.guards` rules: the key of a guard names its family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mofflow.declarations.expressions import program
from mofflow.domain.guards.evidence import EvidenceRule
from mofflow.domain.guards.expression import ExpressionRule
from mofflow.domain.guards.field import DoneRule, FieldRule, FirstRule
from mofflow.domain.guards.group import GroupRule
from mofflow.domain.guards.obligation import ObligationRule
from mofflow.domain.guards.role import RoleRule
from mofflow.domain.guards.signoff import SignoffRule
from mofflow.domain.guards.time import ElapsedRule, OrderRule
from mofflow.domain.guards.trace import TraceRule
from mofflow.domain.rule import Rule
from mofflow.domain.workflow import Guard, Waivable
from mofflow.errors import InvalidDeclaration, nearest

Entry = Mapping[str, Any]


@dataclass(slots=True)
class Namer:
    """Gives guards their names, each once in a workflow."""

    taken: set[str] = field(default_factory=set)

    def name(self, trigger: str, entry: Entry, family: str) -> str:
        """`trigger.NAME`: as declared, else what the guard is about."""
        about = entry.get(family)
        own = entry.get("name") or (about if isinstance(about, str) else family)
        name = f"{trigger}.{own}"
        if name in self.taken:
            raise InvalidDeclaration(f"Two guards are called {name}.", "Give one of them a `name`.")
        self.taken.add(name)
        return name


def guards_from(
    entries: Sequence[Entry], trigger: str, shared: Mapping[str, Sequence[Entry]], namer: Namer
) -> tuple[Guard, ...]:
    """The guards of one transition; `use: NAME` stands for the shared ones of that name."""
    return tuple(_guards(entries, trigger, shared, namer))


def _guards(
    entries: Sequence[Entry], trigger: str, shared: Mapping[str, Sequence[Entry]], namer: Namer
) -> Iterator[Guard]:
    for entry in entries:
        if "use" not in entry:
            yield _guard(entry, trigger, namer)
            continue
        if entry["use"] not in shared:
            raise InvalidDeclaration(
                f"Transition {trigger} uses {entry['use']!r}, which is not under `shared`"
                f"{nearest(entry['use'], list(shared))}.",
                f"There are: {', '.join(shared) or 'none'}.",
            )
        for guard in _guards(shared[entry["use"]], trigger, {}, namer):
            yield replace(guard, catches_up=entry.get("catches_up", guard.catches_up))


def _guard(entry: Entry, trigger: str, namer: Namer) -> Guard:
    family = family_of(entry)
    waivable = entry.get("waivable")
    return Guard(
        name=namer.name(trigger, entry, family),
        rule=rule_from(entry),
        clauses=tuple(entry.get("clauses", ())),
        sizes=frozenset(entry.get("sizes", ())),
        waivable=Waivable(by=waivable["by"], at_most=waivable["at_most"]) if waivable else None,
        catches_up=entry.get("catches_up"),
        fails_as=entry.get("fails_as"),
    )


def family_of(entry: Entry) -> str:
    """The key of a guard that names its family."""
    return next(name for name in _FAMILIES if name in entry)


def rule_from(entry: Entry) -> Rule:
    """The rule of one guard, or of one part of a group."""
    return _FAMILIES[family_of(entry)](entry)


def _evidence(entry: Entry) -> Rule:
    return EvidenceRule(
        kind=entry["evidence"],
        key_input=entry.get("key"),
        fresh=entry.get("fresh", False),
        matches=dict(entry.get("matches", {})),
        some=dict(entry.get("some", {})),
        never=dict(entry.get("never", {})),
        each=dict(entry.get("each", {})),
        max_age=entry.get("max_age"),
        unmarked=entry.get("unmarked"),
        optional=entry.get("optional", False),
    )


def _signoff(entry: Entry) -> Rule:
    after = entry.get("after")
    dates = {trigger: tuple(names) for trigger, names in after.items()} if after else None
    return SignoffRule(set=entry["signoff"], key_input=entry.get("key"), after=dates)


def _role(entry: Entry) -> Rule:
    mode = next(mode for mode in ("assigned", "unique", "filled") if entry.get(mode))
    return RoleRule(role=entry["role"], mode=mode)


def _fields(entry: Entry) -> Rule:
    fields = tuple(entry["fields"])
    if "one_of" in entry:
        return FieldRule(fields=fields, test="one_of", values=tuple(entry["one_of"]))
    limit = next((name for name in ("at_least", "at_most") if name in entry), None)
    return FieldRule(fields=fields, test=limit, limit=entry[limit]) if limit else FieldRule(fields=fields)


def _done(entry: Entry) -> Rule:
    return DoneRule(done=entry["done"], each=entry["each"], trigger=entry["trigger"], need=entry["need"])


def _first(entry: Entry) -> Rule:
    first = tuple(entry["first"])
    return FirstRule(
        first=first, done=entry["done"], each=entry["each"], trigger=entry["trigger"], need=entry["need"]
    )


def _order(entry: Entry) -> Rule:
    earlier, later = entry["order"]
    return OrderRule(
        earlier=earlier, later=later, apart=entry.get("apart", "PT0S"), key_input=entry.get("key")
    )


def _expression(entry: Entry) -> Rule:
    remedy = entry.get("remedy", {})
    return ExpressionRule(
        source=entry["expression"],
        says=entry["says"],
        program=program(entry["expression"]),
        attach={kind: dict(wanted or {}) for kind, wanted in remedy.get("attach", {}).items()},
        fields=dict(remedy.get("set", {})),
    )


def _group(mode: str) -> Callable[[Entry], Rule]:
    return lambda entry: GroupRule(mode=mode, rules=tuple(rule_from(part) for part in entry[mode]))


_FAMILIES: Mapping[str, Callable[[Entry], Rule]] = {
    "evidence": _evidence,
    "signoff": _signoff,
    "role": _role,
    "fields": _fields,
    "first": _first,  # before `done`, which it also has
    "done": _done,
    "order": _order,
    "elapsed": lambda entry: ElapsedRule(length=entry["elapsed"], since=entry["since"]),
    "trace": lambda entry: TraceRule(
        each=entry["trace"], through=entry["through"], results=dict(entry["results"])
    ),
    "obligations": lambda entry: ObligationRule(),
    "expression": _expression,
    "all_of": _group("all_of"),
    "any_of": _group("any_of"),
}
