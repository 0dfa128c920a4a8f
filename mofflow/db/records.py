"""The records of a case (evidence, sign-offs, staffing, obligations, waivers) as rows, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from mofflow.db.values import Key, Values, dumps, moment_of
from mofflow.domain.case import Case, Evidence, Obligation, SignOff, Verdict, Void, Waiver
from mofflow.domain.ledger import utc_text, utc_time


def _evidence_values(case: Case) -> dict[Key, Values]:
    return {
        (case.key, name): {
            "case": case.key,
            "id": name,
            "place": place,
            "kind": e.kind,
            "key": e.key,
            "version": e.version,
            "digest": e.digest,
            "fields": dumps(e.fields),
            "attached_at": utc_text(e.attached.at),
            "attached_seq": e.attached.seq,
            "by": e.by,
            "changed_by": dumps(e.changed_by),
            "kind_digest": e.kind_digest,
            "seal": e.seal,
            "size": e.size,
            "name": e.name,
        }
        for place, (name, e) in enumerate(case.evidence.items())
    }


def evidence_of(row: sqlite3.Row) -> Evidence:
    """Out of its row."""
    return Evidence(
        kind=row["kind"],
        key=row["key"],
        version=row["version"],
        digest=row["digest"],
        fields=json.loads(row["fields"]),
        attached=moment_of(row["attached_at"], row["attached_seq"]),
        by=row["by"],
        changed_by=tuple(json.loads(row["changed_by"])),
        kind_digest=row["kind_digest"],
        seal=row["seal"],
        size=row["size"],
        name=row["name"],
    )


def _signoff_values(case: Case) -> dict[Key, Values]:
    return {
        (case.key, s.name, s.person): {
            "case": case.key,
            "name": s.name,
            "person": s.person,
            "place": s.moment.seq,  # a new act goes to the end, and leaves the rows of the others alone
            "set": s.set,
            "key": s.key,
            "acting_for": s.acting_for,
            "role": s.role,
            "verdict": s.verdict.value,
            "at": utc_text(s.moment.at),
            "seq": s.moment.seq,
            "covers": dumps(s.covers),
            "material": dumps(s.material),
            "assurance": s.assurance,
            "grants": dumps(list(s.grants)),
            "void_reason": s.void and s.void.reason,
            "void_seq": s.void and s.void.seq,
            "withdrawn": int(s.withdrawn),
        }
        for s in case.signoffs
    }


def signoff_of(row: sqlite3.Row) -> SignOff:
    """Out of its row."""
    void = None if row["void_seq"] is None else Void(reason=row["void_reason"], seq=row["void_seq"])
    return SignOff(
        set=row["set"],
        key=row["key"],
        person=row["person"],
        acting_for=row["acting_for"],
        role=row["role"],
        verdict=Verdict(row["verdict"]),
        moment=moment_of(row["at"], row["seq"]),
        covers=json.loads(row["covers"]),
        material=json.loads(row["material"]),
        assurance=row["assurance"],
        grants=tuple(json.loads(row["grants"])),
        void=void,
        withdrawn=bool(row["withdrawn"]),
    )


def staffing_of(rows: Sequence[sqlite3.Row]) -> dict[str, tuple[str, ...]]:
    """Role -> persons, both in the order of assignment."""
    staffing: dict[str, tuple[str, ...]] = {}
    for row in rows:
        staffing[row["role"]] = (*staffing.get(row["role"], ()), row["person"])
    return staffing


def _staffing_values(case: Case) -> dict[Key, Values]:
    seats = [(role, person) for role, people in case.staffing.items() for person in people]
    return {
        (case.key, role, person): {"case": case.key, "role": role, "person": person, "place": place}
        for place, (role, person) in enumerate(seats)
    }


def _obligation_values(case: Case) -> dict[Key, Values]:
    return {
        (case.key, o.id): {
            "case": case.key,
            "id": o.id,
            "place": place,
            "text": o.text,
            "owner": o.owner,
            "due": o.due,
            "guard": o.guard,
            "at": utc_text(o.moment.at),
            "seq": o.moment.seq,
            "settled_at": o.settled and utc_text(o.settled.at),
            "settled_seq": o.settled and o.settled.seq,
        }
        for place, o in enumerate(case.obligations)
    }


def obligation_of(row: sqlite3.Row) -> Obligation:
    """Out of its row."""
    settled = None if row["settled_at"] is None else moment_of(row["settled_at"], row["settled_seq"])
    return Obligation(
        id=row["id"],
        text=row["text"],
        owner=row["owner"],
        due=row["due"],
        guard=row["guard"],
        moment=moment_of(row["at"], row["seq"]),
        settled=settled,
    )


def _waiver_values(case: Case) -> dict[Key, Values]:
    return {
        (case.key, w.guard): {
            "case": case.key,
            "guard": w.guard,
            "place": w.moment.seq,
            "until": utc_text(w.until),
            "by": w.by,
            "at": utc_text(w.moment.at),
            "seq": w.moment.seq,
        }
        for w in case.waivers
    }


def waiver_of(row: sqlite3.Row) -> Waiver:
    """Out of its row."""
    return Waiver(
        guard=row["guard"],
        until=utc_time(row["until"]),
        by=row["by"],
        moment=moment_of(row["at"], row["seq"]),
    )


# table -> the attribute of the case that it holds, its rows, and the names of its key
RECORDS: Mapping[str, tuple[str, Callable[[Case], dict[Key, Values]], Key]] = {
    "evidence": ("evidence", _evidence_values, ("case_", "id_")),
    "signoff": ("signoffs", _signoff_values, ("case_", "name_", "person_")),
    "staffing": ("staffing", _staffing_values, ("case_", "role_", "person_")),
    "obligation": ("obligations", _obligation_values, ("case_", "id_")),
    "waiver": ("waivers", _waiver_values, ("case_", "guard_")),
}
