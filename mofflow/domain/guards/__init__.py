"""The guard families: a rule class each, what it sees (`look`) and what would satisfy it (`mend`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mofflow.domain.facts import Facts
from mofflow.domain.guards import evidence, expression, field, group, obligation, role, signoff, time, trace
from mofflow.domain.guards.base import Verdict
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule

_FAMILIES: dict[type[Rule], tuple[Callable[[Any, Facts], Verdict], Callable[[Any, Verdict, Plan], None]]] = {
    role.RoleRule: (role.look, role.mend),
    field.FieldRule: (field.look, field.mend),
    field.DoneRule: (field.look_done, field.mend_done),
    field.FirstRule: (field.look_first, field.mend_first),
    evidence.EvidenceRule: (evidence.look, evidence.mend),
    trace.TraceRule: (trace.look, trace.mend),
    expression.ExpressionRule: (expression.look, expression.mend),
    time.OrderRule: (time.look_order, time.mend_order),
    time.ElapsedRule: (time.look_elapsed, time.mend_elapsed),
    obligation.ObligationRule: (obligation.look, obligation.mend),
    signoff.SignoffRule: (signoff.look, signoff.mend),
}


def look(rule: Rule, facts: Facts) -> Verdict:
    """What the rule finds in these facts; never changes anything."""
    if isinstance(rule, group.GroupRule):
        return group.look(rule, facts, look)
    return _FAMILIES[type(rule)][0](rule, facts)


def mend(rule: Rule, verdict: Verdict, plan: Plan) -> None:
    """Add to the plan the steps that satisfy the rule in the plan's world."""
    if isinstance(rule, group.GroupRule):
        group.mend(rule, verdict, plan, look, mend)
    else:
        _FAMILIES[type(rule)][1](rule, verdict, plan)
