"""The guard that every requirement is met: traced through acceptance criteria to results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.paths import flat, shown, values_at
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRule(Rule):
    """Each value at `each` (`kind.path`) is served by an entry of `through` (`kind.list`, with id and serves) whose id
    has an entry in the results (with criterion) that says met or accepted.

    results: trigger -> `kind.list`; of these triggers the one fired last says which results count.
    """

    each: str
    through: str
    results: Mapping[str, str]

    family: ClassVar[str] = "trace"
    rank: ClassVar[int] = 22

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The lists that it follows."""
        lists = (self.each, self.through, *self.results.values())
        return {"date": lists, "trigger": tuple(self.results)}


def look(rule: TraceRule, facts: Facts) -> Verdict:
    """Follow each value; those that get lost are told."""
    wanted = [shown(v) for v in _list(rule.each, facts)]
    passing = set(_passing(rule, facts))
    served = {
        shown(v)
        for entry in _entries(rule.through, facts)
        if entry.get("id") in passing
        for v in _serves(entry)
    }
    lost = [value for value in wanted if value not in served]
    if not lost:
        return passed(f"All of {rule.each} have a passed or accepted criterion.", traced=wanted)
    message = f"Without a passed or accepted criterion: {', '.join(lost)} of {rule.each}."
    hint = f"Show it met, or accept it explicitly, in {_results(rule, facts)}."
    return failed("EVIDENCE_INVALID", message, hint, lost=lost)


def _list(name: str, facts: Facts) -> Iterator[object]:
    kind, _, path = name.partition(".")
    for document in facts.case.documents(kind):
        yield from flat(values_at(document.fields, path))


def _entries(name: str, facts: Facts) -> Iterator[Mapping[str, object]]:
    return (entry for entry in _list(name, facts) if isinstance(entry, Mapping))


def _serves(entry: Mapping[str, object]) -> list[object]:
    serves = entry.get("serves")
    return list(serves) if isinstance(serves, list | tuple) else []


def _results(rule: TraceRule, facts: Facts) -> str:
    """The list of results that counts; the first where none of the triggers was fired."""
    fired = {
        trigger: facts.case.fired[trigger].moment for trigger in rule.results if trigger in facts.case.fired
    }
    last = max(fired, key=lambda trigger: fired[trigger], default=next(iter(rule.results)))
    return rule.results[last]


def _passing(rule: TraceRule, facts: Facts) -> Iterator[object]:
    for entry in _entries(_results(rule, facts), facts):
        if entry.get("met") is True or entry.get("accepted") is True:
            yield entry.get("criterion")


def mend(rule: TraceRule, verdict: Verdict, plan: Plan) -> None:
    """Criteria that serve each of them where some are missing, then a document with their results."""
    wanted = {shown(v) for v in _list(rule.each, plan.facts)}
    served = {shown(v) for entry in _entries(rule.through, plan.facts) for v in _serves(entry)}
    if wanted - served:
        plan.attach(rule.through.partition(".")[0], None, {}, differs=True)
    plan.attach(_results(rule, plan.facts).partition(".")[0], None, {}, differs=True)
