"""One initial state, every state reachable, an end in sight of every state, and no way out of an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from mofflow.domain.check.graph import CHANGED, UNCHANGED, Graph, World, Worlds, walk
from mofflow.domain.check.report import Problem
from mofflow.domain.workflow import BASELINE, Workflow


def good_end(workflow: Workflow) -> str | None:
    """The final state that work aims at: the first one declared."""
    return next((s.name for s in workflow.states.values() if s.final), None)


def reached(graph: Graph) -> Worlds:
    """All worlds that a case can come to, its size changing on the way where it may; paths without a change first."""
    return walk(graph.starts(), lambda w: ((m.trigger, m.target) for m in graph.moves_and_sizes(w)), _state)


def _state(world: World) -> str:
    return world.state


def shape(workflow: Workflow, graph: Graph, found: Worlds) -> Iterator[Problem]:
    """Problems of states: `initial`, `final_exit`, `unreachable`, `dead_end`.

    A state that only some sizes use is reachable; one that no size reaches is not.
    """
    initial = workflow.states[workflow.initial]
    if initial.final or initial.hold:
        kind = "final" if initial.final else "a hold state"
        message = f"{initial.name} is where cases begin, and it is {kind}."
        yield Problem(check="initial", message=message, state=initial.name)
    for edge in workflow.transitions:
        if workflow.states[edge.source].final:
            message = f"{edge.trigger} leaves {edge.source}, which is final."
            yield Problem(check="final_exit", message=message, state=edge.source, trigger=edge.trigger)
    states = {world.state for world in found.came}
    for name in workflow.states:
        if name not in states:
            message = f"no path leads from {workflow.initial} to {name}."
            yield Problem(check="unreachable", message=message, state=name)
    yield from _dead_ends(workflow, graph, found)


def _dead_ends(workflow: Workflow, graph: Graph, found: Worlds) -> Iterator[Problem]:
    good = good_end(workflow)
    if good is None:
        yield Problem(check="dead_end", message="there is no final state.")
        return
    stuck: dict[tuple[World, str], list[dict[str, str]]] = {}
    valuations = list(_valuations(workflow))
    for fixed in valuations:
        for world, goal in _stuck(workflow, Graph(workflow, fixed) if fixed else graph, found, good):
            stuck.setdefault((world, goal), []).append(fixed)
    for (world, goal), under in stuck.items():
        told = _where(under[0]) if len(under) < len(valuations) else ""
        message = f"from {_told(world)} no path leads to {goal}{told}."
        path = found.path(world)
        yield Problem(check="dead_end", message=message, state=world.state, path=path, size=world.size)


def _stuck(workflow: Workflow, graph: Graph, found: Worlds, good: str) -> Iterator[tuple[World, str]]:
    """Open worlds that see no end, or not the good one; where a new case does not see it, only that is told."""
    lines = _entering(graph, found.came)
    finals = {w for w in found.came if workflow.states[w.state].final}
    ends = _back(finals, lines)
    closes = _back({w for w in finals if w.state == good}, lines)
    hopeless = {w.size for w in graph.starts() if w not in closes}
    for world in found.came:
        if world not in ends:
            yield world, "a final state"
        elif world not in closes | finals and (world.size not in hopeless or world in graph.starts()):
            yield world, good


def _told(world: World) -> str:
    return f"{world.state} (which remembers {world.remembered})" if world.remembered else world.state


def _where(fixed: dict[str, str]) -> str:
    return " where " + " and ".join(f"{fact} is {value}" for fact, value in fixed.items())


def _valuations(workflow: Workflow) -> Iterator[dict[str, str]]:
    """Every combination of the values that facts in a `when` can keep: an end must be in sight under each."""
    named = dict.fromkeys(fact for edge in workflow.transitions for fact in edge.when)
    domains = {
        fact: (UNCHANGED, CHANGED) if fact == BASELINE else workflow.fields[fact].values
        for fact in named
        if fact == BASELINE or (fact in workflow.fields and fact != "size" and workflow.fields[fact].values)
    }
    for values in product(*domains.values()):
        yield dict(zip(domains, values, strict=True))


def _entering(graph: Graph, worlds: Iterable[World]) -> dict[World, list[World]]:
    lines: dict[World, list[World]] = {}
    for world in worlds:
        for move in graph.moves(world):
            lines.setdefault(move.target, []).append(world)
    return lines


def _back(goals: set[World], lines: dict[World, list[World]]) -> set[World]:
    """All from which a goal can be reached."""
    seen, waiting = set(goals), list(goals)
    while waiting:
        for before in lines.get(waiting.pop(), ()):
            if before not in seen:
                seen.add(before)
                waiting.append(before)
    return seen
