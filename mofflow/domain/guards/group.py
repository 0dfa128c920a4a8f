"""Guards made of guards: all of them, or any one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule
from mofflow.errors import InvalidDeclaration

Look = Callable[[Rule, Facts], Verdict]
Mend = Callable[[Rule, Verdict, Plan], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule(Rule):
    """`all_of` or `any_of` some rules. No rules at all is a bad declaration: it would pass, or refuse, by itself."""

    mode: str
    rules: tuple[Rule, ...]

    family: ClassVar[str] = "group"

    def __post_init__(self) -> None:
        if not self.rules:
            raise InvalidDeclaration(
                f"An empty {self.mode} decides nothing.", "Name at least one guard in it."
            )

    @property
    def rank(self) -> int:  # type: ignore[override]  # of the part that comes last
        """As late as its latest part."""
        return max(rule.rank for rule in self.rules)

    def parts(self) -> tuple[Rule, ...]:
        """The rules."""
        return self.rules


def look(rule: GroupRule, facts: Facts, inner: Look) -> Verdict:
    """Judge every part; all that fail are told."""
    verdicts = [inner(part, facts) for part in rule.rules]
    failing = [v for v in verdicts if not v.passed]
    enough = not failing if rule.mode == "all_of" else len(failing) < len(verdicts)
    if enough:
        told = [v for v in verdicts if v.passed]
        return passed(" ".join(v.message for v in told), parts=[dict(v.saw) for v in told])
    joint = " Also: " if rule.mode == "all_of" else " Nor: "
    message = joint.join(v.message for v in failing)
    hint = (" And: " if rule.mode == "all_of" else " Or: ").join(v.hint for v in failing)
    return failed(failing[0].code or "FIELD", message, hint, parts=[dict(v.saw) for v in failing])


def mend(rule: GroupRule, verdict: Verdict, plan: Plan, inner: Look, mend_part: Mend) -> None:
    """Of `all_of` every part that fails; of `any_of` the part that needs the fewest steps."""
    parts = sorted(rule.rules, key=lambda part: part.rank)
    if rule.mode == "all_of":
        for part in parts:
            found = inner(part, plan.facts)
            if not found.passed:
                mend_part(part, found, plan)
        return
    tries = []
    for part in parts:
        trial = plan.copy()
        mend_part(part, inner(part, trial.facts), trial)
        if inner(part, trial.facts).passed:
            tries.append(trial)
    if tries:
        plan.take(min(tries, key=lambda trial: len(trial.steps)))
