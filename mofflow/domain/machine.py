"""The finite state machine itself: one pytransitions Machine for each workflow, shared by all its cases.

It is the single authority on which triggers leave which state. It gets no models, no conditions and no callbacks from
declarations: targets are chosen beforehand, by the route facts.
"""

from __future__ import annotations

from collections.abc import Callable

from transitions import EventData, Machine

from mofflow.domain.workflow import Transition, Workflow


class _Mover:
    """A throw-away bearer of a state; `wanted` is the target that was chosen."""

    __slots__ = ("state", "wanted")

    def __init__(self, state: str, wanted: str) -> None:
        self.state = state
        self.wanted = wanted


class CompiledMachine:
    """The moves that a workflow (resolved for a size) allows."""

    def __init__(self, workflow: Workflow) -> None:
        self._machine = Machine(
            model=None,
            states=list(workflow.states),
            initial=workflow.initial,
            auto_transitions=False,
            send_event=True,
        )
        for edge in workflow.transitions:
            self._machine.add_transition(
                edge.trigger, edge.source, edge.target, conditions=[_is_wanted(edge.target)]
            )

    def triggers(self, state: str) -> tuple[str, ...]:
        """Every trigger that leaves a state, in the order of declaration."""
        return tuple(name for name, event in self._machine.events.items() if event.transitions.get(state))

    def move(self, edge: Transition) -> str:
        """Take one edge; the state that it ends in."""
        mover = _Mover(edge.source, edge.target)
        if not self._machine.events[edge.trigger].trigger(mover):
            raise AssertionError(f"the machine refuses its own edge {edge.source} -> {edge.target}")
        return mover.state


def _is_wanted(target: str) -> Callable[[EventData], bool]:
    def wanted(event: EventData) -> bool:
        return isinstance(event.model, _Mover) and event.model.wanted == target

    return wanted


_COMPILED: dict[tuple[str, str | None], CompiledMachine] = {}


def machine(workflow: Workflow) -> CompiledMachine:
    """The machine of a workflow, compiled once for each digest and size."""
    key = (workflow.digest, workflow.size)
    if key not in _COMPILED:
        _COMPILED[key] = CompiledMachine(workflow)
    return _COMPILED[key]
