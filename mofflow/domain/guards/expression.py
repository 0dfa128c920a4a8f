"""Guards of an organisation's own: a CEL expression over the facts, compiled when the declaration is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.ledger import utc_text
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionRule(Rule):
    """`source` must be true of `case` (fields, state, ...), `evidence` (fields by document), `now` (UTC text).

    program: the compiled expression; it returns its value, or a text that says why it has none.
    says: what it means, for people. attach, fields: the remedy that its author declares.
    """

    source: str
    says: str
    program: Callable[[Mapping[str, object]], bool | str] = field(compare=False)
    attach: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)

    family: ClassVar[str] = "expression"
    rank: ClassVar[int] = 28

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """What its remedy names."""
        return {"evidence": tuple(self.attach), "field": tuple(self.fields)}


def variables(facts: Facts) -> dict[str, object]:
    """What an expression can see: plain data only."""
    case = facts.case
    return {
        "case": {
            "key": case.key,
            "state": case.state,
            "iteration": case.iteration,
            "fields": {name: list(v) if isinstance(v, tuple) else v for name, v in case.fields.items()},
        },
        "evidence": {name: dict(document.fields) for name, document in case.evidence.items()},
        "now": utc_text(facts.now),
    }


def look(rule: ExpressionRule, facts: Facts) -> Verdict:
    """True allows; false refuses; anything else refuses too, and says why."""
    value = rule.program(variables(facts))
    if value is True:
        return passed(rule.says, expression=rule.source)
    found = "it is not so" if value is False else f"it cannot be told: {value}"
    return failed(
        "EXPRESSION", f"{rule.says} Found: {found}.", f"The rule is: {rule.source}", expression=rule.source
    )


def mend(rule: ExpressionRule, verdict: Verdict, plan: Plan) -> None:
    """Only what the rule's author declares; else the hint must do."""
    if rule.fields:
        plan.set_fields(dict(rule.fields))
    for kind, wanted in rule.attach.items():
        plan.attach(kind, None, dict(wanted), differs=True)
