"""`mofflow assign` and `mofflow unassign`."""

from __future__ import annotations

import click

from mofflow.cli._complete import people, roles
from mofflow.cli._output import Output, formatted
from mofflow.cli._session import case_key, dry_run, examples, with_world
from mofflow.cli._views import change_view
from mofflow.services import staffing
from mofflow.services.world import World


@click.command(epilog=examples("mofflow person list", "mofflow assign P-2 tester tessa --dry-run"))
@case_key
@click.argument("role", shell_complete=roles)
@click.argument("person", shell_complete=people)
@click.option("--grant", is_flag=True, show_default=False, help="Give the role for this case along with it.")
@dry_run
@formatted
@with_world
def assign(world: World, key: str, role: str, person: str, grant: bool, dry_run: bool, out: Output) -> None:
    """Staff a role of a case.

    Where anybody is assigned in a role, only those who are assigned act in it on this case.
    """
    written = staffing.assign(world, key, role, person, grant=grant, dry_run=dry_run)
    view = {**change_view(written), "role": role, "person": person}
    out.record(view, lambda: f"{person} {'would be' if dry_run else 'is'} {role} of {key}.")


@click.command(epilog=examples("mofflow show P-2", "mofflow unassign P-2 program_manager sofia --dry-run"))
@case_key
@click.argument("role", shell_complete=roles)
@click.argument("person", shell_complete=people)
@dry_run
@formatted
@with_world
def unassign(world: World, key: str, role: str, person: str, dry_run: bool, out: Output) -> None:
    """End an assignment."""
    written = staffing.unassign(world, key, role, person, dry_run=dry_run)
    view = {**change_view(written), "role": role, "person": person}
    out.record(view, lambda: f"{person} {'would be' if dry_run else 'is'} {role} of {key} no more.")
