"""The plain data of a workflow declaration -> `domain.workflow.Workflow`. Runs at every command: no validation here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mofflow.declarations.guards import Namer, guards_from
from mofflow.domain.workflow import (
    REMEMBERED,
    By,
    Effects,
    Field,
    Need,
    State,
    Transition,
    Workflow,
)
from mofflow.errors import InvalidDeclaration, nearest

Content = Mapping[str, Any]


def workflow_from(content: Content, digest: str) -> Workflow:
    """Build the workflow that a checked declaration means; `digest` is that of its canonical form.

    InvalidDeclaration where names inside it do not fit together.
    """
    states = _states(content)
    groups = {name: tuple(members) for name, members in content.get("groups", {}).items()}
    namer = Namer()
    transitions = tuple(
        edge
        for entry in content["transitions"]
        for edge in _edges(entry, states, groups, content.get("shared", {}), namer)
    )
    return Workflow(
        name=content["workflow"],
        version=content["version"],
        title=content["title"],
        kind=content["kind"],
        prefix=content["prefix"],
        digest=digest,
        states=states,
        initial=next(iter(states)),
        transitions=transitions,
        fields={name: _field(name, entry) for name, entry in content.get("fields", {}).items()},
        baseline_from=content.get("baseline_from"),
    )


def _states(content: Content) -> dict[str, State]:
    found: dict[str, State] = {}
    for stage, names in _stages(content["stages"]):
        for name in names:
            found[name] = State(name=name, stage=stage, order=len(found))
    if hold := content.get("hold"):
        found[hold] = State(name=hold, stage="", order=len(found), hold=True)
    for name in content["final"]:
        found[name] = State(name=name, stage="", order=len(found), final=True)
    return found


def _stages(stages: Mapping[str, Any] | Sequence[Content]) -> Iterator[tuple[str, Sequence[str]]]:
    """A file maps stages to their states; what is kept of it is a list, since canonical JSON knows no order of keys."""
    if isinstance(stages, Mapping):
        yield from stages.items()
    else:
        yield from ((entry["stage"], entry["states"]) for entry in stages)


def _field(name: str, entry: Content) -> Field:
    rises = entry.get("rises_after")
    default = entry.get("default")
    return Field(
        name=name,
        kind=entry["kind"],
        values=tuple(entry.get("values", ())),
        default=list(default) if isinstance(default, list | tuple) else default,
        set_in=frozenset(entry.get("set_in", ())),
        rises_after=(rises["trigger"], rises["from"]) if rises else None,
        material=entry.get("material", False),
    )


def _edges(
    entry: Content,
    states: Mapping[str, State],
    groups: Mapping[str, Sequence[str]],
    shared: Content,
    namer: Namer,
) -> Iterator[Transition]:
    """One declared transition; groups of sources and the target `remembered` make several edges of it."""
    trigger = entry["trigger"]
    sources, _, target = entry["move"].partition("->")
    guards = guards_from(entry.get("guards", ()), trigger, shared, namer)
    common: dict[str, Any] = {
        "trigger": trigger,
        "by": tuple(_by(entry.get("by", ()))),
        "guards": guards,
        "needs": tuple(_need(need) for need in entry.get("needs", ())),
        "effects": _effects(entry.get("effects", {})),
        "sizes": frozenset(entry.get("sizes", ())),
    }
    when = {fact: _values(values, groups) for fact, values in entry.get("when", {}).items()}
    for source in _sources(sources, states, groups, trigger):
        if target.strip() != REMEMBERED:
            yield Transition(source=source, target=target.strip(), when=when, **common)
            continue
        known = when.get(REMEMBERED, frozenset())
        if not known or known - set(states):
            told = ", ".join(sorted(known - set(states))) or "nothing"
            raise InvalidDeclaration(
                f"Transition {trigger}: a move to `{REMEMBERED}` names its states in `when`; {told} was found.",
                f"Write: when: {{{REMEMBERED}: STATE_OR_GROUP}}",
            )
        for state in sorted(known, key=lambda name: states[name].order):
            chosen = {**when, REMEMBERED: frozenset({state})}
            yield Transition(source=source, target=state, when=chosen, **common)


def _sources(
    text: str, states: Mapping[str, State], groups: Mapping[str, Sequence[str]], trigger: str
) -> Iterator[str]:
    for name in (part.strip() for part in text.split(",")):
        if name not in states and name not in groups:
            known = [*states, *groups]
            raise InvalidDeclaration(
                f"Transition {trigger}: {name!r} is neither a state nor a group{nearest(name, known)}.",
                "States stand under `stages`, groups under `groups`.",
            )
        yield from groups.get(name, (name,))


def _values(values: object, groups: Mapping[str, Sequence[str]]) -> frozenset[str]:
    listed = values if isinstance(values, list | tuple) else [values]
    return frozenset(member for name in listed for member in groups.get(str(name), (str(name),)))


def _by(entry: object) -> Iterator[By]:
    """A list of roles, or a map from size (or `all`) to such lists; an item may be `{person: kind.path}`."""
    if isinstance(entry, Mapping):
        for size, items in entry.items():
            sizes = frozenset() if size == "all" else frozenset({size})
            yield from (_one(item, sizes) for item in items)
    elif isinstance(entry, list | tuple):
        yield from (_one(item, frozenset()) for item in entry)


def _one(item: object, sizes: frozenset[str]) -> By:
    if isinstance(item, Mapping):
        return By(person=str(item["person"]), sizes=sizes)
    return By(role=str(item), sizes=sizes)


def _need(entry: object) -> Need:
    if isinstance(entry, Mapping):
        return Need(name=entry["name"], kind=entry["kind"], of=entry.get("of"), beside=entry.get("beside"))
    return Need(name=str(entry), kind="text")


def _effects(entry: Content) -> Effects:
    return Effects(
        marks=dict(entry.get("marks", {})),
        records=dict(entry.get("records", {})),
        baselines=tuple(entry.get("baselines", ())),
        obligations=entry.get("obligations"),
        finding=entry.get("finding"),
    )
