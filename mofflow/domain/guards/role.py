"""Guards on staffing: a role that somebody acts in, that is assigned on the case, that exactly one person has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mofflow.domain.duties import acting, assigned
from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRule(Rule):
    """mode: `filled` (somebody acts in it), `assigned` (somebody is assigned on the case), `unique` (exactly one)."""

    role: str
    mode: str

    family: ClassVar[str] = "role"
    rank: ClassVar[int] = 0

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The role."""
        return {"role": (self.role,)}


def look(rule: RoleRule, facts: Facts) -> Verdict:
    """Count the people who have the role here."""
    if rule.mode == "assigned":
        people = sorted(assigned(facts, rule.role))
    else:
        people = sorted({h.person for h in acting(facts, rule.role) if h.acting_for is None})
    if not people:
        verb = "is assigned as" if rule.mode == "assigned" else "has the role"
        hint = f"Assign a {rule.role}." if rule.mode == "assigned" else f"Grant the role {rule.role}."
        return failed("ROLE_UNFILLED", f"Nobody {verb} {rule.role}.", hint, role=rule.role)
    if rule.mode == "unique" and len(people) > 1:
        message = f"{', '.join(people)} all are {rule.role}; there must be exactly one."
        return failed(
            "ROLE_NOT_UNIQUE", message, "Assign one of them on this case.", role=rule.role, people=people
        )
    return passed(f"{', '.join(people)}: {rule.role}.", role=rule.role, people=people)


def mend(rule: RoleRule, verdict: Verdict, plan: Plan) -> None:
    """Assign a holder, or first grant the role to somebody whom separation of duties allows."""
    if verdict.code == "ROLE_NOT_UNIQUE":
        plan.single_out(rule.role)
    else:
        plan.fill((rule.role,), assign=rule.mode == "assigned")
