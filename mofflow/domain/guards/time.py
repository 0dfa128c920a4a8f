"""Guards on time: dates in an order, and time that must have passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mofflow.domain.dates import latest
from mofflow.domain.durations import parse
from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.ledger import utc_text
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRule(Rule):
    """`later` is not before `earlier`, with at least `apart` (a duration or a calendar name) between them.

    A date is `kind.path` of a document (the latest where there are several; with `key_input` that of the document
    which the input keys), `entry` into the present state, or `now`.
    """

    earlier: str
    later: str
    apart: str = "PT0S"
    key_input: str | None = None

    family: ClassVar[str] = "order"
    rank: ClassVar[int] = 30

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Both dates, and the time between them."""
        return {"date": (self.earlier, self.later), "duration": (self.apart,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ElapsedRule(Rule):
    """At least `length` (a duration or a calendar name) has passed since `since`: `kind.path`, or `entry`."""

    length: str
    since: str

    family: ClassVar[str] = "elapsed"
    rank: ClassVar[int] = 31

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The date that it counts from, and the time."""
        return {"date": (self.since,), "duration": (self.length,)}


def _length(name: str, facts: Facts) -> str:
    return facts.policies.calendar.durations.get(name, name)


def _key(rule: OrderRule, facts: Facts) -> str | None:
    value = facts.inputs.get(rule.key_input) if rule.key_input else None
    return None if value is None else str(value)


def look_order(rule: OrderRule, facts: Facts) -> Verdict:
    """Compare two dates."""
    key = _key(rule, facts)
    earlier, later = latest(rule.earlier, facts, key), latest(rule.later, facts, key)
    if earlier is None or later is None:
        missing = rule.earlier if earlier is None else rule.later
        return failed(
            "EVIDENCE_MISSING",
            f"There is no {missing} yet.",
            "Attach the document that tells it.",
            missing=missing,
        )
    earliest = parse(_length(rule.apart, facts)).add(earlier, facts.policies.calendar.zone)
    saw = {rule.earlier: utc_text(earlier), rule.later: utc_text(later)}
    if later >= earliest:
        return passed(f"{rule.later} is not before {utc_text(earliest)}.", **saw)
    message = f"{rule.later} is {utc_text(later)}, before {utc_text(earliest)}."
    verdict = failed("TOO_EARLY", message, f"It must be at or after {utc_text(earliest)}.", **saw)
    return replace(verdict, not_before=earliest) if earliest > facts.now else verdict


def mend_order(rule: OrderRule, verdict: Verdict, plan: Plan) -> None:
    """A document that tells the later date anew; `now` only needs waiting."""
    kind = rule.later.partition(".")[0] if rule.later != "now" else rule.earlier.partition(".")[0]
    if verdict.not_before is None or rule.later != "now":
        key = _key(rule, plan.facts)
        found = [d for d in plan.facts.case.documents(kind) if key in (None, d.key)]
        plan.attach(kind, found[0].key if found else key, {}, differs=bool(found))


def look_elapsed(rule: ElapsedRule, facts: Facts) -> Verdict:
    """Whether enough time has passed."""
    since = latest(rule.since, facts)
    if since is None:
        return failed("TOO_EARLY", f"There is no {rule.since} yet.", "Attach the document that tells it.")
    length = _length(rule.length, facts)
    until = parse(length).add(since, facts.policies.calendar.zone)
    saw = {"since": utc_text(since), "until": utc_text(until)}
    if facts.now >= until:
        return passed(f"{length} have passed since {rule.since}.", **saw)
    message = f"{length} must pass after {rule.since} ({utc_text(since)})."
    return replace(failed("TOO_EARLY", message, f"Wait until {utc_text(until)}.", **saw), not_before=until)


def mend_elapsed(rule: ElapsedRule, verdict: Verdict, plan: Plan) -> None:
    """Only waiting helps, or the document that the time is counted from."""
    kind = rule.since.partition(".")[0]
    if verdict.not_before is None and kind in plan.facts.policies.evidence:
        plan.attach(kind, None, {}, differs=False)
