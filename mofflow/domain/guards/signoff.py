"""Guards on sign-off sets: every seat filled by a different person whose approval counts now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule
from mofflow.domain.signoffs import Standing, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SignoffRule(Rule):
    """The set must be complete. key_input: the input whose value keys it.

    after: trigger -> dates (`kind.path`); of these triggers the one fired last rules: only sign-offs given after
    that moment, and not before any of its dates, count.
    """

    set: str
    key_input: str | None = None
    after: Mapping[str, tuple[str, ...]] | None = None

    family: ClassVar[str] = "signoff"
    rank: ClassVar[int] = 60

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The set, and the triggers and dates after which it must be signed."""
        after = self.after or {}
        dates = tuple(name for names in after.values() for name in names)
        return {"signoff": (self.set,), "trigger": tuple(after), "date": dates}


def look(rule: SignoffRule, facts: Facts) -> Verdict:
    """Match the sign-offs that count with the seats."""
    found = standing(facts, rule.set, _key(rule, facts), rule.after)
    saw = {"set": found.name, "signed": [s.person for s in found.counting], "covers": dict(found.covers)}
    if found.rejected_by:
        message = f"{', '.join(found.rejected_by)} rejected {found.name}."
        hint = "A rejection is lifted by the same person's approval or withdrawal, or by a changed document."
        return failed("SIGNOFF_REJECTED", message, hint, **saw)
    if not found.open_seats:
        return passed(_complete(found), **saw)
    missing = ", ".join(seat.label for seat in found.open_seats)
    code, why = found.explanation
    message = f"{found.name} is not signed by: {missing}." + (f" {why}" if why else "")
    verdict = failed(code, message, f"To sign: {missing}.", **saw)
    return verdict if found.not_before is None else _later(verdict, found)


def mend(rule: SignoffRule, verdict: Verdict, plan: Plan) -> None:
    """Lift rejections, then fill each open seat with somebody who may sit there."""
    plan.complete(rule.set, _key(rule, plan.facts), rule.after)


def _key(rule: SignoffRule, facts: Facts) -> str | None:
    value = facts.inputs.get(rule.key_input) if rule.key_input else None
    return None if value is None else str(value)


def _complete(found: Standing) -> str:
    if found.none_reason:
        return f"{found.name} needs nobody: {found.none_reason}"
    return f"{found.name} is signed by {', '.join(s.person for s in found.counting)}."


def _later(verdict: Verdict, found: Standing) -> Verdict:
    return Verdict(
        passed=False,
        code=verdict.code,
        message=verdict.message,
        hint=verdict.hint,
        saw=verdict.saw,
        not_before=found.not_before,
    )
