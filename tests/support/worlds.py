"""Real worlds in temporary folders: an SQLite file, an evidence store, and a clock that tests set."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from mofflow import bootstrap
from mofflow.db.unit_of_work import Database
from mofflow.declarations.files import DeclarationFiles
from mofflow.domain.policy import Policies
from mofflow.domain.workflow import Workflow
from mofflow.services.world import World
from mofflow.settings import Settings

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ACCOUNT, ROOT = "tester", "root"  # the account that runs everything, and its person, the administrator
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # where waiting for the disk costs nothing
_REAL = datetime(2090, 1, 1, tzinfo=UTC)  # later than the real time at which a database is founded

# Enough people for every seat, some with roles that stand in each other's way.
CAST: Mapping[str, tuple[str, ...]] = {
    "ann": ("program_manager", "developer"),
    "ben": ("solution_manager", "product_manager"),
    "cleo": ("customer", "business_interface"),
    "dora": ("operations_manager", "service_owner"),
    "eve": ("tester", "release_manager"),
    "finn": ("finance_manager", "architect", "security_manager"),
    "gus": ("customer", "operations_manager"),
    "hal": ("service_level_manager", "support_manager", "configuration_manager", "portfolio_manager"),
    "ida": ("developer", "tester"),
    "jon": ("program_manager", "customer", "operations_manager"),
}


@dataclass
class StatedClock:
    """The time to decide by is what a test says. The real one moves on by a microsecond at each look."""

    at: datetime = START
    looks: int = 0

    def real(self) -> datetime:
        """Never the same twice."""
        self.looks += 1
        return _REAL + timedelta(microseconds=self.looks)

    def stated(self) -> datetime | None:
        """What was stated."""
        return self.at


@dataclass(frozen=True)
class Snapshot:
    """A whole database as bytes, and its clock."""

    content: bytes
    at: datetime
    looks: int


@dataclass
class Trial:
    """One world. `pace` is the time that passes between two acts."""

    path: Path
    clock: StatedClock
    database: Database
    root: World
    pace: timedelta = field(default=timedelta(0))

    def as_(self, person: str | None = None) -> World:
        """The world in which this person acts next, entered by the administrator; some time has passed."""
        self.clock.at += self.pace
        return self.seen_by(person)

    def seen_by(self, person: str | None = None) -> World:
        """The same, and no time has passed: for looking."""
        return replace(self.root, acting_as=person)

    def snapshot(self) -> Snapshot:
        """The database as it is."""
        with closing(sqlite3.connect(self.path)) as connection:
            return Snapshot(content=connection.serialize(), at=self.clock.at, looks=self.clock.looks)


@contextmanager
def opened(snapshot: Snapshot, pace: timedelta = timedelta(0)) -> Iterator[Trial]:
    """A world that begins as the snapshot was; its folder goes when it is done with."""
    folder = Path(tempfile.mkdtemp(prefix="mofflow-", dir=_MEMORY))
    try:
        path = folder / "mofflow.db"
        path.write_bytes(snapshot.content)
        clock = StatedClock(at=snapshot.at, looks=snapshot.looks)
        database = Database(path, read_workflow=_workflow, read_policies=_policies)
        with closing(database):
            world = replace(bootstrap.world(_settings(path, snapshot.at)), database=database, clock=clock)
            yield Trial(path=path, clock=clock, database=database, root=world, pace=pace)
    finally:
        shutil.rmtree(folder)


@cache
def founded(*, cast: bool) -> Snapshot:
    """A database as `init` makes it: with the people of `CAST`, or with nobody but the administrator."""
    own = {"id": ROOT, "accounts": [ACCOUNT], "roles": []}
    others = [{"id": person, "roles": list(roles)} for person, roles in CAST.items()]
    with tempfile.TemporaryDirectory(prefix="mofflow-") as folder:
        path = Path(folder) / "mofflow.db"
        bootstrap.found(_settings(path, START), {"people": [own, *(others if cast else [])]})
        with closing(sqlite3.connect(path)) as connection:
            return Snapshot(content=connection.serialize(), at=START, looks=0)


def _settings(path: Path, at: datetime) -> Settings:
    return Settings(path=path, account=ACCOUNT, stated=at, stating_allowed=True)


# What a digest names never changes, so all worlds of a run share what was read once.
_declarations = DeclarationFiles()
_workflows: dict[str, Workflow] = {}
_all_policies: dict[str, Policies] = {}


def _workflow(content: Mapping[str, object], digest: str) -> Workflow:
    if digest not in _workflows:
        _workflows[digest] = _declarations.workflow(content, digest)
    return _workflows[digest]


def _policies(content: Mapping[str, object], digest: str) -> Policies:
    if digest not in _all_policies:
        _all_policies[digest] = _declarations.policies(content, digest)
    return _all_policies[digest]
