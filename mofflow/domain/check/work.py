"""The shortest path of work through a workflow, and the guards that it asks."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import islice, product

from mofflow.domain.check.graph import Graph, World
from mofflow.domain.guards.field import DoneRule
from mofflow.domain.guards.group import GroupRule
from mofflow.domain.rule import Rule
from mofflow.domain.workflow import Transition, Workflow

_MOST_WAYS = 64  # of satisfying `any_of` guards, before the rest are left aside


def shortest(graph: Graph, start: World, goal: str) -> tuple[Transition, ...] | None:
    """The edges from the start to the goal: the fewest findings first, then the fewest steps; None without a path.

    An edge that nobody may fire is no way. The path of work raises no finding where it can: a skipped pilot is
    shorter, and no regular way (domain.md 6.1, row 15).
    """
    number = 0
    waiting: list[tuple[tuple[int, int], int, World, tuple[Transition, ...]]] = [((0, 0), number, start, ())]
    done: set[World] = set()
    while waiting:
        (findings, steps), _, world, path = heappop(waiting)
        if world.state == goal:
            return path
        if world in done:
            continue
        done.add(world)
        for move in graph.moves(world):
            if move.edge is not None and move.edge.by and move.target not in done:
                number += 1
                cost = (findings + (move.edge.effects.finding is not None), steps + 1)
                heappush(waiting, (cost, number, move.target, (*path, move.edge)))
    return None


def with_repeats(workflow: Workflow, path: tuple[Transition, ...]) -> tuple[Transition, ...]:
    """The path with the triggers that a `done` guard wants fired before it (`site_done`, say)."""
    found: list[Transition] = []
    for edge in path:
        wanted = {r.trigger for g in edge.guards for r in _all(g.rule) if isinstance(r, DoneRule)}
        repeats = (
            t for t in workflow.transitions if t.trigger in wanted and t.source == edge.source == t.target
        )
        found += [*(t for t in repeats if t not in found), edge]
    return tuple(found)


def _all(rule: Rule) -> Iterator[Rule]:
    yield rule
    for part in rule.parts():
        yield from _all(part)


def ways(path: tuple[Transition, ...]) -> Iterator[tuple[Rule, ...]]:
    """Every choice of rules that satisfies all guards on the path: `any_of` needs one of its parts.

    Guards that catch up are left out: on this path the size does not change.
    """
    asked = [guard.rule for edge in path for guard in edge.guards if guard.catches_up is None]
    choices = product(*(tuple(_choices(rule)) for rule in asked))
    for chosen in islice(choices, _MOST_WAYS):
        yield tuple(rule for rules in chosen for rule in rules)


def _choices(rule: Rule) -> Iterator[tuple[Rule, ...]]:
    if not isinstance(rule, GroupRule):
        yield (rule,)
    elif rule.mode == "any_of":
        for part in rule.rules:
            yield from _choices(part)
    else:
        for chosen in product(*(tuple(_choices(part)) for part in rule.rules)):
            yield tuple(inner for rules in chosen for inner in rules)
