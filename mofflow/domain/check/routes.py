"""Targets are chosen by `when`: its facts must be known, and of two edges of one trigger at most one may be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from mofflow.domain.check.graph import CHANGED, UNCHANGED, Worlds, path_to
from mofflow.domain.check.report import Problem, unknown
from mofflow.domain.workflow import BASELINE, REMEMBERED, Transition, Workflow


def overlaps(workflow: Workflow, found: Worlds) -> Iterator[Problem]:
    """Two edges of one trigger from one state, in one size, that disagree on no fact (domain rule 6)."""
    for size in workflow.sizes or (None,):
        leaving: dict[tuple[str, str], list[Transition]] = {}
        for edge in workflow.for_size(size).transitions:
            leaving.setdefault((edge.source, edge.trigger), []).append(edge)
        for (state, trigger), edges in leaving.items():
            for one, other in combinations(edges, 2):
                if _disagree(one, other):
                    continue
                message = f"{trigger} leads from {state} to {_targets(one, other)}: {_agreement(one, other)}."
                path = path_to(state, found, size)
                yield Problem(
                    check="overlap", message=message, state=state, trigger=trigger, path=path, size=size
                )


def _disagree(one: Transition, other: Transition) -> bool:
    both = one.when.keys() & other.when.keys()
    return any(one.when[fact].isdisjoint(other.when[fact]) for fact in both)


def _targets(one: Transition, other: Transition) -> str:
    return f"{one.target} twice" if one.target == other.target else f"{one.target} and to {other.target}"


def _agreement(one: Transition, other: Transition) -> str:
    facts = dict.fromkeys((*one.when, *other.when))
    if not facts:
        return "neither says `when`"
    shared = {fact: min(_both(one, other, fact), default="any") for fact in facts}
    return "both are chosen where " + " and ".join(f"{fact} is {value}" for fact, value in shared.items())


def _both(one: Transition, other: Transition, fact: str) -> frozenset[str]:
    values = [edge.when[fact] for edge in (one, other) if fact in edge.when]
    return values[0].intersection(*values)


def facts_known(workflow: Workflow) -> Iterator[Problem]:
    """Every fact of a `when` is `remembered`, `baseline` or an enum field, and can have the values that it names."""
    for edge in workflow.transitions:
        for fact, values in edge.when.items():
            for message in _faults(workflow, edge, fact, values):
                yield Problem(
                    check="unknown_name",
                    message=f"when {fact}: {message}",
                    state=edge.source,
                    trigger=edge.trigger,
                )


def _faults(workflow: Workflow, edge: Transition, fact: str, values: frozenset[str]) -> Iterator[str]:
    known = _domain(workflow, edge, fact)
    if known is None:
        enums = [n for n, f in workflow.fields.items() if f.kind == "enum"]
        yield unknown("fact or enum field", fact, (REMEMBERED, BASELINE, *enums))
        return
    if fact == BASELINE and workflow.baseline_from is None:
        yield "nothing declares `baseline_from`, so it never changes."
    if fact == REMEMBERED and not workflow.states[edge.source].hold:
        yield f"{edge.source} remembers no state; only a hold state does."
        return
    for value in sorted(values):
        if value not in known:
            yield unknown("state that can be put on hold" if fact == REMEMBERED else "value", value, known)


def _domain(workflow: Workflow, edge: Transition, fact: str) -> tuple[str, ...] | None:
    if fact == REMEMBERED:
        entering = (t.source for t in workflow.transitions if t.target == edge.source != t.source)
        return tuple(dict.fromkeys(entering))
    if fact == BASELINE:
        return (UNCHANGED, CHANGED)
    declared = workflow.fields.get(fact)
    return declared.values if declared and declared.kind == "enum" else None
