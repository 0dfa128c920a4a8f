"""The composition root: settings -> a world of ports with their adapters. The only file that knows everyone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mofflow.db.store import EvidenceFolder, folder_of
from mofflow.db.unit_of_work import Database
from mofflow.declarations.files import DeclarationFiles
from mofflow.services import setup
from mofflow.services.world import World
from mofflow.settings import Settings


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of the machine, and the time that was stated."""

    at: datetime | None = None

    def real(self) -> datetime:
        """The real time, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one place that reads it

    def stated(self) -> datetime | None:
        """The time to decide by where one was stated."""
        return self.at


def world(settings: Settings) -> World:
    """Everything that a use case needs. Nothing is opened before it is used."""
    declarations = DeclarationFiles()
    return World(
        database=Database(
            settings.path, read_workflow=declarations.workflow, read_policies=declarations.policies
        ),
        store=EvidenceFolder(folder_of(settings.path)),
        clock=SystemClock(settings.stated),
        declarations=declarations,
        account=settings.account,
        acting_as=settings.actor,
        stating_allowed=settings.stating_allowed,
    )


def found(settings: Settings, people: Mapping[str, object]) -> list[setup.Founder]:
    """Make a new database with its founding people and the shipped definitions; a failure leaves nothing behind."""
    from mofflow.db import admin

    made = world(settings)
    _, policies, _ = setup.shipped(made)
    founders = setup.founders(people, policies, settings.account)
    admin.create(settings.path, settings.stating_allowed)
    try:
        setup.found(made, founders, stated_time=settings.stating_allowed)
    except BaseException:
        discard(settings.path)
        raise
    return founders


def discard(path: Path) -> None:
    """Remove a database that was never handed out."""
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).unlink()
