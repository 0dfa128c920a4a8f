"""Where cases of a workflow can be, and how they move: what all proofs walk on.

Guards are left out: they only refuse, they never choose a target (domain rule 6). What chooses is `when`, over facts
with finitely many values.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from mofflow.domain.check.report import Path
from mofflow.domain.workflow import BASELINE, REMEMBERED, Transition, Workflow

UNCHANGED, CHANGED = "unchanged", "changed"


class World(NamedTuple):
    """Where a case stands. `remembered` is set on hold only; `risen` says that the size may only rise from now on.

    `size` is None where cases have none, and where a walk takes the transitions of all sizes at once.
    """

    size: str | None
    state: str
    remembered: str | None = None
    risen: bool = False


class Move(NamedTuple):
    """One step: an edge, or a change of size, which has no edge."""

    trigger: str
    edge: Transition | None
    target: World


@dataclass(frozen=True, slots=True)
class Graph:
    """The moves of a whole workflow. `fixed` holds facts at one value, where that value is possible."""

    workflow: Workflow
    fixed: Mapping[str, str] = field(default_factory=dict)
    _moves: dict[World, tuple[Move, ...]] = field(default_factory=dict)

    def starts(self) -> tuple[World, ...]:
        """A new case, of each size."""
        return tuple(World(size, self.workflow.initial) for size in self.workflow.sizes or (None,))

    def moves(self, world: World) -> tuple[Move, ...]:
        """The edges that some value of the facts chooses here."""
        if world not in self._moves:
            self._moves[world] = tuple(self._find(world))
        return self._moves[world]

    def moves_and_sizes(self, world: World) -> tuple[Move, ...]:
        """The same, and the changes of size that the declaration of the field allows here."""
        return (*self.moves(world), *self._size_changes(world))

    def _find(self, world: World) -> Iterator[Move]:
        resolved = self.workflow.for_size(world.size)
        for edge in resolved.transitions:
            if edge.source == world.state and self._chosen(edge, world):
                yield Move(edge.trigger, edge, self._after(edge, world))

    def _chosen(self, edge: Transition, world: World) -> bool:
        values = ((self.possible(fact, world), wanted) for fact, wanted in edge.when.items())
        return all(possible is None or not possible.isdisjoint(wanted) for possible, wanted in values)

    def _after(self, edge: Transition, world: World) -> World:
        size = self.workflow.fields.get("size")
        risen = world.risen or bool(size and size.rises_after == (edge.trigger, edge.source))
        if edge.target == world.state:
            return world._replace(risen=risen)
        held = self.workflow.states[edge.target].hold
        return World(world.size, edge.target, world.state if held else None, risen)

    def possible(self, fact: str, world: World) -> frozenset[str] | None:
        """The values that a route fact can have here; None where nobody knows the fact."""
        if fact == REMEMBERED:
            return frozenset({world.remembered} if world.remembered else ())
        if fact == BASELINE:
            return self._baseline(world)
        declared = self.workflow.fields.get(fact)
        if declared is None or declared.kind != "enum":
            return None
        if fact == "size" and world.size is not None:
            return frozenset({world.size})
        return frozenset({self.fixed[fact]} if fact in self.fixed else declared.values)

    def _baseline(self, world: World) -> frozenset[str]:
        floor = self.workflow.baseline_from
        place = self.workflow.place(world.state, world.remembered)
        if floor is None or floor not in self.workflow.states or place < self.workflow.states[floor].order:
            return frozenset({UNCHANGED})
        return frozenset({self.fixed[BASELINE]} if BASELINE in self.fixed else {UNCHANGED, CHANGED})

    def _size_changes(self, world: World) -> Iterator[Move]:
        size = self.workflow.fields.get("size")
        if size is None or world.size is None or self.workflow.states[world.state].final:
            return
        if size.set_in and world.state not in size.set_in:
            return
        for value in size.values:
            lower = size.values.index(value) < size.values.index(world.size)
            if value != world.size and not (world.risen and lower):
                yield Move(f"size={value}", None, world._replace(size=value))


N = TypeVar("N", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Walk(Generic[N]):
    """Everything that a breadth-first walk reached, the nearest first; `came` tells from where and by which trigger."""

    came: Mapping[N, tuple[N, str] | None]
    name: Callable[[N], str]

    def path(self, node: N) -> Path:
        """The shortest path to a node that was reached, as (state, trigger) pairs."""
        steps: list[tuple[str, str]] = []
        while (step := self.came[node]) is not None:
            node, trigger = step
            steps.append((self.name(node), trigger))
        return tuple(reversed(steps))


def walk(
    starts: Iterable[N], moves: Callable[[N], Iterable[tuple[str, N]]], name: Callable[[N], str]
) -> Walk[N]:
    """Walk from the starts to all that can be reached."""
    came: dict[N, tuple[N, str] | None] = dict.fromkeys(starts)
    waiting = deque(came)
    while waiting:
        node = waiting.popleft()
        for trigger, target in moves(node):
            if target not in came:
                came[target] = (node, trigger)
                waiting.append(target)
    return Walk(came, name)


Worlds = Walk[World]


def path_to(state: str, found: Worlds, size: str | None = None) -> Path:
    """The shortest path to a state, of a case of that size at the end; empty where none leads there."""
    worlds = (w for w in found.came if w.state == state and size in (None, w.size))
    return next((found.path(w) for w in worlds), ())
