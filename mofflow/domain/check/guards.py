"""Guards themselves: their names, clauses and sizes, who may waive them, and the rules that they hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from mofflow.domain.check.report import Problem, unknown
from mofflow.domain.check.rules import faults
from mofflow.domain.check.scope import Scope
from mofflow.domain.durations import parse
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Guard, Waivable, Workflow
from mofflow.errors import BadInput

_MONTHS = tuple(datetime(2023 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(24))  # with a leap year


def guard_problems(workflow: Workflow, policies: Policies) -> Iterator[Problem]:
    """`unknown_name` for what a guard names and nobody declares; `schema` for a guard that may not be so."""
    named: dict[str, Guard] = {}
    for edge in workflow.transitions:
        scope = Scope(workflow=workflow, policies=policies, transition=edge)
        for guard in edge.guards:
            known = named.setdefault(guard.name, guard)
            if known is guard:
                problems = [("unknown_name", m) for m in _unknown(guard, scope)]
                problems += [("schema", m) for m in _forbidden(guard, policies)]
            else:
                problems = [("schema", "another guard has the same name.")]
            for check, message in dict.fromkeys(problems):
                yield Problem(
                    check=check,
                    message=f"guard {guard.name}: {message}",
                    state=edge.source,
                    trigger=edge.trigger,
                )


def _unknown(guard: Guard, scope: Scope) -> Iterator[str]:
    sizes = scope.workflow.sizes
    yield from (unknown("size", size, sizes) for size in sorted(guard.sizes) if size not in sizes)
    for clause in guard.clauses:
        yield from scope.clause(clause)
    if guard.catches_up:
        yield from scope.trigger(guard.catches_up)
    if guard.waivable:
        yield from scope.role(guard.waivable.by)
    yield from faults(guard.rule, scope)


def _forbidden(guard: Guard, policies: Policies) -> Iterator[str]:
    """Domain rule 7: what serves a clause of `waivers.never` is not waivable, and no waiver is longer than the rest."""
    if guard.waivable is None:
        return
    never = [clause for clause in guard.clauses if clause in policies.waivers.never]
    if never:
        yield f"it serves {', '.join(never)}, so nobody may waive it."
    yield from _too_long(guard.waivable, policies.waivers.at_most)


def _too_long(waivable: Waivable, at_most: str) -> Iterator[str]:
    try:
        length, limit = parse(waivable.at_most), parse(at_most)
    except BadInput as error:
        yield error.message
        return
    if any(length.add(month, UTC) > limit.add(month, UTC) for month in _MONTHS):
        yield f"a waiver of {waivable.at_most} is longer than the policy allows, which is {at_most}."
