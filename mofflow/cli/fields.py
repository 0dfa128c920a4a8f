"""`mofflow set`: declared fields of a case."""

from __future__ import annotations

import click

from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, dry_run, examples, with_world
from mofflow.cli._values import loosely
from mofflow.cli._views import change_view
from mofflow.services import fields
from mofflow.services.world import World


@click.command(
    "set",
    epilog=examples(
        "mofflow workflow show deliver-project", "mofflow --as sofia set P-2 discipline=agile --dry-run"
    ),
)
@case_key
@click.argument("given", metavar="FIELD=VALUE...", nargs=-1, required=True)
@dry_run
@formatted
@with_world
def set_fields(world: World, key: str, given: tuple[str, ...], dry_run: bool, out: Output) -> None:
    """Set declared fields of a case.

    A list is written as a,b,c. A change of a material field, such as size, makes every approval of the case void.
    """
    written = fields.change(world, key, loosely(given, ""), dry_run=dry_run)
    view = {**change_view(written), "fields": dict(written.case.fields)}
    would = "would have" if dry_run else "has"
    out.record(view, lambda: f"{key} {would} {out.cell(view['fields'])}; version {view['version']}.")
