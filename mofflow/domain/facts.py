"""The frozen input of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mofflow.domain.case import Case
from mofflow.domain.people import People
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import BASELINE, REMEMBERED, Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A case, the people, the policies in force and `now`; `inputs` are those of the trigger being judged.

    `workflow` is resolved for the size of the case.
    """

    case: Case
    workflow: Workflow
    policies: Policies
    people: People
    now: datetime
    inputs: Mapping[str, object] = field(default_factory=dict)

    def with_case(self, case: Case) -> Facts:
        """The same world with another state of the case; follows a change of size."""
        return replace(self, case=case, workflow=self.workflow.for_size(case.size))

    def routes(self) -> dict[str, str]:
        """The finite facts that may choose between targets."""
        case = self.case
        values = {name: str(value) for name, value in case.fields.items() if isinstance(value, str)}
        if case.remembered:
            values[REMEMBERED] = case.remembered.state
        values[BASELINE] = "changed" if self.baseline_changed() else "unchanged"
        return values

    def baseline_changed(self) -> bool:
        """Whether a baseline document has another digest than when the baseline was taken (rule: row 31)."""
        case, floor = self.case, self.workflow.baseline_from
        if case.baseline is None or floor is None:
            return False
        remembered = case.remembered.state if case.remembered else None
        if self.workflow.place(case.state, remembered) < self.workflow.states[floor].order:
            return False
        kinds = {k for t in self.workflow.transitions for k in t.effects.baselines}
        present = {k: case.evidence[k].seal for k in kinds if k in case.evidence}
        return present != dict(case.baseline)
