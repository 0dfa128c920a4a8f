"""Acts on a case as they will stand in its history, with what they make void."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mofflow.domain.case import Case, Evidence, SignOff, Verdict, evidence_id
from mofflow.domain.event import Act, Kind
from mofflow.domain.facts import Facts
from mofflow.domain.ledger import canonical, sha256, utc_text
from mofflow.domain.people import Holding
from mofflow.domain.signoffs import covered, material
from mofflow.domain.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document to attach: its fields, and the file as it lies in the evidence store (SHA-256, bytes, name)."""

    kind: str
    key: str | None
    fields: Mapping[str, object]
    digest: str
    size: int
    name: str

    @property
    def seal(self) -> str:
        """SHA-256 of file and fields together: fields that guards judge cannot change under a sign-off."""
        return sha256(canonical({"file": self.digest, "fields": dict(self.fields)}))


def open_case(workflow: Workflow, title: str, fields: Mapping[str, object]) -> Act:
    """A new case in the initial state, with declared defaults under the given fields."""
    defaults = {name: f.default for name, f in workflow.fields.items() if f.default is not None}
    data = {
        "kind": workflow.kind,
        "workflow": workflow.name,
        "state": workflow.initial,
        "fields": {**defaults, **fields},
    }
    return Act(kind=Kind.OPENED, data=data, texts={"title": title}, target=workflow.initial)


def attach(facts: Facts, by: Holding, document: Document) -> Act:
    """Add or replace a document; sign-offs of sets that cover it become void where its content changed."""
    name = evidence_id(document.kind, document.key)
    before = facts.case.evidence.get(name)
    unchanged = before is not None and before.seal == document.seal
    kind = facts.policies.evidence[document.kind]
    changed_by = before.changed_by if before and unchanged else tuple(sorted(by.persons))
    data = {
        "kind": document.kind,
        "key": document.key,
        "version": before.version + 1 if before else 1,
        "digest": document.digest,
        "seal": document.seal,
        "size": document.size,
        "kind_digest": kind.digest,
        "changed_by": list(changed_by),
    }
    voids = [] if unchanged else _voids_of(facts, document)
    texts = {"fields": json.dumps(dict(document.fields), ensure_ascii=False), "name": document.name}
    return Act(kind=Kind.EVIDENCE, data={**data, "voids": voids}, texts=texts, acting_for=by.acting_for)


def _voids_of(facts: Facts, document: Document) -> list[dict[str, object]]:
    """The sign-offs and rejections of documents that are no longer as they were."""
    name = evidence_id(document.kind, document.key)
    stub = Evidence(
        kind=document.kind,
        key=document.key,
        version=0,
        digest=document.digest,
        fields={},
        attached=facts.case.entered,
        by="",
        changed_by=(),
        kind_digest="",
        size=0,
        name="",
        seal=document.seal,
    )
    after = facts.with_case(replace(facts.case, evidence={**facts.case.evidence, name: stub}))

    def lapses(signoff: SignOff) -> bool:
        signoffs = facts.policies.signoffs.get(signoff.set)
        return signoffs is not None and covered(after, signoffs, signoff.key) != dict(signoff.covers)

    return _voids(facts.case, f"{name} was changed", [s for s in facts.case.signoffs if lapses(s)])


def _voids(case: Case, reason: str, signoffs: list[SignOff]) -> list[dict[str, object]]:
    return [
        {"set": s.set, "key": s.key, "person": s.person, "reason": reason}
        for s in signoffs
        if s.void is None and not s.withdrawn
    ]


def sign(
    facts: Facts, by: Holding, role: str, name: str, key: str | None, verdict: Verdict, comment: str
) -> Act:
    """A sign-off or a rejection, bound to the documents and material fields as they are."""
    data = {
        "set": name,
        "key": key,
        "role": role,
        "verdict": verdict.value,
        "covers": covered(facts, facts.policies.signoffs[name], key),
        "material": material(facts),
        "grants": list(grants_behind(facts, by, role)),
    }
    texts = {"comment": comment} if comment else {}
    return Act(kind=Kind.SIGNOFF, data=data, texts=texts, roles=(role,), acting_for=by.acting_for)


def grants_behind(facts: Facts, by: Holding, role: str) -> tuple[str, ...]:
    """The ids of the grants by which somebody acts in a role here; those of a role that stands in count, too."""
    declared = facts.policies.roles.get(role)
    roles = (role, *(declared.stands_in if declared else ()))
    return tuple(g for r in roles for g in facts.people.resting_on(by, r, facts.now, facts.case.key))


def withdraw(name: str, key: str | None, reason: str) -> Act:
    """Take one's own sign-off or rejection back."""
    return Act(kind=Kind.WITHDRAWAL, data={"set": name, "key": key}, texts={"reason": reason})


def assign(role: str, person: str) -> Act:
    """Staff a role of the case."""
    return Act(kind=Kind.ASSIGNMENT, data={"role": role, "person": person})


def unassign(role: str, person: str) -> Act:
    """End it."""
    return Act(kind=Kind.UNASSIGNMENT, data={"role": role, "person": person})


def set_fields(facts: Facts, changes: Mapping[str, object]) -> Act:
    """Change declared fields; a material one makes every approval void."""
    fields = facts.workflow.fields
    hit = sorted(n for n, v in changes.items() if fields[n].material and facts.case.fields.get(n) != v)
    approvals = [s for s in facts.case.signoffs if s.verdict is Verdict.APPROVE]
    voids = _voids(facts.case, f"{', '.join(hit)} was changed", approvals) if hit else []
    return Act(kind=Kind.FIELDS, data={"changes": dict(changes), "voids": voids})


def note(text: str) -> Act:
    """A remark."""
    return Act(kind=Kind.NOTE, texts={"text": text})


def waive(guard: str, until: datetime, reason: str, role: str) -> Act:
    """Let a guard count as passed until then."""
    data = {"guard": guard, "until": utc_text(until)}
    return Act(kind=Kind.WAIVER, data=data, texts={"reason": reason}, roles=(role,))


def settle(obligation: str, evidence: Evidence | None, reason: str) -> Act:
    """A duty is done: by a document that shows it, or for a reason."""
    shown = (
        {
            "evidence": evidence_id(evidence.kind, evidence.key),
            "digest": evidence.digest,
            "seal": evidence.seal,
        }
        if evidence
        else {}
    )
    data = {"obligation": obligation, **shown}
    return Act(kind=Kind.SETTLEMENT, data=data, texts={"reason": reason} if reason else {})
