"""Builders for the tests of the database: one case whose history fills every field, and people."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from mofflow.db.admin import create
from mofflow.db.unit_of_work import Database
from mofflow.domain.case import Case
from mofflow.domain.event import Act, Event, Kind, Outcome
from mofflow.domain.fold import evolve
from mofflow.domain.ledger import canonical, sha256
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import State, Workflow
from mofflow.services.ports import Definition, Recorded

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOBODY = 65534


def digest_of(name: str = "flow", version: str = "1") -> str:
    """The digest of what `definition` makes of these."""
    return sha256(canonical({"name": name, "version": version}))


DIGEST = digest_of()
STATES = {"draft": "Envision", "plan": "Project Planning", "hold": "", "closed": ""}


def read_workflow(content: Mapping[str, object], digest: str) -> Workflow:
    """A workflow of four states, named by its content."""
    states = {
        name: State(name=name, stage=stage, order=order, final=name == "closed", hold=name == "hold")
        for order, (name, stage) in enumerate(STATES.items())
    }
    return Workflow(
        name=str(content["name"]),
        version="1",
        title="",
        kind="project",
        prefix="P",
        digest=digest,
        states=states,
        initial="draft",
        transitions=(),
        fields={},
    )


def read_policies(content: Mapping[str, object], digest: str) -> Policies:
    """Stands for policies: this room only hands over what is read."""
    return cast(Policies, (content, digest))


def opened(path: Path, busy_timeout: float = 10.0) -> Database:
    """The adapter of an existing database."""
    return Database(path, read_workflow=read_workflow, read_policies=read_policies, busy_timeout=busy_timeout)


def made(path: Path) -> Database:
    """A new database with one workflow adopted."""
    create(path, stated_time=True)
    database = opened(path)
    with database.writing() as unit:
        unit.adopt(definition())
    return database


def definition(name: str = "flow", kind: str = "workflow", version: str = "1") -> Definition:
    """A definition to adopt."""
    return Definition(
        digest=digest_of(name, version),
        kind=kind,
        name=name,
        version=version,
        content={"name": name, "version": version},
        adopted_at=START,
        adopted_by="ada",
        in_force=True,
    )


def event(act: Act, seq: int, key: str = "P-1", actor: str = "ada", request_id: str | None = None) -> Event:
    """An event, an hour after the one before it."""
    at = START + timedelta(hours=seq)
    return Event(
        case=key,
        seq=seq,
        at=at,
        recorded_at=at + timedelta(microseconds=7),
        actor=actor,
        entered_by="root" if actor == "bob" else actor,
        assurance="account",
        act=act,
        definition=DIGEST,
        policy="b" * 64,
        request_id=request_id,
    )


def opening(title: str = "Dächer 100 %") -> Act:
    """The act that opens a case."""
    fields = {"size": "large", "count": 3, "tags": ["x", None]}
    data = {"kind": "project", "workflow": "flow", "state": "draft", "fields": fields}
    return Act(kind=Kind.OPENED, data=data, texts={"title": title}, target="draft")


def note(text: str = "A remark") -> Act:
    """A remark."""
    return Act(kind=Kind.NOTE, texts={"text": text})


def move(trigger: str, source: str, target: str, **data: object) -> Act:
    """A transition."""
    entry = {"entry": "new"} | data
    guards = ({"guard": "g", "passed": True, "who": ["ada"]},)
    return Act(
        kind=Kind.TRANSITION,
        trigger=trigger,
        source=source,
        target=target,
        data=entry,
        guards=guards,
        roles=("owner",),
    )


def evidence(kind: str, key: str | None = None, **data: object) -> Act:
    """A document."""
    fields = {
        "kind": kind,
        "key": key,
        "version": 1,
        "digest": sha256(kind.encode()),
        "changed_by": ["ada", "bob"],
        "kind_digest": "k1",
        "size": 7,
    }
    texts = {"fields": '{"risk":"Hoch, 50% \\"sure\\"","cost":12}', "name": f"{kind}.pdf"}
    return Act(kind=Kind.EVIDENCE, data=fields | data, texts=texts)


def signoff(
    set_name: str, key: str | None = None, verdict: str = "approve", lent_by: str | None = None
) -> Act:
    """A sign-off."""
    data = {
        "set": set_name,
        "key": key,
        "role": "owner",
        "verdict": verdict,
        "covers": {"plan": "d"},
        "material": {"size": "large"},
    }
    return Act(kind=Kind.SIGNOFF, data=data, acting_for=lent_by)


def assign(role: str, person: str, kind: Kind = Kind.ASSIGNMENT) -> Act:
    """Staffing."""
    return Act(kind=kind, data={"role": role, "person": person})


VOIDS = [{"set": "plan_ok", "key": None, "person": "ada", "reason": "plan changed"}]
OWED = [{"id": "O-2", "owner": "ada", "due": "2026-06-01", "guard": "review"}]
FULL: Sequence[tuple[Act, str]] = (
    (opening(), "ada"),
    (assign("owner", "zoe"), "ada"),
    (assign("tester", "bob"), "ada"),
    (assign("owner", "ada"), "ada"),
    (assign("builder", "eve"), "ada"),
    (assign("builder", "eve", Kind.UNASSIGNMENT), "ada"),
    (evidence("plan"), "ada"),
    (evidence("site", "Köln"), "bob"),
    (signoff("plan_ok"), "ada"),
    (signoff("plan_ok", lent_by="eve"), "bob"),
    (signoff("site_ok", "Köln", "reject"), "zoe"),
    (signoff("plan_ok"), "ada"),
    (evidence("plan", version=2, voids=VOIDS), "ada"),
    (Act(kind=Kind.WITHDRAWAL, data={"set": "site_ok", "key": "Köln"}, texts={"reason": "wrong"}), "zoe"),
    (
        replace(
            move(
                "approve",
                "draft",
                "plan",
                obligations=[{**OWED[0], "id": "O-1"}, *OWED],
                baseline={"plan": "d2"},
                marks=[["plan", "d2", "failed"]],
                backward=True,
                records={"sites": "Köln"},
            ),
            texts={"obligation O-1": "Tell the people", "obligation O-2": "Look back"},
        ),
        "ada",
    ),
    (Act(kind=Kind.WAIVER, data={"guard": "g", "until": "2026-09-01T00:00:00.000000Z"}), "ada"),
    (Act(kind=Kind.WAIVER, data={"guard": "h", "until": "2026-09-01T00:00:00.000000Z"}), "ada"),
    (Act(kind=Kind.WAIVER, data={"guard": "g", "until": "2026-10-01T00:00:00.000000Z"}), "ada"),
    (Act(kind=Kind.FIELDS, data={"changes": {"size": "small"}}), "ada"),
    (Act(kind=Kind.SETTLEMENT, data={"obligation": "O-1"}), "ada"),
    (note("Ein Bericht über Dächer"), "bob"),
    (replace(move("close", "plan", "closed"), kind=Kind.DENIED, outcome=Outcome.REFUSED), "bob"),
    (move("hold", "plan", "hold", entry="held"), "ada"),
    (move("again", "hold", "hold", entry="same", records={"calls": "one"}), "ada"),
)


def play(database: Database, acts: Sequence[tuple[Act, str]] = FULL, key: str = "P-1") -> list[Recorded]:
    """Append these acts, each in a unit of work of its own that reads the case first."""
    recorded = []
    for seq, (act, actor) in enumerate(acts, 1):
        with database.writing() as unit:
            before = unit.case(key) if seq > 1 else None
            happened = event(act, seq, key, actor)
            recorded.append(unit.append(happened, before, evolve(before, happened)))
    return recorded


def step(database: Database, act: Act, key: str = "P-1", request_id: str | None = None) -> Recorded:
    """Append one act to what stands."""
    with database.writing() as unit:
        before: Case = unit.case(key)
        happened = event(act, before.seq + 1, key, request_id=request_id)
        return unit.append(happened, before, evolve(before, happened))


def as_nobody(look: Callable[[], str]) -> str:
    """What a function answers in a process without the rights of root."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            answer = look()
        except BaseException as error:  # noqa: BLE001  # the child must never return into the tests
            answer = repr(error)
        os.write(outlet, answer.encode())
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, encoding="utf-8") as file:
        said = file.read()
    os.waitpid(child, 0)
    return said
