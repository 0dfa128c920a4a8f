"""Dominance: no way around the guards that serve the clauses of `policies/mandatory.yaml` (domain.md 6.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mofflow.domain.check.graph import Graph, Move, World, Worlds, path_to, walk
from mofflow.domain.check.report import Path, Problem, unknown
from mofflow.domain.guards.evidence import EvidenceRule
from mofflow.domain.guards.group import GroupRule
from mofflow.domain.guards.signoff import SignoffRule
from mofflow.domain.policy import Mandate, Policies
from mofflow.domain.rule import Rule
from mofflow.domain.workflow import Guard, Transition, Workflow

PROJECT = "project"  # the kind of workflow that the mandates are for


class Pass(NamedTuple):
    """A world, and the place of the guard that was passed: of several the earliest, since that one stands longest.

    `fired`: for each trigger that a guard catches up with, the size that the case had when it was fired last.
    """

    world: World
    place: int | None = None
    fired: tuple[str | None, ...] = ()


def dominance(workflow: Workflow, policies: Policies, graph: Graph, found: Worlds) -> Iterator[Problem]:
    """A problem for each mandate that can be got around, with the way."""
    if workflow.kind != PROJECT:
        return
    for mandate in policies.mandates:
        if mandate.by is not None and mandate.by not in {*policies.evidence, *policies.signoffs}:
            known = [*policies.evidence, *policies.signoffs]
            message = unknown("evidence kind or sign-off set", mandate.by, known)
            yield Problem(check="unknown_name", message=f"mandate of {mandate.clause}: {message}")
        elif mandate.before not in workflow.states:
            message = unknown("state", mandate.before, workflow.states)
            yield Problem(check="dominance", message=f"before it {mandate.clause} must be served: {message}")
        elif mandate.mode == "at_entry":
            yield from _at_entry(workflow, mandate, found)
        else:
            yield from _passed(_Proof(workflow, mandate, graph))


def serves(guard: Guard, mandate: Mandate) -> bool:
    """Whether a guard serves the mandate for certain: nobody may waive it, it is asked every time, and it asks for the
    document or sign-off that the mandate names."""
    return guard.catches_up is None and _serves_when_asked(guard, mandate)


def _serves_when_asked(guard: Guard, mandate: Mandate) -> bool:
    labelled = mandate.clause in guard.clauses and guard.waivable is None
    return labelled and (mandate.by is None or _asks(guard.rule, mandate.by))


def _asks(rule: Rule, name: str) -> bool:
    """Whether a rule cannot pass without the document or sign-off set of that name."""
    if isinstance(rule, EvidenceRule):
        return rule.kind == name and not rule.optional
    if isinstance(rule, SignoffRule):
        return rule.set == name
    if isinstance(rule, GroupRule):
        parts = [_asks(part, name) for part in rule.rules]
        return any(parts) if rule.mode == "all_of" else all(parts)
    return False


def _carries(edge: Transition, mandate: Mandate) -> bool:
    return any(serves(guard, mandate) for guard in edge.guards)


def _at_entry(workflow: Workflow, mandate: Mandate, found: Worlds) -> Iterator[Problem]:
    if workflow.initial == mandate.before:
        message = f"cases begin in {mandate.before}, without a guard that serves {mandate.clause}."
        yield Problem(check="dominance", message=message, state=mandate.before)
    for size in workflow.sizes or (None,):
        for edge in workflow.for_size(size).transitions:
            if edge.target != mandate.before or edge.source == edge.target:
                continue
            if not _carries(edge, mandate):
                message = f"{edge.trigger} enters {edge.target} from {edge.source} without a guard that serves {mandate.clause}."
                yield Problem(
                    check="dominance",
                    message=message,
                    state=edge.target,
                    trigger=edge.trigger,
                    path=(*path_to(edge.source, found, size), (edge.source, edge.trigger)),
                    size=size,
                )


@dataclass(frozen=True, slots=True)
class _Proof:
    workflow: Workflow
    mandate: Mandate
    graph: Graph

    def counter_example(
        self,
        starts: Iterable[Pass],
        moves: Callable[[World], Iterable[Move]],
        step: Callable[[Pass, Move], Pass],
    ) -> Path | None:
        """The shortest path into the state without a pass; None where there is none."""
        reached = walk(starts, lambda p: ((m.trigger, step(p, m)) for m in moves(p.world)), _state)
        bare = (p for p in reached.came if p.world.state == self.mandate.before and p.place is None)
        first = next(bare, None)
        return None if first is None else reached.path(first)

    def after(self, before: Pass, move: Move, *, carries: bool) -> Pass:
        """What a move does to a pass: a backward one to or before its place takes it away, a guard gives one."""
        place = before.place
        if move.edge is None:
            return before._replace(world=move.target)
        target, here = self._place(move.target), self._place(before.world)
        if place is not None and target < here and target <= place:
            place = None
        if carries and (place is None or here < place):
            place = here
        return Pass(move.target, place, before.fired)

    def _place(self, world: World) -> int:
        return self.workflow.place(world.state, world.remembered)


def _state(node: Pass) -> str:
    return node.world.state


def _passed(proof: _Proof) -> Iterator[Problem]:
    """All sizes at once where that proves it, which it mostly does; else size by size; else with changes of size."""
    if _union(proof) is None:
        return
    clause, before, single = proof.mandate.clause, proof.mandate.before, False
    for start in proof.graph.starts():
        path = proof.counter_example((Pass(start),), proof.graph.moves, _plain(proof))
        if path is not None:
            single = True
            message = f"{before} can be entered without having passed a guard that serves {clause}."
            yield _problem(before, message, path, start.size)
    mixed = None if single else _mixed(proof)
    if mixed is not None:
        message = f"{before} can be entered without having passed a guard that serves {clause}, where the size changes."
        yield _problem(before, message, mixed, None)


def _problem(state: str, message: str, path: Path, size: str | None) -> Problem:
    trigger = path[-1][1] if path else None
    return Problem(check="dominance", message=message, state=state, trigger=trigger, path=path, size=size)


def _plain(proof: _Proof) -> Callable[[Pass, Move], Pass]:
    mandate = proof.mandate
    return lambda p, m: proof.after(p, m, carries=m.edge is not None and _carries(m.edge, mandate))


def _union(proof: _Proof) -> Path | None:
    """Edges of every size, each with what it carries in all sizes that have it: covers each size, and every change."""
    workflow, mandate = proof.workflow, proof.mandate

    def carries(edge: Transition | None) -> bool:
        everywhere = edge.sizes or frozenset(workflow.sizes) if edge else frozenset()
        found = [g for g in edge.guards if serves(g, mandate)] if edge else []
        covered = everywhere.issubset(frozenset[str]().union(*(g.sizes for g in found)))
        return any(not g.sizes for g in found) or (bool(found) and covered)

    start = Pass(World(None, workflow.initial))
    return proof.counter_example(
        (start,), proof.graph.moves, lambda p, m: proof.after(p, m, carries=carries(m.edge))
    )


def _mixed(proof: _Proof) -> Path | None:
    """Cases whose size changes on the way; here a guard that catches up counts where it is asked (`decide`)."""
    mandate, sizes = proof.mandate, proof.workflow.sizes
    guards = [g for t in proof.workflow.transitions for g in t.guards if _serves_when_asked(g, mandate)]
    followed = tuple(dict.fromkeys(g.catches_up for g in guards if g.catches_up))

    def asked(guard: Guard, now: Pass) -> bool:
        if not _serves_when_asked(guard, mandate):
            return False
        then = now.fired[followed.index(guard.catches_up)] if guard.catches_up else None
        return then is None or sizes.index(str(now.world.size)) > sizes.index(then)

    def step(now: Pass, move: Move) -> Pass:
        carries = move.edge is not None and any(asked(g, now) for g in move.edge.guards)
        fired = tuple(
            now.world.size if move.edge and move.trigger == trigger else then
            for trigger, then in zip(followed, now.fired, strict=True)
        )
        return proof.after(now, move, carries=carries)._replace(fired=fired)

    starts = [Pass(world, None, (None,) * len(followed)) for world in proof.graph.starts()]
    return proof.counter_example(starts, proof.graph.moves_and_sizes, step)
