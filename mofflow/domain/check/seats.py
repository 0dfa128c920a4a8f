"""Sign-off sets that a workflow asks for: each must be declared for each size, and somebody must be able to sign."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from mofflow.domain.check.report import Problem
from mofflow.domain.duties import named
from mofflow.domain.guards.role import RoleRule
from mofflow.domain.policy import Policies, Seat, SignoffSet
from mofflow.domain.workflow import Transition, Workflow


def seat_problems(workflow: Workflow, policies: Policies) -> Iterator[Problem]:
    """`unsatisfiable_signoff` for every set that cannot be complete in a size; `workflow` is resolved for it."""
    seen: set[str] = set()
    for edge in workflow.transitions:
        for guard in edge.guards:
            for name in named(guard.rule, "signoff"):
                if name in policies.signoffs and name not in seen:
                    seen.add(name)
                    yield from _problems(edge, workflow, policies, policies.signoffs[name])


def _problems(
    edge: Transition, workflow: Workflow, policies: Policies, signoffs: SignoffSet
) -> Iterator[Problem]:
    for message in _faults(workflow, policies, signoffs):
        yield Problem(
            check="unsatisfiable_signoff",
            message=f"sign-off set {signoffs.name}: {message}",
            state=edge.source,
            trigger=edge.trigger,
            size=workflow.size,
        )


def _faults(workflow: Workflow, policies: Policies, signoffs: SignoffSet) -> Iterator[str]:
    seats, size = signoffs.seats_for(workflow.size), workflow.size or ""
    if not seats and not {size, "all"} & signoffs.none.keys():
        yield "it has no seats for this size, and no `none: REASON`."
    for seat in seats:
        if not usable(seat, signoffs, policies):
            yield f"separation of duties bars everybody who could sign as {seat.label}."
    single = single_roles(workflow, policies)
    for one, other in combinations(seats, 2):
        if set(one.roles) == set(other.roles) and len(one.roles) == 1 and one.roles[0] in single:
            yield f"two seats are for {one.label}, which one person only has."


def usable(seat: Seat, signoffs: SignoffSet, policies: Policies) -> tuple[str, ...]:
    """The roles of a seat that separation does not bar by themselves: who has such a role on the case may sign."""
    rules = policies.separation
    barred = {
        *rules.barred_roles.get(signoffs.set_class, ()),
        *(one for one, other in rules.distinct_roles if one == other),
    }
    return tuple(role for role in seat.roles if role not in barred)


def single_roles(workflow: Workflow, policies: Policies) -> frozenset[str]:
    """Roles that exactly one person has on a case: by their type, or because a guard says so."""
    typed = {name for name, role in policies.roles.items() if role.unique}
    guards = (guard.rule for edge in workflow.transitions for guard in edge.guards)
    asked = {rule.role for rule in guards if isinstance(rule, RoleRule) and rule.mode == "unique"}
    return frozenset(typed | asked)
