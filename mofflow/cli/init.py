"""`mofflow init`: make a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mofflow.cli._output import Output, formatted
from mofflow.cli._session import dry_run, examples, world_of
from mofflow.cli._text import visible
from mofflow.cli._values import file_data
from mofflow.errors import Conflict
from mofflow.settings import Settings

View = dict[str, Any]


@click.command(
    epilog=examples(
        "mofflow --database sqlite:///trial.db init --dry-run",
        "mofflow --database sqlite:///trial.db init",
    )
)
@click.option(
    "--people",
    "source",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="YAML: people: [{id, name, email, zone, accounts, roles}].",
)
@dry_run
@formatted
@click.pass_context
def init(ctx: click.Context, source: Path | None, dry_run: bool, out: Output) -> None:
    """Make a database, with its first people and the shipped rules.

    Your account becomes an administrator. The shipped workflows and policies are adopted. With
    MOFFLOW_ALLOW_STATED_TIME=1 the database is marked for stated time, for trials; that cannot be changed later.
    """
    from mofflow import bootstrap
    from mofflow.services import setup

    settings: Settings = ctx.obj
    people = file_data(source) if source else {}
    if dry_run:
        world = world_of(ctx)
        founders = setup.founders(people, setup.shipped(world)[1], settings.account)
        if settings.path.exists():
            raise Conflict(f"{settings.path} exists already.", "Name another file with --database.")
    else:
        founders = bootstrap.found(settings, people)
    view: View = {
        "database": settings.path,
        "stated_time": settings.stating_allowed,
        "people": [
            {
                "id": f.person.id,
                "name": f.person.name,
                "accounts": list(f.person.accounts),
                "roles": list(f.roles),
            }
            for f in founders
        ],
        "dry_run": dry_run,
    }
    out.record(view, lambda: "\n".join(_told(view)))


def _told(view: View) -> list[str]:
    people = view["people"]
    would = "would be made" if view["dry_run"] else "is made"
    lines = [
        f"{visible(str(view['database']))} {would}" + (", for stated time." if view["stated_time"] else ".")
    ]
    lines += [f"  {person['id']}: {', '.join(person['roles']) or 'no role yet'}" for person in people]
    return [*lines, "Next: mofflow person add ID --grant ROLE, then mofflow project create TITLE"]
