"""Guards on documents: present, fresh, not too old, with fields that match, one entry for each of another list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mofflow.domain.case import Evidence, evidence_id
from mofflow.domain.dates import moment_of
from mofflow.domain.durations import parse
from mofflow.domain.facts import Facts
from mofflow.domain.guards.base import Verdict, failed, passed
from mofflow.domain.paths import flat, same, shown, values_at
from mofflow.domain.remedy import Plan
from mofflow.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRule(Rule):
    """The current document of `kind` must stand.

    key_input: the input whose value keys the document. fresh: attached since the present state was entered.
    matches: path -> value. some: path -> value that at least one entry has. never: path -> value that no entry may have. each: own path -> path in another
    document (`kind.path`) whose every value it must hold; a document that is not there asks nothing.
    max_age: the longest age of the kind's `dated` field. unmarked: a mark that its content must not bear.
    optional: a document that is not there passes; one that is there must be right.
    """

    kind: str
    key_input: str | None = None
    fresh: bool = False
    matches: Mapping[str, object] = field(default_factory=dict)
    some: Mapping[str, object] = field(default_factory=dict)
    never: Mapping[str, object] = field(default_factory=dict)
    each: Mapping[str, str] = field(default_factory=dict)
    max_age: str | None = None
    unmarked: str | None = None
    optional: bool = False

    family: ClassVar[str] = "evidence"

    @property
    def rank(self) -> int:  # type: ignore[override]  # of a document that answers others, after those
        """Among the documents; one that must answer another document's list comes after that one."""
        return 21 if self.each else 20

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The kind itself, and the documents whose lists it must answer."""
        ages = (self.max_age,) if self.max_age else ()
        return {"evidence": (self.kind,), "date": tuple(self.each.values()), "duration": ages}


def look(rule: EvidenceRule, facts: Facts) -> Verdict:
    """Judge the document as it stands; the first thing that is wrong with it is told."""
    name = _name(rule, facts)
    document = facts.case.evidence.get(name)
    if document is None and rule.optional:
        return passed(f"There is no {name}, and none is asked for.", document=name)
    if document is None:
        return failed("EVIDENCE_MISSING", f"There is no {name}.", f"Attach {_a(rule, facts)}.", document=name)
    saw = {"document": name, "version": document.version, "digest": document.digest, "seal": document.seal}
    if rule.fresh and document.attached < facts.case.entered:
        message = (
            f"{name} version {document.version} was attached before the case entered {facts.case.state}."
        )
        return failed("EVIDENCE_STALE", message, "Attach it anew, as it is now.", **saw)
    code, fault = _content_fault(rule, document, facts)
    if code:
        return failed(code, fault, f"Attach a {name} that says so, if it is so.", **saw)
    return passed(f"{name} version {document.version} stands.", **saw)


def mend(rule: EvidenceRule, verdict: Verdict, plan: Plan) -> None:
    """Attach a document of the kind whose example satisfies the rule."""
    wanted = {**rule.matches, **rule.some}
    key = plan.facts.inputs.get(rule.key_input) if rule.key_input else None
    differs = verdict.code not in ("EVIDENCE_MISSING", "EVIDENCE_STALE")
    plan.attach(rule.kind, str(key) if key is not None else None, wanted, differs=differs)


def _name(rule: EvidenceRule, facts: Facts) -> str:
    key = facts.inputs.get(rule.key_input) if rule.key_input else None
    return evidence_id(rule.kind, str(key) if key is not None else None)


def _a(rule: EvidenceRule, facts: Facts) -> str:
    kind = facts.policies.evidence[rule.kind]
    wanted = ", ".join(f"{path}: {shown(value)}" for path, value in rule.matches.items())
    return f"the {kind.title.lower()}" + (f" with {wanted}" if wanted else "")


def _content_fault(rule: EvidenceRule, document: Evidence, facts: Facts) -> tuple[str | None, str]:
    for code, fault in _faults(rule, document, facts):
        return code, fault
    return None, ""


def _faults(rule: EvidenceRule, document: Evidence, facts: Facts) -> Iterator[tuple[str, str]]:
    name = evidence_id(document.kind, document.key)
    kind = facts.policies.evidence[rule.kind]
    if document.kind_digest != kind.digest:
        for fault in kind.faults(document.fields):
            yield "EVIDENCE_INVALID", f"{name}: {fault.path or 'document'}: {fault.message}"
    thing = kind.identify(document.fields, document.seal)
    if rule.unmarked and (rule.kind, thing, rule.unmarked) in facts.case.marks:
        yield "EVIDENCE_INVALID", f"{name} version {document.version} is marked {rule.unmarked}."
    yield from _mismatches(rule, document, name)
    yield from _gaps(rule, document, facts, name)
    yield from _age_faults(rule, document, facts, name)


def _mismatches(rule: EvidenceRule, document: Evidence, name: str) -> Iterator[tuple[str, str]]:
    for path, wanted in rule.matches.items():
        found = next(values_at(document.fields, path), None)
        if not same(found, wanted):
            yield "EVIDENCE_INVALID", f"{name} says {path}: {shown(found)}; it must be {shown(wanted)}."
    for path, banned in rule.never.items():
        if any(same(found, banned) for found in values_at(document.fields, path)):
            yield "EVIDENCE_INVALID", f"{name} has an entry with {path}: {shown(banned)}; there must be none."
    for path, wanted in rule.some.items():
        if not any(same(found, wanted) for found in values_at(document.fields, path)):
            yield "EVIDENCE_INVALID", f"No entry of {name} has {path}: {shown(wanted)}."


def _gaps(rule: EvidenceRule, document: Evidence, facts: Facts, name: str) -> Iterator[tuple[str, str]]:
    for own, other in rule.each.items():
        kind, _, path = other.partition(".")
        listed = facts.case.evidence.get(kind)
        if listed is None:
            continue
        here = list(flat(values_at(document.fields, own)))
        missing = [shown(v) for v in flat(values_at(listed.fields, path)) if v not in here]
        if missing:
            yield "EVIDENCE_INVALID", f"{name} has no {own} for {', '.join(missing)} of {kind}."


def _age_faults(rule: EvidenceRule, document: Evidence, facts: Facts, name: str) -> Iterator[tuple[str, str]]:
    dated = facts.policies.evidence[rule.kind].dated
    if rule.max_age is None or dated is None:
        return
    zone = facts.policies.calendar.zone
    stamp = moment_of(next(values_at(document.fields, dated), None), facts)
    if stamp is None or stamp > facts.now:
        yield (
            "EVIDENCE_INVALID",
            f"{name} says {dated}: {shown(document.fields.get(dated))}, which has not come yet.",
        )
        return
    length = facts.policies.calendar.durations.get(rule.max_age, rule.max_age)
    if parse(length).add(stamp, zone) < facts.now:
        yield (
            "EVIDENCE_TOO_OLD",
            f"{name} is of {document.fields.get(dated)}; it may be {length} old at most.",
        )
