"""The guard that no obligation is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationRule(Rule):
    """No obligation of the case is open."""

    family: ClassVar[str] = "obligations"
    rank: ClassVar[int] = 50


def look(rule: ObligationRule, facts: Facts) -> Verdict:
    """Tell every open obligation."""
    left = [o for o in facts.case.obligations if o.settled is None]
    if not left:
        return passed("No obligation is open.")
    told = "; ".join(f"{o.id} of {o.owner}, due {o.due}: {o.text or o.guard}" for o in left)
    return failed("OBLIGATION_OPEN", f"Open: {told}.", "Settle each of them.", open=[o.id for o in left])


def mend(rule: ObligationRule, verdict: Verdict, plan: Plan) -> None:
    """Settle each, by its owner."""
    for obligation in plan.facts.case.obligations:
        if obligation.settled is None:
            plan.settle(obligation)
