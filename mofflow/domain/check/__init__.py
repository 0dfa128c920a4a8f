"""What can be proved of a workflow before it runs (architecture.md): `check(workflow, policies)`.

All proofs hold in every size. Deadlines are not declared yet, and what a single file may hold is judged by its reader.
"""

from __future__ import annotations

from collections.abc import Iterator

from mofflow.domain.check.dominance import dominance
from mofflow.domain.check.graph import Graph, Worlds
from mofflow.domain.check.guards import guard_problems
from mofflow.domain.check.names import name_problems
from mofflow.domain.check.people import crews
from mofflow.domain.check.reach import good_end, reached, shape
from mofflow.domain.check.report import Crew, Problem, Report, merged
from mofflow.domain.check.routes import facts_known, overlaps
from mofflow.domain.check.seats import seat_problems
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow

__all__ = ["Crew", "Problem", "Report", "check"]


def check(workflow: Workflow, policies: Policies) -> Report:
    """Prove all that can be proved of a workflow under these policies; every problem is told, never only the first."""
    whole = workflow.whole or workflow
    graph = Graph(whole)
    found = reached(graph)
    problems = list(_problems(whole, policies, graph, found))
    goal = good_end(whole)
    people = dict(crews(whole, policies, graph, goal)) if goal else {}
    problems += [crew for crew in people.values() if isinstance(crew, Problem)]
    return Report(
        problems=merged(problems, whole.sizes),
        people={size: crew for size, crew in people.items() if isinstance(crew, Crew)},
    )


def _problems(workflow: Workflow, policies: Policies, graph: Graph, found: Worlds) -> Iterator[Problem]:
    yield from shape(workflow, graph, found)
    yield from overlaps(workflow, found)
    yield from facts_known(workflow)
    yield from name_problems(workflow, policies)
    yield from guard_problems(workflow, policies)
    for size in workflow.sizes or (None,):
        yield from seat_problems(workflow.for_size(size), policies)
    yield from dominance(workflow, policies, graph, found)
