"""What differs between two workflows, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from mofflow.domain.workflow import Transition, Workflow

Parts = Mapping[tuple[str, str], str]


def differences(old: Workflow, new: Workflow) -> Iterator[dict[str, object]]:
    """Each part that was added, removed or changed: `what` it is, its name, and what it says in words."""
    before, after = _parts(old), _parts(new)
    for what, name in dict.fromkeys((*before, *after)):
        first, second = before.get((what, name)), after.get((what, name))
        if first != second:
            change = "added" if first is None else "removed" if second is None else "changed"
            yield {"change": change, "what": what, "name": name, "before": first, "after": second}


def _parts(workflow: Workflow) -> Parts:
    found: dict[tuple[str, str], str] = {
        ("workflow", "version"): workflow.version,
        ("workflow", "title"): workflow.title,
    }
    for state in workflow.states.values():
        final = ", final" if state.final else ", hold" if state.hold else ""
        found["state", state.name] = f"{state.stage or 'no stage'}, place {state.order}{final}"
    for field in workflow.fields.values():
        found["field", field.name] = _told(field)
    for edge in workflow.transitions:
        name = _name(edge)
        found["transition", name] = _told(
            {"by": edge.by, "needs": edge.needs, "effects": edge.effects, "sizes": edge.sizes}
        )
        for guard in edge.guards:
            found["guard", f"{name}: {guard.name}"] = f"{guard.rule.family}: {_told(guard)}"
    return found


def _name(edge: Transition) -> str:
    """A transition with what chooses it, since that tells apart two of one trigger."""
    when = "".join(f", {fact} in {'|'.join(sorted(values))}" for fact, values in sorted(edge.when.items()))
    return f"{edge.source} -{edge.trigger}-> {edge.target}{when}"


def _told(value: object) -> str:
    """A part in words: what is empty or false is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name}: {_told(inner)}"
            for name, inner in value.items()
            if inner not in (None, False, (), "") and inner
        )
    if isinstance(value, frozenset):
        return "/".join(sorted(map(str, value)))
    if isinstance(value, list | tuple):
        return " + ".join(_told(inner) for inner in value)
    return str(value)
