"""Adopted definitions, and the parts of a workflow: for programs, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mofflow.cli._output import Output
from mofflow.cli._text import aligned, visible
from mofflow.domain.workflow import Guard, Transition, Workflow
from mofflow.errors import NotFound, nearest
from mofflow.services import definitions
from mofflow.services.ports import Definition
from mofflow.services.world import World

View = dict[str, Any]
_SHIPPED = "shipped:"


def workflow_file(world: World, name: str) -> Path:
    """The file of that name; `shipped:NAME` is one that comes with mofflow."""
    if not name.startswith(_SHIPPED):
        return Path(name)
    shipped = {path.stem: path for path in world.declarations.shipped_workflows()}
    wanted = name.removeprefix(_SHIPPED)
    if wanted not in shipped:
        told = f"No workflow {wanted!r} comes with mofflow{nearest(wanted, list(shipped))}."
        raise NotFound(told, f"There are: {', '.join(shipped)}.")
    return shipped[wanted]


def definition_view(found: Definition) -> View:
    """An adopted definition, without its content."""
    return {
        "name": found.name,
        "version": found.version,
        "digest": found.digest,
        "in_force": found.in_force,
        "adopted_at": found.adopted_at,
        "adopted_by": found.adopted_by,
    }


def adopted_view(found: definitions.Adopted, dry_run: bool) -> View:
    """A definition that came into force."""
    return {
        **definition_view(found.definition),
        "touches": list(found.touches),
        "unchanged": found.unchanged,
        "dry_run": dry_run,
    }


def told_adoption(found: definitions.Adopted, dry_run: bool) -> str:
    """The same in words."""
    name = f"{found.definition.name} {found.definition.version}"
    if found.unchanged:
        return f"{name} is in force already."
    touched = f" Open cases that it concerns: {', '.join(found.touches)}." if found.touches else ""
    return f"{name} {'would be' if dry_run else 'is'} in force.{touched}"


def transition_view(edge: Transition) -> View:
    """A transition with its guards."""
    return {
        "trigger": edge.trigger,
        "from": edge.source,
        "to": edge.target,
        "by": [by.role or by.person for by in edge.by],
        "needs": [need.name for need in edge.needs],
        "guards": [_guard(guard) for guard in edge.guards],
        "sizes": sorted(edge.sizes),
    }


def _guard(guard: Guard) -> View:
    waivable = {"by": guard.waivable.by, "at_most": guard.waivable.at_most} if guard.waivable else None
    return {
        "name": guard.name,
        "family": guard.rule.family,
        "clauses": list(guard.clauses),
        "sizes": sorted(guard.sizes),
        "waivable": waivable,
    }


def described(shown: Workflow, view: View, out: Output) -> Iterator[str]:
    """A workflow in words; `view` is that of `workflow show`."""
    yield f"{shown.name} {shown.version}: {visible(shown.title)}"
    fields = view["fields"]
    rows = [[out.cell(f[k]) for k in ("name", "kind", "values", "default", "material")] for f in fields]
    yield "\n" + aligned(("field", "kind", "values", "default", "material"), rows)
    edges = view["transitions"]
    rows = [
        [out.cell(e[k]) for k in ("from", "trigger", "to", "by")]
        + [", ".join(g["name"] for g in e["guards"])]
        for e in edges
    ]
    yield "\n" + aligned(("from", "trigger", "to", "by", "guards"), rows)
