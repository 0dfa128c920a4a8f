"""`mofflow obligation`: dated duties."""

from __future__ import annotations

import click

from mofflow.cli._complete import keys, kinds
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import dry_run, examples, page_of, pages, with_world
from mofflow.cli._text import visible
from mofflow.cli._views import change_view, obligation_view
from mofflow.errors import BadInput
from mofflow.services import remarks
from mofflow.services.world import World


@click.group()
def obligation() -> None:
    """Dated duties: list and settle them."""


@obligation.command("list", epilog=examples("mofflow obligation list", "mofflow obligation list P-1 --json"))
@click.argument("key", required=False, shell_complete=keys)
@pages
@formatted
@with_world
def listed(world: World, key: str | None, limit: int, cursor: str | None, out: Output) -> None:
    """The duties of a case, settled ones too; without KEY the open ones of all cases, by due date."""
    found, after = page_of(remarks.obligations(world, key), limit, cursor)
    items = [obligation_view(case, duty) for case, duty in found]
    out.items(items, ["id", "owner", "due", "text", "settled"], cursor=after, none="No duties.")


@obligation.command(
    epilog=examples(
        "mofflow obligation list",
        "mofflow --as otto obligation settle P-3-O1 --reason 'The support was told' --dry-run",
    )
)
@click.argument("id")
@click.option(
    "--evidence", metavar="KIND", shell_complete=kinds, help="The document of the case that shows it."
)
@click.option("--reason", metavar="TEXT", default="", show_default=False, help="How it was settled.")
@dry_run
@formatted
@with_world
def settle(world: World, id: str, evidence: str | None, reason: str, dry_run: bool, out: Output) -> None:  # noqa: A002
    """Say that a duty is done: by a document that shows it, or in words."""
    if evidence is not None and not evidence.strip():
        raise BadInput("--evidence names a document of the case.", "Name its kind, or write --reason TEXT.")
    written = remarks.settle(world, id, evidence=evidence, reason=reason, dry_run=dry_run)
    view = {**change_view(written), "obligation": id, "evidence": evidence, "reason": reason or None}
    out.record(view, lambda: f"{visible(id)} {'would be' if dry_run else 'is'} settled.")
