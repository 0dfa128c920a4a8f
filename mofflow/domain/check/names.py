"""What fields and transitions name: states, triggers, sizes, roles, inputs, lists and evidence kinds."""

from __future__ import annotations

from collections.abc import Iterator

from mofflow.domain.check.report import Problem, unknown
from mofflow.domain.check.scope import Scope
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import CLOCK, Field, Need, Transition, Workflow

_NEEDS = ("text", "date", "choice", "conditions")


def name_problems(workflow: Workflow, policies: Policies) -> Iterator[Problem]:
    """`unknown_name` for names that nobody declares; `schema` for a transition that can never be fired."""
    for name, declared in workflow.fields.items():
        for message in _field(workflow, declared):
            yield Problem(check="unknown_name", message=f"field {name}: {message}")
    floor = workflow.baseline_from
    if floor is not None and floor not in workflow.states:
        message = f"baseline_from: {unknown('state', floor, workflow.states)}"
        yield Problem(check="unknown_name", message=message)
    for edge in workflow.transitions:
        scope = Scope(workflow=workflow, policies=policies, transition=edge)
        for check, messages in (
            ("unknown_name", _transition(edge, scope)),
            ("schema", _idle(workflow, edge)),
        ):
            for message in dict.fromkeys(messages):
                told = f"{edge.trigger}: {message}"
                yield Problem(check=check, message=told, state=edge.source, trigger=edge.trigger)


def _field(workflow: Workflow, declared: Field) -> Iterator[str]:
    for state in sorted(declared.set_in):
        if state not in workflow.states:
            yield unknown("state", state, workflow.states)
    if declared.rises_after is not None:
        trigger, source = declared.rises_after
        if not any(t.trigger == trigger and t.source == source for t in workflow.transitions):
            firing = [f"{t.trigger} from {t.source}" for t in workflow.transitions]
            yield unknown("transition", f"{trigger} from {source}", firing)
        if declared.kind != "enum":
            yield f"it is of kind {declared.kind}, and only an enum can rise."
    if declared.kind == "enum" and declared.default is not None and declared.default not in declared.values:
        yield unknown("value", declared.default, declared.values)


def _transition(edge: Transition, scope: Scope) -> Iterator[str]:
    sizes = scope.workflow.sizes
    for size in sorted(edge.sizes.union(*(by.sizes for by in edge.by))):
        if size not in sizes:
            yield unknown("size", size, sizes)
    for by in edge.by:
        if by.role is not None and by.role != CLOCK:
            yield from scope.role(by.role)
        if by.person is not None:
            yield from scope.date(by.person)
    for need in edge.needs:
        yield from _need(need, scope)
    yield from _effects(edge, scope)


def _need(need: Need, scope: Scope) -> Iterator[str]:
    if need.kind not in _NEEDS:
        yield unknown("kind of input", need.kind, _NEEDS)
    if need.kind != "choice":
        return
    lists = [name for name, declared in scope.workflow.fields.items() if declared.kind == "list"]
    if need.of not in lists:
        yield f"input {need.name}: {unknown('list field', need.of, lists)}"
    recorded = [name for t in scope.workflow.transitions for name in t.effects.records]
    if need.beside is not None and need.beside not in recorded:
        yield f"input {need.name}: {unknown('recorded list', need.beside, recorded)}"


def _effects(edge: Transition, scope: Scope) -> Iterator[str]:
    for kind in (*edge.effects.marks, *edge.effects.baselines):
        yield from scope.evidence(kind)
    for name in edge.effects.records.values():
        yield from scope.input(name)
    if edge.effects.obligations is not None:
        conditions = [need.name for need in edge.needs if need.kind == "conditions"]
        if edge.effects.obligations not in conditions:
            yield unknown("input of conditions", edge.effects.obligations, conditions)


def _idle(workflow: Workflow, edge: Transition) -> Iterator[str]:
    """Sizes in which nobody may fire it, or in which its conditions have no guard to stand in for."""
    for size in workflow.sizes or (None,):
        where = f" in size {size}" if size else ""
        if size is not None and edge.sizes and size not in edge.sizes:
            continue
        if not any(not by.sizes or size in by.sizes for by in edge.by):
            yield f"nobody may fire it{where}."
        guards = [g for g in edge.guards if g.waivable and (not g.sizes or size in g.sizes)]
        if any(need.kind == "conditions" for need in edge.needs) and not guards:
            yield f"it needs conditions, and has no waivable guard{where}."
