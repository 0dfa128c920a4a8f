"""`mofflow audit`: what an auditor asks."""

from __future__ import annotations

import click

from mofflow.cli._complete import keys
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import examples, page_of, pages, with_world
from mofflow.services import audit as service
from mofflow.services.world import World


@click.group()
def audit() -> None:
    """What an auditor asks."""


@audit.command(epilog=examples("mofflow audit findings", "mofflow audit findings --case P-1 --json"))
@click.option("--case", "key", metavar="KEY", shell_complete=keys, help="Of this case alone.")
@pages
@formatted
@with_world
@click.pass_context
def findings(
    ctx: click.Context, world: World, key: str | None, limit: int, cursor: str | None, out: Output
) -> None:
    """Named nonconformities that the history shows. Exit code 1 if there are any."""
    found_here, after = page_of(service.found(world, key), limit, cursor)
    items = [
        {
            "code": found.code,
            "severity": found.severity,
            "case": found.case,
            "clauses": list(found.clauses),
            "message": found.message,
            "events": [str(number) for number in found.events],
            "first_seen": found.first_seen,
            "state": found.state,
        }
        for found in found_here
    ]
    out.items(
        items,
        ["code", "severity", "case", "clauses", "first_seen", "state", "message"],
        cursor=after,
        none="No findings.",
    )
    if items:
        ctx.exit(1)
