"""How few people bring a case of one size to its good end (the proof that its sign-offs can be given)."""

from __future__ import annotations

from collections.abc import Iterator

from mofflow.domain.check.crew import Search
from mofflow.domain.check.duty import work_of
from mofflow.domain.check.graph import Graph, World
from mofflow.domain.check.report import Crew, Problem
from mofflow.domain.check.seats import single_roles
from mofflow.domain.check.work import shortest, ways, with_repeats
from mofflow.domain.duties import conflicts, sets_asked
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow


def crew(workflow: Workflow, policies: Policies, graph: Graph, goal: str) -> Crew | Problem | None:
    """The smallest crew of a size; a problem where no crew will do; None without a path, or with an unknown set.

    `workflow` is resolved for the size.
    """
    path = shortest(graph, World(workflow.size, workflow.initial), goal)
    if path is None or any(name not in policies.signoffs for name in sets_asked(workflow)):
        return None
    pairs, single = conflicts(workflow, policies), single_roles(workflow, policies)
    fired = with_repeats(workflow, path)
    best: Crew | None = None
    for rules in ways(fired):
        work = work_of(fired, rules, policies, workflow.size)
        search = Search(work, pairs, single)
        people = search.run()
        if people is not None and (best is None or len(people) < best.size):
            steps = tuple((edge.source, edge.trigger) for edge in path)
            best = Crew(
                people=people, path=steps, documents=work.kinds, signoffs=work.seats, exact=search.exact
            )
    if best is not None:
        return best
    message = f"no people, however many, can bring a case to {goal} under the separation of duties."
    steps = tuple((edge.source, edge.trigger) for edge in path)
    return Problem(check="unsatisfiable_signoff", message=message, state=goal, path=steps, size=workflow.size)


def crews(
    workflow: Workflow, policies: Policies, graph: Graph, goal: str
) -> Iterator[tuple[str, Crew | Problem]]:
    """What `crew` finds for each size; "" where cases have no size."""
    for size in workflow.sizes or (None,):
        found = crew(workflow.for_size(size), policies, graph, goal)
        if found is not None:
            yield size or "", found
