"""Cases as rows and back: the one place that knows how each field of a case is stored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mofflow.db.records import evidence_of, obligation_of, signoff_of, staffing_of, waiver_of
from mofflow.db.values import Values, dumps, moment_of, pair
from mofflow.domain.case import Case, Firing, Remembered
from mofflow.domain.ledger import utc_text, utc_time


def case_values(case: Case, *, stage: str, final: bool, head: str) -> Values:
    """The columns of `case`, without `number`."""
    remembered = case.remembered and {
        "state": case.remembered.state,
        "entered": pair(case.remembered.entered),
        "done": case.remembered.done,
    }
    fired = {name: [*pair(f.moment), f.source, f.size] for name, f in case.fired.items()}
    return {
        "key": case.key,
        "kind": case.kind,
        "title": case.title,
        "workflow": case.workflow,
        "definition": case.definition,
        "state": case.state,
        "stage": stage,
        "final": int(final),
        "entered_at": utc_text(case.entered.at),
        "entered_seq": case.entered.seq,
        "opened_at": utc_text(case.opened.at),
        "opened_seq": case.opened.seq,
        "version": case.version,
        "seq": case.seq,
        "last_at": utc_text(case.last_at),
        "opened_by": case.opened_by,
        "iteration": case.iteration,
        "remembered": remembered and dumps(remembered),
        "fields": dumps(case.fields),
        "fired": dumps(fired),
        "done": dumps(case.done),
        "acted": dumps(case.acted),
        "baseline": None if case.baseline is None else dumps(case.baseline),
        "marks": dumps(sorted(case.marks)),
        "head": head,
    }


def case_of(row: sqlite3.Row, records: Mapping[str, Sequence[sqlite3.Row]]) -> Case:
    """A case out of its row and the rows of its records, by table, each list in the order of `place`."""
    remembered = json.loads(row["remembered"]) if row["remembered"] else None
    fired = json.loads(row["fired"])
    return Case(
        key=row["key"],
        kind=row["kind"],
        title=row["title"],
        workflow=row["workflow"],
        definition=row["definition"],
        state=row["state"],
        entered=moment_of(row["entered_at"], row["entered_seq"]),
        opened=moment_of(row["opened_at"], row["opened_seq"]),
        version=row["version"],
        seq=row["seq"],
        last_at=utc_time(row["last_at"]),
        opened_by=row["opened_by"],
        iteration=row["iteration"],
        remembered=remembered and _remembered(remembered),
        fields=json.loads(row["fields"]),
        fired={
            n: Firing(moment=moment_of(at, seq), source=s, size=z) for n, (at, seq, s, z) in fired.items()
        },
        done=_lists(json.loads(row["done"])),
        acted=_lists(json.loads(row["acted"])),
        baseline=json.loads(row["baseline"]) if row["baseline"] else None,
        marks=frozenset((kind, digest, mark) for kind, digest, mark in json.loads(row["marks"])),
        evidence={r["id"]: evidence_of(r) for r in records["evidence"]},
        signoffs=tuple(signoff_of(r) for r in records["signoff"]),
        staffing=staffing_of(records["staffing"]),
        obligations=tuple(obligation_of(r) for r in records["obligation"]),
        waivers=tuple(waiver_of(r) for r in records["waiver"]),
    )


def _lists(found: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in found.items()}


def _remembered(found: Mapping[str, Any]) -> Remembered:
    return Remembered(state=found["state"], entered=moment_of(*found["entered"]), done=_lists(found["done"]))
