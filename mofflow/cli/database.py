"""`mofflow db`: upgrade the database, see how it does, back it up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mofflow.cli._output import Output, formatted
from mofflow.cli._session import dry_run, examples
from mofflow.cli._text import visible
from mofflow.settings import Settings

View = dict[str, Any]


@click.group("db")
def database() -> None:
    """The database: upgrade, status, backup."""


@database.command(epilog=examples("mofflow db upgrade --dry-run", "mofflow db upgrade"))
@dry_run
@formatted
@click.pass_obj
def upgrade(settings: Settings, dry_run: bool, out: Output) -> None:
    """Bring the tables to the form that this version of mofflow needs."""
    from mofflow.db import admin

    if dry_run:
        found = admin.status(settings.path)
        before, after = found.revision, found.newest
    else:
        before, after = admin.upgrade(settings.path)
    view: View = {"database": settings.path, "from": before, "to": after, "dry_run": dry_run}
    would = "would be upgraded" if dry_run else "was upgraded"
    told = (
        f"The database {would} from {before} to {after}."
        if before != after
        else f"The database is at {after} already."
    )
    out.record(view, lambda: told)


@database.command(epilog=examples("mofflow db status", "mofflow db status --json"))
@formatted
@click.pass_context
def status(ctx: click.Context, out: Output) -> None:
    """What the database is and how it does. Exit code 1 if it is damaged, or must be upgraded."""
    from mofflow.db import admin

    settings: Settings = ctx.obj
    found = admin.status(settings.path)
    view: View = {
        "database": found.path,
        "revision": found.revision,
        "newest": found.newest,
        "instance": found.instance,
        "stated_time": found.stated_time,
        "cases": found.cases,
        "events": found.events,
        "journal_mode": found.journal_mode,
        "size": found.size,
        "integrity": found.integrity,
    }
    out.record(view)
    if found.integrity != "ok" or found.revision != found.newest:
        ctx.exit(1)


@database.command(epilog=examples("mofflow db backup mofflow-backup.db --overwrite"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, show_default=False, help="Replace FILE where it exists.")
@dry_run
@formatted
@click.pass_obj
def backup(settings: Settings, file: Path, overwrite: bool, dry_run: bool, out: Output) -> None:
    """Copy the database as it is at one moment, with its evidence, while others may work on it."""
    from mofflow.db import admin

    if dry_run:
        admin.status(settings.path)
    else:
        admin.backup(settings.path, file, overwrite)
    view: View = {"database": settings.path, "backup": file, "dry_run": dry_run}
    would = "would be copied" if dry_run else "was copied"
    out.record(view, lambda: f"{visible(str(settings.path))} {would} to {visible(str(file))}.")
