"""What a declaration may name, and the sentences about names that nobody declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mofflow.domain.check.documents import Schema, find
from mofflow.domain.check.report import unknown
from mofflow.domain.durations import parse
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Transition, Workflow
from mofflow.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a name stands: a transition of a workflow under policies. Each method yields what is wrong with a name."""

    workflow: Workflow
    policies: Policies
    transition: Transition

    def role(self, name: str) -> Iterator[str]:
        """A role type."""
        yield from _known("role", name, self.policies.roles)

    def evidence(self, name: str) -> Iterator[str]:
        """An evidence kind."""
        yield from _known("evidence kind", name, self.policies.evidence)

    def signoff(self, name: str) -> Iterator[str]:
        """A sign-off set."""
        yield from _known("sign-off set", name, self.policies.signoffs)

    def field(self, name: str) -> Iterator[str]:
        """A declared field of the case."""
        yield from _known("field", name, self.workflow.fields)

    def trigger(self, name: str) -> Iterator[str]:
        """A trigger of the workflow."""
        yield from _known("trigger", name, self.workflow.triggers)

    def clause(self, name: str) -> Iterator[str]:
        """A clause of the clause map."""
        yield from _known("clause", name, self.policies.clauses)

    def input(self, name: str) -> Iterator[str]:
        """An input of this transition."""
        yield from _known("input", name, [need.name for need in self.transition.needs])

    def duration(self, name: str) -> Iterator[str]:
        """A name of the calendar, or an ISO 8601 duration."""
        durations = self.policies.calendar.durations
        if name not in durations:
            try:
                parse(name)
            except BadInput:
                yield unknown("duration", name, durations)

    def date(self, name: str) -> Iterator[str]:
        """`kind.path` of a document."""
        found = self.at(name)
        if isinstance(found, str):
            yield found

    def at(self, name: str) -> Schema | str:
        """The schema at `kind.path`, or what is wrong with the name."""
        kind, _, path = name.partition(".")
        if kind not in self.policies.evidence:
            return unknown("evidence kind", kind, self.policies.evidence)
        if not path:
            return f"'{name}' names a kind, and no field of it."
        found = find(self.policies.evidence[kind].schema, path)
        return f"{name}: {found}" if isinstance(found, str) else found


def _known(what: str, name: str, known: Collection[str]) -> Iterator[str]:
    if name not in known:
        yield unknown(what, name, known)
