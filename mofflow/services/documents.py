"""Evidence: attaching documents, reading them back, forms for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mofflow.domain import acts
from mofflow.domain.case import Evidence, evidence_id
from mofflow.domain.event import Kind
from mofflow.domain.example import render
from mofflow.domain.facts import Facts
from mofflow.domain.ledger import canonical, sha256
from mofflow.domain.people import Holding
from mofflow.domain.permits import Denial, may_attach
from mofflow.domain.policy import EvidenceKind, Policies
from mofflow.errors import BadInput, NotFound, nearest
from mofflow.services.ports import Stored, Writing
from mofflow.services.recording import Denied, record, unit
from mofflow.services.world import Caller, World, caller, facts_of, require_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document that somebody wants to attach: its fields, and its file; without one the fields are the document."""

    kind: str
    fields: Mapping[str, object]
    path: Path | None = None


def kind_named(policies: Policies, name: str) -> EvidenceKind:
    """The declared kind; BadInput with the nearest name."""
    if name not in policies.evidence:
        raise BadInput(
            f"There is no evidence kind {name!r}{nearest(name, list(policies.evidence))}.",
            "All kinds: mofflow policy show evidence",
        )
    return policies.evidence[name]


def attach(
    world: World, key: str, drafts: Sequence[Draft], *, dry_run: bool = False
) -> tuple[Facts, list[str]]:
    """Add or replace documents, all or none. Returns the facts after it, and the names of what was attached.

    BadInput with every fault of every document; NotPermitted where the actor may not attach one of them.
    """
    files = stored(world, key, drafts, dry_run=dry_run)
    with unit(world, dry_run) as (reading, writing):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        after = attach_stored(world, writing, who, facts, files)
        return after, [evidence_id(f.kind, f.key) for f in files]


def stored(world: World, key: str, drafts: Sequence[Draft], *, dry_run: bool) -> tuple[acts.Document, ...]:
    """Check the drafts and put their files into the store; that changes no case, and repeats to the same effect.

    Who may not attach them is refused before a byte is stored.
    """
    if not drafts:
        raise BadInput("Nothing to attach.", f"Write: mofflow attach {key} KIND FILE")
    with unit(world, dry_run) as (reading, _):
        who = caller(world, reading)
        facts = facts_of(world, reading, key, who)
        require_open(facts, "attaching a document")
        checked = [(draft, kind_named(facts.policies, draft.kind)) for draft in drafts]
        for draft in drafts:
            _attacher(facts, who, draft.kind)
    faults = [
        fault for draft, kind in checked for fault in (*_faults(draft, kind), *_unkeyed(facts, draft, kind))
    ]
    names = [evidence_id(d.kind, _key(d, k)) for d, k in checked]
    faults += [f"{name} is given twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        hint = f"A form that fits: mofflow evidence template {drafts[0].kind}"
        raise BadInput("\n".join(["These documents cannot be accepted:", *faults]), hint)
    return tuple(_filed(world, draft, kind, dry_run) for draft, kind in checked)


def _attacher(facts: Facts, who: Caller, kind: str) -> Holding:
    by = may_attach(facts, who.actor, kind)
    if isinstance(by, Denial):
        raise Denied(by.message, by.hint, case=facts.case.key, who=who, act="attach")
    return by


def _unkeyed(facts: Facts, draft: Draft, kind: EvidenceKind) -> Iterator[str]:
    """A keyed document is of one of the entries that the case lists: a site record of a declared site."""
    needs = [need for edge in facts.workflow.transitions for need in edge.needs]
    of = next((need.of for need in needs if need.kind == "choice" and need.name == kind.keyed_by), None)
    listed, found = facts.case.fields.get(of or ""), draft.fields.get(kind.keyed_by or "")
    if isinstance(listed, list | tuple) and found not in listed:
        yield f"{draft.kind}: {kind.keyed_by}: {found!r} is none of {', '.join(map(str, listed))}"


def _faults(draft: Draft, kind: EvidenceKind) -> Iterator[str]:
    for fault in kind.faults(draft.fields):
        yield f"{draft.kind}: {fault.path + ': ' if fault.path else ''}{fault.message}"


def _key(draft: Draft, kind: EvidenceKind) -> str | None:
    return str(draft.fields.get(kind.keyed_by)) if kind.keyed_by else None


def _filed(world: World, draft: Draft, kind: EvidenceKind, dry_run: bool) -> acts.Document:
    found = _store(world, draft, dry_run)
    return acts.Document(
        kind=draft.kind,
        key=_key(draft, kind),
        fields=draft.fields,
        digest=found.digest,
        size=found.size,
        name=draft.path.name if draft.path else f"{draft.kind}.json",
    )


def _store(world: World, draft: Draft, dry_run: bool) -> Stored:
    if draft.path:
        return world.store.look(draft.path) if dry_run else world.store.put(draft.path)
    content = canonical(dict(draft.fields))
    return Stored(digest=sha256(content), size=len(content)) if dry_run else world.store.put_bytes(content)


def attach_stored(
    world: World, writing: Writing | None, who: Caller, facts: Facts, files: Sequence[acts.Document]
) -> Facts:
    """Attach files that lie in the store; without a transaction only to see what would come of it."""
    require_open(facts, "attaching a document")
    for document in files:
        by = _attacher(facts, who, document.kind)
        written = record(world, writing, who, facts, acts.attach(facts, by, document))
        facts = facts.with_case(written.case)
    return facts


def split(name: str) -> tuple[str, str | None]:
    """`kind` or `kind:key` as people write it."""
    kind, _, key = name.partition(":")
    return kind, key or None


def open_document(
    world: World, case_key: str, name: str, version: int | None = None
) -> tuple[str, int, BinaryIO]:
    """(file name, version, stream) of a document; earlier versions come from the history. NotFound where there is none."""
    with world.database.reading() as reading:
        caller(world, reading)
        case = reading.case(case_key)
        kind_named(reading.policies(), split(name)[0])
        if version is None:
            found = current(case.evidence, name, case_key)
            return found.name, found.version, world.store.open(found.digest)
        if split(name)[1] is None and name not in case.evidence:
            found = current(case.evidence, name, case_key)
            name = evidence_id(found.kind, found.key)
        for recorded in reading.events(case_key):
            act = recorded.event.act
            if act.kind is Kind.EVIDENCE and _is_version(act.data, name, version):
                return act.texts.get("name", name), version, world.store.open(str(act.data["digest"]))
    raise NotFound(
        f"{case_key} has no version {version} of {name}.", f"See: mofflow evidence list {case_key}"
    )


def _is_version(data: Mapping[str, object], name: str, version: int) -> bool:
    kind, key = split(name)
    same_key = key is None or key == data.get("key")
    return data.get("kind") == kind and data.get("version") == version and same_key


def current(evidence: Mapping[str, Evidence], name: str, case_key: str) -> Evidence:
    """The document that stands under a name; a keyed kind may be named without its key where there is just one."""
    if name in evidence:
        return evidence[name]
    of_kind = [e for e in evidence.values() if e.kind == name]
    if len(of_kind) == 1:
        return of_kind[0]
    keys = ", ".join(evidence_id(e.kind, e.key) for e in of_kind)
    hint = f"Name one of: {keys}" if keys else f"What is there: mofflow evidence list {case_key}"
    raise NotFound(f"{case_key} has no {name}.", hint)


def template(world: World, kind: str, case_key: str | None = None) -> tuple[EvidenceKind, dict[str, object]]:
    """The declared kind, and fields that its schema accepts, made from the case where one is named."""
    with world.database.reading() as reading:
        who = caller(world, reading)
        declared = kind_named(reading.policies(), kind)
        if case_key is None:
            return declared, {}
        facts = facts_of(world, reading, case_key, who)
    before = next(iter(facts.case.documents(kind)), None)
    revision = before.version + 1 if before else 1
    sites = facts.case.fields.get("sites") if declared.keyed_by else None
    key = str(sites[0]) if isinstance(sites, list | tuple) and sites else None
    example = render(declared.example, facts, kind=kind, key=key, actor=who.actor, revision=revision)
    return declared, dict(example) if isinstance(example, Mapping) else {}
